/* SPDX-License-Identifier: MIT */
#include "server/search_roll.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "server/store/search_fold.h"

enum {
    WAIT_MS = 1000,
    CASES_MIN = 256,    /* fewer wait, */
    PATIENCE_MS = 10000 /* but not longer than this */
};

struct search_roll {
    struct db *db;
    struct event *timer;
    struct search_fold *step; /* under way */
    int waited_ms;
};

static void arm(struct search_roll *r, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(r->timer, &tv);
}

static void on_step(void *arg, int events, const struct err *e)
{
    struct search_roll *r = arg;
    r->step = NULL;
    if (e->code && e->code != ERR_UNAVAILABLE && e->code != ERR_UNKNOWN_OUTCOME)
        log_event(LOG_WARN, "search.fold_failed", LOG_S("text", e->text), LOG_S("detail", e->detail), LOG_END);
    if (events > 0) {
        log_event(LOG_DEBUG, "search.folded", LOG_I("events", events), LOG_END);
        r->waited_ms = 0;
    }
    arm(r, events >= SEARCH_FOLD_BATCH ? 0 : WAIT_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct search_roll *r = arg;
    struct err e = {0};
    int min_cases = r->waited_ms >= PATIENCE_MS ? 0 : CASES_MIN;
    r->waited_ms = min_cases ? r->waited_ms + WAIT_MS : 0;
    if (!db_is_ready(r->db) || search_fold_step(r->db, min_cases, on_step, r, &r->step, &e))
        arm(r, WAIT_MS);
}

struct search_roll *search_roll_create(struct event_base *base, struct db *db, struct err *e)
{
    struct search_roll *r = calloc(1, sizeof *r);
    if (!r || !(r->timer = evtimer_new(base, on_timer, r))) {
        (void)err_set(e, ERR_NOMEM, "Out of memory.");
        search_roll_destroy(r);
        return NULL;
    }
    r->db = db;
    arm(r, WAIT_MS);
    return r;
}

void search_roll_destroy(struct search_roll *r)
{
    if (!r)
        return;
    search_fold_forget(r->step);
    if (r->timer)
        event_free(r->timer);
    free(r);
}
