/* SPDX-License-Identifier: MIT */
#include "server/timers/notices.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "server/store/notice_store.h"
#include "sql.h"

enum { PAGE = NOTICE_PAGE_MAX, PURGE_BATCH = 5000, PURGE_EVERY_MS = 600 * 1000 };

struct notices {
    struct job_env env;
    struct job *roll;
    struct job *purge;
    int keep_days;
    int jobs; /* still there */
    struct notices_stats stats;
};

static void on_gone(void *arg)
{
    struct notices *n = arg;
    if (--n->jobs == 0)
        free(n);
}

struct flight {
    struct notices *n;
    struct job *job;
};

/* The flight's memory ends first: job_finish may free what it points to. */
static void finish(struct flight *f, int outcome, const struct err *e)
{
    struct job *j = f->job;
    free(f);
    job_finish(j, outcome, e);
}

static struct flight *flight_create(struct notices *n, struct job *j)
{
    struct err e = {0};
    struct flight *f = malloc(sizeof(*f));
    if (f)
        *f = (struct flight){.n = n, .job = j};
    else {
        err_set(&e, ERR_NOMEM, "Out of memory.");
        job_finish(j, JOB_FAILED, &e);
    }
    return f;
}

static void on_rolled(void *arg, int n_events, int n_notices, const struct err *e)
{
    struct flight *f = arg;
    if (!e->code && n_events > 0) {
        f->n->stats.events += (uint64_t)n_events;
        f->n->stats.notices += (uint64_t)n_notices;
        log_event(LOG_DEBUG, "notices.rolled", LOG_I("events", n_events), LOG_I("notices", n_notices), LOG_END);
    }
    finish(f, e->code ? JOB_FAILED : n_events >= PAGE ? JOB_MORE : JOB_IDLE, e);
}

static void run_roll(struct job *j, void *arg)
{
    struct err e = {0};
    struct flight *f = flight_create(arg, j);
    if (f && notice_store_roll(f->n->env.db, PAGE, on_rolled, f, &e))
        finish(f, JOB_FAILED, &e);
}

static void on_purged(void *arg, const PGresult *res, const struct err *e)
{
    struct flight *f = arg;
    int gone = e->code ? 0 : db_get_i32(res, 0, 0);
    f->n->stats.purged += (uint64_t)gone;
    finish(f, e->code ? JOB_FAILED : gone >= PURGE_BATCH ? JOB_MORE : JOB_IDLE, e);
}

static void run_purge(struct job *j, void *arg)
{
    struct err e = {0};
    struct db_params p;
    struct flight *f = flight_create(arg, j);
    if (!f)
        return;
    const struct job_env *env = &f->n->env;
    db_params_init(&p);
    db_param_time(&p, env->clock->now(env->clock) - (usec_t)f->n->keep_days * 86400 * USEC_PER_SEC);
    db_param_i64(&p, PURGE_BATCH);
    if (db_execute(env->db, &sql_notice_purge, &p, USEC_NONE, on_purged, f, &e))
        finish(f, JOB_FAILED, &e);
}

struct notices *notices_create(const struct job_env *env, int keep_days, struct err *e)
{
    static const struct job_ops roll_ops = {.name = "notices", .run = run_roll, .gone = on_gone};
    static const struct job_ops purge_ops = {.name = "notices_purge", .run = run_purge, .gone = on_gone};
    struct notices *n = calloc(1, sizeof(*n));
    struct job_env seldom = *env;

    if (!n) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    n->env = *env;
    n->keep_days = keep_days;
    seldom.idle_ms = PURGE_EVERY_MS;
    n->roll = job_create(env, &roll_ops, n, e);
    n->purge = n->roll ? job_create(&seldom, &purge_ops, n, e) : NULL;
    n->jobs = (n->roll != NULL) + (n->purge != NULL);
    if (n->purge)
        return n;
    if (n->roll)
        job_destroy(n->roll);
    else
        free(n);
    return NULL;
}

void notices_destroy(struct notices *n)
{
    if (!n)
        return;
    struct job *purge = n->purge;
    job_destroy(n->roll); /* the last one frees n */
    job_destroy(purge);
}

void notices_kick(struct notices *n)
{
    if (n)
        job_kick(n->roll);
}

void notices_get_stats(const struct notices *n, struct notices_stats *ret)
{
    *ret = n->stats;
}
