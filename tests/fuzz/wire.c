/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <string.h>

#include "common/h2/deframe.h"

enum { LITERAL_NEVER_INDEXED = 0x10, FIELDS_MAX = 16, HEADERS_FRAME = 1, DATA_FRAME = 0 };

static void say(struct buf *script, const void *data, size_t len)
{
    if (len && buf_append(script, data, len))
        return; /* full */
}

void wire_frame(struct buf *script, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len)
{
    const uint8_t head[9] = {(uint8_t)(len >> 16),    (uint8_t)(len >> 8),     (uint8_t)len,           type,           flags,
                             (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    say(script, head, sizeof head);
    say(script, payload, len);
}

/* Small ids, and one bit for a far one. */
static uint32_t take_stream(struct fuzz_input *in)
{
    uint8_t b = fuzz_byte(in);
    return b & 0x80 ? (uint32_t)(b & 0x7f) << 20 | 1 : b;
}

static void put_string(struct buf *b, const char *s)
{
    size_t len = strlen(s);
    uint8_t head = len < 127 ? (uint8_t)len : 127;
    say(b, &head, 1);
    for (size_t rest = len - 127; len >= 127; rest >>= 7) {
        uint8_t more = rest < 128 ? (uint8_t)rest : (uint8_t)(rest | 128);
        say(b, &more, 1);
        if (rest < 128)
            break;
    }
    say(b, s, len);
}

static void put_headers(struct buf *script, struct fuzz_input *in, const struct wire_field *fields, size_t n_fields)
{
    struct buf block;
    uint8_t flags = fuzz_byte(in);
    uint32_t stream = take_stream(in);
    buf_init(&block, 64 * 1024);
    for (int i = 0; i < FIELDS_MAX && in->len > 0; i++) {
        const uint8_t kind = LITERAL_NEVER_INDEXED;
        uint8_t which = fuzz_byte(in);
        if (which >= n_fields)
            break;
        say(&block, &kind, 1);
        put_string(&block, fields[which].name);
        put_string(&block, fields[which].value);
    }
    wire_frame(script, HEADERS_FRAME, flags, stream, buf_data(&block), buf_len(&block));
    buf_fini(&block);
}

static void put_message(struct buf *script, struct fuzz_input *in, bool compressed)
{
    struct buf body, packed;
    uint8_t prefix[GRPC_PREFIX_LEN];
    uint8_t flags = fuzz_byte(in);
    uint32_t stream = take_stream(in);
    struct fuzz_input payload = fuzz_take(in, fuzz_byte(in));
    buf_init(&body, 1024);
    buf_init(&packed, 1024);
    if (compressed)
        FUZZ_CHECK(grpc_gzip(payload.data, payload.len, &packed) == 0);
    else
        say(&packed, payload.data, payload.len);
    grpc_prefix_put(prefix, compressed, buf_len(&packed));
    say(&body, prefix, sizeof prefix);
    say(&body, buf_data(&packed), buf_len(&packed));
    wire_frame(script, DATA_FRAME, flags, stream, buf_data(&body), buf_len(&body));
    buf_fini(&packed);
    buf_fini(&body);
}

void wire_op(struct buf *script, uint8_t op, struct fuzz_input *in, const struct wire_field *fields, size_t n_fields)
{
    static const uint8_t zeros[64 * 255];
    struct fuzz_input payload;
    uint8_t flags;
    uint32_t stream;
    switch (op) {
    case WIRE_HEADERS:
        put_headers(script, in, fields, n_fields);
        break;
    case WIRE_MESSAGE:
    case WIRE_GZIP:
        put_message(script, in, op == WIRE_GZIP);
        break;
    case WIRE_ZEROS:
        flags = fuzz_byte(in);
        stream = take_stream(in);
        wire_frame(script, DATA_FRAME, flags, stream, zeros, (size_t)64 * fuzz_byte(in));
        break;
    case WIRE_RAW:
        payload = fuzz_take(in, fuzz_byte(in));
        say(script, payload.data, payload.len);
        break;
    default:
        flags = fuzz_byte(in);
        stream = take_stream(in);
        payload = fuzz_take(in, fuzz_byte(in));
        wire_frame(script, op % 10, flags, stream, payload.data, payload.len);
        break;
    }
}
