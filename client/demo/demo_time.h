/* SPDX-License-Identifier: MIT */
/*
 * Office hours of the demo city, for making plausible histories: 08:00-12:00 and 14:00-18:00 Asia/Shanghai on working days, the
 * list of holidays over Monday to Friday. The server computes deadlines by its own calendar; this one only makes data.
 */
#ifndef WG_DEMO_TIME_H
#define WG_DEMO_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"

enum { DEMO_UTC_OFFSET_S = 28800, DEMO_MAX_DAYS = 2000 };

/* A day that differs from the weekly pattern. */
struct demo_day {
    int32_t day; /* days since 1970-01-01 */
    bool working;
    char name[41];
};

struct demo_calendar {
    struct demo_day days[DEMO_MAX_DAYS]; /* ascending */
    size_t ndays;
};

/*
 * Reads lines "YYYY-MM-DD TAB off|work TAB name"; lines that start with '#' and the heading "date" are skipped. ERR_INVALID
 * names the line that is wrong or out of order.
 */
int demo_calendar_parse(struct demo_calendar *c, const char *text, size_t len, struct err *e) MUST_CHECK;
/* The list the program was built with. */
int demo_calendar_default(struct demo_calendar *c, struct err *e) MUST_CHECK;
bool demo_calendar_is_working(const struct demo_calendar *c, int32_t day);
/* True during office hours. */
bool demo_calendar_is_open(const struct demo_calendar *c, usec_t t);
/* t plus that many seconds of office hours, n >= 0; t outside office hours counts from the next opening. */
usec_t demo_calendar_add(const struct demo_calendar *c, usec_t t, int64_t seconds);

/* Midnight of a local day. */
usec_t demo_midnight(int32_t day);

#endif
