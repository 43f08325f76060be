/* SPDX-License-Identifier: MIT */
/* Beside the cases: why a due time is what it is, the inbox, searching the server. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"
#include "wangge/v1/watch.pb-c.h"

static const struct screen_options english = {.lang = "en", .rows = 24, .cols = 80, .logged_in = true};
static const struct screen_options chinese = {.lang = "zh_CN", .rows = 24, .cols = 80, .logged_in = true};

#define DOWN   "\033[B"
#define ESC    "\033"
#define F6     "\033[17~"
#define F7     "\033[18~"
#define F8     "\033[19~"
#define F9     "\033[20~"
#define SOURCE "/etc/passwd" /* a file of no kind that can be attached */

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

static void open_desk(struct screen *s, const struct screen_options *opts)
{
    screen_open(s, opts);
    s->city.desk = true;
}

START_TEST(test_explain)
{
    struct screen s;
    open_desk(&s, &english);
    screen_type(&s, "\r");
    screen_type(&s, F6);
    see(&s, "Why this due time: Handling");
    see(&s, "8 h 00 min of working time");
    see(&s, "used 10 h 10 min");
    see(&s, "E0102; calendar 大庆");
    see(&s, "[overdue]");
    see(&s, "Provisional");
    see(&s, "paused: 挂账, 赵强");
    see(&s, "weekend (2 days)");
    see(&s, "holiday: 元旦");
    see(&s, "make-up working day: 调休");
    screen_type(&s, F6);
    see(&s, "Which clock");
    screen_type(&s, "5");
    see(&s, "Why this due time: Whole course");
    screen_type(&s, F6 "4"); /* it has not run */
    see(&s, "This clock has not run");
    see_not(&s, "weekend");
    screen_type(&s, ESC);
    see(&s, "Timeline");
    screen_close(&s);
}
END_TEST

START_TEST(test_explain_chinese)
{
    struct screen s;
    open_desk(&s, &chinese);
    screen_type(&s, "\r");
    screen_type(&s, "w");
    see(&s, "周末");
    see(&s, "节假日: 元旦");
    see(&s, "班次以外");
    screen_close(&s);
}
END_TEST

START_TEST(test_explain_absent)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\r");
    screen_type(&s, "w");
    see(&s, "This server cannot explain due times");
    s.city.refuse = 5;
    screen_type(&s, "\033[15~"); /* F5 */
    see(&s, "This clock has not run");
    screen_close(&s);
}
END_TEST

START_TEST(test_files)
{
    struct screen s;
    open_desk(&s, &english);
    screen_type(&s, "\r" F7);
    see(&s, "Files of 2306042611220412: 3");
    see(&s, "evidence of step 6");
    see(&s, "also in another case");
    screen_type(&s, F7 "/nowhere/is/it.jpg\t");
    see(&s, "No file begins so.");
    screen_type(&s, "\r");
    screen_wait(&s, "There is no file");
    see(&s, "/nowhere/is/it.jpg"); /* what was typed stays, to be mended */
    screen_type(&s, "\025" SOURCE "\r");
    screen_wait(&s, "is no file that can be attached");
    screen_type(&s, ESC);
    see_not(&s, "/nowhere/is/it.jpg");
    see(&s, "Files of 2306042611220412");
    screen_type(&s, "\033[200~ '/tmp/a b.jpg' \033[201~"); /* dropped onto the terminal */
    see(&s, "File:");
    see(&s, "'/tmp/a b.jpg'");
    screen_type(&s, ESC);
    screen_type(&s, ESC);
    see(&s, "Timeline");
    screen_close(&s);
}
END_TEST

START_TEST(test_no_files)
{
    struct screen s;
    open_desk(&s, &chinese);
    s.city.no_files = true;
    screen_type(&s, "\r");
    screen_type(&s, "e");
    see(&s, "该事项没有文件");
    see(&s, "F7");
    s.city.refuse = 14;
    screen_type(&s, "\033[15~"); /* F5 */
    see(&s, "服务");
    screen_close(&s);
}
END_TEST

START_TEST(test_inbox)
{
    struct screen s;
    open_desk(&s, &english);
    screen_type(&s, F9);
    see(&s, "5 Inbox 5]");
    see(&s, "Unread: 5 (Assigned 1, Overdue 1, To decide 1, Urged 1, My report 1)");
    see(&s, "inbox 5");
    see(&s, "Dispatch, 孙主任: KTV");
    screen_type(&s, "\r"); /* opens the case and reads the notice */
    see(&s, "< 2306042611230421");
    ck_assert(s.city.read[0]);
    screen_type(&s, ESC);
    see(&s, "Unread: 4 (Overdue 1");
    screen_type(&s, F7); /* unread again */
    see(&s, "Unread: 5");
    ck_assert(!s.city.read[0]);
    screen_type(&s, DOWN F7);
    see(&s, "Unread: 4");
    ck_assert(s.city.read[1]);
    screen_type(&s, F8);
    see(&s, "Nothing is unread.");
    see_not(&s, "inbox 5");
    for (int i = 0; i < CITY_NOTICES; i++)
        ck_assert(s.city.read[i]);
    screen_close(&s);
}
END_TEST

START_TEST(test_inbox_kinds)
{
    struct screen s;
    open_desk(&s, &english);
    s.city.read[3] = true;
    screen_type(&s, "5");
    screen_type(&s, F6);
    see(&s, "unread  4");
    see(&s, "To decide  1");
    screen_type(&s, DOWN "\r");
    see(&s, "Shown: unread, 4");
    screen_type(&s, F6 DOWN DOWN DOWN DOWN DOWN "\r");
    see(&s, "Shown: To decide, 1");
    see(&s, "Ask for more time (Extension), 赵强");
    see_not(&s, "KTV");
    screen_close(&s);
}
END_TEST

/* A notice that comes while one looks at the work list is counted. */
START_TEST(test_inbox_live)
{
    struct screen s;
    open_desk(&s, &english);
    memset(s.city.read, 1, sizeof s.city.read);
    screen_type(&s, "5");
    see(&s, "Nothing is unread.");
    s.city.read[0] = false;
    Wangge__V1__WatchResponse push = WANGGE__V1__WATCH_RESPONSE__INIT;
    Wangge__V1__Notice notice = WANGGE__V1__NOTICE__INIT;
    push.cursor = (char *)"7";
    push.notice = &notice;
    ck_assert(fake_channel_push(s.channel, "/wangge.v1.WatchService/Watch", &push.base));
    screen_wait(&s, "Unread: 1 (Assigned 1)");
    screen_close(&s);
}
END_TEST

START_TEST(test_inbox_absent)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "5");
    see(&s, "This server has no inbox");
    screen_close(&s);
}
END_TEST

START_TEST(test_search)
{
    struct screen s;
    open_desk(&s, &english);
    screen_type(&s, "\x06"); /* Ctrl-F */
    see(&s, "Two characters or more");
    screen_type(&s, "zyrm"); /* letters are text here; the answer follows the typing */
    screen_wait(&s, "2 found");
    see(&s, "Category");
    screen_type(&s, DOWN "\r");
    see(&s, "< 2306042611230422");
    screen_type(&s, ESC);
    see(&s, "2 found");
    screen_type(&s, F6);
    screen_wait(&s, "1 found, open only");
    see_not(&s, "2306042611230422");
    screen_type(&s, "\x15"
                    "昆仑大街\r"); /* Enter asks at once, and does not open what the words before found */
    see(&s, "1 found");
    see(&s, "Address");
    screen_type(&s, "\x15"
                    "0398\r");
    screen_type(&s, "\r");
    see(&s, "< 2306042611220398");
    screen_close(&s);
}
END_TEST

START_TEST(test_search_trouble)
{
    struct screen s;
    open_desk(&s, &english);
    screen_type(&s, "snothing\r");
    see(&s, "Nothing was found.");
    s.city.desk = false;
    screen_type(&s, "x\r");
    see(&s, "This server cannot search");
    screen_type(&s, "\x15");
    screen_wait(&s, "Two characters or more");
    screen_close(&s);
}
END_TEST

/* Both read on as one moves down, and keep what they read over a refresh. */
START_TEST(test_pages)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.desk = s.city.pages = true;
    screen_type(&s, "5");
    see(&s, "Shown: all, the newest 2; older ones below");
    screen_type(&s, DOWN);
    see(&s, "the newest 4; older ones below");
    screen_type(&s, DOWN);
    see(&s, "Shown: all, 5");
    int lists = fake_channel_count(s.channel, "/wangge.v1.InboxService/ListNotices");
    screen_type(&s, DOWN DOWN "r");
    see(&s, "Shown: all, 5");
    ck_assert_int_eq(fake_channel_count(s.channel, "/wangge.v1.InboxService/ListNotices"), lists + 3);
    screen_type(&s, "\033");
    screen_wait(&s, "My work");
    screen_type(&s, "s23060426\r");
    see(&s, "2 found, open and closed; more below");
    screen_type(&s, DOWN);
    see(&s, "4 found, open and closed; more below");
    screen_type(&s, DOWN);
    see(&s, "6 found, open and closed");
    see_not(&s, "more below");
    screen_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tui_desk");
    TCase *tc = tcase_create("desk");
    tcase_set_timeout(tc, 90);
    tcase_add_test(tc, test_explain);
    tcase_add_test(tc, test_explain_chinese);
    tcase_add_test(tc, test_explain_absent);
    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_no_files);
    tcase_add_test(tc, test_inbox);
    tcase_add_test(tc, test_inbox_kinds);
    tcase_add_test(tc, test_inbox_live);
    tcase_add_test(tc, test_inbox_absent);
    tcase_add_test(tc, test_search);
    tcase_add_test(tc, test_search_trouble);
    tcase_add_test(tc, test_pages);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
