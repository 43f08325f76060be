/* SPDX-License-Identifier: MIT */
/* Figures as people read them: half-up at the last step, exact difference in points, 万 from ten thousand on. */
#include <stdlib.h>

#include <check.h>

#include "common/base/figure.h"

static const struct {
    int64_t n, d;
    const char *want;
} percents[] = {
    {14904, 18400, "81.00 %"},  {0, 0, "—"},        {0, 5, "0.00 %"},           {5, 5, "100.00 %"},
    {1, 3, "33.33 %"},          {2, 3, "66.67 %"},  {1, 8, "12.50 %"},          {12345, 100000, "12.35 %"},
    {12344, 100000, "12.34 %"}, {7, 5, "140.00 %"}, {94955, 100000, "94.96 %"}, {INT64_MAX, INT64_MAX, "100.00 %"},
};

START_TEST(percent_rounds_half_up)
{
    char out[FIGURE_TEXT_MAX];
    ck_assert_str_eq(figure_percent(percents[_i].n, percents[_i].d, out), percents[_i].want);
}
END_TEST

static const struct {
    int64_t n;
    const char *count;
    const char *wan;
} counts[] = {
    {0, "0", "0"},
    {999, "999", "999"},
    {1000, "1,000", "1,000"},
    {9999, "9,999", "9,999"},
    {10000, "10,000", "1.00万"},
    {18400, "18,400", "1.84万"},
    {18449, "18,449", "1.84万"},
    {18450, "18,450", "1.85万"},
    {1234567, "1,234,567", "123.46万"},
    {-1500, "-1,500", "-1,500"},
    {-18450, "-18,450", "-1.85万"},
    {INT64_MIN, "-9,223,372,036,854,775,808", "-922337203685477.58万"},
};

START_TEST(counts_group_and_turn_to_wan)
{
    char out[FIGURE_TEXT_MAX];
    ck_assert_str_eq(figure_count(counts[_i].n, out), counts[_i].count);
    ck_assert_str_eq(figure_wan(counts[_i].n, out), counts[_i].wan);
}
END_TEST

static const struct {
    int64_t n1, d1, n0, d0;
    const char *want;
} points[] = {
    {81, 100, 80, 100, "+1.00"},
    {80, 100, 81, 100, "-1.00"},
    {1, 2, 1, 2, "0.00"},
    {1, 0, 1, 2, "—"},
    {1, 2, 1, 0, "—"},
    /* 33.333… − 16.666… = 16.666…: the rounded rates (33.33 and 16.67) would give 16.66. */
    {1, 3, 1, 6, "+16.67"},
    {1, (INT64_C(1) << 56) - 1, 0, (INT64_C(1) << 56) - 1, "0.00"},
    {(INT64_C(1) << 56) - 1, (INT64_C(1) << 56) - 1, 0, (INT64_C(1) << 56) - 1, "+100.00"},
};

START_TEST(points_are_exact)
{
    char out[FIGURE_TEXT_MAX];
    ck_assert_str_eq(figure_points(points[_i].n1, points[_i].d1, points[_i].n0, points[_i].d0, out), points[_i].want);
}
END_TEST

START_TEST(change_is_signed)
{
    char out[FIGURE_TEXT_MAX];
    ck_assert_str_eq(figure_change(103, 100, out), "+3.00 %");
    ck_assert_str_eq(figure_change(97, 100, out), "-3.00 %");
    ck_assert_str_eq(figure_change(0, 100, out), "-100.00 %");
    ck_assert_str_eq(figure_change(5, 0, out), "—");
}
END_TEST

START_TEST(rate_takes_decimals)
{
    char out[FIGURE_TEXT_MAX];
    ck_assert_str_eq(figure_rate(14904, 18400, 0, out), "81");
    ck_assert_str_eq(figure_rate(14904, 18400, 1, out), "81.0");
    ck_assert_str_eq(figure_rate(1, 3, 6, out), "33.333333");
    ck_assert_str_eq(figure_rate(1, 3, 99, out), "33.333333");
    ck_assert_str_eq(figure_rate(1, 0, 1, out), "—");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("figure");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, percent_rounds_half_up, 0, sizeof percents / sizeof *percents);
    tcase_add_loop_test(t, counts_group_and_turn_to_wan, 0, sizeof counts / sizeof *counts);
    tcase_add_loop_test(t, points_are_exact, 0, sizeof points / sizeof *points);
    tcase_add_test(t, change_is_signed);
    tcase_add_test(t, rate_takes_decimals);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
