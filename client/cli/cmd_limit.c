/* SPDX-License-Identifier: MIT */
/* Limits: listed, and added by options or from a table. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/instant.h"
#include "client/cli/limit_file.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"

enum { COLUMNS = 8 };

/* Rules for E01 and for E0102 both say something about E01: one code begins with the other. */
static bool meets(const char *asked, const char *code)
{
    size_t a = strlen(asked), b = strlen(code);
    return strncmp(asked, code, a < b ? a : b) == 0;
}

static bool put_row(struct table *t, const Wangge__V1__Limit *l)
{
    char clock[LABELS_WORD_MAX], urgency[LABELS_WORD_MAX], amount[LIMIT_AMOUNT_MAX];
    char from[INSTANT_TEXT_MAX], to[INSTANT_TEXT_MAX];
    const char *any = C_("limit", "all");
    return table_cell(t, labels_text(LABELS_CLOCK, (int)l->clock, clock)) &&
           table_cell(t, l->category_prefix[0] ? l->category_prefix : any) &&
           table_cell(t, l->region_code[0] ? l->region_code : any) &&
           table_cell(t, l->urgency ? labels_text(LABELS_URGENCY, (int)l->urgency, urgency) : any) &&
           table_cell(t, limit_amount_format(l->unit, l->amount, amount)) && table_cell(t, limit_unit_text(l->unit)) &&
           table_cell(t, instant_format(instant_of(l->valid_from), from)) &&
           table_cell(t, l->valid_to ? instant_format(instant_of(l->valid_to), to) : "-");
}

int cmd_limit_list(struct cli *c)
{
    const char *titles[COLUMNS] = {_("Clock"), _("Category"),   _("Region"), _("Urgency"),
                                   _("Limit"), _("Counted in"), _("From"),   _("To")};
    Wangge__V1__ListLimitsRequest req = WANGGE__V1__LIST_LIMITS_REQUEST__INIT;
    Google__Protobuf__Timestamp stamp;
    struct channel_result r;
    struct table *t = NULL;
    struct err e;
    usec_t at;
    size_t shown = 0;
    const char *text = options_get(&c->opt, OPTION_AT, NULL);
    if (text && instant_parse(text, cli_now(), &at, &e))
        return cli_error(c, &e);
    if (text)
        req.at = instant_stamp(&stamp, at);
    int rc = cli_call(c, &methods_list_limits, &req.base, &r);
    if (rc == CLI_OK && !c->json && !(t = table_create(COLUMNS)))
        rc = CLI_FAILED;
    for (int i = 0; t && i < COLUMNS; i++)
        table_column(t, i, titles[i], i == 4, false);
    const Wangge__V1__ListLimitsResponse *all = (const Wangge__V1__ListLimitsResponse *)r.resp;
    for (size_t i = 0; rc == CLI_OK && i < all->n_limits; i++) {
        const Wangge__V1__Limit *l = all->limits[i];
        if (!meets(options_get(&c->opt, OPTION_CATEGORY, ""), l->category_prefix) ||
            !meets(options_get(&c->opt, OPTION_REGION, ""), l->region_code))
            continue;
        shown++;
        if (c->json)
            rc = out_json(c, &l->base);
        else if (!put_row(t, l))
            rc = CLI_FAILED;
    }
    if (rc == CLI_OK && t && shown)
        out_table(c, t);
    if (rc == CLI_OK && shown == 0)
        out_note(c, "%s", _("No rule. The categories' handling limits hold: wangge list categories"));
    table_destroy(t);
    channel_result_fini(&r);
    return rc;
}

/* One rule of the options. */
static int take_options(struct cli *c, struct limit_file *f)
{
    struct err e;
    struct limit_words w = {
        .clock = options_get(&c->opt, OPTION_CLOCK, NULL),
        .category = options_get(&c->opt, OPTION_CATEGORY, NULL),
        .urgency = options_get(&c->opt, OPTION_URGENCY, NULL),
        .region = options_get(&c->opt, OPTION_REGION, NULL),
        .amount = options_get(&c->opt, OPTION_AMOUNT, NULL),
        .from = options_get(&c->opt, OPTION_FROM, NULL),
    };
    if (!w.clock || !w.amount) {
        out_error(c, "%s", _("Say --clock and --amount, or name a file."));
        return CLI_USAGE;
    }
    f->arena = arena_create(1 << 16);
    f->limits[0] = f->arena ? arena_alloc(f->arena, sizeof **f->limits) : NULL;
    if (!f->limits[0])
        return CLI_FAILED;
    f->n = 1;
    return limit_of_words(f->arena, &w, cli_now(), f->limits[0], &e) ? cli_error(c, &e) : CLI_OK;
}

static int take_file(struct cli *c, struct limit_file *f)
{
    static const enum options_option one[] = {OPTION_CLOCK,  OPTION_CATEGORY, OPTION_URGENCY,
                                              OPTION_REGION, OPTION_AMOUNT,   OPTION_FROM};
    struct err e;
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        if (options_has(&c->opt, one[i])) {
            out_error(c, _("--%s and a file do not go together: the file says it in a column."), options_option_name(one[i]));
            return CLI_USAGE;
        }
    }
    return limit_file_read(f, c->opt.args[0], cli_now(), &e) ? cli_error(c, &e) : CLI_OK;
}

/* The server names limits by their place; a file's reader wants the line. */
static void tell_lines(struct cli *c, const struct limit_file *f, const struct status_info *st)
{
    for (size_t i = 0; i < st->n_violations; i++) {
        unsigned at;
        if (sscanf(st->violations[i].field, "limits[%3u]", &at) == 1 && at < f->n && f->line[at])
            out_note(c, _("  This is line %lld."), (long long)f->line[at]);
    }
}

int cmd_limit_add(struct cli *c)
{
    struct channel_result r = {0};
    Wangge__V1__AddLimitsRequest req = WANGGE__V1__ADD_LIMITS_REQUEST__INIT;
    struct limit_file *f = calloc(1, sizeof *f);
    if (!f)
        return CLI_FAILED;
    int rc = c->opt.n_args ? take_file(c, f) : take_options(c, f);
    if (rc == CLI_OK) {
        req.limits = f->limits;
        req.n_limits = f->n;
        rc = cli_call(c, &methods_add_limits, &req.base, &r);
        if (rc == CLI_OK && c->json)
            rc = out_json(c, r.resp);
        else if (rc == CLI_OK)
            out_printf(
                c, _("Limits added: %d. What runs already keeps its limit; to move it: wangge what-if --limits FILE --apply\n"),
                ((const Wangge__V1__AddLimitsResponse *)r.resp)->added);
        else
            tell_lines(c, f, &r.status);
    }
    channel_result_fini(&r);
    limit_file_fini(f);
    free(f);
    return rc;
}
