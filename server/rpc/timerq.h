/* SPDX-License-Identifier: MIT */
/*
 * Many timers on one event: a heap of embedded nodes. A call sets and clears its deadline without touching the event loop,
 * which is only told when the earliest instant moves forward.
 */
#ifndef WG_RPC_TIMERQ_H
#define WG_RPC_TIMERQ_H

#include <stdbool.h>
#include <stddef.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/err.h"

struct timerq;

/* Embedded in what it belongs to; zeroed means not set. Must be cleared before its memory goes. */
struct timerq_node {
    usec_t _at;
    size_t _pos; /* 1-based place in the heap; 0: not set */
    void (*fn)(struct timerq_node *node);
};

/* NULL without memory. */
struct timerq *timerq_create(struct event_base *base, const struct clock *clock);
/* No node may be set any more. Accepts NULL. */
void timerq_destroy(struct timerq *q);
/* Calls node->fn once the monotonic clock reaches at; replaces an earlier setting. ERR_NOMEM. */
int timerq_set(struct timerq *q, struct timerq_node *node, usec_t at) MUST_CHECK;
void timerq_clear(struct timerq *q, struct timerq_node *node);
bool timerq_is_set(const struct timerq_node *node);
/* Runs what is due now. The event does this; tests with a fake clock call it. */
void timerq_run(struct timerq *q);

#endif
