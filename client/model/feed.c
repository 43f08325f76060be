/* SPDX-License-Identifier: MIT */
/* The change feed; see feed.h. */
#include "client/model/feed.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

static const struct channel_method watch_method = {
    .path = "/wangge.v1.WatchService/Watch",
    .request = &wangge__v1__watch_request__descriptor,
    .response = &wangge__v1__watch_response__descriptor,
};

enum { RETRY_FIRST_S = 1, RETRY_MAX_S = 30, CURSOR_MAX = 128 };

struct feed {
    const struct model_env *env;
    struct channel_call *call;
    struct event *retry;
    int retry_s;
    bool wanted;
    bool live; /* a message came on this stream */
    char cursor[CURSOR_MAX];
    struct {
        feed_event_fn fn;
        void *arg;
    } listeners[FEED_LISTENERS_MAX];
    int n;
};

static void tell(struct feed *f, const Wangge__V1__CaseEvent *event)
{
    for (int i = 0; i < f->n; i++)
        f->listeners[i].fn(f->listeners[i].arg, event);
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct feed *f = arg;
    const Wangge__V1__WatchResponse *r = (const Wangge__V1__WatchResponse *)msg;
    f->live = true;
    f->retry_s = RETRY_FIRST_S;
    text_copy(f->cursor, sizeof f->cursor, r->cursor);
    if (r->event)
        tell(f, r->event);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct feed *f = arg;
    f->call = NULL;
    if (!f->wanted)
        return;
    if (status->code == 3) { /* the cursor is not the server's: begin anew and read everything again */
        f->cursor[0] = 0;
        tell(f, NULL);
    }
    if (status->code == 16) { /* the session ended: the next login starts the feed */
        f->wanted = false;
        return;
    }
    event_add(f->retry, &(struct timeval){.tv_sec = f->retry_s});
    f->retry_s = f->retry_s * 2 > RETRY_MAX_S ? RETRY_MAX_S : f->retry_s * 2;
}

static void open_stream(struct feed *f)
{
    if (f->call || !f->wanted)
        return;
    Wangge__V1__WatchRequest req = WANGGE__V1__WATCH_REQUEST__INIT;
    req.cursor = f->cursor;
    f->live = false;
    /* A stream has no deadline of its own; the heartbeats and the channel's ping find a dead connection. */
    f->call = channel_stream(f->env->channel, &watch_method, 0, on_message, on_end, NULL, f);
    if (f->call) {
        channel_send(f->call, &req.base);
        channel_half_close(f->call);
    }
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    open_stream(arg);
}

struct feed *feed_create(const struct model_env *env)
{
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->env = env;
    f->retry_s = RETRY_FIRST_S;
    f->retry = evtimer_new(env->base, on_retry, f);
    if (!f->retry) {
        free(f);
        return NULL;
    }
    return f;
}

void feed_stop(struct feed *f)
{
    f->wanted = false;
    f->cursor[0] = 0;
    event_del(f->retry);
    if (f->call)
        channel_cancel(f->call);
}

void feed_destroy(struct feed *f)
{
    if (!f)
        return;
    feed_stop(f);
    event_free(f->retry);
    free(f);
}

void feed_start(struct feed *f)
{
    f->wanted = true;
    f->retry_s = RETRY_FIRST_S;
    event_del(f->retry);
    open_stream(f);
}

bool feed_listen(struct feed *f, feed_event_fn fn, void *arg)
{
    if (f->n == FEED_LISTENERS_MAX)
        return false;
    f->listeners[f->n].fn = fn;
    f->listeners[f->n++].arg = arg;
    return true;
}

void feed_unlisten(struct feed *f, feed_event_fn fn, void *arg)
{
    for (int i = 0; i < f->n; i++) {
        if (f->listeners[i].fn == fn && f->listeners[i].arg == arg) {
            f->listeners[i] = f->listeners[--f->n];
            return;
        }
    }
}
