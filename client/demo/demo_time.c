/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_time.h"

#include <string.h>

#include "common/base/text.h"

extern const unsigned char demo_holidays[];
extern const size_t demo_holidays_len;

enum { HOUR = 3600, SHIFTS = 2 };

static const int32_t shifts[SHIFTS][2] = {{8 * HOUR, 12 * HOUR}, {14 * HOUR, 18 * HOUR}};

static int parse_line(struct demo_calendar *c, const char *line, size_t len, int number, struct err *e)
{
    char text[128];
    if (len == 0 || line[0] == '#' || (len >= 5 && memcmp(line, "date\t", 5) == 0))
        return 0;
    if (len >= sizeof text)
        return err_set(e, ERR_INVALID, "The list of holidays, line %d: too long.", number);
    memcpy(text, line, len);
    text[len] = '\0';
    char *kind = strchr(text, '\t');
    char *name = kind ? strchr(kind + 1, '\t') : NULL;
    if (!name)
        return err_set(e, ERR_INVALID, "The list of holidays, line %d: three fields separated by tabs are needed.", number);
    *kind++ = '\0';
    *name++ = '\0';
    if (c->ndays == DEMO_MAX_DAYS)
        return err_set(e, ERR_EXHAUSTED, "The list of holidays has more than %d days.", DEMO_MAX_DAYS);
    struct demo_day *d = &c->days[c->ndays];
    if (!clock_parse_date(text, &d->day))
        return err_set(e, ERR_INVALID, "The list of holidays, line %d: \"%s\" is no date.", number, text);
    if (strcmp(kind, "off") != 0 && strcmp(kind, "work") != 0)
        return err_set(e, ERR_INVALID, "The list of holidays, line %d: \"%s\" is neither off nor work.", number, kind);
    if (c->ndays > 0 && d->day <= d[-1].day)
        return err_set(e, ERR_INVALID, "The list of holidays, line %d: %s is not later than the line before.", number, text);
    d->working = kind[0] == 'w';
    (void)text_copy(d->name, sizeof d->name, name);
    c->ndays++;
    return 0;
}

int demo_calendar_parse(struct demo_calendar *c, const char *text, size_t len, struct err *e)
{
    c->ndays = 0;
    int number = 1;
    for (size_t start = 0; start < len; number++) {
        const char *end = memchr(text + start, '\n', len - start);
        size_t n = end ? (size_t)(end - text) - start : len - start;
        int rc = parse_line(c, text + start, n, number, e);
        if (rc < 0)
            return rc;
        start += n + 1;
    }
    return 0;
}

int demo_calendar_default(struct demo_calendar *c, struct err *e)
{
    return demo_calendar_parse(c, (const char *)demo_holidays, demo_holidays_len, e);
}

bool demo_calendar_is_working(const struct demo_calendar *c, int32_t day)
{
    size_t lo = 0;
    size_t hi = c->ndays;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c->days[mid].day < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < c->ndays && c->days[lo].day == day)
        return c->days[lo].working;
    /* 1970-01-01 was a Thursday: day 2 the first Saturday. */
    int weekday = (int)((day + 3) % 7); /* 0 Monday */
    return weekday < 5;
}

usec_t demo_midnight(int32_t day)
{
    return ((int64_t)day * 86400 - DEMO_UTC_OFFSET_S) * USEC_PER_SEC;
}

bool demo_calendar_is_open(const struct demo_calendar *c, usec_t t)
{
    int32_t day = clock_local_day(t, DEMO_UTC_OFFSET_S);
    if (!demo_calendar_is_working(c, day))
        return false;
    int64_t at = (t - demo_midnight(day)) / USEC_PER_SEC;
    return (at >= shifts[0][0] && at < shifts[0][1]) || (at >= shifts[1][0] && at < shifts[1][1]);
}

usec_t demo_calendar_add(const struct demo_calendar *c, usec_t t, int64_t seconds)
{
    int32_t day = clock_local_day(t, DEMO_UTC_OFFSET_S);
    usec_t at = t - demo_midnight(day);
    for (;; day++, at = 0) {
        if (!demo_calendar_is_working(c, day))
            continue;
        for (int i = 0; i < SHIFTS; i++) {
            usec_t from = shifts[i][0] * USEC_PER_SEC;
            usec_t to = shifts[i][1] * USEC_PER_SEC;
            if (at > from)
                from = at;
            if (from >= to)
                continue;
            if (from + seconds * USEC_PER_SEC <= to)
                return demo_midnight(day) + from + seconds * USEC_PER_SEC;
            seconds -= (to - from) / USEC_PER_SEC;
        }
    }
}
