/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "wangge/v1/case.pb-c.h"

#include "common/h2/grpc.h"
#include "tests/support/grpc_testing.h"

static void on_output(void *arg)
{
    (void)arg;
}

static void on_call_end(void *arg, const struct rpc_record *r)
{
    struct peer *p = arg;
    p->ended_calls++;
    p->last_status = r->status;
}

/* Accepts the token "good", refuses "bad", and leaves "later" to the test. */
static void authenticate(void *arg, struct rpc_call *call, const char *token, rpc_auth_done_fn done)
{
    struct peer *p = arg;
    struct err e = {0};
    if (strcmp(token, "later") == 0) {
        p->auth_call = call;
        p->auth_done = done;
        return;
    }
    if (strcmp(token, "good") != 0)
        err_set(&e, ERR_UNAUTHENTICATED, "The session ended; log in again.");
    else
        rpc_call_set_principal(call, "somebody");
    done(call, &e);
}

static void on_hold(struct rpc_call *call, const ProtobufCMessage *req)
{
    (void)req;
    struct peer *p = rpc_call_method(call)->ctx;
    p->held = rpc_call_ref(call, "test");
}

static void on_hold_cancel(struct rpc_call *call)
{
    struct peer *p = rpc_call_method(call)->ctx;
    p->cancels++;
}

static void on_conflict(struct rpc_call *call, const ProtobufCMessage *req)
{
    (void)req;
    struct err e;
    err_field(&e, ERR_CONFLICT, "version", "版本 3 已过期");
    rpc_fail(call, &e);
}

static void on_submit(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__SubmitCasesRequest *req = (const void *)msg;
    Wangge__V1__SubmitCaseResponse resp = WANGGE__V1__SUBMIT_CASE_RESPONSE__INIT;
    resp.version = (int64_t)req->n_items;
    rpc_reply(call, &resp.base);
}

void peer_init(struct peer *p)
{
    memset(p, 0, sizeof *p);
    size_t n;
    const struct rpc_method *testing = grpc_testing_methods(&n);
    struct rpc_method methods[16];
    for (size_t i = 0; i < n; i++) {
        methods[i] = testing[i];
        methods[i].flags |= RPC_PUBLIC;
    }
    const ProtobufCMessageDescriptor *empty = &wangge__v1__get_case_request__descriptor;
    methods[n++] = (struct rpc_method){.path = "/test.Probe/Hold",
                                       .kind = RPC_UNARY,
                                       .flags = RPC_PUBLIC,
                                       .request = empty,
                                       .response = &wangge__v1__submit_case_response__descriptor,
                                       .default_deadline_ms = 5000,
                                       .on_message = on_hold,
                                       .on_cancel = on_hold_cancel,
                                       .ctx = p};
    methods[n++] = (struct rpc_method){.path = "/test.Probe/Conflict",
                                       .kind = RPC_UNARY,
                                       .request = empty,
                                       .response = &wangge__v1__submit_case_response__descriptor,
                                       .default_deadline_ms = 5000,
                                       .on_message = on_conflict,
                                       .ctx = p};
    methods[n++] = (struct rpc_method){.path = "/test.Probe/Submit",
                                       .kind = RPC_UNARY,
                                       .flags = RPC_PUBLIC,
                                       .request = &wangge__v1__submit_cases_request__descriptor,
                                       .response = &wangge__v1__submit_case_response__descriptor,
                                       .default_deadline_ms = 5000,
                                       .on_message = on_submit,
                                       .ctx = p};
    methods[n++] = (struct rpc_method){.path = "/test.Probe/Nest",
                                       .kind = RPC_UNARY,
                                       .flags = RPC_PUBLIC,
                                       .request = &google__protobuf__descriptor_proto__descriptor,
                                       .response = &wangge__v1__submit_case_response__descriptor,
                                       .on_message = on_hold,
                                       .ctx = p};
    clock_fake_init(&p->clock, INT64_C(1600000000) * USEC_PER_SEC);
    p->base = event_base_new();
    struct err e = {0};
    const struct rpc_server_config cfg = {
        .clock = &p->clock.clock,
        .methods = methods,
        .n_methods = n,
        .descriptor_set = grpc_testing_protoset,
        .descriptor_set_len = grpc_testing_protoset_len,
        .max_deadline_ms = 60000,
        .authenticate = authenticate,
        .on_call_end = on_call_end,
        .arg = p,
    };
    p->rpc = rpc_server_create(p->base, &cfg, &e);
    ck_assert_msg(p->rpc != NULL, "%s", e.text);
    p->env = net_session_env_create(p->rpc, 16);
    buf_init(&p->script, (size_t)16 << 20);
    buf_init(&p->answer, (size_t)16 << 20);
    peer_reconnect(p);
}

void peer_fini(struct peer *p)
{
    net_session_destroy(p->session);
    ck_assert_uint_eq(rpc_server_live_calls(p->rpc), 0);
    net_session_env_destroy(p->env);
    rpc_server_destroy(p->rpc);
    event_base_free(p->base);
    nghttp2_hd_inflate_del(p->inflater);
    buf_fini(&p->script);
    buf_fini(&p->answer);
}

void peer_reconnect(struct peer *p)
{
    net_session_destroy(p->session);
    if (p->inflater)
        nghttp2_hd_inflate_del(p->inflater);
    ck_assert_int_eq(nghttp2_hd_inflate_new(&p->inflater), 0);
    p->session = net_session_create(p->env, "peer", on_output, p);
    p->recv_rc = 0;
    p->n_turns = 0;
    buf_clear(&p->script);
    buf_clear(&p->answer);
    peer_collect(p);
}

static void say(struct peer *p, const void *data, size_t len)
{
    ck_assert_int_eq(buf_append(&p->script, data, len), 0);
}

void peer_preface(struct peer *p)
{
    say(p, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
    peer_frame(p, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

void peer_frame(struct peer *p, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len)
{
    const uint8_t head[9] = {(uint8_t)(len >> 16),    (uint8_t)(len >> 8),     (uint8_t)len,           type,           flags,
                             (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    say(p, head, sizeof head);
    say(p, payload, len);
}

static size_t put_string(uint8_t *out, const char *s)
{
    size_t len = strlen(s), n = 0;
    if (len < 127) {
        out[n++] = (uint8_t)len;
    } else {
        size_t v = len - 127;
        out[n++] = 127;
        while (v >= 128) {
            out[n++] = (uint8_t)(v | 128);
            v >>= 7;
        }
        out[n++] = (uint8_t)v;
    }
    memcpy(out + n, s, len);
    return n + len;
}

/* Header blocks longer than a frame go on in CONTINUATION frames. */
void peer_headers(struct peer *p, uint8_t flags, uint32_t stream, const char *const *fields)
{
    enum { CAP = 256 * 1024, FRAME = 16000 };
    uint8_t *block = calloc(1, CAP);
    size_t n = 0;
    for (; *fields; fields += 2) {
        ck_assert_uint_lt(n + strlen(fields[0]) + strlen(fields[1]) + 16, CAP);
        block[n++] = 0x10;
        n += put_string(block + n, fields[0]);
        n += put_string(block + n, fields[1]);
    }
    size_t first = n < FRAME ? n : FRAME;
    peer_frame(p, NGHTTP2_HEADERS, (uint8_t)(flags | (first == n ? PEER_END_HEADERS : 0)), stream, block, first);
    for (size_t at = first; at < n;) {
        size_t k = n - at < FRAME ? n - at : FRAME;
        peer_frame(p, NGHTTP2_CONTINUATION, at + k == n ? PEER_END_HEADERS : 0, stream, block + at, k);
        at += k;
    }
    free(block);
}

void peer_request(struct peer *p, uint8_t flags, uint32_t stream, const char *path, const char *const *more)
{
    const char *fields[64] = {":method",    "POST", ":scheme", "http",     ":path",        path,
                              ":authority", "test", "te",      "trailers", "content-type", "application/grpc"};
    size_t n = 12;
    for (; more && *more; more++)
        fields[n++] = *more;
    fields[n] = NULL;
    peer_headers(p, flags, stream, fields);
}

void peer_message(struct peer *p, uint8_t flags, uint32_t stream, const void *msg, size_t len)
{
    uint8_t *data = malloc(GRPC_PREFIX_LEN + len);
    grpc_prefix_put(data, false, len);
    if (len)
        memcpy(data + GRPC_PREFIX_LEN, msg, len);
    size_t total = GRPC_PREFIX_LEN + len;
    for (size_t at = 0; at < total;) {
        size_t k = total - at < 16384 ? total - at : 16384;
        peer_frame(p, NGHTTP2_DATA, at + k == total ? flags : 0, stream, data + at, k);
        at += k;
    }
    free(data);
}

void peer_collect(struct peer *p)
{
    size_t before;
    do {
        before = buf_len(&p->answer);
        ck_assert_int_eq(net_session_send(p->session, &p->answer, before + 65536), 0);
    } while (buf_len(&p->answer) > before);
}

void peer_turn(struct peer *p)
{
    ck_assert_uint_lt(p->n_turns, sizeof p->turns / sizeof p->turns[0]);
    p->turns[p->n_turns++] = buf_len(&p->script);
}

void peer_feed(struct peer *p, size_t from, size_t to)
{
    for (size_t i = 0; i < p->n_turns; i++) {
        if (from < p->turns[i] && p->turns[i] < to) {
            peer_feed(p, from, p->turns[i]);
            from = p->turns[i];
        }
    }
    /* A copy of the exact size shows a read beyond it. */
    uint8_t *copy = malloc(to > from ? to - from : 1);
    memcpy(copy, buf_data(&p->script) + from, to - from);
    if (!p->recv_rc)
        p->recv_rc = net_session_recv(p->session, copy, to - from);
    free(copy);
    peer_collect(p);
}

void peer_run(struct peer *p)
{
    peer_feed(p, 0, buf_len(&p->script));
    buf_clear(&p->script);
}

struct text {
    char *out;
    size_t cap, len;
};

static void add(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(struct text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(t->out + t->len, t->cap - t->len, fmt, ap);
    va_end(ap);
    ck_assert_msg(n >= 0 && (size_t)n < t->cap - t->len, "the answer is too long for the test");
    t->len += (size_t)n;
}

static void add_headers(struct text *t, nghttp2_hd_inflater *inflater, const uint8_t *in, size_t len)
{
    for (;;) {
        nghttp2_nv nv;
        int flags = 0;
        ssize_t n = nghttp2_hd_inflate_hd2(inflater, &nv, &flags, in, len, 1);
        ck_assert_int_ge(n, 0);
        in += n;
        len -= (size_t)n;
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            add(t, " %s=%s", (const char *)nv.name, (const char *)nv.value);
        if (flags & NGHTTP2_HD_INFLATE_FINAL)
            break;
    }
    ck_assert_int_eq(nghttp2_hd_inflate_end_headers(inflater), 0);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void peer_text(struct peer *p, char *out, size_t cap)
{
    struct text t = {.out = out, .cap = cap};
    out[0] = '\0';
    while (buf_len(&p->answer) >= 9) {
        const uint8_t *f = buf_data(&p->answer);
        size_t len = (size_t)f[0] << 16 | (size_t)f[1] << 8 | f[2];
        uint32_t stream = be32(f + 5);
        const uint8_t *body = f + 9;
        const char *end = f[4] & NGHTTP2_FLAG_END_STREAM ? " END" : "";
        switch (f[3]) {
        case NGHTTP2_HEADERS:
            add(&t, "HEADERS %u%s", stream, end);
            add_headers(&t, p->inflater, body, len);
            add(&t, "\n");
            break;
        case NGHTTP2_DATA:
            add(&t, "DATA %u%s ", stream, end);
            for (size_t i = 0; i < len && i < 64; i++)
                add(&t, "%02x", body[i]);
            add(&t, "%s\n", len > 64 ? "..." : "");
            break;
        case NGHTTP2_RST_STREAM:
            add(&t, "RST_STREAM %u %s\n", stream, nghttp2_http2_strerror(be32(body)));
            break;
        case NGHTTP2_GOAWAY:
            add(&t, "GOAWAY %u %s\n", be32(body), nghttp2_http2_strerror(be32(body + 4)));
            break;
        case NGHTTP2_PING:
            add(&t, "PING%s\n", f[4] & NGHTTP2_FLAG_ACK ? " ACK" : "");
            break;
        default: /* SETTINGS, WINDOW_UPDATE */
            break;
        }
        buf_consume(&p->answer, 9 + len);
    }
    ck_assert_uint_eq(buf_len(&p->answer), 0);
}
