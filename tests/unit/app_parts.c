/* SPDX-License-Identifier: MIT */
/* Rules of the server program without I/O: sessions, the lock of unknown logins, cursors, who sees an event, pauses. */
#include <string.h>
#include <sodium.h>

#include <check.h>

#include "server/feed/feed_batch.h"
#include "server/metrics.h"
#include "server/roll.h"
#include "server/service/login_guard.h"
#include "server/service/session_cache.h"
#include "server/supervisor.h"

#define S USEC_PER_SEC

static const struct {
    const char *name;
    usec_t now, expires, used;
    int idle_s;
    bool alive;
} sessions[] = {
    {"fresh", 100 * S, 1000 * S, 100 * S, 60, true},
    {"just before idle", 159 * S, 1000 * S, 100 * S, 60, true},
    {"idle to the second", 160 * S, 1000 * S, 100 * S, 60, false},
    {"just before its end", 999 * S, 1000 * S, 999 * S, 60, true},
    {"at its end, busy", 1000 * S, 1000 * S, 1000 * S, 60, false},
    {"used in the future (another worker's clock)", 100 * S, 1000 * S, 101 * S, 60, true},
};

START_TEST(sessions_end_idle_or_old)
{
    ck_assert_msg(session_is_alive(sessions[_i].now, sessions[_i].expires, sessions[_i].used, sessions[_i].idle_s) ==
                      sessions[_i].alive,
                  "%s", sessions[_i].name);
}
END_TEST

START_TEST(tokens_have_one_form)
{
    char a[SESSION_TOKEN_TEXT + 1], b[SESSION_TOKEN_TEXT + 1];
    uint8_t ha[SESSION_HASH_SIZE], hb[SESSION_HASH_SIZE], again[SESSION_HASH_SIZE];

    session_token_make(a, ha);
    session_token_make(b, hb);
    ck_assert(session_token_is_well_formed(a));
    ck_assert_str_ne(a, b);
    ck_assert_int_ne(memcmp(ha, hb, sizeof(ha)), 0);
    session_token_hash(a, again);
    ck_assert_mem_eq(again, ha, sizeof(ha));
    ck_assert(!session_token_is_well_formed(""));
    ck_assert(!session_token_is_well_formed("short"));
    a[10] = '+';
    ck_assert(!session_token_is_well_formed(a));
    a[10] = ' ';
    ck_assert(!session_token_is_well_formed(a));
}
END_TEST

START_TEST(unknown_logins_lock_like_known_ones)
{
    struct login_guard *g = login_guard_create();
    usec_t until = 0, now = 1000 * S;

    for (int i = 0; i < 5; i++)
        ck_assert_msg(login_guard_attempt(g, "nobody", now, 5, 900, &until), "attempt %d", i);
    ck_assert(!login_guard_attempt(g, "nobody", now + 899 * S, 5, 900, &until));
    ck_assert_int_eq(until, now + 900 * S);
    ck_assert(login_guard_attempt(g, "somebody", now, 5, 900, &until));
    for (int i = 0; i < 5; i++)
        ck_assert(login_guard_attempt(g, "nobody", now + 900 * S, 5, 900, &until));
    ck_assert(!login_guard_attempt(g, "nobody", now + 900 * S, 5, 900, &until));
    login_guard_destroy(g);
}
END_TEST

static const struct feed_cursor cursors[] = {{0, 0}, {1, 0}, {1, 1}, {731, 123456789}, {UINT64_MAX, INT64_MAX}};

START_TEST(cursors_come_back)
{
    struct feed_cursor back;
    char text[FEED_CURSOR_TEXT_SIZE];
    struct err e = {0};

    feed_cursor_format(cursors[_i], text);
    ck_assert_uint_eq(strlen(text), FEED_CURSOR_TEXT_SIZE - 1);
    ck_assert_int_eq(feed_cursor_parse(text, &back, &e), 0);
    ck_assert_int_eq(feed_cursor_compare(back, cursors[_i]), 0);
    for (int i = 0; i < (int)(sizeof(cursors) / sizeof(cursors[0])); i++)
        ck_assert_int_eq(feed_cursor_compare(cursors[_i], cursors[i]), (_i > i) - (_i < i));
}
END_TEST

static const char *const foreign_cursors[] = {
    "x",
    "00",
    "AQ",
    "AgAAAAAAAAAAAAAAAAAAAAA" /* version 2 */,
    "AQAAAAAAAAAA_________w" /* short */,
    "AQAAAAAAAAAA__________8" /* negative number */,
    "AQAAAAAAAAAAAAAAAAAAAAAA" /* long */,
    "AQAAAAAAAAAAAAAAAAAAA A",
};

START_TEST(foreign_cursors_are_refused)
{
    struct feed_cursor c = {7, 7};
    struct err e = {0};

    ck_assert_msg(feed_cursor_parse(foreign_cursors[_i], &c, &e) == ERR_INVALID, "%s", foreign_cursors[_i]);
    ck_assert_str_eq(e.field, "cursor");
    ck_assert_uint_eq(c.xid, 7);
}
END_TEST

START_TEST(zero_is_the_beginning)
{
    struct feed_cursor c = {7, 7};
    struct err e = {0};

    ck_assert_int_eq(feed_cursor_parse("0", &c, &e), 0);
    ck_assert_uint_eq(c.xid, 0);
    ck_assert_int_eq(c.seq, 0);
}
END_TEST

static const struct uuid person[3] = {{{0}}, {{1}}, {{2}}};

static const struct {
    const char *name;
    bool nothing;
    int64_t scope, wish; /* regions; 0: everywhere */
    int32_t organ;       /* of the viewer */
    int reporter, only_case;
    int32_t ev_organ, ev_prev, ev_co;
    bool passes;
} views[] = {
    {.name = "everything", .passes = true},
    {.name = "nothing", .nothing = true},
    {.name = "own county", .scope = 230604000000000, .passes = true},
    {.name = "other county", .scope = 230602000000000},
    {.name = "wish inside", .scope = 230604000000000, .wish = 230604001000000, .passes = true},
    {.name = "wish elsewhere", .scope = 230604000000000, .wish = 230604002000000},
    {.name = "own report", .reporter = 1, .passes = true},
    {.name = "another's report", .reporter = 2},
    {.name = "this case", .only_case = 1, .passes = true},
    {.name = "another case", .only_case = 2},
    {.name = "no organ yet", .organ = 5},
    {.name = "lead organ", .organ = 5, .ev_organ = 5, .passes = true},
    {.name = "lost it", .organ = 5, .ev_organ = 6, .ev_prev = 5, .passes = true},
    {.name = "helps", .organ = 5, .ev_organ = 6, .ev_co = 5, .passes = true},
    {.name = "others'", .organ = 5, .ev_organ = 6, .ev_prev = 7, .ev_co = 8},
};

START_TEST(events_are_filtered)
{
    struct feed_filter f = {.span = region_span_all()};
    struct feed_event ev = {.grid = 230604001001001, .reporter = person[1]};

    f.view.nothing = views[_i].nothing;
    f.view.span = views[_i].scope ? region_span_of(views[_i].scope) : region_span_all();
    if (views[_i].wish)
        f.span = region_span_of(views[_i].wish);
    f.view.organ_id = views[_i].organ;
    f.view.reporter = person[views[_i].reporter];
    f.case_id = person[views[_i].only_case];
    ev.row.case_id = person[1];
    ev.organ_id = views[_i].ev_organ;
    ev.prev_organ_id = views[_i].ev_prev;
    ev.n_co = views[_i].ev_co != 0;
    ev.co_organ_ids[0] = views[_i].ev_co;
    ck_assert_msg(feed_filter_passes(&f, &ev) == views[_i].passes, "%s", views[_i].name);
}
END_TEST

START_TEST(the_roll_hurries_and_rests)
{
    ck_assert_int_eq(roll_next_wait_ms(20000, 250), 0);
    ck_assert_int_eq(roll_next_wait_ms(1, 2000), 250);
    ck_assert_int_eq(roll_next_wait_ms(0, 0), 250);
    ck_assert_int_eq(roll_next_wait_ms(0, 250), 500);
    ck_assert_int_eq(roll_next_wait_ms(0, 1000), 2000);
    ck_assert_int_eq(roll_next_wait_ms(-1, 2000), 2000);
}
END_TEST

START_TEST(a_crashing_worker_comes_back_slower)
{
    int wait = 0;

    for (int i = 0; i < 20; i++)
        wait = supervisor_next_wait_ms(10, wait);
    ck_assert_int_eq(wait, 10000);
    ck_assert_int_eq(supervisor_next_wait_ms(10, 0), 200);
    ck_assert_int_eq(supervisor_next_wait_ms(10, 200), 400);
    ck_assert_int_eq(supervisor_next_wait_ms(60000, 10000), 200);
}
END_TEST

START_TEST(metrics_are_prometheus_text)
{
    static const struct rpc_method methods[] = {{.path = "/a/B"}, {.path = NULL}};
    struct err e = {0};
    struct metrics *m = metrics_create(methods, &e);
    struct evbuffer *out = evbuffer_new();
    char text[8192];
    ev_ssize_t n;

    metrics_record(m, &(struct rpc_record){.method = "/a/B", .status = 0, .duration_us = 700, .bytes_in = 3, .bytes_out = 5});
    metrics_record(m, &(struct rpc_record){.method = "/a/B", .status = 14, .duration_us = 99000000});
    metrics_record(m, &(struct rpc_record){.method = "?", .status = 12, .duration_us = 1});
    metrics_write_calls(m, out);
    metrics_write_value(out, "wangge_x", "gauge", "X.", 2.5);
    n = evbuffer_remove(out, text, sizeof(text) - 1);
    ck_assert_int_gt(n, 0);
    text[n] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "wangge_calls_total{method=\"/a/B\",status=\"OK\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "wangge_calls_total{method=\"/a/B\",status=\"UNAVAILABLE\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "wangge_calls_total{method=\"other\",status=\"UNIMPLEMENTED\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "wangge_call_seconds_bucket{method=\"/a/B\",le=\"0.0005\"} 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "wangge_call_seconds_bucket{method=\"/a/B\",le=\"0.001\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "wangge_call_seconds_bucket{method=\"/a/B\",le=\"+Inf\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(text, "wangge_call_seconds_sum{method=\"/a/B\"} 99.000700\n"));
    ck_assert_ptr_nonnull(strstr(text, "# TYPE wangge_x gauge\nwangge_x 2.5\n"));
    evbuffer_free(out);
    metrics_destroy(m);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *s = suite_create("app_parts");
    TCase *tc = tcase_create("app_parts");
    SRunner *sr;
    int failed;

    if (sodium_init() < 0)
        return 1;
    tcase_add_loop_test(tc, sessions_end_idle_or_old, 0, COUNT(sessions));
    tcase_add_test(tc, tokens_have_one_form);
    tcase_add_test(tc, unknown_logins_lock_like_known_ones);
    tcase_add_loop_test(tc, cursors_come_back, 0, COUNT(cursors));
    tcase_add_loop_test(tc, foreign_cursors_are_refused, 0, COUNT(foreign_cursors));
    tcase_add_test(tc, zero_is_the_beginning);
    tcase_add_loop_test(tc, events_are_filtered, 0, COUNT(views));
    tcase_add_test(tc, the_roll_hurries_and_rests);
    tcase_add_test(tc, a_crashing_worker_comes_back_slower);
    tcase_add_test(tc, metrics_are_prometheus_text);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
