/* SPDX-License-Identifier: MIT */
/* Screen furniture; see chrome.h. */
#include "client/ui/chrome.h"

#include <stdio.h>
#include <string.h>

#include "client/ui/field.h"
#include "client/ui/msg.h"

void chrome_title(struct term *t, const struct chrome_status *s)
{
    struct grid *g = &t->grid;
    char right[256], unsent[48] = "", unread[48] = "";
    if (s->unsent > 0)
        snprintf(unsent, sizeof unsent, "  %s%d", _("unsent "), s->unsent);
    if (s->unread > 0)
        snprintf(unread, sizeof unread, "  %s%d", _("inbox "), s->unread);
    snprintf(right, sizeof right, "%s  %s%s%s  %s ", s->who ? s->who : _("not logged in"), s->online, unread, unsent, s->time);
    int w = width_str(right);
    grid_printf(g, 0, 1, g->cols - w - 2, ATTR_BOLD, "%s  %s", _("Wangge"), s->title);
    grid_put_cut(g, 0, g->cols - w, w, 0, right);
    if (s->trouble) {
        const char *at = strstr(right, s->online);
        if (at)
            grid_attr(g, 0, g->cols - w + width_strn(right, (size_t)(at - right)), width_str(s->online),
                      ATTR_BOLD | ATTR_YELLOW);
    }
}

void chrome_rule(struct term *t, int row)
{
    grid_fill(&t->grid, row, 0, t->grid.cols, 0, term_glyph(t, GLYPH_HLINE));
}

void chrome_box(struct term *t, int row, int col, int rows, int columns, const char *title)
{
    struct grid *g = &t->grid;
    for (int r = 0; r < rows; r++) {
        bool edge = r == 0 || r == rows - 1;
        grid_fill(g, row + r, col, columns, 0, edge ? term_glyph(t, GLYPH_HLINE) : " ");
        grid_put(g, row + r, col, 1, 0, edge ? "+" : term_glyph(t, GLYPH_VLINE));
        grid_put(g, row + r, col + columns - 1, 1, 0, edge ? "+" : term_glyph(t, GLYPH_VLINE));
    }
    if (title && title[0]) {
        int used = grid_put_cut(g, row, col + 3, columns - 6, ATTR_BOLD, title);
        grid_put(g, row, col + 2, 1, 0, " ");
        grid_put(g, row, col + 3 + used, 1, 0, " ");
    }
}

int chrome_label(struct term *t, int row, int col, int label_columns, const char *label, int columns, uint16_t attr,
                 const char *value)
{
    grid_put_cut(&t->grid, row, col, label_columns - 1, ATTR_DIM, label);
    return label_columns + grid_put_cut(&t->grid, row, col + label_columns, columns - label_columns, attr, value);
}

void chrome_too_small(struct term *t, int rows, int columns)
{
    struct grid *g = &t->grid;
    char text[160];
    snprintf(text, sizeof text, _("The window is too small (%dx%d). Wangge needs %dx%d."), g->cols, g->rows, columns, rows);
    size_t len = strlen(text), at = 0;
    for (int r = 0; r < g->rows && at < len; r++) {
        size_t next, n = field_wrap(text + at, len - at, g->cols, &next);
        grid_putn(g, r, 0, g->cols, 0, text + at, n);
        at += next;
    }
    t->cursor_row = -1;
}

void chrome_message(struct term *t, int row, int rows, const char *text, const char *hint)
{
    int cols = t->grid.cols - 8, lines = 0;
    size_t len = strlen(text), at = 0;
    int r = row + rows / 3;
    while (at < len && lines < 4) {
        size_t next, n = field_wrap(text + at, len - at, cols, &next);
        char line[512];
        snprintf(line, sizeof line, "%.*s", (int)n, text + at);
        grid_put(&t->grid, r + lines, (t->grid.cols - width_str(line)) / 2, cols, 0, line);
        lines++;
        at += next;
    }
    if (hint)
        grid_put_cut(&t->grid, r + lines + 1, (t->grid.cols - width_str(hint)) / 2, cols, ATTR_DIM, hint);
}
