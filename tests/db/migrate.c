/* SPDX-License-Identifier: MIT */
/* Migrations: from nothing, again, changed, newer, failing, and two at once. The scripts are the test's own. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/db/migrate.h"
#include "tests/support/pg.h"

static const struct migrate_script m1 = {"0001_a.sql", "create table a (id int); insert into a values (1)"};
static const struct migrate_script m1_changed = {"0001_a.sql", "create table a (id int); insert into a values (2)"};
static const struct migrate_script m2 = {"0002_b.sql", "create table b (id int)"};
static const struct migrate_script m2_broken = {"0002_b.sql", "create table b (id int);\nselect * from nowhere"};
static const struct migrate_script m2_commits = {"0002_b.sql", "create table b (id int); commit"};
static const struct migrate_script m3 = {"0003_c.sql", "select 1"};
static const struct migrate_script f_one = {"010_f.sql",
                                            "create or replace function f() returns int language sql as 'select 1'"};
static const struct migrate_script f_two = {"010_f.sql",
                                            "create or replace function f() returns int language sql as 'select 2'"};
static const struct migrate_script grants = {"grants.sql", "grant execute on function f() to public"};

struct fixture_set {
    struct migrate_script migrations[4], repeatable[4];
    struct migrate_set set;
};

static const struct migrate_set *set_of(struct fixture_set *f, const struct migrate_script *a, const struct migrate_script *b,
                                        const struct migrate_script *fn)
{
    *f = (struct fixture_set){.set = {.migrations = f->migrations, .repeatable = f->repeatable}};
    f->migrations[f->set.nmigrations++] = *a;
    if (b)
        f->migrations[f->set.nmigrations++] = *b;
    f->repeatable[f->set.nrepeatable++] = *fn;
    f->repeatable[f->set.nrepeatable++] = grants;
    return &f->set;
}

static char conninfo[512];

static void setup(void)
{
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo_empty());
}

static void run_ok(const struct migrate_set *set, int version, int applied, int repeated)
{
    struct migrate_report r = {0};
    struct err e = {0};
    int ret = migrate_run_set(conninfo, set, &r, &e);
    ck_assert_msg(ret == 0, "%s | %s", e.text, e.detail);
    ck_assert_int_eq(r.version, version);
    ck_assert_int_eq(r.applied, applied);
    ck_assert_int_eq(r.repeated, repeated);
    ck_assert_int_eq(migrate_check_set(conninfo, set, &e), 0);
}

START_TEST(from_nothing_step_by_step)
{
    struct fixture_set f;
    struct err e = {0};
    ck_assert_int_eq(migrate_check_set(conninfo, set_of(&f, &m1, NULL, &f_one), &e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "wangged migrate"));
    run_ok(set_of(&f, &m1, NULL, &f_one), 1, 1, 2);
    run_ok(set_of(&f, &m1, NULL, &f_one), 1, 0, 0); /* again: nothing */
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from a"), 1);
    ck_assert_int_eq(migrate_check_set(conninfo, set_of(&f, &m1, &m2, &f_one), &e), ERR_PRECONDITION);
    run_ok(set_of(&f, &m1, &m2, &f_one), 2, 1, 2);
    ck_assert_int_eq(migrate_check_set(conninfo, set_of(&f, &m1, &m2, &f_two), &e), ERR_PRECONDITION);
    run_ok(set_of(&f, &m1, &m2, &f_two), 2, 0, 2); /* a function changed */
    ck_assert_int_eq(test_pg_int(conninfo, "select f()"), 2);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from schema_migration"), 2);
}
END_TEST

START_TEST(changed_migration_is_refused)
{
    struct fixture_set f;
    struct err e = {0};
    run_ok(set_of(&f, &m1, NULL, &f_one), 1, 1, 2);
    ck_assert_int_eq(migrate_run_set(conninfo, set_of(&f, &m1_changed, &m2, &f_two), NULL, &e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "0001_a.sql was changed"));
    ck_assert_int_eq(migrate_check_set(conninfo, set_of(&f, &m1_changed, NULL, &f_one), &e), ERR_PRECONDITION);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from schema_migration"), 1);
    ck_assert_int_eq(test_pg_int(conninfo, "select f()"), 1);
}
END_TEST

START_TEST(newer_database_is_refused)
{
    struct fixture_set f;
    struct err e = {0};
    run_ok(set_of(&f, &m1, &m2, &f_one), 2, 2, 2);
    ck_assert_int_eq(migrate_run_set(conninfo, set_of(&f, &m1, NULL, &f_two), NULL, &e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "newer than this program"));
    ck_assert_int_eq(migrate_check_set(conninfo, set_of(&f, &m1, NULL, &f_one), &e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "newer than this program"));
    ck_assert_int_eq(test_pg_int(conninfo, "select f()"), 1);
}
END_TEST

START_TEST(failing_migration_leaves_nothing_of_itself)
{
    struct fixture_set f;
    struct err e = {0};
    ck_assert_int_lt(migrate_run_set(conninfo, set_of(&f, &m1, &m2_broken, &f_one), NULL, &e), 0);
    ck_assert_ptr_nonnull(strstr(e.text, "0002_b.sql"));
    ck_assert_ptr_nonnull(strstr(e.text, "nowhere"));
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from schema_migration"), 1);
    ck_assert_int_eq(test_pg_int(conninfo, "select to_regclass('b') is null"), 1);
    run_ok(set_of(&f, &m1, &m2, &f_one), 2, 1, 2);
}
END_TEST

START_TEST(misshapen_sets_are_refused)
{
    struct fixture_set f;
    struct err e = {0};
    ck_assert_int_eq(migrate_run_set(conninfo, set_of(&f, &m2, &m1, &f_one), NULL, &e), ERR_INTERNAL);
    ck_assert_ptr_nonnull(strstr(e.text, "out of order"));
    ck_assert_int_eq(migrate_run_set(conninfo, set_of(&f, &f_one, NULL, &f_one), NULL, &e), ERR_INTERNAL);
    ck_assert_int_eq(migrate_run_set(conninfo, set_of(&f, &m1, &m2_commits, &f_one), NULL, &e), ERR_INTERNAL);
    ck_assert_ptr_nonnull(strstr(e.text, "ends the transaction"));
}
END_TEST

START_TEST(a_number_may_be_missing_but_not_come_late)
{
    struct fixture_set f;
    struct err e = {0};
    run_ok(set_of(&f, &m1, &m3, &f_one), 3, 2, 2);
    run_ok(set_of(&f, &m1, &m3, &f_one), 3, 0, 0);
    struct fixture_set late;
    const struct migrate_set *set = set_of(&late, &m1, &m2, &f_one);
    late.migrations[late.set.nmigrations++] = m3;
    ck_assert_int_eq(migrate_run_set(conninfo, set, NULL, &e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "lacks migration 0002"));
}
END_TEST

START_TEST(unreachable_database_is_unavailable)
{
    struct fixture_set f;
    struct err e = {0};
    ck_assert_int_eq(migrate_run_set("host=/nonexistent", set_of(&f, &m1, NULL, &f_one), NULL, &e), ERR_UNAVAILABLE);
    ck_assert_int_eq(migrate_check_set("host=/nonexistent", set_of(&f, &m1, NULL, &f_one), &e), ERR_UNAVAILABLE);
}
END_TEST

START_TEST(several_at_once_do_it_once)
{
    enum { N = 6 };
    pid_t pids[N];
    struct fixture_set f;
    const struct migrate_set *set = set_of(&f, &m1, &m2, &f_one);
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);
        if (pids[i] == 0) {
            struct err e = {0};
            _exit(migrate_run_set(conninfo, set, NULL, &e) ? 1 : 0);
        }
    }
    for (int i = 0; i < N; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from a"), 1);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from schema_migration"), 2);
}
END_TEST

START_TEST(builtin_schema_is_applied_and_checked)
{
    struct migrate_report r = {0};
    struct err e = {0};
    int ret = migrate_run(conninfo, &r, &e);
    ck_assert_msg(ret == 0, "%s | %s", e.text, e.detail);
    ck_assert_int_eq(r.applied, migrate_builtin()->nmigrations);
    ck_assert_int_eq(migrate_check(conninfo, &e), 0);
    ck_assert_int_eq(migrate_check(test_pg_conninfo(), &e), 0); /* the template of all tests */
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("migrate");
    TCase *t = tcase_create("migrate");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, from_nothing_step_by_step);
    tcase_add_test(t, changed_migration_is_refused);
    tcase_add_test(t, newer_database_is_refused);
    tcase_add_test(t, failing_migration_leaves_nothing_of_itself);
    tcase_add_test(t, misshapen_sets_are_refused);
    tcase_add_test(t, a_number_may_be_missing_but_not_come_late);
    tcase_add_test(t, unreachable_database_is_unavailable);
    tcase_add_test(t, several_at_once_do_it_once);
    tcase_add_test(t, builtin_schema_is_applied_and_checked);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
