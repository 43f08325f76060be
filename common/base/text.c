/* SPDX-License-Identifier: MIT */
#include "common/base/text.h"

#include <string.h>

size_t text_decode(const char *s, size_t len, uint32_t *ret_cp)
{
    if (len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s;
    if (p[0] < 0x80) {
        *ret_cp = p[0];
        return 1;
    }
    size_t n;
    uint32_t cp;
    uint32_t min;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;
        cp = p[0] & 0x1fu;
        min = 0x80;
    } else if ((p[0] & 0xf0) == 0xe0) {
        n = 3;
        cp = p[0] & 0x0fu;
        min = 0x800;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        cp = p[0] & 0x07u;
        min = 0x10000;
    } else {
        return 0;
    }
    if (len < n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        cp = cp << 6 | (p[i] & 0x3fu);
    }
    if (cp < min || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return 0;
    *ret_cp = cp;
    return n;
}

bool text_cp_deceives(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x061c || cp == 0x200e || cp == 0x200f ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

static bool is_blank(uint32_t cp)
{
    return text_cp_deceives(cp) || cp == ' ' || cp == 0xa0 || cp == 0xad || cp == 0x1680 || cp == 0x180e ||
           (cp >= 0x2000 && cp <= 0x200d) || cp == 0x202f || (cp >= 0x205f && cp <= 0x2065) || cp == 0x3000;
}

bool text_deceives(const char *s)
{
    size_t step, len = strlen(s);
    uint32_t cp;
    for (; len > 0 && (step = text_decode(s, len, &cp)) > 0; s += step, len -= step)
        if (text_cp_deceives(cp))
            return true;
    return false;
}

size_t text_visible_chars(const char *s)
{
    size_t n = 0, step, len = strlen(s);
    uint32_t cp;
    for (; len > 0 && (step = text_decode(s, len, &cp)) > 0; s += step, len -= step)
        n += !is_blank(cp);
    return n;
}

size_t text_encode(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

bool text_is_utf8(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        /* Eight ASCII bytes at a time: most text on the wire is codes and ids. */
        uint64_t word;
        while (len - i >= sizeof word) {
            memcpy(&word, s + i, sizeof word);
            if (word & UINT64_C(0x8080808080808080))
                break;
            i += sizeof word;
        }
        if (i == len)
            break;
        uint32_t cp;
        size_t n = text_decode(s + i, len - i, &cp);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t text_chars(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

void text_trim_partial(char *s)
{
    size_t len = strlen(s);
    size_t back = 0;
    while (back < len && back < 3 && ((unsigned char)s[len - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back == len)
        return;
    uint32_t cp;
    size_t start = len - 1 - back;
    if (text_decode(s + start, len - start, &cp) == 0)
        s[start] = '\0';
}

void text_mend(char *s)
{
    text_trim_partial(s);
    size_t left = strlen(s);
    while (left > 0) {
        uint32_t cp;
        size_t n = text_decode(s, left, &cp);
        if (n == 0) {
            *s = '?';
            n = 1;
        }
        s += n;
        left -= n;
    }
}

bool text_copy(char *dst, size_t dst_size, const char *src)
{
    size_t len = strlen(src);
    if (len < dst_size) {
        memcpy(dst, src, len + 1);
        return true;
    }
    memcpy(dst, src, dst_size - 1);
    dst[dst_size - 1] = '\0';
    text_trim_partial(dst);
    return false;
}

int text_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    bool neg = *s == '-';
    if (neg)
        s++;
    if (*s < '0' || *s > '9')
        return ERR_INVALID;
    int64_t v = 0;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return ERR_INVALID;
        int digit = *s - '0';
        if (__builtin_mul_overflow(v, 10, &v) ||
            (neg ? __builtin_sub_overflow(v, digit, &v) : __builtin_add_overflow(v, digit, &v)))
            return ERR_INVALID;
    }
    if (v < min || v > max)
        return ERR_INVALID;
    *ret = v;
    return 0;
}

bool text_is_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
    }
    return s[n] == '\0';
}
