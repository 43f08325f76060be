/* SPDX-License-Identifier: MIT */
/*
 * The loader's end of a channel: calls one after the other, each waited for on the loop. Used by load.c and history_load.c.
 * A failed call's status becomes a struct err that names the call.
 */
#ifndef WG_DEMO_LINK_H
#define WG_DEMO_LINK_H

#include <event2/event.h>

#include "client/model/client_config.h"
#include "client/rpc/channel.h"
#include "common/base/err.h"

struct link {
    struct event_base *base;
    struct channel *channel;
    int call_timeout_ms;
};

/* Makes the loop and the channel; connects on the first call. link_close after failure too. */
int link_open(struct link *l, const struct client_config *cfg, struct err *e) MUST_CHECK;
/* Accepts a zeroed link. */
void link_close(struct link *l);
/* Makes a unary call and waits. use (may be NULL) sees the answer. A server that cannot be reached is waited for a little. */
int link_call(struct link *l, const struct channel_method *m, const ProtobufCMessage *req,
              void (*use)(void *arg, const ProtobufCMessage *resp), void *arg, struct err *e) MUST_CHECK;
/* Opens a session; later calls carry its token. */
int link_login(struct link *l, const char *login, const char *password, struct err *e) MUST_CHECK;
/* Ends the session; a failure does not matter. */
void link_logout(struct link *l);
/* Lets the loop run for that long. */
void link_pause(struct link *l, int ms);
/* Fills e from a call's status: what, the server's words, what to do. Returns its code. */
int link_failure(struct err *e, const char *what, const struct channel_status *status);

#endif
