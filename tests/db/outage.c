/* SPDX-License-Identifier: MIT */
/* Readiness and reconnection: a stopped, a frozen, a wrong and a replaced server. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/db/dial.h"
#include "server/db/pool.h"
#include "tests/db/harness.h"
#include "tests/support/pg.h"

static const struct db_stmt one = {.name = "one", .sql = "select 1", .nparams = 0};
static const struct db_stmt wait_lock = {
    .name = "wait_lock", .sql = "select 'held' from pg_advisory_xact_lock(42)", .nparams = 0};
static const struct db_stmt broken = {.name = "broken", .sql = "select nothing from nowhere", .nparams = 0};
static const struct db_stmt *const stmts[] = {&one, &wait_lock, &put_stmt, NULL};
static const struct db_stmt *const broken_stmts[] = {&one, &broken, NULL};
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

static int start_query(const struct db_stmt *stmt, struct answer *a)
{
    struct db_params p;
    struct err e = {0};
    db_params_init(&p);
    return db_query(h.db, &db_scope_none, stmt, &p, USEC_NONE, on_answer, a, &e);
}

#define OURS " from pg_stat_activity where application_name = 'wangged' and datname = current_database()"

/* Backends of our pool; returns how many. */
static int backends(pid_t out[8])
{
    PGconn *c = test_pg_connect(conninfo);
    PGresult *res = PQexec(c, "select pid" OURS " order by backend_start");
    int n = PQntuples(res);
    ck_assert_int_le(n, 8);
    for (int i = 0; i < n; i++)
        out[i] = (pid_t)strtol(PQgetvalue(res, i, 0), NULL, 10);
    PQclear(res);
    PQfinish(c);
    return n;
}

START_TEST(terminated_sessions_come_back)
{
    struct answer a = {0};
    open_ready();
    ck_assert_int_eq(h.ups, 1);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(pg_terminate_backend(pid))" OURS), 2);
    h_wait_down(&h);
    ck_assert_int_eq(start_query(&one, &a), ERR_UNAVAILABLE);
    h_wait_ready(&h, true);
    ck_assert_int_ge(h.downs, 1);
    ck_assert_uint_eq(h_stats(&h).reconnects, 2);
    ck_assert_int_eq(start_query(&one, &a), 0);
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.code, 0);
}
END_TEST

START_TEST(read_in_flight_is_unavailable_not_unknown)
{
    struct answer a = {0};
    open_ready();
    PGconn *lock = test_pg_connect(conninfo);
    PQclear(PQexec(lock, "select pg_advisory_lock(42)"));
    ck_assert_int_eq(start_query(&wait_lock, &a), 0);
    ck_assert(test_pg_wait_for(conninfo, "select count(*)" OURS " and wait_event = 'advisory'", WAIT_MS));
    ck_assert_int_eq(test_pg_int(conninfo, "select count(pg_terminate_backend(pid))" OURS " and wait_event = 'advisory'"), 1);
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.code, ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(a.detail, "57P01"));
    PQfinish(lock);
}
END_TEST

START_TEST(slow_statement_is_ended_by_the_server)
{
    struct answer a = {0};
    h.cfg.reply_timeout_ms = 1000;
    open_ready();
    PGconn *lock = test_pg_connect(conninfo);
    PQclear(PQexec(lock, "select pg_advisory_lock(42)"));
    ck_assert_int_eq(start_query(&wait_lock, &a), 0);
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.code, ERR_DEADLINE);
    ck_assert_ptr_nonnull(strstr(a.detail, "57014"));
    ck_assert_uint_eq(h_stats(&h).reconnects, 0);
    ck_assert(db_is_ready(h.db));
    PQfinish(lock);
}
END_TEST

/* The backends stop answering without closing anything. Idle lanes notice by the heartbeat. */
START_TEST(frozen_idle_server_is_noticed)
{
    pid_t pids[8];
    const struct clock *c = clock_system();
    open_ready();
    int n = backends(pids);
    ck_assert_int_eq(n, 2);
    usec_t begun = c->monotonic(c);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(kill(pids[i], SIGSTOP), 0);
    h_wait_ready(&h, false);
    usec_t took = c->monotonic(c) - begun;
    for (int i = 0; i < n; i++)
        (void)kill(pids[i], SIGCONT);
    /* Not a measurement: far from the reply timeout, which would be the other way to notice. */
    ck_assert_msg(took < h.cfg.reply_timeout_ms * INT64_C(1000) / 2, "%lld us", (long long)took);
    h_wait_ready(&h, true);
}
END_TEST

START_TEST(frozen_server_makes_writes_unknown)
{
    pid_t pids[8];
    struct put p;
    h.cfg.reply_timeout_ms = 700;
    open_ready();
    int n = backends(pids);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(kill(pids[i], SIGSTOP), 0);
    put_init(&p, 1, "x", NULL);
    put_submit(&h, &put_ops, &p);
    h_until_count(&h, &p.a.calls, 1);
    for (int i = 0; i < n; i++)
        (void)kill(pids[i], SIGCONT);
    ck_assert_int_eq(p.a.code, ERR_UNKNOWN_OUTCOME);
    h_wait_ready(&h, true);
    ck_assert_uint_eq(h_stats(&h).units, 1);
    ck_assert_int_le(test_pg_int(conninfo, "select count(*) from item"), 1);
}
END_TEST

START_TEST(frozen_connection_is_noticed_and_replaced)
{
    struct proxy *proxy = proxy_create(h.base, conninfo);
    h.cfg.conninfo = proxy_conninfo(proxy);
    h.cfg.reply_timeout_ms = 600;
    open_ready();
    proxy_freeze(proxy, true);
    h_wait_ready(&h, false);
    proxy_freeze(proxy, false);
    h_wait_ready(&h, true);
    db_destroy(h.db);
    h.db = NULL;
    proxy_destroy(proxy);
}
END_TEST

START_TEST(heartbeats_keep_an_idle_pool_ready)
{
    const struct clock *c = clock_system();
    h.cfg.reply_timeout_ms = 300;
    open_ready();
    usec_t end = c->monotonic(c) + 2500000;
    while (c->monotonic(c) < end)
        ck_assert_int_ge(event_base_loop(h.base, EVLOOP_ONCE), 0);
    ck_assert_int_eq(h.downs, 0);
    ck_assert_uint_eq(h_stats(&h).reconnects, 0);
}
END_TEST

static bool has_error(void *arg)
{
    struct err e;
    db_get_last_error(h.db, &e);
    return strstr(e.detail, arg) != NULL;
}

START_TEST(refusals_say_why)
{
    static const struct {
        const char *suffix;
        const struct db_stmt *const *stmts;
        const char *detail;
    } rows[] = {
        {"dbname=missing", stmts, "missing"},
        {"user=nobody_at_all", stmts, "nobody_at_all"},
        {"host=/nonexistent", stmts, "/nonexistent"},
        {"", broken_stmts, "statement broken: SQLSTATE 42"},
        {"target_session_attrs=standby", stmts, "hot standby"},
    };
    char changed[640];
    struct err e;
    (void)snprintf(changed, sizeof changed, "%s %s", conninfo, rows[_i].suffix);
    h.cfg.conninfo = changed;
    h.cfg.stmts = rows[_i].stmts;
    h_open(&h);
    h_until(&h, has_error, (void *)(uintptr_t)rows[_i].detail, rows[_i].detail);
    db_get_last_error(h.db, &e);
    ck_assert_int_eq(e.code, ERR_UNAVAILABLE);
    ck_assert(!db_is_ready(h.db));
}
END_TEST

START_TEST(next_host_is_tried)
{
    char changed[1024];
    const char *host = strstr(conninfo, "host='") + 6;
    int len = (int)strcspn(host, "'");
    /* The first does not exist; the second is there and silent; the third is the server. */
    struct proxy *silent = proxy_create(h.base, conninfo);
    proxy_freeze(silent, true);
    const char *silent_host = strstr(proxy_conninfo(silent), "host=") + 5;
    (void)snprintf(changed, sizeof changed, "host=/nonexistent,%.*s,%.*s user=postgres %s", (int)strcspn(silent_host, " "),
                   silent_host, len, host, strstr(conninfo, "dbname=t_"));
    h.cfg.conninfo = changed;
    h.cfg.reply_timeout_ms = 500;
    open_ready();
    db_destroy(h.db);
    h.db = NULL;
    proxy_destroy(silent);
}
END_TEST

START_TEST(lists_of_hosts_are_turned)
{
    static const struct {
        const char *list;
        unsigned rotation;
        const char *want; /* NULL: nothing to turn */
    } rows[] = {
        {"a,b,c", 0, "a,b,c"}, {"a,b,c", 1, "b,c,a"}, {"a,b,c", 2, "c,a,b"}, {"a,b,c", 4, "b,c,a"},
        {"a", 1, NULL},        {"", 3, NULL},         {"a,,b", 1, ",b,a"},   {"longer,list", 1, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[8] = "";
        ck_assert_int_eq(dial_rotate(rows[i].list, rows[i].rotation, out, sizeof out), rows[i].want != NULL);
        ck_assert_str_eq(out, rows[i].want ? rows[i].want : "");
    }
}
END_TEST

START_TEST(only_the_newest_primary_is_accepted)
{
    static const struct {
        struct conn_identity id;
        int code;
        const char *detail;
    } rows[] = {
        {{"71", 3, false}, 0, ""},
        {{"71", 3, true}, ERR_UNAVAILABLE, "standby"},
        {{"71", 4, false}, 0, ""},                       /* promoted */
        {{"71", 3, false}, ERR_UNAVAILABLE, "timeline"}, /* the old primary came back */
        {{"72", 1, false}, 0, ""},                       /* restored elsewhere while we had no connection */
        {{"72", 1, false}, 0, ""},
    };
    h.cfg.conninfo = "host=/nonexistent";
    h_open(&h);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = {0};
        ck_assert_msg(pool_accept(h.db, NULL, &rows[i].id, &e) == rows[i].code, "row %zu: %s", i, e.detail);
        ck_assert_msg(strstr(e.detail, rows[i].detail) != NULL, "row %zu: %s", i, e.detail);
    }
}
END_TEST

START_TEST(other_cluster_is_refused_while_connected)
{
    const struct conn_identity other = {"72", 9, false};
    struct err e = {0};
    open_ready();
    ck_assert_int_eq(pool_accept(h.db, NULL, &other, &e), ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(e.detail, "another cluster"));
}
END_TEST

START_TEST(session_is_set_up)
{
    static const struct db_stmt settings = {
        .name = "settings",
        .sql = "select concat_ws(' ', current_setting('timezone'), current_setting('statement_timeout'),"
               " current_setting('idle_in_transaction_session_timeout'), current_setting('idle_session_timeout'),"
               " current_setting('application_name'), current_setting('client_encoding'), current_setting('jit'))",
        .nparams = 0,
    };
    static const struct db_stmt *const own[] = {&settings, NULL};
    struct answer a = {0};
    h.cfg.stmts = own;
    h.cfg.reply_timeout_ms = 5000;
    open_ready();
    ck_assert_int_eq(start_query(&settings, &a), 0);
    h_until_count(&h, &a.calls, 1);
    ck_assert_str_eq(a.value, "UTC 4500ms 4500ms 0 wangged UTF8 off");
}
END_TEST

/* The server's own role owns nothing and is no superuser. */
START_TEST(plain_role_is_enough)
{
    char changed[640];
    struct answer a = {0};
    test_pg_exec(conninfo, "do $$ begin create role plain_worker login; exception when duplicate_object then null; end $$");
    test_pg_exec(conninfo, "grant select, insert on item to plain_worker");
    (void)snprintf(changed, sizeof changed, "%s user=plain_worker", conninfo);
    h.cfg.conninfo = changed;
    open_ready();
    ck_assert_int_eq(start_query(&one, &a), 0);
    h_until_count(&h, &a.calls, 1);
    ck_assert_int_eq(a.code, 0);
}
END_TEST

START_TEST(bad_configuration_is_refused)
{
    struct err e = {0};
    struct db_config cfg = h.cfg;
    cfg.read_lanes = 0;
    ck_assert_ptr_null(db_create(h.base, &cfg, &e));
    ck_assert_str_eq(e.field, "read_lanes");
    cfg = h.cfg;
    cfg.conninfo = "host=a nonsense";
    ck_assert_ptr_null(db_create(h.base, &cfg, &e));
    ck_assert_str_eq(e.field, "conninfo");
    ck_assert_int_eq(e.code, ERR_INVALID);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("outage");
    TCase *t = tcase_create("outage");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, terminated_sessions_come_back);
    tcase_add_test(t, read_in_flight_is_unavailable_not_unknown);
    tcase_add_test(t, slow_statement_is_ended_by_the_server);
    tcase_add_test(t, frozen_idle_server_is_noticed);
    tcase_add_test(t, frozen_server_makes_writes_unknown);
    tcase_add_test(t, frozen_connection_is_noticed_and_replaced);
    tcase_add_test(t, heartbeats_keep_an_idle_pool_ready);
    tcase_add_loop_test(t, refusals_say_why, 0, 5);
    tcase_add_test(t, next_host_is_tried);
    tcase_add_test(t, lists_of_hosts_are_turned);
    tcase_add_test(t, only_the_newest_primary_is_accepted);
    tcase_add_test(t, other_cluster_is_refused_while_connected);
    tcase_add_test(t, session_is_set_up);
    tcase_add_test(t, plain_role_is_enough);
    tcase_add_test(t, bad_configuration_is_refused);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
