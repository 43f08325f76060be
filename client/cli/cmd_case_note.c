/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "common/base/text.h"

enum { TEXT_MAX = 8192, CHARS_MAX = 2000 };

static int take_text(struct cli *c, char *out, size_t size)
{
    const char *given = options_get(&c->opt, OPTION_TEXT, NULL);
    if (!given && !c->may_ask) {
        out_error(c, _("--%s is missing."), "text");
        return CLI_USAGE;
    }
    if (given && strcmp(given, "-") == 0) {
        int rc = ask_stdin_text(c, out, size);
        if (rc)
            return rc;
    } else if (given) {
        text_copy(out, size, given);
    } else if (!ask_line(c, _("Note:"), out, size)) {
        return CLI_CANCELLED;
    }
    size_t len = strlen(out);
    if (len > 0 && text_is_utf8(out, len) && text_chars(out, len) <= CHARS_MAX && (!given || strlen(given) < size))
        return CLI_OK;
    out_error(c, _("A note has 1 to %d characters of UTF-8 text."), CHARS_MAX);
    return CLI_INVALID;
}

int cmd_case_note(struct cli *c)
{
    char text[TEXT_MAX], case_id[37], request_id[37], number[32];
    struct err e;
    usec_t at = cli_now();
    int64_t seq;
    Google__Protobuf__Timestamp happened;
    int rc = take_text(c, text, sizeof text);
    if (rc == CLI_OK && options_has(&c->opt, OPTION_HAPPENED_AT) &&
        instant_parse(options_get(&c->opt, OPTION_HAPPENED_AT, ""), at, &at, &e))
        rc = cli_error(c, &e);
    if (rc == CLI_OK)
        rc = cli_case_id(c, c->opt.args[0], case_id);
    if (rc || options_has(&c->opt, OPTION_DRY_RUN))
        return rc;
    rc = cli_open_outbox(c);
    if (rc)
        return rc;
    cli_new_id(request_id);
    Wangge__V1__AddNoteRequest req = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    req.request_id = request_id;
    req.case_id = case_id;
    req.text = text;
    req.happened_at = instant_stamp(&happened, at);
    if (outbox_enqueue_note(c->outbox, &req, NULL, &seq, &e))
        return cli_error(c, &e);
    rc = cli_case_deliver(c, seq, number);
    if (rc == CLI_OK)
        out_note(c, "%s", _("Noted."));
    return rc;
}
