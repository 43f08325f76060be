/* SPDX-License-Identifier: MIT */
/*
 * One action on many cases through BulkService: tried first (a dry run says what would be refused and why), then run. A
 * connection that breaks is taken up by the same id where it broke, so nothing is done twice. Embedded.
 */
#ifndef WG_CLIENT_MODEL_BULK_H
#define WG_CLIENT_MODEL_BULK_H

#include "client/model/model.h"
#include "wangge/v1/bulk.pb-c.h"

enum bulk_phase {
    BULK_IDLE,
    BULK_RUNNING, /* a dry run or the run itself is under way */
    BULK_ENDED,   /* every case has its answer */
    BULK_BROKEN,  /* it ended before; why says how, bulk_resume goes on */
};

enum { BULK_WHY_MAX = 256, BULK_NUMBER_MAX = 40 };

struct bulk_item {
    char case_id[40];
    char number[BULK_NUMBER_MAX];
    bool answered, ok;
    char why[BULK_WHY_MAX]; /* of a refusal, in words */
};

struct bulk {
    enum bulk_phase phase;
    bool dry;
    struct bulk_item *items; /* owned; the caller's order */
    size_t n;
    size_t done, failed;
    struct err why;
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    Wangge__V1__ActRequest *_act; /* owned */
    char _id[37];
    int32_t _after;
    int _tries;
    bool _summed;
    struct channel_call *_call;
    struct event *_again;
};

/* Copies the request (ids and version are unused) and the cases. ERR_NOMEM. */
int bulk_init(struct bulk *b, const struct model_env *env, const Wangge__V1__ActRequest *act,
              const Wangge__V1__Case *const *cases, size_t n, model_changed_fn changed, void *arg) MUST_CHECK;
/* Accepts a zeroed one. What the server did until then stays done. */
void bulk_fini(struct bulk *b);
/* Starts from the first case. */
void bulk_start(struct bulk *b, bool dry);
/* Goes on where a broken one stopped. */
void bulk_resume(struct bulk *b);
/* Stops; BULK_BROKEN from then on. */
void bulk_stop(struct bulk *b);

#endif
