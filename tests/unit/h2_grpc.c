/* SPDX-License-Identifier: MIT */
/* gRPC's small codings and the message deframer, split everywhere. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/h2/deframe.h"
#include "common/h2/grpc.h"

START_TEST(timeouts_parse)
{
    static const struct {
        const char *text;
        int rc;
        usec_t us;
    } rows[] = {
        {"1H", 0, 3600 * USEC_PER_SEC},
        {"2M", 0, 120 * USEC_PER_SEC},
        {"10S", 0, 10 * USEC_PER_SEC},
        {"100m", 0, 100000},
        {"7u", 0, 7},
        {"1n", 0, 1},
        {"1000n", 0, 1},
        {"0S", 0, 0},
        {"99999999H", 0, INT64_C(99999999) * 3600 * USEC_PER_SEC},
        {"100000000S", ERR_INVALID, 0},
        {"", ERR_INVALID, 0},
        {"S", ERR_INVALID, 0},
        {"5", ERR_INVALID, 0},
        {"-1S", ERR_INVALID, 0},
        {"+1S", ERR_INVALID, 0},
        {"1 S", ERR_INVALID, 0},
        {"1s", ERR_INVALID, 0},
        {"1.5S", ERR_INVALID, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        usec_t us = -1;
        int rc = grpc_timeout_parse(rows[i].text, strlen(rows[i].text), &us);
        ck_assert_msg(rc == rows[i].rc, "%s", rows[i].text);
        if (rc == 0)
            ck_assert_msg(us == rows[i].us, "%s: %lld", rows[i].text, (long long)us);
    }
}
END_TEST

START_TEST(timeouts_format)
{
    static const struct {
        usec_t us;
        const char *text;
    } rows[] = {
        {0, "1u"},
        {-5, "1u"},
        {1, "1u"},
        {99999999, "99999999u"},
        {100000000, "100000m"},
        {100000001, "100001m"},
        {INT64_C(99999999) * 1000 + 1, "100000S"},
        {INT64_MAX, "99999999H"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[16];
        grpc_timeout_format(rows[i].us, text);
        if (rows[i].us == INT64_MAX)
            ck_assert_int_eq(text[strlen(text) - 1], 'H');
        else
            ck_assert_str_eq(text, rows[i].text);
    }
}
END_TEST

START_TEST(messages_are_percent_coded)
{
    char enc[GRPC_MAX_ENCODED_MESSAGE], dec[300];
    ck_assert_uint_eq(grpc_message_encode("plain text", enc, sizeof enc), 10);
    ck_assert_str_eq(enc, "plain text");
    grpc_message_encode("100%\t网\n", enc, sizeof enc);
    ck_assert_str_eq(enc, "100%25%09%E7%BD%91%0A");
    grpc_message_decode(enc, strlen(enc), dec, sizeof dec);
    ck_assert_str_eq(dec, "100%\t网\n");
    /* Cut at a character. */
    ck_assert_uint_eq(grpc_message_encode("ab网", enc, 10), 2);
    ck_assert_str_eq(enc, "ab");
    grpc_message_decode("a%zz%4", 6, dec, sizeof dec);
    ck_assert_str_eq(dec, "a%zz%4");
    grpc_message_decode("a%FFb", 5, dec, sizeof dec);
    ck_assert_str_eq(dec, "a?b");
    grpc_message_decode("%00x", 4, dec, sizeof dec);
    ck_assert_str_eq(dec, "");
}
END_TEST

START_TEST(content_types)
{
    static const struct {
        const char *s;
        bool ok;
    } rows[] = {{"application/grpc", true},   {"application/grpc+proto", true}, {"application/grpc;charset=x", true},
                {"application/grpcx", false}, {"application/json", false},      {"", false},
                {"application/grp", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(grpc_is_content_type(rows[i].s, strlen(rows[i].s)) == rows[i].ok, "%s", rows[i].s);
}
END_TEST

/* Three messages, the middle one empty, the last one compressed. */
static size_t make_stream(uint8_t *out)
{
    size_t n = 0;
    grpc_prefix_put(out, false, 5);
    memcpy(out + 5, "hello", 5);
    n = 10;
    grpc_prefix_put(out + n, false, 0);
    n += 5;
    struct buf z;
    buf_init(&z, 1000);
    ck_assert_int_eq(grpc_gzip("world, world, world", 19, &z), 0);
    grpc_prefix_put(out + n, true, buf_len(&z));
    memcpy(out + n + 5, buf_data(&z), buf_len(&z));
    n += 5 + buf_len(&z);
    buf_fini(&z);
    return n;
}

static int feed(struct grpc_deframer *d, const uint8_t *data, size_t len, int *count)
{
    static const char *const want[] = {"hello", "", "world, world, world"};
    /* A copy of the exact size shows a read beyond it. */
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, data, len);
    const uint8_t *p = copy;
    int rc = 0;
    while (len > 0) {
        const uint8_t *msg;
        size_t msg_len;
        struct err e;
        rc = grpc_deframer_next(d, &p, &len, &msg, &msg_len, &e);
        if (rc <= 0)
            break;
        ck_assert_uint_eq(msg_len, strlen(want[*count]));
        ck_assert_int_eq(memcmp(msg, want[*count], msg_len), 0);
        (*count)++;
    }
    free(copy);
    return rc;
}

START_TEST(deframer_split_in_two_and_three)
{
    uint8_t data[200];
    size_t len = make_stream(data);
    for (size_t a = 0; a <= len; a++) {
        for (size_t b = a; b <= len; b++) {
            struct grpc_deframer d;
            struct err e;
            int count = 0;
            grpc_deframer_init(&d, 1000);
            ck_assert_int_eq(grpc_deframer_set_encoding(&d, "gzip", 4, &e), 0);
            feed(&d, data, a, &count);
            feed(&d, data + a, b - a, &count);
            feed(&d, data + b, len - b, &count);
            ck_assert_int_eq(count, 3);
            ck_assert(grpc_deframer_is_between(&d));
            ck_assert_uint_eq(grpc_deframer_held(&d), 0);
            grpc_deframer_fini(&d);
        }
    }
}
END_TEST

START_TEST(deframer_refuses)
{
    static const uint8_t bad_flag[] = {2, 0, 0, 0, 0}, no_encoding[] = {1, 0, 0, 0, 1, 0}, too_long[] = {0, 0, 0, 1, 1},
                         huge[] = {0, 0xff, 0xff, 0xff, 0xff}, bad_gzip[] = {1, 0, 0, 0, 3, 'a', 'b', 'c'},
                         empty_gzip[] = {1, 0, 0, 0, 0};
    static const struct {
        const uint8_t *data;
        size_t len;
        const char *encoding;
        int rc;
    } rows[] = {
        {bad_flag, sizeof bad_flag, "identity", ERR_PROTOCOL},  {no_encoding, sizeof no_encoding, "identity", ERR_PROTOCOL},
        {too_long, sizeof too_long, "identity", ERR_EXHAUSTED}, {huge, sizeof huge, "identity", ERR_EXHAUSTED},
        {bad_gzip, sizeof bad_gzip, "gzip", ERR_INVALID},       {empty_gzip, sizeof empty_gzip, "gzip", ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct grpc_deframer d;
        struct err e = {0};
        int count = 0;
        grpc_deframer_init(&d, 256);
        ck_assert_int_eq(grpc_deframer_set_encoding(&d, rows[i].encoding, strlen(rows[i].encoding), &e), 0);
        ck_assert_msg(feed(&d, rows[i].data, rows[i].len, &count) == rows[i].rc, "row %zu", i);
        grpc_deframer_fini(&d);
    }
    struct grpc_deframer d;
    struct err e = {0};
    grpc_deframer_init(&d, 256);
    ck_assert_int_eq(grpc_deframer_set_encoding(&d, "br", 2, &e), ERR_UNIMPLEMENTED);
    grpc_deframer_fini(&d);
}
END_TEST

START_TEST(inflating_is_capped)
{
    enum { BIG = 4 * 1024 * 1024 };
    uint8_t *zeros = calloc(1, BIG), head[5];
    struct buf z;
    buf_init(&z, 2 * BIG);
    ck_assert_int_eq(grpc_gzip(zeros, BIG, &z), 0);
    ck_assert_uint_lt(buf_len(&z), 32 * 1024);
    for (size_t max = 64 * 1024; max <= BIG; max *= 2) {
        struct grpc_deframer d;
        struct err e = {0};
        const uint8_t *msg, *p = head;
        size_t msg_len, len = 5;
        grpc_deframer_init(&d, max);
        ck_assert_int_eq(grpc_deframer_set_encoding(&d, "gzip", 4, &e), 0);
        grpc_prefix_put(head, true, buf_len(&z));
        ck_assert_int_eq(grpc_deframer_next(&d, &p, &len, &msg, &msg_len, &e), 0);
        p = buf_data(&z);
        len = buf_len(&z);
        ck_assert_int_eq(grpc_deframer_next(&d, &p, &len, &msg, &msg_len, &e), max < BIG ? ERR_EXHAUSTED : 1);
        grpc_deframer_fini(&d);
    }
    buf_fini(&z);
    free(zeros);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("h2_grpc");
    TCase *t = tcase_create("all");
    tcase_add_test(t, timeouts_parse);
    tcase_add_test(t, timeouts_format);
    tcase_add_test(t, messages_are_percent_coded);
    tcase_add_test(t, content_types);
    tcase_add_test(t, deframer_split_in_two_and_three);
    tcase_add_test(t, deframer_refuses);
    tcase_add_test(t, inflating_is_capped);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
