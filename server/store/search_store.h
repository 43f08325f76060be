/* SPDX-License-Identifier: MIT */
/*
 * Reading the search index: what it does not hold yet, postings of terms in a stretch of segments, and the cases at places
 * found. Called by service/search_engine.c. And the cases near another in place and time. Every list of cases is confined by
 * the scope given, in the statement that reads it.
 */
#ifndef WG_STORE_SEARCH_STORE_H
#define WG_STORE_SEARCH_STORE_H

#include "server/domain/posting.h"
#include "server/store/case_store.h"

enum { SEARCH_PARTS_A_MONTH = 1024 };

/* Which cases may be found at all, and behind which to go on. */
struct search_scope {
    struct db_scope wall; /* of the caller; what follows may be narrower, for what was asked */
    struct region_span span;
    uint32_t states;      /* STATE_BIT; 0: any */
    int32_t organ_id;     /* leads or helps; 0: any */
    struct uuid reporter; /* nil: any */
    int32_t source_id;    /* 0: any */
    bool has_after;
    int32_t after_day;
    struct uuid after_id;
};

/* The newest cases that the index does not hold as they are now, at most limit. Ask before the index: what is folded between
 * the two is then in both, never in neither. */
int search_store_tail(struct db *db, const struct search_scope *s, int limit, struct arena *a, usec_t deadline, case_rows_fn fn,
                      void *arg, struct err *e) MUST_CHECK;

/* ids of the cases that the index does not hold as they are now, whoever may see them: read them under a scope. all: none is
 * left out; false when more than SEARCH_BEHIND_MAX events are behind it. generation: search_store_generation. Ask before the
 * index. */
enum { SEARCH_BEHIND_MAX = 8192 };
typedef void (*search_behind_fn)(void *arg, const struct uuid *ids, int n, bool all, int64_t generation, const struct err *e);
int search_store_behind(struct db *db, struct arena *a, usec_t deadline, search_behind_fn fn, void *arg,
                        struct err *e) MUST_CHECK;
/* How often the index was emptied: what was read before and after does not fit together. */
typedef void (*search_generation_fn)(void *arg, int64_t generation, const struct err *e);
int search_store_generation(struct db *db, struct arena *a, usec_t deadline, search_generation_fn fn, void *arg,
                            struct err *e) MUST_CHECK;

/* lo > hi in an empty index. */
typedef void (*search_span_fn)(void *arg, int32_t lo, int32_t hi, const struct err *e);
int search_store_span(struct db *db, struct arena *a, usec_t deadline, search_span_fn fn, void *arg, struct err *e) MUST_CHECK;

/* One posting, or (is_segment) the segment itself with the places in use. data is borrowed until the callback returns. */
struct search_hit_row {
    int32_t segment;
    bool is_segment;
    int32_t slots;
    int32_t term;
    const unsigned char *data;
    size_t len;
};
/* Rows by falling segment. */
typedef void (*search_window_fn)(void *arg, const struct search_hit_row *rows, int n, const struct err *e);
int search_store_window(struct db *db, const int32_t *terms, int n_terms, int32_t from, int32_t to, bool with_segments,
                        struct arena *a, usec_t deadline, search_window_fn fn, void *arg, struct err *e) MUST_CHECK;

struct search_days_row {
    int32_t segment;
    const unsigned char *days;
    size_t n;
};
typedef void (*search_days_fn)(void *arg, const struct search_days_row *rows, int n, const struct err *e);
int search_store_days(struct db *db, const int32_t *segments, int n, struct arena *a, usec_t deadline, search_days_fn fn,
                      void *arg, struct err *e) MUST_CHECK;

struct search_place {
    int32_t day; /* of report, since 1970-01-01 */
    int32_t segment;
    int16_t slot;
};
/* Adds three parameters: the segments, slots and days. */
int search_store_put_places(struct db_params *p, struct arena *a, const struct search_place *places, int n) MUST_CHECK;
/* The cases at places, newest first. */
int search_store_fetch(struct db *db, const struct search_place *places, int n, const struct search_scope *s, int limit,
                       struct arena *a, usec_t deadline, case_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

struct similar_query {
    const int16_t *category_ids;
    int n_categories;
    const int64_t *grids;
    int n_grids;
    usec_t from;
    usec_t to;
    int32_t from_day; /* the local days of both */
    int32_t to_day;
    struct uuid except; /* nil: none */
    struct search_scope scope;
    int limit;
};
int search_store_similar(struct db *db, const struct similar_query *q, struct arena *a, usec_t deadline, case_rows_fn fn,
                         void *arg, struct err *e) MUST_CHECK;

#endif
