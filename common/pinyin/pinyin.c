/* SPDX-License-Identifier: MIT */
#include "common/pinyin/pinyin.h"

#include <string.h>

#include "common/base/text.h"
#include "common/pinyin/pinyin_table.h"

enum { USUAL_SHIFT = 26, MASK = (1 << 26) - 1 };

static uint32_t entry(uint32_t cp)
{
    return cp > 0xffff ? 0 : pinyin_pages[pinyin_page_index[cp >> 8]][cp & 0xff];
}

uint32_t pinyin_mask(uint32_t cp)
{
    return entry(cp) & MASK;
}

char pinyin_usual(uint32_t cp)
{
    uint32_t e = entry(cp);
    return e ? (char)('A' + (e >> USUAL_SHIFT)) : 0;
}

static bool is_letter(uint32_t cp)
{
    return (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
}

static bool is_digit(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

static uint32_t fold(uint32_t cp)
{
    return cp >= 'a' && cp <= 'z' ? cp - 'a' + 'A' : cp;
}

/* Blanks and marks that people leave out when they type: ASCII, the middle dot, general, CJK and full-width punctuation. */
static bool is_mark(uint32_t cp)
{
    if (cp < 0x80)
        return !is_letter(cp) && !is_digit(cp);
    return cp == 0xb7 || (cp >= 0x2010 && cp <= 0x2027) || (cp >= 0x3000 && cp <= 0x3003) || (cp >= 0x3008 && cp <= 0x301f) ||
           (cp >= 0xff01 && cp <= 0xff0f) || (cp >= 0xff1a && cp <= 0xff20);
}

static bool char_matches(uint32_t text_cp, uint32_t query_cp)
{
    if (fold(text_cp) == fold(query_cp))
        return true;
    return is_letter(query_cp) && (pinyin_mask(text_cp) >> (fold(query_cp) - 'A') & 1);
}

static bool matches_at(const char *text, size_t text_len, const char *query, size_t query_len)
{
    size_t i = 0;
    size_t q = 0;
    while (q < query_len) {
        uint32_t query_cp;
        uint32_t text_cp;
        size_t qn = text_decode(query + q, query_len - q, &query_cp);
        size_t tn = text_decode(text + i, text_len - i, &text_cp);
        if (!qn || !tn)
            return false;
        if (char_matches(text_cp, query_cp))
            q += qn;
        else if (q == 0 || !is_mark(text_cp))
            return false;
        i += tn;
    }
    return true;
}

bool pinyin_match(const char *text, const char *query)
{
    size_t text_len = strlen(text);
    size_t query_len = strlen(query);
    if (query_len == 0)
        return true;
    for (size_t i = 0; i < text_len;) {
        uint32_t cp;
        size_t n = text_decode(text + i, text_len - i, &cp);
        if (!n)
            return false;
        if (matches_at(text + i, text_len - i, query, query_len))
            return true;
        i += n;
    }
    return false;
}

int pinyin_initials(const char *text, char *out, size_t out_size)
{
    size_t len = strlen(text);
    size_t count = 0;
    out[0] = '\0';
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = text_decode(text + i, len - i, &cp);
        if (!n) {
            out[0] = '\0';
            return ERR_INVALID;
        }
        i += n;
        char c = is_letter(cp) || is_digit(cp) ? (char)fold(cp) : pinyin_usual(cp);
        if (!c)
            continue;
        if (count + 1 < out_size) {
            out[count] = c;
            out[count + 1] = '\0';
        }
        count++;
    }
    return (int)count;
}
