/* SPDX-License-Identifier: MIT */
/*
 * A screen in memory: rows of cells, each a glyph with its width and attributes. Everything is painted here first; a
 * terminal gets only whole glyphs out of it, because half-overwritten wide glyphs shift rows on real terminals.
 * Invariant: a wide glyph is a cell of width 2 followed by one of width 0, or it is not there at all.
 */
#ifndef WG_CLIENT_TERM_GRID_H
#define WG_CLIENT_TERM_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/term/width.h"
#include "common/base/err.h"

enum {
    ATTR_NONE = 0,
    ATTR_BOLD = 1,
    ATTR_REVERSE = 2,
    ATTR_DIM = 4,
    ATTR_UNDERLINE = 8,
    /* foreground colours, one of the terminal's own eight; 0 is the default foreground */
    ATTR_RED = 1 << 8,
    ATTR_GREEN = 2 << 8,
    ATTR_YELLOW = 3 << 8,
    ATTR_BLUE = 4 << 8,
    ATTR_MAGENTA = 5 << 8,
    ATTR_CYAN = 6 << 8,
    ATTR_COLOUR_MASK = 0xf << 8,
};

enum { GRID_MAX_ROWS = 500, GRID_MAX_COLS = 1000 };

struct cell {
    char text[WIDTH_CLUSTER_MAX + 1]; /* UTF-8; empty for the right half of a wide glyph */
    uint8_t width;                    /* 0, 1, 2 */
    uint16_t attr;
};

struct grid {
    int rows;
    int cols;
    struct cell *cells; /* rows * cols */
};

/* Allocates and blanks. ERR_NOMEM; ERR_INVALID beyond the maximum. A zeroed grid is a valid empty one. */
int grid_resize(struct grid *g, int rows, int cols) MUST_CHECK;
void grid_fini(struct grid *g);
/* Blanks everything. */
void grid_clear(struct grid *g);
struct cell *grid_at(struct grid *g, int row, int col);
/* Writes text from (row, col), at most columns of it; a glyph that does not fit whole is left out. Returns columns used. */
int grid_put(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text);
int grid_putn(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text, size_t len);
/* As grid_put, but text that does not fit ends in '~'. */
int grid_put_cut(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text);
/* grid_put_cut, then blanks to columns in the same attributes. */
void grid_put_pad(struct grid *g, int row, int col, int columns, uint16_t attr, const char *text);
int grid_printf(struct grid *g, int row, int col, int columns, uint16_t attr, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* Repeats a one-column glyph. */
void grid_fill(struct grid *g, int row, int col, int columns, uint16_t attr, const char *glyph);
/* Adds attributes to what is there. */
void grid_attr(struct grid *g, int row, int col, int columns, uint16_t attr);
/* The row as UTF-8 without trailing blanks; returns bytes written (terminated, cut if dst is small). */
size_t grid_row_text(const struct grid *g, int row, char *dst, size_t dst_size);

#endif
