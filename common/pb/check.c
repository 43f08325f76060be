/* SPDX-License-Identifier: MIT */
#include "common/pb/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/text.h"

const struct pb_limits pb_limits_default = {.max_size = 1024 * 1024, .max_depth = 16, .max_fields = 32768};

/* Wire types (protobuf encoding). Groups, 3 and 4, do not exist in proto3. */
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LEN = 2, WIRE_32 = 5 };

/* One message on the way from the outermost to the one being read. */
struct frame {
    const ProtobufCMessageDescriptor *desc;
    const uint8_t *start;
    const uint8_t *end;
    const ProtobufCFieldDescriptor *field; /* being read; NULL for a field the descriptor does not know */
    const uint8_t *field_start;            /* its tag */
};

struct walk {
    struct frame stack[PB_MAX_DEPTH];
    int depth; /* frames in use */
    int fields_left;
    const uint8_t *p;
};

/* Reads a varint of at most 64 bits; false if it is cut off, too long or overflows. */
static bool read_varint(const uint8_t **p, const uint8_t *end, uint64_t *ret)
{
    uint64_t v = 0;
    const uint8_t *q = *p;
    for (int shift = 0; shift < 70; shift += 7, q++) {
        if (q == end)
            return false;
        if (shift == 63 && *q > 1)
            return false;
        v |= (uint64_t)(*q & 0x7f) << shift;
        if (!(*q & 0x80)) {
            *p = q + 1;
            *ret = v;
            return true;
        }
    }
    return false;
}

/* Reads a tag; like the official parsers it accepts no more than five bytes. */
static bool read_tag(const uint8_t **p, const uint8_t *end, uint32_t *ret_id, int *ret_wire)
{
    uint64_t tag;
    const uint8_t *start = *p;
    if (!read_varint(p, end, &tag) || tag > UINT32_MAX || *p - start > 5 || tag >> 3 == 0)
        return false;
    *ret_id = (uint32_t)(tag >> 3);
    *ret_wire = (int)(tag & 7);
    return true;
}

/* Skips a value; false if it is cut off or of an unknown wire type. */
static bool skip_value(const uint8_t **p, const uint8_t *end, int wire)
{
    uint64_t v;
    switch (wire) {
    case WIRE_VARINT:
        return read_varint(p, end, &v);
    case WIRE_64:
        if (end - *p < 8)
            return false;
        *p += 8;
        return true;
    case WIRE_32:
        if (end - *p < 4)
            return false;
        *p += 4;
        return true;
    case WIRE_LEN:
        if (!read_varint(p, end, &v) || v > (uint64_t)(end - *p))
            return false;
        *p += v;
        return true;
    default:
        return false;
    }
}

/* How often the field occurred in its message before the place being read: only asked when an error is reported. */
static unsigned field_index(const struct frame *f)
{
    unsigned n = 0;
    const uint8_t *p = f->start;
    while (p < f->field_start) {
        uint32_t id;
        int wire;
        if (!read_tag(&p, f->end, &id, &wire) || !skip_value(&p, f->end, wire))
            break;
        if (id == f->field->id)
            n++;
    }
    return n;
}

static void format_path(const struct walk *w, char out[96])
{
    struct err scratch = {0};
    size_t n = 0;
    for (int i = 0; i < w->depth && n < sizeof scratch.field - 1; i++) {
        const struct frame *f = &w->stack[i];
        if (!f->field)
            break;
        int k = f->field->label == PROTOBUF_C_LABEL_REPEATED
                    ? snprintf(scratch.field + n, sizeof scratch.field - n, "%s%s[%u]", i ? "." : "", f->field->name,
                               field_index(f))
                    : snprintf(scratch.field + n, sizeof scratch.field - n, "%s%s", i ? "." : "", f->field->name);
        n += k > 0 ? (size_t)k : 0;
    }
    memcpy(out, scratch.field, sizeof scratch.field);
}

static int refuse(const struct walk *w, struct err *e, int code, const char *what)
{
    char path[96];
    format_path(w, path);
    if (path[0])
        return err_field(e, code, path, "The request is not valid at %s: %s.", path, what);
    return err_set(e, code, "The request is not valid: %s.", what);
}

static int expected_wire(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        return WIRE_VARINT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_64;
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_32;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_LEN;
    }
    return -1;
}

static int take_budget(struct walk *w, struct err *e)
{
    if (--w->fields_left < 0)
        return refuse(w, e, ERR_EXHAUSTED, "too many fields or elements");
    return 0;
}

/* The elements of a packed field in [w->p, end). */
static int check_packed(struct walk *w, const ProtobufCFieldDescriptor *field, const uint8_t *end, struct err *e)
{
    int wire = expected_wire(field->type);
    while (w->p < end) {
        int rc = take_budget(w, e);
        if (rc)
            return rc;
        /* protobuf-c takes each byte of a packed bool as an element, so only the two one-byte forms can be let through. */
        if (field->type == PROTOBUF_C_TYPE_BOOL && *w->p > 1)
            return refuse(w, e, ERR_INVALID, "a packed bool is neither 0 nor 1");
        if (!skip_value(&w->p, end, wire))
            return refuse(w, e, ERR_INVALID, "a packed value is cut off");
    }
    return 0;
}

static int check_string(struct walk *w, const uint8_t *end, struct err *e)
{
    size_t len = (size_t)(end - w->p);
    if (memchr(w->p, 0, len))
        return refuse(w, e, ERR_INVALID, "the text contains a NUL character");
    if (!text_is_utf8((const char *)w->p, len))
        return refuse(w, e, ERR_INVALID, "the text is not UTF-8");
    w->p = end;
    return 0;
}

/* A length-delimited value of a known field; pushes a frame for a message. */
static int check_delimited(struct walk *w, const struct pb_limits *limits, struct err *e)
{
    struct frame *f = &w->stack[w->depth - 1];
    const ProtobufCFieldDescriptor *field = f->field;
    uint64_t len;
    if (!read_varint(&w->p, f->end, &len) || len > (uint64_t)(f->end - w->p))
        return refuse(w, e, ERR_INVALID, "its length goes beyond the end of the message");
    const uint8_t *end = w->p + len;
    switch (field->type) { /* NOLINT: the scalars are all packed fields */
    case PROTOBUF_C_TYPE_STRING:
        return check_string(w, end, e);
    case PROTOBUF_C_TYPE_BYTES:
        w->p = end;
        return 0;
    case PROTOBUF_C_TYPE_MESSAGE:
        if (w->depth >= limits->max_depth)
            return refuse(w, e, ERR_INVALID, "messages are nested too deeply");
        w->stack[w->depth++] = (struct frame){.desc = field->descriptor, .start = w->p, .end = end};
        return 0;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return check_packed(w, field, end, e);
    }
    return refuse(w, e, ERR_INTERNAL, "the field's type is unknown");
}

static int check_field(struct walk *w, const struct pb_limits *limits, struct err *e)
{
    struct frame *f = &w->stack[w->depth - 1];
    uint32_t id;
    int wire;
    f->field = NULL;
    f->field_start = w->p;
    int rc = take_budget(w, e);
    if (rc)
        return rc;
    if (!read_tag(&w->p, f->end, &id, &wire))
        return refuse(w, e, ERR_INVALID, "a field tag is broken");
    f->field = protobuf_c_message_descriptor_get_field(f->desc, id);
    if (!f->field) {
        if (!skip_value(&w->p, f->end, wire))
            return refuse(w, e, ERR_INVALID, "an unknown field is cut off or of an unknown wire type");
        return 0;
    }
    int want = expected_wire(f->field->type);
    bool packed = wire == WIRE_LEN && want != WIRE_LEN && f->field->label == PROTOBUF_C_LABEL_REPEATED;
    if (wire != want && !packed)
        return refuse(w, e, ERR_INVALID, "its wire type does not fit its declaration");
    if (wire == WIRE_LEN)
        return check_delimited(w, limits, e);
    if (!skip_value(&w->p, f->end, wire))
        return refuse(w, e, ERR_INVALID, "its value is cut off");
    return 0;
}

int pb_check(const ProtobufCMessageDescriptor *desc, const uint8_t *data, size_t len, const struct pb_limits *limits,
             struct err *e)
{
    if (!limits)
        limits = &pb_limits_default;
    if (len > limits->max_size)
        return err_set(e, ERR_EXHAUSTED, "The message has %zu bytes; at most %zu are taken.", len, limits->max_size);
    if (len == 0)
        return 0;
    struct walk w;
    w.depth = 1;
    w.fields_left = limits->max_fields;
    w.p = data;
    w.stack[0] = (struct frame){.desc = desc, .start = data, .end = data + len};
    while (w.depth > 0) {
        if (w.p == w.stack[w.depth - 1].end) {
            w.depth--;
            continue;
        }
        int rc = check_field(&w, limits, e);
        if (rc)
            return rc;
    }
    return 0;
}

static void *alloc_from_arena(void *data, size_t size)
{
    return arena_alloc(data, size);
}

static void keep_in_arena(void *data, void *p)
{
    (void)data;
    (void)p;
}

ProtobufCAllocator pb_arena_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){.alloc = alloc_from_arena, .free = keep_in_arena, .allocator_data = arena};
}

int pb_unpack(const ProtobufCMessageDescriptor *desc, const uint8_t *data, size_t len, const struct pb_limits *limits,
              struct arena *arena, ProtobufCMessage **ret, struct err *e)
{
    int rc = pb_check(desc, data, len, limits, e);
    if (rc)
        return rc;
    ProtobufCAllocator allocator = pb_arena_allocator(arena);
    ProtobufCMessage *msg = protobuf_c_message_unpack(desc, &allocator, len, data);
    /* What passed the check is well-formed; what is left to fail is memory. */
    if (!msg)
        return err_set(e, ERR_EXHAUSTED, "The message needs more memory than a request may use.");
    *ret = msg;
    return 0;
}
