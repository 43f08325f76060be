/* SPDX-License-Identifier: MIT */
/* ListNotices: a page of the caller's inbox. */
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/inbox_view.h"
#include "server/service/page_token.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

struct list {
    struct rpc_call *call;
    struct directory *dir;
    struct notice_query query;
    int64_t filter_hash;
    int page_size;
};

static void on_rows(void *arg, const struct notice_row *rows, int n, const struct err *e)
{
    struct list *l = arg;
    struct arena *a = rpc_arena(l->call);
    struct err failed = *e;
    Wangge__V1__ListNoticesResponse response = WANGGE__V1__LIST_NOTICES_RESPONSE__INIT;
    int shown = n < l->page_size ? n : l->page_size;
    if (!failed.code) {
        response.notices = arena_alloc(a, (size_t)(shown + 1) * sizeof *response.notices);
        for (int i = 0; response.notices && i < shown; i++) {
            Wangge__V1__Notice *notice = view_notice(a, l->dir, &rows[i]);
            if (!notice)
                break;
            response.notices[response.n_notices++] = notice;
        }
        if (n > l->page_size)
            response.next_page_token =
                page_token_write(a, &(struct page_token){.filter = l->filter_hash, .a = rows[shown - 1].id});
        if ((int)response.n_notices < shown || !response.next_page_token)
            (void)err_set(&failed, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
    }
    if (failed.code)
        rpc_fail(l->call, &failed);
    else
        rpc_reply(l->call, &response.base);
    rpc_call_unref(l->call, "inbox list");
}

static int decode(struct list *l, const Wangge__V1__ListNoticesRequest *req, struct err *e)
{
    struct notice_query *q = &l->query;
    *q = (struct notice_query){.before_id = INT64_MAX, .unread_only = req->unread_only};
    for (size_t i = 0; i < req->n_kinds; i++) {
        if ((int)req->kinds[i] <= NOTICE_NONE || (int)req->kinds[i] >= NOTICE_KIND_COUNT)
            return err_field(e, ERR_INVALID, "kinds", "There is no kind of notice %d.", (int)req->kinds[i]);
        q->kinds |= UINT32_C(1) << req->kinds[i];
    }
    if (!q->kinds)
        q->kinds = (UINT32_C(1) << NOTICE_KIND_COUNT) - 1;
    if (req->page_size < 0 || req->page_size > PAGE_MAX)
        return err_field(e, ERR_INVALID, "page_size", "page_size must be 0 to %d.", PAGE_MAX);
    l->page_size = req->page_size ? req->page_size : PAGE_DEFAULT;
    q->limit = l->page_size + 1; /* one more tells whether there is a next page */

    Wangge__V1__ListNoticesRequest same = *req;
    same.page_token = (char *)"";
    same.page_size = 0;
    int rc = request_hash(rpc_arena(l->call), &same.base, &l->filter_hash, e);
    if (rc || !*req->page_token)
        return rc;
    struct page_token t;
    if (!page_token_read(req->page_token, l->filter_hash, &t))
        return err_field(e, ERR_INVALID, "page_token", "This page token belongs to another list. Start from the first page.");
    q->before_id = t.a;
    return 0;
}

void inbox_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct notice_reader reader;
    struct err e;
    if (service_require(call, PERM_INBOX))
        return;
    struct directory *dir = service_hold_directory(call);
    struct list *l = dir ? service_alloc(call, sizeof *l) : NULL;
    if (!l)
        return;
    l->call = rpc_call_ref(call, "inbox list");
    l->dir = dir;
    notice_reader_of(&service_caller(call)->actor, &reader);
    int rc = decode(l, (const Wangge__V1__ListNoticesRequest *)msg, &e);
    if (!rc)
        rc = notice_store_list(service_ctx_of(call)->db, &reader, &l->query, rpc_arena(call), rpc_deadline(call), on_rows, l,
                               &e);
    if (rc)
        service_fail_unref(call, &e, "inbox list");
}
