/* SPDX-License-Identifier: MIT */
/*
 * What a case can be found by: text folded so that looks do not matter, the terms an index keeps of it, the terms a word asks
 * for, and the exact check that follows. Used when cases are folded into the index, when a search is planned and when its
 * candidates are checked. Pure.
 *
 * Invariant: a text that contains a word (search_contains) has every term the word asks for. The other way round is false now
 * and then - terms are hashes, and pairs of characters may stand apart - therefore the check.
 */
#ifndef WG_DOMAIN_SEARCH_TERMS_H
#define WG_DOMAIN_SEARCH_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/domain/region.h"

enum {
    SEARCH_TERMS_MAX = 4096, /* of one case: 2,200 characters of text and its keys */
    SEARCH_WORDS_MAX = 16,   /* of one query; more are refused */
    SEARCH_WORD_CHARS_MAX = 100,
};

/*
 * Folds UTF-8 text: full-width forms to ASCII, capitals to small letters, circled digits to digits; blanks, punctuation and
 * controls become one blank. out has room for strlen(s) + 1 bytes (folding never lengthens). Returns the length.
 */
size_t search_fold(const char *s, char *out);
/* True if the folded text contains the folded word. */
bool search_contains(const char *folded_text, const char *folded_word);

/* A set of terms being collected; duplicates are kept until search_terms_finish. */
struct search_terms {
    int n;
    int32_t items[SEARCH_TERMS_MAX];
};
/* The pairs of neighbouring characters of a folded text; a blank parts them. */
void search_terms_add_text(struct search_terms *t, const char *folded);
/* A word's; the same pairs. Returns how many (0: one character, which the index cannot find). */
int search_terms_of_word(const char *folded_word, int32_t out[SEARCH_WORD_CHARS_MAX]);
/* Sorts and removes duplicates. */
void search_terms_finish(struct search_terms *t);

/* Single keys of a case. */
int32_t search_term_category(int16_t category_id);
/* Of a county, township or community; 0 for other levels: the index does not have them. */
int32_t search_term_region(int64_t code);
int32_t search_term_organ(int32_t organ_id);
/* Open now. */
int32_t search_term_open(void);
/* What confines a search to a region (the narrowest county, township or community that holds the interval), an organ and open
 * cases: none, one or all of them. Returns how many. */
enum { SEARCH_SCOPE_TERMS = 3 };
int search_terms_of_scope(struct region_span span, int32_t organ_id, bool open, int32_t out[SEARCH_SCOPE_TERMS]);
/* A case's number: its county, month, day and the two last pairs of digits, and every pair of neighbouring digits as written.
 */
void search_terms_add_number(struct search_terms *t, int64_t number);

/*
 * How digits may stand in a case number: as its beginning (6 digits or more), as its end (4 or more), or as the beginning of
 * the part behind the county, which begins with the date (4 or more). Each way has terms; all of one way must be there.
 */
enum { SEARCH_NUMBER_WAYS = 3, SEARCH_NUMBER_TERMS = 4 };
struct search_number_way {
    int n;
    int32_t terms[SEARCH_NUMBER_TERMS];
};
/* Returns the number of ways; 0 if the word is not digits or too few. */
int search_number_ways(const char *folded_word, struct search_number_way out[SEARCH_NUMBER_WAYS]);
/* The exact check. */
bool search_number_matches(int64_t number, const char *folded_word);

/* What a number has if the digits stand in it anywhere: the pair, or every three in a row. Returns how many; 0: these are not 2
 * to 18 digits. */
enum { SEARCH_NUMBER_PARTS = 16 };
int search_terms_of_number_part(const char *digits, int32_t out[SEARCH_NUMBER_PARTS]);

/* All terms of a case. address may be NULL; buf has room for the longer of both texts plus one byte. */
struct search_case {
    int64_t number;
    int64_t grid;
    int16_t category_id;
    int32_t organ_id;
    const int32_t *co_organ_ids;
    int n_co;
    bool open;
    const char *description;
    const char *address;
};
void search_terms_of_case(struct search_terms *t, const struct search_case *c, char *buf);

#endif
