/* SPDX-License-Identifier: MIT */
#include "server/service/report_view.h"

static Wangge__V1__Counts *view_counts(struct arena *a, const int64_t m[MEASURE_COUNT])
{
    Wangge__V1__Counts *c = arena_alloc(a, sizeof *c);
    if (!c)
        return NULL;
    wangge__v1__counts__init(c);
    c->reported = m[MEASURE_REPORTED];
    c->valid = m[MEASURE_VALID];
    c->closed = m[MEASURE_CLOSED];
    c->self_closed = m[MEASURE_SELF_CLOSED];
    c->refused = m[MEASURE_REFUSED];
    c->voided = m[MEASURE_VOIDED];
    c->merged = m[MEASURE_MERGED];
    c->undecided = c->reported - c->valid - c->refused - c->voided - c->merged;
    c->suspended = m[MEASURE_SUSPENDED];
    c->forced_closed = m[MEASURE_FORCED];
    c->reopened = m[MEASURE_REOPENED];
    return c;
}

Wangge__V1__Figure *report_view_figure(struct arena *a, const struct report_request *r, struct period window,
                                       const struct report_row *sums)
{
    Wangge__V1__Figure *f = arena_alloc(a, sizeof *f);
    char *from = arena_alloc(a, 11);
    char *to = arena_alloc(a, 11);
    if (!f || !from || !to)
        return NULL;
    wangge__v1__figure__init(f);
    f->numerator = metric_sum_value(&r->variant->num, sums->cohort_at_t, sums->stock_at_a, sums->flow_in_window);
    f->denominator = metric_sum_value(&r->variant->den, sums->cohort_at_t, sums->stock_at_a, sums->flow_in_window);
    f->counts = view_counts(a, sums->cohort_at_t);
    clock_format_date(window.first, from);
    clock_format_date(window.last, to);
    f->from = from;
    f->to = to;
    return f->counts ? f : NULL;
}

Wangge__V1__Metric *report_view_metric(struct arena *a, const struct metric *m)
{
    Wangge__V1__Metric *v = arena_alloc(a, sizeof *v);
    Wangge__V1__MetricVariant **variants = arena_alloc(a, (size_t)m->n_variants * sizeof(Wangge__V1__MetricVariant *));
    if (!v || !variants)
        return NULL;
    wangge__v1__metric__init(v);
    v->code = (char *)m->code;
    v->version = m->version;
    v->name = (char *)m->name_zh;
    v->name_en = (char *)m->name_en;
    v->numerator = (char *)m->variants[0].numerator;
    v->denominator = (char *)m->variants[0].denominator;
    v->definition = (char *)m->definition_zh;
    v->definition_en = (char *)m->definition_en;
    v->variants = variants;
    for (int i = 0; i < m->n_variants; i++) {
        Wangge__V1__MetricVariant *one = arena_alloc(a, sizeof *one);
        if (!one)
            return NULL;
        wangge__v1__metric_variant__init(one);
        one->code = (char *)m->variants[i].code;
        one->name = (char *)m->variants[i].name_zh;
        one->name_en = (char *)m->variants[i].name_en;
        v->variants[v->n_variants++] = one;
    }
    return v;
}
