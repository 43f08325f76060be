/* SPDX-License-Identifier: MIT */
#include "server/store/audit_store.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "server/db/result.h"
#include "sql.h"

enum { COLUMNS = 12 };
enum { SCRATCH_MAX = 4 * 1024 * 1024 }; /* AUDIT_PUT_MAX of the longest rows, with room to grow */

struct put {
    audit_put_fn fn;
    void *arg;
};

static void on_put(void *arg, const PGresult *res, const struct err *e)
{
    struct put *p = arg;
    p->fn(p->arg, e);
    free(p);
}

static const char *text_of(const struct audit_row *r, int column)
{
    const char *const texts[COLUMNS] = {
        [4] = r->login, [5] = r->name, [7] = r->call, [8] = r->object, [9] = r->rule, [10] = r->text, [11] = r->peer};
    return texts[column];
}

static int bind_rows(struct db_params *p, struct arena *scratch, const struct audit_row *const *rows, int n)
{
    static const uint32_t oids[COLUMNS] = {DB_OID_UUID, DB_OID_TIMESTAMPTZ, DB_OID_INT2, DB_OID_UUID, DB_OID_TEXT, DB_OID_TEXT,
                                           DB_OID_INT2, DB_OID_TEXT,        DB_OID_TEXT, DB_OID_TEXT, DB_OID_TEXT, DB_OID_TEXT};
    for (int column = 0; column < COLUMNS; column++) {
        struct db_array *arr = db_array_create(scratch, oids[column], n);
        for (int i = 0; arr && i < n; i++) {
            const struct audit_row *r = rows[i];
            if (column == 0)
                db_array_bytes(arr, r->key.bytes, sizeof(r->key.bytes));
            else if (column == 1)
                db_array_time(arr, r->at);
            else if (column == 2)
                db_array_i16(arr, (int16_t)r->kind);
            else if (column == 3 && uuid_is_nil(&r->account))
                db_array_null(arr);
            else if (column == 3)
                db_array_bytes(arr, r->account.bytes, sizeof(r->account.bytes));
            else if (column == 6)
                db_array_i16(arr, (int16_t)r->role);
            else
                db_array_text(arr, text_of(r, column));
        }
        if (db_param_array(p, arr))
            return ERR_NOMEM;
    }
    return 0;
}

int audit_store_put(struct db *db, const struct audit_row *const *rows, int n, usec_t deadline, audit_put_fn fn, void *arg,
                    struct err *e)
{
    struct arena *scratch = arena_create(SCRATCH_MAX);
    struct put *put = malloc(sizeof(*put));
    struct db_params p;
    int r;

    db_params_init(&p);
    if (!scratch || !put || bind_rows(&p, scratch, rows, n)) {
        r = err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
    } else {
        *put = (struct put){fn, arg};
        r = db_execute(db, &sql_audit_put, &p, deadline, on_put, put, e);
    }
    if (r)
        free(put);
    arena_destroy(scratch);
    return r;
}

struct list {
    struct arena *arena;
    audit_list_fn fn;
    void *arg;
};

static const char *text_column(struct arena *a, const PGresult *res, int row, int column)
{
    const char *s = db_get_text(res, row, column);
    return arena_strdup(a, s ? s : "");
}

static bool read_row(struct arena *a, const PGresult *res, int row, struct audit_row *r)
{
    *r = (struct audit_row){
        .id = db_get_i64(res, row, 0),
        .at = db_get_time(res, row, 1),
        .kind = (enum audit_kind)db_get_i32(res, row, 2),
        .login = text_column(a, res, row, 3),
        .name = text_column(a, res, row, 4),
        .role = (enum role)db_get_i32(res, row, 5),
        .call = text_column(a, res, row, 6),
        .object = text_column(a, res, row, 7),
        .rule = text_column(a, res, row, 8),
        .text = text_column(a, res, row, 9),
        .peer = text_column(a, res, row, 10),
    };
    return r->login && r->name && r->call && r->object && r->rule && r->text && r->peer;
}

static void on_list(void *arg, const PGresult *res, const struct err *e)
{
    struct list *l = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct audit_row *rows = failed.code ? NULL : arena_alloc(l->arena, (size_t)(n + 1) * sizeof(*rows));

    if (!failed.code && !rows)
        err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
    for (int i = 0; !failed.code && i < n; i++)
        if (!read_row(l->arena, res, i, &rows[i]))
            err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
    l->fn(l->arg, failed.code ? NULL : rows, failed.code ? 0 : n, &failed);
}

int audit_store_list(struct db *db, const struct audit_query *q, struct arena *a, usec_t deadline, audit_list_fn fn, void *arg,
                     struct err *e)
{
    struct list *l = arena_alloc(a, sizeof(*l));
    struct db_params p;

    if (!l)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call; try again.");
    *l = (struct list){a, fn, arg};
    db_params_init(&p);
    db_param_time(&p, q->from);
    db_param_time(&p, q->to);
    db_param_i64(&p, q->kind);
    db_param_text(&p, q->login ? q->login : "");
    db_param_text(&p, q->object ? q->object : "");
    db_param_time(&p, q->after_at);
    db_param_i64(&p, q->after_id);
    db_param_i64(&p, q->limit);
    db_param_text(&p, q->rule ? q->rule : "");
    return db_query(db, &db_scope_none, &sql_audit_list, &p, deadline, on_list, l, e);
}
