/* SPDX-License-Identifier: MIT */
/* The working calendar and the clocks over it: the published vectors, and the properties that hold for every instant. */
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"

#define WH INT64_C(3600)

static struct calendar *cal;

static void set_up(void)
{
    struct calendar_spec spec;
    calendar_spec_default(&spec);
    struct calendar_override *days;
    char *text;
    size_t n = fx_holidays(&days, &text);
    struct err e;
    ck_assert_msg(calendar_create(&spec, days, n, &cal, &e) == 0, "%s", e.text);
    free(days);
    free(text);
}

static void tear_down(void)
{
    calendar_destroy(cal);
    cal = NULL;
}

static void assert_time(const char *name, usec_t got, usec_t want)
{
    char g[25], w[25];
    clock_format_rfc3339(got, g);
    clock_format_rfc3339(want, w);
    ck_assert_msg(got == want, "%s: got %s, want %s", name, g, w);
}

static const struct {
    const char *name;
    int from[5];
    int hours;
    int to[5];
} vectors[] = {
    {"over the Mid-Autumn holiday with a make-up Saturday", {2021, 9, 17, 16, 0}, 24, {2021, 9, 23, 16, 0}},
    {"over the National Day week", {2021, 9, 30, 17, 0}, 4, {2021, 10, 8, 11, 0}},
    {"over a make-up Saturday and a free Sunday", {2021, 10, 8, 17, 0}, 16, {2021, 10, 11, 17, 0}},
    {"over the Spring Festival", {2021, 2, 10, 10, 0}, 40, {2021, 2, 23, 10, 0}},
    {"over the New Year", {2021, 12, 31, 15, 0}, 8, {2022, 1, 4, 15, 0}},
    {"into a make-up Saturday", {2026, 2, 13, 17, 0}, 4, {2026, 2, 14, 11, 0}},
    {"over the National Day week of 2026", {2026, 9, 30, 9, 0}, 16, {2026, 10, 9, 9, 0}},
    {"an exact fit ends at 18:00", {2021, 9, 22, 14, 0}, 4, {2021, 9, 22, 18, 0}},
    {"an exact fit ends at 12:00", {2021, 9, 22, 8, 0}, 4, {2021, 9, 22, 12, 0}},
    {"a start at night counts from the morning", {2021, 9, 22, 22, 0}, 1, {2021, 9, 23, 9, 0}},
    {"a start at noon counts from 14:00", {2021, 9, 22, 12, 30}, 1, {2021, 9, 22, 15, 0}},
    {"nothing to add leaves the night alone", {2021, 9, 22, 22, 0}, 0, {2021, 9, 22, 22, 0}},
};

START_TEST(adds_working_hours)
{
    usec_t from =
        fx_time(vectors[_i].from[0], vectors[_i].from[1], vectors[_i].from[2], vectors[_i].from[3], vectors[_i].from[4]);
    usec_t to = fx_time(vectors[_i].to[0], vectors[_i].to[1], vectors[_i].to[2], vectors[_i].to[3], vectors[_i].to[4]);
    assert_time(vectors[_i].name, calendar_add(cal, from, vectors[_i].hours * WH), to);
    ck_assert_int_eq(calendar_between(cal, from, to), vectors[_i].hours * WH);
}
END_TEST

START_TEST(counts_working_days)
{
    assert_time("3 working days", calendar_add_workdays(cal, fx_friday(16, 0), 3), fx_time(2021, 9, 23, 18, 0));
    assert_time("from a holiday", calendar_add_workdays(cal, fx_time(2021, 10, 2, 9, 0), 1), fx_time(2021, 10, 8, 18, 0));
    assert_time("2 calendar days", calendar_add_days(cal, fx_friday(16, 0), 2), fx_time(2021, 9, 20, 0, 0));
    int32_t first = clock_days_from_civil(2021, 1, 1);
    ck_assert_int_eq(calendar_count_workdays(cal, first, first + 364), 250);
    first = clock_days_from_civil(2026, 1, 1);
    ck_assert_int_eq(calendar_count_workdays(cal, first, first + 364), 248);
    ck_assert_int_eq(calendar_count_workdays(cal, first, first - 1), 0);
    ck_assert(calendar_is_workday(cal, clock_days_from_civil(2021, 9, 18)));
    ck_assert(!calendar_is_workday(cal, clock_days_from_civil(2021, 9, 19)));
    ck_assert_str_eq(calendar_override_name(cal, clock_days_from_civil(2021, 10, 1)), "国庆节");
    ck_assert_ptr_null(calendar_override_name(cal, clock_days_from_civil(2021, 10, 13)));
    ck_assert_int_eq(calendar_published_to(cal), clock_days_from_civil(2026, 12, 31));
}
END_TEST

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

START_TEST(holds_its_properties)
{
    uint64_t seed = 20210917;
    usec_t base = fx_time(2018, 1, 1, 0, 0);
    for (int i = 0; i < 20000; i++) {
        usec_t t = base + (usec_t)(next(&seed) % (9 * 365 * 86400u)) * USEC_PER_SEC;
        int64_t a = (int64_t)(next(&seed) % (60 * 3600)), b = (int64_t)(next(&seed) % (60 * 3600));
        usec_t ta = calendar_add(cal, t, a);
        ck_assert_int_eq(calendar_between(cal, t, ta), a);
        ck_assert_int_ge(ta, t);
        ck_assert_int_eq(calendar_add(cal, ta, b), calendar_add(cal, t, a + b));
        ck_assert_int_ge(calendar_add(cal, t, a + 1), ta);
        ck_assert_int_ge(calendar_add(cal, t + USEC_PER_SEC, a), ta);
        usec_t back = calendar_sub(cal, ta, a);
        ck_assert_int_eq(calendar_between(cal, back, ta), a);
        if (calendar_is_working_time(cal, t))
            ck_assert_int_eq(back, t);
        else
            ck_assert_int_eq(calendar_between(cal, back, t), 0);
        usec_t tb = calendar_sub(cal, t, b);
        ck_assert_int_eq(calendar_between(cal, tb, t), b);
        ck_assert_int_le(tb, t);
        ck_assert_int_eq(calendar_between(cal, t, ta), -calendar_between(cal, ta, t));
    }
}
END_TEST

START_TEST(ends_with_its_range)
{
    usec_t late = fx_time(2079, 12, 29, 9, 0), end = fx_time(2080, 1, 1, 0, 0);
    ck_assert_int_eq(calendar_add(cal, late, 1000 * WH), end);
    ck_assert_int_eq(calendar_add(cal, late, INT64_MAX), end);
    ck_assert_int_eq(calendar_sub(cal, fx_time(1990, 1, 2, 9, 0), 1000 * WH), fx_time(1990, 1, 1, 0, 0));
    ck_assert_int_eq(calendar_between(cal, fx_time(1970, 1, 1, 0, 0), fx_time(1990, 1, 1, 8, 0)), 0);
    ck_assert_int_eq(calendar_add_workdays(cal, late, 100), end);
}
END_TEST

START_TEST(takes_part_days)
{
    struct calendar_spec spec;
    calendar_spec_default(&spec);
    struct calendar_override part = {
        .day = clock_days_from_civil(2021, 9, 17), .working = true, .custom = true, .name = "半天"};
    part.plan = (struct calendar_day_plan){.n = 1, .shifts = {{9 * 3600, 11 * 3600}}};
    struct calendar *c;
    ck_assert_int_eq(calendar_create(&spec, &part, 1, &c, NULL), 0);
    assert_time("part day", calendar_add(c, fx_friday(8, 0), 3 * WH), fx_time(2021, 9, 20, 9, 0));
    assert_time("its end", calendar_add_workdays(c, fx_time(2021, 9, 16, 9, 0), 1), fx_friday(11, 0));
    calendar_destroy(c);
}
END_TEST

static const struct {
    const char *name;
    struct calendar_override days[2];
    size_t n;
} bad[] = {
    {"the same day twice", {{.day = 18000}, {.day = 18000, .working = true}}, 2},
    {"before the range", {{.day = 0}}, 1},
    {"an interval that ends before it starts",
     {{.day = 18000, .working = true, .custom = true, .plan = {1, {{3600, 3600}}}}},
     1},
    {"intervals that overlap", {{.day = 18000, .working = true, .custom = true, .plan = {2, {{0, 3600}, {1800, 7200}}}}}, 1},
    {"an interval beyond midnight", {{.day = 18000, .working = true, .custom = true, .plan = {1, {{0, 86401}}}}}, 1},
};

START_TEST(refuses_bad_days)
{
    struct calendar_spec spec;
    calendar_spec_default(&spec);
    struct calendar *c = NULL;
    struct err e;
    ck_assert_msg(calendar_create(&spec, bad[_i].days, bad[_i].n, &c, &e) == ERR_INVALID, "%s", bad[_i].name);
    ck_assert_ptr_null(c);
}
END_TEST

/* The classic bug adds the pause of the wall clock as working time. */
START_TEST(pauses_with_its_own_calendar)
{
    struct case_clock k;
    deadline_clear(&k);
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, 4 * 3600, fx_time(2021, 11, 12, 16, 0));
    assert_time("due", k.due_at, fx_time(2021, 11, 15, 10, 0));
    deadline_pause(&k, cal, fx_time(2021, 11, 12, 17, 0));
    ck_assert_int_eq(k.consumed_s, 3600);
    ck_assert_int_eq(k.due_at, USEC_NONE);
    ck_assert(!deadline_is_late(&k, cal, fx_time(2022, 1, 1, 0, 0)));
    deadline_resume(&k, cal, fx_time(2021, 11, 15, 9, 0));
    assert_time("due after the pause", k.due_at, fx_time(2021, 11, 15, 12, 0));
    ck_assert_int_eq(deadline_consumed(&k, cal, fx_time(2021, 11, 15, 10, 0)), 2 * WH);
    deadline_resume(&k, cal, fx_time(2021, 11, 15, 10, 0));
    assert_time("a second resume changes nothing", k.due_at, fx_time(2021, 11, 15, 12, 0));
}
END_TEST

START_TEST(runs_through_nights_when_urgent)
{
    struct case_clock k;
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_URGENT, 4 * 3600, fx_time(2021, 10, 1, 22, 0));
    assert_time("due", k.due_at, fx_time(2021, 10, 2, 2, 0));
    ck_assert(!deadline_is_provisional(&k, cal));
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, 4 * 3600, fx_time(2026, 12, 31, 17, 0));
    ck_assert(deadline_is_provisional(&k, cal));
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, 4 * 3600, fx_time(2026, 12, 30, 9, 0));
    ck_assert(!deadline_is_provisional(&k, cal));
}
END_TEST

START_TEST(shows_its_light)
{
    static const struct {
        int hour, minute;
        enum light light;
    } rows[] = {{9, 0, LIGHT_GREEN}, {16, 24, LIGHT_GREEN}, {16, 30, LIGHT_YELLOW}, {18, 0, LIGHT_YELLOW}, {18, 1, LIGHT_RED}};
    struct case_clock k;
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, 8 * 3600, fx_friday(8, 0));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_int_eq(deadline_light(&k, cal, fx_friday(rows[i].hour, rows[i].minute)), rows[i].light);
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, 0, fx_friday(8, 0));
    ck_assert_int_eq(deadline_light(&k, cal, fx_friday(18, 0)), LIGHT_NONE);
    ck_assert_int_eq(k.due_at, USEC_NONE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain calendar");
    TCase *t = tcase_create("calendar");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, adds_working_hours, 0, sizeof(vectors) / sizeof(vectors[0]));
    tcase_add_test(t, counts_working_days);
    tcase_add_test(t, holds_its_properties);
    tcase_add_test(t, ends_with_its_range);
    tcase_add_test(t, takes_part_days);
    tcase_add_loop_test(t, refuses_bad_days, 0, sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(t, pauses_with_its_own_calendar);
    tcase_add_test(t, runs_through_nights_when_urgent);
    tcase_add_test(t, shows_its_light);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
