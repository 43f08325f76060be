/* SPDX-License-Identifier: MIT */
/*
 * Reading attachments: how far an upload is, what a case has, and the bytes. Who may see the case may see its files; while the
 * case does not exist only its uploader may.
 */
#include "server/service/audit.h"
#include "server/service/attachment_methods.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/store/case_store.h"

static const char WHY[] = "attachment";

struct read_op {
    struct rpc_call *call; /* held while a question is under way, and by a download until it ends */
    struct service_ctx *ctx;
    const struct actor *who;
    struct arena *arena;
    void (*next)(struct read_op *op);
    struct uuid case_id;
    const struct attachment_row *row; /* GetUpload, Download */
    const struct case_row *of_case;   /* NULL: it does not exist */
    int32_t offset;                   /* Download: what comes next */
    bool told;                        /* Download: the attachment itself was sent */
    bool busy;
    bool lost;
};

static void fail(struct read_op *op, const struct err *e)
{
    op->lost = true;
    service_fail_unref(op->call, e, WHY);
}

static void not_found(struct read_op *op)
{
    struct err e;
    if (!uuid_is_nil(&op->case_id))
        audit_hidden(op->call, &op->case_id);
    (void)err_set(&e, ERR_NOT_FOUND, "There is no such attachment or case, or it is not yours to see.");
    fail(op, &e);
}

static void fail_nomem(struct read_op *op)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    fail(op, &e);
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct read_op *op = arg;
    struct policy_view view;
    policy_view_of(op->who, &view);
    bool sees = found && policy_sees(&view, &found->snap);
    bool own = op->row && uuid_equal(&op->row->uploader, &op->who->account);
    op->of_case = found;
    if (e->code)
        fail(op, e);
    else if (sees || (!found && own))
        op->next(op);
    else
        not_found(op);
}

static void read_case(struct read_op *op)
{
    struct err e;
    if (case_store_get(op->ctx->db, service_scope(op->call), &op->case_id, op->arena, USEC_NONE, on_case, op, &e))
        fail(op, &e);
}

static void on_row(void *arg, const struct attachment_row *rows, int n, const struct err *e)
{
    struct read_op *op = arg;
    if (e->code) {
        fail(op, e);
    } else if (n == 0) {
        not_found(op);
    } else {
        op->row = rows;
        op->case_id = rows->case_id;
        read_case(op);
    }
}

static struct read_op *begin(struct rpc_call *call, void (*next)(struct read_op *op))
{
    if (service_require(call, PERM_ATTACHMENT_READ))
        return NULL;
    struct read_op *op = service_alloc(call, sizeof *op);
    if (!op)
        return NULL;
    op->call = rpc_call_ref(call, WHY);
    op->ctx = service_ctx_of(call);
    op->who = &service_caller(call)->actor;
    op->arena = rpc_arena(call);
    op->next = next;
    return op;
}

static void find(struct read_op *op, const char *id_text)
{
    struct err e;
    struct uuid id;
    int rc = uuid_parse(id_text, &id) ? 0 : err_field(&e, ERR_INVALID, "attachment_id", "attachment_id must be a UUID.");
    if (!rc)
        /* Its case may not exist yet: whose it is, is looked at below. */
        rc = attachment_store_get(op->ctx->db, &db_scope_system, op->arena, &id, USEC_NONE, on_row, op, &e);
    if (rc)
        fail(op, &e);
}

/* GetUpload ---------------------------------------------------------------------------------------------------------- */

static void answer_upload(struct read_op *op)
{
    Wangge__V1__GetUploadResponse r = WANGGE__V1__GET_UPLOAD_RESPONSE__INIT;
    r.received = op->row->received;
    r.complete = op->row->complete;
    rpc_reply(op->call, &r.base);
    rpc_call_unref(op->call, WHY);
}

void attachment_get_upload(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct read_op *op = begin(call, answer_upload);
    if (op)
        find(op, ((const Wangge__V1__GetUploadRequest *)msg)->attachment_id);
}

/* ListAttachments ---------------------------------------------------------------------------------------------------- */

static void on_list(void *arg, const struct attachment_row *rows, int n, const struct err *e)
{
    struct read_op *op = arg;
    if (e->code) {
        fail(op, e);
        return;
    }
    Wangge__V1__ListAttachmentsResponse r = WANGGE__V1__LIST_ATTACHMENTS_RESPONSE__INIT;
    r.attachments = arena_alloc(op->arena, ((size_t)n + 1) * sizeof(Wangge__V1__Attachment *));
    for (int i = 0; r.attachments && i < n; i++) {
        r.attachments[i] = attachment_view(op->arena, op->who, &rows[i], op->of_case);
        if (!r.attachments[i])
            break;
        r.n_attachments++;
    }
    if ((int)r.n_attachments < n) {
        fail_nomem(op);
        return;
    }
    rpc_reply(op->call, &r.base);
    rpc_call_unref(op->call, WHY);
}

static void answer_list(struct read_op *op)
{
    struct err e;
    if (!op->of_case)
        not_found(op);
    else if (attachment_store_list(op->ctx->db, service_scope(op->call), op->arena, &op->case_id, USEC_NONE, on_list, op, &e))
        fail(op, &e);
}

void attachment_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct read_op *op = begin(call, answer_list);
    struct err e;
    if (!op)
        return;
    if (uuid_parse(((const Wangge__V1__ListAttachmentsRequest *)msg)->case_id, &op->case_id)) {
        read_case(op);
    } else {
        (void)err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
        fail(op, &e);
    }
}

/* Download ----------------------------------------------------------------------------------------------------------- */

static void pump(struct read_op *op);

static void end(struct read_op *op)
{
    struct rpc_call *call = op->call;
    rpc_call_set_data(call, NULL);
    rpc_call_unref(call, WHY);
}

static void on_piece(void *arg, int32_t at, const void *data, size_t len, const struct err *e)
{
    struct read_op *op = arg;
    op->busy = false;
    if (op->lost) {
        end(op);
        return;
    }
    struct err failed = *e;
    if (!failed.code && (len == 0 || op->offset >= at + (int32_t)len))
        (void)err_set(&failed, ERR_INTERNAL, "A piece of the file is missing. Tell the operator its id.");
    if (failed.code) {
        rpc_call_set_data(op->call, NULL);
        fail(op, &failed);
        return;
    }
    Wangge__V1__UploadChunk piece = WANGGE__V1__UPLOAD_CHUNK__INIT;
    Wangge__V1__DownloadResponse r = WANGGE__V1__DOWNLOAD_RESPONSE__INIT;
    size_t skip = (size_t)(op->offset - at);
    piece.offset = op->offset;
    piece.data.data = (uint8_t *)data + skip;
    piece.data.len = len - skip;
    r.part_case = WANGGE__V1__DOWNLOAD_RESPONSE__PART_CHUNK;
    r.chunk = &piece;
    op->offset += (int32_t)piece.data.len;
    if (rpc_send(op->call, &r.base))
        pump(op);
}

/* Sends the next part; called when there is room. */
static void pump(struct read_op *op)
{
    struct err e;
    if (op->busy || op->lost)
        return;
    if (!op->told) {
        Wangge__V1__DownloadResponse r = WANGGE__V1__DOWNLOAD_RESPONSE__INIT;
        r.part_case = WANGGE__V1__DOWNLOAD_RESPONSE__PART_ATTACHMENT;
        r.attachment = attachment_view(op->arena, op->who, op->row, op->of_case);
        op->told = true;
        if (!r.attachment) {
            rpc_call_set_data(op->call, NULL);
            fail_nomem(op);
            return;
        }
        (void)rpc_send(op->call, &r.base);
    }
    if (op->offset >= op->row->size) {
        op->lost = true;
        rpc_finish(op->call);
        end(op);
        return;
    }
    op->busy = true;
    if (attachment_store_read(op->ctx->db, op->of_case ? service_scope(op->call) : &db_scope_system, op->arena, &op->row->id,
                              op->offset, USEC_NONE, on_piece, op, &e)) {
        op->busy = false;
        rpc_call_set_data(op->call, NULL);
        fail(op, &e);
    }
}

static void start_download(struct read_op *op)
{
    struct err e;
    if (!op->row->complete)
        (void)err_set(&e, ERR_PRECONDITION, "This file is not uploaded to its end yet.");
    else if (op->offset > op->row->size)
        (void)err_field(&e, ERR_INVALID, "offset", "The file has %d bytes.", op->row->size);
    else if (rpc_call_is_done(op->call))
        (void)err_set(&e, ERR_CANCELLED, "The caller went away.");
    else {
        rpc_call_set_data(op->call, op);
        pump(op);
        return;
    }
    fail(op, &e);
}

void attachment_download(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__DownloadRequest *req = (const Wangge__V1__DownloadRequest *)msg;
    struct read_op *op = begin(call, start_download);
    struct err e;
    if (!op)
        return;
    if (req->offset < 0 || req->offset > MEDIA_MAX) {
        (void)err_field(&e, ERR_INVALID, "offset", "offset must be 0 to %d.", MEDIA_MAX);
        fail(op, &e);
        return;
    }
    op->offset = (int32_t)req->offset;
    find(op, req->attachment_id);
}

void attachment_download_writable(struct rpc_call *call)
{
    struct read_op *op = rpc_call_data(call);
    if (op)
        pump(op);
}

void attachment_download_cancel(struct rpc_call *call)
{
    struct read_op *op = rpc_call_data(call);
    if (!op)
        return;
    op->lost = true;
    if (!op->busy)
        end(op);
}
