/* SPDX-License-Identifier: MIT */
/* Dispatch rules: listed, set from a file, tried on past dispatches, asked about a case. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/option_value.h"
#include "client/cli/rules_file.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "wangge/v1/search.pb-c.h"

enum { COLUMNS = 9 };

static void join(char *const *list, size_t n, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(out);
        snprintf(out + at, size - at, "%s%s", i ? " " : "", list[i]);
    }
}

static bool put_rule(struct table *t, const Wangge__V1__DispatchRule *r)
{
    char days[16], hours[16], priority[16], helpers[512];
    rules_weekdays_format(r->weekdays, days);
    rules_hours_format(r->from_minute, r->to_minute, hours);
    snprintf(priority, sizeof priority, "%d", r->priority);
    join(r->co_organ_codes, r->n_co_organ_codes, helpers, sizeof helpers);
    const char *cells[COLUMNS] = {r->category_prefix, r->region_code, days,      hours, r->organ_code, helpers,
                                  priority,           r->note,        r->rule_id};
    for (int i = 0; i < COLUMNS; i++) {
        if (!table_cell(t, cells[i]))
            return false;
    }
    return true;
}

int cmd_rules_list(struct cli *c)
{
    const char *titles[COLUMNS] = {_("Category"), _("Region"),   _("Weekdays"), _("Hours"), _("Organ"),
                                   _("Helpers"),  _("Priority"), _("Note"),     _("Rule")};
    struct channel_result r;
    Wangge__V1__ListDispatchRulesRequest req = WANGGE__V1__LIST_DISPATCH_RULES_REQUEST__INIT;
    struct table *t = NULL;
    int rc = cli_call(c, &methods_list_dispatch_rules, &req.base, &r);
    if (rc == CLI_OK && !c->json && !(t = table_create(COLUMNS)))
        rc = CLI_FAILED;
    for (int i = 0; t && i < COLUMNS; i++)
        table_column(t, i, titles[i], i == 6, i == 7);
    if (rc == CLI_OK) {
        const Wangge__V1__ListDispatchRulesResponse *list = (const Wangge__V1__ListDispatchRulesResponse *)r.resp;
        for (size_t i = 0; rc == CLI_OK && i < list->n_rules; i++) {
            if (c->json)
                rc = out_json(c, &list->rules[i]->base);
            else if (!put_rule(t, list->rules[i]))
                rc = CLI_FAILED;
        }
        if (list->n_rules == 0)
            out_note(c, "%s", _("There are no dispatch rules."));
        else if (t && rc == CLI_OK)
            out_table(c, t);
    }
    table_destroy(t);
    channel_result_fini(&r);
    return rc;
}

int cmd_rules_set(struct cli *c)
{
    struct err e;
    struct channel_result r;
    Wangge__V1__SetDispatchRulesRequest req = WANGGE__V1__SET_DISPATCH_RULES_REQUEST__INIT;
    struct rules_file *f = calloc(1, sizeof *f);
    int rc = CLI_FAILED;
    if (!f)
        return rc;
    if (rules_file_read(f, c->opt.args[0], &e)) {
        rc = cli_error(c, &e);
    } else {
        req.rules = f->rules;
        req.n_rules = f->n;
        rc = cli_call(c, &methods_set_dispatch_rules, &req.base, &r);
        if (rc == CLI_OK && c->json)
            rc = out_json(c, r.resp);
        else if (rc == CLI_OK)
            out_printf(c, _("%d rules changed.\n"), ((const Wangge__V1__SetDispatchRulesResponse *)r.resp)->changed);
        channel_result_fini(&r);
    }
    rules_file_fini(f);
    free(f);
    return rc;
}

static void print_try(struct cli *c, const Wangge__V1__TryDispatchRulesResponse *t)
{
    out_printf(c, _("%d dispatches: as the rules say %d (%d came back), otherwise %d (%d came back), no rule %d\n"),
               t->dispatches, t->same, t->same_returned, t->different, t->different_returned, t->none);
    for (size_t i = 0; i < t->n_differences; i++) {
        const Wangge__V1__DispatchDifference *d = t->differences[i];
        out_printf(c, _("  %s  %s  given to %s, rule %s%s\n"), d->number, d->category_code, d->given_organ_code,
                   d->rule_organ_code, d->returned ? _(", came back") : "");
    }
}

int cmd_rules_try(struct cli *c)
{
    struct err e;
    struct channel_result r;
    Google__Protobuf__Timestamp from, to;
    Wangge__V1__TryDispatchRulesRequest req = WANGGE__V1__TRY_DISPATCH_RULES_REQUEST__INIT;
    struct rules_file *f = calloc(1, sizeof *f);
    int rc = f ? option_day(c, OPTION_FROM, 0, &from, &req.from) : CLI_FAILED;
    if (rc == CLI_OK)
        rc = option_day(c, OPTION_TO, 1, &to, &req.to);
    if (rc == CLI_OK && c->opt.n_args && rules_file_read(f, c->opt.args[0], &e))
        rc = cli_error(c, &e);
    if (rc == CLI_OK) {
        req.rules = f->rules;
        req.n_rules = f->n;
        rc = cli_call(c, &methods_try_dispatch_rules, &req.base, &r);
        if (rc == CLI_OK && c->json)
            rc = out_json(c, r.resp);
        else if (rc == CLI_OK)
            print_try(c, (const Wangge__V1__TryDispatchRulesResponse *)r.resp);
        channel_result_fini(&r);
    }
    if (f)
        rules_file_fini(f);
    free(f);
    return rc;
}

int cmd_rules_suggest(struct cli *c)
{
    struct channel_result r;
    char id[37];
    Wangge__V1__SuggestDispatchRequest req = WANGGE__V1__SUGGEST_DISPATCH_REQUEST__INIT;
    int rc = cli_case_id(c, c->opt.args[0], id);
    if (rc)
        return rc;
    req.case_id = id;
    rc = cli_call(c, &methods_suggest_dispatch, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__SuggestDispatchResponse *s = (const Wangge__V1__SuggestDispatchResponse *)r.resp;
        for (size_t i = 0; rc == CLI_OK && i < s->n_suggestions; i++) {
            const Wangge__V1__DispatchSuggestion *one = s->suggestions[i];
            char helpers[512];
            join(one->co_organ_codes, one->n_co_organ_codes, helpers, sizeof helpers);
            if (c->json)
                rc = out_json(c, &one->base);
            else
                out_printf(c, "%s  %s%s%s  (%s)\n", one->organ_code, one->organ_name, helpers[0] ? " + " : "", helpers,
                           one->reason);
        }
        if (s->n_suggestions == 0)
            out_note(c, "%s", _("No rule matches this case."));
    }
    channel_result_fini(&r);
    return rc;
}
