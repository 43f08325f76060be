/* SPDX-License-Identifier: MIT */
#include "client/model/report_pull.h"

#include "client/model/i18n.h"
#include "client/model/reply.h"
#include "client/rpc/methods.h"

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct report_pull *p = arg;
    const Wangge__V1__PullReportResponse *r = (const Wangge__V1__PullReportResponse *)msg;
    if (r->part)
        p->_part(p->_arg, r->part);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct report_pull *p = arg;
    struct reply r;
    p->_call = NULL;
    reply_init(&r, st);
    p->_end(p->_arg, &r.err);
    reply_fini(&r);
}

int report_pull_start(struct report_pull *p, const struct model_env *env, const Wangge__V1__PullReportRequest *req,
                      void (*part)(void *arg, const Wangge__V1__ReportPart *part), void (*end)(void *arg, const struct err *e),
                      void *arg)
{
    report_pull_cancel(p);
    *p = (struct report_pull){._env = env, ._part = part, ._end = end, ._arg = arg};
    channel_connect(env->channel);
    p->_call = channel_stream(env->channel, &methods_pull_report, 0, on_message, on_end, NULL, p);
    if (!p->_call)
        return ERR_NOMEM;
    channel_send(p->_call, &req->base);
    channel_half_close(p->_call);
    return 0;
}

bool report_pull_busy(const struct report_pull *p)
{
    return p->_call != NULL;
}

void report_pull_cancel(struct report_pull *p)
{
    channel_forget(p->_call);
    p->_call = NULL;
}
