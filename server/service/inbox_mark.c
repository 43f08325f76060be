/* SPDX-License-Identifier: MIT */
/* MarkNotices: what the caller has read. */
#include "server/db/result.h"
#include "server/service/case_methods.h"
#include "server/service/inbox_view.h"

enum { IDS_MAX = 500 };

static void on_marked(void *arg, const PGresult *res, const struct err *e)
{
    struct rpc_call *call = arg;
    Wangge__V1__MarkNoticesResponse response = WANGGE__V1__MARK_NOTICES_RESPONSE__INIT;
    if (e->code) {
        rpc_fail(call, e);
    } else {
        response.changed = db_get_i32(res, 0, 0);
        rpc_reply(call, &response.base);
    }
    rpc_call_unref(call, "inbox mark");
}

static int mark_up_to(struct rpc_call *call, const struct notice_reader *reader, const Wangge__V1__MarkNoticesRequest *req,
                      struct err *e)
{
    int64_t id;
    if (req->unread)
        return err_field(e, ERR_INVALID, "unread", "Only notices that are named one by one can be marked unread.");
    if (!view_parse_notice_id(req->up_to_notice_id, &id))
        return err_field(e, ERR_INVALID, "up_to_notice_id", "This is no notice_id.");
    return notice_store_mark_up_to(service_ctx_of(call)->db, reader, id, rpc_deadline(call), on_marked, call, e);
}

static int mark_some(struct rpc_call *call, const struct notice_reader *reader, const Wangge__V1__MarkNoticesRequest *req,
                     struct err *e)
{
    int64_t ids[IDS_MAX];
    if (!req->n_notice_ids || req->n_notice_ids > IDS_MAX)
        return err_field(e, ERR_INVALID, "notice_ids", "Name 1 to %d notices, or up_to_notice_id.", (int)IDS_MAX);
    for (size_t i = 0; i < req->n_notice_ids; i++)
        if (!view_parse_notice_id(req->notice_ids[i], &ids[i]))
            return err_field(e, ERR_INVALID, "notice_ids", "\"%.40s\" is no notice_id.", req->notice_ids[i]);
    return notice_store_mark(service_ctx_of(call)->db, reader, ids, (int)req->n_notice_ids, !req->unread, rpc_arena(call),
                             rpc_deadline(call), on_marked, call, e);
}

void inbox_mark(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__MarkNoticesRequest *req = (const Wangge__V1__MarkNoticesRequest *)msg;
    struct notice_reader reader;
    struct err e;
    int rc;
    if (service_require(call, PERM_INBOX))
        return;
    notice_reader_of(&service_caller(call)->actor, &reader);
    rpc_call_ref(call, "inbox mark");
    if (*req->up_to_notice_id && req->n_notice_ids)
        rc = err_field(&e, ERR_INVALID, "up_to_notice_id", "Either name notices or give up_to_notice_id, not both.");
    else if (*req->up_to_notice_id)
        rc = mark_up_to(call, &reader, req, &e);
    else
        rc = mark_some(call, &reader, req, &e);
    if (rc)
        service_fail_unref(call, &e, "inbox mark");
}
