/* SPDX-License-Identifier: MIT */
/*
 * Prints a report as its parts arrive, in one of several formats: one section and one row at a time, so a report of any length
 * takes the memory of one part. Invariant: what is written is complete exactly if report_writer_finish returns 0; a file has
 * its name only then (before it is NAME.part), and the digest at the end is that of what was received.
 */
#ifndef WG_CLIENT_EXPORT_REPORT_WRITER_H
#define WG_CLIENT_EXPORT_REPORT_WRITER_H

#include <stdbool.h>
#include <stdio.h>

#include "common/base/err.h"
#include "wangge/v1/report.pb-c.h"

struct report_writer;

struct report_writer_options {
    Wangge__V1__ReportFormat format;
    bool chinese;     /* of titles and texts */
    bool bom;         /* CSV: begins with a byte order mark, so that office programs take it for UTF-8 */
    bool gb18030;     /* CSV: in GB18030 */
    int width;        /* text: columns of the terminal; 0: no limit */
    const char *path; /* NULL: to out; a directory on the way is not made */
    FILE *out;        /* borrowed */
};

/* NULL with *e set: ERR_INVALID (xlsx without a path), ERR_IO, ERR_NOMEM. */
struct report_writer *report_writer_create(const struct report_writer_options *o, struct err *e);
/* Takes the next part. ERR_IO, ERR_NOMEM, ERR_PROTOCOL (parts in an impossible order). */
int report_writer_part(struct report_writer *w, const Wangge__V1__ReportPart *part, struct err *e) MUST_CHECK;
/* Ends the writing. ERR_PROTOCOL: the report was cut, or is not what its digest says; what was written then says so. */
int report_writer_finish(struct report_writer *w, struct err *e) MUST_CHECK;
/* Accepts NULL. Without a finish before, the file stays NAME.part. */
void report_writer_destroy(struct report_writer *w);
/* "text", "csv", "json", "xlsx", "html"; NULL out of range. Static. */
const char *report_writer_format_name(Wangge__V1__ReportFormat f);

#endif
