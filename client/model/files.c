/* SPDX-License-Identifier: MIT */
/* The files of a case; see files.h. */
#include "client/model/files.h"

#include <string.h>

#include "client/model/request.h"

static void on_list(void *arg, const ProtobufCMessage *msg, struct reply *reply)
{
    struct files *f = arg;
    ProtobufCMessage *copy = msg ? model_copy(msg) : NULL;
    if (copy) {
        model_free(f->data);
        f->data = (Wangge__V1__ListAttachmentsResponse *)copy;
        model_status_done(&f->status, f->_env->clock->now(f->_env->clock));
    } else {
        if (reply->err.code == 0)
            err_set(&reply->err, ERR_NOMEM, "out of memory");
        model_status_fail(&f->status, &reply->err);
    }
    f->_changed(f->_arg);
}

void files_refresh(struct files *f, const char *case_id)
{
    Wangge__V1__ListAttachmentsRequest req = WANGGE__V1__LIST_ATTACHMENTS_REQUEST__INIT;
    struct err e;
    req.case_id = (char *)case_id;
    model_status_begin(&f->status);
    if (request_start(f->_env, &methods_list_attachments, &req.base, on_list, f, &f->_call) != 0) {
        err_set(&e, ERR_NOMEM, "out of memory");
        model_status_fail(&f->status, &e);
    }
}

const Wangge__V1__Attachment *files_find(const struct files *f, const char *attachment_id)
{
    for (size_t i = 0; f->data && i < f->data->n_attachments; i++)
        if (strcmp(f->data->attachments[i]->attachment_id, attachment_id) == 0)
            return f->data->attachments[i];
    return NULL;
}

void files_forget(struct files *f)
{
    request_drop(&f->_call);
    model_free(f->data);
    f->data = NULL;
    model_status_init(&f->status);
}

void files_init(struct files *f, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(f, 0, sizeof *f);
    model_status_init(&f->status);
    f->_env = env;
    f->_changed = changed;
    f->_arg = arg;
}

void files_fini(struct files *f)
{
    if (f->_env)
        files_forget(f);
    memset(f, 0, sizeof *f);
}
