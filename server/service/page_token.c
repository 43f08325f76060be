/* SPDX-License-Identifier: MIT */
#include "server/service/page_token.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1, BYTES = 1 + 5 * 8 + 16, TEXT = 80 };

static unsigned char *put(unsigned char *p, int64_t v)
{
    for (int i = 7; i >= 0; i--)
        *p++ = (unsigned char)((uint64_t)v >> (8 * i));
    return p;
}

static const unsigned char *take(const unsigned char *p, int64_t *ret)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | *p++;
    *ret = (int64_t)v;
    return p;
}

char *page_token_write(struct arena *a, const struct page_token *t)
{
    unsigned char raw[BYTES];
    unsigned char *p = raw;
    *p++ = VERSION;
    p = put(p, t->filter);
    p = put(p, t->a);
    p = put(p, t->b);
    p = put(p, t->seen);
    p = put(p, t->part);
    memcpy(p, t->id.bytes, sizeof t->id.bytes);
    char *s = arena_alloc(a, TEXT);
    return s ? sodium_bin2base64(s, TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING) : NULL;
}

bool page_token_read(const char *s, int64_t filter, struct page_token *ret)
{
    unsigned char raw[BYTES];
    char again[TEXT];
    size_t len;
    /* libsodium also takes some bytes above 127 for digits: only what we would have written is ours. */
    if (sodium_base642bin(raw, sizeof raw, s, strlen(s), NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        len != sizeof raw || raw[0] != VERSION ||
        strcmp(sodium_bin2base64(again, sizeof again, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING), s) != 0)
        return false;
    const unsigned char *p = raw + 1;
    p = take(p, &ret->filter);
    p = take(p, &ret->a);
    p = take(p, &ret->b);
    p = take(p, &ret->seen);
    p = take(p, &ret->part);
    memcpy(ret->id.bytes, p, sizeof ret->id.bytes);
    return ret->filter == filter;
}
