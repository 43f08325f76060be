/* SPDX-License-Identifier: MIT */
/* Times as text; see moment.h. */
#include "client/model/moment.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/model/i18n.h"

enum { DAY_MIN = 24 * 60, YEAR_MIN = 365 * DAY_MIN };

char *moment_clock(usec_t t, char out[MOMENT_TEXT_MAX])
{
    struct civil c;
    clock_to_civil(t, MOMENT_ZONE_S, &c);
    snprintf(out, MOMENT_TEXT_MAX, "%02d:%02d", c.hour, c.minute);
    return out;
}

char *moment_short(usec_t t, usec_t now, char out[MOMENT_TEXT_MAX])
{
    struct civil c, n;
    out[0] = 0;
    if (t == USEC_NONE)
        return out;
    clock_to_civil(t, MOMENT_ZONE_S, &c);
    clock_to_civil(now, MOMENT_ZONE_S, &n);
    if (c.year == n.year)
        snprintf(out, MOMENT_TEXT_MAX, "%02d-%02d %02d:%02d", c.month, c.day, c.hour, c.minute);
    else
        snprintf(out, MOMENT_TEXT_MAX, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    return out;
}

char *moment_day(usec_t t, usec_t now, char out[MOMENT_TEXT_MAX])
{
    struct civil c;
    if (t == USEC_NONE || clock_local_day(t, MOMENT_ZONE_S) != clock_local_day(now, MOMENT_ZONE_S))
        return moment_short(t, now, out);
    clock_to_civil(t, MOMENT_ZONE_S, &c);
    snprintf(out, MOMENT_TEXT_MAX, "%s %02d:%02d", _("today"), c.hour, c.minute);
    return out;
}

char *moment_left(usec_t due, usec_t now, char out[MOMENT_TEXT_MAX])
{
    if (due == USEC_NONE) {
        snprintf(out, MOMENT_TEXT_MAX, "--");
        return out;
    }
    const char *sign = due < now ? "-" : "";
    int64_t m = (due < now ? now - due : due - now) / USEC_PER_SEC / 60;
    if (m < DAY_MIN)
        snprintf(out, MOMENT_TEXT_MAX, "%s%dh%02dm", sign, (int)(m / 60), (int)(m % 60));
    else if (m < 100 * DAY_MIN)
        snprintf(out, MOMENT_TEXT_MAX, "%s%dd%02dh", sign, (int)(m / DAY_MIN), (int)(m / 60 % 24));
    else if (m < YEAR_MIN)
        snprintf(out, MOMENT_TEXT_MAX, "%s%dd", sign, (int)(m / DAY_MIN));
    else
        snprintf(out, MOMENT_TEXT_MAX, "%s%dy%dd", sign, (int)(m / YEAR_MIN), (int)(m % YEAR_MIN / DAY_MIN));
    return out;
}

/* Two units at most: nobody needs the minutes of a year. */
static void span_text(int64_t m, char *dst, size_t size)
{
    int days = (int)(m % YEAR_MIN / DAY_MIN), years = (int)(m / YEAR_MIN);
    char first[32] = "", second[32] = "";
    if (years) {
        snprintf(first, sizeof first, ngettext("%d year", "%d years", (unsigned)years), years);
        if (days)
            snprintf(second, sizeof second, ngettext("%d day", "%d days", (unsigned)days), days);
    } else if (days) {
        snprintf(first, sizeof first, ngettext("%d day", "%d days", (unsigned)days), days);
        if (days < 10 && m / 60 % 24)
            snprintf(second, sizeof second, _("%d h"), (int)(m / 60 % 24));
    } else {
        if (m >= 60)
            snprintf(first, sizeof first, _("%d h"), (int)(m / 60));
        if (m % 60 || m < 60)
            snprintf(second, sizeof second, _("%d min"), (int)(m % 60));
    }
    snprintf(dst, size, "%s%s%s", first, first[0] && second[0] ? " " : "", second);
}

char *moment_remaining(usec_t due, usec_t now, char out[MOMENT_TEXT_MAX])
{
    char span[MOMENT_TEXT_MAX / 2 + 8];
    out[0] = 0;
    if (due == USEC_NONE)
        return out;
    span_text((due < now ? now - due : due - now) / USEC_PER_SEC / 60, span, sizeof span);
    snprintf(out, MOMENT_TEXT_MAX, due < now ? _("overdue by %s") : _("%s left"), span);
    return out;
}

void moment_month(usec_t t, int by, char ret_from[11], char ret_to[11])
{
    struct civil c;
    clock_to_civil(t, MOMENT_ZONE_S, &c);
    int months = c.year * 12 + c.month - 1 + by;
    clock_format_date(clock_days_from_civil(months / 12, months % 12 + 1, 1), ret_from);
    months++;
    clock_format_date(clock_days_from_civil(months / 12, months % 12 + 1, 1) - 1, ret_to);
}
