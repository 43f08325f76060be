/* SPDX-License-Identifier: MIT */
/* How a call ended, in the client's terms: an error to show, the fields it is about, what happened to the case meanwhile. */
#ifndef WG_CLIENT_MODEL_REPLY_H
#define WG_CLIENT_MODEL_REPLY_H

#include "client/rpc/channel.h"
#include "wangge/v1/case.pb-c.h"

enum { REPLY_FIELDS_MAX = 16 };

struct reply {
    struct err err; /* err.field: the first field that is wrong */
    bool silent;    /* the server did not answer: queue and try again. Otherwise it refused. */
    int n_fields;
    struct {
        char name[64];
        char text[160];
    } fields[REPLY_FIELDS_MAX];
    Wangge__V1__CaseConflict *conflict; /* owned; NULL if none came */
};

/* Fills r from a call's end (status->code may be 0: no error). */
void reply_init(struct reply *r, const struct channel_status *status);
/* As reply_init for what the outbox kept of a refusal. */
void reply_init_packed(struct reply *r, int code, const char *message, const void *details, size_t len);
void reply_fini(struct reply *r);
/* The text about a field, or NULL. */
const char *reply_field(const struct reply *r, const char *name);

#endif
