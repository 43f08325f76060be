/* SPDX-License-Identifier: MIT */
/*
 * Single statements, on read lanes (db_query) and write lanes (db_execute): straight to the least busy lane while it has
 * room, into a queue in front of all lanes otherwise, so that a slow statement holds up only what was sent behind it.
 * Invariant: a struct query is either in its class's queue or in flight on one connection.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "server/db/pool.h"
#include "server/db/sqlstate.h"

struct query {
    struct conn_req req;
    struct query *next;
    struct query_class *cls;
    struct db_lane *lane; /* NULL while queued */
    const struct db_stmt *stmt;
    struct db_scope scope;
    usec_t deadline;
    db_result_fn fn;
    void *arg;
    struct db_params *params; /* a copy with its values behind it; only while queued */
    struct db_rider rider;    /* stmt NULL: none; its params as params */
};

static void query_destroy(struct query *q)
{
    free(q->params);
    free((void *)q->rider.params);
    free(q);
}

static void unknown_after_warning(struct err *e, const char *state)
{
    (void)err_set(e, ERR_UNKNOWN_OUTCOME,
                  "The database gave a warning while saving; it is not known whether this is durable. Send it again with the "
                  "same key.");
    err_detail(e, "warning, SQLSTATE %s", state);
}

static void on_done(struct conn_req *r, const PGresult *res, const struct err *e)
{
    struct query *q = (struct query *)r;
    struct db *db = q->cls->db;
    struct err own = *e;
    q->lane->queries--;
    if (q->cls->writes)
        FAILPOINT_OF("execute.answered", q->stmt->name);
    bool lost = e->code == ERR_UNKNOWN_OUTCOME && !r->state[0];
    if (q->cls->writes) {
        if (r->warned && e->code == 0)
            unknown_after_warning(&own, r->warning);
        if (own.code == ERR_UNKNOWN_OUTCOME)
            db->stats.unknown_outcomes++;
    } else if (lost) {
        (void)err_set(&own, ERR_UNAVAILABLE, "The database cannot be reached right now. Try again.");
        err_detail(&own, "%s", e->detail);
    }
    q->fn(q->arg, own.code == 0 ? res : NULL, &own);
    query_destroy(q);
}

static struct db_lane *least_busy(const struct query_class *cls, bool *ret_any)
{
    struct db_lane *best = NULL;
    *ret_any = false;
    for (int i = 0; i < cls->nlanes; i++) {
        struct db_lane *l = &cls->lanes[i];
        if (!conn_is_ready(l->conn))
            continue;
        *ret_any = true;
        if (l->queries < cls->window && (!best || conn_in_flight(l->conn) < conn_in_flight(best->conn)))
            best = l;
    }
    return best;
}

static int send_on(struct query *q, struct db_lane *lane, const struct db_params *p, const struct db_rider *rider,
                   struct err *e)
{
    int ret = conn_send(lane->conn, &q->scope, q->stmt, p, rider, &q->req, e);
    if (ret)
        return ret;
    q->lane = lane;
    lane->queries++;
    if (q->cls->writes)
        lane->db->stats.executes++;
    else
        lane->db->stats.queries++;
    return 0;
}

/* One block: the parameters and, behind them, every value. */
static struct db_params *params_copy(const struct db_params *p)
{
    size_t size = sizeof *p;
    for (int i = 0; i < p->n; i++)
        size += p->values[i] ? (size_t)p->lengths[i] + 1 : 0;
    struct db_params *copy = malloc(size);
    if (!copy)
        return NULL;
    *copy = *p;
    char *at = (char *)(copy + 1);
    for (int i = 0; i < p->n; i++) {
        if (!p->values[i])
            continue;
        size_t len = (size_t)p->lengths[i];
        memcpy(at, p->values[i], len);
        at[len] = '\0';
        copy->values[i] = at;
        at += len + 1;
    }
    return copy;
}

static int enqueue(struct query *q, const struct db_params *p, const struct db_rider *rider, struct err *e)
{
    struct query_class *cls = q->cls;
    struct db *db = cls->db;
    if (cls->queued >= db->cfg.queue_limit * cls->nlanes) {
        db->stats.refused++;
        return err_set(e, ERR_EXHAUSTED, "The server is too busy for this right now. Try again a little later.");
    }
    q->params = params_copy(p);
    if (rider)
        q->rider = (struct db_rider){rider->stmt, params_copy(rider->params)};
    if (!q->params || (rider && !q->rider.params))
        return err_set(e, ERR_NOMEM, "The server is out of memory. Try again a little later.");
    *cls->tail = q;
    cls->tail = &q->next;
    cls->queued++;
    pool_sweep_at(db, q->deadline);
    return 0;
}

static int start(struct query_class *cls, const struct db_scope *scope, const struct db_stmt *stmt, const struct db_params *p,
                 const struct db_rider *rider, usec_t deadline, db_result_fn fn, void *arg, struct err *e)
{
    struct db *db = cls->db;
    bool any;
    struct db_lane *lane = least_busy(cls, &any);
    if (db->closing || !any) {
        int ret = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached right now. Try again.");
        err_detail(e, "%s", db->last_error.detail);
        return ret;
    }
    if (deadline != USEC_NONE && deadline <= pool_now(db)) {
        db->stats.expired++;
        return err_set(e, ERR_DEADLINE, "The time allowed for this was over before it could begin.");
    }
    struct query *q = calloc(1, sizeof *q);
    if (!q)
        return err_set(e, ERR_NOMEM, "The server is out of memory. Try again a little later.");
    q->req.done = on_done;
    q->cls = cls;
    q->stmt = stmt;
    q->scope = *scope;
    q->deadline = deadline;
    q->fn = fn;
    q->arg = arg;
    int ret = lane && !cls->head ? send_on(q, lane, p, rider, e) : enqueue(q, p, rider, e);
    if (ret)
        query_destroy(q);
    return ret;
}

const struct db_scope db_scope_none = {0};
const struct db_scope db_scope_system = {.lo = 0, .hi = INT64_MAX, .numbers = 2};

int db_query(struct db *db, const struct db_scope *scope, const struct db_stmt *stmt, const struct db_params *p,
             usec_t deadline, db_result_fn fn, void *arg, struct err *e)
{
    if (!scope) {
        int ret = err_set(e, ERR_INTERNAL, "The server could not do this because of an error of its own. It has been logged.");
        err_detail(e, "statement %s came without a scope", stmt->name);
        return ret;
    }
    return start(&db->read_class, scope, stmt, p, NULL, deadline, fn, arg, e);
}

int db_execute(struct db *db, const struct db_stmt *stmt, const struct db_params *p, usec_t deadline, db_result_fn fn,
               void *arg, struct err *e)
{
    return db_execute_with(db, stmt, p, NULL, deadline, fn, arg, e);
}

int db_execute_with(struct db *db, const struct db_stmt *stmt, const struct db_params *p, const struct db_rider *rider,
                    usec_t deadline, db_result_fn fn, void *arg, struct err *e)
{
    return start(&db->write_class, &db_scope_none, stmt, p, rider, deadline, fn, arg, e);
}

static struct query *take_head(struct query_class *cls)
{
    struct query *q = cls->head;
    cls->head = q->next;
    if (!cls->head)
        cls->tail = &cls->head;
    q->next = NULL;
    cls->queued--;
    return q;
}

static void fail_query(struct query *q, const struct err *e)
{
    q->fn(q->arg, NULL, e);
    query_destroy(q);
}

static void fail_expired(struct query *q)
{
    struct err e;
    q->cls->db->stats.expired++;
    (void)err_set(&e, ERR_DEADLINE, "The time allowed for this was over before it could begin.");
    fail_query(q, &e);
}

void query_dispatch(struct query_class *cls)
{
    while (cls->head) {
        bool any;
        struct db_lane *lane = least_busy(cls, &any);
        if (!lane)
            return;
        struct query *q = take_head(cls);
        struct err e;
        if (q->deadline != USEC_NONE && q->deadline <= pool_now(cls->db)) {
            fail_expired(q);
            continue;
        }
        if (send_on(q, lane, q->params, q->rider.stmt ? &q->rider : NULL, &e)) {
            fail_query(q, &e);
            continue;
        }
        free(q->params);
        free((void *)q->rider.params);
        q->params = NULL;
        q->rider = (struct db_rider){0};
    }
}

void query_fail_queued(struct query_class *cls, const struct err *why, usec_t *next_deadline)
{
    /* Taken off first: a callback may start something new. */
    struct query *keep = NULL, **keep_tail = &keep, *fail = NULL, **fail_tail = &fail;
    usec_t now = pool_now(cls->db);
    int kept = 0;
    while (cls->head) {
        struct query *q = take_head(cls);
        bool out = why || (q->deadline != USEC_NONE && q->deadline <= now);
        if (!out && q->deadline != USEC_NONE && (*next_deadline == USEC_NONE || q->deadline < *next_deadline))
            *next_deadline = q->deadline;
        struct query ***tail = out ? &fail_tail : &keep_tail;
        **tail = q;
        *tail = &q->next;
        kept += !out;
    }
    cls->head = keep;
    cls->tail = keep ? keep_tail : &cls->head;
    cls->queued = kept;
    while (fail) {
        struct query *q = fail;
        fail = q->next;
        if (why)
            fail_query(q, why);
        else
            fail_expired(q);
    }
}
