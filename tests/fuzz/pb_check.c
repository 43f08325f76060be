/* SPDX-License-Identifier: MIT */
/*
 * The wire pre-check against every request of the API. Input: which request, then its bytes. What the check lets through must
 * unpack within the arena, hold only UTF-8 without NUL, survive a repack, and print as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/pb/check.h"
#include "common/pb/json.h"
#include "fuzz.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "wangge/v1/auth.pb-c.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/report.pb-c.h"
#include "wangge/v1/watch.pb-c.h"

enum { ARENA_MAX = 16 * 1024 * 1024, JSON_MAX = 16 * 1024 * 1024 };

static const ProtobufCMessageDescriptor *const requests[] = {
#define REQUEST(name) &name##__descriptor,
#include "requests.h"
#undef REQUEST
};

static void check_text(const char *s)
{
    FUZZ_CHECK(text_is_utf8(s, strlen(s)));
}

static void check_strings(const ProtobufCMessage *msg);

static void check_value(const ProtobufCFieldDescriptor *f, const void *value)
{
    if (f->type == PROTOBUF_C_TYPE_STRING && *(char *const *)value)
        check_text(*(char *const *)value);
    else if (f->type == PROTOBUF_C_TYPE_MESSAGE && *(ProtobufCMessage *const *)value)
        check_strings(*(ProtobufCMessage *const *)value);
}

static void check_strings(const ProtobufCMessage *msg)
{
    const char *base = (const char *)msg;
    for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &msg->descriptor->fields[i];
        const void *value = base + f->offset;
        if (f->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t n = *(const size_t *)(const void *)(base + f->quantifier_offset);
            for (size_t k = 0; k < n && (f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE); k++)
                check_value(f, *(void *const *const *)value + k);
        } else if (!(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
                   *(const int *)(const void *)(base + f->quantifier_offset) == (int)f->id) {
            check_value(f, value);
        }
    }
}

static uint8_t *pack(const ProtobufCMessage *msg, size_t *ret_len)
{
    *ret_len = protobuf_c_message_get_packed_size(msg);
    uint8_t *bytes = malloc(*ret_len + 1);
    FUZZ_CHECK(bytes && protobuf_c_message_pack(msg, bytes) == *ret_len);
    return bytes;
}

static void print(const ProtobufCMessage *msg)
{
    struct buf out;
    struct err e = {0};
    buf_init(&out, JSON_MAX);
    if (pb_json_write(msg, NULL, &out, &e) == 0)
        FUZZ_CHECK(buf_len(&out) >= 2 && text_is_utf8((const char *)buf_data(&out), buf_len(&out)));
    else
        FUZZ_CHECK(e.code == ERR_EXHAUSTED);
    buf_fini(&out);
}

static void check_error(const struct err *e, int rc)
{
    FUZZ_CHECK(rc == e->code && e->text[0]);
    check_text(e->text);
    check_text(e->field);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    const ProtobufCMessageDescriptor *desc = requests[fuzz_byte(&in) % (sizeof requests / sizeof requests[0])];
    struct arena *arena = arena_create(ARENA_MAX);
    ProtobufCMessage *msg = NULL, *again = NULL;
    struct err e = {0};
    int rc = pb_check(desc, in.data, in.len, NULL, &e);
    if (rc) {
        check_error(&e, rc);
        FUZZ_CHECK(rc == ERR_INVALID || rc == ERR_EXHAUSTED);
        FUZZ_CHECK(pb_unpack(desc, in.data, in.len, NULL, arena, &msg, &e) == rc);
        arena_destroy(arena);
        return 0;
    }
    rc = pb_unpack(desc, in.data, in.len, NULL, arena, &msg, &e);
    if (rc) { /* never for what the message is */
        check_error(&e, rc);
        FUZZ_CHECK(rc == ERR_EXHAUSTED);
        arena_destroy(arena);
        return 0;
    }
    check_strings(msg);
    print(msg);
    size_t len, len2;
    uint8_t *bytes = pack(msg, &len);
    struct arena *arena2 = arena_create(ARENA_MAX);
    const struct pb_limits wide = {.max_size = 64u << 20, .max_depth = PB_MAX_DEPTH, .max_fields = 1 << 20};
    rc = pb_unpack(desc, bytes, len, &wide, arena2, &again, &e);
    FUZZ_CHECK(rc == 0 || rc == ERR_EXHAUSTED);
    if (rc == 0) {
        uint8_t *bytes2 = pack(again, &len2);
        FUZZ_CHECK(len2 == len && memcmp(bytes, bytes2, len) == 0);
        free(bytes2);
    }
    free(bytes);
    arena_destroy(arena2);
    arena_destroy(arena);
    return 0;
}
