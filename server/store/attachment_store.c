/* SPDX-License-Identifier: MIT */
#include "server/store/attachment_store.h"

#include <string.h>

#include "server/db/result.h"
#include "sql.h"

/* What a callback needs; lives in the caller's arena. */
struct wait {
    union {
        attachment_begin_fn begin;
        attachment_done_fn done;
        attachment_bytes_fn bytes;
        attachment_rows_fn rows;
        attachment_count_fn count;
    } fn;
    void *arg;
    struct arena *arena;
    struct buf *out;
};

static struct wait *wait_new(struct arena *a, void *arg, struct err *e)
{
    struct wait *w = arena_zalloc(a, sizeof *w);
    if (!w) {
        (void)err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        return NULL;
    }
    w->arg = arg;
    w->arena = a;
    return w;
}

static void param_uuid(struct db_params *p, const struct uuid *u)
{
    db_param_binary(p, u->bytes, sizeof u->bytes);
}

static void on_begun(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    if (e->code || PQntuples(res) == 0)
        w->fn.begin(w->arg, 0, false, false, e);
    else
        w->fn.begin(w->arg, db_get_i32(res, 0, 0), db_get_bool(res, 0, 1), db_get_bool(res, 0, 2), e);
}

int attachment_store_begin(struct db *db, struct arena *a, const struct attachment_header *h, usec_t now, usec_t deadline,
                           attachment_begin_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.begin = fn;
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, &h->id);
    param_uuid(&p, &h->case_id);
    db_param_i64(&p, h->grid);
    param_uuid(&p, &h->uploader);
    db_param_text(&p, h->uploader_name);
    db_param_i64(&p, h->uploader_role);
    db_param_text(&p, h->name);
    db_param_i64(&p, h->size);
    db_param_binary(&p, h->sha256, sizeof h->sha256);
    db_param_time(&p, now);
    return db_execute(db, &sql_attachment_begin, &p, deadline, on_begun, w, e);
}

/* Statements that return a row for what they did. */
static void on_done(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    w->fn.done(w->arg, e->code ? 0 : PQntuples(res), e);
}

static int execute(struct db *db, struct arena *a, const struct db_stmt *stmt, const struct db_params *p, usec_t deadline,
                   db_result_fn on_result, attachment_done_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.done = fn;
    return db_execute(db, stmt, p, deadline, on_result, w, e);
}

int attachment_store_chunk(struct db *db, struct arena *a, const struct uuid *id, int32_t offset, const void *data, size_t len,
                           usec_t deadline, attachment_done_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, id);
    db_param_i64(&p, offset);
    db_param_binary(&p, data, len);
    return execute(db, a, &sql_attachment_chunk, &p, deadline, on_done, fn, arg, e);
}

static void param_f64(struct db_params *p, struct arena *a, bool there, double v)
{
    uint8_t *b = there ? arena_alloc(a, 8) : NULL;
    if (!b) {
        db_param_null(p);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(bits >> (56 - 8 * i));
    db_param_binary(p, b, 8);
}

int attachment_store_finish(struct db *db, struct arena *a, const struct uuid *id, enum media_kind kind,
                            const struct media_facts *facts, const uint8_t sha256[ATTACHMENT_HASH_SIZE], const void *data,
                            size_t len, usec_t deadline, attachment_done_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, id);
    db_param_binary(&p, data, len);
    db_param_binary(&p, sha256, ATTACHMENT_HASH_SIZE);
    db_param_i64(&p, kind);
    db_param_time(&p, facts->taken_at);
    param_f64(&p, a, facts->has_place, facts->latitude);
    param_f64(&p, a, facts->has_place, facts->longitude);
    return execute(db, a, &sql_attachment_finish, &p, deadline, on_done, fn, arg, e);
}

int attachment_store_discard(struct db *db, struct arena *a, const struct uuid *id, usec_t deadline, attachment_done_fn fn,
                             void *arg, struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, id);
    return execute(db, a, &sql_attachment_discard, &p, deadline, on_done, fn, arg, e);
}

static void on_claimed(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    w->fn.done(w->arg, e->code ? 0 : db_get_i32(res, 0, 0), e);
}

int attachment_store_claim(struct db *db, struct arena *a, const struct uuid *ids, int n, const struct uuid *case_id,
                           int64_t grid, const struct uuid *request_id, usec_t deadline, attachment_done_fn fn, void *arg,
                           struct err *e)
{
    struct db_params p;
    db_params_init(&p);
    struct db_array *list = db_array_create(a, DB_OID_UUID, n);
    for (int i = 0; list && i < n; i++)
        db_array_bytes(list, ids[i].bytes, sizeof ids[i].bytes);
    if (!list || db_param_array(&p, list))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    param_uuid(&p, case_id);
    db_param_i64(&p, grid);
    param_uuid(&p, request_id);
    return execute(db, a, &sql_attachment_claim, &p, deadline, on_claimed, fn, arg, e);
}

static void on_sent(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    for (int i = 0; !failed.code && i < PQntuples(res); i++) {
        size_t len;
        const void *data = db_get_bytes(res, i, 0, &len);
        if (buf_append(w->out, data, len))
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this file. Try again later.");
    }
    w->fn.bytes(w->arg, 0, failed.code ? NULL : buf_data(w->out), failed.code ? 0 : buf_len(w->out), &failed);
}

int attachment_store_sent(struct db *db, struct arena *a, const struct uuid *id, struct buf *out, usec_t deadline,
                          attachment_bytes_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.bytes = fn;
    w->out = out;
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, id);
    return db_execute(db, &sql_attachment_sent, &p, deadline, on_sent, w, e);
}

static void on_piece(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    if (e->code || PQntuples(res) == 0) {
        w->fn.bytes(w->arg, 0, NULL, 0, e);
        return;
    }
    size_t len;
    const void *data = db_get_bytes(res, 0, 1, &len);
    w->fn.bytes(w->arg, db_get_i32(res, 0, 0), data, len, e);
}

int attachment_store_read(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *id, int32_t offset,
                          usec_t deadline, attachment_bytes_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.bytes = fn;
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, id);
    db_param_i64(&p, offset);
    return db_query(db, scope, &sql_attachment_read, &p, deadline, on_piece, w, e);
}

static const char *text(struct arena *a, const PGresult *res, int row, int col)
{
    const char *s = db_get_text(res, row, col);
    return arena_strdup(a, s ? s : "");
}

static bool row_read(const PGresult *res, int row, struct arena *a, struct attachment_row *r)
{
    int c = 0;
    r->id = db_get_uuid(res, row, c++);
    r->case_id = db_get_uuid(res, row, c++);
    r->grid = db_get_i64(res, row, c++);
    r->uploader = db_get_uuid(res, row, c++);
    r->uploader_name = text(a, res, row, c++);
    r->uploader_role = (enum role)db_get_i32(res, row, c++);
    r->name = text(a, res, row, c++);
    r->kind = (enum media_kind)db_get_i32(res, row, c++);
    r->size = db_get_i32(res, row, c++);
    size_t len;
    const void *hash = db_get_bytes(res, row, c++, &len);
    if (hash && len == sizeof r->sha256)
        memcpy(r->sha256, hash, len);
    r->facts.taken_at = db_get_time(res, row, c++);
    r->facts.has_place = !db_get_is_null(res, row, c);
    r->facts.latitude = db_get_f64(res, row, c++);
    r->facts.longitude = db_get_f64(res, row, c++);
    r->uploaded_at = db_get_time(res, row, c++);
    r->complete = db_get_bool(res, row, c++);
    r->received = db_get_i32(res, row, c++);
    r->event_version = db_get_i64(res, row, c++);
    r->reused = db_get_bool(res, row, c++);
    return r->uploader_name && r->name;
}

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct attachment_row *rows = arena_zalloc(w->arena, ((size_t)n + 1) * sizeof *rows);
    bool fits = rows != NULL;
    for (int i = 0; fits && i < n; i++)
        fits = row_read(res, i, w->arena, &rows[i]);
    if (!fits)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    w->fn.rows(w->arg, rows, failed.code ? 0 : n, &failed);
}

static int query(struct db *db, const struct db_scope *scope, struct arena *a, const struct db_stmt *stmt,
                 const struct uuid *id, usec_t deadline, attachment_rows_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.rows = fn;
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, id);
    return db_query(db, scope, stmt, &p, deadline, on_rows, w, e);
}

int attachment_store_get(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *id, usec_t deadline,
                         attachment_rows_fn fn, void *arg, struct err *e)
{
    return query(db, scope, a, &sql_attachment_get, id, deadline, fn, arg, e);
}

int attachment_store_list(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *case_id,
                          usec_t deadline, attachment_rows_fn fn, void *arg, struct err *e)
{
    return query(db, scope, a, &sql_attachment_list, case_id, deadline, fn, arg, e);
}

static void on_count(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    w->fn.count(w->arg, !e->code && PQntuples(res) == 1 ? db_get_i32(res, 0, 0) : 0, e);
}

int attachment_store_count(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *case_id,
                           usec_t deadline, attachment_count_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.count = fn;
    struct db_params p;
    db_params_init(&p);
    param_uuid(&p, case_id);
    return db_query(db, scope, &sql_attachment_count, &p, deadline, on_count, w, e);
}
