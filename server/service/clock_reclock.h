/* SPDX-License-Identifier: MIT */
/*
 * Counts the running clocks of open cases again by other calendars and limits: dry runs list what would move, applying writes
 * it through the gate. One page of cases at a time, so a city of any size takes the same memory. Owned by the call that asks;
 * used on the event loop.
 *
 * What is left alone: paused clocks (what they consumed stays as it was counted), clocks without a limit, and a handling clock
 * whose due time was granted by an extension: that is a decision about the case.
 */
#ifndef WG_SERVICE_CLOCK_RECLOCK_H
#define WG_SERVICE_CLOCK_RECLOCK_H

#include "server/domain/clock_runs.h"
#include "server/service/service.h"
#include "server/store/case_store.h"

/* A clock that moves. */
struct clock_moved {
    struct case_clock before;
    struct case_clock after;
};
enum { CLOCK_MOVED_MAX = 3 };

struct reclock;
struct reclock_ops {
    /* One open case, with its clocks that move (n may be 0). Return true to have them written. NULL: all that move are. */
    bool (*item)(void *arg, const struct case_row *row, const struct clock_moved *moved, size_t n);
    /* Everything of a page was told and written. Return true to go on now; false: reclock_continue comes later. NULL: always.
     */
    bool (*page)(void *arg);
    /* The end; nothing is called afterwards. written: how many cases. */
    void (*done)(void *arg, int32_t written, const struct err *e);
};

struct reclock_config {
    struct service_ctx *ctx;
    struct directory *dir; /* borrowed until done */
    struct region_span span;
    const struct calendar_set *calendars; /* to count by */
    const struct limit_set *limits;
    int first_new_rule; /* limits from rules with this id and later take the place of what a clock was started with */
    usec_t limits_from; /* the instant for which they are looked up */
    const struct calendar_set *only; /* not NULL: only clocks whose due time was provisional by these calendars */
    struct uuid request_id;          /* the writes' keys are made from it; nil: nothing is written */
    const struct reclock_ops *ops;
    void *arg;
};

/* Starts; cfg is copied. ERR_NOMEM: nothing is called. */
int reclock_start(const struct reclock_config *cfg, struct reclock **ret, struct err *e) MUST_CHECK;
/* Goes on after page returned false. */
void reclock_continue(struct reclock *r);
/* Nothing more is wanted: ends when what is under way came back, without calling done. Accepts NULL. */
void reclock_cancel(struct reclock *r);

#endif
