/* SPDX-License-Identifier: MIT */
/* What the commands of reports share. */
#ifndef WG_CLIENT_CLI_CLI_REPORT_H
#define WG_CLIENT_CLI_CLI_REPORT_H

#include "client/cli/cli.h"
#include "client/export/report_writer.h"

/* The window the options give: --year, --month, or --from and --to; without any this month so far. An exit code, told already.
 */
int cli_report_window(struct cli *c, char from[11], char to[11]);

struct cli_pull {
    Wangge__V1__PullReportRequest req;
    Wangge__V1__ReportFilter filter;
    Google__Protobuf__Timestamp as_of;
    char from[11], to[11];
};
/* A pull request from the command line: code, window, filter, as-of, target. */
int cli_report_request(struct cli *c, const char *code, struct cli_pull *p);
/* --region, --level, --category, --organ; *ret_some: any was given. */
int cli_report_filter(struct cli *c, Wangge__V1__ReportFilter *f, bool *ret_some);
/* --goal in hundredths of a percent; 0 without it. */
int cli_report_goal(struct cli *c, int32_t *ret_bp);
/* --format as one format; text without it. */
int cli_report_format(struct cli *c, const char *word, Wangge__V1__ReportFormat *ret);
/* Streams PullReport (id NULL) or GetFrozenReport into a writer. path NULL: to standard output. */
int cli_report_write(struct cli *c, const Wangge__V1__PullReportRequest *req, const char *id, Wangge__V1__ReportFormat format,
                     const char *path);

#endif
