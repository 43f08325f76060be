/* SPDX-License-Identifier: MIT */
/*
 * Two sessions, each reading a case, letting the gate decide and writing what it decided, in every order of their steps – in
 * the manner of PostgreSQL's isolationtester: a step that has to wait is left waiting while the other session goes on. Whatever
 * the order, what was decided on an old state is never written over a newer one, and two merges never make a chain.
 *
 * The statement is packed by the store and sent by us, so that it can stay open between its write and its commit.
 */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/db/result.h"
#include "server/store/case_store.h"
#include "sql.h"
#include "tests/support/pg.h"

enum { SESSIONS = 2, STEPS = 3, ORDERS_MAX = 20, UTC_OFFSET_S = 28800, WAIT_MS = 20000 };

/* Instead of the lane's: keeps the write for us to send. */
static const struct db_unit_ops *ops;

int db_write_submit(struct db *db, const struct db_unit_ops *given, struct db_write *w, struct err *e)
{
    ops = given;
    return 0;
}

struct session {
    PGconn *pg;
    int pid;
    struct fx f;
    /* What it is to do. */
    enum action action;
    enum who who;
    int32_t organ;
    struct uuid case_id;
    struct uuid target; /* nil: none */
    /* How far it is. */
    bool decided;
    bool waiting; /* for the answer of its write */
    bool ends;    /* its last step was due while it waited */
    int64_t base; /* the version it decided on */
    char state[6];
    struct case_row after;
};

struct world {
    struct fx f;
    char conninfo[512];
    PGconn *watch; /* looks at the others */
    struct arena *arena;
    struct session s[SESSIONS];
    bool first_aborts;
    int64_t number;
};

static PGresult *ask_as(PGconn *pg, const char *sql, const struct uuid *id, bool binary)
{
    const char *values[] = {id ? (const char *)id->bytes : NULL};
    const int lengths[] = {16}, formats[] = {1};
    PGresult *res = PQexecParams(pg, sql, id ? 1 : 0, NULL, values, lengths, formats, binary);
    ck_assert_msg(PQresultStatus(res) == PGRES_TUPLES_OK || PQresultStatus(res) == PGRES_COMMAND_OK, "%s",
                  PQresultErrorMessage(res));
    return res;
}

static PGresult *ask(PGconn *pg, const char *sql, const struct uuid *id)
{
    return ask_as(pg, sql, id, false);
}

static int64_t number_of(PGconn *pg, const char *sql, const struct uuid *id)
{
    PGresult *res = ask(pg, sql, id);
    int64_t n = db_get_i64(res, 0, 0);
    PQclear(res);
    return n;
}

static void read_case(struct world *w, PGconn *pg, const struct uuid *id, struct case_row *ret)
{
    struct err e;
    PGresult *res = ask_as(pg, sql_case_get.sql, id, sql_case_get.binary_result);
    ck_assert_int_eq(PQntuples(res), 1);
    ck_assert_msg(case_row_read(res, 0, w->arena, ret, &e) == 0, "%s", e.text);
    PQclear(res);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
}

/* Sends one case's write without waiting for the answer. */
static void send_write(struct world *w, PGconn *pg, const struct fx *f, enum who who, const struct case_snap *before,
                       const struct case_row *after)
{
    struct event_write ev = {
        .request_id = uuid_v7(clock_system()->now(clock_system())),
        .happened_at = f->env.now,
        .arrived_at = f->env.now,
    };
    struct case_write cw = {
        .clock = clock_system(),
        .expected = before ? before->version : 0,
        .after = after,
        .n_events = 1,
        .events = &ev,
        .fn = on_written,
    };
    struct db_write *member = &cw.write;
    struct db_params p;
    struct err e;
    event_write_step(&ev, &f->who[who], &f->act, before, &after->snap);
    ck_assert_int_eq(case_store_write(&cw, &e), 0);
    db_params_init(&p);
    ck_assert_int_eq(ops->pack(&member, 1, &p, w->arena, &e), 0);
    ck_assert_msg(PQsendQueryParams(pg, ops->stmt->sql, p.n, NULL, p.values, p.lengths, p.formats, 0) == 1, "%s",
                  PQerrorMessage(pg));
}

/* The SQLSTATE of the only member. */
static void take_answer(PGconn *pg, char state[6])
{
    PGresult *res = PQgetResult(pg);
    ck_assert_msg(PQresultStatus(res) == PGRES_TUPLES_OK, "%s", PQresultErrorMessage(res));
    ck_assert_int_eq(PQntuples(res), 1);
    (void)snprintf(state, 6, "%s", db_get_text(res, 0, 1));
    PQclear(res);
    ck_assert_ptr_null(PQgetResult(pg));
}

/* A case brought n steps on its way, written step by step. */
static struct uuid make_case(struct world *w, int n)
{
    static const struct {
        enum action action;
        enum who who;
    } way[] = {
        {ACT_SUBMIT, WHO_WORKER},
        {ACT_ACCEPT, WHO_ACCEPTOR},
        {ACT_DISPATCH, WHO_DISPATCHER},
        {ACT_SIGN, WHO_HANDLER},
        {ACT_FEED_BACK, WHO_HANDLER},
        {ACT_ORDER_FIELD_CHECK, WHO_ACCEPTOR},
        {ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2},
    };
    struct fx *f = &w->f;
    struct uuid id = uuid_v7(clock_system()->now(clock_system()));
    fx_reset(f, fx_friday(9, 0));
    for (int i = 0; i < n; i++) {
        char state[6];
        struct case_snap before = f->snap;
        f->env.now += 60 * USEC_PER_SEC;
        fx_prepare(f, way[i].action);
        if (i == 0)
            f->act.case_id = id;
        ck_assert_msg(fx_send(f, way[i].who) == 0, "%s: %s", action_name(way[i].action), f->why.text);
        if (i == 0)
            f->snap.number = INT64_C(230604210917000000) + ++w->number;
        struct case_row row = {.snap = f->snap,
                               .cohort_day = clock_local_day(f->snap.reported_at, UTC_OFFSET_S),
                               .reporter_name = "王丽",
                               .handler_name = "钱承办",
                               .description = "路面塌陷"};
        send_write(w, w->watch, f, way[i].who, i ? &before : NULL, &row);
        take_answer(w->watch, state);
        ck_assert_str_eq(state, "00000");
    }
    return id;
}

/* --- The steps of a session --- */

static void step_read(struct world *w, struct session *s)
{
    struct case_row now;
    s->f = w->f;
    read_case(w, s->pg, &s->case_id, &now);
    s->f.snap = now.snap;
    s->f.exists = true;
    s->f.env.now += 600 * USEC_PER_SEC;
    fx_prepare(&s->f, s->action);
    if (s->organ)
        s->f.act.organ_id = s->organ;
    if (!uuid_is_nil(&s->target)) {
        struct case_row lead;
        read_case(w, s->pg, &s->target, &lead);
        s->f.lead = lead.snap;
        s->f.act.target = &s->f.lead;
        PGresult *res = ask(s->pg, sql_case_has_merged.sql, &s->case_id);
        s->f.act.has_merged = db_get_bool(res, 0, 0);
        PQclear(res);
    }
    s->base = now.snap.version;
    s->decided = fx_send(&s->f, s->who) == 0;
    s->after = now;
    s->after.snap = s->f.snap;
}

static bool is_blocked(struct world *w, const struct session *s)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "select cardinality(pg_blocking_pids(%d))", s->pid);
    return number_of(w->watch, sql, NULL) > 0;
}

/* Until the answer is there or the session has to wait for the other one. */
static void watch_write(struct world *w, struct session *s)
{
    const struct clock *c = clock_system();
    usec_t end = c->monotonic(c) + WAIT_MS * INT64_C(1000);
    for (;;) {
        ck_assert_int_eq(PQconsumeInput(s->pg), 1);
        if (!PQisBusy(s->pg)) {
            take_answer(s->pg, s->state);
            s->waiting = false;
            return;
        }
        if (is_blocked(w, s))
            return;
        ck_assert_msg(c->monotonic(c) < end, "neither answered nor blocked");
        struct pollfd fd = {.fd = PQsocket(s->pg), .events = POLLIN};
        (void)poll(&fd, 1, 5);
    }
}

static void step_write(struct world *w, struct session *s)
{
    if (!s->decided)
        return;
    PQclear(ask(s->pg, "begin", NULL));
    send_write(w, s->pg, &s->f, s->who, &s->f.before, &s->after);
    s->waiting = true;
    watch_write(w, s);
}

static void end_session(struct world *w, struct session *s)
{
    struct session *other = &w->s[s == &w->s[0]];
    if (s->decided)
        PQclear(ask(s->pg, w->first_aborts && s == &w->s[0] ? "rollback" : "commit", NULL));
    s->ends = false;
    if (!other->waiting)
        return;
    watch_write(w, other);
    ck_assert_msg(!other->waiting, "still blocked though the other session ended");
    if (other->ends)
        end_session(w, other);
}

static void step_end(struct world *w, struct session *s)
{
    if (s->waiting)
        s->ends = true; /* as soon as it can */
    else
        end_session(w, s);
}

static void (*const steps[STEPS])(struct world *w, struct session *s) = {step_read, step_write, step_end};

/* Every way to interleave three steps of two sessions; a bit says whose turn it is. */
static int orders(unsigned ret[ORDERS_MAX])
{
    int n = 0;
    for (unsigned bits = 0; bits < 1u << (SESSIONS * STEPS); bits++)
        if (__builtin_popcount(bits) == STEPS)
            ret[n++] = bits;
    return n;
}

/* True if the second reads only after the first ended, or the other way round. */
static bool is_serial(unsigned order)
{
    return order == 0x38 || order == 0x07;
}

static bool has_won(const struct world *w, int i)
{
    return w->s[i].decided && strcmp(w->s[i].state, "00000") == 0 && !(w->first_aborts && i == 0);
}

static void run_order(struct world *w, unsigned order)
{
    int at[SESSIONS] = {0};
    for (int i = 0; i < SESSIONS; i++) {
        struct session *s = &w->s[i];
        s->decided = s->waiting = s->ends = false;
        s->state[0] = '\0';
    }
    for (int i = 0; i < SESSIONS * STEPS; i++) {
        int who = (int)(order >> i & 1);
        steps[at[who]++](w, &w->s[who]);
    }
    for (int i = 0; i < SESSIONS; i++)
        ck_assert(!w->s[i].waiting && !w->s[i].ends);
}

static void set_up(struct world *w)
{
    memset(w, 0, sizeof *w);
    (void)snprintf(w->conninfo, sizeof w->conninfo, "%s", test_pg_conninfo());
    fx_init(&w->f);
    w->arena = arena_create(64 * 1024 * 1024);
    w->watch = test_pg_connect(w->conninfo);
    for (int i = 0; i < SESSIONS; i++) {
        w->s[i].pg = test_pg_connect(w->conninfo);
        w->s[i].pid = PQbackendPID(w->s[i].pg);
    }
}

static void tear_down(struct world *w)
{
    for (int i = 0; i < SESSIONS; i++)
        PQfinish(w->s[i].pg);
    PQfinish(w->watch);
    arena_destroy(w->arena);
    fx_fini(&w->f);
}

/* --- One case, two people --- */

static const struct pair {
    const char *name;
    int way; /* steps the case has behind it */
    struct {
        enum action action;
        enum who who;
        int32_t organ;
    } does[SESSIONS];
} pairs[] = {
    {"claim", 3, {{ACT_SIGN, WHO_HANDLER, 0}, {ACT_SIGN, WHO_LEAD, 0}}},
    {"claim or give back", 3, {{ACT_SIGN, WHO_HANDLER, 0}, {ACT_RETURN, WHO_LEAD, 0}}},
    {"reassign", 4, {{ACT_TRANSFER, WHO_DISPATCHER, ORGAN_WATER}, {ACT_FEED_BACK, WHO_HANDLER, 0}}},
    {"close", 7, {{ACT_CLOSE, WHO_ACCEPTOR, 0}, {ACT_CLOSE, WHO_ACCEPTOR, 0}}},
    {"close or rework", 7, {{ACT_CLOSE, WHO_ACCEPTOR, 0}, {ACT_REWORK, WHO_ACCEPTOR, 0}}},
};

static void check_one_case(struct world *w, const struct pair *p, unsigned order)
{
    struct uuid id = make_case(w, p->way);
    for (int i = 0; i < SESSIONS; i++) {
        struct session *s = &w->s[i];
        s->action = p->does[i].action;
        s->who = p->does[i].who;
        s->organ = p->does[i].organ;
        s->case_id = id;
        s->target = (struct uuid){{0}};
    }
    run_order(w, order);
    struct case_row now;
    read_case(w, w->watch, &id, &now);
    int won = has_won(w, 0) + has_won(w, 1);
    const char *what = p->name;
    ck_assert_msg(won >= 1, "%s, order %02x: nobody won", what, order);
    ck_assert_msg(won == 1 || w->s[0].base != w->s[1].base, "%s, order %02x: both wrote over the same version", what, order);
    ck_assert_msg(won == 1 || is_serial(order), "%s, order %02x: both won though they overlapped", what, order);
    for (int i = 0; i < SESSIONS; i++)
        ck_assert_msg(!w->s[i].decided || strcmp(w->s[i].state, "00000") == 0 || strcmp(w->s[i].state, "WG412") == 0,
                      "%s, order %02x: %s", what, order, w->s[i].state);
    ck_assert_int_eq(now.snap.version, p->way + won);
    ck_assert_int_eq(number_of(w->watch, "select count(*) from case_event where case_id = $1::uuid", &id), p->way + won);
    for (int i = 0; i < SESSIONS; i++)
        if (has_won(w, i) && w->s[i].base + 1 == now.snap.version)
            ck_assert_int_eq(now.snap.state, w->s[i].after.snap.state);
}

START_TEST(one_case)
{
    struct world w;
    unsigned all[ORDERS_MAX];
    int n = orders(all);
    ck_assert_int_eq(n, ORDERS_MAX);
    set_up(&w);
    for (int aborts = 0; aborts < 2; aborts++) {
        w.first_aborts = aborts;
        for (int i = 0; i < n; i++)
            check_one_case(&w, &pairs[_i], all[i]);
    }
    tear_down(&w);
}
END_TEST

/* --- Two merges --- */

static void check_merges(struct world *w, bool circle, unsigned order)
{
    struct uuid a = make_case(w, 2), b = make_case(w, 2), c = make_case(w, 2);
    for (int i = 0; i < SESSIONS; i++) {
        w->s[i].action = ACT_MERGE;
        w->s[i].who = WHO_ACCEPTOR;
        w->s[i].organ = 0;
    }
    w->s[0].case_id = a;
    w->s[0].target = b;
    w->s[1].case_id = b;
    w->s[1].target = circle ? a : c;
    run_order(w, order);
    int won = has_won(w, 0) + has_won(w, 1);
    ck_assert_msg(won == 1, "%s, order %02x: %d merges went through", circle ? "circle" : "chain", order, won);
    ck_assert_int_eq(number_of(w->watch,
                               "select count(*) from case_file m join case_file l on l.id = m.merged_into"
                               " where l.merged_into is not null",
                               NULL),
                     0);
    /* The open links are those of the merged cases, no more and no less. */
    ck_assert_int_eq(number_of(w->watch,
                               "select count(*) from (select case_id, lead_id from case_link where split_version is null) l"
                               " full join (select id, merged_into from case_file where state = 14) m"
                               " on m.id = l.case_id and m.merged_into = l.lead_id where m.id is null or l.case_id is null",
                               NULL),
                     0);
}

START_TEST(merges)
{
    struct world w;
    unsigned all[ORDERS_MAX];
    int n = orders(all);
    set_up(&w);
    for (int aborts = 0; aborts < 2; aborts++) {
        w.first_aborts = aborts;
        for (int i = 0; i < n; i++)
            check_merges(&w, _i, all[i]);
    }
    tear_down(&w);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("isolation");
    TCase *t = tcase_create("store");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, one_case, 0, (int)(sizeof pairs / sizeof pairs[0]));
    tcase_add_loop_test(t, merges, 0, 2);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
