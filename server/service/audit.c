/* SPDX-License-Identifier: MIT */
/*
 * The queue in front of the audit table: one batch in flight, what arrives meanwhile goes with the next. A batch whose fate is
 * not known is sent again: its rows carry keys, so they are kept once.
 */
#include "server/service/audit.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/db/result.h"
#include "server/rpc/server.h"
#include "sql.h"

enum {
    QUEUE_MAX = 4096,
    FLOOD_MAX = 2048, /* refusals and failed logins among them: anybody can cause those */
    PER_CALL_MAX = 100,
    RETRY_MS = 500,
    WRITE_MS = 10000,
    STATUS_PERMISSION_DENIED = 7,
    LOGIN_SIZE = 65 * 4,
    NAME_SIZE = 41 * 4,
    CALL_SIZE = 96,
    OBJECT_SIZE = 200,
    RULE_SIZE = 48,
    TEXT_SIZE = 400 * 4 + 1,
    PEER_SIZE = 64,
};

static const char HIDDEN[] = "hidden";

struct entry {
    struct entry *next;
    struct audit_row row;
    bool flood;
    audit_done_fn fn; /* or NULL */
    void *arg;
    char login[LOGIN_SIZE], name[NAME_SIZE], call[CALL_SIZE], object[OBJECT_SIZE], rule[RULE_SIZE], peer[PEER_SIZE];
    char text[]; /* as long as it is */
};

/* The batch under way; outlives the queue. */
struct flight {
    struct audit *audit; /* NULL: gone */
    struct entry *head;
};

struct audit {
    struct db *db;
    const struct clock *clock;
    struct event *timer;
    struct entry *head, **tail;
    struct flight *flight;
    int queued, floods; /* in flight included */
    uint64_t written, dropped;
    usec_t complained_at; /* monotonic */
};

/* How many refusals a call has left; in its arena. */
struct note {
    int n;
};

static void entry_end(struct audit *a, struct entry *x, const struct err *e)
{
    a->queued--;
    a->floods -= x->flood;
    if (e->code)
        a->dropped++;
    else
        a->written++;
    if (x->fn)
        x->fn(x->arg, e);
    free(x);
}

/* At most one line a minute: a flood of refusals must not become a flood of log lines. */
static void complain(struct audit *a, const char *why)
{
    usec_t now = a->clock->monotonic(a->clock);
    if (a->complained_at != USEC_NONE && now - a->complained_at < 60 * USEC_PER_SEC)
        return;
    a->complained_at = now;
    log_event(LOG_ERROR, "audit.dropped", LOG_S("why", why), LOG_I("total", (int64_t)a->dropped), LOG_END);
}

static void arm(struct audit *a, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    (void)evtimer_add(a->timer, &tv);
}

static bool comes_back(int code)
{
    return code == ERR_UNAVAILABLE || code == ERR_UNKNOWN_OUTCOME || code == ERR_DEADLINE || code == ERR_EXHAUSTED ||
           code == ERR_NOMEM || code == ERR_CONFLICT;
}

/* Puts what was not written in front again. What somebody waits for is answered instead: nothing may be shown meanwhile. */
static void put_back(struct audit *a, struct entry *list, const struct err *why)
{
    struct entry *keep = NULL, **keep_tail = &keep;
    for (struct entry *x = list, *next; x; x = next) {
        next = x->next;
        if (x->fn) {
            entry_end(a, x, why);
            continue;
        }
        *keep_tail = x;
        keep_tail = &x->next;
    }
    *keep_tail = a->head;
    if (!a->head)
        a->tail = keep_tail;
    a->head = keep;
}

static void on_written(void *arg, const struct err *e)
{
    struct flight *f = arg;
    struct audit *a = f->audit;
    struct entry *list = f->head;

    free(f);
    if (!a) {
        while (list) {
            struct entry *x = list;
            list = x->next;
            if (x->fn)
                x->fn(x->arg, e);
            free(x);
        }
        return;
    }
    a->flight = NULL;
    if (e->code && comes_back(e->code)) {
        log_event(LOG_WARN, "audit.waits", LOG_I("rows", a->queued), LOG_S("why", e->text), LOG_S("detail", e->detail),
                  LOG_END);
        put_back(a, list, e);
        arm(a, RETRY_MS);
        return;
    }
    if (e->code)
        log_event(LOG_ERROR, "audit.refused", LOG_S("text", e->text), LOG_S("detail", e->detail), LOG_END);
    while (list) {
        struct entry *x = list;
        list = x->next;
        entry_end(a, x, e);
    }
    if (a->head)
        arm(a, 0);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct audit *a = arg;
    const struct audit_row *rows[AUDIT_PUT_MAX];
    struct entry *last = NULL;
    struct flight *f;
    struct err e = {0};
    int n = 0;

    if (a->flight || !a->head)
        return;
    f = malloc(sizeof(*f));
    if (!f) {
        arm(a, RETRY_MS);
        return;
    }
    for (struct entry *x = a->head; x && n < AUDIT_PUT_MAX; x = x->next) {
        rows[n++] = &x->row;
        last = x;
    }
    *f = (struct flight){.audit = a, .head = a->head};
    a->head = last->next;
    if (!a->head)
        a->tail = &a->head;
    last->next = NULL;
    if (audit_store_put(a->db, rows, n, a->clock->monotonic(a->clock) + WRITE_MS * 1000, on_written, f, &e)) {
        log_event(LOG_WARN, "audit.waits", LOG_I("rows", a->queued), LOG_S("why", e.text), LOG_S("detail", e.detail), LOG_END);
        put_back(a, f->head, &e);
        free(f);
        arm(a, RETRY_MS);
        return;
    }
    a->flight = f;
}

static int add(struct audit *a, const struct audit_row *row, bool flood, audit_done_fn fn, void *arg, struct err *e)
{
    size_t text_len = strlen(row->text) + 1;
    struct entry *x;

    if (text_len > TEXT_SIZE)
        text_len = TEXT_SIZE;
    if (a->queued >= QUEUE_MAX || (flood && a->floods >= FLOOD_MAX)) {
        a->dropped++;
        complain(a, "the queue is full");
        return err_set(e, ERR_EXHAUSTED, "The audit cannot keep up right now. Try again in a moment.");
    }
    x = calloc(1, sizeof(*x) + text_len);
    if (!x) {
        a->dropped++;
        return err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
    }
    x->row = *row;
    x->row.key = uuid_v7(row->at);
    x->flood = flood;
    x->fn = fn;
    x->arg = arg;
    (void)text_copy(x->login, sizeof(x->login), row->login);
    (void)text_copy(x->name, sizeof(x->name), row->name);
    (void)text_copy(x->call, sizeof(x->call), row->call);
    (void)text_copy(x->object, sizeof(x->object), row->object);
    (void)text_copy(x->rule, sizeof(x->rule), row->rule);
    (void)text_copy(x->peer, sizeof(x->peer), row->peer);
    (void)text_copy(x->text, text_len, row->text);
    x->row.login = x->login;
    x->row.name = x->name;
    x->row.call = x->call;
    x->row.object = x->object;
    x->row.rule = x->rule;
    x->row.peer = x->peer;
    x->row.text = x->text;
    *a->tail = x;
    a->tail = &x->next;
    a->queued++;
    a->floods += flood;
    /* A pending timer is a wait after a failure: let it be. Otherwise what else this turn of the loop brings goes along. */
    if (!a->flight && !evtimer_pending(a->timer, NULL))
        arm(a, 0);
    return 0;
}

/* "CaseService/Act" of "/wangge.v1.CaseService/Act". */
static const char *short_method(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static struct audit_row row_of(const struct audit *a, enum audit_kind kind, const struct principal *who, const char *method,
                               const char *peer)
{
    struct audit_row r = {
        .at = a->clock->now(a->clock),
        .kind = kind,
        .login = "",
        .name = "",
        .call = short_method(method),
        .object = "",
        .rule = "",
        .text = "",
        .peer = peer ? peer : "",
    };
    if (who) {
        r.account = who->actor.account;
        r.role = who->actor.role;
        r.login = who->login;
        r.name = who->name;
    }
    return r;
}

static struct audit_row row_of_call(struct rpc_call *call, enum audit_kind kind)
{
    return row_of(service_ctx_of(call)->audit, kind, service_caller(call), rpc_call_method(call)->path, rpc_peer(call));
}

void audit_denial(struct rpc_call *call, const char *rule, const char *object)
{
    struct audit *a = service_ctx_of(call)->audit;
    struct note *note = rpc_call_note(call);

    if (!note) {
        note = arena_zalloc(rpc_arena(call), sizeof(*note));
        if (!note)
            return; /* the end of the call writes the row then */
        rpc_call_set_note(call, note);
    }
    if (note->n++ >= PER_CALL_MAX) {
        a->dropped++;
        complain(a, "a call was refused too many things");
        return;
    }
    struct audit_row r = row_of_call(call, AUDIT_DENIAL);
    r.rule = rule;
    r.object = object;
    (void)!add(a, &r, true, NULL, NULL, NULL);
}

static void on_known(void *arg, const PGresult *res, const struct err *e)
{
    struct rpc_call *call = arg;
    char object[UUID_TEXT_LEN + 1];

    if (!e->code && PQntuples(res) > 0) {
        struct uuid id = db_get_uuid(res, 0, 0);
        uuid_format(&id, object);
        audit_denial(call, "SCOPE", object);
    }
    rpc_call_unref(call, HIDDEN);
}

static void ask_known(struct rpc_call *call, const struct uuid *id, int64_t number)
{
    struct db_params p;
    struct err e;

    db_params_init(&p);
    if (id)
        db_param_binary(&p, id->bytes, sizeof(id->bytes));
    else
        db_param_null(&p);
    if (id)
        db_param_null(&p);
    else
        db_param_i64(&p, number);
    rpc_call_ref(call, HIDDEN);
    /* Only whether it exists, and only for the audit. */
    if (db_query(service_ctx_of(call)->db, &db_scope_system, &sql_case_known, &p, USEC_NONE, on_known, call, &e))
        rpc_call_unref(call, HIDDEN);
}

void audit_hidden(struct rpc_call *call, const struct uuid *case_id)
{
    ask_known(call, case_id, 0);
}

void audit_hidden_number(struct rpc_call *call, int64_t number)
{
    ask_known(call, NULL, number);
}

static const char *rule_of(const struct err *e)
{
    static const char mark[] = "rule ";
    return e && strncmp(e->detail, mark, sizeof(mark) - 1) == 0 ? e->detail + sizeof(mark) - 1 : "ROLE";
}

void audit_if_denied(struct rpc_call *call, const struct err *e, const char *object)
{
    if (e->code == ERR_DENIED)
        audit_denial(call, rule_of(e), object);
}

void audit_on_call_end(struct audit *a, const struct rpc_record *rec)
{
    if (rec->status != STATUS_PERMISSION_DENIED || rec->note)
        return;
    struct audit_row r = row_of(a, AUDIT_DENIAL, rec->principal, rec->method, rec->peer);
    r.rule = rule_of(rec->err);
    (void)!add(a, &r, true, NULL, NULL, NULL);
}

const struct db_rider *audit_act(struct rpc_call *call, enum audit_kind kind, const char *object, const char *text)
{
    struct arena *arena = rpc_arena(call);
    struct db_rider *rider = arena_alloc(arena, sizeof(*rider));
    struct db_params *p = arena_alloc(arena, sizeof(*p));
    struct uuid *ids = arena_alloc(arena, 2 * sizeof(*ids));
    struct audit_row r = row_of_call(call, kind);
    const char *const texts[] = {arena_strdup(arena, object), arena_strdup(arena, text)};

    if (!rider || !p || !ids || !texts[0] || !texts[1])
        return NULL;
    ids[0] = uuid_v7(r.at);
    ids[1] = r.account;
    db_params_init(p);
    db_param_binary(p, ids[0].bytes, sizeof(ids[0].bytes));
    db_param_time(p, r.at);
    db_param_i64(p, kind);
    if (uuid_is_nil(&ids[1]))
        db_param_null(p);
    else
        db_param_binary(p, ids[1].bytes, sizeof(ids[1].bytes));
    db_param_text(p, r.login);
    db_param_text(p, r.name);
    db_param_i64(p, r.role);
    db_param_text(p, r.call);
    db_param_text(p, texts[0]);
    db_param_text(p, texts[1]);
    db_param_text(p, r.peer);
    *rider = (struct db_rider){.stmt = &sql_audit_act, .params = p};
    return rider;
}

int audit_reveal(struct rpc_call *call, const char *object, const char *purpose, audit_done_fn fn, void *arg, struct err *e)
{
    struct audit_row r = row_of_call(call, AUDIT_REVEAL);
    r.object = object;
    r.text = purpose;
    return add(service_ctx_of(call)->audit, &r, false, fn, arg, e);
}

void audit_login(struct rpc_call *call, const char *login, const struct uuid *account, enum role role, const char *rule)
{
    struct audit_row r = row_of_call(call, AUDIT_LOGIN);
    r.login = login;
    r.object = login;
    if (account)
        r.account = *account;
    r.role = role;
    r.rule = rule;
    (void)!add(service_ctx_of(call)->audit, &r, true, NULL, NULL, NULL);
}

struct audit *audit_create(struct event_base *base, struct db *db, const struct clock *clock, struct err *e)
{
    struct audit *a = calloc(1, sizeof(*a));

    if (!a || !(a->timer = evtimer_new(base, on_timer, a))) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        free(a);
        return NULL;
    }
    a->db = db;
    a->clock = clock;
    a->tail = &a->head;
    a->complained_at = USEC_NONE;
    return a;
}

void audit_destroy(struct audit *a)
{
    struct err e;

    if (!a)
        return;
    (void)err_set(&e, ERR_UNAVAILABLE, "The server is stopping. Try again.");
    if (a->flight)
        a->flight->audit = NULL;
    if (a->head)
        log_event(LOG_ERROR, "audit.lost", LOG_I("rows", a->queued), LOG_END);
    while (a->head) {
        struct entry *x = a->head;
        a->head = x->next;
        entry_end(a, x, &e);
    }
    event_free(a->timer);
    free(a);
}

bool audit_is_idle(const struct audit *a)
{
    return a->queued == 0;
}

void audit_get_stats(const struct audit *a, struct audit_stats *ret)
{
    *ret = (struct audit_stats){.written = a->written, .dropped = a->dropped, .queued = a->queued};
}
