/* SPDX-License-Identifier: MIT */
/* The menu; see menu.h. */
#include "client/ui/menu.h"

#include <string.h>

#include "client/ui/chrome.h"
#include "common/base/text.h"

void menu_open(struct menu *m, const char *title)
{
    memset(m, 0, sizeof *m);
    text_copy(m->title, sizeof m->title, title);
    m->open = true;
}

void menu_add(struct menu *m, int value, const char *text)
{
    if (m->n == MENU_ITEMS_MAX)
        return;
    text_copy(m->items[m->n].text, MENU_TEXT_MAX, text);
    m->items[m->n++].value = value;
}

/* Entries are reached by 1-9, the rest by letters from a on. */
static int hotkey(int i)
{
    return i < 9 ? '1' + i : 'a' + i - 9;
}

int menu_key(struct menu *m, uint32_t key)
{
    key = input_fold(key);
    if (key == TK_ESC) {
        m->open = false;
        return MENU_LEFT;
    }
    if (key == TK_UP || key == TK_BACKTAB)
        m->selected = m->selected > 0 ? m->selected - 1 : m->n - 1;
    if (key == TK_DOWN || key == TK_TAB)
        m->selected = m->selected + 1 < m->n ? m->selected + 1 : 0;
    int chosen = key == TK_ENTER && m->n > 0 ? m->selected : -1;
    for (int i = 0; i < m->n; i++) {
        if ((uint32_t)hotkey(i) == key)
            chosen = i;
    }
    if (chosen < 0)
        return MENU_STAY;
    m->open = false;
    return m->items[chosen].value;
}

void menu_paint(const struct menu *m, struct term *t)
{
    int columns = width_str(m->title) + 6, screen = t->grid.cols;
    for (int i = 0; i < m->n; i++) {
        int w = width_str(m->items[i].text) + 8;
        columns = w > columns ? w : columns;
    }
    if (columns > screen - 4)
        columns = screen - 4;
    int rows = m->n + 2;
    if (rows > t->grid.rows - 2)
        rows = t->grid.rows - 2;
    int row = m->row ? m->row : (t->grid.rows - rows) / 2, col = (screen - columns) / 2;
    int shown = rows - 2, top = m->selected >= shown ? m->selected - shown + 1 : 0;
    chrome_box(t, row, col, rows, columns, m->title);
    for (int i = 0; i < shown && top + i < m->n; i++) {
        uint16_t attr = top + i == m->selected ? ATTR_REVERSE : 0;
        grid_fill(&t->grid, row + 1 + i, col + 1, columns - 2, attr, " ");
        grid_printf(&t->grid, row + 1 + i, col + 2, 2, attr, "%c", hotkey(top + i));
        grid_put_cut(&t->grid, row + 1 + i, col + 4, columns - 6, attr, m->items[top + i].text);
    }
    t->cursor_row = row + 1 + m->selected - top;
    t->cursor_col = col + 2;
}
