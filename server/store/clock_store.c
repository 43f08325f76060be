/* SPDX-License-Identifier: MIT */
#include "server/store/clock_store.h"

#include <string.h>

#include "server/db/result.h"
#include "sql.h"

struct wait {
    union {
        clock_events_fn events;
        clock_changed_fn changed;
        case_rows_fn rows;
    } fn;
    void *arg;
    struct arena *arena;
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

static void on_events(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct clock_event *events = arena_zalloc(w->arena, ((size_t)n + 1) * sizeof *events);
    bool fits = events != NULL;
    for (int i = 0; fits && i < n; i++) {
        const char *name = db_get_text(res, i, 9);
        events[i] = (struct clock_event){
            .case_id = db_get_uuid(res, i, 0),
            .step =
                {
                    .at = db_get_time(res, i, 1),
                    .action = (enum action)db_get_i32(res, i, 2),
                    .from = (enum case_state)db_get_i32(res, i, 3),
                    .to = (enum case_state)db_get_i32(res, i, 4),
                    .result = (enum check_result)db_get_i32(res, i, 5),
                    .organ_id = db_get_i32(res, i, 6),
                },
            .actor_role = (enum role)db_get_i32(res, i, 7),
            .actor_id = db_get_uuid(res, i, 8),
            .actor_name = arena_strdup(w->arena, name ? name : ""),
        };
        fits = events[i].actor_name != NULL;
    }
    if (!fits)
        (void)err_set(&failed, ERR_NOMEM, "The case has too many events for this call.");
    w->fn.events(w->arg, events, failed.code ? 0 : n, &failed);
}

int clock_store_events(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, struct arena *a,
                       usec_t deadline, clock_events_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.events = fn;
    db_params_init(&p);
    struct db_array *list = db_array_create(a, DB_OID_UUID, n);
    for (int i = 0; list && i < n; i++)
        db_array_bytes(list, ids[i].bytes, sizeof ids[i].bytes);
    if (!list || db_param_array(&p, list))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    return db_query(db, scope, &sql_clock_events, &p, deadline, on_events, w, e);
}

static void on_page(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct case_row *rows = arena_zalloc(w->arena, ((size_t)n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (int i = 0; rows && i < n; i++)
        if (case_row_read(res, i, w->arena, &rows[i], &failed))
            break;
    w->fn.rows(w->arg, rows, failed.code ? 0 : n, &failed);
}

int clock_store_open_page(struct db *db, const struct db_scope *scope, struct region_span span, int64_t after_grid,
                          const struct uuid *after_id, int limit, struct arena *a, usec_t deadline, case_rows_fn fn, void *arg,
                          struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.rows = fn;
    db_params_init(&p);
    db_param_i64(&p, span.lo);
    db_param_i64(&p, span.hi);
    db_param_i64(&p, after_grid);
    db_param_binary(&p, after_id->bytes, sizeof after_id->bytes);
    db_param_i64(&p, limit);
    return db_query(db, scope, &sql_clock_open_page, &p, deadline, on_page, w, e);
}

static void on_changed(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err why = *e;
    if (strncmp(e->detail, "SQLSTATE WG412 ", 15) == 0)
        (void)err_set(&why, ERR_PRECONDITION, "A limit must follow those of its kind: %.180s.", e->detail + 15);
    w->fn.changed(w->arg, why.code ? 0 : db_get_i32(res, 0, 0), &why);
}

static int change(struct db *db, const struct db_stmt *stmt, struct arena *a, const char *json, const struct db_rider *rider,
                  usec_t deadline, clock_changed_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(a, arg, e);
    if (!w)
        return ERR_NOMEM;
    w->fn.changed = fn;
    db_params_init(&p);
    db_param_text(&p, json);
    return db_execute_with(db, stmt, &p, rider, deadline, on_changed, w, e);
}

int clock_store_set_calendar(struct db *db, struct arena *a, const char *json, const struct db_rider *rider, usec_t deadline,
                             clock_changed_fn fn, void *arg, struct err *e)
{
    return change(db, &sql_clock_set_calendar, a, json, rider, deadline, fn, arg, e);
}

int clock_store_add_limits(struct db *db, struct arena *a, const char *json, const struct db_rider *rider, usec_t deadline,
                           clock_changed_fn fn, void *arg, struct err *e)
{
    return change(db, &sql_clock_add_limits, a, json, rider, deadline, fn, arg, e);
}
