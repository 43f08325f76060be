/* SPDX-License-Identifier: MIT */
/* Bars; see bars.h. */
#include "client/ui/bars.h"

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
