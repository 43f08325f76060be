/* SPDX-License-Identifier: MIT */
/* CreateAccount: check everything, the password by the policy, hash it in the pool, insert; the same account again finds the
 * first one. */
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "common/base/text.h"
#include "server/service/audit.h"
#include "server/service/account_methods.h"
#include "server/service/directory_methods.h"
#include "server/service/password_pool.h"
#include "server/store/account_store.h"

static const char WHY[] = "create account";

struct creation {
    struct rpc_call *call;
    struct account_row account;
    const char *person;
    char *password; /* in the call's arena; wiped when it was used */
    bool must_change;
};

static void finish(struct creation *c, const struct err *e)
{
    if (e)
        rpc_fail(c->call, e);
    rpc_call_unref(c->call, WHY);
}

static void on_added(void *arg, const struct uuid *id, bool added, bool same, const struct err *e)
{
    struct creation *c = arg;
    Wangge__V1__CreateAccountResponse res = WANGGE__V1__CREATE_ACCOUNT_RESPONSE__INIT;
    char text[UUID_TEXT_LEN + 1];
    struct err why;

    if (e->code) {
        account_fail(c->call, e);
        finish(c, NULL);
    } else if (!added && !same) {
        err_field(&why, ERR_EXISTS, "login", "The login is taken by another account; choose another one.");
        finish(c, &why);
    } else {
        uuid_format(id, text);
        res.account_id = text;
        rpc_reply(c->call, &res.base);
        finish(c, NULL);
    }
}

static void on_hashed(void *arg, bool verified, const char *hash, const struct err *e)
{
    struct creation *c = arg;
    struct service_ctx *ctx = service_ctx_of(c->call);
    usec_t now = ctx->clock->now(ctx->clock);
    struct err why = *e;

    if (why.code || rpc_call_is_done(c->call)) {
        finish(c, &why);
        return;
    }
    char what[96];
    (void)snprintf(what, sizeof(what), "account made, role %s", role_name(c->account.role));
    const struct db_rider *row = audit_act(c->call, AUDIT_ACCOUNT, c->account.login, what);
    c->account.id = uuid_v7(now);
    if (!row)
        (void)err_set(&why, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (!row || account_store_add(ctx->db, &c->account, c->person, hash, c->must_change, now, row, rpc_deadline(c->call),
                                  on_added, c, &why))
        finish(c, &why);
}

static int decode(const struct directory *dir, const Wangge__V1__CreateAccountRequest *req, struct account_row *acc,
                  struct err *e)
{
    size_t login = text_chars(req->login, strlen(req->login));
    const struct dir_organ *organ;

    if (login < 1 || login > ACCOUNT_LOGIN_MAX)
        return err_field(e, ERR_INVALID, "login", "The login has 1 to %d characters.", (int)ACCOUNT_LOGIN_MAX);
    if (text_visible_chars(req->login) < login)
        return err_field(e, ERR_INVALID, "login", "The login has no blanks and no control characters.");
    if (account_check_name(req->name, e))
        return e->code;
    if ((int)req->role <= ROLE_NONE || (int)req->role >= ROLE_COUNT)
        return err_field(e, ERR_INVALID, "role", "There is no role %d.", (int)req->role);
    text_copy(acc->login, sizeof(acc->login), req->login);
    text_copy(acc->name, sizeof(acc->name), req->name);
    acc->role = (enum role)req->role;
    if (*req->region_code) {
        if (region_parse(req->region_code, &acc->region, NULL))
            return err_field(e, ERR_INVALID, "region_code", "A region code has 4, 6, 9, 12 or 15 digits.");
        if (!directory_region(dir, acc->region))
            return err_field(e, ERR_INVALID, "region_code", "There is no region %s; import it first.", req->region_code);
        acc->region_level = region_level_of(acc->region);
    }
    if (*req->organ_code) {
        organ = directory_organ_by_code(dir, req->organ_code);
        if (!organ)
            return err_field(e, ERR_INVALID, "organ_code", "There is no organ %.32s; import it first.", req->organ_code);
        acc->organ_id = organ->id;
    }
    if (account_check_place(dir, acc, e) || account_check_source(req->source_code, acc->role, e))
        return e->code;
    text_copy(acc->source, sizeof(acc->source), req->source_code);
    return account_check_person(req->person_code, e);
}

static void on_policy(struct rpc_call *call, const struct password_policy *policy, void *data)
{
    struct creation *c = data;
    struct err e = {0};
    int r = password_rules_check(policy, "password", c->password, c->account.login, &e);

    rpc_call_ref(call, WHY);
    if (!r)
        r = password_pool_hash(service_ctx_of(call)->passwords, c->password, on_hashed, c, &e);
    sodium_memzero(c->password, strlen(c->password));
    if (r)
        finish(c, &e);
}

void directory_create_account(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__CreateAccountRequest *req = (const Wangge__V1__CreateAccountRequest *)msg;
    const struct directory *dir = directory_enter(call, PERM_ACCOUNT_ADMIN);
    struct creation *c;
    struct err e = {0};

    if (!dir)
        return;
    c = arena_zalloc(rpc_arena(call), sizeof(*c));
    if (!c) {
        directory_fail_nomem(call);
        return;
    }
    if (decode(dir, req, &c->account, &e)) {
        rpc_fail(call, &e);
        return;
    }
    c->call = call;
    c->person = arena_strdup(rpc_arena(call), req->person_code);
    c->password = arena_strdup(rpc_arena(call), req->password);
    c->must_change = !req->keep_password && c->account.role != ROLE_INTEGRATION;
    sodium_memzero(req->password, strlen(req->password));
    if (!c->person || !c->password)
        directory_fail_nomem(call);
    else
        account_with_policy(call, on_policy, c);
}
