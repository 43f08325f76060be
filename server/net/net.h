/* SPDX-License-Identifier: MIT */
/*
 * The gRPC listeners of one process: TCP and Unix sockets, TLS, HTTP/2 sessions, limits and timeouts. Everything runs on the
 * event base that is passed in; what a request means is server/rpc's part.
 *
 * Life: net_create, net_set_tls, net_listen_*, the loop, net_drain (waits for calls to finish), net_destroy.
 */
#ifndef WG_NET_NET_H
#define WG_NET_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <event2/event.h>

#include "common/base/err.h"
#include "server/rpc/server.h"

struct net;

/* Zero takes the default in brackets. */
struct net_config {
    struct rpc_server *rpc;   /* borrowed; outlives net */
    unsigned max_connections; /* [20000]; more wait in the listen queue */
    unsigned max_streams;     /* calls at once per connection [256]; as many again may be finishing after a cancel */
    int handshake_timeout_ms; /* accept to the client's first SETTINGS, TLS included [10000] */
    int header_timeout_ms;    /* first to last byte of a request's headers [10000] */
    int idle_timeout_ms;      /* without a call, then GOAWAY [900000] */
    int keepalive_ms;         /* silence after which a PING is sent to a connection with calls [60000] */
    int write_timeout_ms;     /* without the peer reading anything that waits for it; also an unanswered PING [20000] */
    int drain_notice_ms;      /* between the shutdown notice and GOAWAY [200] */
    int drain_timeout_ms;     /* after which net_drain cancels what still runs [30000] */
    bool allow_cleartext;     /* HTTP/2 without TLS beyond loopback and Unix sockets */
};

enum net_listen_flags {
    NET_TLS = 1 << 0,
    NET_REUSEPORT = 1 << 1, /* several processes share the port */
};

struct net_stats {
    uint64_t accepted; /* connections, ever */
    uint64_t refused;  /* handshakes that failed, protocol errors, timeouts and floods */
    uint64_t bytes_in; /* on the sockets */
    uint64_t bytes_out;
    uint64_t accept_pauses;   /* times the process ran out of descriptors */
    unsigned connections;     /* now */
    unsigned tls_connections; /* now */
};

/* Owned by the caller. cfg is copied. */
struct net *net_create(struct event_base *base, const struct net_config *cfg, struct err *e);
/* Loads certificate chain and key (PEM) for connections accepted from now on; call again to reload. On an error the old ones
 * stay. client_ca_file: if not NULL, clients must present a certificate signed by it; with client_optional they may also
 * present none. */
int net_set_tls(struct net *net, const char *cert_file, const char *key_file, const char *client_ca_file, bool client_optional,
                struct err *e) MUST_CHECK;
/*
 * host: a numeric IPv4 or IPv6 address, or "localhost"; port 0 takes a free one; *ret_port (may be NULL) is the one taken.
 * ERR_DENIED: without NET_TLS on an address that is not loopback, unless the configuration allows it.
 */
int net_listen_tcp(struct net *net, const char *host, uint16_t port, unsigned flags, uint16_t *ret_port,
                   struct err *e) MUST_CHECK;
/* A socket that nobody answers on is replaced; a live one is ERR_EXISTS. mode e.g. 0660. The file goes with net_destroy. */
int net_listen_unix(struct net *net, const char *path, unsigned mode, struct err *e) MUST_CHECK;
/* A listening socket made by somebody else (socket activation). Taken, also on error. */
int net_listen_fd(struct net *net, int fd, unsigned flags, struct err *e) MUST_CHECK;

/*
 * Stops accepting, tells every client (shutdown notice, then GOAWAY), lets calls finish, closes. done is called once, when no
 * connection is left or drain_timeout_ms passed; never before this function returns.
 */
void net_drain(struct net *net, void (*done)(void *arg), void *arg);
/* Closes everything at once; calls under way are cancelled. Not from inside a handler. Accepts NULL. */
void net_destroy(struct net *net);
void net_get_stats(const struct net *net, struct net_stats *ret);

#endif
