/* SPDX-License-Identifier: MIT */
/* Frozen reports in the database: kept once, with all their parts, and never changed. */
#ifndef WG_STORE_REPORT_FROZEN_H
#define WG_STORE_REPORT_FROZEN_H

#include "server/db/db.h"
#include "server/store/report_store.h"

struct frozen_bytes {
    const uint8_t *data;
    size_t len;
};

struct frozen_row {
    struct uuid id;
    struct uuid request_id;
    int64_t request_hash;
    struct frozen_bytes request; /* a packed PullReportRequest */
    int64_t region;              /* 0: everywhere */
    const char *code;
    const char *title;
    const char *title_en;
    usec_t as_of;
    usec_t frozen_at;
    struct uuid frozen_by;
    const char *frozen_by_name;
    const char *note;
    int64_t rows;
    const char *digest;
};

/* kept is false if the request id is known already. */
typedef void (*frozen_kept_fn)(void *arg, bool kept, const struct err *e);
int report_frozen_keep(struct db *db, const struct frozen_row *r, const struct frozen_bytes *parts, int n,
                       const struct db_rider *rider, struct arena *a, usec_t deadline, frozen_kept_fn fn, void *arg,
                       struct err *e) MUST_CHECK;

/* Rows live in the arena. */
typedef void (*frozen_rows_fn)(void *arg, const struct frozen_row *rows, int n, const struct err *e);
/* By id, or by the request that froze it; nil: not by it. */
int report_frozen_get(struct db *db, const struct db_scope *scope, const struct uuid *id, const struct uuid *request_id,
                      struct arena *a, usec_t deadline, frozen_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Latest first; code "" for all; after: the last of the page before, or NULL. */
int report_frozen_list(struct db *db, const struct db_scope *scope, const char *code, const struct frozen_row *after, int limit,
                       struct arena *a, usec_t deadline, frozen_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

typedef void (*frozen_parts_fn)(void *arg, const struct frozen_bytes *parts, int n, const struct err *e);
/* Parts after a number (0: from the first), in order. */
int report_frozen_parts(struct db *db, const struct db_scope *scope, const struct uuid *id, int after, int limit,
                        struct arena *a, usec_t deadline, frozen_parts_fn fn, void *arg, struct err *e) MUST_CHECK;

struct frozen_step {
    struct uuid case_id;
    int64_t number;
    enum action action;
    usec_t happened_at;
    usec_t arrived_at;
    enum case_state from_state;
    enum case_state to_state;
};
struct frozen_steps {
    int n;
    const struct frozen_step *steps;
    int64_t total; /* of all, beyond the limit too */
    int64_t cases;
    int64_t reopened;
};
typedef void (*frozen_steps_fn)(void *arg, const struct frozen_steps *steps, const struct err *e);
/* Steps that arrived in [from, q->as_of) on cases of q's window, region, categories and organ. */
int report_frozen_steps(struct db *db, const struct report_query *q, usec_t from, int limit, struct arena *a, usec_t deadline,
                        frozen_steps_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
