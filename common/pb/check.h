/* SPDX-License-Identifier: MIT */
/*
 * The wire pre-check: walks the bytes of a message against its descriptor before protobuf-c sees them, because protobuf-c
 * recurses without limit, accepts broken UTF-8, cuts strings at NUL and lets a few bytes become megabytes.
 * Nothing is unpacked that has not passed; pb_unpack does both.
 */
#ifndef WG_PB_CHECK_H
#define WG_PB_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/err.h"

enum { PB_MAX_DEPTH = 32 };

struct pb_limits {
    size_t max_size; /* bytes of the whole message */
    int max_depth;   /* nested messages, at most PB_MAX_DEPTH; the outermost counts as 1 */
    int max_fields;  /* fields, and elements of packed fields, in all */
};

/* 1 MiB, depth 16, 32,768 fields. */
extern const struct pb_limits pb_limits_default;

/*
 * Checks size, depth, field budget, tags, wire types, varints, UTF-8 and NUL of strings. limits may be NULL (the default).
 * ERR_INVALID with the path of the field ("items[3].case_id") in e->field, ERR_EXHAUSTED for size and budget.
 */
int pb_check(const ProtobufCMessageDescriptor *desc, const uint8_t *data, size_t len, const struct pb_limits *limits,
             struct err *e) MUST_CHECK;

/* An allocator that takes from the arena and never gives back. */
ProtobufCAllocator pb_arena_allocator(struct arena *arena);

/* pb_check, then unpacks into the arena. *ret is borrowed from the arena: never free it. ERR_EXHAUSTED: arena is full. */
int pb_unpack(const ProtobufCMessageDescriptor *desc, const uint8_t *data, size_t len, const struct pb_limits *limits,
              struct arena *arena, ProtobufCMessage **ret, struct err *e) MUST_CHECK;

#endif
