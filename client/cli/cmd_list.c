/* SPDX-License-Identifier: MIT */
/* Lists the codes other commands take: categories, organs, regions, grids, and the table of actions with who may take them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/rules.h"
#include "client/rpc/methods.h"
#include "wangge/v1/directory.pb-c.h"

enum { WORDS_MAX = 600 };

/* True if --find is not given, or is part of one of the words. */
static bool wanted(struct cli *c, const char *code, const char *name, const char *initials, const char *other)
{
    const char *q = options_get(&c->opt, OPTION_FIND, "");
    if (!q[0])
        return true;
    const char *const words[] = {code, name, initials, other};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i] && (strcasestr(words[i], q)))
            return true;
    }
    return false;
}

/* A row of cells, or the message as JSON. */
static int put(struct cli *c, struct table *t, const ProtobufCMessage *msg, const char *const *cells, size_t n)
{
    if (c->json)
        return out_json(c, msg);
    for (size_t i = 0; i < n; i++) {
        if (!table_cell(t, cells[i]))
            return CLI_FAILED;
    }
    return CLI_OK;
}

static void hours(const Wangge__V1__Category *g, char out[64])
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < g->n_handle_limit_minutes && at < 48; i++)
        at += (size_t)snprintf(out + at, 64 - at, "%s%.4g", i ? "/" : "", (double)g->handle_limit_minutes[i] / 60);
}

static int list_categories(struct cli *c, const ProtobufCMessage *msg, struct table *t)
{
    const Wangge__V1__ListCategoriesResponse *resp = (const Wangge__V1__ListCategoriesResponse *)msg;
    int rc = CLI_OK;
    table_column(t, 0, _("Code"), false, false);
    table_column(t, 1, _("Name"), false, true);
    table_column(t, 2, _("Group"), false, true);
    table_column(t, 3, _("Initials"), false, false);
    table_column(t, 4, _("Hours"), false, false);
    table_column(t, 5, _("Remarks"), false, true);
    for (size_t i = 0; rc == CLI_OK && i < resp->n_categories; i++) {
        const Wangge__V1__Category *g = resp->categories[i];
        char limit[64], remarks[256];
        const char *name = i18n_chinese() || !g->name_en[0] ? g->name : g->name_en;
        if (!wanted(c, g->code, g->name, g->initials, g->name_en))
            continue;
        hours(g, limit);
        snprintf(remarks, sizeof remarks, "%s%s%s%s", g->active ? "" : _("closed "), g->settle_allowed ? _("on-the-spot ") : "",
                 g->check_waived ? _("no-check ") : "", g->evidence_settle || g->evidence_feedback ? _("evidence ") : "");
        const char *const cells[] = {g->code, name, g->group_name, g->initials, limit, remarks};
        rc = put(c, t, &g->base, cells, 6);
    }
    return rc;
}

static int list_organs(struct cli *c, const ProtobufCMessage *msg, struct table *t)
{
    const Wangge__V1__ListOrgansResponse *resp = (const Wangge__V1__ListOrgansResponse *)msg;
    int rc = CLI_OK;
    table_column(t, 0, _("Code"), false, false);
    table_column(t, 1, _("Name"), false, true);
    table_column(t, 2, _("Region"), false, false);
    table_column(t, 3, _("Initials"), false, false);
    table_column(t, 4, _("Remarks"), false, true);
    for (size_t i = 0; rc == CLI_OK && i < resp->n_organs; i++) {
        const Wangge__V1__Organ *o = resp->organs[i];
        const char *const cells[] = {o->code, o->name, o->region_code, o->initials, o->active ? "" : _("closed ")};
        if (wanted(c, o->code, o->name, o->initials, o->region_code))
            rc = put(c, t, &o->base, cells, 5);
    }
    return rc;
}

static int put_regions(struct cli *c, const ProtobufCMessage *msg, struct table *t, bool grids)
{
    const Wangge__V1__ListRegionsResponse *resp = (const Wangge__V1__ListRegionsResponse *)msg;
    const char *above = "";
    char word[LABELS_WORD_MAX];
    int rc = CLI_OK;
    table_column(t, 0, _("Code"), false, false);
    table_column(t, 1, _("Name"), false, true);
    table_column(t, 2, grids ? _("Community") : _("Level"), false, true);
    table_column(t, 3, _("Initials"), false, false);
    table_column(t, 4, _("Remarks"), false, true);
    for (size_t i = 0; rc == CLI_OK && i < resp->n_regions; i++) {
        const Wangge__V1__Region *r = resp->regions[i];
        if (r->level == WANGGE__V1__REGION_LEVEL__REGION_LEVEL_COMMUNITY)
            above = r->name; /* ordered by code: a community comes right before its grids */
        bool grid = r->level == WANGGE__V1__REGION_LEVEL__REGION_LEVEL_GRID;
        if (grid != grids || !wanted(c, r->code, r->name, r->initials, grids ? above : NULL))
            continue;
        char remarks[64] = "";
        if (r->valid_to[0])
            snprintf(remarks, sizeof remarks, _("until %s"), r->valid_to);
        const char *const cells[] = {r->code, r->name, grids ? above : labels_text(LABELS_REGION_LEVEL, (int)r->level, word),
                                     r->initials, remarks};
        rc = put(c, t, &r->base, cells, 5);
    }
    return rc;
}

static int list_regions(struct cli *c, const ProtobufCMessage *msg, struct table *t)
{
    return put_regions(c, msg, t, false);
}

static int list_grids(struct cli *c, const ProtobufCMessage *msg, struct table *t)
{
    return put_regions(c, msg, t, true);
}

static void append(char out[WORDS_MAX], const char *separator, const char *word)
{
    size_t at = strlen(out);
    snprintf(out + at, WORDS_MAX - at, "%s%s", at ? separator : "", word);
}

static int list_actions(struct cli *c, const ProtobufCMessage *msg, struct table *t)
{
    const Wangge__V1__ListActionsResponse *resp = (const Wangge__V1__ListActionsResponse *)msg;
    char word[LABELS_WORD_MAX], action[LABELS_WORD_MAX], to[LABELS_WORD_MAX];
    int rc = CLI_OK;
    table_column(t, 0, _("Word"), false, false);
    table_column(t, 1, _("Action"), false, true);
    table_column(t, 2, _("From"), false, true);
    table_column(t, 3, _("To"), false, false);
    table_column(t, 4, _("Who"), false, true);
    table_column(t, 5, _("Needs"), false, true);
    table_column(t, 6, _("May have"), false, true);
    for (size_t i = 0; rc == CLI_OK && i < resp->n_rules; i++) {
        const Wangge__V1__ActionRule *r = resp->rules[i];
        char from[WORDS_MAX] = "", who[WORDS_MAX] = "", needs[WORDS_MAX] = "", may[WORDS_MAX] = "";
        const char *name = i18n_chinese() || !r->name_en[0] ? r->name : r->name_en;
        labels_word(LABELS_ACTION, (int)r->action, action);
        if (!wanted(c, action, r->name, NULL, r->name_en))
            continue;
        for (size_t k = 0; k < r->n_from_states; k++)
            append(from, " ", labels_text(LABELS_STATE, (int)r->from_states[k], word));
        for (size_t k = 0; k < r->n_roles; k++)
            append(who, " ", r->roles[k] ? labels_text(LABELS_ROLE, (int)r->roles[k], word) : _("server"));
        for (size_t k = 0; k < r->n_required_fields; k++)
            append(needs, " ", r->required_fields[k]);
        for (size_t k = 0; k < r->n_optional_fields; k++)
            append(may, " ", r->optional_fields[k]);
        const char *const cells[] = {action, name,  from, r->to_state ? labels_text(LABELS_STATE, (int)r->to_state, to) : "=",
                                     who,    needs, may};
        rc = put(c, t, &r->base, cells, 7);
    }
    return rc;
}

static const struct {
    const char *word;
    const struct channel_method *method;
    int columns;
    int (*list)(struct cli *c, const ProtobufCMessage *msg, struct table *t);
} kinds[] = {
    {"categories", &methods_list_categories, 6, list_categories}, {"organs", &methods_list_organs, 5, list_organs},
    {"regions", &methods_list_regions, 5, list_regions},          {"grids", &methods_list_regions, 5, list_grids},
    {"actions", &methods_list_actions, 7, list_actions},
};

int cmd_list(struct cli *c)
{
    Wangge__V1__ListRegionsRequest regions = WANGGE__V1__LIST_REGIONS_REQUEST__INIT;
    Wangge__V1__ListCategoriesRequest plain = WANGGE__V1__LIST_CATEGORIES_REQUEST__INIT;
    Wangge__V1__ListOrgansRequest organs = WANGGE__V1__LIST_ORGANS_REQUEST__INIT;
    Wangge__V1__ListActionsRequest actions = WANGGE__V1__LIST_ACTIONS_REQUEST__INIT;
    const ProtobufCMessage *const requests[] = {&plain.base, &organs.base, &regions.base, &regions.base, &actions.base};
    struct channel_result r;
    size_t k = 0;
    regions.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    while (k < sizeof kinds / sizeof *kinds && strcmp(kinds[k].word, c->opt.args[0]) != 0)
        k++;
    if (k == sizeof kinds / sizeof *kinds) {
        out_error(c, _("There is no list \"%s\". There are: categories, organs, regions, grids, actions."), c->opt.args[0]);
        return CLI_USAGE;
    }
    int rc = cli_call(c, kinds[k].method, requests[k], &r);
    struct table *t = rc == CLI_OK ? table_create(kinds[k].columns) : NULL;
    if (rc == CLI_OK)
        rc = t ? kinds[k].list(c, r.resp, t) : CLI_FAILED;
    if (rc == CLI_OK && !c->json)
        out_table(c, t);
    table_destroy(t);
    channel_result_fini(&r);
    return rc;
}
