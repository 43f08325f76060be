/* SPDX-License-Identifier: MIT */
/* ListCalendars and ListLimits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/db/result.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/service/clock_change.h"
#include "server/service/clock_methods.h"
#include "sql.h"

static const char WHY[] = "list calendars";

enum { MAX_SEASON_ROWS = CALENDAR_MAX_SEASONS + 1 };

struct list {
    struct rpc_call *call; /* held */
    struct arena *arena;
    struct directory *dir;
    Wangge__V1__ListCalendarsResponse response;
    bool failed;
};

static void end(struct list *l, const struct err *e)
{
    if (e->code)
        rpc_fail(l->call, e);
    else
        rpc_reply(l->call, &l->response.base);
    rpc_call_unref(l->call, WHY);
}

static void end_nomem(struct list *l)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    end(l, &e);
}

static char *text(struct list *l, const char *s)
{
    char *copy = arena_strdup(l->arena, s ? s : "");
    l->failed |= !copy;
    return copy;
}

static void *alloc(struct list *l, size_t n)
{
    void *p = arena_zalloc(l->arena, n);
    l->failed |= !p;
    return p;
}

/* "08:00-12:00 14:00-18:00" as messages. */
static size_t view_shifts(struct list *l, const char *plan, Wangge__V1__Shift ***ret)
{
    struct calendar_day_plan p;
    struct err e;
    if (calendar_plan_parse(plan ? plan : "", &p, &e) || p.n == 0)
        return 0;
    Wangge__V1__Shift **list = alloc(l, (size_t)p.n * sizeof(Wangge__V1__Shift *));
    for (int i = 0; list && i < p.n; i++) {
        list[i] = alloc(l, sizeof *list[i]);
        if (!list[i])
            return 0;
        wangge__v1__shift__init(list[i]);
        list[i]->from_minute = p.shifts[i].from_s / 60;
        list[i]->to_minute = p.shifts[i].to_s / 60;
    }
    *ret = list;
    return list ? (size_t)p.n : 0;
}

static char *month_day(struct list *l, int32_t md)
{
    char *s = alloc(l, 8);
    if (s)
        (void)snprintf(s, 8, "%02d-%02d", (int)(md / 100) % 100, (int)md % 100);
    return s;
}

static Wangge__V1__Season *view_season(struct list *l, const PGresult *res, int row)
{
    Wangge__V1__Season *s = alloc(l, sizeof *s);
    if (!s)
        return NULL;
    wangge__v1__season__init(s);
    if (!db_get_is_null(res, row, 4)) {
        s->from = month_day(l, db_get_i32(res, row, 4));
        s->to = month_day(l, db_get_i32(res, row, 5));
    }
    s->weekdays = db_get_i32(res, row, 6);
    s->n_shifts = view_shifts(l, db_get_text(res, row, 7), &s->shifts);
    return s;
}

static Wangge__V1__Calendar *view_calendar(struct list *l, const PGresult *res, int row)
{
    int64_t region = db_get_i64(res, row, 0);
    Wangge__V1__Calendar *c = alloc(l, sizeof *c);
    char *code = alloc(l, REGION_TEXT_SIZE);
    if (!c || !code)
        return NULL;
    wangge__v1__calendar__init(c);
    if (region)
        region_format(region, code);
    c->region_code = code;
    c->code = text(l, db_get_text(res, row, 1));
    c->name = text(l, db_get_text(res, row, 2));
    c->utc_offset_minutes = db_get_i32(res, row, 3);
    c->seasons = alloc(l, MAX_SEASON_ROWS * sizeof(Wangge__V1__Season *));
    for (int i = row; c->seasons && i < PQntuples(res) && db_get_i64(res, i, 0) == region; i++) {
        if (!db_get_is_null(res, i, 6) && c->n_seasons < MAX_SEASON_ROWS)
            c->seasons[c->n_seasons++] = view_season(l, res, i);
    }
    return c;
}

/* Days, ordered by region and day, to the calendars, ordered by region. */
static void view_days(struct list *l, const PGresult *res)
{
    int n = PQntuples(res);
    for (int row = 0; row < n && !l->failed;) {
        int64_t region = db_get_i64(res, row, 3);
        char code[REGION_TEXT_SIZE] = "";
        int end_row = row;
        while (end_row < n && db_get_i64(res, end_row, 3) == region)
            end_row++;
        if (region)
            region_format(region, code);
        Wangge__V1__Calendar *c = NULL;
        for (size_t i = 0; i < l->response.n_calendars; i++)
            if (strcmp(l->response.calendars[i]->region_code, code) == 0)
                c = l->response.calendars[i];
        Wangge__V1__CalendarDate **days = c ? alloc(l, (size_t)(end_row - row) * sizeof(Wangge__V1__CalendarDate *)) : NULL;
        for (; row < end_row; row++) {
            Wangge__V1__CalendarDate *d = days ? alloc(l, sizeof *d) : NULL;
            if (!d)
                continue;
            wangge__v1__calendar_date__init(d);
            d->date = alloc(l, 11);
            if (d->date)
                clock_format_date(db_get_date(res, row, 0), d->date);
            d->working = db_get_bool(res, row, 1);
            d->name = text(l, db_get_text(res, row, 2));
            d->n_shifts = view_shifts(l, db_get_text(res, row, 4), &d->shifts);
            days[c->n_days++] = d;
        }
        if (c)
            c->days = days;
    }
}

static void on_days(void *arg, const PGresult *res, const struct err *e)
{
    struct list *l = arg;
    if (!e->code)
        view_days(l, res);
    int32_t last = calendar_published_to(directory_calendar(l->dir));
    l->response.published_to = alloc(l, 11);
    if (l->response.published_to && last != DAY_NONE)
        clock_format_date(last, l->response.published_to);
    if (!e->code && l->failed)
        end_nomem(l);
    else
        end(l, e);
}

static void on_calendars(void *arg, const PGresult *res, const struct err *e)
{
    struct list *l = arg;
    struct err failed = *e;
    struct db_params p;
    if (!failed.code) {
        int n = PQntuples(res);
        l->response.calendars = alloc(l, ((size_t)n + 1) * sizeof(Wangge__V1__Calendar *));
        for (int row = 0; row < n && !l->failed; row++)
            if (row == 0 || db_get_i64(res, row - 1, 0) != db_get_i64(res, row, 0))
                l->response.calendars[l->response.n_calendars++] = view_calendar(l, res, row);
        if (l->failed) {
            end_nomem(l);
            return;
        }
        db_params_init(&p);
        if (db_query(service_ctx_of(l->call)->db, &db_scope_none, &sql_directory_calendar, &p, rpc_deadline(l->call), on_days,
                     l, &failed) == 0)
            return;
    }
    end(l, &failed);
}

void clock_list_calendars(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct db_params p;
    struct err e;
    if (service_require(call, PERM_DIRECTORY_READ))
        return;
    struct directory *dir = service_hold_directory(call);
    struct list *l = dir ? service_alloc(call, sizeof *l) : NULL;
    if (!l)
        return;
    l->call = rpc_call_ref(call, WHY);
    l->arena = rpc_arena(call);
    l->dir = dir;
    wangge__v1__list_calendars_response__init(&l->response);
    db_params_init(&p);
    if (db_query(service_ctx_of(call)->db, &db_scope_none, &sql_directory_calendars, &p, rpc_deadline(call), on_calendars, l,
                 &e))
        end(l, &e);
}

/* ListLimits --------------------------------------------------------------------------------------------------------- */

static Wangge__V1__Limit *view_limit(struct arena *a, const struct limit_rule *r)
{
    Wangge__V1__Limit *v = arena_zalloc(a, sizeof *v);
    char *region = arena_zalloc(a, REGION_TEXT_SIZE);
    if (!v || !region)
        return NULL;
    wangge__v1__limit__init(v);
    if (r->region)
        region_format(r->region, region);
    v->clock = (Wangge__V1__ClockKind)r->kind;
    v->category_prefix = (char *)r->category;
    v->urgency = (Wangge__V1__Urgency)r->urgency;
    v->region_code = region;
    v->unit = clock_unit_view(r->unit);
    v->amount = r->amount;
    v->valid_from = view_time(a, r->valid_from);
    v->valid_to = view_time(a, r->valid_to);
    return v;
}

static int compare_rules(const void *x, const void *y)
{
    const struct limit_rule *a = *(const struct limit_rule *const *)x, *b = *(const struct limit_rule *const *)y;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int c = strcmp(a->category, b->category);
    if (c == 0)
        c = (a->region > b->region) - (a->region < b->region);
    if (c == 0)
        c = (a->urgency > b->urgency) - (a->urgency < b->urgency);
    return c ? c : (a->valid_from > b->valid_from) - (a->valid_from < b->valid_from);
}

void clock_list_limits(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListLimitsRequest *req = (const Wangge__V1__ListLimitsRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct err e;
    usec_t at;
    if (service_require(call, PERM_DIRECTORY_READ))
        return;
    if (!view_parse_time(req->at, &at)) {
        (void)err_field(&e, ERR_INVALID, "at", "at is not a valid time.");
        rpc_fail(call, &e);
        return;
    }
    if (at == USEC_NONE)
        at = ctx->clock->now(ctx->clock);
    struct directory *dir = service_hold_directory(call);
    size_t n;
    const struct limit_rule *rules = dir ? limit_set_rules(directory_limits(dir), &n) : NULL;
    if (!dir)
        return;
    const struct limit_rule **sorted = service_alloc(call, (n + 1) * sizeof *sorted);
    Wangge__V1__ListLimitsResponse r = WANGGE__V1__LIST_LIMITS_RESPONSE__INIT;
    r.limits = sorted ? service_alloc(call, (n + 1) * sizeof(Wangge__V1__Limit *)) : NULL;
    if (!r.limits)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (rules[i].valid_to == USEC_NONE || rules[i].valid_to > at)
            sorted[kept++] = &rules[i];
    qsort(sorted, kept, sizeof(const struct limit_rule *), compare_rules);
    for (size_t i = 0; i < kept; i++) {
        r.limits[i] = view_limit(rpc_arena(call), sorted[i]);
        if (!r.limits[i]) {
            (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
            rpc_fail(call, &e);
            return;
        }
        r.n_limits++;
    }
    rpc_reply(call, &r.base);
}
