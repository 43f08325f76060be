/* SPDX-License-Identifier: MIT */
#include "server/store/report_frozen.h"

#include <string.h>

#include "server/db/result.h"
#include "sql.h"

struct ask {
    struct arena *arena;
    union {
        frozen_kept_fn kept;
        frozen_rows_fn rows;
        frozen_parts_fn parts;
        frozen_steps_fn steps;
    } fn;
    void *arg;
};

static const char NOMEM[] = "The server is out of memory for this call. Try again.";

static struct ask *ask_create(struct arena *a, void *arg, struct err *e)
{
    struct ask *k = arena_zalloc(a, sizeof *k);
    if (!k) {
        (void)err_set(e, ERR_NOMEM, "%s", NOMEM);
        return NULL;
    }
    k->arena = a;
    k->arg = arg;
    return k;
}

static void param_uuid(struct db_params *p, const struct uuid *id)
{
    if (uuid_is_nil(id))
        db_param_null(p);
    else
        db_param_binary(p, id->bytes, sizeof id->bytes);
}

static void on_kept(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    k->fn.kept(k->arg, !e->code && db_get_i32(res, 0, 0) == 1, e);
}

int report_frozen_keep(struct db *db, const struct frozen_row *r, const struct frozen_bytes *parts, int n,
                       const struct db_rider *rider, struct arena *a, usec_t deadline, frozen_kept_fn fn, void *arg,
                       struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    struct db_array *bytes = db_array_create(a, DB_OID_BYTEA, n);
    if (!k)
        return ERR_NOMEM;
    k->fn.kept = fn;
    for (int i = 0; i < n; i++)
        db_array_bytes(bytes, parts[i].data, parts[i].len);
    db_params_init(&p);
    param_uuid(&p, &r->id);
    param_uuid(&p, &r->request_id);
    db_param_i64(&p, r->request_hash);
    db_param_text(&p, r->code);
    db_param_binary(&p, r->request.data, r->request.len);
    db_param_i64(&p, r->region);
    db_param_text(&p, r->title);
    db_param_text(&p, r->title_en);
    db_param_time(&p, r->as_of);
    db_param_time(&p, r->frozen_at);
    param_uuid(&p, &r->frozen_by);
    db_param_text(&p, r->frozen_by_name);
    db_param_text(&p, r->note);
    db_param_i64(&p, r->rows);
    db_param_text(&p, r->digest);
    if (db_param_array(&p, bytes))
        return err_set(e, ERR_NOMEM, "%s", NOMEM);
    return db_execute_with(db, &sql_frozen_insert, &p, rider, deadline, on_kept, k, e);
}

static struct frozen_bytes copy_bytes(struct arena *a, const PGresult *res, int row, int col)
{
    size_t len;
    const void *data = db_get_bytes(res, row, col, &len);
    uint8_t *copy = arena_alloc(a, len + 1);
    if (copy && len)
        memcpy(copy, data, len);
    return (struct frozen_bytes){copy, len};
}

static bool frozen_read(struct arena *a, const PGresult *res, int row, struct frozen_row *r)
{
    int c = 0;
    r->id = db_get_uuid(res, row, c++);
    r->request_id = db_get_uuid(res, row, c++);
    r->request_hash = db_get_i64(res, row, c++);
    r->request = copy_bytes(a, res, row, c++);
    r->region = db_get_i64(res, row, c++);
    r->title = arena_strdup(a, db_get_text(res, row, c++));
    r->title_en = arena_strdup(a, db_get_text(res, row, c++));
    r->as_of = db_get_time(res, row, c++);
    r->frozen_at = db_get_time(res, row, c++);
    r->frozen_by_name = arena_strdup(a, db_get_text(res, row, c++));
    r->note = arena_strdup(a, db_get_text(res, row, c++));
    r->rows = db_get_i64(res, row, c++);
    r->digest = arena_strdup(a, db_get_text(res, row, c++));
    r->code = arena_strdup(a, db_get_text(res, row, c++));
    return r->request.data && r->title && r->title_en && r->frozen_by_name && r->note && r->digest && r->code;
}

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct frozen_row *rows = arena_zalloc(k->arena, ((size_t)n + 1) * sizeof *rows);
    bool fine = rows != NULL;
    for (int i = 0; fine && i < n; i++)
        fine = frozen_read(k->arena, res, i, &rows[i]);
    if (!fine && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "%s", NOMEM);
    k->fn.rows(k->arg, rows, failed.code ? 0 : n, &failed);
}

int report_frozen_get(struct db *db, const struct db_scope *scope, const struct uuid *id, const struct uuid *request_id,
                      struct arena *a, usec_t deadline, frozen_rows_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.rows = fn;
    db_params_init(&p);
    param_uuid(&p, id);
    param_uuid(&p, request_id);
    return db_query(db, scope, &sql_frozen_get, &p, deadline, on_rows, k, e);
}

int report_frozen_list(struct db *db, const struct db_scope *scope, const char *code, const struct frozen_row *after, int limit,
                       struct arena *a, usec_t deadline, frozen_rows_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.rows = fn;
    db_params_init(&p);
    db_param_text(&p, code);
    if (after) {
        db_param_time(&p, after->frozen_at);
        param_uuid(&p, &after->id);
    } else {
        db_param_null(&p);
        db_param_null(&p);
    }
    db_param_i64(&p, limit);
    return db_query(db, scope, &sql_frozen_list, &p, deadline, on_rows, k, e);
}

static void on_parts(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct frozen_bytes *parts = arena_zalloc(k->arena, ((size_t)n + 1) * sizeof *parts);
    bool fine = parts != NULL;
    for (int i = 0; fine && i < n; i++) {
        parts[i] = copy_bytes(k->arena, res, i, 1);
        fine = parts[i].data != NULL;
    }
    if (!fine && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "%s", NOMEM);
    k->fn.parts(k->arg, parts, failed.code ? 0 : n, &failed);
}

int report_frozen_parts(struct db *db, const struct db_scope *scope, const struct uuid *id, int after, int limit,
                        struct arena *a, usec_t deadline, frozen_parts_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.parts = fn;
    db_params_init(&p);
    param_uuid(&p, id);
    db_param_i64(&p, after);
    db_param_i64(&p, limit);
    return db_query(db, scope, &sql_frozen_parts, &p, deadline, on_parts, k, e);
}

static void on_steps(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    struct frozen_steps out = {0};
    out.n = failed.code ? 0 : PQntuples(res);
    struct frozen_step *steps = arena_zalloc(k->arena, ((size_t)out.n + 1) * sizeof *steps);
    for (int i = 0; steps && i < out.n; i++) {
        int c = 0;
        steps[i].case_id = db_get_uuid(res, i, c++);
        steps[i].number = db_get_i64(res, i, c++);
        steps[i].action = (enum action)db_get_i32(res, i, c++);
        steps[i].happened_at = db_get_time(res, i, c++);
        steps[i].arrived_at = db_get_time(res, i, c++);
        steps[i].from_state = (enum case_state)db_get_i32(res, i, c++);
        steps[i].to_state = (enum case_state)db_get_i32(res, i, c++);
        out.total = db_get_i64(res, i, c++);
        out.cases = db_get_i64(res, i, c++);
        out.reopened = db_get_i64(res, i, c++);
    }
    if (!steps && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "%s", NOMEM);
    out.steps = steps;
    k->fn.steps(k->arg, &out, &failed);
}

int report_frozen_steps(struct db *db, const struct report_query *q, usec_t from, int limit, struct arena *a, usec_t deadline,
                        frozen_steps_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.steps = fn;
    db_params_init(&p);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    db_param_date(&p, q->window.first);
    db_param_date(&p, q->window.last + 1);
    db_param_time(&p, from);
    db_param_time(&p, q->as_of);
    if (q->n_categories >= 0) {
        struct db_array *ids = db_array_create(a, DB_OID_INT2, q->n_categories);
        for (int i = 0; i < q->n_categories; i++)
            db_array_i16(ids, q->category_ids[i]);
        if (db_param_array(&p, ids))
            return err_set(e, ERR_NOMEM, "%s", NOMEM);
    } else {
        db_param_null(&p);
    }
    if (q->organ_id)
        db_param_i64(&p, q->organ_id);
    else
        db_param_null(&p);
    db_param_i64(&p, limit);
    return db_query(db, &q->scope, &sql_frozen_steps, &p, deadline, on_steps, k, e);
}
