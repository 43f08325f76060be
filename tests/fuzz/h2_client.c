/* SPDX-License-Identifier: MIT */
/*
 * The client's connection against any server. Input: a byte of flags, one of reactions and the split lengths, then operations:
 * what the server says (wire.h) and what the owner does. Each stream ends exactly once, unless it was cancelled, and nothing
 * is heard of it afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/h2/grpc_client.h"
#include "wire.h"

enum {
    FLAG_RAW = 8,
    FLAG_GREETED = 16, /* the server's SETTINGS were said */
    FLAG_CLOSE = 32,   /* close before destroy, as the owner does when the connection broke */
    STREAMS_MAX = 64,
    OUT_MAX = 32 * 1024 * 1024,
};
/* What callbacks do. */
enum { REACT_CANCEL = 1, REACT_START = 2, REACT_SEND = 4, REACT_CANCEL_OTHER = 8 };

enum op {
    OP_FEED = WIRE_OPS,
    OP_PULL,
    OP_START,
    OP_SEND,
    OP_SEND_MUCH,
    OP_HALF_CLOSE,
    OP_CANCEL,
    OP_OUR_PING,
    OP_CLOSE,
    OP_COUNT
};

static const struct wire_field fields[] = {
    {":status", "200"},
    {":status", "503"},
    {":status", "100"},
    {"content-type", "application/grpc"},
    {"content-type", "application/grpc+proto"},
    {"content-type", "text/html"},
    {"grpc-encoding", "gzip"},
    {"grpc-encoding", "deflate"},
    {"grpc-status", "0"},
    {"grpc-status", "9"},
    {"grpc-status", "99999999999"},
    {"grpc-status", "-1"},
    {"grpc-message", "%E7%89%88%E6%9C%AC 3"},
    {"grpc-message", "%E7%89%ff%4"},
    {"grpc-status-details-bin", "CAkSAmhp"},
    {"grpc-status-details-bin", "CAkSAmhp="},
    {"x-some", "value"},
    {"x-some-bin", "AAEC"},
};

struct stream {
    struct world *world;
    struct grpc_stream *handle;
    bool over, half_closed;
};

struct world {
    struct grpc_client *client;
    struct stream streams[STREAMS_MAX];
    size_t n;
    uint8_t react;
    bool closed;
    struct buf script, out;
};

static void start(struct world *w);

static void cancel(struct stream *s)
{
    if (s->over)
        return;
    s->over = true;
    grpc_stream_cancel(s->handle);
}

static void say_something(struct stream *s, size_t len)
{
    static const uint8_t zeros[70000];
    bool room;
    if (s->over || s->half_closed)
        return;
    int rc = grpc_stream_send(s->handle, zeros, len, &room);
    FUZZ_CHECK(rc == 0 || rc == ERR_EXHAUSTED);
}

static void react(struct stream *s)
{
    struct world *w = s->world;
    uint8_t what = w->react;
    w->react = (uint8_t)(what >> 1 | what << 7);
    if (what & REACT_START)
        start(w);
    if (what & REACT_SEND)
        say_something(s, 5);
    if (what & REACT_CANCEL_OTHER)
        cancel(&w->streams[w->react % w->n]);
    if (what & REACT_CANCEL)
        cancel(s);
}

static void on_header(void *arg, const char *name, const char *value, bool is_trailer)
{
    struct stream *s = arg;
    FUZZ_CHECK(!s->over && name[0] && name[0] != ':');
    FUZZ_CHECK(strlen(value) < GRPC_MAX_HEADERS);
    react(s);
}

static void on_message(void *arg, const uint8_t *msg, size_t len)
{
    struct stream *s = arg;
    FUZZ_CHECK(!s->over && len <= GRPC_MAX_MESSAGE);
    volatile uint64_t touch = fuzz_hash(FUZZ_HASH, msg, len);
    (void)touch;
    react(s);
}

static void on_writable(void *arg)
{
    struct stream *s = arg;
    FUZZ_CHECK(!s->over);
    react(s);
}

static void on_end(void *arg, const struct grpc_end *end)
{
    struct stream *s = arg;
    FUZZ_CHECK(!s->over);
    s->over = true;
    FUZZ_CHECK(end->status >= GRPC_OK && end->status <= GRPC_UNAUTHENTICATED);
    FUZZ_CHECK(text_is_utf8(end->message, strlen(end->message)));
    FUZZ_CHECK(!(end->never_sent && end->from_server));
    volatile uint64_t touch = fuzz_hash(FUZZ_HASH, end->details, end->details_len);
    (void)touch;
    react(s);
}

static const struct grpc_stream_events stream_events = {on_header, on_message, on_writable, on_end};

static void on_goaway(void *arg, uint32_t error_code, const char *debug)
{
    FUZZ_CHECK(text_is_utf8(debug, strlen(debug)));
}

static void start(struct world *w)
{
    if (w->n == STREAMS_MAX)
        return;
    struct stream *s = &w->streams[w->n];
    struct err e = {0};
    const struct grpc_metadata token = {"authorization", "Bearer x"};
    const struct grpc_request req = {.path = "/fuzz.Probe/Duplex",
                                     .authority = "localhost",
                                     .scheme = "http",
                                     .timeout_us = w->n & 1 ? USEC_NONE : USEC_PER_SEC,
                                     .metadata = &token,
                                     .n_metadata = 1};
    s->world = w;
    int rc = grpc_client_start(w->client, &req, &stream_events, s, &s->handle, &e);
    FUZZ_CHECK(rc == 0 || rc == ERR_UNAVAILABLE);
    FUZZ_CHECK(rc == 0 || !w->closed || !grpc_client_is_usable(w->client));
    if (rc == 0)
        w->n++;
}

static unsigned count_open(const struct world *w)
{
    unsigned n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += !w->streams[i].over;
    return n;
}

static void close_client(struct world *w)
{
    w->closed = true;
    grpc_client_close(w->client, GRPC_UNAVAILABLE, "The connection broke.");
    FUZZ_CHECK(count_open(w) == 0);
    FUZZ_CHECK(!grpc_client_is_usable(w->client));
}

static void pull(struct world *w)
{
    struct err e = {0};
    int rc = w->closed ? -1 : grpc_client_pull(w->client, &w->out, &e);
    if (rc && !w->closed)
        close_client(w);
    buf_clear(&w->out);
}

static void feed(struct world *w, struct fuzz_splits *splits)
{
    while (!w->closed && buf_len(&w->script) > 0) {
        struct err e = {0};
        size_t n = fuzz_splits_next(splits, buf_len(&w->script));
        uint8_t *piece = malloc(n);
        memcpy(piece, buf_data(&w->script), n);
        buf_consume(&w->script, n);
        int rc = grpc_client_recv(w->client, piece, n, &e);
        free(piece);
        pull(w);
        if (rc && !w->closed)
            close_client(w);
    }
    buf_clear(&w->script);
}

static void own(struct world *w, enum op op, struct fuzz_input *in, struct fuzz_splits *splits)
{
    uint8_t which = op >= OP_SEND && op <= OP_CANCEL ? fuzz_byte(in) : 0;
    struct stream *s = w->n ? &w->streams[which % w->n] : NULL;
    switch (op) {
    case OP_FEED:
        feed(w, splits);
        break;
    case OP_PULL:
        pull(w);
        break;
    case OP_START:
        start(w);
        break;
    case OP_SEND:
    case OP_SEND_MUCH:
        if (s)
            say_something(s, op == OP_SEND ? 3 : 70000);
        break;
    case OP_HALF_CLOSE:
        if (s && !s->over && !s->half_closed) {
            s->half_closed = true;
            grpc_stream_half_close(s->handle);
        }
        break;
    case OP_CANCEL:
        if (s)
            cancel(s);
        break;
    case OP_OUR_PING:
        if (!w->closed && grpc_client_ping(w->client))
            close_client(w);
        break;
    case OP_CLOSE:
        if (!w->closed)
            close_client(w);
        break;
    case OP_COUNT:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct grpc_client_events events = {.on_goaway = on_goaway};
    static struct world w;
    struct fuzz_input in = {data, size};
    struct fuzz_splits splits;
    struct err e = {0};
    uint8_t flags = fuzz_byte(&in);
    memset(&w, 0, sizeof w);
    w.react = fuzz_byte(&in);
    fuzz_splits_init(&splits, flags, &in);
    buf_init(&w.script, WIRE_SCRIPT_MAX);
    buf_init(&w.out, OUT_MAX);
    w.client = grpc_client_create(&events, &w, 0, &e);
    FUZZ_CHECK(w.client != NULL);
    if (flags & FLAG_GREETED)
        wire_frame(&w.script, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    start(&w);
    if (flags & FLAG_RAW) {
        struct fuzz_input all = fuzz_take(&in, WIRE_SCRIPT_MAX / 2);
        if (all.len)
            FUZZ_CHECK(buf_append(&w.script, all.data, all.len) == 0);
    }
    while (!w.closed && in.len > 0) {
        uint8_t op = fuzz_byte(&in);
        if (op >= WIRE_OPS)
            own(&w, WIRE_OPS + (op - WIRE_OPS) % (OP_COUNT - WIRE_OPS), &in, &splits);
        else
            wire_op(&w.script, op, &in, fields, sizeof fields / sizeof fields[0]);
    }
    feed(&w, &splits);
    pull(&w);
    FUZZ_CHECK(w.closed || grpc_client_open_streams(w.client) >= count_open(&w));
    if ((flags & FLAG_CLOSE) && !w.closed)
        close_client(&w);
    grpc_client_destroy(w.client);
    buf_fini(&w.script);
    buf_fini(&w.out);
    return 0;
}
