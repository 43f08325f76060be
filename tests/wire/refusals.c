/* SPDX-License-Identifier: MIT */
/* Requests that are refused, and peers that misbehave: what they are told, and that nobody else suffers. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/h2/deframe.h"
#include "common/h2/grpc.h"
#include "server/rpc/timerq.h"
#include "server/rpc/transport.h"
#include "peer.h"

static struct peer p;
static char text[256 * 1024];

static void setup(void)
{
    peer_init(&p);
    peer_preface(&p);
}

static void teardown(void)
{
    peer_fini(&p);
}

static const char *answer(void)
{
    peer_run(&p);
    peer_text(&p, text, sizeof text);
    return text;
}

static void expect(const char *name, const char *want)
{
    size_t len = strlen(text);
    ck_assert_msg(strstr(text, want) != NULL, "%s: wanted '%s' in:\n%s", name, want, text + (len > 1000 ? len - 1000 : 0));
}

/* The connection still serves. */
static void expect_alive(const char *name, uint32_t stream)
{
    peer_request(&p, 0, stream, "/grpc.testing.TestService/EmptyCall", NULL);
    peer_message(&p, PEER_END_STREAM, stream, NULL, 0);
    (void)answer();
    char want[80];
    (void)snprintf(want, sizeof want, "DATA %u 0000000000\nHEADERS %u END grpc-status=0\n", stream, stream);
    expect(name, want);
}

#define BYTES(s) s, sizeof(s) - 1

/* --- one bad request --------------------------------------------------------------------------------------------------- */

struct refusal {
    const char *name;
    const char *path;
    const char *fields[8];
    const char *data; /* raw DATA with END_STREAM; NULL: the headers end the stream */
    size_t len;
    const char *want;
};

static const struct refusal refusals[] = {
    {"unknown service", "/no.Such/Method", {NULL}, NULL, 0, "grpc-status=12 "},
    {"empty path part", "/", {NULL}, NULL, 0, "grpc-status=12 "},
    {"bad timeout", "/grpc.testing.TestService/EmptyCall", {"grpc-timeout", "soon"}, BYTES("\0\0\0\0\0"), "grpc-status=3 "},
    {"negative timeout", "/grpc.testing.TestService/EmptyCall", {"grpc-timeout", "-1S"}, BYTES("\0\0\0\0\0"), "grpc-status=3 "},
    {"timeout of nine digits",
     "/grpc.testing.TestService/EmptyCall",
     {"grpc-timeout", "100000000m"},
     BYTES("\0\0\0\0\0"),
     "grpc-status=3 "},
    {"timeout zero", "/grpc.testing.TestService/EmptyCall", {"grpc-timeout", "0S"}, BYTES("\0\0\0\0\0"), "grpc-status=4 "},
    {"unknown encoding",
     "/grpc.testing.TestService/EmptyCall",
     {"grpc-encoding", "br"},
     BYTES("\0\0\0\0\0"),
     "grpc-accept-encoding=identity,gzip grpc-status=12 "},
    {"no token", "/test.Probe/Conflict", {NULL}, BYTES("\0\0\0\0\0"), "grpc-status=16 "},
    {"token without a scheme", "/test.Probe/Conflict", {"authorization", "good"}, BYTES("\0\0\0\0\0"), "grpc-status=16 "},
    {"bad token",
     "/test.Probe/Conflict",
     {"authorization", "Bearer bad"},
     BYTES("\0\0\0\0\0"),
     "grpc-status=16 grpc-message=The session ended; log in again."},
    {"good token", "/test.Probe/Conflict", {"authorization", "bearer good"}, BYTES("\0\0\0\0\0"), "grpc-status=10 "},
    {"no message", "/grpc.testing.TestService/EmptyCall", {NULL}, NULL, 0, "grpc-status=12 "},
    {"two messages", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\0\0\0\0\0\0\0\0\0\0"), "grpc-status=12 "},
    {"cut prefix", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\0\0\0"), "grpc-status=13 "},
    {"cut message", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\0\0\0\0\5ab"), "grpc-status=13 "},
    {"flag byte", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\2\0\0\0\0"), "grpc-status=13 "},
    {"compressed without an encoding", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\1\0\0\0\0"), "grpc-status=13 "},
    {"bad gzip", "/grpc.testing.TestService/EmptyCall", {"grpc-encoding", "gzip"}, BYTES("\1\0\0\0\3abc"), "grpc-status=3 "},
    {"message of more than 1 MiB", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\0\0\x10\0\1"), "grpc-status=8 "},
    {"message of 4 GiB", "/grpc.testing.TestService/EmptyCall", {NULL}, BYTES("\0\xff\xff\xff\xff"), "grpc-status=8 "},
    {"NUL in a string",
     "/test.Probe/Submit",
     {NULL},
     BYTES("\0\0\0\0\7\x0a\5\x0a\3a\0b"),
     "grpc-status=3 grpc-message=The request is not valid at items[0].request_id: the text contains a NUL character."},
    {"broken UTF-8",
     "/test.Probe/Submit",
     {NULL},
     BYTES("\0\0\0\0\6\x0a\4\x0a\2\xc3("),
     "grpc-status=3 grpc-message=The request is not valid at items[0].request_id: the text is not UTF-8."},
    {"a lone surrogate", "/test.Probe/Submit", {NULL}, BYTES("\0\0\0\0\7\x0a\5\x0a\3\xed\xa0\x80"), "grpc-status=3 "},
    {"group", "/test.Probe/Submit", {NULL}, BYTES("\0\0\0\0\2\x0b\x0c"), "grpc-status=3 "},
};

START_TEST(bad_request)
{
    const struct refusal *r = &refusals[_i];
    const char *fields[10] = {NULL};
    for (size_t i = 0; i < 8 && r->fields[i]; i++)
        fields[i] = r->fields[i];
    peer_request(&p, r->data ? 0 : PEER_END_STREAM, 1, r->path, fields);
    if (r->data)
        peer_frame(&p, NGHTTP2_DATA, PEER_END_STREAM, 1, r->data, r->len);
    (void)answer();
    expect(r->name, r->want);
    expect(r->name, "HEADERS 1 END :status=200");
    expect_alive(r->name, 3);
    ck_assert_int_eq(p.ended_calls, 2);
}
END_TEST

START_TEST(wrong_method_and_content_type)
{
    const char *const get[] = {
        ":method", "GET",          ":scheme",          "http", ":path", "/grpc.testing.TestService/EmptyCall", ":authority",
        "x",       "content-type", "application/grpc", NULL};
    const char *const json[] = {
        ":method", "POST",         ":scheme",          "http", ":path", "/grpc.testing.TestService/EmptyCall", ":authority",
        "x",       "content-type", "application/json", NULL};
    peer_headers(&p, PEER_END_STREAM, 1, get);
    (void)answer();
    expect("GET", "grpc-status=13 ");
    peer_headers(&p, PEER_END_STREAM, 3, json);
    (void)answer();
    expect("JSON", "grpc-status=13 ");
    expect_alive("both", 5);
}
END_TEST

START_TEST(headers_of_more_than_16_kib)
{
    char *big = calloc(1, 20001);
    memset(big, 'x', 20000);
    const char *const one[] = {"x-big", big, NULL};
    peer_request(&p, 0, 1, "/grpc.testing.TestService/EmptyCall", one);
    peer_message(&p, PEER_END_STREAM, 1, NULL, 0);
    (void)answer();
    expect("one big field", "grpc-status=8 grpc-message=The request's headers are longer than 16 KiB.");
    free(big);
    expect_alive("big headers", 3);
}
END_TEST

/* DescriptorProto contains itself; nine thousand levels would take the stack of an unchecked parser. */
START_TEST(nested_message_bomb)
{
    enum { LEVELS = 9000 };
    uint8_t *msg = malloc(4 * LEVELS);
    size_t len = 0;
    for (int i = 0; i < LEVELS; i++) {
        uint8_t head[4];
        size_t n = 0, v = len;
        for (head[n++] = 0x1a; v >= 128; v >>= 7)
            head[n++] = (uint8_t)(v | 128);
        head[n++] = (uint8_t)v;
        memmove(msg + n, msg, len);
        memcpy(msg, head, n);
        len += n;
    }
    peer_request(&p, 0, 1, "/test.Probe/Nest", NULL);
    peer_message(&p, PEER_END_STREAM, 1, msg, len);
    (void)answer();
    expect("bomb", "grpc-status=3 ");
    expect("bomb", "nested too deeply");
    free(msg);
    expect_alive("bomb", 3);
}
END_TEST

/* 4 MiB of zeros in 4 KiB of gzip. */
START_TEST(inflating_bomb)
{
    enum { BIG = 4 * 1024 * 1024 };
    uint8_t *zeros = calloc(1, BIG), prefix[5];
    const char *const gzip[] = {"grpc-encoding", "gzip", NULL};
    struct buf z;
    buf_init(&z, 2 * BIG);
    ck_assert_int_eq(grpc_gzip(zeros, BIG, &z), 0);
    grpc_prefix_put(prefix, true, buf_len(&z));
    peer_request(&p, 0, 1, "/grpc.testing.TestService/EmptyCall", gzip);
    peer_frame(&p, NGHTTP2_DATA, 0, 1, prefix, sizeof prefix);
    for (size_t at = 0; at < buf_len(&z); at += 16000) {
        size_t k = buf_len(&z) - at < 16000 ? buf_len(&z) - at : 16000;
        peer_frame(&p, NGHTTP2_DATA, at + k == buf_len(&z) ? PEER_END_STREAM : 0, 1, buf_data(&z) + at, k);
    }
    (void)answer();
    expect("bomb", "grpc-status=8 ");
    buf_fini(&z);
    free(zeros);
    expect_alive("bomb", 3);
}
END_TEST

/* An answer before the client finished is followed by RST_STREAM(NO_ERROR), so that it stops sending. */
START_TEST(early_answer_resets_without_error)
{
    peer_request(&p, 0, 1, "/no.Such/Method", NULL);
    (void)answer();
    expect("early", "grpc-status=12");
    expect("early", "RST_STREAM 1 NO_ERROR");
    /* What was already under way is ignored. */
    peer_message(&p, PEER_END_STREAM, 1, "abc", 3);
    expect_alive("early", 3);
}
END_TEST

/* --- deadlines, cancellation, authentication --------------------------------------------------------------------------- */

static void begin_hold(uint32_t stream, const char *const *fields)
{
    peer_request(&p, 0, stream, "/test.Probe/Hold", fields);
    peer_message(&p, PEER_END_STREAM, stream, NULL, 0);
    (void)answer();
    ck_assert_ptr_nonnull(p.held);
}

static void release_held(void)
{
    struct err e;
    err_set(&e, ERR_NOT_FOUND, "too late");
    rpc_fail(p.held, &e);
    rpc_call_unref(p.held, "test");
    p.held = NULL;
}

START_TEST(deadline_passes)
{
    const char *const timeout[] = {"grpc-timeout", "100m", NULL};
    begin_hold(1, timeout);
    clock_fake_advance(&p.clock, 99999);
    timerq_run(rpc_server_timers(p.rpc));
    ck_assert(!rpc_call_is_done(p.held));
    clock_fake_advance(&p.clock, 1);
    timerq_run(rpc_server_timers(p.rpc));
    ck_assert(rpc_call_is_done(p.held));
    ck_assert_int_eq(p.cancels, 1);
    (void)answer();
    expect("deadline", "grpc-status=4 ");
    release_held();
    ck_assert_str_eq(answer(), "");
    ck_assert_int_eq(p.last_status, GRPC_DEADLINE_EXCEEDED);
}
END_TEST

START_TEST(default_and_longest_deadline)
{
    begin_hold(1, NULL);
    ck_assert_int_eq(rpc_deadline(p.held), p.clock.mono_us + 5 * USEC_PER_SEC);
    release_held();
    const char *const timeout[] = {"grpc-timeout", "99999999H", NULL};
    begin_hold(3, timeout);
    ck_assert_int_eq(rpc_deadline(p.held), p.clock.mono_us + 60 * USEC_PER_SEC);
    release_held();
}
END_TEST

START_TEST(client_cancels)
{
    begin_hold(1, NULL);
    peer_frame(&p, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\x08", 4);
    ck_assert_str_eq(answer(), "");
    ck_assert(rpc_call_is_done(p.held));
    ck_assert_int_eq(p.cancels, 1);
    ck_assert_int_eq(p.last_status, GRPC_CANCELLED);
    release_held();
    ck_assert_str_eq(answer(), "");
    expect_alive("cancelled", 3);
}
END_TEST

START_TEST(connection_is_lost)
{
    begin_hold(1, NULL);
    peer_reconnect(&p);
    ck_assert(rpc_call_is_done(p.held));
    ck_assert_int_eq(p.cancels, 1);
    ck_assert_str_eq(rpc_peer(p.held), "peer");
    release_held();
    ck_assert_uint_eq(rpc_server_live_calls(p.rpc), 0);
}
END_TEST

static const char *const later[] = {"authorization", "Bearer later", NULL};

START_TEST(authentication_takes_time)
{
    struct err ok = {0};
    peer_request(&p, 0, 1, "/test.Probe/Conflict", later);
    peer_message(&p, PEER_END_STREAM, 1, NULL, 0);
    ck_assert_str_eq(answer(), "");
    ck_assert_ptr_nonnull(p.auth_call);
    p.auth_done(p.auth_call, &ok);
    (void)answer();
    expect("later", "grpc-status=10 ");
}
END_TEST

START_TEST(cancelled_while_authenticating)
{
    struct err ok = {0};
    peer_request(&p, 0, 1, "/test.Probe/Conflict", later);
    peer_message(&p, PEER_END_STREAM, 1, NULL, 0);
    peer_frame(&p, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\x08", 4);
    ck_assert_str_eq(answer(), "");
    ck_assert_uint_eq(rpc_server_live_calls(p.rpc), 1);
    p.auth_done(p.auth_call, &ok);
    ck_assert_str_eq(answer(), "");
    ck_assert_uint_eq(rpc_server_live_calls(p.rpc), 0);
}
END_TEST

/* --- peers that misbehave ---------------------------------------------------------------------------------------------- */

START_TEST(too_many_streams)
{
    for (uint32_t i = 0; i < 17; i++)
        peer_request(&p, 0, 1 + 2 * i, "/grpc.testing.TestService/StreamingInputCall", NULL);
    (void)answer();
    expect("the seventeenth", "RST_STREAM 33 REFUSED_STREAM");
    ck_assert_uint_eq(rpc_server_live_calls(p.rpc), 16);
}
END_TEST

/* Calls that were cancelled but still work count: resetting fast does not buy more work. */
START_TEST(cancelled_work_is_bounded)
{
    struct rpc_call *held[40];
    int n = 0;
    for (uint32_t i = 0; i < 40; i++) {
        p.held = NULL;
        peer_request(&p, 0, 1 + 2 * i, "/test.Probe/Hold", NULL);
        peer_message(&p, PEER_END_STREAM, 1 + 2 * i, NULL, 0);
        (void)answer();
        if (p.held)
            held[n++] = p.held;
        else
            expect("overload", "grpc-status=8 ");
        peer_frame(&p, NGHTTP2_RST_STREAM, 0, 1 + 2 * i, "\0\0\0\x08", 4);
        (void)answer();
    }
    ck_assert_int_eq(n, 32);
    while (n > 0)
        rpc_call_unref(held[--n], "test");
    p.held = NULL;
    expect_alive("afterwards", 101);
}
END_TEST

struct flood {
    const char *name;
    uint8_t type, flags;
    uint32_t stream;
    const char *payload;
    size_t len;
};

static const struct flood floods[] = {
    {"PING", NGHTTP2_PING, 0, 0, BYTES("12345678")},
    {"SETTINGS", NGHTTP2_SETTINGS, 0, 0, BYTES("")},
    {"PRIORITY", NGHTTP2_PRIORITY, 0, 3, BYTES("\0\0\0\1\x10")},
    {"empty DATA", NGHTTP2_DATA, 0, 1, BYTES("")},
    {"WINDOW_UPDATE", NGHTTP2_WINDOW_UPDATE, 0, 0, BYTES("\0\0\0\1")},
};

START_TEST(flood)
{
    const struct flood *f = &floods[_i];
    peer_request(&p, 0, 1, "/grpc.testing.TestService/StreamingInputCall", NULL);
    for (int i = 0; i < 5000 && !net_session_is_over(p.session); i++) {
        peer_frame(&p, f->type, f->flags, f->stream, f->payload, f->len);
        peer_run(&p);
    }
    (void)answer();
    expect(f->name, "GOAWAY 1 ENHANCE_YOUR_CALM");
    ck_assert(net_session_is_over(p.session));
    ck_assert(net_session_was_bad(p.session));
}
END_TEST

/* A client that works may ping and open windows as much as it does. */
START_TEST(honest_frames_are_paid_by_work)
{
    for (uint32_t i = 0; i < 1000; i++) {
        for (int k = 0; k < 4; k++)
            peer_frame(&p, NGHTTP2_PING, 0, 0, "12345678", 8);
        peer_frame(&p, NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\x05", 4);
        peer_request(&p, 0, 1 + 2 * i, "/grpc.testing.TestService/EmptyCall", NULL);
        peer_message(&p, PEER_END_STREAM, 1 + 2 * i, NULL, 0);
        peer_run(&p);
    }
    ck_assert(!net_session_was_bad(p.session));
    ck_assert_int_eq(p.ended_calls, 1000);
}
END_TEST

static void reset_many(const char *path, const char *const *fields, uint32_t n)
{
    for (uint32_t i = 0; i < n && !net_session_is_over(p.session); i++) {
        peer_request(&p, 0, 1 + 2 * i, path, fields);
        peer_frame(&p, NGHTTP2_RST_STREAM, 0, 1 + 2 * i, "\0\0\0\x08", 4);
        peer_run(&p);
    }
}

START_TEST(reset_flood_of_a_stranger)
{
    reset_many("/grpc.testing.TestService/StreamingInputCall", NULL, 5000);
    ck_assert(net_session_is_over(p.session));
    peer_text(&p, text, sizeof text);
    expect("reset flood", "ENHANCE_YOUR_CALM");
}
END_TEST

START_TEST(resets_of_one_who_logged_in)
{
    const char *const good[] = {"authorization", "Bearer good", NULL};
    reset_many("/test.Probe/Conflict", good, 5000);
    ck_assert(!net_session_is_over(p.session));
    buf_clear(&p.answer);
    expect_alive("resets", 20001);
}
END_TEST

START_TEST(not_http2)
{
    peer_reconnect(&p);
    static const char http1[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    ck_assert_int_eq(buf_append(&p.script, http1, sizeof http1 - 1), 0);
    peer_feed(&p, 0, sizeof http1 - 1);
    ck_assert_int_eq(p.recv_rc, ERR_PROTOCOL);
}
END_TEST

START_TEST(broken_frames_end_the_connection)
{
    static const struct {
        const char *name;
        uint8_t type, flags;
        uint32_t stream;
        const char *payload;
        size_t len;
    } rows[] = {
        {"DATA on an idle stream", NGHTTP2_DATA, 0, 7, BYTES("abc")},
        {"PING of 7 bytes", NGHTTP2_PING, 0, 0, BYTES("1234567")},
        {"SETTINGS of 5 bytes", NGHTTP2_SETTINGS, 0, 0, BYTES("12345")},
        {"WINDOW_UPDATE of 0", NGHTTP2_WINDOW_UPDATE, 0, 0, BYTES("\0\0\0\0")},
        {"HEADERS on stream 2", NGHTTP2_HEADERS, PEER_END_HEADERS, 2, BYTES("\x82")},
        {"broken HPACK", NGHTTP2_HEADERS, PEER_END_HEADERS, 1, BYTES("\xff\xff\xff\xff\xff\xff")},
        {"CONTINUATION alone", NGHTTP2_CONTINUATION, PEER_END_HEADERS, 1, BYTES("\x82")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        peer_reconnect(&p);
        peer_preface(&p);
        peer_frame(&p, rows[i].type, rows[i].flags, rows[i].stream, rows[i].payload, rows[i].len);
        (void)answer();
        expect(rows[i].name, "GOAWAY ");
        ck_assert_msg(net_session_is_over(p.session), "%s", rows[i].name);
    }
}
END_TEST

START_TEST(endless_continuation)
{
    peer_frame(&p, NGHTTP2_HEADERS, 0, 1, "\x82", 1);
    for (int i = 0; i < 1000; i++)
        peer_frame(&p, NGHTTP2_CONTINUATION, 0, 1, "\x10\1a\1b", 5);
    peer_feed(&p, 0, buf_len(&p.script));
    ck_assert(p.recv_rc != 0 || net_session_is_over(p.session));
}
END_TEST

/* A client that sends half a message on every stream is cut off before memory is. */
START_TEST(unfinished_requests_are_bounded)
{
    static uint8_t data[16000];
    for (uint32_t s = 0; s < 8; s++) {
        peer_request(&p, 0, 1 + 2 * s, "/grpc.testing.TestService/UnaryCall", NULL);
        peer_frame(&p, NGHTTP2_DATA, 0, 1 + 2 * s, "\0\0\x0f\xff\xff", 5);
        for (int i = 0; i < 65; i++) {
            peer_frame(&p, NGHTTP2_DATA, 0, 1 + 2 * s, data, sizeof data);
            peer_run(&p);
        }
    }
    ck_assert_uint_eq(rpc_server_live_calls(p.rpc), 8);
    ck_assert_str_eq(answer(), "");
    peer_request(&p, 0, 101, "/grpc.testing.TestService/UnaryCall", NULL);
    peer_frame(&p, NGHTTP2_DATA, 0, 101, "\0\0\x0f\xff\xff", 5);
    for (int i = 0; i < 10; i++) {
        peer_frame(&p, NGHTTP2_DATA, 0, 101, data, sizeof data);
        peer_run(&p);
    }
    (void)answer();
    expect("one too many", "HEADERS 101 END :status=200");
    expect("one too many", "grpc-status=8 ");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("refusals");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, bad_request, 0, sizeof refusals / sizeof refusals[0]);
    tcase_add_test(t, wrong_method_and_content_type);
    tcase_add_test(t, headers_of_more_than_16_kib);
    tcase_add_test(t, nested_message_bomb);
    tcase_add_test(t, inflating_bomb);
    tcase_add_test(t, early_answer_resets_without_error);
    tcase_add_test(t, deadline_passes);
    tcase_add_test(t, default_and_longest_deadline);
    tcase_add_test(t, client_cancels);
    tcase_add_test(t, connection_is_lost);
    tcase_add_test(t, authentication_takes_time);
    tcase_add_test(t, cancelled_while_authenticating);
    tcase_add_test(t, too_many_streams);
    tcase_add_test(t, cancelled_work_is_bounded);
    tcase_add_loop_test(t, flood, 0, sizeof floods / sizeof floods[0]);
    tcase_add_test(t, honest_frames_are_paid_by_work);
    tcase_add_test(t, reset_flood_of_a_stranger);
    tcase_add_test(t, resets_of_one_who_logged_in);
    tcase_add_test(t, not_http2);
    tcase_add_test(t, broken_frames_end_the_connection);
    tcase_add_test(t, endless_continuation);
    tcase_add_test(t, unfinished_requests_are_bounded);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
