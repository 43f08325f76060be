/* SPDX-License-Identifier: MIT */
/* Single statements: pipelining, queueing, errors, parameters and columns in both formats; notifications. */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "server/db/result.h"
#include "tests/db/harness.h"
#include "tests/support/pg.h"

static const struct db_stmt echo = {.name = "echo", .sql = "select $1::bigint", .nparams = 1};
static const struct db_stmt wait_lock = {
    .name = "wait_lock", .sql = "select 'held' from pg_advisory_xact_lock(42)", .nparams = 0};
static const struct db_stmt divide = {.name = "divide", .sql = "select 1 / $1::int", .nparams = 1};
static const struct db_stmt add_row = {.name = "add_row", .sql = "insert into t (id) values ($1::bigint)", .nparams = 1};
static const struct db_stmt wide = {.name = "wide", .sql = "select * from shape", .nparams = 0};
#define ROUND_TRIP "select $1::bigint, $2::boolean, $3::timestamptz, $4::text, $5::uuid, $6::bytea, $7::date, null::text"
static const struct db_stmt round_text = {.name = "round_text", .sql = ROUND_TRIP, .nparams = 7};
static const struct db_stmt round_binary = {.name = "round_binary", .sql = ROUND_TRIP, .nparams = 7, .binary_result = true};
static const struct db_stmt arrays = {
    .name = "arrays",
    .sql = "select $1::smallint[]::text || $2::int[]::text || $3::bigint[]::text || $4::boolean[]::text || $5::text[]::text"
           " || ($6::timestamptz[] = '{2026-11-23 01:40:00.000001+00,null}')::text || $7::uuid[]::text",
    .nparams = 7,
};
static const struct db_stmt *const stmts[] = {&echo,       &wait_lock,    &divide, &add_row, &wide,
                                              &round_text, &round_binary, &arrays, NULL};
static char conninfo[512];
static struct harness h;

static void setup(void)
{
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo_empty());
    test_pg_exec(conninfo, "create table t (id bigint primary key); create table shape (x int)");
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

static void query(const struct db_stmt *stmt, const int64_t *param, usec_t deadline, struct answer *a)
{
    struct db_params p;
    struct err e = {0};
    db_params_init(&p);
    if (param)
        db_param_i64(&p, *param);
    int before = a->calls;
    int ret = db_query(h.db, &db_scope_none, stmt, &p, deadline, on_answer, a, &e);
    ck_assert_msg(ret == 0, "%s %s", e.text, e.detail);
    ck_assert_int_eq(a->calls, before);
}

static PGconn *hold_lock(void)
{
    PGconn *c = test_pg_connect(conninfo);
    PQclear(PQexec(c, "select pg_advisory_lock(42)"));
    return c;
}

START_TEST(statements_are_pipelined_and_queued)
{
    struct answer held = {0}, a[40] = {{0}};
    int total = 0;
    open_ready();
    PGconn *lock = hold_lock();
    held.total = &total;
    query(&wait_lock, NULL, USEC_NONE, &held);
    for (int64_t i = 0; i < 40; i++) {
        a[i].total = &total;
        query(&echo, &i, USEC_NONE, &a[i]);
    }
    ck_assert_int_eq(h_stats(&h).read_in_flight, 16);
    ck_assert_int_eq(h_stats(&h).read_queued, 25);
    PQfinish(lock);
    h_until_count(&h, &total, 41);
    for (int i = 0; i < 40; i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "%d", i);
        ck_assert_int_eq(a[i].calls, 1);
        ck_assert_str_eq(a[i].value, want);
    }
    ck_assert_uint_eq(h_stats(&h).queries, 41);
}
END_TEST

START_TEST(least_busy_lane_is_taken)
{
    struct answer held = {0}, a[8] = {{0}};
    int total = 0;
    h.cfg.read_lanes = 2;
    open_ready();
    PGconn *lock = hold_lock();
    query(&wait_lock, NULL, USEC_NONE, &held);
    for (int64_t i = 0; i < 8; i++) {
        a[i].total = &total;
        query(&echo, &i, USEC_NONE, &a[i]);
        h_until_count(&h, &total, (int)i + 1); /* all by the other lane */
    }
    ck_assert_int_eq(held.calls, 0);
    PQfinish(lock);
    h_until_count(&h, &held.calls, 1);
}
END_TEST

START_TEST(error_of_one_leaves_the_neighbours_alone)
{
    struct answer a[3] = {{0}};
    const int64_t params[] = {1, 0, 2};
    int total = 0;
    open_ready();
    for (int i = 0; i < 3; i++) {
        a[i].total = &total;
        query(&divide, &params[i], USEC_NONE, &a[i]);
    }
    h_until_count(&h, &total, 3);
    ck_assert_int_eq(a[0].code, 0);
    ck_assert_str_eq(a[0].value, "1");
    ck_assert_int_eq(a[1].code, ERR_INVALID);
    ck_assert_str_eq(a[1].detail, "SQLSTATE 22012");
    ck_assert_int_eq(a[2].code, 0);
    ck_assert_uint_eq(h_stats(&h).reconnects, 0);
}
END_TEST

START_TEST(queue_limit_and_deadline)
{
    struct answer held = {0}, fill[15] = {{0}}, late = {0}, queued = {0}, over = {0};
    struct db_params p;
    struct err e = {0};
    const struct clock *c = clock_system();
    const int64_t one = 1;
    h.cfg.queue_limit = 2;
    open_ready();
    PGconn *lock = hold_lock();
    query(&wait_lock, NULL, USEC_NONE, &held);
    for (int i = 0; i < 15; i++)
        query(&echo, &one, USEC_NONE, &fill[i]);
    query(&echo, &one, c->monotonic(c) + 20000, &late);
    query(&echo, &one, USEC_NONE, &queued);
    db_params_init(&p);
    db_param_i64(&p, 1);
    ck_assert_int_eq(db_query(h.db, &db_scope_none, &echo, &p, USEC_NONE, on_answer, &over, &e), ERR_EXHAUSTED);
    h_until_count(&h, &late.calls, 1);
    ck_assert_int_eq(late.code, ERR_DEADLINE);
    ck_assert_int_eq(held.calls, 0);
    ck_assert_int_eq(db_query(h.db, &db_scope_none, &echo, &p, c->monotonic(c) - 1, on_answer, &over, &e), ERR_DEADLINE);
    PQfinish(lock);
    h_until_count(&h, &queued.calls, 1);
    ck_assert_int_eq(queued.code, 0);
    ck_assert_int_eq(over.calls, 0);
}
END_TEST

START_TEST(execute_commits_by_itself)
{
    struct answer a[3] = {{0}};
    int total = 0;
    open_ready();
    for (int i = 0; i < 3; i++) {
        struct db_params p;
        struct err e = {0};
        db_params_init(&p);
        db_param_i64(&p, i == 2 ? 0 : i);
        a[i].total = &total;
        ck_assert_int_eq(db_execute(h.db, &add_row, &p, USEC_NONE, on_answer, &a[i], &e), 0);
    }
    h_until_count(&h, &total, 3);
    ck_assert_int_eq(a[0].code, 0);
    ck_assert_int_eq(a[1].code, 0);
    ck_assert_int_eq(a[2].code, ERR_EXISTS);
    ck_assert_ptr_nonnull(strstr(a[2].detail, "t_pkey"));
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from t"), 2);
    ck_assert_uint_eq(h_stats(&h).executes, 3);
}
END_TEST

START_TEST(lost_execute_is_unknown)
{
    struct answer a = {0};
    struct db_params p;
    struct err e = {0};
    open_ready();
    PGconn *lock = hold_lock();
    db_params_init(&p);
    ck_assert_int_eq(db_execute(h.db, &wait_lock, &p, USEC_NONE, on_answer, &a, &e), 0);
    const char *waiting = "select count(*) from pg_stat_activity where application_name = 'wangged' and wait_event = 'advisory'"
                          " and datname = current_database()";
    ck_assert(test_pg_wait_for(conninfo, waiting, WAIT_MS));
    test_pg_exec(conninfo, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wangged'"
                           " and wait_event = 'advisory' and datname = current_database()");
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.code, ERR_UNKNOWN_OUTCOME);
    ck_assert_uint_eq(h_stats(&h).unknown_outcomes, 1);
    PQfinish(lock);
}
END_TEST

START_TEST(wrong_number_of_parameters_is_refused)
{
    struct db_params p;
    struct err e = {0};
    struct answer a = {0};
    open_ready();
    db_params_init(&p);
    ck_assert_int_eq(db_query(h.db, &db_scope_none, &echo, &p, USEC_NONE, on_answer, &a, &e), ERR_INTERNAL);
    for (int i = 0; i <= DB_MAX_PARAMS; i++)
        db_param_i64(&p, 1);
    ck_assert_int_eq(db_query(h.db, &db_scope_none, &echo, &p, USEC_NONE, on_answer, &a, &e), ERR_INTERNAL);
    ck_assert_int_eq(a.calls, 0);
}
END_TEST

/* After DDL a prepared statement may be good for nothing: the connection is replaced, and then it works. */
START_TEST(changed_table_is_prepared_again)
{
    struct answer a = {0};
    test_pg_exec(conninfo, "insert into shape values (1)");
    open_ready();
    query(&wide, NULL, USEC_NONE, &a);
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.code, 0);
    test_pg_exec(conninfo, "alter table shape alter column x type text");
    query(&wide, NULL, USEC_NONE, &a);
    h_until_count(&h, &a.calls, 2);
    ck_assert_int_eq(a.code, ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(a.detail, "0A000"));
    h_wait_ready(&h, true);
    query(&wide, NULL, USEC_NONE, &a);
    h_until_count(&h, &a.calls, 3);
    ck_assert_int_eq(a.code, 0);
    ck_assert_uint_eq(h_stats(&h).reconnects, 1);
}
END_TEST

struct round_trip {
    int calls;
    bool binary;
};

static const uint8_t blob[] = {0, 1, 0xff, 0};

static void on_round_trip(void *arg, const PGresult *res, const struct err *e)
{
    struct round_trip *r = arg;
    struct uuid want;
    r->calls++;
    ck_assert_msg(e->code == 0, "%s", e->detail);
    ck_assert(uuid_parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", &want));
    struct uuid got = db_get_uuid(res, 0, 4);
    ck_assert_int_eq(db_get_i64(res, 0, 0), INT64_MIN + 1);
    ck_assert_int_eq(db_get_i32(res, 0, 0), 0); /* does not fit */
    ck_assert(db_get_bool(res, 0, 1));
    ck_assert_int_eq(db_get_time(res, 0, 2), INT64_C(1795398000123456));
    ck_assert_str_eq(db_get_text(res, 0, 3), "漏水");
    ck_assert(uuid_equal(&got, &want));
    ck_assert_int_eq(db_get_date(res, 0, 6), 18628);
    if (r->binary) {
        size_t len = 0;
        const void *data = db_get_bytes(res, 0, 5, &len);
        ck_assert_mem_eq(data, blob, sizeof blob);
        ck_assert_uint_eq(len, sizeof blob);
    }
    ck_assert(db_get_is_null(res, 0, 7));
    ck_assert_ptr_null(db_get_text(res, 0, 7));
    ck_assert_int_eq(db_get_time(res, 0, 7), USEC_NONE);
}

START_TEST(values_survive_in_both_formats)
{
    struct round_trip r[2] = {{.binary = false}, {.binary = true}};
    open_ready();
    for (int i = 0; i < 2; i++) {
        struct db_params p;
        struct uuid u;
        struct err e = {0};
        ck_assert(uuid_parse("0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B", &u));
        db_params_init(&p);
        db_param_i64(&p, INT64_MIN + 1);
        db_param_bool(&p, true);
        db_param_time(&p, INT64_C(1795398000123456));
        db_param_text(&p, "漏水");
        db_param_binary(&p, u.bytes, sizeof u.bytes);
        db_param_binary(&p, blob, sizeof blob);
        db_param_text(&p, "2021-01-01");
        ck_assert_int_eq(
            db_query(h.db, &db_scope_none, i ? &round_binary : &round_text, &p, USEC_NONE, on_round_trip, &r[i], &e), 0);
        h_until_count(&h, &r[i].calls, 1);
    }
}
END_TEST

START_TEST(arrays_arrive)
{
    struct answer a = {0};
    struct db_params p;
    struct err e = {0};
    struct uuid u;
    struct arena *arena = arena_create(65536);
    open_ready();
    ck_assert(uuid_parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", &u));
    /* Created for fewer elements than come, so that they grow. */
    struct db_array *arr[7];
    const uint32_t oids[] = {21, 23, 20, 16, 25, 1184, 2950};
    for (int i = 0; i < 7; i++)
        arr[i] = db_array_create(arena, oids[i], 0);
    db_array_i16(arr[0], -2);
    db_array_null(arr[0]);
    db_array_i32(arr[1], INT32_MIN);
    db_array_i64(arr[3 - 1], INT64_MAX);
    db_array_bool(arr[3], true);
    db_array_bool(arr[3], false);
    db_array_text(arr[4], NULL);
    db_array_text(arr[4], "");
    db_array_text(arr[4], "a\"b");
    db_array_time(arr[5], INT64_C(1795398000000001));
    db_array_time(arr[5], USEC_NONE);
    db_params_init(&p);
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(db_param_array(&p, arr[i]), 0);
    ck_assert_int_eq(db_query(h.db, &db_scope_none, &arrays, &p, USEC_NONE, on_answer, &a, &e), 0);
    arena_destroy(arena); /* the values were copied */
    h_until_count(&h, &a.calls, 1);
    ck_assert_msg(a.code == 0, "%s", a.detail);
    ck_assert_str_eq(a.value, "{-2,NULL}{-2147483648}{9223372036854775807}{t,f}{NULL,\"\",\"a\\\"b\"}true{}");
}
END_TEST

START_TEST(array_without_memory_is_an_error)
{
    struct db_params p;
    struct arena *arena = arena_create(256);
    struct db_array *arr = db_array_create(arena, 25, 0);
    db_params_init(&p);
    db_array_text(arr, "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                       "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                       "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789");
    ck_assert_int_eq(db_param_array(&p, arr), ERR_NOMEM);
    ck_assert_int_eq(db_param_array(&p, NULL), ERR_NOMEM);
    ck_assert_int_eq(p.n, 0);
    arena_destroy(arena);
}
END_TEST

struct heard {
    int begins, payloads;
    char last[64];
};

static void on_heard(void *arg, const char *payload)
{
    struct heard *heard = arg;
    if (!payload) {
        heard->begins++;
        return;
    }
    heard->payloads++;
    (void)text_copy(heard->last, sizeof heard->last, payload);
}

START_TEST(notifications_are_heard_again_after_a_loss)
{
    struct heard feed = {0}, other = {0};
    struct err e = {0};
    open_ready();
    ck_assert_int_eq(db_listen(h.db, "feed", on_heard, &feed, &e), 0);
    h_until_count(&h, &feed.begins, 1);
    ck_assert_int_eq(db_listen(h.db, "other", on_heard, &other, &e), 0); /* on the connection that is there */
    h_until_count(&h, &other.begins, 1);
    test_pg_exec(conninfo, "notify feed, 'one'");
    h_until_count(&h, &feed.payloads, 1);
    ck_assert_str_eq(feed.last, "one");
    ck_assert_int_eq(other.payloads, 0);
    test_pg_exec(conninfo, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wangged'"
                           " and datname = current_database() and query ~ '^listen'");
    h_until_count(&h, &feed.begins, 2);
    h_until_count(&h, &other.begins, 2);
    test_pg_exec(conninfo, "notify feed, 'two'");
    h_until_count(&h, &feed.payloads, 2);
    ck_assert_str_eq(feed.last, "two");
    ck_assert_int_eq(db_listen(h.db, "", on_heard, &feed, &e), ERR_INVALID);
    ck_assert_int_eq(db_listen(h.db, "a\"b", on_heard, &feed, &e), ERR_INVALID);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("query_lane");
    TCase *t = tcase_create("query_lane");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, statements_are_pipelined_and_queued);
    tcase_add_test(t, least_busy_lane_is_taken);
    tcase_add_test(t, error_of_one_leaves_the_neighbours_alone);
    tcase_add_test(t, queue_limit_and_deadline);
    tcase_add_test(t, execute_commits_by_itself);
    tcase_add_test(t, lost_execute_is_unknown);
    tcase_add_test(t, wrong_number_of_parameters_is_refused);
    tcase_add_test(t, changed_table_is_prepared_again);
    tcase_add_test(t, values_survive_in_both_formats);
    tcase_add_test(t, arrays_arrive);
    tcase_add_test(t, array_without_memory_is_an_error);
    tcase_add_test(t, notifications_are_heard_again_after_a_loss);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
