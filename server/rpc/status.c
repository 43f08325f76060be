/* SPDX-License-Identifier: MIT */
/* How our errors look on the wire: the one table of status codes, and google.rpc.Status. */
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

#include "common/base/base64.h"
#include "common/h2/grpc.h"
#include "server/rpc/call_impl.h"

enum { MAX_DETAILS = 6 * 1024 }; /* packed; a third more as base64, below the 8 KiB of headers that clients take */

int rpc_status_of(int err_code)
{
    switch ((enum err_code)err_code) {
    case ERR_OK:
        return GRPC_OK;
    case ERR_INVALID:
        return GRPC_INVALID_ARGUMENT;
    case ERR_NOT_FOUND:
        return GRPC_NOT_FOUND;
    case ERR_EXISTS:
        return GRPC_ALREADY_EXISTS;
    case ERR_DENIED:
        return GRPC_PERMISSION_DENIED;
    case ERR_UNAUTHENTICATED:
        return GRPC_UNAUTHENTICATED;
    case ERR_PRECONDITION:
        return GRPC_FAILED_PRECONDITION;
    case ERR_CONFLICT:
        return GRPC_ABORTED;
    case ERR_EXHAUSTED:
    case ERR_NOMEM:
        return GRPC_RESOURCE_EXHAUSTED;
    case ERR_UNAVAILABLE:
    case ERR_UNKNOWN_OUTCOME:
        return GRPC_UNAVAILABLE;
    case ERR_DEADLINE:
        return GRPC_DEADLINE_EXCEEDED;
    case ERR_CANCELLED:
        return GRPC_CANCELLED;
    case ERR_DATA_LOSS:
        return GRPC_DATA_LOSS;
    case ERR_UNIMPLEMENTED:
        return GRPC_UNIMPLEMENTED;
    case ERR_INTERNAL:
    case ERR_IO:
    case ERR_PROTOCOL:
        return GRPC_INTERNAL;
    }
    return GRPC_UNKNOWN;
}

static Google__Protobuf__Any *wrap(struct arena *arena, const ProtobufCMessage *msg)
{
    size_t len = protobuf_c_message_get_packed_size(msg);
    Google__Protobuf__Any *any = arena_alloc(arena, sizeof *any);
    uint8_t *data = len <= MAX_DETAILS ? arena_alloc(arena, len ? len : 1) : NULL;
    if (!any || !data)
        return NULL;
    google__protobuf__any__init(any);
    any->type_url = arena_printf(arena, "type.googleapis.com/%s", msg->descriptor->name);
    any->value = (ProtobufCBinaryData){.len = protobuf_c_message_pack(msg, data), .data = data};
    return any->type_url ? any : NULL;
}

char *rpc_status_details(struct arena *arena, const struct err *e, int status, const ProtobufCMessage *detail)
{
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    info.reason = (char *)(uintptr_t)(err_name(e->code) + strlen("ERR_"));
    info.domain = (char *)(uintptr_t) "wangge";

    Google__Rpc__BadRequest__FieldViolation violation = GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    violation.field = (char *)(uintptr_t)e->field;
    violation.description = (char *)(uintptr_t)e->text;
    bad.n_field_violations = 1;
    bad.field_violations = violations;

    /* A handler with a reason of its own says so with an ErrorInfo; there is only one. */
    bool own_info = detail && detail->descriptor == info.base.descriptor;
    const ProtobufCMessage *const all[] = {own_info ? NULL : &info.base, e->field[0] ? &bad.base : NULL, detail};
    Google__Protobuf__Any *anys[3];
    Google__Rpc__Status st = GOOGLE__RPC__STATUS__INIT;
    st.code = status;
    st.message = (char *)(uintptr_t)e->text;
    st.details = anys;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        anys[st.n_details] = all[i] ? wrap(arena, all[i]) : NULL;
        if (!anys[st.n_details])
            continue;
        st.n_details++;
        if (google__rpc__status__get_packed_size(&st) > MAX_DETAILS)
            st.n_details--;
    }
    size_t len = google__rpc__status__get_packed_size(&st);
    uint8_t *packed = arena_alloc(arena, len);
    char *text = arena_alloc(arena, BASE64_SIZE(len));
    if (!packed || !text)
        return NULL;
    google__rpc__status__pack(&st, packed);
    base64_encode(packed, len, false, text);
    return text;
}
