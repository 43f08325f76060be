/* SPDX-License-Identifier: MIT */
/*
 * What all models share: where they live, how they say how fresh they are, and copies of messages. A model holds data of
 * the server or of the person, knows nothing of screens, and says through one callback that it changed. Everything runs on
 * one event loop; nothing blocks.
 */
#ifndef WG_CLIENT_MODEL_MODEL_H
#define WG_CLIENT_MODEL_MODEL_H

#include <event2/event.h>

#include "client/rpc/channel.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "google/protobuf/timestamp.pb-c.h"

struct outbox;

/* The surroundings of a model; borrowed, outlives every model. */
struct model_env {
    struct event_base *base;
    struct channel *channel;
    struct outbox *outbox; /* NULL if it could not be opened: nothing can be queued then */
    const struct clock *clock;
    int call_timeout_ms;
    /* Asks whoever sends the outbox to look now. May be NULL. */
    void (*kick_outbox)(void *arg);
    void *kick_arg;
};

/* How a model stands. A READY model without rows is the "empty" state of a screen. */
enum model_state {
    MODEL_IDLE,    /* nothing asked yet */
    MODEL_LOADING, /* asked, nothing there yet */
    MODEL_READY,
    MODEL_STALE,  /* there is data of loaded_at, but the last attempt to refresh it failed (why) */
    MODEL_FAILED, /* no data; why says what happened */
};

struct model_status {
    enum model_state state;
    bool busy; /* a call is out */
    struct err why;
    usec_t loaded_at; /* USEC_NONE: never */
};

/* Told that something changed; called from the event loop, never before the function that caused it returns... except for
 * functions that say so. */
typedef void (*model_changed_fn)(void *arg);

void model_status_init(struct model_status *s);
void model_status_begin(struct model_status *s);
void model_status_done(struct model_status *s, usec_t now);
/* With data the model becomes stale, without failed. */
void model_status_fail(struct model_status *s, const struct err *why);

/* A deep copy; free with protobuf_c_message_free_unpacked. NULL without memory. */
ProtobufCMessage *model_copy(const ProtobufCMessage *msg);
/* Frees a copy; accepts NULL. */
void model_free(void *msg);
/* A timestamp as microseconds; USEC_NONE if absent. */
usec_t model_time(const Google__Protobuf__Timestamp *t);
/* Fills a timestamp. */
void model_set_time(Google__Protobuf__Timestamp *t, usec_t us);

#endif
