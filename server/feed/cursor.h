/* SPDX-License-Identifier: MIT */
/*
 * A position in the change feed: the transaction and the running number within it. Everything a reader of the position has not
 * seen lies above it. Its text is opaque to clients: base64url of a version byte, the two numbers big-endian.
 */
#ifndef WG_FEED_CURSOR_H
#define WG_FEED_CURSOR_H

#include <stdint.h>

#include "common/base/err.h"

struct feed_cursor {
    uint64_t xid;
    int64_t seq;
};
enum { FEED_CURSOR_TEXT_SIZE = 24 }; /* 23 characters and the end */

/* -1, 0, 1. */
int feed_cursor_compare(struct feed_cursor a, struct feed_cursor b);
void feed_cursor_format(struct feed_cursor c, char out[FEED_CURSOR_TEXT_SIZE]);
/* "0" is the beginning. ERR_INVALID for what is none of ours. */
int feed_cursor_parse(const char *s, struct feed_cursor *ret, struct err *e) MUST_CHECK;

#endif
