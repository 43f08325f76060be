/* SPDX-License-Identifier: MIT */
/* ListCases: a page of the cases a caller may see. */
#include <string.h>

#include "common/base/text.h"
#include "server/service/case_filter.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/page_token.h"
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

static int decode(struct list *l, const Wangge__V1__ListCasesRequest *req, struct err *e)
{
    static const Wangge__V1__CaseFilter everything = WANGGE__V1__CASE_FILTER__INIT;
    struct case_query *q = &l->query;
    case_query_init(q);
    int rc = case_filter_decode(l->call, l->dir, req->filter ? req->filter : &everything, q, e);
    if (rc)
        return rc;
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
