/* SPDX-License-Identifier: MIT */
/* SetAccountDisabled: disabled, an account's sessions end and its credentials are refused, on every worker. */
#include <string.h>

#include "common/base/text.h"
#include "server/service/account_methods.h"
#include "sql.h"

enum { REASON_MAX = 200 };

static void on_done(struct rpc_call *call, const PGresult *res, void *data)
{
    Wangge__V1__SetAccountDisabledResponse out = WANGGE__V1__SET_ACCOUNT_DISABLED_RESPONSE__INIT;

    if (db_get_i32(res, 0, 0) != 1) {
        account_fail_unknown(call);
        return;
    }
    out.sessions_ended = db_get_i32(res, 0, 1);
    rpc_reply(call, &out.base);
}

void account_set_disabled(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__SetAccountDisabledRequest *req = (const Wangge__V1__SetAccountDisabledRequest *)msg;
    size_t chars = text_visible_chars(req->reason) > 0 ? text_chars(req->reason, strlen(req->reason)) : 0;
    struct db_params p;
    struct err e = {0};

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    if (chars < 1 || chars > REASON_MAX)
        err_field(&e, ERR_INVALID, "reason", "Say why, in 1 to %d characters.", (int)REASON_MAX);
    else if (req->disabled && strcmp(req->login, service_caller(call)->login) == 0)
        err_field(&e, ERR_PRECONDITION, "login", "Your own account is for another security officer to disable.");
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    db_params_init(&p);
    db_param_text(&p, req->login);
    db_param_bool(&p, req->disabled);
    account_act(call, &sql_account_disable, &p, on_done, NULL, req->login, "account %s: %.800s",
                req->disabled ? "disabled" : "enabled", req->reason);
}
