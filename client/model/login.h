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
    bool code_needed;      /* FAILED: the password is right, a one-time code is asked for */
    bool must_change;      /* IDLE or FAILED after a login: the password is a first one or too old; see login_change */
    /* private */
    const struct model_env *_env;
    const char *_server;
    model_changed_fn _changed;
    void *_arg;
    struct request *_call;
    bool _with_code;
};

/* server is borrowed. */
void login_init(struct login *l, const struct model_env *env, const char *server, model_changed_fn changed, void *arg);
void login_fini(struct login *l);
/* code: the one-time code, or empty. Nothing of what is typed is kept. */
void login_start(struct login *l, const char *name, const char *password, const char *code);
/* Changes the password of the login that must; READY afterwards. status.why.field: the field that is wrong. */
void login_change(struct login *l, const char *old, const char *fresh);
/* Forgets the attempt, and a login whose password was not changed. */
void login_cancel(struct login *l);

#endif
