/* SPDX-License-Identifier: MIT */
/* A report as a supervisor's sheet in text: the figure with n/d, its definition, window, as-of and filters, then the rows. */
#ifndef WG_CLIENT_CLI_REPORT_TEXT_H
#define WG_CLIENT_CLI_REPORT_TEXT_H

#include <stdbool.h>

#include "wangge/v1/report.pb-c.h"

/* Whether the counts of a figure add up: reported = valid + refused + voided + merged + undecided, and no part exceeds its
 * whole. */
bool report_text_adds_up(const Wangge__V1__Figure *f);
/* Writes the sheet by calling put for each piece. max_width: of the terminal, 0 for no limit. */
void report_text_write(const Wangge__V1__QueryMetricResponse *r, int max_width, void (*put)(void *arg, const char *text),
                       void *arg);

#endif
