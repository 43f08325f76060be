/* SPDX-License-Identifier: MIT */
#include "metric_holds.h"

#include <stdio.h>

#include "domain_fixture.h"

/* What one case adds to a sum, with every due time passed; and that each list behind it holds the case at most once. */
static const char *broken_sum(const struct metric_sum *s, const int8_t stock[MEASURE_COUNT], const usec_t dues[DUE_COUNT],
                              int *ret)
{
    struct metric_part parts[METRIC_MAX_TERMS];
    int n = metric_parts(s, parts);
    int value = 0;
    int listed = 0;
    for (int i = 0; i < s->n; i++) {
        const struct metric_term *t = &s->terms[i];
        value += t->sign * (term_kind_is_due(t->kind) ? dues[t->what] != USEC_NONE : stock[t->what]);
    }
    for (int i = 0; i < n; i++) {
        bool holds = parts[i].due >= 0 && dues[parts[i].due] != USEC_NONE;
        if (parts[i].due < 0 && parts[i].act < 0) {
            holds = true;
            for (int m = 0; m < MEASURE_COUNT; m++)
                holds = holds && (!(parts[i].mask >> m & 1) || stock[m] == (int)(parts[i].wanted >> m & 1));
        }
        listed += holds;
    }
    *ret = value;
    HOLDS(n < 0 || value == listed);
    HOLDS(n < 0 || value == 0 || value == 1);
    return NULL;
}

static bool has_acts(const struct metric_sum *s)
{
    for (int i = 0; i < s->n; i++) {
        if (!term_kind_is_due(s->terms[i].kind) && measure_is_flow((enum measure)s->terms[i].what))
            return true;
    }
    return false;
}

const char *metric_holds(const struct case_snap *c, const int64_t m[MEASURE_COUNT])
{
    int8_t stock[MEASURE_COUNT];
    usec_t dues[DUE_COUNT];
    measure_stock(c, stock);
    measure_dues(c, dues);
    HOLDS(m[MEASURE_ACCEPTED] <= 1);
    /* A work record that was accepted and became a case later has no such act. */
    HOLDS(m[MEASURE_ACCEPTED] <= m[MEASURE_VALID] + m[MEASURE_ACCEPTED_APART] + m[MEASURE_ACCEPTED_VOIDED]);
    HOLDS(m[MEASURE_RETURNED] <= m[MEASURE_DISPATCHED]);
    HOLDS(m[MEASURE_CHECKS_ON_TIME] <= m[MEASURE_CHECKS]);
    HOLDS(m[MEASURE_REACHED] == m[MEASURE_SATISFIED] + m[MEASURE_BASICALLY] + m[MEASURE_DISSATISFIED]);
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric *metric = metric_at(i);
        for (int k = 0; k < metric->n_variants; k++) {
            const struct metric_variant *v = &metric->variants[k];
            int n = 0;
            int d = 0;
            const char *broken = broken_sum(&v->num, stock, dues, &n);
            if (!broken)
                broken = broken_sum(&v->den, stock, dues, &d);
            if (broken) {
                (void)fprintf(stderr, "metric %s %s\n", metric->code, v->code);
                return broken;
            }
            HOLDS(has_acts(&v->num) || has_acts(&v->den) || v->den.n == 0 || n <= d);
        }
    }
    return NULL;
}
