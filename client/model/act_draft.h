/* SPDX-License-Identifier: MIT */
/*
 * The half-filled form of an action, kept in the outbox's drafts so that neither a conflict, a refusal, Esc nor a crash costs
 * a word. One draft for each case and action.
 */
#ifndef WG_CLIENT_MODEL_ACT_DRAFT_H
#define WG_CLIENT_MODEL_ACT_DRAFT_H

#include "client/model/model.h"
#include "client/outbox/outbox.h"
#include "wangge/v1/case.pb-c.h"

/* The kind of an action's draft in the outbox. */
#define ACT_DRAFT_KIND "act"

/* Writes the draft; *id 0: a new one. Failing to keep a draft is not worth a word. */
void act_draft_put(const struct model_env *env, int64_t *id, const Wangge__V1__ActRequest *req);
/* The newest draft of an action on a case; owned by the caller (model_free). NULL if there is none. */
Wangge__V1__ActRequest *act_draft_find(const struct model_env *env, const char *case_id, Wangge__V1__Action action,
                                       int64_t *ret_id);
/* Drops it; *id becomes 0. */
void act_draft_drop(const struct model_env *env, int64_t *id);

#endif
