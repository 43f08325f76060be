/* SPDX-License-Identifier: MIT */
#include "client/demo/history_load.h"

#include <stdio.h>

#include "client/demo/progress.h"
#include "client/rpc/methods.h"

enum {
    WINDOW = 1024, /* items in flight; the server pauses the stream by itself when it has enough */
    ITEM_MEMORY = 1 << 20,
    RECONNECTS = 10,
    RECONNECT_MS = 500,
    GRPC_UNAVAILABLE = 14,
};

struct loader {
    struct link *link;
    const struct demo_history *history;
    struct history_load_result *result;
    struct arena *arena;
    struct progress progress;
    struct channel_call *call;
    size_t sent;
    size_t answered;
    uint16_t events[WINDOW]; /* of the items in flight */
    bool full;               /* the channel's queue is; wait for on_writable */
    bool half_closed;
    bool ended;
    int status;
    int rc;
    struct err *e;
};

static void send_more(struct loader *l)
{
    size_t total = demo_history_len(l->history);
    while (!l->full && l->sent < total && l->sent - l->answered < WINDOW) {
        arena_reset(l->arena);
        Wangge__V1__ImportHistoryRequest *req = demo_history_item(l->history, l->sent, l->arena);
        if (!req) {
            l->rc = err_set(l->e, ERR_NOMEM, "Not enough memory for item %zu of the history.", l->sent + 1);
            channel_cancel(l->call);
            return;
        }
        l->events[l->sent % WINDOW] = (uint16_t)(1 + req->n_events);
        l->full = !channel_send(l->call, &req->base);
        l->sent++;
    }
    if (l->sent == total && !l->half_closed) {
        l->half_closed = true;
        channel_half_close(l->call);
    }
}

static void on_writable(void *arg)
{
    struct loader *l = arg;
    l->full = false;
    send_more(l);
}

static void note_error(struct loader *l, const Wangge__V1__ImportHistoryResponse *r)
{
    struct history_load_result *result = l->result;
    result->failed++;
    if (result->nerrors == HISTORY_LOAD_ERRORS)
        return;
    const char *text = r->result_case == WANGGE__V1__IMPORT_HISTORY_RESPONSE__RESULT_ERROR ? r->error->message : "empty answer";
    int code = r->result_case == WANGGE__V1__IMPORT_HISTORY_RESPONSE__RESULT_ERROR ? r->error->code : 0;
    (void)snprintf(result->errors[result->nerrors++], sizeof result->errors[0], "item %lld: %.240s (code %d)",
                   (long long)r->sequence, text, code);
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct loader *l = arg;
    const Wangge__V1__ImportHistoryResponse *r = (const Wangge__V1__ImportHistoryResponse *)msg;
    if (r->sequence != (int64_t)l->answered + 1) {
        if (l->rc == 0)
            l->rc = err_set(l->e, ERR_PROTOCOL, "The server answered item %lld where %zu was due.", (long long)r->sequence,
                            l->answered + 1);
        channel_cancel(l->call);
        return;
    }
    l->result->events += l->events[l->answered++ % WINDOW];
    if (r->result_case != WANGGE__V1__IMPORT_HISTORY_RESPONSE__RESULT_OK)
        note_error(l, r);
    else if (r->ok->replayed)
        l->result->replayed++;
    else
        l->result->imported++;
    progress_update(&l->progress, l->answered);
    send_more(l);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct loader *l = arg;
    (void)resp;
    l->ended = true;
    l->call = NULL;
    l->status = status->code;
    if (status->code != 0 && l->rc == 0)
        (void)link_failure(l->e, "The import", status);
}

/* One stream from the item after the last answer. */
static int run_stream(struct loader *l)
{
    l->sent = l->answered;
    l->full = l->half_closed = l->ended = false;
    l->call = channel_stream(l->link->channel, &methods_import_history, 0, on_message, on_end, on_writable, l);
    if (!l->call)
        return err_set(l->e, ERR_NOMEM, "Not enough memory for a call.");
    send_more(l);
    while (!l->ended && event_base_loop(l->link->base, EVLOOP_ONCE) == 0)
        ;
    if (l->rc < 0)
        return l->rc;
    if (l->status != 0)
        return l->e->code;
    if (l->answered < demo_history_len(l->history))
        return err_set(l->e, ERR_PROTOCOL, "The server ended the import after item %zu.", l->answered);
    return 0;
}

int history_load(struct link *link, const struct demo_history *h, size_t first, struct history_load_result *ret, struct err *e)
{
    struct loader l = {
        .link = link, .history = h, .result = ret, .answered = first, .arena = arena_create(ITEM_MEMORY), .e = e};
    *ret = (struct history_load_result){0};
    if (!l.arena)
        return err_set(e, ERR_NOMEM, "Not enough memory for the import.");
    progress_init(&l.progress, "Cases", demo_history_len(h), first);
    int rc = 0;
    size_t answered_before = first;
    for (int lost = 0;; lost++) {
        rc = run_stream(&l);
        /* A broken connection leaves the fate of the items in flight unknown; sent again, they are answered as repetitions. */
        if (rc == 0 || l.rc < 0 || l.status != GRPC_UNAVAILABLE)
            break;
        if (l.answered > answered_before)
            lost = 0;
        if (lost == RECONNECTS)
            break;
        answered_before = l.answered;
        link_pause(link, RECONNECT_MS);
        channel_connect(link->channel);
    }
    progress_end(&l.progress, l.answered);
    ret->elapsed_us = progress_elapsed(&l.progress);
    arena_destroy(l.arena);
    return rc;
}
