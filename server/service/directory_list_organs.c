/* SPDX-License-Identifier: MIT */
/* ListOrgans: those whose region and the caller's lie one in the other. */
#include <string.h>

#include "server/service/directory_methods.h"

static Wangge__V1__Organ *view(struct arena *a, const struct dir_organ *o)
{
    Wangge__V1__Organ *v = arena_alloc(a, sizeof(*v));
    char *code = arena_alloc(a, REGION_TEXT_SIZE);

    if (!v || !code)
        return NULL;
    wangge__v1__organ__init(v);
    region_format(o->region, code);
    v->code = (char *)o->code;
    v->name = (char *)o->name;
    v->kind = (Wangge__V1__OrganKind)o->kind;
    v->region_code = code;
    v->initials = (char *)o->initials;
    v->active = o->active;
    return v;
}

void directory_list_organs(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListOrgansRequest *req = (const Wangge__V1__ListOrgansRequest *)msg;
    const struct directory *dir = directory_enter(call, PERM_DIRECTORY_READ);
    struct arena *a = rpc_arena(call);
    Wangge__V1__ListOrgansResponse res = WANGGE__V1__LIST_ORGANS_RESPONSE__INIT;
    const struct dir_organ *rows;
    struct region_span scope;
    size_t n;

    if (!dir)
        return;
    scope = directory_scope(call);
    rows = directory_organs(dir, &n);
    res.etag = directory_etag(a, dir, 'o', scope.lo, scope.hi, 0);
    res.organs = arena_alloc(a, (n + 1) * sizeof(*res.organs));
    if (!res.etag || !res.organs) {
        directory_fail_nomem(call);
        return;
    }
    if (strcmp(res.etag, req->if_none_match) == 0) {
        res.not_modified = 1;
        rpc_reply(call, &res.base);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!region_span_overlaps(region_span_of(rows[i].region), scope))
            continue;
        res.organs[res.n_organs] = view(a, &rows[i]);
        if (!res.organs[res.n_organs++]) {
            directory_fail_nomem(call);
            return;
        }
    }
    rpc_reply(call, &res.base);
}
