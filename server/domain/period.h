/* SPDX-License-Identifier: MIT */
/*
 * Windows of reports: whole local days, both ends inside. Pure. Invariant: first <= last.
 */
#ifndef WG_DOMAIN_PERIOD_H
#define WG_DOMAIN_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"

struct period {
    int32_t first; /* days since 1970-01-01 */
    int32_t last;  /* inclusive */
};
enum { PERIOD_MAX_DAYS = 3660 };

/* Calendar units a window can be. */
enum period_unit { PERIOD_DAYS, PERIOD_MONTHS /* whole months: month, quarter, half year, year, or any run of them */ };

/* Parses "YYYY-MM-DD" twice. ERR_INVALID (naming "from" or "to") for a wrong date, an end before the start, or more than ten
 * years. */
int period_parse(const char *from, const char *to, struct period *ret, struct err *e) MUST_CHECK;
/* Whole months from the first of one to the end of another, or just days. */
enum period_unit period_unit_of(struct period p);
/* The same window one year earlier (同比): 29 February becomes the 28th; a window of whole months stays one. */
struct period period_year_earlier(struct period p);
/* The preceding window (环比): as many whole months before whole months, else as many days before. */
struct period period_previous(struct period p);
/* The instant the window begins, and the one after its end, in a zone. */
usec_t period_begin_us(struct period p, int32_t utc_offset_s);
usec_t period_end_us(struct period p, int32_t utc_offset_s);
/* Default as-of: the window's end, or now if that is earlier. */
usec_t period_as_of(struct period p, int32_t utc_offset_s, usec_t now);
/* Months as year * 12 + month - 1, the key of month cells; and the window of one. */
int32_t period_month_of_day(int32_t day);
struct period period_of_month(int32_t month);
/* Splits a window for month and day cells: days before the first whole month, the whole months, days after the last. A part
 * that is empty has first > last. */
struct period_split {
    struct period head;
    int32_t month_first;
    int32_t month_last;
    struct period tail;
};
void period_split_of(struct period p, struct period_split *ret);

#endif
