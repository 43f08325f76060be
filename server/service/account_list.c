/* SPDX-License-Identifier: MIT */
/* ListAccounts: a page of accounts by login; the token is the last login and a hash of the filters, opaque to clients. */
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "common/base/text.h"
#include "server/service/account_methods.h"
#include "server/service/auth_methods.h"
#include "sql.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500, TEXT_MAX = 40, MARK = 8, TOKEN_MAX = MARK + ACCOUNT_LOGIN_SIZE };

struct listing {
    int32_t page;
    uint8_t mark[MARK]; /* of the filters */
};

Wangge__V1__AccountDetail *account_view(struct rpc_call *call, const PGresult *res, int row)
{
    struct arena *a = rpc_arena(call);
    Wangge__V1__AccountDetail *d = arena_alloc(a, sizeof(*d));
    struct actor who = {
        .account = db_get_uuid(res, row, 0),
        .role = (enum role)db_get_i32(res, row, 3),
        .region = db_get_i64(res, row, 4),
        .organ_id = db_get_i32(res, row, 6),
    };
    const int times[] = {8, 9, 10, 13};
    Google__Protobuf__Timestamp *at[4];

    if (!d)
        return NULL;
    wangge__v1__account_detail__init(d);
    d->account = auth_view_account(a, service_ctx_of(call)->dir, &who, arena_strdup(a, db_get_text(res, row, 1)),
                                   arena_strdup(a, db_get_text(res, row, 2)));
    d->source_code = arena_strdup(a, db_get_text(res, row, 15));
    d->person_code = arena_strdup(a, db_get_text(res, row, 16));
    if (!d->account || !d->account->login || !d->account->name || !d->source_code || !d->person_code)
        return NULL;
    for (int i = 0; i < 4; i++) {
        at[i] = db_get_is_null(res, row, times[i]) ? NULL : auth_view_time(a, db_get_time(res, row, times[i]));
        if (!at[i] && !db_get_is_null(res, row, times[i]))
            return NULL;
    }
    d->disabled = db_get_bool(res, row, 7);
    d->locked_until = at[0];
    d->created_at = at[1];
    d->password_changed_at = at[2];
    d->must_change_password = db_get_bool(res, row, 11);
    d->totp = db_get_bool(res, row, 12);
    d->last_login_at = at[3];
    d->sessions = db_get_i32(res, row, 14);
    return d;
}

static char *token_write(struct arena *a, const struct listing *l, const char *login)
{
    unsigned char raw[TOKEN_MAX];
    size_t n = strlen(login), size = sodium_base64_encoded_len(MARK + n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *s = arena_alloc(a, size);

    memcpy(raw, l->mark, MARK);
    memcpy(raw + MARK, login, n);
    return s ? sodium_bin2base64(s, size, raw, MARK + n, sodium_base64_VARIANT_URLSAFE_NO_PADDING) : NULL;
}

static bool token_read(const char *s, const struct listing *l, char login[ACCOUNT_LOGIN_SIZE])
{
    unsigned char raw[TOKEN_MAX];
    size_t len;

    if (sodium_base642bin(raw, sizeof(raw), s, strlen(s), NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        len <= MARK || len - MARK >= ACCOUNT_LOGIN_SIZE || memcmp(raw, l->mark, MARK) != 0 ||
        memchr(raw + MARK, 0, len - MARK) || !text_is_utf8((const char *)raw + MARK, len - MARK))
        return false;
    memcpy(login, raw + MARK, len - MARK);
    login[len - MARK] = '\0';
    return true;
}

static void on_rows(struct rpc_call *call, const PGresult *res, void *data)
{
    const struct listing *l = data;
    struct arena *a = rpc_arena(call);
    Wangge__V1__ListAccountsResponse out = WANGGE__V1__LIST_ACCOUNTS_RESPONSE__INIT;
    int n = PQntuples(res), shown = n > l->page ? l->page : n;

    out.accounts = arena_alloc(a, (size_t)(shown + 1) * sizeof(*out.accounts));
    for (int i = 0; out.accounts && i < shown; i++) {
        out.accounts[i] = account_view(call, res, i);
        if (!out.accounts[i]) {
            account_fail_nomem(call);
            return;
        }
    }
    if (!out.accounts || (n > shown && !(out.next_page_token = token_write(a, l, db_get_text(res, shown - 1, 1))))) {
        account_fail_nomem(call);
        return;
    }
    out.n_accounts = (size_t)shown;
    rpc_reply(call, &out.base);
}

/* A pattern for text anywhere; its own wildcards count as themselves. */
static char *pattern_of(struct arena *a, const char *text)
{
    char *s = arena_alloc(a, strlen(text) * 2 + 3), *out = s;

    if (!s)
        return NULL;
    *out++ = '%';
    for (; *text; text++) {
        if (strchr("\\%_", *text))
            *out++ = '\\';
        *out++ = *text;
    }
    *out++ = '%';
    *out = '\0';
    return s;
}

void account_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListAccountsRequest *req = (const Wangge__V1__ListAccountsRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct region_span span = {0, INT64_MAX};
    struct listing *l = arena_zalloc(rpc_arena(call), sizeof(*l));
    char after[ACCOUNT_LOGIN_SIZE] = "";
    char *filters, *pattern = NULL;
    struct db_params p;
    struct err e = {0};
    int64_t region = 0;

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    filters = arena_printf(rpc_arena(call), "%s|%d|%s", req->region_code, (int)req->role, req->text);
    if (*req->text)
        pattern = pattern_of(rpc_arena(call), req->text);
    if (!l || !filters || (*req->text && !pattern)) {
        account_fail_nomem(call);
        return;
    }
    crypto_shorthash(l->mark, (const unsigned char *)filters, strlen(filters), (const unsigned char *)"wangge.accounts.");
    l->page = req->page_size ? req->page_size : PAGE_DEFAULT;
    if (l->page < 1 || l->page > PAGE_MAX)
        err_field(&e, ERR_INVALID, "page_size", "A page has 1 to %d accounts.", (int)PAGE_MAX);
    else if (*req->region_code && region_parse(req->region_code, &region, NULL))
        err_field(&e, ERR_INVALID, "region_code", "A region code has 4, 6, 9, 12 or 15 digits.");
    else if ((int)req->role < 0 || (int)req->role >= ROLE_COUNT)
        err_field(&e, ERR_INVALID, "role", "There is no role %d.", (int)req->role);
    else if (text_chars(req->text, strlen(req->text)) > TEXT_MAX)
        err_field(&e, ERR_INVALID, "text", "The text has at most %d characters.", (int)TEXT_MAX);
    else if (*req->page_token && !token_read(req->page_token, l, after))
        err_field(&e, ERR_INVALID, "page_token", "The page token is not of this list; begin without one.");
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    if (region)
        span = region_span_of(region);
    db_params_init(&p);
    db_param_i64(&p, span.lo);
    db_param_i64(&p, span.hi);
    db_param_i64(&p, (int)req->role);
    db_param_text(&p, pattern);
    db_param_text(&p, after);
    db_param_i64(&p, l->page + 1);
    db_param_null(&p);
    db_param_time(&p, ctx->clock->now(ctx->clock));
    account_query(call, &sql_account_list, &p, on_rows, l);
}
