/* SPDX-License-Identifier: MIT */
#include "common/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){._max = max};
}

void buf_fini(struct buf *b)
{
    free(b->_data);
    *b = (struct buf){._max = b->_max};
}

size_t buf_len(const struct buf *b)
{
    return b->_end - b->_start;
}

const unsigned char *buf_data(const struct buf *b)
{
    return b->_data ? b->_data + b->_start : (const unsigned char *)"";
}

static int make_room(struct buf *b, size_t n)
{
    size_t len = buf_len(b);
    if (n > b->_max || b->_max - n < len)
        return ERR_EXHAUSTED;
    if (b->_cap - b->_end >= n)
        return 0;
    if (b->_start > 0) {
        memmove(b->_data, b->_data + b->_start, len);
        b->_start = 0;
        b->_end = len;
        if (b->_cap - b->_end >= n)
            return 0;
    }
    size_t cap = b->_cap ? b->_cap : 256;
    while (cap - len < n)
        cap *= 2;
    if (cap > b->_max)
        cap = b->_max;
    unsigned char *p = realloc(b->_data, cap);
    if (!p)
        return ERR_NOMEM;
    b->_data = p;
    b->_cap = cap;
    return 0;
}

unsigned char *buf_reserve(struct buf *b, size_t n)
{
    return make_room(b, n) == 0 ? b->_data + b->_end : NULL;
}

void buf_commit(struct buf *b, size_t n)
{
    assert(b->_cap - b->_end >= n);
    b->_end += n;
}

int buf_append(struct buf *b, const void *data, size_t n)
{
    if (n == 0)
        return 0;
    int rc = make_room(b, n);
    if (rc)
        return rc;
    memcpy(b->_data + b->_end, data, n);
    b->_end += n;
    return 0;
}

int buf_append_str(struct buf *b, const char *s)
{
    return buf_append(b, s, strlen(s));
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return ERR_INTERNAL;
    int rc = make_room(b, (size_t)n + 1);
    if (rc)
        return rc;
    va_start(ap, fmt);
    (void)vsnprintf((char *)b->_data + b->_end, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->_end += (size_t)n;
    return 0;
}

void buf_consume(struct buf *b, size_t n)
{
    assert(n <= buf_len(b));
    b->_start += n;
    if (b->_start == b->_end)
        b->_start = b->_end = 0;
}

void buf_clear(struct buf *b)
{
    b->_start = b->_end = 0;
}
