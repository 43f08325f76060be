/* SPDX-License-Identifier: MIT */
/* Time as the programs see it. Everything that asks for the time takes a struct clock, so tests set it. */
#ifndef WG_BASE_CLOCK_H
#define WG_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

/* Microseconds since 1970-01-01T00:00:00Z. */
typedef int64_t usec_t;

#define USEC_PER_SEC INT64_C(1000000)
#define USEC_NONE    INT64_MIN /* no such time */

struct clock {
    usec_t (*now)(const struct clock *c);       /* wall clock */
    usec_t (*monotonic)(const struct clock *c); /* for durations and deadlines; arbitrary origin */
};

/* The system's clocks. Static. */
const struct clock *clock_system(void);

/* A clock that stands still until moved. Embedded; set the fields freely. */
struct clock_fake {
    struct clock clock;
    usec_t now_us;
    usec_t mono_us;
};
void clock_fake_init(struct clock_fake *f, usec_t now_us);
/* Moves both hands. */
void clock_fake_advance(struct clock_fake *f, usec_t by_us);

/* A civil date and time in a zone of fixed offset. */
struct civil {
    int year;  /* 1..9999 */
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int hour;
    int minute;
    int second;
};
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int32_t clock_days_from_civil(int year, int month, int day);
void clock_civil_from_days(int32_t days, int *ret_year, int *ret_month, int *ret_day);
/* Splits t shifted by utc_offset_s (Asia/Shanghai has been +28800 without exception since 1991-09-15). */
void clock_to_civil(usec_t t, int32_t utc_offset_s, struct civil *ret);
usec_t clock_from_civil(const struct civil *c, int32_t utc_offset_s);
/* The local day number (days since 1970-01-01) in which t falls. */
int32_t clock_local_day(usec_t t, int32_t utc_offset_s);
/* Parses "YYYY-MM-DD"; false unless it is a real date. */
bool clock_parse_date(const char *s, int32_t *ret_days);
/* Writes "YYYY-MM-DD". */
void clock_format_date(int32_t days, char out[11]);
/* Writes RFC 3339 with milliseconds in UTC, "2026-11-23T01:40:00.000Z". */
void clock_format_rfc3339(usec_t t, char out[25]);
/* Parses RFC 3339 with any offset and up to 6 fraction digits. */
bool clock_parse_rfc3339(const char *s, usec_t *ret);

#endif
