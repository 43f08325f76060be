/* SPDX-License-Identifier: MIT */
#include "server/service/report_request.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "server/service/case_view.h"
#include "server/service/report_scope.h"
#include "server/service/report_view.h"

static int decode_as_of(struct report_request *r, const Wangge__V1__MetricQuery *q, struct err *e)
{
    usec_t now = r->query.now;
    usec_t end = period_end_us(r->query.window, BUSINESS_UTC_OFFSET_S);
    if (!view_parse_time(q->as_of, &r->query.as_of))
        return err_field(e, ERR_INVALID, "query.as_of", "as_of is not a valid time.");
    r->as_of_given = r->query.as_of != USEC_NONE;
    if (r->as_of_given) {
        if (r->query.as_of > now)
            return err_field(e, ERR_INVALID, "query.as_of", "as_of lies in the future. Leave it out to ask as of this moment.");
        return 0;
    }
    r->as_of_now = end > now;
    r->query.as_of = r->as_of_now ? now : end;
    return 0;
}

/* True if the directory holds no region outside the span. */
static bool holds_everything(const struct directory *dir, struct region_span span)
{
    size_t all;
    size_t inside;
    (void)directory_regions(dir, &all);
    (void)directory_subtree(dir, span, &inside);
    return all == inside;
}

/* Whoever sees only an organ's cases gets only that organ's figures: the list behind a figure shows whole cases. */
static int confine_organ(const struct actor *who, struct report_query *q, const char *field, struct err *e)
{
    struct policy_view view;
    policy_view_of(who, &view);
    if (view.nothing)
        return err_set(e, ERR_DENIED, "Your role sees no cases.");
    if (!view.organ_id)
        return 0;
    if (q->organ_id && q->organ_id != view.organ_id) {
        (void)err_field(e, ERR_DENIED, field, "Your account sees the figures of its own organ only. Leave the organ out.");
        err_detail(e, "rule ORGAN");
        return ERR_DENIED;
    }
    q->organ_id = view.organ_id;
    return 0;
}

int report_request_decode(struct rpc_call *call, const struct directory *dir, struct arena *a, const Wangge__V1__MetricQuery *q,
                          struct report_request *ret, struct err *e)
{
    struct service_ctx *ctx = service_ctx_of(call);
    memset(ret, 0, sizeof *ret);
    if (!q)
        return err_field(e, ERR_INVALID, "query", "query is required.");
    ret->metric = metric_find(q->metric);
    if (!ret->metric)
        return err_field(e, ERR_INVALID, "query.metric", "There is no metric %.16s. List them to choose one.", q->metric);
    ret->variant = metric_variant_find(ret->metric, q->variant);
    if (!ret->variant)
        return err_field(e, ERR_INVALID, "query.variant", "Metric %s has no variant %.16s.", ret->metric->code, q->variant);
    struct report_query *rq = &ret->query;
    rq->scope = service_caller(call)->region_scope;
    rq->now = ctx->clock->now(ctx->clock);
    int rc = period_parse(q->from, q->to, &rq->window, e);
    if (!rc)
        rc = decode_as_of(ret, q, e);
    if (!rc)
        rc = scope_region(&service_caller(call)->actor, q->region_code, "query.region_code", &ret->region, &rq->span, e);
    if (!rc)
        rc = scope_categories(a, dir, q->category_prefix, "query.category_prefix", &rq->category_ids, &rq->n_categories, e);
    if (rc)
        return rc;
    if (ret->region && !directory_region(dir, ret->region))
        return err_field(e, ERR_NOT_FOUND, "query.region_code", "There is no region %s.", q->region_code);
    rq->level = ret->region ? region_level_of(ret->region) : LEVEL_CITY;
    rq->everywhere = holds_everything(dir, rq->span);
    if (*q->organ_code) {
        const struct dir_organ *o = directory_organ_by_code(dir, q->organ_code);
        if (!o)
            return err_field(e, ERR_NOT_FOUND, "query.organ_code", "There is no organ %.32s.", q->organ_code);
        rq->organ_id = o->id;
    }
    return confine_organ(&service_caller(call)->actor, rq, "query.organ_code", e);
}

static int narrow_region(struct report_request *r, const char *key, struct err *e)
{
    int64_t code;
    struct err why;
    if (region_parse(key, &code, &why) || code < r->query.span.lo || code > r->query.span.hi)
        return err_field(e, ERR_INVALID, "key", "key must be a region inside the queried one.");
    r->region = code;
    r->query.span = region_span_of(code);
    r->query.level = region_level_of(code);
    r->query.everywhere = false;
    return 0;
}

static int narrow_day(struct report_request *r, const char *key, struct err *e)
{
    int32_t day;
    struct period *w = &r->query.window;
    if (!clock_parse_date(key, &day) || day < w->first || day > w->last)
        return err_field(e, ERR_INVALID, "key", "key must be a day of the window, YYYY-MM-DD.");
    w->first = w->last = day;
    return 0;
}

static int narrow_channel(struct report_request *r, const char *key, struct err *e)
{
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        if (strcmp(report_view_channel((enum channel)c), key) == 0) {
            r->query.channel = (enum channel)c;
            return 0;
        }
    }
    return err_field(e, ERR_INVALID, "key", "There is no channel %.16s.", key);
}

static int narrow_month(struct report_request *r, const char *key, struct err *e)
{
    char first[11];
    int32_t day;
    if (strlen(key) != 7 || (size_t)snprintf(first, sizeof first, "%s-01", key) != 10 || !clock_parse_date(first, &day))
        return err_field(e, ERR_INVALID, "key", "key must be a month, YYYY-MM.");
    struct period month = period_of_month(period_month_of_day(day));
    struct period *w = &r->query.window;
    if (month.last < w->first || month.first > w->last)
        return err_field(e, ERR_INVALID, "key", "This month lies outside the window.");
    w->first = month.first > w->first ? month.first : w->first;
    w->last = month.last < w->last ? month.last : w->last;
    return 0;
}

int report_request_narrow(const struct actor *who, struct report_request *r, const struct directory *dir, struct arena *a,
                          Wangge__V1__Breakdown breakdown, const char *key, struct err *e)
{
    struct report_query *q = &r->query;
    switch (breakdown) {
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_UNSPECIFIED:
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_NONE:
        return 0;
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION:
        return narrow_region(r, key, e);
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_MONTH:
        return narrow_month(r, key, e);
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_DAY:
        return narrow_day(r, key, e);
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_CHANNEL:
        return narrow_channel(r, key, e);
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_CATEGORY: {
        const struct dir_category *c = directory_category_by_code(dir, key);
        int16_t *id = arena_alloc(a, sizeof *id);
        if (!c || !id)
            return err_field(e, ERR_INVALID, "key", "There is no category %.16s.", key);
        *id = c->id;
        q->category_ids = id;
        q->n_categories = 1;
        return 0;
    }
    case WANGGE__V1__BREAKDOWN__BREAKDOWN_ORGAN: {
        const struct dir_organ *o = directory_organ_by_code(dir, key);
        if (!o)
            return err_field(e, ERR_INVALID, "key", "There is no organ %.32s.", key);
        q->organ_id = o->id;
        return confine_organ(who, q, "key", e);
    }
    case _WANGGE__V1__BREAKDOWN_IS_INT_SIZE:
        break;
    }
    return err_field(e, ERR_INVALID, "breakdown", "There is no breakdown %d.", (int)breakdown);
}

Wangge__V1__MetricQuery *report_request_echo(struct arena *a, const struct directory *dir, const struct report_request *r,
                                             const Wangge__V1__MetricQuery *asked)
{
    Wangge__V1__MetricQuery *q = arena_alloc(a, sizeof *q);
    char *region = arena_zalloc(a, REGION_TEXT_SIZE);
    if (!q || !region)
        return NULL;
    *q = *asked;
    q->metric = (char *)r->metric->code;
    q->variant = (char *)r->variant->code;
    q->as_of = view_time(a, r->query.as_of);
    if (r->region)
        region_format(r->region, region);
    q->region_code = region;
    return q->as_of ? q : NULL;
}

void report_request_needs(const struct report_request *r, struct metric_needs *ret)
{
    memset(ret, 0, sizeof *ret);
    metric_needs_add(ret, r->variant);
    /* The counts beside every figure. */
    ret->of[TERM_COHORT_AT_T] |= (UINT64_C(1) << MEASURE_CORE) - 1;
}
