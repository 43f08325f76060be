/* SPDX-License-Identifier: MIT */
/*
 * What all calls of one process share: the method table, limits, the clock and its deadlines, the hooks of app, health and
 * reflection. Made by app, handed to server/net, destroyed after it.
 */
#ifndef WG_RPC_SERVER_H
#define WG_RPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "server/rpc/rpc.h"

struct rpc_server;

/* One finished call, for the log and the metrics. Borrowed until the hook returns. */
struct rpc_record {
    const char *method; /* path; "?" when it is none of the table */
    const char *peer;
    const void *principal; /* NULL if not authenticated */
    const void *note;      /* of rpc_call_set_note */
    int status;            /* gRPC status code */
    usec_t duration_us;    /* from the headers to the answer */
    uint64_t bytes_in;     /* of messages, with their prefixes, as sent */
    uint64_t bytes_out;
    const struct err *err; /* why it failed, with the detail for the log; NULL if it did not */
};

/* Tells how an authentication went: e is NULL or has code 0 for success. */
typedef void (*rpc_auth_done_fn)(struct rpc_call *call, const struct err *e);

struct rpc_server_config {
    const struct clock *clock;
    const struct rpc_method *methods; /* copied; health and reflection are added */
    size_t n_methods;
    const unsigned char *descriptor_set; /* a FileDescriptorSet with imports for reflection, static; NULL: no reflection */
    size_t descriptor_set_len;
    size_t max_message;     /* bytes of one request message; 0: 1 MiB */
    size_t max_call_memory; /* arena of a call; 0: 16 MiB */
    int max_deadline_ms;    /* a client's grpc-timeout is cut to this for methods that have a default deadline; 0: 5 min */
    /*
     * Called before the handler of every method that is not RPC_PUBLIC, with the bearer token. Must call done(call, ...)
     * exactly once, at once or later; the call stays valid until then. On success it has set the principal. A request
     * with neither token nor client certificate is refused before; token is NULL if there is only the latter
     * (rpc_peer_key). NULL: nobody is asked (tests).
     */
    void (*authenticate)(void *arg, struct rpc_call *call, const char *token, rpc_auth_done_fn done);
    void (*on_call_end)(void *arg, const struct rpc_record *r); /* may be NULL */
    void *arg;                                                  /* for both */
};

/* ERR_INVALID: two methods share a path, or the descriptor set is broken. Owned by the caller. */
struct rpc_server *rpc_server_create(struct event_base *base, const struct rpc_server_config *cfg, struct err *e);
/* All connections must be gone. Accepts NULL. */
void rpc_server_destroy(struct rpc_server *srv);
/* Calls that exist, those included whose stream is gone while somebody still holds them. */
unsigned rpc_server_live_calls(const struct rpc_server *srv);

/* Ends the server streams that have no deadline (watches) with UNAVAILABLE: the process is about to stop. */
void rpc_server_end_watches(struct rpc_server *srv);

/* Sets the health of a service, "" being the whole server; watchers are told. What was never set is unknown. Starts with
 * "" and every service of the table as not serving. */
int rpc_health_set(struct rpc_server *srv, const char *service, bool serving) MUST_CHECK;
/* All services at once. */
void rpc_health_set_all(struct rpc_server *srv, bool serving);
/* Ends every Health.Watch with UNAVAILABLE: they never end by themselves and would hold up a drain. */
void rpc_health_end_watches(struct rpc_server *srv);

#endif
