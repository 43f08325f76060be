/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a struct db share: the pool itself (db.c), single statements (query.c), write units (unit.c), the
 * listener (listen.c). Internal to this folder.
 */
#ifndef WG_DB_POOL_H
#define WG_DB_POOL_H

#include "server/db/conn.h"
#include "server/db/db.h"

struct query;

enum {
    READ_WINDOW = 16, /* statements in flight on one read lane: deep enough to hide the round trip, shallow enough to balance */
    EXECUTE_WINDOW = 4, /* statements beside a unit on one write lane */
    UNIT_OPS_MAX = 64,  /* kinds of write */
    LISTEN_MAX = 16,
};

/* Single statements of one kind and the lanes that serve them. What does not fit into the windows waits here, oldest first. */
struct query_class {
    struct db *db;
    struct db_lane *lanes;
    int nlanes;
    int window;
    bool writes; /* a lost connection leaves the outcome unknown */
    struct query *head;
    struct query **tail;
    int queued;
};

/* The members of one ops that wait in a lane, oldest first. */
struct unit_queue {
    const struct db_unit_ops *ops;
    struct db_write *head;
    struct db_write **tail;
};

struct db_lane {
    struct db *db;
    struct conn *conn;
    bool writes;
    bool was_ready;
    int queries; /* single statements in flight */
    /* Write lanes only. */
    struct event *pump; /* activated by the first submission of a loop turn */
    struct unit_queue queues[UNIT_OPS_MAX];
    int nqueues;
    int queued;
    int units; /* in flight: 0, 1, or several re-run members */
    struct arena *scratch;
};

struct listener {
    struct db *db;
    struct conn *conn;
    bool silent; /* its heartbeat was not answered: the server stands still, though busy lanes cannot tell yet */
    int nchannels;
    struct channel {
        struct listener *listener;
        struct conn_req req;
        bool in_flight;
        char *name;
        void (*fn)(void *arg, const char *payload);
        void *arg;
    } channels[LISTEN_MAX];
};

struct db {
    struct event_base *base;
    struct db_config cfg;
    char *conninfo;
    char *read_role, *write_role; /* NULL: none */
    struct db_lane reads[16];
    struct db_lane writes[8];
    struct query_class read_class;
    struct query_class write_class;
    struct listener listener;
    struct event *sweep; /* armed for the earliest deadline of what is queued */
    usec_t sweep_at;     /* USEC_NONE: not armed */
    uint64_t seq;
    bool ready;
    bool closing;
    void (*on_ready)(void *arg, bool ready);
    void *on_ready_arg;
    struct err last_error;
    char system_id[24]; /* of the cluster we belong to, once known */
    int64_t timeline;   /* the highest seen of it */
    struct db_stats stats;
};

/* db.c */
usec_t pool_now(const struct db *db);
/* Makes sure that what is queued is looked at when deadline passes. */
void pool_sweep_at(struct db *db, usec_t deadline);
struct conn *pool_conn(struct db *db, const struct conn_ops *ops, void *arg, bool with_stmts, bool writes, struct err *e);
/* The accept of every connection: one cluster, its primary, its newest timeline. */
int pool_accept(struct db *db, struct conn *c, const struct conn_identity *id, struct err *e);
/* Announces readiness if it has changed. */
void pool_check_ready(struct db *db);
/* Remembers why a connection is down. */
void pool_note_down(struct db *db, const struct err *why);

/* query.c */
void query_dispatch(struct query_class *cls);
/* Fails what waits: all of it with why, or with why NULL what is past its deadline. *next_deadline is lowered to the earliest
 * left. */
void query_fail_queued(struct query_class *cls, const struct err *why, usec_t *next_deadline);

/* unit.c */
int unit_lane_init(struct db_lane *lane, struct err *e);
void unit_lane_fini(struct db_lane *lane);
void unit_pump(struct db_lane *lane);
/* As query_fail_queued, for the members that wait in a lane. */
void unit_fail_queued(struct db_lane *lane, const struct err *why, usec_t *next_deadline);

/* listen.c */
void listener_fini(struct listener *l);

#endif
