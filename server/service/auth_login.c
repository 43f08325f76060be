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
#include "server/domain/totp.h"
#include "server/service/account_secret.h"
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
    char totp_code[TOTP_DIGITS + 1];
    bool must_change;
    size_t totp_len; /* 0: no one-time passwords */
    uint8_t totp_sealed[ACCOUNT_TOTP_SIZE];
    int64_t totp_step; /* last one taken; then the one of this login's code */
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
    res.must_change_password = l->must_change;
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

/* The password is right and a one-time code is asked for. */
static void ask_for_code(struct login *l)
{
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    struct err e;

    info.reason = (char *)"TOTP_REQUIRED";
    info.domain = (char *)"wangge";
    err_set(&e, ERR_UNAUTHENTICATED, "This account also asks for a one-time code of six digits.");
    rpc_fail_detail(l->call, &e, &info.base);
    finish(l, NULL);
}

/* Checks the one-time code of an account that has them; 0 or the error. */
static int check_code(struct login *l, usec_t now, struct err *e)
{
    uint8_t secret[TOTP_SECRET_SIZE];
    int r = account_secret_open(l->ctx->secret, &l->account.id, l->totp_sealed, l->totp_len, secret, e);
    int64_t step = r ? 0 : totp_match(secret, l->totp_code, now / USEC_PER_SEC, l->totp_step);

    sodium_memzero(secret, sizeof(secret));
    if (r)
        return r;
    if (!step) {
        note_failure(l, "TOTP");
        return err_set(e, ERR_UNAUTHENTICATED, "The one-time code is wrong or was used already; wait for the next one.");
    }
    l->totp_step = step;
    return 0;
}

static void on_verified(void *arg, bool verified, const char *hash, const struct err *e)
{
    struct login *l = arg;
    struct session_open open;
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
    if (l->totp_len && !*l->totp_code) {
        ask_for_code(l);
        return;
    }
    if (l->totp_len && check_code(l, now, &why)) {
        finish(l, &why);
        return;
    }
    l->expires_at = now + (usec_t)l->ctx->config.session_absolute_s * USEC_PER_SEC;
    open = (struct session_open){
        .account = l->account.id,
        .now = now,
        .expires_at = l->expires_at,
        .idle_s = l->ctx->config.session_idle_s,
        .totp_step = l->totp_len ? l->totp_step : 0,
        .peer = rpc_peer(l->call),
    };
    session_token_make(l->token, open.hash);
    if (session_store_put(l->ctx->db, &open, rpc_deadline(l->call), on_opened, l, &why))
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
    if (known) {
        l->account = found->account;
        l->must_change = found->must_change;
        l->totp_len = found->totp_len;
        memcpy(l->totp_sealed, found->totp_sealed, found->totp_len);
        l->totp_step = found->totp_step;
    }
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
    } else if (*req->totp_code && (strlen(req->totp_code) != TOTP_DIGITS || !text_is_digits(req->totp_code, TOTP_DIGITS))) {
        err_field(&e, ERR_INVALID, "totp_code", "A one-time code has six digits.");
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
    text_copy(l->totp_code, sizeof(l->totp_code), req->totp_code);
    l->turn.begin = begin;
    l->ctx = ctx;
    l->call = rpc_call_ref(call, WHY);
    if (login_guard_enter(ctx->logins, &l->turn, &e)) {
        rpc_fail(call, &e);
        rpc_call_unref(call, WHY);
    }
}
