/* SPDX-License-Identifier: MIT */
/* LocateGrid: the grids of a point today, those of the caller's region only. */
#include <math.h>

#include "server/service/directory_methods.h"

void directory_locate_grid(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__LocateGridRequest *req = (const Wangge__V1__LocateGridRequest *)msg;
    const struct directory *dir = directory_enter(call, PERM_DIRECTORY_READ);
    struct service_ctx *ctx = service_ctx_of(call);
    struct arena *a = rpc_arena(call);
    Wangge__V1__LocateGridResponse res = WANGGE__V1__LOCATE_GRID_RESPONSE__INIT;
    struct dir_candidate found[DIRECTORY_MAX_CANDIDATES];
    Wangge__V1__Region *views[DIRECTORY_MAX_CANDIDATES];
    struct region_span scope;
    size_t n;
    struct err e = {0};

    if (!dir)
        return;
    if (!req->point)
        err_field(&e, ERR_INVALID, "point", "A point is needed.");
    else if (!isfinite(req->point->latitude) || fabs(req->point->latitude) > 90)
        err_field(&e, ERR_INVALID, "point.latitude", "The latitude lies between -90 and 90 degrees.");
    else if (!isfinite(req->point->longitude) || fabs(req->point->longitude) > 180)
        err_field(&e, ERR_INVALID, "point.longitude", "The longitude lies between -180 and 180 degrees.");
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    scope = directory_scope(call);
    n = directory_locate(dir, (struct dir_point){req->point->latitude, req->point->longitude},
                         clock_local_day(ctx->clock->now(ctx->clock), BUSINESS_UTC_OFFSET_S), found, DIRECTORY_MAX_CANDIDATES);
    res.candidates = views;
    for (size_t i = 0; i < n; i++) {
        if (!region_span_contains(scope, found[i].grid->code))
            continue;
        views[res.n_candidates] = directory_view_region(a, found[i].grid, false);
        if (!views[res.n_candidates++]) {
            directory_fail_nomem(call);
            return;
        }
    }
    if (!res.n_candidates) {
        err_set(&e, ERR_NOT_FOUND,
                "The point lies in no grid of your region; check the coordinates or choose the grid by its code.");
        rpc_fail(call, &e);
        return;
    }
    rpc_reply(call, &res.base);
}
