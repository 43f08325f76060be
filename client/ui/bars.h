/* SPDX-License-Identifier: MIT */
/* Bars and figures as text. */
#ifndef WG_CLIENT_UI_BARS_H
#define WG_CLIENT_UI_BARS_H

#include "client/term/term.h"

/* Paints a bar of value out of full over columns; a target (same unit, < 0: none) shows as a line. */
void bars_paint(struct term *t, int row, int col, int columns, int64_t value, int64_t full, int64_t target, uint16_t attr);
/* "4,356" */
void bars_count(int64_t n, char *dst, size_t dst_size);
/* "81.00%" with decimals digits, rounded half up; an em dash (or "--") if the denominator is 0. */
void bars_rate(const struct term *t, int64_t num, int64_t den, int decimals, char *dst, size_t dst_size);

#endif
