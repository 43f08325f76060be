/* SPDX-License-Identifier: MIT */
/* Dates ahead; see until.h. */
#include "client/model/until.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/moment.h"

enum { DAY_S = 86400, DAY_END_S = 18 * 3600, SPAN_MAX = 3660, MONDAY_TO_FRIDAY = 0x1f };

static usec_t local_to_utc(int64_t days, int seconds)
{
    return (days * DAY_S + seconds - MOMENT_ZONE_S) * USEC_PER_SEC;
}

/* The calendar of the smallest region around region_code. */
static const Wangge__V1__Calendar *calendar_of(const Wangge__V1__ListCalendarsResponse *cals, const char *region_code)
{
    const Wangge__V1__Calendar *best = NULL;
    for (size_t i = 0; cals && i < cals->n_calendars; i++) {
        const Wangge__V1__Calendar *c = cals->calendars[i];
        size_t len = strlen(c->region_code);
        if (strncmp(region_code, c->region_code, len) == 0 && (!best || len > strlen(best->region_code)))
            best = c;
    }
    return best;
}

static int weekdays_of(const Wangge__V1__Calendar *cal, const char *month_day)
{
    int rest = MONDAY_TO_FRIDAY;
    for (size_t i = 0; cal && i < cal->n_seasons; i++) {
        const Wangge__V1__Season *s = cal->seasons[i];
        if (!s->from[0]) {
            rest = s->weekdays;
            continue;
        }
        bool turns = strcmp(s->from, s->to) > 0; /* over New Year */
        bool after = strcmp(month_day, s->from) >= 0, before = strcmp(month_day, s->to) <= 0;
        if (turns ? after || before : after && before)
            return s->weekdays;
    }
    return rest;
}

static bool works(const Wangge__V1__Calendar *cal, int32_t day)
{
    char date[11];
    clock_format_date(day, date);
    for (size_t i = 0; cal && i < cal->n_days; i++) {
        if (strcmp(cal->days[i]->date, date) == 0)
            return cal->days[i]->working;
    }
    int weekday = (int)((day % 7 + 7 + 3) % 7); /* 1970-01-01 was a Thursday; 0 is Monday */
    return (weekdays_of(cal, date + 5) >> weekday & 1) != 0;
}

usec_t until_workdays(usec_t now, int n, const Wangge__V1__ListCalendarsResponse *cals, const char *region_code)
{
    const Wangge__V1__Calendar *cal = calendar_of(cals, region_code);
    int32_t day = (int32_t)clock_local_day(now, MOMENT_ZONE_S);
    for (int tried = 0; n > 0 && tried < SPAN_MAX; tried++)
        n -= works(cal, ++day);
    return local_to_utc(day, DAY_END_S);
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ')
        p++;
    return p;
}

static bool parse_clock(const char *p, int *ret_s)
{
    char *end;
    long h = strtol(p, &end, 10);
    if (end == p || end - p > 2 || *end != ':')
        return false;
    const char *minutes = end + 1;
    long m = strtol(minutes, &end, 10);
    if (end - minutes != 2 || *skip_blanks(end) || h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    *ret_s = (int)(h * 3600 + m * 60);
    return true;
}

static bool parse_span(const char *p, usec_t now, const Wangge__V1__ListCalendarsResponse *cals, const char *region_code,
                       usec_t *ret)
{
    char *end;
    long n = strtol(p, &end, 10);
    if (end == p || n < 1 || n > SPAN_MAX)
        return false;
    const char *unit = skip_blanks(end);
    if (strcmp(unit, "h") == 0)
        *ret = now + n * 3600 * USEC_PER_SEC;
    else if (strcmp(unit, "d") == 0)
        *ret = now + n * DAY_S * USEC_PER_SEC;
    else if (strcmp(unit, "w") == 0)
        *ret = now + n * 7 * DAY_S * USEC_PER_SEC;
    else if (strcmp(unit, "wd") == 0)
        *ret = until_workdays(now, (int)n, cals, region_code);
    else
        return false;
    return true;
}

bool until_parse(const char *text, usec_t now, const Wangge__V1__ListCalendarsResponse *cals, const char *region_code,
                 usec_t *ret)
{
    static const struct {
        const char *word;
        int days;
    } words[] = {{"today", 0}, {"tomorrow", 1}, {"今天", 0}, {"明天", 1}, {"后天", 2}};
    const char *p = skip_blanks(text);
    int64_t today = clock_local_day(now, MOMENT_ZONE_S);
    int seconds;
    if (*p == '+')
        return parse_span(p + 1, now, cals, region_code, ret);
    if (parse_clock(p, &seconds)) {
        *ret = local_to_utc(today, seconds);
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i].word);
        if (strncmp(p, words[i].word, len) != 0)
            continue;
        p = skip_blanks(p + len);
        seconds = DAY_S - 1;
        if (*p && !parse_clock(p, &seconds))
            return false;
        *ret = local_to_utc(today + words[i].days, seconds);
        return true;
    }
    char date[11];
    int32_t day;
    if (strlen(p) < 10)
        return false;
    snprintf(date, sizeof date, "%.10s", p);
    if (!clock_parse_date(date, &day))
        return false;
    p = skip_blanks(p + 10);
    seconds = DAY_S - 1; /* the whole day counts */
    if (*p && !parse_clock(p, &seconds))
        return false;
    *ret = local_to_utc(day, seconds);
    return true;
}

char *until_format(usec_t t, char out[UNTIL_TEXT_MAX])
{
    struct civil c;
    clock_to_civil(t, MOMENT_ZONE_S, &c);
    snprintf(out, UNTIL_TEXT_MAX, "%04d-%02d-%02d %02d:%02d", c.year % 10000, c.month, c.day, c.hour, c.minute);
    return out;
}
