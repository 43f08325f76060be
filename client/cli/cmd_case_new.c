/* SPDX-License-Identifier: MIT */
/*
 * Logs an incident. It is on this machine's disk before anything is sent: a server that is away, a broken line or Ctrl-C cost
 * nothing but time.
 */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/cli/option_value.h"
#include "client/cli/people_file.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "common/base/text.h"

enum { TEXT_MAX = 8192, CHARS_MAX = 2000, ADDRESS_CHARS_MAX = 200 };

struct form {
    char category[16];
    char grid[24];
    char text[TEXT_MAX];
    char request_id[37];
    char case_id[37];
    Wangge__V1__Point point;
    Google__Protobuf__Timestamp happened;
    struct people_file people;
    char attachments[CLI_ACT_CODES_MAX][40];
    char *attachment_list[CLI_ACT_CODES_MAX];
    Wangge__V1__SubmitCaseRequest req;
};

static int bad(struct cli *c, enum options_option opt, const char *why)
{
    out_error(c, "--%s: %s", options_option_name(opt), why);
    return CLI_INVALID;
}

static int take_point(struct cli *c, struct form *f)
{
    const char *text = options_get(&c->opt, OPTION_POINT, NULL);
    char *end;
    if (!text)
        return CLI_OK;
    wangge__v1__point__init(&f->point);
    f->point.latitude = strtod(text, &end);
    if (end == text || *end != ',')
        return bad(c, OPTION_POINT, _("write latitude,longitude, for example 46.5893,125.1031"));
    text = end + 1;
    f->point.longitude = strtod(text, &end);
    if (end == text || *end || !(f->point.latitude >= -90 && f->point.latitude <= 90) ||
        !(f->point.longitude >= -180 && f->point.longitude <= 180))
        return bad(c, OPTION_POINT, _("write latitude,longitude, for example 46.5893,125.1031"));
    f->req.location = &f->point;
    return CLI_OK;
}

static int take_word(struct cli *c, enum options_option opt, const char *prompt, char *out, size_t size)
{
    const char *given = options_get(&c->opt, opt, NULL);
    if (given)
        return text_copy(out, size, given) ? CLI_OK : bad(c, opt, _("too long"));
    if (!c->may_ask) {
        out_error(c, _("--%s is missing."), options_option_name(opt));
        return CLI_USAGE;
    }
    return ask_line(c, prompt, out, size) && out[0] ? CLI_OK : CLI_CANCELLED;
}

static int take_text(struct cli *c, struct form *f)
{
    const char *given = options_get(&c->opt, OPTION_TEXT, NULL);
    if (given && strcmp(given, "-") == 0)
        return ask_stdin_text(c, f->text, sizeof f->text);
    return take_word(c, OPTION_TEXT, _("What happened:"), f->text, sizeof f->text);
}

static int check_text(struct cli *c, enum options_option opt, const char *text, size_t max_chars)
{
    size_t len = strlen(text);
    if (!text_is_utf8(text, len))
        return bad(c, opt, _("not UTF-8 text"));
    if (text_chars(text, len) > max_chars) {
        out_error(c, _("--%s: longer than %zu characters."), options_option_name(opt), max_chars);
        return CLI_INVALID;
    }
    return CLI_OK;
}

static int fill(struct cli *c, struct form *f)
{
    struct err e;
    usec_t at;
    int urgency = 0, channel = 0;
    wangge__v1__submit_case_request__init(&f->req);
    int rc = take_word(c, OPTION_CATEGORY, _("Category:"), f->category, sizeof f->category);
    if (rc == CLI_OK)
        rc = take_point(c, f);
    if (rc == CLI_OK && !f->req.location)
        rc = take_word(c, OPTION_GRID, _("Grid (15 digits):"), f->grid, sizeof f->grid);
    if (rc == CLI_OK && f->req.location && options_has(&c->opt, OPTION_GRID))
        rc = take_word(c, OPTION_GRID, "", f->grid, sizeof f->grid);
    if (rc == CLI_OK && f->grid[0] && !text_is_digits(f->grid, 15))
        rc = bad(c, OPTION_GRID, _("a grid has 15 digits"));
    if (rc == CLI_OK)
        rc = take_text(c, f);
    if (rc == CLI_OK)
        rc = check_text(c, OPTION_TEXT, f->text, CHARS_MAX);
    if (rc == CLI_OK)
        rc = check_text(c, OPTION_ADDRESS, options_get(&c->opt, OPTION_ADDRESS, ""), ADDRESS_CHARS_MAX);
    if (rc == CLI_OK)
        rc = check_text(c, OPTION_SETTLE, options_get(&c->opt, OPTION_SETTLE, ""), CHARS_MAX);
    if (rc == CLI_OK)
        rc = option_word(c, OPTION_URGENCY, LABELS_URGENCY, &urgency);
    if (rc == CLI_OK)
        rc = option_word(c, OPTION_CHANNEL, LABELS_CHANNEL, &channel);
    if (rc)
        return rc;
    at = cli_now();
    if (options_has(&c->opt, OPTION_HAPPENED_AT) && instant_parse(options_get(&c->opt, OPTION_HAPPENED_AT, ""), at, &at, &e))
        return bad(c, OPTION_HAPPENED_AT, e.text);
    if (options_has(&c->opt, OPTION_PEOPLE) && people_file_read(&f->people, options_get(&c->opt, OPTION_PEOPLE, ""), &e))
        return cli_error(c, &e);
    f->req.people = f->people.list;
    f->req.n_people = f->people.n;
    f->req.confidential = options_has(&c->opt, OPTION_CONFIDENTIAL);
    cli_new_id(f->request_id);
    cli_new_id(f->case_id);
    f->req.request_id = f->request_id;
    f->req.case_id = f->case_id;
    f->req.category_code = f->category;
    f->req.grid_code = f->grid;
    f->req.description = f->text;
    f->req.address = (char *)options_get(&c->opt, OPTION_ADDRESS, "");
    f->req.settle_text = (char *)options_get(&c->opt, OPTION_SETTLE, "");
    f->req.urgency = (Wangge__V1__Urgency)urgency;
    f->req.channel = (Wangge__V1__Channel)channel;
    f->req.happened_at = instant_stamp(&f->happened, at);
    return CLI_OK;
}

static int tell(struct cli *c, const struct form *f, int code, const char *number, int64_t local)
{
    if (c->json) {
        Wangge__V1__SubmitCaseResponse r = WANGGE__V1__SUBMIT_CASE_RESPONSE__INIT;
        r.case_id = (char *)f->case_id;
        r.number = (char *)number;
        r.grid_code = (char *)f->grid;
        int rc = out_json(c, &r.base);
        return rc ? rc : code;
    }
    if (code == CLI_OK)
        out_printf(c, "%s\n", number);
    else
        out_printf(c, _("local-%lld\n"), (long long)local);
    return code;
}

/* Files go with what was settled on the spot; others are attached once the case is there. */
static int check_attach(struct cli *c)
{
    if (c->opt.n_attach > 0 && !options_has(&c->opt, OPTION_SETTLE)) {
        out_error(c, "%s", _("--attach is the evidence of --settle. To a case that was logged: wangge case attach"));
        return CLI_USAGE;
    }
    return cli_attach_check(c);
}

static int send_evidence(struct cli *c, struct form *f)
{
    int rc = cli_attach(c, f->case_id, f->attachments, f->attachment_list, &f->req.n_attachment_ids);
    f->req.attachment_ids = f->attachment_list;
    return rc;
}

int cmd_case_new(struct cli *c)
{
    struct err e;
    int64_t seq, local = 0;
    char number[32] = "";
    struct form *f = calloc(1, sizeof *f);
    if (!f) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    int rc = check_attach(c);
    if (rc == CLI_OK)
        rc = fill(c, f);
    if (rc == CLI_OK && options_has(&c->opt, OPTION_DRY_RUN)) {
        rc = c->json ? out_json(c, &f->req.base) : CLI_OK;
        out_note(c, "%s", _("The form is complete. Nothing was saved."));
        goto out;
    }
    if (rc == CLI_OK)
        rc = send_evidence(c, f);
    if (rc == CLI_OK)
        rc = cli_open_outbox(c);
    if (rc == CLI_OK && outbox_enqueue_submit(c->outbox, &f->req, NULL, &seq, &local, &e))
        rc = cli_error(c, &e);
    if (rc == CLI_OK) {
        rc = cli_case_deliver(c, seq, number);
        if (rc == CLI_OK || rc == CLI_QUEUED)
            rc = tell(c, f, rc, number, local);
    }
out:
    people_file_wipe(&f->people);
    free(f);
    return rc;
}
