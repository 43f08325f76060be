/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/model/case_words.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"

enum { TEXT_MAX = 2000 };

static void print_event(struct cli *c, const struct directory *names, const Wangge__V1__CaseEvent *ev)
{
    char when[INSTANT_TEXT_MAX], buf[LABELS_WORD_MAX], words[4 * TEXT_MAX + 512], clean[TABLE_CELL_MAX];
    const char *action = labels_text(LABELS_ACTION, (int)ev->action, buf);
    int pad = 18 - table_width(action);
    Wangge__V1__CaseEvent head = *ev;
    head.text = (char *)""; /* it may have many lines, and they stand below */
    case_words_event(&head, names, cli_now(), words, sizeof words);
    table_clean(words, false, clean, sizeof clean);
    out_printf(c, "  %-19s  %s%*s %s%s%s\n", instant_format(instant_of(ev->happened_at), when), action, pad > 0 ? pad : 0, "",
               case_words_actor(ev), clean[0] ? "  " : "", clean);
    if (!ev->text[0])
        return;
    table_clean(ev->text, true, clean, sizeof clean);
    for (char *line = clean, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        out_printf(c, "      %s\n", line);
    }
}

/* Prints the timeline, page by page. With JSON one event a line follows the case. */
static int print_events(struct cli *c, const char *case_id)
{
    enum { PAGE = 1000 };
    int64_t after = 0;
    size_t got;
    int rc;
    struct directory *names = c->json ? NULL : cli_case_names(c);
    if (!c->json)
        out_printf(c, "\n%s\n", _("Timeline:"));
    do {
        struct channel_result r;
        Wangge__V1__ListCaseEventsRequest req = WANGGE__V1__LIST_CASE_EVENTS_REQUEST__INIT;
        req.case_id = (char *)case_id;
        req.after_version = after;
        got = 0;
        rc = cli_call(c, &methods_list_case_events, &req.base, &r);
        if (rc == CLI_OK) {
            const Wangge__V1__ListCaseEventsResponse *page = (const Wangge__V1__ListCaseEventsResponse *)r.resp;
            got = page->n_events;
            for (size_t i = 0; rc == CLI_OK && i < got; i++) {
                after = page->events[i]->version;
                if (c->json)
                    rc = out_json(c, &page->events[i]->base);
                else
                    print_event(c, names, page->events[i]);
            }
        }
        channel_result_fini(&r);
    } while (rc == CLI_OK && got >= PAGE);
    cli_case_names_free(names);
    return rc;
}

int cmd_case_show(struct cli *c)
{
    struct channel_result r;
    const Wangge__V1__Case *cs = NULL;
    int rc = cli_case_get(c, c->opt.args[0], &r, &cs);
    if (rc == CLI_OK && c->json) {
        rc = out_json(c, &cs->base);
        /* Chosen fields are those of the case: its events have others. */
        if (rc == CLI_OK && !options_get(&c->opt, OPTION_JSON, "")[0])
            rc = print_events(c, cs->case_id);
    } else if (rc == CLI_OK) {
        cli_case_print(c, cs);
        rc = print_events(c, cs->case_id);
    }
    channel_result_fini(&r);
    return rc;
}
