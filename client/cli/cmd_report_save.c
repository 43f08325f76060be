/* SPDX-License-Identifier: MIT */
/* Saved reports: saving, removing, and writing those that are due into a folder. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli_report.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"

enum { FORMATS_MAX = 5, RUNS_MAX = 1000, PATH_MAX_BYTES = 4096 };

static int take_schedule(struct cli *c, Wangge__V1__Schedule *ret)
{
    static const char *const words[] = {NULL, "none", "daily", "weekly", "monthly"};
    const char *word = options_get(&c->opt, OPTION_SCHEDULE, "none");
    for (int i = 1; i < 5; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret = (Wangge__V1__Schedule)i;
            return CLI_OK;
        }
    }
    out_error(c, _("--%s: \"%s\" is none of %s."), "schedule", word, "none, daily, weekly, monthly");
    return CLI_INVALID;
}

static int take_time(struct cli *c, int32_t *ret)
{
    int hour, minute, used = 0;
    const char *text = options_get(&c->opt, OPTION_DUE_AT, "00:00");
    if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || text[used] || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59) {
        out_error(c, _("--%s: \"%s\" is not of the form %s."), "due-at", text, "08:00");
        return CLI_INVALID;
    }
    *ret = hour * 60 + minute;
    return CLI_OK;
}

/* "xlsx,html" */
static int take_formats(struct cli *c, Wangge__V1__ReportFormat formats[FORMATS_MAX], size_t *ret_n)
{
    const char *at = options_get(&c->opt, OPTION_FORMAT, "");
    *ret_n = 0;
    while (*at && *ret_n < FORMATS_MAX) {
        char word[16];
        size_t n = strcspn(at, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), at);
        int rc = cli_report_format(c, word, &formats[*ret_n]);
        if (rc)
            return rc;
        ++*ret_n;
        at += n + (at[n] == ',');
    }
    return CLI_OK;
}

int cmd_report_save(struct cli *c)
{
    struct channel_result r;
    Wangge__V1__SaveReportRequest req = WANGGE__V1__SAVE_REPORT_REQUEST__INIT;
    Wangge__V1__ReportDefinition d = WANGGE__V1__REPORT_DEFINITION__INIT;
    Wangge__V1__ReportFilter filter;
    Wangge__V1__ReportFormat formats[FORMATS_MAX];
    bool some;
    d.based_on = (char *)c->opt.args[0];
    d.code = (char *)options_get(&c->opt, OPTION_AS, "");
    d.name = (char *)options_get(&c->opt, OPTION_NAME, d.code);
    d.shared = options_has(&c->opt, OPTION_SHARED);
    int rc = cli_report_filter(c, &filter, &some);
    if (rc == CLI_OK)
        rc = cli_report_goal(c, &d.target_bp);
    if (rc == CLI_OK)
        rc = take_schedule(c, &d.schedule);
    if (rc == CLI_OK)
        rc = take_time(c, &d.at_minute);
    if (rc == CLI_OK)
        rc = take_formats(c, formats, &d.n_formats);
    if (rc)
        return rc;
    d.filter = &filter;
    d.formats = formats;
    req.report = &d;
    rc = cli_call(c, &methods_save_report, &req.base, &r);
    if (rc == CLI_OK && c->json)
        rc = out_json(c, &((const Wangge__V1__SaveReportResponse *)r.resp)->report->base);
    else if (rc == CLI_OK)
        out_printf(c, _("Saved: %s\n"), d.code);
    channel_result_fini(&r);
    return rc;
}

int cmd_report_delete(struct cli *c)
{
    struct channel_result r;
    Wangge__V1__DeleteReportRequest req = WANGGE__V1__DELETE_REPORT_REQUEST__INIT;
    req.code = (char *)c->opt.args[0];
    int rc = cli_call(c, &methods_delete_report, &req.base, &r);
    channel_result_fini(&r);
    return rc;
}

/* Runs --------------------------------------------------------------------------------------------------------------- */

static int write_run(struct cli *c, const char *folder, const Wangge__V1__ScheduledRun *run, char *files[FORMATS_MAX],
                     size_t *ret_n)
{
    *ret_n = 0;
    for (size_t i = 0; i < run->report->n_formats && i < FORMATS_MAX; i++) {
        char path[PATH_MAX_BYTES];
        const char *ext = report_writer_format_name(run->report->formats[i]);
        if (!ext)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s_%s_%s.%s", folder, run->request->code, run->request->from, run->request->to,
                       strcmp(ext, "text") == 0 ? "txt" : ext);
        int rc = cli_report_write(c, run->request, NULL, run->report->formats[i], path);
        if (rc)
            return rc;
        files[*ret_n] = strdup(path);
        if (!files[*ret_n])
            return CLI_FAILED;
        ++*ret_n;
    }
    return CLI_OK;
}

static int finish(struct cli *c, const char *id, char *files[FORMATS_MAX], size_t n, bool failed)
{
    struct channel_result r;
    Wangge__V1__FinishScheduledRunRequest req = WANGGE__V1__FINISH_SCHEDULED_RUN_REQUEST__INIT;
    req.id = (char *)id;
    req.files = files;
    req.n_files = n;
    if (failed)
        req.failed = (char *)"the files could not be written";
    int rc = cli_call(c, &methods_finish_scheduled_run, &req.base, &r);
    channel_result_fini(&r);
    return rc;
}

/* One run. *ret_more: there was one. */
static int take_run(struct cli *c, const char *folder, bool *ret_more)
{
    struct channel_result r;
    Wangge__V1__TakeScheduledRunRequest req = WANGGE__V1__TAKE_SCHEDULED_RUN_REQUEST__INIT;
    char *files[FORMATS_MAX] = {NULL};
    size_t n = 0;
    *ret_more = false;
    int rc = cli_call(c, &methods_take_scheduled_run, &req.base, &r);
    const Wangge__V1__ScheduledRun *run = rc ? NULL : ((const Wangge__V1__TakeScheduledRunResponse *)r.resp)->run;
    if (run && run->report && run->request) {
        *ret_more = true;
        rc = write_run(c, folder, run, files, &n);
        int told = finish(c, run->id, files, n, rc != CLI_OK);
        rc = rc ? rc : told;
    }
    for (size_t i = 0; i < n; i++)
        free(files[i]);
    channel_result_fini(&r);
    return rc;
}

int cmd_report_run(struct cli *c)
{
    const char *folder = options_get(&c->opt, OPTION_FOLDER, NULL);
    bool more = true;
    int rc = CLI_OK;
    if (!folder) {
        out_error(c, "%s", _("Name the folder to write to by --folder."));
        return CLI_USAGE;
    }
    for (int i = 0; rc == CLI_OK && more && i < RUNS_MAX; i++)
        rc = take_run(c, folder, &more);
    return rc;
}
