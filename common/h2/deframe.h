/* SPDX-License-Identifier: MIT */
/*
 * Cuts a stream of DATA into length-prefixed gRPC messages, which may be split anywhere, the prefix included, and inflates
 * compressed ones. One per direction of a call; no I/O. A message that arrived in one piece is not copied.
 */
#ifndef WG_H2_DEFRAME_H
#define WG_H2_DEFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/h2/grpc.h"

struct grpc_deframer {
    uint8_t _prefix[GRPC_PREFIX_LEN];
    unsigned _have; /* bytes of the prefix */
    bool _compressed;
    bool _gzip;  /* the peer named this encoding */
    bool _given; /* _body or _plain was handed out and goes with the next call */
    size_t _need;
    size_t _max;
    struct buf _body;  /* of a message that came in pieces */
    struct buf _plain; /* inflated */
};

/* max_message bounds a message before and after inflating. Allocates nothing. */
void grpc_deframer_init(struct grpc_deframer *d, size_t max_message);
void grpc_deframer_fini(struct grpc_deframer *d);
/* The peer's grpc-encoding: "identity" and "gzip" are known, others are ERR_UNIMPLEMENTED. */
int grpc_deframer_set_encoding(struct grpc_deframer *d, const char *name, size_t len, struct err *e) MUST_CHECK;
/*
 * Takes bytes from *data, moving it and *len on. Returns 1 with a message, borrowed until the next call and no longer than
 * the data; call again while *len > 0. Returns 0 when all was taken and more is needed.
 * ERR_EXHAUSTED: longer than max_message. ERR_PROTOCOL: flag byte, or compressed without an encoding. ERR_INVALID: bad gzip.
 */
int grpc_deframer_next(struct grpc_deframer *d, const uint8_t **data, size_t *len, const uint8_t **ret_msg, size_t *ret_len,
                       struct err *e) MUST_CHECK;
/* True between messages: an end of stream here is clean. */
bool grpc_deframer_is_between(const struct grpc_deframer *d);
/* Whether the message just given was compressed on the wire. */
bool grpc_deframer_was_compressed(const struct grpc_deframer *d);
/* Bytes held of a message that is not complete. */
size_t grpc_deframer_held(const struct grpc_deframer *d);

/* Appends data compressed as gzip. ERR_EXHAUSTED if out's maximum does not hold it. */
int grpc_gzip(const void *data, size_t len, struct buf *out) MUST_CHECK;

#endif
