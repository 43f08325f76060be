/* SPDX-License-Identifier: MIT */
#include "server/store/report_store.h"

#include <assert.h>
#include <string.h>
#include <uthash.h>

#include "server/db/result.h"
#include "sql.h"

enum {
    UTC_OFFSET_S = 28800,       /* the business zone, as business_day() in the database */
    MAX_PARTS = 4 * TERM_COUNT, /* of every kind two sets of measures, two pieces each */
    DAYS_TO_2000 = 10957,
    FED_BACK_IN_TIME_BIT = MEASURE_FED_BACK_IN_TIME - MEASURE_CORE,
};
static_assert(FED_BACK_IN_TIME_BIT == 5 && MEASURE_CORE == 19 && MEASURE_COUNT == 51, "the statements name these numbers");
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

/* What a statement's rows hold behind the key. */
enum piece_form {
    FORM_CORE, /* a column for each of the first MEASURE_CORE measures */
    FORM_ONE,  /* number of a measure or due kind, and its sum */
};

/* One statement of a sum: its rows go to one kind with a sign. */
struct piece {
    struct job *job;
    enum term_kind kind;
    enum piece_form form;
    int sign;
    bool fold; /* all rows of the result count under key 0: a filter was applied here */
};

struct job {
    struct db *db;
    struct arena *arena;
    struct report_query q;
    struct metric_needs needs;
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

static struct entry *entry_of(struct job *job, int64_t key)
{
    struct entry *it;
    HASH_FIND(hh, job->by_key, &key, sizeof key, it);
    if (it)
        return it;
    it = arena_zalloc(job->arena, sizeof *it);
    if (!it)
        return NULL;
    it->row.key = key;
    HASH_ADD(hh, job->by_key, row.key, sizeof key, it);
    return it;
}

static int64_t *kind_sums(struct job *job, struct report_row *row, enum term_kind kind)
{
    if (!row->of[kind])
        row->of[kind] = arena_zalloc(job->arena, MEASURE_COUNT * sizeof row->of[kind][0]);
    return row->of[kind];
}

static void add_row(struct piece *p, const PGresult *res, int row)
{
    struct job *job = p->job;
    int64_t key = db_get_i64(res, row, 0);
    if (p->fold) {
        if (!wants_category(&job->q, key))
            return;
        key = 0;
    } else if (job->q.key == REPORT_KEY_DAY) {
        key += DAYS_TO_2000;
    }
    struct entry *it = entry_of(job, key);
    int64_t *sums = it ? kind_sums(job, &it->row, p->kind) : NULL;
    if (!sums) {
        (void)err_set(&job->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
        return;
    }
    if (p->form == FORM_ONE) {
        int what = db_get_i32(res, row, 1);
        if (what >= 0 && what < MEASURE_COUNT)
            sums[what] += p->sign * db_get_i64(res, row, 2);
        return;
    }
    for (int m = 0; m < MEASURE_CORE; m++)
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

static int run_piece(struct job *job, const struct db_stmt *stmt, const struct db_params *params, struct piece made)
{
    struct piece *p = &job->pieces[job->n_pieces++];
    *p = made;
    p->job = job;
    job->waiting++;
    int rc = db_query(job->db, &job->q.scope, stmt, params, job->deadline, on_piece, p, &job->failed);
    if (rc)
        job->waiting--;
    return rc;
}

/* The key as the statements number it. */
static int key_number(const struct report_query *q)
{
    switch (q->key) {
    case REPORT_KEY_REGION:
        return (int)q->key_level;
    case REPORT_KEY_CATEGORY:
        return 6;
    case REPORT_KEY_ORGAN:
        return 7;
    case REPORT_KEY_CHANNEL:
        return 8;
    case REPORT_KEY_DAY:
        return 9;
    case REPORT_KEY_NONE:
        break;
    }
    return 0;
}

static int too_large(struct job *job)
{
    return err_set(&job->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
}

/* The numbers of the wanted measures from MEASURE_CORE on. */
static int param_measures(struct db_params *p, uint64_t wanted, struct arena *a)
{
    struct db_array *numbers = db_array_create(a, DB_OID_INT2, MEASURE_MORE);
    for (int m = MEASURE_CORE; m < MEASURE_COUNT; m++) {
        if (wanted >> m & 1)
            db_array_i16(numbers, (int16_t)m);
    }
    return db_param_array(p, numbers);
}

/* One set of measures of one kind of sum. */
struct part {
    enum term_kind kind;
    bool more;       /* those from MEASURE_CORE on */
    uint64_t wanted; /* of them */
};

/* A sum over events: exact for every filter. by_arrival reads a short stretch of the feed, else the cases of the cohort. */
static int run_events(struct job *job, const struct range *r, const struct part *part, int sign, bool by_arrival)
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
        return too_large(job);
    param_id(&p, job->q.organ_id);
    if (part->more && param_measures(&p, part->wanted, job->arena))
        return too_large(job);
    param_id(&p, (int32_t)job->q.channel);
    const struct db_stmt *stmt = part->more   ? by_arrival ? &sql_report_more_arrived : &sql_report_more_events
                                 : by_arrival ? &sql_report_arrived
                                              : &sql_report_events;
    return run_piece(job, stmt, &p,
                     (struct piece){.kind = part->kind, .form = part->more ? FORM_ONE : FORM_CORE, .sign = sign});
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

/* Whole days or whole months of the cohort and of arrival, as cells have them. */
struct cell_range {
    int32_t cohort_from;
    int32_t cohort_to;
    int32_t day_from;
    int32_t day_to;
    bool months;
};

static int run_cells(struct job *job, const struct db_stmt *stmt, const struct cell_range *c, const struct part *part,
                     int level, bool by_region, bool fold)
{
    const struct report_query *q = &job->q;
    struct db_params p;
    db_params_init(&p);
    if (by_region) {
        db_param_i64(&p, level);
        db_param_i64(&p, q->span.lo);
        db_param_i64(&p, q->span.hi);
    }
    const int32_t days[] = {c->cohort_from, c->cohort_to, c->day_from, c->day_to};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        if (c->months)
            db_param_i64(&p, month_bound(days[i]));
        else
            db_param_date(&p, days[i]);
    }
    if (part->more && param_measures(&p, part->wanted, job->arena))
        return too_large(job);
    return run_piece(job, stmt, &p,
                     (struct piece){.kind = part->kind, .form = part->more ? FORM_ONE : FORM_CORE, .sign = 1, .fold = fold});
}

/* From the cells that are exact for the query and the cheapest. False: there are none. */
static bool try_cells(struct job *job, const struct cell_range *c, const struct part *part, int *ret)
{
    const struct report_query *q = &job->q;
    bool filtered = q->n_categories >= 0 || q->organ_id != 0 || q->channel != CHANNEL_NONE;
    bool more = part->more;
    int level = q->key == REPORT_KEY_REGION ? (int)q->key_level : (int)q->level;
    bool by_region = q->key == REPORT_KEY_NONE || q->key == REPORT_KEY_REGION;
    if (!filtered && by_region && more && c->months && level < LEVEL_GRID) {
        *ret = run_cells(job, &sql_report_more_month, c, part, level, true, q->key == REPORT_KEY_NONE);
    } else if (!filtered && by_region && !more && (c->months || level < LEVEL_GRID)) {
        *ret = run_cells(job, c->months ? &sql_report_month : &sql_report_day, c, part, level, true, q->key == REPORT_KEY_NONE);
    } else if (!filtered && q->key == REPORT_KEY_DAY && !more && level < LEVEL_GRID) {
        struct cell_range days = *c;
        days.months = false;
        *ret = run_cells(job, &sql_report_days, &days, part, level, true, false);
    } else if (c->months && !q->organ_id && q->channel == CHANNEL_NONE && q->level <= LEVEL_TOWNSHIP &&
               ((q->key == REPORT_KEY_CATEGORY && !filtered) || q->key == REPORT_KEY_NONE)) {
        *ret = run_cells(job, more ? &sql_report_more_category : &sql_report_category, c, part, (int)q->level, true,
                         q->key == REPORT_KEY_NONE);
    } else if (c->months && q->key == REPORT_KEY_ORGAN && !filtered && q->everywhere) {
        *ret = run_cells(job, more ? &sql_report_more_organ : &sql_report_organ, c, part, 0, false, false);
    } else {
        return false;
    }
    return true;
}

/*
 * One set of one kind. An end that cuts a day is moved to the day's edge for the cells and made good with the events between:
 * those of the day before the instant are added; of today, those after it (few, the end of the feed) are taken off.
 */
static int run_set(struct job *job, const struct range *r, const struct part *part)
{
    int32_t today = clock_local_day(job->q.now, UTC_OFFSET_S);
    struct cell_range c = {
        .cohort_from = r->cohort_from,
        .cohort_to = r->cohort_to,
        .day_from = r->arrived_from <= ARRIVED_MIN ? DAY_MIN : clock_local_day(r->arrived_from, UTC_OFFSET_S),
        .day_to = clock_local_day(r->arrived_to, UTC_OFFSET_S),
    };
    struct range edge = *r;
    int edge_sign = 0;
    if (c.day_to >= today) {
        edge = (struct range){r->cohort_from, r->cohort_to, r->arrived_to, ARRIVED_MAX};
        edge_sign = -1;
        c.day_to = DAY_MAX;
    } else if (!is_midnight(r->arrived_to)) {
        edge.arrived_from = r->arrived_to - (r->arrived_to + UTC_OFFSET_S * USEC_PER_SEC) % (86400 * USEC_PER_SEC);
        edge_sign = 1;
    }
    c.months =
        is_month_start(c.cohort_from) && is_month_start(c.cohort_to) && is_month_start(c.day_from) && is_month_start(c.day_to);
    int rc;
    if (!try_cells(job, &c, part, &rc))
        return run_events(job, r, part, 1, false);
    if (!rc && edge_sign)
        rc = run_events(job, &edge, part, edge_sign, true);
    return rc;
}

/* Due times in [from, to), pending at the as-of. */
struct due_range {
    usec_t from;
    usec_t to;
};

static struct due_range due_range_of(const struct report_query *q, enum term_kind kind)
{
    if (kind != TERM_STOCK_DUE_TODAY)
        return (struct due_range){ARRIVED_MIN, q->as_of};
    int32_t day = clock_local_day(q->as_of, UTC_OFFSET_S);
    struct period today = {day, day};
    return (struct due_range){q->as_of, period_end_us(today, UTC_OFFSET_S)};
}

static int run_due(struct job *job, const struct range *r, enum term_kind kind)
{
    struct db_params p;
    struct due_range due = due_range_of(&job->q, kind);
    db_params_init(&p);
    db_param_i64(&p, key_number(&job->q));
    db_param_i64(&p, job->q.span.lo);
    db_param_i64(&p, job->q.span.hi);
    db_param_date(&p, r->cohort_from);
    db_param_date(&p, r->cohort_to);
    db_param_time(&p, r->arrived_to);
    db_param_time(&p, due.from);
    db_param_time(&p, due.to);
    if (param_categories(&p, &job->q, job->arena))
        return too_large(job);
    param_id(&p, job->q.organ_id);
    param_id(&p, (int32_t)job->q.channel);
    return run_piece(job, &sql_report_due, &p, (struct piece){.kind = kind, .form = FORM_ONE, .sign = 1});
}

usec_t report_store_shift(const struct report_query *q, struct period other)
{
    usec_t begin = period_begin_us(q->window, UTC_OFFSET_S);
    usec_t end = period_end_us(q->window, UTC_OFFSET_S);
    usec_t other_end = period_end_us(other, UTC_OFFSET_S);
    usec_t t;
    if (q->as_of >= end) {
        t = other_end + (q->as_of - end);
    } else {
        t = period_begin_us(other, UTC_OFFSET_S) + (q->as_of - begin);
        if (t > other_end)
            t = other_end;
    }
    return t < q->now ? t : q->now;
}

/* Cases reported in a window at least so many days before the day of the as-of. */
static struct range aged(const struct report_query *q, int32_t days)
{
    int32_t last = clock_local_day(q->as_of, UTC_OFFSET_S) - days;
    if (last > q->window.last)
        last = q->window.last;
    if (last < q->window.first)
        last = q->window.first - 1; /* none */
    return (struct range){q->window.first, last + 1, ARRIVED_MIN, q->as_of};
}

/* Over which cases and events a kind of sum goes, in figures and in the lists behind them. */
static struct range range_of(const struct report_query *q, enum term_kind kind)
{
    usec_t begin = period_begin_us(q->window, UTC_OFFSET_S);
    usec_t end = period_end_us(q->window, UTC_OFFSET_S);
    struct range r = {q->window.first, q->window.last + 1, ARRIVED_MIN, q->as_of};
    struct period other;
    switch (kind) {
    case TERM_COHORT_AT_T:
    case TERM_DUE:
    case TERM_COUNT:
        break;
    case TERM_STOCK_AT_A:
        return (struct range){DAY_MIN, DAY_MAX, ARRIVED_MIN, begin < q->as_of ? begin : q->as_of};
    case TERM_FLOW_IN_WINDOW:
        return (struct range){DAY_MIN, DAY_MAX, begin, end < q->as_of ? end : q->as_of};
    case TERM_STOCK_AT_T:
    case TERM_STOCK_DUE:
    case TERM_STOCK_DUE_TODAY:
        return (struct range){DAY_MIN, DAY_MAX, ARRIVED_MIN, q->as_of};
    case TERM_AGED_2:
        return aged(q, 2);
    case TERM_AGED_7:
        return aged(q, 7);
    case TERM_YEAR_EARLIER:
    case TERM_PREVIOUS:
        other = kind == TERM_PREVIOUS ? period_previous(q->window) : period_year_earlier(q->window);
        return (struct range){other.first, other.last + 1, ARRIVED_MIN, report_store_shift(q, other)};
    }
    return r;
}

static int run_kind(struct job *job, enum term_kind kind)
{
    const uint64_t core = (UINT64_C(1) << MEASURE_CORE) - 1;
    struct range r = range_of(&job->q, kind);
    uint64_t wanted = job->needs.of[kind];
    if (!wanted || r.cohort_from >= r.cohort_to || r.arrived_from >= r.arrived_to)
        return 0;
    if (term_kind_is_due(kind))
        return run_due(job, &r, kind);
    int rc = 0;
    if (wanted & core)
        rc = run_set(job, &r, &(struct part){.kind = kind, .wanted = wanted});
    if (!rc && wanted & ~core)
        rc = run_set(job, &r, &(struct part){.kind = kind, .more = true, .wanted = wanted});
    return rc;
}

int report_store_sum(struct db *db, const struct report_query *q, const struct metric_needs *needs, struct arena *a,
                     usec_t deadline, report_fn fn, void *arg, struct err *e)
{
    struct job *job = arena_zalloc(a, sizeof *job);
    if (!job)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    job->db = db;
    job->arena = a;
    job->q = *q;
    job->needs = *needs;
    job->deadline = deadline;
    job->fn = fn;
    job->arg = arg;
    job->waiting = 1; /* this function: nothing is finished before all pieces are under way */
    int rc = 0;
    for (int kind = 0; kind < TERM_COUNT && !rc; kind++)
        rc = run_kind(job, (enum term_kind)kind);
    /* No piece at all (a window after the as-of): still never call back before returning. */
    if (!rc && job->waiting == 1)
        rc = run_events(job, &(struct range){0, 0, 0, 0}, &(struct part){.kind = TERM_COHORT_AT_T}, 1, true);
    if (rc && job->waiting == 1) {
        *e = job->failed;
        return rc;
    }
    job->waiting--;
    return 0;
}

struct metric_sums report_row_sums(const struct report_row *row)
{
    struct metric_sums sums = {{0}};
    for (int kind = 0; row && kind < TERM_COUNT; kind++)
        sums.of[kind] = row->of[kind];
    return sums;
}

int64_t report_row_value(const struct report_row *row, const struct metric_sum *s)
{
    struct metric_sums sums = report_row_sums(row);
    return metric_sum_value(s, &sums);
}

int64_t report_row_of(const struct report_row *row, enum term_kind kind, int what)
{
    return row && row->of[kind] ? row->of[kind][what] : 0;
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

static int list_stock(struct db *db, const struct report_query *q, const struct metric_part *part,
                      const struct figure_after *after, int limit, struct arena *a, usec_t deadline, struct list_request *l,
                      struct err *e)
{
    const uint64_t core = (UINT64_C(1) << MEASURE_CORE) - 1;
    struct range r = range_of(q, part->kind);
    struct due_range due = due_range_of(q, part->kind);
    struct db_params p;
    db_params_init(&p);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    db_param_date(&p, r.cohort_from);
    db_param_date(&p, r.cohort_to);
    db_param_time(&p, r.arrived_to);
    db_param_i64(&p, (int64_t)(part->mask & core));
    db_param_i64(&p, (int64_t)(part->wanted & core));
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
    db_param_i64(&p, (int64_t)(part->mask >> MEASURE_CORE));
    db_param_i64(&p, (int64_t)(part->wanted >> MEASURE_CORE));
    if (part->due >= 0)
        db_param_i64(&p, part->due);
    else
        db_param_null(&p);
    db_param_time(&p, due.from);
    db_param_time(&p, due.to);
    param_id(&p, (int32_t)q->channel);
    return db_query(db, &q->scope, &sql_figure_stock, &p, deadline, on_list, l, e);
}

static int list_acts(struct db *db, const struct report_query *q, const struct metric_part *part,
                     const struct figure_after *after, int limit, struct arena *a, usec_t deadline, struct list_request *l,
                     struct err *e)
{
    struct range r = range_of(q, part->kind);
    struct db_params p;
    bool more = part->act >= MEASURE_CORE;
    db_params_init(&p);
    db_param_i64(&p, q->span.lo);
    db_param_i64(&p, q->span.hi);
    db_param_time(&p, r.arrived_from);
    db_param_time(&p, r.arrived_to);
    db_param_i64(&p, more ? 0 : INT64_C(1) << part->act);
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
    db_param_date(&p, r.cohort_from);
    db_param_date(&p, r.cohort_to);
    db_param_i64(&p, more ? INT64_C(1) << (part->act - MEASURE_CORE) : 0);
    db_param_i64(&p, part->without >= 0 ? INT64_C(1) << part->without : 0);
    param_id(&p, (int32_t)q->channel);
    return db_query(db, &q->scope, &sql_figure_flow, &p, deadline, on_list, l, e);
}

int report_store_list(struct db *db, const struct report_query *q, const struct metric_part *part,
                      const struct figure_after *after, int limit, struct arena *a, usec_t deadline, figure_fn fn, void *arg,
                      struct err *e)
{
    struct list_request *l = list_request_create(a, part->act >= 0, fn, arg, e);
    if (!l)
        return ERR_NOMEM;
    return part->act >= 0 ? list_acts(db, q, part, after, limit, a, deadline, l, e)
                          : list_stock(db, q, part, after, limit, a, deadline, l, e);
}
