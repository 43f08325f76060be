/* SPDX-License-Identifier: MIT */
/* Screen difference; see diff.h. */
#include "client/term/diff.h"

#include <stdio.h>
#include <string.h>
#include <curses.h>
#include <term.h>

/* A jump costs 6-8 bytes: an unchanged gap up to this many bytes is written again instead. */
enum { GAP_BYTES = 6 };

struct pen {
    const struct diff_caps *caps;
    struct buf *out;
    int row, col;
    int attr; /* every flush ends with none */
    int rc;
};

static void put(struct pen *p, const char *s, size_t n)
{
    if (p->rc == 0)
        p->rc = buf_append(p->out, s, n);
}

static void put_str(struct pen *p, const char *s)
{
    if (s)
        put(p, s, strlen(s));
}

static void move_to(struct pen *p, int row, int col)
{
    if (p->row == row && p->col == col)
        return;
    put_str(p, tiparm(p->caps->cup, row, col));
    p->row = row;
    p->col = col;
}

static void set_attr(struct pen *p, uint16_t attr)
{
    const struct diff_caps *c = p->caps;
    if (!c->setaf)
        attr &= (uint16_t)~ATTR_COLOUR_MASK;
    if (p->attr == attr)
        return;
    if (p->attr != 0)
        put_str(p, c->sgr0);
    p->attr = attr;
    if (attr & ATTR_BOLD)
        put_str(p, c->bold);
    if (attr & ATTR_DIM)
        put_str(p, c->dim);
    if (attr & ATTR_UNDERLINE)
        put_str(p, c->underline);
    if (attr & ATTR_REVERSE)
        put_str(p, c->reverse);
    if (attr & ATTR_COLOUR_MASK)
        put_str(p, tiparm(c->setaf, (attr & ATTR_COLOUR_MASK) >> 8));
}

static void put_glyph(struct pen *p, const struct cell *c)
{
    set_attr(p, c->attr);
    if (!p->caps->encode) {
        put_str(p, c->text);
    } else {
        char coded[32];
        size_t n = p->caps->encode(c->text, coded, sizeof coded);
        if (n)
            put(p, coded, n);
        else
            put(p, "??", c->width);
    }
    p->col += c->width;
}

static bool same(const struct cell *a, const struct cell *b)
{
    return a->width == b->width && a->attr == b->attr && strcmp(a->text, b->text) == 0;
}

static bool is_blank(const struct cell *c)
{
    return c->attr == 0 && c->width == 1 && c->text[0] == ' ';
}

static void diff_row(struct pen *p, const struct cell *old, const struct cell *want, int row, int cols)
{
    int tail = cols; /* from here on both, or only the wanted row, are blank */
    while (tail > 0 && is_blank(&want[tail - 1]))
        tail--;
    int old_tail = cols;
    while (old_tail > 0 && is_blank(&old[old_tail - 1]))
        old_tail--;
    bool use_el = p->caps->el && old_tail - tail > 3;
    int last = use_el ? tail : (old_tail > tail ? old_tail : tail);
    for (int col = 0; col < last;) {
        if (same(&old[col], &want[col])) {
            col++;
            continue;
        }
        if (want[col].width == 0 && col > 0) { /* cannot start inside a glyph */
            col--;
        }
        /* Reach back over a short unchanged gap rather than jump. */
        if (p->row == row && p->col < col) {
            int bytes = 0;
            bool plain = true;
            for (int i = p->col; i < col; i++) {
                bytes += (int)strlen(want[i].text);
                plain = plain && (int)want[i].attr == p->attr;
            }
            if (plain && bytes <= GAP_BYTES && want[p->col].width) {
                while (p->col < col)
                    put_glyph(p, &want[p->col]);
            }
        }
        move_to(p, row, col);
        do {
            put_glyph(p, &want[col]);
            col += want[col].width ? want[col].width : 1;
        } while (col < last && !same(&old[col], &want[col]));
        if (p->col >= cols)
            p->row = -1; /* terminals differ in where the cursor is after the last column */
    }
    if (use_el) {
        move_to(p, row, tail);
        set_attr(p, 0);
        put_str(p, p->caps->el);
    }
}

int diff_emit(const struct diff_caps *caps, struct grid *shown, const struct grid *want, bool whole, int row, int col,
              struct buf *out)
{
    struct pen p = {.caps = caps, .out = out, .row = -1, .col = -1};
    put_str(&p, caps->hide);
    if (whole) {
        put_str(&p, caps->sgr0);
        put_str(&p, caps->clear);
        grid_clear(shown);
    }
    for (int r = 0; r < want->rows && p.rc == 0; r++)
        diff_row(&p, &shown->cells[r * want->cols], &want->cells[r * want->cols], r, want->cols);
    if (p.attr > 0)
        put_str(&p, caps->sgr0);
    if (row >= 0) {
        p.row = -1;
        move_to(&p, row, col);
        put_str(&p, caps->show);
    }
    if (p.rc == 0)
        memcpy(shown->cells, want->cells, (size_t)(want->rows * want->cols) * sizeof *want->cells);
    return p.rc;
}
