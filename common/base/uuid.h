/* SPDX-License-Identifier: MIT */
/* UUIDs (RFC 9562). Identifiers are version 7: their order is their age, which keeps index pages warm. */
#ifndef WG_BASE_UUID_H
#define WG_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/clock.h"

enum { UUID_TEXT_LEN = 36 };

struct uuid {
    uint8_t bytes[16];
};

/* Makes a version 7 UUID for the instant now_us, monotonic within this process. Randomness from getrandom(2). */
struct uuid uuid_v7(usec_t now_us);
/* Makes a version 8 UUID from 16 bytes of a hash (RFC 9562 §5.8), for ids that must come out the same again. */
struct uuid uuid_from_hash(const uint8_t hash[16]);
/* Parses the canonical form in either case; false otherwise. */
bool uuid_parse(const char *s, struct uuid *ret);
/* Writes the canonical lower-case form. */
void uuid_format(const struct uuid *u, char out[UUID_TEXT_LEN + 1]);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
/* Their order as bytes, which is that of the database; like memcmp. */
int uuid_compare(const struct uuid *a, const struct uuid *b);
bool uuid_is_nil(const struct uuid *u);
/* Version field, 0..15. */
int uuid_version(const struct uuid *u);
/* The instant inside a version 7 UUID, to the millisecond. */
usec_t uuid_v7_time(const struct uuid *u);

#endif
