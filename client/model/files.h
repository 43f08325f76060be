/* SPDX-License-Identifier: MIT */
/* The files of a case, as the server lists them. */
#ifndef WG_CLIENT_MODEL_FILES_H
#define WG_CLIENT_MODEL_FILES_H

#include "client/model/model.h"
#include "wangge/v1/attachment.pb-c.h"

struct files {
    struct model_status status;
    Wangge__V1__ListAttachmentsResponse *data; /* owned; NULL until loaded */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    struct request *_call;
};

void files_init(struct files *f, const struct model_env *env, model_changed_fn changed, void *arg);
void files_fini(struct files *f);
/* Forgets what is there. */
void files_forget(struct files *f);
/* Asks the server; what is there stays until it has answered. */
void files_refresh(struct files *f, const char *case_id);
/* The attachment of an id, or NULL. */
const Wangge__V1__Attachment *files_find(const struct files *f, const char *attachment_id);

#endif
