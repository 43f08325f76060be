/* SPDX-License-Identifier: MIT */
/*
 * RunBulk: one action on many cases, each through the gate with a result of its own.
 *
 * Life: COLLECT (the ids as given, or page by page what the filter finds) -> BEGIN (the run is there, new or found) -> FILL
 * (its set is written, at most once; bulk_set.c) -> PAGE after PAGE: items, what of them happened before, the cases, the gate,
 * the writes, the answers (bulk_page.c) -> END. A dry run goes from COLLECT to its pages and writes nothing.
 */
#include <stdlib.h>

#include "server/service/bulk_impl.h"
#include "server/service/case_filter.h"
#include "server/service/case_methods.h"
#include "sql.h"

static const char WHY[] = "bulk";

enum { PAGE_MEMORY = 8 * 1024 * 1024 };

void bulk_free(struct bulk *b)
{
    struct rpc_call *call = b->call;
    rpc_call_set_data(call, NULL);
    arena_destroy(b->page);
    free(b->ids);
    free(b);
    rpc_call_unref(call, WHY);
}

void bulk_fail(struct bulk *b, const struct err *e)
{
    rpc_call_set_data(b->call, NULL);
    rpc_fail(b->call, e);
    bulk_free(b);
}

void bulk_fail_nomem(struct bulk *b)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this run. Take it up again with the same bulk_id.");
    bulk_fail(b, &e);
}

bool bulk_step_failed(struct bulk *b, const struct err *e)
{
    if (b->lost)
        bulk_free(b);
    else if (e->code)
        bulk_fail(b, e);
    else
        return false;
    return true;
}

void bulk_param_uuid(struct db_params *p, const struct uuid *u)
{
    db_param_binary(p, u->bytes, sizeof u->bytes);
}

static void on_progress(void *arg, const PGresult *res, const struct err *e)
{
    rpc_call_unref(arg, "bulk progress");
}

static int put_progress(struct bulk *b, bool finished, db_result_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    bulk_param_uuid(&p, &b->id);
    db_param_i64(&p, b->done);
    db_param_i64(&p, b->failed);
    db_param_time(&p, finished ? b->ctx->clock->now(b->ctx->clock) : USEC_NONE);
    return db_execute(b->ctx->db, &sql_bulk_progress, &p, USEC_NONE, fn, arg, e);
}

void bulk_note_progress(struct bulk *b)
{
    struct err e;
    if (b->dry)
        return;
    rpc_call_ref(b->call, "bulk progress");
    if (put_progress(b, false, on_progress, b->call, &e))
        rpc_call_unref(b->call, "bulk progress");
}

static void send_summary(struct bulk *b)
{
    Wangge__V1__RunBulkResponse r = WANGGE__V1__RUN_BULK_RESPONSE__INIT;
    Wangge__V1__BulkSummary s = WANGGE__V1__BULK_SUMMARY__INIT;
    s.done = b->done;
    s.failed = b->failed;
    r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_SUMMARY;
    r.summary = &s;
    rpc_call_set_data(b->call, NULL);
    (void)rpc_send(b->call, &r.base);
    rpc_finish(b->call);
    bulk_free(b);
}

static void on_finished(void *arg, const PGresult *res, const struct err *e)
{
    send_summary(arg);
}

/* Whoever has the summary finds the run finished in its list. */
void bulk_end(struct bulk *b)
{
    struct err e;
    b->busy = true;
    if (b->dry || put_progress(b, true, on_finished, b, &e))
        send_summary(b);
}

/* The request ----------------------------------------------------------------------------------------------------------- */

static int decode(struct bulk *b, const Wangge__V1__RunBulkRequest *req, struct err *e)
{
    int rc = request_parse_id(req->bulk_id, "bulk_id", &b->id, e);
    if (!rc && (req->n_case_ids > 0) == (req->filter != NULL))
        rc = err_field(e, ERR_INVALID, "case_ids", "Give either case_ids or a filter.");
    if (!rc && !req->act)
        rc = err_field(e, ERR_INVALID, "act", "act is required.");
    if (!rc && (req->after_position < 0 || req->after_position > BULK_MAX))
        rc = err_field(e, ERR_INVALID, "after_position", "after_position must be 0 to %d.", BULK_MAX);
    if (rc)
        return rc;
    Wangge__V1__ActRequest act = *req->act;
    char key[UUID_TEXT_LEN + 1];
    uuid_format(&b->id, key);
    act.request_id = act.case_id = key; /* both are the item's own; checked as if the run were one */
    rc = request_decode_act(b->dir, rpc_arena(b->call), &act, false, &b->act, e);
    if (!rc && (b->act.act.action == ACT_MERGE || b->act.evidence.n > 0 || b->act.assignee))
        rc = err_field(e, ERR_INVALID, "act", "Merging, evidence and naming a colleague belong to one case at a time.");
    if (!rc)
        rc = bulk_set_take_marked(b, req->case_ids, req->n_case_ids, e);
    case_query_init(&b->query);
    if (!rc && req->filter)
        rc = case_filter_decode(b->call, b->dir, req->filter, &b->query, e);
    Wangge__V1__RunBulkRequest same = *req;
    same.after_position = 0;
    if (!rc)
        rc = request_hash(rpc_arena(b->call), &same.base, &b->hash, e);
    b->dry = req->dry_run;
    b->position = req->after_position;
    return rc;
}

void bulk_run(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_BULK))
        return;
    struct directory *dir = service_hold_directory(call);
    struct bulk *b = dir ? calloc(1, sizeof *b) : NULL;
    if (!dir)
        return;
    if (!b || !(b->page = arena_create(PAGE_MEMORY))) {
        free(b);
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this run. Try again later.");
        rpc_fail(call, &e);
        return;
    }
    b->call = rpc_call_ref(call, WHY);
    b->ctx = service_ctx_of(call);
    b->dir = dir;
    b->who = service_caller(call);
    if (decode(b, (const Wangge__V1__RunBulkRequest *)msg, &e)) {
        bulk_fail(b, &e);
        return;
    }
    rpc_call_set_data(call, b);
    if (!b->dry)
        bulk_set_begin(b);
    else if (b->n_ids > 0)
        bulk_set_collected(b);
    else
        bulk_set_collect(b);
}

void bulk_run_writable(struct rpc_call *call)
{
    struct bulk *b = rpc_call_data(call);
    if (!b || !b->blocked || b->busy)
        return;
    b->blocked = false;
    bulk_page_next(b);
}

void bulk_run_cancel(struct rpc_call *call)
{
    struct bulk *b = rpc_call_data(call);
    if (!b)
        return;
    rpc_call_set_data(call, NULL);
    b->lost = true;
    if (!b->busy)
        bulk_free(b);
}
