/* SPDX-License-Identifier: MIT */
#include "server/domain/posting.h"

#include <string.h>

enum { KIND_LIST = 1, KIND_MAP = 2 };

void posting_clear(struct posting *p)
{
    memset(p, 0, sizeof *p);
}

void posting_fill(struct posting *p, int n)
{
    posting_clear(p);
    for (int w = 0; w < n / 64; w++)
        p->bits[w] = UINT64_MAX;
    if (n % 64)
        p->bits[n / 64] = (UINT64_C(1) << (n % 64)) - 1;
}

bool posting_has(const struct posting *p, int slot)
{
    return p->bits[slot / 64] >> (slot % 64) & 1;
}

bool posting_set(struct posting *p, int slot)
{
    bool had = posting_has(p, slot);
    p->bits[slot / 64] |= UINT64_C(1) << (slot % 64);
    return !had;
}

bool posting_unset(struct posting *p, int slot)
{
    bool had = posting_has(p, slot);
    p->bits[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    return had;
}

bool posting_is_empty(const struct posting *p)
{
    for (int w = 0; w < POSTING_WORDS; w++) {
        if (p->bits[w])
            return false;
    }
    return true;
}

int posting_count(const struct posting *p)
{
    int n = 0;
    for (int w = 0; w < POSTING_WORDS; w++)
        n += __builtin_popcountll(p->bits[w]);
    return n;
}

void posting_and(struct posting *p, const struct posting *other)
{
    for (int w = 0; w < POSTING_WORDS; w++)
        p->bits[w] &= other->bits[w];
}

void posting_or(struct posting *p, const struct posting *other)
{
    for (int w = 0; w < POSTING_WORDS; w++)
        p->bits[w] |= other->bits[w];
}

int posting_decode(struct posting *p, const unsigned char *data, size_t len)
{
    if (len == 0 || len > POSTING_BYTES_MAX)
        return ERR_INVALID;
    if (data[0] == KIND_MAP) {
        for (size_t i = 1; i < len; i++)
            p->bits[(i - 1) / 8] |= (uint64_t)data[i] << ((i - 1) % 8 * 8);
        return 0;
    }
    if (data[0] != KIND_LIST || len % 2 == 0)
        return ERR_INVALID;
    for (size_t i = 1; i < len; i += 2) {
        int slot = data[i] << 8 | data[i + 1];
        if (slot >= POSTING_SLOTS)
            return ERR_INVALID;
        (void)posting_set(p, slot);
    }
    return 0;
}

size_t posting_encode(const struct posting *p, unsigned char out[POSTING_BYTES_MAX])
{
    size_t map = POSTING_SLOTS / 8, n = 1;
    while (map > 0 && !(p->bits[(map - 1) / 8] >> ((map - 1) % 8 * 8) & 0xff))
        map--;
    if (map == 0)
        return 0;
    if ((size_t)posting_count(p) * 2 >= map) {
        out[0] = KIND_MAP;
        for (size_t i = 0; i < map; i++)
            out[1 + i] = (unsigned char)(p->bits[i / 8] >> (i % 8 * 8));
        return 1 + map;
    }
    out[0] = KIND_LIST;
    for (int w = 0; w < POSTING_WORDS; w++) {
        for (uint64_t left = p->bits[w]; left; left &= left - 1) {
            int slot = w * 64 + __builtin_ctzll(left);
            out[n++] = (unsigned char)(slot >> 8);
            out[n++] = (unsigned char)slot;
        }
    }
    return n;
}
