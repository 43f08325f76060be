/* SPDX-License-Identifier: MIT */
/*
 * A call that belongs to a model: the model may be destroyed, or may ask again, while the call is out. A request lives
 * until its call has ended; dropping it only makes sure that nobody is told.
 */
#ifndef WG_CLIENT_MODEL_REQUEST_H
#define WG_CLIENT_MODEL_REQUEST_H

#include "client/model/model.h"
#include "client/model/reply.h"
#include "client/rpc/methods.h"

struct request;

/* resp is NULL unless r->err.code is 0. Both are borrowed until it returns. */
typedef void (*request_done_fn)(void *arg, const ProtobufCMessage *resp, struct reply *r);

/* Starts a unary call and stores its handle in *slot, which becomes NULL before fn runs. A request already in *slot is
 * dropped. fn runs exactly once unless dropped, never before this returns. ERR_NOMEM: fn will not run. */
int request_start(const struct model_env *env, const struct channel_method *m, const ProtobufCMessage *req, request_done_fn fn,
                  void *arg, struct request **slot) MUST_CHECK;
/* Forgets the request in *slot and cancels its call. Accepts an empty slot. */
void request_drop(struct request **slot);

#endif
