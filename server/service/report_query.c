/* SPDX-License-Identifier: MIT */
/* QueryMetric: a figure in total, broken down, and beside the year before and the period before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/service/report_request.h"
#include "server/service/report_view.h"

enum { MAX_WINDOWS = 122, MAX_DAYS = 366, MAX_ROWS = 5000 };

struct query;

/* One sum that is asked for: the total, the rows, one month, or a window to compare with. */
struct sum {
    struct query *query;
    struct period window;
    const struct report_row *rows;
    int n;
};

struct query {
    struct rpc_call *call; /* held */
    struct directory *dir;
    struct arena *arena;
    const Wangge__V1__QueryMetricRequest *req; /* copied parts below live as long: the request belongs to the call */
    struct report_request r;
    Wangge__V1__Breakdown breakdown;
    enum region_level key_level;
    int waiting;
    struct err failed;
    struct sum total;
    struct sum rows;
    struct sum year_earlier;
    struct sum previous;
    struct sum *windows; /* of months or days */
    int n_windows;
};

static Wangge__V1__Figure *figure_of(struct query *q, const struct sum *s)
{
    static const struct report_row nothing;
    return report_view_figure(q->arena, &q->r, s->window, s->n > 0 ? &s->rows[0] : &nothing);
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(Wangge__V1__FigureRow *const *)a)->key, (*(Wangge__V1__FigureRow *const *)b)->key);
}

static bool add_row(struct query *q, Wangge__V1__QueryMetricResponse *response, const char *key, const char *name,
                    Wangge__V1__Figure *figure)
{
    Wangge__V1__FigureRow *row = arena_alloc(q->arena, sizeof *row);
    if (!row || !figure)
        return false;
    wangge__v1__figure_row__init(row);
    row->key = arena_strdup(q->arena, key);
    row->name = arena_strdup(q->arena, name);
    row->figure = figure;
    response->rows[response->n_rows++] = row;
    return row->key && row->name;
}

/* What came and went again leaves no row. */
static bool is_empty(const struct report_row *r)
{
    for (int kind = 0; kind < TERM_COUNT; kind++) {
        for (int m = 0; r->of[kind] && m < MEASURE_COUNT; m++) {
            if (r->of[kind][m])
                return false;
        }
    }
    return true;
}

static bool add_keyed_row(struct query *q, Wangge__V1__QueryMetricResponse *response, const struct report_row *row)
{
    char region[REGION_TEXT_SIZE];
    char day[11];
    const char *key = "";
    const char *name = "";
    if (is_empty(row))
        return true;
    if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION) {
        const struct dir_region *d = directory_region(q->dir, row->key);
        region_format(row->key, region);
        key = region;
        name = d ? d->name : region;
    } else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_CATEGORY) {
        const struct dir_category *d = directory_category_by_id(q->dir, (int16_t)row->key);
        key = d ? d->code : "";
        name = d ? d->name : "";
        if (!d || !d->counted)
            return true;
    } else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_DAY) {
        clock_format_date((int32_t)row->key, day);
        key = name = day;
    } else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_CHANNEL) {
        key = name = report_view_channel((enum channel)row->key);
    } else {
        const struct dir_organ *d = directory_organ_by_id(q->dir, (int32_t)row->key);
        key = d ? d->code : "";
        name = d ? d->name : "";
    }
    struct period window = q->r.query.window;
    if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_DAY)
        window.first = window.last = (int32_t)row->key;
    return add_row(q, response, key, name, report_view_figure(q->arena, &q->r, window, row));
}

static bool add_window_row(struct query *q, Wangge__V1__QueryMetricResponse *response, const struct sum *s)
{
    char day[11];
    clock_format_date(s->window.first, day);
    if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_MONTH)
        day[7] = '\0';
    return add_row(q, response, day, day, figure_of(q, s));
}

static bool build(struct query *q, Wangge__V1__QueryMetricResponse *response)
{
    int max = q->rows.n + q->n_windows;
    response->query = report_request_echo(q->arena, q->dir, &q->r, q->req->query);
    response->definition = report_view_metric(q->arena, q->r.metric);
    response->total = figure_of(q, &q->total);
    response->pulled_at = view_time(q->arena, q->r.query.now);
    response->pulled_by = (char *)service_caller(q->call)->actor.name;
    response->rows = arena_alloc(q->arena, ((size_t)max + 1) * sizeof *response->rows);
    if (!response->query || !response->definition || !response->total || !response->pulled_at || !response->rows)
        return false;
    for (int i = 0; i < q->rows.n; i++) {
        if (!add_keyed_row(q, response, &q->rows.rows[i]))
            return false;
    }
    for (int i = 0; i < q->n_windows; i++) {
        if (!add_window_row(q, response, &q->windows[i]))
            return false;
    }
    qsort(response->rows, response->n_rows, sizeof(Wangge__V1__FigureRow *), by_key);
    if (q->req->compare) {
        response->year_earlier = figure_of(q, &q->year_earlier);
        response->previous_period = figure_of(q, &q->previous);
    }
    return true;
}

static void finish(struct query *q)
{
    if (--q->waiting > 0)
        return;
    Wangge__V1__QueryMetricResponse response = WANGGE__V1__QUERY_METRIC_RESPONSE__INIT;
    if (!q->failed.code && q->rows.n > MAX_ROWS)
        (void)err_field(&q->failed, ERR_INVALID, "breakdown_level",
                        "More than %d rows. Ask for a smaller region or a higher level.", MAX_ROWS);
    if (!q->failed.code && !build(q, &response))
        (void)err_set(&q->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    if (q->failed.code)
        rpc_fail(q->call, &q->failed);
    else
        rpc_reply(q->call, &response.base);
    rpc_call_unref(q->call, "report");
}

static void on_sum(void *arg, const struct report_row *rows, int n, const struct err *e)
{
    struct sum *s = arg;
    s->rows = rows;
    s->n = n;
    if (e->code)
        s->query->failed = *e;
    finish(s->query);
}

static void run(struct query *q, struct sum *s, struct period window, usec_t as_of, enum report_key key)
{
    struct err e;
    struct report_query rq = q->r.query;
    rq.window = window;
    rq.as_of = as_of;
    rq.key = key;
    rq.key_level = q->key_level;
    s->query = q;
    s->window = window;
    q->waiting++;
    struct metric_needs needs;
    report_request_needs(&q->r, &needs);
    if (report_store_sum(service_ctx_of(q->call)->db, &rq, &needs, q->arena, rpc_deadline(q->call), on_sum, s, &e)) {
        q->failed = e;
        q->waiting--;
    }
}

/* A window of its own for every month or day of the whole one: exact for every kind of sum. */
static void run_windows(struct query *q, bool months)
{
    struct period w = q->r.query.window;
    q->windows = arena_zalloc(q->arena, MAX_WINDOWS * sizeof *q->windows);
    if (!q->windows) {
        (void)err_set(&q->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
        return;
    }
    for (int32_t day = w.first; day <= w.last && q->n_windows < MAX_WINDOWS;) {
        struct period one = months ? period_of_month(period_month_of_day(day)) : (struct period){day, day};
        if (one.first < w.first)
            one.first = w.first;
        if (one.last > w.last)
            one.last = w.last;
        run(q, &q->windows[q->n_windows++], one, q->r.query.as_of, REPORT_KEY_NONE);
        day = one.last + 1;
    }
}

/* True if a sum over the whole window by the day of the report is that of each day's own window. */
static bool is_by_cohort_day(const struct query *q)
{
    struct metric_needs needs;
    report_request_needs(&q->r, &needs);
    for (int kind = 0; kind < TERM_COUNT; kind++) {
        if (needs.of[kind] && kind != TERM_COHORT_AT_T && kind != TERM_DUE)
            return false;
    }
    return true;
}

static void run_all(struct query *q)
{
    struct period w = q->r.query.window;
    usec_t as_of = q->r.query.as_of;
    q->waiting = 1; /* this function */
    run(q, &q->total, w, as_of, REPORT_KEY_NONE);
    if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION)
        run(q, &q->rows, w, as_of, REPORT_KEY_REGION);
    else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_CATEGORY)
        run(q, &q->rows, w, as_of, REPORT_KEY_CATEGORY);
    else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_ORGAN)
        run(q, &q->rows, w, as_of, REPORT_KEY_ORGAN);
    else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_MONTH)
        run_windows(q, true);
    else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_DAY && is_by_cohort_day(q))
        run(q, &q->rows, w, as_of, REPORT_KEY_DAY);
    else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_DAY)
        run_windows(q, false);
    else if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_CHANNEL)
        run(q, &q->rows, w, as_of, REPORT_KEY_CHANNEL);
    if (q->req->compare) {
        struct period year = period_year_earlier(w);
        struct period before = period_previous(w);
        run(q, &q->year_earlier, year, report_store_shift(&q->r.query, year), REPORT_KEY_NONE);
        run(q, &q->previous, before, report_store_shift(&q->r.query, before), REPORT_KEY_NONE);
    }
    finish(q);
}

static void on_now(void *arg, usec_t as_of, const struct err *e)
{
    struct query *q = arg;
    if (e->code) {
        service_fail_unref(q->call, e, "report");
        return;
    }
    q->r.query.as_of = as_of;
    run_all(q);
}

static int decode(struct query *q, struct err *e)
{
    int rc = report_request_decode(q->call, q->dir, q->arena, q->req->query, &q->r, e);
    if (rc)
        return rc;
    q->breakdown = q->req->breakdown;
    if ((unsigned)q->breakdown > WANGGE__V1__BREAKDOWN__BREAKDOWN_CHANNEL)
        return err_field(e, ERR_INVALID, "breakdown", "There is no breakdown %d.", (int)q->breakdown);
    int32_t days = q->r.query.window.last - q->r.query.window.first + 1;
    int max_days = is_by_cohort_day(q) ? MAX_DAYS : MAX_WINDOWS;
    if (q->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_DAY && days > max_days)
        return err_field(e, ERR_INVALID, "breakdown", "More than %d days. Ask for a shorter window, or by month.", max_days);
    int level = (int)q->req->breakdown_level;
    if (level < LEVEL_NONE || level > LEVEL_GRID)
        return err_field(e, ERR_INVALID, "breakdown_level", "There is no level %d.", level);
    if (level == LEVEL_NONE)
        level = q->r.region ? (int)q->r.query.level + 1 : LEVEL_COUNTY;
    if (level > LEVEL_GRID)
        level = LEVEL_GRID;
    if (level < (int)q->r.query.level)
        return err_field(e, ERR_INVALID, "breakdown_level", "The level lies above the queried region.");
    q->key_level = (enum region_level)level;
    return 0;
}

void report_query(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_REPORT))
        return;
    struct directory *dir = service_hold_directory(call);
    struct query *q = dir ? service_alloc(call, sizeof *q) : NULL;
    if (!q)
        return;
    q->call = rpc_call_ref(call, "report");
    q->dir = dir;
    q->arena = rpc_arena(call);
    q->req = (const Wangge__V1__QueryMetricRequest *)msg;
    int rc = decode(q, &e);
    if (!rc && q->r.as_of_now)
        rc = report_store_now(service_ctx_of(call)->db, q->r.query.now, q->arena, rpc_deadline(call), on_now, q, &e);
    else if (!rc)
        run_all(q);
    if (rc)
        service_fail_unref(call, &e, "report");
}
