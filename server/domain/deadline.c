/* SPDX-License-Identifier: MIT */
/* Clocks of a case over the working calendar. */
#include "server/domain/deadline.h"

#include <string.h>

enum { YELLOW_PERCENT = 80 };

bool time_unit_is_days(enum time_unit unit)
{
    return unit == UNIT_WORKDAY || unit == UNIT_DAY;
}

const char *time_unit_name(enum time_unit unit)
{
    static const char *const names[UNIT_COUNT] = {"WORKING", "URGENT", "WORKDAY", "DAY"};
    return (unsigned)unit < UNIT_COUNT ? names[unit] : "?";
}

const char *clock_kind_name(enum clock_kind kind)
{
    static const char *const names[CLOCK_COUNT] = {"NONE", "ACCEPT", "DISPATCH", "HANDLE", "CHECK", "OVERALL"};
    return (unsigned)kind < CLOCK_COUNT ? names[kind] : "?";
}

/* Whole seconds, so that what the runs of a clock consume adds up. */
static usec_t cut(usec_t t)
{
    usec_t part = t % USEC_PER_SEC;
    return t - part - (part < 0 ? USEC_PER_SEC : 0);
}

usec_t deadline_add(const struct calendar *c, enum time_unit unit, usec_t t, int64_t n)
{
    int64_t days = (n + DEADLINE_DAY_S - 1) / DEADLINE_DAY_S;
    if (days > INT32_MAX)
        days = INT32_MAX;
    switch (unit) {
    case UNIT_URGENT:
        return t + n * USEC_PER_SEC;
    case UNIT_WORKDAY:
        return calendar_add_workdays(c, t, (int)days);
    case UNIT_DAY:
        return calendar_add_days(c, t, (int)days);
    case UNIT_WORKING:
    case UNIT_COUNT:
        break;
    }
    return calendar_add(c, t, n);
}

int64_t deadline_between(const struct calendar *c, enum time_unit unit, usec_t a, usec_t b)
{
    switch (unit) {
    case UNIT_URGENT:
        return (b - a) / USEC_PER_SEC;
    case UNIT_WORKDAY:
        return (int64_t)calendar_count_workdays(c, calendar_day_of(c, a) + 1, calendar_day_of(c, b)) * DEADLINE_DAY_S;
    case UNIT_DAY:
        return ((int64_t)calendar_day_of(c, b) - calendar_day_of(c, a)) * DEADLINE_DAY_S;
    case UNIT_WORKING:
    case UNIT_COUNT:
        break;
    }
    return calendar_between(c, a, b);
}

void deadline_clear(struct case_clock *k)
{
    *k = (struct case_clock){.kind = CLOCK_NONE, .running_since = USEC_NONE, .due_at = USEC_NONE};
}

/* A clock that was late is due at the moment it goes on, and stays late. One of days that was paused on its last day before the
 * end of it has the rest of a day left: today's, or if today has none it gets the day back and uses the next. */
static void run(struct case_clock *k, const struct calendar *c, usec_t t)
{
    k->running_since = t;
    k->due_at = USEC_NONE;
    if (k->limit_s <= 0)
        return;
    int64_t left = (int64_t)k->limit_s - k->consumed_s;
    bool last_day = left == 0 && !k->was_late && k->consumed_s > 0 && time_unit_is_days(k->unit);
    if (left > 0)
        k->due_at = deadline_add(c, k->unit, t, left);
    else if (last_day)
        k->due_at = k->unit == UNIT_DAY ? calendar_add_days(c, t, 0) : calendar_workday_end(c, t);
    else
        k->due_at = t;
    if (last_day && calendar_day_of(c, k->due_at - 1) != calendar_day_of(c, t))
        k->consumed_s -= DEADLINE_DAY_S;
}

void deadline_start(struct case_clock *k, const struct calendar *c, enum clock_kind kind, enum time_unit unit, int32_t limit_s,
                    usec_t t)
{
    *k = (struct case_clock){.kind = kind, .unit = unit, .limit_s = limit_s > 0 ? limit_s : 0};
    run(k, c, cut(t));
}

void deadline_pause(struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->running_since == USEC_NONE)
        return;
    k->was_late = deadline_is_late(k, c, cut(t));
    int64_t consumed = deadline_consumed(k, c, cut(t));
    k->consumed_s = consumed > INT32_MAX ? INT32_MAX : (int32_t)consumed;
    k->running_since = USEC_NONE;
    k->due_at = USEC_NONE;
}

void deadline_resume(struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->kind == CLOCK_NONE || k->running_since != USEC_NONE)
        return;
    run(k, c, cut(t));
}

void deadline_refresh(struct case_clock *k, const struct calendar *c)
{
    if (k->running_since != USEC_NONE)
        run(k, c, k->running_since);
}

int64_t deadline_consumed(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->running_since == USEC_NONE || t <= k->running_since)
        return k->consumed_s;
    int64_t consumed = k->consumed_s + deadline_between(c, k->unit, k->running_since, t);
    /* A day is charged at its beginning, which for calendar days is the due time itself: that is still in time. */
    return k->due_at != USEC_NONE && t <= k->due_at && consumed > k->limit_s ? k->limit_s : consumed;
}

bool deadline_is_late(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->limit_s <= 0)
        return false;
    if (k->was_late || k->consumed_s > k->limit_s)
        return true;
    /* By the due time itself: after an exact fit the evening is late, although no working time has passed. */
    return k->running_since != USEC_NONE && t > k->due_at;
}

/* How much may be consumed on green. */
static int64_t green_limit(const struct case_clock *k)
{
    if (time_unit_is_days(k->unit))
        return (int64_t)k->limit_s / DEADLINE_DAY_S * YELLOW_PERCENT / 100 * DEADLINE_DAY_S;
    return (int64_t)k->limit_s * YELLOW_PERCENT / 100;
}

/* The first instant at which more than n seconds, n >= 0, were consumed since t. */
static usec_t exceeded_at(const struct calendar *c, enum time_unit unit, usec_t t, int64_t n)
{
    switch (unit) {
    case UNIT_URGENT:
        return t + n * USEC_PER_SEC + 1;
    case UNIT_WORKDAY:
        return calendar_workday_begin(c, t, (int)(n / DEADLINE_DAY_S) + 1);
    case UNIT_DAY:
        return calendar_add_days(c, t, (int)(n / DEADLINE_DAY_S));
    case UNIT_WORKING:
    case UNIT_COUNT:
        break;
    }
    return calendar_add_last(c, t, n) + 1;
}

void deadline_lights(const struct case_clock *k, const struct calendar *c, struct deadline_lights *ret)
{
    *ret = (struct deadline_lights){.yellow_at = USEC_NONE, .red_at = USEC_NONE};
    if (k->limit_s <= 0 || k->running_since == USEC_NONE)
        return;
    ret->red_at = deadline_is_late(k, c, k->running_since) ? k->running_since : k->due_at + 1;
    int64_t green = green_limit(k) - k->consumed_s;
    ret->yellow_at = green < 0 ? k->running_since : exceeded_at(c, k->unit, k->running_since, green);
    if (ret->yellow_at > ret->red_at)
        ret->yellow_at = ret->red_at;
}

usec_t deadline_next_light(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    struct deadline_lights lights;
    deadline_lights(k, c, &lights);
    if (lights.yellow_at != USEC_NONE && lights.yellow_at > t)
        return lights.yellow_at;
    return lights.red_at != USEC_NONE && lights.red_at > t ? lights.red_at : USEC_NONE;
}

enum light deadline_light(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->limit_s <= 0)
        return LIGHT_NONE;
    if (deadline_is_late(k, c, t))
        return LIGHT_RED;
    if (k->running_since == USEC_NONE)
        return k->consumed_s <= green_limit(k) ? LIGHT_GREEN : LIGHT_YELLOW;
    struct deadline_lights lights;
    deadline_lights(k, c, &lights);
    return t < lights.yellow_at ? LIGHT_GREEN : LIGHT_YELLOW;
}

bool deadline_is_beyond_lists(const struct calendar *c, enum time_unit unit, usec_t due_at)
{
    if (due_at == USEC_NONE || (unit != UNIT_WORKING && unit != UNIT_WORKDAY))
        return false;
    return calendar_published_to(c) == DAY_NONE || calendar_day_of(c, due_at) > calendar_published_to(c);
}

bool deadline_is_provisional(const struct case_clock *k, const struct calendar *c)
{
    return deadline_is_beyond_lists(c, k->unit, k->due_at);
}

void deadline_replay(const struct calendar *c, enum clock_kind kind, enum time_unit unit, int32_t limit_s,
                     const struct clock_run *runs, size_t n, struct deadline_replay *ret)
{
    struct case_clock *k = &ret->clock;
    deadline_clear(k);
    ret->due_at = USEC_NONE;
    for (size_t i = 0; i < n; i++) {
        if (i == 0)
            deadline_start(k, c, kind, unit, limit_s, runs[i].from);
        else
            deadline_resume(k, c, runs[i].from);
        usec_t due = k->due_at;
        bool goes_on = runs[i].to == USEC_NONE, was_late = k->was_late;
        if (!goes_on)
            deadline_pause(k, c, runs[i].to);
        if (!was_late && (goes_on || k->was_late))
            ret->due_at = due;
        if (goes_on)
            break;
    }
    ret->provisional = deadline_is_beyond_lists(c, unit, ret->due_at);
}
