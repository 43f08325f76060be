/* SPDX-License-Identifier: MIT */
/*
 * ListFigureCases: the list behind a figure's numerator or denominator. It is read from the events, the figure from the cells:
 * the last page checks that the one is as long as the other says, and a difference is an error, never a list.
 */
#include <string.h>

#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/page_token.h"
#include "server/service/report_request.h"
#include "server/service/report_view.h"
#include "server/store/case_store.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

struct page {
    struct rpc_call *call; /* held */
    struct directory *dir;
    struct arena *arena;
    const Wangge__V1__ListFigureCasesRequest *req;
    struct report_request r;
    int64_t filter_hash;
    int page_size;
    struct metric_part parts[METRIC_MAX_TERMS];
    int n_parts;
    int64_t total;
    int64_t seen;
    int64_t part; /* being listed */
    struct figure_after after;
    struct figure_row *rows; /* page_size + 1 */
    int n_rows;
    int64_t row_part; /* part of the last row that belongs to this page */
};

static void list_part(struct page *p);

static void end(struct page *p, const struct err *e)
{
    service_fail_unref(p->call, e, "figure");
}

static void on_cases(void *arg, const struct case_row *cases, int n, const struct err *e)
{
    struct page *p = arg;
    struct err failed = *e;
    int shown = p->n_rows < p->page_size ? p->n_rows : p->page_size;
    bool last_page = p->n_rows <= p->page_size;
    Wangge__V1__ListFigureCasesResponse response = WANGGE__V1__LIST_FIGURE_CASES_RESPONSE__INIT;
    response.total = p->total;
    response.cases = arena_alloc(p->arena, ((size_t)shown + 1) * sizeof *response.cases);
    for (int i = 0; !failed.code && response.cases && i < shown; i++) {
        const struct case_row *found = NULL;
        for (int k = 0; k < n && !found; k++) {
            if (uuid_equal(&cases[k].snap.id, &p->rows[i].case_id))
                found = &cases[k];
        }
        Wangge__V1__FigureCase *fc = arena_alloc(p->arena, sizeof *fc);
        if (!found || !fc)
            break;
        wangge__v1__figure_case__init(fc);
        fc->case_ = view_case(p->arena, service_ctx_of(p->call), p->dir, &service_caller(p->call)->actor, found, false);
        fc->state_as_of = (Wangge__V1__CaseState)p->rows[i].state;
        fc->event_version = p->rows[i].event_version;
        if (!fc->case_)
            break;
        response.cases[response.n_cases++] = fc;
    }
    if (!failed.code && (int)response.n_cases < shown)
        (void)err_set(&failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    if (!failed.code && last_page && p->seen + shown != p->total) {
        (void)err_set(
            &failed, ERR_INTERNAL,
            "The figure says %lld and the list has %lld rows. It is not shown; tell the operator to run wangged verify.",
            (long long)p->total, (long long)(p->seen + shown));
    }
    if (!failed.code && !last_page) {
        const struct figure_row *last = &p->rows[shown - 1];
        struct page_token t = {
            .filter = p->filter_hash,
            .a = last->position,
            .b = last->event_version,
            .id = last->case_id,
            .seen = p->seen + shown,
            .part = p->row_part,
        };
        response.next_page_token = page_token_write(p->arena, &t);
    }
    if (failed.code)
        rpc_fail(p->call, &failed);
    else
        rpc_reply(p->call, &response.base);
    rpc_call_unref(p->call, "figure");
}

static void read_cases(struct page *p)
{
    struct err e;
    int shown = p->n_rows < p->page_size ? p->n_rows : p->page_size;
    struct uuid *ids = arena_alloc(p->arena, ((size_t)shown + 1) * sizeof *ids);
    for (int i = 0; ids && i < shown; i++)
        ids[i] = p->rows[i].case_id;
    if (!ids) {
        (void)err_set(&e, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
        end(p, &e);
    } else if (case_store_get_many(service_ctx_of(p->call)->db, &p->r.query.scope, ids, shown, p->arena, rpc_deadline(p->call),
                                   on_cases, p, &e)) {
        end(p, &e);
    }
}

static void on_rows(void *arg, const struct figure_row *rows, int n, const struct err *e)
{
    struct page *p = arg;
    if (e->code) {
        end(p, e);
        return;
    }
    for (int i = 0; i < n; i++) {
        if (p->n_rows < p->page_size)
            p->row_part = p->part;
        p->rows[p->n_rows++] = rows[i];
    }
    if (p->n_rows > p->page_size || p->part + 1 >= p->n_parts) {
        read_cases(p);
        return;
    }
    p->part++;
    p->after.set = false;
    list_part(p);
}

static void list_part(struct page *p)
{
    int limit = p->page_size + 1 - p->n_rows; /* one more tells whether there is a next page */
    struct err e;
    int rc = report_store_list(service_ctx_of(p->call)->db, &p->r.query, &p->parts[p->part], &p->after, limit, p->arena,
                               rpc_deadline(p->call), on_rows, p, &e);
    if (rc)
        end(p, &e);
}

static void on_total(void *arg, const struct report_row *rows, int n, const struct err *e)
{
    struct page *p = arg;
    static const struct report_row nothing;
    if (e->code) {
        end(p, e);
        return;
    }
    const struct report_row *r = n > 0 ? &rows[0] : &nothing;
    const struct metric_sum *s =
        p->req->part == WANGGE__V1__FIGURE_PART__FIGURE_PART_DENOMINATOR ? &p->r.variant->den : &p->r.variant->num;
    p->total = report_row_value(r, s);
    p->n_parts = metric_parts(s, p->parts);
    if (p->n_parts < 0) {
        struct err bad;
        (void)err_field(&bad, ERR_INVALID, "part",
                        "This is a difference of two windows and has no list. List the cases of either window by metric N01.");
        end(p, &bad);
        return;
    }
    /* seen is the client's to forge: beyond the figure it is none of ours, and must not overflow. */
    if (p->part >= p->n_parts || p->seen < 0 || p->seen > p->total) {
        struct err bad;
        (void)err_field(&bad, ERR_INVALID, "page_token",
                        "This page token belongs to another figure. Start from the first page.");
        end(p, &bad);
        return;
    }
    list_part(p);
}

static void start_total(struct page *p)
{
    struct err e;
    struct metric_needs needs;
    report_request_needs(&p->r, &needs);
    if (report_store_sum(service_ctx_of(p->call)->db, &p->r.query, &needs, p->arena, rpc_deadline(p->call), on_total, p, &e))
        end(p, &e);
}

static void on_now(void *arg, usec_t as_of, const struct err *e)
{
    struct page *p = arg;
    if (e->code) {
        end(p, e);
        return;
    }
    p->r.query.as_of = as_of;
    start_total(p);
}

static int decode(struct page *p, struct err *e)
{
    const Wangge__V1__ListFigureCasesRequest *req = p->req;
    int rc = report_request_decode(p->call, p->dir, p->arena, req->query, &p->r, e);
    if (!rc)
        rc = report_request_narrow(&service_caller(p->call)->actor, &p->r, p->dir, p->arena, req->breakdown, req->key, e);
    if (rc)
        return rc;
    if (req->part != WANGGE__V1__FIGURE_PART__FIGURE_PART_NUMERATOR &&
        req->part != WANGGE__V1__FIGURE_PART__FIGURE_PART_DENOMINATOR)
        return err_field(e, ERR_INVALID, "part", "part must be NUMERATOR or DENOMINATOR.");
    if (req->page_size < 0 || req->page_size > PAGE_MAX)
        return err_field(e, ERR_INVALID, "page_size", "page_size must be 0 to %d.", PAGE_MAX);
    p->page_size = req->page_size ? req->page_size : PAGE_DEFAULT;
    p->rows = arena_alloc(p->arena, ((size_t)p->page_size + 1) * sizeof *p->rows);
    if (!p->rows)
        return err_set(e, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    Wangge__V1__ListFigureCasesRequest same = *req;
    same.page_token = (char *)"";
    same.page_size = 0;
    rc = request_hash(p->arena, &same.base, &p->filter_hash, e);
    if (rc || !*req->page_token)
        return rc;
    if (p->r.as_of_now)
        return err_field(e, ERR_INVALID, "query.as_of", "Further pages need as_of: send the query as QueryMetric echoed it.");
    struct page_token t;
    if (!page_token_read(req->page_token, p->filter_hash, &t) || t.part < 0 || t.part >= METRIC_MAX_TERMS)
        return err_field(e, ERR_INVALID, "page_token", "This page token belongs to another figure. Start from the first page.");
    p->after = (struct figure_after){.set = true, .position = t.a, .case_id = t.id, .event_version = t.b};
    p->seen = t.seen;
    p->part = t.part;
    p->row_part = t.part;
    return 0;
}

void report_cases(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_REPORT))
        return;
    struct directory *dir = service_hold_directory(call);
    struct page *p = dir ? service_alloc(call, sizeof *p) : NULL;
    if (!p)
        return;
    p->call = rpc_call_ref(call, "figure");
    p->dir = dir;
    p->arena = rpc_arena(call);
    p->req = (const Wangge__V1__ListFigureCasesRequest *)msg;
    int rc = decode(p, &e);
    if (!rc && p->r.as_of_now)
        rc = report_store_now(service_ctx_of(call)->db, p->r.query.now, p->arena, rpc_deadline(call), on_now, p, &e);
    else if (!rc)
        start_total(p);
    if (rc)
        end(p, &e);
}
