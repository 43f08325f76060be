/* SPDX-License-Identifier: MIT */
/* Questions to a working calendar, answered from prefix sums over days. Positions are counted in working microseconds since the
 * first day of the range. */
#include "server/domain/calendar.h"

#include <stdlib.h>

#include "server/domain/calendar_impl.h"

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
    int64_t day_us = (int64_t)CALENDAR_DAY_S * USEC_PER_SEC;
    int64_t day = local / day_us - (local % day_us < 0);
    *ret_us = local - day * day_us;
    return day - c->first_day;
}

static usec_t join(const struct calendar *c, int32_t index, int64_t us)
{
    int64_t day_us = (int64_t)CALENDAR_DAY_S * USEC_PER_SEC;
    return ((int64_t)c->first_day + index) * day_us + us - (int64_t)c->offset_s * USEC_PER_SEC;
}

static int64_t prefix_us(const struct calendar *c, int32_t i)
{
    return (int64_t)c->prefix[i] * USEC_PER_SEC;
}

/* Working microseconds from the beginning of the range to t. */
static int64_t position(const struct calendar *c, usec_t t)
{
    int64_t us, i = split(c, t, &us);
    if (i < 0)
        return 0;
    if (i >= c->ndays)
        return prefix_us(c, c->ndays);
    int64_t sum = prefix_us(c, (int32_t)i);
    const struct calendar_day_plan *p = plan_at(c, (int32_t)i);
    for (int k = 0; k < p->n; k++) {
        int64_t from = p->shifts[k].from_s * USEC_PER_SEC, to = p->shifts[k].to_s * USEC_PER_SEC;
        if (us <= from)
            break;
        sum += (us < to ? us : to) - from;
    }
    return sum;
}

/* The first index i whose day ends at or after the position (strictly: after it). ndays if there is none. The hint is at most a
 * long holiday away, unless the calendar hardly works: then the search is still bounded by the next hint. */
static int32_t find_day(const struct calendar *c, int64_t position_us, bool strictly)
{
    size_t bucket = (size_t)(position_us / USEC_PER_SEC) >> CALENDAR_HINT_SHIFT;
    if (bucket >= c->nhints)
        return c->ndays;
    int32_t lo = c->hints[bucket], hi = bucket + 1 < c->nhints ? c->hints[bucket + 1] + 1 : c->ndays;
    if (hi > c->ndays)
        hi = c->ndays;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        int64_t end = prefix_us(c, mid + 1);
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
    int64_t rest = pos - prefix_us(c, i);
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
    int64_t rest = pos - prefix_us(c, i);
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
        return n == INT64_MIN ? join(c, 0, 0) : calendar_sub(c, t, -n);
    int64_t at = position(c, t);
    if (n > c->prefix[c->ndays] - at / USEC_PER_SEC)
        return join(c, c->ndays, 0);
    return earliest_at(c, at + n * USEC_PER_SEC);
}

usec_t calendar_add_last(const struct calendar *c, usec_t t, int64_t n)
{
    int64_t at = position(c, t);
    if (n > c->prefix[c->ndays] - at / USEC_PER_SEC)
        return join(c, c->ndays, 0);
    usec_t last = latest_at(c, at + (n < 0 ? 0 : n) * USEC_PER_SEC);
    return last < t ? t : last;
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

/* Index of the n-th working day from index on; ndays if there is none. */
static int32_t nth_workday(const struct calendar *c, int32_t from, int64_t n)
{
    int64_t wanted = (int64_t)c->workdays[from] + n;
    int32_t lo = from, hi = c->ndays;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (c->workdays[mid + 1] >= wanted)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static usec_t day_end(const struct calendar *c, int32_t i)
{
    if (i >= c->ndays)
        return join(c, c->ndays, 0);
    const struct calendar_day_plan *p = plan_at(c, i);
    return join(c, i, p->n ? p->shifts[p->n - 1].to_s * USEC_PER_SEC : 0);
}

usec_t calendar_add_workdays(const struct calendar *c, usec_t t, int n)
{
    int64_t us;
    return day_end(c, nth_workday(c, clamp_index(c, split(c, t, &us) + 1), n));
}

usec_t calendar_add_days(const struct calendar *c, usec_t t, int n)
{
    int64_t us;
    int64_t end = split(c, t, &us) + n + 1;
    return join(c, clamp_index(c, end), 0);
}

usec_t calendar_workday_end(const struct calendar *c, usec_t t)
{
    int64_t us;
    int32_t day = clamp_index(c, split(c, t, &us));
    usec_t end = day_end(c, nth_workday(c, day, 1));
    return end >= t || day >= c->ndays ? end : day_end(c, nth_workday(c, day + 1, 1));
}

usec_t calendar_workday_begin(const struct calendar *c, usec_t t, int n)
{
    int64_t us;
    return join(c, nth_workday(c, clamp_index(c, split(c, t, &us) + 1), n), 0);
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

static const struct calendar_note *find_note(const struct calendar *c, int32_t day)
{
    size_t lo = 0, hi = c->nnotes;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->notes[mid].day < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->nnotes && c->notes[lo].day == day ? &c->notes[lo] : NULL;
}

const char *calendar_override_name(const struct calendar *c, int32_t day)
{
    const struct calendar_note *found = find_note(c, day);
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

usec_t calendar_day_begin(const struct calendar *c, int32_t day)
{
    return ((int64_t)day * CALENDAR_DAY_S - c->offset_s) * USEC_PER_SEC;
}

int32_t calendar_published_to(const struct calendar *c)
{
    return c->published_to;
}

/* 0 is Monday. 1970-01-01 was a Thursday. */
static int weekday(int32_t day)
{
    return (int)(((int64_t)day + 3) % 7 + 7) % 7;
}

void calendar_day_at(const struct calendar *c, int32_t day, struct calendar_day *ret)
{
    *ret = (struct calendar_day){.kind = CALENDAR_DAY_WEEKEND, .plan = &c->plans[0], .name = "", .season = ""};
    int64_t i = (int64_t)day - c->first_day;
    if (i < 0 || i >= c->ndays)
        return;
    int season = c->season_of[i];
    ret->plan = plan_at(c, (int32_t)i);
    if (season)
        ret->season = c->seasons[season - 1];
    const struct calendar_day_plan *usual = &c->plans[1 + season * PLAN_GROUP + weekday(day)];
    const struct calendar_note *note = find_note(c, day);
    if (note) {
        ret->name = note->name;
        ret->kind = !note->working ? CALENDAR_DAY_HOLIDAY : usual->n == 0 ? CALENDAR_DAY_MAKEUP : CALENDAR_DAY_PART;
    } else if (ret->plan->n) {
        ret->kind = CALENDAR_DAY_WORK;
    }
}
