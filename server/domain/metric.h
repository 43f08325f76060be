/* SPDX-License-Identifier: MIT */
/*
 * Metrics as versioned data: what is divided by what. Read by the report service, which sums cells by the terms, lists the
 * cases behind them by the same terms, and prints the definition beside every figure. Invariant: a published version never
 * changes; a changed definition gets the next number.
 *
 * A term is sign x the sum of a measure over cells: COHORT_AT_T of cases reported in the window, events until the as-of time;
 * STOCK_AT_A of all cases, events before the window's start; FLOW_IN_WINDOW of events that happened in the window (and not
 * after the as-of time).
 */
#ifndef WG_DOMAIN_METRIC_H
#define WG_DOMAIN_METRIC_H

#include <stddef.h>

#include "server/domain/measure.h"

enum term_kind { TERM_COHORT_AT_T, TERM_STOCK_AT_A, TERM_FLOW_IN_WINDOW };

struct metric_term {
    enum measure measure;
    int sign; /* +1 or -1 */
    enum term_kind kind;
};
enum { METRIC_MAX_TERMS = 4, METRIC_MAX_VARIANTS = 4 };

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
    struct metric_sum den;
};

struct metric {
    const char *code;
    int version;
    const char *name_zh;
    const char *name_en;
    const char *definition_zh;
    const char *definition_en;
    int n_variants; /* the first is the default */
    struct metric_variant variants[METRIC_MAX_VARIANTS];
};

/* All metrics, ordered by code. Static. */
const struct metric *metrics(size_t *ret_n);
/* By code; an empty code is the default, K01. NULL if there is none. */
const struct metric *metric_find(const char *code);
/* By code; NULL or "" is the default. NULL if there is none. */
const struct metric_variant *metric_variant_find(const struct metric *m, const char *code);
/* Sum of the terms, given for each kind the sums of the measures. */
int64_t metric_sum_value(const struct metric_sum *s, const int64_t cohort_at_t[MEASURE_COUNT],
                         const int64_t stock_at_a[MEASURE_COUNT], const int64_t flow_in_window[MEASURE_COUNT]);
/* True if some term of the variant is of that kind: what has to be read at all. */
bool metric_variant_needs(const struct metric_variant *v, enum term_kind kind);

#endif
