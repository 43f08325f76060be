/* SPDX-License-Identifier: MIT */
/* The JSON writer against the proto3 JSON mapping. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "wangge/v1/case.pb-c.h"

#include "common/base/base64.h"
#include "common/pb/json.h"

static void expect(const void *msg, const struct pb_json_opts *opts, const char *want)
{
    struct buf out;
    struct err e = {0};
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(pb_json_write(msg, opts, &out, &e), 0);
    ck_assert_int_eq(buf_append(&out, "", 1), 0);
    ck_assert_str_eq((const char *)buf_data(&out), want);
    buf_fini(&out);
}

START_TEST(scalars)
{
    Wangge__V1__SubmitCaseResponse m = WANGGE__V1__SUBMIT_CASE_RESPONSE__INIT;
    expect(&m, NULL, "{}");
    m.case_id = (char *)"a\"b\\\n\x01网";
    m.version = INT64_C(9007199254740993);
    m.state = WANGGE__V1__CASE_STATE__CASE_STATE_CLOSED;
    m.replayed = 1;
    Google__Protobuf__Timestamp at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    at.seconds = 1609459200;
    at.nanos = 500000000;
    m.due_at = &at;
    expect(&m, NULL,
           "{\"caseId\":\"a\\\"b\\\\\\n\\u0001网\",\"version\":\"9007199254740993\",\"state\":\"CASE_STATE_CLOSED\","
           "\"replayed\":true,\"dueAt\":\"2021-01-01T00:00:00.500Z\"}");
    /* What a terminal would obey. */
    m.case_id = (char *)"\x1b[2J\xc2\x9b"
                        "2J\u202e漏\u2028\ufeff";
    m.due_at = NULL;
    m.version = 0;
    expect(&m, NULL,
           "{\"caseId\":\"\\u001b[2J\\u009b2J\\u202e漏\\u2028\\ufeff\",\"state\":\"CASE_STATE_CLOSED\",\"replayed\":true}");
    m.state = 999;
    m.case_id = m.number = (char *)"";
    m.version = 0;
    m.replayed = 0;
    m.due_at = NULL;
    struct pb_json_opts opts = {.indent = 2, .with_defaults = true};
    expect(&m, &opts,
           "{\n  \"caseId\": \"\",\n  \"number\": \"\",\n  \"version\": \"0\",\n  \"state\": 999,\n  \"gridCode\": \"\",\n"
           "  \"replayed\": false\n}");
}
END_TEST

START_TEST(reals)
{
    Wangge__V1__Point p = WANGGE__V1__POINT__INIT;
    p.latitude = 46.5893;
    p.longitude = 125.1031 / 3;
    struct buf out;
    buf_init(&out, 1000);
    ck_assert_int_eq(pb_json_write(&p.base, NULL, &out, NULL), 0);
    ck_assert_int_eq(buf_append(&out, "", 1), 0);
    const char *s = (const char *)buf_data(&out);
    ck_assert_ptr_nonnull(strstr(s, "\"latitude\":46.5893,"));
    ck_assert(strtod(strstr(s, "longitude\":") + 11, NULL) == p.longitude);
    buf_fini(&out);
    p.latitude = -1.0 / 0.0;
    p.longitude = 0.0;
    expect(&p, NULL, "{\"latitude\":\"-Infinity\"}");
}
END_TEST

START_TEST(times)
{
    Google__Protobuf__Timestamp t = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    t.seconds = -1;
    t.nanos = 1;
    expect(&t, NULL, "\"1969-12-31T23:59:59.000000001Z\"");
    t.nanos = 0;
    t.seconds = INT64_C(-62135596800);
    expect(&t, NULL, "\"0001-01-01T00:00:00Z\"");
    t.seconds = INT64_MAX;
    expect(&t, NULL, "null");
    Google__Protobuf__Duration d = GOOGLE__PROTOBUF__DURATION__INIT;
    d.seconds = 1;
    d.nanos = 250000;
    expect(&d, NULL, "\"1.000250s\"");
    d.seconds = 0;
    d.nanos = -500000000;
    expect(&d, NULL, "\"-0.500s\"");
}
END_TEST

START_TEST(maps_bytes_oneofs_lists)
{
    Google__Rpc__ErrorInfo__MetadataEntry e1 = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT, e2 = e1;
    e1.key = (char *)"a";
    e1.value = (char *)"1";
    e2.key = (char *)"b";
    Google__Rpc__ErrorInfo__MetadataEntry *entries[] = {&e1, &e2};
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    info.reason = (char *)"STALE";
    info.n_metadata = 2;
    info.metadata = entries;
    expect(&info, NULL, "{\"reason\":\"STALE\",\"metadata\":{\"a\":\"1\",\"b\":\"\"}}");

    Grpc__Reflection__V1__FileDescriptorResponse f = GRPC__REFLECTION__V1__FILE_DESCRIPTOR_RESPONSE__INIT;
    ProtobufCBinaryData blobs[] = {{.len = 1, .data = (uint8_t *)"M"}, {.len = 3, .data = (uint8_t *)"Man"}};
    f.n_file_descriptor_proto = 2;
    f.file_descriptor_proto = blobs;
    expect(&f, NULL, "{\"fileDescriptorProto\":[\"TQ==\",\"TWFu\"]}");

    /* A chosen member of a oneof shows even when it is empty. */
    Wangge__V1__GetCaseRequest g = WANGGE__V1__GET_CASE_REQUEST__INIT;
    g.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER;
    g.number = (char *)"";
    expect(&g, NULL, "{\"number\":\"\"}");

    Wangge__V1__CaseState states[] = {1, 2};
    Wangge__V1__CaseFilter filter = WANGGE__V1__CASE_FILTER__INIT;
    filter.n_states = 2;
    filter.states = states;
    struct buf out;
    buf_init(&out, 1000);
    ck_assert_int_eq(pb_json_write(&filter.base, NULL, &out, NULL), 0);
    ck_assert_int_eq(memcmp(buf_data(&out), "{\"states\":[\"CASE_STATE_", 23), 0);
    buf_fini(&out);
}
END_TEST

START_TEST(any_known_and_unknown)
{
    uint8_t packed[64];
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    info.reason = (char *)"R";
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT, *anys[] = {&any};
    any.type_url = (char *)"type.googleapis.com/google.rpc.ErrorInfo";
    any.value.len = google__rpc__error_info__pack(&info, packed);
    any.value.data = packed;
    Google__Rpc__Status st = GOOGLE__RPC__STATUS__INIT;
    st.code = 9;
    st.n_details = 1;
    st.details = anys;
    expect(&st, NULL, "{\"code\":9,\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"value\":\"CgFS\"}]}");
    const ProtobufCMessageDescriptor *const types[] = {&google__rpc__error_info__descriptor, NULL};
    struct pb_json_opts opts = {.any_types = types};
    expect(&st, &opts, "{\"code\":9,\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"R\"}]}");
}
END_TEST

START_TEST(limits)
{
    Wangge__V1__GetCaseRequest g = WANGGE__V1__GET_CASE_REQUEST__INIT;
    g.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER;
    g.number = (char *)"0123456789";
    struct buf out;
    struct err e = {0};
    buf_init(&out, 16);
    ck_assert_int_eq(pb_json_write(&g.base, NULL, &out, &e), ERR_EXHAUSTED);
    buf_fini(&out);

    Google__Protobuf__DescriptorProto d[40], *p[40];
    for (int i = 0; i < 40; i++) {
        google__protobuf__descriptor_proto__init(&d[i]);
        p[i] = &d[i];
        if (i > 0) {
            d[i - 1].n_nested_type = 1;
            d[i - 1].nested_type = &p[i];
        }
    }
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(pb_json_write(&d[0].base, NULL, &out, &e), ERR_INVALID);
    buf_fini(&out);
}
END_TEST

START_TEST(base64_round_trip)
{
    unsigned char data[64], back[80];
    char text[BASE64_SIZE(sizeof data)];
    for (size_t n = 0; n < sizeof data; n++) {
        for (size_t i = 0; i < n; i++)
            data[i] = (unsigned char)(i * 37 + n);
        for (int padded = 0; padded < 2; padded++) {
            size_t len = base64_encode(data, n, padded, text), got;
            ck_assert_uint_eq(len, strlen(text));
            ck_assert_int_eq(base64_decode(text, len, back, &got), 0);
            ck_assert_uint_eq(got, n);
            ck_assert_int_eq(memcmp(back, data, n), 0);
        }
    }
    size_t got;
    static const char *const bad[] = {"A", "AB=C", "A===", "AB!D", "====", "A=="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(base64_decode(bad[i], strlen(bad[i]), back, &got) == ERR_INVALID, "%s", bad[i]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pb_json");
    TCase *t = tcase_create("all");
    tcase_add_test(t, scalars);
    tcase_add_test(t, reals);
    tcase_add_test(t, times);
    tcase_add_test(t, maps_bytes_oneofs_lists);
    tcase_add_test(t, any_known_and_unknown);
    tcase_add_test(t, limits);
    tcase_add_test(t, base64_round_trip);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
