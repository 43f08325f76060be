/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/option_value.h"
#include "client/model/case_words.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"

enum {
    STATES_MAX = CLI_FILTER_STATES,
    CARDS_MAX = CLI_FILTER_CARDS,
    KINDS_MAX = CLI_FILTER_KINDS,
    PAGE_MAX = 500,
    LIMIT_MAX = 10 * 1000 * 1000,
    DAYS_MAX = 366
};

/* Reads words of a kind separated by commas into out; "all" means every one where all is true. */
static int take_words(struct cli *c, enum options_option opt, enum labels_kind kind, bool all, int max, int *out, size_t *ret_n)
{
    const char *p = options_get(&c->opt, opt, "");
    *ret_n = 0;
    if (all && strcmp(p, "all") == 0) {
        while ((int)*ret_n < max) {
            out[*ret_n] = (int)*ret_n + 1;
            ++*ret_n;
        }
        return CLI_OK;
    }
    while (*p) {
        char word[LABELS_WORD_MAX], list[256];
        size_t n = strcspn(p, ",");
        int v;
        snprintf(word, sizeof word, "%.*s", (int)n, p);
        if (!labels_find(kind, word, &v) || (int)*ret_n == max) {
            labels_list(kind, list, sizeof list);
            out_error(c, _("--%s: \"%s\" is none of %s."), options_option_name(opt), word, list);
            return CLI_INVALID;
        }
        out[(*ret_n)++] = v;
        p += n + (p[n] == ',');
    }
    return CLI_OK;
}

static int take_enums(struct cli *c, struct cli_filter *f)
{
    int v[STATES_MAX];
    size_t n;
    int rc = take_words(c, OPTION_STATE, LABELS_STATE, false, STATES_MAX, v, &f->f.n_states);
    for (size_t i = 0; i < f->f.n_states; i++)
        f->states[i] = (Wangge__V1__CaseState)v[i];
    f->f.states = f->states;
    if (rc == CLI_OK)
        rc = take_words(c, OPTION_CARD, LABELS_CARD, false, CARDS_MAX, v, &f->f.n_cards);
    for (size_t i = 0; i < f->f.n_cards; i++)
        f->cards[i] = (Wangge__V1__Card)v[i];
    f->f.cards = f->cards;
    if (rc == CLI_OK)
        rc = take_words(c, OPTION_PENDING, LABELS_APPROVAL, true, KINDS_MAX, v, &f->f.n_pending);
    for (size_t i = 0; i < f->f.n_pending; i++)
        f->pending[i] = (Wangge__V1__ApprovalKind)v[i];
    f->f.pending = f->pending;
    if (rc == CLI_OK)
        rc = take_words(c, OPTION_LIGHT, LABELS_LIGHT, false, CARDS_MAX, v, &n);
    for (size_t i = 0; rc == CLI_OK && i < n; i++)
        f->lights |= 1u << v[i];
    f->f.overdue_only = f->f.overdue_only || f->lights == 1u << WANGGE__V1__LIGHT__LIGHT_RED;
    return rc;
}

/* "90m", "4h", "2d" as minutes. */
static int take_due_within(struct cli *c, struct cli_filter *f)
{
    const char *text = options_get(&c->opt, OPTION_DUE_WITHIN, NULL);
    char number[16];
    int64_t n;
    if (!text)
        return CLI_OK;
    size_t len = strlen(text);
    char unit = len ? text[len - 1] : 0;
    int minutes = unit == 'm' ? 1 : unit == 'h' ? 60 : unit == 'd' ? 24 * 60 : 0;
    snprintf(number, sizeof number, "%.*s", len ? (int)len - 1 : 0, text);
    if (minutes == 0 || len > 8 || text_to_i64(number, 1, DAYS_MAX * 24 * 60 / minutes, &n) != 0) {
        out_error(c, _("--due-within: \"%s\" is not a time like 90m, 4h or 2d."), text);
        return CLI_INVALID;
    }
    f->f.due_within_minutes = (int32_t)n * minutes;
    return CLI_OK;
}

int cli_filter_make(struct cli *c, struct cli_filter *f)
{
    wangge__v1__case_filter__init(&f->f);
    f->f.overdue_only = options_has(&c->opt, OPTION_OVERDUE);
    int rc = take_enums(c, f);
    if (rc == CLI_OK)
        rc = take_due_within(c, f);
    if (rc == CLI_OK)
        rc = option_day(c, OPTION_FROM, 0, &f->from, &f->f.reported_from);
    if (rc == CLI_OK)
        rc = option_day(c, OPTION_TO, 1, &f->to, &f->f.reported_to);
    f->f.open_only = options_has(&c->opt, OPTION_OPEN);
    f->f.mine = options_has(&c->opt, OPTION_MINE);
    f->f.my_work = options_has(&c->opt, OPTION_MY_WORK);
    f->f.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    f->f.category_prefix = (char *)options_get(&c->opt, OPTION_CATEGORY, "");
    f->f.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    f->f.text = (char *)options_get(&c->opt, OPTION_FIND, "");
    return rc;
}

/* Prints a page; false when the limit is reached. */
static int put_page(struct cli *c, const Wangge__V1__ListCasesResponse *page, unsigned lights, struct table *t, long limit,
                    long *shown)
{
    usec_t now = cli_now();
    for (size_t i = 0; i < page->n_cases && (limit == 0 || *shown < limit); i++) {
        int rc = CLI_OK;
        if (lights && !(lights >> case_words_light(page->cases[i], now) & 1))
            continue;
        ++*shown;
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
    struct cli_filter f = {0};
    struct err e;
    long limit, shown = 0;
    int total = 0;
    char token[1024] = "";
    struct table *t = NULL;
    int rc = cli_filter_make(c, &f);
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
                rc = put_page(c, page, f.lights, t, limit, &shown);
            }
            if (t && rc == CLI_OK && shown > 0)
                out_table(c, t); /* page by page: a long list starts at once */
            table_destroy(t);
            t = NULL;
        }
        channel_result_fini(&r);
    } while (rc == CLI_OK && token[0] && (limit == 0 || shown < limit));
    if (rc == CLI_OK)
        tell_total(c, shown, f.lights ? (int)shown : total);
    return rc;
}
