/* SPDX-License-Identifier: MIT */
#include "client/cli/cli_case.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/instant.h"
#include "client/model/case_words.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/outbox/outbox_pump.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/h2/grpc.h"

bool cli_case_is_id(const char *word)
{
    struct uuid u;
    return uuid_parse(word, &u);
}

int cli_case_get(struct cli *c, const char *word, struct channel_result *ret, const Wangge__V1__Case **ret_case)
{
    Wangge__V1__GetCaseRequest req = WANGGE__V1__GET_CASE_REQUEST__INIT;
    if (cli_case_is_id(word)) {
        req.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_CASE_ID;
        req.case_id = (char *)word;
    } else {
        req.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER;
        req.number = (char *)word;
    }
    int rc = cli_call(c, &methods_get_case, &req.base, ret);
    if (rc)
        return rc;
    *ret_case = ((const Wangge__V1__GetCaseResponse *)ret->resp)->case_;
    if (*ret_case)
        return CLI_OK;
    out_error(c, "%s", _("The server's answer holds no case."));
    return CLI_FAILED;
}

int cli_case_id(struct cli *c, const char *word, char out[37])
{
    struct channel_result r;
    const Wangge__V1__Case *cs;
    if (cli_case_is_id(word)) {
        text_copy(out, 37, word);
        return CLI_OK;
    }
    int rc = cli_case_get(c, word, &r, &cs);
    if (rc == CLI_OK)
        text_copy(out, 37, cs->case_id);
    channel_result_fini(&r);
    return rc;
}

static const char *name_or_code(const char *name, const char *code)
{
    return name[0] ? name : code;
}

void cli_case_line(struct cli *c, const Wangge__V1__Case *cs)
{
    char buf[LABELS_WORD_MAX];
    char clean[256];
    table_clean(name_or_code(cs->category_name, cs->category_code), false, clean, sizeof clean);
    out_printf(c, "%s  %s  %s\n", cs->number, clean, labels_text(LABELS_STATE, (int)cs->state, buf));
}

static void print_actor(struct cli *c, const char *label, const Wangge__V1__Actor *a)
{
    char text[256];
    char buf[LABELS_WORD_MAX];
    if (!a || !a->name[0])
        return;
    if (a->role)
        snprintf(text, sizeof text, "%s (%s)", a->name, labels_text(LABELS_ROLE, (int)a->role, buf));
    else
        snprintf(text, sizeof text, "%s", a->name);
    out_field(c, label, text);
}

static void print_actions(struct cli *c, const Wangge__V1__Case *cs)
{
    char word[LABELS_WORD_MAX], buf[LABELS_WORD_MAX];
    if (cs->n_allowed_actions == 0)
        return;
    out_printf(c, "\n%s\n", _("What you can do now:"));
    for (size_t i = 0; i < cs->n_allowed_actions; i++) {
        const Wangge__V1__ActionOption *a = cs->allowed_actions[i];
        char needs[512] = "";
        size_t at = 0;
        for (size_t k = 0; k < a->n_required_fields && at < sizeof needs - 64; k++)
            at += (size_t)snprintf(needs + at, sizeof needs - at, "%s%.40s", k ? ", " : _("needs "), a->required_fields[k]);
        for (size_t k = 0; k < a->n_optional_fields && at < sizeof needs - 64; k++)
            at += (size_t)snprintf(needs + at, sizeof needs - at, "%s%.40s%s",
                                   k    ? ", "
                                   : at ? " ["
                                        : "[",
                                   a->optional_fields[k], k + 1 == a->n_optional_fields ? "]" : "");
        labels_word(LABELS_ACTION, (int)a->action, word);
        const char *text = labels_text(LABELS_ACTION, (int)a->action, buf);
        int pad = 22 - table_width(text);
        out_printf(c, "  %-20s %s%*s%s\n", word, text, at && pad > 0 ? pad : 0, "", needs);
    }
}

/* What waits, clocks, card, co-organs, links, people, counters: only what applies. */
static void print_more(struct cli *c, const Wangge__V1__Case *cs)
{
    struct case_fact *facts = calloc(CASE_FACTS_MAX, sizeof *facts);
    size_t n = facts ? case_words_facts(cs, WORDS_COMMAND, NULL, cli_now(), NULL, facts) : 0;
    for (size_t i = 0; i < n; i++)
        out_field(c, facts[i].label, facts[i].text);
    free(facts);
    if (cs->merged_into_case_id[0])
        out_field(c, C_("field", "Lead case"), cs->merged_into_case_id);
}

void cli_case_print(struct cli *c, const Wangge__V1__Case *cs)
{
    char buf[LABELS_WORD_MAX], when[INSTANT_TEXT_MAX], left[MOMENT_TEXT_MAX];
    char text[512];
    usec_t due = instant_of(cs->due_at);
    snprintf(text, sizeof text, "%s  %s", cs->number, name_or_code(cs->category_name, cs->category_code));
    out_field(c, C_("field", "Case"), text);
    snprintf(text, sizeof text, "%s  (%s %lld)", labels_text(LABELS_STATE, (int)cs->state, buf), _("version"),
             (long long)cs->version);
    out_field(c, _("State"), text);
    if (due != USEC_NONE) {
        snprintf(text, sizeof text, "%s  [%s] %s", instant_format(due, when),
                 labels_text(LABELS_LIGHT, (int)case_words_light(cs, cli_now()), buf), moment_remaining(due, cli_now(), left));
        out_field(c, _("Due"), text);
    }
    snprintf(text, sizeof text, "%s  %s", cs->grid_name, cs->grid_code);
    out_field(c, _("Grid"), text);
    if (cs->address[0])
        out_field(c, _("Address"), cs->address);
    if (cs->location) {
        snprintf(text, sizeof text, "%.6f, %.6f", cs->location->latitude, cs->location->longitude);
        out_field(c, _("Position"), text);
    }
    out_field(c, _("What"), cs->description);
    out_field(c, _("Urgency"), labels_text(LABELS_URGENCY, (int)cs->urgency, buf));
    out_field(c, _("Channel"), labels_text(LABELS_CHANNEL, (int)cs->channel, buf));
    out_field(c, _("Reported"), instant_format(instant_of(cs->reported_at), when));
    if (instant_of(cs->arrived_at) != instant_of(cs->reported_at))
        out_field(c, _("Arrived"), instant_format(instant_of(cs->arrived_at), when));
    print_actor(c, C_("field", "Reporter"), cs->reporter);
    if (cs->organ_code[0])
        out_field(c, _("Organ"), name_or_code(cs->organ_name, cs->organ_code));
    print_actor(c, _("Handler"), cs->handler);
    if (cs->closed_at) {
        snprintf(text, sizeof text, "%s%s%s", instant_format(instant_of(cs->closed_at), when),
                 cs->self_closed ? _("  settled on the spot") : "", cs->forced_closed ? _("  forced") : "");
        out_field(c, _("Closed"), text);
    }
    print_more(c, cs);
    out_field(c, _("Id"), cs->case_id);
    print_actions(c, cs);
}

struct table *cli_case_table(void)
{
    struct table *t = table_create(9);
    if (!t)
        return NULL;
    table_column(t, 0, _("Number"), false, false);
    table_column(t, 1, _("Category"), false, true);
    table_column(t, 2, _("What"), false, true);
    table_column(t, 3, _("Left"), true, false);
    table_column(t, 4, C_("column", "Light"), false, false);
    table_column(t, 5, _("State"), false, false);
    table_column(t, 6, _("Card"), false, false);
    table_column(t, 7, _("Waits"), false, false);
    table_column(t, 8, _("Reported"), false, false);
    return t;
}

bool cli_case_row(struct table *t, const Wangge__V1__Case *cs, usec_t now)
{
    char buf[LABELS_WORD_MAX], left[MOMENT_TEXT_MAX], when[INSTANT_TEXT_MAX], light[LABELS_WORD_MAX], card[LABELS_WORD_MAX];
    char what[1024], waits[160] = "";
    snprintf(what, sizeof what, "%s%s%s", cs->address, cs->address[0] ? " " : "", cs->description);
    text_trim_partial(what);
    usec_t due = cs->closed_at ? USEC_NONE : instant_of(cs->due_at);
    Wangge__V1__Light l = cs->closed_at ? WANGGE__V1__LIGHT__LIGHT_UNSPECIFIED : case_words_light(cs, now);
    for (size_t i = 0, at = 0; i < cs->n_approvals && at < sizeof waits - LABELS_WORD_MAX; i++)
        at += (size_t)snprintf(waits + at, sizeof waits - at, "%s%s", i ? C_("list", ", ") : "",
                               labels_text(LABELS_APPROVAL, (int)cs->approvals[i]->kind, buf));
    return table_cell(t, cs->number) && table_cell(t, name_or_code(cs->category_name, cs->category_code)) &&
           table_cell(t, what) && table_cell(t, moment_left(due, now, left)) &&
           table_cell(t, l ? labels_text(LABELS_LIGHT, (int)l, light) : "") &&
           table_cell(t, labels_text(LABELS_STATE, (int)cs->state, buf)) &&
           table_cell(t, cs->card ? labels_text(LABELS_CARD, (int)cs->card, card) : "") && table_cell(t, waits) &&
           table_cell(t, instant_format(instant_of(cs->reported_at), when));
}

struct directory *cli_case_names(struct cli *c)
{
    struct directory *d = calloc(1, sizeof *d);
    struct channel_result r = {0};
    Wangge__V1__ListOrgansRequest req = WANGGE__V1__LIST_ORGANS_REQUEST__INIT;
    if (!d || cli_connect(c, true) != CLI_OK)
        return d;
    channel_call_wait(c->base, c->channel, &methods_list_organs, &req.base, cli_timeout_ms(c), &r);
    if (r.resp)
        d->organs = (Wangge__V1__ListOrgansResponse *)model_copy(r.resp);
    channel_result_fini(&r);
    return d;
}

void cli_case_names_free(struct directory *d)
{
    if (d)
        model_free(d->organs);
    free(d);
}

/* --- Delivering --- */

struct delivery {
    struct cli *c;
    int64_t seq;
    bool over;
    int code;
    char *number;
    Wangge__V1__CaseConflict **conflict; /* NULL: nobody asks */
    bool refused;
    bool interrupted;
};

static void on_change(void *arg, const struct outbox_entry *en, const struct status_info *st)
{
    struct delivery *d = arg;
    if (en->seq != d->seq || d->over)
        return;
    switch (en->state) {
    case OUTBOX_DELIVERED:
        d->over = true;
        d->code = CLI_OK;
        text_copy(d->number, 32, en->case_number);
        break;
    case OUTBOX_REFUSED:
    case OUTBOX_CONFLICT:
        d->over = true;
        d->refused = true;
        d->code = cli_status(d->c, st);
        if (en->state == OUTBOX_CONFLICT && d->conflict && st->conflict)
            *d->conflict = (Wangge__V1__CaseConflict *)model_copy(&st->conflict->base);
        break;
    case OUTBOX_QUEUED:
        d->over = true;
        d->code = CLI_QUEUED;
        out_note(d->c, "%s", en->error_text);
        break;
    case OUTBOX_SENDING:
    case OUTBOX_STATES:
        break;
    }
}

static void on_idle(void *arg)
{
    struct delivery *d = arg;
    if (!d->over) {
        d->over = true; /* something before it on the same case does not move */
        d->code = CLI_QUEUED;
    }
}

static void on_login_needed(void *arg)
{
    struct delivery *d = arg;
    d->over = true;
    d->code = CLI_AUTH;
    out_error(d->c, "%s", _("The session has ended. What you saved is kept here and goes out after: wangge login"));
}

static void on_error(void *arg, const struct err *why)
{
    struct delivery *d = arg;
    (void)cli_error(d->c, why);
}

static void on_interrupt(evutil_socket_t sig, short what, void *arg)
{
    struct delivery *d = arg;
    d->interrupted = true;
}

int cli_case_deliver(struct cli *c, int64_t seq, char ret_number[32])
{
    return cli_case_deliver_or(c, seq, ret_number, NULL);
}

int cli_case_deliver_or(struct cli *c, int64_t seq, char ret_number[32], Wangge__V1__CaseConflict **ret_conflict)
{
    struct delivery d = {.c = c, .seq = seq, .code = CLI_QUEUED, .number = ret_number, .conflict = ret_conflict};
    if (ret_conflict)
        *ret_conflict = NULL;
    static const struct outbox_pump_events events = {
        .on_change = on_change, .on_idle = on_idle, .on_login_needed = on_login_needed, .on_error = on_error};
    struct err e;
    ret_number[0] = '\0';
    int rc = cli_connect(c, false);
    if (rc)
        return rc;
    struct event *sigint = evsignal_new(c->base, SIGINT, on_interrupt, &d);
    struct outbox_pump *pump = outbox_pump_create(c->outbox, c->base, c->channel, cli_timeout_ms(c), &events, &d);
    if (sigint)
        evsignal_add(sigint, NULL);
    while (pump && !d.over && !d.interrupted && event_base_loop(c->base, EVLOOP_ONCE) == 0) {
        /* until the server has spoken, or cannot */
    }
    outbox_pump_destroy(pump);
    if (sigint)
        event_free(sigint);
    if (d.interrupted) {
        out_note(c, "%s", _("Interrupted. What you saved is kept and will be sent later."));
        return CLI_INTERRUPTED;
    }
    if (d.refused && outbox_drop(c->outbox, seq, &e))
        return cli_error(c, &e);
    if (d.code == CLI_QUEUED)
        out_note(c, "%s", _("Saved on this machine. It is sent with the next command or by: wangge outbox retry"));
    return d.code;
}
