/* SPDX-License-Identifier: MIT */
/* SubmitCase: one incident goes in. */
#include "common/base/failpoint.h"
#include "server/service/case_intake.h"
#include "server/service/case_methods.h"

static void on_end(void *arg, const Wangge__V1__SubmitCaseResponse *ok, const ProtobufCMessage *detail, const struct err *e)
{
    struct rpc_call *call = arg;
    if (ok)
        rpc_reply(call, &ok->base);
    else
        rpc_fail_detail(call, e, detail);
    FAILPOINT("intake.replied");
    rpc_call_unref(call, "intake");
}

void case_submit(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_CASE_SUBMIT))
        return;
    rpc_call_ref(call, "intake");
    if (intake_start(call, rpc_arena(call), (const Wangge__V1__SubmitCaseRequest *)msg, on_end, call, &e)) {
        rpc_fail(call, &e);
        rpc_call_unref(call, "intake");
    }
}
