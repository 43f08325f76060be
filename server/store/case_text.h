/* SPDX-License-Identifier: MIT */
/*
 * Lists and counts of cases by a text, answered through the search index: candidates from there and what the index does not
 * hold yet, each checked by the same condition that reading all cases would use. Inside the store: case_read.c gives it what it
 * can answer and gets back what it cannot.
 *
 * Invariant: the answer is that of case_read_list and case_read_count without candidates, for every index, however far behind.
 */
#ifndef WG_STORE_CASE_TEXT_H
#define WG_STORE_CASE_TEXT_H

#include "server/store/case_store.h"
#include "server/store/search_store.h"

/* True if the index has terms for the text: two characters in a row that are no blanks or punctuation. */
bool case_text_is_indexed(const char *text);
/* As case_store_list and case_store_count, of a text that is indexed. */
int case_text_list(struct db *db, const struct db_scope *scope, const struct case_query *q, struct arena *a, usec_t deadline,
                   case_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
int case_text_count(struct db *db, const struct db_scope *scope, const struct case_query *q, int32_t up_to, struct arena *a,
                    usec_t deadline, case_count_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Cases among which to look: by id, of them those of some days; and places of the index. */
struct case_candidates {
    const struct uuid *ids;
    int n_ids;
    int32_t oldest_day, newest_day; /* DAY_NONE: any */
    const struct search_place *places;
    int n_places;
};
/* Among candidates; NULL: among all cases. Parameters are made in work, rows in a. */
int case_read_list(struct db *db, const struct db_scope *scope, const struct case_query *q, const struct case_candidates *among,
                   struct arena *work, struct arena *a, usec_t deadline, case_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
int case_read_count(struct db *db, const struct db_scope *scope, const struct case_query *q,
                    const struct case_candidates *among, int32_t up_to, struct arena *work, struct arena *a, usec_t deadline,
                    case_count_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
