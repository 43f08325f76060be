/* SPDX-License-Identifier: MIT */
#include "server/store/rule_store.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/db/result.h"
#include "sql.h"

enum { RULES_MEMORY = 32 << 20 };

struct load;

struct rule_store {
    struct db *db;
    struct event *retry;
    struct rule_set *now;
    struct load *load; /* under way, or NULL */
    bool again;
};

/* Outlives the store when that is destroyed with the statement in flight. */
struct load {
    struct rule_store *store;
};

struct rule_set *rule_set_ref(struct rule_set *s)
{
    s->refs++;
    return s;
}

void rule_set_unref(struct rule_set *s)
{
    if (!s || --s->refs > 0)
        return;
    arena_destroy(s->arena);
    free(s);
}

static int read_rule(const PGresult *res, int row, struct arena *a, struct dispatch_rule *r)
{
    const char *co = db_get_text(res, row, 7), *note = db_get_text(res, row, 9);
    *r = (struct dispatch_rule){
        .id = db_get_uuid(res, row, 0),
        .region = db_get_i64(res, row, 2),
        .weekdays = (uint8_t)db_get_i32(res, row, 3),
        .from_minute = (int16_t)db_get_i32(res, row, 4),
        .to_minute = (int16_t)db_get_i32(res, row, 5),
        .organ_id = db_get_i32(res, row, 6),
        .priority = db_get_i32(res, row, 8),
        .note = arena_strdup(a, note ? note : ""),
    };
    (void)text_copy(r->category_prefix, sizeof r->category_prefix, db_get_text(res, row, 1));
    while (co && *co && r->n_co < DISPATCH_CO_MAX) {
        char *end;
        r->co_organ_ids[r->n_co++] = (int32_t)strtol(co, &end, 10);
        co = *end ? end + 1 : end;
    }
    return r->note ? 0 : ERR_NOMEM;
}

/* One reference; NULL without memory. */
static struct rule_set *read_set(const PGresult *res)
{
    struct rule_set *s = calloc(1, sizeof *s);
    int n = PQntuples(res);
    if (!s)
        return NULL;
    s->refs = 1;
    s->arena = arena_create(RULES_MEMORY);
    s->rules = s->arena ? arena_alloc(s->arena, ((size_t)n + 1) * sizeof *s->rules) : NULL;
    for (int i = 0; s->rules && i < n; i++) {
        if (read_rule(res, i, s->arena, &s->rules[s->n++]))
            s->rules = NULL;
    }
    if (!s->rules) {
        rule_set_unref(s);
        return NULL;
    }
    dispatch_rules_sort(s->rules, s->n);
    return s;
}

static void reload(struct rule_store *s);

static void retry_later(struct rule_store *s)
{
    static const struct timeval second = {.tv_sec = 1};
    evtimer_add(s->retry, &second);
}

static void on_loaded(void *arg, const PGresult *res, const struct err *e)
{
    struct load *l = arg;
    struct rule_store *s = l->store;
    free(l);
    if (!s)
        return;
    s->load = NULL;
    struct rule_set *set = e->code ? NULL : read_set(res);
    if (set) {
        rule_set_unref(s->now);
        s->now = set;
    } else {
        if (e->code && e->code != ERR_UNAVAILABLE)
            log_event(LOG_ERROR, "rules.load_failed", LOG_S("text", e->text), LOG_S("detail", e->detail), LOG_END);
        retry_later(s);
    }
    if (s->again) {
        s->again = false;
        reload(s);
    }
}

static void reload(struct rule_store *s)
{
    struct db_params p;
    struct err e = {0};
    if (s->load) {
        s->again = true;
        return;
    }
    evtimer_del(s->retry);
    struct load *l = calloc(1, sizeof *l);
    db_params_init(&p);
    if (l)
        l->store = s;
    if (!l || db_query(s->db, &db_scope_none, &sql_rules_list, &p, USEC_NONE, on_loaded, l, &e)) {
        free(l);
        retry_later(s);
        return;
    }
    s->load = l;
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    reload(arg);
}

static void on_changed(void *arg, const char *payload)
{
    reload(arg);
}

struct rule_store *rule_store_create(struct event_base *base, struct db *db, struct err *e)
{
    struct rule_store *s = calloc(1, sizeof *s);
    if (!s || !(s->retry = evtimer_new(base, on_retry, s))) {
        (void)err_set(e, ERR_NOMEM, "Out of memory.");
        rule_store_destroy(s);
        return NULL;
    }
    s->db = db;
    if (db_listen(db, "rules_changed", on_changed, s, e)) {
        rule_store_destroy(s);
        return NULL;
    }
    return s;
}

void rule_store_destroy(struct rule_store *s)
{
    if (!s)
        return;
    if (s->load)
        s->load->store = NULL;
    rule_set_unref(s->now);
    if (s->retry)
        event_free(s->retry);
    free(s);
}

struct rule_set *rule_store_get(const struct rule_store *s)
{
    return s->now;
}

struct ask {
    struct arena *arena;
    rules_set_fn on_set;
    rules_read_fn on_read;
    dispatch_rows_fn on_rows;
    void *arg;
};

static struct ask *ask_create(struct arena *a, void *arg, struct err *e)
{
    struct ask *k = arena_zalloc(a, sizeof *k);
    if (k) {
        k->arena = a;
        k->arg = arg;
    } else {
        (void)err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    return k;
}

static void on_set(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    k->on_set(k->arg, e->code ? 0 : db_get_i32(res, 0, 0), e);
}

int rule_store_set(struct db *db, const char *json, const struct uuid *who, usec_t at, const struct db_rider *rider,
                   struct arena *a, usec_t deadline, rules_set_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg, e);
    struct db_params p;
    if (!k)
        return ERR_NOMEM;
    k->on_set = fn;
    db_params_init(&p);
    db_param_text(&p, json);
    db_param_binary(&p, who->bytes, sizeof who->bytes);
    db_param_time(&p, at);
    return db_execute_with(db, &sql_rules_set, &p, rider, deadline, on_set, k, e);
}

static void on_read(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    struct rule_set *s = e->code ? NULL : read_set(res);
    if (!s && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    k->on_read(k->arg, s, &failed);
    rule_set_unref(s);
}

int rule_store_read(struct db *db, struct arena *a, usec_t deadline, rules_read_fn fn, void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg, e);
    struct db_params p;
    if (!k)
        return ERR_NOMEM;
    k->on_read = fn;
    db_params_init(&p);
    return db_query(db, &db_scope_none, &sql_rules_list, &p, deadline, on_read, k, e);
}

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    if (e->code) {
        k->on_rows(k->arg, NULL, 0, e);
        return;
    }
    int n = PQntuples(res);
    struct err failed = {0};
    /* A window has many pages: their memory is not the call's. */
    struct dispatch_row *rows = malloc(((size_t)n + 1) * sizeof *rows);
    if (!rows)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (int i = 0; rows && i < n; i++) {
        rows[i] = (struct dispatch_row){
            .case_id = db_get_uuid(res, i, 0),
            .version = db_get_i32(res, i, 1),
            .happened_at = db_get_time(res, i, 2),
            .arrived_at = db_get_time(res, i, 3),
            .grid = db_get_i64(res, i, 4),
            .category_id = (int16_t)db_get_i32(res, i, 5),
            .organ_id = db_get_i32(res, i, 6),
            .number = db_get_i64(res, i, 7),
            .returned = db_get_bool(res, i, 8),
        };
    }
    k->on_rows(k->arg, rows, failed.code ? 0 : n, &failed);
    free(rows);
}

int rule_store_dispatches(struct db *db, const struct dispatch_query *q, struct arena *a, usec_t deadline, dispatch_rows_fn fn,
                          void *arg, struct err *e)
{
    struct ask *k = ask_create(a, arg, e);
    struct db_params p;
    if (!k)
        return ERR_NOMEM;
    k->on_rows = fn;
    db_params_init(&p);
    db_param_time(&p, q->from);
    db_param_time(&p, q->to);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    if (q->has_after) {
        db_param_time(&p, q->after_at);
        db_param_binary(&p, q->after_id.bytes, sizeof q->after_id.bytes);
        db_param_i64(&p, q->after_version);
    } else {
        db_param_null(&p);
        db_param_null(&p);
        db_param_null(&p);
    }
    db_param_i64(&p, q->limit);
    /* An administrator, who sees no case, tries rules too: it gets numbers and organs of its region, nothing else of a case. */
    const struct db_scope region = {.lo = q->span.lo, .hi = q->span.hi};
    return db_query(db, &region, &sql_rules_dispatches, &p, deadline, on_rows, k, e);
}
