/* SPDX-License-Identifier: MIT */
/*
 * How a figure is written: rates from exact n/d, half-up at the last step, counts in groups and in 万. Pure; used wherever a
 * figure reaches a person, so that screen, text and export can never round differently.
 */
#ifndef WG_BASE_FIGURE_H
#define WG_BASE_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIGURE_TEXT_MAX = 48, /* room for every text made here, terminator included */
    FIGURE_DECIMALS_MAX = 6,
};

/* What stands for a rate without a denominator. */
#define FIGURE_NONE "—"

/* n * scale / d rounded half-up (halves away from zero); false if d is 0 or the result does not fit. */
bool figure_ratio(int64_t n, int64_t d, int64_t scale, int64_t *ret);
/* Writes n/d as percent with 0..6 decimals, without the sign: "81.00"; "—" if d is 0. Returns out. */
char *figure_rate(int64_t n, int64_t d, int decimals, char out[FIGURE_TEXT_MAX]);
/* As figure_rate with two decimals and " %": "81.00 %"; "—" if d is 0. */
char *figure_percent(int64_t n, int64_t d, char out[FIGURE_TEXT_MAX]);
/* Writes a count in groups of three: "18,400". */
char *figure_count(int64_t n, char out[FIGURE_TEXT_MAX]);
/* Writes a count the bulletin way: "1.84万" from 10,000 on, the plain count in groups below. */
char *figure_wan(int64_t n, char out[FIGURE_TEXT_MAX]);
/* Writes the difference n1/d1 - n0/d0 in percentage points with a sign: "+1.25"; "—" if either is undefined. */
char *figure_points(int64_t n1, int64_t d1, int64_t n0, int64_t d0, char out[FIGURE_TEXT_MAX]);
/* Writes the change (now - then) / then in percent with a sign: "+3.20 %"; "—" if then is 0. */
char *figure_change(int64_t now, int64_t then, char out[FIGURE_TEXT_MAX]);

#endif
