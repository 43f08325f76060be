/* SPDX-License-Identifier: MIT */
/* Finding metrics, and arithmetic on their terms. */
#include "server/domain/metric.h"

#include <string.h>

#include "server/domain/metric_table.h"

static const struct {
    const struct metric *table;
    const size_t *n;
} tables[] = {
    {metric_rates, &metric_rates_n},
    {metric_rates_more, &metric_rates_more_n},
    {metric_integrity, &metric_integrity_n},
    {metric_counts, &metric_counts_n},
};
enum { TABLES = sizeof tables / sizeof tables[0] };

size_t metric_count(void)
{
    size_t n = 0;
    for (size_t t = 0; t < TABLES; t++)
        n += *tables[t].n;
    return n;
}

const struct metric *metric_at(size_t i)
{
    for (size_t t = 0; t < TABLES; i -= *tables[t].n, t++) {
        if (i < *tables[t].n)
            return &tables[t].table[i];
    }
    return NULL;
}

const struct metric *metric_find(const char *code)
{
    if (!code || !*code)
        return &metric_rates[0];
    for (size_t i = 0; i < metric_count(); i++) {
        if (strcmp(metric_at(i)->code, code) == 0)
            return metric_at(i);
    }
    return NULL;
}

const struct metric_variant *metric_variant_find(const struct metric *m, const char *code)
{
    if (!code || !*code)
        return &m->variants[0];
    for (int i = 0; i < m->n_variants; i++)
        if (strcmp(m->variants[i].code, code) == 0)
            return &m->variants[i];
    return NULL;
}

bool term_kind_is_due(enum term_kind kind)
{
    return kind == TERM_DUE || kind == TERM_STOCK_DUE || kind == TERM_STOCK_DUE_TODAY;
}

static void needs_add(struct metric_needs *n, const struct metric_sum *s)
{
    for (int i = 0; i < s->n; i++)
        n->of[s->terms[i].kind] |= UINT64_C(1) << s->terms[i].what;
}

void metric_needs_add(struct metric_needs *n, const struct metric_variant *v)
{
    needs_add(n, &v->num);
    needs_add(n, &v->den);
}

int64_t metric_sum_value(const struct metric_sum *s, const struct metric_sums *sums)
{
    int64_t sum = 0;
    for (int i = 0; i < s->n; i++) {
        const struct metric_term *t = &s->terms[i];
        if (sums->of[t->kind])
            sum += t->sign * sums->of[t->kind][t->what];
    }
    return sum;
}

static struct metric_part part_of(const struct metric_term *t)
{
    struct metric_part p = {.kind = t->kind, .act = -1, .without = -1, .due = -1};
    if (term_kind_is_due(t->kind))
        p.due = t->what;
    else if (measure_is_flow((enum measure)t->what))
        p.act = t->what;
    else
        p.mask = p.wanted = UINT64_C(1) << t->what;
    return p;
}

int metric_parts(const struct metric_sum *s, struct metric_part out[METRIC_MAX_TERMS])
{
    int n = 0;
    for (int i = 0; i < s->n; i++) {
        const struct metric_term *t = &s->terms[i];
        if (t->sign > 0)
            out[n++] = part_of(t);
        else if (n == 0 || out[n - 1].kind != t->kind)
            return -1;
        else if (out[n - 1].act >= 0)
            out[n - 1].without = t->what;
        else
            out[n - 1].mask |= UINT64_C(1) << t->what;
    }
    return n;
}
