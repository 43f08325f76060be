/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"

enum { STATES_MAX = 14, PAGE_MAX = 500, LIMIT_MAX = 10 * 1000 * 1000 };

struct filter {
    Wangge__V1__CaseFilter f;
    Wangge__V1__CaseState states[STATES_MAX];
    Google__Protobuf__Timestamp from, to;
};

static int take_states(struct cli *c, struct filter *f)
{
    const char *p = options_get(&c->opt, OPTION_STATE, "");
    while (*p) {
        char word[LABELS_WORD_MAX], list[256];
        size_t n = strcspn(p, ",");
        int v;
        snprintf(word, sizeof word, "%.*s", (int)n, p);
        if (!labels_find(LABELS_STATE, word, &v) || f->f.n_states == STATES_MAX) {
            labels_list(LABELS_STATE, list, sizeof list);
            out_error(c, _("--%s: \"%s\" is none of %s."), "state", word, list);
            return CLI_INVALID;
        }
        f->states[f->f.n_states++] = (Wangge__V1__CaseState)v;
        p += n + (p[n] == ',');
    }
    f->f.states = f->states;
    return CLI_OK;
}

/* A day as the first moment of it, or of the day after. */
static int take_day(struct cli *c, enum options_option opt, int plus_days, Google__Protobuf__Timestamp *room,
                    Google__Protobuf__Timestamp **ret)
{
    int32_t days;
    const char *text = options_get(&c->opt, opt, NULL);
    if (!text)
        return CLI_OK;
    if (!clock_parse_date(text, &days)) {
        out_error(c, _("--%s: \"%s\" is not a day of the form 2026-11-23."), options_option_name(opt), text);
        return CLI_INVALID;
    }
    *ret = instant_stamp(room, ((usec_t)(days + plus_days) * 86400 - INSTANT_UTC_OFFSET_S) * USEC_PER_SEC);
    return CLI_OK;
}

static int make_filter(struct cli *c, struct filter *f)
{
    wangge__v1__case_filter__init(&f->f);
    int rc = take_states(c, f);
    if (rc == CLI_OK)
        rc = take_day(c, OPTION_FROM, 0, &f->from, &f->f.reported_from);
    if (rc == CLI_OK)
        rc = take_day(c, OPTION_TO, 1, &f->to, &f->f.reported_to);
    f->f.open_only = options_has(&c->opt, OPTION_OPEN);
    f->f.overdue_only = options_has(&c->opt, OPTION_OVERDUE);
    f->f.mine = options_has(&c->opt, OPTION_MINE);
    f->f.my_work = options_has(&c->opt, OPTION_MY_WORK);
    f->f.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    f->f.category_prefix = (char *)options_get(&c->opt, OPTION_CATEGORY, "");
    f->f.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    f->f.text = (char *)options_get(&c->opt, OPTION_FIND, "");
    return rc;
}

/* Prints a page; false when the limit is reached. */
static int put_page(struct cli *c, const Wangge__V1__ListCasesResponse *page, struct table *t, long limit, long *shown)
{
    usec_t now = cli_now();
    for (size_t i = 0; i < page->n_cases && (limit == 0 || *shown < limit); i++, ++*shown) {
        int rc = CLI_OK;
        if (c->json)
            rc = out_json(c, &page->cases[i]->base);
        else if (!cli_case_row(t, page->cases[i], now))
            rc = CLI_FAILED;
        if (rc)
            return rc;
    }
    return CLI_OK;
}

static void tell_total(struct cli *c, long shown, int total)
{
    if (total > shown && total >= 10000)
        out_note(c, _("%ld shown of 10,000 or more. --limit 0 shows all."), shown);
    else if (total > shown)
        out_note(c, _("%ld shown of %d. --limit 0 shows all."), shown, total);
    else if (shown == 0)
        out_note(c, "%s", _("No case matches."));
}

int cmd_case_list(struct cli *c)
{
    struct filter f = {0};
    struct err e;
    long limit, shown = 0;
    int total = 0;
    char token[1024] = "";
    struct table *t = NULL;
    int rc = make_filter(c, &f);
    if (rc)
        return rc;
    if (options_number(&c->opt, OPTION_LIMIT, 0, LIMIT_MAX, c->config.page_size, &limit, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    do {
        struct channel_result r;
        Wangge__V1__ListCasesRequest req = WANGGE__V1__LIST_CASES_REQUEST__INIT;
        req.filter = &f.f;
        req.page_token = token;
        req.page_size = limit == 0 || limit - shown > PAGE_MAX ? PAGE_MAX : (int)(limit - shown);
        if (options_has(&c->opt, OPTION_BY_DUE))
            req.order = WANGGE__V1__CASE_ORDER__CASE_ORDER_DUE_ASC;
        rc = cli_call(c, &methods_list_cases, &req.base, &r);
        if (rc == CLI_OK) {
            const Wangge__V1__ListCasesResponse *page = (const Wangge__V1__ListCasesResponse *)r.resp;
            if (!token[0])
                total = page->total_up_to_10000;
            if (!text_copy(token, sizeof token, page->next_page_token)) {
                out_error(c, "%s", _("The server's page token is too long."));
                rc = CLI_FAILED;
            } else if (!c->json && !(t = cli_case_table())) {
                rc = CLI_FAILED;
            } else {
                rc = put_page(c, page, t, limit, &shown);
            }
            if (t && rc == CLI_OK && shown > 0)
                out_table(c, t); /* page by page: a long list starts at once */
            table_destroy(t);
            t = NULL;
        }
        channel_result_fini(&r);
    } while (rc == CLI_OK && token[0] && (limit == 0 || shown < limit));
    if (rc == CLI_OK)
        tell_total(c, shown, total);
    return rc;
}
