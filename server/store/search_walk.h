/* SPDX-License-Identifier: MIT */
/*
 * Walks what the search index has of some terms, from the newest month backwards, in chunks of whole days: candidates, each to
 * be checked against its case. Called by service/search_engine.c and store/case_text.c. What the index does not hold yet is
 * theirs to ask for, before the walk.
 *
 * Invariant: days fall from chunk to chunk; the places of a day are in one chunk, in no order.
 */
#ifndef WG_STORE_SEARCH_WALK_H
#define WG_STORE_SEARCH_WALK_H

#include "server/domain/calendar.h"
#include "server/store/search_store.h"

/* The answer to bytes in the index that are not ours. Returns the code. */
int search_broken(struct err *e);
/* Among the postings of one segment: takes away from io what does not have all of the terms. ERR_INVALID for broken ones. */
int search_hits_and(const struct search_hit_row *rows, int n, const int32_t *terms, int n_terms, struct posting *io) MUST_CHECK;
/* Adds what has any of the terms. */
int search_hits_or(const struct search_hit_row *rows, int n, const int32_t *terms, int n_terms, struct posting *io) MUST_CHECK;

/* Adds the places of one segment that match to ret; rows are its postings of the terms asked for. */
typedef int (*search_match_fn)(void *arg, const struct search_hit_row *rows, int n, struct posting *ret, struct err *e);

struct search_walk_query {
    const int32_t *terms; /* borrowed while the walk lasts */
    int n_terms;
    bool all; /* the segments themselves, too */
    search_match_fn match;
    void *match_arg;
    int32_t newest_day, oldest_day; /* DAY_NONE: any */
};

struct search_walk;
/* NULL without memory. Owned by the caller. */
struct search_walk *search_walk_create(struct db *db, usec_t deadline);
/* Accepts NULL. Not while a window is being read. */
void search_walk_destroy(struct search_walk *w);
/* Begins, or begins anew with other terms. */
void search_walk_begin(struct search_walk *w, const struct search_walk_query *q);

/* The next whole days at hand: need places or a few more, or fewer when no more were read. Returns how many; 0: read on.
 * Borrowed until the next call. */
int search_walk_take(struct search_walk *w, int need, const struct search_place **ret);
/* The share of all cases of the windows read that are candidates; only of a walk that asked for the segments, too. */
double search_walk_share(const struct search_walk *w);
/* True when nothing is at hand and nothing is left to read. */
bool search_walk_is_over(const struct search_walk *w);

/* More is at hand, or the walk is over. */
typedef void (*search_walk_fn)(void *arg, const struct err *e);
/* Reads windows until places are found; only when nothing is at hand and the walk is not over. Errors as db_query; then fn is
 * not called. */
int search_walk_read(struct search_walk *w, search_walk_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
