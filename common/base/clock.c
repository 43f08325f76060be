/* SPDX-License-Identifier: MIT */
#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static usec_t read_clock(clockid_t id)
{
    struct timespec ts;
    (void)clock_gettime(id, &ts);
    return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

static usec_t system_now(const struct clock *c)
{
    (void)c;
    return read_clock(CLOCK_REALTIME);
}

static usec_t system_monotonic(const struct clock *c)
{
    (void)c;
    return read_clock(CLOCK_MONOTONIC);
}

const struct clock *clock_system(void)
{
    static const struct clock c = {.now = system_now, .monotonic = system_monotonic};
    return &c;
}

static usec_t fake_now(const struct clock *c)
{
    return ((const struct clock_fake *)c)->now_us;
}

static usec_t fake_monotonic(const struct clock *c)
{
    return ((const struct clock_fake *)c)->mono_us;
}

void clock_fake_init(struct clock_fake *f, usec_t now_us)
{
    *f = (struct clock_fake){.clock = {.now = fake_now, .monotonic = fake_monotonic}, .now_us = now_us};
}

void clock_fake_advance(struct clock_fake *f, usec_t by_us)
{
    f->now_us += by_us;
    f->mono_us += by_us;
}

/* Both conversions count from 1 March, so the leap day ends the year. */
int32_t clock_days_from_civil(int year, int month, int day)
{
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void clock_civil_from_days(int32_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int z = days + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * mp + 2) / 5 + 1;
    *ret_month = mp + (mp < 10 ? 3 : -9);
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int32_t clock_local_day(usec_t t, int32_t utc_offset_s)
{
    return (int32_t)floor_div(floor_div(t, USEC_PER_SEC) + utc_offset_s, 86400);
}

void clock_to_civil(usec_t t, int32_t utc_offset_s, struct civil *ret)
{
    int64_t s = floor_div(t, USEC_PER_SEC) + utc_offset_s;
    int32_t days = (int32_t)floor_div(s, 86400);
    int rest = (int)(s - (int64_t)days * 86400);
    clock_civil_from_days(days, &ret->year, &ret->month, &ret->day);
    ret->hour = rest / 3600;
    ret->minute = rest / 60 % 60;
    ret->second = rest % 60;
}

usec_t clock_from_civil(const struct civil *c, int32_t utc_offset_s)
{
    int64_t s = (int64_t)clock_days_from_civil(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
    return (s - utc_offset_s) * USEC_PER_SEC;
}

/* Reads exactly n digits; -1 if there are not as many. */
static int digits(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

static bool parse_ymd(const char *s, int *y, int *m, int *d)
{
    *y = digits(s, 4);
    if (*y < 1 || s[4] != '-')
        return false;
    *m = digits(s + 5, 2);
    if (*m < 1 || *m > 12 || s[7] != '-')
        return false;
    *d = digits(s + 8, 2);
    if (*d < 1)
        return false;
    int ny;
    int nm;
    int nd;
    clock_civil_from_days(clock_days_from_civil(*y, *m, *d), &ny, &nm, &nd);
    return ny == *y && nm == *m && nd == *d;
}

bool clock_parse_date(const char *s, int32_t *ret_days)
{
    int y;
    int m;
    int d;
    if (strlen(s) != 10 || !parse_ymd(s, &y, &m, &d))
        return false;
    *ret_days = clock_days_from_civil(y, m, d);
    return true;
}

void clock_format_date(int32_t days, char out[11])
{
    int y;
    int m;
    int d;
    clock_civil_from_days(days, &y, &m, &d);
    (void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000u, (unsigned)m % 100u, (unsigned)d % 100u);
}

void clock_format_rfc3339(usec_t t, char out[25])
{
    struct civil c;
    clock_to_civil(t, 0, &c);
    int ms = (int)(t - floor_div(t, USEC_PER_SEC) * USEC_PER_SEC) / 1000;
    (void)snprintf(out, 25, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)c.year % 10000u, (unsigned)c.month % 100u,
                   (unsigned)c.day % 100u, (unsigned)c.hour % 100u, (unsigned)c.minute % 100u, (unsigned)c.second % 100u,
                   (unsigned)ms % 1000u);
}

bool clock_parse_rfc3339(const char *s, usec_t *ret)
{
    if (strnlen(s, 20) < 20)
        return false;
    struct civil c;
    if (!parse_ymd(s, &c.year, &c.month, &c.day) || (s[10] != 'T' && s[10] != 't' && s[10] != ' '))
        return false;
    c.hour = digits(s + 11, 2);
    c.minute = digits(s + 14, 2);
    c.second = digits(s + 17, 2);
    if (s[13] != ':' || s[16] != ':' || c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 ||
        c.second > 59)
        return false;
    const char *p = s + 19;
    int64_t frac = 0;
    if (*p == '.') {
        int n = 0;
        for (p++; *p >= '0' && *p <= '9'; p++, n++) {
            if (n >= 6)
                return false;
            frac = frac * 10 + (*p - '0');
        }
        if (n == 0)
            return false;
        for (; n < 6; n++)
            frac *= 10;
    }
    int32_t offset = 0;
    if (*p == 'Z' || *p == 'z') {
        p++;
    } else if (*p == '+' || *p == '-') {
        if (strnlen(p, 6) < 6 || p[3] != ':')
            return false;
        int h = digits(p + 1, 2);
        int m = digits(p + 4, 2);
        if (h < 0 || h > 23 || m < 0 || m > 59)
            return false;
        offset = (h * 3600 + m * 60) * (*p == '-' ? -1 : 1);
        p += 6;
    } else {
        return false;
    }
    if (*p)
        return false;
    *ret = clock_from_civil(&c, offset) + frac;
    return true;
}
