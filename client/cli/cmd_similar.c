/* SPDX-License-Identifier: MIT */
/* Cases like one that exists. */
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "wangge/v1/search.pb-c.h"

enum { SIMILAR_MAX = 20 };

static void print_similar(struct cli *c, const Wangge__V1__SimilarCase *s)
{
    char words[512] = "", place[64];
    for (size_t i = 0; i < s->n_words; i++) {
        size_t at = strlen(words);
        snprintf(words + at, sizeof words - at, "%s%s", i ? ", " : "", s->words[i]);
    }
    if (s->distance_m < 0)
        snprintf(place, sizeof place, "%s", _("same grid"));
    else
        snprintf(place, sizeof place, _("%.0f m away"), s->distance_m);
    cli_case_line(c, s->case_);
    out_printf(c, _("  alike %.0f%%, %s, %.1f h apart"), s->score * 100, place, s->hours);
    out_printf(c, "%s%s\n", words[0] ? ": " : "", words);
}

int cmd_case_similar(struct cli *c)
{
    struct channel_result r;
    char id[37];
    Wangge__V1__FindSimilarRequest req = WANGGE__V1__FIND_SIMILAR_REQUEST__INIT;
    int rc = cli_case_id(c, c->opt.args[0], id);
    if (rc)
        return rc;
    req.case_id = id;
    req.max = SIMILAR_MAX;
    rc = cli_call(c, &methods_find_similar, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__FindSimilarResponse *found = (const Wangge__V1__FindSimilarResponse *)r.resp;
        for (size_t i = 0; rc == CLI_OK && i < found->n_cases; i++) {
            if (c->json)
                rc = out_json(c, &found->cases[i]->base);
            else
                print_similar(c, found->cases[i]);
        }
        if (found->n_cases == 0)
            out_note(c, "%s", _("No case is like it."));
    }
    channel_result_fini(&r);
    return rc;
}
