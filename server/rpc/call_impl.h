/* SPDX-License-Identifier: MIT */
/* What the files of server/rpc share about calls and the server. Nobody else includes this. */
#ifndef WG_RPC_CALL_IMPL_H
#define WG_RPC_CALL_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/h2/deframe.h"
#include "common/pb/check.h"
#include "server/rpc/rpc.h"
#include "server/rpc/server.h"
#include "server/rpc/timerq.h"
#include "server/rpc/transport.h"

enum {
    RPC_ARENA_POOL = 256,                  /* arenas kept for reuse, a first block each */
    RPC_MAX_HELD = 1024 * 1024,            /* raw bytes of one call waiting for its handler */
    RPC_MAX_CONN_HELD = 8 * 1024 * 1024,   /* the same, and partial messages, of one connection */
    RPC_MAX_RESPONSE = 4 * 1024 * 1024,    /* what clients take by default */
    RPC_MAX_SEND_QUEUE = 16 * 1024 * 1024, /* a handler that ignores rpc_send's answer is stopped here */
    RPC_GZIP_MIN = 1024,                   /* shorter answers are not worth compressing */
    RPC_MAX_METADATA = 8,                  /* a handler's own headers, and trailers */
};

struct rpc_conn {
    struct rpc_server *server;
    const struct rpc_transport *ops;
    void *session; /* NULL once detached */
    unsigned refs;
    unsigned live_calls;
    size_t held; /* bytes of requests buffered for all calls */
    bool trusted;
    char peer[64];
    bool has_peer_key;
    uint8_t peer_key[RPC_PEER_KEY_SIZE];
};

struct rpc_header {
    struct rpc_header *next;
    const char *name;
    const char *value;
};

/* One message, or part of it, on its way out. */
struct rpc_chunk {
    struct rpc_chunk *next;
    size_t len;
    size_t off;
    uint8_t data[];
};

struct rpc_call {
    struct rpc_server *server;
    struct rpc_conn *conn;
    const struct rpc_method *method; /* NULL if the path is unknown or not yet known */
    struct arena *arena;
    struct arena *message_arena; /* client streams: of the message being delivered */
    int32_t stream_id;           /* 0 once the stream is gone */
    unsigned refs;
    struct rpc_call *prev, *next; /* server->calls */
    struct timerq_node deadline_timer;
    usec_t deadline;
    usec_t started_at;
    usec_t answered_at;
    void *data;
    const void *principal;
    void *note;

    /* The request. */
    struct rpc_header *headers;
    size_t header_bytes;
    const char *path;
    const char *token;
    usec_t timeout; /* USEC_NONE: none was sent */
    struct grpc_deframer in;
    struct buf held;           /* raw bytes that cannot be delivered yet */
    size_t counted;            /* this call's share of conn->held */
    ProtobufCMessage *request; /* unary and server streams: unpacked, waiting for the half-close */
    uint64_t bytes_in;
    bool is_post, is_grpc;
    bool bad_timeout, bad_encoding;
    bool takes_gzip, sends_gzip, was_compressed;
    bool authenticated; /* or public: handlers may run */
    bool authenticating;
    bool started; /* a handler has seen it: on_cancel is due if it is not answered */
    bool paused, delivering;
    bool remote_closed, half_close_told;

    /* The response. */
    struct rpc_chunk *out_head, **out_tail;
    size_t out_len;
    uint64_t bytes_out;
    bool responded; /* response headers are out */
    bool done;      /* answered, or nobody waits any more */
    bool cancelled; /* done without an answer of ours */
    bool reported;  /* on_call_end was called */
    bool above_watermark, notify_writable;
    int status;
    const char *message; /* percent-coded, or NULL */
    const char *details; /* base64, or NULL */
    struct err *failure; /* for the record */
    struct rpc_header own_headers[RPC_MAX_METADATA];
    struct rpc_header own_trailers[RPC_MAX_METADATA];
    size_t n_own_headers, n_own_trailers;
};

struct rpc_method_slot {
    const struct rpc_method *method;
    uint32_t hash;
};

struct rpc_health;
struct rpc_reflection;

struct rpc_server {
    struct rpc_server_config cfg;
    struct pb_limits limits;
    struct timerq *timers;
    struct rpc_method *methods; /* the table's copy, health and reflection */
    size_t n_methods;
    struct rpc_method_slot *slots; /* open addressing, a power of two, at most half full */
    size_t n_slots;
    struct rpc_call *calls;
    unsigned live_calls;
    struct arena *pool[RPC_ARENA_POOL];
    size_t n_pool;
    struct rpc_health *health;
    struct rpc_reflection *reflection;
};

/* server.c */
const struct rpc_method *rpc_server_find(const struct rpc_server *srv, const char *path, size_t len);
struct arena *rpc_server_take_arena(struct rpc_server *srv);
void rpc_server_give_arena(struct rpc_server *srv, struct arena *arena);

/* call.c */
/* The call is answered or lost: stops its deadline and forgets its unread input. Calls no handler. */
void rpc_call_set_done(struct rpc_call *call);
/* Marks the call as lost and tells the handler. */
void rpc_call_cancel(struct rpc_call *call, int status);

/* reply.c */
/* Ends the call with a status of its own, without details. */
void rpc_call_refuse(struct rpc_call *call, int status, const char *text);
void rpc_call_drop_output(struct rpc_call *call);

/* status.c */
/* Base64 of a google.rpc.Status with the details that fit; from the arena, NULL if there is no room for it. */
char *rpc_status_details(struct arena *arena, const struct err *e, int status, const ProtobufCMessage *detail);

/* health.c: the methods of grpc.health.v1. */
struct rpc_health *rpc_health_create(const struct rpc_method *methods, size_t n, struct err *e);
void rpc_health_destroy(struct rpc_health *h);
enum { RPC_HEALTH_METHODS = 2 };
void rpc_health_methods(struct rpc_health *h, struct rpc_method out[RPC_HEALTH_METHODS]);

/* reflection.c: both versions of grpc.reflection. */
struct rpc_reflection *rpc_reflection_create(const unsigned char *set, size_t len, const struct rpc_method *methods, size_t n,
                                             struct err *e);
void rpc_reflection_destroy(struct rpc_reflection *r);
enum { RPC_REFLECTION_METHODS = 2 };
void rpc_reflection_methods(struct rpc_reflection *r, struct rpc_method out[RPC_REFLECTION_METHODS]);

#endif
