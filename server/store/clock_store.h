/* SPDX-License-Identifier: MIT */
/*
 * What explaining a deadline and dry runs of a change read, and the writes of calendars and limits. Called by the clock
 * service. Every function starts one statement and returns its error if it could not; otherwise fn is called once, from the
 * loop.
 */
#ifndef WG_STORE_CLOCK_STORE_H
#define WG_STORE_CLOCK_STORE_H

#include "server/domain/clock_runs.h"
#include "server/domain/region.h"
#include "server/store/case_store.h"

/* A step of a case as its clocks see it. */
struct clock_event {
    struct uuid case_id;
    struct clock_step step;
    enum role actor_role;
    struct uuid actor_id;
    const char *actor_name; /* in the arena */
};

typedef void (*clock_events_fn)(void *arg, const struct clock_event *events, int n, const struct err *e);
/* All events of up to 500 cases, by case and version. */
int clock_store_events(struct db *db, const struct db_scope *scope, const struct uuid *ids, int n, struct arena *a,
                       usec_t deadline, clock_events_fn fn, void *arg, struct err *e) MUST_CHECK;
/* A page of the open cases of a region, in the order of grid and id, after a grid and an id. */
int clock_store_open_page(struct db *db, const struct db_scope *scope, struct region_span span, int64_t after_grid,
                          const struct uuid *after_id, int limit, struct arena *a, usec_t deadline, case_rows_fn fn, void *arg,
                          struct err *e) MUST_CHECK;

typedef void (*clock_changed_fn)(void *arg, int32_t changed, const struct err *e);
/* json as schema/functions/120_clock_config.sql takes it. ERR_PRECONDITION: a later limit of the kind is there. */
int clock_store_set_calendar(struct db *db, struct arena *a, const char *json, const struct db_rider *rider, usec_t deadline,
                             clock_changed_fn fn, void *arg, struct err *e) MUST_CHECK;
int clock_store_add_limits(struct db *db, struct arena *a, const char *json, const struct db_rider *rider, usec_t deadline,
                           clock_changed_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
