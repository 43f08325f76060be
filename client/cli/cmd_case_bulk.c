/* SPDX-License-Identifier: MIT */
/*
 * Takes one action on many cases: those named, those whose ids or numbers come on standard input, or everything a filter finds.
 * A connection that breaks is taken up where it broke; the same command with --resume goes on with a run of another day.
 */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"
#include "wangge/v1/bulk.pb-c.h"

enum { MARKED_MAX = 10000, LINE_MAX_BYTES = 128, RETRIES_MAX = 10, WORD_SIZE = 37 };

struct bulk {
    struct cli *c;
    struct cli_act act;
    struct cli_filter filter;
    char (*marked)[WORD_SIZE];
    char **list;
    size_t n_marked;
    char bulk_id[37];
    Wangge__V1__RunBulkRequest req;
    struct channel_call *call;
    int total;
    int done, failed;
    int code;
    bool ended, summed;
    struct status_info status;
};

/* A number becomes the id the server knows. */
static int mark(struct bulk *b, const char *word)
{
    if (b->n_marked == MARKED_MAX) {
        out_error(b->c, _("At most %d marked cases in one run; use a filter for more."), MARKED_MAX);
        return CLI_INVALID;
    }
    char *to = b->marked[b->n_marked];
    int rc = cli_case_id(b->c, word, to);
    if (rc == CLI_OK)
        b->list[b->n_marked++] = to;
    return rc;
}

static int mark_stdin(struct bulk *b)
{
    char line[LINE_MAX_BYTES];
    int rc = CLI_OK;
    while (rc == CLI_OK && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, " \t\r\n,")] = '\0';
        if (line[0])
            rc = mark(b, line);
    }
    return rc;
}

static int take_set(struct bulk *b)
{
    struct cli *c = b->c;
    int rc = CLI_OK;
    b->marked = calloc(MARKED_MAX, sizeof *b->marked);
    b->list = calloc(MARKED_MAX, sizeof *b->list);
    if (!b->marked || !b->list)
        return CLI_FAILED;
    for (int i = 1; rc == CLI_OK && i < c->opt.n_args; i++)
        rc = strcmp(c->opt.args[i], "-") == 0 ? mark_stdin(b) : mark(b, c->opt.args[i]);
    if (rc != CLI_OK)
        return rc;
    if (c->opt.n_args > 1 && b->n_marked == 0) {
        out_error(c, "%s", _("No case is named."));
        return CLI_INVALID;
    }
    if (b->n_marked > 0)
        return CLI_OK;
    rc = cli_filter_make(c, &b->filter);
    /* These belong to the action here. */
    b->filter.f.organ_code = (char *)"";
    b->filter.f.n_cards = 0;
    b->act.req.category_code = (char *)"";
    const Wangge__V1__CaseFilter *f = &b->filter.f;
    bool any = f->n_states > 0 || f->n_pending > 0 || f->region_code[0] || f->category_prefix[0] || f->text[0] || f->mine ||
               f->my_work || f->overdue_only || f->open_only || f->due_within_minutes || f->reported_from || f->reported_to;
    if (rc == CLI_OK && !any) {
        out_error(c, "%s", _("Say which cases: numbers, - for standard input, or a filter such as --state or --my-work."));
        return CLI_USAGE;
    }
    return rc;
}

static void put_item(struct bulk *b, const Wangge__V1__BulkItem *it)
{
    b->req.after_position = it->position;
    bool ok = it->result_case == WANGGE__V1__BULK_ITEM__RESULT_OK;
    if (ok)
        b->done++;
    else
        b->failed++;
    if (b->c->json)
        b->code = out_json(b->c, &it->base);
    else if (!ok)
        out_printf(b->c, "%s  %s\n", it->number[0] ? it->number : it->case_id, it->error ? it->error->message : "?");
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct bulk *b = arg;
    const Wangge__V1__RunBulkResponse *r = (const Wangge__V1__RunBulkResponse *)msg;
    if (r->item_case == WANGGE__V1__RUN_BULK_RESPONSE__ITEM_START)
        b->total = r->start->total;
    else if (r->item_case == WANGGE__V1__RUN_BULK_RESPONSE__ITEM_RESULT)
        put_item(b, r->result);
    else
        b->summed = true;
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct bulk *b = arg;
    b->ended = true;
    b->call = NULL;
    status_fini(&b->status);
    status_decode(st, &b->status);
}

static void run_once(struct bulk *b)
{
    struct cli *c = b->c;
    b->ended = false;
    channel_connect(c->channel);
    b->call = channel_stream(c->channel, &methods_run_bulk, 0, on_message, on_end, NULL, b);
    if (!b->call) {
        b->ended = true;
        return;
    }
    channel_send(b->call, &b->req.base);
    channel_half_close(b->call);
    while (!b->ended && event_base_loop(c->base, EVLOOP_ONCE) == 0) {
        /* until the stream ends */
    }
}

static int run(struct bulk *b)
{
    int tries = 0, at = -1;
    do {
        if (at == b->req.after_position)
            tries++;
        at = b->req.after_position;
        run_once(b);
    } while (!b->summed && status_is_transient(b->status.code) && b->total > 0 && tries < RETRIES_MAX);
    if (b->summed)
        return CLI_OK;
    int rc = cli_status(b->c, &b->status);
    if (b->total > 0)
        out_note(b->c, _("%d of %d answered. To go on, run the same command with --resume %s"), b->req.after_position, b->total,
                 b->bulk_id);
    return rc;
}

static int confirm(struct bulk *b)
{
    char buf[LABELS_WORD_MAX], question[200];
    const char *action = labels_text(LABELS_ACTION, (int)b->act.req.action, buf);
    if (b->req.dry_run)
        return CLI_OK;
    if (b->n_marked > 0)
        snprintf(question, sizeof question, _("%s: %zu cases. Go on?"), action, b->n_marked);
    else
        snprintf(question, sizeof question, _("%s: every case the filter finds. Go on?"), action);
    return ask_confirm(b->c, question);
}

static int prepare(struct bulk *b)
{
    struct cli *c = b->c;
    int rc = cli_act_fill(c, c->opt.args[0], &b->act);
    if (rc == CLI_OK)
        rc = cli_connect(c, true);
    if (rc == CLI_OK)
        rc = take_set(b);
    if (rc)
        return rc;
    const char *resume = options_get(&c->opt, OPTION_RESUME, NULL);
    if (resume && (!cli_case_is_id(resume) || !text_copy(b->bulk_id, sizeof b->bulk_id, resume))) {
        out_error(c, "%s", _("--resume takes the id of a run, as it was told when the run broke."));
        return CLI_INVALID;
    }
    if (!resume)
        cli_new_id(b->bulk_id);
    wangge__v1__run_bulk_request__init(&b->req);
    b->act.req.request_id = b->act.req.case_id = (char *)"";
    b->req.bulk_id = b->bulk_id;
    b->req.act = &b->act.req;
    b->req.dry_run = options_has(&c->opt, OPTION_DRY_RUN);
    b->req.case_ids = b->list;
    b->req.n_case_ids = b->n_marked;
    b->req.filter = b->n_marked > 0 ? NULL : &b->filter.f;
    return confirm(b);
}

int cmd_case_bulk(struct cli *c)
{
    struct bulk *b = calloc(1, sizeof *b);
    if (!b)
        return CLI_FAILED;
    b->c = c;
    int rc = prepare(b);
    if (rc == CLI_OK)
        rc = run(b);
    if (rc == CLI_OK && b->code == CLI_OK)
        out_note(c, b->req.dry_run ? _("%d would go through, %d would be refused.") : _("%d done, %d refused."), b->done,
                 b->failed);
    if (rc == CLI_OK)
        rc = b->code ? b->code : b->failed ? CLI_PARTIAL : CLI_OK;
    status_fini(&b->status);
    free(b->marked);
    free(b->list);
    free(b);
    return rc;
}
