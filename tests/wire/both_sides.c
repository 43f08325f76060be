/* SPDX-License-Identifier: MIT */
/*
 * Our client session against our server session, in memory: calls of every kind, back pressure, cancellation, drain. What
 * goes between them is cut into pieces of every small size.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "google/rpc/status.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/testing/messages.pb-c.h"
#include "wangge/v1/case.pb-c.h"

#include "common/h2/grpc_client.h"
#include "common/pb/check.h"
#include "peer.h"

static struct peer p;
static struct grpc_client *client;
static size_t piece; /* 0: as it comes */

/* One call as the test sees it. */
struct seen {
    struct grpc_stream *stream;
    int messages;
    size_t bytes;
    uint8_t first[64];
    size_t first_len;
    int writable;
    int ends;
    int status;
    char message[300];
    uint8_t details[1000];
    size_t details_len;
    bool never_sent;
    char initial[64], trailing[64];
};

static int ready, goaways, pongs;

static void on_ready(void *arg)
{
    (void)arg;
    ready++;
}

static void on_goaway(void *arg, uint32_t code, const char *debug)
{
    (void)arg;
    (void)debug;
    ck_assert_uint_eq(code, 0);
    goaways++;
}

static void on_pong(void *arg)
{
    (void)arg;
    pongs++;
}

static void on_header(void *arg, const char *name, const char *value, bool is_trailer)
{
    struct seen *s = arg;
    if (strncmp(name, "x-grpc-test-echo", 16) == 0)
        (void)strncpy(is_trailer ? s->trailing : s->initial, value, sizeof s->initial - 1);
}

static void on_message(void *arg, const uint8_t *msg, size_t len)
{
    struct seen *s = arg;
    if (s->messages++ == 0) {
        s->first_len = len < sizeof s->first ? len : sizeof s->first;
        if (len)
            memcpy(s->first, msg, s->first_len);
    }
    s->bytes += len;
}

static void on_writable(void *arg)
{
    struct seen *s = arg;
    s->writable++;
}

static void on_end(void *arg, const struct grpc_end *end)
{
    struct seen *s = arg;
    ck_assert_int_eq(s->ends++, 0);
    s->status = end->status;
    (void)strncpy(s->message, end->message, sizeof s->message - 1);
    ck_assert_uint_le(end->details_len, sizeof s->details);
    if (end->details_len)
        memcpy(s->details, end->details, end->details_len);
    s->details_len = end->details_len;
    s->never_sent = end->never_sent;
    s->stream = NULL;
}

static const struct grpc_stream_events events = {
    .on_header = on_header, .on_message = on_message, .on_writable = on_writable, .on_end = on_end};

static void setup(void)
{
    static const struct grpc_client_events conn_events = {.on_ready = on_ready, .on_goaway = on_goaway, .on_pong = on_pong};
    struct err e = {0};
    piece = 0;
    ready = goaways = pongs = 0;
    peer_init(&p);
    client = grpc_client_create(&conn_events, NULL, 0, &e);
    ck_assert_ptr_nonnull(client);
}

static void teardown(void)
{
    grpc_client_destroy(client);
    peer_fini(&p);
}

/* Carries bytes both ways until neither side has more to say. */
static void settle(void)
{
    struct err e = {0};
    for (;;) {
        struct buf up;
        buf_init(&up, (size_t)64 << 20);
        ck_assert_int_eq(grpc_client_pull(client, &up, &e), 0);
        size_t n = buf_len(&up);
        for (size_t at = 0; at < n;) {
            size_t k = piece && piece < n - at ? piece : n - at;
            ck_assert_int_eq(net_session_recv(p.session, buf_data(&up) + at, k), 0);
            at += k;
        }
        buf_fini(&up);
        ck_assert_int_eq(net_session_send(p.session, &p.answer, 65536), 0);
        size_t m = buf_len(&p.answer);
        while (buf_len(&p.answer) > 0) {
            size_t k = piece && piece < buf_len(&p.answer) ? piece : buf_len(&p.answer);
            ck_assert_int_eq(grpc_client_recv(client, buf_data(&p.answer), k, &e), 0);
            buf_consume(&p.answer, k);
        }
        if (n == 0 && m == 0 && !grpc_client_has_output(client) && !net_session_wants_output(p.session))
            break;
    }
}

static void start(struct seen *s, const char *path, const struct grpc_metadata *md, size_t n, usec_t timeout)
{
    struct err e = {0};
    memset(s, 0, sizeof *s);
    const struct grpc_request req = {
        .path = path, .authority = "test", .scheme = "http", .timeout_us = timeout, .metadata = md, .n_metadata = n};
    ck_assert_int_eq(grpc_client_start(client, &req, &events, s, &s->stream, &e), 0);
}

static void send_pb(struct seen *s, const void *msg)
{
    uint8_t *data = malloc(protobuf_c_message_get_packed_size(msg) + 1);
    bool room;
    ck_assert_int_eq(grpc_stream_send(s->stream, data, protobuf_c_message_pack(msg, data), &room), 0);
    free(data);
}

static void unary(struct seen *s, const char *path, const void *msg)
{
    start(s, path, NULL, 0, USEC_NONE);
    send_pb(s, msg);
    grpc_stream_half_close(s->stream);
    settle();
}

START_TEST(unary_in_pieces)
{
    static const size_t pieces[] = {1, 2, 3, 5, 7, 13, 100, 0};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct seen s;
        Grpc__Testing__SimpleRequest req = GRPC__TESTING__SIMPLE_REQUEST__INIT;
        req.response_size = 30;
        piece = pieces[i];
        unary(&s, "/grpc.testing.TestService/UnaryCall", &req);
        ck_assert_int_eq(s.ends, 1);
        ck_assert_int_eq(s.status, GRPC_OK);
        ck_assert_int_eq(s.messages, 1);
        ck_assert_uint_eq(s.bytes, 34);
    }
    ck_assert_int_eq(ready, 1);
    ck_assert_uint_eq(grpc_client_open_streams(client), 0);
    ck_assert_uint_eq(grpc_client_max_streams(client), 16);
}
END_TEST

START_TEST(large_both_ways)
{
    struct seen s;
    Grpc__Testing__SimpleRequest req = GRPC__TESTING__SIMPLE_REQUEST__INIT;
    Grpc__Testing__Payload payload = GRPC__TESTING__PAYLOAD__INIT;
    payload.body.len = 1000000;
    payload.body.data = calloc(1, payload.body.len);
    req.payload = &payload;
    req.response_size = 1000000;
    unary(&s, "/grpc.testing.TestService/UnaryCall", &req);
    ck_assert_int_eq(s.status, GRPC_OK);
    ck_assert_uint_gt(s.bytes, 1000000);
    /* The client's limit holds too. */
    req.response_size = 1100000;
    unary(&s, "/grpc.testing.TestService/UnaryCall", &req);
    ck_assert_int_eq(s.status, GRPC_RESOURCE_EXHAUSTED);
    /* And the server's. */
    payload.body.len = 1 << 20;
    payload.body.data = realloc(payload.body.data, payload.body.len);
    unary(&s, "/grpc.testing.TestService/UnaryCall", &req);
    ck_assert_int_eq(s.status, GRPC_RESOURCE_EXHAUSTED);
    free(payload.body.data);
}
END_TEST

START_TEST(metadata_and_details)
{
    struct seen s;
    const struct grpc_metadata md[] = {{"x-grpc-test-echo-initial", "one"}, {"x-grpc-test-echo-trailing-bin", "q6ur"}};
    Grpc__Testing__SimpleRequest req = GRPC__TESTING__SIMPLE_REQUEST__INIT;
    start(&s, "/grpc.testing.TestService/UnaryCall", md, 2, USEC_NONE);
    send_pb(&s, &req);
    grpc_stream_half_close(s.stream);
    settle();
    ck_assert_str_eq(s.initial, "one");
    ck_assert_str_eq(s.trailing, "q6ur");

    const struct grpc_metadata token[] = {{"authorization", "Bearer good"}};
    Wangge__V1__GetCaseRequest get = WANGGE__V1__GET_CASE_REQUEST__INIT;
    start(&s, "/test.Probe/Conflict", token, 1, USEC_NONE);
    send_pb(&s, &get);
    grpc_stream_half_close(s.stream);
    settle();
    ck_assert_int_eq(s.status, GRPC_ABORTED);
    ck_assert_str_eq(s.message, "版本 3 已过期");
    Google__Rpc__Status *st = google__rpc__status__unpack(NULL, s.details_len, s.details);
    ck_assert_ptr_nonnull(st);
    ck_assert_int_eq(st->code, GRPC_ABORTED);
    ck_assert_uint_eq(st->n_details, 2);
    ck_assert_str_eq(st->details[0]->type_url, "type.googleapis.com/google.rpc.ErrorInfo");
    ck_assert_str_eq(st->details[1]->type_url, "type.googleapis.com/google.rpc.BadRequest");
    google__rpc__status__free_unpacked(st, NULL);
}
END_TEST

START_TEST(client_stream)
{
    struct seen s;
    Grpc__Testing__StreamingInputCallRequest req = GRPC__TESTING__STREAMING_INPUT_CALL_REQUEST__INIT;
    Grpc__Testing__Payload payload = GRPC__TESTING__PAYLOAD__INIT;
    payload.body.len = 100000;
    payload.body.data = calloc(1, payload.body.len);
    req.payload = &payload;
    start(&s, "/grpc.testing.TestService/StreamingInputCall", NULL, 0, USEC_NONE);
    for (int i = 0; i < 30; i++) {
        send_pb(&s, &req);
        settle();
    }
    ck_assert_int_gt(s.writable, 0);
    grpc_stream_half_close(s.stream);
    settle();
    ck_assert_int_eq(s.status, GRPC_OK);
    struct arena *a = arena_create(1000);
    ProtobufCMessage *msg;
    struct err e;
    ck_assert_int_eq(
        pb_unpack(&grpc__testing__streaming_input_call_response__descriptor, s.first, s.first_len, NULL, a, &msg, &e), 0);
    ck_assert_int_eq(((Grpc__Testing__StreamingInputCallResponse *)(void *)msg)->aggregated_payload_size, 3000000);
    arena_destroy(a);
    free(payload.body.data);
}
END_TEST

/* The server asks to pause above its watermark and goes on when there is room: nothing is lost. */
START_TEST(bidi_with_back_pressure)
{
    struct seen s;
    Grpc__Testing__ResponseParameters size = GRPC__TESTING__RESPONSE_PARAMETERS__INIT, *sizes[] = {&size};
    Grpc__Testing__StreamingOutputCallRequest req = GRPC__TESTING__STREAMING_OUTPUT_CALL_REQUEST__INIT;
    size.size = 70000;
    req.n_response_parameters = 1;
    req.response_parameters = sizes;
    start(&s, "/grpc.testing.TestService/FullDuplexCall", NULL, 0, USEC_NONE);
    for (int i = 0; i < 50; i++)
        send_pb(&s, &req);
    grpc_stream_half_close(s.stream);
    settle();
    ck_assert_int_eq(s.status, GRPC_OK);
    ck_assert_int_eq(s.messages, 50);
    ck_assert_uint_gt(s.bytes, 50 * 70000);
}
END_TEST

START_TEST(cancel_before_and_after_sending)
{
    struct seen s;
    Wangge__V1__GetCaseRequest get = WANGGE__V1__GET_CASE_REQUEST__INIT;
    start(&s, "/test.Probe/Hold", NULL, 0, USEC_NONE);
    grpc_stream_cancel(s.stream);
    settle();
    ck_assert_ptr_null(p.held);
    start(&s, "/test.Probe/Hold", NULL, 0, USEC_NONE);
    send_pb(&s, &get);
    grpc_stream_half_close(s.stream);
    settle();
    ck_assert_ptr_nonnull(p.held);
    grpc_stream_cancel(s.stream);
    settle();
    ck_assert_int_eq(s.ends, 0);
    ck_assert(rpc_call_is_done(p.held));
    ck_assert_int_eq(p.cancels, 1);
    rpc_call_unref(p.held, "test");
    ck_assert_uint_eq(grpc_client_open_streams(client), 0);
}
END_TEST

START_TEST(more_calls_than_the_server_takes_at_once)
{
    struct seen s[40];
    Grpc__Testing__StreamingInputCallRequest req = GRPC__TESTING__STREAMING_INPUT_CALL_REQUEST__INIT;
    settle();
    for (size_t i = 0; i < 40; i++)
        start(&s[i], "/grpc.testing.TestService/StreamingInputCall", NULL, 0, USEC_NONE);
    settle();
    ck_assert_uint_eq(rpc_server_live_calls(p.rpc), 16);
    for (size_t i = 0; i < 40; i++) {
        send_pb(&s[i], &req);
        grpc_stream_half_close(s[i].stream);
    }
    settle();
    for (size_t i = 0; i < 40; i++)
        ck_assert_int_eq(s[i].ends == 1 && s[i].status == GRPC_OK, 1);
}
END_TEST

START_TEST(drain_lets_calls_finish)
{
    struct seen open, late;
    Grpc__Testing__StreamingInputCallRequest req = GRPC__TESTING__STREAMING_INPUT_CALL_REQUEST__INIT;
    struct err e = {0};
    start(&open, "/grpc.testing.TestService/StreamingInputCall", NULL, 0, USEC_NONE);
    send_pb(&open, &req);
    settle();
    net_session_shutdown_notice(p.session);
    settle();
    ck_assert_int_eq(goaways, 1);
    ck_assert(!grpc_client_is_usable(client));
    const struct grpc_request r = {.path = "/x", .authority = "test", .scheme = "http", .timeout_us = USEC_NONE};
    ck_assert_int_eq(grpc_client_start(client, &r, &events, &late, &late.stream, &e), ERR_UNAVAILABLE);
    net_session_goaway(p.session);
    settle();
    ck_assert_int_eq(open.ends, 0);
    ck_assert(!net_session_is_over(p.session));
    grpc_stream_half_close(open.stream);
    settle();
    ck_assert_int_eq(open.status, GRPC_OK);
    ck_assert(net_session_is_over(p.session));
    ck_assert(grpc_client_is_finished(client));
}
END_TEST

START_TEST(connection_breaks)
{
    struct seen sent, queued;
    start(&sent, "/grpc.testing.TestService/StreamingInputCall", NULL, 0, USEC_NONE);
    settle();
    start(&queued, "/grpc.testing.TestService/StreamingInputCall", NULL, 0, USEC_NONE);
    grpc_client_close(client, GRPC_UNAVAILABLE, "The connection was lost.");
    ck_assert_int_eq(sent.ends, 1);
    ck_assert_int_eq(sent.status, GRPC_UNAVAILABLE);
    ck_assert(!sent.never_sent);
    ck_assert_int_eq(queued.ends, 1);
    ck_assert(queued.never_sent);
    ck_assert(!grpc_client_is_usable(client));
}
END_TEST

START_TEST(ping_and_health_watch)
{
    struct seen s;
    Grpc__Health__V1__HealthCheckRequest req = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    settle();
    ck_assert_int_eq(grpc_client_ping(client), 0);
    settle();
    ck_assert_int_eq(pongs, 1);

    req.service = (char *)"grpc.testing.TestService";
    start(&s, "/grpc.health.v1.Health/Watch", NULL, 0, USEC_NONE);
    send_pb(&s, &req);
    grpc_stream_half_close(s.stream);
    settle();
    ck_assert_int_eq(s.messages, 1);
    ck_assert_int_eq(s.first[1], 2); /* NOT_SERVING */
    ck_assert_int_eq(rpc_health_set(p.rpc, "grpc.testing.TestService", true), 0);
    ck_assert_int_eq(rpc_health_set(p.rpc, "grpc.testing.TestService", true), 0);
    ck_assert_int_eq(rpc_health_set(p.rpc, "another", true), 0);
    settle();
    ck_assert_int_eq(s.messages, 2);
    rpc_health_set_all(p.rpc, false);
    settle();
    ck_assert_int_eq(s.messages, 3);
    rpc_server_end_watches(p.rpc);
    settle();
    ck_assert_int_eq(s.ends, 1);
    ck_assert_int_eq(s.status, GRPC_UNAVAILABLE);

    unary(&s, "/grpc.health.v1.Health/Check", &req);
    ck_assert_int_eq(s.status, GRPC_OK);
    ck_assert_int_eq(s.first[1], 2);
    req.service = (char *)"nobody.Knows";
    unary(&s, "/grpc.health.v1.Health/Check", &req);
    ck_assert_int_eq(s.status, GRPC_NOT_FOUND);
}
END_TEST

START_TEST(broken_server)
{
    struct seen s;
    struct err e = {0};
    start(&s, "/x", NULL, 0, USEC_NONE);
    static const uint8_t garbage[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    int rc = grpc_client_recv(client, garbage, sizeof garbage - 1, &e);
    ck_assert(rc == ERR_PROTOCOL || grpc_client_is_finished(client) || grpc_client_has_output(client));
    grpc_client_close(client, GRPC_UNAVAILABLE, "The peer does not speak HTTP/2.");
    ck_assert_int_eq(s.ends, 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("both_sides");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, unary_in_pieces);
    tcase_add_test(t, large_both_ways);
    tcase_add_test(t, metadata_and_details);
    tcase_add_test(t, client_stream);
    tcase_add_test(t, bidi_with_back_pressure);
    tcase_add_test(t, cancel_before_and_after_sending);
    tcase_add_test(t, more_calls_than_the_server_takes_at_once);
    tcase_add_test(t, drain_lets_calls_finish);
    tcase_add_test(t, connection_breaks);
    tcase_add_test(t, ping_and_health_watch);
    tcase_add_test(t, broken_server);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
