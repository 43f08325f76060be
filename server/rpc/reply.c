/* SPDX-License-Identifier: MIT */
/* A call's output: headers, messages, trailers. Whatever answers a call first wins; later answers do nothing. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/h2/grpc.h"
#include "server/rpc/call_impl.h"

static bool reaches_client(const struct rpc_call *call)
{
    return call->stream_id != 0 && call->conn->session;
}

/* A header whose strings outlive the session's need for them: constants. */
static nghttp2_nv constant(const char *name, const char *value)
{
    nghttp2_nv nv = grpc_nv(name, value);
    nv.flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    return nv;
}

static int add_metadata(struct rpc_call *call, struct rpc_header *list, size_t *n, const char *name, const char *value)
{
    if (*n == RPC_MAX_METADATA)
        return ERR_EXHAUSTED;
    char *copy = arena_strdup(call->arena, value);
    if (!copy)
        return ERR_NOMEM;
    list[(*n)++] = (struct rpc_header){.name = name, .value = copy};
    return 0;
}

int rpc_add_header(struct rpc_call *call, const char *name, const char *value)
{
    return add_metadata(call, call->own_headers, &call->n_own_headers, name, value);
}

int rpc_add_trailer(struct rpc_call *call, const char *name, const char *value)
{
    return add_metadata(call, call->own_trailers, &call->n_own_trailers, name, value);
}

static const char *status_text(int status)
{
    static const char *const digits[] = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                         "9", "10", "11", "12", "13", "14", "15", "16"};
    return status >= 0 && status <= GRPC_UNAUTHENTICATED ? digits[status] : digits[GRPC_UNKNOWN];
}

static size_t response_headers(const struct rpc_call *call, nghttp2_nv *nv)
{
    size_t n = 0;
    nv[n++] = constant(":status", "200");
    nv[n++] = constant("content-type", "application/grpc");
    if (call->sends_gzip && call->takes_gzip)
        nv[n++] = constant("grpc-encoding", "gzip");
    for (size_t i = 0; i < call->n_own_headers; i++)
        nv[n++] = grpc_nv(call->own_headers[i].name, call->own_headers[i].value);
    return n;
}

size_t rpc_call_trailers(struct rpc_call *call, nghttp2_nv nv[RPC_MAX_TRAILERS])
{
    size_t n = 0;
    nv[n++] = constant("grpc-status", status_text(call->status));
    if (call->message)
        nv[n++] = grpc_nv_once("grpc-message", call->message);
    if (call->details)
        nv[n++] = grpc_nv_once("grpc-status-details-bin", call->details);
    for (size_t i = 0; i < call->n_own_trailers; i++)
        nv[n++] = grpc_nv(call->own_trailers[i].name, call->own_trailers[i].value);
    assert(n <= RPC_MAX_TRAILERS);
    return n;
}

static void begin_response(struct rpc_call *call)
{
    nghttp2_nv nv[3 + RPC_MAX_METADATA];
    if (call->responded)
        return;
    call->responded = true;
    if (reaches_client(call))
        call->conn->ops->respond(call->conn->session, call->stream_id, nv, response_headers(call, nv), false);
}

static void tell_output(struct rpc_call *call)
{
    if (reaches_client(call))
        call->conn->ops->output(call->conn->session, call->stream_id);
}

/* Sends status and trailers after what is queued; alone in one header block if no response was begun. */
static void end_response(struct rpc_call *call, int status)
{
    assert(!call->done);
    call->status = status;
    rpc_call_set_done(call);
    if (!reaches_client(call))
        return;
    if (call->responded) {
        tell_output(call);
        return;
    }
    call->responded = true;
    nghttp2_nv nv[3 + RPC_MAX_METADATA + 1 + RPC_MAX_TRAILERS];
    size_t n = response_headers(call, nv);
    if (call->bad_encoding)
        nv[n++] = constant("grpc-accept-encoding", "identity,gzip");
    n += rpc_call_trailers(call, nv + n);
    call->conn->ops->respond(call->conn->session, call->stream_id, nv, n, true);
}

static void set_message(struct rpc_call *call, const char *text)
{
    char coded[GRPC_MAX_ENCODED_MESSAGE];
    if (grpc_message_encode(text, coded, sizeof coded) > 0)
        call->message = arena_strdup(call->arena, coded);
}

static void keep_failure(struct rpc_call *call, const struct err *e)
{
    call->failure = arena_alloc(call->arena, sizeof *call->failure);
    if (call->failure)
        *call->failure = *e;
}

void rpc_call_refuse(struct rpc_call *call, int status, const char *text)
{
    if (call->done)
        return;
    set_message(call, text);
    end_response(call, status);
}

void rpc_end(struct rpc_call *call, int grpc_status, const char *message)
{
    rpc_call_refuse(call, grpc_status, message);
}

void rpc_fail(struct rpc_call *call, const struct err *e)
{
    rpc_fail_detail(call, e, NULL);
}

void rpc_fail_detail(struct rpc_call *call, const struct err *e, const ProtobufCMessage *detail)
{
    if (call->done)
        return;
    assert(e->code != ERR_OK);
    int status = rpc_status_of(e->code);
    set_message(call, e->text);
    call->details = rpc_status_details(call->arena, e, status, detail);
    keep_failure(call, e);
    end_response(call, status);
}

static struct rpc_chunk *chunk_create(size_t len)
{
    struct rpc_chunk *c = malloc(sizeof *c + len);
    if (c) {
        c->next = NULL;
        c->len = len;
        c->off = 0;
    }
    return c;
}

/* The chunk of a message, compressed if the client does so itself and it is long enough. NULL without memory. */
static struct rpc_chunk *pack(const struct rpc_call *call, const ProtobufCMessage *msg, size_t len)
{
    struct rpc_chunk *c = chunk_create(GRPC_PREFIX_LEN + len);
    if (!c)
        return NULL;
    grpc_prefix_put(c->data, false, len);
    protobuf_c_message_pack(msg, c->data + GRPC_PREFIX_LEN);
    if (!call->sends_gzip || !call->takes_gzip || len < RPC_GZIP_MIN)
        return c;
    struct buf z;
    buf_init(&z, len + 1024);
    struct rpc_chunk *packed = NULL;
    if (grpc_gzip(c->data + GRPC_PREFIX_LEN, len, &z) == 0 && buf_len(&z) < len)
        packed = chunk_create(GRPC_PREFIX_LEN + buf_len(&z));
    if (packed) {
        grpc_prefix_put(packed->data, true, buf_len(&z));
        memcpy(packed->data + GRPC_PREFIX_LEN, buf_data(&z), buf_len(&z));
        free(c);
        c = packed;
    }
    buf_fini(&z);
    return c;
}

/* Queues a message. False if that ended the call. */
static bool queue_message(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e = {0};
    size_t len = protobuf_c_message_get_packed_size(msg);
    struct rpc_chunk *c = NULL;
    if (len > RPC_MAX_RESPONSE)
        err_set(&e, ERR_EXHAUSTED, "The answer is longer than 4 MiB; ask for less.");
    else if (call->out_len > RPC_MAX_SEND_QUEUE)
        err_set(&e, ERR_EXHAUSTED, "The client reads more slowly than the answer is made.");
    else if (!(c = pack(call, msg, len)))
        err_set(&e, ERR_NOMEM, "There is not enough memory for the answer.");
    if (!c) {
        rpc_fail(call, &e);
        return false;
    }
    *call->out_tail = c;
    call->out_tail = &c->next;
    call->out_len += c->len;
    call->bytes_out += c->len;
    begin_response(call);
    return true;
}

void rpc_reply(struct rpc_call *call, const ProtobufCMessage *msg)
{
    if (call->done)
        return;
    assert(msg->descriptor == call->method->response);
    if (queue_message(call, msg))
        end_response(call, GRPC_OK);
}

bool rpc_send(struct rpc_call *call, const ProtobufCMessage *msg)
{
    if (call->done)
        return true;
    assert(msg->descriptor == call->method->response);
    if (!queue_message(call, msg))
        return true;
    tell_output(call);
    if (call->out_len <= GRPC_SEND_WATERMARK)
        return true;
    call->above_watermark = true;
    return false;
}

void rpc_finish(struct rpc_call *call)
{
    if (call->done)
        return;
    begin_response(call);
    end_response(call, GRPC_OK);
}

/* --- the session reads ------------------------------------------------------------------------------------------------- */

size_t rpc_call_pending(const struct rpc_call *call, bool *ret_end)
{
    *ret_end = call->done;
    return call->out_len;
}

bool rpc_call_read(struct rpc_call *call, uint8_t *out, size_t n)
{
    assert(n <= call->out_len);
    call->out_len -= n;
    while (n > 0) {
        struct rpc_chunk *c = call->out_head;
        size_t k = c->len - c->off < n ? c->len - c->off : n;
        memcpy(out, c->data + c->off, k);
        out += k;
        n -= k;
        c->off += k;
        if (c->off == c->len) {
            call->out_head = c->next;
            if (!c->next)
                call->out_tail = &call->out_head;
            free(c);
        }
    }
    if (call->above_watermark && call->out_len <= GRPC_SEND_WATERMARK / 2) {
        call->above_watermark = false;
        call->notify_writable = !call->done;
    }
    return call->notify_writable;
}

void rpc_call_tell_writable(struct rpc_call *call)
{
    if (!call->notify_writable)
        return;
    call->notify_writable = false;
    if (!call->done && call->method->on_writable)
        call->method->on_writable(call);
}

void rpc_call_drop_output(struct rpc_call *call)
{
    while (call->out_head) {
        struct rpc_chunk *c = call->out_head;
        call->out_head = c->next;
        free(c);
    }
    call->out_tail = &call->out_head;
    call->out_len = 0;
}
