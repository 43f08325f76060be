/* SPDX-License-Identifier: MIT */
/* How the values of a report are written: the same on the screen and in every format. */
#ifndef WG_CLIENT_EXPORT_REPORT_VALUE_H
#define WG_CLIENT_EXPORT_REPORT_VALUE_H

#include <stdbool.h>

#include "wangge/v1/report.pb-c.h"

enum { REPORT_TEXT_MAX = 2048 };

/* The text of a language, or the other if it has none. */
const char *report_say(bool chinese, const char *zh, const char *en);
/* What a cell prints as: "18,400", "81.00 %", "+1.20", "3 h 20 min", "2021-03-31 18:00", "—". Returns out. */
char *report_cell_print(const Wangge__V1__ReportCell *c, const Wangge__V1__ReportColumn *col, bool chinese,
                        char out[REPORT_TEXT_MAX]);
/* "14,904/18,400" of a rate, else "". Returns out. */
char *report_cell_fraction(const Wangge__V1__ReportCell *c, const Wangge__V1__ReportColumn *col, char out[64]);
/* Hundredths of a percent of a ratio, rounded half up; false if it is undefined. */
bool report_cell_bp(const Wangge__V1__ReportCell *c, int64_t *ret);
/* "2021-03-01 to 2021-03-31, as of 2021-04-01 00:00, 让胡路区": what a report speaks of. Returns out. */
char *report_scope_print(const Wangge__V1__ReportHead *h, bool chinese, char out[REPORT_TEXT_MAX]);
char *report_time_print(const Google__Protobuf__Timestamp *t, char out[32]);

#endif
