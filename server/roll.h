/* SPDX-License-Identifier: MIT */
/*
 * Keeps the report cells rolled up: folds new events into them in the background, one batch at a time, faster while there is
 * something to do. Every worker runs one; the database lets one of them work at a time. Owned by app.
 */
#ifndef WG_ROLL_H
#define WG_ROLL_H

#include <stdint.h>
#include <event2/event.h>

#include "common/base/err.h"
#include "server/db/db.h"

struct roll;

/* Owned by the caller; db outlives it. */
struct roll *roll_create(struct event_base *base, struct db *db, struct err *e);
/* Accepts NULL. */
void roll_destroy(struct roll *r);
/* Events folded by this worker so far. */
uint64_t roll_total(const struct roll *r);

/* Pure: how long to wait after a batch that folded n events (-1: another worker is at it), given the wait before. */
int roll_next_wait_ms(int n, int wait_ms);

#endif
