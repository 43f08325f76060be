/* SPDX-License-Identifier: MIT */
/* ListCases: a page of the cases a caller may see. */
#include <string.h>

#include "common/base/text.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/page_token.h"
#include "server/service/report_scope.h"
#include "server/store/case_store.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500, COUNT_MAX = 10000 };

struct list {
    struct rpc_call *call;
    struct directory *dir;
    struct case_query query;
    int64_t filter_hash;
    int page_size;
    int waiting; /* answers still to come: rows, and on the first page the count */
    const struct case_row *rows;
    int n_rows;
    int32_t total;
    struct err failed;
};

static void finish(struct list *l)
{
    if (--l->waiting > 0)
        return;
    struct arena *a = rpc_arena(l->call);
    Wangge__V1__ListCasesResponse response = WANGGE__V1__LIST_CASES_RESPONSE__INIT;
    int n = l->n_rows < l->page_size ? l->n_rows : l->page_size;
    if (!l->failed.code) {
        response.cases = arena_alloc(a, (size_t)(n + 1) * sizeof *response.cases);
        for (int i = 0; response.cases && i < n; i++) {
            Wangge__V1__Case *c =
                view_case(a, service_ctx_of(l->call), l->dir, &service_caller(l->call)->actor, &l->rows[i], false);
            if (!c)
                break;
            response.cases[response.n_cases++] = c;
        }
        if ((int)response.n_cases < n)
            (void)err_set(&l->failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    }
    if (!l->failed.code && l->n_rows > l->page_size) {
        const struct case_row *last = &l->rows[n - 1];
        struct page_token t = {.filter = l->filter_hash, .a = last->cohort_day, .b = last->snap.due_at, .id = last->snap.id};
        response.next_page_token = page_token_write(a, &t);
    }
    response.total_up_to_10000 = l->total;
    if (l->failed.code)
        rpc_fail(l->call, &l->failed);
    else
        rpc_reply(l->call, &response.base);
    rpc_call_unref(l->call, "list");
}

static void on_rows(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct list *l = arg;
    l->rows = rows;
    l->n_rows = n;
    if (e->code)
        l->failed = *e;
    finish(l);
}

static void on_count(void *arg, int32_t total, const struct err *e)
{
    struct list *l = arg;
    l->total = total;
    if (e->code)
        l->failed = *e;
    finish(l);
}

/* The states in which a role has an ordinary next step; remarks, urging and decisions from above are no work list. */
static uint32_t work_states(enum role role)
{
    static const bool is_step[ACT_COUNT] = {
        [ACT_ANSWER_FACT_CHECK] = true,
        [ACT_ACCEPT] = true,
        [ACT_DISPATCH] = true,
        [ACT_SIGN] = true,
        [ACT_CO_REPLY] = true,
        [ACT_FEED_BACK] = true,
        [ACT_ORDER_FIELD_CHECK] = true,
        [ACT_ANSWER_FIELD_CHECK] = true,
        [ACT_CLOSE] = true,
        [ACT_RECEIPT] = true,
    };
    size_t n;
    const struct state_rule *rules = state_table(&n);
    uint32_t states = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_step[rules[i].action] && (rules[i].roles & ROLE_BIT(role)))
            states |= rules[i].from;
    }
    states &= STATES_OPEN;
    return states ? states : STATES_OPEN;
}

static int decode_states(const Wangge__V1__CaseFilter *f, uint32_t *ret, struct err *e)
{
    uint32_t states = f->open_only ? STATES_OPEN : 0;
    for (size_t i = 0; i < f->n_states; i++) {
        if ((int)f->states[i] <= STATE_NONE || (int)f->states[i] >= STATE_COUNT)
            return err_field(e, ERR_INVALID, "filter.states", "There is no state %d.", (int)f->states[i]);
        states |= STATE_BIT(f->states[i]);
    }
    *ret = states;
    return 0;
}

static int decode_filter(struct list *l, const Wangge__V1__CaseFilter *f, struct err *e)
{
    struct case_query *q = &l->query;
    const struct principal *who = service_caller(l->call);
    struct service_ctx *ctx = service_ctx_of(l->call);
    int64_t region;
    int rc = scope_region(&who->actor, f->region_code, "filter.region_code", &region, &q->span, e);
    if (!rc)
        rc = decode_states(f, &q->states, e);
    if (!rc)
        rc = scope_categories(rpc_arena(l->call), l->dir, f->category_prefix, "filter.category_prefix", &q->category_ids,
                              &q->n_categories, e);
    if (!rc && *f->organ_code) {
        const struct dir_organ *o = directory_organ_by_code(l->dir, f->organ_code);
        if (!o)
            return err_field(e, ERR_NOT_FOUND, "filter.organ_code", "There is no organ %.32s.", f->organ_code);
        q->organ_id = o->id;
    }
    if (rc)
        return rc;
    if (!view_parse_time(f->reported_from, &q->reported_from))
        return err_field(e, ERR_INVALID, "filter.reported_from", "reported_from is not a valid time.");
    if (!view_parse_time(f->reported_to, &q->reported_to))
        return err_field(e, ERR_INVALID, "filter.reported_to", "reported_to is not a valid time.");
    if (f->overdue_only) {
        q->due_before = ctx->clock->now(ctx->clock);
        if (!q->states)
            q->states = STATES_OPEN;
    }
    size_t chars = text_chars(f->text, strlen(f->text));
    if (chars == 1 || chars > 50)
        return err_field(e, ERR_INVALID, "filter.text", "Search for 2 to 50 characters.");
    if (chars > 0)
        q->text = f->text;
    if (f->mine)
        q->reporter = who->actor.account;
    if (f->my_work) {
        /* All parts of a filter hold: no state at all is left as one that no case has. */
        uint32_t work = work_states(who->actor.role);
        q->states = q->states ? q->states & work : work;
        if (!q->states)
            q->states = STATE_BIT(STATE_NONE);
        if (who->actor.role == ROLE_HANDLER || who->actor.role == ROLE_ORGAN_LEAD)
            q->seen_by_organ = who->actor.organ_id;
    }
    return 0;
}

/* What the caller may see at all, on top of what was asked for. */
static bool confine(struct case_query *q, const struct actor *who)
{
    struct policy_view view;
    policy_view_of(who, &view);
    if (view.nothing)
        return false;
    if (view.span.lo > q->span.lo)
        q->span.lo = view.span.lo;
    if (view.span.hi < q->span.hi)
        q->span.hi = view.span.hi;
    if (view.organ_id)
        q->seen_by_organ = view.organ_id;
    if (!uuid_is_nil(&view.reporter))
        q->reporter = view.reporter;
    return true;
}

static int decode(struct list *l, const Wangge__V1__ListCasesRequest *req, struct err *e)
{
    static const Wangge__V1__CaseFilter everything = WANGGE__V1__CASE_FILTER__INIT;
    struct case_query *q = &l->query;
    case_query_init(q);
    int rc = decode_filter(l, req->filter ? req->filter : &everything, e);
    if (rc)
        return rc;
    if (!confine(q, &service_caller(l->call)->actor))
        return err_set(e, ERR_DENIED, "Your role sees no cases.");
    if ((unsigned)req->order > WANGGE__V1__CASE_ORDER__CASE_ORDER_DUE_ASC)
        return err_field(e, ERR_INVALID, "order", "There is no order %d.", (int)req->order);
    q->by_due = req->order == WANGGE__V1__CASE_ORDER__CASE_ORDER_DUE_ASC;
    if (req->page_size < 0 || req->page_size > PAGE_MAX)
        return err_field(e, ERR_INVALID, "page_size", "page_size must be 0 to %d.", PAGE_MAX);
    l->page_size = req->page_size ? req->page_size : PAGE_DEFAULT;
    q->limit = l->page_size + 1; /* one more tells whether there is a next page */

    Wangge__V1__ListCasesRequest same = *req;
    same.page_token = (char *)"";
    same.page_size = 0;
    rc = request_hash(rpc_arena(l->call), &same.base, &l->filter_hash, e);
    if (rc || !*req->page_token)
        return rc;
    struct page_token t;
    if (!page_token_read(req->page_token, l->filter_hash, &t))
        return err_field(e, ERR_INVALID, "page_token", "This page token belongs to another list. Start from the first page.");
    q->has_after = true;
    q->after_day = (int32_t)t.a;
    q->after_due = t.b;
    q->after_id = t.id;
    return 0;
}

void case_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_CASE_READ))
        return;
    struct directory *dir = service_hold_directory(call);
    struct list *l = dir ? service_alloc(call, sizeof *l) : NULL;
    if (!l)
        return;
    l->call = rpc_call_ref(call, "list");
    l->dir = dir;
    struct db *db = service_ctx_of(call)->db;
    int rc = decode(l, (const Wangge__V1__ListCasesRequest *)msg, &e);
    if (!rc) {
        l->waiting = 1;
        rc = case_store_list(db, service_scope(call), &l->query, rpc_arena(call), rpc_deadline(call), on_rows, l, &e);
    }
    if (rc) {
        service_fail_unref(call, &e, "list");
        return;
    }
    if (!l->query.has_after) {
        l->waiting++;
        if (case_store_count(db, service_scope(call), &l->query, COUNT_MAX, rpc_arena(call), rpc_deadline(call), on_count, l,
                             &e)) {
            l->failed = e;
            l->waiting--;
        }
    }
}
