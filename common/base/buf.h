/* SPDX-License-Identifier: MIT */
/*
 * A growable byte buffer born with a maximum, read from the front and written at the back. A failed append leaves it
 * unchanged. Embedded: buf_init/buf_fini.
 */
#ifndef WG_BASE_BUF_H
#define WG_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

struct buf {
    unsigned char *_data;
    size_t _cap;
    size_t _start;
    size_t _end;
    size_t _max;
};

/* Starts empty without allocating; never holds more than max bytes. */
void buf_init(struct buf *b, size_t max);
/* Frees; the buffer is empty and usable again. Accepts a zeroed buffer. */
void buf_fini(struct buf *b);
/* Unread bytes. */
size_t buf_len(const struct buf *b);
/* First unread byte; borrowed until the next append. */
const unsigned char *buf_data(const struct buf *b);
/* Room for at least n bytes at the back, borrowed until the next call; NULL if max or memory forbids. */
unsigned char *buf_reserve(struct buf *b, size_t n);
/* Says that n of the reserved bytes were written. */
void buf_commit(struct buf *b, size_t n);
/* Appends. ERR_EXHAUSTED at the maximum, ERR_NOMEM without memory. */
int buf_append(struct buf *b, const void *data, size_t n) MUST_CHECK;
int buf_append_str(struct buf *b, const char *s) MUST_CHECK;
int buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
/* Drops n bytes from the front (n <= buf_len). */
void buf_consume(struct buf *b, size_t n);
/* Drops everything, keeps the memory. */
void buf_clear(struct buf *b);

#endif
