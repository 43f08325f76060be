/* SPDX-License-Identifier: MIT */
/*
 * How many columns text takes, and cutting and padding by columns. The one place that decides; it asks wcwidth(3) and
 * nothing else, so it needs a UTF-8 (or GB18030) LC_CTYPE. Used by everything that lays out a screen.
 */
#ifndef WG_CLIENT_TERM_WIDTH_H
#define WG_CLIENT_TERM_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* One glyph: a base character with the marks that combine with it. */
struct width_cluster {
    size_t len;  /* bytes of the input it covers */
    int columns; /* 1 or 2; 0 only for an empty input */
    /* What may be shown: len bytes of the input, or a replacement if the input holds a control or malformed bytes. */
    const char *text;
    size_t text_len;
};

enum { WIDTH_CLUSTER_MAX = 19 }; /* bytes of one shown cluster; marks beyond are dropped */

/* Columns of a code point: 0 combining, 1, 2; -1 what must not reach a terminal (controls, bidi overrides, unassigned). */
int width_cp(uint32_t cp);
/* The first glyph of s[0..len). Text, borrowed from s or static. */
struct width_cluster width_next(const char *s, size_t len);
/* Start of the glyph before byte offset at. */
size_t width_prev(const char *s, size_t at);
/* Columns of a terminated UTF-8 string. */
int width_str(const char *s);
int width_strn(const char *s, size_t len);
/* Longest beginning of s that takes at most columns, in bytes. */
size_t width_fit(const char *s, size_t len, int columns);
/* Copies s cut to at most columns, the last column a '~' if something was cut. Returns the columns used. */
int width_cut(char *dst, size_t dst_size, const char *s, int columns);
/* As width_cut, then blanks up to columns; right-aligned if columns is negative. */
void width_pad(char *dst, size_t dst_size, const char *s, int columns);

#endif
