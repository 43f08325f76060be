/* SPDX-License-Identifier: MIT */
/* What a person does, key by key, and what they see: with and without a server, with refusals and conflicts. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "screen.h"
#include "wangge/v1/watch.pb-c.h"

static const struct screen_options english = {.lang = "en", .rows = 24, .cols = 80, .logged_in = true};
static const struct screen_options chinese = {.lang = "zh_CN", .rows = 24, .cols = 80, .logged_in = true};
static const struct screen_options stranger = {.lang = "en", .rows = 24, .cols = 80};

#define DOWN   "\033[B"
#define ESC    "\033"
#define SUBMIT "\x13"

static void see(struct screen *s, const char *text)
{
    char *dump = term_fake_dump(s->term);
    ck_assert_msg(strstr(dump, text) != NULL, "not on the screen: \"%s\"\n%s", text, dump);
    free(dump);
}

static void see_not(struct screen *s, const char *text)
{
    char *dump = term_fake_dump(s->term);
    ck_assert_msg(strstr(dump, text) == NULL, "on the screen: \"%s\"\n%s", text, dump);
    free(dump);
}

START_TEST(test_login)
{
    struct screen s;
    screen_open(&s, &stranger);
    see(&s, "Password");
    screen_type(&s, "wangli\rwrong\r");
    see(&s, "Account or password is wrong");
    screen_type(&s, "\x15"
                    "a good password\r");
    see(&s, "My work");
    see(&s, "2306042611230420");
    see(&s, "王丽@第三网格");
    ck_assert_str_eq(fake_channel_token(s.channel), s.app->session.token);
    screen_close(&s);
}
END_TEST

START_TEST(test_login_empty)
{
    struct screen s;
    screen_open(&s, &stranger);
    screen_type(&s, "\r");
    see(&s, "Type your account name");
    screen_type(&s, "wangli\t\r");
    see(&s, "Type your password");
    screen_close(&s);
}
END_TEST

/* The screen is there while nobody answers, Esc gives up, and offline work goes on. */
START_TEST(test_login_silent)
{
    struct screen s;
    screen_open(&s, &stranger);
    s.city.silent = true;
    screen_type(&s, "wangli\rpassword\r");
    see(&s, "Logging in... Esc cancels");
    screen_type(&s, ESC);
    see_not(&s, "Logging in...");
    screen_type(&s, "\033OR");
    see(&s, "You work offline");
    screen_close(&s);
}
END_TEST

START_TEST(test_language)
{
    struct screen s;
    screen_open(&s, &stranger);
    screen_type(&s, "\033OS");
    see(&s, "密码");
    screen_type(&s, "\033OS");
    see(&s, "Password");
    screen_close(&s);
}
END_TEST

/* A letter typed with the input method on arrives full width and works all the same. */
START_TEST(test_input_method)
{
    struct screen s;
    screen_open(&s, &chinese);
    screen_type(&s, "？");
    see(&s, "按键：我的事项");
    screen_type(&s, ESC "３");
    see(&s, "办结率");
    screen_type(&s, ESC);
    screen_type(&s, "、");
    see(&s, "筛选： [");
    screen_close(&s);
}
END_TEST

START_TEST(test_filter)
{
    struct screen s;
    screen_open(&s, &chinese);
    screen_type(&s, "/zyrm");
    see(&s, "共 2 件");
    screen_type(&s, "\r");
    screen_type(&s, ESC);
    see(&s, "共 6 件");
    screen_type(&s, "/漏水");
    see(&s, "共 1 件");
    see(&s, "2306042611220412");
    screen_close(&s);
}
END_TEST

static void push_event(struct screen *s)
{
    Wangge__V1__WatchResponse r = WANGGE__V1__WATCH_RESPONSE__INIT;
    Wangge__V1__CaseEvent ev = WANGGE__V1__CASE_EVENT__INIT;
    ev.case_id = (char *)"019ab000-0000-7000-8000-000000000001";
    ev.version = 3;
    r.cursor = (char *)"7";
    r.event = &ev;
    ck_assert(fake_channel_push(s->channel, "/wangge.v1.WatchService/Watch", &r.base));
}

/* New cases arrive by the feed; the cursor stays on its case. */
START_TEST(test_live)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, DOWN DOWN);
    see(&s, ">  2306042611230420");
    s.city.n_cases = 9;
    push_event(&s);
    screen_wait(&s, "9 cases");
    see(&s, ">  2306042611230420");
    screen_close(&s);
}
END_TEST

START_TEST(test_stale)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.refuse = 14;
    screen_type(&s, "r");
    see(&s, "Data from 09:41.");
    see(&s, "2306042611230420");
    s.city.refuse = 0;
    screen_type(&s, "r");
    see_not(&s, "Data from");
    screen_close(&s);
}
END_TEST

START_TEST(test_failed_and_empty)
{
    struct screen s;
    screen_open(&s, &stranger);
    s.city.refuse = 14;
    screen_type(&s, "wangli\ra good password\r");
    see_not(&s, "F5 tries again"); /* the login itself failed */
    s.city.refuse = 0;
    s.city.n_cases = -1;
    screen_type(&s, "\r");
    see(&s, "Nothing to do right now.");
    screen_close(&s);
}
END_TEST

START_TEST(test_session_ends)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.refuse = 16;
    screen_type(&s, "r");
    see(&s, "The session has ended");
    s.city.refuse = 0;
    screen_type(&s, "a good password\r");
    see(&s, "2306042611230420");
    screen_close(&s);
}
END_TEST

static void fill_intake(struct screen *s, const char *text)
{
    screen_type(s, "\033OQ");
    screen_type(s, "ldlj\r");
    screen_type(s, "\t");
    screen_type(s, "解放路 12 号\t");
    screen_type(s, text);
}

START_TEST(test_intake)
{
    struct screen s;
    screen_open(&s, &english);
    fill_intake(&s, "两车建筑垃圾");
    see(&s, "[Illegal dumping]");
    see(&s, "230604001001003"); /* the account's own grid */
    see(&s, "Required: 3 of 3");
    see(&s, "limit 24 working hours");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Logged as 2306042611230423");
    see(&s, "My work");
    screen_close(&s);
}
END_TEST

START_TEST(test_intake_missing)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\033OQ" SUBMIT);
    see(&s, "! Choose one.");
    screen_type(&s, "ldlj\r" SUBMIT);
    see(&s, "! This is needed.");
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.CaseService/SubmitCase"), 0);
    screen_close(&s);
}
END_TEST

/* The server refused: the form stays with the reason beside the field, and the corrected text goes out. */
START_TEST(test_intake_refused)
{
    struct screen s;
    screen_open(&s, &english);
    fill_intake(&s, "refuse me");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "! say where exactly");
    see(&s, "Log an incident");
    see(&s, "refuse me");
    screen_type(&s, "\x17\x17"
                    "better" SUBMIT);
    screen_wait(&s, "Logged as 2306042611230423");
    screen_close(&s);
}
END_TEST

/* The server is away: the incident is stored, shown with its local number, can be taken back, and goes out later. */
START_TEST(test_intake_offline)
{
    struct screen s;
    screen_open(&s, &english);
    fake_channel_set_state(s.channel, CHANNEL_BACKOFF);
    screen_settle(&s);
    see(&s, "offline");
    fill_intake(&s, "两车建筑垃圾");
    see(&s, "No connection: it is saved here");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Saved here as local-1");
    see(&s, "unsent 1");
    see(&s, "local-1");
    screen_type(&s, "\x1a");
    see(&s, "Taken back.");
    see_not(&s, "unsent 1");
    fill_intake(&s, "again");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Saved here as local-2");
    fake_channel_set_state(s.channel, CHANNEL_READY);
    screen_type(&s, "4"
                    "\033[15~");
    screen_wait(&s, "Everything has been sent.");
    screen_close(&s);
}
END_TEST

/* A draft outlives the form and the program. */
START_TEST(test_draft)
{
    struct screen s;
    screen_open(&s, &english);
    fill_intake(&s, "half a sentence");
    screen_type(&s, ESC);
    see(&s, "My work");
    see_not(&s, "half a sentence");
    screen_type(&s, "4");
    see(&s, "half a sentence");
    see(&s, "draft");
    screen_type(&s, "\r");
    see(&s, "Your draft is back");
    see(&s, "half a sentence");
    see(&s, "[Illegal dumping]");
    screen_type(&s, "\x04");
    see(&s, "Throw the draft away?");
    screen_type(&s, "2");
    see(&s, "The draft is gone");
    see_not(&s, "half a sentence");
    screen_close(&s);
}
END_TEST

START_TEST(test_submit_and_new)
{
    struct screen s;
    screen_open(&s, &english);
    fill_intake(&s, "one");
    screen_type(&s, "\x0e");
    screen_wait(&s, "Logged as");
    see(&s, "Required: 1 of 3");
    screen_type(&s, "\x14");
    see(&s, "[Illegal dumping]");
    see(&s, "解放路 12 号");
    screen_close(&s);
}
END_TEST

/* What the server has already is recalled by an action; what nobody can recall any more says so. */
START_TEST(test_recall)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\x1a");
    see(&s, "Nothing to take back");
    fill_intake(&s, "a mistake");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Logged as 2306042611230423. Ctrl-Z recalls it.");
    screen_type(&s, "\x1a");
    see(&s, "2306042611230423 is being recalled.");
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.CaseService/Act"), 1);
    fill_intake(&s, "another");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Logged as");
    clock_fake_advance(&s.clock, (APP_UNDO_S + 1) * USEC_PER_SEC);
    screen_type(&s, "\x1a");
    see(&s, "Nothing to take back");
    screen_close(&s);
}
END_TEST

/* The connection comes back by itself, and so does what could not be asked meanwhile. */
START_TEST(test_catch_up)
{
    struct screen s;
    screen_open(&s, &english);
    fake_channel_set_state(s.channel, CHANNEL_BACKOFF);
    screen_type(&s, "r");
    see(&s, "Data from 09:41.");
    fake_channel_set_state(s.channel, CHANNEL_CONNECTING);
    screen_settle(&s);
    see(&s, "offline"); /* no flicker while it tries */
    s.city.n_cases = 9;
    fake_channel_set_state(s.channel, CHANNEL_READY);
    screen_settle(&s);
    see(&s, "online");
    see(&s, "9 cases");
    see_not(&s, "Data from");
    screen_close(&s);
}
END_TEST

START_TEST(test_no_store)
{
    struct screen s;
    struct screen_options opts = english;
    opts.no_outbox = true;
    screen_open(&s, &opts);
    fill_intake(&s, "text");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "the local store could not be opened");
    see(&s, "text");
    screen_close(&s);
}
END_TEST

START_TEST(test_case_menu)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, DOWN DOWN "\033OS");
    see(&s, "1 Accept -> Accepted");
    see(&s, "3 Dispatch... -> Dispatched");
    screen_type(&s, "1"); /* needs nothing: goes at once */
    screen_wait(&s, "Accept done");
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.CaseService/Act"), 1);
    screen_close(&s);
}
END_TEST

START_TEST(test_dispatch)
{
    struct screen s;
    screen_open(&s, &chinese);
    screen_type(&s, DOWN DOWN "\r");
    screen_type(&s, "p");
    see(&s, "让胡路城管中队");
    screen_type(&s, SUBMIT);
    see(&s, "请选择一项");
    screen_type(&s, "xfz\r");
    see(&s, "[让胡路消防站]");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "派遣 已完成");
    screen_close(&s);
}
END_TEST

/* A check's result is chosen by digit. */
START_TEST(test_check_result)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, DOWN DOWN "\r");
    screen_type(&s, "f");
    see(&s, "Result");
    screen_type(&s, "2");
    see(&s, "(2*) not passed");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "done");
    screen_close(&s);
}
END_TEST

START_TEST(test_irreversible_asks)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, DOWN DOWN "\r");
    screen_type(&s, "b"
                    "not ours" SUBMIT);
    see(&s, "This cannot be undone");
    screen_type(&s, ESC);
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.CaseService/Act"), 0);
    see(&s, "not ours");
    screen_type(&s, SUBMIT "2");
    screen_wait(&s, "Refuse done");
    screen_close(&s);
}
END_TEST

/* Somebody was first: what happened is shown, and the person decides. */
START_TEST(test_note_offline)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, DOWN DOWN "\r");
    fake_channel_set_state(s.channel, CHANNEL_BACKOFF);
    screen_type(&s, "c"
                    "已到现场" SUBMIT);
    screen_wait(&s, "is saved here and goes out by itself");
    see(&s, "(unsent)");
    see(&s, "已到现场");
    screen_close(&s);
}
END_TEST

START_TEST(test_neighbours)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\r");
    see(&s, "< 2306042611220412");
    screen_type(&s, "]");
    see(&s, "< 2306042611220398");
    screen_type(&s, "\033[5~");
    see(&s, "< 2306042611220412");
    screen_type(&s, "[");
    see(&s, "This is the first case.");
    screen_type(&s, "y");
    ck_assert_str_eq(term_fake_clipboard(s.term), "2306042611220412");
    screen_close(&s);
}
END_TEST

START_TEST(test_report)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "3");
    see(&s, "81.00 %");
    see(&s, "14,904/18,400");
    see(&s, "K01 v1:");
    see(&s, "As of 11-23 09:41");
    see(&s, "2026-11-01 .. 2026-11-30");
    screen_type(&s, "[");
    see(&s, "2026-10-01 .. 2026-10-31");
    screen_type(&s, "]]");
    see(&s, "This is the present period.");
    screen_type(&s, "\033OS");
    screen_type(&s, "f");
    see(&s, "2021-01-01 .. 2021-12-31");
    screen_type(&s, DOWN);
    screen_type(&s, "\r");
    see(&s, "Numerator of K01, 让胡路区");
    see(&s, "8,000 cases, exactly the figure");
    screen_type(&s, "\r");
    see(&s, "Timeline");
    screen_type(&s, ESC);
    screen_type(&s, ESC);
    s.city.wrong_length = true;
    screen_type(&s, "d");
    see(&s, "do not use it");
    screen_close(&s);
}
END_TEST

START_TEST(test_palette)
{
    struct screen s;
    screen_open(&s, &chinese);
    screen_type(&s, "\x0b");
    screen_type(&s, "tj");
    see(&s, ">1 统计");
    screen_type(&s, "\r");
    see(&s, "办结率");
    screen_close(&s);
}
END_TEST

START_TEST(test_help_filter)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\033OP");
    screen_type(&s, "clipboard");
    see(&s, "Copy number");
    see_not(&s, "Refresh");
    screen_type(&s, ESC);
    see(&s, "2306042611230420");
    screen_close(&s);
}
END_TEST

/* A window made smaller and larger keeps its place; below the minimum nothing but quitting is heard. */
START_TEST(test_resize)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, DOWN DOWN);
    ck_assert_int_eq(term_fake_resize(s.term, 12, 40), 0);
    screen_settle(&s);
    see(&s, "too small (40x12)");
    screen_type(&s, "3");
    ck_assert_int_eq(term_fake_resize(s.term, 60, 200), 0);
    screen_settle(&s);
    see(&s, ">  2306042611230420");
    ck_assert_int_eq(term_fake_resize(s.term, 24, 81), 0);
    screen_settle(&s);
    see(&s, ">  2306042611230420");
    screen_close(&s);
}
END_TEST

/* DESIGN: at most 400 bytes a cursor move at 80x24. */
START_TEST(test_bytes_per_move)
{
    struct screen s;
    screen_open(&s, &chinese);
    for (int i = 0; i < 5; i++) {
        screen_type(&s, DOWN);
        ck_assert_msg(term_fake_bytes(s.term) <= 400, "move %d: %zu bytes", i, term_fake_bytes(s.term));
        if (getenv("WANGGE_TUI_NUMBERS"))
            fprintf(stderr, "bytes of move %d: %zu\n", i, term_fake_bytes(s.term));
    }
    screen_close(&s);
}
END_TEST

START_TEST(test_many)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.n_cases = 2000;
    screen_type(&s, "r");
    see(&s, "2000 cases");
    screen_type(&s, "G");
    see(&s, "2306042611232999");
    screen_type(&s, "*");
    see(&s, "marked 500");
    screen_type(&s, "-g");
    see_not(&s, "marked");
    screen_close(&s);
}
END_TEST

/* Several at once: tried first, then run; what is refused keeps its mark. */
START_TEST(test_marked)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.bulk_refused = 1;
    screen_type(&s, DOWN "   ");
    see(&s, "marked 3");
    screen_type(&s, "\033OS");
    see(&s, "With the 3 marked cases");
    screen_type(&s, "1");
    see(&s, "Accept: 3 cases");
    screen_type(&s, SUBMIT);
    see(&s, "2 would go through, 1 would be refused.");
    see(&s, "1  This is not possible in the state the case is in. Now: Closed.");
    ck_assert_int_eq(s.city.bulk_real, 0);
    screen_type(&s, "1");
    see(&s, "Tried; nothing was changed.");
    screen_type(&s, "\033OS"
                    "2");
    see(&s, "3 of 3: 2 done, 1 refused");
    see(&s, "Finished.");
    ck_assert_int_eq(s.city.bulk_real, 3);
    screen_type(&s, "g\r"); /* the refused one is the first */
    see(&s, "Timeline");
    screen_type(&s, ESC);
    screen_wait(&s, "Finished.");
    screen_type(&s, ESC);
    screen_wait(&s, "marked 1");
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.CaseService/Act"), 0);
    screen_type(&s, "-G p");
    see(&s, "Not possible");
    screen_close(&s);
}
END_TEST

/* A connection that breaks is taken up where it broke; nothing is done twice. */
START_TEST(test_marked_breaks)
{
    struct screen s;
    screen_open(&s, &chinese);
    s.city.bulk_breaks = 1;
    screen_type(&s, DOWN "  a" SUBMIT);
    see(&s, "2 件可办，0 件将被拒绝");
    screen_type(&s, "2");
    screen_wait(&s, "2 件中已答复 2 件：办成 2 件，拒绝 0 件");
    ck_assert_int_eq(s.city.bulk_real, 2);
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.BulkService/RunBulk"), 3);
    screen_close(&s);
}
END_TEST

/* Without a line each goes out by itself later. */
START_TEST(test_marked_offline)
{
    struct screen s;
    screen_open(&s, &english);
    fake_channel_set_state(s.channel, CHANNEL_BACKOFF);
    screen_type(&s, DOWN "  a" SUBMIT);
    see(&s, "2 on their way");
    see_not(&s, "marked");
    screen_close(&s);
}
END_TEST

START_TEST(test_marked_many)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.n_cases = 40;
    screen_type(&s, "r");
    screen_type(&s, "*c");
    see(&s, "Note: 40 cases");
    screen_type(&s, "seen on the round" SUBMIT);
    see(&s, "Note: 40 cases? 2306042611220412, ");
    screen_type(&s, "2");
    see(&s, "40 on their way");
    screen_type(&s, "4");
    screen_wait(&s, "Everything has been sent.");
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.CaseService/AddNote"), 40);
    screen_close(&s);
}
END_TEST

START_TEST(test_quit)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\x03");
    see(&s, "Ctrl-Q leaves the program");
    ck_assert(!s.app->quit);
    screen_type(&s, "\x11");
    ck_assert(s.app->quit);
    screen_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tui_flows");
    TCase *tc = tcase_create("flows");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, test_login);
    tcase_add_test(tc, test_login_empty);
    tcase_add_test(tc, test_login_silent);
    tcase_add_test(tc, test_language);
    tcase_add_test(tc, test_input_method);
    tcase_add_test(tc, test_filter);
    tcase_add_test(tc, test_live);
    tcase_add_test(tc, test_stale);
    tcase_add_test(tc, test_failed_and_empty);
    tcase_add_test(tc, test_session_ends);
    tcase_add_test(tc, test_intake);
    tcase_add_test(tc, test_intake_missing);
    tcase_add_test(tc, test_intake_refused);
    tcase_add_test(tc, test_intake_offline);
    tcase_add_test(tc, test_draft);
    tcase_add_test(tc, test_submit_and_new);
    tcase_add_test(tc, test_recall);
    tcase_add_test(tc, test_catch_up);
    tcase_add_test(tc, test_no_store);
    tcase_add_test(tc, test_case_menu);
    tcase_add_test(tc, test_dispatch);
    tcase_add_test(tc, test_check_result);
    tcase_add_test(tc, test_irreversible_asks);
    tcase_add_test(tc, test_note_offline);
    tcase_add_test(tc, test_neighbours);
    tcase_add_test(tc, test_report);
    tcase_add_test(tc, test_palette);
    tcase_add_test(tc, test_help_filter);
    tcase_add_test(tc, test_resize);
    tcase_add_test(tc, test_bytes_per_move);
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_marked);
    tcase_add_test(tc, test_marked_breaks);
    tcase_add_test(tc, test_marked_offline);
    tcase_add_test(tc, test_marked_many);
    tcase_add_test(tc, test_quit);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
