/* SPDX-License-Identifier: MIT */
#include "common/h2/deframe.h"

#include <string.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16 }; /* zlib: the largest window, gzip wrapper */

void grpc_deframer_init(struct grpc_deframer *d, size_t max_message)
{
    memset(d, 0, sizeof *d);
    d->_max = max_message;
    buf_init(&d->_body, max_message);
    buf_init(&d->_plain, max_message);
}

void grpc_deframer_fini(struct grpc_deframer *d)
{
    buf_fini(&d->_body);
    buf_fini(&d->_plain);
}

int grpc_deframer_set_encoding(struct grpc_deframer *d, const char *name, size_t len, struct err *e)
{
    d->_gzip = len == 4 && memcmp(name, "gzip", 4) == 0;
    if (d->_gzip || (len == 8 && memcmp(name, "identity", 8) == 0))
        return 0;
    return err_set(e, ERR_UNIMPLEMENTED, "The message encoding is not supported; use gzip or identity.");
}

static int inflate_all(struct grpc_deframer *d, const uint8_t *data, size_t len, struct err *e)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len};
    int rc = 0;
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
        return err_set(e, ERR_NOMEM, "There is not enough memory to inflate a message.");
    for (;;) {
        size_t room = d->_max - buf_len(&d->_plain);
        /* One byte more than allowed shows that the message is too long without storing it. */
        uint8_t extra;
        size_t step = room < 16384 ? room : 16384;
        uint8_t *out = step ? buf_reserve(&d->_plain, step) : &extra;
        if (!out) {
            rc = err_set(e, ERR_NOMEM, "There is not enough memory to inflate a message.");
            break;
        }
        z.next_out = out;
        z.avail_out = step ? (uInt)step : 1;
        int zrc = inflate(&z, Z_NO_FLUSH);
        size_t got = (step ? step : 1) - z.avail_out;
        if (step == 0 && got > 0) {
            rc = err_set(e, ERR_EXHAUSTED, "The message is longer than %zu bytes once inflated.", d->_max);
            break;
        }
        if (step)
            buf_commit(&d->_plain, got);
        if (zrc == Z_STREAM_END) {
            if (z.avail_in > 0)
                rc = err_set(e, ERR_INVALID, "The compressed message has bytes after its end.");
            break;
        }
        if (zrc != Z_OK || (z.avail_in == 0 && got == 0)) {
            rc = err_set(e, ERR_INVALID, "The compressed message is not valid gzip.");
            break;
        }
    }
    (void)inflateEnd(&z);
    return rc;
}

/* The prefix is complete: look at it. */
static int begin_message(struct grpc_deframer *d, struct err *e)
{
    if (d->_prefix[0] > 1)
        return err_set(e, ERR_PROTOCOL, "The message's flag byte is %u; only 0 and 1 exist.", d->_prefix[0]);
    d->_compressed = d->_prefix[0] == 1;
    if (d->_compressed && !d->_gzip)
        return err_set(e, ERR_PROTOCOL, "The message is marked compressed, but no grpc-encoding was sent.");
    d->_need = (size_t)d->_prefix[1] << 24 | (size_t)d->_prefix[2] << 16 | (size_t)d->_prefix[3] << 8 | (size_t)d->_prefix[4];
    if (d->_need > d->_max)
        return err_set(e, ERR_EXHAUSTED, "The message has %zu bytes; at most %zu are taken.", d->_need, d->_max);
    return 0;
}

static int finish_message(struct grpc_deframer *d, const uint8_t *body, size_t len, const uint8_t **ret_msg, size_t *ret_len,
                          struct err *e)
{
    d->_have = 0;
    d->_given = true;
    if (!d->_compressed) {
        *ret_msg = body;
        *ret_len = len;
        return 1;
    }
    int rc = inflate_all(d, body, len, e);
    if (rc)
        return rc;
    *ret_msg = buf_data(&d->_plain);
    *ret_len = buf_len(&d->_plain);
    return 1;
}

int grpc_deframer_next(struct grpc_deframer *d, const uint8_t **data, size_t *len, const uint8_t **ret_msg, size_t *ret_len,
                       struct err *e)
{
    if (d->_given) {
        /* Give the memory back: most calls have one message, and an idle stream should cost nothing. */
        buf_fini(&d->_body);
        buf_fini(&d->_plain);
        d->_given = false;
    }
    if (d->_have < GRPC_PREFIX_LEN) {
        size_t n = GRPC_PREFIX_LEN - d->_have;
        if (n > *len)
            n = *len;
        memcpy(d->_prefix + d->_have, *data, n);
        d->_have += (unsigned)n;
        *data += n;
        *len -= n;
        if (d->_have < GRPC_PREFIX_LEN)
            return 0;
        int rc = begin_message(d, e);
        if (rc)
            return rc;
    }
    size_t held = buf_len(&d->_body);
    size_t n = d->_need - held;
    if (held == 0 && *len >= n) {
        const uint8_t *body = *data;
        *data += n;
        *len -= n;
        return finish_message(d, body, n, ret_msg, ret_len, e);
    }
    if (n > *len)
        n = *len;
    if (buf_append(&d->_body, *data, n))
        return err_set(e, ERR_NOMEM, "There is not enough memory for a message.");
    *data += n;
    *len -= n;
    if (buf_len(&d->_body) < d->_need)
        return 0;
    return finish_message(d, buf_data(&d->_body), d->_need, ret_msg, ret_len, e);
}

bool grpc_deframer_is_between(const struct grpc_deframer *d)
{
    return d->_have == 0;
}

bool grpc_deframer_was_compressed(const struct grpc_deframer *d)
{
    return d->_compressed;
}

size_t grpc_deframer_held(const struct grpc_deframer *d)
{
    return d->_given ? 0 : buf_len(&d->_body);
}

int grpc_gzip(const void *data, size_t len, struct buf *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len};
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return ERR_NOMEM;
    uLong bound = deflateBound(&z, (uLong)len);
    int rc = ERR_EXHAUSTED;
    uint8_t *p = buf_reserve(out, bound);
    if (p) {
        z.next_out = p;
        z.avail_out = (uInt)bound;
        rc = deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : ERR_INTERNAL;
        if (!rc)
            buf_commit(out, bound - z.avail_out);
    }
    (void)deflateEnd(&z);
    return rc;
}
