/* SPDX-License-Identifier: MIT */
/*
 * The pages of a bulk run: the next items of the set, what of them happened before, the cases, the gate, the writes, and an
 * answer for each. The key of an item is made from the run's id and the case's, so whoever takes a broken run up does nothing
 * twice.
 */
#include "server/service/bulk_impl.h"

#include <sodium.h>
#include <string.h>

#include "server/db/result.h"
#include "server/domain/number.h"
#include "server/service/audit.h"
#include "server/service/case_view.h"
#include "server/service/item_status.h"
#include "sql.h"

struct bulk_item {
    struct bulk *b;
    struct uuid case_id;
    struct uuid key;
    const struct case_row *row; /* NULL: not the caller's to see */
    bool known;                 /* it happened in an earlier run */
    int64_t version;
    enum case_state state;
    struct err failed;
    struct case_row after;
    struct event_write event;
    struct case_write write;
};

static struct uuid key_of(const struct bulk *b, const struct uuid *case_id)
{
    uint8_t in[32], hash[16];
    memcpy(in, b->id.bytes, 16);
    memcpy(in + 16, case_id->bytes, 16);
    (void)crypto_generichash(hash, sizeof hash, in, sizeof in, NULL, 0);
    return uuid_from_hash(hash);
}

static bool answer_item(struct bulk *b, const struct bulk_item *it)
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

/* Every item of the page is decided. */
static void page_done(struct bulk *b)
{
    if (b->writing > 0)
        return;
    b->busy = false;
    if (b->lost) {
        bulk_note_progress(b);
        bulk_free(b);
        return;
    }
    for (int i = 0; i < b->n_items; i++)
        b->blocked = !answer_item(b, &b->items[i]);
    if (b->position >= b->total || b->n_items == 0) {
        bulk_end(b);
        return;
    }
    bulk_note_progress(b);
    if (!b->blocked)
        bulk_page_next(b);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct bulk_item *it = arg;
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

static void decide(struct bulk *b, struct bulk_item *it)
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
    case_row_set_handler(&it->after, before, now, b->who->actor.name);
    it->event.request_id = it->key;
    it->event.request_hash = b->hash;
    it->event.happened_at = gate_happened_at(&act, now, env.now);
    it->event.arrived_at = USEC_NONE;
    event_write_step(&it->event, &b->who->actor, &act, before, now);
    it->event.receiver = view_receiver(b->page, b->dir, &act, before, now);
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
    if (bulk_step_failed(b, e))
        return;
    policy_view_of(&b->who->actor, &view);
    b->writing++; /* so that the page does not end before it was gone through */
    for (int i = 0; i < b->n_items; i++) {
        struct bulk_item *it = &b->items[i];
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

static int param_keys(struct bulk *b, struct db_params *p)
{
    struct db_array *list = db_array_create(b->page, DB_OID_UUID, b->n_items);
    for (int i = 0; list && i < b->n_items; i++)
        db_array_bytes(list, b->items[i].key.bytes, sizeof b->items[i].key.bytes);
    return list ? db_param_array(p, list) : ERR_NOMEM;
}

static void read_cases(struct bulk *b)
{
    struct uuid ids[BULK_PAGE_ITEMS];
    struct err e;
    for (int i = 0; i < b->n_items; i++)
        ids[i] = b->items[i].case_id;
    if (case_store_get_many(b->ctx->db, service_scope(b->call), ids, b->n_items, b->page, USEC_NONE, on_cases, b, &e))
        bulk_fail(b, &e);
}

static void on_known(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    if (bulk_step_failed(b, e))
        return;
    for (int r = 0; r < PQntuples(res); r++) {
        struct uuid key = db_get_uuid(res, r, 0);
        for (int i = 0; i < b->n_items; i++) {
            struct bulk_item *it = &b->items[i];
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
    if (param_keys(b, &p)) {
        bulk_fail_nomem(b);
        return;
    }
    /* By keys only this account's run can have made; the answer holds no case. */
    if (db_query(b->ctx->db, &db_scope_system, &sql_bulk_known, &p, USEC_NONE, on_known, b, &e))
        bulk_fail(b, &e);
}

static void on_items(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    if (bulk_step_failed(b, e))
        return;
    b->n_items = PQntuples(res);
    for (int i = 0; i < b->n_items; i++)
        b->items[i].case_id = db_get_uuid(res, i, 0);
    run_page(b);
}

void bulk_page_next(struct bulk *b)
{
    struct db_params p;
    struct err e;
    arena_reset(b->page);
    b->busy = true;
    b->n_items = 0;
    b->items = arena_zalloc(b->page, BULK_PAGE_ITEMS * sizeof *b->items);
    if (!b->items) {
        bulk_fail_nomem(b);
        return;
    }
    if (b->dry) {
        for (; b->n_items < BULK_PAGE_ITEMS && b->position + b->n_items < b->n_ids; b->n_items++)
            b->items[b->n_items].case_id = b->ids[b->position + b->n_items];
        run_page(b);
        return;
    }
    db_params_init(&p);
    bulk_param_uuid(&p, &b->id);
    db_param_i64(&p, b->position);
    db_param_i64(&p, BULK_PAGE_ITEMS);
    /* The ids of the caller's own run; the cases behind them are read in his scope. */
    if (db_query(b->ctx->db, &db_scope_system, &sql_bulk_items, &p, USEC_NONE, on_items, b, &e))
        bulk_fail(b, &e);
}

void bulk_pages_start(struct bulk *b)
{
    Wangge__V1__RunBulkResponse r = WANGGE__V1__RUN_BULK_RESPONSE__INIT;
    Wangge__V1__BulkStart s = WANGGE__V1__BULK_START__INIT;
    s.total = b->total;
    s.resumed = b->resumed;
    r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_START;
    r.start = &s;
    (void)rpc_send(b->call, &r.base);
    bulk_page_next(b);
}
