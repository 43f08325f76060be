/* SPDX-License-Identifier: MIT */
/* Figures as text. 128-bit integers hold every product of counts below 10^15 exactly: nothing is rounded twice. */
#include "server/domain/figure.h"

#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 wide;

/* a / b rounded half up, mirrored for negative a. b > 0. */
static int64_t divide_half_up(wide a, wide b)
{
    bool negative = a < 0;
    if (negative)
        a = -a;
    wide q = (2 * a + b) / (2 * b);
    return (int64_t)(negative ? -q : q);
}

/* Hundredths with two decimals, a sign if wanted or negative. */
static void print_hundredths(int64_t v, bool plus, const char *unit, char out[FIGURE_TEXT_SIZE])
{
    int64_t abs = v < 0 ? -v : v;
    snprintf(out, FIGURE_TEXT_SIZE, "%s%lld.%02lld%s",
             v < 0           ? "-"
             : plus && v > 0 ? "+"
                             : "",
             (long long)(abs / 100), (long long)(abs % 100), unit);
}

static void print_undefined(char out[FIGURE_TEXT_SIZE])
{
    snprintf(out, FIGURE_TEXT_SIZE, "—");
}

int64_t figure_rate(int64_t n, int64_t d)
{
    return divide_half_up((wide)n * 10000, d);
}

void figure_format_rate(int64_t n, int64_t d, char out[FIGURE_TEXT_SIZE])
{
    if (d <= 0)
        print_undefined(out);
    else
        print_hundredths(figure_rate(n, d), false, " %", out);
}

void figure_format_wan(int64_t v, char out[FIGURE_TEXT_SIZE])
{
    if (v > -10000 && v < 10000)
        snprintf(out, FIGURE_TEXT_SIZE, "%lld", (long long)v);
    else
        print_hundredths(divide_half_up(v, 100), false, "万", out);
}

void figure_format_points(int64_t n1, int64_t d1, int64_t n0, int64_t d0, char out[FIGURE_TEXT_SIZE])
{
    if (d1 <= 0 || d0 <= 0)
        print_undefined(out);
    else
        print_hundredths(divide_half_up(((wide)n1 * d0 - (wide)n0 * d1) * 10000, (wide)d1 * d0), true, "", out);
}

void figure_format_change(int64_t now, int64_t then, char out[FIGURE_TEXT_SIZE])
{
    if (then <= 0)
        print_undefined(out);
    else
        print_hundredths(divide_half_up(((wide)now - then) * 10000, then), true, " %", out);
}
