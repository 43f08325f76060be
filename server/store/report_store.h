/* SPDX-License-Identifier: MIT */
/*
 * Figures from the database: for one window, the sums of all measures by key, and the rows behind a sum. Called by the report
 * services. A sum is put together from the cheapest tables that are exact for it: month cells, day cells, category or organ
 * cells, plus or minus the events of a day that the as-of instant cuts; where no cells have the grain, from the events.
 */
#ifndef WG_STORE_REPORT_STORE_H
#define WG_STORE_REPORT_STORE_H

#include "server/db/db.h"
#include "server/domain/metric.h"
#include "server/domain/period.h"
#include "server/domain/region.h"

enum report_key {
    REPORT_KEY_NONE,
    REPORT_KEY_REGION,
    REPORT_KEY_CATEGORY,
    REPORT_KEY_ORGAN,
    REPORT_KEY_CHANNEL,
    REPORT_KEY_DAY, /* of the cohort */
};

/* What is summed. Arrays are borrowed until the report is done. */
struct report_query {
    struct db_scope scope; /* of the caller: which events may be read; the cells hold no case */
    struct period window;
    usec_t as_of; /* events that arrived before it */
    usec_t now;   /* by the server's clock: as_of <= now */
    struct region_span span;
    enum region_level level; /* of the region the span belongs to; LEVEL_CITY if it is everything */
    bool everywhere;         /* the span holds every region there is: organ cells are exact */
    const int16_t *category_ids;
    int n_categories;     /* -1: all */
    int32_t organ_id;     /* 0: all */
    enum channel channel; /* CHANNEL_NONE: all */
    enum report_key key;
    enum region_level key_level; /* of REPORT_KEY_REGION */
};

/* Sums under one key: region code, category id, organ id, channel, day since 1970-01-01, or 0. */
struct report_row {
    int64_t key;
    int64_t *of[TERM_COUNT]; /* by measure, or due kind; NULL: all zeros */
};
struct metric_sums report_row_sums(const struct report_row *row);
/* The same, of no row at all: all zeros. */
int64_t report_row_value(const struct report_row *row, const struct metric_sum *s);
/* What the row says of one measure; 0 where nothing was summed. */
int64_t report_row_of(const struct report_row *row, enum term_kind kind, int what);

/* Rows are in no order and live in the arena; n is 0 when e->code is set. */
typedef void (*report_fn)(void *arg, const struct report_row *rows, int n, const struct err *e);
/* Query and needs are copied. Errors as db_query; fn is then not called. Of a key CHANNEL or DAY the kinds YEAR_EARLIER and
 * PREVIOUS make no sense by day and give that day's own key. */
int report_store_sum(struct db *db, const struct report_query *q, const struct metric_needs *needs, struct arena *a,
                     usec_t deadline, report_fn fn, void *arg, struct err *e) MUST_CHECK;
/* The as-of of the same figure in another window: as far into it, or past its end, as q's. Not after q->now. */
usec_t report_store_shift(const struct report_query *q, struct period other);

/* The latest as-of that no write under way can still change. */
typedef void (*report_now_fn)(void *arg, usec_t as_of, const struct err *e);
int report_store_now(struct db *db, usec_t now, struct arena *a, usec_t deadline, report_now_fn fn, void *arg,
                     struct err *e) MUST_CHECK;

/* One row behind a figure. */
struct figure_row {
    struct uuid case_id;
    enum case_state state; /* as of then */
    int64_t position;      /* of the keyset: cohort day, or arrival in microseconds */
    int64_t event_version; /* 0 for a stock */
};
typedef void (*figure_fn)(void *arg, const struct figure_row *rows, int n, const struct err *e);

struct figure_after {
    bool set;
    int64_t position;
    struct uuid case_id;
    int64_t event_version;
};
/* The cases or acts of one part of a sum, after the keyset: as many as the part's share of the sum. */
int report_store_list(struct db *db, const struct report_query *q, const struct metric_part *part,
                      const struct figure_after *after, int limit, struct arena *a, usec_t deadline, figure_fn fn, void *arg,
                      struct err *e) MUST_CHECK;

#endif
