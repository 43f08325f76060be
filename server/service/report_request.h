/* SPDX-License-Identifier: MIT */
/* A metric query, checked, looked up and confined to the caller; shared by QueryMetric and ListFigureCases. */
#ifndef WG_SERVICE_REPORT_REQUEST_H
#define WG_SERVICE_REPORT_REQUEST_H

#include "server/service/service.h"
#include "server/store/report_store.h"
#include "wangge/v1/report.pb-c.h"

struct report_request {
    const struct metric *metric;
    const struct metric_variant *variant;
    int64_t region; /* 0: everything */
    bool as_of_given;
    bool as_of_now; /* the window is not over: the as-of is the latest that stands still, still to be asked for */
    struct report_query query;
};

/* Checks and looks up. ERR_INVALID, ERR_NOT_FOUND, ERR_DENIED with the field. Arrays live in a. */
int report_request_decode(struct rpc_call *call, const struct directory *dir, struct arena *a, const Wangge__V1__MetricQuery *q,
                          struct report_request *ret, struct err *e) MUST_CHECK;
/* Narrows a query to one row of a breakdown. */
int report_request_narrow(const struct actor *who, struct report_request *r, const struct directory *dir, struct arena *a,
                          Wangge__V1__Breakdown breakdown, const char *key, struct err *e) MUST_CHECK;
/* The query with its defaults filled in, for the answer. NULL without memory. */
Wangge__V1__MetricQuery *report_request_echo(struct arena *a, const struct directory *dir, const struct report_request *r,
                                             const Wangge__V1__MetricQuery *asked);
/* What has to be summed for a variant's figure and the counts beside it. */
void report_request_needs(const struct report_request *r, struct metric_needs *ret);

#endif
