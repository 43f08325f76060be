/* SPDX-License-Identifier: MIT */
/* Clocks of a case over the working calendar. */
#include "server/domain/deadline.h"

#include <string.h>

usec_t deadline_add(const struct calendar *c, enum time_unit unit, usec_t t, int64_t n)
{
    return unit == UNIT_URGENT ? t + n * USEC_PER_SEC : calendar_add(c, t, n);
}

int64_t deadline_between(const struct calendar *c, enum time_unit unit, usec_t a, usec_t b)
{
    return unit == UNIT_URGENT ? (b - a) / USEC_PER_SEC : calendar_between(c, a, b);
}

void deadline_clear(struct case_clock *k)
{
    *k = (struct case_clock){.kind = CLOCK_NONE, .running_since = USEC_NONE, .due_at = USEC_NONE};
}

/* A clock that used up its limit is due at the moment it goes on: it was late before, and stays so. */
static void run(struct case_clock *k, const struct calendar *c, usec_t t)
{
    k->running_since = t;
    k->due_at = USEC_NONE;
    if (k->limit_s > 0) {
        int64_t left = (int64_t)k->limit_s - k->consumed_s;
        k->due_at = left > 0 ? deadline_add(c, k->unit, t, left) : t;
    }
}

void deadline_start(struct case_clock *k, const struct calendar *c, enum clock_kind kind, enum time_unit unit, int32_t limit_s,
                    usec_t t)
{
    *k = (struct case_clock){.kind = kind, .unit = unit, .limit_s = limit_s > 0 ? limit_s : 0};
    run(k, c, t);
}

void deadline_pause(struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->running_since == USEC_NONE)
        return;
    int64_t consumed = deadline_consumed(k, c, t);
    k->consumed_s = consumed > INT32_MAX ? INT32_MAX : (int32_t)consumed;
    k->running_since = USEC_NONE;
    k->due_at = USEC_NONE;
}

void deadline_resume(struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->kind == CLOCK_NONE || k->running_since != USEC_NONE)
        return;
    run(k, c, t);
}

int64_t deadline_consumed(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->running_since == USEC_NONE || t <= k->running_since)
        return k->consumed_s;
    return k->consumed_s + deadline_between(c, k->unit, k->running_since, t);
}

bool deadline_is_late(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->limit_s <= 0)
        return false;
    if (k->running_since == USEC_NONE)
        return k->consumed_s > k->limit_s;
    /* By the due time itself: after an exact fit the evening is late, although no working time has passed. */
    return k->consumed_s > k->limit_s || t > k->due_at;
}

enum light deadline_light(const struct case_clock *k, const struct calendar *c, usec_t t)
{
    if (k->limit_s <= 0)
        return LIGHT_NONE;
    if (deadline_is_late(k, c, t))
        return LIGHT_RED;
    return deadline_consumed(k, c, t) * 100 <= (int64_t)k->limit_s * 80 ? LIGHT_GREEN : LIGHT_YELLOW;
}

bool deadline_is_provisional(const struct case_clock *k, const struct calendar *c)
{
    if (k->unit == UNIT_URGENT || k->due_at == USEC_NONE)
        return false;
    return calendar_published_to(c) == DAY_NONE || calendar_day_of(c, k->due_at) > calendar_published_to(c);
}
