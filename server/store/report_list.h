/* SPDX-License-Identifier: MIT */
/*
 * What reports show beside sums: when cases come, how fast they close, how long stages take, and the open cases a duty officer
 * looks at. Called by the services that build reports. Filters are those of struct report_query.
 */
#ifndef WG_STORE_REPORT_LIST_H
#define WG_STORE_REPORT_LIST_H

#include "server/domain/calendar_set.h"
#include "server/store/report_store.h"

enum { REPORT_HOURS = 24, REPORT_WEEKDAYS = 7, REPORT_CURVE_DAYS = 60 };

struct report_heat {
    int64_t n[REPORT_WEEKDAYS][REPORT_HOURS]; /* Monday first */
};
typedef void (*report_heat_fn)(void *arg, const struct report_heat *heat, const struct err *e);
int report_list_heat(struct db *db, const struct report_query *q, struct arena *a, usec_t deadline, report_heat_fn fn,
                     void *arg, struct err *e) MUST_CHECK;

struct report_curve {
    int n; /* ages 0 to n - 1 days */
    int64_t closed[REPORT_CURVE_DAYS + 1];
    int64_t valid[REPORT_CURVE_DAYS + 1];
};
typedef void (*report_curve_fn)(void *arg, const struct report_curve *curve, const struct err *e);
int report_list_curve(struct db *db, const struct report_query *q, struct arena *a, usec_t deadline, report_curve_fn fn,
                      void *arg, struct err *e) MUST_CHECK;

enum report_stage { STAGE_ACCEPT = 1, STAGE_DISPATCH, STAGE_HANDLE, STAGE_CHECK, STAGE_CLOSE, STAGE_COUNT };

/* Working seconds from the beginning of a stage to its end, waiting included, by nearest rank. */
struct report_stages {
    struct {
        int64_t n;
        int64_t median_s; /* n is 0: undefined */
        int64_t p90_s;
    } of[STAGE_COUNT];
};
typedef void (*report_stages_fn)(void *arg, const struct report_stages *stages, const struct err *e);
/* calendars live until fn. ERR_EXHAUSTED in fn if the window holds more stages than can be ranked at once. */
int report_list_stages(struct db *db, const struct report_query *q, const struct calendar_set *calendars, struct arena *a,
                       usec_t deadline, report_stages_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Why an open case is in a list. */
enum report_open_reason { OPEN_OVERDUE = 1, OPEN_DUE_TODAY = 2, OPEN_URGED = 3, OPEN_APPROVAL = 4 };

struct report_open_case {
    struct uuid id;
    int64_t number;
    int16_t category_id;
    int32_t organ_id;
    enum case_state state;
    enum card card;
    usec_t due_at; /* USEC_NONE: no limit runs */
    usec_t reported_at;
    const char *address;
    int64_t grid;
    usec_t position; /* of the keyset */
};
typedef void (*report_open_fn)(void *arg, const struct report_open_case *cases, int n, const struct err *e);
/* after: the last case of the page before, or NULL. As the cases are now, whatever the query's as-of. */
int report_list_open(struct db *db, const struct report_query *q, enum report_open_reason why,
                     const struct report_open_case *after, int limit, struct arena *a, usec_t deadline, report_open_fn fn,
                     void *arg, struct err *e) MUST_CHECK;

#endif
