/* SPDX-License-Identifier: MIT */
/*
 * Login: count the attempt, check the password in the pool, open a session. The attempt is counted before the check, so racing
 * guesses share one allowance. An unknown login takes the same steps at the same cost and gets the same answers.
 */
#include <string.h>
#include <sodium.h>

#include "common/base/text.h"
#include "google/rpc/error_details.pb-c.h"
#include "server/service/audit.h"
#include "server/service/auth_methods.h"
#include "server/service/login_guard.h"
#include "server/service/password_pool.h"
#include "server/service/session_cache.h"

static const char WHY[] = "login";

struct login {
    struct login_turn turn; /* its login is in the call's arena */
    struct rpc_call *call;
    struct service_ctx *ctx;
    struct account_row account;
    char *password; /* in the call's arena; wiped when it was used */
    usec_t expires_at;
    char token[SESSION_TOKEN_TEXT + 1];
};

static void finish(struct login *l, const struct err *e)
{
    if (e)
        rpc_fail(l->call, e);
    login_guard_leave(l->ctx->logins, &l->turn);
    rpc_call_unref(l->call, WHY);
}

static void on_opened(void *arg, const struct err *e)
{
    struct login *l = arg;
    struct arena *a = rpc_arena(l->call);
    struct actor who = {
        .account = l->account.id,
        .role = l->account.role,
        .region = l->account.region,
        .organ_id = l->account.organ_id,
    };
    Wangge__V1__LoginResponse res = WANGGE__V1__LOGIN_RESPONSE__INIT;
    struct err nomem;

    if (e->code) {
        finish(l, e);
        return;
    }
    res.token = l->token;
    res.account = auth_view_account(a, l->ctx->dir, &who, l->account.login, l->account.name);
    res.expires_at = auth_view_time(a, l->expires_at);
    res.idle_timeout_s = l->ctx->config.session_idle_s;
    if (!res.account || !res.expires_at) {
        err_set(&nomem, ERR_NOMEM, "The server is out of memory for this call; try again.");
        finish(l, &nomem);
        return;
    }
    rpc_reply(l->call, &res.base);
    sodium_memzero(l->token, sizeof(l->token));
    finish(l, NULL);
}

/* What was typed for a login that does not exist may be a password: it is not kept. */
static void note_failure(struct login *l, const char *rule)
{
    bool known = !uuid_is_nil(&l->account.id);
    audit_login(l->call, known ? l->account.login : "", known ? &l->account.id : NULL, l->account.role, rule);
}

static void on_verified(void *arg, bool verified, const char *hash, const struct err *e)
{
    struct login *l = arg;
    uint8_t token_hash[SESSION_HASH_SIZE];
    struct err why = *e;
    usec_t now = l->ctx->clock->now(l->ctx->clock);

    if (why.code || rpc_call_is_done(l->call)) {
        finish(l, &why);
        return;
    }
    if (!verified) {
        note_failure(l, uuid_is_nil(&l->account.id) ? "UNKNOWN" : "PASSWORD");
        err_set(&why, ERR_UNAUTHENTICATED,
                "The login or the password is wrong. After %d failures the login is locked for %d minutes.",
                l->ctx->config.login_failures, (l->ctx->config.login_lock_s + 59) / 60);
        finish(l, &why);
        return;
    }
    session_token_make(l->token, token_hash);
    l->expires_at = now + (usec_t)l->ctx->config.session_absolute_s * USEC_PER_SEC;
    if (session_store_put(l->ctx->db, token_hash, &l->account.id, now, l->expires_at, l->ctx->config.session_idle_s,
                          rpc_deadline(l->call), on_opened, l, &why))
        finish(l, &why);
}

static void fail_locked(struct login *l, usec_t until)
{
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    usec_t now = l->ctx->clock->now(l->ctx->clock);
    struct err e;

    delay.seconds = until > now ? (until - now + USEC_PER_SEC - 1) / USEC_PER_SEC : 1;
    retry.retry_delay = &delay;
    err_set(&e, ERR_EXHAUSTED, "This login is locked after %d failures; try again in %d minutes.",
            l->ctx->config.login_failures, (int)((delay.seconds + 59) / 60));
    rpc_fail_detail(l->call, &e, &retry.base);
    finish(l, NULL);
}

static void on_attempt(void *arg, const struct account_attempt *found, const struct err *e)
{
    struct login *l = arg;
    const struct service_config *cfg = &l->ctx->config;
    usec_t now = l->ctx->clock->now(l->ctx->clock);
    usec_t until = now + (usec_t)cfg->login_lock_s * USEC_PER_SEC;
    bool known = found && !found->account.disabled;
    struct err why = *e;
    int refused;

    if (why.code || rpc_call_is_done(l->call)) {
        finish(l, &why);
        return;
    }
    if (known)
        l->account = found->account;
    if (known && !found->allowed) {
        note_failure(l, "LOCKED");
        fail_locked(l, found->locked_until == USEC_NONE ? until : found->locked_until);
        return;
    }
    if (!known && !login_guard_attempt(l->ctx->logins, l->turn.login, now, cfg->login_failures, cfg->login_lock_s, &until)) {
        note_failure(l, "LOCKED");
        fail_locked(l, until);
        return;
    }
    refused = password_pool_verify(l->ctx->passwords, known ? found->password_hash : NULL, l->password, on_verified, l, &why);
    sodium_memzero(l->password, strlen(l->password));
    if (refused)
        finish(l, &why);
}

/* Its turn among the attempts on the same login. */
static void begin(struct login_turn *t)
{
    struct login *l = (struct login *)t;
    const struct service_config *cfg = &l->ctx->config;
    usec_t now = l->ctx->clock->now(l->ctx->clock);
    struct err e = {0};

    if (rpc_call_is_done(l->call))
        finish(l, NULL);
    else if (account_store_attempt(l->ctx->db, t->login, cfg->login_failures, now,
                                   now + (usec_t)cfg->login_lock_s * USEC_PER_SEC, rpc_deadline(l->call), on_attempt, l, &e))
        finish(l, &e);
}

void auth_login(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__LoginRequest *req = (const Wangge__V1__LoginRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    size_t chars = text_chars(req->login, strlen(req->login));
    struct login *l = NULL;
    struct err e = {0};

    if (chars < 1 || chars > ACCOUNT_LOGIN_MAX) {
        err_field(&e, ERR_INVALID, "login", "The login has 1 to %d characters.", (int)ACCOUNT_LOGIN_MAX);
    } else if (!*req->password || text_chars(req->password, strlen(req->password)) > PASSWORD_MAX) {
        err_field(&e, ERR_INVALID, "password", "The password has 1 to %d characters.", (int)PASSWORD_MAX);
    } else if (!(l = arena_zalloc(rpc_arena(call), sizeof(*l))) ||
               !(l->turn.login = arena_strdup(rpc_arena(call), req->login)) ||
               !(l->password = arena_strdup(rpc_arena(call), req->password))) {
        err_set(&e, ERR_NOMEM, "The server is out of memory for this call; try again.");
    }
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    sodium_memzero(req->password, strlen(req->password));
    l->turn.begin = begin;
    l->ctx = ctx;
    l->call = rpc_call_ref(call, WHY);
    if (login_guard_enter(ctx->logins, &l->turn, &e)) {
        rpc_fail(call, &e);
        rpc_call_unref(call, WHY);
    }
}
