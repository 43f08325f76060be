/* SPDX-License-Identifier: MIT */
#include "common/base/uuid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct uuid uuid_v7(usec_t now_us)
{
    /* RFC 9562 §6.2 method 1: a 12-bit counter seeded per millisecond keeps ids of one process in order. */
    static int64_t last_ms = -1;
    static uint16_t counter;
    struct uuid u;
    if (getrandom(u.bytes, sizeof u.bytes, 0) != (ssize_t)sizeof u.bytes)
        abort(); /* cannot happen for 16 bytes once the pool is up (getrandom(2)) */
    int64_t ms = now_us / 1000;
    if (ms > last_ms) {
        last_ms = ms;
        counter = (uint16_t)((u.bytes[6] << 8 | u.bytes[7]) & 0x7ff);
    } else if (++counter > 0xfff) {
        last_ms++;
        counter = 0;
    }
    ms = last_ms;
    for (int i = 0; i < 6; i++)
        u.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    u.bytes[6] = (uint8_t)(0x70 | counter >> 8);
    u.bytes[7] = (uint8_t)counter;
    u.bytes[8] = (uint8_t)(0x80 | (u.bytes[8] & 0x3f));
    return u;
}

struct uuid uuid_from_hash(const uint8_t hash[16])
{
    struct uuid u;
    memcpy(u.bytes, hash, sizeof u.bytes);
    u.bytes[6] = (uint8_t)(0x80 | (u.bytes[6] & 0x0f));
    u.bytes[8] = (uint8_t)(0x80 | (u.bytes[8] & 0x3f));
    return u;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(const char *s, struct uuid *ret)
{
    struct uuid u;
    int n = 0;
    int i = 0;
    while (i < UUID_TEXT_LEN) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (s[i++] != '-')
                return false;
            continue;
        }
        int hi = hex_value(s[i]);
        int lo = hi < 0 ? -1 : hex_value(s[i + 1]);
        if (lo < 0)
            return false;
        u.bytes[n++] = (uint8_t)(hi << 4 | lo);
        i += 2;
    }
    if (s[i] != '\0')
        return false;
    *ret = u;
    return true;
}

void uuid_format(const struct uuid *u, char out[UUID_TEXT_LEN + 1])
{
    static const char hex[] = "0123456789abcdef";
    char *p = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[u->bytes[i] >> 4];
        *p++ = hex[u->bytes[i] & 15];
    }
    *p = '\0';
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return uuid_compare(a, b) == 0;
}

int uuid_compare(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool uuid_is_nil(const struct uuid *u)
{
    static const struct uuid nil;
    return uuid_equal(u, &nil);
}

int uuid_version(const struct uuid *u)
{
    return u->bytes[6] >> 4;
}

usec_t uuid_v7_time(const struct uuid *u)
{
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | u->bytes[i];
    return ms * 1000;
}
