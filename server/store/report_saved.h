/* SPDX-License-Identifier: MIT */
/* Saved report definitions and the runs of those that have a schedule. */
#ifndef WG_STORE_REPORT_SAVED_H
#define WG_STORE_REPORT_SAVED_H

#include "server/db/db.h"
#include "server/store/report_frozen.h"

struct saved_row {
    const char *code;
    struct uuid owner;
    const char *owner_name;
    int64_t region; /* 0: everywhere */
    bool shared;
    struct frozen_bytes definition; /* a packed ReportDefinition */
    int schedule;
    int at_minute;
};

/* done is false if the code is somebody else's (set) or no such report is the owner's (delete). */
typedef void (*saved_done_fn)(void *arg, bool done, const struct err *e);
int report_saved_set(struct db *db, const struct saved_row *r, usec_t now, struct arena *a, usec_t deadline, saved_done_fn fn,
                     void *arg, struct err *e) MUST_CHECK;
int report_saved_delete(struct db *db, const char *code, const struct uuid *owner, struct arena *a, usec_t deadline,
                        saved_done_fn fn, void *arg, struct err *e) MUST_CHECK;

typedef void (*saved_rows_fn)(void *arg, const struct saved_row *rows, int n, const struct err *e);
/* The account's own and shared ones of regions in the span; code NULL: all. */
int report_saved_list(struct db *db, const struct uuid *account, struct region_span span, const char *code, struct arena *a,
                      usec_t deadline, saved_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

struct saved_run {
    struct uuid id;
    const char *code;
    struct frozen_bytes definition;
    struct period period;
    usec_t due_at;
};
/* run is NULL if none is due. */
typedef void (*saved_run_fn)(void *arg, const struct saved_run *run, const struct err *e);
int report_saved_take(struct db *db, const struct uuid *account, usec_t now, usec_t lease_until, struct arena *a,
                      usec_t deadline, saved_run_fn fn, void *arg, struct err *e) MUST_CHECK;
int report_saved_finish(struct db *db, const struct uuid *id, const struct uuid *account, usec_t now, char *const *files, int n,
                        const char *failed, struct arena *a, usec_t deadline, saved_done_fn fn, void *arg,
                        struct err *e) MUST_CHECK;

#endif
