/* SPDX-License-Identifier: MIT */
/*
 * Clocks of a case. A clock stores the working seconds it has consumed and since when it runs; pausing measures with the
 * clock's own calendar, so waiting never counts. Used by the gate; stored by the store as plain columns. Invariant: due_at is
 * set exactly while the clock runs with a limit.
 */
#ifndef WG_DOMAIN_DEADLINE_H
#define WG_DOMAIN_DEADLINE_H

#include "server/domain/calendar.h"

/* How time is counted. Numbers are stored. */
enum time_unit {
    UNIT_WORKING = 0, /* working hours 工作时 */
    UNIT_URGENT = 1,  /* urgent hours 紧急工作时: through nights and holidays */
};

/* Which stage a clock measures. Numbers are stored. */
enum clock_kind {
    CLOCK_NONE = 0,
    CLOCK_ACCEPT = 1,
    CLOCK_DISPATCH = 2,
    CLOCK_HANDLE = 3,
    CLOCK_CHECK = 4,
};

enum light { LIGHT_NONE, LIGHT_GREEN, LIGHT_YELLOW, LIGHT_RED };

struct case_clock {
    enum clock_kind kind; /* CLOCK_NONE: never started */
    enum time_unit unit;
    int32_t limit_s;      /* 0: no limit, never due */
    int32_t consumed_s;   /* counted up to running_since, or in all if paused */
    usec_t running_since; /* USEC_NONE: paused */
    usec_t due_at;        /* USEC_NONE: paused or no limit */
};

/* t plus n seconds of the unit. */
usec_t deadline_add(const struct calendar *c, enum time_unit unit, usec_t t, int64_t n);
/* Seconds of the unit between a and b, a <= b. */
int64_t deadline_between(const struct calendar *c, enum time_unit unit, usec_t a, usec_t b);

/* A clock that never ran. */
void deadline_clear(struct case_clock *k);
/* Starts from zero at t. limit_s <= 0: runs without a due time. */
void deadline_start(struct case_clock *k, const struct calendar *c, enum clock_kind kind, enum time_unit unit, int32_t limit_s,
                    usec_t t);
/* Stops counting at t and keeps what was consumed. Does nothing to a paused clock. */
void deadline_pause(struct case_clock *k, const struct calendar *c, usec_t t);
/* Goes on at t and computes the due time anew. Does nothing to a running clock or one that never started. */
void deadline_resume(struct case_clock *k, const struct calendar *c, usec_t t);
/* Seconds consumed at t. */
int64_t deadline_consumed(const struct case_clock *k, const struct calendar *c, usec_t t);
/* True if the limit is exceeded at t (exactly at the due time is in time). */
bool deadline_is_late(const struct case_clock *k, const struct calendar *c, usec_t t);
/* Green up to 80 % of the limit, yellow up to 100 %, red beyond; NONE without a limit. */
enum light deadline_light(const struct case_clock *k, const struct calendar *c, usec_t t);
/* True if the due time lies beyond the last published list of holidays (and the unit depends on it). */
bool deadline_is_provisional(const struct case_clock *k, const struct calendar *c);

#endif
