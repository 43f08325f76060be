/* SPDX-License-Identifier: MIT */
/* Widths, cutting, the grid's whole-glyph invariant and the difference between two screens. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "client/term/diff.h"
#include "client/term/grid.h"
#include "client/term/width.h"

static const struct {
    const char *name, *text;
    int columns;
} widths[] = {
    {"ascii", "abc", 3},
    {"chinese", "网格通", 6},
    {"mixed", "a网b", 4},
    {"combining", "e\xcc\x81", 1},
    {"full width", "ＡＢ", 4},
    {"control", "a\x1b[31m", 6},
    {"bidi override",
     "a\xe2\x80\xae"
     "b",
     3},
    {"malformed",
     "a\xff"
     "b",
     3},
    {"cut sequence", "a\xe7\xbd", 3},
    {"empty", "", 0},
};

START_TEST(test_width)
{
    ck_assert_int_eq(width_str(widths[_i].text), widths[_i].columns);
}
END_TEST

static const struct {
    const char *text;
    int columns;
    const char *want;
} cuts[] = {
    {"abc", 3, "abc"},
    {"abcd", 3, "ab~"},
    {"网格通", 6, "网格通"},
    {"网格通", 5, "网格~"},
    {"网格通", 4, "网~"},
    {"网格通", 1, "~"},
    {"网格通", 0, ""},
    {"a\033b", 3, "a?b"},
    {"", 5, ""},
    {"e\xcc\x81x", 2, "e\xcc\x81x"},
};

START_TEST(test_cut)
{
    char out[64];
    int used = width_cut(out, sizeof out, cuts[_i].text, cuts[_i].columns);
    ck_assert_str_eq(out, cuts[_i].want);
    ck_assert_int_eq(used, width_str(out));
}
END_TEST

START_TEST(test_pad)
{
    char out[64];
    width_pad(out, sizeof out, "网", 5);
    ck_assert_str_eq(out, "网   ");
    width_pad(out, sizeof out, "网", -5);
    ck_assert_str_eq(out, "   网");
    width_pad(out, sizeof out, "网格通", 3);
    ck_assert_str_eq(out, "网~");
}
END_TEST

static void row_is(struct grid *g, int row, const char *want)
{
    char text[256];
    grid_row_text(g, row, text, sizeof text);
    ck_assert_str_eq(text, want);
}

/* Whatever is written wherever, there is never half a glyph. */
START_TEST(test_no_half_glyph)
{
    struct grid g = {0};
    ck_assert_int_eq(grid_resize(&g, 1, 8), 0);
    grid_put(&g, 0, 0, 8, 0, "网格通知");
    grid_put(&g, 0, 1, 1, 0, "x");
    row_is(&g, 0, " x格通知");
    grid_put(&g, 0, 4, 1, 0, "y");
    row_is(&g, 0, " x格y 知");
    grid_put(&g, 0, 5, 8, 0, "中文");
    row_is(&g, 0, " x格y中");
    grid_put(&g, 0, 7, 1, 0, "中");
    row_is(&g, 0, " x格y中");
    for (int c = 0; c < 8; c++) {
        struct cell *cell = grid_at(&g, 0, c);
        if (cell->width == 2)
            ck_assert_int_eq(grid_at(&g, 0, c + 1)->width, 0);
        if (cell->width == 0)
            ck_assert_int_eq(grid_at(&g, 0, c - 1)->width, 2);
    }
    grid_fini(&g);
}
END_TEST

START_TEST(test_put_cut)
{
    struct grid g = {0};
    ck_assert_int_eq(grid_resize(&g, 1, 7), 0);
    ck_assert_int_eq(grid_put_cut(&g, 0, 0, 99, 0, "网格通知"), 7);
    row_is(&g, 0, "网格通~");
    ck_assert_int_eq(grid_resize(&g, 0, 7), ERR_INVALID);
    grid_fini(&g);
}
END_TEST

static const struct diff_caps caps = {
    .cup = "\033[%i%p1%d;%p2%dH", .clear = "\033[2J", .el = "\033[K", .sgr0 = "\033[m", .reverse = "\033[7m"};

static struct buf emit(struct grid *shown, struct grid *want, bool whole)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(diff_emit(&caps, shown, want, whole, -1, 0, &out), 0);
    ck_assert_int_eq(buf_append(&out, "", 1), 0);
    return out;
}

START_TEST(test_diff)
{
    struct grid shown = {0}, want = {0};
    ck_assert_int_eq(grid_resize(&shown, 2, 20), 0);
    ck_assert_int_eq(grid_resize(&want, 2, 20), 0);
    grid_put(&want, 0, 0, 20, 0, "网格通 abc");
    struct buf out = emit(&shown, &want, true);
    ck_assert_str_eq((const char *)buf_data(&out), "\033[m\033[2J\033[1;1H网格通 abc");
    buf_fini(&out);
    out = emit(&shown, &want, false);
    ck_assert_str_eq((const char *)buf_data(&out), "");
    buf_fini(&out);
    /* a narrow letter over the left half of a wide glyph rewrites both columns */
    grid_put(&want, 0, 2, 1, 0, "x");
    out = emit(&shown, &want, false);
    ck_assert_str_eq((const char *)buf_data(&out), "\033[1;3Hx ");
    buf_fini(&out);
    grid_clear(&want);
    grid_put(&want, 0, 0, 20, 0, "网");
    out = emit(&shown, &want, false);
    ck_assert_str_eq((const char *)buf_data(&out), "\033[1;3H\033[K");
    buf_fini(&out);
    grid_attr(&want, 0, 0, 2, ATTR_REVERSE);
    out = emit(&shown, &want, false);
    ck_assert_str_eq((const char *)buf_data(&out), "\033[1;1H\033[7m网\033[m");
    buf_fini(&out);
    grid_fini(&shown);
    grid_fini(&want);
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *s = suite_create("tui_width");
    TCase *tc = tcase_create("width");
    tcase_add_loop_test(tc, test_width, 0, sizeof widths / sizeof *widths);
    tcase_add_loop_test(tc, test_cut, 0, sizeof cuts / sizeof *cuts);
    tcase_add_test(tc, test_pad);
    tcase_add_test(tc, test_no_half_glyph);
    tcase_add_test(tc, test_put_cut);
    tcase_add_test(tc, test_diff);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
