/* SPDX-License-Identifier: MIT */
/*
 * ResetPassword: rules, hash, set. ChangePassword: rules, the old password (an attempt like a login's, with its lock), the ones
 * used before – each costs a hash –, hash, set. Other sessions of the account end either way.
 */
#include <string.h>
#include <sodium.h>

#include "common/base/text.h"
#include "google/rpc/error_details.pb-c.h"
#include "server/service/account_methods.h"
#include "server/service/audit.h"
#include "server/service/password_pool.h"
#include "server/service/session_cache.h"
#include "sql.h"

static const char WHY[] = "password";

enum { HISTORY_MAX = PASSWORD_POLICY_HISTORY_MAX };

struct setting {
    struct rpc_call *call;
    struct service_ctx *ctx;
    const char *login;
    char *fresh; /* in the call's arena; wiped at the end */
    char *old;   /* NULL: a reset */
    bool remove_totp;
    struct password_policy policy;
    char judged[ACCOUNT_HASH_SIZE]; /* the hash the old password was checked against */
    char *hashes[HISTORY_MAX];      /* the last ones, the present one first */
    int nhashes, next;
};

static void wipe(struct setting *s)
{
    sodium_memzero(s->fresh, strlen(s->fresh));
    if (s->old)
        sodium_memzero(s->old, strlen(s->old));
}

/* The last word of every path; e NULL: answered already. */
static void finish(struct setting *s, const struct err *e)
{
    if (e && e->code)
        rpc_fail(s->call, e);
    wipe(s);
    rpc_call_unref(s->call, WHY);
}

static void on_set(struct rpc_call *call, const PGresult *res, void *data)
{
    struct setting *s = data;
    Wangge__V1__ResetPasswordResponse reset = WANGGE__V1__RESET_PASSWORD_RESPONSE__INIT;
    Wangge__V1__ChangePasswordResponse changed = WANGGE__V1__CHANGE_PASSWORD_RESPONSE__INIT;
    struct err e;

    if (db_get_i32(res, 0, 0) != 1) {
        if (!s->old) {
            account_fail_unknown(call);
        } else {
            err_set(&e, ERR_CONFLICT, "The password was changed by somebody else meanwhile; log in again.");
            rpc_fail(call, &e);
        }
        return;
    }
    reset.sessions_ended = db_get_i32(res, 0, 1);
    if (s->old)
        session_cache_renew(s->ctx->sessions, principal_token_hash(service_caller(call)));
    rpc_reply(call, s->old ? &changed.base : &reset.base);
}

static void on_hashed(void *arg, bool verified, const char *hash, const struct err *e)
{
    struct setting *s = arg;
    struct db_params p;

    if (e->code || rpc_call_is_done(s->call)) {
        finish(s, e);
        return;
    }
    db_params_init(&p);
    db_param_text(&p, s->login);
    db_param_text(&p, hash);
    db_param_time(&p, s->ctx->clock->now(s->ctx->clock));
    db_param_text(&p, s->old ? s->judged : NULL);
    db_param_bool(&p, !s->old);
    if (s->old)
        db_param_binary(&p, principal_token_hash(service_caller(s->call)), SESSION_HASH_SIZE);
    else
        db_param_null(&p);
    db_param_bool(&p, s->remove_totp);
    account_act(s->call, &sql_password_set, &p, on_set, s, s->login, "password %s%s", s->old ? "changed" : "reset",
                s->remove_totp ? ", one-time passwords ended" : "");
    finish(s, NULL);
}

static void make_hash(struct setting *s)
{
    struct err e = {0};
    if (password_pool_hash(s->ctx->passwords, s->fresh, on_hashed, s, &e))
        finish(s, &e);
}

/* A new password of one's own that is refused was no failed login. */
static void on_forgiven(struct rpc_call *call, const PGresult *res, void *data)
{
    struct err e;
    err_field(&e, ERR_INVALID, "new_password", "This password is one of your last %d; choose another one.",
              ((struct setting *)data)->policy.history);
    rpc_fail(call, &e);
}

static void on_compared(void *arg, bool verified, const char *hash, const struct err *e);

static void compare_next(struct setting *s)
{
    struct err e = {0};

    if (s->next == s->nhashes || s->next >= s->policy.history)
        make_hash(s);
    else if (password_pool_verify(s->ctx->passwords, s->hashes[s->next++], s->fresh, on_compared, s, &e))
        finish(s, &e);
}

static void on_compared(void *arg, bool verified, const char *hash, const struct err *e)
{
    struct setting *s = arg;
    const struct principal *who = service_caller(s->call);
    struct db_params p;

    if (e->code || rpc_call_is_done(s->call)) {
        finish(s, e);
    } else if (verified) {
        db_params_init(&p);
        db_param_binary(&p, who->actor.account.bytes, sizeof(who->actor.account.bytes));
        account_execute(s->call, &sql_account_forgive, &p, on_forgiven, s);
        finish(s, NULL);
    } else {
        compare_next(s);
    }
}

static void on_history(struct rpc_call *call, const PGresult *res, void *data)
{
    struct setting *s = data;
    int n = PQntuples(res);

    for (int i = 0; i < n && i < HISTORY_MAX; i++) {
        s->hashes[i] = arena_strdup(rpc_arena(call), db_get_text(res, i, 0));
        if (!s->hashes[i]) {
            account_fail_nomem(call);
            return;
        }
        s->nhashes++;
    }
    rpc_call_ref(call, WHY);
    compare_next(s);
}

static void on_old_checked(void *arg, bool verified, const char *hash, const struct err *e)
{
    struct setting *s = arg;
    const struct principal *who = service_caller(s->call);
    struct db_params p;
    struct err why = *e;

    if (!why.code && !verified) {
        audit_login(s->call, who->login, &who->actor.account, who->actor.role, "PASSWORD");
        err_field(&why, ERR_UNAUTHENTICATED, "old_password", "The old password is wrong.");
    }
    if (why.code || rpc_call_is_done(s->call)) {
        finish(s, &why);
        return;
    }
    db_params_init(&p);
    db_param_binary(&p, who->actor.account.bytes, sizeof(who->actor.account.bytes));
    account_query(s->call, &sql_password_get, &p, on_history, s);
    rpc_call_unref(s->call, WHY); /* the query holds it; s lives in its arena */
}

static void on_attempt(void *arg, const struct account_attempt *found, const struct err *e)
{
    struct setting *s = arg;
    struct err why = *e;

    if (!why.code && !found)
        err_set(&why, ERR_UNAUTHENTICATED, "The account is gone; log in again.");
    else if (!why.code && !found->allowed)
        err_set(&why, ERR_EXHAUSTED, "This login is locked after %d failures; try again in %d minutes.",
                s->ctx->config.login_failures, (s->ctx->config.login_lock_s + 59) / 60);
    if (why.code || rpc_call_is_done(s->call)) {
        finish(s, &why);
        return;
    }
    text_copy(s->judged, sizeof(s->judged), found->password_hash);
    if (password_pool_verify(s->ctx->passwords, s->judged, s->old, on_old_checked, s, &why))
        finish(s, &why);
}

static void on_policy(struct rpc_call *call, const struct password_policy *policy, void *data)
{
    struct setting *s = data;
    usec_t now = s->ctx->clock->now(s->ctx->clock);
    struct err e = {0};

    s->policy = *policy;
    rpc_call_ref(call, WHY);
    if (password_rules_check(policy, s->old ? "new_password" : "password", s->fresh, s->login, &e))
        finish(s, &e);
    else if (!s->old)
        make_hash(s);
    else if (account_store_attempt(s->ctx->db, s->login, s->ctx->config.login_failures, now,
                                   now + (usec_t)s->ctx->config.login_lock_s * USEC_PER_SEC, rpc_deadline(call), on_attempt, s,
                                   &e))
        finish(s, &e);
}

static void begin(struct rpc_call *call, const char *login, char *fresh, char *old, bool remove_totp)
{
    struct arena *a = rpc_arena(call);
    struct setting *s = arena_zalloc(a, sizeof(*s));
    struct err e = {0};

    if (text_chars(fresh, strlen(fresh)) > PASSWORD_MAX)
        err_field(&e, ERR_INVALID, old ? "new_password" : "password", "A password has at most %d characters.",
                  (int)PASSWORD_MAX);
    else if (old && (!*old || text_chars(old, strlen(old)) > PASSWORD_MAX))
        err_field(&e, ERR_INVALID, "old_password", "Give the old password, 1 to %d characters.", (int)PASSWORD_MAX);
    else if (!s || !(s->login = arena_strdup(a, login)) || !(s->fresh = arena_strdup(a, fresh)) ||
             (old && !(s->old = arena_strdup(a, old))))
        err_set(&e, ERR_NOMEM, "The server is out of memory for this call; try again.");
    sodium_memzero(fresh, strlen(fresh));
    if (old)
        sodium_memzero(old, strlen(old));
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    s->call = call;
    s->ctx = service_ctx_of(call);
    s->remove_totp = remove_totp;
    account_with_policy(call, on_policy, s);
}

void account_reset_password(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ResetPasswordRequest *req = (const Wangge__V1__ResetPasswordRequest *)msg;
    struct err e;

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    if (strcmp(req->login, service_caller(call)->login) == 0) {
        err_field(&e, ERR_PRECONDITION, "login",
                  "Your own password is changed with ChangePassword, which asks for the old one.");
        rpc_fail(call, &e);
        return;
    }
    begin(call, req->login, req->password, NULL, req->remove_totp);
}

void account_change_password(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ChangePasswordRequest *req = (const Wangge__V1__ChangePasswordRequest *)msg;

    if (account_enter(call, PERM_OWN_ACCOUNT))
        begin(call, service_caller(call)->login, req->new_password, req->old_password, false);
}
