/* SPDX-License-Identifier: MIT */
/* Errors quote what other people wrote: whatever that was, text, field and detail stay UTF-8. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/text.h"

static const struct {
    const char *raw, *mended;
} rows[] = {
    {"", ""},
    {"plain", "plain"},
    {"网格通", "网格通"},
    {"a\xff"
     "b",
     "a?b"},
    {"\xa0= 4", "?= 4"},
    {"\xe4\xbd", ""},
    {"x\xe4\xbd", "x"},
    {"\xc0\x80z", "??z"},
    {"\xed\xa0\x80z", "???z"},
    {"\xe4\xbd网", "??网"},
};

START_TEST(mends_text)
{
    char s[64];
    ck_assert(text_copy(s, sizeof s, rows[_i].raw));
    text_mend(s);
    ck_assert_str_eq(s, rows[_i].mended);
    ck_assert(text_is_utf8(s, strlen(s)));
}
END_TEST

static const struct {
    const char *text;
    size_t visible;
} seen[] = {
    {"", 0},    {"网格 ab", 4}, {" \t\r\n", 0}, {"\u3000\u00a0\u200b\u2003", 0}, {"\u202e\u200f\ufeff\u2028\xc2\x9b\x1b", 0},
    {" x ", 1},
};

START_TEST(counts_what_is_visible)
{
    ck_assert_uint_eq(text_visible_chars(seen[_i].text), seen[_i].visible);
}
END_TEST

START_TEST(errors_are_utf8)
{
    struct err e;
    ck_assert_int_eq(err_field(&e, ERR_INVALID, rows[_i].raw, "%s", rows[_i].raw), ERR_INVALID);
    err_detail(&e, "%s", rows[_i].raw);
    ck_assert_str_eq(e.text, rows[_i].mended);
    ck_assert_str_eq(e.field, rows[_i].mended);
    ck_assert_str_eq(e.detail, rows[_i].mended);
}
END_TEST

/* A column's title is as long as its author likes; the cut must not fall inside a character. */
START_TEST(long_quotes_are_cut_at_characters)
{
    struct err e;
    char longest[400] = "";
    for (size_t n = 0; n + 4 < sizeof longest; n += 3)
        memcpy(longest + n, "网", 4);
    for (int i = 0; i < 3; i++) {
        memmove(longest + 1, longest, sizeof longest - 2);
        longest[0] = 'x';
        ck_assert_int_eq(err_field(&e, ERR_INVALID, longest, "%s", longest), ERR_INVALID);
        ck_assert(text_is_utf8(e.text, strlen(e.text)) && strlen(e.text) > sizeof e.text - 4);
        ck_assert(text_is_utf8(e.field, strlen(e.field)) && strlen(e.field) > sizeof e.field - 4);
        ck_assert_ptr_null(strchr(e.field, '?'));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base_err");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, mends_text, 0, sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(t, counts_what_is_visible, 0, sizeof seen / sizeof seen[0]);
    tcase_add_loop_test(t, errors_are_utf8, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, long_quotes_are_cut_at_characters);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
