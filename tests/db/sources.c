/* SPDX-License-Identifier: MIT */
/*
 * Cases of a source in the database: what an upgrade makes of those that were there before sources had numbers, and what lists
 * and counts of a source read, told by PostgreSQL's own counters of rows as the server's role under row security.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/db/migrate.h"
#include "tests/db/reader.h"
#include "tests/support/pg.h"

/* Before this one cases did not know their source. */
#define FIRST_WITH_SOURCES "0013_source_assignee.sql"

/* A whole city, as an account of a source or as a reporter: the n-th account below, 0 for none. */
static PGconn *begin_as(const char *conninfo, int64_t source, int reporter)
{
    struct db_scope scope = {.lo = INT64_C(230600000000000), .hi = INT64_C(230699999999999), .source_id = (int32_t)source};
    char id[UUID_TEXT_LEN + 1];
    (void)snprintf(id, sizeof id, "01900000-0000-7000-8000-%012d", reporter);
    if (reporter)
        ck_assert(uuid_parse(id, &scope.reporter));
    return reader_begin(conninfo, &scope);
}

/* Cases 0 to last, each by this reporter. Foreign keys look away: a directory is not what is asked about. */
#define CASES(last, reporter)                                                                                                  \
    "insert into case_file (id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level,"          \
    " reporter_id, flags, round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at,"              \
    " reporter_name, description) select ('0190000000007000' || '8' || lpad(to_hex(n), 15, '0'))::uuid,"                       \
    " 230602260000000000 + n, 1, 1, 0, 230602001001000 + n % 40, 1 + n % 9, 1, 1, 1, " reporter ", 0, 1, 0, 0,"                \
    " date '2026-01-01' + (n % 100)::integer, now(), now(), now(), 'x', '小区东门路灯不亮'"                            \
    " from generate_series(0, " last ") n"
#define EVENTS                                                                                                                 \
    "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,"      \
    " category_id, prev_category_id, action, from_state, to_state, check_result, stock_before, stock_after, flow,"             \
    " actor_role, imported, actor_id, actor_name) select id, 1, gen_random_uuid(), 1, now(), now(), grid_code, cohort_day,"    \
    " category_id, category_id, 1, 0, 1, 0, 0, 0, 0, 11, false, reporter_id, 'x' from case_file"
#define ACCOUNT(n, login, role, source)                                                                                        \
    "insert into account (id, login, name, role, region_code, region_level, password_hash, created_at, password_changed_at,"   \
    " source_code, person_code) values ('01900000-0000-7000-8000-00000000000" n "', '" login "', 'x', " role                   \
    ", 230600000000000, 5, 'x', now(), now(), '" source "', '" login "')"

static int64_t seen(const char *conninfo, int64_t source, int reporter, const char *table)
{
    char sql[128];
    PGconn *c = begin_as(conninfo, source, reporter);
    (void)snprintf(sql, sizeof sql, "select count(*) from %s", table);
    int64_t n = reader_ask(c, sql);
    PQfinish(c);
    return n;
}

START_TEST(an_upgrade_keeps_what_a_source_reported_in_its_sight)
{
    char conninfo[512];
    const struct migrate_set *all = migrate_builtin();
    struct migrate_set before = {.migrations = all->migrations};
    struct migrate_report report;
    struct err e = {0};
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo_empty());
    while (strcmp(all->migrations[before.nmigrations].name, FIRST_WITH_SOURCES) != 0)
        ck_assert_int_lt(++before.nmigrations, all->nmigrations);
    ck_assert_msg(migrate_run_set(conninfo, &before, NULL, &e) == 0, "%s %s", e.text, e.detail);
    PGconn *c = test_pg_connect(conninfo);
    reader_run(c, "set session_replication_role = replica");
    reader_run(c, ACCOUNT("1", "ab.one", "11", "AB12"));
    reader_run(c, ACCOUNT("2", "ab.two", "11", "AB12"));
    reader_run(c, ACCOUNT("3", "cd.one", "11", "CD34"));
    reader_run(c, ACCOUNT("4", "bound.not", "11", ""));
    reader_run(c, ACCOUNT("5", "worker", "1", ""));
    /* Of the first account 20, of the second 20, and so on; the sixth reporter is a person of a history taken over. */
    reader_run(c, CASES("119", "('01900000-0000-7000-8000-00000000000' || 1 + n / 20)::uuid"));
    reader_run(c, EVENTS);
    PQfinish(c);

    ck_assert_msg(migrate_run(conninfo, &report, &e) == 0, "%s %s", e.text, e.detail);
    ck_assert_int_eq(report.applied, all->nmigrations - before.nmigrations);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from source"), 2);
    int64_t ab = test_pg_int(conninfo, "select id from source where code = 'AB12'");
    int64_t cd = test_pg_int(conninfo, "select id from source where code = 'CD34'");
    static const char *const tables[] = {"case_file", "case_event"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        ck_assert_int_eq(seen(conninfo, ab, 0, tables[i]), 40);
        ck_assert_int_eq(seen(conninfo, cd, 0, tables[i]), 20);
        ck_assert_int_eq(seen(conninfo, 0, 4, tables[i]), 20);
        ck_assert_int_eq(seen(conninfo, cd + ab, 0, tables[i]), 0);
        ck_assert_int_eq(seen(conninfo, 0, 0, tables[i]), 120);
    }
    ck_assert_int_eq(
        test_pg_int(
            conninfo,
            "select count(*) from case_file c join account a on a.id = c.reporter_id join source s on s.id = c.source_id"
            " where s.code = a.source_code"),
        60);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from case_file where source_id is null"), 60);

    /* From now on a source has a number with the first account that names it, and the same for all. */
    test_pg_exec(conninfo, "update account set source_code = 'EF56' where login = 'bound.not'");
    test_pg_exec(conninfo, "update account set source_code = 'EF56' where login = 'cd.one'");
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from source"), 3);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from source where code = 'EF56'"), 1);
    ck_assert_int_eq(seen(conninfo, cd, 0, "case_file"), 20); /* a case keeps the source it came from */
}
END_TEST

#define REGION "230600000000000, 230699999999999"
#define LIST                                                                                                                   \
    "select count(*) from case_list(null, " REGION ", null, null, null, null, null, null, null, null, null, null, %" PRId64    \
    ", null, 1, %s, 51)"
#define COUNT                                                                                                                  \
    "select case_count(null, " REGION ", null, null, null, null, null, null, null, null, null, null, %" PRId64 ", null, "      \
    "10000)"

static const struct {
    int64_t source;
    int64_t cases;
} lists[] = {{1, 50000}, {2, 100}, {3, 0}};

static void fill(const char *conninfo)
{
    PGconn *c = test_pg_connect(conninfo);
    reader_run(c, "alter table case_file set (autovacuum_enabled = off); set session_replication_role = replica");
    reader_run(c, CASES("99999", "'01900000-0000-7000-8000-000000000001'::uuid"));
    reader_run(c, "update case_file set source_id = case when number % 1000 = 1 then 2 when number % 2 = 0 then 1 end");
    reader_run(c, "vacuum analyze case_file");
    PQfinish(c);
}

START_TEST(a_list_and_a_count_of_a_source_read_its_cases_only)
{
    char conninfo[512], sql[512];
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo());
    fill(conninfo);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        int64_t page = lists[i].cases < 51 ? lists[i].cases : 51, up_to = lists[i].cases < 10000 ? lists[i].cases : 10000;
        PGconn *c = begin_as(conninfo, lists[i].source, 0);
        (void)snprintf(sql, sizeof sql, LIST, lists[i].source, "null, null, null");
        ck_assert_int_eq(reader_ask(c, sql), page);
        ck_assert_msg(reader_rows(c) <= page + 1, "source %" PRId64 ": a page read %" PRId64 " rows", lists[i].source,
                      reader_rows(c));
        (void)snprintf(sql, sizeof sql, LIST, lists[i].source,
                       "date '2026-02-01', null, 'ffffffff-ffff-ffff-ffff-ffffffffffff'");
        int64_t before = reader_rows(c);
        ck_assert_int_eq(reader_ask(c, sql), page);
        ck_assert_msg(reader_rows(c) - before <= page + 1, "source %" PRId64 ": a page behind another read %" PRId64 " rows",
                      lists[i].source, reader_rows(c) - before);
        (void)snprintf(sql, sizeof sql, COUNT, lists[i].source);
        before = reader_rows(c);
        ck_assert_int_eq(reader_ask(c, sql), up_to);
        ck_assert_msg(reader_rows(c) - before <= up_to + 1, "source %" PRId64 ": a count read %" PRId64 " rows",
                      lists[i].source, reader_rows(c) - before);
        PQfinish(c);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sources");
    TCase *tc = tcase_create("sources");
    test_pg_start(TEST_PG_FAST);
    tcase_set_timeout(tc, 170);
    tcase_add_test(tc, an_upgrade_keeps_what_a_source_reported_in_its_sight);
    tcase_add_test(tc, a_list_and_a_count_of_a_source_read_its_cases_only);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
