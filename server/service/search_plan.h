/* SPDX-License-Identifier: MIT */
/*
 * A search, planned: the words, what each may be found by, and the exact check of a case. Used by the search engine and by the
 * handlers that show why a case was found. No I/O.
 *
 * A word is found in a case's own text (description, address, number) or by its names: the category's name and aliases, the
 * names of its grid and what that lies in, and the pinyin initials of both. Names come from the directory at the time of the
 * search, so a renamed place is found by its new name at once and the index knows only codes.
 */
#ifndef WG_SERVICE_SEARCH_PLAN_H
#define WG_SERVICE_SEARCH_PLAN_H

#include "common/base/arena.h"
#include "server/domain/directory.h"
#include "server/domain/posting.h"
#include "server/domain/search_terms.h"
#include "server/store/search_store.h"

enum search_field {
    SEARCH_DESCRIPTION = 1,
    SEARCH_ADDRESS = 2,
    SEARCH_NUMBER = 4,
    SEARCH_CATEGORY = 8,
    SEARCH_PLACE = 16,
    SEARCH_PERSON = 32,
};
/* Its name in the API. Static. */
const char *search_field_name(enum search_field f);

/* Better matches come first: all words in a case's own text, then those found by names too. */
enum search_part { SEARCH_OWN_TEXT, SEARCH_NAMES, SEARCH_PARTS };

struct search_plan;

/* Words apart by blanks and punctuation. ERR_INVALID for text without two characters in a row, or too many words. In the arena;
 * the directory is borrowed as long as the plan lives. */
int search_plan_create(struct arena *a, const struct directory *dir, const char *text, const struct search_scope *scope,
                       struct search_plan **ret, struct err *e) MUST_CHECK;
/* False if no word could be found by a name: then SEARCH_NAMES is empty. */
bool search_plan_has_names(const struct search_plan *p);

/* The terms to read for a part; sorted. *ret_all: not one of them confines it, every case is a candidate. */
const int32_t *search_plan_terms(const struct search_plan *p, enum search_part part, int *ret_n, bool *ret_all);
/* Which places of a segment are candidates: its rows, as search_store_window gives them. Adds to *ret. */
int search_plan_match(const struct search_plan *p, enum search_part part, const struct search_hit_row *rows, int n,
                      struct posting *ret, struct err *e) MUST_CHECK;

/* The exact check. Returns SEARCH_OWN_TEXT or SEARCH_NAMES and where each word was found, or -1. */
int search_plan_check(struct search_plan *p, const struct case_row *row, unsigned *ret_fields);

#endif
