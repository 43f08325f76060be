/* SPDX-License-Identifier: MIT */
/* Drafts of actions; see act_draft.h. A draft is a packed ActRequest. */
#include "client/model/act_draft.h"

#include <stdlib.h>
#include <string.h>

void act_draft_put(const struct model_env *env, int64_t *id, const Wangge__V1__ActRequest *req)
{
    struct err e;
    if (!env->outbox)
        return;
    size_t len = wangge__v1__act_request__get_packed_size(req);
    uint8_t *packed = malloc(len ? len : 1);
    if (!packed)
        return;
    wangge__v1__act_request__pack(req, packed);
    if (outbox_put_draft(env->outbox, id, ACT_DRAFT_KIND, packed, len, &e) != 0)
        *id = 0;
    free(packed);
}

struct find {
    const char *case_id;
    Wangge__V1__Action action;
    Wangge__V1__ActRequest *found;
    int64_t id;
};

static bool take(void *arg, const struct outbox_draft *d)
{
    struct find *f = arg;
    if (strcmp(d->kind, ACT_DRAFT_KIND) != 0)
        return true;
    Wangge__V1__ActRequest *req = wangge__v1__act_request__unpack(NULL, d->body_len, d->body);
    if (!req || req->action != f->action || strcmp(req->case_id, f->case_id) != 0) {
        wangge__v1__act_request__free_unpacked(req, NULL);
        return true;
    }
    f->found = req;
    f->id = d->id;
    return false;
}

Wangge__V1__ActRequest *act_draft_find(const struct model_env *env, const char *case_id, Wangge__V1__Action action,
                                       int64_t *ret_id)
{
    struct find f = {.case_id = case_id, .action = action};
    struct err e;
    if (!env->outbox || outbox_each_draft(env->outbox, take, &f, &e) != 0) {
        model_free(f.found);
        return NULL;
    }
    *ret_id = f.id;
    return f.found;
}

void act_draft_drop(const struct model_env *env, int64_t *id)
{
    struct err e;
    if (*id && env->outbox && outbox_drop_draft(env->outbox, *id, &e) == 0)
        *id = 0;
}
