/* SPDX-License-Identifier: MIT */
/*
 * The dispatch rules: a worker's sorted copy, kept fresh (channel rules_changed), writing them, and the dispatches of the past
 * to try them on. Owned by app. Invariant: the copy is sorted, most specific first.
 */
#ifndef WG_STORE_RULE_STORE_H
#define WG_STORE_RULE_STORE_H

#include <event2/event.h>

#include "common/base/arena.h"
#include "server/db/db.h"
#include "server/domain/dispatch_rule.h"

struct rule_store;

/* Counted; one thread. */
struct rule_set {
    int refs;
    struct arena *arena;
    struct dispatch_rule *rules;
    int n;
};
struct rule_set *rule_set_ref(struct rule_set *s);
/* Accepts NULL. */
void rule_set_unref(struct rule_set *s);

/* Begins to listen and loads once the database is there. db outlives it. */
struct rule_store *rule_store_create(struct event_base *base, struct db *db, struct err *e);
/* Accepts NULL. Before db_destroy. */
void rule_store_destroy(struct rule_store *s);
/* The copy; NULL until first loaded. Borrowed: take a reference to keep it. */
struct rule_set *rule_store_get(const struct rule_store *s);

typedef void (*rules_set_fn)(void *arg, int32_t changed, const struct err *e);
/* json: an array as schema/functions/080_search.sql reads it. */
int rule_store_set(struct db *db, const char *json, const struct uuid *who, usec_t at, const struct db_rider *rider,
                   struct arena *a, usec_t deadline, rules_set_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Reads all rules as they are in the database now. */
typedef void (*rules_read_fn)(void *arg, struct rule_set *rules, const struct err *e);
int rule_store_read(struct db *db, struct arena *a, usec_t deadline, rules_read_fn fn, void *arg, struct err *e) MUST_CHECK;

struct dispatch_row {
    struct uuid case_id;
    int32_t version;
    usec_t happened_at;
    usec_t arrived_at;
    int64_t grid;
    int16_t category_id;
    int32_t organ_id;
    int64_t number;
    bool returned;
};
struct dispatch_query {
    usec_t from;
    usec_t to;
    struct region_span span;
    bool has_after;
    usec_t after_at;
    struct uuid after_id;
    int32_t after_version;
    int limit;
};
typedef void (*dispatch_rows_fn)(void *arg, const struct dispatch_row *rows, int n, const struct err *e);
int rule_store_dispatches(struct db *db, const struct dispatch_query *q, struct arena *a, usec_t deadline, dispatch_rows_fn fn,
                          void *arg, struct err *e) MUST_CHECK;

#endif
