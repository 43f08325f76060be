/* SPDX-License-Identifier: MIT */
#include "server/timers/job.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "sql.h"

enum { KICK_MS = 5, WAIT_MIN_MS = 5, WAIT_MAX_MS = 1000, FAILED_MIN_MS = 500, FAILED_MAX_MS = 30000 };

struct job {
    struct job_env env;
    const struct job_ops *ops;
    void *arg;
    struct event *timer;
    bool busy; /* a lease statement or a batch is under way */
    bool dead; /* goes when what is under way ends */
    bool kicked;
    usec_t asked_at;    /* monotonic: when the lease was asked for */
    usec_t leased_till; /* monotonic; 0: not ours */
    usec_t began_at;    /* monotonic: the batch */
    int wait_ms;
};

int job_next_wait_ms(int outcome, int64_t took_us, int idle_ms, int wait_ms)
{
    if (outcome == JOB_FAILED) {
        wait_ms = wait_ms < FAILED_MIN_MS ? FAILED_MIN_MS : wait_ms * 2;
        return wait_ms < FAILED_MAX_MS ? wait_ms : FAILED_MAX_MS;
    }
    if (outcome == JOB_IDLE)
        return idle_ms;
    int64_t took_ms = took_us / 1000;
    return took_ms < WAIT_MIN_MS ? WAIT_MIN_MS : took_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)took_ms;
}

static void arm(struct job *j, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(j->timer, &tv);
}

static usec_t now_of(const struct job *j)
{
    return j->env.clock->monotonic(j->env.clock);
}

static void bury(struct job *j)
{
    if (j->ops->gone)
        j->ops->gone(j->arg);
    free(j);
}

/* What was under way ended. True if the job is no more. */
static bool end_flight(struct job *j)
{
    j->busy = false;
    if (!j->dead)
        return false;
    bury(j);
    return true;
}

static void rest(struct job *j, int ms)
{
    j->wait_ms = ms;
    arm(j, j->kicked ? KICK_MS : ms);
    j->kicked = false;
}

static void log_failure(const struct job *j, const struct err *e)
{
    if (e && e->code && e->code != ERR_UNAVAILABLE && e->code != ERR_UNKNOWN_OUTCOME)
        log_event(LOG_WARN, "timer.failed", LOG_S("job", j->ops->name), LOG_S("text", e->text), LOG_S("detail", e->detail),
                  LOG_END);
}

void job_finish(struct job *j, int outcome, const struct err *e)
{
    usec_t took = now_of(j) - j->began_at;

    if (outcome == JOB_FAILED)
        log_failure(j, e);
    if (!end_flight(j))
        rest(j, job_next_wait_ms(outcome, took, j->env.idle_ms, j->wait_ms));
}

static void run(struct job *j)
{
    j->busy = true;
    j->began_at = now_of(j);
    j->ops->run(j, j->arg);
}

static void on_lease(void *arg, const PGresult *res, const struct err *e)
{
    struct job *j = arg;
    bool ours = res && PQntuples(res) == 1;

    if (end_flight(j))
        return;
    j->leased_till = ours ? j->asked_at + (usec_t)j->env.lease_ms * 1000 : 0;
    if (ours)
        run(j);
    else if (e->code) {
        log_failure(j, e);
        rest(j, job_next_wait_ms(JOB_FAILED, 0, j->env.idle_ms, j->wait_ms));
    } else {
        j->kicked = false;
        rest(j, j->env.lease_ms / 2);
    }
}

static void ask_lease(struct job *j)
{
    struct db_params p;
    struct err e = {0};

    db_params_init(&p);
    db_param_text(&p, j->ops->name);
    db_param_binary(&p, j->env.holder.bytes, sizeof(j->env.holder.bytes));
    db_param_i64(&p, j->env.lease_ms);
    j->asked_at = now_of(j);
    j->busy = true;
    if (db_execute(j->env.db, &sql_timer_lease, &p, USEC_NONE, on_lease, j, &e)) {
        j->busy = false;
        rest(j, job_next_wait_ms(JOB_FAILED, 0, j->env.idle_ms, j->wait_ms));
    }
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct job *j = arg;

    if (j->busy)
        return;
    if (!db_is_ready(j->env.db)) {
        j->leased_till = 0;
        rest(j, FAILED_MIN_MS);
    } else if (now_of(j) < j->leased_till - (usec_t)j->env.lease_ms * 500) {
        run(j); /* renewed when half of it is gone */
    } else {
        ask_lease(j);
    }
}

struct job *job_create(const struct job_env *env, const struct job_ops *ops, void *arg, struct err *e)
{
    struct job *j = calloc(1, sizeof(*j));

    if (!j || !(j->timer = evtimer_new(env->base, on_timer, j))) {
        free(j);
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    j->env = *env;
    j->ops = ops;
    j->arg = arg;
    rest(j, WAIT_MIN_MS);
    return j;
}

void job_destroy(struct job *j)
{
    if (!j)
        return;
    event_free(j->timer);
    j->timer = NULL;
    j->dead = true;
    if (!j->busy)
        bury(j);
}

void job_kick(struct job *j)
{
    if (!j || !j->leased_till)
        return;
    if (j->busy)
        j->kicked = true;
    else
        arm(j, KICK_MS);
}
