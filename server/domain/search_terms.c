/* SPDX-License-Identifier: MIT */
#include "server/domain/search_terms.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/number.h"

/* Kinds of terms, so that a category and a pair of characters never mean the same by design (by hash they may). */
enum kind {
    KIND_PAIR = 1,
    KIND_CATEGORY,
    KIND_REGION,
    KIND_ORGAN,
    KIND_OPEN,
    KIND_COUNTY,
    KIND_MONTH,
    KIND_DAY,
    KIND_LAST_PAIR,
    KIND_PAIR_BEFORE,
    KIND_NUMBER_PAIR,
    KIND_NUMBER_TRIPLE,
};

static int32_t term(enum kind kind, uint64_t a, uint64_t b)
{
    /* The finaliser of splitmix64: every bit of the key reaches every bit kept. */
    uint64_t h = ((uint64_t)kind << 56) ^ (a << 24) ^ b;
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    h ^= h >> 31;
    return (int32_t)(uint32_t)h;
}

static bool is_blank(uint32_t cp)
{
    if (cp < 0x80)
        return !((cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z'));
    return cp < 0xa1 || (cp >= 0x2000 && cp <= 0x206f) || cp == 0xb7 || cp == 0x2022 ||
           (cp >= 0x3000 && cp <= 0x303f && cp != 0x3005 && cp != 0x3007) || (cp >= 0xfe30 && cp <= 0xfe4f) ||
           (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff || (cp >= 0xff61 && cp <= 0xff65);
}

static uint32_t fold(uint32_t cp)
{
    if (cp >= 0xff01 && cp <= 0xff5e)
        cp -= 0xfee0;
    if (cp >= 'A' && cp <= 'Z')
        return cp + 32;
    if ((cp >= 0xc0 && cp <= 0xde && cp != 0xd7) || (cp >= 0x391 && cp <= 0x3a9 && cp != 0x3a2) || (cp >= 0x410 && cp <= 0x42f))
        return cp + 32;
    if (cp >= 0x400 && cp <= 0x40f)
        return cp + 80;
    if (cp >= 0x2460 && cp <= 0x2468)
        return '1' + (cp - 0x2460);
    return cp;
}

size_t search_fold(const char *s, char *out)
{
    size_t len = strlen(s), n = 0;
    bool blank = false;
    while (len) {
        uint32_t cp;
        size_t used = text_decode(s, len, &cp);
        if (used == 0)
            break;
        s += used;
        len -= used;
        cp = fold(cp);
        if (is_blank(cp)) {
            blank = n > 0;
            continue;
        }
        if (blank)
            out[n++] = ' ';
        blank = false;
        n += text_encode(cp, out + n);
    }
    out[n] = 0;
    return n;
}

bool search_contains(const char *folded_text, const char *folded_word)
{
    return strstr(folded_text, folded_word) != NULL;
}

static void add(struct search_terms *t, int32_t item)
{
    if (t->n < SEARCH_TERMS_MAX)
        t->items[t->n++] = item;
}

/* Calls nothing for a character alone between blanks. */
void search_terms_add_text(struct search_terms *t, const char *folded)
{
    size_t len = strlen(folded);
    uint32_t before = ' ', cp;
    for (size_t used; len && (used = text_decode(folded, len, &cp)) > 0; folded += used, len -= used) {
        if (before != ' ' && cp != ' ')
            add(t, term(KIND_PAIR, before, cp));
        before = cp;
    }
}

int search_terms_of_word(const char *folded_word, int32_t out[SEARCH_WORD_CHARS_MAX])
{
    size_t len = strlen(folded_word);
    uint32_t before = 0, cp;
    int n = 0;
    for (size_t used; len && (used = text_decode(folded_word, len, &cp)) > 0; folded_word += used, len -= used) {
        if (before && n < SEARCH_WORD_CHARS_MAX)
            out[n++] = term(KIND_PAIR, before, cp);
        before = cp;
    }
    return n;
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

void search_terms_finish(struct search_terms *t)
{
    int n = 0;
    qsort(t->items, (size_t)t->n, sizeof t->items[0], by_value);
    for (int i = 0; i < t->n; i++) {
        if (n == 0 || t->items[n - 1] != t->items[i])
            t->items[n++] = t->items[i];
    }
    t->n = n;
}

int32_t search_term_category(int16_t category_id)
{
    return term(KIND_CATEGORY, 0, (uint16_t)category_id);
}

int32_t search_term_region(int64_t code)
{
    enum region_level level = region_level_of(code);
    if (level != LEVEL_COUNTY && level != LEVEL_TOWNSHIP && level != LEVEL_COMMUNITY)
        return 0;
    return term(KIND_REGION, 0, (uint64_t)code / 1000);
}

int32_t search_term_organ(int32_t organ_id)
{
    return term(KIND_ORGAN, 0, (uint32_t)organ_id);
}

int32_t search_term_open(void)
{
    return term(KIND_OPEN, 0, 0);
}

int search_terms_of_scope(struct region_span span, int32_t organ_id, bool open, int32_t out[SEARCH_SCOPE_TERMS])
{
    static const enum region_level levels[] = {LEVEL_COMMUNITY, LEVEL_TOWNSHIP, LEVEL_COUNTY};
    int n = 0;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        int64_t code = span.lo > 0 && span.lo <= span.hi ? region_parent(span.lo, levels[i]) : 0;
        int32_t region = code ? search_term_region(code) : 0;
        if (region && region_span_contains(region_span_of(code), span.hi)) {
            out[n++] = region;
            break;
        }
    }
    if (organ_id)
        out[n++] = search_term_organ(organ_id);
    if (open)
        out[n++] = search_term_open();
    return n;
}

static int32_t number_pair(const char *s)
{
    return term(KIND_NUMBER_PAIR, (uint64_t)s[0], (uint64_t)s[1]);
}

static int32_t number_triple(const char *s)
{
    return term(KIND_NUMBER_TRIPLE, (uint64_t)s[0] << 8 | (uint64_t)s[1], (uint64_t)s[2]);
}

int search_terms_of_number_part(const char *digits, int32_t out[SEARCH_NUMBER_PARTS])
{
    size_t len = strlen(digits);
    int n = 0;
    if (len < 2 || len >= NUMBER_TEXT_SIZE || !text_is_digits(digits, len))
        return 0;
    if (len == 2)
        out[n++] = number_pair(digits);
    for (size_t i = 0; i + 2 < len; i++)
        out[n++] = number_triple(digits + i);
    return n;
}

void search_terms_add_number(struct search_terms *t, int64_t number)
{
    uint64_t running = (uint64_t)number % 1000000, series = (uint64_t)number / 1000000;
    add(t, term(KIND_COUNTY, 0, series / 1000000));
    add(t, term(KIND_MONTH, 0, series / 100 % 10000));
    add(t, term(KIND_DAY, 0, series % 1000000));
    add(t, term(KIND_LAST_PAIR, 0, running % 100));
    add(t, term(KIND_PAIR_BEFORE, 0, running / 100 % 100));
    char text[NUMBER_TEXT_SIZE];
    number_format(number, text);
    for (size_t i = 0, len = strlen(text); i + 1 < len; i++) {
        add(t, number_pair(text + i));
        if (i + 2 < len)
            add(t, number_triple(text + i));
    }
}

static uint64_t digits(const char *s, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (uint64_t)(s[i] - '0');
    return v;
}

int search_number_ways(const char *word, struct search_number_way out[SEARCH_NUMBER_WAYS])
{
    size_t len = strlen(word);
    int n = 0;
    if (len < 4 || len > 18 || !text_is_digits(word, len))
        return 0;
    out[n++] = (struct search_number_way){
        2, {term(KIND_LAST_PAIR, 0, digits(word + len - 2, 2)), term(KIND_PAIR_BEFORE, 0, digits(word + len - 4, 2))}};
    if (len <= 12) {
        struct search_number_way *w = &out[n++];
        *w = (struct search_number_way){1, {term(KIND_MONTH, 0, digits(word, 4))}};
        if (len >= 6)
            w->terms[w->n++] = term(KIND_DAY, 0, digits(word, 6));
    }
    if (len >= 6) {
        struct search_number_way *w = &out[n++];
        *w = (struct search_number_way){1, {term(KIND_COUNTY, 0, digits(word, 6))}};
        if (len >= 10)
            w->terms[w->n++] = term(KIND_MONTH, 0, digits(word + 6, 4));
        if (len >= 12)
            w->terms[w->n++] = term(KIND_DAY, 0, digits(word + 6, 6));
    }
    return n;
}

bool search_number_matches(int64_t number, const char *word)
{
    char text[NUMBER_TEXT_SIZE];
    size_t len = strlen(word), all;
    number_format(number, text);
    all = strlen(text);
    if (len < 4 || len > all)
        return false;
    return strcmp(text + all - len, word) == 0 || strncmp(text + 6, word, len) == 0 ||
           (len >= 6 && strncmp(text, word, len) == 0);
}

void search_terms_of_case(struct search_terms *t, const struct search_case *c, char *buf)
{
    t->n = 0;
    /* Keys first: were the texts ever too long for the set, what confines a search must be there. */
    search_terms_add_number(t, c->number);
    add(t, search_term_category(c->category_id));
    add(t, search_term_region(region_parent(c->grid, LEVEL_COUNTY)));
    add(t, search_term_region(region_parent(c->grid, LEVEL_TOWNSHIP)));
    add(t, search_term_region(region_parent(c->grid, LEVEL_COMMUNITY)));
    if (c->organ_id)
        add(t, search_term_organ(c->organ_id));
    for (int i = 0; i < c->n_co; i++)
        add(t, search_term_organ(c->co_organ_ids[i]));
    if (c->open)
        add(t, search_term_open());
    (void)search_fold(c->description, buf);
    search_terms_add_text(t, buf);
    if (c->address) {
        (void)search_fold(c->address, buf);
        search_terms_add_text(t, buf);
    }
    search_terms_finish(t);
}
