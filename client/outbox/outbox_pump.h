/* SPDX-License-Identifier: MIT */
/*
 * Sends what the outbox holds over a channel, on the event loop: in order per case, several cases at once, later again when
 * the server is away. Give it a kick after enqueueing, after a login, and when the channel becomes ready.
 */
#ifndef WG_CLIENT_OUTBOX_PUMP_H
#define WG_CLIENT_OUTBOX_PUMP_H

#include <event2/event.h>

#include "client/outbox/outbox.h"
#include "client/rpc/channel.h"
#include "client/rpc/status.h"

struct outbox_pump;

/* Callbacks come from the event loop, never from inside the functions below. Any may be NULL. They may not destroy the pump. */
struct outbox_pump_events {
    /* An entry's sending ended: delivered, refused, conflicting, or queued again. status is what the server said. */
    void (*on_change)(void *arg, const struct outbox_entry *entry, const struct status_info *status);
    /* The server does not know our session. Nothing is sent until the next kick. */
    void (*on_login_needed)(void *arg);
    /* The outbox itself failed (a full disk). Nothing is lost; it is tried again. */
    void (*on_error)(void *arg, const struct err *why);
    /* Nothing is on its way and nothing can be sent right now: all delivered, or the rest is not due, or the server is away. */
    void (*on_idle)(void *arg);
};

/* Borrows outbox and channel. Starts with the next turn of the loop. Owned by the caller; NULL without memory. */
struct outbox_pump *outbox_pump_create(struct outbox *o, struct event_base *base, struct channel *ch, int call_timeout_ms,
                                       const struct outbox_pump_events *events, void *arg);
/* Stops: calls on their way are cancelled, their entries go back into the queue. Destroy it before channel and outbox. */
void outbox_pump_destroy(struct outbox_pump *p);
/* Look again now. */
void outbox_pump_kick(struct outbox_pump *p);
/* Entries on their way. */
int outbox_pump_in_flight(const struct outbox_pump *p);

#endif
