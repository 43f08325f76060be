/* SPDX-License-Identifier: MIT */
/*
 * The clocks against a naive oracle: for random calendars the test lists every minute of two years as working or not, by the
 * rules as a person would read them, and counts minutes and days one by one. Nothing of the engine is used to build the list.
 */
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/domain/explain.h"

enum { FIRST_YEAR = 2021, DAYS = 730, MINUTES = DAYS * 1440, ROUNDS = 12, TRIALS = 120, MAX_OVERRIDES = 60, MAX_SPANS = 9 };

struct oracle {
    struct calendar *cal;
    usec_t base; /* local midnight of the first day */
    bool works[MINUTES];
    bool workday[DAYS];
    int32_t last_minute[DAYS]; /* end of the last working minute of the day */
};

static struct oracle o;

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static int pick(uint64_t *seed, int n)
{
    return (int)(next(seed) % (uint64_t)n);
}

/* One to three shifts on a grid of half hours. */
static struct calendar_day_plan random_plan(uint64_t *seed)
{
    struct calendar_day_plan p = {.n = 1 + pick(seed, 3)};
    int at = pick(seed, 16);
    for (int i = 0; i < p.n; i++) {
        int from = at, to = from + 1 + pick(seed, 8);
        p.shifts[i] = (struct calendar_shift){from * 1800, to * 1800};
        at = to + 1 + pick(seed, 3);
    }
    return p;
}

static void random_week(uint64_t *seed, struct calendar_day_plan week[7], struct calendar_day_plan *workday)
{
    memset(week, 0, 7 * sizeof(*week));
    *workday = random_plan(seed);
    for (int d = 0; d < 7; d++)
        if (d == 0 || pick(seed, 4))
            week[d] = pick(seed, 2) ? *workday : random_plan(seed);
}

/* The oracle's list: a calendar read day by day with counters of its own. */
static void list_minutes(const struct calendar_spec *spec, const struct calendar_override *days, size_t n, int32_t first)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = 1, day = 1, weekday = 4; /* 2021-01-01 was a Friday */
    memset(o.works, 0, sizeof(o.works));
    for (int d = 0; d < DAYS; d++) {
        const struct calendar_day_plan *plan = &spec->week[weekday], *usual = &spec->workday;
        int md = month * 100 + day;
        for (size_t s = 0; s < spec->nseasons; s++) {
            const struct calendar_season *season = &spec->seasons[s];
            bool inside = season->dated                      ? first + d >= season->from_day && first + d <= season->to_day
                          : season->from_md <= season->to_md ? md >= season->from_md && md <= season->to_md
                                                             : md >= season->from_md || md <= season->to_md;
            if (inside) {
                plan = &season->week[weekday];
                usual = &season->workday;
                if (season->dated)
                    break;
            }
        }
        static const struct calendar_day_plan free_day;
        for (size_t i = 0; i < n; i++)
            if (days[i].day == first + d)
                plan = !days[i].working ? &free_day : days[i].custom ? &days[i].plan : usual;
        o.workday[d] = plan->n > 0;
        o.last_minute[d] = 0;
        for (int i = 0; i < plan->n; i++)
            for (int m = plan->shifts[i].from_s / 60; m < plan->shifts[i].to_s / 60; m++) {
                o.works[d * 1440 + m] = true;
                o.last_minute[d] = m + 1;
            }
        weekday = (weekday + 1) % 7;
        if (++day > lengths[month - 1]) {
            day = 1;
            month = month == 12 ? 1 : month + 1;
        }
    }
}

/* A calendar with a dated season before the recurring ones in the list, so that the first found is the right one. */
static void build(uint64_t *seed)
{
    static const int32_t zones[] = {28800, 23400, -18000, 0};
    int32_t first = clock_days_from_civil(FIRST_YEAR, 1, 1);
    struct calendar_season s[3] = {{.dated = true}, {.from_md = 501, .to_md = 930}, {.from_md = 1115, .to_md = 228}};
    s[0].from_day = first + 100 + pick(seed, 300);
    s[0].to_day = s[0].from_day + pick(seed, 60);
    struct calendar_spec spec;
    calendar_spec_default(&spec);
    spec.utc_offset_s = zones[pick(seed, 4)];
    random_week(seed, spec.week, &spec.workday);
    for (int i = 0; i < 3; i++)
        random_week(seed, s[i].week, &s[i].workday);
    spec.seasons = s;
    spec.nseasons = 3;
    struct calendar_override days[MAX_OVERRIDES];
    size_t n = 0;
    for (int d = pick(seed, 20); d < DAYS && n < MAX_OVERRIDES; d += 1 + pick(seed, 20), n++) {
        days[n] = (struct calendar_override){.day = first + d, .working = pick(seed, 3) == 0, .name = "X"};
        if (days[n].working && pick(seed, 2)) {
            days[n].custom = true;
            days[n].plan = random_plan(seed);
        }
    }
    struct err e;
    ck_assert_msg(calendar_create(&spec, days, n, &o.cal, &e) == 0, "%s", e.text);
    o.base = ((int64_t)first * 86400 - spec.utc_offset_s) * USEC_PER_SEC;
    list_minutes(&spec, days, n, first);
}

static usec_t at(int64_t minute)
{
    return o.base + minute * 60 * USEC_PER_SEC;
}

static int64_t count_minutes(int a, int b)
{
    int64_t n = 0;
    for (int m = a; m < b; m++)
        n += o.works[m];
    return n;
}

/* What a run [a, b] consumes, in seconds of the unit. */
static int64_t consumed(enum time_unit unit, int a, int b)
{
    if (unit == UNIT_URGENT)
        return (int64_t)(b - a) * 60;
    if (unit == UNIT_WORKING)
        return count_minutes(a, b) * 60;
    int64_t n = 0;
    for (int d = 0; d < DAYS; d++)
        n += d * 1440 > a && d * 1440 <= b && a / 1440 != d && (unit == UNIT_DAY || o.workday[d]);
    return n * 86400;
}

/* The minute at which left > 0 seconds are used up after a; -1 beyond the list. */
static int due_minute(enum time_unit unit, int a, int64_t left)
{
    if (unit == UNIT_URGENT || unit == UNIT_WORKING) {
        int64_t minutes = left / 60;
        for (int m = a; m < MINUTES; m++) {
            minutes -= unit == UNIT_URGENT || o.works[m];
            if (minutes == 0)
                return m + 1;
        }
        return -1;
    }
    int64_t days = left / 86400;
    for (int d = a / 1440 + 1; d < DAYS; d++) {
        days -= unit == UNIT_DAY || o.workday[d];
        if (days == 0)
            return unit == UNIT_DAY ? (d + 1) * 1440 : d * 1440 + o.last_minute[d];
    }
    return -1;
}

static int32_t random_limit(uint64_t *seed, enum time_unit unit)
{
    if (time_unit_is_days(unit))
        return (1 + pick(seed, 12)) * 86400;
    return (1 + pick(seed, 80 * 60)) * 60;
}

static void each_calendar(void (*check)(uint64_t *seed))
{
    uint64_t seed = 20261123;
    for (int r = 0; r < ROUNDS; r++) {
        build(&seed);
        for (int i = 0; i < TRIALS; i++)
            check(&seed);
        calendar_destroy(o.cal);
        o.cal = NULL;
    }
}

static void check_sums(uint64_t *seed)
{
    int a = pick(seed, MINUTES - 1), b = a + pick(seed, MINUTES - a < 40000 ? MINUTES - a : 40000);
    ck_assert_int_eq(calendar_between(o.cal, at(a), at(b)), count_minutes(a, b) * 60);
    ck_assert_int_eq(calendar_is_working_time(o.cal, at(a)), o.works[a]);
    int32_t first = clock_days_from_civil(FIRST_YEAR, 1, 1);
    int n = 0;
    for (int d = a / 1440; d <= b / 1440; d++)
        n += o.workday[d];
    ck_assert_int_eq(calendar_count_workdays(o.cal, first + a / 1440, first + b / 1440), n);

    int64_t x = pick(seed, 100 * 60) * 60, y = pick(seed, 100 * 60) * 60;
    usec_t tx = calendar_add(o.cal, at(a), x);
    ck_assert_int_eq(calendar_between(o.cal, at(a), tx), x);
    ck_assert_int_eq(calendar_add(o.cal, tx, y), calendar_add(o.cal, at(a), x + y));
    ck_assert_int_le(tx, calendar_add(o.cal, at(a), x + 60));
    ck_assert_int_le(tx, calendar_add(o.cal, at(a + 1), x));
    ck_assert_int_ge(calendar_add_last(o.cal, at(a), x), tx);
    ck_assert_int_eq(calendar_between(o.cal, at(a), calendar_add_last(o.cal, at(a), x)), x);
    ck_assert_int_eq(calendar_between(o.cal, at(a), calendar_add_last(o.cal, at(a), x) + USEC_PER_SEC), x + 1);
    usec_t back = calendar_sub(o.cal, tx, x);
    ck_assert_int_eq(calendar_between(o.cal, at(a), back), 0);
    ck_assert_int_eq(calendar_between(o.cal, back, tx), x);
    if (o.works[a])
        ck_assert_int_eq(back, at(a));
}

START_TEST(sums_as_the_list_does)
{
    each_calendar(check_sums);
}
END_TEST

static void check_due(uint64_t *seed)
{
    enum time_unit unit = (enum time_unit)pick(seed, UNIT_COUNT);
    int a = pick(seed, MINUTES - 40000);
    int32_t limit = random_limit(seed, unit);
    int due = due_minute(unit, a, limit);
    if (due < 0)
        return;
    struct case_clock k;
    deadline_start(&k, o.cal, CLOCK_HANDLE, unit, limit, at(a));
    ck_assert_msg(k.due_at == at(due), "%s %d from minute %d", time_unit_name(unit), limit, a);
    ck_assert(!deadline_is_late(&k, o.cal, at(due)));
    ck_assert(deadline_is_late(&k, o.cal, at(due) + 1));

    /* The light follows what the list counts. */
    int m = a + pick(seed, due - a + 1);
    int64_t used = consumed(unit, a, m);
    if (m < due)
        ck_assert_int_eq(deadline_consumed(&k, o.cal, at(m)), used);
    ck_assert_int_eq(deadline_light(&k, o.cal, at(m)), m == due && unit == UNIT_DAY        ? LIGHT_YELLOW
                                                       : used * 100 <= limit * INT64_C(80) ? LIGHT_GREEN
                                                                                           : LIGHT_YELLOW);

    /* A pause moves the due time by what the unit counts in it. */
    int p = a + pick(seed, due - a), r = p + pick(seed, 20000);
    int64_t done = consumed(unit, a, p);
    deadline_pause(&k, o.cal, at(p));
    ck_assert_int_eq(k.consumed_s, done);
    ck_assert(!deadline_is_late(&k, o.cal, at(r)));
    deadline_resume(&k, o.cal, at(r));
    ck_assert_int_ge(k.due_at, at(r));
    if (done >= limit) {
        /* Days, paused on the last of them: the rest of the first usable day. */
        ck_assert(time_unit_is_days(unit));
        int d = r / 1440;
        while (unit == UNIT_WORKDAY && d < DAYS && (!o.workday[d] || d * 1440 + o.last_minute[d] < r))
            d++;
        if (d < DAYS)
            ck_assert_int_eq(k.due_at, at(unit == UNIT_DAY ? (d + 1) * 1440 : d * 1440 + o.last_minute[d]));
        return;
    }
    int moved = due_minute(unit, r, limit - done);
    if (moved >= 0)
        ck_assert_int_eq(k.due_at, at(moved));
    int64_t waited = r < MINUTES ? consumed(unit, p, r) : 0;
    int same = r < MINUTES ? due_minute(unit, due, waited) : -1;
    if (waited && same >= 0 && moved >= 0 && (unit == UNIT_WORKING || unit == UNIT_URGENT))
        ck_assert_int_eq(at(moved), at(same));
    if (waited && moved >= 0 && unit == UNIT_WORKDAY && same >= 0)
        ck_assert_int_eq(at(moved), at(same));
}

START_TEST(is_due_when_the_list_says)
{
    each_calendar(check_due);
}
END_TEST

/* Random runs and pauses. */
static size_t random_spans(uint64_t *seed, struct explain_span spans[MAX_SPANS], int *ret_end)
{
    size_t n = 1 + (size_t)pick(seed, MAX_SPANS);
    int m = pick(seed, MINUTES / 2);
    for (size_t i = 0; i < n; i++) {
        int step = pick(seed, 4) == 0 ? pick(seed, 3) * 1440 : pick(seed, 6000);
        if (pick(seed, 8) == 0)
            step += 1440 - (m + step) % 1440; /* exactly midnight, where days are charged */
        spans[i] = (struct explain_span){.from = at(m), .to = at(m + step), .running = i == 0 || pick(seed, 2)};
        m += step;
    }
    if (pick(seed, 2))
        spans[n - 1].to = USEC_NONE;
    *ret_end = m;
    return n;
}

static void check_explain(uint64_t *seed)
{
    struct explain_span spans[MAX_SPANS];
    int end;
    enum time_unit unit = (enum time_unit)pick(seed, UNIT_COUNT);
    int32_t limit = pick(seed, 10) ? random_limit(seed, unit) : 0;
    size_t n = random_spans(seed, spans, &end);
    bool open = spans[n - 1].to == USEC_NONE;
    int now = open ? end + pick(seed, 5000) : end;
    if (open && pick(seed, 4) == 0)
        now += 1440 - now % 1440;
    struct explain_input in = {.calendar = o.cal, .unit = unit, .limit_s = limit, .spans = spans, .nspans = n, .now = at(now)};
    struct explain_row rows[EXPLAIN_MAX_ROWS];
    struct explain_result r;
    explain_clock(&in, rows, EXPLAIN_MAX_ROWS, &r);
    ck_assert(!r.abridged);

    /* The same runs as the clock takes them: touching runs are one, spans of no length are none. */
    struct clock_run runs[MAX_SPANS];
    size_t nruns = 0;
    for (size_t i = 0; i < n; i++) {
        if (!spans[i].running || spans[i].from == spans[i].to)
            continue;
        if (nruns && runs[nruns - 1].to == spans[i].from)
            runs[nruns - 1].to = spans[i].to;
        else
            runs[nruns++] = (struct clock_run){spans[i].from, spans[i].to};
    }
    struct deadline_replay replay;
    deadline_replay(o.cal, CLOCK_HANDLE, unit, limit, runs, nruns, &replay);
    ck_assert_int_eq(r.due_at, replay.due_at);
    ck_assert_int_eq(r.consumed_s, deadline_consumed(&replay.clock, o.cal, in.now));
    if (unit == UNIT_WORKING || unit == UNIT_URGENT) {
        int64_t used = 0;
        for (size_t i = 0; i < nruns; i++) {
            int a = (int)((runs[i].from - o.base) / 60 / USEC_PER_SEC);
            int b = runs[i].to == USEC_NONE ? now : (int)((runs[i].to - o.base) / 60 / USEC_PER_SEC);
            used += consumed(unit, a, b);
        }
        ck_assert_int_eq(r.consumed_s, used);
    }

    int64_t past = 0, in_time = 0, total = 0;
    for (size_t i = 0; i < r.n; i++) {
        if (i)
            ck_assert_int_eq(rows[i].from, rows[i - 1].to);
        ck_assert_int_le(rows[i].from, rows[i].to);
        total += rows[i].counted_s;
        ck_assert_int_eq(rows[i].total_s, total);
        past += rows[i].expected ? 0 : rows[i].counted_s;
        in_time += rows[i].overdue ? 0 : rows[i].counted_s;
        if (unit == UNIT_WORKING && rows[i].reason != EXPLAIN_PAUSED)
            ck_assert_int_eq(rows[i].counted_s, calendar_between(o.cal, rows[i].from, rows[i].to));
        if (rows[i].reason == EXPLAIN_OFF_SHIFT || rows[i].reason == EXPLAIN_WEEKEND || rows[i].reason == EXPLAIN_HOLIDAY)
            ck_assert_int_eq(calendar_between(o.cal, rows[i].from, rows[i].to), 0);
    }
    ck_assert_int_eq(past, r.consumed_s);
    if (r.due_at != USEC_NONE)
        ck_assert_int_eq(in_time, limit);
    if (nruns) {
        size_t first = 0;
        while (spans[first].from == spans[first].to)
            first++;
        ck_assert_int_eq(rows[0].from, spans[first].from);
        usec_t want = !open ? at(end) : r.due_at != USEC_NONE && r.due_at > in.now ? r.due_at : in.now;
        if (spans[n - 1].running && (open || spans[n - 1].from < spans[n - 1].to))
            ck_assert_int_eq(rows[r.n - 1].to, want);
    }
}

START_TEST(explanations_add_up)
{
    each_calendar(check_explain);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain clock random");
    TCase *t = tcase_create("random");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, sums_as_the_list_does);
    tcase_add_test(t, is_due_when_the_list_says);
    tcase_add_test(t, explanations_add_up);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
