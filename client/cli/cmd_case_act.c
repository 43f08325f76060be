/* SPDX-License-Identifier: MIT */
/* Takes an action on a case, through the outbox like every write, guarded by the version the person saw. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/cli/option_value.h"
#include "client/model/clash.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/until.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"

enum { TEXT_MAX = CLI_ACT_TEXT_MAX, CHARS_MAX = 2000, CODES_MAX = CLI_ACT_CODES_MAX, RETRIES_MAX = 5 };

static int take_action(struct cli *c, const char *word, struct cli_act *f)
{
    int action;
    char list[512];
    if (labels_find(LABELS_ACTION, word, &action)) {
        f->req.action = (Wangge__V1__Action)action;
        return CLI_OK;
    }
    labels_list(LABELS_ACTION, list, sizeof list);
    out_error(c, _("There is no action \"%s\". There are: %s."), word, list);
    return CLI_INVALID;
}

static int take_text(struct cli *c, struct cli_act *f)
{
    const char *given = options_get(&c->opt, OPTION_TEXT, "");
    int rc = CLI_OK;
    if (strcmp(given, "-") == 0)
        rc = ask_stdin_text(c, f->text, sizeof f->text);
    else if (!text_copy(f->text, sizeof f->text, given))
        rc = CLI_INVALID;
    size_t len = strlen(f->text);
    if (rc == CLI_OK && text_is_utf8(f->text, len) && text_chars(f->text, len) <= CHARS_MAX) {
        f->req.text = f->text;
        return CLI_OK;
    }
    out_error(c, _("--text has at most %d characters of UTF-8 text."), CHARS_MAX);
    return CLI_INVALID;
}

/* Takes codes separated by commas apart. */
static int take_codes(struct cli *c, enum options_option opt, char (*room)[40], char **list, size_t *ret_n)
{
    const char *p = options_get(&c->opt, opt, "");
    while (*p) {
        size_t n = strcspn(p, ",");
        if (n == 0 || n >= sizeof *room || *ret_n == CODES_MAX) {
            out_error(c, _("--%s takes at most %d codes, separated by commas."), options_option_name(opt), CODES_MAX);
            return CLI_INVALID;
        }
        size_t i = (*ret_n)++;
        snprintf(room[i], sizeof room[i], "%.*s", (int)n, p);
        list[i] = room[i];
        p += n + (p[n] == ',');
    }
    return CLI_OK;
}

static int take_answer(struct cli *c, enum options_option opt, Wangge__V1__YesNo *ret)
{
    const char *word = options_get(&c->opt, opt, NULL);
    if (!word)
        return CLI_OK;
    if (strcmp(word, "yes") != 0 && strcmp(word, "no") != 0) {
        out_error(c, _("--%s: \"%s\" is none of %s."), options_option_name(opt), word, "yes, no");
        return CLI_INVALID;
    }
    *ret = *word == 'y' ? WANGGE__V1__YES_NO__YES_NO_YES : WANGGE__V1__YES_NO__YES_NO_NO;
    return CLI_OK;
}

static int take_words(struct cli *c, struct cli_act *f)
{
    int check = 0, approval = 0, card = 0;
    int rc = option_word(c, OPTION_CHECK, LABELS_CHECK_RESULT, &check);
    if (rc == CLI_OK)
        rc = option_word(c, OPTION_APPROVAL, LABELS_APPROVAL, &approval);
    if (rc == CLI_OK)
        rc = option_word(c, OPTION_CARD, LABELS_CARD, &card);
    if (rc == CLI_OK)
        rc = take_answer(c, OPTION_RESPONDED, &f->req.responded);
    if (rc == CLI_OK)
        rc = take_answer(c, OPTION_SOLVED, &f->req.solved);
    if (rc)
        return rc;
    f->req.check_result = (Wangge__V1__CheckResult)check;
    f->req.approval = (Wangge__V1__ApprovalKind)approval;
    f->req.card = (Wangge__V1__Card)card;
    return CLI_OK;
}

/* The level an escalation goes to: its word, or its number. */
static int take_level(struct cli *c, struct cli_act *f)
{
    static const char *const words[] = {"", "community", "township", "county", "city"};
    const char *word = options_get(&c->opt, OPTION_LEVEL, NULL);
    int64_t n = 0;
    if (!word)
        return CLI_OK;
    for (int i = 2; i <= 4; i++) {
        if (strcmp(word, words[i]) == 0)
            n = i;
    }
    if (n == 0 && text_to_i64(word, 2, 4, &n) != 0) {
        out_error(c, "%s", _("--level of an escalation is township, county or city."));
        return CLI_INVALID;
    }
    f->req.level = (int32_t)n;
    return CLI_OK;
}

/* Working days want the calendar; without one Monday to Friday stand. */
static int take_until(struct cli *c, struct cli_act *f)
{
    const char *text = options_get(&c->opt, OPTION_UNTIL, NULL);
    struct channel_result r = {0};
    Wangge__V1__ListCalendarsRequest req = WANGGE__V1__LIST_CALENDARS_REQUEST__INIT;
    struct err e;
    usec_t at;
    if (!text)
        return CLI_OK;
    if (strstr(text, "wd") && cli_connect(c, true) == CLI_OK)
        channel_call_wait(c->base, c->channel, &methods_list_calendars, &req.base, cli_timeout_ms(c), &r);
    bool ok = until_parse(text, cli_now(), (const Wangge__V1__ListCalendarsResponse *)r.resp, c->session.region_code, &at);
    channel_result_fini(&r);
    if (!ok && instant_parse(text, cli_now(), &at, &e)) {
        out_error(c, "--until: %s", e.text);
        return CLI_INVALID;
    }
    f->req.until = instant_stamp(&f->until, at);
    return CLI_OK;
}

static int take_time(struct cli *c, enum options_option opt, Google__Protobuf__Timestamp *room,
                     Google__Protobuf__Timestamp **ret)
{
    struct err e;
    usec_t at;
    const char *text = options_get(&c->opt, opt, NULL);
    if (!text)
        return CLI_OK;
    if (instant_parse(text, cli_now(), &at, &e)) {
        out_error(c, "--%s: %s", options_option_name(opt), e.text);
        return CLI_INVALID;
    }
    *ret = instant_stamp(room, at);
    return CLI_OK;
}

static int take_target(struct cli *c, struct cli_act *f)
{
    const char *word = options_get(&c->opt, OPTION_TARGET, NULL);
    if (!word)
        return CLI_OK;
    f->req.target_case_id = f->target_id;
    return cli_case_id(c, word, f->target_id);
}

int cli_act_fill(struct cli *c, const char *action, struct cli_act *f)
{
    wangge__v1__act_request__init(&f->req);
    int rc = take_action(c, action, f);
    if (rc == CLI_OK)
        rc = take_text(c, f);
    if (rc == CLI_OK)
        rc = take_codes(c, OPTION_CO_ORGAN, f->co_organs, f->co_organ_list, &f->req.n_co_organ_codes);
    if (rc == CLI_OK)
        rc = take_words(c, f);
    if (rc == CLI_OK)
        rc = take_level(c, f);
    if (rc == CLI_OK)
        rc = take_time(c, OPTION_HAPPENED_AT, &f->happened, &f->req.happened_at);
    if (rc == CLI_OK)
        rc = take_until(c, f);
    if (rc == CLI_OK)
        rc = take_target(c, f);
    cli_new_id(f->request_id);
    f->req.request_id = f->request_id;
    f->req.case_id = f->case_id;
    f->req.reason_code = (char *)options_get(&c->opt, OPTION_REASON, "");
    f->req.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    f->req.category_code = (char *)options_get(&c->opt, OPTION_CATEGORY, "");
    f->req.assignee = (char *)options_get(&c->opt, OPTION_ASSIGNEE, "");
    f->req.outside_number = (char *)options_get(&c->opt, OPTION_OUTSIDE, "");
    f->req.co_organ_codes = f->co_organ_list;
    f->req.attachment_ids = f->attachment_list;
    return rc;
}

static bool is_allowed(const Wangge__V1__Case *cs, Wangge__V1__Action action)
{
    for (size_t i = 0; i < cs->n_allowed_actions; i++)
        if (cs->allowed_actions[i]->action == action)
            return true;
    return false;
}

/* Finds id and version. With both given the server need not be there: the action waits in the outbox. */
static int aim(struct cli *c, struct cli_act *f, bool *ret_allowed)
{
    struct channel_result r;
    const Wangge__V1__Case *cs;
    struct err e;
    long version;
    const char *word = c->opt.args[0];
    if (options_number(&c->opt, OPTION_EXPECT, 1, 1000000, 0, &version, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    *ret_allowed = true;
    f->req.expected_version = version;
    if (version && cli_case_is_id(word) && !options_has(&c->opt, OPTION_DRY_RUN)) {
        text_copy(f->case_id, sizeof f->case_id, word);
        return CLI_OK;
    }
    int rc = cli_case_get(c, word, &r, &cs);
    if (rc == CLI_OK) {
        text_copy(f->case_id, sizeof f->case_id, cs->case_id);
        if (!version)
            f->req.expected_version = cs->version;
        *ret_allowed = is_allowed(cs, f->req.action) && f->req.expected_version == cs->version;
        if (options_has(&c->opt, OPTION_DRY_RUN) && !c->json)
            cli_case_print(c, cs);
    }
    channel_result_fini(&r);
    return rc;
}

/* What a compensating action cannot take back. */
static int confirm(struct cli *c, Wangge__V1__Action action)
{
    char buf[LABELS_WORD_MAX], question[160];
    if (action != WANGGE__V1__ACTION__ACTION_FORCE_CLOSE && action != WANGGE__V1__ACTION__ACTION_ARCHIVE)
        return CLI_OK;
    snprintf(question, sizeof question, _("%s: this cannot be undone. Go on?"), labels_text(LABELS_ACTION, (int)action, buf));
    return ask_confirm(c, question);
}

static int tell(struct cli *c, const struct cli_act *f)
{
    struct channel_result r;
    const Wangge__V1__Case *cs;
    int rc = cli_case_get(c, f->case_id, &r, &cs);
    if (rc == CLI_OK && c->json)
        rc = out_json(c, &cs->base);
    else if (rc == CLI_OK)
        cli_case_line(c, cs);
    channel_result_fini(&r);
    return rc;
}

/* --- Somebody was first --- */

enum on_conflict { ON_CONFLICT_FAIL, ON_CONFLICT_RETRY, ON_CONFLICT_NOTE };

static int take_on_conflict(struct cli *c, enum on_conflict *ret)
{
    const char *word = options_get(&c->opt, OPTION_ON_CONFLICT, "fail");
    static const char *const words[] = {"fail", "retry", "note"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum on_conflict)i;
            return CLI_OK;
        }
    }
    out_error(c, _("--on-conflict: \"%s\" is none of fail, retry, note."), word);
    return CLI_USAGE;
}

/* Keeps what was wanted as a note. The action itself was not taken, so the command did a part of its work only. */
static int keep_as_note(struct cli *c, struct cli_act *f)
{
    Wangge__V1__AddNoteRequest note = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    char words[4 * CHARS_MAX + 1], id[37], number[32];
    struct err e;
    int64_t seq;
    struct directory *names = cli_case_names(c);
    clash_words(&f->req, names, words, sizeof words);
    cli_case_names_free(names);
    cli_new_id(id);
    note.request_id = id;
    note.case_id = f->case_id;
    note.text = words;
    if (outbox_enqueue_note(c->outbox, &note, NULL, &seq, &e))
        return cli_error(c, &e);
    int rc = cli_case_deliver(c, seq, number);
    if (rc != CLI_OK)
        return rc;
    out_note(c, "%s", _("Kept as a note; the action was not taken."));
    return CLI_PARTIAL;
}

/* Sends until it is through, somebody was first and the person wants no more of it, or a limit of tries. */
static int send_it(struct cli *c, struct cli_act *f, enum on_conflict on)
{
    char number[32];
    struct err e;
    int64_t seq;
    for (int tries = 0;; tries++) {
        Wangge__V1__CaseConflict *k = NULL;
        if (outbox_enqueue_act(c->outbox, &f->req, NULL, &seq, &e))
            return cli_error(c, &e);
        int rc = cli_case_deliver_or(c, seq, number, &k);
        if (!k)
            return rc;
        bool again = on == ON_CONFLICT_RETRY && tries < RETRIES_MAX && clash_can_resend(k, &f->req);
        f->req.expected_version = k->version;
        protobuf_c_message_free_unpacked(&k->base, NULL);
        if (on == ON_CONFLICT_NOTE)
            return keep_as_note(c, f);
        if (!again) {
            out_note(
                c, "  %s",
                on == ON_CONFLICT_RETRY
                    ? _("Both touch the same, or it is no longer possible: nothing was sent again.")
                    : _("To send it again where the two do not meet: --on-conflict=retry. To keep it: --on-conflict=note."));
            return rc;
        }
        out_note(c, _("Sending it again on version %lld."), (long long)f->req.expected_version);
        cli_new_id(f->request_id);
    }
}

int cmd_case_act(struct cli *c)
{
    enum on_conflict on;
    bool allowed = true;
    struct cli_act *f = calloc(1, sizeof *f);
    if (!f) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    int rc = take_on_conflict(c, &on);
    if (rc == CLI_OK)
        rc = cli_act_fill(c, c->opt.args[1], f);
    if (rc == CLI_OK)
        rc = aim(c, f, &allowed);
    if (rc == CLI_OK)
        rc = cli_attach_check(c);
    if (rc == CLI_OK && options_has(&c->opt, OPTION_DRY_RUN)) {
        out_note(c, "%s",
                 allowed ? _("It would be sent. Nothing was changed.") : _("The server would refuse it. Nothing was changed."));
        rc = allowed ? CLI_OK : CLI_CONFLICT;
        goto out;
    }
    if (rc == CLI_OK)
        rc = confirm(c, f->req.action);
    if (rc == CLI_OK)
        rc = cli_attach(c, f->case_id, f->attachments, f->attachment_list, &f->req.n_attachment_ids);
    if (rc == CLI_OK)
        rc = cli_open_outbox(c);
    if (rc == CLI_OK)
        rc = send_it(c, f, on);
    if (rc == CLI_OK)
        rc = tell(c, f);
out:
    free(f);
    return rc;
}
