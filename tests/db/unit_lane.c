/* SPDX-License-Identifier: MIT */
/* Write lanes: grouping, errors of a member and of a unit, limits, and what becomes of writes when the server goes away. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/db/harness.h"
#include "tests/support/pg.h"

static const struct db_stmt *const stmts[] = {&put_stmt, NULL};
static char conninfo[512];
static struct harness h;

static void setup(void)
{
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo_empty());
    test_pg_exec(conninfo, put_schema);
    h_init(&h, conninfo, stmts);
}

static void teardown(void)
{
    h_close(&h);
}

static void open_ready(void)
{
    h_open(&h);
    h_wait_ready(&h, true);
}

static int64_t count_items(void)
{
    return test_pg_int(conninfo, "select count(*) from item");
}

/* A connection that holds the lock behind the value "block". */
static PGconn *hold_lock(void)
{
    PGconn *c = test_pg_connect(conninfo);
    PQclear(PQexec(c, "select pg_advisory_lock(42)"));
    return c;
}

#define BLOCKED                                                                                                                \
    "select count(*) from pg_stat_activity where application_name = 'wangged' and wait_event = 'advisory'"                     \
    " and datname = current_database()"

static bool one_in_flight(void *arg)
{
    return h_stats(&h).write_in_flight == 1;
}

static bool one_in_flight_or_more(void *arg)
{
    return h_stats(&h).write_in_flight >= 1;
}

/* Submits a member that blocks the lane, and waits until the server waits. */
static void block_lane(struct put *p, int64_t id, int *total)
{
    put_init(p, id, "block", total);
    put_submit(&h, &put_ops, p);
    h_until(&h, one_in_flight, NULL, "a unit in flight");
    ck_assert(test_pg_wait_for(conninfo, BLOCKED, WAIT_MS));
}

START_TEST(lone_write_leaves_alone)
{
    struct put p;
    open_ready();
    put_init(&p, 7, "x", NULL);
    put_submit(&h, &put_ops, &p);
    h_until_count(&h, &p.a.calls, 1);
    ck_assert_int_eq(p.a.code, 0);
    ck_assert_str_eq(p.a.value, "put 7");
    ck_assert_uint_eq(h_stats(&h).units, 1);
    ck_assert_int_eq(count_items(), 1);
}
END_TEST

START_TEST(waiting_writes_leave_together_in_key_order)
{
    struct put first, p[64];
    int total = 0;
    open_ready();
    PGconn *lock = hold_lock();
    block_lane(&first, 1000, &total);
    for (int i = 0; i < 64; i++) {
        put_init(&p[i], (i * 37) % 64 + 1, "x", &total);
        put_submit(&h, &put_ops, &p[i]);
    }
    ck_assert_int_eq(h_stats(&h).write_queued, 64);
    PQfinish(lock);
    h_until_count(&h, &total, 65);
    ck_assert_uint_eq(h_stats(&h).units, 2);
    ck_assert_uint_eq(h_stats(&h).writes, 65);
    for (int i = 0; i < 64; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "put %d", (i * 37) % 64 + 1);
        ck_assert_int_eq(p[i].a.code, 0);
        ck_assert_str_eq(p[i].a.value, want);
    }
    ck_assert_int_eq(test_pg_int(conninfo, "select bool_and(o) from (select id > lag(id) over (order by nth) is not false as o"
                                           " from item where id <= 64) s"),
                     1);
}
END_TEST

START_TEST(unit_has_a_maximum)
{
    struct put p[10];
    int total = 0;
    h.cfg.max_unit = 4;
    open_ready();
    for (int i = 0; i < 10; i++) {
        put_init(&p[i], i, "x", &total);
        put_submit(&h, &put_ops, &p[i]);
    }
    h_until_count(&h, &total, 10);
    ck_assert_uint_eq(h_stats(&h).units, 3);
    ck_assert_int_eq(count_items(), 10);
}
END_TEST

START_TEST(bad_member_fails_alone)
{
    static const struct {
        const char *value;
        int code;
        const char *state;
        unsigned units, retries;
        int rows;
    } rows[] = {
        {"boom", ERR_PRECONDITION, "P0001", 1, 0, 63}, /* trapped: its row says so */
        {"poison", ERR_INVALID, "23514", 65, 64, 63},  /* took the unit with it: everybody again, alone */
        {"flaky", ERR_OK, "", 65, 64, 64},             /* a conflict of the unit */
        {"deadlock-once", ERR_OK, "", 2, 1, 64},       /* a conflict of the member */
    };
    struct put p[64];
    int total = 0;
    open_ready();
    for (int i = 0; i < 64; i++) {
        put_init(&p[i], i, i == 20 ? rows[_i].value : "x", &total);
        put_submit(&h, &put_ops, &p[i]);
    }
    h_until_count(&h, &total, 64);
    for (int i = 0; i < 64; i++) {
        ck_assert_int_eq(p[i].a.calls, 1);
        ck_assert_msg(p[i].a.code == (i == 20 ? rows[_i].code : 0), "member %d: %s", i, err_name(p[i].a.code));
    }
    ck_assert_ptr_nonnull(strstr(p[20].a.detail, rows[_i].state));
    ck_assert_uint_eq(h_stats(&h).units, rows[_i].units);
    ck_assert_uint_eq(h_stats(&h).unit_retries, rows[_i].retries);
    ck_assert_int_eq(count_items(), rows[_i].rows);
}
END_TEST

START_TEST(lone_write_is_run_again_after_conflict_only)
{
    struct put p[2];
    int total = 0;
    open_ready();
    put_init(&p[0], 1, "flaky", &total);
    put_submit(&h, &put_ops, &p[0]);
    h_until_count(&h, &total, 1);
    ck_assert_int_eq(p[0].a.code, 0);
    ck_assert_uint_eq(h_stats(&h).units, 2);
    put_init(&p[1], 2, "poison", &total);
    put_submit(&h, &put_ops, &p[1]);
    h_until_count(&h, &total, 2);
    ck_assert_int_eq(p[1].a.code, ERR_INVALID);
    ck_assert_uint_eq(h_stats(&h).units, 3);
    ck_assert_int_eq(count_items(), 1);
}
END_TEST

START_TEST(distinct_keys_take_turns)
{
    struct put p[6];
    int total = 0;
    open_ready();
    for (int i = 0; i < 6; i++) {
        put_init(&p[i], i, "x", &total);
        p[i].w.lock_key = (uint64_t)(i % 2);
        put_submit(&h, &put_distinct_ops, &p[i]);
    }
    h_until_count(&h, &total, 6);
    ck_assert_uint_eq(h_stats(&h).units, 3);
    /* In the order of arrival for each key. */
    ck_assert_int_eq(test_pg_int(conninfo,
                                 "select bool_and(o) from (select id > lag(id) over (partition by id % 2 order by nth)"
                                 " is not false as o from item) s"),
                     1);
}
END_TEST

START_TEST(queue_has_a_limit)
{
    struct put first, p[3], over;
    struct err e = {0};
    int total = 0;
    h.cfg.queue_limit = 3;
    open_ready();
    PGconn *lock = hold_lock();
    block_lane(&first, 0, &total);
    for (int i = 0; i < 3; i++) {
        put_init(&p[i], i + 1, "x", &total);
        put_submit(&h, &put_ops, &p[i]);
    }
    put_init(&over, 9, "x", &total);
    ck_assert_int_eq(db_write_submit(h.db, &put_ops, &over.w, &e), ERR_EXHAUSTED);
    ck_assert_uint_eq(h_stats(&h).refused, 1);
    PQfinish(lock);
    h_until_count(&h, &total, 4);
    ck_assert_int_eq(over.a.calls, 0);
    ck_assert_int_eq(count_items(), 4);
}
END_TEST

START_TEST(expired_in_queue_is_dropped)
{
    struct put first, late, in_time;
    const struct clock *c = clock_system();
    int total = 0;
    open_ready();
    PGconn *lock = hold_lock();
    block_lane(&first, 0, &total);
    put_init(&late, 1, "x", &total);
    late.w.deadline = c->monotonic(c) + 20000;
    put_init(&in_time, 2, "x", &total);
    put_submit(&h, &put_ops, &late);
    put_submit(&h, &put_ops, &in_time);
    h_until_count(&h, &late.a.calls, 1); /* while the first is still in flight */
    ck_assert_int_eq(late.a.code, ERR_DEADLINE);
    ck_assert_int_eq(first.a.calls, 0);
    ck_assert_uint_eq(h_stats(&h).expired, 1);
    PQfinish(lock);
    h_until_count(&h, &total, 3);
    ck_assert_int_eq(in_time.a.code, 0);
    ck_assert_int_eq(count_items(), 2);
}
END_TEST

#define TERMINATE                                                                                                              \
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'wangged'"                         \
    " and wait_event = 'advisory' and datname = current_database()"

START_TEST(server_lost_in_the_middle_is_unknown)
{
    struct put first, waiting;
    int total = 0;
    open_ready();
    PGconn *lock = hold_lock();
    block_lane(&first, 1, &total);
    put_init(&waiting, 2, "x", &total);
    put_submit(&h, &put_ops, &waiting);
    ck_assert_int_eq(test_pg_int(conninfo, TERMINATE), 1);
    h_until_count(&h, &total, 2);
    ck_assert_int_eq(first.a.code, ERR_UNKNOWN_OUTCOME);
    ck_assert_ptr_nonnull(strstr(first.a.detail, "57P01"));
    ck_assert_int_eq(waiting.a.code, ERR_UNAVAILABLE); /* never sent */
    ck_assert_uint_eq(h_stats(&h).unknown_outcomes, 1);
    PQfinish(lock);
    h_wait_ready(&h, true); /* by itself */
    ck_assert_uint_eq(h_stats(&h).reconnects, 1);
    put_init(&first, 1, "again", &total);
    put_submit(&h, &put_ops, &first);
    h_until_count(&h, &total, 3);
    ck_assert_int_eq(first.a.code, 0);
    ck_assert_int_eq(count_items(), 1);
}
END_TEST

START_TEST(answer_lost_after_commit_is_unknown_and_not_repeated)
{
    struct put p[8];
    int total = 0;
    struct proxy *proxy = proxy_create(h.base, conninfo);
    h.cfg.conninfo = proxy_conninfo(proxy);
    open_ready();
    proxy_freeze(proxy, true);
    for (int i = 0; i < 8; i++) {
        put_init(&p[i], i, "x", &total);
        put_submit(&h, &put_ops, &p[i]);
    }
    h_until(&h, one_in_flight, NULL, "a unit in flight");
    /* The loop has to turn for the proxy to pass it on. */
    for (int turns = 0; count_items() < 8 && turns < 1000; turns++)
        ck_assert_int_ge(event_base_loop(h.base, EVLOOP_ONCE), 0);
    ck_assert_int_eq(count_items(), 8);
    proxy_cut(proxy);
    proxy_freeze(proxy, false);
    h_until_count(&h, &total, 8);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(p[i].a.code, ERR_UNKNOWN_OUTCOME);
    h_wait_ready(&h, true);
    ck_assert_uint_eq(h_stats(&h).units, 1);
    ck_assert_int_eq(count_items(), 8);
    db_destroy(h.db);
    h.db = NULL;
    proxy_destroy(proxy);
}
END_TEST

START_TEST(warning_means_unknown)
{
    struct put p;
    open_ready();
    put_init(&p, 1, "warn", NULL);
    put_submit(&h, &put_ops, &p);
    h_until_count(&h, &p.a.calls, 1);
    ck_assert_int_eq(p.a.code, ERR_UNKNOWN_OUTCOME);
    ck_assert_ptr_nonnull(strstr(p.a.detail, "01000"));
}
END_TEST

START_TEST(cancelled_replication_wait_means_unknown)
{
    struct put p;
    char alter[160];
    (void)snprintf(alter, sizeof alter, "alter database %s set synchronous_commit = on", strstr(conninfo, "dbname=t_") + 7);
    test_pg_exec(conninfo, alter);
    open_ready();
    test_pg_exec(conninfo, "alter system set synchronous_standby_names = 'nobody'");
    test_pg_exec(conninfo, "select pg_reload_conf()");
    ck_assert(test_pg_wait_for(conninfo, "select current_setting('synchronous_standby_names') = 'nobody'", WAIT_MS));
    put_init(&p, 1, "x", NULL);
    /* The backend reloads when it gets to it: until then commits do not wait, so try until one does. */
    for (int id = 1; !p.a.calls || p.a.code == 0; id++) {
        put_init(&p, id, "x", NULL);
        put_submit(&h, &put_ops, &p);
        while (!p.a.calls) {
            ck_assert_int_ge(event_base_loop(h.base, EVLOOP_ONCE), 0);
            (void)test_pg_int(conninfo, "select count(pg_cancel_backend(pid)) from pg_stat_activity"
                                        " where wait_event = 'SyncRep' and datname = current_database()");
        }
    }
    test_pg_exec(conninfo, "alter system reset synchronous_standby_names");
    test_pg_exec(conninfo, "select pg_reload_conf()");
    ck_assert_int_eq(p.a.code, ERR_UNKNOWN_OUTCOME);
    ck_assert_ptr_nonnull(strstr(p.a.detail, "01000"));
    ck_assert_int_ge(count_items(), 1);
}
END_TEST

START_TEST(unavailable_before_connected)
{
    struct put p;
    struct err e = {0};
    h_open(&h);
    put_init(&p, 1, "x", NULL);
    ck_assert_int_eq(db_write_submit(h.db, &put_ops, &p.w, &e), ERR_UNAVAILABLE);
    ck_assert_int_eq(p.a.calls, 0);
}
END_TEST

START_TEST(destroy_answers_everything)
{
    struct put first, queued;
    int total = 0;
    open_ready();
    PGconn *lock = hold_lock();
    block_lane(&first, 1, &total);
    put_init(&queued, 2, "x", &total);
    put_submit(&h, &put_ops, &queued);
    db_destroy(h.db);
    h.db = NULL;
    ck_assert_int_eq(total, 2);
    ck_assert_int_eq(first.a.code, ERR_UNKNOWN_OUTCOME);
    ck_assert_int_eq(queued.a.code, ERR_UNAVAILABLE);
    PQfinish(lock);
}
END_TEST

static int resubmitted;

static void on_done_resubmit(struct db_write *w, const PGresult *res, int row, const struct err *e)
{
    struct err own = {0};
    struct db_stats stats;
    resubmitted++;
    db_get_stats(h.db, &stats);
    ck_assert_int_eq(db_write_submit(h.db, &put_ops, w, &own), ERR_UNAVAILABLE);
}

START_TEST(callbacks_may_call_while_being_destroyed)
{
    struct put p[3];
    h.cfg.write_lanes = 3;
    h.cfg.read_lanes = 3;
    open_ready();
    PGconn *lock = hold_lock();
    for (int i = 0; i < 3; i++) {
        put_init(&p[i], i, "block", NULL);
        p[i].w.done = on_done_resubmit;
        put_submit(&h, &put_ops, &p[i]);
    }
    h_until(&h, one_in_flight_or_more, NULL, "a unit in flight");
    db_destroy(h.db);
    h.db = NULL;
    ck_assert_int_eq(resubmitted, 3);
    PQfinish(lock);
}
END_TEST

START_TEST(lanes_share_the_keys)
{
    struct put p[200];
    int total = 0;
    h.cfg.write_lanes = 4;
    open_ready();
    for (int i = 0; i < 200; i++) {
        put_init(&p[i], i, "x", &total);
        put_submit(&h, &put_ops, &p[i]);
    }
    h_until_count(&h, &total, 200);
    ck_assert_uint_ge(h_stats(&h).units, 4);
    ck_assert_int_eq(count_items(), 200);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("unit_lane");
    TCase *t = tcase_create("unit_lane");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, lone_write_leaves_alone);
    tcase_add_test(t, waiting_writes_leave_together_in_key_order);
    tcase_add_test(t, unit_has_a_maximum);
    tcase_add_loop_test(t, bad_member_fails_alone, 0, 4);
    tcase_add_test(t, lone_write_is_run_again_after_conflict_only);
    tcase_add_test(t, distinct_keys_take_turns);
    tcase_add_test(t, queue_has_a_limit);
    tcase_add_test(t, expired_in_queue_is_dropped);
    tcase_add_test(t, server_lost_in_the_middle_is_unknown);
    tcase_add_test(t, answer_lost_after_commit_is_unknown_and_not_repeated);
    tcase_add_test(t, warning_means_unknown);
    tcase_add_test(t, cancelled_replication_wait_means_unknown);
    tcase_add_test(t, unavailable_before_connected);
    tcase_add_test(t, destroy_answers_everything);
    tcase_add_test(t, callbacks_may_call_while_being_destroyed);
    tcase_add_test(t, lanes_share_the_keys);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
