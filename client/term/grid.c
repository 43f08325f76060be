/* SPDX-License-Identifier: MIT */
/* The cell grid; see grid.h for the invariant that put_cluster keeps. */
#include "client/term/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void blank(struct cell *c, uint16_t attr)
{
    memset(c, 0, sizeof *c);
    c->text[0] = ' ';
    c->width = 1;
    c->attr = attr;
}

int grid_resize(struct grid *g, int rows, int cols)
{
    if (rows < 1 || cols < 1 || rows > GRID_MAX_ROWS || cols > GRID_MAX_COLS)
        return ERR_INVALID;
    struct cell *cells = malloc((size_t)rows * (size_t)cols * sizeof *cells);
    if (!cells)
        return ERR_NOMEM;
    free(g->cells);
    *g = (struct grid){.rows = rows, .cols = cols, .cells = cells};
    grid_clear(g);
    return 0;
}

void grid_fini(struct grid *g)
{
    free(g->cells);
    *g = (struct grid){0};
}

void grid_clear(struct grid *g)
{
    for (int i = 0; i < g->rows * g->cols; i++)
        blank(&g->cells[i], 0);
}

struct cell *grid_at(struct grid *g, int row, int col)
{
    if (row < 0 || col < 0 || row >= g->rows || col >= g->cols)
        return NULL;
    return &g->cells[row * g->cols + col];
}

/* Before a cell changes, whatever wide glyph it is half of becomes two blanks. */
static void release(struct grid *g, int row, int col)
{
    struct cell *c = grid_at(g, row, col);
    if (c->width == 0 && col > 0)
        blank(c - 1, (c - 1)->attr);
    if (c->width == 2 && col + 1 < g->cols)
        blank(c + 1, (c + 1)->attr);
}

static void put_cluster(struct grid *g, int row, int col, uint16_t attr, const struct width_cluster *cl)
{
    struct cell *c = grid_at(g, row, col);
    release(g, row, col);
    if (cl->columns == 2) {
        release(g, row, col + 1);
        blank(c + 1, attr);
        c[1].text[0] = 0;
        c[1].width = 0;
    }
    blank(c, attr);
    size_t n = cl->text_len < sizeof c->text ? cl->text_len : sizeof c->text - 1;
    memcpy(c->text, cl->text, n);
    c->text[n] = 0;
    c->width = (uint8_t)cl->columns;
}

int grid_putn(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text, size_t len)
{
    if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
        return 0;
    if (columns > g->cols - col)
        columns = g->cols - col;
    int used = 0;
    for (size_t i = 0; i < len;) {
        struct width_cluster cl = width_next(text + i, len - i);
        if (used + cl.columns > columns)
            break;
        put_cluster(g, row, col + used, attr, &cl);
        used += cl.columns;
        i += cl.len;
    }
    return used;
}

int grid_put(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text)
{
    return grid_putn(g, row, col, columns, attr, text, strlen(text));
}

int grid_put_cut(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text)
{
    if (col < 0 || columns <= 0)
        return 0;
    if (columns > g->cols - col)
        columns = g->cols - col;
    size_t len = strlen(text);
    if (width_fit(text, len, columns) == len)
        return grid_putn(g, row, col, columns, attr, text, len);
    int used = grid_putn(g, row, col, columns - 1, attr, text, len);
    return used + grid_put(g, row, col + used, 1, attr, "~");
}

void grid_put_pad(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text)
{
    int used = grid_put_cut(g, row, col, columns, attr, text);
    grid_fill(g, row, col + used, columns - used, attr, " ");
}

int grid_printf(struct grid *g, int row, int col, int columns, uint16_t attr, const char *fmt, ...)
{
    char line[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    return grid_put_cut(g, row, col, columns, attr, line);
}

void grid_fill(struct grid *g, int row, int col, int columns, uint16_t attr, const char *glyph)
{
    for (int i = 0; i < columns; i++)
        grid_put(g, row, col + i, 1, attr, glyph);
}

void grid_attr(struct grid *g, int row, int col, int columns, uint16_t attr)
{
    for (int i = 0; i < columns; i++) {
        struct cell *c = grid_at(g, row, col + i);
        if (!c)
            continue;
        if (attr & ATTR_COLOUR_MASK)
            c->attr &= (uint16_t)~ATTR_COLOUR_MASK;
        c->attr |= attr;
    }
}

size_t grid_row_text(const struct grid *g, int row, char *dst, size_t dst_size)
{
    size_t n = 0, end = 0;
    for (int col = 0; col < g->cols; col++) {
        const struct cell *c = &g->cells[row * g->cols + col];
        size_t len = strlen(c->text);
        if (n + len + 1 > dst_size)
            break;
        memcpy(dst + n, c->text, len);
        n += len;
        if (c->width && strcmp(c->text, " ") != 0)
            end = n;
    }
    if (dst_size)
        dst[end] = 0;
    return end;
}
