/* SPDX-License-Identifier: MIT */
/*
 * Accounts and sessions against a real server: the lock after failures, also under racing attempts; sessions that begin, are
 * touched, end and are forgotten; the session cache that stands before them; the directory's snapshot.
 */
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "server/service/session_cache.h"
#include "server/store/account_store.h"
#include "server/store/directory_store.h"
#include "sql.h"
#include "tests/db/harness.h"
#include "tests/support/pg.h"

#define S USEC_PER_SEC

static const char *conninfo;
static struct harness h;
static struct clock_fake fake;

static void setup(void)
{
    ck_assert_int_ge(sodium_init(), 0);
    conninfo = test_pg_conninfo();
    test_pg_exec(conninfo,
                 "insert into account (id, login, name, role, region_code, region_level, password_hash, created_at, "
                 "password_changed_at) values "
                 "('01a00000-0000-7000-8000-000000000001', 'wang', '王丽', 1, 230604001001000, 4, 'hash', now(), now()), "
                 "('01a00000-0000-7000-8000-000000000002', 'gone', '旧人', 1, 230604001001000, 4, 'hash', now(), now()); "
                 "update account set disabled = true where login = 'gone'");
    h_init(&h, conninfo, sql_all);
    h.cfg.read_role = DB_READ_ROLE;
    h.cfg.write_role = DB_WRITE_ROLE;
    h_open(&h);
    h_wait_ready(&h, true);
    clock_fake_init(&fake, clock_system()->now(clock_system()));
}

static void teardown(void)
{
    h_close(&h);
}

static bool is_listening(void *arg)
{
    return test_pg_int(conninfo, "select count(*) from pg_stat_activity where query ilike 'listen%' and state = 'idle' "
                                 "and datname = current_database()") > 0;
}

/* --- the three officers --- */

#define OFFICER(login, role, person)                                                                                           \
    "insert into account (id, login, name, role, region_code, region_level, password_hash, created_at, password_changed_at, "  \
    "person_code) values (gen_random_uuid(), '" login "', 'x', " role ", 0, 0, 'hash', now(), now(), '" person "')"

/* Starts a statement without waiting; the session sits in a lock if it has to. */
static void begin_statement(PGconn *c, const char *sql)
{
    ck_assert_int_eq(PQsendQuery(c, sql), 1);
}

/* The SQLSTATE of what was begun, "00000" if it went well; name: the constraint that refused it. */
static void end_statement(PGconn *c, char state[6], char name[64])
{
    PGresult *res = PQgetResult(c);

    snprintf(state, 6, "%s", "00000");
    name[0] = '\0';
    for (; res; res = PQgetResult(c)) {
        const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
        const char *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
        if (code)
            snprintf(state, 6, "%s", code);
        if (constraint)
            snprintf(name, 64, "%s", constraint);
        PQclear(res);
    }
}

static void run_on(PGconn *c, const char *sql)
{
    char state[6], name[64];

    begin_statement(c, sql);
    end_statement(c, state, name);
    ck_assert_msg(strcmp(state, "00000") == 0, "%s: %s %s", sql, state, name);
}

static bool one_waits(void *arg)
{
    return test_pg_int(conninfo, "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = "
                                 "current_database()") > 0;
}

/* In two transactions at once: the first has done a, the second must wait with b and be refused by the constraint. */
static void refuse_the_second(const char *a, const char *b, const char *constraint)
{
    PGconn *one = test_pg_connect(conninfo), *two = test_pg_connect(conninfo);
    char state[6], name[64];

    run_on(one, "begin");
    run_on(one, a);
    run_on(two, "begin");
    begin_statement(two, b);
    h_until(&h, one_waits, NULL, "the second to wait");
    run_on(one, "commit");
    end_statement(two, state, name);
    ck_assert_str_eq(name, constraint);
    ck_assert_msg(strncmp(state, "23", 2) == 0, "%s", state);
    PQfinish(one);
    PQfinish(two);
}

START_TEST(nobody_becomes_two_officers_at_once)
{
    refuse_the_second(OFFICER("a1", "12", "P-1"), OFFICER("a2", "14", "p-1"), "account_officer_key");
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from account where lower(person_code) = 'p-1'"), 1);
    /* Without a number the login stands for the person. */
    refuse_the_second(OFFICER("zhao", "13", ""), OFFICER("a3", "12", "zhao"), "account_officer_key");
    /* By changing, too. */
    test_pg_exec(conninfo, OFFICER("b1", "12", "P-2") "; " OFFICER("b2", "1", "P-2") "; " OFFICER("b3", "1", "P-3"));
    refuse_the_second("update account set person_code = 'P-3' where login = 'b1'",
                      "update account set role = 14 where login = 'b3'", "account_officer_key");
}
END_TEST

START_TEST(two_security_officers_do_not_both_go)
{
    test_pg_exec(conninfo, OFFICER("s1", "13", "") "; " OFFICER("s2", "13", ""));
    refuse_the_second("update account set disabled = true where login = 's1'",
                      "update account set role = 12 where login = 's2'", "account_last_security_check");
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from account where role = 13 and not disabled"), 1);
    test_pg_exec(conninfo, "update account set disabled = false where login = 's1'");
    refuse_the_second("update account set disabled = true where login = 's1'", "delete from account where login = 's2'",
                      "account_last_security_check");
}
END_TEST

/* --- attempts --- */

struct attempts {
    int calls, found, allowed, locked;
    struct account_attempt last;
};

static void on_attempt(void *arg, const struct account_attempt *found, const struct err *e)
{
    struct attempts *a = arg;

    ck_assert_msg(!e->code, "%s %s", e->text, e->detail);
    if (found) {
        a->found++;
        a->allowed += found->allowed;
        a->locked += found->locked_until != USEC_NONE;
        a->last = *found;
    }
    a->calls++;
}

static void attempt(struct attempts *a, const char *login, usec_t now)
{
    struct err e = {0};
    ck_assert_msg(account_store_attempt(h.db, login, 5, now, now + 900 * S, USEC_NONE, on_attempt, a, &e) == 0, "%s", e.text);
}

START_TEST(five_failures_lock)
{
    struct attempts a = {0};

    for (int i = 1; i <= 7; i++) {
        attempt(&a, "wang", fake.now_us);
        h_until_count(&h, &a.calls, i);
        ck_assert_int_eq(a.last.allowed, i <= 5);
    }
    ck_assert_int_eq(a.last.locked_until, fake.now_us + 900 * S);
    ck_assert_str_eq(a.last.account.login, "wang");
    ck_assert_str_eq(a.last.account.name, "王丽");
    ck_assert_int_eq(a.last.account.role, ROLE_GRID_WORKER);
    ck_assert_int_eq(a.last.account.region, 230604001001000);
    ck_assert_str_eq(a.last.password_hash, "hash");
    attempt(&a, "wang", fake.now_us + 899 * S);
    h_until_count(&h, &a.calls, 8);
    ck_assert(!a.last.allowed);
    attempt(&a, "wang", fake.now_us + 900 * S);
    h_until_count(&h, &a.calls, 9);
    ck_assert(a.last.allowed);
}
END_TEST

START_TEST(racing_guesses_share_one_allowance)
{
    enum { GUESSES = 40 };
    struct attempts a = {0};

    for (int i = 0; i < GUESSES; i++)
        attempt(&a, "wang", fake.now_us);
    h_until_count(&h, &a.calls, GUESSES);
    ck_assert_int_eq(a.found, GUESSES);
    ck_assert_int_eq(a.allowed, 5);
}
END_TEST

START_TEST(unknown_and_disabled_logins)
{
    struct attempts a = {0};

    attempt(&a, "nobody", fake.now_us);
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.found, 0);
    attempt(&a, "gone", fake.now_us);
    h_until_count(&h, &a.calls, 2);
    ck_assert_int_eq(a.found, 1);
    ck_assert(a.last.account.disabled);
    ck_assert(!a.last.allowed);
}
END_TEST

/* --- accounts --- */

struct added {
    int calls, code;
    bool added, same;
    struct uuid id;
};

static void on_added(void *arg, const struct uuid *id, bool added, bool same, const struct err *e)
{
    struct added *a = arg;
    *a = (struct added){.calls = a->calls + 1, .code = e->code, .added = added, .same = same};
    if (id)
        a->id = *id;
}

static void add(struct added *a, struct account_row row)
{
    int want = a->calls + 1;
    struct err e = {0};

    row.id = uuid_v7(fake.now_us);
    ck_assert_int_eq(account_store_add(h.db, &row, "", "$argon2id$x", false, fake.now_us, NULL, USEC_NONE, on_added, a, &e), 0);
    h_until_count(&h, &a->calls, want);
}

START_TEST(an_account_is_added_once)
{
    struct account_row row = {
        .login = "new", .name = "新人", .role = ROLE_SUPERVISOR, .region = 230600000000000, .region_level = LEVEL_CITY};
    struct added a = {0}, again = {0};

    add(&a, row);
    ck_assert(a.code == 0 && a.added && a.same);
    add(&again, row);
    ck_assert(again.code == 0 && !again.added && again.same);
    ck_assert(uuid_equal(&a.id, &again.id));
    row.role = ROLE_DUTY_CHIEF;
    add(&again, row);
    ck_assert(again.code == 0 && !again.added && !again.same);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from account where login = 'new' and role = 8"), 1);
}
END_TEST

/* --- sessions --- */

static void on_done(void *arg, const struct err *e)
{
    ck_assert_msg(!e->code, "%s %s", e->text, e->detail);
    ++*(int *)arg;
}

static const char wang[] = "01a00000-0000-7000-8000-000000000001";

static void put_session(const char *account, usec_t expires, char token[SESSION_TOKEN_TEXT + 1],
                        uint8_t hash[SESSION_HASH_SIZE])
{
    struct uuid id;
    int n = 0;
    struct err e = {0};

    ck_assert(uuid_parse(account, &id));
    session_token_make(token, hash);
    struct session_open open = {.account = id, .now = fake.now_us, .expires_at = expires, .idle_s = 1800, .peer = "test"};

    memcpy(open.hash, hash, sizeof(open.hash));
    ck_assert_int_eq(session_store_put(h.db, &open, USEC_NONE, on_done, &n, &e), 0);
    h_until_count(&h, &n, 1);
}

START_TEST(a_good_login_forgets_failures_and_old_sessions)
{
    char token[SESSION_TOKEN_TEXT + 1];
    uint8_t hash[SESSION_HASH_SIZE];
    struct attempts a = {0};

    for (int i = 0; i < 5; i++)
        attempt(&a, "wang", fake.now_us);
    h_until_count(&h, &a.calls, 5);
    put_session(wang, fake.now_us + 10 * S, token, hash);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from account where failed_logins = 0 and locked_until is null"), 2);
    put_session(wang, fake.now_us + 3600 * S, token, hash);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from session"), 2);
    clock_fake_advance(&fake, 20 * S);
    put_session(wang, fake.now_us + 3600 * S, token, hash);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from session"), 2);
}
END_TEST

/* --- the cache --- */

struct lookup {
    int calls, code;
    struct principal *who;
};

static void on_lookup(void *arg, struct principal *who, const struct err *e)
{
    struct lookup *l = arg;
    l->calls++;
    l->code = e->code;
    principal_unref(l->who);
    l->who = who ? principal_ref(who) : NULL;
}

static int look_up(struct session_cache *c, const char *token)
{
    struct lookup l = {0};
    struct err e = {0};
    int code;

    ck_assert_int_eq(session_cache_lookup(c, token, on_lookup, &l, &e), 0);
    ck_assert_int_eq(l.calls, 0);
    h_until_count(&h, &l.calls, 1);
    code = l.code;
    principal_unref(l.who);
    return code;
}

static int heard;

static void on_heard(void *arg, const char *payload)
{
    heard++;
}

/* A cache that listens: it forgets what it knew when its LISTEN comes into force, so no test may begin before. */
static struct session_cache *open_cache(void)
{
    struct err e = {0};
    struct session_cache *c = session_cache_create(h.base, h.db, &fake.clock, 1800, &e);
    ck_assert_ptr_nonnull(c);
    heard = 0;
    ck_assert_int_eq(db_listen(h.db, "after_the_cache", on_heard, NULL, &e), 0);
    h_until_count(&h, &heard, 1);
    return c;
}

static bool is_cached(struct session_cache *c, const char *token)
{
    struct principal *p = session_cache_find(c, token);
    principal_unref(p);
    return p != NULL;
}

START_TEST(the_cache_knows_for_five_seconds)
{
    char token[SESSION_TOKEN_TEXT + 1];
    uint8_t hash[SESSION_HASH_SIZE];
    struct session_cache *c = open_cache();
    struct principal *p;

    put_session(wang, fake.now_us + 3600 * S, token, hash);
    ck_assert(!is_cached(c, token));
    ck_assert_int_eq(look_up(c, token), 0);
    p = session_cache_find(c, token);
    ck_assert_ptr_nonnull(p);
    ck_assert_str_eq(p->login, "wang");
    ck_assert_str_eq(p->actor.name, "王丽");
    ck_assert_int_eq(p->actor.region, 230604001001000);
    clock_fake_advance(&fake, 4 * S);
    ck_assert(is_cached(c, token));
    clock_fake_advance(&fake, 1 * S);
    ck_assert(!is_cached(c, token));
    ck_assert_int_eq(look_up(c, token), 0);
    ck_assert(is_cached(c, token));
    session_cache_destroy(c);
    ck_assert_str_eq(p->login, "wang");
    principal_unref(p);
}
END_TEST

START_TEST(what_is_no_session_is_unauthenticated)
{
    char token[SESSION_TOKEN_TEXT + 1];
    uint8_t hash[SESSION_HASH_SIZE];
    struct session_cache *c = open_cache();

    session_token_make(token, hash);
    ck_assert_int_eq(look_up(c, token), ERR_UNAUTHENTICATED);
    test_pg_exec(conninfo, "update account set disabled = false where login = 'gone'");
    put_session("01a00000-0000-7000-8000-000000000002", fake.now_us + 3600 * S, token, hash);
    test_pg_exec(conninfo, "update account set disabled = true where login = 'gone'");
    ck_assert_int_eq(look_up(c, token), ERR_UNAUTHENTICATED);
    put_session(wang, fake.now_us + 10 * S, token, hash);
    ck_assert_int_eq(look_up(c, token), 0);
    clock_fake_advance(&fake, 10 * S);
    ck_assert(!is_cached(c, token));
    ck_assert_int_eq(look_up(c, token), ERR_UNAUTHENTICATED);
    put_session(wang, fake.now_us + 36000 * S, token, hash);
    clock_fake_advance(&fake, 1800 * S);
    ck_assert_int_eq(look_up(c, token), ERR_UNAUTHENTICATED);
    ck_assert_int_eq(session_cache_count(c), 0);
    session_cache_destroy(c);
}
END_TEST

START_TEST(use_is_noted_once_a_minute)
{
    char token[SESSION_TOKEN_TEXT + 1];
    uint8_t hash[SESSION_HASH_SIZE];
    struct session_cache *c = open_cache();
    uint64_t before;

    put_session(wang, fake.now_us + 36000 * S, token, hash);
    ck_assert_int_eq(look_up(c, token), 0);
    before = h_stats(&h).executes;
    for (int i = 0; i < 14; i++) {
        clock_fake_advance(&fake, 4 * S);
        ck_assert_int_eq(look_up(c, token), 0);
    }
    ck_assert_uint_eq(h_stats(&h).executes, before);
    clock_fake_advance(&fake, 4 * S);
    ck_assert_int_eq(look_up(c, token), 0);
    ck_assert_uint_eq(h_stats(&h).executes, before + 1);
    ck_assert(test_pg_wait_for(conninfo, "select (last_seen_at > created_at)::int from session", WAIT_MS));
    session_cache_destroy(c);
}
END_TEST

struct ended {
    struct session_watch w;
    int calls;
};

static void on_ended(struct session_watch *w)
{
    ((struct ended *)w)->calls++;
}

START_TEST(a_session_ended_elsewhere_is_dropped_at_once)
{
    char token[SESSION_TOKEN_TEXT + 1];
    uint8_t hash[SESSION_HASH_SIZE];
    struct session_cache *c = open_cache();
    struct ended one = {.w.ended = on_ended}, other = {.w.ended = on_ended};
    struct principal *p;
    struct err e = {0};
    int n = 0;

    h_until(&h, is_listening, NULL, "listening");
    put_session(wang, fake.now_us + 3600 * S, token, hash);
    ck_assert_int_eq(look_up(c, token), 0);
    p = session_cache_find(c, token);
    ck_assert_ptr_nonnull(p);
    session_cache_watch(c, p, &one.w);
    session_cache_watch(c, p, &other.w);
    session_cache_unwatch(&other.w);
    ck_assert_int_eq(session_store_end(h.db, hash, USEC_NONE, on_done, &n, &e), 0);
    h_until_count(&h, &n, 1);
    h_until_count(&h, &one.calls, 1);
    ck_assert(!is_cached(c, token));
    ck_assert_int_eq(other.calls, 0);
    principal_unref(p);
    session_cache_destroy(c);
}
END_TEST

START_TEST(many_ask_and_one_read_answers)
{
    char token[SESSION_TOKEN_TEXT + 1];
    uint8_t hash[SESSION_HASH_SIZE];
    struct session_cache *c = open_cache();
    struct lookup l = {0};
    struct err e = {0};
    uint64_t before;

    put_session(wang, fake.now_us + 3600 * S, token, hash);
    before = h_stats(&h).queries;
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(session_cache_lookup(c, token, on_lookup, &l, &e), 0);
    h_until_count(&h, &l.calls, 50);
    ck_assert_uint_eq(h_stats(&h).queries, before + 1);
    ck_assert_int_eq(session_cache_lookup(c, token, on_lookup, &l, &e), 0);
    session_cache_destroy(c);
    h_until_count(&h, &l.calls, 51);
    ck_assert_int_eq(l.code, ERR_UNAVAILABLE);
    principal_unref(l.who);
}
END_TEST

/* --- the directory --- */

static const char import_json[] =
    "{\"regions\":[{\"code\":230600000000000,\"level\":1,\"name\":\"大庆市\",\"initials\":\"DQS\"},"
    "{\"code\":230604001001001,\"level\":5,\"name\":\"网格\",\"initials\":\"WG\",\"boundary\":[46.5,125,46.6,125,46.6,125.1]}],"
    "\"categories\":[{\"code\":\"E0102\",\"name\":\"暴露垃圾\",\"name_en\":\"\",\"top_name\":\"\",\"group_name\":\"\","
    "\"initials\":\"B\","
    "\"aliases\":[\"垃圾\",\"脏\"],\"settle_allowed\":true,\"counted\":true,\"check_waived\":false,\"active\":true,"
    "\"handle_limit_minutes\":[1,2,3]}],"
    "\"organs\":[{\"code\":\"CG\",\"name\":\"城管\",\"kind\":2,\"region_code\":230600000000000,\"region_level\":1,\"initials\":"
    "\"CG\","
    "\"active\":true}],\"days\":[{\"date\":\"2026-10-01\",\"working\":false,\"name\":\"国庆节\"}]}";

struct snapshots {
    int n;
    struct directory *dir;
};

static void on_directory(void *arg, struct directory *dir)
{
    struct snapshots *s = arg;
    directory_unref(s->dir);
    s->dir = directory_ref(dir);
    s->n++;
}

struct imported {
    int calls, code;
    int32_t changed;
};

static void on_imported(void *arg, int32_t changed, const struct err *e)
{
    struct imported *i = arg;
    *i = (struct imported){.calls = i->calls + 1, .code = e->code, .changed = changed};
}

static void on_refreshed(void *arg)
{
    ++*(int *)arg;
}

START_TEST(the_snapshot_follows_the_table)
{
    struct snapshots s = {0};
    struct imported im = {0};
    struct err e = {0};
    struct directory_store *d = directory_store_create(h.base, h.db, on_directory, &s, &e);
    const struct dir_region *grid;
    const struct dir_category *cat;
    const struct dir_organ *organ;
    int refreshed = 0;

    ck_assert_ptr_nonnull(d);
    directory_store_reload(d);
    h_until_count(&h, &s.n, 1);
    ck_assert_int_eq(directory_store_import(h.db, import_json, NULL, USEC_NONE, on_imported, &im, &e), 0);
    h_until_count(&h, &im.calls, 1);
    ck_assert_int_eq(im.code, 0);
    ck_assert_int_eq(im.changed, 5);
    ck_assert_int_eq(directory_store_refresh(d, on_refreshed, &refreshed, &e), 0);
    h_until_count(&h, &refreshed, 1);
    grid = directory_region(s.dir, 230604001001001);
    ck_assert_ptr_nonnull(grid);
    ck_assert_int_eq(grid->nboundary, 3);
    ck_assert(grid->boundary[2].lon == 125.1);
    cat = directory_category_by_code(s.dir, "E0102");
    ck_assert_ptr_nonnull(cat);
    ck_assert_int_eq(cat->naliases, 2);
    ck_assert_str_eq(cat->aliases[1], "脏");
    ck_assert_int_eq(cat->handle_limit_min[2], 3);
    organ = directory_organ_by_code(s.dir, "CG");
    ck_assert_ptr_nonnull(organ);
    ck_assert_int_eq(organ->region, 230600000000000);
    ck_assert(!calendar_is_workday(directory_calendar(s.dir), clock_days_from_civil(2026, 10, 1)));
    /* The same again changes nothing and makes no new snapshot. */
    ck_assert_int_eq(directory_store_import(h.db, import_json, NULL, USEC_NONE, on_imported, &im, &e), 0);
    h_until_count(&h, &im.calls, 2);
    ck_assert_int_eq(im.changed, 0);
    {
        int before = s.n;
        ck_assert_int_eq(directory_store_refresh(d, on_refreshed, &refreshed, &e), 0);
        h_until_count(&h, &refreshed, 2);
        ck_assert_int_eq(s.n, before);
    }
    directory_store_destroy(d);
    directory_unref(s.dir);
}
END_TEST

START_TEST(another_workers_import_is_heard)
{
    struct snapshots s = {0};
    struct err e = {0};
    struct directory_store *d = directory_store_create(h.base, h.db, on_directory, &s, &e);

    h_until(&h, is_listening, NULL, "listening");
    h_until_count(&h, &s.n, 1);
    test_pg_exec(conninfo, "select directory_import('{\"regions\":[{\"code\":230600000000000,\"level\":1,\"name\":\"大庆市\","
                           "\"initials\":\"DQS\"}],\"categories\":[],\"organs\":[],\"days\":[]}')");
    h_until_count(&h, &s.n, 2);
    ck_assert_ptr_nonnull(directory_region(s.dir, 230600000000000));
    directory_store_destroy(d);
    directory_unref(s.dir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("accounts");
    TCase *tc = tcase_create("accounts");
    SRunner *sr;
    int failed;

    test_pg_start(TEST_PG_FAST);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, five_failures_lock);
    tcase_add_test(tc, racing_guesses_share_one_allowance);
    tcase_add_test(tc, unknown_and_disabled_logins);
    tcase_add_test(tc, an_account_is_added_once);
    tcase_add_test(tc, a_good_login_forgets_failures_and_old_sessions);
    tcase_add_test(tc, the_cache_knows_for_five_seconds);
    tcase_add_test(tc, nobody_becomes_two_officers_at_once);
    tcase_add_test(tc, two_security_officers_do_not_both_go);
    tcase_add_test(tc, what_is_no_session_is_unauthenticated);
    tcase_add_test(tc, use_is_noted_once_a_minute);
    tcase_add_test(tc, a_session_ended_elsewhere_is_dropped_at_once);
    tcase_add_test(tc, many_ask_and_one_read_answers);
    tcase_add_test(tc, the_snapshot_follows_the_table);
    tcase_add_test(tc, another_workers_import_is_heard);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
