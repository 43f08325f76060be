/* SPDX-License-Identifier: MIT */
#include "server/store/report_store.h"

#include <string.h>
#include <uthash.h>

#include "server/db/result.h"
#include "sql.h"

enum {
    UTC_OFFSET_S = 28800, /* the business zone, as business_day() in the database */
    MAX_PARTS = 6,        /* three kinds of sums, two pieces each */
};
#define DAY_MIN     (-36525)       /* 1870: before any case */
#define DAY_MAX     INT32_C(47482) /* 2100 */
#define ARRIVED_MIN (INT64_C(-36525) * 86400 * USEC_PER_SEC)
#define ARRIVED_MAX (INT64_C(47482) * 86400 * USEC_PER_SEC)

/* Rows are hashed by key while pieces come in. */
struct entry {
    struct report_row row;
    UT_hash_handle hh;
};

struct job;

/* One statement of a sum: its rows go to one kind with a sign. */
struct piece {
    struct job *job;
    enum term_kind kind;
    int sign;
    bool fold; /* all rows of the result count under key 0: a filter was applied here */
};

struct job {
    struct db *db;
    struct arena *arena;
    struct report_query q;
    usec_t deadline;
    report_fn fn;
    void *arg;
    struct entry *by_key;
    int waiting;
    struct err failed;
    struct piece pieces[MAX_PARTS];
    int n_pieces;
};

/* Cohort and arrival ranges of one kind of sum. */
struct range {
    int32_t cohort_from;
    int32_t cohort_to; /* exclusive */
    usec_t arrived_from;
    usec_t arrived_to; /* exclusive */
};

static bool wants_category(const struct report_query *q, int64_t id)
{
    if (q->n_categories < 0)
        return true;
    for (int i = 0; i < q->n_categories; i++) {
        if (q->category_ids[i] == id)
            return true;
    }
    return false;
}

static int64_t *kind_sums(struct report_row *row, enum term_kind kind)
{
    switch (kind) {
    case TERM_COHORT_AT_T:
        return row->cohort_at_t;
    case TERM_STOCK_AT_A:
        return row->stock_at_a;
    case TERM_FLOW_IN_WINDOW:
        return row->flow_in_window;
    }
    return row->cohort_at_t;
}

static void finish(struct job *job)
{
    if (--job->waiting > 0)
        return;
    int n = (int)HASH_COUNT(job->by_key);
    struct report_row *rows = arena_alloc(job->arena, ((size_t)n + 1) * sizeof *rows);
    if (!rows && !job->failed.code)
        (void)err_set(&job->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    int i = 0;
    for (struct entry *it = job->by_key; it && rows; it = it->hh.next)
        rows[i++] = it->row;
    HASH_CLEAR(hh, job->by_key); /* frees the table; the entries are the arena's */
    job->fn(job->arg, rows, job->failed.code ? 0 : n, &job->failed);
}

static void add_row(struct piece *p, const PGresult *res, int row)
{
    struct job *job = p->job;
    int64_t key = db_get_i64(res, row, 0);
    if (p->fold) {
        if (!wants_category(&job->q, key))
            return;
        key = 0;
    }
    struct entry *it;
    HASH_FIND(hh, job->by_key, &key, sizeof key, it);
    if (!it) {
        it = arena_zalloc(job->arena, sizeof *it);
        if (!it) {
            (void)err_set(&job->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
            return;
        }
        it->row.key = key;
        HASH_ADD(hh, job->by_key, row.key, sizeof key, it);
    }
    int64_t *sums = kind_sums(&it->row, p->kind);
    for (int m = 0; m < MEASURE_COUNT; m++)
        sums[m] += p->sign * db_get_i64(res, row, m + 1);
}

static void on_piece(void *arg, const PGresult *res, const struct err *e)
{
    struct piece *p = arg;
    if (e->code)
        p->job->failed = *e;
    for (int row = 0; !e->code && row < PQntuples(res) && !p->job->failed.code; row++)
        add_row(p, res, row);
    finish(p->job);
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

static void param_id(struct db_params *p, int32_t id)
{
    if (id)
        db_param_i64(p, id);
    else
        db_param_null(p);
}

static int run_piece(struct job *job, const struct db_stmt *stmt, const struct db_params *params, enum term_kind kind, int sign,
                     bool fold)
{
    struct piece *p = &job->pieces[job->n_pieces++];
    *p = (struct piece){.job = job, .kind = kind, .sign = sign, .fold = fold};
    job->waiting++;
    int rc = db_query(job->db, &job->q.scope, stmt, params, job->deadline, on_piece, p, &job->failed);
    if (rc)
        job->waiting--;
    return rc;
}

/* The key as report_events and report_arrived number it. */
static int key_number(const struct report_query *q)
{
    switch (q->key) {
    case REPORT_KEY_REGION:
        return (int)q->key_level;
    case REPORT_KEY_CATEGORY:
        return 6;
    case REPORT_KEY_ORGAN:
        return 7;
    case REPORT_KEY_NONE:
        break;
    }
    return 0;
}

/* A sum over events: exact for every filter. by_arrival reads a short stretch of the feed, else the cases of the cohort. */
static int run_events(struct job *job, const struct range *r, enum term_kind kind, int sign, bool by_arrival)
{
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, key_number(&job->q));
    db_param_i64(&p, job->q.span.lo);
    db_param_i64(&p, job->q.span.hi);
    db_param_date(&p, r->cohort_from);
    db_param_date(&p, r->cohort_to);
    db_param_time(&p, r->arrived_from);
    db_param_time(&p, r->arrived_to);
    if (param_categories(&p, &job->q, job->arena))
        return err_set(&job->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    param_id(&p, job->q.organ_id);
    return run_piece(job, by_arrival ? &sql_report_arrived : &sql_report_events, &p, kind, sign, false);
}

static bool is_midnight(usec_t t)
{
    return (t + UTC_OFFSET_S * USEC_PER_SEC) % (86400 * USEC_PER_SEC) == 0;
}

static bool is_month_start(int32_t day)
{
    return day <= DAY_MIN || day >= DAY_MAX || period_of_month(period_month_of_day(day)).first == day;
}

static int32_t month_bound(int32_t day)
{
    if (day <= DAY_MIN)
        return 0;
    return day >= DAY_MAX ? INT32_MAX : period_month_of_day(day);
}

/* Cells by region, from months where both ranges are whole months, else from days. */
static int run_region_cells(struct job *job, const struct range *r, int32_t day_from, int32_t day_to, bool months,
                            enum term_kind kind)
{
    const struct report_query *q = &job->q;
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, q->key == REPORT_KEY_REGION ? (int)q->key_level : (int)q->level);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    if (months) {
        db_param_i64(&p, month_bound(r->cohort_from));
        db_param_i64(&p, month_bound(r->cohort_to));
        db_param_i64(&p, month_bound(day_from));
        db_param_i64(&p, month_bound(day_to));
    } else {
        db_param_date(&p, r->cohort_from);
        db_param_date(&p, r->cohort_to);
        db_param_date(&p, day_from);
        db_param_date(&p, day_to);
    }
    return run_piece(job, months ? &sql_report_month : &sql_report_day, &p, kind, 1, q->key == REPORT_KEY_NONE);
}

static int run_category_cells(struct job *job, const struct range *r, int32_t day_from, int32_t day_to, enum term_kind kind)
{
    const struct report_query *q = &job->q;
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, (int)q->level);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    db_param_i64(&p, month_bound(r->cohort_from));
    db_param_i64(&p, month_bound(r->cohort_to));
    db_param_i64(&p, month_bound(day_from));
    db_param_i64(&p, month_bound(day_to));
    return run_piece(job, &sql_report_category, &p, kind, 1, q->key == REPORT_KEY_NONE);
}

static int run_organ_cells(struct job *job, const struct range *r, int32_t day_from, int32_t day_to, enum term_kind kind)
{
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, month_bound(r->cohort_from));
    db_param_i64(&p, month_bound(r->cohort_to));
    db_param_i64(&p, month_bound(day_from));
    db_param_i64(&p, month_bound(day_to));
    return run_piece(job, &sql_report_organ, &p, kind, 1, false);
}

/*
 * One kind of sum. An end that cuts a day is moved to the day's edge for the cells and made good with the events between: those
 * of the day before the instant are added; of today, those after it (few, the end of the feed) are taken off.
 */
static int run_kind(struct job *job, const struct range *r, enum term_kind kind)
{
    const struct report_query *q = &job->q;
    bool filtered = q->n_categories >= 0 || q->organ_id != 0;
    int32_t today = clock_local_day(q->now, UTC_OFFSET_S);
    int32_t day_from = r->arrived_from <= ARRIVED_MIN ? DAY_MIN : clock_local_day(r->arrived_from, UTC_OFFSET_S);
    int32_t day_to = clock_local_day(r->arrived_to, UTC_OFFSET_S);
    struct range edge = *r;
    int edge_sign = 0;
    if (day_to >= today) {
        edge = (struct range){r->cohort_from, r->cohort_to, r->arrived_to, ARRIVED_MAX};
        edge_sign = -1;
        day_to = DAY_MAX;
    } else if (!is_midnight(r->arrived_to)) {
        edge.arrived_from = r->arrived_to - (r->arrived_to + UTC_OFFSET_S * USEC_PER_SEC) % (86400 * USEC_PER_SEC);
        edge_sign = 1;
    }
    bool months =
        is_month_start(r->cohort_from) && is_month_start(r->cohort_to) && is_month_start(day_from) && is_month_start(day_to);
    int rc;
    enum region_level row_level = q->key == REPORT_KEY_REGION ? q->key_level : q->level;
    if (!filtered && (q->key == REPORT_KEY_NONE || q->key == REPORT_KEY_REGION) && (months || row_level < LEVEL_GRID))
        rc = run_region_cells(job, r, day_from, day_to, months, kind);
    else if (months && !q->organ_id && q->level <= LEVEL_TOWNSHIP &&
             ((q->key == REPORT_KEY_CATEGORY && !filtered) || q->key == REPORT_KEY_NONE))
        rc = run_category_cells(job, r, day_from, day_to, kind);
    else if (months && q->key == REPORT_KEY_ORGAN && !filtered && q->everywhere)
        rc = run_organ_cells(job, r, day_from, day_to, kind);
    else
        return run_events(job, r, kind, 1, false);
    if (!rc && edge_sign)
        rc = run_events(job, &edge, kind, edge_sign, true);
    return rc;
}

int report_store_sum(struct db *db, const struct report_query *q, unsigned needs, struct arena *a, usec_t deadline,
                     report_fn fn, void *arg, struct err *e)
{
    struct job *job = arena_zalloc(a, sizeof *job);
    if (!job)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    job->db = db;
    job->arena = a;
    job->q = *q;
    job->deadline = deadline;
    job->fn = fn;
    job->arg = arg;
    job->waiting = 1; /* this function: nothing is finished before all pieces are under way */
    usec_t begin = period_begin_us(q->window, UTC_OFFSET_S);
    usec_t end = period_end_us(q->window, UTC_OFFSET_S);
    usec_t until = end < q->as_of ? end : q->as_of;
    usec_t before = begin < q->as_of ? begin : q->as_of;
    struct range cohort = {q->window.first, q->window.last + 1, ARRIVED_MIN, q->as_of};
    struct range stock = {DAY_MIN, DAY_MAX, ARRIVED_MIN, before};
    struct range flow = {DAY_MIN, DAY_MAX, begin, until};
    int rc = 0;
    if (needs & 1u << TERM_COHORT_AT_T)
        rc = run_kind(job, &cohort, TERM_COHORT_AT_T);
    if (!rc && needs & 1u << TERM_STOCK_AT_A)
        rc = run_kind(job, &stock, TERM_STOCK_AT_A);
    if (!rc && needs & 1u << TERM_FLOW_IN_WINDOW && begin < until)
        rc = run_kind(job, &flow, TERM_FLOW_IN_WINDOW);
    if (rc && job->waiting == 1) {
        *e = job->failed;
        return rc;
    }
    if (job->waiting == 1) {
        /* No piece at all (a window after the as-of): still never call back before returning. */
        rc = run_events(job, &(struct range){0, 0, 0, 0}, TERM_COHORT_AT_T, 1, true);
        if (rc) {
            *e = job->failed;
            return rc;
        }
    }
    job->waiting--;
    return 0;
}

struct now_request {
    report_now_fn fn;
    void *arg;
};

static void on_now(void *arg, const PGresult *res, const struct err *e)
{
    struct now_request *r = arg;
    r->fn(r->arg, e->code ? USEC_NONE : db_get_time(res, 0, 0), e);
}

int report_store_now(struct db *db, usec_t now, struct arena *a, usec_t deadline, report_now_fn fn, void *arg, struct err *e)
{
    struct now_request *r = arena_alloc(a, sizeof *r);
    if (!r)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    *r = (struct now_request){.fn = fn, .arg = arg};
    struct db_params p;
    db_params_init(&p);
    db_param_time(&p, now);
    return db_query(db, &db_scope_none, &sql_report_now, &p, deadline, on_now, r, e);
}

struct list_request {
    struct arena *arena;
    bool is_flow;
    figure_fn fn;
    void *arg;
};

static void on_list(void *arg, const PGresult *res, const struct err *e)
{
    struct list_request *l = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct figure_row *rows = arena_alloc(l->arena, ((size_t)n + 1) * sizeof *rows);
    if (!rows && !failed.code)
        (void)err_set(&failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    for (int i = 0; rows && i < n; i++) {
        rows[i].case_id = db_get_uuid(res, i, 0);
        rows[i].position = l->is_flow ? db_get_time(res, i, 1) : db_get_date(res, i, 1);
        rows[i].state = (enum case_state)db_get_i32(res, i, 2);
        rows[i].event_version = db_get_i64(res, i, 3);
    }
    l->fn(l->arg, rows, failed.code ? 0 : n, &failed);
}

static struct list_request *list_request_create(struct arena *a, bool is_flow, figure_fn fn, void *arg, struct err *e)
{
    struct list_request *l = arena_alloc(a, sizeof *l);
    if (!l) {
        (void)err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        return NULL;
    }
    *l = (struct list_request){.arena = a, .is_flow = is_flow, .fn = fn, .arg = arg};
    return l;
}

int report_store_list_stock(struct db *db, const struct report_query *q, bool all_cohorts, usec_t as_of, int32_t mask,
                            int32_t wanted, const struct figure_after *after, int limit, struct arena *a, usec_t deadline,
                            figure_fn fn, void *arg, struct err *e)
{
    struct list_request *l = list_request_create(a, false, fn, arg, e);
    if (!l)
        return ERR_NOMEM;
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    db_param_date(&p, all_cohorts ? DAY_MIN : q->window.first);
    db_param_date(&p, all_cohorts ? DAY_MAX : q->window.last + 1);
    db_param_time(&p, as_of);
    db_param_i64(&p, mask);
    db_param_i64(&p, wanted);
    if (param_categories(&p, q, a))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    param_id(&p, q->organ_id);
    if (after->set) {
        db_param_date(&p, (int32_t)after->position);
        db_param_binary(&p, after->case_id.bytes, sizeof after->case_id.bytes);
    } else {
        db_param_null(&p);
        db_param_null(&p);
    }
    db_param_i64(&p, limit);
    return db_query(db, &q->scope, &sql_figure_stock, &p, deadline, on_list, l, e);
}

int report_store_list_flow(struct db *db, const struct report_query *q, usec_t from, usec_t to, enum measure m,
                           const struct figure_after *after, int limit, struct arena *a, usec_t deadline, figure_fn fn,
                           void *arg, struct err *e)
{
    struct list_request *l = list_request_create(a, true, fn, arg, e);
    if (!l)
        return ERR_NOMEM;
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    db_param_time(&p, from);
    db_param_time(&p, to);
    db_param_i64(&p, INT32_C(1) << m);
    if (param_categories(&p, q, a))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    param_id(&p, q->organ_id);
    if (after->set) {
        db_param_time(&p, after->position);
        db_param_binary(&p, after->case_id.bytes, sizeof after->case_id.bytes);
        db_param_i64(&p, after->event_version);
    } else {
        db_param_null(&p);
        db_param_null(&p);
        db_param_null(&p);
    }
    db_param_i64(&p, limit);
    return db_query(db, &q->scope, &sql_figure_flow, &p, deadline, on_list, l, e);
}
