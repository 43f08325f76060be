/* SPDX-License-Identifier: MIT */
/* Clocks in every unit, their lights, extensions, replays and explanations: hand-computed instants over the real holiday lists.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/domain/explain.h"

#define WH(h) ((h)*3600)
#define D(n)  ((n)*86400)

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
    char g[25] = "none", w[25] = "none";
    if (got != USEC_NONE)
        clock_format_rfc3339(got, g);
    if (want != USEC_NONE)
        clock_format_rfc3339(want, w);
    ck_assert_msg(got == want, "%s: got %s, want %s", name, g, w);
}

/* September 2021: Fri 17, Sat 18 make-up, Sun 19 to Tue 21 Mid-Autumn, Wed 22 to Sat 25 (free), Sun 26 make-up. */
static usec_t sep(int day, int hour, int minute)
{
    return fx_time(2021, 9, day, hour, minute);
}

START_TEST(due_in_each_unit)
{
    const struct {
        const char *name;
        enum time_unit unit;
        int32_t limit;
        usec_t from, due;
    } rows[] = {
        {"three working days", UNIT_WORKDAY, D(3), sep(17, 16, 0), sep(23, 18, 0)},
        {"from midnight too", UNIT_WORKDAY, D(3), sep(17, 0, 0), sep(23, 18, 0)},
        {"from a holiday", UNIT_WORKDAY, D(1), sep(20, 9, 0), sep(22, 18, 0)},
        {"the make-up day is one", UNIT_WORKDAY, D(1), sep(17, 23, 59), sep(18, 18, 0)},
        {"a started day counts whole", UNIT_WORKDAY, D(1) + 1, sep(17, 16, 0), sep(22, 18, 0)},
        {"two calendar days", UNIT_DAY, D(2), sep(17, 16, 0), sep(20, 0, 0)},
        {"urgent hours", UNIT_URGENT, WH(24), sep(17, 16, 0), sep(18, 16, 0)},
        {"working hours", UNIT_WORKING, WH(24), sep(17, 16, 0), sep(23, 16, 0)},
        {"no limit", UNIT_WORKING, 0, sep(17, 16, 0), USEC_NONE},
        {"less than none", UNIT_WORKDAY, -D(1), sep(17, 16, 0), USEC_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_clock k;
        deadline_start(&k, cal, CLOCK_HANDLE, rows[i].unit, rows[i].limit, rows[i].from);
        assert_time(rows[i].name, k.due_at, rows[i].due);
        if (rows[i].due == USEC_NONE)
            continue;
        ck_assert(!deadline_is_late(&k, cal, rows[i].due));
        ck_assert(deadline_is_late(&k, cal, rows[i].due + 1));
        ck_assert_int_le(deadline_consumed(&k, cal, rows[i].due), rows[i].limit + D(1) - 1);
    }
}
END_TEST

START_TEST(pauses_in_days)
{
    const struct {
        const char *name;
        enum time_unit unit;
        int32_t limit;
        usec_t from, pause, resume, due;
        int32_t consumed;
    } rows[] = {
        {"within a day moves nothing", UNIT_WORKDAY, D(3), sep(17, 16, 0), sep(18, 9, 0), sep(18, 15, 0), sep(23, 18, 0), D(1)},
        {"over a night moves one", UNIT_WORKDAY, D(3), sep(17, 16, 0), sep(22, 17, 0), sep(23, 8, 0), sep(24, 18, 0), D(2)},
        {"over a holiday moves nothing", UNIT_WORKDAY, D(3), sep(17, 16, 0), sep(19, 9, 0), sep(21, 9, 0), sep(23, 18, 0),
         D(1)},
        {"into a working day moves it", UNIT_WORKDAY, D(3), sep(17, 16, 0), sep(19, 9, 0), sep(22, 9, 0), sep(24, 18, 0), D(1)},
        {"before the first day begins", UNIT_WORKDAY, D(3), sep(17, 16, 0), sep(17, 17, 0), sep(18, 9, 0), sep(24, 18, 0), 0},
        {"on the last day, resumed on it", UNIT_WORKDAY, D(1), sep(17, 16, 0), sep(18, 9, 0), sep(18, 15, 0), sep(18, 18, 0),
         D(1)},
        {"on the last day, resumed on a later", UNIT_WORKDAY, D(1), sep(17, 16, 0), sep(18, 9, 0), sep(22, 9, 0),
         sep(22, 18, 0), D(1)},
        {"on the last day, resumed on a holiday", UNIT_WORKDAY, D(1), sep(17, 16, 0), sep(18, 9, 0), sep(20, 9, 0),
         sep(22, 18, 0), D(1)},
        {"on the last day, resumed in the evening", UNIT_WORKDAY, D(1), sep(17, 16, 0), sep(18, 9, 0), sep(18, 19, 0),
         sep(22, 18, 0), D(1)},
        {"calendar days move by nights", UNIT_DAY, D(3), sep(17, 16, 0), sep(18, 9, 0), sep(20, 9, 0), sep(23, 0, 0), D(1)},
        {"calendar days, the last one", UNIT_DAY, D(1), sep(17, 16, 0), sep(18, 9, 0), sep(20, 9, 0), sep(21, 0, 0), D(1)},
        {"late stays late", UNIT_WORKDAY, D(1), sep(17, 16, 0), sep(18, 18, 30), sep(22, 9, 0), sep(22, 9, 0), D(1)},
        {"late by an exact fit stays late", UNIT_WORKING, WH(2), sep(17, 16, 0), sep(17, 20, 0), sep(18, 9, 0), sep(18, 9, 0),
         WH(2)},
        {"an exact fit in time is due at once", UNIT_WORKING, WH(2), sep(17, 16, 0), sep(17, 18, 0), sep(18, 9, 0),
         sep(18, 9, 0), WH(2)},
        {"urgent hours wait too", UNIT_URGENT, WH(4), sep(17, 16, 0), sep(17, 17, 0), sep(19, 3, 0), sep(19, 6, 0), WH(1)},
        {"the classic bug", UNIT_WORKING, WH(4), fx_time(2021, 11, 12, 16, 0), fx_time(2021, 11, 12, 17, 0),
         fx_time(2021, 11, 15, 9, 0), fx_time(2021, 11, 15, 12, 0), WH(1)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_clock k;
        deadline_start(&k, cal, CLOCK_HANDLE, rows[i].unit, rows[i].limit, rows[i].from);
        bool late = deadline_is_late(&k, cal, rows[i].pause);
        deadline_pause(&k, cal, rows[i].pause);
        ck_assert_msg(k.consumed_s == rows[i].consumed, "%s: consumed %d", rows[i].name, k.consumed_s);
        ck_assert_msg(deadline_is_late(&k, cal, rows[i].resume) == late, "%s", rows[i].name);
        deadline_resume(&k, cal, rows[i].resume);
        assert_time(rows[i].name, k.due_at, rows[i].due);
        ck_assert_msg(deadline_is_late(&k, cal, rows[i].resume) == late, "%s", rows[i].name);
        ck_assert(deadline_is_late(&k, cal, rows[i].due + 1));

        struct clock_run runs[] = {{rows[i].from, rows[i].pause}, {rows[i].resume, USEC_NONE}};
        struct deadline_replay again;
        deadline_replay(cal, CLOCK_HANDLE, rows[i].unit, rows[i].limit, runs, 2, &again);
        assert_time(rows[i].name, again.clock.due_at, rows[i].due);
        ck_assert_int_eq(again.clock.consumed_s, k.consumed_s);
        if (!late)
            assert_time(rows[i].name, again.due_at, rows[i].due);
        else
            ck_assert_int_lt(again.due_at, rows[i].pause);
    }
}
END_TEST

START_TEST(cuts_instants_to_seconds)
{
    struct case_clock k;
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, WH(1), sep(17, 9, 0) + 999999);
    assert_time("due", k.due_at, sep(17, 10, 0));
    deadline_pause(&k, cal, sep(17, 9, 30) + 999999);
    ck_assert_int_eq(k.consumed_s, 1800);
    deadline_resume(&k, cal, sep(17, 9, 30) + 999999);
    assert_time("due", k.due_at, sep(17, 10, 0));
}
END_TEST

START_TEST(knows_when_lights_change)
{
    const struct {
        const char *name;
        enum time_unit unit;
        int32_t limit, consumed;
        usec_t from, yellow, red;
    } rows[] = {
        {"eight hours", UNIT_WORKING, WH(8), 0, sep(17, 8, 0), sep(17, 16, 24) + 1, sep(17, 18, 0) + 1},
        {"80 % end with the shift", UNIT_WORKING, WH(5), 0, sep(17, 8, 0), sep(17, 14, 0) + 1, sep(17, 15, 0) + 1},
        {"some is used up", UNIT_WORKING, WH(10), WH(7), sep(17, 8, 0), sep(17, 9, 0) + 1, sep(17, 11, 0) + 1},
        {"80 % are used up", UNIT_WORKING, WH(10), WH(8), sep(17, 8, 0), sep(17, 8, 0) + 1, sep(17, 10, 0) + 1},
        {"it was yellow", UNIT_WORKING, WH(10), WH(9), sep(17, 8, 0), sep(17, 8, 0), sep(17, 9, 0) + 1},
        {"urgent", UNIT_URGENT, WH(10), 0, sep(17, 20, 0), sep(18, 4, 0) + 1, sep(18, 6, 0) + 1},
        {"five working days", UNIT_WORKDAY, D(5), 0, sep(17, 16, 0), sep(26, 0, 0), sep(26, 18, 0) + 1},
        {"one working day", UNIT_WORKDAY, D(1), 0, sep(18, 16, 0), sep(22, 0, 0), sep(22, 18, 0) + 1},
        {"ten days, three used", UNIT_DAY, D(10), D(3), sep(17, 16, 0), sep(23, 0, 0), sep(25, 0, 0) + 1},
        {"no limit", UNIT_WORKING, 0, 0, sep(17, 8, 0), USEC_NONE, USEC_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_clock k = {.kind = CLOCK_HANDLE,
                               .unit = rows[i].unit,
                               .limit_s = rows[i].limit,
                               .consumed_s = rows[i].consumed,
                               .running_since = USEC_NONE,
                               .due_at = USEC_NONE};
        deadline_resume(&k, cal, rows[i].from);
        struct deadline_lights l;
        deadline_lights(&k, cal, &l);
        assert_time(rows[i].name, l.yellow_at, rows[i].yellow);
        assert_time(rows[i].name, l.red_at, rows[i].red);
        if (!rows[i].limit)
            continue;
        if (l.yellow_at > rows[i].from) {
            ck_assert_int_eq(deadline_light(&k, cal, l.yellow_at - 1), LIGHT_GREEN);
            assert_time(rows[i].name, deadline_next_light(&k, cal, rows[i].from), l.yellow_at);
        }
        ck_assert_int_eq(deadline_light(&k, cal, l.yellow_at), LIGHT_YELLOW);
        ck_assert_int_eq(deadline_light(&k, cal, l.red_at - 1), LIGHT_YELLOW);
        ck_assert_int_eq(deadline_light(&k, cal, l.red_at), LIGHT_RED);
        assert_time(rows[i].name, deadline_next_light(&k, cal, l.yellow_at), l.red_at);
        ck_assert_int_eq(deadline_next_light(&k, cal, l.red_at), USEC_NONE);
        deadline_pause(&k, cal, rows[i].from + USEC_PER_SEC);
        deadline_lights(&k, cal, &l);
        ck_assert_int_eq(l.yellow_at, USEC_NONE);
        ck_assert_int_eq(deadline_light(&k, cal, sep(30, 0, 0)),
                         rows[i].consumed * 100LL > rows[i].limit * 80LL || i == 3 ? LIGHT_YELLOW : LIGHT_GREEN);
    }
    struct case_clock late;
    deadline_start(&late, cal, CLOCK_HANDLE, UNIT_WORKDAY, D(1), sep(17, 16, 0));
    deadline_pause(&late, cal, sep(18, 19, 0));
    ck_assert_int_eq(deadline_light(&late, cal, sep(18, 19, 0)), LIGHT_RED);
    deadline_resume(&late, cal, sep(22, 9, 0));
    ck_assert_int_eq(deadline_light(&late, cal, sep(22, 9, 0)), LIGHT_RED);
    struct deadline_lights l;
    deadline_lights(&late, cal, &l);
    assert_time("red from the start", l.red_at, sep(22, 9, 0));
}
END_TEST

START_TEST(is_provisional_beyond_the_lists)
{
    const struct {
        enum time_unit unit;
        int32_t limit;
        usec_t from;
        bool provisional;
    } rows[] = {
        {UNIT_WORKING, WH(4), fx_time(2026, 12, 31, 9, 0), false}, {UNIT_WORKING, WH(8), fx_time(2026, 12, 31, 9, 0), true},
        {UNIT_WORKDAY, D(1), fx_time(2026, 12, 30, 9, 0), false},  {UNIT_WORKDAY, D(1), fx_time(2026, 12, 31, 9, 0), true},
        {UNIT_DAY, D(9), fx_time(2026, 12, 31, 9, 0), false},      {UNIT_URGENT, D(9), fx_time(2026, 12, 31, 9, 0), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_clock k;
        deadline_start(&k, cal, CLOCK_HANDLE, rows[i].unit, rows[i].limit, rows[i].from);
        ck_assert_int_eq(deadline_is_provisional(&k, cal), rows[i].provisional);
        struct clock_run run = {rows[i].from, USEC_NONE};
        struct deadline_replay r;
        deadline_replay(cal, CLOCK_HANDLE, rows[i].unit, rows[i].limit, &run, 1, &r);
        ck_assert_int_eq(r.provisional, rows[i].provisional);
    }
}
END_TEST

/* The list of 2027 comes and makes 4 to 8 January a holiday. */
START_TEST(is_computed_anew_when_the_list_comes)
{
    struct case_clock k;
    deadline_start(&k, cal, CLOCK_HANDLE, UNIT_WORKING, WH(16), fx_time(2026, 12, 31, 9, 0));
    assert_time("provisional", k.due_at, fx_time(2027, 1, 4, 9, 0));
    struct calendar_override list[5];
    for (int i = 0; i < 5; i++)
        list[i] = (struct calendar_override){.day = clock_days_from_civil(2027, 1, 4 + i), .name = "元旦"};
    struct calendar_spec spec;
    calendar_spec_default(&spec);
    struct calendar *c;
    ck_assert_int_eq(calendar_create(&spec, list, 5, &c, NULL), 0);
    ck_assert(deadline_is_provisional(&k, cal));
    deadline_refresh(&k, c);
    assert_time("final", k.due_at, fx_time(2027, 1, 11, 9, 0));
    ck_assert(!deadline_is_provisional(&k, c));
    deadline_pause(&k, c, fx_time(2027, 1, 9, 9, 0));
    ck_assert_int_eq(k.consumed_s, WH(15));
    deadline_refresh(&k, c);
    ck_assert_int_eq(k.due_at, USEC_NONE);
    calendar_destroy(c);
}
END_TEST

struct want {
    usec_t from, to;
    enum explain_reason reason;
    int32_t days;
    int64_t counted;
    const char *name;
    bool expected, overdue;
};

static void assert_rows(const struct explain_input *in, const struct want *want, size_t n, usec_t due, int64_t consumed)
{
    struct explain_row rows[EXPLAIN_MAX_ROWS];
    struct explain_result r;
    explain_clock(in, rows, EXPLAIN_MAX_ROWS, &r);
    assert_time("due", r.due_at, due);
    ck_assert_int_eq(r.consumed_s, consumed);
    ck_assert_uint_eq(r.n, n);
    int64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "row %zu", i);
        assert_time(name, rows[i].from, want[i].from);
        assert_time(name, rows[i].to, want[i].to);
        ck_assert_msg(rows[i].reason == want[i].reason, "row %zu: %s, want %s", i, explain_reason_name(rows[i].reason),
                      explain_reason_name(want[i].reason));
        ck_assert_int_eq(rows[i].days, want[i].days);
        ck_assert_int_eq(rows[i].counted_s, want[i].counted);
        ck_assert_str_eq(rows[i].name, want[i].name ? want[i].name : "");
        ck_assert_int_eq(rows[i].expected, want[i].expected);
        ck_assert_int_eq(rows[i].overdue, want[i].overdue);
        total += rows[i].counted_s;
        ck_assert_int_eq(rows[i].total_s, total);
    }
}

/* Friday 16:00, 24 working hours, over a make-up Saturday and the Mid-Autumn holiday. */
START_TEST(explains_working_hours)
{
    const struct explain_span span = {sep(17, 16, 0), USEC_NONE, true};
    const struct explain_input in = {
        .calendar = cal, .unit = UNIT_WORKING, .limit_s = WH(24), .spans = &span, .nspans = 1, .now = sep(22, 10, 0)};
    const struct want want[] = {
        {sep(17, 16, 0), sep(17, 18, 0), EXPLAIN_WORKED, 0, WH(2), NULL, false, false},
        {sep(17, 18, 0), sep(18, 0, 0), EXPLAIN_OFF_SHIFT, 0, 0, NULL, false, false},
        {sep(18, 0, 0), sep(19, 0, 0), EXPLAIN_MAKE_UP, 1, WH(8), "中秋节", false, false},
        {sep(19, 0, 0), sep(22, 0, 0), EXPLAIN_HOLIDAY, 3, 0, "中秋节", false, false},
        {sep(22, 0, 0), sep(22, 8, 0), EXPLAIN_OFF_SHIFT, 0, 0, NULL, false, false},
        {sep(22, 8, 0), sep(22, 10, 0), EXPLAIN_WORKED, 0, WH(2), NULL, false, false},
        {sep(22, 10, 0), sep(22, 12, 0), EXPLAIN_WORKED, 0, WH(2), NULL, true, false},
        {sep(22, 12, 0), sep(22, 14, 0), EXPLAIN_OFF_SHIFT, 0, 0, NULL, true, false},
        {sep(22, 14, 0), sep(22, 18, 0), EXPLAIN_WORKED, 0, WH(4), NULL, true, false},
        {sep(22, 18, 0), sep(23, 8, 0), EXPLAIN_OFF_SHIFT, 0, 0, NULL, true, false},
        {sep(23, 8, 0), sep(23, 12, 0), EXPLAIN_WORKED, 0, WH(4), NULL, true, false},
        {sep(23, 12, 0), sep(23, 14, 0), EXPLAIN_OFF_SHIFT, 0, 0, NULL, true, false},
        {sep(23, 14, 0), sep(23, 16, 0), EXPLAIN_WORKED, 0, WH(2), NULL, true, false},
    };
    assert_rows(&in, want, sizeof(want) / sizeof(want[0]), sep(23, 16, 0), WH(12));
}
END_TEST

START_TEST(explains_a_pause_and_what_is_overdue)
{
    const usec_t f16 = fx_time(2021, 11, 12, 16, 0), f17 = fx_time(2021, 11, 12, 17, 0), m9 = fx_time(2021, 11, 15, 9, 0),
                 m12 = fx_time(2021, 11, 15, 12, 0), m14 = fx_time(2021, 11, 15, 14, 0), m15 = fx_time(2021, 11, 15, 15, 0);
    const struct explain_span spans[] = {{f16, f17, true}, {f17, f17, true}, {f17, m9, false}, {m9, USEC_NONE, true}};
    const struct explain_input in = {
        .calendar = cal, .unit = UNIT_WORKING, .limit_s = WH(4), .spans = spans, .nspans = 4, .now = m15};
    const struct want want[] = {
        {f16, f17, EXPLAIN_WORKED, 0, WH(1), NULL, false, false}, {f17, m9, EXPLAIN_PAUSED, 0, 0, NULL, false, false},
        {m9, m12, EXPLAIN_WORKED, 0, WH(3), NULL, false, false},  {m12, m14, EXPLAIN_OFF_SHIFT, 0, 0, NULL, false, true},
        {m14, m15, EXPLAIN_WORKED, 0, WH(1), NULL, false, true},
    };
    assert_rows(&in, want, sizeof(want) / sizeof(want[0]), m12, WH(5));
}
END_TEST

/* Extended to Monday 22:00: the limit grew by the working time until then, the due time is what was granted. */
START_TEST(explains_up_to_what_was_granted)
{
    const usec_t m16 = fx_time(2021, 11, 15, 16, 0), m18 = fx_time(2021, 11, 15, 18, 0), m22 = fx_time(2021, 11, 15, 22, 0);
    const struct explain_span span = {m16, USEC_NONE, true};
    const struct explain_input in = {.calendar = cal,
                                     .unit = UNIT_WORKING,
                                     .limit_s = WH(2),
                                     .spans = &span,
                                     .nspans = 1,
                                     .now = m16,
                                     .granted_due_at = m22};
    const struct want want[] = {
        {m16, m18, EXPLAIN_WORKED, 0, WH(2), NULL, true, false},
        {m18, m22, EXPLAIN_OFF_SHIFT, 0, 0, NULL, true, false},
    };
    assert_rows(&in, want, 2, m22, 0);
}
END_TEST

START_TEST(explains_days)
{
    const struct explain_span spans[] = {
        {sep(17, 16, 0), sep(18, 9, 0), true}, {sep(18, 9, 0), sep(20, 9, 0), false}, {sep(20, 9, 0), USEC_NONE, true}};
    struct explain_input in = {
        .calendar = cal, .unit = UNIT_WORKDAY, .limit_s = D(3), .spans = spans, .nspans = 3, .now = sep(22, 10, 0)};
    const struct want workdays[] = {
        {sep(17, 16, 0), sep(18, 0, 0), EXPLAIN_FIRST_DAY, 0, 0, NULL, false, false},
        {sep(18, 0, 0), sep(18, 9, 0), EXPLAIN_MAKE_UP, 0, D(1), "中秋节", false, false},
        {sep(18, 9, 0), sep(20, 9, 0), EXPLAIN_PAUSED, 0, 0, NULL, false, false},
        {sep(20, 9, 0), sep(21, 0, 0), EXPLAIN_FIRST_DAY, 0, 0, NULL, false, false},
        {sep(21, 0, 0), sep(22, 0, 0), EXPLAIN_HOLIDAY, 1, 0, "中秋节", false, false},
        {sep(22, 0, 0), sep(22, 10, 0), EXPLAIN_WORKED, 0, D(1), NULL, false, false},
        {sep(22, 10, 0), sep(23, 0, 0), EXPLAIN_WORKED, 0, 0, NULL, true, false},
        {sep(23, 0, 0), sep(23, 18, 0), EXPLAIN_WORKED, 0, D(1), NULL, true, false},
    };
    assert_rows(&in, workdays, sizeof(workdays) / sizeof(workdays[0]), sep(23, 18, 0), D(2));
    /* One day: paused on the last, resumed on a holiday, the unfinished day is given back. */
    in.limit_s = D(1);
    const struct want given_back[] = {
        {sep(17, 16, 0), sep(18, 0, 0), EXPLAIN_FIRST_DAY, 0, 0, NULL, false, false},
        {sep(18, 0, 0), sep(18, 9, 0), EXPLAIN_MAKE_UP, 0, D(1), "中秋节", false, false},
        {sep(18, 9, 0), sep(20, 9, 0), EXPLAIN_PAUSED, 0, -D(1), NULL, false, false},
        {sep(20, 9, 0), sep(21, 0, 0), EXPLAIN_FIRST_DAY, 0, 0, NULL, false, false},
        {sep(21, 0, 0), sep(22, 0, 0), EXPLAIN_HOLIDAY, 1, 0, "中秋节", false, false},
        {sep(22, 0, 0), sep(22, 10, 0), EXPLAIN_WORKED, 0, D(1), NULL, false, false},
        {sep(22, 10, 0), sep(22, 18, 0), EXPLAIN_WORKED, 0, 0, NULL, true, false},
    };
    assert_rows(&in, given_back, sizeof(given_back) / sizeof(given_back[0]), sep(22, 18, 0), D(1));
}
END_TEST

START_TEST(explains_urgent_hours_and_no_limit)
{
    const struct explain_span span = {sep(17, 16, 0), USEC_NONE, true};
    struct explain_input in = {
        .calendar = cal, .unit = UNIT_URGENT, .limit_s = WH(4), .spans = &span, .nspans = 1, .now = sep(17, 18, 0)};
    const struct want urgent[] = {
        {sep(17, 16, 0), sep(17, 18, 0), EXPLAIN_URGENT, 0, WH(2), NULL, false, false},
        {sep(17, 18, 0), sep(17, 20, 0), EXPLAIN_URGENT, 0, WH(2), NULL, true, false},
    };
    assert_rows(&in, urgent, 2, sep(17, 20, 0), WH(2));
    in.limit_s = 0;
    assert_rows(&in, urgent, 1, USEC_NONE, WH(2));
    in.nspans = 0;
    assert_rows(&in, NULL, 0, USEC_NONE, 0);
}
END_TEST

/* Two years of weeks do not fit: what is left is one row, and nothing is lost. */
START_TEST(stays_within_its_rows)
{
    const struct explain_span span = {fx_time(2019, 1, 1, 0, 0), USEC_NONE, true};
    const struct explain_input in = {.calendar = cal,
                                     .unit = UNIT_WORKING,
                                     .limit_s = WH(8) * 500,
                                     .spans = &span,
                                     .nspans = 1,
                                     .now = fx_time(2019, 1, 1, 0, 0)};
    struct explain_row rows[20];
    struct explain_result r;
    explain_clock(&in, rows, 20, &r);
    ck_assert_uint_eq(r.n, 20);
    ck_assert(r.abridged);
    ck_assert_int_eq(rows[19].reason, EXPLAIN_ABRIDGED);
    assert_time("end", rows[19].to, r.due_at);
    int64_t sum = 0;
    for (size_t i = 0; i < r.n; i++)
        sum += rows[i].counted_s;
    ck_assert_int_eq(sum, in.limit_s);
    /* A usual week is two rows. */
    ck_assert_int_eq(rows[0].reason, EXPLAIN_HOLIDAY);
    ck_assert_int_eq(rows[1].days, 3);
    ck_assert_int_eq(rows[1].counted_s, 3 * WH(8));
    ck_assert_int_eq(rows[2].reason, EXPLAIN_WEEKEND);
    ck_assert_int_eq(rows[3].days, 5);
    ck_assert_int_eq(rows[3].counted_s, 5 * WH(8));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain clock");
    TCase *t = tcase_create("clock");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, due_in_each_unit);
    tcase_add_test(t, pauses_in_days);
    tcase_add_test(t, cuts_instants_to_seconds);
    tcase_add_test(t, knows_when_lights_change);
    tcase_add_test(t, is_provisional_beyond_the_lists);
    tcase_add_test(t, is_computed_anew_when_the_list_comes);
    tcase_add_test(t, explains_working_hours);
    tcase_add_test(t, explains_a_pause_and_what_is_overdue);
    tcase_add_test(t, explains_up_to_what_was_granted);
    tcase_add_test(t, explains_days);
    tcase_add_test(t, explains_urgent_hours_and_no_limit);
    tcase_add_test(t, stays_within_its_rows);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
