/* SPDX-License-Identifier: MIT */
/*
 * GetFrozenReport and ListFrozenReports. A frozen report is sent as it was kept, its digest counted again on the way: what does
 * not have it any more is not sent to its end.
 */
#include <string.h>

#include "server/service/case_methods.h"
#include "server/service/page_token.h"
#include "server/service/report_frozen_view.h"

enum { PARTS_A_PAGE = 16, PAGE_DEFAULT = 50, PAGE_MAX = 200 };

static const char WHY[] = "frozen";

Wangge__V1__PullReportRequest *report_frozen_request(struct arena *a, const struct frozen_row *row)
{
    ProtobufCAllocator memory = pb_arena_allocator(a);
    return wangge__v1__pull_report_request__unpack(&memory, row->request.len, row->request.data);
}

Wangge__V1__FrozenReport *report_frozen_view(struct arena *a, const struct frozen_row *row)
{
    Wangge__V1__FrozenReport *f = arena_alloc(a, sizeof *f);
    char *id = arena_alloc(a, UUID_TEXT_LEN + 1);
    if (!f || !id)
        return NULL;
    wangge__v1__frozen_report__init(f);
    uuid_format(&row->id, id);
    f->id = id;
    f->report = report_frozen_request(a, row);
    f->title = (char *)row->title;
    f->title_en = (char *)row->title_en;
    f->frozen_at = view_time(a, row->frozen_at);
    f->frozen_by = (char *)row->frozen_by_name;
    f->note = (char *)row->note;
    f->rows = row->rows;
    f->digest = (char *)row->digest;
    return f->report && f->frozen_at ? f : NULL;
}

/* GetFrozenReport ---------------------------------------------------------------------------------------------------- */

struct get {
    struct rpc_call *call; /* held */
    const Wangge__V1__GetFrozenReportRequest *req;
    const struct frozen_row *row;
    struct report_digest *digest;
    int sent;
    bool busy;    /* a page is being read */
    bool stopped; /* until the stream has room */
    bool over;
};

static void next(struct get *g);

static void fail(struct get *g, const struct err *e)
{
    g->over = true;
    service_fail_unref(g->call, e, WHY);
}

static void fail_nomem(struct get *g)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    fail(g, &e);
}

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_time(const Google__Protobuf__Timestamp *a, const Google__Protobuf__Timestamp *b)
{
    return !a || (b && a->seconds == b->seconds && a->nanos == b->nanos);
}

/* What differs between what the caller believes and what it was frozen with; NULL: nothing. */
static const char *difference(const Wangge__V1__PullReportRequest *want, const Wangge__V1__PullReportRequest *is)
{
    const Wangge__V1__ReportFilter *w = want->filter;
    const Wangge__V1__ReportFilter *f = is->filter;
    if (!same(want->code, is->code))
        return "expected.code";
    if (!same(want->from, is->from))
        return "expected.from";
    if (!same(want->to, is->to))
        return "expected.to";
    if (!same_time(want->as_of, is->as_of))
        return "expected.as_of";
    if (want->target_bp && want->target_bp != is->target_bp)
        return "expected.target_bp";
    if (w && (!f || (*w->region_code && !same(w->region_code, f->region_code))))
        return "expected.filter.region_code";
    if (w && !same(w->category_prefix, f->category_prefix))
        return "expected.filter.category_prefix";
    if (w && !same(w->organ_code, f->organ_code))
        return "expected.filter.organ_code";
    if (w && w->level && w->level != f->level)
        return "expected.filter.level";
    return NULL;
}

/* The digest of all parts but the end must be what the end says and what was kept. */
static bool is_whole(struct get *g, const Wangge__V1__ReportPart *part)
{
    char digest[65];
    if (part->part_case != WANGGE__V1__REPORT_PART__PART_END)
        return true;
    report_digest_end(g->digest, digest);
    return strcmp(digest, part->end->digest) == 0 && strcmp(digest, g->row->digest) == 0;
}

static void lost(struct get *g)
{
    struct err e;
    (void)err_set(&e, ERR_DATA_LOSS,
                  "What is stored of this report is not what was frozen: its digest differs. Restore it from a backup.");
    fail(g, &e);
}

/* Sends a page. False: the call has ended. */
static bool send_page(struct get *g, const struct frozen_bytes *parts, int n)
{
    for (int i = 0; i < n; i++) {
        struct arena *scratch = arena_create(8u << 20);
        ProtobufCAllocator memory = pb_arena_allocator(scratch);
        Wangge__V1__GetFrozenReportResponse response = WANGGE__V1__GET_FROZEN_REPORT_RESPONSE__INIT;
        Wangge__V1__ReportPart *part = scratch ? wangge__v1__report_part__unpack(&memory, parts[i].len, parts[i].data) : NULL;
        bool end = part && part->part_case == WANGGE__V1__REPORT_PART__PART_END;
        bool fine = part && (end || report_digest_add(g->digest, scratch, part) == 0) && is_whole(g, part);
        if (fine) {
            response.part = part;
            if (!rpc_send(g->call, &response.base))
                g->stopped = true;
        }
        arena_destroy(scratch);
        if (!fine) {
            lost(g);
            return false;
        }
        g->sent++;
        if (end) {
            g->over = true;
            rpc_finish(g->call);
            rpc_call_unref(g->call, WHY);
            return false;
        }
    }
    return true;
}

static void on_parts(void *arg, const struct frozen_bytes *parts, int n, const struct err *e)
{
    struct get *g = arg;
    g->busy = false;
    if (e->code)
        fail(g, e);
    else if (rpc_call_is_done(g->call)) {
        g->over = true;
        rpc_call_unref(g->call, WHY);
    } else if (n == 0)
        lost(g); /* it has no end */
    else if (send_page(g, parts, n) && !g->stopped)
        next(g);
}

static void next(struct get *g)
{
    struct err e;
    g->busy = true;
    if (report_frozen_parts(service_ctx_of(g->call)->db, service_scope(g->call), &g->row->id, g->sent, PARTS_A_PAGE,
                            rpc_arena(g->call), rpc_deadline(g->call), on_parts, g, &e))
        fail(g, &e);
}

static void on_found(void *arg, const struct frozen_row *rows, int n, const struct err *e)
{
    struct get *g = arg;
    struct err failed;
    g->busy = false;
    if (e->code) {
        fail(g, e);
        return;
    }
    if (n == 0) {
        (void)err_field(&failed, ERR_NOT_FOUND, "id", "There is no such frozen report, or it is not yours to see.");
        fail(g, &failed);
        return;
    }
    g->row = &rows[0];
    const Wangge__V1__PullReportRequest *is = report_frozen_request(rpc_arena(g->call), g->row);
    const char *field = is && g->req->expected ? difference(g->req->expected, is) : NULL;
    if (!is) {
        fail_nomem(g);
    } else if (field) {
        (void)err_field(&failed, ERR_INVALID, field,
                        "The report was frozen with something else. Leave expected out to get it as it is, or pull a new one.");
        fail(g, &failed);
    } else {
        next(g);
    }
}

void report_frozen_get_call(struct rpc_call *call, const ProtobufCMessage *msg)
{
    static const struct uuid none;
    struct err e;
    struct uuid id;
    if (service_require(call, PERM_REPORT))
        return;
    struct get *g = service_alloc(call, sizeof *g);
    if (!g)
        return;
    g->call = rpc_call_ref(call, WHY);
    g->req = (const Wangge__V1__GetFrozenReportRequest *)msg;
    g->digest = report_digest_create(rpc_arena(call));
    g->busy = true;
    rpc_call_set_data(call, g);
    int rc = g->digest ? 0 : err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (!rc && !uuid_parse(g->req->id, &id))
        rc = err_field(&e, ERR_INVALID, "id", "id must be the id of a frozen report.");
    if (!rc)
        rc = report_frozen_get(service_ctx_of(call)->db, service_scope(call), &id, &none, rpc_arena(call), rpc_deadline(call),
                               on_found, g, &e);
    if (rc)
        fail(g, &e);
}

void report_frozen_writable(struct rpc_call *call)
{
    struct get *g = rpc_call_data(call);
    if (!g || g->over || !g->stopped)
        return;
    g->stopped = false;
    if (!g->busy)
        next(g);
}

/* Nobody listens any more: whoever waits for room has nothing to wait for. */
void report_frozen_cancel(struct rpc_call *call)
{
    struct get *g = rpc_call_data(call);
    if (!g || g->over || g->busy)
        return;
    g->over = true;
    rpc_call_unref(call, WHY);
}

/* ListFrozenReports -------------------------------------------------------------------------------------------------- */

struct list {
    struct rpc_call *call; /* held */
    int page_size;
};

static void on_list(void *arg, const struct frozen_row *rows, int n, const struct err *e)
{
    struct list *l = arg;
    struct arena *a = rpc_arena(l->call);
    Wangge__V1__ListFrozenReportsResponse response = WANGGE__V1__LIST_FROZEN_REPORTS_RESPONSE__INIT;
    struct err failed = *e;
    int shown = n < l->page_size ? n : l->page_size;
    response.reports = arena_alloc(a, ((size_t)shown + 1) * sizeof(Wangge__V1__FrozenReport *));
    for (int i = 0; !failed.code && response.reports && i < shown; i++) {
        Wangge__V1__FrozenReport *f = report_frozen_view(a, &rows[i]);
        if (!f)
            break;
        response.reports[response.n_reports++] = f;
    }
    if (!failed.code && (int)response.n_reports < shown)
        (void)err_set(&failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    if (failed.code) {
        service_fail_unref(l->call, &failed, WHY);
        return;
    }
    if (n > shown) {
        struct page_token t = {.a = rows[shown - 1].frozen_at, .id = rows[shown - 1].id};
        response.next_page_token = page_token_write(a, &t);
    }
    rpc_reply(l->call, &response.base);
    rpc_call_unref(l->call, WHY);
}

void report_frozen_list_call(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListFrozenReportsRequest *req = (const Wangge__V1__ListFrozenReportsRequest *)msg;
    struct err e;
    struct page_token t;
    struct frozen_row after = {0};
    if (service_require(call, PERM_REPORT))
        return;
    struct list *l = service_alloc(call, sizeof *l);
    if (!l)
        return;
    l->call = rpc_call_ref(call, WHY);
    l->page_size = req->page_size ? req->page_size : PAGE_DEFAULT;
    int rc = 0;
    if (l->page_size < 1 || l->page_size > PAGE_MAX)
        rc = err_field(&e, ERR_INVALID, "page_size", "page_size must be 1 to %d.", PAGE_MAX);
    if (!rc && *req->page_token && !page_token_read(req->page_token, 0, &t))
        rc = err_field(&e, ERR_INVALID, "page_token", "This page token belongs to another list. Start from the first page.");
    if (!rc && *req->page_token) {
        after.frozen_at = t.a;
        after.id = t.id;
    }
    if (!rc)
        rc = report_frozen_list(service_ctx_of(call)->db, service_scope(call), req->code, *req->page_token ? &after : NULL,
                                l->page_size + 1, rpc_arena(call), rpc_deadline(call), on_list, l, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}
