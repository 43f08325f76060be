/* SPDX-License-Identifier: MIT */
/* Actions and what they choose from; see actions.h. */
#include "client/view/actions.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/ui/picker.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name

enum { GROUP_MAX = 9 };

static const struct {
    enum ui_action key;
    Wangge__V1__Action actions[GROUP_MAX]; /* in order of preference, UNSPECIFIED ends */
} groups[] = {
    {UA_ACCEPT, {ACT(ACCEPT), ACT(SIGN), ACT(RESUME)}},
    {UA_DISPATCH, {ACT(DISPATCH), ACT(TRANSFER), ACT(WHISTLE), ACT(ESCALATE)}},
    {UA_NOTE, {ACT(NOTE)}},
    {UA_FINISH,
     {ACT(FEED_BACK), ACT(ANSWER_FACT_CHECK), ACT(ANSWER_FIELD_CHECK), ACT(CLOSE), ACT(ORDER_FIELD_CHECK), ACT(CO_REPLY),
      ACT(SETTLE), ACT(REVISIT)}},
    {UA_RETURN, {ACT(RETURN), ACT(REWORK), ACT(REFUSE), ACT(RECALL), ACT(REOPEN)}},
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

Wangge__V1__Action actions_by_rule(const struct app *app, const Wangge__V1__Case *c, enum ui_action key,
                                   const Wangge__V1__ActionRule **ret_rule)
{
    *ret_rule = NULL;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        for (int i = 0; groups[g].key == key && i < GROUP_MAX && groups[g].actions[i] != ACT(UNSPECIFIED); i++) {
            *ret_rule = directory_rule(&app->directory, groups[g].actions[i], c->state, app->session.role);
            if (*ret_rule)
                return groups[g].actions[i];
        }
    }
    return key == UA_NOTE ? ACT(NOTE) : ACT(UNSPECIFIED);
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
