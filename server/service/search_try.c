/* SPDX-License-Identifier: MIT */
/* TryDispatchRules: what rules would have said at each dispatch of a window, beside what was done. Changes nothing. */

#include "server/domain/number.h"
#include "server/service/case_view.h"
#include "server/service/search_methods.h"

enum { PAGE = 5000, WINDOW_DAYS_MAX = 400, EXAMPLES_MAX = 100 };
static const char WHY[] = "try dispatch rules";

struct attempt {
    struct rpc_call *call;
    struct directory *dir;
    struct dispatch_rule *rules;
    int n_rules;
    struct rule_set *held; /* if those in force are tried */
    struct dispatch_query query;
    Wangge__V1__TryDispatchRulesResponse response;
    Wangge__V1__DispatchDifference *examples[EXAMPLES_MAX];
};

static void release_rules(void *arg)
{
    rule_set_unref(arg);
}

static const char *organ_code(const struct directory *dir, int32_t id)
{
    const struct dir_organ *o = id ? directory_organ_by_id(dir, id) : NULL;
    return o ? o->code : "";
}

static int add_example(struct attempt *t, const struct dispatch_row *row, const struct dir_category *c,
                       const struct dispatch_rule *r)
{
    struct arena *a = rpc_arena(t->call);
    Wangge__V1__DispatchDifference *d = arena_alloc(a, sizeof *d);
    char *number = arena_alloc(a, NUMBER_TEXT_SIZE);
    if (!d || !number)
        return ERR_NOMEM;
    wangge__v1__dispatch_difference__init(d);
    number_format(row->number, number);
    d->case_id = view_uuid(a, &row->case_id);
    d->number = number;
    d->category_code = (char *)c->code;
    d->given_organ_code = (char *)organ_code(t->dir, row->organ_id);
    d->rule_organ_code = (char *)organ_code(t->dir, r->organ_id);
    d->rule_id = view_uuid(a, &r->id);
    d->returned = row->returned;
    t->examples[t->response.n_differences++] = d;
    return d->case_id && d->rule_id ? 0 : ERR_NOMEM;
}

static int count(struct attempt *t, const struct dispatch_row *row)
{
    const struct dir_category *c = directory_category_by_id(t->dir, row->category_id);
    struct dispatch_case k;
    int at = 0;
    dispatch_case_at(&k, c ? c->code : "", row->grid, row->happened_at, BUSINESS_UTC_OFFSET_S);
    const struct dispatch_rule *r = dispatch_rules_next(t->rules, t->n_rules, t->dir, &k, &at);
    t->response.dispatches++;
    if (!r || !c) {
        t->response.none++;
    } else if (r->organ_id == row->organ_id) {
        t->response.same++;
        t->response.same_returned += row->returned;
    } else {
        t->response.different++;
        t->response.different_returned += row->returned;
        if (t->response.n_differences < EXAMPLES_MAX)
            return add_example(t, row, c, r);
    }
    return 0;
}

static void next(struct attempt *t);

static void on_rows(void *arg, const struct dispatch_row *rows, int n, const struct err *e)
{
    struct attempt *t = arg;
    struct err failed = *e;
    for (int i = 0; i < n && !failed.code; i++) {
        if (count(t, &rows[i]))
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    if (failed.code) {
        service_fail_unref(t->call, &failed, WHY);
    } else if (n < PAGE) {
        rpc_reply(t->call, &t->response.base);
        rpc_call_unref(t->call, WHY);
    } else {
        t->query.has_after = true;
        t->query.after_at = rows[n - 1].arrived_at;
        t->query.after_id = rows[n - 1].case_id;
        t->query.after_version = rows[n - 1].version;
        next(t);
    }
}

static void next(struct attempt *t)
{
    struct err e = {0};
    if (rule_store_dispatches(service_ctx_of(t->call)->db, &t->query, rpc_arena(t->call), rpc_deadline(t->call), on_rows, t,
                              &e))
        service_fail_unref(t->call, &e, WHY);
}

/* Last month, in local days, unless a window was given. */
static int decode_window(struct attempt *t, const Wangge__V1__TryDispatchRulesRequest *req, struct err *e)
{
    const struct clock *clock = service_ctx_of(t->call)->clock;
    if (!view_parse_time(req->from, &t->query.from))
        return err_field(e, ERR_INVALID, "from", "from is not a valid time.");
    if (!view_parse_time(req->to, &t->query.to))
        return err_field(e, ERR_INVALID, "to", "to is not a valid time.");
    if (!req->from != !req->to)
        return err_field(e, ERR_INVALID, req->from ? "to" : "from", "Give both ends of the window, or neither for last month.");
    if (!req->from) {
        int year, month, mday;
        int32_t today = clock_local_day(clock->now(clock), BUSINESS_UTC_OFFSET_S);
        clock_civil_from_days(today, &year, &month, &mday);
        int32_t first = today - (mday - 1);
        clock_civil_from_days(first - 1, &year, &month, &mday);
        t->query.to = ((usec_t)first * 86400 - BUSINESS_UTC_OFFSET_S) * USEC_PER_SEC;
        t->query.from = t->query.to - (usec_t)mday * 86400 * USEC_PER_SEC;
    }
    if (t->query.to <= t->query.from)
        return err_field(e, ERR_INVALID, "to", "The window ends before it begins.");
    if (t->query.to - t->query.from > (usec_t)WINDOW_DAYS_MAX * 86400 * USEC_PER_SEC)
        return err_field(e, ERR_INVALID, "to", "Try at most %d days at once.", WINDOW_DAYS_MAX);
    return 0;
}

static int decode(struct attempt *t, const Wangge__V1__TryDispatchRulesRequest *req, struct err *e)
{
    struct service_ctx *ctx = service_ctx_of(t->call);
    int rc = decode_window(t, req, e);
    if (rc)
        return rc;
    t->query.span = region_span_of(service_caller(t->call)->actor.region);
    if (service_caller(t->call)->actor.region == 0)
        t->query.span = region_span_all();
    t->query.limit = PAGE;
    if (req->n_rules) {
        struct search_rules given = {0};
        rc = search_rules_decode(rpc_arena(t->call), t->dir, req->rules, req->n_rules, &given, e);
        if (rc)
            return rc;
        t->rules = given.rules;
        for (int i = 0; i < given.n; i++) {
            if (!given.removed[i])
                t->rules[t->n_rules++] = given.rules[i];
        }
        dispatch_rules_sort(t->rules, t->n_rules);
        return 0;
    }
    if (!rule_store_get(ctx->rule_store))
        return err_set(e, ERR_UNAVAILABLE, "The server is starting. Try again in a moment.");
    t->held = rule_set_ref(rule_store_get(ctx->rule_store));
    if (arena_on_dispose(rpc_arena(t->call), release_rules, t->held)) {
        rule_set_unref(t->held);
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    t->rules = t->held->rules;
    t->n_rules = t->held->n;
    return 0;
}

void search_rules_try(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e = {0};
    if (service_require(call, PERM_RULES_TRY))
        return;
    struct directory *dir = service_hold_directory(call);
    struct attempt *t = dir ? service_alloc(call, sizeof *t) : NULL;
    if (!t)
        return;
    t->call = rpc_call_ref(call, WHY);
    t->dir = dir;
    wangge__v1__try_dispatch_rules_response__init(&t->response);
    t->response.differences = t->examples;
    if (decode(t, (const Wangge__V1__TryDispatchRulesRequest *)msg, &e))
        service_fail_unref(call, &e, WHY);
    else
        next(t);
}
