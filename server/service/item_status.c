/* SPDX-License-Identifier: MIT */
#include "server/service/item_status.h"

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "server/rpc/rpc.h"

/* The field that is wrong, packed as a google.rpc.BadRequest. */
static Google__Protobuf__Any *bad_request(struct arena *a, const struct err *e)
{
    Google__Rpc__BadRequest__FieldViolation violation = GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    violation.field = (char *)e->field;
    violation.description = (char *)e->text;
    bad.n_field_violations = 1;
    bad.field_violations = violations;
    Google__Protobuf__Any *any = arena_alloc(a, sizeof *any);
    uint8_t *data = arena_alloc(a, google__rpc__bad_request__get_packed_size(&bad));
    if (!any || !data)
        return NULL;
    google__protobuf__any__init(any);
    any->type_url = (char *)"type.googleapis.com/google.rpc.BadRequest";
    any->value.data = data;
    any->value.len = google__rpc__bad_request__pack(&bad, data);
    return any;
}

Google__Rpc__Status *item_status(struct arena *a, const struct err *e)
{
    Google__Rpc__Status *s = arena_alloc(a, sizeof *s);
    if (!s)
        return NULL;
    google__rpc__status__init(s);
    s->code = rpc_status_of(e->code);
    s->message = arena_strdup(a, e->text);
    if (!s->message)
        s->message = (char *)"";
    if (e->field[0]) {
        s->details = arena_alloc(a, sizeof *s->details);
        Google__Protobuf__Any *any = s->details ? bad_request(a, e) : NULL;
        if (any)
            s->details[s->n_details++] = any;
    }
    return s;
}
