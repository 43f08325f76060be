/* SPDX-License-Identifier: MIT */
/*
 * Byte-exact transcripts: request bytes in, response bytes out, the request split in two at every offset and fed byte by
 * byte. The expected bytes are written out below, frame by frame.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

/* Every connection: SETTINGS (16 streams, 256 KiB windows, 16 KiB headers), the connection's window to 1 MiB. */
#define GREETING                                                                                                               \
    "000012 04 00 00000000 0003 00000010 0004 00040000 0006 00004000"                                                          \
    "000004 08 00 00000000 000f0001"
#define SETTINGS_ACK "000000 04 01 00000000"

struct transcript {
    const char *name;
    void (*script)(struct peer *p);
    const char *answer; /* hex, blanks ignored */
};

static void script_unary(struct peer *p)
{
    peer_request(p, 0, 1, "/grpc.testing.TestService/EmptyCall", NULL);
    peer_message(p, PEER_END_STREAM, 1, NULL, 0);
}

static void script_two_unary(struct peer *p)
{
    script_unary(p);
    peer_turn(p);
    peer_request(p, 0, 3, "/grpc.testing.TestService/EmptyCall", NULL);
    peer_message(p, PEER_END_STREAM, 3, NULL, 0);
}

static void script_unknown_method(struct peer *p)
{
    peer_request(p, PEER_END_STREAM, 1, "/grpc.testing.TestService/Nothing", NULL);
}

static void script_handler_error(struct peer *p)
{
    const char *const token[] = {"authorization", "Bearer good", NULL};
    peer_request(p, 0, 1, "/test.Probe/Conflict", token);
    peer_message(p, PEER_END_STREAM, 1, NULL, 0);
}

/* Two messages of 3 and 0 bytes. */
static void script_server_stream(struct peer *p)
{
    peer_request(p, 0, 1, "/grpc.testing.TestService/StreamingOutputCall", NULL);
    peer_message(p, PEER_END_STREAM, 1, "\x12\x02\x08\x03\x12\x00", 6);
}

/* Each request asks for one answer; the second DATA frame carries one and a half messages, the third the rest. */
static void script_bidi(struct peer *p)
{
    peer_request(p, 0, 1, "/grpc.testing.TestService/FullDuplexCall", NULL);
    peer_message(p, 0, 1, "\x12\x02\x08\x01", 4);
    peer_turn(p);
    peer_frame(p, NGHTTP2_DATA, 0, 1, "\0\0\0\0\x04\x12\x02\x08\x02\0\0", 11);
    peer_turn(p);
    peer_frame(p, NGHTTP2_DATA, PEER_END_STREAM, 1, "\0\0\x04\x12\x02\x08\x01", 7);
}

#define RESPONSE_HEADERS(stream) "00000e 01 04 " stream " 88 5f 8b 1d75d0620d263d4c4d6564"

/* grpc-status 0, END_STREAM */
#define TRAILERS_OK(stream) "00000c 01 05 " stream " 40 88 9acac8b21234da8f 01 30"

static const struct transcript transcripts[] = {
    {"unary", script_unary,
     GREETING SETTINGS_ACK
         /* :status 200 is static entry 8, content-type entry 31, its value Huffman-coded */
         RESPONSE_HEADERS("00000001") "000005 00 00 00000001 00 00000000" TRAILERS_OK("00000001")},
    {"two unary calls: the second finds the headers in the table", script_two_unary,
     GREETING SETTINGS_ACK RESPONSE_HEADERS("00000001") "000005 00 00 00000001 00 00000000" TRAILERS_OK(
         "00000001") "000002 01 04 00000003 88 bf"
                     "000005 00 00 00000003 00 00000000"
                     "000001 01 05 00000003 be"},
    {"unknown method: trailers only", script_unknown_method,
     GREETING SETTINGS_ACK
     /* grpc-status 12, grpc-message "The server has no such method." never indexed, END_STREAM */
     "00003d 01 05 00000001 88 5f8b1d75d0620d263d4c4d6564 40889acac8b21234da8f 023132"
     "10 899acac8b5254207317f 96df3954416cee5b149c6852a3a88b493a9495339e45ff"},
    {"error of a handler: trailers only, with details", script_handler_error,
     GREETING SETTINGS_ACK
     /* grpc-status 10, the message percent-coded, google.rpc.Status with ErrorInfo and BadRequest in base64 */
     "000111 01 05 00000001 88 5f8b1d75d0620d263d4c4d6564 40889acac8b21234da8f 023130"
     "10 899acac8b5254207317f a65703aabcfaaf3cae07157ef2b0de519515c0dab75d56e895c0f2b770aaf3aae07157ef2afe1f"
     "10 909acac8b21234da85a42a466a10b466ab ff31bd09f760b4b94da864b2f43ef26ae4ca2d3313ffb192af27ff778d380bf97"
     "68cf4c9de31488fde587c0ff345bcc4fa738a4ef18a447eee6fd13168b76fe65f51b3972c74fef7c13e4cd7b069d7bfafee8ddc34"
     "f0c137eb3cf93757e8b80f7c27ae4c7478fddcdd5189faa3c5c67262a3de7a74f78f73f54627ea8f170b4955de99fae59ff70e5a0"
     "9f9c68233b3763f0792f4d20bf7f32fb1f27edc13e7a8dcfa53566f1368f57e84bb9cfdda969ab2bd"},
    {"server stream", script_server_stream,
     GREETING SETTINGS_ACK RESPONSE_HEADERS(
         "00000001") "000013 00 00 00000001 00 00000007 0a05 1203 000000 00 00000002 0a00" TRAILERS_OK("00000001")},
    {"bidi stream, messages across frames", script_bidi,
     GREETING SETTINGS_ACK RESPONSE_HEADERS("00000001") "00000a 00 00 00000001 00 00000005 0a03 1201 00"
                                                        "00000b 00 00 00000001 00 00000006 0a04 1202 0000"
                                                        "00000a 00 00 00000001 00 00000005 0a03 1201 00" TRAILERS_OK(
                                                            "00000001")},
};

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        unsigned v;
        ck_assert_int_eq(sscanf(hex, "%2x", &v), 1);
        out[n++] = (uint8_t)v;
        hex++;
    }
    return n;
}

static void expect_answer(struct peer *p, const struct transcript *t, const uint8_t *want, size_t want_len, const char *how,
                          size_t at)
{
    if (buf_len(&p->answer) == want_len && memcmp(buf_data(&p->answer), want, want_len) == 0)
        return;
    (void)printf("%s, %s %zu, got:\n", t->name, how, at);
    for (size_t i = 0; i < buf_len(&p->answer); i++)
        (void)printf("%02x", buf_data(&p->answer)[i]);
    char text[8192];
    peer_text(p, text, sizeof text);
    (void)printf("\n%s\nwanted:\n", text);
    for (size_t i = 0; i < want_len; i++)
        (void)printf("%02x", want[i]);
    (void)printf("\n");
    ck_abort_msg("%s, %s %zu: other bytes", t->name, how, at);
}

START_TEST(transcript)
{
    const struct transcript *t = &transcripts[_i];
    uint8_t want[4096];
    struct peer p;
    size_t want_len = from_hex(t->answer, want);
    peer_init(&p);
    peer_preface(&p);
    t->script(&p);
    size_t len = buf_len(&p.script);
    for (size_t at = 0; at <= len; at++) {
        peer_reconnect(&p);
        peer_preface(&p);
        t->script(&p);
        peer_feed(&p, 0, at);
        peer_feed(&p, at, len);
        expect_answer(&p, t, want, want_len, "split at", at);
    }
    peer_reconnect(&p);
    peer_preface(&p);
    t->script(&p);
    for (size_t at = 0; at < len; at++)
        peer_feed(&p, at, at + 1);
    expect_answer(&p, t, want, want_len, "byte by byte", len);
    peer_fini(&p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transcripts");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, transcript, 0, sizeof transcripts / sizeof transcripts[0]);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
