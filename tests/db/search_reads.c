/* SPDX-License-Identifier: MIT */
/*
 * What searching reads, told by PostgreSQL's own counters of rows within the transaction, never by a time: as the server's role
 * under row security, in tables that were filled a moment ago and of which the planner has no statistics yet.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/store/case_store.h"
#include "sql.h"
#include "tests/db/fold.h"
#include "tests/db/reader.h"
#include "tests/support/pg.h"

/* Cases in one county over a hundred days; every 50th leaks. No statistics of them, whoever vacuums. */
static void fill(const char *conninfo, int cases)
{
    char sql[4096];
    PGconn *c = test_pg_connect(conninfo);
    reader_run(c, "alter table case_file set (autovacuum_enabled = off); alter table case_event set (autovacuum_enabled = off);"
                  " alter table search_slot set (autovacuum_enabled = off); set session_replication_role = replica");
    (void)snprintf(
        sql, sizeof sql,
        "insert into case_file (id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level, "
        "reporter_id,"
        " flags, round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, reporter_name, address,"
        " description) select ('0190000000007000' || '8' || lpad(to_hex(n), 15, '0'))::uuid, 230602260101000000 + n, 1, 1, 0,"
        " 230602001001000 + n %% 40, 1 + n %% 9, 1, 1, 1, '01900000-0000-7000-8000-000000000001', 0, 1, 0, 0,"
        " date '2026-01-01' + n %% 100, now(), now(), now(), 'x', '让胡路区庆新街道' || n %% 300 || '号',"
        " case when n %% 50 = 0 then '居民反映楼道内水管漏水' else '小区东门路灯不亮' end from generate_series(1, %d) n",
        cases);
    reader_run(c, sql);
    reader_run(
        c,
        "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,"
        " category_id, prev_category_id, action, from_state, to_state, check_result, stock_before, stock_after, flow,"
        " actor_role, imported, actor_id, actor_name) select id, 1, gen_random_uuid(), 1, now(), now(), grid_code, cohort_day,"
        " category_id, category_id, 1, 0, 1, 0, 0, 0, 0, 1, false, reporter_id, 'x' from case_file");
    PQfinish(c);
}

/* A whole county. */
static const struct db_scope county = {.lo = INT64_C(230602000000000), .hi = INT64_C(230602999999999)};

START_TEST(a_fetch_reads_the_cases_it_gives_only)
{
    enum { CASES = 2000, PLACES = 400, GIVEN = 40 };
    struct harness h;
    char conninfo[512], sql[1024];
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo());
    fill(conninfo, CASES);
    h_init(&h, conninfo, sql_all);
    h_open(&h);
    h_wait_ready(&h, true);
    fold_all(&h);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from search_slot"), CASES);
    PGconn *c = reader_begin(conninfo, &county);
    /* Within the first month its days are order enough. */
    (void)snprintf(sql, sizeof sql,
                   "with p as materialized (select s.segment, s.slot, get_byte(g.days, s.slot) as day from search_slot s"
                   " join search_segment g using (segment) order by s.segment, s.slot limit %d)"
                   " select count(*) from search_fetch((select array_agg(segment) from p), (select array_agg(slot) from p),"
                   " (select array_agg(day) from p), 230602000000000, 230602999999999, null, null, null, null, null, null, %d)",
                   PLACES, GIVEN);
    /* A plan made once is used as often as one made for the occasion. */
    for (int i = 1; i <= 8; i++) {
        ck_assert_int_eq(reader_ask(c, sql), GIVEN);
        ck_assert_int_eq(reader_rows(c), i * GIVEN);
    }
    PQfinish(c);
    h_close(&h);
}
END_TEST

START_TEST(the_tail_reads_the_cases_behind_the_index_only)
{
    enum { CASES = 2000, NEW = 25 };
    struct harness h;
    char conninfo[512];
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo());
    fill(conninfo, CASES);
    h_init(&h, conninfo, sql_all);
    h_open(&h);
    h_wait_ready(&h, true);
    fold_all(&h);
    PGconn *w = test_pg_connect(conninfo);
    reader_run(
        w,
        "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,"
        " category_id, prev_category_id, action, from_state, to_state, check_result, stock_before, stock_after, flow,"
        " actor_role, imported, actor_id, actor_name) select id, 2, gen_random_uuid(), 1, now(), now(), grid_code, cohort_day,"
        " category_id, category_id, 9, 3, 4, 0, 0, 0, 0, 1, false, reporter_id, 'x' from case_file order by id limit 25");
    PQfinish(w);
    PGconn *c = reader_begin(conninfo, &county);
    for (int i = 1; i <= 8; i++) {
        ck_assert_int_eq(
            reader_ask(
                c,
                "select count(*) from search_tail(230602000000000, 230602999999999, null, null, null, null, null, null, 2000)"),
            NEW);
        ck_assert_int_eq(reader_rows(c), i * NEW);
    }
    PQfinish(c);
    h_close(&h);
}
END_TEST

/* --- lists by text --- */

static int listed;
static bool list_ended;

static bool has_ended(void *arg)
{
    return list_ended;
}

static void on_list(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    ck_assert_msg(e->code == 0, "%s %s", e->text, e->detail);
    listed = n;
    list_ended = true;
}

static void on_count(void *arg, int32_t n, const struct err *e)
{
    on_list(arg, NULL, n, e);
}

/* Every row of case_file that a reader's statement takes into its hands passes row security: there it is counted. */
static const char count_rows[] = "create sequence rows_seen; grant usage on rows_seen to wangge_read;"
                                 "create function see(c case_file) returns boolean language plpgsql volatile as"
                                 " $$begin perform nextval('rows_seen'); return true; end$$;"
                                 "alter policy case_file_read on case_file using (see(case_file))";

static void list(struct harness *h, struct case_query *q)
{
    const struct db_scope wall = {.lo = 0, .hi = INT64_MAX};
    struct arena *a = arena_create(16 << 20);
    struct err e;
    list_ended = false;
    ck_assert_int_eq(case_store_list(h->db, &wall, q, a, USEC_NONE, on_list, NULL, &e), 0);
    h_until(h, has_ended, NULL, "the list");
    arena_destroy(a);
}

static int count(struct harness *h, struct case_query *q)
{
    const struct db_scope wall = {.lo = 0, .hi = INT64_MAX};
    struct arena *a = arena_create(16 << 20);
    struct err e;
    list_ended = false;
    ck_assert_int_eq(case_store_count(h->db, &wall, q, 10000, a, USEC_NONE, on_count, NULL, &e), 0);
    h_until(h, has_ended, NULL, "the count");
    arena_destroy(a);
    return listed;
}

START_TEST(a_list_by_text_reads_what_has_the_text_only)
{
    enum { CASES = 110000, WITH = CASES / 50 };
    static const struct {
        const char *text;
        bool by_due;
        int found, page, at_most; /* rows read by the list; by the count: found and the same more */
    } table[] = {
        {"漏水", false, WITH, 50, 200},           {"漏水", true, WITH, 50, WITH}, {"水管漏水", false, WITH, 50, 200},
        {"道299号", false, CASES / 300, 50, 200}, {"不存在", false, 0, 0, 0},     {"26010110998", false, 11, 11, 1500},
    };
    struct harness h;
    char conninfo[512];
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo());
    fill(conninfo, CASES);
    h_init(&h, conninfo, sql_all);
    h.cfg.read_role = DB_READ_ROLE;
    h_open(&h);
    h_wait_ready(&h, true);
    fold_all(&h);
    test_pg_exec(conninfo, count_rows);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct case_query q;
        case_query_init(&q);
        q.text = table[i].text;
        q.by_due = table[i].by_due;
        test_pg_exec(conninfo, "alter sequence rows_seen restart");
        list(&h, &q);
        int64_t rows = test_pg_int(conninfo, "select nextval('rows_seen') - 1");
        ck_assert_msg(listed == table[i].page && rows <= table[i].at_most, "%s: %d listed, %" PRId64 " read", q.text, listed,
                      rows);
        test_pg_exec(conninfo, "alter sequence rows_seen restart");
        ck_assert_int_eq(count(&h, &q), table[i].found);
        rows = test_pg_int(conninfo, "select nextval('rows_seen') - 1");
        ck_assert_msg(rows <= table[i].found + table[i].at_most, "%s: %d counted, %" PRId64 " read", q.text, listed, rows);
    }
    /* What the index does not have reads them all, and is seen to do so. */
    struct case_query q;
    case_query_init(&q);
    q.text = "水 漏";
    test_pg_exec(conninfo, "alter sequence rows_seen restart");
    ck_assert_int_eq(count(&h, &q), 0);
    ck_assert_int_eq(test_pg_int(conninfo, "select nextval('rows_seen') - 1"), CASES);
    h_close(&h);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("search_reads");
    TCase *tc = tcase_create("rows");
    test_pg_start(TEST_PG_FAST);
    tcase_set_timeout(tc, 170);
    tcase_add_test(tc, a_fetch_reads_the_cases_it_gives_only);
    tcase_add_test(tc, the_tail_reads_the_cases_behind_the_index_only);
    tcase_add_test(tc, a_list_by_text_reads_what_has_the_text_only);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
