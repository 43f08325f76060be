/* SPDX-License-Identifier: MIT */
/* The change feed; see feed.h. */
#include "client/model/feed.h"

#include <stdlib.h>
#include <string.h>

#include "client/rpc/methods.h"
#include "common/base/text.h"

enum { RETRY_FIRST_S = 1, RETRY_MAX_S = 30, CURSOR_MAX = 128 };

struct feed;

/* A stream ends after the feed that asked for it may be gone. */
struct stream {
    struct feed *owner; /* NULL once let go */
    struct channel_call *call;
};

struct feed {
    const struct model_env *env;
    struct stream *stream;
    struct event *retry;
    int retry_s;
    bool wanted;
    bool gap; /* a stream was lost before it gave a cursor: events may be missing */
    char cursor[CURSOR_MAX];
    struct {
        feed_event_fn fn;
        void *arg;
    } listeners[FEED_LISTENERS_MAX];
    int n;
    feed_notice_fn on_notice;
    void *notice_arg;
};

static void tell(struct feed *f, const Wangge__V1__CaseEvent *event)
{
    for (int i = 0; i < f->n; i++)
        f->listeners[i].fn(f->listeners[i].arg, event);
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct feed *f = ((struct stream *)arg)->owner;
    if (!f)
        return;
    const Wangge__V1__WatchResponse *r = (const Wangge__V1__WatchResponse *)msg;
    f->retry_s = RETRY_FIRST_S;
    if (f->gap) {
        f->gap = false;
        tell(f, NULL);
    }
    text_copy(f->cursor, sizeof f->cursor, r->cursor);
    if (r->event)
        tell(f, r->event);
    if (r->notice && f->on_notice)
        f->on_notice(f->notice_arg, r->notice);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct stream *s = arg;
    struct feed *f = s->owner;
    free(s);
    if (!f)
        return;
    f->stream = NULL;
    if (!f->wanted)
        return;
    if (status->code == 3) /* the cursor is not the server's: begin anew */
        f->cursor[0] = 0;
    f->gap = f->gap || !f->cursor[0];
    if (status->code == 16) { /* the session ended: the next login starts the feed */
        f->wanted = false;
        return;
    }
    event_add(f->retry, &(struct timeval){.tv_sec = f->retry_s});
    f->retry_s = f->retry_s * 2 > RETRY_MAX_S ? RETRY_MAX_S : f->retry_s * 2;
}

static void open_stream(struct feed *f)
{
    if (f->stream || !f->wanted)
        return;
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return;
    Wangge__V1__WatchRequest req = WANGGE__V1__WATCH_REQUEST__INIT;
    req.cursor = f->cursor;
    s->owner = f;
    f->stream = s;
    /* A stream has no deadline of its own; the heartbeats and the channel's ping find a dead connection. */
    s->call = channel_stream(f->env->channel, &methods_watch, 0, on_message, on_end, NULL, s);
    if (!s->call) {
        f->stream = NULL;
        free(s);
        event_add(f->retry, &(struct timeval){.tv_sec = RETRY_MAX_S});
        return;
    }
    channel_send(s->call, &req.base);
    channel_half_close(s->call);
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
    f->wanted = f->gap = false;
    f->cursor[0] = 0;
    event_del(f->retry);
    if (f->stream) {
        f->stream->owner = NULL;
        channel_cancel(f->stream->call);
        f->stream = NULL;
    }
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

void feed_on_notice(struct feed *f, feed_notice_fn fn, void *arg)
{
    f->on_notice = fn;
    f->notice_arg = arg;
}
