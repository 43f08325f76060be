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

/* Where a stream of events and notices stands. Its text is version 2: a third number after the two. */
struct watch_cursor {
    struct feed_cursor at;
    int64_t notice_id; /* the last one he was given; -1: not known (a cursor of version 1), so from now on */
};
enum { WATCH_CURSOR_TEXT_SIZE = 35 };
void watch_cursor_format(const struct watch_cursor *c, char out[WATCH_CURSOR_TEXT_SIZE]);
/* Of either version. "0" is the beginning of both. ERR_INVALID for what is none of ours. */
int watch_cursor_parse(const char *s, struct watch_cursor *ret, struct err *e) MUST_CHECK;

#endif
