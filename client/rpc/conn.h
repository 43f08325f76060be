/* SPDX-License-Identifier: MIT */
/*
 * One connection: name lookup, socket, TLS, and the bytes of a grpc_client between them. It never reconnects; the channel
 * makes a new one. Used by the channel alone.
 *
 * Callbacks come from the event loop. The conn may not be destroyed inside one.
 */
#ifndef WG_CLIENT_RPC_CONN_H
#define WG_CLIENT_RPC_CONN_H

#include <event2/event.h>

#include "client/rpc/tls.h"
#include "common/base/err.h"
#include "common/h2/grpc_client.h"

struct conn;

/* The largest message taken from a server; lists of a whole city are the largest. */
enum { CONN_MESSAGE_MAX = 4 * 1024 * 1024 };

struct conn_target {
    char text[256];      /* as the person wrote it, for messages */
    char host[256];      /* or the path of a Unix socket */
    char port[8];        /* empty for a Unix socket */
    char authority[272]; /* for the requests */
};

struct conn_events {
    void (*on_ready)(void *arg, struct conn *c);
    void (*on_leaving)(void *arg, struct conn *c);                       /* GOAWAY: no new calls here */
    void (*on_closed)(void *arg, struct conn *c, const struct err *why); /* exactly once, last */
};

/* Takes "host:port", "[v6]:port" or "unix:/path" apart. ERR_INVALID says what is wrong. */
int conn_target_parse(const char *text, struct conn_target *ret, struct err *e) MUST_CHECK;

/* Starts connecting. target and trust (NULL: clear text) are borrowed for the conn's life. Owned by the caller. */
struct conn *conn_create(struct event_base *base, const struct conn_target *target, struct tls_trust *trust,
                         int connect_timeout_ms, const struct conn_events *events, void *arg, struct err *e);
/* Closes without callbacks. Accepts NULL. */
void conn_destroy(struct conn *c);
/* The gRPC session, for starting calls once ready. */
struct grpc_client *conn_client(struct conn *c);
/* True from on_ready to GOAWAY or closing. */
bool conn_usable(const struct conn *c);

#endif
