/* SPDX-License-Identifier: MIT */
/*
 * What service accounts show instead of a password: CreateServiceToken, BindCertificate, ListCredentials, RevokeCredential. An
 * account may have several at once, so that one is changed while the other works.
 */
#include <string.h>
#include <sodium.h>

#include "common/base/text.h"
#include "server/service/account_methods.h"
#include "server/service/auth_methods.h"
#include "server/service/session_cache.h"
#include "sql.h"

enum { LABEL_MAX = 80, CREDENTIALS_SHOWN = 500, HEX = 2 * SESSION_HASH_SIZE };
#define DAY_US  (86400 * USEC_PER_SEC)
#define YEAR_US (365 * DAY_US)

struct adding {
    char login[ACCOUNT_LOGIN_SIZE];
    char label[(LABEL_MAX + 1) * 4];
    enum credential_kind kind;
    struct uuid id;
    uint8_t hash[SESSION_HASH_SIZE];
    char token[SESSION_TOKEN_TEXT + 1];
};

static int check_label(const char *label, struct err *e)
{
    size_t chars = text_chars(label, strlen(label));
    if (chars < 1 || chars > LABEL_MAX)
        return err_field(e, ERR_INVALID, "label", "Say what it is for, in 1 to %d characters.", (int)LABEL_MAX);
    return 0;
}

static void on_added(struct rpc_call *call, const PGresult *res, void *data)
{
    struct adding *c = data;
    Wangge__V1__CreateServiceTokenResponse token = WANGGE__V1__CREATE_SERVICE_TOKEN_RESPONSE__INIT;
    Wangge__V1__BindCertificateResponse bound = WANGGE__V1__BIND_CERTIFICATE_RESPONSE__INIT;
    char id[UUID_TEXT_LEN + 1];
    struct err e;

    if (PQntuples(res) != 1) {
        err_field(&e, ERR_PRECONDITION, "login", "There is no service account (INTEGRATION) with this login.");
        rpc_fail(call, &e);
        return;
    }
    uuid_format(&c->id, id);
    if (c->kind == CREDENTIAL_TOKEN) {
        token.token = c->token;
        token.credential_id = id;
        rpc_reply(call, &token.base);
    } else {
        /* The connection may have asked who it is before. */
        session_cache_forget(service_ctx_of(call)->sessions, c->hash);
        bound.credential_id = id;
        rpc_reply(call, &bound.base);
    }
    sodium_memzero(c->token, sizeof(c->token));
}

static void add(struct rpc_call *call, struct adding *c, const char *login, const char *label, usec_t expires_at)
{
    struct service_ctx *ctx = service_ctx_of(call);
    usec_t now = ctx->clock->now(ctx->clock);
    struct db_params p;

    text_copy(c->login, sizeof(c->login), login);
    text_copy(c->label, sizeof(c->label), label);
    c->id = uuid_v7(now);
    db_params_init(&p);
    db_param_binary(&p, c->id.bytes, sizeof(c->id.bytes));
    db_param_text(&p, c->login);
    db_param_i64(&p, c->kind);
    db_param_binary(&p, c->hash, sizeof(c->hash));
    db_param_text(&p, c->label);
    db_param_time(&p, now);
    db_param_time(&p, expires_at);
    char id[UUID_TEXT_LEN + 1];
    uuid_format(&c->id, id);
    account_act(call, &sql_credential_add, &p, on_added, c, c->login, "%s %s: %s",
                c->kind == CREDENTIAL_TOKEN ? "token" : "certificate", id, c->label);
}

void account_create_token(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__CreateServiceTokenRequest *req = (const Wangge__V1__CreateServiceTokenRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    usec_t now = ctx->clock->now(ctx->clock), expires_at = now + YEAR_US;
    struct adding *c = arena_zalloc(rpc_arena(call), sizeof(*c));
    struct err e = {0};

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    if (!c) {
        account_fail_nomem(call);
        return;
    }
    if (check_label(req->label, &e) == 0 && req->expires_at) {
        int64_t s = req->expires_at->seconds;
        expires_at = s > 0 && s < INT64_C(1) << 40 ? s * USEC_PER_SEC + req->expires_at->nanos / 1000 : 0;
        if (expires_at <= now || expires_at > now + 2 * YEAR_US + DAY_US)
            err_field(&e, ERR_INVALID, "expires_at", "A token ends after now and at most two years from now.");
    }
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    c->kind = CREDENTIAL_TOKEN;
    session_token_make(c->token, c->hash);
    add(call, c, req->login, req->label, expires_at);
}

void account_bind_certificate(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__BindCertificateRequest *req = (const Wangge__V1__BindCertificateRequest *)msg;
    struct adding *c = arena_zalloc(rpc_arena(call), sizeof(*c));
    size_t len = 0;
    struct err e = {0};

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    if (!c) {
        account_fail_nomem(call);
        return;
    }
    if (strlen(req->spki_sha256) != HEX || sodium_hex2bin(c->hash, sizeof(c->hash), req->spki_sha256, HEX, NULL, &len, NULL) ||
        len != sizeof(c->hash))
        err_field(&e, ERR_INVALID, "spki_sha256", "The SHA-256 of the certificate's public key has 64 hexadecimal digits.");
    else
        (void)!check_label(req->label, &e);
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    c->kind = CREDENTIAL_CERTIFICATE;
    add(call, c, req->login, req->label, USEC_NONE);
}

static void on_rows(struct rpc_call *call, const PGresult *res, void *data)
{
    struct arena *a = rpc_arena(call);
    Wangge__V1__ListCredentialsResponse out = WANGGE__V1__LIST_CREDENTIALS_RESPONSE__INIT;
    int n = PQntuples(res);

    out.credentials = arena_alloc(a, (size_t)(n + 1) * sizeof(*out.credentials));
    for (int i = 0; out.credentials && i < n; i++) {
        Wangge__V1__Credential *c = arena_alloc(a, sizeof(*c));
        char *id = arena_alloc(a, UUID_TEXT_LEN + 1);
        struct uuid uuid = db_get_uuid(res, i, 0);
        if (!c || !id) {
            account_fail_nomem(call);
            return;
        }
        wangge__v1__credential__init(c);
        uuid_format(&uuid, id);
        c->credential_id = id;
        c->label = (char *)db_get_text(res, i, 1);
        c->certificate = db_get_i32(res, i, 2) == CREDENTIAL_CERTIFICATE;
        c->created_at = auth_view_time(a, db_get_time(res, i, 3));
        c->expires_at = db_get_is_null(res, i, 4) ? NULL : auth_view_time(a, db_get_time(res, i, 4));
        c->last_used_at = db_get_is_null(res, i, 5) ? NULL : auth_view_time(a, db_get_time(res, i, 5));
        out.credentials[i] = c;
    }
    if (!out.credentials) {
        account_fail_nomem(call);
        return;
    }
    out.n_credentials = (size_t)n;
    rpc_reply(call, &out.base);
}

void account_list_credentials(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListCredentialsRequest *req = (const Wangge__V1__ListCredentialsRequest *)msg;
    struct db_params p;

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    db_params_init(&p);
    db_param_text(&p, req->login);
    account_query(call, &sql_credential_list, &p, on_rows, NULL);
}

static void on_revoked(struct rpc_call *call, const PGresult *res, void *data)
{
    Wangge__V1__RevokeCredentialResponse out = WANGGE__V1__REVOKE_CREDENTIAL_RESPONSE__INIT;
    struct err e;

    if (db_get_i32(res, 0, 0) != 1) {
        err_field(&e, ERR_NOT_FOUND, "credential_id", "There is no such token or certificate, or it was revoked already.");
        rpc_fail(call, &e);
        return;
    }
    rpc_reply(call, &out.base);
}

void account_revoke_credential(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__RevokeCredentialRequest *req = (const Wangge__V1__RevokeCredentialRequest *)msg;
    struct uuid id;
    struct db_params p;
    struct err e;

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    if (!uuid_parse(req->credential_id, &id)) {
        err_field(&e, ERR_INVALID, "credential_id", "This is no credential's id.");
        rpc_fail(call, &e);
        return;
    }
    db_params_init(&p);
    db_param_binary(&p, id.bytes, sizeof(id.bytes));
    account_act(call, &sql_credential_end, &p, on_revoked, NULL, "", "credential %s revoked", req->credential_id);
}
