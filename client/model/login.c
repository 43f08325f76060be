/* SPDX-License-Identifier: MIT */
/* Login; see login.h. */
#include "client/model/login.h"

#include <string.h>

#include "client/model/i18n.h"
#include "client/model/request.h"
#include "wangge/v1/auth.pb-c.h"

static void on_login(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct login *l = arg;
    if (r->err.code == ERR_UNAUTHENTICATED)
        err_set(&r->err, ERR_UNAUTHENTICATED, "%s", _("Account or password is wrong. Check both and try again."));
    if (msg)
        r->err.code = session_from_login((const Wangge__V1__LoginResponse *)msg, l->_server, &l->session, &r->err);
    if (r->err.code == 0 && channel_set_token(l->_env->channel, l->session.token) != 0)
        err_set(&r->err, ERR_NOMEM, "out of memory");
    if (r->err.code == 0) {
        if (session_save(&l->session, &l->save_error) == 0)
            l->save_error = (struct err){0};
        model_status_done(&l->status, l->_env->clock->now(l->_env->clock));
    } else {
        model_status_fail(&l->status, &r->err);
    }
    l->_changed(l->_arg);
}

void login_start(struct login *l, const char *name, const char *password)
{
    Wangge__V1__LoginRequest req = WANGGE__V1__LOGIN_REQUEST__INIT;
    req.login = (char *)name;
    req.password = (char *)password;
    model_status_init(&l->status);
    model_status_begin(&l->status);
    if (request_start(l->_env, &methods_login, &req.base, on_login, l, &l->_call) != 0) {
        err_set(&l->status.why, ERR_NOMEM, "out of memory");
        model_status_fail(&l->status, &l->status.why);
    }
}

void login_cancel(struct login *l)
{
    request_drop(&l->_call);
    model_status_init(&l->status);
}

void login_init(struct login *l, const struct model_env *env, const char *server, model_changed_fn changed, void *arg)
{
    memset(l, 0, sizeof *l);
    model_status_init(&l->status);
    l->_env = env;
    l->_server = server;
    l->_changed = changed;
    l->_arg = arg;
}

void login_fini(struct login *l)
{
    request_drop(&l->_call);
    explicit_bzero(l, sizeof *l);
}
