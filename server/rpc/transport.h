/* SPDX-License-Identifier: MIT */
/*
 * Between server/net and server/rpc: how an HTTP/2 session drives calls, and what calls ask of it. Nobody else includes this.
 *
 * A session makes one rpc_conn for itself and one rpc_call per request stream, tells it what arrives, and reads from it what
 * is to be sent. A call may outlive stream and session; it then finds its conn detached and sends nothing.
 */
#ifndef WG_RPC_TRANSPORT_H
#define WG_RPC_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <nghttp2/nghttp2.h>

#include "server/rpc/rpc.h"
#include "server/rpc/server.h"

/* What calls ask of a session. Never called with a stream that was closed. Safe inside nghttp2's callbacks. */
struct rpc_transport {
    /* Starts the response; with end_stream it is all there is, otherwise messages and trailers are read by rpc_call_*. */
    void (*respond)(void *session, int32_t stream_id, const nghttp2_nv *nv, size_t n, bool end_stream);
    /* There is more to read: messages or the end. */
    void (*output)(void *session, int32_t stream_id);
    /* The stream is to be ended with RST_STREAM. */
    void (*reset)(void *session, int32_t stream_id, uint32_t error_code);
    /* n bytes of DATA were taken: the peer may send that many more on this stream. */
    void (*taken)(void *session, int32_t stream_id, size_t n);
};

struct rpc_conn;

/* peer is copied. Shared by the session and its calls. NULL without memory. */
struct rpc_conn *rpc_conn_create(struct rpc_server *srv, const struct rpc_transport *ops, void *session, const char *peer);
enum { RPC_PEER_KEY_SIZE = 32 };
/* The peer showed a certificate that was verified; key is copied. Before the first call. */
void rpc_conn_set_peer_key(struct rpc_conn *conn, const uint8_t key[RPC_PEER_KEY_SIZE]);
/* The session is going: calls no longer reach it. Accepts NULL. */
void rpc_conn_detach(struct rpc_conn *conn);
/* Calls of this connection that exist, cancelled ones under way included. */
unsigned rpc_conn_live_calls(const struct rpc_conn *conn);
/* True once a call of this connection was authenticated. */
bool rpc_conn_is_trusted(const struct rpc_conn *conn);

/* A request stream began. The returned reference ("stream") is the session's. NULL without memory. */
struct rpc_call *rpc_call_create(struct rpc_conn *conn, int32_t stream_id);
void rpc_call_on_header(struct rpc_call *call, const char *name, size_t name_len, const char *value, size_t value_len);
/* overloaded: answer RESOURCE_EXHAUSTED without looking. */
void rpc_call_on_headers_end(struct rpc_call *call, bool overloaded);
void rpc_call_on_data(struct rpc_call *call, const uint8_t *data, size_t len);
void rpc_call_on_half_close(struct rpc_call *call);
/* The stream is gone. The session then drops its reference, but not inside nghttp2's callback. */
void rpc_call_on_closed(struct rpc_call *call);
/* Calls on_writable if a send was refused and there is room again. Not inside nghttp2's callbacks. */
void rpc_call_tell_writable(struct rpc_call *call);

/* Bytes that may go into a DATA frame now. *ret_end: the response ends with at most these. */
size_t rpc_call_pending(const struct rpc_call *call, bool *ret_end);
/* Copies n bytes (at most what is pending) to out and forgets them. Returns true if rpc_call_tell_writable is due. */
bool rpc_call_read(struct rpc_call *call, uint8_t *out, size_t n);
enum { RPC_MAX_TRAILERS = 16 };
/* The trailers of an answered call; borrowed while the call lives. */
size_t rpc_call_trailers(struct rpc_call *call, nghttp2_nv nv[RPC_MAX_TRAILERS]);

struct timerq;
struct timerq *rpc_server_timers(struct rpc_server *srv);
const struct clock *rpc_server_clock(const struct rpc_server *srv);

#endif
