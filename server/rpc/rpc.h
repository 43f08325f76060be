/* SPDX-License-Identifier: MIT */
/*
 * The server side of gRPC as a service sees it: a table of methods, and one struct rpc_call per request.
 *
 * A service file defines handlers and a static const struct rpc_method; app gathers them into one table and hands it to
 * server/net as data. A handler runs on the event loop and must not block: it starts database requests and answers from
 * their callbacks. Every call is answered exactly once: rpc_reply, rpc_fail, or (streams) rpc_finish.
 *
 * A call can outlive its stream (the client cancelled, the connection died) while a database reply is still under way.
 * Whoever keeps a call across a return to the loop holds it with rpc_call_ref(); afterwards rpc_call_is_done() says whether
 * an answer is still wanted. Answering a done call is harmless and does nothing.
 */
#ifndef WG_RPC_RPC_H
#define WG_RPC_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/err.h"

struct rpc_call;

enum rpc_kind { RPC_UNARY, RPC_SERVER_STREAM, RPC_CLIENT_STREAM, RPC_BIDI };

enum rpc_flags {
    RPC_PUBLIC = 1 << 0,         /* needs no session (Login, health, reflection) */
    RPC_FIRST_PASSWORD = 1 << 1, /* open to an account whose password must be changed; the authenticator looks at it */
};

struct rpc_method {
    const char *path; /* "/wangge.v1.CaseService/GetCase" */
    enum rpc_kind kind;
    unsigned flags; /* enum rpc_flags */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
    int default_deadline_ms; /* used when the client sends none; 0: none (streams) */

    /*
     * RPC_UNARY, RPC_SERVER_STREAM: called once, when the whole request has arrived and the client half-closed.
     * RPC_CLIENT_STREAM, RPC_BIDI: called for every message; req is borrowed until the call's next message is delivered
     * unless copied (it lives in a per-message arena that the handler may take with rpc_take_message_arena).
     * req has passed the wire pre-check: UTF-8, no NUL, bounded depth and field count.
     */
    void (*on_message)(struct rpc_call *call, const ProtobufCMessage *req);
    /* Streams only, may be NULL: before the first message; set up state with rpc_call_set_data. */
    void (*on_start)(struct rpc_call *call);
    /* Client streams only: the client half-closed; no more messages. */
    void (*on_half_close)(struct rpc_call *call);
    /* Streams only, may be NULL: the send window has room again after rpc_send returned false. */
    void (*on_writable)(struct rpc_call *call);
    /* May be NULL: the call was cancelled, expired or lost before it was answered; called at most once. */
    void (*on_cancel)(struct rpc_call *call);
    /* Whatever the service needs to find its own context; copied from the table. */
    void *ctx;
};

/* Lives as long as the call (until the last unref). Holds what the reply is built from. */
struct arena *rpc_arena(struct rpc_call *call);
/* Client streams, inside on_message: the arena that holds the message; now the caller's, who destroys it. */
struct arena *rpc_take_message_arena(struct rpc_call *call);
const struct rpc_method *rpc_call_method(const struct rpc_call *call);
/* Service-private state, e.g. a stream's cursor. */
void rpc_call_set_data(struct rpc_call *call, void *data);
void *rpc_call_data(const struct rpc_call *call);
/* Who calls: set by the authenticator, NULL for public methods. Borrowed while the call lives. */
void rpc_call_set_principal(struct rpc_call *call, const void *principal);
const void *rpc_call_principal(const struct rpc_call *call);
/* One more pointer that goes with the call, for whoever looks at it when it has ended (the audit). NULL until set; borrowed. */
void rpc_call_set_note(struct rpc_call *call, void *note);
void *rpc_call_note(const struct rpc_call *call);
/* A request header by lower-case name, or NULL. Borrowed while the call lives. */
const char *rpc_header(const struct rpc_call *call, const char *name);
/* True if the message being handled came compressed. */
bool rpc_was_compressed(const struct rpc_call *call);
/* The peer, for logs: "127.0.0.1:4711" or "unix". */
const char *rpc_peer(const struct rpc_call *call);
/* SHA-256 of the key (SubjectPublicKeyInfo) of the client certificate that the connection was opened with and that was
 * verified; NULL if there was none. Borrowed while the call lives. */
const uint8_t *rpc_peer_key(const struct rpc_call *call);
/* Monotonic instant at which the client stops waiting; USEC_NONE if never. */
usec_t rpc_deadline(const struct rpc_call *call);
/* True once answered, cancelled or expired. */
bool rpc_call_is_done(const struct rpc_call *call);
/* Holds the call; why is a static string for the debug log. Pair with rpc_call_unref. */
struct rpc_call *rpc_call_ref(struct rpc_call *call, const char *why);
void rpc_call_unref(struct rpc_call *call, const char *why);

/*
 * Adds metadata to the response: a header before the first message was sent, a trailer before the call is answered. name is
 * lower case and static; value is printable ASCII (base64 for names in -bin) and is copied. ERR_NOMEM, ERR_EXHAUSTED.
 */
int rpc_add_header(struct rpc_call *call, const char *name, const char *value) MUST_CHECK;
int rpc_add_trailer(struct rpc_call *call, const char *name, const char *value) MUST_CHECK;

/* Answers a unary or client-streaming call with OK. msg is packed before return. */
void rpc_reply(struct rpc_call *call, const ProtobufCMessage *msg);
/* Ends the call with the status that e->code maps to, e->text as the message, ErrorInfo (reason e->code, domain "wangge"), and
 * BadRequest if e->field is set. A stream's queued messages go out before. */
void rpc_fail(struct rpc_call *call, const struct err *e);
/* As rpc_fail with one more typed detail, e.g. wangge.v1.CaseConflict; an ErrorInfo takes the place of rpc_fail's. All details
 * together have at most 6 KiB, because clients limit their headers; a detail that does not fit is left out. */
void rpc_fail_detail(struct rpc_call *call, const struct err *e, const ProtobufCMessage *detail);
/* Ends the call with any gRPC status code and message, without details. For what no err_code stands for. */
void rpc_end(struct rpc_call *call, int grpc_status, const char *message);
/* Queues a stream message. Returns false once more than 64 KiB are queued: stop until on_writable. The message is queued either
 * way. */
bool rpc_send(struct rpc_call *call, const ProtobufCMessage *msg);
/* Ends a server or bidi stream with OK after what is queued. */
void rpc_finish(struct rpc_call *call);
/* Stops and resumes the delivery of client messages; HTTP/2 flow control then holds the client. */
void rpc_pause(struct rpc_call *call);
void rpc_resume(struct rpc_call *call);

/* The gRPC status code of an enum err_code: the one table. For items of a bulk call that carry a status of their own. */
int rpc_status_of(int err_code);

#endif
