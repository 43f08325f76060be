/* SPDX-License-Identifier: MIT */
/* Searching cases by words or a person. */
#include <stdio.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "wangge/v1/search.pb-c.h"

enum { PAGE_MAX = 200, LIMIT_MAX = 100000 };

static int put_page(struct cli *c, const Wangge__V1__SearchResponse *page, struct table *t, long limit, long *shown)
{
    usec_t now = cli_now();
    for (size_t i = 0; i < page->n_hits && (limit == 0 || *shown < limit); i++, ++*shown) {
        int rc = CLI_OK;
        if (c->json)
            rc = out_json(c, &page->hits[i]->base);
        else if (!cli_case_row(t, page->hits[i]->case_, now))
            rc = CLI_FAILED;
        if (rc)
            return rc;
    }
    return CLI_OK;
}

int cmd_search(struct cli *c)
{
    struct err e;
    long limit, shown = 0;
    char token[1024] = "", text[1024] = "";
    int rc = CLI_OK;
    for (int i = 0; i < c->opt.n_args; i++) {
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%s", i ? " " : "", c->opt.args[i]);
    }
    if (!text[0] && !options_has(&c->opt, OPTION_PERSON)) {
        out_error(c, "%s", _("Say what to look for: words, or --person."));
        return CLI_USAGE;
    }
    if (options_number(&c->opt, OPTION_LIMIT, 0, LIMIT_MAX, c->config.page_size, &limit, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    do {
        struct channel_result r;
        Wangge__V1__SearchRequest req = WANGGE__V1__SEARCH_REQUEST__INIT;
        struct table *t = NULL;
        req.text = text;
        req.person = (char *)options_get(&c->opt, OPTION_PERSON, "");
        req.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
        req.open_only = options_has(&c->opt, OPTION_OPEN);
        req.page_token = token;
        req.page_size = limit == 0 || limit - shown > PAGE_MAX ? PAGE_MAX : (int)(limit - shown);
        rc = cli_call(c, &methods_search, &req.base, &r);
        if (rc == CLI_OK) {
            const Wangge__V1__SearchResponse *page = (const Wangge__V1__SearchResponse *)r.resp;
            if (!text_copy(token, sizeof token, page->next_page_token)) {
                out_error(c, "%s", _("The server's page token is too long."));
                rc = CLI_FAILED;
            } else if (!c->json && !(t = cli_case_table())) {
                rc = CLI_FAILED;
            } else {
                rc = put_page(c, page, t, limit, &shown);
            }
            if (t && rc == CLI_OK && page->n_hits > 0)
                out_table(c, t);
            table_destroy(t);
        }
        channel_result_fini(&r);
    } while (rc == CLI_OK && token[0] && (limit == 0 || shown < limit));
    if (rc == CLI_OK && shown == 0)
        out_note(c, "%s", _("No case matches."));
    else if (rc == CLI_OK && token[0])
        out_note(c, _("The first %ld. --limit 0 shows all."), shown);
    return rc;
}
