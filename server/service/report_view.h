/* SPDX-License-Identifier: MIT */
/* Figures and metric definitions as the API shows them. */
#ifndef WG_SERVICE_REPORT_VIEW_H
#define WG_SERVICE_REPORT_VIEW_H

#include "server/service/report_request.h"
#include "wangge/v1/directory.pb-c.h"

/* n, d and the counts beside them, from the sums of one key. NULL without memory. */
Wangge__V1__Figure *report_view_figure(struct arena *a, const struct report_request *r, struct period window,
                                       const struct report_row *sums);
/* A metric's definition with its variants. NULL without memory. */
Wangge__V1__Metric *report_view_metric(struct arena *a, const struct metric *m);

/* "GRID", "HOTLINE": the key of a row by channel, as in the API. "?" if out of range. Static. */
const char *report_view_channel(enum channel c);
/* What a channel is called; "" out of range. Static. */
const char *report_view_channel_name(enum channel c, bool chinese);

#endif
