/* SPDX-License-Identifier: MIT */
#include "server/store/report_saved.h"

#include <string.h>

#include "server/db/result.h"
#include "sql.h"

struct ask {
    struct arena *arena;
    union {
        saved_done_fn done;
        saved_rows_fn rows;
        saved_run_fn run;
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
    db_param_binary(p, id->bytes, sizeof id->bytes);
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

static void on_done(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    k->fn.done(k->arg, !e->code && PQntuples(res) == 1, e);
}

int report_saved_set(struct db *db, const struct saved_row *r, usec_t now, struct arena *a, usec_t deadline, saved_done_fn fn,
                     void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.done = fn;
    db_params_init(&p);
    db_param_text(&p, r->code);
    param_uuid(&p, &r->owner);
    db_param_text(&p, r->owner_name);
    db_param_i64(&p, r->region);
    db_param_bool(&p, r->shared);
    db_param_binary(&p, r->definition.data, r->definition.len);
    db_param_i64(&p, r->schedule);
    db_param_i64(&p, r->at_minute);
    db_param_time(&p, now);
    return db_execute(db, &sql_saved_report_set, &p, deadline, on_done, k, e);
}

int report_saved_delete(struct db *db, const char *code, const struct uuid *owner, struct arena *a, usec_t deadline,
                        saved_done_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.done = fn;
    db_params_init(&p);
    db_param_text(&p, code);
    param_uuid(&p, owner);
    return db_execute(db, &sql_saved_report_delete, &p, deadline, on_done, k, e);
}

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct saved_row *rows = arena_zalloc(k->arena, ((size_t)n + 1) * sizeof *rows);
    bool fine = rows != NULL;
    for (int i = 0; fine && i < n; i++) {
        rows[i].code = arena_strdup(k->arena, db_get_text(res, i, 0));
        rows[i].owner = db_get_uuid(res, i, 1);
        rows[i].owner_name = arena_strdup(k->arena, db_get_text(res, i, 2));
        rows[i].region = db_get_i64(res, i, 3);
        rows[i].shared = db_get_bool(res, i, 4);
        rows[i].definition = copy_bytes(k->arena, res, i, 5);
        fine = rows[i].code && rows[i].owner_name && rows[i].definition.data;
    }
    if (!fine && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "%s", NOMEM);
    k->fn.rows(k->arg, rows, failed.code ? 0 : n, &failed);
}

int report_saved_list(struct db *db, const struct uuid *account, struct region_span span, const char *code, struct arena *a,
                      usec_t deadline, saved_rows_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.rows = fn;
    db_params_init(&p);
    param_uuid(&p, account);
    db_param_i64(&p, span.lo);
    db_param_i64(&p, span.hi);
    if (code)
        db_param_text(&p, code);
    else
        db_param_null(&p);
    return db_query(db, &db_scope_none, &sql_saved_report_list, &p, deadline, on_rows, k, e);
}

static void on_run(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    struct saved_run run = {0};
    bool some = !failed.code && PQntuples(res) == 1;
    if (some) {
        run.id = db_get_uuid(res, 0, 0);
        run.code = arena_strdup(k->arena, db_get_text(res, 0, 1));
        run.definition = copy_bytes(k->arena, res, 0, 2);
        run.period = (struct period){db_get_date(res, 0, 3), db_get_date(res, 0, 4)};
        run.due_at = db_get_time(res, 0, 5);
        if (!run.code || !run.definition.data)
            (void)err_set(&failed, ERR_NOMEM, "%s", NOMEM);
    }
    k->fn.run(k->arg, some && !failed.code ? &run : NULL, &failed);
}

int report_saved_take(struct db *db, const struct uuid *account, usec_t now, usec_t lease_until, struct arena *a,
                      usec_t deadline, saved_run_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    struct uuid id = uuid_v7(now);
    if (!k)
        return ERR_NOMEM;
    k->fn.run = fn;
    db_params_init(&p);
    param_uuid(&p, account);
    db_param_time(&p, now);
    db_param_time(&p, lease_until);
    param_uuid(&p, &id);
    return db_execute(db, &sql_scheduled_run_take, &p, deadline, on_run, k, e);
}

int report_saved_finish(struct db *db, const struct uuid *id, const struct uuid *account, usec_t now, char *const *files, int n,
                        const char *failed, struct arena *a, usec_t deadline, saved_done_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    struct db_array *names = db_array_create(a, DB_OID_TEXT, n);
    if (!k)
        return ERR_NOMEM;
    k->fn.done = fn;
    for (int i = 0; i < n; i++)
        db_array_text(names, files[i]);
    db_params_init(&p);
    param_uuid(&p, id);
    param_uuid(&p, account);
    db_param_time(&p, now);
    if (db_param_array(&p, names))
        return err_set(e, ERR_NOMEM, "%s", NOMEM);
    db_param_text(&p, failed);
    return db_execute(db, &sql_scheduled_run_finish, &p, deadline, on_done, k, e);
}
