/* SPDX-License-Identifier: MIT */
/*
 * A date and time ahead, as people write it: "2026-11-25 18:00", "2026-11-25" (its end), "18:00", "tomorrow 12:00", "+2h",
 * "+3d", "+3wd" (working days). Working days follow the calendar if one is known, else Monday to Friday.
 */
#ifndef WG_CLIENT_MODEL_UNTIL_H
#define WG_CLIENT_MODEL_UNTIL_H

#include <stdbool.h>

#include "common/base/clock.h"
#include "wangge/v1/clock.pb-c.h"

enum { UNTIL_TEXT_MAX = 24 };

/* False if text is none of the forms. cals may be NULL. */
bool until_parse(const char *text, usec_t now, const Wangge__V1__ListCalendarsResponse *cals, const char *region_code,
                 usec_t *ret);
/* "2026-11-25 18:00", which until_parse reads again. */
char *until_format(usec_t t, char out[UNTIL_TEXT_MAX]);
/* The end of the n-th working day after today (18:00, the usual end of the last shift). */
usec_t until_workdays(usec_t now, int n, const Wangge__V1__ListCalendarsResponse *cals, const char *region_code);

#endif
