/* SPDX-License-Identifier: MIT */
/* Calls of models; see request.h. */
#include "client/model/request.h"

#include <stdlib.h>

#include "client/model/i18n.h"

struct request {
    struct channel_call *call;
    struct request **slot; /* NULL once dropped */
    request_done_fn fn;
    void *arg;
};

static void on_reply(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct request *r = arg;
    if (r->slot) {
        struct reply reply;
        *r->slot = NULL;
        reply_init(&reply, status);
        if (reply.err.code == 0 && !resp)
            err_set(&reply.err, ERR_PROTOCOL, "%s", _("The server's answer was empty."));
        r->fn(r->arg, reply.err.code == 0 ? resp : NULL, &reply);
        reply_fini(&reply);
    }
    free(r);
}

int request_start(const struct model_env *env, const struct channel_method *m, const ProtobufCMessage *req, request_done_fn fn,
                  void *arg, struct request **slot)
{
    request_drop(slot);
    struct request *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    *r = (struct request){.slot = slot, .fn = fn, .arg = arg};
    r->call = channel_unary(env->channel, m, req, env->call_timeout_ms, on_reply, r);
    if (!r->call) {
        free(r);
        return ERR_NOMEM;
    }
    *slot = r;
    return 0;
}

void request_drop(struct request **slot)
{
    struct request *r = *slot;
    if (!r)
        return;
    *slot = NULL;
    r->slot = NULL;
    channel_cancel(r->call); /* r goes in on_reply, now or later */
}
