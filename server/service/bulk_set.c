/* SPDX-License-Identifier: MIT */
/*
 * The set of a bulk run: the ids as given, or page by page what the filter finds (COLLECT); the run is there, new or found
 * (BEGIN); its set is written, at most once (FILL). A dry run collects and writes nothing.
 */
#include "server/service/bulk_impl.h"

#include <stdlib.h>

#include "server/db/result.h"
#include "sql.h"

enum {
    MARKED_MAX = 10000,
    COLLECT_PAGE = 500,
    FILL_ITEMS = 5000,
};

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

struct marked {
    struct uuid id;
    size_t at; /* in the request */
};

static int by_id(const void *a, const void *b)
{
    const struct marked *x = a, *y = b;
    int order = uuid_compare(&x->id, &y->id);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_place(const void *a, const void *b)
{
    const struct marked *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Drops every repeat of an id; what stays keeps its order. Returns how many stay. */
static size_t drop_repeats(struct marked *list, size_t n)
{
    size_t kept = 0;
    qsort(list, n, sizeof *list, by_id);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !uuid_equal(&list[kept - 1].id, &list[i].id))
            list[kept++] = list[i];
    qsort(list, kept, sizeof *list, by_place);
    return kept;
}

int bulk_set_take_marked(struct bulk *b, char *const *case_ids, size_t n, struct err *e)
{
    if (n == 0)
        return 0;
    if (n > MARKED_MAX)
        return err_field(e, ERR_INVALID, "case_ids", "At most %d marked cases in one run; use a filter for more.", MARKED_MAX);
    int rc = 0;
    struct marked *list = calloc(n, sizeof *list);
    if (!list)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this run. Try again later.");
    for (size_t i = 0; i < n; i++) {
        list[i].at = i;
        if (!uuid_parse(case_ids[i], &list[i].id)) {
            rc = err_field(e, ERR_INVALID, "case_ids", "Item %zu is no UUID.", i + 1);
            goto out;
        }
    }
    n = drop_repeats(list, n);
    for (size_t i = 0; i < n; i++) {
        if (!add_id(b, &list[i].id)) {
            rc = err_set(e, ERR_NOMEM, "The server is out of memory for this run. Try again later.");
            goto out;
        }
    }
out:
    free(list);
    return rc;
}

static void on_ready(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    if (!bulk_step_failed(b, e))
        bulk_pages_start(b);
}

static void fill(struct bulk *b);

static void on_filled(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    if (!bulk_step_failed(b, e))
        fill(b);
}

/* Writes the set down, piece by piece. */
static void fill(struct bulk *b)
{
    struct db_params p;
    struct err e;
    int n = b->n_ids - b->filled < FILL_ITEMS ? b->n_ids - b->filled : FILL_ITEMS;
    db_params_init(&p);
    bulk_param_uuid(&p, &b->id);
    b->busy = true;
    arena_reset(b->page);
    if (n == 0) {
        b->total = b->n_ids;
        db_param_i64(&p, b->n_ids);
        if (db_execute(b->ctx->db, &sql_bulk_ready, &p, USEC_NONE, on_ready, b, &e))
            bulk_fail(b, &e);
        return;
    }
    db_param_i64(&p, b->filled + 1);
    struct db_array *list = db_array_create(b->page, DB_OID_UUID, n);
    for (int i = 0; list && i < n; i++)
        db_array_bytes(list, b->ids[b->filled + i].bytes, sizeof b->ids[0].bytes);
    b->filled += n;
    if (!list || db_param_array(&p, list))
        bulk_fail_nomem(b);
    else if (db_execute(b->ctx->db, &sql_bulk_fill, &p, USEC_NONE, on_filled, b, &e))
        bulk_fail(b, &e);
}

static void on_begun(void *arg, const PGresult *res, const struct err *e)
{
    struct bulk *b = arg;
    struct err failed = *e;
    if (!failed.code && !db_get_bool(res, 0, 0))
        (void)err_set(&failed, ERR_EXISTS, "This bulk_id was used with another body. Make a new one.");
    if (bulk_step_failed(b, &failed))
        return;
    if (db_get_bool(res, 0, 1)) {
        b->resumed = true;
        b->total = db_get_i32(res, 0, 2);
        bulk_pages_start(b);
    } else if (b->n_ids > 0) {
        fill(b);
    } else {
        bulk_set_collect(b);
    }
}

void bulk_set_begin(struct bulk *b)
{
    struct db_params p;
    struct err e;
    db_params_init(&p);
    bulk_param_uuid(&p, &b->id);
    bulk_param_uuid(&p, &b->who->actor.account);
    db_param_i64(&p, b->hash);
    db_param_i64(&p, b->act.act.action);
    db_param_time(&p, b->ctx->clock->now(b->ctx->clock));
    b->busy = true;
    if (db_execute(b->ctx->db, &sql_bulk_begin, &p, USEC_NONE, on_begun, b, &e))
        bulk_fail(b, &e);
}

void bulk_set_collected(struct bulk *b)
{
    if (b->dry) {
        b->total = b->n_ids;
        bulk_pages_start(b);
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
    if (bulk_step_failed(b, &failed))
        return;
    if (n < COLLECT_PAGE) {
        bulk_set_collected(b);
        return;
    }
    b->query.has_after = true;
    b->query.after_day = rows[n - 1].cohort_day;
    b->query.after_due = rows[n - 1].snap.due_at;
    b->query.after_id = rows[n - 1].snap.id;
    bulk_set_collect(b);
}

void bulk_set_collect(struct bulk *b)
{
    struct err e;
    arena_reset(b->page);
    b->busy = true;
    b->query.limit = COLLECT_PAGE;
    if (case_store_list(b->ctx->db, service_scope(b->call), &b->query, b->page, USEC_NONE, on_collected, b, &e))
        bulk_fail(b, &e);
}
