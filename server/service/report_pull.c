/* SPDX-License-Identifier: MIT */
/* PullReport: the parts of a report as they are built. */
#include "server/service/case_methods.h"
#include "server/service/report_build.h"

static const char WHY[] = "report";

struct pull {
    struct rpc_call *call; /* held */
    struct report_build *build;
};

static int on_part(void *arg, const Wangge__V1__ReportPart *part, struct err *e)
{
    struct pull *p = arg;
    Wangge__V1__PullReportResponse response = WANGGE__V1__PULL_REPORT_RESPONSE__INIT;
    if (rpc_call_is_done(p->call))
        return err_set(e, ERR_CANCELLED, "The caller has gone.");
    response.part = (Wangge__V1__ReportPart *)part;
    if (!rpc_send(p->call, &response.base))
        report_build_pause(p->build);
    return 0;
}

static void on_done(void *arg, const struct err *e)
{
    struct pull *p = arg;
    p->build = NULL;
    if (!rpc_call_is_done(p->call)) {
        if (e->code)
            rpc_fail(p->call, e);
        else
            rpc_finish(p->call);
    }
    rpc_call_unref(p->call, WHY);
}

void report_pull(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_REPORT))
        return;
    struct pull *p = service_alloc(call, sizeof *p);
    if (!p)
        return;
    struct report_build_sink sink = {.part = on_part, .done = on_done, .arg = p};
    p->call = rpc_call_ref(call, WHY);
    rpc_call_set_data(call, p);
    if (report_build_start(call, (const Wangge__V1__PullReportRequest *)msg, &sink, &p->build, &e)) {
        p->build = NULL;
        service_fail_unref(call, &e, WHY);
    }
}

void report_pull_writable(struct rpc_call *call)
{
    struct pull *p = rpc_call_data(call);
    if (p && p->build)
        report_build_resume(p->build);
}

/* A build that was paused goes on, to find that nobody listens, and ends. */
void report_pull_cancel(struct rpc_call *call)
{
    report_pull_writable(call);
}
