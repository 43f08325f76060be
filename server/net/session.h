/* SPDX-License-Identifier: MIT */
/*
 * The server side of one HTTP/2 connection, without I/O: bytes in, bytes out, request streams handed to server/rpc. A flood of
 * cheap frames ends the connection. Whoever owns the socket (conn.c) or a transcript (tests) feeds and drains it.
 */
#ifndef WG_NET_SESSION_H
#define WG_NET_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "server/rpc/server.h"

struct net_session;
struct net_session_env; /* what all sessions of a process share */

/* NULL without memory. */
struct net_session_env *net_session_env_create(struct rpc_server *rpc, unsigned max_streams);
/* All sessions must be gone. Accepts NULL. */
void net_session_env_destroy(struct net_session_env *env);

/* on_output is called when an answer made outside of recv and send waits; it only notes that. NULL without memory. */
struct net_session *net_session_create(struct net_session_env *env, const char *peer, void (*on_output)(void *arg), void *arg);
/* The peer showed a certificate that was verified; key: SHA-256 of its SubjectPublicKeyInfo. Before the first net_session_recv.
 */
void net_session_set_peer_key(struct net_session *s, const uint8_t key[32]);
/* Cancels the calls, frees. Never inside a callback of the session. Accepts NULL. */
void net_session_destroy(struct net_session *s);

/* Takes received bytes; handlers run inside. ERR_PROTOCOL: close at once, there is nothing to say to this peer. */
int net_session_recv(struct net_session *s, const uint8_t *data, size_t len) MUST_CHECK;
/* Appends what is to be sent until out holds about limit bytes; handlers (on_writable) may run inside. ERR_PROTOCOL, ERR_NOMEM:
 * close at once. */
int net_session_send(struct net_session *s, struct buf *out, size_t limit) MUST_CHECK;
bool net_session_wants_output(const struct net_session *s);
/* True when all was said: send what is left, then close. */
bool net_session_is_over(const struct net_session *s);
/* True once the client's preface and SETTINGS arrived. */
bool net_session_is_open(const struct net_session *s);
/* True between the first and the last byte of a request's headers. */
bool net_session_is_in_headers(const struct net_session *s);
/* Streams that are open. */
unsigned net_session_open_streams(const struct net_session *s);
/* True if the peer was closed for breaking rules or flooding. */
bool net_session_was_bad(const struct net_session *s);

/* Drain: tell the client that the end is near; some 200 ms later take no more streams; those open finish. */
void net_session_shutdown_notice(struct net_session *s);
void net_session_goaway(struct net_session *s);
/* Ends the connection with an HTTP/2 error code. */
void net_session_terminate(struct net_session *s, uint32_t error_code);
void net_session_ping(struct net_session *s);

#endif
