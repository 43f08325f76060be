/* SPDX-License-Identifier: MIT */
#include "server/store/search_store.h"

#include "server/db/result.h"
#include "sql.h"

/* What a callback needs once the answer is here; lives in the caller's arena. */
struct ask {
    struct arena *arena;
    void *arg;
    case_rows_fn on_cases;
    search_span_fn on_span;
    search_window_fn on_window;
    search_days_fn on_days;
    search_behind_fn on_behind;
    search_generation_fn on_generation;
};

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
}

static struct ask *ask_create(struct arena *a, void *arg)
{
    struct ask *k = arena_zalloc(a, sizeof *k);
    if (k) {
        k->arena = a;
        k->arg = arg;
    }
    return k;
}

static void on_cases(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    if (e->code) {
        k->on_cases(k->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    struct case_row *rows = arena_alloc(k->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
    for (int i = 0; rows && i < n; i++) {
        if (case_row_read(res, i, k->arena, &rows[i], &failed))
            break;
    }
    k->on_cases(k->arg, rows, failed.code ? 0 : n, &failed);
}

static int put_i32s(struct db_params *p, struct arena *a, const int32_t *items, int n)
{
    struct db_array *list = db_array_create(a, DB_OID_INT4, n);
    for (int i = 0; list && i < n; i++)
        db_array_i32(list, items[i]);
    return list ? db_param_array(p, list) : ERR_NOMEM;
}

static int put_i16s(struct db_params *p, struct arena *a, const int16_t *items, int n)
{
    struct db_array *list = db_array_create(a, DB_OID_INT2, n);
    for (int i = 0; list && i < n; i++)
        db_array_i16(list, items[i]);
    return list ? db_param_array(p, list) : ERR_NOMEM;
}

static void put_uuid(struct db_params *p, const struct uuid *u)
{
    if (uuid_is_nil(u))
        db_param_null(p);
    else
        db_param_binary(p, u->bytes, sizeof u->bytes);
}

static void put_id(struct db_params *p, int32_t id)
{
    if (id)
        db_param_i64(p, id);
    else
        db_param_null(p);
}

static int put_scope(struct db_params *p, struct arena *a, const struct search_scope *s, int limit)
{
    db_param_i64(p, s->span.lo);
    db_param_i64(p, s->span.hi);
    if (s->states) {
        int16_t states[STATE_COUNT];
        int n = 0;
        for (int i = 0; i < STATE_COUNT; i++) {
            if (s->states & STATE_BIT(i))
                states[n++] = (int16_t)i;
        }
        if (put_i16s(p, a, states, n))
            return ERR_NOMEM;
    } else {
        db_param_null(p);
    }
    put_id(p, s->organ_id);
    put_uuid(p, &s->reporter);
    put_id(p, s->source_id);
    if (s->has_after) {
        db_param_date(p, s->after_day);
        db_param_binary(p, s->after_id.bytes, sizeof s->after_id.bytes);
    } else {
        db_param_null(p);
        db_param_null(p);
    }
    db_param_i64(p, limit);
    return 0;
}

int search_store_tail(struct db *db, const struct search_scope *s, int limit, struct arena *a, usec_t deadline, case_rows_fn fn,
                      void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k || put_scope(&p, a, s, limit))
        return no_memory(e);
    k->on_cases = fn;
    return db_query(db, &s->wall, &sql_search_tail, &p, deadline, on_cases, k, e);
}

static void on_behind(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    if (e->code) {
        k->on_behind(k->arg, NULL, 0, false, 0, e);
        return;
    }
    int rows = PQntuples(res), n = 0;
    struct err failed = {0};
    struct uuid *ids = arena_alloc(k->arena, ((size_t)rows + 1) * sizeof *ids);
    if (!ids)
        (void)no_memory(&failed);
    for (int i = 0; ids && i < rows; i++) {
        if (!db_get_is_null(res, i, 2))
            ids[n++] = db_get_uuid(res, i, 2);
    }
    k->on_behind(k->arg, ids, n, rows > 0 && db_get_i32(res, 0, 1) <= SEARCH_BEHIND_MAX, rows > 0 ? db_get_i64(res, 0, 0) : 0,
                 &failed);
}

int search_store_behind(struct db *db, struct arena *a, usec_t deadline, search_behind_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k)
        return no_memory(e);
    k->on_behind = fn;
    db_param_i64(&p, SEARCH_BEHIND_MAX);
    /* An event tells of its case only where the case was then; ids answer nobody. */
    return db_query(db, &db_scope_system, &sql_search_behind, &p, deadline, on_behind, k, e);
}

static void on_generation(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    k->on_generation(k->arg, e->code || PQntuples(res) == 0 ? 0 : db_get_i64(res, 0, 0), e);
}

int search_store_generation(struct db *db, struct arena *a, usec_t deadline, search_generation_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k)
        return no_memory(e);
    k->on_generation = fn;
    return db_query(db, &db_scope_none, &sql_search_generation, &p, deadline, on_generation, k, e);
}

static void on_span(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    bool none = e->code || PQntuples(res) == 0 || db_get_is_null(res, 0, 0);
    k->on_span(k->arg, none ? 1 : db_get_i32(res, 0, 0), none ? 0 : db_get_i32(res, 0, 1), e);
}

int search_store_span(struct db *db, struct arena *a, usec_t deadline, search_span_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k)
        return no_memory(e);
    k->on_span = fn;
    return db_query(db, &db_scope_none, &sql_search_span, &p, deadline, on_span, k, e);
}

static void on_window(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    if (e->code) {
        k->on_window(k->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    struct search_hit_row *rows = arena_alloc(k->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The search is too wide. Add a word or a smaller region.");
    for (int i = 0; rows && i < n; i++) {
        rows[i] = (struct search_hit_row){
            .segment = db_get_i32(res, i, 0),
            .is_segment = db_get_is_null(res, i, 1),
            .term = db_get_i32(res, i, 1),
            .slots = db_get_i32(res, i, 3),
        };
        rows[i].data = db_get_bytes(res, i, 2, &rows[i].len);
    }
    k->on_window(k->arg, rows, failed.code ? 0 : n, &failed);
}

int search_store_window(struct db *db, const int32_t *terms, int n_terms, int32_t from, int32_t to, bool with_segments,
                        struct arena *a, usec_t deadline, search_window_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k || put_i32s(&p, a, terms, n_terms))
        return no_memory(e);
    db_param_i64(&p, from);
    db_param_i64(&p, to);
    db_param_bool(&p, with_segments);
    k->on_window = fn;
    return db_query(db, &db_scope_none, &sql_search_window, &p, deadline, on_window, k, e);
}

static void on_days(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    if (e->code) {
        k->on_days(k->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    struct search_days_row *rows = arena_alloc(k->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)no_memory(&failed);
    for (int i = 0; rows && i < n; i++) {
        rows[i].segment = db_get_i32(res, i, 0);
        rows[i].days = db_get_bytes(res, i, 1, &rows[i].n);
    }
    k->on_days(k->arg, rows, failed.code ? 0 : n, &failed);
}

int search_store_days(struct db *db, const int32_t *segments, int n, struct arena *a, usec_t deadline, search_days_fn fn,
                      void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k || put_i32s(&p, a, segments, n))
        return no_memory(e);
    k->on_days = fn;
    return db_query(db, &db_scope_none, &sql_search_days, &p, deadline, on_days, k, e);
}

int search_store_put_places(struct db_params *p, struct arena *a, const struct search_place *places, int n)
{
    struct db_array *segments = db_array_create(a, DB_OID_INT4, n);
    struct db_array *slots = db_array_create(a, DB_OID_INT2, n);
    struct db_array *days = db_array_create(a, DB_OID_INT4, n);
    if (!segments || !slots || !days)
        return ERR_NOMEM;
    for (int i = 0; i < n; i++) {
        db_array_i32(segments, places[i].segment);
        db_array_i16(slots, places[i].slot);
        db_array_i32(days, places[i].day);
    }
    return db_param_array(p, segments) || db_param_array(p, slots) || db_param_array(p, days) ? ERR_NOMEM : 0;
}

int search_store_fetch(struct db *db, const struct search_place *places, int n, const struct search_scope *s, int limit,
                       struct arena *a, usec_t deadline, case_rows_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_params p;
    db_params_init(&p);
    if (!k || search_store_put_places(&p, a, places, n) || put_scope(&p, a, s, limit))
        return no_memory(e);
    k->on_cases = fn;
    return db_query(db, &s->wall, &sql_search_fetch, &p, deadline, on_cases, k, e);
}

int search_store_similar(struct db *db, const struct similar_query *q, struct arena *a, usec_t deadline, case_rows_fn fn,
                         void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg);
    struct db_array *grids = db_array_create(a, DB_OID_INT8, q->n_grids);
    struct db_params p;
    db_params_init(&p);
    if (!k || !grids || put_i16s(&p, a, q->category_ids, q->n_categories))
        return no_memory(e);
    for (int i = 0; i < q->n_grids; i++)
        db_array_i64(grids, q->grids[i]);
    if (db_param_array(&p, grids))
        return no_memory(e);
    db_param_time(&p, q->from);
    db_param_time(&p, q->to);
    db_param_date(&p, q->from_day);
    db_param_date(&p, q->to_day);
    put_uuid(&p, &q->except);
    db_param_i64(&p, q->scope.span.lo);
    db_param_i64(&p, q->scope.span.hi);
    put_id(&p, q->scope.organ_id);
    put_uuid(&p, &q->scope.reporter);
    put_id(&p, q->scope.source_id);
    db_param_i64(&p, q->limit);
    k->on_cases = fn;
    return db_query(db, &q->scope.wall, &sql_similar_find, &p, deadline, on_cases, k, e);
}
