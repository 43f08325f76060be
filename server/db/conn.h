/* SPDX-License-Identifier: MIT */
/*
 * One connection to PostgreSQL that keeps itself alive: connect, set up, serve requests in pipeline mode, reconnect. Internal
 * to this folder: the lanes (query.c, unit.c) and the listener (listen.c) sit on it.
 *
 * Invariant: a request that was accepted by conn_send is answered exactly once, never from inside conn_send, and never sent a
 * second time.
 */
#ifndef WG_DB_CONN_H
#define WG_DB_CONN_H

#include <event2/event.h>
#include <libpq-fe.h>

#include "server/db/db.h"

struct conn;

enum conn_state {
    CONN_WAITING,    /* no connection; timer: the next attempt */
    CONN_CONNECTING, /* libpq's handshake, one-shot event on its socket; timer: connect timeout */
    CONN_SETUP,      /* session settings and prepared statements in flight, read event; timer: connect timeout */
    CONN_READY,      /* serving, read event; timer: heartbeat when idle, reply timeout otherwise */
    CONN_CLOSED,     /* being destroyed, nothing armed */
};

/* One statement with a Sync of its own. Embedded in the user's struct; taken by conn_send until done. */
struct conn_req {
    struct conn_req *_next;
    PGresult *_res;
    bool _scoped; /* the answer to the scope comes before the statement's */
    bool warned;  /* the server gave a warning while this was in flight; warning has its SQLSTATE */
    char warning[6];
    char state[6]; /* SQLSTATE of a statement that failed and was answered to the end; empty after a lost connection */
    /*
     * Exactly once. res as in db_result_fn. A connection lost after sending is always ERR_UNKNOWN_OUTCOME; who only read turns
     * that into ERR_UNAVAILABLE.
     */
    void (*done)(struct conn_req *r, const PGresult *res, const struct err *e);
};

/* Which server is at the other end. */
struct conn_identity {
    char system_id[24]; /* of the cluster, kept by its standbys and by promotion */
    int64_t timeline;   /* grows with each promotion */
    bool standby;
};

struct conn_ops {
    /* Asked before a connection becomes ready; non-zero refuses the server and tries the next. */
    int (*accept)(void *arg, struct conn *c, const struct conn_identity *id, struct err *e);
    void (*up)(void *arg, struct conn *c);
    /* After every failed attempt and every loss; what was in flight is answered after this returns. */
    void (*down)(void *arg, struct conn *c, const struct err *why);
    /* Answers came in: there may be room for more requests. */
    void (*room)(void *arg, struct conn *c);
    void (*notify)(void *arg, struct conn *c, const char *channel, const char *payload); /* may be NULL */
};

struct conn_config {
    struct event_base *base;
    const char *conninfo;               /* borrowed */
    const struct db_stmt *const *stmts; /* may be NULL */
    const char *role;                   /* to switch to after login; borrowed, may be NULL */
    int reply_timeout_ms;
    const struct clock *clock;
    const struct conn_ops *ops;
    void *arg;
};

/* Begins to connect on the next turn of the loop. Owned by the caller. */
struct conn *conn_create(const struct conn_config *cfg, struct err *e);
/* Answers what is in flight, closes. Accepts NULL. Not from a callback of this connection. */
void conn_destroy(struct conn *c);
/* False for NULL. */
bool conn_is_ready(const struct conn *c);
/* True if it was given up because nothing was heard in time, and not because the server refused or hung up. */
bool conn_was_silent(const struct conn *c);
/* Requests sent and not answered. */
int conn_in_flight(const struct conn *c);
/* Of the present or last connection. */
const struct conn_identity *conn_identity(const struct conn *c);
/* Sends a prepared statement and, unless NULL, a rider in its transaction; r->done must be set. scope, unless NULL or empty, is
 * set for its transaction. ERR_UNAVAILABLE if not ready, and then r was not taken. */
int conn_send(struct conn *c, const struct db_scope *scope, const struct db_stmt *stmt, const struct db_params *p,
              const struct db_rider *rider, struct conn_req *r, struct err *e) MUST_CHECK;
/* As conn_send for a text without parameters. */
int conn_send_sql(struct conn *c, const char *sql, struct conn_req *r, struct err *e) MUST_CHECK;
/* Replaces the connection at the next turn of the loop; what is in flight counts as lost. */
void conn_kick(struct conn *c);

#endif
