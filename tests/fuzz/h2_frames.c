/* SPDX-License-Identifier: MIT */
/*
 * The server's HTTP/2 session and calls, without sockets. Input: a byte of flags and the split lengths, then either the bytes
 * of a client (flag RAW) or operations: frames (wire.h) and what the world around a session does meanwhile. Whatever comes,
 * every call has ended and nobody holds one when the session is gone.
 */
#include <stdlib.h>
#include <string.h>

#include "common/h2/grpc.h"
#include "server/net/session.h"
#include "server/rpc/server.h"
#include "server/rpc/transport.h"
#include "server/rpc/timerq.h"
#include "tests/support/grpc_testing.h"
#include "wangge/v1/case.pb-c.h"
#include "wire.h"

enum {
    FLAG_RAW = 8,
    FLAG_GREETED = 16, /* the preface and SETTINGS were said */
    FLAG_SLOW = 32,    /* the socket takes little at a time */
    HELD_MAX = 8,
    OUT_MAX = 16 * 1024 * 1024,
    ECHOES_MAX = 64,
};

enum op {
    OP_FEED = WIRE_OPS,
    OP_SEND,
    OP_SEND_LITTLE,
    OP_TICK,
    OP_ANSWER,
    OP_FAIL,
    OP_AUTH_GOOD,
    OP_AUTH_BAD,
    OP_NOTICE,
    OP_OUR_GOAWAY,
    OP_OUR_PING,
    OP_TERMINATE,
    OP_HEALTH,
    OP_END_WATCHES,
    OP_COUNT,
};

static const struct wire_field fields[] = {
    {":method", "POST"},
    {":scheme", "http"},
    {":authority", "localhost"},
    {":path", "/fuzz.Probe/Echo"},
    {":path", "/fuzz.Probe/Stream"},
    {":path", "/fuzz.Probe/Collect"},
    {":path", "/fuzz.Probe/Duplex"},
    {":path", "/fuzz.Probe/Hold"},
    {":path", "/fuzz.Probe/Private"},
    {":path", "/grpc.health.v1.Health/Check"},
    {":path", "/grpc.health.v1.Health/Watch"},
    {":path", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"},
    {":path", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"},
    {":path", "/nobody"},
    {"content-type", "application/grpc"},
    {"content-type", "application/json"},
    {"te", "trailers"},
    {"grpc-timeout", "1S"},
    {"grpc-timeout", "1n"},
    {"grpc-timeout", "soon"},
    {"grpc-encoding", "gzip"},
    {"grpc-encoding", "snappy"},
    {"grpc-accept-encoding", "identity,gzip"},
    {"authorization", "Bearer good"},
    {"authorization", "Bearer later"},
    {"authorization", "Bearer bad"},
    {"authorization", "good"},
    {"x-long",
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"},
    {":method", "GET"},
    {"x-some-bin", "AAEC"},
};

/* Made once: what is fuzzed is sessions, not the making of servers. */
static struct {
    struct clock_fake clock;
    struct rpc_server *rpc;
    struct net_session_env *env;
    struct rpc_call *held[HELD_MAX];
    size_t n_held;
    struct rpc_call *waiting; /* for its authentication */
    rpc_auth_done_fn auth_done;
    struct net_session *session;
    struct buf script, out;
    size_t calls_ended;
    bool serving;
} w;

static void answer_auth(bool good)
{
    struct rpc_call *call = w.waiting;
    struct err e = {0};
    if (!call)
        return;
    w.waiting = NULL;
    if (good)
        rpc_call_set_principal(call, "somebody");
    else
        err_set(&e, ERR_UNAUTHENTICATED, "The session ended; log in again.");
    w.auth_done(call, &e);
}

static void authenticate(void *arg, struct rpc_call *call, const char *token, rpc_auth_done_fn done)
{
    answer_auth(false); /* there is room for one */
    w.waiting = call;
    w.auth_done = done;
    if (strcmp(token, "later") != 0)
        answer_auth(strcmp(token, "good") == 0);
}

static void on_call_end(void *arg, const struct rpc_record *r)
{
    FUZZ_CHECK(r->status >= GRPC_OK && r->status <= GRPC_UNAUTHENTICATED);
    w.calls_ended++;
}

static void release(bool ok)
{
    if (w.n_held == 0)
        return;
    struct rpc_call *call = w.held[--w.n_held];
    if (ok) {
        Wangge__V1__AddNoteRequest msg = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
        rpc_reply(call, &msg.base);
    } else {
        struct err e;
        err_field(&e, ERR_CONFLICT, "version", "版本 3 已过期");
        rpc_fail(call, &e);
    }
    rpc_call_unref(call, "fuzz");
}

static void on_echo(struct rpc_call *call, const ProtobufCMessage *req)
{
    rpc_reply(call, req);
}

static void on_stream(struct rpc_call *call, const ProtobufCMessage *req)
{
    for (int i = 0; i < ECHOES_MAX && !rpc_call_is_done(call); i++)
        (void)rpc_send(call, req);
    rpc_finish(call);
}

static void on_collect(struct rpc_call *call, const ProtobufCMessage *req)
{
    if (rpc_was_compressed(call))
        arena_destroy(rpc_take_message_arena(call));
}

static void on_collect_end(struct rpc_call *call)
{
    Wangge__V1__AddNoteRequest msg = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    rpc_reply(call, &msg.base);
}

static void on_duplex(struct rpc_call *call, const ProtobufCMessage *req)
{
    if (rpc_add_trailer(call, "x-fuzz", "again") || !rpc_send(call, req))
        rpc_pause(call);
}

static void on_duplex_writable(struct rpc_call *call)
{
    rpc_resume(call);
}

static void on_duplex_end(struct rpc_call *call)
{
    rpc_finish(call);
}

static void on_hold(struct rpc_call *call, const ProtobufCMessage *req)
{
    if (w.n_held == HELD_MAX)
        release(false);
    w.held[w.n_held++] = rpc_call_ref(call, "fuzz");
}

/* A cancelled call may well be the moment at which another one is answered. */
static void on_hold_cancel(struct rpc_call *call)
{
    FUZZ_CHECK(rpc_call_is_done(call));
    if (w.n_held > 0 && w.held[0] != call)
        release(true);
}

static void on_output(void *arg)
{
    (void)arg;
}

static void setup(void)
{
    const ProtobufCMessageDescriptor *note = &wangge__v1__add_note_request__descriptor;
    const struct rpc_method methods[] = {
        {.path = "/fuzz.Probe/Echo",
         .kind = RPC_UNARY,
         .flags = RPC_PUBLIC,
         .default_deadline_ms = 5000,
         .on_message = on_echo},
        {.path = "/fuzz.Probe/Stream", .kind = RPC_SERVER_STREAM, .flags = RPC_PUBLIC, .on_message = on_stream},
        {.path = "/fuzz.Probe/Collect",
         .kind = RPC_CLIENT_STREAM,
         .flags = RPC_PUBLIC,
         .on_message = on_collect,
         .on_half_close = on_collect_end},
        {.path = "/fuzz.Probe/Duplex",
         .kind = RPC_BIDI,
         .flags = RPC_PUBLIC,
         .on_message = on_duplex,
         .on_half_close = on_duplex_end,
         .on_writable = on_duplex_writable},
        {.path = "/fuzz.Probe/Hold",
         .kind = RPC_UNARY,
         .flags = RPC_PUBLIC,
         .default_deadline_ms = 5000,
         .on_message = on_hold,
         .on_cancel = on_hold_cancel},
        {.path = "/fuzz.Probe/Private",
         .kind = RPC_UNARY,
         .default_deadline_ms = 5000,
         .on_message = on_hold,
         .on_cancel = on_hold_cancel},
    };
    struct rpc_method full[sizeof methods / sizeof methods[0]];
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        full[i] = methods[i];
        full[i].request = full[i].response = note;
    }
    clock_fake_init(&w.clock, INT64_C(1600000000) * USEC_PER_SEC);
    const struct rpc_server_config cfg = {
        .clock = &w.clock.clock,
        .methods = full,
        .n_methods = sizeof full / sizeof full[0],
        .descriptor_set = grpc_testing_protoset,
        .descriptor_set_len = grpc_testing_protoset_len,
        .max_message = 64 * 1024,
        .authenticate = authenticate,
        .on_call_end = on_call_end,
    };
    struct err e = {0};
    w.rpc = rpc_server_create(event_base_new(), &cfg, &e);
    FUZZ_CHECK(w.rpc != NULL);
    w.env = net_session_env_create(w.rpc, 8);
    FUZZ_CHECK(w.env != NULL);
    buf_init(&w.script, WIRE_SCRIPT_MAX);
    buf_init(&w.out, OUT_MAX);
}

/* False once the owner would close. */
static bool send_output(size_t limit)
{
    int rc = net_session_send(w.session, &w.out, limit);
    FUZZ_CHECK(rc == 0 || rc == ERR_PROTOCOL);
    buf_clear(&w.out);
    return rc == 0 && !net_session_is_over(w.session);
}

static bool feed(struct fuzz_splits *splits, bool slow)
{
    bool open = true;
    while (open && buf_len(&w.script) > 0) {
        size_t n = fuzz_splits_next(splits, buf_len(&w.script));
        /* A copy as large as the piece, as the next read overwrites it. */
        uint8_t *piece = malloc(n);
        memcpy(piece, buf_data(&w.script), n);
        buf_consume(&w.script, n);
        open = net_session_recv(w.session, piece, n) == 0;
        free(piece);
        if (open)
            open = send_output(slow ? 1 : OUT_MAX / 2);
    }
    buf_clear(&w.script);
    return open;
}

static bool world(enum op op, struct fuzz_splits *splits, bool slow)
{
    switch (op) {
    case OP_FEED:
        return feed(splits, slow);
    case OP_SEND:
        return send_output(OUT_MAX / 2);
    case OP_SEND_LITTLE:
        return send_output(1);
    case OP_TICK:
        clock_fake_advance(&w.clock, USEC_PER_SEC);
        timerq_run(rpc_server_timers(w.rpc));
        break;
    case OP_ANSWER:
        release(true);
        break;
    case OP_FAIL:
        release(false);
        break;
    case OP_AUTH_GOOD:
        answer_auth(true);
        break;
    case OP_AUTH_BAD:
        answer_auth(false);
        break;
    case OP_NOTICE:
        net_session_shutdown_notice(w.session);
        break;
    case OP_OUR_GOAWAY:
        net_session_goaway(w.session);
        break;
    case OP_OUR_PING:
        net_session_ping(w.session);
        break;
    case OP_TERMINATE:
        net_session_terminate(w.session, NGHTTP2_NO_ERROR);
        break;
    case OP_HEALTH:
        rpc_health_set_all(w.rpc, w.serving = !w.serving);
        break;
    case OP_END_WATCHES:
        rpc_server_end_watches(w.rpc);
        break;
    case OP_COUNT:
        break;
    }
    return true;
}

static void run(struct fuzz_input *in, uint8_t flags, struct fuzz_splits *splits)
{
    bool open = true, slow = flags & FLAG_SLOW;
    if (flags & FLAG_GREETED) {
        FUZZ_CHECK(buf_append(&w.script, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN) == 0);
        wire_frame(&w.script, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    }
    if (flags & FLAG_RAW) {
        struct fuzz_input all = fuzz_take(in, WIRE_SCRIPT_MAX / 2);
        if (all.len)
            FUZZ_CHECK(buf_append(&w.script, all.data, all.len) == 0);
    } else {
        while (open && in->len > 0) {
            uint8_t op = fuzz_byte(in);
            if (op >= WIRE_OPS)
                open = world(WIRE_OPS + (op - WIRE_OPS) % (OP_COUNT - WIRE_OPS), splits, slow);
            else
                wire_op(&w.script, op, in, fields, sizeof fields / sizeof fields[0]);
        }
    }
    if (open && feed(splits, slow))
        (void)send_output(OUT_MAX / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct fuzz_splits splits;
    if (!w.rpc)
        setup();
    uint8_t flags = fuzz_byte(&in);
    fuzz_splits_init(&splits, flags, &in);
    w.session = net_session_create(w.env, "fuzz", on_output, NULL);
    FUZZ_CHECK(w.session != NULL);
    run(&in, flags, &splits);
    buf_clear(&w.script);
    /* Half of the time the answers come after the connection went. */
    if (flags & FLAG_SLOW)
        net_session_destroy(w.session);
    answer_auth(size & 1);
    while (w.n_held > 0)
        release(w.n_held & 1);
    if (!(flags & FLAG_SLOW))
        net_session_destroy(w.session);
    while (w.n_held > 0)
        release(true);
    answer_auth(false);
    FUZZ_CHECK(rpc_server_live_calls(w.rpc) == 0);
    return 0;
}
