/* SPDX-License-Identifier: MIT */
/*
 * Writes any message as JSON after its descriptor, by the proto3 JSON mapping: lowerCamelCase names, enums as names, 64-bit
 * integers as strings, bytes as base64, Timestamp as RFC 3339, maps as objects.
 */
#ifndef WG_PB_JSON_H
#define WG_PB_JSON_H

#include <stdbool.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct pb_json_opts {
    int indent;         /* blanks per level; 0: everything on one line */
    bool with_defaults; /* also fields that are zero or empty */
    /* Message types that a google.protobuf.Any may hold, NULL-terminated; others are written as base64. May be NULL. */
    const ProtobufCMessageDescriptor *const *any_types;
};

/* Appends msg to out, without a newline at the end. opts may be NULL. ERR_EXHAUSTED: out is full; ERR_INVALID: too deep. */
int pb_json_write(const ProtobufCMessage *msg, const struct pb_json_opts *opts, struct buf *out, struct err *e) MUST_CHECK;

#endif
