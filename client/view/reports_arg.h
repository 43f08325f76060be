/* SPDX-License-Identifier: MIT */
/* What the reports screen is opened with. */
#ifndef WG_CLIENT_VIEW_REPORTS_ARG_H
#define WG_CLIENT_VIEW_REPORTS_ARG_H

struct reports_arg {
    const char *from, *to;   /* days of the window, inclusive */
    const char *region_code; /* empty: the caller's */
};

#endif
