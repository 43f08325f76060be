/* SPDX-License-Identifier: MIT */
/* What the list behind a figure is opened with. For client/view only. */
#ifndef WG_CLIENT_VIEW_FIGURE_ARG_H
#define WG_CLIENT_VIEW_FIGURE_ARG_H

#include "wangge/v1/report.pb-c.h"

/* Borrowed while view_figure opens; copied. */
struct figure_arg {
    const Wangge__V1__MetricQuery *query;
    Wangge__V1__Breakdown breakdown; /* NONE for the total */
    const char *key;
    const char *name; /* of the row, for the title */
    Wangge__V1__FigurePart part;
    int64_t expected; /* the figure the list must be as long as */
};

#endif
