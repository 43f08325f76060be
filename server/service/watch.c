/* SPDX-License-Identifier: MIT */
/*
 * Watch: one stream on the worker's feed and on that of the notices. It ends with UNAUTHENTICATED when its session ends and
 * with UNAVAILABLE when the worker stops; the client then resumes from its last cursor. A client that reads slowly holds only
 * its own stream.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/number.h"
#include "server/feed/feed.h"
#include "server/feed/notice_feed.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/service/inbox_view.h"
#include "server/service/session_cache.h"
#include "wangge/v1/watch.pb-c.h"

enum { HEARTBEAT_DEFAULT_S = 15, HEARTBEAT_MAX_S = 300, SCRATCH_MEMORY = 256 * 1024 };

static const char WHY[] = "watch";

struct watch {
    struct rpc_call *call;
    struct service_ctx *ctx;
    struct feed_watcher *watcher;
    struct notice_watcher *notices; /* NULL for those without an inbox */
    struct watch_cursor from;       /* the client's; notice_id -1: notices from now on */
    bool has_cursor;
    struct feed_filter filter;
    struct session_watch session;
    struct event *heartbeat;
    struct timeval every;
    struct arena *scratch; /* what one message is built from */
    bool full;             /* the client must read first */
};

/* Lets go of everything; the call is answered already or by the caller, who holds it. */
static void watch_close(struct watch *w)
{
    struct rpc_call *call = w->call;

    rpc_call_set_data(call, NULL);
    feed_unwatch(w->watcher);
    notice_feed_unwatch(w->notices);
    session_cache_unwatch(&w->session);
    if (w->heartbeat)
        event_free(w->heartbeat);
    arena_destroy(w->scratch);
    free(w);
    rpc_call_unref(call, WHY);
}

static void watch_fail(struct watch *w, const struct err *e)
{
    struct rpc_call *call = rpc_call_ref(w->call, "watch fail");

    rpc_fail(call, e);
    /* The answer may have told on_cancel, which closed it. */
    if (rpc_call_data(call) == w)
        watch_close(w);
    rpc_call_unref(call, "watch fail");
}

static void fail_nomem(struct watch *w)
{
    struct err e;
    err_set(&e, ERR_NOMEM, "The server is out of memory for this stream; resume from the last cursor.");
    watch_fail(w, &e);
}

/* Sends one response: an event, a notice or neither. False if the stream is full or closed. */
static bool send_one(struct watch *w, struct feed_cursor at, const struct feed_event *ev, const struct notice_row *notice)
{
    Wangge__V1__WatchResponse res = WANGGE__V1__WATCH_RESPONSE__INIT;
    struct watch_cursor where = {.at = at, .notice_id = w->from.notice_id};
    char cursor[WATCH_CURSOR_TEXT_SIZE], number[NUMBER_TEXT_SIZE], grid[REGION_TEXT_SIZE];
    struct rpc_call *call = w->call;
    bool room;

    (void)notice_watcher_at(w->notices, &where.notice_id);
    watch_cursor_format(&where, cursor);
    res.cursor = cursor;
    res.server_time = view_time(w->scratch, w->ctx->clock->now(w->ctx->clock));
    if (ev) {
        const struct view_lens lens = view_lens_of(&service_caller(call)->actor, ev->confidential, &ev->reporter);
        res.event = view_event(w->scratch, w->ctx->dir, &lens, &ev->row);
        number_format(ev->number, number);
        region_format(ev->grid, grid);
        res.case_number = number;
        res.grid_code = grid;
    }
    if (notice)
        res.notice = view_notice(w->scratch, w->ctx->dir, notice);
    if (!res.server_time || (ev && !res.event) || (notice && !res.notice)) {
        fail_nomem(w);
        return false;
    }
    rpc_call_ref(call, "watch send");
    room = rpc_send(call, &res.base);
    if (rpc_call_is_done(call)) {
        if (rpc_call_data(call) == w)
            watch_close(w);
        room = false;
    } else {
        arena_reset(w->scratch);
        w->full = !room;
        evtimer_add(w->heartbeat, &w->every);
    }
    rpc_call_unref(call, "watch send");
    return room;
}

static bool on_event(void *arg, const struct feed_event *ev)
{
    return send_one(arg, ev->at, ev, NULL);
}

static void beat(struct watch *w)
{
    struct feed_cursor at;

    if (w->watcher && feed_watcher_cursor(w->watcher, &at) && !w->full)
        send_one(w, at, NULL, NULL);
    else
        evtimer_add(w->heartbeat, &w->every);
}

static bool on_notice(void *arg, const struct notice_row *row)
{
    struct watch *w = arg;
    struct feed_cursor at;

    if (!region_span_contains(w->filter.span, row->grid) ||
        (!uuid_is_nil(&w->filter.case_id) && !uuid_equal(&w->filter.case_id, &row->case_id)))
        return true;
    return feed_watcher_cursor(w->watcher, &at) && send_one(w, at, NULL, row);
}

/* The first response tells where the stream begins. */
static void on_started(void *arg)
{
    struct watch *w = arg;

    notice_watcher_resume(w->notices);
    beat(w);
}

static void on_closing(void *arg)
{
    struct err e;
    err_set(&e, ERR_UNAVAILABLE, "The server is stopping; connect again and resume from the last cursor.");
    watch_fail(arg, &e);
}

static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
    beat(arg);
}

static void on_session_ended(struct session_watch *s)
{
    struct watch *w = (struct watch *)(void *)((char *)s - offsetof(struct watch, session));
    struct err e;

    err_set(&e, ERR_UNAUTHENTICATED, "The session has ended; log in again and resume from the last cursor.");
    watch_fail(w, &e);
}

static const struct feed_watcher_ops feed_ops = {.event = on_event, .started = on_started, .closing = on_closing};

/* False if there was no memory. */
static bool watch_events(struct watch *w)
{
    w->watcher = feed_watch(w->ctx->feed, &w->filter, w->has_cursor ? &w->from.at : NULL, &feed_ops, w);
    return w->watcher;
}

/* The position among the notices is known before the first response: every cursor holds both. */
static void on_notices_started(void *arg)
{
    struct watch *w = arg;

    if (!watch_events(w))
        fail_nomem(w);
}

static const struct notice_watcher_ops notice_ops = {.started = on_notices_started, .notice = on_notice, .closing = on_closing};

static bool watch_notices(struct watch *w)
{
    struct notice_reader reader;

    notice_reader_of(&service_caller(w->call)->actor, &reader);
    w->notices = notice_feed_watch(w->ctx->notices, &reader, w->from.notice_id < 0 ? NULL : &w->from.notice_id, &notice_ops, w);
    return w->notices;
}

static int decode(const struct rpc_call *call, const Wangge__V1__WatchRequest *req, struct feed_filter *filter,
                  struct watch_cursor *cursor, struct err *e)
{
    const struct actor *who = &service_caller(call)->actor;
    int64_t region;

    policy_view_of(who, &filter->view);
    filter->span = region_span_all();
    if (*req->region_code) {
        if (region_parse(req->region_code, &region, NULL))
            return err_field(e, ERR_INVALID, "region_code", "A region code has 4, 6, 9, 12 or 15 digits.");
        if (!policy_in_scope(who, region)) {
            (void)err_set(e, ERR_DENIED, "Region %s lies outside your region.", req->region_code);
            err_detail(e, "rule REGION");
            return ERR_DENIED;
        }
        filter->span = region_span_of(region);
    }
    if (*req->case_id && !uuid_parse(req->case_id, &filter->case_id))
        return err_field(e, ERR_INVALID, "case_id", "A case id is a UUID.");
    if (req->heartbeat_s < 0 || req->heartbeat_s > HEARTBEAT_MAX_S)
        return err_field(e, ERR_INVALID, "heartbeat_s", "The heartbeat is 1 to %d seconds, or 0 for %d.", (int)HEARTBEAT_MAX_S,
                         (int)HEARTBEAT_DEFAULT_S);
    return *req->cursor ? watch_cursor_parse(req->cursor, cursor, e) : 0;
}

static void watch_start(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__WatchRequest *req = (const Wangge__V1__WatchRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct feed_filter filter = {0};
    struct watch_cursor cursor = {.notice_id = -1};
    struct watch *w;
    struct err e = {0};

    if (service_require(call, PERM_CASE_READ))
        return;
    if (decode(call, req, &filter, &cursor, &e)) {
        rpc_fail(call, &e);
        return;
    }
    w = calloc(1, sizeof(*w));
    if (!w) {
        err_set(&e, ERR_NOMEM, "The server is out of memory; try again later.");
        rpc_fail(call, &e);
        return;
    }
    w->call = rpc_call_ref(call, WHY);
    rpc_call_set_data(call, w);
    w->ctx = ctx;
    w->filter = filter;
    w->from = cursor;
    w->has_cursor = *req->cursor;
    w->every.tv_sec = req->heartbeat_s ? req->heartbeat_s : HEARTBEAT_DEFAULT_S;
    w->scratch = arena_create(SCRATCH_MEMORY);
    w->heartbeat = evtimer_new(ctx->base, on_heartbeat, w);
    if (!w->scratch || !w->heartbeat || evtimer_add(w->heartbeat, &w->every) ||
        !(policy_may(service_caller(call)->actor.role, PERM_INBOX) ? watch_notices(w) : watch_events(w))) {
        fail_nomem(w);
        return;
    }
    w->session.ended = on_session_ended;
    session_cache_watch(ctx->sessions, service_caller(call), &w->session);
}

static void watch_writable(struct rpc_call *call)
{
    struct watch *w = rpc_call_data(call);

    if (!w)
        return;
    w->full = false;
    if (w->watcher) {
        feed_watcher_resume(w->watcher);
        notice_watcher_resume(w->notices);
    }
}

static void watch_cancel(struct rpc_call *call)
{
    struct watch *w = rpc_call_data(call);

    if (w)
        watch_close(w);
}

const struct rpc_method watch_methods[] = {
    {
        .path = "/wangge.v1.WatchService/Watch",
        .kind = RPC_SERVER_STREAM,
        .request = &wangge__v1__watch_request__descriptor,
        .response = &wangge__v1__watch_response__descriptor,
        .on_message = watch_start,
        .on_writable = watch_writable,
        .on_cancel = watch_cancel,
    },
    {.path = NULL},
};
