/* SPDX-License-Identifier: MIT */
/* Bars of a chart. */
#ifndef WG_CLIENT_UI_BARS_H
#define WG_CLIENT_UI_BARS_H

#include "client/term/term.h"

/* Paints a bar of value out of full over columns; a target (same unit, < 0: none) shows as a line. */
void bars_paint(struct term *t, int row, int col, int columns, int64_t value, int64_t full, int64_t target, uint16_t attr);
#endif
