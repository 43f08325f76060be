/* SPDX-License-Identifier: MIT */
/*
 * Search: a page of the cases that have all words, best match and newest first; or of those with a person, by blind index,
 * which is a look at personal data: only for roles that may reveal it, and recorded before anything is answered.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/service/audit.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/page_token.h"
#include "server/service/person_seal.h"
#include "server/service/search_engine.h"
#include "server/service/search_methods.h"
#include "server/store/case_store.h"
#include "server/store/people_store.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 200, TEXT_MAX = 100, PERSON_CHARS_MAX = 40, PERSON_CASES_MAX = 500 };
static const char WHY[] = "search";

struct find {
    struct rpc_call *call;
    struct directory *dir;
    struct search_scope scope;
    struct search_plan *plan; /* NULL: no words, a person only */
    struct people_blind blind;
    const struct uuid *ids; /* of the person's cases */
    int n_ids;
    enum search_part part;
    int64_t filter_hash;
    int page_size;
};

static Wangge__V1__SearchHit *view_hit(struct find *f, const struct search_hit *h)
{
    static const enum search_field all[] = {SEARCH_DESCRIPTION, SEARCH_ADDRESS, SEARCH_NUMBER,
                                            SEARCH_CATEGORY,    SEARCH_PLACE,   SEARCH_PERSON};
    struct arena *a = rpc_arena(f->call);
    Wangge__V1__SearchHit *v = arena_alloc(a, sizeof *v);
    char **fields = arena_alloc(a, sizeof all / sizeof *all * sizeof *fields);
    if (!v || !fields)
        return NULL;
    wangge__v1__search_hit__init(v);
    v->case_ = view_case(a, service_ctx_of(f->call), f->dir, &service_caller(f->call)->actor, h->row, false);
    v->fields = fields;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (h->fields & all[i])
            v->fields[v->n_fields++] = (char *)search_field_name(all[i]);
    }
    return v->case_ ? v : NULL;
}

static void on_done(void *arg, const struct search_result *r, const struct err *e)
{
    struct find *f = arg;
    struct arena *a = rpc_arena(f->call);
    Wangge__V1__SearchResponse response = WANGGE__V1__SEARCH_RESPONSE__INIT;
    struct err failed = *e;
    if (!failed.code) {
        response.hits = arena_alloc(a, ((size_t)r->n + 1) * sizeof *response.hits);
        for (int i = 0; response.hits && i < r->n; i++) {
            Wangge__V1__SearchHit *v = view_hit(f, &r->hits[i]);
            if (!v)
                break;
            response.hits[response.n_hits++] = v;
        }
        if ((int)response.n_hits < r->n)
            (void)err_set(&failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    }
    if (!failed.code && r->more) {
        struct page_token t = {.filter = f->filter_hash, .a = r->day, .id = r->id, .part = (int64_t)r->part};
        response.next_page_token = page_token_write(a, &t);
        if (!response.next_page_token)
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    if (failed.code)
        rpc_fail(f->call, &failed);
    else
        rpc_reply(f->call, &response.base);
    rpc_call_unref(f->call, WHY);
}

/* --- by person --- */

static int by_age(const void *x, const void *y)
{
    const struct search_hit *a = x, *b = y;
    if (a->row->cohort_day != b->row->cohort_day)
        return a->row->cohort_day > b->row->cohort_day ? -1 : 1;
    return -uuid_compare(&a->row->snap.id, &b->row->snap.id);
}

static bool is_behind(const struct search_scope *s, const struct case_row *row)
{
    if (!s->has_after || row->cohort_day != s->after_day)
        return !s->has_after || row->cohort_day < s->after_day;
    return uuid_compare(&row->snap.id, &s->after_id) < 0;
}

static void on_person_rows(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct find *f = arg;
    struct search_result r = {0};
    struct err failed = *e;
    struct search_hit *hits = failed.code ? NULL : arena_alloc(rpc_arena(f->call), ((size_t)n + 1) * sizeof *hits);
    if (!failed.code && !hits)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (int i = 0; !failed.code && i < n; i++) {
        unsigned fields = 0;
        if (!region_span_contains(f->scope.span, rows[i].snap.grid) || !is_behind(&f->scope, &rows[i]) ||
            (f->scope.states && !(f->scope.states & STATE_BIT(rows[i].snap.state))) ||
            (f->plan && search_plan_check(f->plan, &rows[i], &fields) < 0))
            continue;
        hits[r.n++] = (struct search_hit){.row = &rows[i], .fields = fields | SEARCH_PERSON};
    }
    if (!failed.code) {
        qsort(hits, (size_t)r.n, sizeof *hits, by_age);
        r.hits = hits;
        r.more = r.n > f->page_size;
        if (r.more) {
            r.n = f->page_size;
            r.day = hits[r.n - 1].row->cohort_day;
            r.id = hits[r.n - 1].row->snap.id;
        }
    }
    on_done(f, &r, &failed);
}

static void on_recorded(void *arg, const struct err *e)
{
    struct find *f = arg;
    struct err failed = *e;
    if (failed.code || case_store_get_many(service_ctx_of(f->call)->db, service_scope(f->call), f->ids, f->n_ids,
                                           rpc_arena(f->call), rpc_deadline(f->call), on_person_rows, f, &failed))
        service_fail_unref(f->call, &failed, WHY);
}

static void on_person(void *arg, const struct uuid *ids, int n, const struct err *e)
{
    struct find *f = arg;
    struct err failed = *e;
    f->ids = ids;
    f->n_ids = n;
    if (failed.code || audit_reveal(f->call, "", "search by person", on_recorded, f, &failed))
        service_fail_unref(f->call, &failed, WHY);
}

static int start_person(struct find *f, struct err *e)
{
    struct policy_view view;
    const struct actor *who = &service_caller(f->call)->actor;
    policy_view_of(who, &view);
    return people_store_find(service_ctx_of(f->call)->db, service_scope(f->call), &f->blind, &view, &who->account,
                             PERSON_CASES_MAX, rpc_arena(f->call), rpc_deadline(f->call), on_person, f, e);
}

static int decode_person(struct find *f, const char *person, struct err *e)
{
    const struct service_ctx *ctx = service_ctx_of(f->call);
    size_t chars = text_chars(person, strlen(person));
    if (!policy_may(service_caller(f->call)->actor.role, PERM_PEOPLE_REVEAL))
        return err_field(e, ERR_DENIED, "person", "Your role may not look for people. Search by words.");
    if (chars < 2 || chars > PERSON_CHARS_MAX)
        return err_field(e, ERR_INVALID, "person", "Give a whole name, phone or ID number, 2 to %d characters.",
                         PERSON_CHARS_MAX);
    if (!ctx->secret)
        return err_set(e, ERR_PRECONDITION, "No data key is configured, so no people are kept here.");
    if (!person_blind_of(ctx->secret, person, &f->blind))
        return err_field(e, ERR_INVALID, "person", "This is no name, phone or ID number.");
    return 0;
}

/* --- the request --- */

static int decode(struct find *f, const Wangge__V1__SearchRequest *req, struct err *e)
{
    size_t chars = text_chars(req->text, strlen(req->text));
    if ((chars < 2 && !(*req->person && chars == 0)) || chars > TEXT_MAX)
        return err_field(e, ERR_INVALID, "text", "Search for 2 to %d characters.", TEXT_MAX);
    if (req->page_size < 0 || req->page_size > PAGE_MAX)
        return err_field(e, ERR_INVALID, "page_size", "page_size must be 0 to %d.", PAGE_MAX);
    f->page_size = req->page_size ? req->page_size : PAGE_DEFAULT;
    int rc = search_scope_of(&service_caller(f->call)->actor, req->region_code, &f->scope, e);
    if (rc)
        return rc;
    if (req->open_only)
        f->scope.states = STATES_OPEN;
    rc = *req->person ? decode_person(f, req->person, e) : 0;
    if (rc)
        return rc;

    Wangge__V1__SearchRequest same = *req;
    same.page_token = (char *)"";
    same.page_size = 0;
    rc = request_hash(rpc_arena(f->call), &same.base, &f->filter_hash, e);
    if (rc)
        return rc;
    struct page_token t = {0};
    if (*req->page_token) {
        if (!page_token_read(req->page_token, f->filter_hash, &t) || t.part < 0 || t.part >= SEARCH_PARTS)
            return err_field(e, ERR_INVALID, "page_token",
                             "This page token belongs to another search. Start from the first page.");
        f->scope.has_after = true;
        f->scope.after_day = (int32_t)t.a;
        f->scope.after_id = t.id;
        f->part = (enum search_part)t.part;
    }
    return chars ? search_plan_create(rpc_arena(f->call), f->dir, req->text, &f->scope, &f->plan, e) : 0;
}

void search_find(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e = {0};
    if (service_require(call, PERM_SEARCH))
        return;
    struct directory *dir = service_hold_directory(call);
    struct find *f = dir ? service_alloc(call, sizeof *f) : NULL;
    if (!f)
        return;
    f->call = rpc_call_ref(call, WHY);
    f->dir = dir;
    const Wangge__V1__SearchRequest *req = (const Wangge__V1__SearchRequest *)msg;
    int rc = decode(f, req, &e);
    if (!rc && *req->person)
        rc = start_person(f, &e);
    else if (!rc)
        rc = search_engine_run(service_ctx_of(call)->db, f->plan, &f->scope, f->part, f->page_size, rpc_arena(call),
                               rpc_deadline(call), on_done, f, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}
