/* SPDX-License-Identifier: MIT */
/* Requests of reports from the command line, and their streams into a writer. */
#include "client/cli/cli_report.h"

#include <stdlib.h>
#include <string.h>

#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/h2/grpc.h"

int cli_report_filter(struct cli *c, Wangge__V1__ReportFilter *f, bool *ret_some)
{
    int level = 0;
    char list[160];
    const char *word = options_get(&c->opt, OPTION_LEVEL, NULL);
    wangge__v1__report_filter__init(f);
    f->region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    f->category_prefix = (char *)options_get(&c->opt, OPTION_CATEGORY, "");
    f->organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    if (word && !labels_find(LABELS_REGION_LEVEL, word, &level)) {
        labels_list(LABELS_REGION_LEVEL, list, sizeof list);
        out_error(c, _("--%s: \"%s\" is none of %s."), "level", word, list);
        return CLI_INVALID;
    }
    f->level = (Wangge__V1__RegionLevel)level;
    *ret_some = level || *f->region_code || *f->category_prefix || *f->organ_code;
    return CLI_OK;
}

int cli_report_goal(struct cli *c, int32_t *ret_bp)
{
    const char *text = options_get(&c->opt, OPTION_GOAL, NULL);
    char *end;
    *ret_bp = 0;
    if (!text)
        return CLI_OK;
    double percent = strtod(text, &end);
    if (end == text || *end || !(percent > 0 && percent <= 100)) {
        out_error(c, _("--%s: \"%s\" is not of the form %s."), "goal", text, "90.5");
        return CLI_INVALID;
    }
    *ret_bp = (int32_t)(percent * 100 + 0.5);
    return CLI_OK;
}

int cli_report_request(struct cli *c, const char *code, struct cli_pull *p)
{
    struct err e;
    usec_t at;
    bool some;
    wangge__v1__pull_report_request__init(&p->req);
    p->req.code = (char *)code;
    int rc = cli_report_window(c, p->from, p->to);
    if (rc == CLI_OK)
        rc = cli_report_filter(c, &p->filter, &some);
    if (rc == CLI_OK)
        rc = cli_report_goal(c, &p->req.target_bp);
    if (rc)
        return rc;
    p->req.from = p->from;
    p->req.to = p->to;
    if (some)
        p->req.filter = &p->filter;
    if (options_has(&c->opt, OPTION_AS_OF)) {
        if (instant_parse(options_get(&c->opt, OPTION_AS_OF, ""), cli_now(), &at, &e)) {
            out_error(c, "--as-of: %s", e.text);
            return CLI_INVALID;
        }
        p->req.as_of = instant_stamp(&p->as_of, at);
    }
    return CLI_OK;
}

int cli_report_format(struct cli *c, const char *word, Wangge__V1__ReportFormat *ret)
{
    for (int f = WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_TEXT; report_writer_format_name((Wangge__V1__ReportFormat)f); f++) {
        if (strcmp(report_writer_format_name((Wangge__V1__ReportFormat)f), word) == 0) {
            *ret = (Wangge__V1__ReportFormat)f;
            return CLI_OK;
        }
    }
    out_error(c, _("--%s: \"%s\" is none of %s."), "format", word, "text, csv, json, xlsx, html");
    return CLI_INVALID;
}

struct pulling {
    struct cli *c;
    struct report_writer *writer;
    struct channel_call *call;
    struct status_info status;
    struct err failed;
    bool ended;
};

static void take(struct pulling *p, const Wangge__V1__ReportPart *part)
{
    if (!part || p->failed.code)
        return;
    struct err e;
    if (report_writer_part(p->writer, part, &e))
        p->failed = e;
}

static void on_part(void *arg, const ProtobufCMessage *msg)
{
    take(arg, ((const Wangge__V1__PullReportResponse *)msg)->part);
}

static void on_frozen_part(void *arg, const ProtobufCMessage *msg)
{
    take(arg, ((const Wangge__V1__GetFrozenReportResponse *)msg)->part);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct pulling *p = arg;
    (void)resp;
    p->ended = true;
    status_decode(st, &p->status);
}

static int run(struct pulling *p, const Wangge__V1__PullReportRequest *req, const char *id)
{
    struct cli *c = p->c;
    Wangge__V1__GetFrozenReportRequest get = WANGGE__V1__GET_FROZEN_REPORT_REQUEST__INIT;
    get.id = (char *)id;
    p->call = id ? channel_stream(c->channel, &methods_get_frozen_report, 0, on_frozen_part, on_end, NULL, p)
                 : channel_stream(c->channel, &methods_pull_report, 0, on_part, on_end, NULL, p);
    if (!p->call)
        return CLI_FAILED;
    channel_send(p->call, id ? &get.base : &req->base);
    channel_half_close(p->call);
    while (!p->ended && event_base_loop(c->base, EVLOOP_ONCE) == 0) {
        /* until the stream ends */
    }
    if (p->status.code != GRPC_OK)
        return cli_status(c, &p->status);
    return CLI_OK;
}

int cli_report_write(struct cli *c, const Wangge__V1__PullReportRequest *req, const char *id, Wangge__V1__ReportFormat format,
                     const char *path)
{
    struct pulling p = {.c = c};
    struct err e;
    struct report_writer_options o = {
        .format = format,
        .chinese = i18n_chinese(),
        .bom = options_has(&c->opt, OPTION_BOM),
        .gb18030 = options_has(&c->opt, OPTION_GB18030),
        .width = path ? 0 : c->width,
        .path = path,
        .out = stdout,
    };
    int rc = cli_connect(c, true);
    if (rc)
        return rc;
    p.writer = report_writer_create(&o, &e);
    if (!p.writer) {
        out_error(c, "%s", e.text);
        return e.code == ERR_INVALID ? CLI_USAGE : CLI_FAILED;
    }
    rc = run(&p, req, id);
    if (!rc && p.failed.code) {
        out_error(c, "%s", p.failed.text);
        rc = CLI_FAILED;
    }
    /* What was cut says so in the output, too. */
    if (report_writer_finish(p.writer, &e) && !rc) {
        out_error(c, "%s", e.text);
        rc = CLI_FAILED;
    }
    report_writer_destroy(p.writer);
    status_fini(&p.status);
    if (rc == CLI_OK && path)
        out_note(c, _("Written: %s"), path);
    return rc;
}
