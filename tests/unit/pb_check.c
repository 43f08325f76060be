/* SPDX-License-Identifier: MIT */
/* The wire pre-check: what it lets through, what it refuses, and where it says the fault is. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "wangge/v1/case.pb-c.h"

#include "common/pb/check.h"

struct row {
    const char *name;
    const ProtobufCMessageDescriptor *desc;
    const char *bytes;
    size_t len;
    int rc;
    const char *field;
};
#define BYTES(s) s, sizeof(s) - 1

static const struct row rows[] = {
    {"empty message", &wangge__v1__get_case_request__descriptor, BYTES(""), 0, ""},
    {"a string", &wangge__v1__get_case_request__descriptor,
     BYTES("\x0a\x03"
           "abc"),
     0, ""},
    {"Chinese text", &wangge__v1__get_case_request__descriptor, BYTES("\x0a\x06\xe7\xbd\x91\xe6\xa0\xbc"), 0, ""},
    {"an unknown field", &wangge__v1__get_case_request__descriptor, BYTES("\xf8\x07\x01"), 0, ""},
    {"NUL in a string", &wangge__v1__get_case_request__descriptor,
     BYTES("\x0a\x03"
           "a\0b"),
     ERR_INVALID, "case_id"},
    {"broken UTF-8", &wangge__v1__get_case_request__descriptor, BYTES("\x0a\x02\xc3\x28"), ERR_INVALID, "case_id"},
    {"overlong UTF-8", &wangge__v1__get_case_request__descriptor, BYTES("\x0a\x02\xc0\x80"), ERR_INVALID, "case_id"},
    {"length beyond the end", &wangge__v1__get_case_request__descriptor,
     BYTES("\x0a\x04"
           "abc"),
     ERR_INVALID, "case_id"},
    {"huge length", &wangge__v1__get_case_request__descriptor, BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     ERR_INVALID, "case_id"},
    {"truncated length", &wangge__v1__get_case_request__descriptor, BYTES("\x0a\x80"), ERR_INVALID, "case_id"},
    {"truncated tag", &wangge__v1__get_case_request__descriptor, BYTES("\x8a"), ERR_INVALID, ""},
    {"tag of more than five bytes", &wangge__v1__get_case_request__descriptor, BYTES("\x8a\x80\x80\x80\x80\x00\x00"),
     ERR_INVALID, ""},
    {"field number 0", &wangge__v1__get_case_request__descriptor, BYTES("\x02\x00"), ERR_INVALID, ""},
    {"varint for a string", &wangge__v1__get_case_request__descriptor, BYTES("\x08\x01"), ERR_INVALID, "case_id"},
    {"start of a group", &wangge__v1__get_case_request__descriptor, BYTES("\x0b\x0c"), ERR_INVALID, "case_id"},
    {"unknown group", &wangge__v1__get_case_request__descriptor, BYTES("\xfb\x07\xfc\x07"), ERR_INVALID, ""},
    {"wire type 7", &wangge__v1__get_case_request__descriptor, BYTES("\xff\x07\x00"), ERR_INVALID, ""},
    {"varint of 64 bits", &wangge__v1__submit_case_request__descriptor, BYTES("\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     0, ""},
    {"varint of 65 bits", &wangge__v1__submit_case_request__descriptor, BYTES("\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
     ERR_INVALID, "urgency"},
    {"varint of eleven bytes", &wangge__v1__submit_case_request__descriptor,
     BYTES("\x40\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), ERR_INVALID, "urgency"},
    {"cut double", &wangge__v1__point__descriptor, BYTES("\x09\0\0\0"), ERR_INVALID, "latitude"},
    {"packed enums", &wangge__v1__case_filter__descriptor, BYTES("\x0a\x03\x01\x02\x03"), 0, ""},
    {"unpacked enums", &wangge__v1__case_filter__descriptor, BYTES("\x08\x01\x08\x02"), 0, ""},
    {"packed enums, cut", &wangge__v1__case_filter__descriptor, BYTES("\x0a\x02\x01\x80"), ERR_INVALID, "states[0]"},
    {"path into a list", &wangge__v1__submit_cases_request__descriptor, BYTES("\x0a\x02\x0a\x00\x0a\x05\x2a\x03\x09\0\0"),
     ERR_INVALID, "items[1].location.latitude"},
    {"map entry", &google__rpc__error_info__descriptor, BYTES("\x1a\x06\x0a\x01k\x12\x01\xff"), ERR_INVALID,
     "metadata[0].value"},
    {"inner message longer than the outer", &wangge__v1__submit_cases_request__descriptor,
     BYTES("\x0a\x03\x0a\x04"
           "a"),
     ERR_INVALID, "items[0].request_id"},
};

START_TEST(check_row)
{
    const struct row *r = &rows[_i];
    struct err e = {0};
    /* A copy of the exact size, so a read past the end shows under the sanitizer. */
    uint8_t *data = malloc(r->len ? r->len : 1);
    memcpy(data, r->bytes, r->len);
    int rc = pb_check(r->desc, data, r->len, NULL, &e);
    ck_assert_msg(rc == r->rc, "%s: got %s, wanted %s", r->name, err_name(rc), err_name(r->rc));
    if (rc)
        ck_assert_msg(strcmp(e.field, r->field) == 0, "%s: field '%s', wanted '%s'", r->name, e.field, r->field);
    if (rc == 0) {
        struct arena *a = arena_create(1 << 20);
        ProtobufCMessage *msg = NULL;
        ck_assert_int_eq(pb_unpack(r->desc, data, r->len, NULL, a, &msg, &e), 0);
        ck_assert_ptr_nonnull(msg);
        arena_destroy(a);
    }
    free(data);
}
END_TEST

/* DescriptorProto.nested_type = 3 contains itself: n levels of it. */
static size_t nest(uint8_t *out, int levels)
{
    size_t len = 0;
    for (int i = 0; i < levels; i++) {
        uint8_t head[8];
        size_t n = 0;
        head[n++] = 0x1a;
        size_t v = len;
        while (v >= 0x80) {
            head[n++] = (uint8_t)(v | 0x80);
            v >>= 7;
        }
        head[n++] = (uint8_t)v;
        memmove(out + n, out, len);
        memcpy(out, head, n);
        len += n;
    }
    return len;
}

START_TEST(nesting_is_bounded)
{
    uint8_t *data = malloc(40000);
    struct err e = {0};
    size_t len = nest(data, 15);
    ck_assert_int_eq(pb_check(&google__protobuf__descriptor_proto__descriptor, data, len, NULL, &e), 0);
    len = nest(data, 16);
    ck_assert_int_eq(pb_check(&google__protobuf__descriptor_proto__descriptor, data, len, NULL, &e), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(e.field, "nested_type[0].nested_type[0]"));
    len = nest(data, 9000);
    ck_assert_int_eq(pb_check(&google__protobuf__descriptor_proto__descriptor, data, len, NULL, &e), ERR_INVALID);
    free(data);
}
END_TEST

START_TEST(sizes_and_budgets)
{
    struct pb_limits limits = {.max_size = 64, .max_depth = 4, .max_fields = 10};
    uint8_t data[65] = {0x0a, 63};
    struct err e = {0};
    ck_assert_int_eq(pb_check(&wangge__v1__get_case_request__descriptor, data, 65, &limits, &e), ERR_EXHAUSTED);
    /* Twenty empty items of two bytes. */
    for (int i = 0; i < 40; i += 2) {
        data[i] = 0x0a;
        data[i + 1] = 0;
    }
    ck_assert_int_eq(pb_check(&wangge__v1__submit_cases_request__descriptor, data, 20, &limits, &e), 0);
    ck_assert_int_eq(pb_check(&wangge__v1__submit_cases_request__descriptor, data, 40, &limits, &e), ERR_EXHAUSTED);
    /* A packed field counts its elements. */
    uint8_t packed[22] = {0x0a, 20};
    ck_assert_int_eq(pb_check(&wangge__v1__case_filter__descriptor, packed, 22, &limits, &e), ERR_EXHAUSTED);
    ck_assert_str_eq(e.field, "states[0]");
}
END_TEST

START_TEST(unpack_fills_the_arena_only)
{
    struct arena *a = arena_create(4096);
    struct err e = {0};
    ProtobufCMessage *msg = NULL;
    static const uint8_t ok[] = "\x0a\x02\x0a\x00\x0a\x04\x0a\x02"
                                "ab";
    ck_assert_int_eq(pb_unpack(&wangge__v1__submit_cases_request__descriptor, ok, sizeof ok - 1, NULL, a, &msg, &e), 0);
    const Wangge__V1__SubmitCasesRequest *req = (const void *)msg;
    ck_assert_uint_eq(req->n_items, 2);
    ck_assert_str_eq(req->items[1]->request_id, "ab");
    uint8_t many[2000];
    for (size_t i = 0; i < sizeof many; i += 2) {
        many[i] = 0x0a;
        many[i + 1] = 0;
    }
    ck_assert_int_eq(pb_unpack(&wangge__v1__submit_cases_request__descriptor, many, sizeof many, NULL, a, &msg, &e),
                     ERR_EXHAUSTED);
    arena_destroy(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pb_check");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, check_row, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, nesting_is_bounded);
    tcase_add_test(t, sizes_and_budgets);
    tcase_add_test(t, unpack_fills_the_arena_only);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
