/* SPDX-License-Identifier: MIT */
/* case explain: why a deadline is what it is. */
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/cli/limit_file.h"
#include "client/cli/option_value.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "wangge/v1/clock.pb-c.h"

static usec_t whole_seconds(usec_t t)
{
    return t == USEC_NONE ? t : t / USEC_PER_SEC * USEC_PER_SEC;
}

/* The server's words begin with the reason, which stands in a column of its own here. */
static const char *beyond_reason(const char *text)
{
    const char *colon = strstr(text, ": ");
    return colon ? colon + 2 : "";
}

static bool put_row(struct table *t, const Wangge__V1__ExplainDeadlineResponse *x, const Wangge__V1__ExplainedInterval *i)
{
    char from[INSTANT_TEXT_MAX], to[INSTANT_TEXT_MAX], counted[LIMIT_AMOUNT_MAX], total[LIMIT_AMOUNT_MAX];
    char days[32] = "", reason[LABELS_WORD_MAX], clean[512];
    const char *why = i->reason ? labels_text(LABELS_INTERVAL, (int)i->reason, reason) : _("put together");
    if (i->days > 1)
        snprintf(days, sizeof days, "×%d", i->days);
    table_clean(beyond_reason(i->text), false, clean, sizeof clean);
    return table_cell(t, instant_format(whole_seconds(instant_of(i->from)), from)) &&
           table_cell(t, instant_format(whole_seconds(instant_of(i->to)), to)) && table_cell(t, days) && table_cell(t, why) &&
           table_cell(t, i->counted ? limit_amount_format(x->unit, i->counted, counted) : "-") &&
           table_cell(t, limit_amount_format(x->unit, i->total, total)) && table_cell(t, clean);
}

static int put_intervals(struct cli *c, const Wangge__V1__ExplainDeadlineResponse *x)
{
    struct table *t = table_create(7);
    bool ok = t != NULL;
    if (!ok)
        return CLI_FAILED;
    table_column(t, 0, _("From"), false, false);
    table_column(t, 1, _("To"), false, false);
    table_column(t, 2, _("Days"), false, false);
    table_column(t, 3, _("Reason"), false, false);
    table_column(t, 4, _("Counted"), true, false);
    table_column(t, 5, _("Total"), true, false);
    table_column(t, 6, _("Remarks"), false, true);
    for (size_t i = 0; ok && i < x->n_intervals; i++)
        ok = put_row(t, x, x->intervals[i]);
    if (ok && x->n_intervals)
        out_table(c, t);
    table_destroy(t);
    return ok ? CLI_OK : CLI_FAILED;
}

static int put(struct cli *c, const Wangge__V1__ExplainDeadlineResponse *x)
{
    char word[LABELS_WORD_MAX], amount[LIMIT_AMOUNT_MAX], due[INSTANT_TEXT_MAX], line[512];
    out_field(c, _("Clock"), labels_text(LABELS_CLOCK, (int)x->clock, word));
    snprintf(line, sizeof line, "%s (%s)", x->limit ? limit_amount_format(x->unit, x->limit, amount) : "-", x->limit_source);
    out_field(c, _("Limit"), line);
    out_field(c, _("Calendar"), x->calendar_name[0] ? x->calendar_name : "-");
    out_field(c, _("Consumed"), limit_amount_format(x->unit, x->consumed, amount));
    if (x->due_at)
        snprintf(line, sizeof line, "%s  %s", instant_format(whole_seconds(instant_of(x->due_at)), due),
                 labels_text(LABELS_LIGHT, (int)x->light, word));
    else
        snprintf(line, sizeof line, "%s", x->running || !x->limit ? _("none") : _("none while it is paused, or has stopped"));
    out_field(c, _("Due"), line);
    int rc = put_intervals(c, x);
    if (x->abridged)
        out_note(c, "%s", _("Days were put together to keep this short."));
    if (x->provisional)
        out_note(c, "%s", _("Provisional: the holidays of that year are not published yet."));
    return rc;
}

int cmd_case_explain(struct cli *c)
{
    Wangge__V1__ExplainDeadlineRequest req = WANGGE__V1__EXPLAIN_DEADLINE_REQUEST__INIT;
    struct channel_result r = {0};
    char case_id[37];
    int clock = 0;
    int rc = option_word(c, OPTION_CLOCK, LABELS_CLOCK, &clock);
    req.clock = (Wangge__V1__ClockKind)clock;
    if (rc == CLI_OK)
        rc = cli_case_id(c, c->opt.args[0], case_id);
    if (rc)
        return rc;
    req.case_id = case_id;
    rc = cli_call(c, &methods_explain_deadline, &req.base, &r);
    if (rc == CLI_OK)
        rc = c->json ? out_json(c, r.resp) : put(c, (const Wangge__V1__ExplainDeadlineResponse *)r.resp);
    channel_result_fini(&r);
    return rc;
}
