/* SPDX-License-Identifier: MIT */
/*
 * Times as people read them. Business times are shown in the region's zone for everybody, whatever the machine's: deadlines
 * and months are facts of the region.
 */
#ifndef WG_CLIENT_MODEL_MOMENT_H
#define WG_CLIENT_MODEL_MOMENT_H

#include <stddef.h>

#include "common/base/clock.h"

enum {
    MOMENT_ZONE_S = 8 * 3600, /* Asia/Shanghai, which all regions of the product share */
    MOMENT_TEXT_MAX = 64,
};

/* "09:41" */
char *moment_clock(usec_t t, char out[MOMENT_TEXT_MAX]);
/* "11-22 15:02"; with the year if it is not this one; empty for USEC_NONE. */
char *moment_short(usec_t t, usec_t now, char out[MOMENT_TEXT_MAX]);
/* "today 07:30", else as moment_short. */
char *moment_day(usec_t t, usec_t now, char out[MOMENT_TEXT_MAX]);
/* Time left, for a column: "3h20m", "1d02h", "-0h35m", "-6y322d"; "--" for USEC_NONE. At most MOMENT_LEFT_COLS columns. */
char *moment_left(usec_t due, usec_t now, char out[MOMENT_TEXT_MAX]);
enum { MOMENT_LEFT_COLS = 9 };
/* The same in words: "3 h 20 min left", "overdue by 6 years 322 days". Empty for USEC_NONE. */
char *moment_remaining(usec_t due, usec_t now, char out[MOMENT_TEXT_MAX]);
/* "2026-11" and back: the first and the last day of the month that lies by months from the one t is in. */
void moment_month(usec_t t, int by, char ret_from[11], char ret_to[11]);

#endif
