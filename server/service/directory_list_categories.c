/* SPDX-License-Identifier: MIT */
/* ListCategories: all of them, from the snapshot. */
#include <string.h>

#include "server/service/directory_methods.h"

static Wangge__V1__Category *view(struct arena *a, const struct dir_category *c)
{
    Wangge__V1__Category *v = arena_alloc(a, sizeof(*v));

    if (!v)
        return NULL;
    wangge__v1__category__init(v);
    v->code = (char *)c->code;
    v->name = (char *)c->name;
    v->name_en = (char *)c->name_en;
    v->top_name = (char *)c->top_name;
    v->group_name = (char *)c->group_name;
    v->initials = (char *)c->initials;
    v->aliases = (char **)c->aliases;
    v->n_aliases = (size_t)c->naliases;
    v->settle_allowed = c->settle_allowed;
    v->counted = c->counted;
    v->handle_limit_minutes = (int32_t *)c->handle_limit_min;
    v->n_handle_limit_minutes = 3;
    v->check_waived = c->check_waived;
    v->evidence_settle = c->evidence_settle;
    v->evidence_feedback = c->evidence_feedback;
    v->active = c->active;
    return v;
}

void directory_list_categories(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListCategoriesRequest *req = (const Wangge__V1__ListCategoriesRequest *)msg;
    const struct directory *dir = directory_enter(call, PERM_DIRECTORY_READ);
    struct arena *a = rpc_arena(call);
    Wangge__V1__ListCategoriesResponse res = WANGGE__V1__LIST_CATEGORIES_RESPONSE__INIT;
    const struct dir_category *rows;
    size_t n;

    if (!dir)
        return;
    rows = directory_categories(dir, &n);
    res.etag = directory_etag(a, dir, 'c', 0, 0, 0);
    res.categories = arena_alloc(a, (n + 1) * sizeof(*res.categories));
    if (!res.etag || !res.categories) {
        directory_fail_nomem(call);
        return;
    }
    if (strcmp(res.etag, req->if_none_match) == 0) {
        res.not_modified = 1;
        rpc_reply(call, &res.base);
        return;
    }
    for (; res.n_categories < n; res.n_categories++) {
        res.categories[res.n_categories] = view(a, &rows[res.n_categories]);
        if (!res.categories[res.n_categories]) {
            directory_fail_nomem(call);
            return;
        }
    }
    rpc_reply(call, &res.base);
}
