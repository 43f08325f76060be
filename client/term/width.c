/* SPDX-License-Identifier: MIT */
/* Column arithmetic over UTF-8 by wcwidth(3); see width.h. */
#include "client/term/width.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "common/base/text.h"

/* Characters that reorder or hide text: a case's description could use them to make a line say something else. */
static bool is_deceptive(uint32_t cp)
{
    return text_cp_deceives(cp) || cp == 0xad;
}

int width_cp(uint32_t cp)
{
    if (is_deceptive(cp))
        return -1;
    if (cp < 0x7f)
        return 1;
    int w = wcwidth((wchar_t)cp);
    return w > 2 ? 2 : w;
}

struct width_cluster width_next(const char *s, size_t len)
{
    struct width_cluster c = {0};
    uint32_t cp;
    size_t n = text_decode(s, len, &cp);
    if (len == 0)
        return c;
    int w = n ? width_cp(cp) : -1;
    if (w < 0) {
        c = (struct width_cluster){.len = n ? n : 1, .columns = 1, .text = "?", .text_len = 1};
        return c;
    }
    c = (struct width_cluster){.len = n, .columns = w, .text = s, .text_len = n};
    if (w == 0) { /* a mark without a base: show nothing of it, but keep its place */
        c.columns = 1;
        c.text = "?";
        c.text_len = 1;
    }
    while (c.len < len) {
        n = text_decode(s + c.len, len - c.len, &cp);
        if (n == 0 || width_cp(cp) != 0)
            break;
        if (c.text == s && c.text_len == c.len && c.text_len + n <= WIDTH_CLUSTER_MAX)
            c.text_len += n;
        c.len += n;
    }
    return c;
}

size_t width_prev(const char *s, size_t at)
{
    while (at > 0) {
        do
            at--;
        while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80);
        uint32_t cp;
        size_t n = text_decode(s + at, strlen(s + at), &cp);
        if (n == 0 || width_cp(cp) != 0)
            break;
    }
    return at;
}

int width_strn(const char *s, size_t len)
{
    int cols = 0;
    for (size_t i = 0; i < len;) {
        struct width_cluster c = width_next(s + i, len - i);
        i += c.len;
        cols += c.columns;
    }
    return cols;
}

int width_str(const char *s)
{
    return width_strn(s, strlen(s));
}

size_t width_fit(const char *s, size_t len, int columns)
{
    size_t i = 0;
    while (i < len) {
        struct width_cluster c = width_next(s + i, len - i);
        if (c.columns > columns)
            break;
        columns -= c.columns;
        i += c.len;
    }
    return i;
}

int width_cut(char *dst, size_t dst_size, const char *s, int columns)
{
    size_t len = strlen(s), used = 0;
    int cols = 0;
    bool cut = false;
    if (columns < 0)
        columns = 0;
    size_t fit = width_fit(s, len, columns);
    if (fit < len) {
        cut = columns > 0;
        fit = width_fit(s, len, columns > 0 ? columns - 1 : 0);
    }
    for (size_t i = 0; i < fit;) {
        struct width_cluster c = width_next(s + i, fit - i);
        if (used + c.text_len + 2 > dst_size)
            break;
        memcpy(dst + used, c.text, c.text_len);
        used += c.text_len;
        cols += c.columns;
        i += c.len;
    }
    if (cut && used + 2 <= dst_size) {
        dst[used++] = '~';
        cols++;
    }
    if (dst_size)
        dst[used] = 0;
    return cols;
}

void width_pad(char *dst, size_t dst_size, const char *s, int columns)
{
    bool right = columns < 0;
    int want = right ? -columns : columns;
    int got = width_cut(dst, dst_size, s, want);
    size_t len = strlen(dst), blanks = (size_t)(want - got);
    if (len + blanks + 1 > dst_size)
        blanks = dst_size > len ? dst_size - len - 1 : 0;
    if (right) {
        memmove(dst + blanks, dst, len + 1);
        memset(dst, ' ', blanks);
    } else {
        memset(dst + len, ' ', blanks);
        dst[len + blanks] = 0;
    }
}
