/* SPDX-License-Identifier: MIT */
/* How a call ended, in the models' terms: an error to show, whether the server decided, and the details of a refusal. */
#ifndef WG_CLIENT_MODEL_REPLY_H
#define WG_CLIENT_MODEL_REPLY_H

#include "client/rpc/status.h"
#include "common/base/err.h"

struct reply {
    struct err err; /* code 0: it went well; err.field: the first field that is wrong */
    bool silent;    /* the server did not answer: queue and try again. Otherwise it refused. */
    struct status_info info;
};

/* Fills r from a call's end. */
void reply_init(struct reply *r, const struct channel_status *status);
/* As reply_init for what the outbox kept of a refusal. */
void reply_init_packed(struct reply *r, int code, const char *message, const void *details, size_t len);
/* Accepts a zeroed one. */
void reply_fini(struct reply *r);
/* The text about a field, or NULL. */
const char *reply_field(const struct reply *r, const char *name);

#endif
