/* SPDX-License-Identifier: MIT */
/*
 * RunBulk: one action on many cases, each through the gate with a result of its own.
 *
 * Life: COLLECT (the ids as given, or page by page what the filter finds) -> BEGIN (the run is there, new or found) -> FILL
 * (its set is written, at most once) -> PAGE after PAGE: items, what of them happened before, the cases, the gate, the writes,
 * the answers -> END. A dry run goes from COLLECT to its pages and writes nothing. The key of an item is made from the run's id
 * and the case's, so whoever takes a broken run up does nothing twice.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "server/db/result.h"
#include "server/service/audit.h"
#include "server/service/bulk_methods.h"
#include "server/service/case_filter.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/item_status.h"
#include "server/domain/number.h"
#include "sql.h"

static const char WHY[] = "bulk";

enum {
    BULK_MAX = 100000,
    MARKED_MAX = 10000,
    PAGE_ITEMS = 200,
    COLLECT_PAGE = 500,
    FILL_ITEMS = 5000,
    PAGE_MEMORY = 8 * 1024 * 1024,
    OID_UUID = 2950,
};

struct item {
    struct bulk *b;
    struct uuid case_id;
    struct uuid key;
    const struct case_row *row; /* NULL: not the caller's to see */
    bool known;                 /* it happened in an earlier run */
    bool done;
    int64_t version;
    enum case_state state;
    struct err failed;
    struct case_row after;
    struct event_write event;
    struct case_write write;
};

struct bulk {
    struct rpc_call *call; /* held while this lives */
    struct service_ctx *ctx;
    struct directory *dir;
    const struct principal *who;
    struct act_request act;
    int64_t hash;
    struct uuid id;
    bool dry;
    bool resumed;
    struct case_query query;
    struct uuid *ids; /* the set; owned; NULL while it is read from the run */
    int n_ids, cap_ids;
    int total;
    int position; /* of the last item answered */
    int filled;
    struct arena *page;
    struct item *items;
    int n_items;
    int writing;
    int32_t done, failed;
    bool blocked, lost, busy;
};

static void next_page(struct bulk *b);

static void bulk_free(struct bulk *b)
{
    struct rpc_call *call = b->call;
    rpc_call_set_data(call, NULL);
    arena_destroy(b->page);
    free(b->ids);
    free(b);
    rpc_call_unref(call, WHY);
}

static void fail(struct bulk *b, const struct err *e)
{
    rpc_call_set_data(b->call, NULL);
    rpc_fail(b->call, e);
    bulk_free(b);
}

static void fail_nomem(struct bulk *b)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this run. Take it up again with the same bulk_id.");
    fail(b, &e);
}

static void param_uuid(struct db_params *p, const struct uuid *u)
{
    db_param_binary(p, u->bytes, sizeof u->bytes);
}

static bool add_id(struct bulk *b, const struct uuid *id)
{
    if (b->n_ids == b->cap_ids) {
        int cap = b->cap_ids ? b->cap_ids * 2 : 1024;
        struct uuid *ids = realloc(b->ids, (size_t)cap * sizeof *ids);
        if (!ids)
            return false;
        b->ids = ids;
        b->cap_ids = cap;
    }
    b->ids[b->n_ids++] = *id;
    return true;
}

/* Items --------------------------------------------------------------------------------------------------------------- */

static struct uuid key_of(const struct bulk *b, const struct uuid *case_id)
{
    uint8_t in[32], hash[16];
    memcpy(in, b->id.bytes, 16);
    memcpy(in + 16, case_id->bytes, 16);
    (void)crypto_generichash(hash, sizeof hash, in, sizeof in, NULL, 0);
    return uuid_from_hash(hash);
}

static bool answer_item(struct bulk *b, const struct item *it)
{
    Wangge__V1__RunBulkResponse r = WANGGE__V1__RUN_BULK_RESPONSE__INIT;
    Wangge__V1__BulkItem v = WANGGE__V1__BULK_ITEM__INIT;
    Wangge__V1__BulkOk ok = WANGGE__V1__BULK_OK__INIT;
    char id[UUID_TEXT_LEN + 1], number[NUMBER_TEXT_SIZE] = "";
    uuid_format(&it->case_id, id);
    if (it->row)
        number_format(it->row->snap.number, number);
    v.position = ++b->position;
    v.case_id = id;
    v.number = number;
    if (it->failed.code) {
        v.result_case = WANGGE__V1__BULK_ITEM__RESULT_ERROR;
        v.error = item_status(b->page, &it->failed);
        b->failed++;
    } else {
        ok.version = it->version;
        ok.state = (Wangge__V1__CaseState)it->state;
        ok.replayed = it->known;
        v.result_case = WANGGE__V1__BULK_ITEM__RESULT_OK;
        v.ok = &ok;
        b->done++;
    }
    r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_RESULT;
    r.result = &v;
    return rpc_send(b->call, &r.base);
}

static void on_progress(void *arg, const PGresult *res, const struct err *e)
{
    rpc_call_unref(arg, "bulk progress");
}

static int put_progress(struct bulk *b, bool finished, db_result_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, &b->id);
    db_param_i64(&p, b->done);
    db_param_i64(&p, b->failed);
    db_param_time(&p, finished ? b->ctx->clock->now(b->ctx->clock) : USEC_NONE);
    return db_execute(b->ctx->db, &sql_bulk_progress, &p, USEC_NONE, fn, arg, e);
}

/* Best effort: what counts is in the events. */
static void note_progress(struct bulk *b)
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
static void end_run(struct bulk *b)
{
    struct err e;
    b->busy = true;
    if (b->dry || put_progress(b, true, on_finished, b, &e))
        send_summary(b);
}

/* Every item of the page is decided. */
static void page_done(struct bulk *b)
{
    if (b->writing > 0)
        return;
    b->busy = false;
    if (b->lost) {
        note_progress(b);
        bulk_free(b);
        return;
    }
    for (int i = 0; i < b->n_items; i++)
        b->blocked = !answer_item(b, &b->items[i]);
    if (b->position >= b->total || b->n_items == 0) {
        end_run(b);
        return;
    }
    note_progress(b);
    if (!b->blocked)
        next_page(b);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct item *it = arg;
    struct bulk *b = it->b;
    if (e->code == ERR_CONFLICT)
        (void)err_set(&it->failed, ERR_CONFLICT, "The case changed meanwhile; run it again for this case.");
    else if (e->code)
        it->failed = *e;
    it->version = version;
    it->known = replayed;
    b->writing--;
    page_done(b);
}

static const char *receiver_text(struct bulk *b, const struct act *act, const struct item *it)
{
    struct gate_receiver r;
    gate_receiver_of(act, &it->row->snap, &it->after.snap, &r);
    const struct dir_organ *organ = r.organ_id ? directory_organ_by_id(b->dir, r.organ_id) : NULL;
    if (organ)
        return organ->code;
    return uuid_is_nil(&r.account) ? NULL : view_uuid(b->page, &r.account);
}

static void decide(struct bulk *b, struct item *it)
{
    struct gate_env env = view_gate_env(b->ctx, b->dir, false);
    struct gate_refusal why;
    struct act act = b->act.act;
    char object[UUID_TEXT_LEN + 1];
    act.expected_version = it->row->snap.version;
    it->after = *it->row;
    if (gate_decide(&env, &b->who->actor, &it->row->snap, &act, &it->after.snap, &why)) {
        request_refusal_err(&why, &it->failed);
        uuid_format(&it->case_id, object);
        audit_if_denied(b->call, &it->failed, object);
        return;
    }
    const struct case_snap *before = &it->row->snap, *now = &it->after.snap;
    it->state = now->state;
    it->version = now->version;
    if (b->dry)
        return;
    if (uuid_is_nil(&now->handler))
        it->after.handler_name = NULL;
    else if (!uuid_equal(&now->handler, &before->handler))
        it->after.handler_name = b->who->actor.name;
    it->event.request_id = it->key;
    it->event.request_hash = b->hash;
    it->event.happened_at = gate_happened_at(&act, now, env.now);
    it->event.arrived_at = USEC_NONE;
    event_write_step(&it->event, &b->who->actor, &act, before, now);
    it->event.receiver = receiver_text(b, &act, it);
    it->write = (struct case_write){
        .db = b->ctx->db,
        .clock = b->ctx->clock,
        .expected = before->version,
        .after = &it->after,
        .n_events = 1,
        .events = &it->event,
        .fn = on_written,
        .arg = it,
    };
    it->write.write.deadline = USEC_NONE;
    if (case_store_write(&it->write, &it->failed) == 0)
        b->writing++;
}

static void on_cases(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct bulk *b = arg;
    struct policy_view view;
    policy_view_of(&b->who->actor, &view);
    if (e->code) {
        struct err failed = *e;
        b->busy = false;
        if (b->lost)
            bulk_free(b);
        else
            fail(b, &failed);
        return;
    }
    b->writing++; /* so that the page does not end before it was gone through */
    for (int i = 0; i < b->n_items && !b->lost; i++) {
        struct item *it = &b->items[i];
        for (int k = 0; k < n; k++)
            if (uuid_equal(&rows[k].snap.id, &it->case_id) && policy_sees(&view, &rows[k].snap))
                it->row = &rows[k];
        if (it->known)
            continue;
        if (it->row)
            decide(b, it);
        else
            (void)err_set(&it->failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    b->writing--;
    page_done(b);
}

static int page_array(struct bulk *b, struct db_params *p, bool keys)
{
    struct db_array *list = db_array_create(b->page, OID_UUID, b->n_items);
    for (int i = 0; list && i < b->n_items; i++) {
        const struct uuid *u = keys ? &b->items[i].key : &b->items[i].case_id;
        db_array_bytes(list, u->bytes, sizeof u->bytes);
    }
    return list ? db_param_array(p, list) : ERR_NOMEM;
}

static void read_cases(struct bulk *b)
{
    struct uuid ids[PAGE_ITEMS];
    struct err e;
    for (int i = 0; i < b->n_items; i++)
        ids[i] = b->items[i].case_id;
    if (case_store_get_many(b->ctx->db, service_scope(b->call), ids, b->n_items, b->page, USEC_NONE, on_cases, b, &e))
        fail(b, &e);
}

static void on_known(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    struct err failed = *e;
    if (b->lost || failed.code) {
        b->busy = false;
        if (b->lost)
            bulk_free(b);
        else
            fail(b, &failed);
        return;
    }
    for (int r = 0; r < PQntuples(res); r++) {
        struct uuid key = db_get_uuid(res, r, 0);
        for (int i = 0; i < b->n_items; i++) {
            struct item *it = &b->items[i];
            if (!uuid_equal(&it->key, &key))
                continue;
            it->known = true;
            it->version = db_get_i64(res, r, 1);
            it->state = (enum case_state)db_get_i32(res, r, 2);
        }
    }
    read_cases(b);
}

/* The page's cases are known: what of them happened before, then the cases themselves. */
static void run_page(struct bulk *b)
{
    struct db_params p;
    struct err e;
    if (b->n_items == 0) {
        page_done(b);
        return;
    }
    for (int i = 0; i < b->n_items; i++) {
        b->items[i].b = b;
        b->items[i].key = key_of(b, &b->items[i].case_id);
    }
    if (b->dry) {
        read_cases(b);
        return;
    }
    db_params_init(&p);
    if (page_array(b, &p, true)) {
        fail_nomem(b);
        return;
    }
    /* By keys only this account's run can have made; the answer holds no case. */
    if (db_query(b->ctx->db, &db_scope_system, &sql_bulk_known, &p, USEC_NONE, on_known, b, &e))
        fail(b, &e);
}

static void on_items(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    struct err failed = *e;
    if (b->lost || failed.code) {
        b->busy = false;
        if (b->lost)
            bulk_free(b);
        else
            fail(b, &failed);
        return;
    }
    b->n_items = PQntuples(res);
    for (int i = 0; i < b->n_items; i++)
        b->items[i].case_id = db_get_uuid(res, i, 0);
    run_page(b);
}

static void next_page(struct bulk *b)
{
    struct db_params p;
    struct err e;
    arena_reset(b->page);
    b->busy = true;
    b->n_items = 0;
    b->items = arena_zalloc(b->page, PAGE_ITEMS * sizeof *b->items);
    if (!b->items) {
        fail_nomem(b);
        return;
    }
    if (b->dry) {
        for (; b->n_items < PAGE_ITEMS && b->position + b->n_items < b->n_ids; b->n_items++)
            b->items[b->n_items].case_id = b->ids[b->position + b->n_items];
        run_page(b);
        return;
    }
    db_params_init(&p);
    param_uuid(&p, &b->id);
    db_param_i64(&p, b->position);
    db_param_i64(&p, PAGE_ITEMS);
    /* The ids of the caller's own run; the cases behind them are read in his scope. */
    if (db_query(b->ctx->db, &db_scope_system, &sql_bulk_items, &p, USEC_NONE, on_items, b, &e))
        fail(b, &e);
}

/* Beginning ------------------------------------------------------------------------------------------------------------ */

static void start_pages(struct bulk *b)
{
    Wangge__V1__RunBulkResponse r = WANGGE__V1__RUN_BULK_RESPONSE__INIT;
    Wangge__V1__BulkStart s = WANGGE__V1__BULK_START__INIT;
    s.total = b->total;
    s.resumed = b->resumed;
    r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_START;
    r.start = &s;
    (void)rpc_send(b->call, &r.base);
    next_page(b);
}

static bool step_failed(struct bulk *b, const struct err *e)
{
    struct err failed = *e;
    b->busy = false;
    if (b->lost)
        bulk_free(b);
    else if (failed.code)
        fail(b, &failed);
    else
        return false;
    return true;
}

static void on_ready(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    if (!step_failed(b, e))
        start_pages(b);
}

static void fill(struct bulk *b);

static void on_filled(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    if (!step_failed(b, e))
        fill(b);
}

/* Writes the set down, piece by piece. */
static void fill(struct bulk *b)
{
    struct db_params p;
    struct err e;
    int n = b->n_ids - b->filled < FILL_ITEMS ? b->n_ids - b->filled : FILL_ITEMS;
    db_params_init(&p);
    param_uuid(&p, &b->id);
    b->busy = true;
    arena_reset(b->page);
    if (n == 0) {
        b->total = b->n_ids;
        db_param_i64(&p, b->n_ids);
        if (db_execute(b->ctx->db, &sql_bulk_ready, &p, USEC_NONE, on_ready, b, &e))
            fail(b, &e);
        return;
    }
    db_param_i64(&p, b->filled + 1);
    struct db_array *list = db_array_create(b->page, OID_UUID, n);
    for (int i = 0; list && i < n; i++)
        db_array_bytes(list, b->ids[b->filled + i].bytes, sizeof b->ids[0].bytes);
    b->filled += n;
    if (!list || db_param_array(&p, list))
        fail_nomem(b);
    else if (db_execute(b->ctx->db, &sql_bulk_fill, &p, USEC_NONE, on_filled, b, &e))
        fail(b, &e);
}

static void collect(struct bulk *b);

static void on_begun(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    struct err failed = *e;
    if (!failed.code && !db_get_bool(res, 0, 0))
        (void)err_set(&failed, ERR_EXISTS, "This bulk_id was used with another body. Make a new one.");
    if (step_failed(b, &failed))
        return;
    if (db_get_bool(res, 0, 1)) {
        b->resumed = true;
        b->total = db_get_i32(res, 0, 2);
        start_pages(b);
    } else if (b->n_ids > 0) {
        fill(b);
    } else {
        collect(b);
    }
}

static void begin(struct bulk *b)
{
    struct db_params p;
    struct err e;
    db_params_init(&p);
    param_uuid(&p, &b->id);
    param_uuid(&p, &b->who->actor.account);
    db_param_i64(&p, b->hash);
    db_param_i64(&p, b->act.act.action);
    db_param_time(&p, b->ctx->clock->now(b->ctx->clock));
    b->busy = true;
    if (db_execute(b->ctx->db, &sql_bulk_begin, &p, USEC_NONE, on_begun, b, &e))
        fail(b, &e);
}

static void collected(struct bulk *b)
{
    if (b->dry) {
        b->total = b->n_ids;
        start_pages(b);
    } else {
        fill(b);
    }
}

static void on_collected(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct bulk *b = arg;
    struct err failed = *e;
    for (int i = 0; !failed.code && i < n; i++) {
        if (b->n_ids == BULK_MAX)
            (void)err_field(&failed, ERR_INVALID, "filter", "The filter finds more than %d cases; make it narrower.", BULK_MAX);
        else if (!add_id(b, &rows[i].snap.id))
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this run. Try again later.");
    }
    if (step_failed(b, &failed))
        return;
    if (n < COLLECT_PAGE) {
        collected(b);
        return;
    }
    b->query.has_after = true;
    b->query.after_day = rows[n - 1].cohort_day;
    b->query.after_due = rows[n - 1].snap.due_at;
    b->query.after_id = rows[n - 1].snap.id;
    collect(b);
}

static void collect(struct bulk *b)
{
    struct err e;
    arena_reset(b->page);
    b->busy = true;
    b->query.limit = COLLECT_PAGE;
    if (case_store_list(b->ctx->db, service_scope(b->call), &b->query, b->page, USEC_NONE, on_collected, b, &e))
        fail(b, &e);
}

/* Decoding ------------------------------------------------------------------------------------------------------------- */

static int take_marked(struct bulk *b, const Wangge__V1__RunBulkRequest *req, struct err *e)
{
    if (req->n_case_ids > MARKED_MAX)
        return err_field(e, ERR_INVALID, "case_ids", "At most %d marked cases in one run; use a filter for more.", MARKED_MAX);
    for (size_t i = 0; i < req->n_case_ids; i++) {
        struct uuid id;
        if (!uuid_parse(req->case_ids[i], &id))
            return err_field(e, ERR_INVALID, "case_ids", "Item %zu is no UUID.", i + 1);
        bool twice = false;
        for (int k = 0; k < b->n_ids && !twice; k++)
            twice = uuid_equal(&b->ids[k], &id);
        if (!twice && !add_id(b, &id))
            return err_set(e, ERR_NOMEM, "The server is out of memory for this run. Try again later.");
    }
    return 0;
}

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
    if (!rc && (b->act.act.action == ACT_MERGE || b->act.evidence.n > 0))
        rc = err_field(e, ERR_INVALID, "act", "Merging and evidence belong to one case at a time.");
    if (!rc)
        rc = take_marked(b, req, e);
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
        fail(b, &e);
        return;
    }
    rpc_call_set_data(call, b);
    if (!b->dry)
        begin(b);
    else if (b->n_ids > 0)
        collected(b);
    else
        collect(b);
}

void bulk_run_writable(struct rpc_call *call)
{
    struct bulk *b = rpc_call_data(call);
    if (!b || !b->blocked || b->busy)
        return;
    b->blocked = false;
    next_page(b);
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
