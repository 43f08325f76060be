/* SPDX-License-Identifier: MIT */
/* WhoAmI: the caller's account as the session cache knows it; no database work. */
#include "server/service/auth_methods.h"

void auth_who_am_i(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct service_ctx *ctx = service_ctx_of(call);
    const struct principal *who = service_caller(call);
    struct arena *a = rpc_arena(call);
    Wangge__V1__WhoAmIResponse res = WANGGE__V1__WHO_AM_IRESPONSE__INIT;
    struct err e;

    res.account = auth_view_account(a, ctx->dir, &who->actor, who->login, who->name);
    if (who->expires_at != USEC_NONE)
        res.expires_at = auth_view_time(a, who->expires_at);
    res.server_time = auth_view_time(a, ctx->clock->now(ctx->clock));
    res.server_version = (char *)ctx->config.version;
    if (!res.account || (who->expires_at != USEC_NONE && !res.expires_at) || !res.server_time) {
        err_set(&e, ERR_NOMEM, "The server is out of memory for this call; try again.");
        rpc_fail(call, &e);
        return;
    }
    rpc_reply(call, &res.base);
}
