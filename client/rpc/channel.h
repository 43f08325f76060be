/* SPDX-License-Identifier: MIT */
/*
 * A gRPC channel for the client: one HTTP/2 connection to a wangged, on a libevent loop, reconnecting by itself.
 * Every callback is called exactly once and never before the starting function returns.
 */
#ifndef WG_CLIENT_RPC_CHANNEL_H
#define WG_CLIENT_RPC_CHANNEL_H

#include <stdbool.h>
#include <event2/event.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"

struct channel;
struct channel_call;

enum channel_state {
    CHANNEL_IDLE,       /* nothing asked yet */
    CHANNEL_CONNECTING, /* resolving, TCP, TLS, SETTINGS */
    CHANNEL_READY,
    CHANNEL_BACKOFF, /* lost or refused; a timer tries again */
};

struct channel_config {
    const char *target; /* "host:port", "unix:/path" */
    bool tls;
    const char *ca_file;       /* NULL: the system's store */
    const char *pinned_sha256; /* hex of the server certificate's SHA-256 that is trusted besides the store, or NULL */
    int connect_timeout_ms;
    const char *language; /* "zh_CN", of the texts the server makes (accept-language), or NULL */
};

/* Owned by the caller. Connects on the first call or on channel_connect. All strings are copied. */
struct channel *channel_create(struct event_base *base, const struct channel_config *cfg, struct err *e);
/* Cancels what is open (callbacks get CANCELLED before it returns), closes. May be called from a callback. Accepts NULL. */
void channel_destroy(struct channel *ch);
void channel_connect(struct channel *ch);
enum channel_state channel_get_state(const struct channel *ch);
void channel_on_state(struct channel *ch, void (*fn)(void *arg, enum channel_state state, const struct err *why), void *arg);
/* Sent as "authorization: Bearer TOKEN" from now on; NULL clears. Copied. */
int channel_set_token(struct channel *ch, const char *token) MUST_CHECK;

/* A method as the client knows it. Static, in client/rpc/methods.c. */
struct channel_method {
    const char *path;
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
};

/* How a call ended. status is a gRPC code (0 OK); details is the raw grpc-status-details-bin (google.rpc.Status), may be empty.
 */
struct channel_status {
    int code;
    const char *message; /* UTF-8, borrowed */
    const unsigned char *details;
    size_t details_len;
    /* True if the request surely never reached a server: as safe to send again as if it never was. */
    bool never_sent;
};

/* resp is NULL unless status->code is 0; borrowed until the callback returns. */
typedef void (*channel_reply_fn)(void *arg, const ProtobufCMessage *resp, const struct channel_status *status);
typedef void (*channel_message_fn)(void *arg, const ProtobufCMessage *msg);

/* Starts a unary call; req is packed before return. timeout_ms goes out as grpc-timeout and bounds the wait here; 0: no limit.
 * While the server cannot be reached (CHANNEL_BACKOFF) a call ends at once with UNAVAILABLE; channel_connect tries again now.
 * NULL without memory and while the channel is being destroyed: then no callback comes. */
struct channel_call *channel_unary(struct channel *ch, const struct channel_method *m, const ProtobufCMessage *req,
                                   int timeout_ms, channel_reply_fn fn, void *arg);
/* Starts a stream: on_message for every message, on_end once. For client streams send with channel_send and end with
 * channel_half_close. */
struct channel_call *channel_stream(struct channel *ch, const struct channel_method *m, int timeout_ms,
                                    channel_message_fn on_message, channel_reply_fn on_end, void (*on_writable)(void *arg),
                                    void *arg);
/* Returns false once more than 64 KiB are queued: wait for on_writable. The message is queued either way. */
bool channel_send(struct channel_call *call, const ProtobufCMessage *msg);
void channel_half_close(struct channel_call *call);
/* Ends the call with RST_STREAM(CANCEL); its callback gets CANCELLED (1). The handle is dead after the callback. */
void channel_cancel(struct channel_call *call);
/* As channel_cancel, but its callbacks are never called: for an owner that goes away. Accepts NULL. The handle is dead. */
void channel_forget(struct channel_call *call);

#endif
