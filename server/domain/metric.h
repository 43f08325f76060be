/* SPDX-License-Identifier: MIT */
/*
 * Metrics as versioned data: what is divided by what. Read by the report services, which sum cells by the terms, list the cases
 * behind them by the same terms, and print the definition beside every figure. Invariant: a published version never changes; a
 * changed definition gets the next number.
 *
 * A term is sign x a sum. The kind of the sum says over which cases, as of when, and of what: a measure, or of the DUE kinds a
 * pending due time (enum due_kind). t is the as-of, [a, b) the window. A minus term takes off a part of the plus term before
 * it (a stock measure that implies the plus one's; an act that follows it), so that what is left is a list and not only a
 * number; terms that are added have no case in common.
 */
#ifndef WG_DOMAIN_METRIC_H
#define WG_DOMAIN_METRIC_H

#include <stddef.h>

#include "server/domain/measure.h"

enum term_kind {
    TERM_COHORT_AT_T,     /* cases reported in the window, as they stand at t; acts on them until t */
    TERM_STOCK_AT_A,      /* all cases, as they stood at a */
    TERM_FLOW_IN_WINDOW,  /* acts on any case that arrived in the window and before t */
    TERM_STOCK_AT_T,      /* all cases, as they stand at t */
    TERM_AGED_2,          /* cases of the window reported at least 2 days before the day of t, as they stand at t */
    TERM_AGED_7,          /* at least 7 days before it */
    TERM_YEAR_EARLIER,    /* cases of the same window one year earlier, at the time as far into or past it */
    TERM_PREVIOUS,        /* cases of the preceding window, likewise */
    TERM_DUE,             /* cases of the window whose pending due time lies before t */
    TERM_STOCK_DUE,       /* all cases whose pending due time lies before t */
    TERM_STOCK_DUE_TODAY, /* all cases whose pending due time lies between t and the end of t's day */
    TERM_COUNT,
};

struct metric_term {
    int what; /* enum measure; of the DUE kinds enum due_kind */
    int sign; /* +1 or -1 */
    enum term_kind kind;
};
enum { METRIC_MAX_TERMS = 6, METRIC_MAX_VARIANTS = 4 };

struct metric_sum {
    int n;
    struct metric_term terms[METRIC_MAX_TERMS];
};

struct metric_variant {
    const char *code; /* "" or "NON_SELF" */
    const char *name_zh;
    const char *name_en;
    const char *numerator; /* in words, Chinese */
    const char *denominator;
    const char *numerator_en;
    const char *denominator_en;
    struct metric_sum num;
    struct metric_sum den; /* n is 0 of a plain count: it has no rate */
};

struct metric {
    const char *code;
    int version;
    const char *name_zh;
    const char *name_en;
    const char *definition_zh;
    const char *definition_en;
    const char *exclusions_zh; /* what is left out; NULL: nothing beyond the definition */
    const char *exclusions_en;
    int n_variants; /* the first is the default */
    struct metric_variant variants[METRIC_MAX_VARIANTS];
};

/* All metrics: rates, the figures against gaming, counts; each ordered by code. Static; NULL beyond the last. */
size_t metric_count(void);
const struct metric *metric_at(size_t i);
/* By code; an empty code is the default, K01. NULL if there is none. */
const struct metric *metric_find(const char *code);
/* By code; NULL or "" is the default. NULL if there is none. */
const struct metric_variant *metric_variant_find(const struct metric *m, const char *code);
bool term_kind_is_due(enum term_kind kind);

/* What has to be summed: of each kind the bits 1 << measure or 1 << due kind. */
struct metric_needs {
    uint64_t of[TERM_COUNT];
};
void metric_needs_add(struct metric_needs *n, const struct metric_variant *v);

/* Sums by kind and measure (or due kind); a kind that is NULL is all zeros. */
struct metric_sums {
    const int64_t *of[TERM_COUNT];
};
int64_t metric_sum_value(const struct metric_sum *s, const struct metric_sums *sums);

/* One list of those a sum consists of, one after the other. Its length is the part's share of the sum. */
struct metric_part {
    enum term_kind kind;
    uint64_t mask; /* of stocks: bits 1 << measure that matter, and as they must be */
    uint64_t wanted;
    int act;     /* of acts: the measure; -1 of stocks */
    int without; /* acts that one of these followed before the next like them are left out; -1: none */
    int due;     /* enum due_kind; -1: none */
};
/* Splits a sum into its lists. Returns how many, at most METRIC_MAX_TERMS; -1 of a difference between windows, which is no
 * list. */
int metric_parts(const struct metric_sum *s, struct metric_part out[METRIC_MAX_TERMS]);

#endif
