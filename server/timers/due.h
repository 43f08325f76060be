/* SPDX-License-Identifier: MIT */
/*
 * What is common to the work that looks for due cases: reads a bounded batch of them with their rows. Used by steps.c and
 * lights.c.
 */
#ifndef WG_TIMERS_DUE_H
#define WG_TIMERS_DUE_H

#include "server/service/service.h"
#include "server/store/case_store.h"
#include "server/timers/job.h"

enum { DUE_BATCH = 64 };

/* A batch under way. Owned by the work that began it; everything in it lives until due_end. */
struct due_batch {
    struct job *job;
    struct service_ctx *ctx;
    struct directory *dir;
    struct arena *arena;
    usec_t now;
    usec_t oldest; /* when the one that waits longest was due; USEC_NONE: nothing is due */
    int n_due;     /* found: DUE_BATCH means there may be more */
    const struct case_row *rows;
    int n; /* rows */
    void (*fn)(struct due_batch *b, void *arg);
    void *arg;
};

/* Runs stmt (rows of id, due_at; its parameters are in p) and reads the cases; then calls fn, also with none (n 0). On failure
 * the batch and the job's turn end here. */
void due_begin(struct job *job, struct service_ctx *ctx, usec_t now, const struct db_stmt *stmt, const struct db_params *p,
               void (*fn)(struct due_batch *b, void *arg), void *arg);
/* The batch is done: frees it and finishes the job's turn. e: why it failed, or NULL. progress: something was moved. */
void due_end(struct due_batch *b, const struct err *e, bool progress);

#endif
