/* SPDX-License-Identifier: MIT */
/* UpdateAccount: reads the account, lays the request over it, writes it if it is still as it was read. */
#include <string.h>

#include "common/base/text.h"
#include "server/service/account_methods.h"
#include "sql.h"

struct change {
    const Wangge__V1__UpdateAccountRequest *req;
    struct account_row before, after;
    char person[(ACCOUNT_PERSON_MAX + 1) * 4];
};

static void query_one(struct rpc_call *call, const char *login, account_row_fn fn, void *data)
{
    struct service_ctx *ctx = service_ctx_of(call);
    struct db_params p;

    db_params_init(&p);
    db_param_i64(&p, 0);
    db_param_i64(&p, INT64_MAX);
    db_param_i64(&p, 0);
    db_param_null(&p);
    db_param_text(&p, "");
    db_param_i64(&p, 1);
    db_param_text(&p, login);
    db_param_time(&p, ctx->clock->now(ctx->clock));
    account_query(call, &sql_account_list, &p, fn, data);
}

static void on_read_back(struct rpc_call *call, const PGresult *res, void *data)
{
    Wangge__V1__UpdateAccountResponse out = WANGGE__V1__UPDATE_ACCOUNT_RESPONSE__INIT;

    if (PQntuples(res) != 1 || !(out.account = account_view(call, res, 0))) {
        account_fail_nomem(call);
        return;
    }
    rpc_reply(call, &out.base);
}

static void on_written(struct rpc_call *call, const PGresult *res, void *data)
{
    const struct change *c = data;
    struct err e;

    if (db_get_i32(res, 0, 0) != 1) {
        err_set(&e, ERR_CONFLICT, "The account was changed meanwhile; look at it again.");
        rpc_fail(call, &e);
        return;
    }
    query_one(call, c->after.login, on_read_back, NULL);
}

/* Lays one text over another: empty keeps it, "-" takes it away. */
static void lay(char *out, size_t size, const char *with)
{
    if (strcmp(with, "-") == 0)
        *out = '\0';
    else if (*with)
        text_copy(out, size, with);
}

static int lay_over(struct rpc_call *call, struct change *c, struct err *e)
{
    const Wangge__V1__UpdateAccountRequest *req = c->req;
    const struct directory *dir = service_ctx_of(call)->dir;
    struct account_row *acc = &c->after;
    const struct dir_organ *organ;

    if (!dir)
        return err_set(e, ERR_UNAVAILABLE, "The server has not read its directory yet; try again in a moment.");
    if (*req->name && account_check_name(req->name, e))
        return e->code;
    if (*req->name)
        text_copy(acc->name, sizeof(acc->name), req->name);
    if ((int)req->role < 0 || (int)req->role >= ROLE_COUNT)
        return err_field(e, ERR_INVALID, "role", "There is no role %d.", (int)req->role);
    if (req->role)
        acc->role = (enum role)req->role;
    if (acc->role != c->before.role && strcmp(acc->login, service_caller(call)->login) == 0)
        return err_field(e, ERR_PRECONDITION, "role", "Your own role is for another security officer to change.");
    if (strcmp(req->region_code, "-") == 0) {
        acc->region = 0;
        acc->region_level = 0;
    } else if (*req->region_code) {
        if (region_parse(req->region_code, &acc->region, NULL) || !directory_region(dir, acc->region))
            return err_field(e, ERR_INVALID, "region_code", "There is no region %.20s.", req->region_code);
        acc->region_level = region_level_of(acc->region);
    }
    if (strcmp(req->organ_code, "-") == 0) {
        acc->organ_id = 0;
    } else if (*req->organ_code) {
        organ = directory_organ_by_code(dir, req->organ_code);
        if (!organ)
            return err_field(e, ERR_INVALID, "organ_code", "There is no organ %.32s.", req->organ_code);
        acc->organ_id = organ->id;
    }
    if (account_check_place(dir, acc, e))
        return e->code;
    if (acc->role != ROLE_INTEGRATION)
        acc->source[0] = '\0';
    if (*req->source_code && strcmp(req->source_code, "-") != 0 && account_check_source(req->source_code, acc->role, e))
        return e->code;
    lay(acc->source, sizeof(acc->source), req->source_code);
    if (strcmp(req->person_code, "-") != 0 && account_check_person(req->person_code, e))
        return e->code;
    lay(c->person, sizeof(c->person), req->person_code);
    return 0;
}

static void on_read(struct rpc_call *call, const PGresult *res, void *data)
{
    struct change *c = data;
    struct account_row *b = &c->before;
    struct db_params p;
    struct err e = {0};

    if (PQntuples(res) != 1) {
        account_fail_unknown(call);
        return;
    }
    text_copy(b->login, sizeof(b->login), db_get_text(res, 0, 1));
    text_copy(b->name, sizeof(b->name), db_get_text(res, 0, 2));
    b->role = (enum role)db_get_i32(res, 0, 3);
    b->region = db_get_i64(res, 0, 4);
    b->region_level = (enum region_level)db_get_i32(res, 0, 5);
    b->organ_id = db_get_i32(res, 0, 6);
    text_copy(b->source, sizeof(b->source), db_get_text(res, 0, 15));
    text_copy(c->person, sizeof(c->person), db_get_text(res, 0, 16));
    c->after = *b;
    if (lay_over(call, c, &e)) {
        rpc_fail(call, &e);
        return;
    }
    db_params_init(&p);
    db_param_text(&p, b->login);
    db_param_text(&p, c->after.name);
    db_param_i64(&p, c->after.role);
    db_param_i64(&p, c->after.region);
    db_param_i64(&p, c->after.region_level);
    if (c->after.organ_id)
        db_param_i64(&p, c->after.organ_id);
    else
        db_param_null(&p);
    db_param_text(&p, c->after.source);
    db_param_text(&p, c->person);
    db_param_text(&p, db_get_text(res, 0, 17));
    account_act(call, &sql_account_update, &p, on_written, c, c->after.login,
                "account changed: role %s to %s, region %lld to %lld, organ %d to %d, source \"%s\"%s%s", role_name(b->role),
                role_name(c->after.role), (long long)b->region, (long long)c->after.region, (int)b->organ_id,
                (int)c->after.organ_id, c->after.source, strcmp(b->name, c->after.name) != 0 ? ", name" : "",
                *c->req->person_code ? ", person" : "");
}

void account_update(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__UpdateAccountRequest *req = (const Wangge__V1__UpdateAccountRequest *)msg;
    struct change *c;

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    c = arena_zalloc(rpc_arena(call), sizeof(*c));
    if (!c) {
        account_fail_nomem(call);
        return;
    }
    c->req = req; /* the message lives as long as the call */
    query_one(call, req->login, on_read, c);
}
