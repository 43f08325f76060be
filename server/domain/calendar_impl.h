/* SPDX-License-Identifier: MIT */
/* The inside of a calendar, shared by calendar.c (questions), calendar_build.c (building) and calendar_set.c only. */
#ifndef WG_DOMAIN_CALENDAR_IMPL_H
#define WG_DOMAIN_CALENDAR_IMPL_H

#include "server/domain/calendar.h"

enum {
    CALENDAR_FIRST_YEAR = 1990,
    CALENDAR_LAST_YEAR = 2079,
    CALENDAR_DAY_S = 86400,
    CALENDAR_HINT_SHIFT = 17, /* one hint per 131,072 working seconds, four to five usual days */
    PLAN_WORKDAY = 7,         /* in each group of plans: 0-6 the week, 7 the usual working day */
    PLAN_GROUP = 8,
};

struct calendar_note {
    int32_t day;
    bool working;
    char *name; /* owned */
};

/* 90 years are under 2^32 seconds and 2^16 days, so a calendar takes a quarter of a megabyte. Plan 0 is the free day; group g
 * (0 the usual weeks, then one a season) begins at plan 1 + g * PLAN_GROUP; the overrides' own plans follow. */
struct calendar {
    int32_t offset_s;
    int32_t first_day; /* days since 1970-01-01 of index 0 */
    int32_t ndays;
    int32_t published_to;
    uint32_t *prefix;   /* ndays + 1: working seconds before each day */
    uint16_t *workdays; /* ndays + 1: working days before each day */
    uint16_t *plan_of;  /* ndays: index into plans */
    uint8_t *season_of; /* ndays: 0 outside every season, else index + 1 into seasons */
    uint16_t *hints;    /* by working seconds >> CALENDAR_HINT_SHIFT: a day at or before the one that holds that position */
    size_t nhints;
    struct calendar_day_plan *plans;
    char **seasons; /* names; owned */
    size_t nseasons;
    struct calendar_note *notes; /* the overrides, by day */
    size_t nnotes;
};

/* Checks special days one by one, in the order given: field names the row. Days given twice are not looked for. */
int calendar_overrides_check(const struct calendar_override *overrides, size_t n, struct err *e) MUST_CHECK;

#endif
