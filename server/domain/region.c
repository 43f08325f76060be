/* SPDX-License-Identifier: MIT */
/* Region codes as padded integers: parse, format, levels, intervals. */
#include "server/domain/region.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

/* Per level: digits, and the size of its subtree as an integer interval. */
static const struct {
    int digits;
    int64_t width;
} levels[LEVEL_COUNT] = {
    [LEVEL_CITY] = {4, INT64_C(100000000000)},
    [LEVEL_COUNTY] = {6, INT64_C(1000000000)},
    [LEVEL_TOWNSHIP] = {9, 1000000},
    [LEVEL_COMMUNITY] = {12, 1000},
    [LEVEL_GRID] = {15, 1},
};

int region_parse(const char *s, int64_t *ret, struct err *e)
{
    size_t len = s ? strlen(s) : 0;
    enum region_level level = LEVEL_NONE;
    for (enum region_level l = LEVEL_CITY; l <= LEVEL_GRID; l++)
        if ((size_t)levels[l].digits == len)
            level = l;
    if (level == LEVEL_NONE)
        return err_set(e, ERR_INVALID, "A region code has 4, 6, 9, 12 or 15 digits, this one has %zu characters.", len);
    if (!text_is_digits(s, len))
        return err_set(e, ERR_INVALID, "A region code consists of digits only.");
    int64_t code = 0;
    for (size_t i = 0; i < len; i++)
        code = code * 10 + (s[i] - '0');
    code *= levels[level].width;
    if (region_level_of(code) != level)
        return err_set(e, ERR_INVALID, "No part of a region code may be zero: %s. Leave zeros at the end away.", s);
    *ret = code;
    return 0;
}

void region_format(int64_t code, char out[REGION_TEXT_SIZE])
{
    out[0] = 0;
    enum region_level level = region_level_of(code);
    if (level != LEVEL_NONE)
        snprintf(out, REGION_TEXT_SIZE, "%0*lld", levels[level].digits, (long long)(code / levels[level].width));
}

enum region_level region_level_of(int64_t code)
{
    if (code < INT64_C(100000000000000) || code > INT64_C(999999999999999))
        return LEVEL_NONE;
    int grid = (int)(code % 1000);
    int community = (int)(code / 1000 % 1000);
    int township = (int)(code / 1000000 % 1000);
    int county = (int)(code / 1000000000 % 100);
    int prefecture = (int)(code / INT64_C(100000000000) % 100);
    if (!prefecture)
        return LEVEL_NONE;
    if (!county)
        return township || community || grid ? LEVEL_NONE : LEVEL_CITY;
    if (!township)
        return community || grid ? LEVEL_NONE : LEVEL_COUNTY;
    if (!community)
        return grid ? LEVEL_NONE : LEVEL_TOWNSHIP;
    return grid ? LEVEL_GRID : LEVEL_COMMUNITY;
}

int region_digits(enum region_level level)
{
    return level > LEVEL_NONE && level < LEVEL_COUNT ? levels[level].digits : 0;
}

struct region_span region_span_of(int64_t code)
{
    enum region_level level = region_level_of(code);
    if (level == LEVEL_NONE)
        return (struct region_span){.lo = 1, .hi = 0};
    return (struct region_span){.lo = code, .hi = code + levels[level].width - 1};
}

struct region_span region_span_all(void)
{
    return (struct region_span){.lo = 0, .hi = INT64_MAX};
}

bool region_span_contains(struct region_span span, int64_t code)
{
    return code >= span.lo && code <= span.hi;
}

bool region_span_overlaps(struct region_span a, struct region_span b)
{
    return a.lo <= a.hi && b.lo <= b.hi && a.lo <= b.hi && b.lo <= a.hi;
}

int64_t region_parent(int64_t code, enum region_level level)
{
    enum region_level own = region_level_of(code);
    if (own == LEVEL_NONE || level <= LEVEL_NONE || level > own)
        return 0;
    return code - code % levels[level].width;
}

bool region_contains(int64_t outer, int64_t inner)
{
    return region_level_of(inner) != LEVEL_NONE && region_span_contains(region_span_of(outer), inner);
}

bool category_code_is_valid(const char *code)
{
    return code && strlen(code) == 5 && code[0] >= 'A' && code[0] <= 'Z' && text_is_digits(code + 1, 4);
}

int category_prefix_range(const char *prefix, char lo[6], char hi[6], struct err *e)
{
    size_t len = prefix ? strlen(prefix) : 0;
    bool ok =
        len <= 5 && (len == 0 || (prefix[0] >= 'A' && prefix[0] <= 'Z')) && (len < 2 || text_is_digits(prefix + 1, len - 1));
    if (!ok)
        return err_set(e, ERR_INVALID,
                       "A category begins with one letter A-Z and has up to four digits, for example E0102 or E01.");
    memcpy(lo, "A0000", 6);
    memcpy(hi, "Z9999", 6);
    if (len) {
        memcpy(lo, prefix, len);
        memcpy(hi, prefix, len);
    }
    return 0;
}

bool category_is_dispute(const char *code)
{
    return strncmp(code, "D01", 3) == 0;
}
