/* SPDX-License-Identifier: MIT */
/*
 * ImportDirectory: check every row, write them all in one statement, then wait until this worker's own snapshot has them, so
 * that whoever imported can go on at once.
 */
#include "server/service/directory_import.h"

#include <stdio.h>

#include "server/service/audit.h"
#include "server/service/directory_methods.h"
#include "server/store/directory_store.h"

static const char WHY[] = "import directory";

struct import {
    struct rpc_call *call;
    int32_t changed;
};

static void on_refreshed(void *arg)
{
    struct import *im = arg;
    Wangge__V1__ImportDirectoryResponse res = WANGGE__V1__IMPORT_DIRECTORY_RESPONSE__INIT;

    res.changed = im->changed;
    rpc_reply(im->call, &res.base);
    rpc_call_unref(im->call, WHY);
}

static void on_imported(void *arg, int32_t changed, const struct err *e)
{
    struct import *im = arg;
    struct err why = *e;

    im->changed = changed;
    if (why.code || directory_store_refresh(service_ctx_of(im->call)->dirs, on_refreshed, im, &why)) {
        rpc_fail(im->call, &why);
        rpc_call_unref(im->call, WHY);
    }
}

static void fail_with(struct rpc_call *call, struct import_faults *f)
{
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    struct err e;

    bad.field_violations = f->list;
    bad.n_field_violations = f->n < IMPORT_MAX_VIOLATIONS ? f->n : IMPORT_MAX_VIOLATIONS;
    err_set(&e, ERR_INVALID, "Nothing was imported: %zu wrong %s, the first in %s: %s", f->n, f->n == 1 ? "value" : "values",
            f->violations[0].field, f->violations[0].description);
    rpc_fail_detail(call, &e, &bad.base);
}

void directory_import_rows(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ImportDirectoryRequest *req = (const Wangge__V1__ImportDirectoryRequest *)msg;
    const struct directory *dir = directory_enter(call, PERM_DIRECTORY_ADMIN);
    struct import_faults *faults;
    struct import *im;
    struct buf json;
    struct err e = {0};

    if (!dir)
        return;
    im = arena_zalloc(rpc_arena(call), sizeof(*im));
    faults = arena_alloc(rpc_arena(call), sizeof(*faults));
    if (!im || !faults) {
        directory_fail_nomem(call);
        return;
    }
    import_check(req, dir, rpc_arena(call), faults);
    if (faults->n) {
        fail_with(call, faults);
        return;
    }
    buf_init(&json, IMPORT_JSON_MAX);
    im->call = rpc_call_ref(call, WHY);
    const struct db_rider *row = audit_act(call, AUDIT_CONFIGURATION, "", "directory imported");
    if (!row)
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (!row || import_write_json(req, &json, &e) ||
        directory_store_import(service_ctx_of(call)->db, (const char *)buf_data(&json), row, rpc_deadline(call), on_imported,
                               im, &e)) {
        rpc_fail(call, &e);
        rpc_call_unref(call, WHY);
    }
    buf_fini(&json);
}
