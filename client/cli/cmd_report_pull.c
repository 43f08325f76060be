/* SPDX-License-Identifier: MIT */
/* Reports: list, pull, freeze, print frozen ones, restate. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli_report.h"
#include "client/cli/instant.h"
#include "client/export/report_value.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/uuid.h"
#include "common/h2/grpc.h"

enum { ROWS_MAX = 1000 * 1000 * 1000, STEPS_MAX = 5000, PAGE = 200 };

static const char *say(const char *zh, const char *en)
{
    return report_say(i18n_chinese(), zh, en);
}

int cmd_report_list(struct cli *c)
{
    struct channel_result r;
    Wangge__V1__ListReportsRequest req = WANGGE__V1__LIST_REPORTS_REQUEST__INIT;
    int rc = cli_call(c, &methods_list_reports, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__ListReportsResponse *resp = (const Wangge__V1__ListReportsResponse *)r.resp;
        struct table *t = c->json ? NULL : table_create(3);
        if (t) {
            table_column(t, 0, _("Code"), false, false);
            table_column(t, 1, _("Name"), false, false);
            table_column(t, 2, _("What it shows"), false, true);
        }
        for (size_t i = 0; i < resp->n_reports && rc == CLI_OK; i++) {
            const Wangge__V1__ReportDefinition *d = resp->reports[i];
            if (c->json) {
                rc = out_json(c, &d->base);
                continue;
            }
            char about[256];
            (void)snprintf(about, sizeof about, _("%s, saved by %s"), d->based_on, d->saved_by);
            table_cell(t, d->code);
            table_cell(t, say(d->name, d->name_en));
            table_cell(t, *d->based_on ? about : say(d->about, d->about_en));
        }
        if (t)
            out_table(c, t);
        table_destroy(t);
    }
    channel_result_fini(&r);
    return rc;
}

static int take_format(struct cli *c, Wangge__V1__ReportFormat *ret)
{
    return cli_report_format(c, options_get(&c->opt, OPTION_FORMAT, c->json ? "json" : "text"), ret);
}

int cmd_report_pull(struct cli *c)
{
    struct cli_pull p;
    struct err e;
    Wangge__V1__ReportFormat format;
    long limit = 0;
    int rc = cli_report_request(c, c->opt.args[0], &p);
    if (rc == CLI_OK)
        rc = take_format(c, &format);
    if (rc)
        return rc;
    if (options_number(&c->opt, OPTION_LIMIT, 0, ROWS_MAX, 0, &limit, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    p.req.max_rows = options_has(&c->opt, OPTION_ALL) ? -1 : (int32_t)limit;
    return cli_report_write(c, &p.req, NULL, format, options_get(&c->opt, OPTION_OUT, NULL));
}

static void put_frozen(struct cli *c, struct table *t, const Wangge__V1__FrozenReport *f)
{
    char when[INSTANT_TEXT_MAX], window[64];
    (void)snprintf(window, sizeof window, "%.10s – %.10s", f->report ? f->report->from : "", f->report ? f->report->to : "");
    table_cell(t, f->id);
    table_cell(t, say(f->title, f->title_en));
    table_cell(t, window);
    table_cell(t, instant_format(instant_of(f->frozen_at), when));
    table_cell(t, f->frozen_by);
    table_cell(t, f->note);
    (void)c;
}

int cmd_report_freeze(struct cli *c)
{
    struct cli_pull p;
    struct channel_result r;
    char request_id[UUID_TEXT_LEN + 1];
    Wangge__V1__FreezeReportRequest req = WANGGE__V1__FREEZE_REPORT_REQUEST__INIT;
    int rc = cli_report_request(c, c->opt.args[0], &p);
    if (rc)
        return rc;
    struct uuid id = uuid_v7(cli_now());
    uuid_format(&id, request_id);
    req.request_id = request_id;
    req.report = &p.req;
    req.note = (char *)options_get(&c->opt, OPTION_TEXT, "");
    rc = cli_call_long(c, &methods_freeze_report, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__FrozenReport *f = ((const Wangge__V1__FreezeReportResponse *)r.resp)->frozen;
        if (!f)
            rc = CLI_FAILED;
        else if (c->json)
            rc = out_json(c, &f->base);
        else
            out_printf(c, _("%s\nFrozen: %s, %lld rows, digest %s\n"), f->id, say(f->title, f->title_en), (long long)f->rows,
                       f->digest);
    }
    channel_result_fini(&r);
    return rc;
}

static int list_frozen(struct cli *c)
{
    char token[1024] = "";
    int rc;
    struct table *t = c->json ? NULL : table_create(6);
    if (t) {
        static const char *const titles[] = {"ID", N_("Report"), N_("Window"), N_("Frozen"), N_("By"), N_("Note")};
        for (int i = 0; i < 6; i++)
            table_column(t, i, i ? _(titles[i]) : titles[i], false, i == 5);
    }
    do {
        struct channel_result r;
        Wangge__V1__ListFrozenReportsRequest req = WANGGE__V1__LIST_FROZEN_REPORTS_REQUEST__INIT;
        req.page_size = PAGE;
        req.page_token = token;
        rc = cli_call(c, &methods_list_frozen_reports, &req.base, &r);
        const Wangge__V1__ListFrozenReportsResponse *resp = (const Wangge__V1__ListFrozenReportsResponse *)r.resp;
        for (size_t i = 0; rc == CLI_OK && i < resp->n_reports; i++) {
            if (c->json)
                rc = out_json(c, &resp->reports[i]->base);
            else
                put_frozen(c, t, resp->reports[i]);
        }
        if (rc == CLI_OK)
            (void)snprintf(token, sizeof token, "%s", resp->next_page_token);
        channel_result_fini(&r);
    } while (rc == CLI_OK && token[0]);
    if (t && rc == CLI_OK)
        out_table(c, t);
    table_destroy(t);
    return rc;
}

int cmd_report_frozen(struct cli *c)
{
    Wangge__V1__ReportFormat format;
    if (c->opt.n_args == 0)
        return list_frozen(c);
    int rc = take_format(c, &format);
    return rc ? rc : cli_report_write(c, NULL, c->opt.args[0], format, options_get(&c->opt, OPTION_OUT, NULL));
}

/* Restatement -------------------------------------------------------------------------------------------------------- */

struct restating {
    struct cli *c;
    struct status_info status;
    int code;
    bool ended;
    bool whole;
};

static void put_cell(struct cli *c, const Wangge__V1__RestatedCell *cell)
{
    static Wangge__V1__ReportColumn rate = WANGGE__V1__REPORT_COLUMN__INIT;
    char then[REPORT_TEXT_MAX], now[REPORT_TEXT_MAX], a[64], b[64];
    rate.kind = WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE;
    out_printf(c, "%s  %s %s  %s: %s %s -> %s %s\n", cell->section, cell->key, cell->name, cell->column,
               cell->then ? report_cell_print(cell->then, &rate, i18n_chinese(), then) : "-",
               cell->then ? report_cell_fraction(cell->then, &rate, a) : "",
               cell->now ? report_cell_print(cell->now, &rate, i18n_chinese(), now) : "-",
               cell->now ? report_cell_fraction(cell->now, &rate, b) : "");
}

static void put_step(struct cli *c, const Wangge__V1__RestatedStep *s)
{
    char when[INSTANT_TEXT_MAX], action[LABELS_WORD_MAX], state[LABELS_WORD_MAX];
    out_printf(c, "%s  %s  %s -> %s\n", instant_format(instant_of(s->arrived_at), when), s->number,
               labels_text(LABELS_ACTION, (int)s->action, action), labels_text(LABELS_STATE, (int)s->to_state, state));
}

static void on_restated(void *arg, const ProtobufCMessage *msg)
{
    struct restating *r = arg;
    const Wangge__V1__RestatementPart *p = ((const Wangge__V1__RestateReportResponse *)msg)->part;
    char when[INSTANT_TEXT_MAX], frozen[INSTANT_TEXT_MAX];
    if (!p)
        return;
    r->whole = r->whole || p->part_case == WANGGE__V1__RESTATEMENT_PART__PART_END;
    if (r->c->json) {
        r->code = r->code ? r->code : out_json(r->c, &p->base);
    } else if (p->part_case == WANGGE__V1__RESTATEMENT_PART__PART_HEAD && p->head->frozen) {
        const Wangge__V1__RestatementHead *h = p->head;
        out_printf(
            r->c,
            _("%s, frozen %s, restated %s\n%lld of %lld cells differ; %lld steps on %lld cases since, %lld of them reopened\n"),
            say(h->frozen->title, h->frozen->title_en), instant_format(instant_of(h->frozen->frozen_at), frozen),
            instant_format(instant_of(h->as_of), when), (long long)h->cells_changed, (long long)h->cells_compared,
            (long long)h->steps, (long long)h->cases_changed, (long long)h->reopened);
    } else if (p->part_case == WANGGE__V1__RESTATEMENT_PART__PART_CELL) {
        put_cell(r->c, p->cell);
    } else if (p->part_case == WANGGE__V1__RESTATEMENT_PART__PART_STEP) {
        put_step(r->c, p->step);
    }
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct restating *r = arg;
    (void)resp;
    r->ended = true;
    status_decode(st, &r->status);
}

int cmd_report_restate(struct cli *c)
{
    struct restating r = {.c = c};
    struct err e;
    long limit = 0;
    Wangge__V1__RestateReportRequest req = WANGGE__V1__RESTATE_REPORT_REQUEST__INIT;
    if (options_number(&c->opt, OPTION_LIMIT, 1, STEPS_MAX, 500, &limit, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    int rc = cli_connect(c, true);
    if (rc)
        return rc;
    req.id = (char *)c->opt.args[0];
    req.max_changes = (int32_t)limit;
    struct channel_call *call = channel_stream(c->channel, &methods_restate_report, 0, on_restated, on_end, NULL, &r);
    if (!call)
        return CLI_FAILED;
    channel_send(call, &req.base);
    channel_half_close(call);
    while (!r.ended && event_base_loop(c->base, EVLOOP_ONCE) == 0) {
        /* until the stream ends */
    }
    rc = r.status.code != GRPC_OK ? cli_status(c, &r.status) : r.code;
    if (rc == CLI_OK && !r.whole) {
        out_error(c, "%s", _("The restatement was cut off. Ask again."));
        rc = CLI_FAILED;
    }
    status_fini(&r.status);
    return rc;
}
