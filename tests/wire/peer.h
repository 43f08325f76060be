/* SPDX-License-Identifier: MIT */
/*
 * A raw HTTP/2 client against a net_session in memory: the test writes frames byte by byte, feeds them in any pieces, and
 * gets the answer as bytes and as readable text. The method table is grpc.testing plus a few probes. The clock stands still.
 */
#ifndef WG_TESTS_WIRE_PEER_H
#define WG_TESTS_WIRE_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <event2/event.h>
#include <nghttp2/nghttp2.h>

#include "common/base/buf.h"
#include "server/net/session.h"
#include "server/rpc/server.h"

enum { PEER_END_STREAM = 1, PEER_END_HEADERS = 4 };

struct peer {
    struct event_base *base;
    struct clock_fake clock;
    struct rpc_server *rpc;
    struct net_session_env *env;
    struct net_session *session;
    struct buf script;             /* what the client says */
    struct buf answer;             /* what the server said */
    nghttp2_hd_inflater *inflater; /* of peer_text, which must see every header block */
    size_t turns[8];               /* offsets in the script at which the client waits for the server */
    size_t n_turns;
    int recv_rc; /* the first error of net_session_recv */
    /* What the hooks saw. */
    int ended_calls;
    int last_status;
    int cancels;
    struct rpc_call *held; /* by the /test.Probe/ methods */
    rpc_auth_done_fn auth_done;
    struct rpc_call *auth_call;
};

void peer_init(struct peer *p);
void peer_fini(struct peer *p);
/* A new session that has sent its greeting; what was said is forgotten. */
void peer_reconnect(struct peer *p);

/* Append to the script. */
void peer_preface(struct peer *p);
void peer_frame(struct peer *p, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len);
/* HEADERS with literal fields never indexed; the last argument is NULL. */
void peer_headers(struct peer *p, uint8_t flags, uint32_t stream, const char *const *fields);
/* A plain gRPC request to this path, with further fields, NULL-terminated (may be NULL). */
void peer_request(struct peer *p, uint8_t flags, uint32_t stream, const char *path, const char *const *more);
/* DATA holding one message with its prefix. */
void peer_message(struct peer *p, uint8_t flags, uint32_t stream, const void *msg, size_t len);

/* What follows is said only after the server answered what came before: no feed crosses this point. */
void peer_turn(struct peer *p);

/* Feeds script[from, to) and collects what the server says. */
void peer_feed(struct peer *p, size_t from, size_t to);
/* Feeds the whole script at once, and empties it. */
void peer_run(struct peer *p);
void peer_collect(struct peer *p);

/*
 * The answer as text, one line a frame, without the SETTINGS exchange:
 *   HEADERS 1 END :status=200 content-type=application/grpc grpc-status=12 grpc-message=...
 *   DATA 1 0000000000
 *   RST_STREAM 1 NO_ERROR
 */
void peer_text(struct peer *p, char *out, size_t cap);

#endif
