/* SPDX-License-Identifier: MIT */
/*
 * The places of a search segment at which a term occurs, as bytes in the database and as bits in memory. Pure.
 * Stored: a kind byte, then either the places in rising order, two bytes each (big-endian), or a bit map without its trailing
 * zeros, whichever is shorter. Invariant: encoding what was decoded gives the same bytes.
 */
#ifndef WG_DOMAIN_POSTING_H
#define WG_DOMAIN_POSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

enum {
    POSTING_SLOTS = 4096, /* cases in a segment */
    POSTING_WORDS = POSTING_SLOTS / 64,
    POSTING_BYTES_MAX = 1 + POSTING_SLOTS / 8,
};

struct posting {
    uint64_t bits[POSTING_WORDS];
};

void posting_clear(struct posting *p);
/* Places 0 to n - 1. */
void posting_fill(struct posting *p, int n);
/* True if it was not set before. slot < POSTING_SLOTS. */
bool posting_set(struct posting *p, int slot);
/* True if it was set before. */
bool posting_unset(struct posting *p, int slot);
bool posting_has(const struct posting *p, int slot);
bool posting_is_empty(const struct posting *p);
int posting_count(const struct posting *p);
void posting_and(struct posting *p, const struct posting *other);
void posting_or(struct posting *p, const struct posting *other);
/* Adds the stored places to p. ERR_INVALID for bytes that are not ours. */
int posting_decode(struct posting *p, const unsigned char *data, size_t len) MUST_CHECK;
/* Returns the length; 0 if empty. */
size_t posting_encode(const struct posting *p, unsigned char out[POSTING_BYTES_MAX]);

#endif
