/* SPDX-License-Identifier: MIT */
/* BeginTotp and ConfirmTotp: a secret is made, shown once, and counts from its first good code on; a good code also ends it. */
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "common/base/text.h"
#include "server/service/account_methods.h"
#include "server/service/account_secret.h"
#include "server/service/login_guard.h"
#include "sql.h"

enum { URI_MAX = 160 + ACCOUNT_LOGIN_SIZE * 3 };

struct begun {
    uint8_t sealed[ACCOUNT_SECRET_SEALED];
    char text[TOTP_SECRET_TEXT + 1];
};

/* otpauth://totp/Wangge:LOGIN?secret=…&issuer=Wangge&algorithm=SHA1&digits=6&period=30 */
static void write_uri(char out[URI_MAX], const char *login, const char *secret)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    int n = snprintf(out, URI_MAX, "otpauth://totp/Wangge:");

    for (const unsigned char *s = (const unsigned char *)login; *s; s++)
        n += snprintf(out + n, (size_t)(URI_MAX - n), strchr(plain, *s) ? "%c" : "%%%02X", *s);
    snprintf(out + n, (size_t)(URI_MAX - n), "?secret=%s&issuer=Wangge&algorithm=SHA1&digits=%d&period=%d", secret,
             (int)TOTP_DIGITS, (int)TOTP_STEP_S);
}

static void on_begun(struct rpc_call *call, const PGresult *res, void *data)
{
    struct begun *b = data;
    Wangge__V1__BeginTotpResponse out = WANGGE__V1__BEGIN_TOTP_RESPONSE__INIT;
    char uri[URI_MAX];

    write_uri(uri, service_caller(call)->login, b->text);
    out.secret = b->text;
    out.uri = uri;
    rpc_reply(call, &out.base);
    sodium_memzero(uri, sizeof(uri));
    sodium_memzero(b, sizeof(*b));
}

static void on_may_begin(struct rpc_call *call, const PGresult *res, void *data)
{
    const struct principal *who = service_caller(call);
    struct service_ctx *ctx = service_ctx_of(call);
    struct begun *b = data;
    uint8_t secret[TOTP_SECRET_SIZE];
    struct db_params p;
    struct err e = {0};

    if (PQntuples(res) != 1 || !db_get_is_null(res, 0, 0)) {
        /* Else whoever holds the session could put a telephone of his own in the place of the owner's. */
        err_set(&e, ERR_PRECONDITION, "One-time passwords are in force already: end them with a code first.");
    } else {
        randombytes_buf(secret, sizeof(secret));
        totp_base32(secret, b->text);
        (void)!account_secret_seal(ctx->secret, &who->actor.account, secret, b->sealed, &e);
        sodium_memzero(secret, sizeof(secret));
    }
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    db_params_init(&p);
    db_param_binary(&p, who->actor.account.bytes, sizeof(who->actor.account.bytes));
    db_param_binary(&p, b->sealed, sizeof(b->sealed));
    account_act(call, &sql_totp_begin, &p, on_begun, b, who->login, "one-time passwords begun");
}

static void query_secrets(struct rpc_call *call, account_row_fn fn, void *data)
{
    const struct principal *who = service_caller(call);
    struct db_params p;

    db_params_init(&p);
    db_param_binary(&p, who->actor.account.bytes, sizeof(who->actor.account.bytes));
    account_query(call, &sql_totp_get, &p, fn, data);
}

void account_begin_totp(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct begun *b = arena_zalloc(rpc_arena(call), sizeof(*b));

    if (!account_enter(call, PERM_OWN_ACCOUNT))
        return;
    if (!b)
        account_fail_nomem(call);
    else
        query_secrets(call, on_may_begin, b);
}

/* --- confirm, or end --- */

struct proof {
    bool remove;
    char code[TOTP_DIGITS + 1];
    char guard[ACCOUNT_LOGIN_SIZE + 8]; /* the name under which wrong codes are counted */
};

static void on_confirmed(struct rpc_call *call, const PGresult *res, void *data)
{
    Wangge__V1__ConfirmTotpResponse out = WANGGE__V1__CONFIRM_TOTP_RESPONSE__INIT;
    struct err e;

    if (PQntuples(res) != 1) {
        err_field(&e, ERR_UNAUTHENTICATED, "code", "This code was used already; wait for the next one.");
        rpc_fail(call, &e);
        return;
    }
    rpc_reply(call, &out.base);
}

static void on_secrets(struct rpc_call *call, const PGresult *res, void *data)
{
    const struct principal *who = service_caller(call);
    struct service_ctx *ctx = service_ctx_of(call);
    const struct proof *t = data;
    usec_t now = ctx->clock->now(ctx->clock), until = 0;
    uint8_t secret[TOTP_SECRET_SIZE];
    const void *sealed = NULL;
    size_t len = 0;
    int64_t step = 0;
    struct db_params p;
    struct err e = {0};

    if (PQntuples(res) == 1)
        sealed = db_get_bytes(res, 0, t->remove ? 0 : 1, &len);
    if (!sealed) {
        err_set(&e, ERR_PRECONDITION, "%s",
                t->remove ? "There are no one-time passwords in force." : "Begin with BeginTotp, which makes the secret.");
    } else if (!login_guard_attempt(ctx->logins, t->guard, now, ctx->config.login_failures, ctx->config.login_lock_s, &until)) {
        err_set(&e, ERR_EXHAUSTED, "Too many wrong codes; try again in %d minutes.", (ctx->config.login_lock_s + 59) / 60);
    } else if (account_secret_open(ctx->secret, &who->actor.account, sealed, len, secret, &e) == 0) {
        step = totp_match(secret, t->code, now / USEC_PER_SEC, db_get_i64(res, 0, 2));
        sodium_memzero(secret, sizeof(secret));
        if (!step)
            err_field(&e, ERR_UNAUTHENTICATED, "code", "The code is wrong or was used already; check the telephone's clock.");
    }
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    login_guard_forget(ctx->logins, t->guard);
    db_params_init(&p);
    db_param_binary(&p, who->actor.account.bytes, sizeof(who->actor.account.bytes));
    db_param_binary(&p, sealed, len);
    db_param_i64(&p, step);
    db_param_bool(&p, t->remove);
    account_act(call, &sql_totp_confirm, &p, on_confirmed, NULL, who->login, "one-time passwords %s",
                t->remove ? "ended" : "in force");
}

void account_confirm_totp(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ConfirmTotpRequest *req = (const Wangge__V1__ConfirmTotpRequest *)msg;
    struct proof *t = arena_zalloc(rpc_arena(call), sizeof(*t));
    struct err e;

    if (!account_enter(call, PERM_OWN_ACCOUNT))
        return;
    if (!t) {
        account_fail_nomem(call);
        return;
    }
    if (strlen(req->code) != TOTP_DIGITS || !text_is_digits(req->code, TOTP_DIGITS)) {
        err_field(&e, ERR_INVALID, "code", "A one-time code has six digits.");
        rpc_fail(call, &e);
        return;
    }
    t->remove = req->remove;
    text_copy(t->code, sizeof(t->code), req->code);
    /* No login begins with a blank. */
    snprintf(t->guard, sizeof(t->guard), " totp %s", service_caller(call)->login);
    query_secrets(call, on_secrets, t);
}
