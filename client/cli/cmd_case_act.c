/* SPDX-License-Identifier: MIT */
/* Takes an action on a case, through the outbox like every write, guarded by the version the person saw. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "common/base/text.h"

enum { TEXT_MAX = 8192, CHARS_MAX = 2000, CO_ORGANS_MAX = 16 };

struct form {
    char text[TEXT_MAX];
    char case_id[37];
    char request_id[37];
    char target_id[37];
    char co_organs[CO_ORGANS_MAX][33];
    char *co_organ_list[CO_ORGANS_MAX];
    Google__Protobuf__Timestamp happened, until;
    Wangge__V1__ActRequest req;
};

static int take_action(struct cli *c, struct form *f)
{
    int action;
    char list[512];
    if (labels_find(LABELS_ACTION, c->opt.args[1], &action)) {
        f->req.action = (Wangge__V1__Action)action;
        return CLI_OK;
    }
    labels_list(LABELS_ACTION, list, sizeof list);
    out_error(c, _("There is no action \"%s\". There are: %s."), c->opt.args[1], list);
    return CLI_INVALID;
}

static int take_text(struct cli *c, struct form *f)
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

static int take_co_organs(struct cli *c, struct form *f)
{
    const char *p = options_get(&c->opt, OPTION_CO_ORGAN, "");
    while (*p) {
        size_t n = strcspn(p, ",");
        if (n == 0 || n > 32 || f->req.n_co_organ_codes == CO_ORGANS_MAX) {
            out_error(c, _("--co-organ takes at most %d organ codes, separated by commas."), CO_ORGANS_MAX);
            return CLI_INVALID;
        }
        size_t i = f->req.n_co_organ_codes++;
        snprintf(f->co_organs[i], sizeof f->co_organs[i], "%.*s", (int)n, p);
        f->co_organ_list[i] = f->co_organs[i];
        p += n + (p[n] == ',');
    }
    f->req.co_organ_codes = f->co_organ_list;
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

static int take_check(struct cli *c, struct form *f)
{
    int v = 0;
    char list[128];
    const char *word = options_get(&c->opt, OPTION_CHECK, NULL);
    if (word && !labels_find(LABELS_CHECK_RESULT, word, &v)) {
        labels_list(LABELS_CHECK_RESULT, list, sizeof list);
        out_error(c, _("--%s: \"%s\" is none of %s."), "check", word, list);
        return CLI_INVALID;
    }
    f->req.check_result = (Wangge__V1__CheckResult)v;
    return CLI_OK;
}

static int take_target(struct cli *c, struct form *f)
{
    struct channel_result r;
    const Wangge__V1__Case *cs;
    const char *word = options_get(&c->opt, OPTION_TARGET, NULL);
    if (!word)
        return CLI_OK;
    f->req.target_case_id = f->target_id;
    if (cli_case_is_id(word)) {
        text_copy(f->target_id, sizeof f->target_id, word);
        return CLI_OK;
    }
    int rc = cli_case_get(c, word, &r, &cs);
    if (rc == CLI_OK)
        text_copy(f->target_id, sizeof f->target_id, cs->case_id);
    channel_result_fini(&r);
    return rc;
}

static int fill(struct cli *c, struct form *f)
{
    wangge__v1__act_request__init(&f->req);
    int rc = take_action(c, f);
    if (rc == CLI_OK)
        rc = take_text(c, f);
    if (rc == CLI_OK)
        rc = take_co_organs(c, f);
    if (rc == CLI_OK)
        rc = take_check(c, f);
    if (rc == CLI_OK)
        rc = take_time(c, OPTION_HAPPENED_AT, &f->happened, &f->req.happened_at);
    if (rc == CLI_OK)
        rc = take_time(c, OPTION_UNTIL, &f->until, &f->req.until);
    if (rc == CLI_OK)
        rc = take_target(c, f);
    cli_new_id(f->request_id);
    f->req.request_id = f->request_id;
    f->req.case_id = f->case_id;
    f->req.reason_code = (char *)options_get(&c->opt, OPTION_REASON, "");
    f->req.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    f->req.category_code = (char *)options_get(&c->opt, OPTION_CATEGORY, "");
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
static int aim(struct cli *c, struct form *f, bool *ret_allowed)
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

static int tell(struct cli *c, const struct form *f)
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

int cmd_case_act(struct cli *c)
{
    char number[32];
    struct err e;
    int64_t seq;
    bool allowed = true;
    struct form *f = calloc(1, sizeof *f);
    if (!f) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    int rc = fill(c, f);
    if (rc == CLI_OK)
        rc = aim(c, f, &allowed);
    if (rc == CLI_OK && options_has(&c->opt, OPTION_DRY_RUN)) {
        out_note(c, "%s",
                 allowed ? _("It would be sent. Nothing was changed.") : _("The server would refuse it. Nothing was changed."));
        rc = allowed ? CLI_OK : CLI_CONFLICT;
        goto out;
    }
    if (rc == CLI_OK)
        rc = confirm(c, f->req.action);
    if (rc == CLI_OK)
        rc = cli_open_outbox(c);
    if (rc == CLI_OK && outbox_enqueue_act(c->outbox, &f->req, NULL, &seq, &e))
        rc = cli_error(c, &e);
    if (rc == CLI_OK)
        rc = cli_case_deliver(c, seq, number);
    if (rc == CLI_OK)
        rc = tell(c, f);
out:
    free(f);
    return rc;
}
