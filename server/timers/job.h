/* SPDX-License-Identifier: MIT */
/*
 * One kind of background work of a worker: runs a batch after the other while there is something to do, rests when there is
 * not, backs off when the database is away. Of all workers only the holder of the work's lease runs it (timer_lease): that
 * saves the others the trouble. Exactly-once is not the lease's matter but that of what a batch writes.
 *
 * Owned by whoever made it (timers.c); a batch under way outlives it. Invariant: at most one batch of a job is under way, and
 * after a batch the job rests at least as long as the batch took, so that background work never takes more than half of a lane.
 */
#ifndef WG_TIMERS_JOB_H
#define WG_TIMERS_JOB_H

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "server/db/db.h"

struct job;

struct job_ops {
    const char *name; /* key of the lease, lower case and underscores */
    /* Starts a batch. It ends with job_finish, exactly once, also if it could not start. */
    void (*run)(struct job *j, void *arg);
    /* The job and its last batch are gone. */
    void (*gone)(void *arg);
};

struct job_env {
    struct event_base *base;
    struct db *db;
    const struct clock *clock;
    struct uuid holder; /* this worker */
    int lease_ms;       /* how long a worker that died holds up the work */
    int idle_ms;        /* how often to look when nothing was due */
};

/* env is copied. ERR_NOMEM; gone is then not called. */
struct job *job_create(const struct job_env *env, const struct job_ops *ops, void *arg, struct err *e);
/* No further batch; one under way ends by itself. Accepts NULL. */
void job_destroy(struct job *j);
/* Looks soon, if this worker holds the lease. */
void job_kick(struct job *j);

/* For the batch: */
enum { JOB_FAILED = -1, JOB_IDLE = 0, JOB_MORE = 1 };
/* The batch ended: e was the reason of JOB_FAILED (logged, but for a database that is away). May free the job. */
void job_finish(struct job *j, int outcome, const struct err *e);

/* Pure: the rest after a batch that took so long. wait_ms: the rest before it. */
int job_next_wait_ms(int outcome, int64_t took_us, int idle_ms, int wait_ms);

#endif
