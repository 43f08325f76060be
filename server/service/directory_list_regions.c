/* SPDX-License-Identifier: MIT */
/* ListRegions: a slice of the snapshot, cut to the caller's region; void regions too, because old cases lie in them. */
#include <string.h>

#include "server/service/directory_methods.h"

static int root_span(const struct rpc_call *call, const struct directory *dir, const char *root, struct region_span *ret,
                     struct err *e)
{
    int64_t code;

    *ret = directory_scope(call);
    if (!*root)
        return 0;
    if (region_parse(root, &code, e)) {
        char text[sizeof(e->text)];
        memcpy(text, e->text, sizeof(text));
        return err_field(e, ERR_INVALID, "region_code", "%s", text);
    }
    if (!policy_in_scope(&service_caller(call)->actor, code)) {
        (void)err_set(e, ERR_DENIED, "Region %s lies outside your region.", root);
        err_detail(e, "rule REGION");
        return ERR_DENIED;
    }
    if (!directory_region(dir, code))
        return err_set(e, ERR_NOT_FOUND, "There is no region %s.", root);
    *ret = region_span_of(code);
    return 0;
}

void directory_list_regions(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListRegionsRequest *req = (const Wangge__V1__ListRegionsRequest *)msg;
    const struct directory *dir = directory_enter(call, PERM_DIRECTORY_READ);
    struct arena *a = rpc_arena(call);
    Wangge__V1__ListRegionsResponse res = WANGGE__V1__LIST_REGIONS_RESPONSE__INIT;
    const struct dir_region *rows;
    struct region_span span;
    int down_to = req->down_to ? (int)req->down_to : LEVEL_GRID;
    size_t n;
    struct err e = {0};

    if (!dir)
        return;
    if (down_to < LEVEL_CITY || down_to > LEVEL_GRID)
        err_field(&e, ERR_INVALID, "down_to", "There is no region level %d; the levels are 1 (city) to 5 (grid).", down_to);
    if (e.code || root_span(call, dir, req->region_code, &span, &e)) {
        rpc_fail(call, &e);
        return;
    }
    res.etag = directory_etag(a, dir, 'r', span.lo, span.hi, down_to * 2 + req->with_boundaries);
    if (!res.etag) {
        directory_fail_nomem(call);
        return;
    }
    if (strcmp(res.etag, req->if_none_match) == 0) {
        res.not_modified = 1;
        rpc_reply(call, &res.base);
        return;
    }
    rows = directory_subtree(dir, span, &n);
    res.regions = arena_alloc(a, (n + 1) * sizeof(*res.regions));
    for (size_t i = 0; res.regions && i < n; i++) {
        if ((int)rows[i].level > down_to)
            continue;
        res.regions[res.n_regions] = directory_view_region(a, &rows[i], req->with_boundaries);
        if (!res.regions[res.n_regions++])
            res.regions = NULL;
    }
    if (res.regions)
        rpc_reply(call, &res.base);
    else
        directory_fail_nomem(call);
}
