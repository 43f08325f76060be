/* SPDX-License-Identifier: MIT */
/*
 * Upload: a header, then chunks. Life: HEADER (nothing yet) -> LOOKING (the case, then what was received before) -> READY (a
 * chunk may come) <-> BUSY (one is being written; the client is held) -> FINISHING (whole: read back, checked, stripped, kept)
 * -> DONE. A stream that breaks anywhere leaves what is durable; the next one goes on there.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "common/base/text.h"
#include "server/service/audit.h"
#include "server/service/attachment_methods.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/store/case_store.h"

enum upload_state { UPLOAD_HEADER, UPLOAD_LOOKING, UPLOAD_READY, UPLOAD_BUSY, UPLOAD_FINISHING, UPLOAD_DONE };

struct upload {
    struct rpc_call *call; /* held while a question is under way */
    struct service_ctx *ctx;
    const struct principal *who;
    enum upload_state state;
    struct attachment_header header;
    const struct case_row *of_case;
    int32_t received;
    struct buf sent; /* FINISHING only */
    struct buf kept;
    bool half_closed;
    struct err wrong; /* why the content is refused */
};

static const char WHY[] = "upload";

static void dispose(void *arg)
{
    struct upload *u = arg;
    buf_fini(&u->sent);
    buf_fini(&u->kept);
}

static void fail(struct upload *u, const struct err *e)
{
    u->state = UPLOAD_DONE;
    rpc_fail(u->call, e);
}

/* Ends the question that held the call. */
static void release(struct upload *u)
{
    rpc_call_unref(u->call, WHY);
}

static void sha256(const void *data, size_t len, uint8_t out[ATTACHMENT_HASH_SIZE])
{
    size_t n = ATTACHMENT_HASH_SIZE;
    if (!EVP_Q_digest(NULL, "SHA256", NULL, data, len, out, &n))
        (void)crypto_hash_sha256(out, data, len);
}

static void answer(struct upload *u, Wangge__V1__Attachment *whole)
{
    Wangge__V1__UploadResponse r = WANGGE__V1__UPLOAD_RESPONSE__INIT;
    r.received = u->received;
    r.attachment = whole;
    (void)rpc_send(u->call, &r.base);
    if (whole) {
        u->state = UPLOAD_DONE;
        rpc_finish(u->call);
    }
}

static void on_kept_row(void *arg, const struct attachment_row *rows, int n, const struct err *e)
{
    struct upload *u = arg;
    struct err failed = *e;
    Wangge__V1__Attachment *v = NULL;
    if (!failed.code && n > 0)
        v = attachment_view(rpc_arena(u->call), &u->who->actor, rows, u->of_case);
    if (!failed.code && !v)
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (failed.code)
        fail(u, &failed);
    else
        answer(u, v);
    release(u);
}

/* The upload is whole and kept, by us or by another stream: tells what it became. */
static void tell_whole(struct upload *u)
{
    struct err e;
    /* The caller's own upload, whose case may not exist yet. */
    if (attachment_store_get(u->ctx->db, &db_scope_system, rpc_arena(u->call), &u->header.id, USEC_NONE, on_kept_row, u, &e)) {
        fail(u, &e);
        release(u);
    }
}

static void on_finished(void *arg, int count, const struct err *e)
{
    struct upload *u = arg;
    dispose(u);
    if (e->code) {
        fail(u, e);
        release(u);
        return;
    }
    tell_whole(u);
}

static void on_discarded(void *arg, int count, const struct err *e)
{
    struct upload *u = arg;
    fail(u, &u->wrong);
    release(u);
}

/* Wrong content: what was sent is forgotten before the answer, so that the right bytes can be sent under the same id. */
static void refuse(struct upload *u, const struct err *why)
{
    struct err e;
    dispose(u);
    u->wrong = *why;
    if (attachment_store_discard(u->ctx->db, rpc_arena(u->call), &u->header.id, USEC_NONE, on_discarded, u, &e)) {
        fail(u, why);
        release(u);
    }
}

static int check_content(struct upload *u, enum media_kind *ret_kind, struct media_facts *facts, struct err *e)
{
    uint8_t hash[ATTACHMENT_HASH_SIZE];
    const uint8_t *data = buf_data(&u->sent);
    size_t len = buf_len(&u->sent);
    sha256(data, len, hash);
    if (len != (size_t)u->header.size || sodium_memcmp(hash, u->header.sha256, sizeof hash) != 0)
        return err_field(e, ERR_INVALID, "header.sha256",
                         "The bytes do not have the hash that was announced; send the file again.");
    enum media_kind kind = media_detect(data, len), claimed = media_kind_of_name(u->header.name);
    if (kind == MEDIA_NONE)
        return err_field(e, ERR_INVALID, "data", "This kind of file is not taken; send JPEG, PNG, WebP, PDF, MP4 or MP3.");
    bool picture = kind <= MEDIA_WEBP, claims_picture = claimed <= MEDIA_WEBP;
    if (claimed != MEDIA_NONE && claimed != kind && !(picture && claims_picture))
        return err_field(e, ERR_INVALID, "header.name", "The file is called %.60s but its content is %s.", u->header.name,
                         media_type(kind));
    *ret_kind = kind;
    return media_strip(kind, data, len, BUSINESS_UTC_OFFSET_S, &u->kept, facts, e);
}

static void on_sent(void *arg, int32_t offset, const void *data, size_t len, const struct err *e)
{
    struct upload *u = arg;
    struct err failed = *e;
    enum media_kind kind = MEDIA_NONE;
    struct media_facts facts;
    if (failed.code) {
        dispose(u);
        fail(u, &failed);
        release(u);
        return;
    }
    if (check_content(u, &kind, &facts, &failed)) {
        refuse(u, &failed);
        return;
    }
    uint8_t hash[ATTACHMENT_HASH_SIZE];
    sha256(buf_data(&u->kept), buf_len(&u->kept), hash);
    if (attachment_store_finish(u->ctx->db, rpc_arena(u->call), &u->header.id, kind, &facts, hash, buf_data(&u->kept),
                                buf_len(&u->kept), USEC_NONE, on_finished, u, &failed)) {
        dispose(u);
        fail(u, &failed);
        release(u);
    }
}

/* Everything was received. The call is held. */
static void finish(struct upload *u)
{
    struct err e;
    u->state = UPLOAD_FINISHING;
    if (attachment_store_sent(u->ctx->db, rpc_arena(u->call), &u->header.id, &u->sent, USEC_NONE, on_sent, u, &e)) {
        fail(u, &e);
        release(u);
    }
}

/* A question ended well: goes on with the next chunk, or finishes. The call is held. */
static void go_on(struct upload *u)
{
    if (u->received == u->header.size) {
        finish(u);
        return;
    }
    u->state = UPLOAD_READY;
    answer(u, NULL);
    rpc_resume(u->call);
    if (u->half_closed && u->state == UPLOAD_READY) {
        /* A broken upload ends well: it says how far it is. */
        u->state = UPLOAD_DONE;
        rpc_finish(u->call);
    }
    release(u);
}

static void on_chunk(void *arg, int count, const struct err *e)
{
    struct upload *u = arg;
    struct err failed = *e;
    if (!failed.code && count == 0)
        (void)err_set(&failed, ERR_CONFLICT, "Another upload of this file is under way. Ask how far it is and go on there.");
    if (failed.code) {
        fail(u, &failed);
        release(u);
        return;
    }
    go_on(u);
}

static void on_begun(void *arg, int32_t received, bool complete, bool same, const struct err *e)
{
    struct upload *u = arg;
    struct err failed = *e;
    if (!failed.code && !same)
        (void)err_set(&failed, ERR_EXISTS, "This attachment_id was used for another file. Make a new one.");
    if (failed.code) {
        fail(u, &failed);
        release(u);
        return;
    }
    u->received = received;
    if (complete)
        tell_whole(u);
    else
        go_on(u);
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct upload *u = arg;
    struct err failed = *e;
    struct policy_view view;
    policy_view_of(&u->who->actor, &view);
    if (!failed.code && found && !policy_sees(&view, &found->snap)) {
        audit_hidden(u->call, &found->snap.id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    } else if (!failed.code && found && found->snap.state == STATE_ARCHIVED)
        (void)err_set(&failed, ERR_PRECONDITION, "The case is archived; nothing can be added to it.");
    u->of_case = found;
    u->header.grid = found ? found->snap.grid : 0;
    if (failed.code || attachment_store_begin(u->ctx->db, rpc_arena(u->call), &u->header, u->ctx->clock->now(u->ctx->clock),
                                              USEC_NONE, on_begun, u, &failed)) {
        fail(u, &failed);
        release(u);
    }
}

static int decode_header(struct upload *u, const Wangge__V1__UploadHeader *h, struct err *e)
{
    size_t chars = text_chars(h->name, strlen(h->name)), n;
    int rc = request_parse_id(h->attachment_id, "header.attachment_id", &u->header.id, e);
    if (!rc)
        rc = request_parse_id(h->case_id, "header.case_id", &u->header.case_id, e);
    if (rc)
        return rc;
    if (chars < 1 || chars > ATTACHMENT_NAME_MAX || strpbrk(h->name, "/\\"))
        return err_field(e, ERR_INVALID, "header.name", "name must have 1 to %d characters and no path.", ATTACHMENT_NAME_MAX);
    for (const char *p = h->name; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return err_field(e, ERR_INVALID, "header.name", "name holds a control character.");
    if (h->size < 1 || h->size > MEDIA_MAX)
        return err_field(e, ERR_INVALID, "header.size", "A file has 1 byte to 8 MiB; make the photo smaller.");
    if (strlen(h->sha256) != ATTACHMENT_HASH_SIZE * 2 ||
        sodium_hex2bin(u->header.sha256, sizeof u->header.sha256, h->sha256, strlen(h->sha256), NULL, &n, NULL) ||
        n != ATTACHMENT_HASH_SIZE)
        return err_field(e, ERR_INVALID, "header.sha256", "sha256 must be 64 hexadecimal digits.");
    u->header.name = arena_strdup(rpc_arena(u->call), h->name);
    if (!u->header.name)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    u->header.size = (int32_t)h->size;
    u->header.uploader = u->who->actor.account;
    u->header.uploader_name = u->who->actor.name;
    u->header.uploader_role = u->who->actor.role;
    return 0;
}

static void take_header(struct upload *u, const Wangge__V1__UploadHeader *h)
{
    struct err e;
    if (decode_header(u, h, &e)) {
        fail(u, &e);
        return;
    }
    u->state = UPLOAD_LOOKING;
    rpc_call_ref(u->call, WHY);
    rpc_pause(u->call);
    /* A case out of sight must not look like one that does not exist yet. */
    if (case_store_get(u->ctx->db, &db_scope_system, &u->header.case_id, rpc_arena(u->call), USEC_NONE, on_case, u, &e)) {
        fail(u, &e);
        release(u);
    }
}

static void take_chunk(struct upload *u, const Wangge__V1__UploadChunk *c)
{
    struct err e;
    int rc = 0;
    if (c->offset != u->received)
        rc = err_field(&e, ERR_INVALID, "chunk.offset", "The next chunk begins at %d, not at %lld.", u->received,
                       (long long)c->offset);
    else if (c->data.len < 1 || c->data.len > ATTACHMENT_CHUNK_MAX)
        rc = err_field(&e, ERR_INVALID, "chunk.data", "A chunk has 1 to %d bytes.", ATTACHMENT_CHUNK_MAX);
    else if (c->data.len > (size_t)(u->header.size - u->received))
        rc = err_field(&e, ERR_INVALID, "chunk.data", "This is more than the %d bytes announced.", u->header.size);
    if (rc) {
        fail(u, &e);
        return;
    }
    u->state = UPLOAD_BUSY;
    rpc_call_ref(u->call, WHY);
    rpc_pause(u->call);
    int32_t at = u->received;
    u->received += (int32_t)c->data.len;
    if (attachment_store_chunk(u->ctx->db, rpc_arena(u->call), &u->header.id, at, c->data.data, c->data.len, USEC_NONE,
                               on_chunk, u, &e)) {
        fail(u, &e);
        release(u);
    }
}

void attachment_upload_message(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct upload *u = rpc_call_data(call);
    const Wangge__V1__UploadRequest *req = (const Wangge__V1__UploadRequest *)msg;
    struct err e;
    if (!u || u->state == UPLOAD_DONE)
        return;
    if (u->state == UPLOAD_HEADER && req->part_case == WANGGE__V1__UPLOAD_REQUEST__PART_HEADER) {
        take_header(u, req->header);
    } else if (u->state == UPLOAD_READY && req->part_case == WANGGE__V1__UPLOAD_REQUEST__PART_CHUNK) {
        take_chunk(u, req->chunk);
    } else {
        (void)err_set(&e, ERR_INVALID, "An upload is one header, then chunks.");
        fail(u, &e);
    }
}

void attachment_upload_start(struct rpc_call *call)
{
    if (service_require(call, PERM_ATTACHMENT_WRITE))
        return;
    struct upload *u = service_alloc(call, sizeof *u);
    if (!u)
        return;
    u->call = call;
    u->ctx = service_ctx_of(call);
    u->who = service_caller(call);
    buf_init(&u->sent, MEDIA_MAX);
    buf_init(&u->kept, MEDIA_MAX + 1024);
    if (arena_on_dispose(rpc_arena(call), dispose, u) == 0)
        rpc_call_set_data(call, u);
    else {
        struct err e;
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        rpc_fail(call, &e);
    }
}

void attachment_upload_half_close(struct rpc_call *call)
{
    struct upload *u = rpc_call_data(call);
    struct err e;
    if (!u || u->state == UPLOAD_DONE)
        return;
    u->half_closed = true;
    if (u->state == UPLOAD_HEADER) {
        (void)err_set(&e, ERR_INVALID, "An upload begins with a header.");
        fail(u, &e);
    } else if (u->state == UPLOAD_READY) {
        u->state = UPLOAD_DONE;
        rpc_finish(call);
    }
}

void attachment_upload_cancel(struct rpc_call *call)
{
    struct upload *u = rpc_call_data(call);
    if (u)
        u->state = UPLOAD_DONE;
}
