/* SPDX-License-Identifier: MIT */
/* ListMetrics: the published definitions, from the domain's table. */
#include "server/domain/metric.h"
#include "server/service/directory_methods.h"

static Wangge__V1__Metric *view(struct arena *a, const struct metric *m)
{
    Wangge__V1__Metric *v = arena_alloc(a, sizeof(*v));
    Wangge__V1__MetricVariant *variants = arena_alloc(a, METRIC_MAX_VARIANTS * sizeof(*variants));

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
    v->variants = arena_alloc(a, METRIC_MAX_VARIANTS * sizeof(*v->variants));
    if (!v->variants)
        return NULL;
    for (int i = 0; i < m->n_variants; i++) {
        wangge__v1__metric_variant__init(&variants[i]);
        variants[i].code = (char *)m->variants[i].code;
        variants[i].name = (char *)m->variants[i].name_zh;
        variants[i].name_en = (char *)m->variants[i].name_en;
        v->variants[v->n_variants++] = &variants[i];
    }
    return v;
}

void directory_list_metrics(struct rpc_call *call, const ProtobufCMessage *msg)
{
    Wangge__V1__ListMetricsResponse res = WANGGE__V1__LIST_METRICS_RESPONSE__INIT;
    struct arena *a = rpc_arena(call);
    const struct metric *all;
    size_t n;

    if (!directory_enter(call, PERM_DIRECTORY_READ))
        return;
    all = metrics(&n);
    res.metrics = arena_alloc(a, (n + 1) * sizeof(*res.metrics));
    for (size_t i = 0; res.metrics && i < n; i++) {
        res.metrics[i] = view(a, &all[i]);
        if (!res.metrics[i])
            res.metrics = NULL;
    }
    res.n_metrics = n;
    if (res.metrics)
        rpc_reply(call, &res.base);
    else
        directory_fail_nomem(call);
}
