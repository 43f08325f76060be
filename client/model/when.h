/* SPDX-License-Identifier: MIT */
/*
 * Times as people read them. Business times are shown in the region's zone for everybody, whatever the machine's: deadlines
 * and months are facts of the region.
 */
#ifndef WG_CLIENT_MODEL_WHEN_H
#define WG_CLIENT_MODEL_WHEN_H

#include <stddef.h>

#include "common/base/clock.h"

enum {
    WHEN_ZONE_S = 8 * 3600, /* Asia/Shanghai, which all regions of the product share */
    WHEN_TEXT_MAX = 40,
};

/* "09:41" */
char *when_clock(usec_t t, char out[WHEN_TEXT_MAX]);
/* "11-22 15:02"; with the year if it is not this one; empty for USEC_NONE. */
char *when_short(usec_t t, usec_t now, char out[WHEN_TEXT_MAX]);
/* "today 07:30", else as when_short. */
char *when_day(usec_t t, usec_t now, char out[WHEN_TEXT_MAX]);
/* Time left: "3h20m", "1d02h", "-0h35m"; "--" for USEC_NONE. At most 7 columns. */
char *when_left(usec_t due, usec_t now, char out[WHEN_TEXT_MAX]);
/* "2026-11" and back: the first and the last day of the month that lies by months from the one t is in. */
void when_month(usec_t t, int by, char ret_from[11], char ret_to[11]);

#endif
