/* SPDX-License-Identifier: MIT */
/*
 * Cases in the database: reading them, and the one write path. Called by the services. A write carries what the gate decided:
 * the case as it is afterwards and the events that led there (one for an action, several for an imported history); many of
 * them go out as one statement with one commit (server/db).
 */
#ifndef WG_STORE_CASE_STORE_H
#define WG_STORE_CASE_STORE_H

#include "server/db/db.h"
#include "server/domain/gate.h"
#include "server/domain/measure.h"
#include "server/domain/policy.h"
#include "server/store/case_row.h"
#include "server/store/people_store.h"

/* One event to be written. Strings are borrowed until done. */
struct event_write {
    int64_t version;
    struct uuid request_id;
    int64_t request_hash;
    usec_t happened_at;
    usec_t arrived_at; /* USEC_NONE: when the unit is sent */
    int16_t category_id;
    int16_t prev_category_id;
    int32_t organ_id;      /* 0: none */
    int32_t prev_organ_id; /* 0: none */
    enum action action;
    enum case_state from_state;
    enum case_state to_state;
    enum check_result check_result;
    int32_t stock_before; /* bit m: enum measure m */
    int32_t stock_after;
    int32_t flow;
    int64_t more_before; /* bit m - MEASURE_CORE: the measures from there on */
    int64_t more_after;
    int64_t more_flow;
    usec_t dues_before[DUE_COUNT]; /* USEC_NONE: none pending */
    usec_t dues_after[DUE_COUNT];
    enum role actor_role;
    bool imported;
    struct uuid actor_id;
    int32_t actor_organ_id;
    const char *actor_name;
    const char *text;
    const char *reason_code;
    const char *receiver;
    enum approval_kind approval; /* NONE: the step is about no request */
    enum card card;
    int level;    /* after the step */
    usec_t until; /* USEC_NONE: it set no time */
    struct uuid target_id;
    const char *outside_number; /* NULL: none */
    int n_co;                   /* of a dispatch: the organs it named to help */
    int32_t co_organ_ids[CASE_MAX_CO_ORGANS];
};

struct case_write;
/*
 * How a write ended. e->code: 0; ERR_EXISTS (the key or the case id is used with another body); ERR_CONFLICT (stale version);
 * ERR_UNKNOWN_OUTCOME; or what the database said. replayed: the same request was done before and version is what it made.
 */
typedef void (*case_write_fn)(void *arg, bool replayed, int64_t version, const struct err *e);

struct case_write {
    struct db_write write; /* first: the lane knows only this */
    struct db *db;
    const struct clock *clock;
    int64_t expected;             /* 0: a new case */
    const struct case_row *after; /* texts and place are written for a new case only, handler_name and assignee_name always */
    int n_events;
    const struct event_write *events;
    int n_people; /* of a new case; sealed */
    const struct person_row *people;
    bool retried;
    usec_t sent_at; /* set when the unit was sent: arrived_at of events that gave none */
    case_write_fn fn;
    void *arg;
};

/* Fills an event's measure bits and keys from the step. before is NULL at intake. */
void event_write_measures(struct event_write *ev, const struct measure_step *step, const struct case_snap *before,
                          const struct case_snap *after);
/* Fills everything of an event that follows from the step: who, what was given, measures. Left to the caller: request, times,
 * imported, receiver. before is NULL at intake. Strings are borrowed from who and act. */
void event_write_step(struct event_write *ev, const struct actor *who, const struct act *act, const struct case_snap *before,
                      const struct case_snap *after);
/*
 * Queues the write; w and everything it points to stay where they are until fn. Set db, clock, expected, after, events, fn, arg
 * and write.deadline first. Errors as db_write_submit; fn is then not called.
 */
int case_store_write(struct case_write *w, struct err *e) MUST_CHECK;

/* found is NULL when there is none or e->code is set. Lives in the arena given. */
typedef void (*case_get_fn)(void *arg, const struct case_row *found, const struct err *e);
int case_store_get(struct db *db, const struct db_scope *scope, const struct uuid *id, struct arena *a, usec_t deadline,
                   case_get_fn fn, void *arg, struct err *e) MUST_CHECK;
int case_store_get_by_number(struct db *db, const struct db_scope *scope, int64_t number, struct arena *a, usec_t deadline,
                             case_get_fn fn, void *arg, struct err *e) MUST_CHECK;

typedef void (*case_rows_fn)(void *arg, const struct case_row *rows, int n, const struct err *e);
/* Cases by id, at most 500, in no order; missing ones are left out. */
int case_store_get_many(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, struct arena *a,
                        usec_t deadline, case_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
/* The same for timers, which one broken case must not stop: it comes with unreadable set, and is logged. */
int case_store_get_due(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, struct arena *a,
                       usec_t deadline, case_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Which cases. Zero and NULL parts hold for all; texts and arrays are borrowed until the call returns. */
struct case_query {
    uint32_t states; /* STATE_BIT; 0: any */
    struct region_span span;
    const int16_t *category_ids;
    int n_categories; /* -1: any */
    int32_t organ_id;
    usec_t reported_from; /* USEC_NONE: any */
    usec_t reported_to;
    usec_t due_before;
    const char *text;
    struct uuid reporter;  /* nil: any */
    int32_t source_id;     /* 0: any */
    int32_t seen_by_organ; /* leads or helps */
    struct uuid worker;    /* nil: any; else nothing that a colleague of the organ is to sign for */
    uint32_t cards;        /* bit: enum card; 0: any */
    uint32_t pending;      /* bit: enum approval_kind that waits for a decision; 0: any */
    bool by_due;           /* earliest due first; else newest reported first */
    /* Keyset of the last row of the page before; has_after false on the first page. */
    bool has_after;
    int32_t after_day;
    usec_t after_due;
    struct uuid after_id;
    int limit;
};
void case_query_init(struct case_query *q);
/* With a text, through the search index (store/case_text.h). */
int case_store_list(struct db *db, const struct db_scope *scope, const struct case_query *q, struct arena *a, usec_t deadline,
                    case_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Counts up to up_to; keyset and limit are ignored. */
typedef void (*case_count_fn)(void *arg, int32_t total, const struct err *e);
int case_store_count(struct db *db, const struct db_scope *scope, const struct case_query *q, int32_t up_to, struct arena *a,
                     usec_t deadline, case_count_fn fn, void *arg, struct err *e) MUST_CHECK;

/* A case that is merged into another now. */
struct link_row {
    struct uuid case_id;
    int64_t number;
    usec_t merged_at;
};
typedef void (*link_rows_fn)(void *arg, const struct link_row *rows, int n, const struct err *e);
int case_store_links(struct db *db, const struct db_scope *scope, const struct uuid *lead, int limit, struct arena *a,
                     usec_t deadline, link_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

typedef void (*event_rows_fn)(void *arg, const struct event_row *rows, int n, const struct err *e);
/* Events with a higher version, oldest first, at most limit. */
int case_store_events(struct db *db, const struct db_scope *scope, const struct uuid *case_id, int64_t after_version, int limit,
                      struct arena *a, usec_t deadline, event_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
