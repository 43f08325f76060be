/* SPDX-License-Identifier: MIT */
#include "server/service/search_plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/pinyin/pinyin.h"
#include "server/domain/number.h"
#include "server/domain/person.h"
#include "server/domain/policy.h"
#include "server/store/search_walk.h"

enum {
    NAMES_MAX = 64, /* categories or places by which one word may be found; with more it tells too little to be looked up */
    ALTERNATIVES_MAX = 2 * NAMES_MAX + SEARCH_NUMBER_WAYS + 1,
    TEXT_BYTES = 2000 * 4 + 1, /* the longest description */
};

/* Terms that must all be there. */
struct alternative {
    int n;
    int32_t *terms;
};

struct word {
    char *text;    /* folded */
    bool latin;    /* letters only: it may be initials */
    bool findable; /* the index has it at all; a single character is only checked */
    bool wide;     /* found by more names than are looked up: any case is a candidate */
    int n_own;     /* the first alternatives: own text */
    int n_alternatives;
    struct alternative alternatives[ALTERNATIVES_MAX];
    bool *categories; /* by position in the directory: the word is in its name */
    bool *regions;
    bool has_names;
};

struct terms {
    int n;
    int32_t *items;
    bool all;
};

struct search_plan {
    struct arena *arena;
    const struct directory *dir;
    const struct dir_region *regions;
    size_t n_regions;
    const struct dir_category *categories;
    size_t n_categories;
    int n_words;
    struct word words[SEARCH_WORDS_MAX];
    int n_scope;
    int32_t scope[SEARCH_SCOPE_TERMS];
    struct terms terms[SEARCH_PARTS];
    bool has_names;
    enum policy_numbers numbers; /* as the caller is shown them: what is masked is not found */
    char masked[TEXT_BYTES];
    char description[TEXT_BYTES];
    char address[TEXT_BYTES];
};

const char *search_field_name(enum search_field f)
{
    switch (f) {
    case SEARCH_DESCRIPTION:
        return "description";
    case SEARCH_ADDRESS:
        return "address";
    case SEARCH_NUMBER:
        return "number";
    case SEARCH_CATEGORY:
        return "category";
    case SEARCH_PLACE:
        return "place";
    case SEARCH_PERSON:
        return "person";
    }
    return "?";
}

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
}

static int add_alternative(struct search_plan *p, struct word *w, const int32_t *terms, int n)
{
    struct alternative *alt = &w->alternatives[w->n_alternatives];
    alt->terms = arena_alloc(p->arena, (size_t)(n + 1) * sizeof *alt->terms);
    if (!alt->terms)
        return ERR_NOMEM;
    memcpy(alt->terms, terms, (size_t)n * sizeof *terms);
    alt->n = n;
    w->n_alternatives++;
    return 0;
}

/* True if the name has the word, or, for letters, the word is the initials of a part of it. */
static bool name_has(const char *name, const struct word *w, char *buf, size_t size)
{
    if (strlen(name) >= size)
        return false;
    (void)search_fold(name, buf);
    return search_contains(buf, w->text) || (w->latin && pinyin_match(name, w->text));
}

static bool category_has(const struct dir_category *c, const struct word *w, char *buf, size_t size)
{
    if (name_has(c->name, w, buf, size))
        return true;
    for (int i = 0; i < c->naliases; i++) {
        if (name_has(c->aliases[i], w, buf, size))
            return true;
    }
    return false;
}

static int find_categories(struct search_plan *p, struct word *w)
{
    char buf[512];
    int found = 0;
    w->categories = arena_zalloc(p->arena, p->n_categories + 1);
    if (!w->categories)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->n_categories; i++) {
        if (!category_has(&p->categories[i], w, buf, sizeof buf))
            continue;
        w->categories[i] = true;
        w->has_names = true;
        int32_t term = search_term_category(p->categories[i].id);
        if (found++ == NAMES_MAX)
            w->wide = true;
        if (!w->wide && add_alternative(p, w, &term, 1))
            return ERR_NOMEM;
    }
    return 0;
}

/* Regions are sorted by code, so what lies in one follows it. */
static int find_regions(struct search_plan *p, struct word *w)
{
    char buf[512];
    int found = 0;
    struct region_span covered = {.lo = 1, .hi = 0};
    int64_t last = 0;
    w->regions = arena_zalloc(p->arena, p->n_regions + 1);
    if (!w->regions)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->n_regions; i++) {
        const struct dir_region *r = &p->regions[i];
        if (!name_has(r->name, w, buf, sizeof buf))
            continue;
        w->regions[i] = true;
        w->has_names = true;
        /* A grid is found through its community: the check keeps to the grid. */
        int64_t code = r->level == LEVEL_GRID ? region_parent(r->code, LEVEL_COMMUNITY) : r->code;
        if (code == last || region_span_contains(covered, code))
            continue;
        last = code;
        covered = region_span_of(code);
        int32_t term = search_term_region(code);
        if (term == 0 || found++ == NAMES_MAX)
            w->wide = true;
        if (!w->wide && add_alternative(p, w, &term, 1))
            return ERR_NOMEM;
    }
    return 0;
}

static int plan_word(struct search_plan *p, struct word *w)
{
    int32_t terms[SEARCH_WORD_CHARS_MAX];
    struct search_number_way ways[SEARCH_NUMBER_WAYS];
    int n = search_terms_of_word(w->text, terms), n_ways = search_number_ways(w->text, ways);
    w->findable = n > 0;
    w->latin = true;
    for (const char *s = w->text; *s; s++)
        w->latin = w->latin && *s >= 'a' && *s <= 'z';
    if (!w->findable)
        return 0;
    if (add_alternative(p, w, terms, n))
        return ERR_NOMEM;
    for (int i = 0; i < n_ways; i++) {
        if (add_alternative(p, w, ways[i].terms, ways[i].n))
            return ERR_NOMEM;
    }
    w->n_own = w->n_alternatives;
    return find_categories(p, w) || find_regions(p, w) ? ERR_NOMEM : 0;
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static bool is_free(const struct word *w, enum search_part part)
{
    return !w->findable || (part == SEARCH_NAMES && w->wide);
}

static int gather(struct search_plan *p, enum search_part part)
{
    struct terms *t = &p->terms[part];
    size_t room = (size_t)p->n_scope + 1;
    for (int i = 0; i < p->n_words; i++) {
        for (int j = 0; j < p->words[i].n_alternatives; j++)
            room += (size_t)p->words[i].alternatives[j].n;
    }
    t->items = arena_alloc(p->arena, room * sizeof *t->items);
    if (!t->items)
        return ERR_NOMEM;
    for (int i = 0; i < p->n_scope; i++)
        t->items[t->n++] = p->scope[i];
    for (int i = 0; i < p->n_words; i++) {
        const struct word *w = &p->words[i];
        int n = part == SEARCH_OWN_TEXT ? w->n_own : w->n_alternatives;
        for (int j = 0; j < n && !is_free(w, part); j++) {
            memcpy(t->items + t->n, w->alternatives[j].terms, (size_t)w->alternatives[j].n * sizeof *t->items);
            t->n += w->alternatives[j].n;
        }
    }
    qsort(t->items, (size_t)t->n, sizeof *t->items, by_value);
    int n = 0;
    for (int i = 0; i < t->n; i++) {
        if (n == 0 || t->items[n - 1] != t->items[i])
            t->items[n++] = t->items[i];
    }
    t->n = n;
    t->all = n == 0;
    return 0;
}

static int split(struct search_plan *p, char *folded, struct err *e)
{
    char *save = NULL;
    bool findable = false;
    for (char *s = strtok_r(folded, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
        if (p->n_words == SEARCH_WORDS_MAX)
            return err_field(e, ERR_INVALID, "text", "Search for at most %d words.", SEARCH_WORDS_MAX);
        struct word *w = &p->words[p->n_words++];
        w->text = s;
        if (plan_word(p, w))
            return no_memory(e);
        findable |= w->findable;
        p->has_names |= w->has_names;
    }
    if (!findable)
        return err_field(e, ERR_INVALID, "text", "Search for two characters or more in a row.");
    return 0;
}

int search_plan_create(struct arena *a, const struct directory *dir, const char *text, const struct search_scope *scope,
                       struct search_plan **ret, struct err *e)
{
    struct search_plan *p = arena_zalloc(a, sizeof *p);
    char *folded = arena_alloc(a, strlen(text) + 1);
    if (!p || !folded)
        return no_memory(e);
    p->arena = a;
    p->dir = dir;
    p->numbers = (enum policy_numbers)scope->wall.numbers;
    p->regions = directory_regions(dir, &p->n_regions);
    p->categories = directory_categories(dir, &p->n_categories);
    (void)search_fold(text, folded);
    p->n_scope =
        search_terms_of_scope(scope->span, scope->organ_id, scope->states && !(scope->states & ~STATES_OPEN), p->scope);
    int rc = split(p, folded, e);
    if (rc)
        return rc;
    if (gather(p, SEARCH_OWN_TEXT) || gather(p, SEARCH_NAMES))
        return no_memory(e);
    *ret = p;
    return 0;
}

bool search_plan_has_names(const struct search_plan *p)
{
    return p->has_names;
}

const int32_t *search_plan_terms(const struct search_plan *p, enum search_part part, int *ret_n, bool *ret_all)
{
    *ret_n = p->terms[part].n;
    *ret_all = p->terms[part].all;
    return p->terms[part].items;
}

static int match_word(const struct word *w, enum search_part part, const struct search_hit_row *rows, int n,
                      struct posting *ret)
{
    int n_alts = part == SEARCH_OWN_TEXT ? w->n_own : w->n_alternatives;
    posting_clear(ret);
    for (int i = 0; i < n_alts; i++) {
        struct posting all;
        posting_fill(&all, POSTING_SLOTS);
        if (search_hits_and(rows, n, w->alternatives[i].terms, w->alternatives[i].n, &all))
            return ERR_INTERNAL;
        posting_or(ret, &all);
    }
    return 0;
}

int search_plan_match(const struct search_plan *p, enum search_part part, const struct search_hit_row *rows, int n,
                      struct posting *ret, struct err *e)
{
    struct posting found, one;
    posting_fill(&found, POSTING_SLOTS);
    if (p->terms[part].all) {
        for (int i = 0; i < n; i++) {
            if (rows[i].is_segment)
                posting_fill(&found, rows[i].slots);
        }
    }
    if (search_hits_and(rows, n, p->scope, p->n_scope, &found))
        goto broken;
    for (int i = 0; i < p->n_words && !posting_is_empty(&found); i++) {
        if (is_free(&p->words[i], part))
            continue;
        if (match_word(&p->words[i], part, rows, n, &one))
            goto broken;
        posting_and(&found, &one);
    }
    posting_or(ret, &found);
    return 0;
broken:
    return search_broken(e);
}

static bool place_has(const struct search_plan *p, const struct word *w, int64_t grid)
{
    for (int level = LEVEL_CITY; w->regions && level <= LEVEL_GRID; level++) {
        const struct dir_region *r = directory_region(p->dir, region_parent(grid, (enum region_level)level));
        if (r && w->regions[r - p->regions])
            return true;
    }
    return false;
}

/* Folds a text as far as the caller may read it. */
static void take_text(struct search_plan *p, const struct case_row *row, const char *text, char out[TEXT_BYTES])
{
    bool masks = p->numbers == NUMBERS_MASKED ||
                 (p->numbers == NUMBERS_MASKED_IF_CONFIDENTIAL && case_has(&row->snap, CASE_CONFIDENTIAL));
    out[0] = 0;
    if (!text || strlen(text) >= TEXT_BYTES)
        return;
    if (masks && person_text_holds_any(text)) {
        person_mask_text(text, p->masked);
        text = p->masked;
    }
    (void)search_fold(text, out);
}

int search_plan_check(struct search_plan *p, const struct case_row *row, unsigned *ret_fields)
{
    const struct dir_category *c = directory_category_by_id(p->dir, row->snap.category_id);
    int part = SEARCH_OWN_TEXT;
    *ret_fields = 0;
    take_text(p, row, row->description, p->description);
    take_text(p, row, row->address, p->address);
    for (int i = 0; i < p->n_words; i++) {
        const struct word *w = &p->words[i];
        unsigned own = 0, names = 0;
        if (search_contains(p->description, w->text))
            own |= SEARCH_DESCRIPTION;
        if (search_contains(p->address, w->text))
            own |= SEARCH_ADDRESS;
        if (text_is_digits(w->text, strlen(w->text)) && search_number_matches(row->snap.number, w->text))
            own |= SEARCH_NUMBER;
        if (c && w->categories && w->categories[c - p->categories])
            names |= SEARCH_CATEGORY;
        if (place_has(p, w, row->snap.grid))
            names |= SEARCH_PLACE;
        if (!own && !names)
            return -1;
        if (!own)
            part = SEARCH_NAMES;
        *ret_fields |= own | names;
    }
    return part;
}
