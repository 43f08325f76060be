/* SPDX-License-Identifier: MIT */
/*
 * WhatIf and ApplyWhatIf. A dry run streams what would move and ends with a digest of the list; applying makes the list once
 * more, compares, writes the calendars and limits, and counts again what runs.
 *
 * Life of an apply: COMPARE (a dry run without listener) -> CALENDARS (one after the other) -> LIMITS -> REFRESH (the worker's
 * own snapshot has them) -> WRITE -> answered. It may break after any step: what is written stands, and the same apply with a
 * new dry run's digest finishes it.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/pb/json.h"
#include "server/domain/number.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/clock_change.h"
#include "server/service/clock_methods.h"
#include "server/service/clock_reclock.h"
#include "server/service/report_scope.h"
#include "server/store/clock_store.h"
#include "server/store/directory_store.h"

static const char WHY[] = "what if";

enum { MAX_BORDERS = 200, DIGEST_BYTES = 16, JSON_MAX = 4 * 1024 * 1024 };

struct border {
    int64_t grid;
    const struct dir_point *points;
    int n;
};

struct what_if {
    struct rpc_call *call; /* held */
    struct service_ctx *ctx;
    struct directory *dir;
    struct arena *arena;
    const Wangge__V1__WhatIfRequest *req; /* in the call's arena */
    struct region_span span;
    struct clock_change change;
    struct border *borders;
    int n_borders;
    usec_t now;
    struct reclock *run;
    bool blocked;
    unsigned char digest[DIGEST_BYTES]; /* of the list so far: hash of the one before and the next line */
    Wangge__V1__WhatIfSummary summary;
    /* applying */
    const char *wanted; /* digest of the dry run; NULL: a dry run */
    struct uuid request_id;
    size_t next_calendar;
    struct buf json;
    const struct db_rider *row; /* the audit's, until a write took it along */
};

static void dispose(void *arg)
{
    struct what_if *w = arg;
    clock_change_fini(&w->change);
    buf_fini(&w->json);
}

static void end(struct what_if *w, const struct err *e)
{
    struct rpc_call *call = w->call;
    rpc_call_set_data(call, NULL);
    if (e)
        rpc_fail(call, e);
    rpc_call_unref(call, WHY);
}

/* Listing ------------------------------------------------------------------------------------------------------------ */

/* The grid a case's place would lie in; 0: unchanged or not told. */
static int64_t grid_after(const struct what_if *w, const struct case_row *row)
{
    if (!row->has_location)
        return 0;
    struct dir_point p = {row->latitude, row->longitude};
    bool own_moved = false;
    for (int i = 0; i < w->n_borders; i++) {
        bool holds = dir_border_holds(w->borders[i].points, w->borders[i].n, p);
        if (holds)
            return w->borders[i].grid == row->snap.grid ? 0 : w->borders[i].grid;
        own_moved |= w->borders[i].grid == row->snap.grid;
    }
    if (!own_moved)
        return 0;
    struct dir_candidate found[DIRECTORY_MAX_CANDIDATES];
    int32_t day = calendar_day_of(directory_calendar(w->dir), w->now);
    size_t n = directory_locate(w->dir, p, day, found, DIRECTORY_MAX_CANDIDATES);
    for (size_t i = 0; i < n; i++)
        if (found[i].inside && found[i].grid->code != row->snap.grid)
            return found[i].grid->code;
    return 0;
}

static void add_digest(struct what_if *w, const struct case_row *row, int kind, usec_t due, int64_t grid)
{
    char line[DIGEST_BYTES + 128], id[UUID_TEXT_LEN + 1];
    uuid_format(&row->snap.id, id);
    memcpy(line, w->digest, DIGEST_BYTES);
    int n = snprintf(line + DIGEST_BYTES, sizeof line - DIGEST_BYTES, "%s %lld %d %lld %lld\n", id,
                     (long long)row->snap.version, kind, (long long)due, (long long)grid);
    (void)crypto_generichash(w->digest, DIGEST_BYTES, (const unsigned char *)line, (unsigned long long)(DIGEST_BYTES + n), NULL,
                             0);
}

static void tell(struct what_if *w, const struct case_row *row, const struct clock_moved *m, int64_t grid)
{
    Wangge__V1__WhatIfCase c = WANGGE__V1__WHAT_IF_CASE__INIT;
    usec_t after = m ? m->after.due_at : USEC_NONE;
    if (m) {
        c.clock = (Wangge__V1__ClockKind)m->before.kind;
        c.turns_late = w->now <= m->before.due_at && w->now > after;
        c.turns_early = w->now > m->before.due_at && w->now <= after;
        w->summary.turn_late += c.turns_late;
        w->summary.turn_early += c.turns_early;
    }
    w->summary.moved++;
    add_digest(w, row, (int)c.clock, after, grid);
    if (w->wanted)
        return;
    char id[UUID_TEXT_LEN + 1], number[NUMBER_TEXT_SIZE], code[REGION_TEXT_SIZE] = "";
    Google__Protobuf__Timestamp before_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT, after_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Wangge__V1__WhatIfResponse r = WANGGE__V1__WHAT_IF_RESPONSE__INIT;
    uuid_format(&row->snap.id, id);
    number_format(row->snap.number, number);
    c.case_id = id;
    c.number = number;
    if (m) {
        before_at.seconds = m->before.due_at / USEC_PER_SEC;
        after_at.seconds = after / USEC_PER_SEC;
        c.due_before = &before_at;
        c.due_after = &after_at;
    }
    if (grid)
        region_format(grid, code);
    c.grid_after = code;
    r.item_case = WANGGE__V1__WHAT_IF_RESPONSE__ITEM_CASE;
    r.case_ = &c;
    w->blocked = !rpc_send(w->call, &r.base);
}

static bool on_item(void *arg, const struct case_row *row, const struct clock_moved *moved, size_t n)
{
    struct what_if *w = arg;
    int64_t grid = w->n_borders > 0 ? grid_after(w, row) : 0;
    w->summary.examined++;
    for (size_t i = 0; i < n; i++)
        tell(w, row, &moved[i], i == 0 ? grid : 0);
    if (n == 0 && grid)
        tell(w, row, NULL, grid);
    return false;
}

static bool on_page(void *arg)
{
    struct what_if *w = arg;
    return !w->blocked || w->wanted;
}

static void digest_text(struct what_if *w, char out[DIGEST_BYTES * 2 + 1])
{
    (void)sodium_bin2hex(out, DIGEST_BYTES * 2 + 1, w->digest, DIGEST_BYTES);
}

static void compared(struct what_if *w, const char *digest);

static void on_listed(void *arg, int32_t written, const struct err *e)
{
    struct what_if *w = arg;
    char digest[DIGEST_BYTES * 2 + 1];
    w->run = NULL;
    if (e->code) {
        end(w, e);
        return;
    }
    digest_text(w, digest);
    if (w->wanted) {
        compared(w, digest);
        return;
    }
    Wangge__V1__WhatIfResponse r = WANGGE__V1__WHAT_IF_RESPONSE__INIT;
    w->summary.digest = digest;
    r.item_case = WANGGE__V1__WHAT_IF_RESPONSE__ITEM_SUMMARY;
    r.summary = &w->summary;
    (void)rpc_send(w->call, &r.base);
    rpc_finish(w->call);
    end(w, NULL);
}

static const struct reclock_ops list_ops = {.item = on_item, .page = on_page, .done = on_listed};

static void list(struct what_if *w)
{
    struct err e;
    struct reclock_config cfg = {
        .ctx = w->ctx,
        .dir = w->dir,
        .span = w->span,
        .calendars = w->change.calendars,
        .limits = w->change.limits,
        .first_new_rule = w->change.first_new_rule,
        .limits_from = w->change.limits_from,
        .ops = &list_ops,
        .arg = w,
    };
    memset(w->digest, 0, sizeof w->digest);
    wangge__v1__what_if_summary__init(&w->summary);
    if (reclock_start(&cfg, &w->run, &e))
        end(w, &e);
}

/* Decoding ----------------------------------------------------------------------------------------------------------- */

static int decode_borders(struct what_if *w, const Wangge__V1__WhatIfRequest *req, struct err *e)
{
    if (req->n_borders > MAX_BORDERS)
        return err_field(e, ERR_INVALID, "borders", "At most %d borders at once.", MAX_BORDERS);
    w->borders = arena_zalloc(w->arena, (req->n_borders + 1) * sizeof *w->borders);
    if (!w->borders)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (size_t i = 0; i < req->n_borders; i++) {
        const Wangge__V1__BorderChange *b = req->borders[i];
        struct border *to = &w->borders[w->n_borders++];
        char field[64];
        (void)snprintf(field, sizeof field, "borders[%zu]", i);
        const struct dir_region *r = region_parse(b->grid_code, &to->grid, NULL) ? NULL : directory_region(w->dir, to->grid);
        if (!r || r->level != LEVEL_GRID)
            return err_field(e, ERR_NOT_FOUND, field, "There is no grid %.20s.", b->grid_code);
        if (b->n_boundary < 3 || b->n_boundary > DIRECTORY_MAX_BOUNDARY)
            return err_field(e, ERR_INVALID, field, "A border has 3 to %d points.", DIRECTORY_MAX_BOUNDARY);
        struct dir_point *points = arena_alloc(w->arena, b->n_boundary * sizeof *points);
        if (!points)
            return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        for (size_t k = 0; k < b->n_boundary; k++) {
            points[k] = (struct dir_point){b->boundary[k]->latitude, b->boundary[k]->longitude};
            if (!(points[k].lat >= -90 && points[k].lat <= 90 && points[k].lon >= -180 && points[k].lon <= 180))
                return err_field(e, ERR_INVALID, field, "Point %zu lies outside the world.", k + 1);
        }
        to->points = points;
        to->n = (int)b->n_boundary;
    }
    return 0;
}

static int decode(struct what_if *w, const Wangge__V1__WhatIfRequest *req, struct err *e)
{
    int64_t region;
    if (req->n_calendars + req->n_limits + req->n_borders == 0)
        return err_set(e, ERR_INVALID, "Say what would change: calendars, limits or borders.");
    int rc = scope_region(&service_caller(w->call)->actor, req->region_code, "region_code", &region, &w->span, e);
    if (!rc)
        rc = decode_borders(w, req, e);
    if (!rc)
        rc = clock_change_build(w->arena, w->dir, req->calendars, req->n_calendars, req->limits, req->n_limits, w->now,
                                &w->change, e);
    return rc;
}

static struct what_if *begin(struct rpc_call *call, enum permission perm)
{
    struct err e;
    if (service_require(call, perm))
        return NULL;
    struct directory *dir = service_hold_directory(call);
    struct what_if *w = dir ? service_alloc(call, sizeof *w) : NULL;
    if (!w)
        return NULL;
    w->ctx = service_ctx_of(call);
    w->dir = dir;
    w->arena = rpc_arena(call);
    w->now = w->ctx->clock->now(w->ctx->clock);
    buf_init(&w->json, JSON_MAX);
    if (arena_on_dispose(w->arena, dispose, w)) {
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        rpc_fail(call, &e);
        return NULL;
    }
    w->call = rpc_call_ref(call, WHY);
    return w;
}

void clock_what_if(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct what_if *w = begin(call, PERM_WHAT_IF);
    struct err e;
    if (!w)
        return;
    w->req = (const Wangge__V1__WhatIfRequest *)msg;
    if (decode(w, w->req, &e)) {
        end(w, &e);
        return;
    }
    rpc_call_set_data(call, w);
    list(w);
}

void clock_what_if_writable(struct rpc_call *call)
{
    struct what_if *w = rpc_call_data(call);
    if (!w || !w->blocked)
        return;
    w->blocked = false;
    if (w->run)
        reclock_continue(w->run);
}

void clock_what_if_cancel(struct rpc_call *call)
{
    struct what_if *w = rpc_call_data(call);
    if (!w)
        return;
    struct reclock *run = w->run;
    w->run = NULL;
    /* A page under way still uses the call's memory: the reference goes when the call's arena may. */
    if (run)
        reclock_cancel(run);
    end(w, NULL);
}

/* Applying ----------------------------------------------------------------------------------------------------------- */

static void on_applied(void *arg, int32_t written, const struct err *e)
{
    struct what_if *w = arg;
    w->run = NULL;
    if (e->code) {
        end(w, e);
        return;
    }
    Wangge__V1__ApplyWhatIfResponse r = WANGGE__V1__APPLY_WHAT_IF_RESPONSE__INIT;
    r.changed = written;
    rpc_reply(w->call, &r.base);
    end(w, NULL);
}

static const struct reclock_ops apply_ops = {.done = on_applied};

static void write_clocks(struct what_if *w)
{
    struct err e;
    /* What holds now, by this worker's new snapshot. */
    struct directory *dir = service_hold_directory(w->call);
    if (!dir) {
        end(w, NULL);
        return;
    }
    w->dir = dir;
    struct reclock_config cfg = {
        .ctx = w->ctx,
        .dir = dir,
        .span = w->span,
        .calendars = directory_calendars(dir),
        .limits = directory_limits(dir),
        .first_new_rule = w->change.first_new_rule,
        .limits_from = w->change.limits_from,
        .request_id = w->request_id,
        .ops = &apply_ops,
        .arg = w,
    };
    if (reclock_start(&cfg, &w->run, &e))
        end(w, &e);
}

static void on_refreshed(void *arg)
{
    write_clocks(arg);
}

static void on_limits(void *arg, int32_t added, const struct err *e)
{
    struct what_if *w = arg;
    struct err failed = *e;
    if (failed.code || directory_store_refresh(w->ctx->dirs, on_refreshed, w, &failed))
        end(w, &failed);
}

static void write_config(struct what_if *w);

static void on_calendar(void *arg, int32_t changed, const struct err *e)
{
    struct what_if *w = arg;
    if (changed > 0)
        w->row = NULL; /* it went with this one */
    if (e->code)
        end(w, e);
    else
        write_config(w);
}

/* The next calendar, then the limits. */
static void write_config(struct what_if *w)
{
    static const struct pb_json_opts all = {.with_defaults = true};
    struct err e;
    int rc;
    buf_clear(&w->json);
    if (w->next_calendar < w->req->n_calendars) {
        rc = pb_json_write(&w->req->calendars[w->next_calendar++]->base, &all, &w->json, &e);
        if (!rc && buf_append(&w->json, "", 1))
            rc = err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        if (!rc)
            rc = clock_store_set_calendar(w->ctx->db, w->arena, (const char *)buf_data(&w->json), w->row, USEC_NONE,
                                          on_calendar, w, &e);
    } else if (w->req->n_limits > 0) {
        rc = clock_change_limits_json(w->req->limits, w->req->n_limits, w->now, &w->json, &e);
        if (!rc)
            rc = clock_store_add_limits(w->ctx->db, w->arena, (const char *)buf_data(&w->json), w->row, USEC_NONE, on_limits, w,
                                        &e);
    } else {
        rc = directory_store_refresh(w->ctx->dirs, on_refreshed, w, &e);
    }
    if (rc)
        end(w, &e);
}

static void compared(struct what_if *w, const char *digest)
{
    struct err e;
    char what[128];
    if (strcmp(digest, w->wanted) != 0) {
        (void)err_set(&e, ERR_CONFLICT, "What would move has changed since the dry run; run it again and look at it.");
        end(w, &e);
        return;
    }
    (void)snprintf(what, sizeof what, "calendars %zu, limits %zu applied to %d running clocks", w->req->n_calendars,
                   w->req->n_limits, (int)w->summary.moved);
    w->row = audit_act(w->call, AUDIT_CONFIGURATION, "", what);
    if (w->row) {
        write_config(w);
    } else {
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        end(w, &e);
    }
}

void clock_apply(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ApplyWhatIfRequest *req = (const Wangge__V1__ApplyWhatIfRequest *)msg;
    struct what_if *w = begin(call, PERM_CLOCK_ADMIN);
    struct err e;
    if (!w)
        return;
    w->wanted = req->digest;
    w->req = req->change;
    int rc = request_parse_id(req->request_id, "request_id", &w->request_id, &e);
    if (!rc && !req->change)
        rc = err_field(&e, ERR_INVALID, "change", "change is required: what the dry run was made of.");
    if (!rc && req->change->n_borders > 0)
        rc = err_field(&e, ERR_INVALID, "change.borders",
                       "Cases keep the grid they were born in; redraw borders with ImportDirectory under new codes.");
    if (!rc)
        rc = decode(w, req->change, &e);
    if (rc)
        end(w, &e);
    else
        list(w);
}
