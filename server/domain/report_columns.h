/* SPDX-License-Identifier: MIT */
/* Columns of the built-in reports; several reports share some. For report_def.c alone. */
#ifndef WG_DOMAIN_REPORT_COLUMNS_H
#define WG_DOMAIN_REPORT_COLUMNS_H

#include "server/domain/report_def.h"

extern const struct report_col daily_summary[9];
extern const struct report_col daily_rows[8];
extern const struct report_col headline[11];
extern const struct report_col unit_rows[12];
extern const struct report_col category_rows[7];
extern const struct report_col channel_rows[7];
extern const struct report_col ranking_rows[8];
extern const struct report_col left_out[10];
extern const struct report_col integrity_rows[8];
extern const struct report_col assessment_rows[29];
extern const struct report_col ageing_rows[10];
extern const struct report_col trend_rows[3];
extern const struct report_col trend_flow[5];
extern const struct report_col compare_rows[10];
extern const struct report_col handover_summary[6];
extern const struct report_col dashboard_summary[9];

#endif
