/* SPDX-License-Identifier: MIT */
#include "server/timers/due.h"

#include <stdlib.h>

#include "server/db/result.h"

enum { BATCH_MEMORY = 8 * 1024 * 1024 };

void due_end(struct due_batch *b, const struct err *e, bool progress)
{
    struct job *job = b->job;
    bool more = progress && b->n_due == DUE_BATCH;
    struct err why = {0};

    if (e)
        why = *e;
    directory_unref(b->dir);
    arena_destroy(b->arena);
    free(b);
    job_finish(job, why.code ? JOB_FAILED : more ? JOB_MORE : JOB_IDLE, &why);
}

static void on_rows(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct due_batch *b = arg;
    if (e->code) {
        due_end(b, e, false);
        return;
    }
    b->rows = rows;
    b->n = n;
    b->fn(b, b->arg);
}

static void on_due(void *arg, const PGresult *res, const struct err *e)
{
    struct due_batch *b = arg;
    struct uuid ids[DUE_BATCH];
    struct err why = *e;

    if (!why.code) {
        b->n_due = PQntuples(res) < DUE_BATCH ? PQntuples(res) : DUE_BATCH;
        for (int i = 0; i < b->n_due; i++)
            ids[i] = db_get_uuid(res, i, 0);
        b->oldest = b->n_due ? db_get_time(res, 0, 1) : USEC_NONE;
        if (b->n_due == 0) {
            b->fn(b, b->arg);
            return;
        }
        /* The server acts for nobody: timers look at every case. */
        if (case_store_get_due(b->ctx->db, &db_scope_system, ids, b->n_due, b->arena, USEC_NONE, on_rows, b, &why) == 0)
            return;
    }
    due_end(b, &why, false);
}

void due_begin(struct job *job, struct service_ctx *ctx, usec_t now, const struct db_stmt *stmt, const struct db_params *p,
               void (*fn)(struct due_batch *b, void *arg), void *arg)
{
    struct due_batch *b;
    struct err e = {0};

    if (!ctx->dir) { /* not loaded yet */
        job_finish(job, JOB_IDLE, &e);
        return;
    }
    b = calloc(1, sizeof(*b));
    if (!b) {
        err_set(&e, ERR_NOMEM, "Out of memory.");
        job_finish(job, JOB_FAILED, &e);
        return;
    }
    b->job = job;
    b->ctx = ctx;
    b->now = now;
    b->oldest = USEC_NONE;
    b->fn = fn;
    b->arg = arg;
    b->dir = directory_ref(ctx->dir);
    b->arena = arena_create(BATCH_MEMORY);
    if (!b->arena)
        err_set(&e, ERR_NOMEM, "Out of memory.");
    else if (db_query(ctx->db, &db_scope_system, stmt, p, USEC_NONE, on_due, b, &e) == 0)
        return;
    due_end(b, &e, false);
}
