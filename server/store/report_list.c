/* SPDX-License-Identifier: MIT */
#include "server/store/report_list.h"

#include <stdlib.h>
#include <string.h>

#include "server/db/result.h"
#include "sql.h"

enum { UTC_OFFSET_S = 28800, MAX_STAGES = 2000000 };

struct ask {
    struct arena *arena;
    const struct calendar_set *calendars;
    union {
        report_heat_fn heat;
        report_curve_fn curve;
        report_stages_fn stages;
        report_open_fn open;
    } fn;
    void *arg;
};

static struct ask *ask_create(struct arena *a, void *arg, struct err *e)
{
    struct ask *k = arena_zalloc(a, sizeof *k);
    if (!k) {
        (void)err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        return NULL;
    }
    k->arena = a;
    k->arg = arg;
    return k;
}

static int param_categories(struct db_params *p, const struct report_query *q, struct arena *a)
{
    if (q->n_categories < 0) {
        db_param_null(p);
        return 0;
    }
    struct db_array *ids = db_array_create(a, DB_OID_INT2, q->n_categories);
    for (int i = 0; i < q->n_categories; i++)
        db_array_i16(ids, q->category_ids[i]);
    return db_param_array(p, ids);
}

static void param_organ(struct db_params *p, const struct report_query *q)
{
    if (q->organ_id)
        db_param_i64(p, q->organ_id);
    else
        db_param_null(p);
}

/* Region, cohort, as-of, categories, organ: what most statements begin with. */
static int param_cohort(struct db_params *p, const struct report_query *q, struct arena *a, struct err *e)
{
    db_params_init(p);
    db_param_i64(p, q->span.lo);
    db_param_i64(p, q->span.hi);
    db_param_date(p, q->window.first);
    db_param_date(p, q->window.last + 1);
    db_param_time(p, q->as_of);
    if (param_categories(p, q, a))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    param_organ(p, q);
    return 0;
}

static void on_heat(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    struct report_heat *heat = arena_zalloc(k->arena, sizeof *heat);
    if (!heat && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    for (int i = 0; !failed.code && i < PQntuples(res); i++) {
        int day = db_get_i32(res, i, 0) - 1;
        int hour = db_get_i32(res, i, 1);
        if (day >= 0 && day < REPORT_WEEKDAYS && hour >= 0 && hour < REPORT_HOURS)
            heat->n[day][hour] = db_get_i64(res, i, 2);
    }
    k->fn.heat(k->arg, failed.code ? NULL : heat, &failed);
}

int report_list_heat(struct db *db, const struct report_query *q, struct arena *a, usec_t deadline, report_heat_fn fn,
                     void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k || param_cohort(&p, q, a, e))
        return ERR_NOMEM;
    k->fn.heat = fn;
    return db_query(db, &q->scope, &sql_report_heat, &p, deadline, on_heat, k, e);
}

static void on_curve(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    struct report_curve *curve = arena_zalloc(k->arena, sizeof *curve);
    if (!curve && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    for (int i = 0; !failed.code && i < PQntuples(res) && i <= REPORT_CURVE_DAYS; i++) {
        curve->closed[i] = db_get_i64(res, i, 1);
        curve->valid[i] = db_get_i64(res, i, 2);
        curve->n = i + 1;
    }
    k->fn.curve(k->arg, failed.code ? NULL : curve, &failed);
}

int report_list_curve(struct db *db, const struct report_query *q, struct arena *a, usec_t deadline, report_curve_fn fn,
                      void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k || param_cohort(&p, q, a, e))
        return ERR_NOMEM;
    k->fn.curve = fn;
    db_param_i64(&p, REPORT_CURVE_DAYS);
    return db_query(db, &q->scope, &sql_report_curve, &p, deadline, on_curve, k, e);
}

static int compare_seconds(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The smallest value that at least pct percent do not exceed. */
static int64_t nearest_rank(const int64_t *sorted, size_t n, size_t pct)
{
    return sorted[(n * pct + 99) / 100 - 1];
}

/* One stage's durations are taken out of the result, counted by the calendar of the case's grid, and ranked. */
static void rank_stage(const struct ask *k, const PGresult *res, int stage, int64_t *seconds, struct report_stages *out)
{
    size_t n = 0;
    for (int i = 0; i < PQntuples(res); i++) {
        if (db_get_i32(res, i, 0) != stage)
            continue;
        usec_t begin = db_get_time(res, i, 2);
        usec_t end = db_get_time(res, i, 3);
        const struct calendar *c = calendar_set_for(k->calendars, db_get_i64(res, i, 1));
        seconds[n++] = end > begin ? deadline_between(c, UNIT_WORKING, begin, end) : 0;
    }
    if (n == 0)
        return;
    qsort(seconds, n, sizeof *seconds, compare_seconds);
    out->of[stage].n = (int64_t)n;
    out->of[stage].median_s = nearest_rank(seconds, n, 50);
    out->of[stage].p90_s = nearest_rank(seconds, n, 90);
}

static void on_stages(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    struct report_stages stages;
    int64_t *seconds = NULL;
    memset(&stages, 0, sizeof stages);
    if (!failed.code && PQntuples(res) >= MAX_STAGES)
        (void)err_field(&failed, ERR_EXHAUSTED, "from",
                        "More than %d stages lie in this window. Ask for a shorter one or a smaller region.", MAX_STAGES);
    if (!failed.code) {
        seconds = malloc(((size_t)PQntuples(res) + 1) * sizeof *seconds);
        if (!seconds)
            (void)err_set(&failed, ERR_NOMEM, "The report is too large. Ask for a shorter window.");
    }
    for (int stage = STAGE_ACCEPT; seconds && stage < STAGE_COUNT; stage++)
        rank_stage(k, res, stage, seconds, &stages);
    free(seconds);
    k->fn.stages(k->arg, failed.code ? NULL : &stages, &failed);
}

int report_list_stages(struct db *db, const struct report_query *q, const struct calendar_set *calendars, struct arena *a,
                       usec_t deadline, report_stages_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k || param_cohort(&p, q, a, e))
        return ERR_NOMEM;
    k->fn.stages = fn;
    k->calendars = calendars;
    db_param_i64(&p, MAX_STAGES);
    return db_query(db, &q->scope, &sql_report_stages, &p, deadline, on_stages, k, e);
}

static void on_open(void *arg, const PGresult *res, const struct err *e)
{
    struct ask *k = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct report_open_case *cases = arena_zalloc(k->arena, ((size_t)n + 1) * sizeof *cases);
    for (int i = 0; cases && i < n; i++) {
        int c = 0;
        cases[i].id = db_get_uuid(res, i, c++);
        cases[i].number = db_get_i64(res, i, c++);
        cases[i].category_id = (int16_t)db_get_i32(res, i, c++);
        cases[i].organ_id = db_get_i32(res, i, c++);
        cases[i].state = (enum case_state)db_get_i32(res, i, c++);
        cases[i].card = (enum card)db_get_i32(res, i, c++);
        cases[i].due_at = db_get_time(res, i, c++);
        cases[i].reported_at = db_get_time(res, i, c++);
        cases[i].address = db_get_is_null(res, i, c) ? NULL : arena_strdup(k->arena, db_get_text(res, i, c));
        c++;
        cases[i].grid = db_get_i64(res, i, c++);
        cases[i].position = db_get_time(res, i, c++);
    }
    if (!cases && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    k->fn.open(k->arg, cases, failed.code ? 0 : n, &failed);
}

int report_list_open(struct db *db, const struct report_query *q, enum report_open_reason why,
                     const struct report_open_case *after, int limit, struct arena *a, usec_t deadline, report_open_fn fn,
                     void *arg, struct err *e)
{
    struct db_params p;
    struct ask *k = ask_create(a, arg, e);
    if (!k)
        return ERR_NOMEM;
    k->fn.open = fn;
    int32_t day = clock_local_day(q->now, UTC_OFFSET_S);
    db_params_init(&p);
    db_param_i64(&p, why);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    if (param_categories(&p, q, a))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    param_organ(&p, q);
    if (after) {
        db_param_time(&p, after->position);
        db_param_binary(&p, after->id.bytes, sizeof after->id.bytes);
    } else {
        db_param_null(&p);
        db_param_null(&p);
    }
    db_param_time(&p, q->now);
    db_param_time(&p, period_end_us((struct period){day, day}, UTC_OFFSET_S));
    db_param_i64(&p, limit);
    return db_query(db, &q->scope, &sql_report_open, &p, deadline, on_open, k, e);
}
