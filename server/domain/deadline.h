/* SPDX-License-Identifier: MIT */
/*
 * Clocks of a case. A clock stores what it has consumed and since when it runs; pausing measures with the clock's own calendar,
 * so waiting never counts. Used by the gate, dry runs and explain; the store keeps every field of struct case_clock. Instants
 * are cut to whole seconds, so what runs consume adds up exactly. Invariant: due_at is set exactly while the clock runs with a
 * limit.
 *
 * How units count (doc/clocks.md has examples):
 *   UNIT_WORKING  seconds inside the calendar's working intervals; an exact fit ends at the end of the interval.
 *   UNIT_URGENT   all seconds.
 *   UNIT_WORKDAY  a working day is charged if the clock runs at its beginning (00:00 local); so the day of the start and the
 * day a pause ends are not, and a pause moves the due time by the working days that begin in it. Due at the end of the last
 * working interval of the n-th charged day. UNIT_DAY      the same with every calendar day; due at 24:00 of the n-th.
 */
#ifndef WG_DOMAIN_DEADLINE_H
#define WG_DOMAIN_DEADLINE_H

#include "server/domain/calendar.h"

/* How time is counted. Numbers are stored. */
enum time_unit {
    UNIT_WORKING = 0, /* working hours 工作时 */
    UNIT_URGENT = 1,  /* urgent hours 紧急工作时: through nights and holidays */
    UNIT_WORKDAY = 2, /* working days 工作日 */
    UNIT_DAY = 3,     /* calendar days 自然日 */
    UNIT_COUNT = 4,
};

/* Which stage a clock measures. Numbers are stored. */
enum clock_kind {
    CLOCK_NONE = 0,
    CLOCK_ACCEPT = 1,
    CLOCK_DISPATCH = 2,
    CLOCK_HANDLE = 3,
    CLOCK_CHECK = 4,
    CLOCK_OVERALL = 5,
    CLOCK_COUNT = 6,
};

enum light { LIGHT_NONE, LIGHT_GREEN, LIGHT_YELLOW, LIGHT_RED };

enum { DEADLINE_DAY_S = 86400 };

/* Amounts are seconds of the unit; units of days count 86,400 of them a day. All fields are stored with the case. */
struct case_clock {
    enum clock_kind kind; /* CLOCK_NONE: never started */
    enum time_unit unit;
    int32_t limit_s;      /* 0: no limit, never due */
    int32_t consumed_s;   /* counted up to running_since, or in all if paused */
    int32_t rule_id;      /* the limit rule it was started with; 0: the configured default */
    bool was_late;        /* the limit was exceeded when it was last paused */
    usec_t running_since; /* USEC_NONE: paused */
    usec_t due_at;        /* USEC_NONE: paused or no limit */
};

/* True for UNIT_WORKDAY and UNIT_DAY. */
bool time_unit_is_days(enum time_unit unit);
/* "WORKING", "URGENT", "WORKDAY", "DAY"; "ACCEPT" … "OVERALL". "?" if out of range. Static. */
const char *time_unit_name(enum time_unit unit);
const char *clock_kind_name(enum clock_kind kind);

/* t plus n > 0 seconds of the unit; for units of days n counts started multiples of 86,400. */
usec_t deadline_add(const struct calendar *c, enum time_unit unit, usec_t t, int64_t n);
/* Seconds of the unit between a and b, a <= b. */
int64_t deadline_between(const struct calendar *c, enum time_unit unit, usec_t a, usec_t b);

/* A clock that never ran. */
void deadline_clear(struct case_clock *k);
/* Starts from zero at t, with rule_id 0. limit_s <= 0: runs without a due time. */
void deadline_start(struct case_clock *k, const struct calendar *c, enum clock_kind kind, enum time_unit unit, int32_t limit_s,
                    usec_t t);
/* Stops counting at t and keeps what was consumed. Does nothing to a paused clock. */
void deadline_pause(struct case_clock *k, const struct calendar *c, usec_t t);
/* Goes on at t and computes the due time anew; one that was late before is due at t. In units of days, one paused on its last
 * day is due at the end of the first working (calendar) day that ends at or after t, and if that is another day than t's gets
 * the unfinished one back. Does nothing to a running clock or one
 * that never started. */
void deadline_resume(struct case_clock *k, const struct calendar *c, usec_t t);
/* Computes the due time of a running clock anew: another calendar, a limit changed by hand. What was consumed before the last
 * pause stays as it was counted; deadline_replay counts all of it again. */
void deadline_refresh(struct case_clock *k, const struct calendar *c);

/* Seconds consumed at t. */
int64_t deadline_consumed(const struct case_clock *k, const struct calendar *c, usec_t t);
/* True if the limit is exceeded at t (exactly at the due time is in time). */
bool deadline_is_late(const struct case_clock *k, const struct calendar *c, usec_t t);
/* Green up to 80 % of the limit, yellow up to 100 %, red beyond; NONE without a limit. */
enum light deadline_light(const struct case_clock *k, const struct calendar *c, usec_t t);
/* When the light changes if the clock goes on running. */
struct deadline_lights {
    usec_t
        yellow_at; /* the first yellow instant, running_since if it was yellow (or red) before; USEC_NONE: paused or no limit */
    usec_t red_at; /* the first red one; USEC_NONE likewise */
};
void deadline_lights(const struct case_clock *k, const struct calendar *c, struct deadline_lights *ret);
/* When the light changes next after t: yellow_at or red_at; USEC_NONE if it will not. */
usec_t deadline_next_light(const struct case_clock *k, const struct calendar *c, usec_t t);
/* True if the due time lies beyond the last published list of holidays (and the unit depends on it). */
bool deadline_is_provisional(const struct case_clock *k, const struct calendar *c);
/* The same of any due time (USEC_NONE: false). */
bool deadline_is_beyond_lists(const struct calendar *c, enum time_unit unit, usec_t due_at);

/* A time during which a clock ran. */
struct clock_run {
    usec_t from;
    usec_t to; /* USEC_NONE: it still runs; last entry only */
};
struct deadline_replay {
    struct case_clock clock; /* as it would stand after the last run, with kind and limit as given */
    usec_t due_at;           /* when the limit is, or in an earlier run was, used up; USEC_NONE: paused before, or no limit */
    bool provisional;        /* due_at lies beyond the last published list */
};
/* What the clock would be with another calendar or limit: runs in order, not overlapping. n = 0: never started. */
void deadline_replay(const struct calendar *c, enum clock_kind kind, enum time_unit unit, int32_t limit_s,
                     const struct clock_run *runs, size_t n, struct deadline_replay *ret);

#endif
