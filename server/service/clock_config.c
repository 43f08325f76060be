/* SPDX-License-Identifier: MIT */
/*
 * SetCalendar and AddLimits. Both answer when this worker's own snapshot has the change, so that whoever made it can go on at
 * once. A calendar that publishes another year then recounts the clocks whose due time was provisional; nothing else that runs
 * moves.
 */
#include <stdio.h>
#include <string.h>

#include "common/pb/json.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/clock_change.h"
#include "server/service/clock_methods.h"
#include "server/service/clock_reclock.h"
#include "server/store/clock_store.h"
#include "server/store/directory_store.h"

static const char WHY[] = "clock configuration";

enum { JSON_MAX = 4 * 1024 * 1024 };

struct config_op {
    struct rpc_call *call; /* held */
    struct service_ctx *ctx;
    struct directory *before;
    struct arena *arena;
    int32_t changed;
    struct reclock *run;
};

static void end(struct config_op *op, const struct err *e)
{
    rpc_fail(op->call, e);
    rpc_call_unref(op->call, WHY);
}

static struct config_op *begin(struct rpc_call *call)
{
    if (service_require(call, PERM_CLOCK_ADMIN))
        return NULL;
    struct directory *dir = service_hold_directory(call);
    struct config_op *op = dir ? service_alloc(call, sizeof *op) : NULL;
    if (!op)
        return NULL;
    op->call = rpc_call_ref(call, WHY);
    op->ctx = service_ctx_of(call);
    op->before = dir;
    op->arena = rpc_arena(call);
    return op;
}

/* SetCalendar -------------------------------------------------------------------------------------------------------- */

static void answer_calendar(struct config_op *op, int32_t recomputed)
{
    Wangge__V1__SetCalendarResponse r = WANGGE__V1__SET_CALENDAR_RESPONSE__INIT;
    r.changed = op->changed;
    r.recomputed = recomputed;
    rpc_reply(op->call, &r.base);
    rpc_call_unref(op->call, WHY);
}

static void on_recomputed(void *arg, int32_t written, const struct err *e)
{
    struct config_op *op = arg;
    if (e->code)
        end(op, e);
    else
        answer_calendar(op, written);
}

static const struct reclock_ops recompute_ops = {.done = on_recomputed};

static void on_calendar_refreshed(void *arg)
{
    struct config_op *op = arg;
    struct err e;
    struct directory *dir = service_hold_directory(op->call); /* the new snapshot */
    if (!dir) {
        rpc_call_unref(op->call, WHY);
        return;
    }
    if (op->changed == 0) {
        answer_calendar(op, 0);
        return;
    }
    struct reclock_config cfg = {
        .ctx = op->ctx,
        .dir = dir,
        .span = region_span_all(),
        .calendars = directory_calendars(dir),
        .limits = directory_limits(dir),
        .first_new_rule = INT32_MAX,
        .limits_from = op->ctx->clock->now(op->ctx->clock),
        .only = directory_calendars(op->before),
        .request_id = uuid_v7(op->ctx->clock->now(op->ctx->clock)),
        .ops = &recompute_ops,
        .arg = op,
    };
    if (reclock_start(&cfg, &op->run, &e))
        end(op, &e);
}

static void on_calendar_set(void *arg, int32_t changed, const struct err *e)
{
    struct config_op *op = arg;
    struct err failed = *e;
    op->changed = changed;
    if (failed.code || directory_store_refresh(op->ctx->dirs, on_calendar_refreshed, op, &failed))
        end(op, &failed);
}

void clock_set_calendar(struct rpc_call *call, const ProtobufCMessage *msg)
{
    static const struct pb_json_opts all = {.with_defaults = true};
    const Wangge__V1__SetCalendarRequest *req = (const Wangge__V1__SetCalendarRequest *)msg;
    struct config_op *op = begin(call);
    struct clock_change change = {0};
    struct buf json;
    struct err e;
    if (!op)
        return;
    buf_init(&json, JSON_MAX);
    Wangge__V1__Calendar *one = req->calendar;
    int rc = one ? 0 : err_field(&e, ERR_INVALID, "calendar", "calendar is required.");
    if (!rc)
        rc = clock_change_build(op->arena, op->before, &one, 1, NULL, 0, op->ctx->clock->now(op->ctx->clock), &change, &e);
    clock_change_fini(&change);
    if (!rc && req->dry_run) {
        answer_calendar(op, 0);
        return;
    }
    if (!rc)
        rc = pb_json_write(&one->base, &all, &json, &e);
    if (!rc && buf_append(&json, "", 1))
        rc = err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    const struct db_rider *row = rc ? NULL : audit_act(call, AUDIT_CONFIGURATION, one->code, "calendar set");
    if (!rc && !row)
        rc = err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (!rc)
        rc = clock_store_set_calendar(op->ctx->db, op->arena, (const char *)buf_data(&json), row, rpc_deadline(call),
                                      on_calendar_set, op, &e);
    buf_fini(&json);
    if (rc)
        end(op, &e);
}

/* AddLimits ---------------------------------------------------------------------------------------------------------- */

static void on_limits_refreshed(void *arg)
{
    struct config_op *op = arg;
    Wangge__V1__AddLimitsResponse r = WANGGE__V1__ADD_LIMITS_RESPONSE__INIT;
    r.added = op->changed;
    rpc_reply(op->call, &r.base);
    rpc_call_unref(op->call, WHY);
}

static void on_limits_added(void *arg, int32_t added, const struct err *e)
{
    struct config_op *op = arg;
    struct err failed = *e;
    op->changed = added;
    if (failed.code || directory_store_refresh(op->ctx->dirs, on_limits_refreshed, op, &failed))
        end(op, &failed);
}

void clock_add_limits(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__AddLimitsRequest *req = (const Wangge__V1__AddLimitsRequest *)msg;
    struct config_op *op = begin(call);
    struct clock_change change = {0};
    struct buf json;
    struct err e;
    if (!op)
        return;
    usec_t now = op->ctx->clock->now(op->ctx->clock);
    buf_init(&json, JSON_MAX);
    int rc = req->n_limits > 0 ? 0 : err_field(&e, ERR_INVALID, "limits", "limits is required.");
    if (!rc)
        rc = clock_change_build(op->arena, op->before, NULL, 0, req->limits, req->n_limits, now, &change, &e);
    clock_change_fini(&change);
    if (!rc)
        rc = clock_change_limits_json(req->limits, req->n_limits, now, &json, &e);
    const struct db_rider *row = rc ? NULL : audit_act(call, AUDIT_CONFIGURATION, "", "limits");
    if (!rc && !row)
        rc = err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (!rc)
        rc = clock_store_add_limits(op->ctx->db, op->arena, (const char *)buf_data(&json), row, rpc_deadline(call),
                                    on_limits_added, op, &e);
    buf_fini(&json);
    if (rc)
        end(op, &e);
}
