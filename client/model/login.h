/* SPDX-License-Identifier: MIT */
/* Logging in: the call, and what becomes of its answer. */
#ifndef WG_CLIENT_MODEL_LOGIN_H
#define WG_CLIENT_MODEL_LOGIN_H

#include "client/model/model.h"
#include "client/model/session.h"

struct login {
    struct model_status status; /* READY: session is the new one, saved, and the channel has its token */
    struct session session;
    struct err save_error; /* the session works but could not be stored */
    /* private */
    const struct model_env *_env;
    const char *_server;
    model_changed_fn _changed;
    void *_arg;
    struct request *_call;
};

/* server is borrowed. */
void login_init(struct login *l, const struct model_env *env, const char *server, model_changed_fn changed, void *arg);
void login_fini(struct login *l);
void login_start(struct login *l, const char *name, const char *password);
/* Forgets the attempt. */
void login_cancel(struct login *l);

#endif
