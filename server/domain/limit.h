/* SPDX-License-Identifier: MIT */
/*
 * Limits as rules: clock × category × urgency × region, each valid from an instant. Built by the directory and by dry runs of a
 * change; immutable; read by gate_limit when a clock starts. Invariant: the rule that answers is a function of the question and
 * the rules alone, whatever order they were given in. A clock keeps the limit it was started with.
 *
 * Of the rules that match and are valid, the most specific wins, by this order:
 *   1. the longer category beginning ("E0102" before "E01" before "E" before "");
 *   2. the deeper region (grid, community, township, county, city, everywhere);
 *   3. a stated urgency before any;
 *   4. the later valid_from.
 */
#ifndef WG_DOMAIN_LIMIT_H
#define WG_DOMAIN_LIMIT_H

#include "server/domain/deadline.h"
#include "server/domain/types.h"

enum {
    LIMIT_MAX_RULES = 20000,
    LIMIT_MAX_DAYS = 3660,                         /* of a limit in days */
    LIMIT_MAX_S = LIMIT_MAX_DAYS * DEADLINE_DAY_S, /* of a limit in hours */
};

struct limit_rule {
    int32_t id; /* the database's, >= 1 */
    enum clock_kind kind;
    char category[6];     /* "", "E", "E01", "E0102" */
    enum urgency urgency; /* NONE: any */
    int64_t region;       /* padded code; 0: everywhere */
    enum time_unit unit;
    int32_t amount;    /* seconds of UNIT_WORKING and UNIT_URGENT, days of UNIT_WORKDAY and UNIT_DAY; > 0 */
    usec_t valid_from; /* inside; USEC_NONE: always */
    usec_t valid_to;   /* outside; USEC_NONE: still */
};

/* An answer: what deadline_start needs. */
struct limit {
    enum time_unit unit;
    int32_t limit_s; /* as in struct case_clock; 0: no limit */
    int32_t rule_id; /* 0: no rule, the configured default */
};

struct limit_set;

/* Refuses one rule, ERR_INVALID with the field's name: a limit of zero or less, or too long; no clock; a category beginning, a
 * region, an urgency or a unit that is none; an end that is not after the beginning. */
int limit_rule_check(const struct limit_rule *r, struct err *e) MUST_CHECK;
/* Copies and sorts. ERR_INVALID as above (field "limits[3].amount") and for two rules that differ in nothing but id, end and
 * limit; ERR_EXHAUSTED, ERR_NOMEM. */
int limit_set_create(const struct limit_rule *rules, size_t n, struct limit_set **ret, struct err *e) MUST_CHECK;
void limit_set_destroy(struct limit_set *s);
/* All rules, in no particular order. Borrowed. */
const struct limit_rule *limit_set_rules(const struct limit_set *s, size_t *ret_n);
/* The rule that applies to a clock started at that instant, or NULL. category is a whole code. */
const struct limit_rule *limit_find(const struct limit_set *s, enum clock_kind kind, const char *category, enum urgency urgency,
                                    int64_t region, usec_t at);
/* A rule's limit in the seconds a clock counts in. */
int32_t limit_rule_seconds(const struct limit_rule *r);

#endif
