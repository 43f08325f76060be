/* SPDX-License-Identifier: MIT */
/* The working calendar as prefix sums over days. Positions are counted in working microseconds since the first day of the
 * range. */
#include "server/domain/calendar.h"

#include <stdlib.h>
#include <string.h>

enum { CALENDAR_MAX_OVERRIDES = 20000, DAY_S = 86400 };

struct calendar_note {
    int32_t day;
    bool working;
    char *name;
};

struct calendar {
    int32_t offset_s;
    int32_t first_day; /* days since 1970-01-01 of index 0 */
    int32_t ndays;
    int32_t published_to;
    int64_t *prefix;   /* ndays + 1: working seconds before each day */
    int32_t *workdays; /* ndays + 1: working days before each day */
    uint32_t *plan_of; /* ndays: index into plans */
    struct calendar_day_plan *plans;
    struct calendar_note *notes; /* the overrides, by day */
    size_t nnotes;
};

void calendar_spec_default(struct calendar_spec *spec)
{
    memset(spec, 0, sizeof(*spec));
    spec->utc_offset_s = CALENDAR_ZONE_CHINA_S;
    spec->workday = (struct calendar_day_plan){.n = 2, .shifts = {{8 * 3600, 12 * 3600}, {14 * 3600, 18 * 3600}}};
    for (int d = 0; d < 5; d++)
        spec->week[d] = spec->workday;
}

static int64_t plan_length(const struct calendar_day_plan *p)
{
    int64_t sum = 0;
    for (int i = 0; i < p->n; i++)
        sum += p->shifts[i].to_s - p->shifts[i].from_s;
    return sum;
}

static bool plan_is_valid(const struct calendar_day_plan *p)
{
    if (p->n < 0 || p->n > CALENDAR_MAX_SHIFTS)
        return false;
    int32_t after = -1;
    for (int i = 0; i < p->n; i++) {
        if (p->shifts[i].from_s <= after || p->shifts[i].to_s <= p->shifts[i].from_s || p->shifts[i].to_s > DAY_S)
            return false;
        after = p->shifts[i].to_s;
    }
    return true;
}

/* 0 is Monday. 1970-01-01 was a Thursday. */
static int weekday(int32_t day)
{
    return (int)(((int64_t)day + 3) % 7 + 7) % 7;
}

static int by_day(const void *a, const void *b)
{
    int32_t x = ((const struct calendar_note *)a)->day, y = ((const struct calendar_note *)b)->day;
    return (x > y) - (x < y);
}

static int add_notes(struct calendar *c, const struct calendar_override *overrides, size_t n, struct err *e)
{
    c->notes = calloc(n ? n : 1, sizeof(*c->notes));
    if (!c->notes)
        return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
    for (size_t i = 0; i < n; i++) {
        c->notes[i] = (struct calendar_note){.day = overrides[i].day, .working = overrides[i].working};
        c->nnotes++;
        c->notes[i].name = strdup(overrides[i].name ? overrides[i].name : "");
        if (!c->notes[i].name)
            return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
        int year, month, day;
        clock_civil_from_days(overrides[i].day, &year, &month, &day);
        int32_t year_end = clock_days_from_civil(year, 12, 31);
        if (month != 12 && (c->published_to == DAY_NONE || year_end > c->published_to))
            c->published_to = year_end;
    }
    qsort(c->notes, c->nnotes, sizeof(*c->notes), by_day);
    for (size_t i = 1; i < c->nnotes; i++) {
        if (c->notes[i].day != c->notes[i - 1].day)
            continue;
        char text[11];
        clock_format_date(c->notes[i].day, text);
        return err_set(e, ERR_INVALID, "The calendar has the day %s twice.", text);
    }
    return 0;
}

static int lay_out_days(struct calendar *c, const struct calendar_spec *spec, const struct calendar_override *overrides,
                        size_t n, struct err *e)
{
    /* Plans 0-6 are the week, 7 the usual working day, 8 a free day, then the overrides of their own. */
    for (int d = 0; d < 7; d++)
        c->plans[d] = spec->week[d];
    c->plans[7] = spec->workday;
    for (int d = 0; d < 8; d++)
        if (!plan_is_valid(&c->plans[d]))
            return err_set(e, ERR_INVALID,
                           "A working interval of the weekly pattern is empty, overlaps another or leaves its day.");
    uint32_t nplans = 9;
    for (int32_t i = 0; i < c->ndays; i++)
        c->plan_of[i] = (uint32_t)weekday(c->first_day + i);
    for (size_t i = 0; i < n; i++) {
        int64_t at = (int64_t)overrides[i].day - c->first_day;
        if (at < 0 || at >= c->ndays)
            return err_set(e, ERR_INVALID, "A calendar day lies outside 1990 to 2079.");
        if (overrides[i].custom) {
            if (!plan_is_valid(&overrides[i].plan))
                return err_set(e, ERR_INVALID,
                               "A working interval of a calendar day is empty, overlaps another or leaves the day.");
            c->plans[nplans] = overrides[i].plan;
            c->plan_of[at] = nplans++;
        } else {
            c->plan_of[at] = overrides[i].working ? 7 : 8;
        }
    }
    for (int32_t i = 0; i < c->ndays; i++) {
        int64_t len = plan_length(&c->plans[c->plan_of[i]]);
        c->prefix[i + 1] = c->prefix[i] + len;
        c->workdays[i + 1] = c->workdays[i] + (len > 0);
    }
    return 0;
}

int calendar_create(const struct calendar_spec *spec, const struct calendar_override *overrides, size_t n,
                    struct calendar **ret, struct err *e)
{
    if (n > CALENDAR_MAX_OVERRIDES)
        return err_set(e, ERR_EXHAUSTED, "A calendar holds at most %d special days.", CALENDAR_MAX_OVERRIDES);
    int rc;
    struct calendar *c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
    c->offset_s = spec->utc_offset_s;
    c->first_day = clock_days_from_civil(1990, 1, 1);
    c->ndays = clock_days_from_civil(2080, 1, 1) - c->first_day;
    c->published_to = DAY_NONE;
    c->prefix = calloc((size_t)c->ndays + 1, sizeof(*c->prefix));
    c->workdays = calloc((size_t)c->ndays + 1, sizeof(*c->workdays));
    c->plan_of = calloc((size_t)c->ndays, sizeof(*c->plan_of));
    c->plans = calloc(9 + n, sizeof(*c->plans));
    if (!c->prefix || !c->workdays || !c->plan_of || !c->plans) {
        rc = err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
        goto out;
    }
    rc = add_notes(c, overrides, n, e);
    if (!rc)
        rc = lay_out_days(c, spec, overrides, n, e);
out:
    if (rc) {
        calendar_destroy(c);
        return rc;
    }
    *ret = c;
    return 0;
}

void calendar_destroy(struct calendar *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->nnotes; i++)
        free(c->notes[i].name);
    free(c->notes);
    free(c->plans);
    free(c->plan_of);
    free(c->workdays);
    free(c->prefix);
    free(c);
}

static int32_t clamp_index(const struct calendar *c, int64_t i)
{
    return i < 0 ? 0 : i > c->ndays ? c->ndays : (int32_t)i;
}

static const struct calendar_day_plan *plan_at(const struct calendar *c, int32_t i)
{
    return &c->plans[c->plan_of[i]];
}

/* Splits t into a day's index (may lie outside the range) and the microseconds since its midnight. */
static int64_t split(const struct calendar *c, usec_t t, int64_t *ret_us)
{
    int64_t local = t + (int64_t)c->offset_s * USEC_PER_SEC;
    int64_t day_us = (int64_t)DAY_S * USEC_PER_SEC;
    int64_t day = local / day_us - (local % day_us < 0);
    *ret_us = local - day * day_us;
    return day - c->first_day;
}

static usec_t join(const struct calendar *c, int32_t index, int64_t us)
{
    int64_t day_us = (int64_t)DAY_S * USEC_PER_SEC;
    return ((int64_t)c->first_day + index) * day_us + us - (int64_t)c->offset_s * USEC_PER_SEC;
}

/* Working microseconds from the beginning of the range to t. */
static int64_t position(const struct calendar *c, usec_t t)
{
    int64_t us, i = split(c, t, &us);
    if (i < 0)
        return 0;
    if (i >= c->ndays)
        return c->prefix[c->ndays] * USEC_PER_SEC;
    int64_t sum = c->prefix[i] * USEC_PER_SEC;
    const struct calendar_day_plan *p = plan_at(c, (int32_t)i);
    for (int k = 0; k < p->n; k++) {
        int64_t from = p->shifts[k].from_s * USEC_PER_SEC, to = p->shifts[k].to_s * USEC_PER_SEC;
        if (us <= from)
            break;
        sum += (us < to ? us : to) - from;
    }
    return sum;
}

/* The first index i with prefix[i + 1] >= s, or > s if strictly. ndays if there is none. */
static int32_t find_day(const struct calendar *c, int64_t position_us, bool strictly)
{
    int32_t lo = 0, hi = c->ndays;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        int64_t end = c->prefix[mid + 1] * USEC_PER_SEC;
        if (strictly ? end > position_us : end >= position_us)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* Earliest instant at a position: the end of an interval rather than the start of the next. */
static usec_t earliest_at(const struct calendar *c, int64_t pos)
{
    int32_t i = find_day(c, pos, false);
    if (i >= c->ndays)
        return join(c, c->ndays, 0);
    int64_t rest = pos - c->prefix[i] * USEC_PER_SEC;
    const struct calendar_day_plan *p = plan_at(c, i);
    for (int k = 0; k < p->n; k++) {
        int64_t len = (int64_t)(p->shifts[k].to_s - p->shifts[k].from_s) * USEC_PER_SEC;
        if (rest <= len)
            return join(c, i, p->shifts[k].from_s * USEC_PER_SEC + rest);
        rest -= len;
    }
    return join(c, i + 1, 0);
}

/* Latest instant at a position: the start of an interval rather than the end of the one before. */
static usec_t latest_at(const struct calendar *c, int64_t pos)
{
    int32_t i = find_day(c, pos, true);
    if (i >= c->ndays)
        return join(c, c->ndays, 0);
    int64_t rest = pos - c->prefix[i] * USEC_PER_SEC;
    const struct calendar_day_plan *p = plan_at(c, i);
    for (int k = 0; k < p->n; k++) {
        int64_t len = (int64_t)(p->shifts[k].to_s - p->shifts[k].from_s) * USEC_PER_SEC;
        if (rest < len)
            return join(c, i, p->shifts[k].from_s * USEC_PER_SEC + rest);
        rest -= len;
    }
    return join(c, i + 1, 0);
}

usec_t calendar_add(const struct calendar *c, usec_t t, int64_t n)
{
    if (n == 0)
        return t;
    if (n < 0)
        return calendar_sub(c, t, -n);
    int64_t room = c->prefix[c->ndays] - position(c, t) / USEC_PER_SEC;
    if (n > room)
        return join(c, c->ndays, 0);
    return earliest_at(c, position(c, t) + n * USEC_PER_SEC);
}

usec_t calendar_sub(const struct calendar *c, usec_t t, int64_t n)
{
    if (n == 0)
        return t;
    if (n < 0)
        return n == INT64_MIN ? join(c, c->ndays, 0) : calendar_add(c, t, -n);
    int64_t at = position(c, t);
    if (n > at / USEC_PER_SEC)
        return join(c, 0, 0);
    return latest_at(c, at - n * USEC_PER_SEC);
}

int64_t calendar_between_us(const struct calendar *c, usec_t a, usec_t b)
{
    return position(c, b) - position(c, a);
}

int64_t calendar_between(const struct calendar *c, usec_t a, usec_t b)
{
    return calendar_between_us(c, a, b) / USEC_PER_SEC;
}

usec_t calendar_add_workdays(const struct calendar *c, usec_t t, int n)
{
    int64_t us;
    int32_t next = clamp_index(c, split(c, t, &us) + 1);
    int64_t wanted = (int64_t)c->workdays[next] + n;
    int32_t lo = next, hi = c->ndays;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (c->workdays[mid + 1] >= wanted)
            hi = mid;
        else
            lo = mid + 1;
    }
    if (lo >= c->ndays)
        return join(c, c->ndays, 0);
    const struct calendar_day_plan *p = plan_at(c, lo);
    return p->n ? join(c, lo, p->shifts[p->n - 1].to_s * USEC_PER_SEC) : join(c, lo, 0);
}

usec_t calendar_add_days(const struct calendar *c, usec_t t, int n)
{
    int64_t us;
    int64_t end = split(c, t, &us) + n + 1;
    return join(c, clamp_index(c, end), 0);
}

bool calendar_is_workday(const struct calendar *c, int32_t day)
{
    int64_t i = (int64_t)day - c->first_day;
    return i >= 0 && i < c->ndays && c->workdays[i + 1] > c->workdays[i];
}

int calendar_count_workdays(const struct calendar *c, int32_t from, int32_t to)
{
    if (to < from)
        return 0;
    return c->workdays[clamp_index(c, (int64_t)to - c->first_day + 1)] -
           c->workdays[clamp_index(c, (int64_t)from - c->first_day)];
}

bool calendar_is_working_time(const struct calendar *c, usec_t t)
{
    return position(c, t + 1) > position(c, t);
}

const char *calendar_override_name(const struct calendar *c, int32_t day)
{
    struct calendar_note key = {.day = day};
    const struct calendar_note *found = bsearch(&key, c->notes, c->nnotes, sizeof(*c->notes), by_day);
    return found ? found->name : NULL;
}

int32_t calendar_utc_offset_s(const struct calendar *c)
{
    return c->offset_s;
}

int32_t calendar_day_of(const struct calendar *c, usec_t t)
{
    return clock_local_day(t, c->offset_s);
}

int32_t calendar_published_to(const struct calendar *c)
{
    return c->published_to;
}
