/* SPDX-License-Identifier: MIT */
/* The bulk service's table, and ListBulks. */
#include "server/service/bulk_methods.h"

#include "server/db/result.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "sql.h"

enum { READ_MS = 10000 };

static const char WHY[] = "list bulks";

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct rpc_call *call = arg;
    struct arena *a = rpc_arena(call);
    struct err failed = *e;
    Wangge__V1__ListBulksResponse r = WANGGE__V1__LIST_BULKS_RESPONSE__INIT;
    int n = failed.code ? 0 : PQntuples(res);
    r.bulks = arena_alloc(a, ((size_t)n + 1) * sizeof(Wangge__V1__Bulk *));
    for (int i = 0; r.bulks && i < n; i++) {
        Wangge__V1__Bulk *b = arena_alloc(a, sizeof *b);
        struct uuid id = db_get_uuid(res, i, 0);
        if (!b)
            break;
        wangge__v1__bulk__init(b);
        b->bulk_id = view_uuid(a, &id);
        b->action = (Wangge__V1__Action)db_get_i32(res, i, 1);
        b->started_at = view_time(a, db_get_time(res, i, 2));
        b->finished_at = view_time(a, db_get_time(res, i, 3));
        b->total = db_get_i32(res, i, 4);
        b->done = db_get_i32(res, i, 5);
        b->failed = db_get_i32(res, i, 6);
        if (!b->bulk_id)
            break;
        r.bulks[r.n_bulks++] = b;
    }
    if (!failed.code && (int)r.n_bulks < n)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (failed.code)
        rpc_fail(call, &failed);
    else
        rpc_reply(call, &r.base);
    rpc_call_unref(call, WHY);
}

static void list_bulks(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct db_params p;
    struct err e;
    if (service_require(call, PERM_BULK))
        return;
    const struct uuid *account = &service_caller(call)->actor.account;
    db_params_init(&p);
    db_param_binary(&p, account->bytes, sizeof account->bytes);
    rpc_call_ref(call, WHY);
    if (db_query(service_ctx_of(call)->db, &db_scope_none, &sql_bulk_list, &p, rpc_deadline(call), on_rows, call, &e))
        service_fail_unref(call, &e, WHY);
}

const struct rpc_method bulk_methods[] = {
    {
        .path = "/wangge.v1.BulkService/RunBulk",
        .kind = RPC_SERVER_STREAM,
        .request = &wangge__v1__run_bulk_request__descriptor,
        .response = &wangge__v1__run_bulk_response__descriptor,
        .on_message = bulk_run,
        .on_writable = bulk_run_writable,
        .on_cancel = bulk_run_cancel,
    },
    {
        .path = "/wangge.v1.BulkService/ListBulks",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_bulks_request__descriptor,
        .response = &wangge__v1__list_bulks_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = list_bulks,
    },
    {.path = NULL},
};
