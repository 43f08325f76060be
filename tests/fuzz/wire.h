/* SPDX-License-Identifier: MIT */
/*
 * HTTP/2 frames for both fuzzed ends. A small language, so that a fuzzer spends its time on what frames mean and not on
 * finding their lengths: an operation below WIRE_OPS appends a frame to the script, the others are the target's own.
 */
#ifndef WG_TESTS_FUZZ_WIRE_H
#define WG_TESTS_FUZZ_WIRE_H

#include "common/base/buf.h"
#include "fuzz.h"

enum {
    /* 0..9: the frame of that type. Then flags, stream, length, payload. */
    WIRE_HEADERS = 0x10, /* flags, stream, fields, each an index of the target's table, ended by one beyond it or 16 of them */
    WIRE_MESSAGE,        /* flags, stream, length, payload: DATA with the gRPC prefix before it */
    WIRE_GZIP,           /* the same, compressed */
    WIRE_ZEROS,          /* flags, stream, n: DATA with 64 n zero bytes */
    WIRE_RAW,            /* length, bytes */
    WIRE_OPS = 0x20,
    WIRE_END_STREAM = 1,
    WIRE_END_HEADERS = 4,
    WIRE_SCRIPT_MAX = 1024 * 1024,
};

struct wire_field {
    const char *name, *value;
};

/* Appends a frame; what does not fit the script is left out. */
void wire_frame(struct buf *script, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len);
/* Takes the operation's arguments from the input. */
void wire_op(struct buf *script, uint8_t op, struct fuzz_input *in, const struct wire_field *fields, size_t n_fields);

#endif
