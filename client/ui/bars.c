/* SPDX-License-Identifier: MIT */
/* Bars and figures; see bars.h. Rates are computed in integers: n/d is exact until the last digit is rounded. */
#include "client/ui/bars.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void bars_paint(struct term *t, int row, int col, int columns, int64_t value, int64_t full, int64_t target, uint16_t attr)
{
    if (columns <= 0 || full <= 0)
        return;
    if (value > full)
        value = full;
    int filled = (int)((value * columns + full / 2) / full);
    if (value > 0 && filled == 0)
        filled = 1;
    grid_fill(&t->grid, row, col, filled, attr, term_glyph(t, GLYPH_BAR));
    if (target >= 0 && target <= full) {
        int at = (int)((target * columns + full / 2) / full);
        grid_put(&t->grid, row, col + (at < columns ? at : columns - 1), 1, ATTR_BOLD, term_glyph(t, GLYPH_VLINE));
    }
}

void bars_count(int64_t n, char *dst, size_t dst_size)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n);
    size_t out = 0;
    for (int i = 0; i < len && out + 2 < dst_size; i++) {
        if (i > 0 && digits[i - 1] != '-' && (len - i) % 3 == 0)
            dst[out++] = ',';
        dst[out++] = digits[i];
    }
    dst[out] = 0;
}

void bars_rate(const struct term *t, int64_t num, int64_t den, int decimals, char *dst, size_t dst_size)
{
    if (den <= 0) {
        snprintf(dst, dst_size, "%s", t->charset == TERM_CHARSET_UNICODE ? "—" : "--");
        return;
    }
    int64_t unit = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
    __int128 scaled = ((__int128)num * 100 * unit * 2 + den) / ((__int128)den * 2);
    int64_t v = (int64_t)scaled;
    if (decimals == 0)
        snprintf(dst, dst_size, "%" PRId64 "%%", v);
    else
        snprintf(dst, dst_size, "%" PRId64 ".%0*" PRId64 "%%", v / unit, decimals, v % unit);
}
