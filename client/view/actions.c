/* SPDX-License-Identifier: MIT */
/* Actions and what they choose from; see actions.h. */
#include "client/view/actions.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/ui/picker.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name

enum { GROUP_MAX = 10 };

static const struct {
    enum ui_action key;
    Wangge__V1__Action actions[GROUP_MAX]; /* in order of preference, UNSPECIFIED ends */
} groups[] = {
    {UA_ACCEPT, {ACT(ACCEPT), ACT(SIGN), ACT(ENDORSE), ACT(EXTEND), ACT(SUSPEND), ACT(GRANT_APPEAL), ACT(VOID), ACT(RESUME)}},
    {UA_DISPATCH, {ACT(DISPATCH), ACT(TRANSFER), ACT(WHISTLE), ACT(ESCALATE)}},
    {UA_NOTE, {ACT(NOTE)}},
    {UA_FINISH,
     {ACT(FEED_BACK), ACT(ANSWER_FACT_CHECK), ACT(ANSWER_FIELD_CHECK), ACT(CLOSE), ACT(ORDER_FIELD_CHECK), ACT(CO_REPLY),
      ACT(SETTLE), ACT(URGE_REPLY), ACT(REVISIT)}},
    {UA_RETURN, {ACT(RETURN), ACT(REWORK), ACT(REFUSE), ACT(DECLINE), ACT(RECALL), ACT(REOPEN)}},
    {UA_URGE, {ACT(URGE)}},
};

Wangge__V1__Action actions_of_key(const Wangge__V1__Case *c, enum ui_action key)
{
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        if (groups[g].key != key)
            continue;
        for (int i = 0; i < GROUP_MAX && groups[g].actions[i] != ACT(UNSPECIFIED); i++) {
            for (size_t k = 0; k < c->n_allowed_actions; k++) {
                if (c->allowed_actions[k]->action == groups[g].actions[i])
                    return groups[g].actions[i];
            }
        }
    }
    return key == UA_NOTE ? ACT(NOTE) : ACT(UNSPECIFIED);
}

static bool decides(Wangge__V1__Action a)
{
    return a == ACT(ENDORSE) || a == ACT(DECLINE) || a == ACT(EXTEND) || a == ACT(SUSPEND) || a == ACT(GRANT_APPEAL) ||
           a == ACT(VOID);
}

Wangge__V1__Action actions_by_rule(const struct app *app, const Wangge__V1__Case *c, enum ui_action key,
                                   const Wangge__V1__ActionRule **ret_rule)
{
    *ret_rule = NULL;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        for (int i = 0; groups[g].key == key && i < GROUP_MAX && groups[g].actions[i] != ACT(UNSPECIFIED); i++) {
            if (decides(groups[g].actions[i]) && c->n_approvals == 0)
                continue; /* nothing was asked for */
            *ret_rule = directory_rule(&app->directory, groups[g].actions[i], c->state, app->session.role);
            if (*ret_rule)
                return groups[g].actions[i];
        }
    }
    return key == UA_NOTE ? ACT(NOTE) : ACT(UNSPECIFIED);
}

void actions_take_option(struct form_arg *arg, const Wangge__V1__ActionOption *o)
{
    arg->action = o->action;
    arg->required = o->required_fields;
    arg->n_required = o->n_required_fields;
    arg->optional = o->optional_fields;
    arg->n_optional = o->n_optional_fields;
    arg->approvals = o->approvals;
    arg->n_approvals = o->n_approvals;
}

bool actions_decides(const struct app *app, const Wangge__V1__Case *c)
{
    static const Wangge__V1__Action grants[] = {ACT(UNSPECIFIED), ACT(EXTEND), ACT(SUSPEND), ACT(VOID), ACT(GRANT_APPEAL)};
    for (size_t i = 0; i < c->n_approvals; i++) {
        const Wangge__V1__Approval *a = c->approvals[i];
        Wangge__V1__Action grant = (size_t)a->kind < sizeof grants / sizeof *grants ? grants[a->kind] : ACT(UNSPECIFIED);
        /* The first approval is asked of one role, the second, once it was endorsed, of another. */
        if (!a->endorsed_by && directory_rule(&app->directory, ACT(ENDORSE), c->state, app->session.role) &&
            a->kind != WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_VOID)
            return true;
        if ((a->endorsed_by || a->kind == WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_VOID) &&
            directory_rule(&app->directory, grant, c->state, app->session.role))
            return true;
    }
    return false;
}

bool actions_irreversible(Wangge__V1__Action a)
{
    return a == ACT(VOID) || a == ACT(FORCE_CLOSE) || a == ACT(ARCHIVE) || a == ACT(REFUSE) || a == ACT(MERGE);
}

struct picker_item *actions_organ_items(const struct directory *d, size_t *n)
{
    size_t all = d->organs ? d->organs->n_organs : 0;
    struct picker_item *items = calloc(all ? all : 1, sizeof *items);
    *n = 0;
    for (size_t i = 0; items && i < all; i++) {
        const Wangge__V1__Organ *o = d->organs->organs[i];
        if (o->active)
            items[(*n)++] = (struct picker_item){.id = o->code, .text = o->name, .initials = o->initials};
    }
    return items;
}

struct picker_item *actions_category_items(const struct directory *d, size_t *n)
{
    size_t all = d->categories ? d->categories->n_categories : 0;
    struct picker_item *items = calloc(all ? all : 1, sizeof *items);
    *n = 0;
    for (size_t i = 0; items && i < all; i++) {
        const Wangge__V1__Category *c = d->categories->categories[i];
        if (!c->active)
            continue;
        bool english = !i18n_chinese() && c->name_en[0];
        items[(*n)++] = (struct picker_item){
            .id = c->code,
            .text = english ? c->name_en : c->name,
            .initials = c->initials,
            .aliases = english        ? c->name
                       : c->n_aliases ? c->aliases[0]
                                      : NULL,
            .hint = english ? c->name : c->group_name,
        };
    }
    return items;
}

struct picker_item *actions_grid_items(const struct directory *d, size_t *n)
{
    size_t all = d->regions ? d->regions->n_regions : 0;
    struct picker_item *items = calloc(all ? all : 1, sizeof *items);
    const char *community = NULL;
    *n = 0;
    /* Ordered by code, so a community comes right before its grids. */
    for (size_t i = 0; items && i < all; i++) {
        const Wangge__V1__Region *r = d->regions->regions[i];
        if (r->level == WANGGE__V1__REGION_LEVEL__REGION_LEVEL_COMMUNITY)
            community = r->name;
        if (r->level == WANGGE__V1__REGION_LEVEL__REGION_LEVEL_GRID && !r->valid_to[0])
            items[(*n)++] = (struct picker_item){
                .id = r->code, .text = r->name, .initials = r->initials, .aliases = community, .hint = community};
    }
    return items;
}
