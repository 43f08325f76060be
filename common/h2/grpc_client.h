/* SPDX-License-Identifier: MIT */
/*
 * The client side of one gRPC connection, without I/O: received bytes go in, bytes to send come out, and callbacks tell what
 * happened. Whoever owns the socket (client/rpc) feeds and drains it. One connection, never reconnected: make a new one.
 *
 * Callbacks run inside grpc_client_recv, grpc_client_pull and grpc_client_close only, never inside the function that starts
 * a stream. They may start, send on and cancel streams; they must not destroy the client.
 */
#ifndef WG_H2_GRPC_CLIENT_H
#define WG_H2_GRPC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/h2/grpc.h"

struct grpc_client;
struct grpc_stream;

/* What happens to the connection. Any may be NULL. */
struct grpc_client_events {
    void (*on_ready)(void *arg); /* the server's first SETTINGS arrived */
    /* The server is leaving: no new streams here; those it has seen are finished. debug may be empty. */
    void (*on_goaway)(void *arg, uint32_t error_code, const char *debug);
    void (*on_pong)(void *arg);   /* an answer to grpc_client_ping */
    void (*on_output)(void *arg); /* there is something to pull; may be called at any time, also twice; only note it */
};

/* How a stream ended. Borrowed until the callback returns. */
struct grpc_end {
    int status;          /* enum grpc_status */
    const char *message; /* decoded, UTF-8 */
    const uint8_t *details;
    size_t details_len; /* decoded grpc-status-details-bin; 0 if none */
    bool never_sent;    /* the server surely did not look at it: safe to send again */
    bool from_server;   /* the status is the server's own word, not drawn from a broken stream */
};

struct grpc_stream_events {
    void (*on_header)(void *arg, const char *name, const char *value, bool is_trailer); /* may be NULL; metadata only */
    void (*on_message)(void *arg, const uint8_t *msg, size_t len);                      /* not yet checked nor unpacked */
    void (*on_writable)(void *arg); /* may be NULL; the queue fell below half the watermark after it was above */
    void (*on_end)(void *arg, const struct grpc_end *end); /* exactly once, last; the handle is dead afterwards */
};

struct grpc_metadata {
    const char *name; /* lower case */
    const char *value;
};

/* Everything is copied before grpc_client_start returns. */
struct grpc_request {
    const char *path;      /* "/wangge.v1.CaseService/GetCase" */
    const char *authority; /* "host:port" */
    const char *scheme;    /* "http" or "https" */
    usec_t timeout_us;     /* sent as grpc-timeout; USEC_NONE: none. Watching the clock is the owner's part. */
    const struct grpc_metadata *metadata;
    size_t n_metadata; /* at most GRPC_CLIENT_MAX_METADATA */
};
enum { GRPC_CLIENT_MAX_METADATA = 16 };

/* Owned by the caller. max_message bounds received messages (0: GRPC_MAX_MESSAGE). NULL without memory, and e is filled. */
struct grpc_client *grpc_client_create(const struct grpc_client_events *events, void *arg, size_t max_message, struct err *e);
/* Frees without callbacks: close first if streams should hear of it. Accepts NULL. */
void grpc_client_destroy(struct grpc_client *c);
/* Ends every open stream with this status (GRPC_UNAVAILABLE when the connection broke). Nothing works afterwards. */
void grpc_client_close(struct grpc_client *c, int status, const char *why);

/* Takes received bytes. ERR_PROTOCOL: the server broke HTTP/2; pull once more (a GOAWAY), then close. */
int grpc_client_recv(struct grpc_client *c, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;
/* Appends what is to be sent to out, about 64 KiB at most; call again when that has left. */
int grpc_client_pull(struct grpc_client *c, struct buf *out, struct err *e) MUST_CHECK;
/* True if grpc_client_pull would give something. */
bool grpc_client_has_output(const struct grpc_client *c);
/* True until GOAWAY, a protocol error or grpc_client_close: new streams may be started. */
bool grpc_client_is_usable(const struct grpc_client *c);
/* True when nothing is left to do on this connection: after GOAWAY, all streams ended. */
bool grpc_client_is_finished(const struct grpc_client *c);
/* True once the server's SETTINGS arrived. */
bool grpc_client_is_ready(const struct grpc_client *c);
unsigned grpc_client_open_streams(const struct grpc_client *c);
/* How many streams the server takes at once; what is started beyond waits. */
uint32_t grpc_client_max_streams(const struct grpc_client *c);
/* Sends a PING; on_pong tells of the answer. The owner's timer decides when to give up. */
int grpc_client_ping(struct grpc_client *c) MUST_CHECK;

/* Starts a stream. events is static or outlives the stream. ERR_UNAVAILABLE: not usable any more; ERR_NOMEM. */
int grpc_client_start(struct grpc_client *c, const struct grpc_request *req, const struct grpc_stream_events *events, void *arg,
                      struct grpc_stream **ret, struct err *e) MUST_CHECK;
/* Queues one message (copied). *ret_room turns false once more than 64 KiB are queued. ERR_EXHAUSTED above 8 MiB, ERR_NOMEM. */
int grpc_stream_send(struct grpc_stream *s, const void *msg, size_t len, bool *ret_room) MUST_CHECK;
/* No more messages from this side. */
void grpc_stream_half_close(struct grpc_stream *s);
/* RST_STREAM(CANCEL). No callback comes any more; the handle is dead. */
void grpc_stream_cancel(struct grpc_stream *s);

#endif
