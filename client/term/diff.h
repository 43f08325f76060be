/* SPDX-License-Identifier: MIT */
/*
 * The bytes that turn one screen into another. Whole glyphs only, in row order; unchanged stretches are skipped by moving
 * the cursor when that is shorter than writing them again. No I/O; the capabilities are plain strings of terminfo.
 */
#ifndef WG_CLIENT_TERM_DIFF_H
#define WG_CLIENT_TERM_DIFF_H

#include "client/term/grid.h"
#include "common/base/buf.h"

/* Capability strings, padding removed. NULL where the terminal has none; cup and clear must be there. */
struct diff_caps {
    const char *cup;   /* parameters: row, column */
    const char *clear; /* clears and homes */
    const char *el;    /* clears to the end of the line */
    const char *sgr0;
    const char *bold;
    const char *reverse;
    const char *dim;
    const char *underline;
    const char *setaf; /* NULL also if colours are not wanted */
    const char *hide;
    const char *show;
    /* Turns UTF-8 into the terminal's own coding; NULL: it is UTF-8. Returns bytes written, 0 if it has no such character. */
    size_t (*encode)(const char *utf8, char *dst, size_t dst_size);
};

/* Appends what changes shown into want (same size), ending with the cursor at (row, col), visible if row >= 0. shown becomes
 * a copy of want. If whole, the screen is cleared first and nothing is assumed of it. ERR_EXHAUSTED, ERR_NOMEM: paint whole
 * the next time. */
int diff_emit(const struct diff_caps *caps, struct grid *shown, const struct grid *want, bool whole, int row, int col,
              struct buf *out) MUST_CHECK;

#endif
