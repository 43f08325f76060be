/* SPDX-License-Identifier: MIT */
/*
 * Writers go on while their sessions are ended and killed under them. Afterwards every answer is compared with the table,
 * which has no key that could hide a doubled row: OK means once, a refusal means never, unknown means at most once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/db/harness.h"
#include "tests/support/pg.h"

enum { CALLERS = 48, KILLS = 24 };

static const char schema[] =
    "create table loose (id bigint, value text);"
    "create function put(ids bigint[], vals text[]) returns table (pos int, state text, note text) language sql as $$"
    "  with added as (insert into loose select * from unnest(ids, vals) returning id)"
    "  select (o - 1)::int, '00000', 'put ' || id from unnest(ids) with ordinality as u (id, o), (select count(*) from added) c"
    " $$;";
static const struct db_stmt *const stmts[] = {&put_stmt, NULL};
static char conninfo[512];

struct caller {
    struct put put;
    struct run *run;
    int next; /* index into run->outcomes of its present write */
};

struct run {
    struct harness h;
    struct caller callers[CALLERS];
    int *outcomes; /* by id; 1: not answered */
    int used, cap;
    int answered;
    bool ending;
    int idle;
};

static void submit(struct caller *c);

static void on_done(struct db_write *w, const PGresult *res, int row, const struct err *e)
{
    struct caller *c = (struct caller *)w;
    c->run->outcomes[c->next] = e->code;
    c->run->answered++;
    submit(c);
}

/* The next write under a new id; a caller that is refused at once pauses until the loop turns again. */
static void submit(struct caller *c)
{
    struct run *r = c->run;
    struct err e;
    if (r->ending || r->used == r->cap || !db_is_ready(r->h.db)) {
        c->next = -1;
        r->idle++;
        return;
    }
    c->next = r->used++;
    r->outcomes[c->next] = 1;
    put_init(&c->put, c->next, "x", NULL);
    c->put.w.done = on_done;
    int ret = db_write_submit(r->h.db, &put_ops, &c->put.w, &e);
    if (ret) {
        r->outcomes[c->next] = ret;
        c->next = -1;
        r->idle++;
    }
}

static void wake(struct run *r)
{
    for (int i = 0; i < CALLERS; i++)
        if (r->callers[i].next < 0) {
            r->idle--;
            submit(&r->callers[i]);
        }
}

static bool all_idle(void *arg)
{
    const struct run *r = arg;
    return r->idle == CALLERS;
}

static void kill_one(int how)
{
    PGconn *c = PQconnectdb(conninfo);
    PGresult *res = PQexec(c, "select pid from pg_stat_activity where application_name = 'wangged'"
                              " and datname = current_database() order by random() limit 1");
    if (PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1)
        /* SIGTERM ends the session in order; SIGKILL makes the whole server cut everybody and recover. */
        (void)kill((pid_t)strtol(PQgetvalue(res, 0, 0), NULL, 10), how);
    PQclear(res);
    PQfinish(c);
}

/* The server may still be about to notice the last kill and cut us too. */
static PGresult *read_table(void)
{
    const struct clock *clock = clock_system();
    usec_t end = clock->monotonic(clock) + WAIT_MS * INT64_C(1000);
    for (;;) {
        PGconn *c = PQconnectdb(conninfo);
        PGresult *res = PQexec(c, "select id, count(*) from loose group by id");
        bool ok = PQresultStatus(res) == PGRES_TUPLES_OK;
        ck_assert_msg(ok || clock->monotonic(clock) < end, "%s", PQerrorMessage(c));
        PQfinish(c);
        if (ok)
            return res;
        PQclear(res);
    }
}

static void check_outcomes(const struct run *r)
{
    int by_kind[4] = {0}; /* ok, unknown and there, unknown and not there, refused */
    PGresult *res = read_table();
    int *rows = calloc((size_t)r->used + 1, sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    for (int i = 0; i < PQntuples(res); i++)
        rows[strtol(PQgetvalue(res, i, 0), NULL, 10)] = (int)strtol(PQgetvalue(res, i, 1), NULL, 10);
    for (int id = 0; id < r->used; id++) {
        int code = r->outcomes[id];
        ck_assert_msg(code != 1, "write %d was never answered", id);
        ck_assert_msg(rows[id] <= 1, "write %d is there %d times", id, rows[id]);
        if (code == ERR_OK)
            ck_assert_msg(rows[id] == 1, "write %d was answered OK and is not there", id);
        else if (code != ERR_UNKNOWN_OUTCOME)
            ck_assert_msg(rows[id] == 0, "write %d was refused (%s) and is there", id, err_name(code));
        by_kind[code == ERR_OK ? 0 : code != ERR_UNKNOWN_OUTCOME ? 3 : rows[id] ? 1 : 2]++;
    }
    PQclear(res);
    free(rows);
    /* The run must have met what it is about. */
    ck_assert_int_gt(by_kind[0], KILLS);
    ck_assert_int_gt(by_kind[1] + by_kind[2], 0);
}

START_TEST(nothing_is_lost_or_doubled)
{
    static struct run r;
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo_empty());
    test_pg_exec(conninfo, schema);
    r = (struct run){.cap = 2000000, .idle = CALLERS};
    r.outcomes = calloc((size_t)r.cap, sizeof *r.outcomes);
    ck_assert_ptr_nonnull(r.outcomes);
    h_init(&r.h, conninfo, stmts);
    r.h.cfg.write_lanes = 2;
    h_open(&r.h);
    for (int i = 0; i < CALLERS; i++)
        r.callers[i] = (struct caller){.run = &r, .next = -1};
    for (int k = 0; k < KILLS; k++) {
        h_wait_ready(&r.h, true);
        int before = r.answered;
        while (r.answered < before + 200 + k * 37) {
            wake(&r);
            ck_assert_int_ge(event_base_loop(r.h.base, EVLOOP_ONCE), 0);
        }
        kill_one(k % 6 == 5 ? SIGKILL : SIGTERM);
    }
    r.ending = true;
    h_until(&r.h, all_idle, &r, "the last answers");
    h_wait_ready(&r.h, true);
    check_outcomes(&r);
    h_close(&r.h);
    free(r.outcomes);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_DURABLE);
    Suite *s = suite_create("kill_stress");
    TCase *t = tcase_create("kill_stress");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, nothing_is_lost_or_doubled);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
