/* SPDX-License-Identifier: MIT */
/*
 * A working calendar: dated overrides (holidays, make-up working days, part days) over weekly patterns that change with the
 * season, several intervals a day, in a zone of fixed offset. Built by calendar_set (one per region that has its own) and owned
 * by the directory snapshot; used by deadline, explain and gate. Immutable once built. Invariant: prefix[d] is the working time
 * of all days before d, so a question costs one look into a table (well under a microsecond). The rules: doc/clocks.md.
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

enum {
    CALENDAR_MAX_SHIFTS = 4,
    CALENDAR_MAX_SEASONS = 64,
    CALENDAR_MAX_OVERRIDES = 20000,
    CALENDAR_NAME_MAX = 40, /* characters */
    CALENDAR_ZONE_CHINA_S = 28800,
    CALENDAR_PLAN_TEXT_SIZE = 12 * CALENDAR_MAX_SHIFTS,
};
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
/* A week that applies for part of the year instead of the usual one. Recurring: every year from one month-day to another, both
 * inside, across New Year if from is later than to. Dated: from one day to another, both inside; it goes before a recurring
 * season (this year's summer differs). Two recurring or two dated seasons must not overlap. */
struct calendar_season {
    const char *name; /* borrowed while building, at most 40 characters; may be NULL */
    bool dated;
    int16_t from_md; /* recurring: month * 100 + day */
    int16_t to_md;
    int32_t from_day; /* dated: days since 1970-01-01; DAY_NONE: always */
    int32_t to_day;   /* DAY_NONE: still */
    struct calendar_day_plan week[7];
    struct calendar_day_plan workday; /* as in struct calendar_spec */
};
/* What a calendar is built from. */
struct calendar_spec {
    int32_t utc_offset_s;
    struct calendar_day_plan week[7]; /* Monday first; outside every season */
    struct calendar_day_plan workday; /* what an override "working" without intervals means; n = 0: as the first day of the week
                                         that works */
    const struct calendar_season *seasons;
    size_t nseasons;
};
/* A day that differs. */
struct calendar_override {
    int32_t day;  /* days since 1970-01-01 */
    bool working; /* false: holiday */
    bool custom;  /* working, with plan instead of the usual working day of its season (part days) */
    bool local;   /* a region's own day: does not count as its year's list being published */
    struct calendar_day_plan plan;
    const char *name; /* borrowed while building, at most 40 characters; may be NULL */
};

struct calendar;

/* 08:00-12:00 and 14:00-18:00, Monday to Friday, Asia/Shanghai, no seasons. */
void calendar_spec_default(struct calendar_spec *spec);
/* Builds. Overrides and seasons may come in any order. ERR_INVALID, with the row in text and field ("overrides[3].shifts[1]",
 * "seasons[0].week[2]"), for an empty, reversed or overlapping interval, overlapping seasons, a doubled or impossible day, a
 * zone that is not on the earth, a week without any working interval. Owned by the caller. */
int calendar_create(const struct calendar_spec *spec, const struct calendar_override *overrides, size_t n,
                    struct calendar **ret, struct err *e) MUST_CHECK;
void calendar_destroy(struct calendar *c);

/* Reads "08:00-12:00 14:00-18:00" (24:00 is allowed as an end); "" and "-" are a free day. ERR_INVALID says which part. */
int calendar_plan_parse(const char *text, struct calendar_day_plan *ret, struct err *e) MUST_CHECK;
/* Writes it back, "-" for a free day. Seconds that are no whole minutes are cut. */
void calendar_plan_format(const struct calendar_day_plan *p, char out[CALENDAR_PLAN_TEXT_SIZE]);
/* Working seconds of a plan. */
int32_t calendar_plan_length(const struct calendar_day_plan *p);

/* The first instant at which n working seconds have passed since t (n = 0: t itself). An exact fit ends at the end of the
 * interval. n < 0 is calendar_sub. */
usec_t calendar_add(const struct calendar *c, usec_t t, int64_t n);
/* The last instant at which n working seconds have passed since t: an exact fit ends at the start of the next interval. */
usec_t calendar_add_last(const struct calendar *c, usec_t t, int64_t n);
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
/* End of the working day of t; if t is past it or in a free day, of the next working day. */
usec_t calendar_workday_end(const struct calendar *c, usec_t t);
/* Local midnight at which the n-th working day after the day of t begins. n >= 1. */
usec_t calendar_workday_begin(const struct calendar *c, usec_t t, int n);
bool calendar_is_workday(const struct calendar *c, int32_t day);
/* Working days in [from, to]. */
int calendar_count_workdays(const struct calendar *c, int32_t from, int32_t to);
bool calendar_is_working_time(const struct calendar *c, usec_t t);
/* Name of the override on that day ("春节"), or NULL. Borrowed from the calendar. */
const char *calendar_override_name(const struct calendar *c, int32_t day);
int32_t calendar_utc_offset_s(const struct calendar *c);
/* The local day of t. */
int32_t calendar_day_of(const struct calendar *c, usec_t t);
/* Local midnight at which a day begins. */
usec_t calendar_day_begin(const struct calendar *c, int32_t day);
/* Last day of the last year whose list is known; a due time after it is provisional. DAY_NONE without overrides. (A list may
 * hold days of the December before, so a December day alone does not publish its year.) */
int32_t calendar_published_to(const struct calendar *c);

/* Why a day is as it is. */
enum calendar_day_kind {
    CALENDAR_DAY_WORK = 0,    /* works by its week */
    CALENDAR_DAY_WEEKEND = 1, /* free by its week */
    CALENDAR_DAY_HOLIDAY = 2, /* free by an override */
    CALENDAR_DAY_MAKEUP = 3,  /* works by an override although its week says free (调休) */
    CALENDAR_DAY_PART = 4,    /* works by an override, other hours than its week's */
};
struct calendar_day {
    enum calendar_day_kind kind;
    const struct calendar_day_plan *plan; /* never NULL; borrowed */
    const char *name;                     /* of the override; "" if it has none; borrowed */
    const char *season;                   /* name of the season the day lies in, "" outside; borrowed */
};
/* Days outside the range are weekends without a name. */
void calendar_day_at(const struct calendar *c, int32_t day, struct calendar_day *ret);

#endif
