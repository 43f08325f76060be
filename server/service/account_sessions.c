/* SPDX-License-Identifier: MIT */
/* ListSessions and EndSessions: one's own for everybody, anybody's for the security officer. */
#include <string.h>

#include "server/service/account_methods.h"
#include "server/service/auth_methods.h"
#include "server/service/session_cache.h"
#include "sql.h"

static void on_rows(struct rpc_call *call, const PGresult *res, void *data)
{
    struct arena *a = rpc_arena(call);
    Wangge__V1__ListSessionsResponse out = WANGGE__V1__LIST_SESSIONS_RESPONSE__INIT;
    int n = PQntuples(res);

    out.sessions = arena_alloc(a, (size_t)(n + 1) * sizeof(*out.sessions));
    for (int i = 0; out.sessions && i < n; i++) {
        Wangge__V1__Session *s = arena_alloc(a, sizeof(*s));
        char *id = arena_alloc(a, UUID_TEXT_LEN + 1);
        struct uuid uuid = db_get_uuid(res, i, 0);
        if (!s || !id) {
            account_fail_nomem(call);
            return;
        }
        wangge__v1__session__init(s);
        uuid_format(&uuid, id);
        s->session_id = id;
        s->login = (char *)db_get_text(res, i, 1);
        s->created_at = auth_view_time(a, db_get_time(res, i, 2));
        s->last_seen_at = auth_view_time(a, db_get_time(res, i, 3));
        s->expires_at = auth_view_time(a, db_get_time(res, i, 4));
        s->current = db_get_bool(res, i, 5);
        s->peer = (char *)db_get_text(res, i, 6);
        out.sessions[i] = s;
    }
    if (!out.sessions) {
        account_fail_nomem(call);
        return;
    }
    out.n_sessions = (size_t)n;
    rpc_reply(call, &out.base);
}

/* Whether it is about somebody else. */
static bool is_foreign(const struct rpc_call *call, const char *login)
{
    return *login && strcmp(login, service_caller(call)->login) != 0;
}

void account_list_sessions(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListSessionsRequest *req = (const Wangge__V1__ListSessionsRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    const struct principal *who = service_caller(call);
    struct db_params p;

    if (!account_enter(call, is_foreign(call, req->login) ? PERM_ACCOUNT_ADMIN : PERM_OWN_ACCOUNT))
        return;
    db_params_init(&p);
    db_param_text(&p, *req->login ? req->login : who->login);
    db_param_time(&p, ctx->clock->now(ctx->clock));
    db_param_i64(&p, ctx->config.session_idle_s);
    db_param_binary(&p, principal_token_hash(who), SESSION_HASH_SIZE);
    account_query(call, &sql_session_list, &p, on_rows, NULL);
}

static void on_ended(struct rpc_call *call, const PGresult *res, void *data)
{
    const Wangge__V1__EndSessionsRequest *req = data;
    Wangge__V1__EndSessionsResponse out = WANGGE__V1__END_SESSIONS_RESPONSE__INIT;
    struct err e;

    out.ended = db_get_i32(res, 0, 0);
    if (*req->session_id && !out.ended) {
        err_field(&e, ERR_NOT_FOUND, "session_id", "There is no such session, or it has ended.");
        rpc_fail(call, &e);
        return;
    }
    rpc_reply(call, &out.base);
}

void account_end_sessions(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__EndSessionsRequest *req = (const Wangge__V1__EndSessionsRequest *)msg;
    const struct principal *who = service_caller(call);
    bool officer = policy_may(who->actor.role, PERM_ACCOUNT_ADMIN);
    struct uuid id;
    struct db_params p;
    struct err e = {0};

    if (!account_enter(call, is_foreign(call, req->login) ? PERM_ACCOUNT_ADMIN : PERM_OWN_ACCOUNT))
        return;
    if (*req->session_id && *req->login)
        err_field(&e, ERR_INVALID, "session_id", "Name either a session or a login.");
    else if (*req->session_id && !uuid_parse(req->session_id, &id))
        err_field(&e, ERR_INVALID, "session_id", "This is no session id.");
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    db_params_init(&p);
    if (*req->session_id) {
        db_param_binary(&p, id.bytes, sizeof(id.bytes));
        db_param_null(&p);
    } else {
        db_param_null(&p);
        db_param_text(&p, *req->login ? req->login : who->login);
    }
    if (officer)
        db_param_null(&p);
    else
        db_param_binary(&p, who->actor.account.bytes, sizeof(who->actor.account.bytes));
    if (*req->session_id || *req->login)
        db_param_null(&p);
    else
        db_param_binary(&p, principal_token_hash(who), SESSION_HASH_SIZE);
    account_act(call, &sql_session_end_many, &p, on_ended, (void *)req, "", "sessions ended: ");
}
