/* SPDX-License-Identifier: MIT */
#include "client/export/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "common/base/buf.h"
#include "common/base/text.h"

enum { GAP = 2, SHRINK_MIN = 8, LINE_MAX_BYTES = 64 * 1024 };

struct table {
    int n;
    struct {
        const char *title;
        bool right;
        bool shrink;
    } columns[TABLE_COLUMNS_MAX];
    char **cells;
    size_t n_cells;
    size_t cap;
};

static int char_width(uint32_t cp)
{
    int w = wcwidth((wchar_t)cp);
    return w < 0 ? 1 : w;
}

int table_width(const char *s)
{
    int width = 0;
    for (size_t len = strlen(s); len > 0;) {
        uint32_t cp;
        size_t n = text_decode(s, len, &cp);
        if (n == 0) {
            n = 1;
            cp = '?';
        }
        width += char_width(cp);
        s += n;
        len -= n;
    }
    return width;
}

void table_clean(const char *text, bool keep_lines, char *out, size_t size)
{
    size_t at = 0;
    size_t len = strlen(text);
    while (len > 0 && at + 5 < size) {
        uint32_t cp;
        size_t n = text_decode(text, len, &cp);
        if (n == 0) {
            n = 1;
            cp = '?';
        }
        if (text_cp_deceives(cp))
            cp = cp == '\n' && keep_lines ? '\n' : ' ';
        at += text_encode(cp, out + at);
        text += n;
        len -= n;
    }
    out[at] = '\0';
}

struct table *table_create(int n)
{
    struct table *t = calloc(1, sizeof *t);
    if (t)
        t->n = n < TABLE_COLUMNS_MAX ? n : TABLE_COLUMNS_MAX;
    return t;
}

void table_destroy(struct table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n_cells; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t);
}

void table_column(struct table *t, int column, const char *title, bool right, bool shrink)
{
    t->columns[column].title = title;
    t->columns[column].right = right;
    t->columns[column].shrink = shrink;
}

bool table_cell(struct table *t, const char *text)
{
    if (t->n_cells == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 256;
        char **more = realloc(t->cells, cap * sizeof *more);
        if (!more)
            return false;
        t->cells = more;
        t->cap = cap;
    }
    char clean[TABLE_CELL_MAX];
    table_clean(text, false, clean, sizeof clean);
    char *copy = strdup(clean);
    if (!copy)
        return false;
    t->cells[t->n_cells++] = copy;
    return true;
}

/* Appends text in exactly width columns: padded, or cut with "~". */
static void put_cell(struct buf *line, const char *text, int width, bool right, bool last)
{
    int have = table_width(text);
    bool cut = have > width;
    int pad = cut ? 0 : width - have;
    int rc = 0;
    if (right)
        rc |= buf_printf(line, "%*s", pad, "");
    if (!cut) {
        rc |= buf_append_str(line, text);
    } else {
        int used = 0;
        for (size_t len = strlen(text); len > 0;) {
            uint32_t cp;
            size_t n = text_decode(text, len, &cp);
            int w = char_width(cp);
            if (used + w > width - 1)
                break;
            rc |= buf_append(line, text, n);
            used += w;
            text += n;
            len -= n;
        }
        rc |= buf_printf(line, "~%*s", width - used - 1, "");
    }
    if (!right && !last)
        rc |= buf_printf(line, "%*s", pad, "");
    if (!last)
        rc |= buf_printf(line, "%*s", GAP, "");
    if (rc) {
        /* a line beyond its maximum ends here */
    }
}

static void fit(const struct table *t, int max_width, int *widths)
{
    int total = GAP * (t->n - 1);
    for (int c = 0; c < t->n; c++)
        total += widths[c];
    while (max_width > 0 && total > max_width) {
        int widest = -1;
        for (int c = 0; c < t->n; c++)
            if (t->columns[c].shrink && widths[c] > SHRINK_MIN && (widest < 0 || widths[c] > widths[widest]))
                widest = c;
        if (widest < 0)
            break;
        widths[widest]--;
        total--;
    }
}

void table_write(const struct table *t, int max_width, void (*put)(void *arg, const char *line), void *arg)
{
    int widths[TABLE_COLUMNS_MAX] = {0};
    bool titles = false;
    for (int c = 0; c < t->n; c++) {
        widths[c] = t->columns[c].title ? table_width(t->columns[c].title) : 0;
        titles |= t->columns[c].title != NULL;
    }
    for (size_t i = 0; i < t->n_cells; i++) {
        int w = table_width(t->cells[i]);
        if (w > widths[i % (size_t)t->n])
            widths[i % (size_t)t->n] = w;
    }
    fit(t, max_width, widths);
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    for (int c = 0; titles && c < t->n; c++)
        put_cell(&line, t->columns[c].title ? t->columns[c].title : "", widths[c], t->columns[c].right, c == t->n - 1);
    for (size_t i = 0; i <= t->n_cells; i++) {
        if (i % (size_t)t->n == 0 && buf_len(&line) > 0) {
            if (buf_append(&line, "\n", 2) == 0)
                put(arg, (const char *)buf_data(&line));
            buf_clear(&line);
        }
        if (i == t->n_cells)
            break;
        int c = (int)(i % (size_t)t->n);
        put_cell(&line, t->cells[i], widths[c], t->columns[c].right, c == t->n - 1);
    }
    buf_fini(&line);
}
