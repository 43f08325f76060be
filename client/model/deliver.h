/* SPDX-License-Identifier: MIT */
/*
 * What a person saved, on its way: stored durably in the outbox first, then watched for a moment. If the server answers in
 * that moment the form learns whether it was taken or refused; if it is silent the entry stays queued and the person goes
 * on. A refused entry is taken out of the outbox again, because the form is still there to be corrected.
 */
#ifndef WG_CLIENT_MODEL_DELIVER_H
#define WG_CLIENT_MODEL_DELIVER_H

#include "client/model/model.h"
#include "client/model/reply.h"
#include "client/outbox/outbox.h"

enum deliver_state {
    DELIVER_IDLE,
    DELIVER_WAITING,
    DELIVER_DONE,     /* the server has it; number is a submit's */
    DELIVER_QUEUED,   /* the server is silent: it is sent later */
    DELIVER_REFUSED,  /* reply says why */
    DELIVER_CONFLICT, /* somebody else was first; reply.info.conflict says what happened */
    DELIVER_FAILED,   /* it could not even be stored; reply.err says why */
};

struct deliver {
    enum deliver_state state;
    int64_t seq;        /* of the outbox entry, while it has one */
    int64_t local;      /* N of local-N */
    char number[40];    /* of a submit that was taken */
    struct reply reply; /* of a refusal */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    struct event *_timer;
    usec_t _deadline;
};

int deliver_init(struct deliver *d, const struct model_env *env, model_changed_fn changed, void *arg) MUST_CHECK;
/* The entry, if any, goes its way without us. */
void deliver_fini(struct deliver *d);
/* Back to IDLE. */
void deliver_reset(struct deliver *d);
/* Each stores and watches; the callback runs when the state leaves WAITING. draft_id: a draft dropped with it, or 0. */
void deliver_submit(struct deliver *d, const Wangge__V1__SubmitCaseRequest *req, int64_t draft_id);
void deliver_act(struct deliver *d, const Wangge__V1__ActRequest *req);
void deliver_note(struct deliver *d, const Wangge__V1__AddNoteRequest *req);

#endif
