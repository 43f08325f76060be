/* SPDX-License-Identifier: MIT */
/*
 * Figures as text, in exact integer arithmetic: rounding half up, once, at the last step. Pure. Invariant: an empty denominator
 * prints "—", never a percentage.
 */
#ifndef WG_DOMAIN_FIGURE_H
#define WG_DOMAIN_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

enum { FIGURE_TEXT_SIZE = 32 };

/* Hundredths of a percent of n/d, rounded half up (away from zero for negative n). d > 0. */
int64_t figure_rate(int64_t n, int64_t d);
/* "81.00 %"; "—" if d is 0 or less. */
void figure_format_rate(int64_t n, int64_t d, char out[FIGURE_TEXT_SIZE]);
/* Below 10,000 the number itself, from there on 万 with two decimals, half up: "9999", "1.84万". */
void figure_format_wan(int64_t v, char out[FIGURE_TEXT_SIZE]);
/* Difference of two rates in percentage points, rounded once from the exact difference: "+1.25", "-0.10", "0.00"; "—" if a
 * denominator is empty. */
void figure_format_points(int64_t n1, int64_t d1, int64_t n0, int64_t d0, char out[FIGURE_TEXT_SIZE]);
/* Relative change of a count: (now - then) / then: "+12.50 %"; "—" if then is 0 or less. */
void figure_format_change(int64_t now, int64_t then, char out[FIGURE_TEXT_SIZE]);

#endif
