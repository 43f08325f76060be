/* SPDX-License-Identifier: MIT */
/* ListAudit: a page of the audit, for the auditor. */
#include <string.h>

#include "common/base/text.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/page_token.h"
#include "wangge/v1/audit.pb-c.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500, LIST_MS = 10000 };
static const char WHY[] = "list audit";

struct list {
    struct rpc_call *call;
    struct audit_query query;
    int64_t filter_hash;
    int page_size;
};

static char *keep(const char *s)
{
    return *s ? (char *)s : (char *)protobuf_c_empty_string;
}

static Wangge__V1__AuditRow *view(struct arena *a, const struct audit_row *r)
{
    Wangge__V1__AuditRow *row = arena_alloc(a, sizeof(*row));
    if (!row)
        return NULL;
    wangge__v1__audit_row__init(row);
    row->audit_id = r->id;
    row->at = view_time(a, r->at);
    row->kind = (Wangge__V1__AuditKind)r->kind;
    row->login = keep(r->login);
    row->name = keep(r->name);
    row->role = (Wangge__V1__Role)r->role;
    row->call = keep(r->call);
    row->object = keep(r->object);
    row->rule = keep(r->rule);
    row->text = keep(r->text);
    row->peer = keep(r->peer);
    return row->at ? row : NULL;
}

static void on_rows(void *arg, const struct audit_row *rows, int n, const struct err *e)
{
    struct list *l = arg;
    struct arena *a = rpc_arena(l->call);
    struct err failed = *e;
    Wangge__V1__ListAuditResponse response = WANGGE__V1__LIST_AUDIT_RESPONSE__INIT;
    int shown = n < l->page_size ? n : l->page_size;

    if (!failed.code) {
        response.rows = arena_alloc(a, (size_t)(shown + 1) * sizeof(*response.rows));
        for (int i = 0; response.rows && i < shown; i++) {
            Wangge__V1__AuditRow *row = view(a, &rows[i]);
            if (!row)
                break;
            response.rows[response.n_rows++] = row;
        }
        if (n > shown)
            response.next_page_token = page_token_write(
                a, &(struct page_token){.filter = l->filter_hash, .a = rows[shown - 1].at, .b = rows[shown - 1].id});
        if ((int)response.n_rows < shown || !response.next_page_token)
            (void)err_set(&failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    }
    if (failed.code)
        rpc_fail(l->call, &failed);
    else
        rpc_reply(l->call, &response.base);
    rpc_call_unref(l->call, WHY);
}

static int decode(struct list *l, const Wangge__V1__ListAuditRequest *req, struct err *e)
{
    struct audit_query *q = &l->query;
    Wangge__V1__ListAuditRequest same = *req;
    struct page_token t;

    *q = (struct audit_query){.login = req->login, .object = req->object, .rule = req->rule, .after_at = USEC_NONE};
    if (!view_parse_time(req->from, &q->from))
        return err_field(e, ERR_INVALID, "from", "from is not a valid time.");
    if (!view_parse_time(req->to, &q->to))
        return err_field(e, ERR_INVALID, "to", "to is not a valid time.");
    if (q->from != USEC_NONE && q->to != USEC_NONE && q->to <= q->from)
        return err_field(e, ERR_INVALID, "to", "The window ends before it starts.");
    if ((unsigned)req->kind >= AUDIT_KIND_COUNT)
        return err_field(e, ERR_INVALID, "kind", "There is no kind %d.", (int)req->kind);
    q->kind = (int)req->kind;
    if (text_chars(req->login, strlen(req->login)) > 64)
        return err_field(e, ERR_INVALID, "login", "A login has at most 64 characters.");
    if (text_chars(req->object, strlen(req->object)) > 64)
        return err_field(e, ERR_INVALID, "object", "An object has at most 64 characters.");
    if (text_chars(req->rule, strlen(req->rule)) > 48)
        return err_field(e, ERR_INVALID, "rule", "A rule has at most 48 characters.");
    if (req->page_size < 0 || req->page_size > PAGE_MAX)
        return err_field(e, ERR_INVALID, "page_size", "page_size must be 0 to %d.", PAGE_MAX);
    l->page_size = req->page_size ? req->page_size : PAGE_DEFAULT;
    q->limit = l->page_size + 1;
    same.page_token = (char *)"";
    same.page_size = 0;
    int rc = request_hash(rpc_arena(l->call), &same.base, &l->filter_hash, e);
    if (rc || !*req->page_token)
        return rc;
    if (!page_token_read(req->page_token, l->filter_hash, &t))
        return err_field(e, ERR_INVALID, "page_token", "This page token belongs to another list. Start from the first page.");
    q->after_at = t.a;
    q->after_id = t.b;
    return 0;
}

static void audit_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    struct list *l;

    if (service_require(call, PERM_AUDIT_READ) || !(l = service_alloc(call, sizeof(*l))))
        return;
    l->call = rpc_call_ref(call, WHY);
    if (decode(l, (const Wangge__V1__ListAuditRequest *)msg, &e) ||
        audit_store_list(service_ctx_of(call)->db, &l->query, rpc_arena(call), rpc_deadline(call), on_rows, l, &e))
        service_fail_unref(call, &e, WHY);
}

const struct rpc_method audit_methods[] = {
    {
        .path = "/wangge.v1.AuditService/ListAudit",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_audit_request__descriptor,
        .response = &wangge__v1__list_audit_response__descriptor,
        .default_deadline_ms = LIST_MS,
        .on_message = audit_list,
    },
    {.path = NULL},
};
