/* SPDX-License-Identifier: MIT */
/*
 * The pool: its lanes, whether it is ready, which server it belongs to. Statements are in query.c, write units in unit.c.
 * Invariant: ready is announced on every change, and only from the event loop.
 */
#include "server/db/db.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/db/pool.h"

usec_t pool_now(const struct db *db)
{
    return db->cfg.clock->monotonic(db->cfg.clock);
}

void pool_note_down(struct db *db, const struct err *why)
{
    db->last_error = *why;
}

static int refuse(struct err *e, const char *detail)
{
    int ret = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached right now. Try again.");
    err_detail(e, "%s", detail);
    return ret;
}

static bool any_ready(const struct db *db)
{
    for (int i = 0; i < db->cfg.read_lanes; i++)
        if (conn_is_ready(db->reads[i].conn))
            return true;
    for (int i = 0; i < db->cfg.write_lanes; i++)
        if (conn_is_ready(db->writes[i].conn))
            return true;
    return false;
}

static void kick_older(struct conn *c, int64_t timeline)
{
    if (c && conn_is_ready(c) && conn_identity(c)->timeline < timeline)
        conn_kick(c);
}

int pool_accept(struct db *db, struct conn *c, const struct conn_identity *id, struct err *e)
{
    if (id->standby)
        return refuse(e, "this server is a standby");
    bool same = strcmp(db->system_id, id->system_id) == 0;
    if (!same && any_ready(db))
        return refuse(e, "this server belongs to another cluster than the other connections");
    /* After a failover the old primary may come back and take writes that nobody will ever see again. */
    if (same && id->timeline < db->timeline)
        return refuse(e, "this server has been replaced by a promoted standby: its timeline is older");
    (void)text_copy(db->system_id, sizeof db->system_id, id->system_id);
    db->timeline = id->timeline;
    if (same) {
        for (int i = 0; i < db->cfg.read_lanes; i++)
            kick_older(db->reads[i].conn, id->timeline);
        for (int i = 0; i < db->cfg.write_lanes; i++)
            kick_older(db->writes[i].conn, id->timeline);
        kick_older(db->listener.conn, id->timeline);
    }
    return 0;
}

bool db_is_ready(const struct db *db)
{
    bool read = false, write = false;
    for (int i = 0; i < db->cfg.read_lanes; i++)
        read = read || conn_is_ready(db->reads[i].conn);
    for (int i = 0; i < db->cfg.write_lanes; i++)
        write = write || conn_is_ready(db->writes[i].conn);
    /* A lane with an answer outstanding waits long for it, as it may be a slow one; the listener has only its heartbeat. */
    return read && write && !db->listener.silent;
}

void db_on_ready_change(struct db *db, void (*fn)(void *arg, bool ready), void *arg)
{
    db->on_ready = fn;
    db->on_ready_arg = arg;
}

void db_get_last_error(const struct db *db, struct err *ret)
{
    *ret = db->last_error;
}

void pool_check_ready(struct db *db)
{
    bool ready = !db->closing && db_is_ready(db);
    if (ready == db->ready)
        return;
    db->ready = ready;
    if (db->on_ready && !db->closing)
        db->on_ready(db->on_ready_arg, ready);
}

static int on_accept(void *arg, struct conn *c, const struct conn_identity *id, struct err *e)
{
    struct db_lane *lane = arg;
    return pool_accept(lane->db, c, id, e);
}

static void on_room(void *arg, struct conn *c)
{
    struct db_lane *lane = arg;
    struct db *db = lane->db;
    query_dispatch(lane->writes ? &db->write_class : &db->read_class);
    if (lane->writes)
        unit_pump(lane);
}

static void on_up(void *arg, struct conn *c)
{
    struct db_lane *lane = arg;
    if (lane->was_ready)
        lane->db->stats.reconnects++;
    lane->was_ready = true;
    lane->db->listener.silent = false;
    pool_check_ready(lane->db);
    on_room(lane, c);
}

static bool class_has_lane(const struct query_class *cls)
{
    for (int i = 0; i < cls->nlanes; i++)
        if (conn_is_ready(cls->lanes[i].conn))
            return true;
    return false;
}

static void on_down(void *arg, struct conn *c, const struct err *why)
{
    struct db_lane *lane = arg;
    struct db *db = lane->db;
    struct query_class *cls = lane->writes ? &db->write_class : &db->read_class;
    if (db->closing)
        return; /* nothing waits any more */
    pool_note_down(db, why);
    pool_check_ready(db);
    /* What was never sent fails now rather than at its deadline: the caller knows best whether to come back. */
    if (lane->writes)
        unit_fail_queued(lane, why, NULL);
    if (!class_has_lane(cls))
        query_fail_queued(cls, why, NULL);
}

static const struct conn_ops lane_ops = {
    .accept = on_accept,
    .up = on_up,
    .down = on_down,
    .room = on_room,
};

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct db *db = arg;
    usec_t next = USEC_NONE;
    db->sweep_at = USEC_NONE;
    query_fail_queued(&db->read_class, NULL, &next);
    query_fail_queued(&db->write_class, NULL, &next);
    for (int i = 0; i < db->cfg.write_lanes; i++)
        unit_fail_queued(&db->writes[i], NULL, &next);
    if (next != USEC_NONE)
        pool_sweep_at(db, next);
}

void pool_sweep_at(struct db *db, usec_t deadline)
{
    if (deadline == USEC_NONE || (db->sweep_at != USEC_NONE && db->sweep_at <= deadline))
        return;
    usec_t in = deadline - pool_now(db);
    if (in < 0)
        in = 0;
    /* A millisecond on top: the clocks of the loop and of the deadline need not agree. */
    struct timeval tv = {.tv_sec = (time_t)(in / USEC_PER_SEC), .tv_usec = (suseconds_t)(in % USEC_PER_SEC)};
    const struct timeval slack = {.tv_usec = 1000};
    evutil_timeradd(&tv, &slack, &tv);
    db->sweep_at = deadline;
    (void)evtimer_add(db->sweep, &tv);
}

struct conn *pool_conn(struct db *db, const struct conn_ops *ops, void *arg, bool with_stmts, bool writes, struct err *e)
{
    const struct conn_config cfg = {
        .base = db->base,
        .conninfo = db->conninfo,
        .stmts = with_stmts ? db->cfg.stmts : NULL,
        .role = writes ? db->write_role : db->read_role,
        .reply_timeout_ms = db->cfg.reply_timeout_ms,
        .clock = db->cfg.clock,
        .ops = ops,
        .arg = arg,
    };
    return conn_create(&cfg, e);
}

static int check_config(const struct db_config *cfg, struct err *e)
{
    const struct {
        const char *field;
        int value, min, max;
    } rows[] = {
        {"read_lanes", cfg->read_lanes, 1, 16},
        {"write_lanes", cfg->write_lanes, 1, 8},
        {"max_unit", cfg->max_unit, 1, 1024},
        {"queue_limit", cfg->queue_limit, 1, 65536},
        {"reply_timeout_ms", cfg->reply_timeout_ms, 10, 3600 * 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value < rows[i].min || rows[i].value > rows[i].max)
            return err_field(e, ERR_INVALID, rows[i].field, "%s is %d; it must be between %d and %d.", rows[i].field,
                             rows[i].value, rows[i].min, rows[i].max);
    for (const struct db_stmt *const *s = cfg->stmts; s && *s; s++)
        if ((*s)->nparams < 0 || (*s)->nparams > DB_MAX_PARAMS)
            return err_set(e, ERR_INVALID, "Statement %s has %d parameters; at most %d are possible.", (*s)->name,
                           (*s)->nparams, (int)DB_MAX_PARAMS);
    char *why = NULL;
    PQconninfoOption *parsed = PQconninfoParse(cfg->conninfo, &why);
    int ret = parsed ? 0 : err_field(e, ERR_INVALID, "conninfo", "The database connection string is wrong: %s", why ? why : "");
    PQconninfoFree(parsed);
    PQfreemem(why);
    return ret;
}

static int lane_init(struct db *db, struct db_lane *lane, bool writes, struct err *e)
{
    lane->db = db;
    lane->writes = writes;
    if (writes) {
        int ret = unit_lane_init(lane, e);
        if (ret)
            return ret;
    }
    lane->conn = pool_conn(db, &lane_ops, lane, /* with_stmts= */ true, writes, e);
    return lane->conn ? 0 : ERR_NOMEM;
}

struct db *db_create(struct event_base *base, const struct db_config *cfg, struct err *e)
{
    if (check_config(cfg, e))
        return NULL;
    struct db *db = calloc(1, sizeof *db);
    if (!db) {
        (void)err_set(e, ERR_NOMEM, "There is not enough memory to connect to the database.");
        return NULL;
    }
    db->base = base;
    db->cfg = *cfg;
    db->cfg.conninfo = NULL;
    db->cfg.read_role = db->cfg.write_role = NULL;
    db->sweep_at = USEC_NONE;
    db->read_class = (struct query_class){.db = db, .lanes = db->reads, .nlanes = cfg->read_lanes, .window = READ_WINDOW};
    db->read_class.tail = &db->read_class.head;
    db->write_class = (struct query_class){
        .db = db, .lanes = db->writes, .nlanes = cfg->write_lanes, .window = EXECUTE_WINDOW, .writes = true};
    db->write_class.tail = &db->write_class.head;
    db->listener.db = db;
    db->conninfo = strdup(cfg->conninfo);
    db->read_role = cfg->read_role ? strdup(cfg->read_role) : NULL;
    db->write_role = cfg->write_role ? strdup(cfg->write_role) : NULL;
    db->sweep = evtimer_new(base, on_sweep, db);
    bool ok = db->conninfo && db->sweep && !db->read_role == !cfg->read_role && !db->write_role == !cfg->write_role;
    if (!ok)
        (void)err_set(e, ERR_NOMEM, "There is not enough memory to connect to the database.");
    for (int i = 0; ok && i < cfg->read_lanes; i++)
        ok = lane_init(db, &db->reads[i], /* writes= */ false, e) == 0;
    for (int i = 0; ok && i < cfg->write_lanes; i++)
        ok = lane_init(db, &db->writes[i], /* writes= */ true, e) == 0;
    if (!ok) {
        db_destroy(db);
        return NULL;
    }
    return db;
}

void db_destroy(struct db *db)
{
    if (!db)
        return;
    struct err why;
    (void)err_set(&why, ERR_UNAVAILABLE, "The server is stopping. Try again.");
    db->closing = true;
    query_fail_queued(&db->read_class, &why, NULL);
    query_fail_queued(&db->write_class, &why, NULL);
    for (int i = 0; i < 8; i++)
        if (db->writes[i].db)
            unit_fail_queued(&db->writes[i], &why, NULL);
    listener_fini(&db->listener);
    /* Answering what is in flight may call us back: what is gone must look gone. */
    for (int i = 0; i < 16; i++) {
        conn_destroy(db->reads[i].conn);
        db->reads[i].conn = NULL;
    }
    for (int i = 0; i < 8; i++) {
        conn_destroy(db->writes[i].conn);
        db->writes[i].conn = NULL;
        unit_lane_fini(&db->writes[i]);
    }
    if (db->sweep)
        event_free(db->sweep);
    free(db->conninfo);
    free(db->read_role);
    free(db->write_role);
    free(db);
}

void db_get_stats(const struct db *db, struct db_stats *ret)
{
    *ret = db->stats;
    ret->lanes_ready = ret->read_in_flight = ret->write_queued = ret->write_in_flight = 0;
    for (int i = 0; i < db->cfg.read_lanes; i++) {
        ret->lanes_ready += conn_is_ready(db->reads[i].conn);
        ret->read_in_flight += db->reads[i].queries;
    }
    for (int i = 0; i < db->cfg.write_lanes; i++) {
        ret->lanes_ready += conn_is_ready(db->writes[i].conn);
        ret->write_queued += db->writes[i].queued;
        ret->write_in_flight += db->writes[i].queries + db->writes[i].units;
    }
    ret->read_queued = db->read_class.queued;
    ret->write_queued += db->write_class.queued;
}
