/* SPDX-License-Identifier: MIT */
#include "common/base/figure.h"

#include <inttypes.h>
#include <stdio.h>

__extension__ typedef __int128 wide;

/* n / d rounded half away from zero; d > 0. */
static wide round_half(wide n, wide d)
{
    wide q = n / d;
    wide r = n % d;
    if (r < 0)
        r = -r;
    if (r * 2 >= d)
        q += n < 0 ? -1 : 1;
    return q;
}

static bool fits(wide v)
{
    return v >= INT64_MIN && v <= INT64_MAX;
}

bool figure_ratio(int64_t n, int64_t d, int64_t scale, int64_t *ret)
{
    if (d == 0)
        return false;
    wide num = (wide)n * scale;
    wide den = d;
    if (den < 0) {
        num = -num;
        den = -den;
    }
    wide v = round_half(num, den);
    if (!fits(v))
        return false;
    *ret = (int64_t)v;
    return true;
}

static char *none(char out[FIGURE_TEXT_MAX])
{
    snprintf(out, FIGURE_TEXT_MAX, "%s", FIGURE_NONE);
    return out;
}

/* Writes v / 10^decimals, with a plus sign if asked for. */
static char *put_fixed(int64_t v, int decimals, bool sign, const char *unit, char out[FIGURE_TEXT_MAX])
{
    uint64_t mag = v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v;
    uint64_t unit_size = 1;
    for (int i = 0; i < decimals; i++)
        unit_size *= 10;
    const char *mark = v < 0 ? "-" : (sign && v > 0 ? "+" : "");
    if (decimals == 0)
        snprintf(out, FIGURE_TEXT_MAX, "%s%" PRIu64 "%s", mark, mag, unit);
    else
        snprintf(out, FIGURE_TEXT_MAX, "%s%" PRIu64 ".%0*" PRIu64 "%s", mark, mag / unit_size, decimals, mag % unit_size, unit);
    return out;
}

char *figure_rate(int64_t n, int64_t d, int decimals, char out[FIGURE_TEXT_MAX])
{
    if (decimals < 0)
        decimals = 0;
    if (decimals > FIGURE_DECIMALS_MAX)
        decimals = FIGURE_DECIMALS_MAX;
    int64_t scale = 100;
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    int64_t v;
    if (!figure_ratio(n, d, scale, &v))
        return none(out);
    return put_fixed(v, decimals, false, "", out);
}

char *figure_percent(int64_t n, int64_t d, char out[FIGURE_TEXT_MAX])
{
    int64_t v;
    if (!figure_ratio(n, d, 10000, &v))
        return none(out);
    return put_fixed(v, 2, false, " %", out);
}

char *figure_count(int64_t n, char out[FIGURE_TEXT_MAX])
{
    char digits[24];
    uint64_t mag = n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n;
    int len = snprintf(digits, sizeof digits, "%" PRIu64, mag);
    size_t at = 0;
    if (n < 0)
        out[at++] = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

char *figure_wan(int64_t n, char out[FIGURE_TEXT_MAX])
{
    if (n > -10000 && n < 10000)
        return figure_count(n, out);
    return put_fixed((int64_t)round_half(n, 100), 2, false, "万", out);
}

char *figure_points(int64_t n1, int64_t d1, int64_t n0, int64_t d0, char out[FIGURE_TEXT_MAX])
{
    /* Exact for counts below 2^56: the difference of two rounded rates could be off by one in the last place. */
    const int64_t limit = INT64_C(1) << 56;
    if (d1 <= 0 || d0 <= 0 || d1 >= limit || d0 >= limit || n1 >= limit || n0 >= limit || n1 <= -limit || n0 <= -limit)
        return none(out);
    wide num = (wide)n1 * d0 - (wide)n0 * d1;
    wide den = (wide)d1 * d0;
    wide whole = num / den;
    wide rest = num % den;
    /* rest * 10000 can pass 127 bits only if den does not fit 113; take the long way around in that case. */
    while (den >= ((wide)1 << 112)) {
        den >>= 1;
        rest /= 2;
    }
    wide v = whole * 10000 + round_half(rest * 10000, den);
    if (!fits(v))
        return none(out);
    return put_fixed((int64_t)v, 2, true, "", out);
}

char *figure_change(int64_t now, int64_t then, char out[FIGURE_TEXT_MAX])
{
    int64_t v;
    if (then <= 0 || now < 0 || !figure_ratio(now - then, then, 10000, &v))
        return none(out);
    return put_fixed(v, 2, true, " %", out);
}
