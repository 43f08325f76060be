/* SPDX-License-Identifier: MIT */
/*
 * The deframer. Input: a byte of flags and the split lengths, then the stream. However a stream is split, the same messages
 * come out and the same error; with the flag "pack" the rest is a message that is compressed here and must come back whole.
 */
#include <stdlib.h>
#include <string.h>

#include "common/h2/deframe.h"
#include "fuzz.h"

enum { FLAG_GZIP = 8, FLAG_SMALL = 16, FLAG_PACK = 32, SMALL_MESSAGE = 64, MESSAGE_MAX = 64 * 1024 };

struct seen {
    uint64_t hash;
    size_t n, last_len;
    int rc;
    bool between;
};

static struct seen run(const uint8_t *data, size_t len, struct fuzz_splits splits, bool gzip, size_t max)
{
    struct seen s = {.hash = FUZZ_HASH};
    struct grpc_deframer d;
    struct err e = {0};
    grpc_deframer_init(&d, max);
    const char *encoding = gzip ? "gzip" : "identity";
    FUZZ_CHECK(grpc_deframer_set_encoding(&d, encoding, strlen(encoding), &e) == 0);
    while (len > 0 && s.rc == 0) {
        size_t piece = fuzz_splits_next(&splits, len);
        /* A copy as large as the piece: the deframer must not look further. */
        uint8_t *copy = malloc(piece);
        memcpy(copy, data, piece);
        const uint8_t *p = copy;
        size_t left = piece;
        const uint8_t *msg;
        size_t msg_len;
        int rc = 1;
        while (rc == 1 && left > 0) {
            rc = grpc_deframer_next(&d, &p, &left, &msg, &msg_len, &e);
            FUZZ_CHECK(p + left == copy + piece);
            if (rc == 1) {
                FUZZ_CHECK(msg_len <= max && (msg_len <= MESSAGE_MAX));
                bool compressed = grpc_deframer_was_compressed(&d);
                s.hash = fuzz_hash(s.hash, &msg_len, sizeof msg_len);
                s.hash = fuzz_hash(s.hash, msg, msg_len);
                s.hash = fuzz_hash(s.hash, &compressed, sizeof compressed);
                s.n++;
                s.last_len = msg_len;
            }
            FUZZ_CHECK(grpc_deframer_held(&d) <= max + GRPC_PREFIX_LEN);
        }
        if (rc < 0) {
            FUZZ_CHECK(rc == ERR_EXHAUSTED || rc == ERR_PROTOCOL || rc == ERR_INVALID);
            FUZZ_CHECK(e.code == rc && e.text[0]);
            s.rc = rc;
        } else {
            FUZZ_CHECK(left == 0);
        }
        free(copy);
        data += piece;
        len -= piece;
    }
    s.between = s.rc == 0 && grpc_deframer_is_between(&d);
    grpc_deframer_fini(&d);
    return s;
}

static void round_trip(const struct fuzz_input *in, struct fuzz_splits splits)
{
    struct buf packed, stream;
    uint8_t prefix[GRPC_PREFIX_LEN];
    buf_init(&packed, 2 * MESSAGE_MAX);
    buf_init(&stream, 2 * MESSAGE_MAX);
    FUZZ_CHECK(grpc_gzip(in->data, in->len, &packed) == 0);
    grpc_prefix_put(prefix, true, buf_len(&packed));
    FUZZ_CHECK(buf_append(&stream, prefix, sizeof prefix) == 0);
    FUZZ_CHECK(buf_append(&stream, buf_data(&packed), buf_len(&packed)) == 0);
    struct seen s = run(buf_data(&stream), buf_len(&stream), splits, true, 2 * MESSAGE_MAX);
    bool compressed = true;
    uint64_t want = fuzz_hash(FUZZ_HASH, &in->len, sizeof in->len);
    want = fuzz_hash(want, in->data, in->len);
    want = fuzz_hash(want, &compressed, sizeof compressed);
    FUZZ_CHECK(s.rc == 0 && s.n == 1 && s.hash == want && s.between);
    buf_fini(&packed);
    buf_fini(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    const struct fuzz_splits whole = {0};
    struct fuzz_splits splits;
    uint8_t flags = fuzz_byte(&in);
    fuzz_splits_init(&splits, flags, &in);
    if (flags & FLAG_PACK) {
        if (in.len <= MESSAGE_MAX)
            round_trip(&in, splits);
        return 0;
    }
    size_t max = flags & FLAG_SMALL ? SMALL_MESSAGE : MESSAGE_MAX;
    struct seen a = run(in.data, in.len, whole, flags & FLAG_GZIP, max);
    struct seen b = run(in.data, in.len, splits, flags & FLAG_GZIP, max);
    FUZZ_CHECK(a.n == b.n && a.hash == b.hash && a.rc == b.rc && a.between == b.between);
    return 0;
}
