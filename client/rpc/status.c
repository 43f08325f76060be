/* SPDX-License-Identifier: MIT */
#include "client/rpc/status.h"

#include <libintl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/h2/grpc.h"
#include "common/pb/check.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

#define _(s) gettext(s)

enum {
    DETAILS_ARENA = 1024 * 1024,
    RESULT_ARENA = 64 * 1024 * 1024,
};

static bool any_is(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d)
{
    const char *name = strrchr(any->type_url, '/');
    return name && strcmp(name + 1, d->name) == 0;
}

static const ProtobufCMessage *any_unpack(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d,
                                          struct arena *arena)
{
    ProtobufCMessage *msg = NULL;
    return pb_unpack(d, any->value.data, any->value.len, NULL, arena, &msg, NULL) == 0 ? msg : NULL;
}

static void take_violations(const Google__Rpc__BadRequest *bad, struct status_info *ret)
{
    for (size_t i = 0; i < bad->n_field_violations && ret->n_violations < STATUS_VIOLATIONS_MAX; i++) {
        size_t n = ret->n_violations++;
        text_copy(ret->violations[n].field, sizeof ret->violations[n].field, bad->field_violations[i]->field);
        text_copy(ret->violations[n].text, sizeof ret->violations[n].text, bad->field_violations[i]->description);
    }
}

static void take_detail(const Google__Protobuf__Any *any, struct status_info *ret)
{
    const ProtobufCMessage *m;
    if (any_is(any, &google__rpc__bad_request__descriptor)) {
        if ((m = any_unpack(any, &google__rpc__bad_request__descriptor, ret->_arena)))
            take_violations((const Google__Rpc__BadRequest *)m, ret);
    } else if (any_is(any, &wangge__v1__case_conflict__descriptor)) {
        if ((m = any_unpack(any, &wangge__v1__case_conflict__descriptor, ret->_arena)))
            ret->conflict = (const Wangge__V1__CaseConflict *)m;
    } else if (any_is(any, &google__rpc__retry_info__descriptor)) {
        if ((m = any_unpack(any, &google__rpc__retry_info__descriptor, ret->_arena))) {
            const Google__Protobuf__Duration *d = ((const Google__Rpc__RetryInfo *)m)->retry_delay;
            if (d && d->seconds >= 0 && d->seconds < 86400)
                ret->retry_after_ms = d->seconds * 1000 + d->nanos / 1000000;
        }
    } else if (any_is(any, &google__rpc__error_info__descriptor)) {
        if ((m = any_unpack(any, &google__rpc__error_info__descriptor, ret->_arena)))
            text_copy(ret->reason, sizeof ret->reason, ((const Google__Rpc__ErrorInfo *)m)->reason);
    }
}

void status_decode_packed(int code, const char *message, const void *details, size_t len, struct status_info *ret)
{
    *ret = (struct status_info){.code = code, .retry_after_ms = -1};
    text_copy(ret->message, sizeof ret->message, message ? message : "");
    if (code == GRPC_OK || len == 0)
        return;
    ret->_arena = arena_create(DETAILS_ARENA);
    ProtobufCMessage *m = NULL;
    if (!ret->_arena || pb_unpack(&google__rpc__status__descriptor, details, len, NULL, ret->_arena, &m, NULL) != 0)
        return;
    const Google__Rpc__Status *st = (const Google__Rpc__Status *)m;
    for (size_t i = 0; i < st->n_details; i++)
        take_detail(st->details[i], ret);
}

void status_decode(const struct channel_status *st, struct status_info *ret)
{
    status_decode_packed(st->code, st->message, st->details, st->details_len, ret);
    ret->never_sent = st->never_sent;
}

void status_fini(struct status_info *s)
{
    arena_destroy(s->_arena);
    s->_arena = NULL;
    s->conflict = NULL;
}

bool status_is_transient(int code)
{
    switch (code) {
    case GRPC_CANCELLED:
    case GRPC_UNKNOWN:
    case GRPC_DEADLINE_EXCEEDED:
    case GRPC_RESOURCE_EXHAUSTED:
    case GRPC_INTERNAL:
    case GRPC_UNAVAILABLE:
    case GRPC_DATA_LOSS:
        return true;
    default:
        return false;
    }
}

const char *status_hint(int code)
{
    switch (code) {
    case GRPC_OK:
        return _("Done.");
    case GRPC_CANCELLED:
        return _("Cancelled.");
    case GRPC_INVALID_ARGUMENT:
    case GRPC_OUT_OF_RANGE:
        return _("Something in the input is wrong.");
    case GRPC_DEADLINE_EXCEEDED:
        return _("The server did not answer in time. Try again.");
    case GRPC_NOT_FOUND:
        return _("There is no such thing, or you may not see it.");
    case GRPC_ALREADY_EXISTS:
        return _("The same operation was already sent with other content.");
    case GRPC_PERMISSION_DENIED:
        return _("You may not do this.");
    case GRPC_RESOURCE_EXHAUSTED:
        return _("The server has too much to do. Try again in a moment.");
    case GRPC_FAILED_PRECONDITION:
        return _("This is not possible in the present state.");
    case GRPC_ABORTED:
        return _("Somebody else changed the case meanwhile. Read it again and decide.");
    case GRPC_UNIMPLEMENTED:
        return _("The server does not know this call. It may be older than this program.");
    case GRPC_UNAVAILABLE:
        return _("The server cannot be reached.");
    case GRPC_UNAUTHENTICATED:
        return _("You are not logged in. Run: wangge login");
    default:
        return _("The server failed.");
    }
}

struct waiting {
    struct event_base *base;
    struct channel_result *result;
    struct channel_call *call;
    bool over;
};

static void on_reply(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct waiting *w = arg;
    struct channel_result *r = w->result;
    w->over = true;
    status_decode(st, &r->status);
    event_base_loopbreak(w->base);
    if (!resp)
        return;
    /* The answer is borrowed for this moment only: take a copy that the caller may keep. */
    size_t len = protobuf_c_message_get_packed_size(resp);
    uint8_t *bytes = malloc(len + 1);
    ProtobufCMessage *copy = NULL;
    r->_arena = arena_create(RESULT_ARENA);
    if (bytes && r->_arena) {
        ProtobufCAllocator allocator = pb_arena_allocator(r->_arena);
        protobuf_c_message_pack(resp, bytes);
        copy = protobuf_c_message_unpack(resp->descriptor, &allocator, len, bytes);
    }
    free(bytes);
    r->resp = copy;
    if (!copy) {
        r->status.code = GRPC_INTERNAL;
        text_copy(r->status.message, sizeof r->status.message, _("Out of memory."));
    }
}

static void on_interrupt(evutil_socket_t sig, short what, void *arg)
{
    struct waiting *w = arg;
    w->result->interrupted = true;
    if (!w->over)
        channel_cancel(w->call);
}

void channel_call_wait(struct event_base *base, struct channel *ch, const struct channel_method *m, const ProtobufCMessage *req,
                       int timeout_ms, struct channel_result *ret)
{
    *ret = (struct channel_result){0};
    struct waiting w = {.base = base, .result = ret};
    struct event *sigint = evsignal_new(base, SIGINT, on_interrupt, &w);
    w.call = sigint ? channel_unary(ch, m, req, timeout_ms, on_reply, &w) : NULL;
    if (!w.call) {
        ret->status.code = GRPC_INTERNAL;
        ret->status.retry_after_ms = -1;
        text_copy(ret->status.message, sizeof ret->status.message, _("Out of memory."));
    } else {
        evsignal_add(sigint, NULL);
        while (!w.over && event_base_loop(base, EVLOOP_ONCE) == 0) {
            /* until on_reply */
        }
    }
    if (sigint)
        event_free(sigint);
}

void channel_result_fini(struct channel_result *r)
{
    status_fini(&r->status);
    arena_destroy(r->_arena);
    r->_arena = NULL;
    r->resp = NULL;
}
