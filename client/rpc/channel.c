/* SPDX-License-Identifier: MIT */
/*
 * Calls over one connection that comes back by itself. A call waits in `waiting` while a connection is being made and moves
 * to `running` once it has a stream. It ends exactly once, through call_end; its memory goes in the next turn of the loop,
 * so that a callback may cancel calls or destroy the channel.
 */
#include "client/rpc/channel.h"

#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "client/rpc/conn.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/pb/check.h"

#define _(s) gettext(s)

enum {
    BACKOFF_FIRST_MS = 500,
    BACKOFF_LAST_MS = 30 * 1000,
    SEND_QUEUE_MAX = 8 * 1024 * 1024,
    CALL_ARENA = 64 * 1024 * 1024,
    LEAVING_MAX = 4, /* connections that only finish what they have */
    TOKEN_MAX = 256,
};

/* A connection that dies younger than this counts as a failed attempt, lest a server that hangs up at once is hammered. */
#define STEADY_AFTER (2 * USEC_PER_SEC)

static const struct pb_limits answer_limits = {.max_size = CONN_MESSAGE_MAX, .max_depth = 16, .max_fields = 1000 * 1000};

struct channel_call {
    TAILQ_ENTRY(channel_call) link;
    struct channel *ch;
    const struct channel_method *method;
    bool unary;
    bool ended;
    bool half_closed;
    bool retried;               /* a refused stream is sent again once */
    struct grpc_stream *stream; /* NULL while waiting and after the end */
    struct event *timer;        /* the deadline, or "now" when the end is already known */
    usec_t deadline;            /* monotonic; USEC_NONE: none */
    struct buf queue; /* packed messages with a 4-byte length before each: what a stream (a new one too) is to carry */
    struct arena *arena;
    const ProtobufCMessage *resp;
    int fail_code; /* not 0: how it ends when the timer fires */
    char fail_text[256];
    channel_message_fn on_message;
    channel_reply_fn on_end;
    void (*on_writable)(void *arg);
    void *arg;
};

TAILQ_HEAD(call_list, channel_call);

struct channel {
    struct event_base *base;
    struct conn_target target;
    struct tls_trust *trust;
    int connect_timeout_ms;
    enum channel_state state;
    void (*on_state)(void *arg, enum channel_state state, const struct err *why);
    void *on_state_arg;
    char token[TOKEN_MAX + 8]; /* "Bearer ..." or empty */
    char language[16];         /* "zh-CN" or empty */
    struct conn *conn;         /* being made or in use */
    struct conn *leaving[LEAVING_MAX];
    struct conn *dead[LEAVING_MAX + 1]; /* to be freed by the reaper */
    usec_t ready_since;
    int failures; /* attempts in a row */
    struct err last;
    struct event *timer;  /* the next attempt */
    struct event *reaper; /* frees calls and connections outside their own callbacks */
    struct call_list waiting, running, over;
    int depth; /* user callbacks on the stack */
    bool dying;
};

static void connect_now(struct channel *ch);

static usec_t monotonic(void)
{
    const struct clock *c = clock_system();
    return c->monotonic(c);
}

static void reap_soon(struct channel *ch)
{
    event_active(ch->reaper, EV_TIMEOUT, 0);
}

static void set_state(struct channel *ch, enum channel_state state, const struct err *why)
{
    if (ch->state == state)
        return;
    ch->state = state;
    if (!ch->on_state || ch->dying)
        return;
    ch->depth++;
    ch->on_state(ch->on_state_arg, state, why);
    ch->depth--;
}

/* --- Calls --- */

static void call_free(struct channel_call *call)
{
    if (call->timer)
        event_free(call->timer);
    buf_fini(&call->queue);
    arena_destroy(call->arena);
    free(call);
}

static void call_end(struct channel_call *call, int code, const char *message, const void *details, size_t len, bool never_sent)
{
    struct channel *ch = call->ch;
    if (call->ended)
        return;
    call->ended = true;
    TAILQ_REMOVE(call->stream ? &ch->running : &ch->waiting, call, link);
    call->stream = NULL;
    TAILQ_INSERT_TAIL(&ch->over, call, link);
    event_del(call->timer);
    struct channel_status st = {
        .code = code, .message = message ? message : "", .details = details, .details_len = len, .never_sent = never_sent};
    ch->depth++;
    call->on_end(call->arg, code == GRPC_OK ? call->resp : NULL, &st);
    ch->depth--;
    reap_soon(ch);
}

static void end_now(struct channel_call *call, int code, const char *text)
{
    if (call->stream)
        grpc_stream_cancel(call->stream);
    call_end(call, code, text, NULL, 0, !call->stream);
}

/* Ends the call in the next turn of the loop, whatever its stream still brings. */
static void fail_soon(struct channel_call *call, int code, const char *text)
{
    call->fail_code = code;
    text_copy(call->fail_text, sizeof call->fail_text, text);
    event_active(call->timer, EV_TIMEOUT, 0);
}

static void on_call_timer(evutil_socket_t fd, short what, void *arg)
{
    struct channel_call *call = arg;
    if (call->ended)
        return;
    bool never_sent = !call->stream;
    if (call->stream)
        grpc_stream_cancel(call->stream);
    if (call->fail_code)
        call_end(call, call->fail_code, call->fail_text, NULL, 0, never_sent);
    else
        call_end(call, GRPC_DEADLINE_EXCEEDED, _("The server did not answer in time."), NULL, 0, never_sent);
}

static void on_stream_message(void *arg, const uint8_t *data, size_t len)
{
    struct channel_call *call = arg;
    struct err e;
    ProtobufCMessage *msg = NULL;
    if (call->ended || call->fail_code)
        return;
    if (call->unary && call->resp) {
        fail_soon(call, GRPC_INTERNAL, _("The server gave two answers to one call."));
        return;
    }
    if (!call->arena)
        call->arena = arena_create(CALL_ARENA);
    else
        arena_reset(call->arena);
    if (!call->arena || pb_unpack(call->method->response, data, len, &answer_limits, call->arena, &msg, &e)) {
        fail_soon(call, GRPC_INTERNAL, _("The server's answer cannot be read. It may be newer than this program."));
        return;
    }
    if (call->unary) {
        call->resp = msg;
        return;
    }
    struct channel *ch = call->ch;
    ch->depth++;
    call->on_message(call->arg, msg);
    ch->depth--;
}

static void on_stream_writable(void *arg)
{
    struct channel_call *call = arg;
    if (call->ended || !call->on_writable)
        return;
    struct channel *ch = call->ch;
    ch->depth++;
    call->on_writable(call->arg);
    ch->depth--;
}

static void on_stream_end(void *arg, const struct grpc_end *end)
{
    struct channel_call *call = arg;
    struct channel *ch = call->ch;
    if (call->ended)
        return;
    if (call->fail_code) {
        call_end(call, call->fail_code, call->fail_text, NULL, 0, false);
        return;
    }
    if (end->never_sent && call->unary && !call->retried && !ch->dying) {
        /* The server surely did not look at it: another connection, once, without troubling anybody. */
        call->retried = true;
        TAILQ_REMOVE(&ch->running, call, link);
        call->stream = NULL;
        TAILQ_INSERT_TAIL(&ch->waiting, call, link);
        reap_soon(ch);
        return;
    }
    int code = end->status;
    const char *message = end->message;
    if (code == GRPC_OK && call->unary && !call->resp) {
        code = GRPC_INTERNAL;
        message = _("The server said OK without an answer.");
    }
    call_end(call, code, message, end->details, end->details_len, end->never_sent);
}

static const struct grpc_stream_events stream_events = {
    .on_message = on_stream_message,
    .on_writable = on_stream_writable,
    .on_end = on_stream_end,
};

/* Puts what is queued on the stream. What a unary call sends is kept for sending it again. */
static bool call_feed(struct channel_call *call)
{
    const unsigned char *p = buf_data(&call->queue);
    size_t left = buf_len(&call->queue);
    bool room = true;
    while (left >= 4) {
        uint32_t len;
        memcpy(&len, p, sizeof len);
        if (grpc_stream_send(call->stream, p + 4, len, &room)) {
            fail_soon(call, GRPC_RESOURCE_EXHAUSTED, _("Too much is waiting to be sent."));
            return false;
        }
        p += 4 + len;
        left -= 4 + len;
    }
    if (!call->unary)
        buf_clear(&call->queue);
    if (call->half_closed)
        grpc_stream_half_close(call->stream);
    return room;
}

static void call_start_stream(struct channel_call *call)
{
    struct channel *ch = call->ch;
    struct err e;
    struct grpc_metadata metadata[3] = {{"user-agent", "wangge/" WANGGE_VERSION}};
    size_t n_metadata = 1;
    if (ch->language[0])
        metadata[n_metadata++] = (struct grpc_metadata){"accept-language", ch->language};
    if (ch->token[0])
        metadata[n_metadata++] = (struct grpc_metadata){"authorization", ch->token};
    struct grpc_request req = {
        .path = call->method->path,
        .authority = ch->target.authority,
        .scheme = ch->trust ? "https" : "http",
        .timeout_us = USEC_NONE,
        .metadata = metadata,
        .n_metadata = n_metadata,
    };
    if (call->deadline != USEC_NONE) {
        req.timeout_us = call->deadline - monotonic();
        if (req.timeout_us < 1000)
            req.timeout_us = 1000;
    }
    struct grpc_stream *stream;
    if (grpc_client_start(conn_client(ch->conn), &req, &stream_events, call, &stream, &e)) {
        fail_soon(call, GRPC_UNAVAILABLE, e.text);
        return;
    }
    TAILQ_REMOVE(&ch->waiting, call, link);
    call->stream = stream;
    TAILQ_INSERT_TAIL(&ch->running, call, link);
    call_feed(call);
}

static void start_waiting(struct channel *ch)
{
    struct channel_call *call, *next;
    for (call = TAILQ_FIRST(&ch->waiting); call && ch->conn && conn_usable(ch->conn); call = next) {
        next = TAILQ_NEXT(call, link);
        if (!call->fail_code)
            call_start_stream(call);
    }
}

static void fail_waiting(struct channel *ch, const struct err *why)
{
    struct channel_call *call;
    TAILQ_FOREACH(call, &ch->waiting, link)
    if (!call->fail_code)
        fail_soon(call, GRPC_UNAVAILABLE, why->text);
}

/* --- The connection --- */

static void bury(struct channel *ch, struct conn *c)
{
    for (size_t i = 0; i < sizeof ch->dead / sizeof *ch->dead; i++) {
        if (!ch->dead[i]) {
            ch->dead[i] = c;
            reap_soon(ch);
            return;
        }
    }
    /* There are as many places as connections can exist. */
}

/* Half fixed, half chance, so that the clients of a restarted server do not return in one wave. */
static int backoff_ms(int failures)
{
    int ms = BACKOFF_LAST_MS;
    if (failures < 7)
        ms = BACKOFF_FIRST_MS << (failures > 0 ? failures - 1 : 0);
    if (ms > BACKOFF_LAST_MS)
        ms = BACKOFF_LAST_MS;
    uint32_t r = 0;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
        r = UINT32_MAX / 2;
    return ms / 2 + (int)((uint64_t)(ms / 2) * r / UINT32_MAX);
}

static void attempt_failed(struct channel *ch, const struct err *why)
{
    ch->failures++;
    ch->last = *why;
    int ms = backoff_ms(ch->failures);
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    evtimer_add(ch->timer, &tv);
    fail_waiting(ch, why);
    set_state(ch, CHANNEL_BACKOFF, why);
}

static void on_conn_ready(void *arg, struct conn *c)
{
    struct channel *ch = arg;
    if (c != ch->conn)
        return;
    ch->ready_since = monotonic();
    set_state(ch, CHANNEL_READY, NULL);
    if (!ch->dying)
        start_waiting(ch);
}

static void on_conn_leaving(void *arg, struct conn *c)
{
    struct channel *ch = arg;
    if (c != ch->conn || ch->dying)
        return;
    for (size_t i = 0; i < LEAVING_MAX; i++) {
        if (!ch->leaving[i]) {
            ch->leaving[i] = c;
            ch->conn = NULL;
            reap_soon(ch); /* which reconnects: not from inside this connection's own callback */
            return;
        }
    }
    /* Too many are leaving already: stay with this one until it closes. */
}

static void on_conn_closed(void *arg, struct conn *c, const struct err *why)
{
    struct channel *ch = arg;
    bury(ch, c);
    for (size_t i = 0; i < LEAVING_MAX; i++)
        if (ch->leaving[i] == c)
            ch->leaving[i] = NULL;
    if (c != ch->conn)
        return;
    ch->conn = NULL;
    if (ch->dying)
        return;
    if (ch->state == CHANNEL_READY && monotonic() - ch->ready_since > STEADY_AFTER) {
        ch->last = *why;
        ch->failures = 0;
        return; /* the reaper reconnects at once */
    }
    attempt_failed(ch, why);
}

static const struct conn_events conn_events = {
    .on_ready = on_conn_ready,
    .on_leaving = on_conn_leaving,
    .on_closed = on_conn_closed,
};

static void connect_now(struct channel *ch)
{
    struct err e;
    evtimer_del(ch->timer);
    ch->conn = conn_create(ch->base, &ch->target, ch->trust, ch->connect_timeout_ms, &conn_events, ch, &e);
    if (ch->conn)
        set_state(ch, CHANNEL_CONNECTING, ch->last.code ? &ch->last : NULL);
    else
        attempt_failed(ch, &e);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct channel *ch = arg;
    if (!ch->conn && !ch->dying)
        connect_now(ch);
}

static void free_dead(struct channel *ch)
{
    struct channel_call *call;
    while ((call = TAILQ_FIRST(&ch->over))) {
        TAILQ_REMOVE(&ch->over, call, link);
        call_free(call);
    }
    for (size_t i = 0; i < sizeof ch->dead / sizeof *ch->dead; i++) {
        conn_destroy(ch->dead[i]);
        ch->dead[i] = NULL;
    }
}

static void channel_free(struct channel *ch)
{
    free_dead(ch);
    conn_destroy(ch->conn);
    for (size_t i = 0; i < LEAVING_MAX; i++)
        conn_destroy(ch->leaving[i]);
    if (ch->timer)
        event_free(ch->timer);
    if (ch->reaper)
        event_free(ch->reaper);
    tls_trust_destroy(ch->trust);
    explicit_bzero(ch->token, sizeof ch->token);
    free(ch);
}

static void on_reaper(evutil_socket_t fd, short what, void *arg)
{
    struct channel *ch = arg;
    if (ch->dying) {
        channel_free(ch);
        return;
    }
    free_dead(ch);
    /* A lost or leaving connection is replaced at once; a failed attempt waits for its timer. */
    if (!ch->conn && ch->state != CHANNEL_IDLE && ch->state != CHANNEL_BACKOFF)
        connect_now(ch);
    else if (ch->conn)
        start_waiting(ch);
}

/* --- What others call --- */

struct channel *channel_create(struct event_base *base, const struct channel_config *cfg, struct err *e)
{
    struct channel *ch = calloc(1, sizeof *ch);
    if (!ch) {
        err_set(e, ERR_NOMEM, _("Out of memory."));
        return NULL;
    }
    TAILQ_INIT(&ch->waiting);
    TAILQ_INIT(&ch->running);
    TAILQ_INIT(&ch->over);
    ch->base = base;
    ch->connect_timeout_ms = cfg->connect_timeout_ms > 0 ? cfg->connect_timeout_ms : 5000;
    /* A locale's name as HTTP writes languages. */
    for (size_t i = 0; cfg->language && cfg->language[i] && i + 1 < sizeof ch->language; i++)
        ch->language[i] = cfg->language[i] == '_' ? '-' : cfg->language[i];
    if (conn_target_parse(cfg->target, &ch->target, e))
        goto fail;
    if (cfg->tls && tls_trust_create(cfg->ca_file, cfg->pinned_sha256, &ch->trust, e))
        goto fail;
    ch->timer = evtimer_new(base, on_timer, ch);
    ch->reaper = evtimer_new(base, on_reaper, ch);
    if (!ch->timer || !ch->reaper) {
        err_set(e, ERR_NOMEM, _("Out of memory."));
        goto fail;
    }
    return ch;
fail:
    channel_free(ch);
    return NULL;
}

void channel_destroy(struct channel *ch)
{
    if (!ch || ch->dying)
        return;
    ch->dying = true;
    struct channel_call *call;
    while ((call = TAILQ_FIRST(&ch->running)) || (call = TAILQ_FIRST(&ch->waiting)))
        end_now(call, GRPC_CANCELLED, _("Cancelled."));
    if (ch->depth > 0)
        reap_soon(ch); /* somebody up the stack still holds it */
    else
        channel_free(ch);
}

void channel_connect(struct channel *ch)
{
    if (!ch->conn && !ch->dying)
        connect_now(ch);
}

enum channel_state channel_get_state(const struct channel *ch)
{
    return ch->state;
}

void channel_on_state(struct channel *ch, void (*fn)(void *arg, enum channel_state state, const struct err *why), void *arg)
{
    ch->on_state = fn;
    ch->on_state_arg = arg;
}

int channel_set_token(struct channel *ch, const char *token)
{
    explicit_bzero(ch->token, sizeof ch->token);
    if (!token || !*token)
        return 0;
    size_t len = strlen(token);
    if (len > TOKEN_MAX)
        return ERR_INVALID;
    for (size_t i = 0; i < len; i++)
        if (token[i] <= ' ' || token[i] >= 0x7f)
            return ERR_INVALID; /* it goes into a header */
    snprintf(ch->token, sizeof ch->token, "Bearer %s", token);
    return 0;
}

static bool enqueue(struct channel_call *call, const ProtobufCMessage *msg)
{
    size_t size = protobuf_c_message_get_packed_size(msg);
    uint32_t len = (uint32_t)size;
    unsigned char *room = size > GRPC_MAX_MESSAGE ? NULL : buf_reserve(&call->queue, 4 + size);
    if (!room)
        return false;
    memcpy(room, &len, sizeof len);
    protobuf_c_message_pack(msg, room + 4);
    buf_commit(&call->queue, 4 + size);
    return true;
}

static struct channel_call *call_create(struct channel *ch, const struct channel_method *m, int timeout_ms, bool unary,
                                        channel_reply_fn on_end, void *arg)
{
    struct channel_call *call = ch->dying ? NULL : calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->ch = ch;
    call->method = m;
    call->unary = unary;
    call->on_end = on_end;
    call->arg = arg;
    call->deadline = USEC_NONE;
    buf_init(&call->queue, SEND_QUEUE_MAX);
    call->timer = evtimer_new(ch->base, on_call_timer, call);
    if (!call->timer) {
        call_free(call);
        return NULL;
    }
    if (timeout_ms > 0) {
        struct timeval tv = {.tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000};
        call->deadline = monotonic() + (usec_t)timeout_ms * 1000;
        evtimer_add(call->timer, &tv);
    }
    TAILQ_INSERT_TAIL(&ch->waiting, call, link);
    return call;
}

/* Sends the call on its way, or makes the way. */
static void call_go(struct channel_call *call)
{
    struct channel *ch = call->ch;
    if (call->fail_code)
        return;
    if (ch->conn && conn_usable(ch->conn))
        call_start_stream(call);
    else if (ch->state == CHANNEL_BACKOFF)
        fail_soon(call, GRPC_UNAVAILABLE, ch->last.text);
    else if (!ch->conn && ch->state == CHANNEL_IDLE)
        connect_now(ch);
}

struct channel_call *channel_unary(struct channel *ch, const struct channel_method *m, const ProtobufCMessage *req,
                                   int timeout_ms, channel_reply_fn fn, void *arg)
{
    struct channel_call *call = call_create(ch, m, timeout_ms, true, fn, arg);
    if (!call)
        return NULL;
    if (!enqueue(call, req))
        fail_soon(call, GRPC_INVALID_ARGUMENT, _("The request is larger than 1 MiB."));
    call->half_closed = true;
    call_go(call);
    return call;
}

struct channel_call *channel_stream(struct channel *ch, const struct channel_method *m, int timeout_ms,
                                    channel_message_fn on_message, channel_reply_fn on_end, void (*on_writable)(void *arg),
                                    void *arg)
{
    struct channel_call *call = call_create(ch, m, timeout_ms, false, on_end, arg);
    if (!call)
        return NULL;
    call->on_message = on_message;
    call->on_writable = on_writable;
    call_go(call);
    return call;
}

bool channel_send(struct channel_call *call, const ProtobufCMessage *msg)
{
    if (call->ended || call->half_closed || call->fail_code)
        return true;
    if (!enqueue(call, msg)) {
        fail_soon(call, GRPC_RESOURCE_EXHAUSTED, _("Too much is waiting to be sent."));
        return false;
    }
    if (call->stream)
        return call_feed(call);
    /* on_writable comes once the stream exists and has carried this away. */
    return buf_len(&call->queue) <= GRPC_SEND_WATERMARK;
}

void channel_half_close(struct channel_call *call)
{
    if (call->ended || call->half_closed)
        return;
    call->half_closed = true;
    if (call->stream)
        grpc_stream_half_close(call->stream);
}

void channel_cancel(struct channel_call *call)
{
    if (!call->ended)
        fail_soon(call, GRPC_CANCELLED, _("Cancelled."));
}

static void ignore_reply(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
}

static void ignore_message(void *arg, const ProtobufCMessage *msg)
{
}

void channel_forget(struct channel_call *call)
{
    if (!call)
        return;
    call->on_end = ignore_reply;
    call->on_message = ignore_message;
    call->on_writable = NULL;
    channel_cancel(call);
}
