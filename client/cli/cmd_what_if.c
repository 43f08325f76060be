/* SPDX-License-Identifier: MIT */
/*
 * What another calendar, other limits or another border would do to the cases that are open; and doing it, after the figures
 * were shown and somebody said yes. What is applied is exactly what was listed: the server compares digests.
 */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_calendar.h"
#include "client/cli/instant.h"
#include "client/cli/limit_file.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"

struct what_if {
    struct cli *c;
    struct calendar_file calendar;
    struct limit_file limits;
    struct border_file borders;
    Wangge__V1__Calendar *calendars[1];
    Wangge__V1__WhatIfRequest req;
    int code;
    bool ended, summed;
    struct status_info status;
    Wangge__V1__WhatIfSummary summary; /* without the digest, which is here: */
    char digest[129];
};

/* What would change ---------------------------------------------------------------------------------------------------- */

static int take_calendar(struct what_if *w, const char *path)
{
    struct cli *c = w->c;
    Wangge__V1__ListCalendarsRequest req = WANGGE__V1__LIST_CALENDARS_REQUEST__INIT;
    const Wangge__V1__Calendar *now;
    struct channel_result r;
    struct err e;
    if (calendar_file_read(&w->calendar, path, &e))
        return cli_error(c, &e);
    int rc = cli_call(c, &methods_list_calendars, &req.base, &r);
    if (rc == CLI_OK)
        rc = cli_calendar_name(c, &w->calendar, NULL, (const Wangge__V1__ListCalendarsResponse *)r.resp, &now);
    if (rc == CLI_OK) {
        /* The answer goes away before the request is sent. */
        Wangge__V1__Calendar *k = &w->calendar.calendar;
        k->code = arena_strdup(w->calendar.arena, k->code);
        k->name = arena_strdup(w->calendar.arena, k->name);
        k->region_code = arena_strdup(w->calendar.arena, k->region_code);
        rc = k->code && k->name && k->region_code ? CLI_OK : CLI_FAILED;
        w->calendars[0] = k;
        w->req.calendars = w->calendars;
        w->req.n_calendars = 1;
    }
    channel_result_fini(&r);
    return rc;
}

static int take_change(struct what_if *w)
{
    struct cli *c = w->c;
    struct err e;
    const char *calendar = options_get(&c->opt, OPTION_CALENDAR, NULL);
    const char *limits = options_get(&c->opt, OPTION_LIMITS, NULL);
    const char *border = options_get(&c->opt, OPTION_BORDER, NULL);
    wangge__v1__what_if_request__init(&w->req);
    w->req.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    if (!calendar && !limits && !border) {
        out_error(c, "%s", _("Say what would change: --calendar, --limits or --border."));
        return CLI_USAGE;
    }
    if (border && options_has(&c->opt, OPTION_APPLY)) {
        out_error(c, "%s",
                  _("A border cannot be applied: cases keep the grid they were born in. Import the directory instead."));
        return CLI_USAGE;
    }
    if (limits && limit_file_read(&w->limits, limits, cli_now(), &e))
        return cli_error(c, &e);
    if (border && border_file_read(&w->borders, border, &e))
        return cli_error(c, &e);
    w->req.limits = w->limits.limits;
    w->req.n_limits = w->limits.n;
    w->req.borders = w->borders.borders;
    w->req.n_borders = w->borders.n;
    return calendar ? take_calendar(w, calendar) : CLI_OK;
}

/* The dry run ---------------------------------------------------------------------------------------------------------- */

static void put_case(struct cli *c, const Wangge__V1__WhatIfCase *one)
{
    char clock[LABELS_WORD_MAX], before[INSTANT_TEXT_MAX], after[INSTANT_TEXT_MAX];
    out_printf(c, "%s", one->number);
    if (one->clock)
        out_printf(c, "  %s  %s -> %s", labels_text(LABELS_CLOCK, (int)one->clock, clock),
                   instant_format(instant_of(one->due_before), before), instant_format(instant_of(one->due_after), after));
    if (one->turns_late)
        out_printf(c, "  %s", _("turns late"));
    if (one->turns_early)
        out_printf(c, "  %s", _("is in time again"));
    if (one->grid_after[0])
        out_printf(c, _("  lies in grid %s"), one->grid_after);
    out_printf(c, "\n");
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct what_if *w = arg;
    const Wangge__V1__WhatIfResponse *r = (const Wangge__V1__WhatIfResponse *)msg;
    if (w->c->json && w->code == CLI_OK)
        w->code = out_json(w->c, msg);
    if (r->item_case == WANGGE__V1__WHAT_IF_RESPONSE__ITEM_CASE && !w->c->json)
        put_case(w->c, r->case_);
    if (r->item_case != WANGGE__V1__WHAT_IF_RESPONSE__ITEM_SUMMARY)
        return;
    w->summary = *r->summary;
    w->summed = text_copy(w->digest, sizeof w->digest, r->summary->digest);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct what_if *w = arg;
    w->ended = true;
    status_decode(st, &w->status);
}

static int dry_run(struct what_if *w)
{
    struct cli *c = w->c;
    int rc = cli_connect(c, true);
    if (rc)
        return rc;
    struct channel_call *call = channel_stream(c->channel, &methods_what_if, 0, on_message, on_end, NULL, w);
    if (!call)
        return CLI_FAILED;
    channel_send(call, &w->req.base);
    channel_half_close(call);
    while (!w->ended && event_base_loop(c->base, EVLOOP_ONCE) == 0) {
        /* until the stream ends */
    }
    if (w->status.code != GRPC_OK)
        return cli_status(c, &w->status);
    if (!w->summed) {
        out_error(c, "%s", _("The server's answer holds no summary."));
        return CLI_FAILED;
    }
    if (w->code == CLI_OK && !c->json)
        out_printf(c, _("%d open cases examined: %d due times or grids change, %d turn late, %d are in time again.\n"),
                   w->summary.examined, w->summary.moved, w->summary.turn_late, w->summary.turn_early);
    return w->code;
}

/* Applying ------------------------------------------------------------------------------------------------------------- */

static int apply(struct what_if *w)
{
    struct cli *c = w->c;
    char request_id[37], question[200];
    struct channel_result r;
    Wangge__V1__ApplyWhatIfRequest req = WANGGE__V1__APPLY_WHAT_IF_REQUEST__INIT;
    snprintf(question, sizeof question, _("Apply it: %d due times change, %d turn late. Go on?"), w->summary.moved,
             w->summary.turn_late);
    int rc = ask_confirm(c, question);
    if (rc)
        return rc;
    cli_new_id(request_id);
    req.change = &w->req;
    req.digest = w->digest;
    req.request_id = request_id;
    rc = cli_call_long(c, &methods_apply_what_if, &req.base, &r);
    if (rc == CLI_OK)
        out_note(c, _("Applied; cases changed: %d."), ((const Wangge__V1__ApplyWhatIfResponse *)r.resp)->changed);
    channel_result_fini(&r);
    return rc;
}

int cmd_what_if(struct cli *c)
{
    struct what_if *w = calloc(1, sizeof *w);
    if (!w)
        return CLI_FAILED;
    w->c = c;
    int rc = take_change(w);
    if (rc == CLI_OK)
        rc = dry_run(w);
    if (rc == CLI_OK && options_has(&c->opt, OPTION_APPLY))
        rc = apply(w);
    status_fini(&w->status);
    calendar_file_fini(&w->calendar);
    limit_file_fini(&w->limits);
    border_file_fini(&w->borders);
    free(w);
    return rc;
}
