/* SPDX-License-Identifier: MIT */
/*
 * Runs a planned search: first what the index does not hold yet, then the index from the newest month backwards, each candidate
 * checked against its real text, until the page is full. Called by Search. One run a call; everything lives in its arena.
 *
 * Order: enum search_part, then cohort day and id, newest first. Invariant: a page begins exactly behind the key of the page
 * before, whatever was folded in between.
 */
#ifndef WG_SERVICE_SEARCH_ENGINE_H
#define WG_SERVICE_SEARCH_ENGINE_H

#include "server/service/search_plan.h"

struct search_hit {
    const struct case_row *row;
    unsigned fields;
    enum search_part part;
};

struct search_result {
    const struct search_hit *hits;
    int n;
    bool more; /* go on behind the key below */
    enum search_part part;
    int32_t day;
    struct uuid id;
};

/* ret is NULL if e->code is set; it lives in the arena. */
typedef void (*search_done_fn)(void *arg, const struct search_result *ret, const struct err *e);

/* scope's keyset belongs to part. Finds up to limit cases, or fewer with more set when very many candidates were none. Errors
 * as db_query; then fn is not called. */
int search_engine_run(struct db *db, struct search_plan *plan, const struct search_scope *scope, enum search_part part,
                      int limit, struct arena *a, usec_t deadline, search_done_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
