/* SPDX-License-Identifier: MIT */
/* ListMetrics: the published definitions, from the domain's table. */
#include "server/service/directory_methods.h"
#include "server/service/report_view.h"

void directory_list_metrics(struct rpc_call *call, const ProtobufCMessage *msg)
{
    Wangge__V1__ListMetricsResponse res = WANGGE__V1__LIST_METRICS_RESPONSE__INIT;
    struct arena *a = rpc_arena(call);
    size_t n = metric_count();

    (void)msg;
    if (!directory_enter(call, PERM_DIRECTORY_READ))
        return;
    res.metrics = arena_alloc(a, (n + 1) * sizeof(*res.metrics));
    for (size_t i = 0; res.metrics && i < n; i++) {
        res.metrics[i] = report_view_metric(a, metric_at(i));
        if (!res.metrics[i])
            res.metrics = NULL;
    }
    res.n_metrics = n;
    if (res.metrics)
        rpc_reply(call, &res.base);
    else
        directory_fail_nomem(call);
}
