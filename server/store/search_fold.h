/* SPDX-License-Identifier: MIT */
/*
 * Writing the search index: one step folds the next batch of the feed into it. Called by a timer of each worker and by
 * "wangged reindex". The terms are computed here, in C; the statement that writes them checks that nobody else moved the
 * position meanwhile, so any number of workers may try and one wins.
 */
#ifndef WG_STORE_SEARCH_FOLD_H
#define WG_STORE_SEARCH_FOLD_H

#include "server/db/db.h"

enum {
    SEARCH_FOLD_BATCH = 4096, /* events in one step */
    SEARCH_FOLD_MANY = 512,   /* this many do not wait for cases: every search looks through what is not folded */
};

/* events: how many were folded; 0: nothing to do, or fewer cases than min_cases and fewer events than SEARCH_FOLD_MANY wait;
 * -1: another worker was first, or e. */
typedef void (*search_fold_fn)(void *arg, int events, const struct err *e);

struct search_fold;
/* Starts a step; fn is called once. Errors as db_query, then fn is not called. *ret may be given to search_fold_forget. */
int search_fold_step(struct db *db, int min_cases, search_fold_fn fn, void *arg, struct search_fold **ret,
                     struct err *e) MUST_CHECK;
/* fn will not be called any more; the step ends by itself. Accepts NULL. */
void search_fold_forget(struct search_fold *f);

#endif
