/* SPDX-License-Identifier: MIT */
#include "server/service/report_view.h"

#include <string.h>

static Wangge__V1__Counts *view_counts(struct arena *a, const int64_t *m)
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
    c->on_time = m[MEASURE_ON_TIME];
    c->late = m[MEASURE_LATE];
    c->no_deadline = m[MEASURE_NO_DEADLINE];
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
    static const int64_t nothing[MEASURE_COUNT];
    f->numerator = report_row_value(sums, &r->variant->num);
    f->denominator = report_row_value(sums, &r->variant->den);
    f->counts = view_counts(a, sums->of[TERM_COHORT_AT_T] ? sums->of[TERM_COHORT_AT_T] : nothing);
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
    v->exclusions = (char *)(m->exclusions_zh ? m->exclusions_zh : "");
    v->exclusions_en = (char *)(m->exclusions_en ? m->exclusions_en : "");
    v->variants = variants;
    for (int i = 0; i < m->n_variants; i++) {
        Wangge__V1__MetricVariant *one = arena_alloc(a, sizeof *one);
        if (!one)
            return NULL;
        wangge__v1__metric_variant__init(one);
        one->code = (char *)m->variants[i].code;
        one->name = (char *)m->variants[i].name_zh;
        one->name_en = (char *)m->variants[i].name_en;
        one->numerator = (char *)m->variants[i].numerator;
        one->numerator_en = (char *)m->variants[i].numerator_en;
        one->denominator = (char *)m->variants[i].denominator;
        one->denominator_en = (char *)m->variants[i].denominator_en;
        v->variants[v->n_variants++] = one;
    }
    return v;
}

const char *report_view_channel(enum channel c)
{
    static const char prefix[] = "CHANNEL_";
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(&wangge__v1__channel__descriptor, (int)c);
    return v && strncmp(v->name, prefix, sizeof prefix - 1) == 0 ? v->name + sizeof prefix - 1 : "?";
}

const char *report_view_channel_name(enum channel c, bool chinese)
{
    static const char *const names[CHANNEL_COUNT][2] = {
        [CHANNEL_NONE] = {"", ""},
        [CHANNEL_GRID] = {"网格上报", "grid worker"},
        [CHANNEL_HOTLINE] = {"群众来电", "hotline"},
        [CHANNEL_PUBLIC] = {"群众上报", "public report"},
        [CHANNEL_ALARM] = {"智安告警", "alarm"},
        [CHANNEL_SUPERIOR] = {"上级交办", "superior"},
        [CHANNEL_API] = {"系统对接", "other system"},
    };
    return (unsigned)c < CHANNEL_COUNT ? names[c][chinese ? 0 : 1] : "";
}
