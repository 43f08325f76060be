/* SPDX-License-Identifier: MIT */
/* Going in where a password alone is not enough: one-time codes, and a password that must be changed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

static const struct screen_options english = {.lang = "en", .rows = 24, .cols = 80};
static const struct screen_options chinese = {.lang = "zh_CN", .rows = 24, .cols = 80};

#define ESC   "\033"
#define LINE  "\x15" /* empties a field */
#define FIRST "wangli\ra first password\r"

static void see(struct screen *s, const char *text)
{
    char *dump = term_fake_dump(s->term);
    ck_assert_msg(strstr(dump, text) != NULL, "not on the screen: \"%s\"\n%s", text, dump);
    free(dump);
}

static int changes(const struct screen *s)
{
    return fake_channel_count(s->channel, "/wangge.v1.AccountService/ChangePassword");
}

static void open_first(struct screen *s, const struct screen_options *o)
{
    screen_open(s, o);
    s->city.first_password = true;
    screen_type(s, FIRST);
}

/* What is wrong is said at its field; then the person is in. */
START_TEST(test_change)
{
    struct screen s;
    open_first(&s, &english);
    see(&s, "Your password is a first one or too old");
    see(&s, "[****************");
    screen_type(&s, "\r");
    see(&s, "! Type a new password.");
    screen_type(&s, "short\rshorn\r");
    see(&s, "! The two passwords differ; nothing was changed.");
    ck_assert_int_eq(changes(&s), 0);
    screen_type(&s, "short\r");
    see(&s, "! A new password has 12 to 256 characters.");
    ck_assert_int_eq(changes(&s), 1);
    screen_type(&s, LINE "long enough now\r" LINE "long enough now\r");
    see(&s, "2306042611230420");
    see(&s, "王丽@第三网格");
    ck_assert_str_eq(fake_channel_token(s.channel), s.app->session.token);
    screen_close(&s);
}
END_TEST

START_TEST(test_change_in_chinese)
{
    struct screen s;
    open_first(&s, &chinese);
    screen_type(&s, "short\rshort\r");
    see(&s, "! 新密码须为 12 至 256 个字符。");
    screen_type(&s, "\033[A" LINE "not it\r\r\r");
    see(&s, "! 旧密码不正确。");
    screen_close(&s);
}
END_TEST

/* Going back leaves no session behind. */
START_TEST(test_change_left)
{
    struct screen s;
    open_first(&s, &english);
    ck_assert_ptr_nonnull(fake_channel_token(s.channel));
    screen_type(&s, ESC);
    screen_wait(&s, "Account");
    ck_assert_ptr_null(fake_channel_token(s.channel));
    ck_assert(!s.app->logged_in);
    screen_type(&s, "a first password\r");
    see(&s, "Your password is a first one or too old");
    screen_close(&s);
}
END_TEST

START_TEST(test_code)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.codes = true;
    screen_type(&s, "wangli\ra good password\r");
    see(&s, "one-time code of six");
    see(&s, "Code");
    screen_type(&s, "\r");
    see(&s, "Type the one-time code");
    screen_type(&s, "111111\r");
    see(&s, "Password or one-time code is wrong");
    screen_type(&s, "246810\r");
    see(&s, "My work");
    see(&s, "王丽@第三网格");
    screen_close(&s);
}
END_TEST

/* A code and a password to be changed, one after the other. */
START_TEST(test_code_and_change)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.codes = s.city.first_password = true;
    screen_type(&s, FIRST);
    screen_type(&s, "246810\r");
    see(&s, "Your password is a first one or too old");
    screen_type(&s, "long enough now\rlong enough now\r");
    see(&s, "2306042611230420");
    screen_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tui_entry");
    TCase *tc = tcase_create("entry");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_change);
    tcase_add_test(tc, test_change_in_chinese);
    tcase_add_test(tc, test_change_left);
    tcase_add_test(tc, test_code);
    tcase_add_test(tc, test_code_and_change);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
