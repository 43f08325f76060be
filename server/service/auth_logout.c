/* SPDX-License-Identifier: MIT */
/* Logout: deletes the session row; the notification drops it from every worker's cache, this one's too. */
#include "server/service/auth_methods.h"
#include "server/service/session_cache.h"

static const char WHY[] = "logout";

static void on_ended(void *arg, const struct err *e)
{
    struct rpc_call *call = arg;
    struct service_ctx *ctx = service_ctx_of(call);
    Wangge__V1__LogoutResponse res = WANGGE__V1__LOGOUT_RESPONSE__INIT;

    if (e->code) {
        rpc_fail(call, e);
    } else {
        /* Not even one more call on this worker while the notification is under way. */
        session_cache_forget(ctx->sessions, principal_token_hash(service_caller(call)));
        rpc_reply(call, &res.base);
    }
    rpc_call_unref(call, WHY);
}

void auth_logout(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct service_ctx *ctx = service_ctx_of(call);
    struct err e = {0};

    rpc_call_ref(call, WHY);
    if (session_store_end(ctx->db, principal_token_hash(service_caller(call)), rpc_deadline(call), on_ended, call, &e)) {
        rpc_fail(call, &e);
        rpc_call_unref(call, WHY);
    }
}
