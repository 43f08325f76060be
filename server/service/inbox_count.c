/* SPDX-License-Identifier: MIT */
/* CountNotices: how much of the caller's inbox is unread. */
#include "server/db/result.h"
#include "server/service/case_methods.h"
#include "server/service/inbox_view.h"

static void on_counts(void *arg, const PGresult *res, const struct err *e)
{
    struct rpc_call *call = arg;
    struct arena *a = rpc_arena(call);
    Wangge__V1__CountNoticesResponse response = WANGGE__V1__COUNT_NOTICES_RESPONSE__INIT;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    response.counts = failed.code ? NULL : arena_alloc(a, (size_t)(n + 1) * sizeof *response.counts);
    for (int i = 0; response.counts && i < n; i++) {
        Wangge__V1__NoticeCount *c = arena_alloc(a, sizeof *c);
        if (!c)
            break;
        wangge__v1__notice_count__init(c);
        c->kind = (Wangge__V1__NoticeKind)db_get_i32(res, i, 0);
        c->unread = db_get_i32(res, i, 1);
        response.unread += c->unread;
        response.counts[response.n_counts++] = c;
    }
    if (!failed.code && (int)response.n_counts < n)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (failed.code)
        rpc_fail(call, &failed);
    else
        rpc_reply(call, &response.base);
    rpc_call_unref(call, "inbox count");
}

void inbox_count(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct notice_reader reader;
    struct err e;
    if (service_require(call, PERM_INBOX))
        return;
    notice_reader_of(&service_caller(call)->actor, &reader);
    rpc_call_ref(call, "inbox count");
    if (notice_store_count(service_ctx_of(call)->db, &reader, rpc_deadline(call), on_counts, call, &e))
        service_fail_unref(call, &e, "inbox count");
}
