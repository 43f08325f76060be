/* SPDX-License-Identifier: MIT */
/* The read half of case_store.h. */
#include "server/store/case_store.h"

#include "server/db/result.h"
#include "common/base/log.h"
#include "server/store/case_text.h"
#include "sql.h"

/* What a callback needs once the rows are here; lives in the caller's arena. */
struct get_request {
    struct arena *arena;
    case_get_fn fn;
    void *arg;
};

static void on_case(void *arg, const PGresult *res, const struct err *e)
{
    struct get_request *g = arg;
    if (e->code || PQntuples(res) == 0) {
        g->fn(g->arg, NULL, e);
        return;
    }
    struct err failed = {0};
    struct case_row *row = arena_alloc(g->arena, sizeof *row);
    if (!row)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    else if (case_row_read(res, 0, g->arena, row, &failed))
        row = NULL;
    g->fn(g->arg, row, &failed);
}

static int get(struct db *db, const struct db_scope *scope, const struct db_stmt *stmt, const struct db_params *p,
               struct arena *a, usec_t deadline, case_get_fn fn, void *arg, struct err *e)
{
    struct get_request *g = arena_alloc(a, sizeof *g);
    if (!g)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    *g = (struct get_request){.arena = a, .fn = fn, .arg = arg};
    return db_query(db, scope, stmt, p, deadline, on_case, g, e);
}

int case_store_get(struct db *db, const struct db_scope *scope, const struct uuid *id, struct arena *a, usec_t deadline,
                   case_get_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    db_param_binary(&p, id->bytes, sizeof id->bytes);
    return get(db, scope, &sql_case_get, &p, a, deadline, fn, arg, e);
}

int case_store_get_by_number(struct db *db, const struct db_scope *scope, int64_t number, struct arena *a, usec_t deadline,
                             case_get_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, number);
    return get(db, scope, &sql_case_get_number, &p, a, deadline, fn, arg, e);
}

struct rows_request {
    struct arena *arena;
    case_rows_fn on_cases;
    event_rows_fn on_events;
    link_rows_fn on_links;
    case_count_fn on_count;
    void *arg;
    bool keeps_unreadable;
};

static struct rows_request *rows_request_create(struct arena *a, void *arg, struct err *e)
{
    struct rows_request *r = arena_zalloc(a, sizeof *r);
    if (!r) {
        (void)err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        return NULL;
    }
    r->arena = a;
    r->arg = arg;
    return r;
}

static void on_cases(void *arg, const PGresult *res, const struct err *e)
{
    struct rows_request *r = arg;
    if (e->code) {
        r->on_cases(r->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    struct case_row *rows = arena_alloc(r->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
    for (int i = 0; rows && i < n; i++) {
        rows[i].unreadable = false;
        if (case_row_read(res, i, r->arena, &rows[i], &failed) == 0)
            continue;
        if (!rows[i].unreadable || !r->keeps_unreadable)
            break;
        failed = (struct err){0};
        log_event(LOG_ERROR, "case.unreadable", LOG_I("number", rows[i].snap.number), LOG_I("version", rows[i].snap.version),
                  LOG_END);
    }
    r->on_cases(r->arg, rows, failed.code ? 0 : n, &failed);
}

static int get_many(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, bool keeps_unreadable,
                    struct arena *a, usec_t deadline, case_rows_fn fn, void *arg, struct err *e)
{
    struct rows_request *r = rows_request_create(a, arg, e);
    if (!r)
        return ERR_NOMEM;
    r->on_cases = fn;
    r->keeps_unreadable = keeps_unreadable;
    struct db_array *list = db_array_create(a, DB_OID_UUID, n);
    for (int i = 0; i < n; i++)
        db_array_bytes(list, ids[i].bytes, sizeof ids[i].bytes);
    struct db_params p;
    db_params_init(&p);
    if (db_param_array(&p, list))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    return db_query(db, scope, &sql_case_get_many, &p, deadline, on_cases, r, e);
}

int case_store_get_many(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, struct arena *a,
                        usec_t deadline, case_rows_fn fn, void *arg, struct err *e)
{
    return get_many(db, scope, ids, n, false, a, deadline, fn, arg, e);
}

int case_store_get_due(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, struct arena *a,
                       usec_t deadline, case_rows_fn fn, void *arg, struct err *e)
{
    return get_many(db, scope, ids, n, true, a, deadline, fn, arg, e);
}

void case_query_init(struct case_query *q)
{
    *q = (struct case_query){
        .span = region_span_all(),
        .n_categories = -1,
        .reported_from = USEC_NONE,
        .reported_to = USEC_NONE,
        .due_before = USEC_NONE,
        .after_due = USEC_NONE,
        .limit = 50,
    };
}

static void param_uuid(struct db_params *p, const struct uuid *u)
{
    if (uuid_is_nil(u))
        db_param_null(p);
    else
        db_param_binary(p, u->bytes, sizeof u->bytes);
}

static void param_id(struct db_params *p, int32_t id)
{
    if (id == 0)
        db_param_null(p);
    else
        db_param_i64(p, id);
}

/* The filter: parameters $1 to $15 of case_list and case_count. */
static int put_filter(struct db_params *p, const struct case_query *q, struct arena *a, struct err *e)
{
    struct db_array *states = NULL;
    if (q->states) {
        states = db_array_create(a, DB_OID_INT2, STATE_COUNT);
        for (int s = 1; s < STATE_COUNT; s++) {
            if (q->states & STATE_BIT(s))
                db_array_i16(states, (int16_t)s);
        }
        if (db_param_array(p, states))
            goto nomem;
    } else {
        db_param_null(p);
    }
    db_param_i64(p, q->span.lo);
    db_param_i64(p, q->span.hi);
    if (q->n_categories >= 0) {
        struct db_array *categories = db_array_create(a, DB_OID_INT2, q->n_categories);
        for (int i = 0; i < q->n_categories; i++)
            db_array_i16(categories, q->category_ids[i]);
        if (db_param_array(p, categories))
            goto nomem;
    } else {
        db_param_null(p);
    }
    param_id(p, q->organ_id);
    db_param_time(p, q->reported_from);
    db_param_time(p, q->reported_to);
    db_param_time(p, q->due_before);
    db_param_text(p, q->text);
    param_uuid(p, &q->reporter);
    param_id(p, q->seen_by_organ);
    param_id(p, (int32_t)q->cards);
    int32_t pending = 0; /* as approval_bits writes them: three bits a kind */
    for (int k = 1; k < APPROVAL_COUNT; k++)
        pending |= q->pending & 1u << k ? 7 << (3 * (k - 1)) : 0;
    param_id(p, pending);
    param_id(p, q->source_id);
    param_uuid(p, &q->worker);
    return 0;
nomem:
    return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
}

/* Six parameters of case_list_found and case_count_found. */
static int put_candidates(struct db_params *p, const struct case_candidates *among, struct arena *a, struct err *e)
{
    struct db_array *ids = db_array_create(a, DB_OID_UUID, among->n_ids);
    for (int i = 0; ids && i < among->n_ids; i++)
        db_array_bytes(ids, among->ids[i].bytes, sizeof among->ids[i].bytes);
    if (!ids || db_param_array(p, ids))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (among->oldest_day == DAY_NONE)
        db_param_null(p);
    else
        db_param_date(p, among->oldest_day);
    if (among->newest_day == DAY_NONE)
        db_param_null(p);
    else
        db_param_date(p, among->newest_day);
    if (search_store_put_places(p, a, among->places, among->n_places))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    return 0;
}

int case_read_list(struct db *db, const struct db_scope *scope, const struct case_query *q, const struct case_candidates *among,
                   struct arena *work, struct arena *a, usec_t deadline, case_rows_fn fn, void *arg, struct err *e)
{
    struct rows_request *r = rows_request_create(a, arg, e);
    if (!r)
        return ERR_NOMEM;
    r->on_cases = fn;
    struct db_params p;
    db_params_init(&p);
    int rc = put_filter(&p, q, work, e);
    if (rc)
        return rc;
    db_param_i64(&p, q->by_due ? 2 : 1);
    if (q->has_after) {
        db_param_date(&p, q->after_day);
        db_param_time(&p, q->after_due);
        db_param_binary(&p, q->after_id.bytes, sizeof q->after_id.bytes);
    } else {
        db_param_null(&p);
        db_param_null(&p);
        db_param_null(&p);
    }
    db_param_i64(&p, q->limit);
    if (among && put_candidates(&p, among, work, e))
        return e->code;
    return db_query(db, scope, among ? &sql_case_list_found : &sql_case_list, &p, deadline, on_cases, r, e);
}

int case_store_list(struct db *db, const struct db_scope *scope, const struct case_query *q, struct arena *a, usec_t deadline,
                    case_rows_fn fn, void *arg, struct err *e)
{
    if (q->text && case_text_is_indexed(q->text))
        return case_text_list(db, scope, q, a, deadline, fn, arg, e);
    return case_read_list(db, scope, q, NULL, a, a, deadline, fn, arg, e);
}

static void on_count(void *arg, const PGresult *res, const struct err *e)
{
    struct rows_request *r = arg;
    r->on_count(r->arg, e->code ? 0 : db_get_i32(res, 0, 0), e);
}

int case_read_count(struct db *db, const struct db_scope *scope, const struct case_query *q,
                    const struct case_candidates *among, int32_t up_to, struct arena *work, struct arena *a, usec_t deadline,
                    case_count_fn fn, void *arg, struct err *e)
{
    struct rows_request *r = rows_request_create(a, arg, e);
    if (!r)
        return ERR_NOMEM;
    r->on_count = fn;
    struct db_params p;
    db_params_init(&p);
    int rc = put_filter(&p, q, work, e);
    if (rc)
        return rc;
    db_param_i64(&p, up_to);
    if (among && put_candidates(&p, among, work, e))
        return e->code;
    return db_query(db, scope, among ? &sql_case_count_found : &sql_case_count, &p, deadline, on_count, r, e);
}

int case_store_count(struct db *db, const struct db_scope *scope, const struct case_query *q, int32_t up_to, struct arena *a,
                     usec_t deadline, case_count_fn fn, void *arg, struct err *e)
{
    if (q->text && case_text_is_indexed(q->text))
        return case_text_count(db, scope, q, up_to, a, deadline, fn, arg, e);
    return case_read_count(db, scope, q, NULL, up_to, a, a, deadline, fn, arg, e);
}

static void on_events(void *arg, const PGresult *res, const struct err *e)
{
    struct rows_request *r = arg;
    if (e->code) {
        r->on_events(r->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    struct event_row *rows = arena_alloc(r->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
    for (int i = 0; rows && i < n; i++) {
        if (event_row_read(res, i, r->arena, &rows[i], &failed))
            break;
    }
    r->on_events(r->arg, rows, failed.code ? 0 : n, &failed);
}

int case_store_events(struct db *db, const struct db_scope *scope, const struct uuid *case_id, int64_t after_version, int limit,
                      struct arena *a, usec_t deadline, event_rows_fn fn, void *arg, struct err *e)
{
    struct rows_request *r = rows_request_create(a, arg, e);
    if (!r)
        return ERR_NOMEM;
    r->on_events = fn;
    struct db_params p;
    db_params_init(&p);
    db_param_binary(&p, case_id->bytes, sizeof case_id->bytes);
    db_param_i64(&p, after_version);
    db_param_i64(&p, limit);
    return db_query(db, scope, &sql_case_events, &p, deadline, on_events, r, e);
}

static void on_links(void *arg, const PGresult *res, const struct err *e)
{
    struct rows_request *r = arg;
    if (e->code) {
        r->on_links(r->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    struct link_row *rows = arena_alloc(r->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
    for (int i = 0; rows && i < n; i++)
        rows[i] = (struct link_row){
            .case_id = db_get_uuid(res, i, 0), .number = db_get_i64(res, i, 1), .merged_at = db_get_time(res, i, 2)};
    r->on_links(r->arg, rows, rows ? n : 0, &failed);
}

int case_store_links(struct db *db, const struct db_scope *scope, const struct uuid *lead, int limit, struct arena *a,
                     usec_t deadline, link_rows_fn fn, void *arg, struct err *e)
{
    struct rows_request *r = rows_request_create(a, arg, e);
    if (!r)
        return ERR_NOMEM;
    r->on_links = fn;
    struct db_params p;
    db_params_init(&p);
    db_param_binary(&p, lead->bytes, sizeof lead->bytes);
    db_param_i64(&p, limit);
    return db_query(db, scope, &sql_case_links, &p, deadline, on_links, r, e);
}
