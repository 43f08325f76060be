/* SPDX-License-Identifier: MIT */
#include "client/cli/instant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"

#define MINUTE (60 * USEC_PER_SEC)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* "-2h": so long ago. */
static bool parse_ago(const char *s, usec_t now, usec_t *ret)
{
    char *end;
    if (s[0] != '-' || s[1] < '0' || s[1] > '9')
        return false;
    long n = strtol(s + 1, &end, 10);
    if (n > 10000 || end[0] == '\0' || end[1] != '\0')
        return false;
    switch (end[0]) {
    case 'm':
        *ret = now - n * MINUTE;
        return true;
    case 'h':
        *ret = now - n * HOUR;
        return true;
    case 'd':
        *ret = now - n * DAY;
        return true;
    default:
        return false;
    }
}

static bool starts(const char **s, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*s, word, n) != 0)
        return false;
    *s += n;
    while (**s == ' ')
        (*s)++;
    return true;
}

static bool civil_is_real(const struct civil *c)
{
    char text[32];
    int32_t days;
    snprintf(text, sizeof text, "%04d-%02d-%02d", c->year, c->month, c->day);
    return clock_parse_date(text, &days) && c->hour >= 0 && c->hour < 24 && c->minute >= 0 && c->minute < 60 &&
           c->second >= 0 && c->second < 60;
}

static bool parse_civil(const char *s, usec_t now, usec_t *ret)
{
    struct civil c;
    int used = 0;
    clock_to_civil(now, INSTANT_UTC_OFFSET_S, &c);
    c.hour = c.minute = c.second = 0;
    bool day_given = true;
    if (sscanf(s, "%4d-%2d-%2d%n", &c.year, &c.month, &c.day, &used) == 3 ||
        sscanf(s, "%4d/%2d/%2d%n", &c.year, &c.month, &c.day, &used) == 3) {
        s += used;
    } else if (starts(&s, "昨天") || starts(&s, "yesterday")) {
        clock_to_civil(now - DAY, INSTANT_UTC_OFFSET_S, &c);
        c.hour = c.minute = c.second = 0;
    } else if (!starts(&s, "今天") && !starts(&s, "today")) {
        day_given = false;
        clock_to_civil(now, INSTANT_UTC_OFFSET_S, &c);
        c.hour = c.minute = c.second = 0;
    }
    while (*s == ' ')
        s++;
    if (*s) {
        used = 0;
        if (sscanf(s, "%2d:%2d%n", &c.hour, &c.minute, &used) != 2)
            return false;
        s += used;
        if (*s == ':') {
            used = 0;
            if (sscanf(s, ":%2d%n", &c.second, &used) != 1)
                return false;
            s += used;
        }
    } else if (!day_given) {
        return false;
    }
    if (*s || !civil_is_real(&c))
        return false;
    *ret = clock_from_civil(&c, INSTANT_UTC_OFFSET_S);
    return true;
}

int instant_parse(const char *text, usec_t now, usec_t *ret, struct err *e)
{
    if (clock_parse_rfc3339(text, ret) || parse_ago(text, now, ret) || parse_civil(text, now, ret))
        return 0;
    return err_set(e, ERR_INVALID, _("\"%s\" is not a time. Write 2026-11-23 09:40, 09:40 (today) or -2h (two hours ago)."),
                   text);
}

char *instant_format(usec_t t, char out[INSTANT_TEXT_MAX])
{
    struct civil c;
    if (t == USEC_NONE) {
        snprintf(out, INSTANT_TEXT_MAX, "--");
        return out;
    }
    clock_to_civil(t, INSTANT_UTC_OFFSET_S, &c);
    if (c.second)
        snprintf(out, INSTANT_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    else
        snprintf(out, INSTANT_TEXT_MAX, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    return out;
}

char *instant_left(usec_t due, usec_t now, char out[INSTANT_TEXT_MAX])
{
    if (due == USEC_NONE) {
        snprintf(out, INSTANT_TEXT_MAX, "--");
        return out;
    }
    usec_t left = due - now;
    const char *sign = left < 0 ? "-" : "";
    int64_t minutes = (left < 0 ? -left : left) / MINUTE;
    if (minutes < 60)
        snprintf(out, INSTANT_TEXT_MAX, "%s0h%02dm", sign, (int)minutes);
    else if (minutes < 24 * 60)
        snprintf(out, INSTANT_TEXT_MAX, "%s%dh%02dm", sign, (int)(minutes / 60), (int)(minutes % 60));
    else
        snprintf(out, INSTANT_TEXT_MAX, "%s%dd%02dh", sign, (int)(minutes / 1440), (int)(minutes / 60 % 24));
    return out;
}

usec_t instant_of(const Google__Protobuf__Timestamp *ts)
{
    return ts ? ts->seconds * USEC_PER_SEC + ts->nanos / 1000 : USEC_NONE;
}

Google__Protobuf__Timestamp *instant_stamp(Google__Protobuf__Timestamp *ts, usec_t t)
{
    google__protobuf__timestamp__init(ts);
    ts->seconds = t / USEC_PER_SEC;
    ts->nanos = (int32_t)(t % USEC_PER_SEC) * 1000;
    if (ts->nanos < 0) {
        ts->nanos += 1000000000;
        ts->seconds--;
    }
    return ts;
}
