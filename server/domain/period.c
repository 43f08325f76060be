/* SPDX-License-Identifier: MIT */
/* Windows of reports. */
#include "server/domain/period.h"

#include <stddef.h>

static int32_t month_first_day(int32_t month)
{
    return clock_days_from_civil(month / 12, month % 12 + 1, 1);
}

int32_t period_month_of_day(int32_t day)
{
    int y, m, d;
    clock_civil_from_days(day, &y, &m, &d);
    return y * 12 + m - 1;
}

struct period period_of_month(int32_t month)
{
    return (struct period){.first = month_first_day(month), .last = month_first_day(month + 1) - 1};
}

int period_parse(const char *from, const char *to, struct period *ret, struct err *e)
{
    struct period p;
    if (!from || !clock_parse_date(from, &p.first))
        return err_field(e, ERR_INVALID, "from", "The first day of the window is not a date of the form YYYY-MM-DD.");
    if (!to || !clock_parse_date(to, &p.last))
        return err_field(e, ERR_INVALID, "to", "The last day of the window is not a date of the form YYYY-MM-DD.");
    if (p.last < p.first)
        return err_field(e, ERR_INVALID, "to", "The window ends before it starts.");
    if (p.last - p.first >= PERIOD_MAX_DAYS)
        return err_field(e, ERR_INVALID, "to", "A window has at most %d days.", PERIOD_MAX_DAYS);
    *ret = p;
    return 0;
}

enum period_unit period_unit_of(struct period p)
{
    bool whole = p.first == month_first_day(period_month_of_day(p.first)) &&
                 p.last + 1 == month_first_day(period_month_of_day(p.last + 1));
    return whole ? PERIOD_MONTHS : PERIOD_DAYS;
}

/* The same date a year before; 29 February has none and becomes the 28th. */
static int32_t year_earlier(int32_t day)
{
    int y, m, d;
    clock_civil_from_days(day, &y, &m, &d);
    return clock_days_from_civil(y - 1, m, m == 2 && d == 29 ? 28 : d);
}

struct period period_year_earlier(struct period p)
{
    if (period_unit_of(p) == PERIOD_MONTHS) {
        int32_t last = period_month_of_day(p.last) - 12;
        return (struct period){.first = month_first_day(period_month_of_day(p.first) - 12),
                               .last = month_first_day(last + 1) - 1};
    }
    return (struct period){.first = year_earlier(p.first), .last = year_earlier(p.last)};
}

struct period period_previous(struct period p)
{
    if (period_unit_of(p) == PERIOD_MONTHS) {
        int32_t first = period_month_of_day(p.first), n = period_month_of_day(p.last) - first + 1;
        return (struct period){.first = month_first_day(first - n), .last = p.first - 1};
    }
    return (struct period){.first = p.first - (p.last - p.first + 1), .last = p.first - 1};
}

static usec_t midnight(int32_t day, int32_t utc_offset_s)
{
    return ((int64_t)day * 86400 - utc_offset_s) * USEC_PER_SEC;
}

usec_t period_begin_us(struct period p, int32_t utc_offset_s)
{
    return midnight(p.first, utc_offset_s);
}

usec_t period_end_us(struct period p, int32_t utc_offset_s)
{
    return midnight(p.last + 1, utc_offset_s);
}

usec_t period_as_of(struct period p, int32_t utc_offset_s, usec_t now)
{
    usec_t end = period_end_us(p, utc_offset_s);
    return now < end ? now : end;
}

void period_split_of(struct period p, struct period_split *ret)
{
    int32_t first = period_month_of_day(p.first);
    if (p.first != month_first_day(first))
        first++;
    int32_t last = period_month_of_day(p.last + 1) - 1;
    *ret = (struct period_split){.month_first = first, .month_last = last};
    if (first > last) { /* no whole month: everything is head */
        ret->head = p;
        ret->tail = (struct period){.first = p.last + 1, .last = p.last};
        return;
    }
    ret->head = (struct period){.first = p.first, .last = month_first_day(first) - 1};
    ret->tail = (struct period){.first = month_first_day(last + 1), .last = p.last};
}
