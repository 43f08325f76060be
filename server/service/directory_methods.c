/* SPDX-License-Identifier: MIT */
#include "server/service/directory_methods.h"

#include <inttypes.h>

enum { READ_MS = 5000, IMPORT_MS = 60000, ACCOUNT_MS = 15000 };

const struct rpc_method directory_methods[] = {
    {
        .path = "/wangge.v1.DirectoryService/ListRegions",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_regions_request__descriptor,
        .response = &wangge__v1__list_regions_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = directory_list_regions,
    },
    {
        .path = "/wangge.v1.DirectoryService/LocateGrid",
        .kind = RPC_UNARY,
        .request = &wangge__v1__locate_grid_request__descriptor,
        .response = &wangge__v1__locate_grid_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = directory_locate_grid,
    },
    {
        .path = "/wangge.v1.DirectoryService/ListCategories",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_categories_request__descriptor,
        .response = &wangge__v1__list_categories_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = directory_list_categories,
    },
    {
        .path = "/wangge.v1.DirectoryService/ListOrgans",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_organs_request__descriptor,
        .response = &wangge__v1__list_organs_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = directory_list_organs,
    },
    {
        .path = "/wangge.v1.DirectoryService/ListMetrics",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_metrics_request__descriptor,
        .response = &wangge__v1__list_metrics_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = directory_list_metrics,
    },
    {
        .path = "/wangge.v1.DirectoryService/ListActions",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_actions_request__descriptor,
        .response = &wangge__v1__list_actions_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = directory_list_actions,
    },
    {
        .path = "/wangge.v1.DirectoryService/ImportDirectory",
        .kind = RPC_UNARY,
        .request = &wangge__v1__import_directory_request__descriptor,
        .response = &wangge__v1__import_directory_response__descriptor,
        .default_deadline_ms = IMPORT_MS,
        .on_message = directory_import_rows,
    },
    {
        .path = "/wangge.v1.DirectoryService/CreateAccount",
        .kind = RPC_UNARY,
        .request = &wangge__v1__create_account_request__descriptor,
        .response = &wangge__v1__create_account_response__descriptor,
        .default_deadline_ms = ACCOUNT_MS,
        .on_message = directory_create_account,
    },
    {.path = NULL},
};

const struct directory *directory_enter(struct rpc_call *call, enum permission perm)
{
    enum role role = service_caller(call)->actor.role;
    const struct directory *dir = service_ctx_of(call)->dir;
    struct err e;

    if (!policy_may(role, perm))
        err_set(&e, ERR_DENIED, "Your role (%s) may not do this.", role_name(role));
    else if (!dir)
        err_set(&e, ERR_UNAVAILABLE, "The server has not read its directory yet; try again in a moment.");
    else
        return dir;
    rpc_fail(call, &e);
    return NULL;
}

void directory_fail_nomem(struct rpc_call *call)
{
    struct err e;
    err_set(&e, ERR_NOMEM, "The server is out of memory for this call; ask for less.");
    rpc_fail(call, &e);
}

struct region_span directory_scope(const struct rpc_call *call)
{
    int64_t region = service_caller(call)->actor.region;
    return region ? region_span_of(region) : region_span_all();
}

char *directory_etag(struct arena *a, const struct directory *dir, char list, int64_t lo, int64_t hi, int variant)
{
    return arena_printf(a, "%c%" PRIx64 "-%" PRIx64 "-%" PRIx64 "-%x", list, (uint64_t)directory_revision(dir), (uint64_t)lo,
                        (uint64_t)hi, (unsigned)variant);
}

static char *date_text(struct arena *a, int32_t day)
{
    char *s = arena_alloc(a, 11);
    if (s)
        clock_format_date(day, s);
    return s;
}

Wangge__V1__Region *directory_view_region(struct arena *a, const struct dir_region *r, bool with_boundary)
{
    Wangge__V1__Region *v = arena_alloc(a, sizeof(*v));
    char *code = arena_alloc(a, REGION_TEXT_SIZE);

    if (!v || !code)
        return NULL;
    wangge__v1__region__init(v);
    region_format(r->code, code);
    v->code = code;
    v->name = (char *)r->name;
    v->level = (Wangge__V1__RegionLevel)r->level;
    v->initials = (char *)r->initials;
    if (r->valid_from != DAY_NONE && !(v->valid_from = date_text(a, r->valid_from)))
        return NULL;
    if (r->valid_to != DAY_NONE && !(v->valid_to = date_text(a, r->valid_to)))
        return NULL;
    if (with_boundary && r->nboundary) {
        Wangge__V1__Point *points = arena_alloc(a, (size_t)r->nboundary * sizeof(*points));
        v->boundary = arena_alloc(a, (size_t)r->nboundary * sizeof(*v->boundary));
        if (!points || !v->boundary)
            return NULL;
        for (int i = 0; i < r->nboundary; i++) {
            wangge__v1__point__init(&points[i]);
            points[i].latitude = r->boundary[i].lat;
            points[i].longitude = r->boundary[i].lon;
            v->boundary[i] = &points[i];
        }
        v->n_boundary = (size_t)r->nboundary;
    }
    return v;
}
