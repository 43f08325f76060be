/* SPDX-License-Identifier: MIT */
/* What the formats share; for them alone. */
#ifndef WG_CLIENT_EXPORT_REPORT_IMPL_H
#define WG_CLIENT_EXPORT_REPORT_IMPL_H

#include "client/export/report_value.h"
#include "client/export/report_writer.h"

/* One format. Messages are borrowed during the call. head and section stay until the next call of their kind returns. */
struct report_format {
    void *(*create)(const struct report_writer_options *o, FILE *out, struct err *e);
    int (*head)(void *self, const Wangge__V1__ReportHead *h, struct err *e);
    int (*section)(void *self, const Wangge__V1__ReportSection *s, struct err *e);
    int (*row)(void *self, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e);
    /* end is NULL of a report that was cut. */
    int (*end)(void *self, const Wangge__V1__ReportHead *h, const Wangge__V1__ReportEnd *end, struct err *e);
    void (*destroy)(void *self);
};
extern const struct report_format report_format_text;
extern const struct report_format report_format_csv;
extern const struct report_format report_format_json;
extern const struct report_format report_format_xlsx;
extern const struct report_format report_format_html;

/* fprintf with the outcome as an error. */
int report_put(FILE *out, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
