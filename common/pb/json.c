/* SPDX-License-Identifier: MIT */
#include "common/pb/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"

#include "common/base/base64.h"
#include "common/base/text.h"
#include "common/base/clock.h"
#include "common/pb/check.h"

/* Appends never stop the walk: the first failure is kept and every later one is skipped. */
struct writer {
    struct buf *out;
    const struct pb_json_opts *opts;
    int rc;
    int depth; /* of nested messages */
    int level; /* of brackets, for the indent */
};

static void put(struct writer *w, const char *s, size_t n)
{
    if (!w->rc)
        w->rc = buf_append(w->out, s, n);
}

static void puts_(struct writer *w, const char *s)
{
    put(w, s, strlen(s));
}

static void put_char(struct writer *w, char c)
{
    put(w, &c, 1);
}

static void newline(struct writer *w)
{
    if (w->opts->indent <= 0)
        return;
    put_char(w, '\n');
    for (int i = 0; i < w->level * w->opts->indent; i++)
        put_char(w, ' ');
}

static void open_bracket(struct writer *w, char c)
{
    put_char(w, c);
    w->level++;
}

static void close_bracket(struct writer *w, char c, bool empty)
{
    w->level--;
    if (!empty)
        newline(w);
    put_char(w, c);
}

/* Before every member or element. */
static void separate(struct writer *w, bool *first)
{
    if (!*first)
        put_char(w, ',');
    *first = false;
    newline(w);
}

/* Somebody may look at the JSON in a terminal: what that would obey is written as an escape. */
static void put_text(struct writer *w, const char *s)
{
    static const char hex[] = "0123456789abcdef";
    put_char(w, '"');
    for (const char *run = s;;) {
        uint32_t cp = (unsigned char)*s;
        size_t n = 1;
        if (cp >= 0x80 && (n = text_decode(s, strnlen(s, 4), &cp)) == 0) {
            s++; /* not checked here: the reader of the message did */
            continue;
        }
        if (cp != '"' && cp != '\\' && !text_cp_deceives(cp)) {
            s += n;
            continue;
        }
        put(w, run, (size_t)(s - run));
        if (cp == '\0')
            break;
        run = s += n;
        switch (cp) {
        case '"':
            puts_(w, "\\\"");
            break;
        case '\\':
            puts_(w, "\\\\");
            break;
        case '\n':
            puts_(w, "\\n");
            break;
        case '\r':
            puts_(w, "\\r");
            break;
        case '\t':
            puts_(w, "\\t");
            break;
        default: {
            const char esc[] = {'\\', 'u', hex[cp >> 12], hex[cp >> 8 & 15], hex[cp >> 4 & 15], hex[cp & 15]};
            put(w, esc, sizeof esc);
        }
        }
    }
    put_char(w, '"');
}

static void put_name(struct writer *w, const char *name)
{
    put_text(w, name);
    puts_(w, w->opts->indent > 0 ? ": " : ":");
}

/* The JSON name of a field: lowerCamelCase. Field names are at most 63 bytes long in our protos; longer ones are cut. */
static void camel_case(const char *name, char out[64])
{
    size_t n = 0;
    bool up = false;
    for (; *name && n < 63; name++) {
        if (*name == '_') {
            up = true;
            continue;
        }
        out[n++] = up && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        up = false;
    }
    out[n] = '\0';
}

static void put_base64(struct writer *w, const void *data, size_t len)
{
    put_char(w, '"');
    const unsigned char *p = data;
    while (len > 0 && !w->rc) {
        char text[BASE64_SIZE(48)];
        size_t n = len < 48 ? len : 48;
        put(w, text, base64_encode(p, n, true, text));
        p += n;
        len -= n;
    }
    put_char(w, '"');
}

/* The shortest decimal that reads back as the same number. */
static void put_real(struct writer *w, double v, bool single)
{
    char text[40];
    if (isnan(v)) {
        puts_(w, "\"NaN\"");
        return;
    }
    if (isinf(v)) {
        puts_(w, v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    for (int digits = single ? 6 : 15; digits <= (single ? 9 : 17); digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v)
            break;
    }
    puts_(w, text);
}

static void put_int(struct writer *w, int64_t v, bool quoted)
{
    char text[32];
    (void)snprintf(text, sizeof text, quoted ? "\"%" PRId64 "\"" : "%" PRId64, v);
    puts_(w, text);
}

static void put_uint(struct writer *w, uint64_t v, bool quoted)
{
    char text[32];
    (void)snprintf(text, sizeof text, quoted ? "\"%" PRIu64 "\"" : "%" PRIu64, v);
    puts_(w, text);
}

static void put_nanos(char out[16], int32_t nanos)
{
    if (nanos == 0)
        out[0] = '\0';
    else if (nanos % 1000000 == 0)
        (void)snprintf(out, 16, ".%03d", nanos / 1000000);
    else if (nanos % 1000 == 0)
        (void)snprintf(out, 16, ".%06d", nanos / 1000);
    else
        (void)snprintf(out, 16, ".%09d", nanos);
}

static void put_timestamp(struct writer *w, const Google__Protobuf__Timestamp *t)
{
    char text[80], fraction[16];
    struct civil c;
    /* 0001-01-01 to 9999-12-31: the range of the type. */
    if (t->seconds < INT64_C(-62135596800) || t->seconds > INT64_C(253402300799) || t->nanos < 0 || t->nanos > 999999999) {
        puts_(w, "null");
        return;
    }
    clock_to_civil(t->seconds * USEC_PER_SEC, 0, &c);
    put_nanos(fraction, t->nanos);
    (void)snprintf(text, sizeof text, "\"%04d-%02d-%02dT%02d:%02d:%02d%sZ\"", c.year, c.month, c.day, c.hour, c.minute,
                   c.second, fraction);
    puts_(w, text);
}

static void put_duration(struct writer *w, const Google__Protobuf__Duration *d)
{
    char text[64], fraction[16];
    bool negative = d->seconds < 0 || d->nanos < 0;
    int64_t nanos = d->nanos < 0 ? -(int64_t)d->nanos : d->nanos;
    uint64_t seconds = d->seconds < 0 ? -(uint64_t)d->seconds : (uint64_t)d->seconds;
    put_nanos(fraction, nanos > 999999999 ? 999999999 : (int32_t)nanos);
    (void)snprintf(text, sizeof text, "\"%s%" PRIu64 "%ss\"", negative ? "-" : "", seconds, fraction);
    puts_(w, text);
}

static void put_message(struct writer *w, const ProtobufCMessage *msg);
static bool put_members(struct writer *w, const ProtobufCMessage *msg, bool first);

static void put_any(struct writer *w, const Google__Protobuf__Any *any)
{
    const char *slash = strrchr(any->type_url, '/');
    const char *name = slash ? slash + 1 : any->type_url;
    const ProtobufCMessageDescriptor *desc = NULL;
    for (const ProtobufCMessageDescriptor *const *t = w->opts->any_types; t && *t; t++) {
        if (strcmp((*t)->name, name) == 0)
            desc = *t;
    }
    open_bracket(w, '{');
    bool first = true;
    separate(w, &first);
    put_name(w, "@type");
    put_text(w, any->type_url);
    struct arena *arena = desc ? arena_create((size_t)4 * 1024 * 1024) : NULL;
    ProtobufCMessage *msg;
    if (arena && pb_unpack(desc, any->value.data, any->value.len, NULL, arena, &msg, NULL) == 0) {
        put_members(w, msg, first);
    } else {
        separate(w, &first);
        put_name(w, "value");
        put_base64(w, any->value.data, any->value.len);
    }
    arena_destroy(arena);
    close_bracket(w, '}', false);
}

static void put_enum(struct writer *w, const ProtobufCFieldDescriptor *f, int v)
{
    const ProtobufCEnumValue *name = protobuf_c_enum_descriptor_get_value(f->descriptor, v);
    if (name)
        put_text(w, name->name);
    else
        put_int(w, v, false);
}

/* One value of the field at p; quoted for map keys, which JSON wants as strings. */
static void put_value(struct writer *w, const ProtobufCFieldDescriptor *f, const void *p, bool key)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        put_int(w, *(const int32_t *)p, key);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        put_int(w, *(const int64_t *)p, true);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        put_uint(w, *(const uint32_t *)p, key);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        put_uint(w, *(const uint64_t *)p, true);
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        put_real(w, (double)*(const float *)p, true);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        put_real(w, *(const double *)p, false);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        puts_(w, key ? (*(const protobuf_c_boolean *)p ? "\"true\"" : "\"false\"")
                     : (*(const protobuf_c_boolean *)p ? "true" : "false"));
        break;
    case PROTOBUF_C_TYPE_ENUM:
        put_enum(w, f, *(const int *)p);
        break;
    case PROTOBUF_C_TYPE_STRING: {
        const char *s = *(char *const *)p;
        put_text(w, s ? s : "");
        break;
    }
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *b = p;
        put_base64(w, b->data, b->len);
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *m = *(ProtobufCMessage *const *)p;
        if (m)
            put_message(w, m);
        else
            puts_(w, "null");
        break;
    }
    }
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return 4;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(int);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    }
    return 0;
}

/* Descriptors do not mark maps; the compiler names their entry type after the field ("metadata" -> "MetadataEntry"). */
static bool is_map(const ProtobufCFieldDescriptor *f)
{
    if (f->type != PROTOBUF_C_TYPE_MESSAGE || f->label != PROTOBUF_C_LABEL_REPEATED)
        return false;
    const ProtobufCMessageDescriptor *entry = f->descriptor;
    if (entry->n_fields != 2 || strcmp(entry->fields[0].name, "key") != 0 || strcmp(entry->fields[1].name, "value") != 0)
        return false;
    char name[64];
    camel_case(f->name, name);
    if (name[0] >= 'a' && name[0] <= 'z')
        name[0] = (char)(name[0] - 'a' + 'A');
    const char *dot = strrchr(entry->name, '.');
    const char *last = dot ? dot + 1 : entry->name;
    size_t n = strlen(name);
    return strncmp(last, name, n) == 0 && strcmp(last + n, "Entry") == 0;
}

static void put_repeated(struct writer *w, const ProtobufCFieldDescriptor *f, const char *items, size_t n)
{
    open_bracket(w, '[');
    bool first = true;
    for (size_t i = 0; i < n && !w->rc; i++) {
        separate(w, &first);
        put_value(w, f, items + i * size_of(f->type), false);
    }
    close_bracket(w, ']', first);
}

static void put_map(struct writer *w, ProtobufCMessage *const *entries, size_t n)
{
    open_bracket(w, '{');
    bool first = true;
    for (size_t i = 0; i < n && !w->rc; i++) {
        const ProtobufCFieldDescriptor *key = &entries[i]->descriptor->fields[0];
        const ProtobufCFieldDescriptor *value = &entries[i]->descriptor->fields[1];
        separate(w, &first);
        if (key->type == PROTOBUF_C_TYPE_ENUM)
            break; /* not a key type */
        put_value(w, key, (const char *)entries[i] + key->offset, true);
        puts_(w, w->opts->indent > 0 ? ": " : ":");
        put_value(w, value, (const char *)entries[i] + value->offset, false);
    }
    close_bracket(w, '}', first);
}

/* Whether a singular field has something to show. */
static bool is_present(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *f, const void *p, bool with_defaults)
{
    if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)((const char *)msg + f->quantifier_offset) == f->id;
    if (f->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)p != NULL;
    if (with_defaults)
        return true;
    if (f->type == PROTOBUF_C_TYPE_STRING)
        return *(char *const *)p && **(char *const *)p;
    if (f->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)p)->len > 0;
    if (f->type == PROTOBUF_C_TYPE_BOOL)
        return *(const protobuf_c_boolean *)p;
    static const char zero[8];
    return memcmp(p, zero, size_of(f->type)) != 0;
}

/* The members of msg; first tells whether one was written before. Returns whether the object is still empty. */
static bool put_members(struct writer *w, const ProtobufCMessage *msg, bool first)
{
    for (unsigned i = 0; i < msg->descriptor->n_fields && !w->rc; i++) {
        const ProtobufCFieldDescriptor *f = &msg->descriptor->fields[i];
        const char *p = (const char *)msg + f->offset;
        char name[64];
        camel_case(f->name, name);
        if (f->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t n = *(const size_t *)(const void *)((const char *)msg + f->quantifier_offset);
            const char *items = *(char *const *)(const void *)p;
            if (n == 0 && !w->opts->with_defaults)
                continue;
            separate(w, &first);
            put_name(w, name);
            if (is_map(f))
                put_map(w, (ProtobufCMessage *const *)(const void *)items, n);
            else
                put_repeated(w, f, items, n);
        } else if (is_present(msg, f, p, w->opts->with_defaults)) {
            separate(w, &first);
            put_name(w, name);
            put_value(w, f, p, false);
        }
    }
    return first;
}

static void put_message(struct writer *w, const ProtobufCMessage *msg)
{
    /* Messages from the wire are bounded by the pre-check; this bounds those built by hand. */
    if (w->depth >= PB_MAX_DEPTH) {
        w->rc = ERR_INVALID;
        return;
    }
    w->depth++;
    if (msg->descriptor == &google__protobuf__timestamp__descriptor) {
        put_timestamp(w, (const Google__Protobuf__Timestamp *)msg);
    } else if (msg->descriptor == &google__protobuf__duration__descriptor) {
        put_duration(w, (const Google__Protobuf__Duration *)msg);
    } else if (msg->descriptor == &google__protobuf__any__descriptor) {
        put_any(w, (const Google__Protobuf__Any *)msg);
    } else {
        open_bracket(w, '{');
        close_bracket(w, '}', put_members(w, msg, true));
    }
    w->depth--;
}

int pb_json_write(const ProtobufCMessage *msg, const struct pb_json_opts *opts, struct buf *out, struct err *e)
{
    static const struct pb_json_opts compact = {0};
    struct writer w = {.out = out, .opts = opts ? opts : &compact};
    put_message(&w, msg);
    if (w.rc == ERR_INVALID)
        return err_set(e, w.rc, "The message is nested too deeply to be written as JSON.");
    if (w.rc)
        return err_set(e, w.rc, "The message is too long to be written as JSON.");
    return 0;
}
