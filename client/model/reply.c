/* SPDX-License-Identifier: MIT */
/* Decodes statuses and their details; see reply.h. */
#include "client/model/reply.h"

#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/model.h"
#include "common/base/text.h"
#include "common/pb/check.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

enum { DETAILS_ARENA = 1 << 20 };

/* Index: gRPC code. */
static const struct {
    int code;
    const char *text; /* shown if the server sent none */
} meaning[] = {
    {ERR_OK, ""},
    {ERR_CANCELLED, N_("Cancelled.")},
    {ERR_INTERNAL, N_("The server met an unknown error. Try again; if it stays, tell the administrator.")},
    {ERR_INVALID, N_("The server found an input wrong.")},
    {ERR_DEADLINE, N_("The server did not answer in time.")},
    {ERR_NOT_FOUND, N_("There is no such thing, or it is outside your region.")},
    {ERR_EXISTS, N_("This key was used with other content.")},
    {ERR_DENIED, N_("Your role or region does not allow this.")},
    {ERR_EXHAUSTED, N_("The server is busy. Try again in a moment.")},
    {ERR_PRECONDITION, N_("This is not possible in the present state.")},
    {ERR_CONFLICT, N_("Somebody else was first.")},
    {ERR_INVALID, N_("A value is out of range.")},
    {ERR_UNIMPLEMENTED, N_("This server is too old for that. Ask for an update.")},
    {ERR_INTERNAL, N_("The server met an internal error. Try again; if it stays, tell the administrator.")},
    {ERR_UNAVAILABLE, N_("The server cannot be reached.")},
    {ERR_INTERNAL, N_("The server lost data.")},
    {ERR_UNAUTHENTICATED, N_("The session has ended. Log in again.")},
};

static bool is_type(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *desc)
{
    const char *slash = any->type_url ? strrchr(any->type_url, '/') : NULL;
    return slash && strcmp(slash + 1, desc->name) == 0;
}

static void take_bad_request(struct reply *r, const Google__Rpc__BadRequest *bad)
{
    for (size_t i = 0; i < bad->n_field_violations && r->n_fields < REPLY_FIELDS_MAX; i++) {
        const Google__Rpc__BadRequest__FieldViolation *v = bad->field_violations[i];
        text_copy(r->fields[r->n_fields].name, sizeof r->fields[0].name, v->field);
        text_copy(r->fields[r->n_fields].text, sizeof r->fields[0].text, v->description);
        r->n_fields++;
    }
    if (r->n_fields)
        text_copy(r->err.field, sizeof r->err.field, r->fields[0].name);
}

static void take_details(struct reply *r, const unsigned char *data, size_t len)
{
    struct arena *a = arena_create(DETAILS_ARENA);
    ProtobufCMessage *msg;
    if (!a || pb_unpack(&google__rpc__status__descriptor, data, len, NULL, a, &msg, NULL) != 0) {
        arena_destroy(a);
        return;
    }
    const Google__Rpc__Status *st = (const Google__Rpc__Status *)msg;
    for (size_t i = 0; i < st->n_details; i++) {
        const Google__Protobuf__Any *any = st->details[i];
        ProtobufCMessage *inner;
        if (is_type(any, &google__rpc__bad_request__descriptor)) {
            if (pb_unpack(&google__rpc__bad_request__descriptor, any->value.data, any->value.len, NULL, a, &inner, NULL) == 0)
                take_bad_request(r, (const Google__Rpc__BadRequest *)inner);
        } else if (is_type(any, &wangge__v1__case_conflict__descriptor) && !r->conflict) {
            if (pb_unpack(&wangge__v1__case_conflict__descriptor, any->value.data, any->value.len, NULL, a, &inner, NULL) == 0)
                r->conflict = (Wangge__V1__CaseConflict *)model_copy(inner);
        }
    }
    arena_destroy(a);
}

void reply_init(struct reply *r, const struct channel_status *status)
{
    memset(r, 0, sizeof *r);
    size_t n = sizeof meaning / sizeof *meaning;
    size_t at = status->code >= 0 && (size_t)status->code < n ? (size_t)status->code : 2;
    r->err.code = meaning[at].code;
    r->err.origin = ERR_HERE;
    if (status->code == 0)
        return;
    /* A server that cannot be reached has said nothing worth showing: the channel's own words are for the log. */
    r->silent = status->code == 14 || status->code == 4 || status->code == 1 || status->never_sent;
    bool own = !status->message || !status->message[0] || status->code == 14 || status->code == 16;
    text_copy(r->err.text, sizeof r->err.text, own ? _(meaning[at].text) : status->message);
    if (own && status->message)
        text_copy(r->err.detail, sizeof r->err.detail, status->message);
    if (status->details_len)
        take_details(r, status->details, status->details_len);
}

void reply_init_packed(struct reply *r, int code, const char *message, const void *details, size_t len)
{
    struct channel_status st = {.code = code, .message = message, .details = details, .details_len = len};
    reply_init(r, &st);
}

void reply_fini(struct reply *r)
{
    model_free(r->conflict);
    r->conflict = NULL;
}

const char *reply_field(const struct reply *r, const char *name)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (strcmp(r->fields[i].name, name) == 0)
            return r->fields[i].text;
    }
    return NULL;
}
