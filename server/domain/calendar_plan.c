/* SPDX-License-Identifier: MIT */
/* A day's working intervals as text, "08:00-12:00 14:00-18:00": what imports read and lists show. */
#include <stdio.h>
#include <string.h>

#include "server/domain/calendar.h"

enum { PART_LEN = 11 /* HH:MM-HH:MM */ };

int32_t calendar_plan_length(const struct calendar_day_plan *p)
{
    int32_t sum = 0;
    for (int i = 0; i < p->n; i++)
        sum += p->shifts[i].to_s - p->shifts[i].from_s;
    return sum;
}

/* Seconds of "HH:MM", 00:00 to 24:00; -1 if it is not one. */
static int32_t minute_of_day(const char *s)
{
    for (int i = 0; i < 5; i++)
        if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
            return -1;
    int hour = (s[0] - '0') * 10 + s[1] - '0', minute = (s[3] - '0') * 10 + s[4] - '0';
    return hour > 24 || minute > 59 || (hour == 24 && minute) ? -1 : hour * 3600 + minute * 60;
}

int calendar_plan_parse(const char *text, struct calendar_day_plan *ret, struct err *e)
{
    struct calendar_day_plan p = {0};
    const char *s = text + strspn(text, " ");
    if (strcmp(s, "-") == 0)
        s = "";
    while (*s) {
        int len = (int)strcspn(s, " ");
        int32_t from = len == PART_LEN && s[5] == '-' ? minute_of_day(s) : -1, to = from < 0 ? -1 : minute_of_day(s + 6);
        if (to < 0)
            return err_set(e, ERR_INVALID, "\"%.*s\" is not a working interval; write 08:00-12:00 14:00-18:00, or - for none.",
                           len > 32 ? 32 : len, s);
        if (p.n == CALENDAR_MAX_SHIFTS)
            return err_set(e, ERR_INVALID, "A day has at most %d working intervals.", CALENDAR_MAX_SHIFTS);
        if (to <= from)
            return err_set(e, ERR_INVALID, "The working interval %.*s does not end after it begins.", len, s);
        if (p.n && from <= p.shifts[p.n - 1].to_s)
            return err_set(e, ERR_INVALID, "The working interval %.*s does not lie after the one before it.", len, s);
        p.shifts[p.n++] = (struct calendar_shift){.from_s = from, .to_s = to};
        s += len;
        s += strspn(s, " ");
    }
    *ret = p;
    return 0;
}

void calendar_plan_format(const struct calendar_day_plan *p, char out[CALENDAR_PLAN_TEXT_SIZE])
{
    size_t len = 0;
    for (int i = 0; i < p->n && i < CALENDAR_MAX_SHIFTS; i++) {
        unsigned from = (unsigned)p->shifts[i].from_s / 60u % 1441u, to = (unsigned)p->shifts[i].to_s / 60u % 1441u;
        int n = snprintf(out + len, CALENDAR_PLAN_TEXT_SIZE - len, "%s%02u:%02u-%02u:%02u", i ? " " : "", from / 60u,
                         from % 60u, to / 60u, to % 60u);
        len += n > 0 ? (size_t)n : 0;
    }
    if (!p->n)
        (void)snprintf(out, CALENDAR_PLAN_TEXT_SIZE, "-");
}
