/* SPDX-License-Identifier: MIT */
/* The human number of a case. */
#include "server/domain/number.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "server/domain/region.h"

#define MILLION INT64_C(1000000)

int64_t number_series(int64_t region, int32_t day)
{
    int64_t county = region_parent(region, LEVEL_COUNTY) / INT64_C(1000000000);
    int year, month, mday;
    clock_civil_from_days(day, &year, &month, &mday);
    if (!county || year < 2000 || year > 2099)
        return 0;
    return county * MILLION + (year - 2000) * 10000 + month * 100 + mday;
}

int number_make(int64_t region, int32_t day, int64_t running, int64_t *ret, struct err *e)
{
    int64_t series = number_series(region, day);
    if (!series)
        return err_set(e, ERR_INVALID, "A case number needs a county and a day from 2000 to 2099.");
    if (running < 1 || running > NUMBER_MAX_RUNNING)
        return err_set(e, ERR_INVALID, "The running number of a case lies between 1 and %d.", NUMBER_MAX_RUNNING);
    *ret = series * MILLION + running;
    return 0;
}

static bool is_number(int64_t number)
{
    if (number < 0 || number % MILLION == 0)
        return false;
    int64_t series = number / MILLION;
    int32_t date = (int32_t)(series % MILLION);
    int year = 2000 + date / 10000, month = date / 100 % 100, day = date % 100;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int y, m, d;
    clock_civil_from_days(clock_days_from_civil(year, month, day), &y, &m, &d);
    if (m != month || d != day)
        return false;
    return series / MILLION <= 999999 && region_level_of(series / MILLION * INT64_C(1000000000)) == LEVEL_COUNTY;
}

void number_format(int64_t number, char out[NUMBER_TEXT_SIZE])
{
    out[0] = 0;
    if (is_number(number))
        snprintf(out, NUMBER_TEXT_SIZE, "%012llu%04u", (unsigned long long)number / 1000000, (unsigned)(number % MILLION));
}

int number_parse(const char *s, int64_t *ret, struct err *e)
{
    size_t len = s ? strlen(s) : 0;
    if (len < 16 || len > 18 || !text_is_digits(s, len) || (len > 16 && s[12] == '0'))
        return err_set(e, ERR_INVALID, "A case number has 16 to 18 digits: county, date, running number.");
    int64_t head = 0, running = 0;
    for (size_t i = 0; i < len; i++) {
        int64_t *part = i < 12 ? &head : &running;
        *part = *part * 10 + (s[i] - '0');
    }
    int64_t number = head * MILLION + running;
    if (!is_number(number))
        return err_set(e, ERR_INVALID, "%s is not a case number: its county, date or running number cannot be.", s);
    *ret = number;
    return 0;
}
