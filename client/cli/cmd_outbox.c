/* SPDX-License-Identifier: MIT */
/* outbox list, retry, drop: what is saved here and not yet confirmed. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/outbox/outbox_pump.h"
#include "common/base/text.h"

static const char *const states[OUTBOX_STATES] = {
    N_("queued"), N_("being sent"), N_("delivered"), N_("refused"), N_("conflict"),
};
static const char *const ops[] = {N_("new case"), N_("action"), N_("note")};

struct listing {
    struct cli *c;
    struct table *t;
    int n;
    int rc;
};

/* Our own shape: the outbox is no part of the API. */
static void put_json(struct cli *c, const struct outbox_entry *en)
{
    char when[25];
    clock_format_rfc3339(en->created_at, when);
    out_printf(c,
               "{\"entry\":\"%" PRId64
               "\",\"operation\":\"%s\",\"state\":\"%s\",\"requestId\":\"%s\",\"caseId\":\"%s\",\"localNumber\":%" PRId64
               ",\"number\":\"%s\",\"tries\":%d,\"savedAt\":\"%s\",\"errorCode\":%d}\n",
               en->seq, outbox_op_word(en->op), outbox_state_word(en->state), en->op_id, en->case_id, en->local_number,
               en->case_number, en->tries, when, en->error_code);
}

static bool on_entry(void *arg, const struct outbox_entry *en)
{
    struct listing *l = arg;
    char number[32], local[40], tries[16], when[INSTANT_TEXT_MAX];
    l->n++;
    if (l->c->json) {
        put_json(l->c, en);
        return true;
    }
    snprintf(number, sizeof number, "%" PRId64, en->seq);
    snprintf(tries, sizeof tries, "%d", en->tries);
    if (en->local_number)
        snprintf(local, sizeof local, _("local-%lld"), (long long)en->local_number);
    return table_cell(l->t, number) && table_cell(l->t, _(ops[en->op])) &&
           table_cell(l->t, en->case_number[0] ? en->case_number
                            : en->local_number ? local
                                               : en->case_id) &&
           table_cell(l->t, _(states[en->state])) && table_cell(l->t, tries) &&
           table_cell(l->t, instant_format(en->created_at / USEC_PER_SEC * USEC_PER_SEC, when)) &&
           table_cell(l->t, en->error_text);
}

int cmd_outbox_list(struct cli *c)
{
    struct err e;
    struct listing l = {.c = c};
    struct outbox_counts n;
    int rc = cli_open_outbox(c);
    if (rc)
        return rc;
    l.t = table_create(7);
    if (!l.t)
        return CLI_FAILED;
    static const char *const titles[] = {N_("Entry"), N_("What"),  N_("Case"),       N_("State"),
                                         N_("Tries"), N_("Saved"), N_("Last answer")};
    for (int i = 0; i < 7; i++)
        table_column(l.t, i, _(titles[i]), i == 0 || i == 4, i == 6);
    unsigned mask = 1u << OUTBOX_QUEUED | 1u << OUTBOX_SENDING | 1u << OUTBOX_REFUSED | 1u << OUTBOX_CONFLICT;
    if (outbox_list(c->outbox, mask, on_entry, &l, &e) || outbox_counts(c->outbox, &n, &e)) {
        rc = cli_error(c, &e);
    } else {
        if (!c->json && l.n)
            out_table(c, l.t);
        out_note(c, _("%lld to send, %lld for you to look at, %lld drafts."), (long long)n.unsent, (long long)n.attention,
                 (long long)n.drafts);
        if (n.others)
            out_note(c, _("%lld more belong to other accounts on this machine."), (long long)n.others);
    }
    table_destroy(l.t);
    return rc;
}

struct retrying {
    struct cli *c;
    bool idle;
    bool login;
    bool interrupted;
    bool away;
    int delivered;
    int failed;
};

static void on_change(void *arg, const struct outbox_entry *en, const struct status_info *st)
{
    struct retrying *r = arg;
    switch (en->state) {
    case OUTBOX_DELIVERED:
        r->delivered++;
        if (!r->c->json)
            out_printf(r->c, "%" PRId64 "  %s  %s\n", en->seq, _("delivered"), en->case_number);
        break;
    case OUTBOX_REFUSED:
    case OUTBOX_CONFLICT:
        r->failed++;
        out_note(r->c, "%" PRId64 "  %s", en->seq, _(states[en->state]));
        (void)cli_status(r->c, st);
        break;
    case OUTBOX_QUEUED:
        r->away = true;
        break;
    case OUTBOX_SENDING:
    case OUTBOX_STATES:
        break;
    }
    if (r->c->json)
        put_json(r->c, en);
}

static void on_idle(void *arg)
{
    ((struct retrying *)arg)->idle = true;
}

static void on_login_needed(void *arg)
{
    ((struct retrying *)arg)->login = true;
}

static void on_error(void *arg, const struct err *why)
{
    (void)cli_error(((struct retrying *)arg)->c, why);
}

static void on_interrupt(evutil_socket_t sig, short what, void *arg)
{
    ((struct retrying *)arg)->interrupted = true;
}

static int take_number(struct cli *c, const char *word, int64_t *ret)
{
    if (text_to_i64(word, 1, INT64_MAX, ret) == 0)
        return CLI_OK;
    out_error(c, _("\"%s\" is not the number of an entry. See: wangge outbox list"), word);
    return CLI_USAGE;
}

static int send_all(struct cli *c, struct retrying *r)
{
    static const struct outbox_pump_events events = {
        .on_change = on_change, .on_idle = on_idle, .on_login_needed = on_login_needed, .on_error = on_error};
    struct outbox_counts n;
    struct err e;
    struct event *sigint = evsignal_new(c->base, SIGINT, on_interrupt, r);
    struct outbox_pump *pump = outbox_pump_create(c->outbox, c->base, c->channel, cli_timeout_ms(c), &events, r);
    if (sigint)
        evsignal_add(sigint, NULL);
    while (pump && !r->idle && !r->interrupted && event_base_loop(c->base, EVLOOP_ONCE) == 0) {
        /* until nothing more can go */
    }
    outbox_pump_destroy(pump);
    if (sigint)
        event_free(sigint);
    if (r->interrupted)
        return CLI_INTERRUPTED;
    if (r->login) {
        out_error(c, "%s", _("The session has ended. What you saved is kept here and goes out after: wangge login"));
        return CLI_AUTH;
    }
    if (outbox_counts(c->outbox, &n, &e))
        return cli_error(c, &e);
    out_note(c, _("%d delivered, %lld still to send, %lld for you to look at."), r->delivered, (long long)n.unsent,
             (long long)n.attention);
    if (r->failed)
        return r->delivered ? CLI_PARTIAL : CLI_CONFLICT;
    return n.unsent ? CLI_QUEUED : CLI_OK;
}

int cmd_outbox_retry(struct cli *c)
{
    struct err e;
    struct retrying r = {.c = c};
    int rc = cli_connect(c, true);
    if (rc == CLI_OK)
        rc = cli_open_outbox(c);
    if (rc || options_has(&c->opt, OPTION_DRY_RUN))
        return rc ? rc : cmd_outbox_list(c);
    if (c->opt.n_args == 0 && outbox_retry(c->outbox, 0, NULL, &e))
        return cli_error(c, &e);
    for (int i = 0; i < c->opt.n_args; i++) {
        int64_t seq;
        rc = take_number(c, c->opt.args[i], &seq);
        if (rc)
            return rc;
        if (outbox_retry(c->outbox, seq, NULL, &e))
            return cli_error(c, &e);
    }
    return send_all(c, &r);
}

int cmd_outbox_drop(struct cli *c)
{
    struct err e;
    char question[128];
    int rc = cli_open_outbox(c);
    if (rc)
        return rc;
    snprintf(question, sizeof question,
             ngettext("Throw %d entry away for good?", "Throw %d entries away for good?", (unsigned long)c->opt.n_args),
             c->opt.n_args);
    for (int i = 0; i < c->opt.n_args; i++) {
        int64_t seq;
        rc = take_number(c, c->opt.args[i], &seq);
        if (rc)
            return rc;
    }
    if (options_has(&c->opt, OPTION_DRY_RUN))
        return cmd_outbox_list(c);
    rc = ask_confirm(c, question);
    for (int i = 0; rc == CLI_OK && i < c->opt.n_args; i++) {
        int64_t seq;
        rc = take_number(c, c->opt.args[i], &seq);
        if (rc == CLI_OK && outbox_drop(c->outbox, seq, &e))
            rc = cli_error(c, &e);
    }
    return rc;
}
