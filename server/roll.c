/* SPDX-License-Identifier: MIT */
#include "server/roll.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "sql.h"

enum { ROLL_BATCH = 20000, WAIT_BUSY_MS = 250, WAIT_IDLE_MS = 2000 };

struct flight;

struct roll {
    struct db *db;
    struct event *timer;
    struct flight *flight;
    int wait_ms;
    uint64_t total;
};

/* The statement under way; outlives the roll. */
struct flight {
    struct roll *roll;
};

int roll_next_wait_ms(int n, int wait_ms)
{
    if (n >= ROLL_BATCH)
        return 0;
    if (n > 0)
        return WAIT_BUSY_MS;
    wait_ms = wait_ms < WAIT_BUSY_MS ? WAIT_BUSY_MS : wait_ms * 2;
    return wait_ms < WAIT_IDLE_MS ? wait_ms : WAIT_IDLE_MS;
}

static void arm(struct roll *r)
{
    struct timeval tv = {.tv_sec = r->wait_ms / 1000, .tv_usec = r->wait_ms % 1000 * 1000};
    evtimer_add(r->timer, &tv);
}

static void on_rolled(void *arg, const PGresult *res, const struct err *e)
{
    struct flight *f = arg;
    struct roll *r = f->roll;
    int n;

    free(f);
    if (!r)
        return;
    r->flight = NULL;
    n = res && PQntuples(res) ? (int)db_get_i32(res, 0, 0) : -1;
    if (!res && e->code != ERR_UNAVAILABLE && e->code != ERR_UNKNOWN_OUTCOME)
        log_event(LOG_WARN, "cells.roll_failed", LOG_S("text", e->text), LOG_S("detail", e->detail), LOG_END);
    if (n > 0) {
        r->total += (uint64_t)n;
        log_event(LOG_DEBUG, "cells.rolled", LOG_I("events", n), LOG_END);
    }
    r->wait_ms = roll_next_wait_ms(n, r->wait_ms);
    arm(r);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct roll *r = arg;
    struct flight *f;
    struct db_params p;
    struct err e = {0};

    if (!db_is_ready(r->db) || !(f = malloc(sizeof(*f)))) {
        r->wait_ms = WAIT_BUSY_MS;
        arm(r);
        return;
    }
    f->roll = r;
    db_params_init(&p);
    db_param_i64(&p, ROLL_BATCH);
    if (db_execute(r->db, &sql_cell_roll, &p, USEC_NONE, on_rolled, f, &e)) {
        free(f);
        r->wait_ms = WAIT_IDLE_MS;
        arm(r);
        return;
    }
    r->flight = f;
}

struct roll *roll_create(struct event_base *base, struct db *db, struct err *e)
{
    struct roll *r = calloc(1, sizeof(*r));

    if (!r || !(r->timer = evtimer_new(base, on_timer, r))) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        roll_destroy(r);
        return NULL;
    }
    r->db = db;
    r->wait_ms = WAIT_BUSY_MS;
    arm(r);
    return r;
}

void roll_destroy(struct roll *r)
{
    if (!r)
        return;
    if (r->flight)
        r->flight->roll = NULL;
    if (r->timer)
        event_free(r->timer);
    free(r);
}

uint64_t roll_total(const struct roll *r)
{
    return r->total;
}
