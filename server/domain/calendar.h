/* SPDX-License-Identifier: MIT */
/*
 * A working calendar: dated overrides over a weekly pattern with several intervals a day, in a zone of fixed offset. Owned by
 * the directory snapshot; used by deadline and gate. Immutable once built. Invariant: prefix[d] is the working time of all days
 * before d, so a question costs one binary search (well under a microsecond).
 *
 * Time outside 1990-01-01 .. 2079-12-31 has no working time; adding beyond the end gives the end.
 */
#ifndef WG_DOMAIN_CALENDAR_H
#define WG_DOMAIN_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"

enum { CALENDAR_MAX_SHIFTS = 4, CALENDAR_ZONE_CHINA_S = 28800 };
#define DAY_NONE INT32_MIN

/* A working interval of a day, in seconds after local midnight: 0 <= from < to <= 86400. */
struct calendar_shift {
    int32_t from_s;
    int32_t to_s;
};
/* The intervals of one day, ascending, not touching. n = 0: a free day. */
struct calendar_day_plan {
    int n;
    struct calendar_shift shifts[CALENDAR_MAX_SHIFTS];
};
/* What a calendar is built from. */
struct calendar_spec {
    int32_t utc_offset_s;
    struct calendar_day_plan week[7]; /* Monday first */
    struct calendar_day_plan workday; /* what an override "working" without intervals means */
};
/* A day that differs. */
struct calendar_override {
    int32_t day;  /* days since 1970-01-01 */
    bool working; /* false: holiday */
    bool custom;  /* true: plan instead of the usual working day (part days) */
    struct calendar_day_plan plan;
    const char *name; /* borrowed while building, at most 40 characters; may be NULL */
};

struct calendar;

/* 08:00-12:00 and 14:00-18:00, Monday to Friday, Asia/Shanghai. */
void calendar_spec_default(struct calendar_spec *spec);
/* Builds. Overrides may come in any order. ERR_INVALID for a bad interval, a doubled day or a day outside the range. Owned by
 * the caller. */
int calendar_create(const struct calendar_spec *spec, const struct calendar_override *overrides, size_t n,
                    struct calendar **ret, struct err *e) MUST_CHECK;
void calendar_destroy(struct calendar *c);

/* The first instant at which n working seconds have passed since t (n = 0: t itself). An exact fit ends at the end of the
 * interval. n < 0 is calendar_sub. */
usec_t calendar_add(const struct calendar *c, usec_t t, int64_t n);
/* The last instant from which n working seconds pass until t (n = 0: t itself). */
usec_t calendar_sub(const struct calendar *c, usec_t t, int64_t n);
/* Working microseconds between a and b; negative if b is before a. */
int64_t calendar_between_us(const struct calendar *c, usec_t a, usec_t b);
/* The same in whole seconds, rounded down towards zero. */
int64_t calendar_between(const struct calendar *c, usec_t a, usec_t b);
/* End of the n-th working day after the day of t (that day excluded): the end of its last interval. n >= 1. */
usec_t calendar_add_workdays(const struct calendar *c, usec_t t, int n);
/* End (24:00 local) of the n-th calendar day after the day of t. n >= 1. */
usec_t calendar_add_days(const struct calendar *c, usec_t t, int n);
bool calendar_is_workday(const struct calendar *c, int32_t day);
/* Working days in [from, to]. */
int calendar_count_workdays(const struct calendar *c, int32_t from, int32_t to);
bool calendar_is_working_time(const struct calendar *c, usec_t t);
/* Name of the override on that day ("春节"), or NULL. Borrowed from the calendar. */
const char *calendar_override_name(const struct calendar *c, int32_t day);
int32_t calendar_utc_offset_s(const struct calendar *c);
/* The local day of t. */
int32_t calendar_day_of(const struct calendar *c, usec_t t);
/* Last day of the last year whose list is known; a due time after it is provisional. DAY_NONE without overrides. (A list may
 * hold days of the December before, so a December day alone does not publish its year.) */
int32_t calendar_published_to(const struct calendar *c);

#endif
