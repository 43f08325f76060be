/* SPDX-License-Identifier: MIT */
/*
 * Group commit: what arrives while a unit is in flight leaves together in the next, as one statement with one Sync.
 *
 * Invariant: a member is in exactly one place: a lane's queue, or one unit. What was sent is never sent again unless the
 * server said, with the Sync, that it did nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "common/base/text.h"
#include "server/db/pool.h"
#include "server/db/result.h"
#include "server/db/sqlstate.h"

enum { SCRATCH_MAX = 64 * 1024 * 1024 };

struct unit {
    struct conn_req req;
    struct db_lane *lane;
    const struct db_unit_ops *ops;
    int n;
    int live;                   /* members without an answer */
    struct db_write *members[]; /* NULL once answered */
};

static void on_pump(evutil_socket_t fd, short what, void *arg)
{
    unit_pump(arg);
}

int unit_lane_init(struct db_lane *lane, struct err *e)
{
    lane->scratch = arena_create(SCRATCH_MAX);
    lane->pump = event_new(lane->db->base, -1, 0, on_pump, lane);
    if (!lane->scratch || !lane->pump)
        return err_set(e, ERR_NOMEM, "There is not enough memory to connect to the database.");
    return 0;
}

void unit_lane_fini(struct db_lane *lane)
{
    assert(lane->queued == 0 && lane->units == 0);
    if (lane->pump)
        event_free(lane->pump);
    arena_destroy(lane->scratch);
    lane->pump = NULL;
    lane->scratch = NULL;
}

static struct db_lane *lane_of(struct db *db, uint64_t lock_key)
{
    /* Keys may be consecutive or share their low bits; the multiplication spreads either. */
    return &db->writes[(lock_key * UINT64_C(0x9E3779B97F4A7C15) >> 32) % (uint64_t)db->cfg.write_lanes];
}

static struct unit_queue *queue_of(struct db_lane *lane, const struct db_unit_ops *ops)
{
    for (int i = 0; i < lane->nqueues; i++)
        if (lane->queues[i].ops == ops)
            return &lane->queues[i];
    if (lane->nqueues == UNIT_OPS_MAX)
        return NULL;
    struct unit_queue *q = &lane->queues[lane->nqueues++];
    *q = (struct unit_queue){.ops = ops};
    q->tail = &q->head;
    return q;
}

static void push_back(struct db_lane *lane, struct unit_queue *q, struct db_write *w)
{
    w->_next = NULL;
    *q->tail = w;
    q->tail = &w->_next;
    lane->queued++;
}

static struct db_write *pop_front(struct db_lane *lane, struct unit_queue *q)
{
    struct db_write *w = q->head;
    q->head = w->_next;
    if (!q->head)
        q->tail = &q->head;
    w->_next = NULL;
    lane->queued--;
    return w;
}

int db_write_submit(struct db *db, const struct db_unit_ops *ops, struct db_write *w, struct err *e)
{
    struct db_lane *lane = lane_of(db, w->lock_key);
    if (db->closing || !conn_is_ready(lane->conn)) {
        int ret = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached right now. Nothing was saved; try again.");
        err_detail(e, "%s", db->last_error.detail);
        return ret;
    }
    if (lane->queued >= db->cfg.queue_limit) {
        db->stats.refused++;
        return err_set(e, ERR_EXHAUSTED,
                       "The server is too busy for this right now. Nothing was saved; try again a little later.");
    }
    struct unit_queue *q = queue_of(lane, ops);
    if (!q)
        return err_set(e, ERR_INTERNAL, "The server could not do this because of an error of its own. It has been logged.");
    w->_ops = ops;
    w->_seq = db->seq++;
    w->_again = false;
    push_back(lane, q, w);
    pool_sweep_at(db, w->deadline);
    if (lane->units == 0)
        event_active(lane->pump, EV_TIMEOUT, 0);
    return 0;
}

static void finish(struct unit *u, int i, const PGresult *res, int row, const struct err *e)
{
    struct db_write *w = u->members[i];
    assert(w);
    u->members[i] = NULL;
    u->live--;
    if (e->code == ERR_UNKNOWN_OUTCOME)
        u->lane->db->stats.unknown_outcomes++;
    w->done(w, res, row, e);
}

static void finish_all(struct unit *u, const struct err *e)
{
    for (int i = 0; i < u->n; i++)
        if (u->members[i])
            finish(u, i, NULL, -1, e);
}

static bool is_expired(const struct db *db, const struct db_write *w)
{
    return w->deadline != USEC_NONE && w->deadline <= pool_now(db);
}

static void expired_err(struct db *db, struct err *e)
{
    db->stats.expired++;
    (void)err_set(e, ERR_DEADLINE, "The time allowed for this was over before it could begin. Nothing was saved; try again.");
}

static void on_unit_done(struct conn_req *r, const PGresult *res, const struct err *e);

static struct unit *unit_create(struct db_lane *lane, const struct db_unit_ops *ops, int max)
{
    struct unit *u = calloc(1, sizeof *u + (size_t)max * sizeof *u->members);
    if (u) {
        u->req.done = on_unit_done;
        u->lane = lane;
        u->ops = ops;
    }
    return u;
}

/* Packs and sends; on failure every member is told, nothing was sent, and u is gone. */
static void unit_send(struct unit *u)
{
    struct db_lane *lane = u->lane;
    struct db_params p;
    struct err e = {0};
    db_params_init(&p);
    u->live = u->n;
    int ret = u->ops->pack(u->members, u->n, &p, lane->scratch, &e);
    FAILPOINT_OF("unit.packed", u->ops->stmt->name);
    if (!ret)
        ret = conn_send(lane->conn, NULL, u->ops->stmt, &p, NULL, &u->req, &e);
    arena_reset(lane->scratch);
    FAILPOINT_OF("unit.sent", u->ops->stmt->name);
    if (ret) {
        if (e.code == 0)
            (void)err_set(&e, ret, "The server could not do this because of an error of its own. It has been logged.");
        finish_all(u, &e);
        free(u);
        return;
    }
    lane->units++;
    lane->db->stats.units++;
}

static int by_lock_key(const void *a, const void *b)
{
    const struct db_write *x = *(struct db_write *const *)a;
    const struct db_write *y = *(struct db_write *const *)b;
    if (x->lock_key != y->lock_key)
        return x->lock_key < y->lock_key ? -1 : 1;
    return x->_seq < y->_seq ? -1 : x->_seq > y->_seq;
}

/* Members beyond the first of a lock key go back to the front of the queue, in their order of arrival. */
static void return_duplicates(struct db_lane *lane, struct unit_queue *q, struct unit *u)
{
    struct db_write *back = NULL, **tail = &back;
    int n = 0;
    for (int i = 0; i < u->n; i++) {
        struct db_write *w = u->members[i];
        if (n > 0 && u->members[n - 1]->lock_key == w->lock_key) {
            *tail = w;
            tail = &w->_next;
            lane->queued++;
        } else {
            u->members[n++] = w;
        }
    }
    u->n = n;
    if (!back)
        return;
    *tail = q->head;
    if (!q->head)
        q->tail = tail;
    q->head = back;
}

static struct unit_queue *oldest_queue(struct db_lane *lane)
{
    struct unit_queue *best = NULL;
    for (int i = 0; i < lane->nqueues; i++) {
        struct unit_queue *q = &lane->queues[i];
        if (q->head && (!best || q->head->_seq < best->head->_seq))
            best = q;
    }
    return best;
}

void unit_pump(struct db_lane *lane)
{
    struct db *db = lane->db;
    while (lane->units == 0 && lane->queued > 0 && conn_is_ready(lane->conn)) {
        struct unit_queue *q = oldest_queue(lane);
        int max = db->cfg.max_unit < lane->queued ? db->cfg.max_unit : lane->queued;
        struct unit *u = unit_create(lane, q->ops, max);
        struct db_write *expired = NULL, **tail = &expired;
        struct err e;
        if (!u) {
            (void)err_set(&e, ERR_NOMEM, "The server is out of memory. Nothing was saved; try again a little later.");
            unit_fail_queued(lane, &e, NULL);
            return;
        }
        while (q->head && u->n < max) {
            struct db_write *w = pop_front(lane, q);
            if (is_expired(db, w)) {
                *tail = w;
                tail = &w->_next;
            } else {
                u->members[u->n++] = w;
            }
        }
        qsort(u->members, (size_t)u->n, sizeof *u->members, by_lock_key);
        if (q->ops->distinct_keys)
            return_duplicates(lane, q, u);
        if (u->n > 0) {
            db->stats.writes += (uint64_t)u->n;
            unit_send(u);
        } else {
            free(u);
        }
        while (expired) {
            struct db_write *w = expired;
            expired = w->_next;
            expired_err(db, &e);
            w->done(w, NULL, -1, &e);
        }
    }
}

/* Runs the members without an answer again, each in a statement and a transaction of its own. */
static void run_again(struct unit *u)
{
    struct db_lane *lane = u->lane;
    struct db *db = lane->db;
    for (int i = 0; i < u->n; i++) {
        struct db_write *w = u->members[i];
        struct err e;
        if (!w)
            continue;
        if (is_expired(db, w)) {
            expired_err(db, &e);
            finish(u, i, NULL, -1, &e);
            continue;
        }
        struct unit *one = unit_create(lane, u->ops, 1);
        if (!one) {
            (void)err_set(&e, ERR_NOMEM, "The server is out of memory. Nothing was saved; try again a little later.");
            finish(u, i, NULL, -1, &e);
            continue;
        }
        w->_again = true;
        u->members[i] = NULL;
        u->live--;
        one->members[0] = w;
        one->n = 1;
        db->stats.unit_retries++;
        unit_send(one);
    }
}

/* The whole unit failed and the server says so: nothing of it is in the database. */
static void on_unit_error(struct unit *u, const struct err *e)
{
    const char *state = u->req.state;
    bool again = u->members[0]->_again;
    if (!again && (u->n > 1 ? sqlstate_lookup(state)->rerun : sqlstate_is_serialization(state)))
        run_again(u);
    else
        finish_all(u, e);
}

static void on_unit_rows(struct unit *u, const PGresult *res)
{
    int rows = PQresultStatus(res) == PGRES_TUPLES_OK && PQnfields(res) >= 2 ? PQntuples(res) : 0;
    bool again = false;
    for (int row = 0; row < rows; row++) {
        int i = db_get_i32(res, row, 0);
        const char *state = db_get_text(res, row, 1);
        struct err e;
        if (i < 0 || i >= u->n || !u->members[i] || !state)
            continue;
        if (sqlstate_is_serialization(state) && !u->members[i]->_again)
            again = true;
        else if (sqlstate_err(&e, state, NULL))
            finish(u, i, NULL, -1, &e);
        else
            finish(u, i, res, row, &e);
    }
    if (!again && u->live == 0)
        return;
    /* Rows of members to be run again are known; a member without any row is our statement's fault, and it has committed. */
    for (int row = 0; again && row < rows; row++) {
        int i = db_get_i32(res, row, 0);
        if (i >= 0 && i < u->n && u->members[i] && sqlstate_is_serialization(db_get_text(res, row, 1)))
            u->members[i]->_again = true;
    }
    for (int i = 0; i < u->n; i++) {
        if (!u->members[i] || (again && u->members[i]->_again))
            continue;
        struct err e;
        (void)err_set(&e, ERR_UNKNOWN_OUTCOME,
                      "It is not known whether this was saved, because of an error of the server's own. Send it again with the "
                      "same key.");
        err_detail(&e, "statement %s returned no row for the member", u->ops->stmt->name);
        finish(u, i, NULL, -1, &e);
    }
    if (again)
        run_again(u);
}

static void on_unit_done(struct conn_req *r, const PGresult *res, const struct err *e)
{
    struct unit *u = (struct unit *)r;
    struct db_lane *lane = u->lane;
    lane->units--;
    FAILPOINT_OF("unit.answered", u->ops->stmt->name);
    if (e->code != 0) {
        if (r->state[0])
            on_unit_error(u, e);
        else
            finish_all(u, e);
    } else if (r->warned) {
        struct err w;
        (void)err_set(&w, ERR_UNKNOWN_OUTCOME,
                      "The database gave a warning while saving; it is not known whether this is durable. Send it again with "
                      "the same key.");
        err_detail(&w, "warning, SQLSTATE %s", r->warning);
        finish_all(u, &w);
    } else {
        on_unit_rows(u, res);
    }
    assert(u->live == 0);
    free(u);
}

void unit_fail_queued(struct db_lane *lane, const struct err *why, usec_t *next_deadline)
{
    struct db *db = lane->db;
    struct db_write *fail = NULL, **fail_tail = &fail;
    for (int i = 0; i < lane->nqueues; i++) {
        struct unit_queue *q = &lane->queues[i];
        for (struct db_write **at = &q->head; *at;) {
            struct db_write *w = *at;
            if (!why && !is_expired(db, w)) {
                if (w->deadline != USEC_NONE && (*next_deadline == USEC_NONE || w->deadline < *next_deadline))
                    *next_deadline = w->deadline;
                at = &w->_next;
                continue;
            }
            *at = w->_next;
            if (!*at)
                q->tail = at;
            w->_next = NULL;
            *fail_tail = w;
            fail_tail = &w->_next;
            lane->queued--;
        }
    }
    while (fail) {
        struct db_write *w = fail;
        struct err e;
        fail = w->_next;
        if (!why)
            expired_err(db, &e);
        w->done(w, NULL, -1, why ? why : &e);
    }
}
