/* SPDX-License-Identifier: MIT */
/* What the files of server/net share. Nobody else includes this. */
#ifndef WG_NET_NET_IMPL_H
#define WG_NET_NET_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>

#include "common/base/buf.h"
#include "server/net/net.h"
#include "server/net/session.h"
#include "server/rpc/timerq.h"

enum {
    NET_MAX_LISTENERS = 16,
    NET_RX_SIZE = 64 * 1024,   /* one recv */
    NET_TX_SIZE = 64 * 1024,   /* about one send */
    NET_TX_MAX = 256 * 1024,   /* the same with frames and TLS records that were begun */
    NET_OUT_MAX = 1024 * 1024, /* of one connection whose peer does not read */
    NET_LINGER_MS = 1000,
};

struct listener {
    struct net *net;
    struct event *event;
    int fd;
    unsigned flags; /* enum net_listen_flags */
    bool is_unix;
    char *path; /* of a Unix socket we made */
};

/*
 * One accepted connection.
 *   HANDSHAKE  TLS, or waiting for the client's first SETTINGS; bounded by handshake_timeout_ms
 *   OPEN       requests; bounded by header, idle, keepalive and write timeouts
 *   LINGER     all was sent and the sending side is shut; what arrives is thrown away until the peer closes, NET_LINGER_MS
 *   DEAD       closed; freed at the end of the loop turn
 */
enum conn_state { CONN_HANDSHAKE, CONN_OPEN, CONN_LINGER, CONN_DEAD };

struct conn {
    struct conn *prev, *next; /* net->conns */
    struct conn *next_dirty;
    struct net *net;
    struct net_session *session; /* NULL during the TLS handshake */
    SSL *ssl;                    /* NULL for clear text */
    const uint8_t *rx;           /* what the TLS layer may read, during a read event */
    size_t rx_len;
    struct buf out; /* bytes the socket did not take */
    struct event read_event;
    struct event write_event;
    struct timerq_node timer;
    usec_t created_at;
    usec_t last_recv_at;
    usec_t last_active_at; /* anything sent or received */
    usec_t headers_since;
    usec_t blocked_since;
    usec_t ping_at; /* USEC_NONE: no PING is unanswered */
    int fd;
    enum conn_state state;
    bool busy, dirty, blocked, counted_bad;
    char peer[64];
};

struct net {
    struct event_base *base;
    struct net_config cfg;
    const struct clock *clock;
    struct timerq *timers;
    struct net_session_env *env;
    SSL_CTX *tls;
    BIO_METHOD *bio;
    struct listener listeners[NET_MAX_LISTENERS];
    size_t n_listeners;
    struct conn *conns;
    struct conn *dirty; /* to be flushed, or freed, at the end of the loop turn */
    struct event *turn_event;
    struct timerq_node accept_timer; /* listeners are paused */
    bool accept_paused, draining, drained;
    struct timerq_node drain_timer;
    enum { DRAIN_NOTICE, DRAIN_GOAWAY } drain_step;
    usec_t drain_until;
    void (*drain_done)(void *arg);
    void *drain_arg;
    struct net_stats stats;
    uint8_t rx[NET_RX_SIZE];  /* shared: a connection keeps nothing between two events */
    uint8_t plain[16 * 1024]; /* one decrypted record */
    struct buf tx;            /* for the socket; empty between two events */
    struct buf clear;         /* to be encrypted into tx; empty between two events */
};

/* conn.c */
/* Takes fd. On failure closes it. */
void conn_accept(struct net *net, int fd, const struct listener *l, const char *peer);
void conn_close(struct conn *c);
/* Closes after what is queued has left. */
void conn_shutdown_notice(struct conn *c);
void conn_goaway(struct conn *c);
/* Runs at the end of a loop turn. */
void conn_run_turn(struct net *net);

/* tls.c */
BIO_METHOD *tls_bio_method(void);
/* A server-side object that reads conn->rx and writes net->tx. NULL without memory. */
SSL *tls_create(struct net *net, struct conn *c);

/* SHA-256 of the key of the peer's verified certificate; false if it showed none. */
bool tls_peer_key(SSL *ssl, uint8_t key[32]);

/* net.c */
void net_schedule_turn(struct net *net);
/* A connection is gone: more may be accepted, a drain may be over. */
void net_on_conn_closed(struct net *net);

/* listen.c */
void listen_pause(struct net *net);
void listen_resume(struct net *net);
void listen_close_all(struct net *net);

#endif
