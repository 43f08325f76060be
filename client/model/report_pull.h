/* SPDX-License-Identifier: MIT */
/* Pulling a report: its parts as they arrive. One at a time; embedded. */
#ifndef WG_CLIENT_MODEL_REPORT_PULL_H
#define WG_CLIENT_MODEL_REPORT_PULL_H

#include "client/model/model.h"
#include "wangge/v1/report.pb-c.h"

struct report_pull {
    const struct model_env *_env;
    struct channel_call *_call;
    void (*_part)(void *arg, const Wangge__V1__ReportPart *part);
    void (*_end)(void *arg, const struct err *e);
    void *_arg;
};

/* part is called for every part, which is borrowed; end once, with e->code 0 if the stream ended well (whether the report is
 * whole, its digest says). ERR_NOMEM: neither is called. */
int report_pull_start(struct report_pull *p, const struct model_env *env, const Wangge__V1__PullReportRequest *req,
                      void (*part)(void *arg, const Wangge__V1__ReportPart *part), void (*end)(void *arg, const struct err *e),
                      void *arg) MUST_CHECK;
bool report_pull_busy(const struct report_pull *p);
/* Forgets it; nothing is called any more. */
void report_pull_cancel(struct report_pull *p);

#endif
