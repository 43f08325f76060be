/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t fuzz_byte(struct fuzz_input *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->data++;
}

struct fuzz_input fuzz_take(struct fuzz_input *in, size_t n)
{
    struct fuzz_input part = {in->data, n < in->len ? n : in->len};
    in->data += part.len;
    in->len -= part.len;
    return part;
}

char *fuzz_text(struct fuzz_input *in)
{
    struct fuzz_input part = fuzz_take(in, in->len);
    char *s = malloc(part.len + 1);
    if (!s)
        abort();
    if (part.len)
        memcpy(s, part.data, part.len);
    s[part.len] = '\0';
    return s;
}

void fuzz_splits_init(struct fuzz_splits *s, uint8_t count, struct fuzz_input *in)
{
    *s = (struct fuzz_splits){.n = count & 7};
    for (size_t i = 0; i < s->n; i++)
        s->len[i] = fuzz_byte(in);
}

size_t fuzz_splits_next(struct fuzz_splits *s, size_t left)
{
    if (s->n == 0)
        return left;
    size_t len = (size_t)s->len[s->at++ % s->n] + 1;
    return len < left ? len : left;
}

uint64_t fuzz_hash(uint64_t h, const void *data, size_t len)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * UINT64_C(1099511628211);
    return h;
}

void fuzz_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, what);
    abort();
}
