/* SPDX-License-Identifier: MIT */
#include "server/db/conn.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/util.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/db/dial.h"
#include "server/db/result.h"
#include "server/db/sqlstate.h"

enum {
    BACKOFF_MIN_MS = 50,
    BACKOFF_MAX_MS = 2000,
    CONNECT_MIN_MS = 500, /* a TLS handshake over a slow line */
    CONNECT_MAX_MS = 5000,
    BEAT_EVERY_MS = 900, /* with the next, well under two seconds until a frozen server is noticed */
    BEAT_REPLY_MS = 800,
};

struct conn {
    struct conn_config cfg;
    enum conn_state state;
    PGconn *pg;            /* NULL in CONN_WAITING and CONN_CLOSED */
    struct event *io;      /* reading; one-shot while connecting */
    struct event *out;     /* writing, added only while libpq holds unsent bytes */
    struct event *timer;   /* what it bounds: see enum conn_state */
    struct conn_req *head; /* in the order sent */
    struct conn_req **tail;
    int in_flight; /* without the heartbeat */
    struct conn_req beat;
    usec_t progress_at; /* when the server was last heard of, or when it was first asked after a silence */
    unsigned attempts;  /* failed in a row */
    unsigned rotation;  /* at which host of a multi-host string the next attempt begins */
    int setup_results;  /* answers to the set-up that came in */
    bool setup_failed;
    bool doomed;  /* to be replaced at the next turn of the loop */
    bool recycle; /* to be replaced as soon as nothing is in flight */
    bool silent;  /* the last loss: nothing was heard in time */
    int depth;    /* inside our own event handlers */
    struct conn_identity id;
    struct err fatal; /* what the server said before it hung up; code 0: nothing */
};

static const char *state_name(enum conn_state s)
{
    static const char *const names[] = {"waiting", "connecting", "setup", "ready", "closed"};
    return names[s];
}

static void set_state(struct conn *c, enum conn_state to)
{
    enum conn_state from = c->state;
    assert(from != CONN_CLOSED);
    assert(to != CONN_SETUP || from == CONN_CONNECTING);
    assert(to != CONN_READY || from == CONN_SETUP);
    log_event(LOG_DEBUG, "db.conn", LOG_S("from", state_name(from)), LOG_S("to", state_name(to)), LOG_END);
    c->state = to;
}

static usec_t now_us(const struct conn *c)
{
    return c->cfg.clock->monotonic(c->cfg.clock);
}

static void arm_ms(struct conn *c, int64_t ms)
{
    if (ms < 0)
        ms = 0;
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    (void)evtimer_add(c->timer, &tv);
}

static int connect_timeout_ms(const struct conn *c)
{
    int ms = c->cfg.reply_timeout_ms;
    return ms < CONNECT_MIN_MS ? CONNECT_MIN_MS : ms > CONNECT_MAX_MS ? CONNECT_MAX_MS : ms;
}

static int backoff_ms(unsigned attempts)
{
    int ms = attempts < 6 ? BACKOFF_MIN_MS << attempts : BACKOFF_MAX_MS;
    if (ms > BACKOFF_MAX_MS)
        ms = BACKOFF_MAX_MS;
    uint32_t r = 0;
    evutil_secure_rng_get_bytes(&r, sizeof r);
    return ms / 2 + (int)(r % (uint32_t)(ms / 2 + 1));
}

static void drop_events(struct conn *c)
{
    if (c->io)
        event_free(c->io);
    if (c->out)
        event_free(c->out);
    c->io = c->out = NULL;
}

static void answer(struct conn *c, struct conn_req *r, const struct err *e)
{
    PGresult *res = r->_res;
    r->_res = NULL;
    r->_next = NULL;
    if (r != &c->beat)
        c->in_flight--;
    if (r->done)
        r->done(r, e->code == 0 ? res : NULL, e);
    PQclear(res);
}

/* Closes and lets everybody know. The only way out of CONNECTING, SETUP and READY. */
static void lose(struct conn *c, const struct err *why, enum conn_state to)
{
    struct conn_req *r = c->head;
    c->head = NULL;
    c->tail = &c->head;
    c->doomed = c->recycle = false;
    drop_events(c);
    PQfinish(c->pg);
    c->pg = NULL;
    set_state(c, to);
    if (to == CONN_WAITING)
        arm_ms(c, backoff_ms(c->attempts++));
    else
        (void)evtimer_del(c->timer);
    c->cfg.ops->down(c->cfg.arg, c, why);
    while (r) {
        struct conn_req *next = r->_next;
        struct err e;
        (void)err_set(&e, ERR_UNKNOWN_OUTCOME,
                      "The connection to the database was lost; it is not known whether this was saved. Send it again with the "
                      "same key.");
        err_detail(&e, "%s", why->detail);
        answer(c, r, &e);
        r = next;
    }
}

/* What libpq or the server said, without line ends; never parameter values. */
static void lost_err(struct conn *c, struct err *e, const char *what)
{
    (void)err_set(e, ERR_UNAVAILABLE, "The database cannot be reached right now. Try again.");
    if (c->fatal.code) {
        err_detail(e, "%s: %s", what, c->fatal.detail);
        return;
    }
    char msg[160];
    const char *raw = c->pg ? PQerrorMessage(c->pg) : "";
    (void)text_copy(msg, sizeof msg, raw ? raw : "");
    for (char *p = msg; *p; p++)
        if (*p == '\n')
            *p = p[1] ? ' ' : '\0';
    err_detail(e, "%s: %s", what, msg);
}

static void fail(struct conn *c, const char *what)
{
    struct err e;
    lost_err(c, &e, what);
    lose(c, &e, CONN_WAITING);
}

static void on_notice(void *arg, const PGresult *res)
{
    struct conn *c = arg;
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    if (!severity)
        return;
    if (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0) {
        (void)sqlstate_from_result(&c->fatal, res);
        return;
    }
    if (strcmp(severity, "WARNING") != 0)
        return;
    /* libpq parses notices ahead of the answers before them, so which request it belongs to is not certain: all are marked. */
    for (struct conn_req *r = c->head; r; r = r->_next)
        if (!r->warned) {
            r->warned = true;
            (void)text_copy(r->warning, sizeof r->warning, state ? state : "");
        }
}

static void push(struct conn *c, struct conn_req *r)
{
    r->_next = NULL;
    r->_res = NULL;
    r->_scoped = false;
    r->warned = false;
    r->warning[0] = '\0';
    r->state[0] = '\0';
    if (!c->head)
        c->progress_at = now_us(c);
    *c->tail = r;
    c->tail = &r->_next;
    if (r != &c->beat)
        c->in_flight++;
}

/* Asks for a later turn of the loop: callers may be inside somebody's callback. */
static void doom(struct conn *c)
{
    c->doomed = true;
    event_active(c->timer, EV_TIMEOUT, 0);
}

/* Pushes what libpq holds; the rest waits for the socket while reading goes on. */
static void flush(struct conn *c)
{
    int left = PQflush(c->pg);
    if (left < 0)
        doom(c);
    else if (left > 0)
        (void)event_add(c->out, NULL);
    else
        (void)event_del(c->out);
}

static int sync_and_push(struct conn *c, int sent, struct conn_req *r, struct err *e)
{
    if (!sent) {
        /* libpq refused before a byte of it left (no memory): the pipeline as such is untouched. */
        int code = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached right now. Try again.");
        err_detail(e, "libpq: %s", PQerrorMessage(c->pg));
        return code;
    }
    push(c, r);
    if (!PQpipelineSync(c->pg))
        doom(c);
    else
        flush(c);
    return 0;
}

static int check_can_send(struct conn *c, struct err *e)
{
    if (conn_is_ready(c))
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "The database cannot be reached right now. Try again.");
}

/* Parameters as text: the regions, the organ, the reporter or '', the source, how numbers are shown. */
static const char scope_sql[] = "select set_config('wangge.region_lo', $1, true), set_config('wangge.region_hi', $2, true),"
                                " set_config('wangge.organ_id', $3, true), set_config('wangge.reporter_id', $4, true),"
                                " set_config('wangge.source_id', $5, true), set_config('wangge.numbers', $6, true)";
static const char scope_name[] = "wangge_scope";

static int send_scope(struct conn *c, const struct db_scope *s)
{
    enum { N = 6 };
    char text[N][UUID_TEXT_LEN + 1];
    const char *const values[N] = {text[0], text[1], text[2], text[3], text[4], text[5]};
    (void)snprintf(text[0], sizeof text[0], "%lld", (long long)s->lo);
    (void)snprintf(text[1], sizeof text[1], "%lld", (long long)s->hi);
    (void)snprintf(text[2], sizeof text[2], "%d", (int)s->organ_id);
    text[3][0] = '\0';
    if (!uuid_is_nil(&s->reporter))
        uuid_format(&s->reporter, text[3]);
    (void)snprintf(text[4], sizeof text[4], "%d", (int)s->source_id);
    (void)snprintf(text[5], sizeof text[5], "%d", (int)s->numbers);
    return PQsendQueryPrepared(c->pg, scope_name, N, values, NULL, NULL, 0);
}

static int check_params(const struct db_stmt *stmt, const struct db_params *p, struct err *e)
{
    if (!p->_overflow && p->n == stmt->nparams)
        return 0;
    int ret = err_set(e, ERR_INTERNAL, "The server could not do this because of an error of its own. It has been logged.");
    err_detail(e, "statement %s takes %d parameters, got %d", stmt->name, stmt->nparams, p->n);
    return ret;
}

static int send_prepared(struct conn *c, const struct db_stmt *stmt, const struct db_params *p)
{
    return PQsendQueryPrepared(c->pg, stmt->name, p->n, p->values, p->lengths, p->formats, stmt->binary_result);
}

int conn_send(struct conn *c, const struct db_scope *scope, const struct db_stmt *stmt, const struct db_params *p,
              const struct db_rider *rider, struct conn_req *r, struct err *e)
{
    int ret = check_can_send(c, e);
    if (!ret)
        ret = check_params(stmt, p, e);
    if (!ret && rider)
        ret = check_params(rider->stmt, rider->params, e);
    if (ret)
        return ret;
    /* All up to one Sync, so in one transaction, with which the scope ends. */
    bool scoped = scope && scope->hi > 0;
    int sent = !scoped || send_scope(c, scope);
    bool half = scoped && sent;
    if (sent)
        sent = send_prepared(c, stmt, p);
    if (sent && rider) {
        half = true;
        sent = send_prepared(c, rider->stmt, rider->params);
    }
    if (half && !sent)
        doom(c); /* a part of it is on the way */
    ret = sync_and_push(c, sent, r, e);
    if (!ret)
        r->_scoped = scoped;
    return ret;
}

int conn_send_sql(struct conn *c, const char *sql, struct conn_req *r, struct err *e)
{
    int ret = check_can_send(c, e);
    if (ret)
        return ret;
    return sync_and_push(c, PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0), r, e);
}

static const char setup_sql[] =
    "select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false),"
    " set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false),"
    " set_config('idle_session_timeout', '0', false), set_config('client_min_messages', 'warning', false),"
    " set_config('jit', 'off', false), set_config('role', $2, false),"
    " (select system_identifier from pg_control_system())::text, pg_is_in_recovery(),"
    " case when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint())::bigint"
    " else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint end";
enum { SETUP_SYSTEM_ID = 8, SETUP_STANDBY, SETUP_TIMELINE };

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

/* Everything the session needs, in one round trip: settings, identity, all statements, one Sync. */
static void begin_setup(struct conn *c)
{
    int timeout = c->cfg.reply_timeout_ms - c->cfg.reply_timeout_ms / 10;
    char text[16];
    const char *values[2] = {text, c->cfg.role ? c->cfg.role : "none"};
    (void)snprintf(text, sizeof text, "%d", timeout > 0 ? timeout : 1);
    set_state(c, CONN_SETUP);
    c->setup_results = 0;
    c->setup_failed = false;
    (void)PQsetNoticeReceiver(c->pg, on_notice, c);
    bool ok = PQsetnonblocking(c->pg, 1) == 0 && PQenterPipelineMode(c->pg) &&
              PQsendQueryParams(c->pg, setup_sql, 2, NULL, values, NULL, NULL, 0) &&
              PQsendPrepare(c->pg, scope_name, scope_sql, 0, NULL);
    for (const struct db_stmt *const *s = c->cfg.stmts; ok && s && *s; s++)
        ok = PQsendPrepare(c->pg, (*s)->name, (*s)->sql, 0, NULL);
    ok = ok && PQpipelineSync(c->pg);
    drop_events(c);
    c->io = event_new(c->cfg.base, PQsocket(c->pg), EV_READ | EV_PERSIST, on_readable, c);
    c->out = event_new(c->cfg.base, PQsocket(c->pg), EV_WRITE | EV_PERSIST, on_writable, c);
    if (!ok || !c->io || !c->out || event_add(c->io, NULL) != 0) {
        fail(c, "set up");
        return;
    }
    flush(c);
}

static void on_connecting(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    short events = 0;
    drop_events(c); /* before libpq closes this socket and opens another with the same number */
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING:
        events = EV_READ;
        break;
    case PGRES_POLLING_OK:
        begin_setup(c);
        return;
    case PGRES_POLLING_FAILED:
        fail(c, "connect");
        return;
    case PGRES_POLLING_WRITING:
    case PGRES_POLLING_ACTIVE:
    default:
        events = EV_WRITE;
        break;
    }
    c->io = event_new(c->cfg.base, PQsocket(c->pg), events, on_connecting, c);
    if (!c->io || event_add(c->io, NULL) != 0)
        fail(c, "connect");
}

static void begin_connect(struct conn *c)
{
    set_state(c, CONN_CONNECTING);
    c->silent = false;
    c->fatal.code = 0;
    c->pg = dial_start(c->cfg.conninfo, c->rotation, c->cfg.reply_timeout_ms);
    if (!c->pg || PQstatus(c->pg) == CONNECTION_BAD) {
        fail(c, "connect");
        return;
    }
    arm_ms(c, connect_timeout_ms(c));
    c->io = event_new(c->cfg.base, PQsocket(c->pg), EV_WRITE, on_connecting, c);
    if (!c->io || event_add(c->io, NULL) != 0)
        fail(c, "connect");
}

/* How long the server may stay silent in the present situation. */
static int64_t silence_ms(const struct conn *c)
{
    if (!c->head)
        return BEAT_EVERY_MS;
    if (c->head == &c->beat && BEAT_REPLY_MS < c->cfg.reply_timeout_ms)
        return BEAT_REPLY_MS;
    return c->cfg.reply_timeout_ms;
}

/* Arms for when silence_ms is over, but never for longer than it can shrink to meanwhile. */
static void arm_tick(struct conn *c)
{
    int64_t cap = BEAT_EVERY_MS < c->cfg.reply_timeout_ms ? BEAT_EVERY_MS : c->cfg.reply_timeout_ms;
    int64_t due = silence_ms(c) - (now_us(c) - c->progress_at) / 1000;
    arm_ms(c, due > cap ? cap : due < 1 ? 1 : due);
}

static void finish_setup(struct conn *c)
{
    struct err e = {0};
    if (c->setup_failed) {
        c->rotation++;
        fail(c, "set up");
        return;
    }
    if (c->cfg.ops->accept(c->cfg.arg, c, &c->id, &e)) {
        c->rotation++; /* the next host may be the right one */
        lose(c, &e, CONN_WAITING);
        return;
    }
    set_state(c, CONN_READY);
    c->attempts = 0;
    c->progress_at = now_us(c);
    arm_tick(c);
    c->cfg.ops->up(c->cfg.arg, c);
}

static void on_setup_result(struct conn *c, const PGresult *res)
{
    int nth = c->setup_results++;
    struct err e;
    if (c->setup_failed || PQresultStatus(res) == PGRES_PIPELINE_ABORTED)
        return;
    if (sqlstate_from_result(&e, res)) {
        c->setup_failed = true;
        c->fatal = e;
        if (nth > 0)
            (void)snprintf(c->fatal.detail, sizeof c->fatal.detail, "statement %s: %.150s",
                           nth == 1 ? scope_name : c->cfg.stmts[nth - 2]->name, e.detail);
        return;
    }
    if (nth > 0)
        return;
    const char *system_id = db_get_text(res, 0, SETUP_SYSTEM_ID);
    (void)text_copy(c->id.system_id, sizeof c->id.system_id, system_id ? system_id : "");
    c->id.standby = db_get_bool(res, 0, SETUP_STANDBY);
    c->id.timeline = db_get_i64(res, 0, SETUP_TIMELINE);
}

static void on_sync(struct conn *c)
{
    struct conn_req *r = c->head;
    struct err e = {0};
    if (!r)
        return;
    c->head = r->_next;
    if (!c->head)
        c->tail = &c->head;
    if (r == &c->beat) {
        PQclear(r->_res);
        r->_res = NULL;
        return;
    }
    if (sqlstate_from_result(&e, r->_res)) {
        const char *state = r->_res ? PQresultErrorField(r->_res, PG_DIAG_SQLSTATE) : NULL;
        (void)text_copy(r->state, sizeof r->state, state ? state : "XX000");
        if (sqlstate_lookup(state)->recycle)
            c->recycle = true;
    }
    answer(c, r, &e);
}

static void on_result(struct conn *c, PGresult *res)
{
    struct conn_req *r = c->head;
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
        (void)sqlstate_from_result(&c->fatal, res);
    if (c->state == CONN_SETUP)
        on_setup_result(c, res);
    else if (r && r->_scoped && PQresultStatus(res) == PGRES_TUPLES_OK)
        r->_scoped = false; /* the next one is the statement's */
    else if (r && (!r->_res || (PQresultStatus(res) == PGRES_FATAL_ERROR && PQresultStatus(r->_res) != PGRES_FATAL_ERROR))) {
        /* The statement's, or the failure of a rider behind it, with which the statement failed, too. */
        PQclear(r->_res);
        r->_res = res;
        return;
    }
    PQclear(res);
}

/* Takes every answer that is complete. Never blocks: libpq is asked only while it is not busy. */
static void take_answers(struct conn *c)
{
    bool was_null = false;
    while (c->pg && !c->doomed && (c->state == CONN_SETUP || c->head) && !PQisBusy(c->pg)) {
        PGresult *res = PQgetResult(c->pg);
        if (!res) {
            if (was_null)
                break;
            was_null = true;
            continue;
        }
        was_null = false;
        if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
            PQclear(res);
            if (c->state == CONN_SETUP)
                finish_setup(c);
            else
                on_sync(c);
            continue;
        }
        /* libpq makes up an error for every question to a dead connection, without end. */
        bool made_up = PQstatus(c->pg) == CONNECTION_BAD && !PQresultErrorField(res, PG_DIAG_SQLSTATE);
        if (made_up) {
            PQclear(res);
            break;
        }
        on_result(c, res);
    }
    while (c->pg && c->state == CONN_READY) {
        PGnotify *n = PQnotifies(c->pg);
        if (!n)
            break;
        if (c->cfg.ops->notify)
            c->cfg.ops->notify(c->cfg.arg, c, n->relname, n->extra);
        PQfreemem(n);
    }
}

/* Reads what is there and hands out the answers; false if the connection is gone. */
static bool read_some(struct conn *c)
{
    bool alive = PQconsumeInput(c->pg) && PQstatus(c->pg) == CONNECTION_OK;
    c->progress_at = now_us(c);
    take_answers(c); /* what arrived before the end still counts */
    if (c->state != CONN_SETUP && c->state != CONN_READY)
        return true; /* lost and reported inside */
    if (!alive || PQstatus(c->pg) != CONNECTION_OK) {
        fail(c, "lost");
        return false;
    }
    return true;
}

static void after_io(struct conn *c)
{
    if (c->state != CONN_READY)
        return;
    if (c->recycle && !c->head) {
        fail(c, "replaced");
        return;
    }
    flush(c);
    c->cfg.ops->room(c->cfg.arg, c);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    c->depth++;
    if (read_some(c))
        after_io(c);
    c->depth--;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    flush(c);
}

/* READY: nothing heard for too long, or time for a heartbeat. */
static void tick(struct conn *c)
{
    int64_t silent_ms = (now_us(c) - c->progress_at) / 1000;
    bool due = silent_ms >= silence_ms(c);
    if (c->head && due) {
        /* It may be us who were late: look before giving up. */
        struct conn_req *waiting = c->head;
        usec_t asked_at = c->progress_at;
        bool alive = PQconsumeInput(c->pg) != 0;
        take_answers(c);
        if (c->state != CONN_READY)
            return;
        if (!alive || c->head == waiting) {
            c->progress_at = asked_at;
            c->silent = alive;
            fail(c, alive ? "no answer in time" : "lost");
            return;
        }
        c->progress_at = now_us(c);
        after_io(c);
    } else if (due) {
        push(c, &c->beat);
        if (!PQpipelineSync(c->pg))
            doom(c);
        else
            flush(c);
    }
    if (c->state == CONN_READY && !c->doomed)
        arm_tick(c);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    c->depth++;
    if (c->doomed) {
        fail(c, "given up");
    } else {
        switch (c->state) {
        case CONN_WAITING:
            begin_connect(c);
            break;
        case CONN_CONNECTING:
        case CONN_SETUP:
            c->rotation++; /* libpq would wait for this host for ever */
            c->silent = true;
            fail(c, "no answer in time");
            break;
        case CONN_READY:
            tick(c);
            break;
        case CONN_CLOSED:
            break;
        }
    }
    c->depth--;
}

struct conn *conn_create(const struct conn_config *cfg, struct err *e)
{
    struct conn *c = calloc(1, sizeof *c);
    if (c) {
        c->cfg = *cfg;
        c->tail = &c->head;
        c->timer = evtimer_new(cfg->base, on_timer, c);
    }
    if (!c || !c->timer) {
        free(c);
        (void)err_set(e, ERR_NOMEM, "There is not enough memory to connect to the database.");
        return NULL;
    }
    arm_ms(c, 0);
    return c;
}

void conn_destroy(struct conn *c)
{
    if (!c)
        return;
    assert(c->depth == 0);
    struct err e;
    (void)err_set(&e, ERR_UNAVAILABLE, "The server is stopping. Try again.");
    err_detail(&e, "shutting down");
    lose(c, &e, CONN_CLOSED);
    event_free(c->timer);
    free(c);
}

bool conn_is_ready(const struct conn *c)
{
    return c && c->state == CONN_READY && !c->doomed && !c->recycle;
}

bool conn_was_silent(const struct conn *c)
{
    return c->silent;
}

int conn_in_flight(const struct conn *c)
{
    return c->in_flight;
}

const struct conn_identity *conn_identity(const struct conn *c)
{
    return &c->id;
}

void conn_kick(struct conn *c)
{
    if (c->state == CONN_READY)
        doom(c);
}
