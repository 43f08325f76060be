/* SPDX-License-Identifier: MIT */
/*
 * The change feed against a real server: each watcher is given every event it may see once and in order, whatever happens: late
 * commits, slow readers, a cut connection, watchers that go while they are served.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/feed/feed.h"
#include "sql.h"
#include "tests/db/harness.h"
#include "tests/support/pg.h"

static const char *conninfo;
static struct harness h;
static struct feed *feed;

/* add_events(first, n): n cases with one event each; the case's number tells them apart. */
static const char schema[] =
    "insert into category (code, name) values ('E0102', 'x');\n"
    "insert into transition values (0, 1, 1) on conflict do nothing;\n"
    "create function add_events(first bigint, n integer, grid bigint default 230604001001001) returns void language sql as $$\n"
    "  with made as (insert into case_file (id, number, version, state, prev_state, grid_code, category_id, urgency, channel, "
    "level,\n"
    "      reporter_id, flags, round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at, "
    "reporter_name,\n"
    "      description)\n"
    "    select gen_random_uuid(), g, 1, 1, 0, grid, 1, 1, 1, 1, '01a00000-0000-7000-8000-000000000001', 0, 1, 0, 0, "
    "'2026-01-01',\n"
    "      now(), now(), now(), 'x', 'x'\n"
    "    from generate_series(first, first + n - 1) g returning id, number)\n"
    "  insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,\n"
    "    category_id, prev_category_id, action, from_state, to_state, check_result, stock_before, stock_after, flow, "
    "actor_role,\n"
    "    imported, actor_id, actor_name, text)\n"
    "  select id, 1, gen_random_uuid(), 0, now(), now(), grid, '2026-01-01', 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, false,\n"
    "    '01a00000-0000-7000-8000-000000000001', 'x', 'text ' || number from made order by number\n"
    "$$";

static void add_events(int first, int n)
{
    char sql[100];
    snprintf(sql, sizeof(sql), "select add_events(%d, %d)", first, n);
    test_pg_exec(conninfo, sql);
}

static void setup(void)
{
    struct err e = {0};

    conninfo = test_pg_conninfo();
    test_pg_exec(conninfo, schema);
    h_init(&h, conninfo, sql_all);
    h.cfg.read_role = DB_READ_ROLE;
    h.cfg.write_role = DB_WRITE_ROLE;
    h_open(&h);
    h_wait_ready(&h, true);
    feed = feed_create(h.base, h.db, 10, &e);
    ck_assert_ptr_nonnull(feed);
}

static void teardown(void)
{
    feed_destroy(feed);
    h_close(&h);
}

enum { SEEN_MAX = 4096 };

struct watcher {
    struct feed_watcher *w;
    int n, started, closed;
    int64_t seen[SEEN_MAX]; /* numbers */
    struct feed_cursor last;
    int room;      /* events it takes before it holds; -1: any */
    int room_next; /* after each resume */
    int leave_at;  /* destroys itself after so many; 0: never */
};

static bool on_event(void *arg, const struct feed_event *ev)
{
    struct watcher *w = arg;
    char text[32];

    ck_assert_int_lt(w->n, SEEN_MAX);
    ck_assert(w->started);
    ck_assert_int_gt(feed_cursor_compare(ev->at, w->last), 0);
    snprintf(text, sizeof(text), "text %lld", (long long)ev->number);
    ck_assert_str_eq(ev->row.text, text);
    w->last = ev->at;
    w->seen[w->n++] = ev->number;
    if (w->leave_at && w->n == w->leave_at) {
        feed_unwatch(w->w);
        w->w = NULL;
        return false;
    }
    return w->room < 0 || --w->room > 0;
}

static void on_started(void *arg)
{
    ((struct watcher *)arg)->started++;
}

static void on_closing(void *arg)
{
    struct watcher *w = arg;
    w->closed++;
    feed_unwatch(w->w);
    w->w = NULL;
}

static const struct feed_watcher_ops ops = {.event = on_event, .started = on_started, .closing = on_closing};

static struct watcher *open_watcher(const struct feed_cursor *from, int room, int64_t region)
{
    struct watcher *w = calloc(1, sizeof(*w));
    struct feed_filter f = {.span = region ? region_span_of(region) : region_span_all()};

    f.view.span = region_span_all();
    w->room = w->room_next = room;
    w->w = feed_watch(feed, &f, from, &ops, w);
    ck_assert_ptr_nonnull(w->w);
    ck_assert_int_eq(w->started, 0);
    return w;
}

static void close_watcher(struct watcher *w)
{
    feed_unwatch(w->w);
    free(w);
}

/* It has seen exactly first, first + 1, … */
static void saw(const struct watcher *w, int first, int n)
{
    ck_assert_int_eq(w->n, n);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(w->seen[i], first + i);
}

static const struct feed_cursor beginning = {0};

START_TEST(from_now_on_is_only_what_comes)
{
    struct watcher *w;

    add_events(1, 5);
    w = open_watcher(NULL, -1, 0);
    h_until_count(&h, &w->started, 1);
    add_events(6, 3);
    h_until_count(&h, &w->n, 3);
    saw(w, 6, 3);
    close_watcher(w);
    ck_assert_int_eq(feed_watchers(feed), 0);
}
END_TEST

START_TEST(the_past_comes_in_pages_then_the_present)
{
    struct watcher *all, *rest;
    struct feed_cursor at;

    add_events(1, FEED_PAGE * 3 + 17);
    all = open_watcher(&beginning, -1, 0);
    h_until_count(&h, &all->n, FEED_PAGE * 3 + 17);
    ck_assert(feed_watcher_cursor(all->w, &at));
    ck_assert_int_ge(feed_cursor_compare(at, all->last), 0);
    rest = open_watcher(&at, -1, 0);
    add_events(FEED_PAGE * 3 + 18, 10);
    h_until_count(&h, &all->n, FEED_PAGE * 3 + 27);
    h_until_count(&h, &rest->n, 10);
    saw(all, 1, FEED_PAGE * 3 + 27);
    saw(rest, FEED_PAGE * 3 + 18, 10);
    ck_assert_int_eq(all->started, 1);
    close_watcher(all);
    close_watcher(rest);
}
END_TEST

START_TEST(an_early_transaction_that_commits_late_is_not_missed)
{
    PGconn *early = test_pg_connect(conninfo);
    struct watcher *w = open_watcher(NULL, -1, 0), *barrier;

    h_until_count(&h, &w->started, 1);
    PQclear(PQexec(early, "begin"));
    PQclear(PQexec(early, "select add_events(1, 2)"));
    add_events(3, 2);
    /* A whole page read after the late one was written shows nothing of it: the horizon stands before both. */
    barrier = open_watcher(&beginning, -1, 0);
    h_until_count(&h, &barrier->started, 1);
    feed_kick(feed);
    h_until_count(&h, &w->started, 1);
    ck_assert_int_eq(w->n, 0);
    PQclear(PQexec(early, "commit"));
    PQfinish(early);
    h_until_count(&h, &w->n, 4);
    saw(w, 1, 4);
    close_watcher(w);
    close_watcher(barrier);
}
END_TEST

static bool all_seen(void *arg)
{
    struct watcher **w = arg;
    bool done = true;

    for (int i = 0; w[i]; i++) {
        if (w[i]->room == 0) {
            w[i]->room = w[i]->room_next;
            feed_watcher_resume(w[i]->w);
        }
        done &= w[i]->n == 1000;
    }
    return done;
}

START_TEST(slow_readers_hold_only_themselves)
{
    enum { WATCHERS = 24 };
    struct watcher *w[WATCHERS + 1] = {0};

    for (int i = 0; i < WATCHERS; i++)
        w[i] = open_watcher(NULL, i % 3 == 0 ? -1 : 1 + i * 7, 0);
    for (int i = 0; i < WATCHERS; i++)
        h_until_count(&h, &w[i]->started, 1);
    for (int i = 0; i < 10; i++)
        add_events(1 + i * 50, 50);
    /* Nobody resumes yet: the quick ones are not held up. */
    h_until_count(&h, &w[0]->n, 500);
    ck_assert_int_lt(w[1]->n, 500);
    ck_assert_int_gt(feed_watchers_behind(feed), 0);
    add_events(501, 500);
    h_until(&h, all_seen, w, "all watchers to have seen everything");
    for (int i = 0; i < WATCHERS; i++) {
        saw(w[i], 1, 1000);
        close_watcher(w[i]);
    }
}
END_TEST

START_TEST(filters_and_single_cases)
{
    struct watcher *here, *there;
    struct feed_cursor at;

    here = open_watcher(&beginning, -1, 230604000000000);
    there = open_watcher(&beginning, -1, 230602000000000);
    test_pg_exec(conninfo, "select add_events(1, 3); select add_events(100, 2, 230602001001001)");
    h_until_count(&h, &here->n, 3);
    h_until_count(&h, &there->n, 2);
    saw(here, 1, 3);
    saw(there, 100, 2);
    /* What was filtered out counts as seen. */
    ck_assert(feed_watcher_cursor(here->w, &at));
    ck_assert_int_ge(feed_cursor_compare(at, here->last), 0);
    close_watcher(here);
    close_watcher(there);
}
END_TEST

START_TEST(watchers_may_go_while_they_are_served)
{
    struct watcher *w[12];

    for (int i = 0; i < 12; i++) {
        w[i] = open_watcher(i % 2 ? &beginning : NULL, -1, 0);
        w[i]->leave_at = i + 1;
    }
    for (int i = 0; i < 12; i++)
        h_until_count(&h, &w[i]->started, 1);
    add_events(1, 12);
    for (int i = 0; i < 12; i++) {
        h_until_count(&h, &w[i]->n, i + 1);
        ck_assert_ptr_null(w[i]->w);
        saw(w[i], 1, i + 1);
        free(w[i]);
    }
    ck_assert_int_eq(feed_watchers(feed), 0);
}
END_TEST

START_TEST(a_read_under_way_may_be_left)
{
    struct watcher *w;

    add_events(1, 50);
    for (int i = 0; i < 20; i++) {
        w = open_watcher(&beginning, -1, 0);
        for (int j = 0; j < i; j++)
            event_base_loop(h.base, EVLOOP_ONCE);
        close_watcher(w);
    }
    w = open_watcher(&beginning, -1, 0);
    h_until_count(&h, &w->n, 50);
    saw(w, 1, 50);
    close_watcher(w);
}
END_TEST

START_TEST(all_are_told_when_the_worker_stops)
{
    struct watcher *a = open_watcher(NULL, -1, 0), *b = open_watcher(&beginning, 1, 0);

    h_until_count(&h, &a->started, 1);
    feed_close_watchers(feed);
    ck_assert_int_eq(a->closed, 1);
    ck_assert_int_eq(b->closed, 1);
    ck_assert_int_eq(feed_watchers(feed), 0);
    free(a);
    free(b);
}
END_TEST

START_TEST(a_lost_database_costs_nothing_but_time)
{
    struct watcher *w = open_watcher(NULL, -1, 0);

    h_until_count(&h, &w->started, 1);
    add_events(1, 10);
    h_until_count(&h, &w->n, 10);
    test_pg_exec(conninfo,
                 "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                 "pg_backend_pid()");
    h_wait_down(&h);
    add_events(11, 10);
    h_until_count(&h, &w->n, 20);
    saw(w, 1, 20);
    close_watcher(w);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("feed");
    TCase *tc = tcase_create("feed");
    SRunner *sr;
    int failed;

    test_pg_start(TEST_PG_FAST);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, from_now_on_is_only_what_comes);
    tcase_add_test(tc, the_past_comes_in_pages_then_the_present);
    tcase_add_test(tc, an_early_transaction_that_commits_late_is_not_missed);
    tcase_add_test(tc, slow_readers_hold_only_themselves);
    tcase_add_test(tc, filters_and_single_cases);
    tcase_add_test(tc, watchers_may_go_while_they_are_served);
    tcase_add_test(tc, a_read_under_way_may_be_left);
    tcase_add_test(tc, all_are_told_when_the_worker_stops);
    tcase_add_test(tc, a_lost_database_costs_nothing_but_time);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
