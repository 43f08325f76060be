/* SPDX-License-Identifier: MIT */
/* Login; see login.h. */
#include "client/model/login.h"

#include <string.h>

#include "client/model/i18n.h"
#include "client/model/password_words.h"
#include "client/model/request.h"
#include "wangge/v1/account.pb-c.h"
#include "wangge/v1/auth.pb-c.h"

/* The session counts from here on. */
static void take_session(struct login *l)
{
    l->must_change = false;
    if (session_save(&l->session, &l->save_error) == 0)
        l->save_error = (struct err){0};
    model_status_done(&l->status, l->_env->clock->now(l->_env->clock));
}

static void on_login(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct login *l = arg;
    l->code_needed = strcmp(r->info.reason, "TOTP_REQUIRED") == 0;
    if (l->code_needed)
        err_set(&r->err, ERR_UNAUTHENTICATED, "%s", _("This account also asks for a one-time code of six digits."));
    else if (r->err.code == ERR_UNAUTHENTICATED && l->_with_code)
        err_set(&r->err, ERR_UNAUTHENTICATED, "%s",
                _("Password or one-time code is wrong, or the code was used already. Wait for the next one."));
    else if (r->err.code == ERR_UNAUTHENTICATED)
        err_set(&r->err, ERR_UNAUTHENTICATED, "%s", _("Account or password is wrong. Check both and try again."));
    if (msg)
        r->err.code = session_from_login((const Wangge__V1__LoginResponse *)msg, l->_server, &l->session, &r->err);
    if (r->err.code == 0 && channel_set_token(l->_env->channel, l->session.token) != 0)
        err_set(&r->err, ERR_NOMEM, "out of memory");
    if (r->err.code != 0) {
        model_status_fail(&l->status, &r->err);
    } else if (((const Wangge__V1__LoginResponse *)msg)->must_change_password) {
        l->must_change = true;
        model_status_init(&l->status);
    } else {
        take_session(l);
    }
    l->_changed(l->_arg);
}

static void begin(struct login *l, const struct channel_method *m, const ProtobufCMessage *req, request_done_fn fn)
{
    model_status_init(&l->status);
    model_status_begin(&l->status);
    if (request_start(l->_env, m, req, fn, l, &l->_call) != 0) {
        err_set(&l->status.why, ERR_NOMEM, "out of memory");
        model_status_fail(&l->status, &l->status.why);
    }
}

void login_start(struct login *l, const char *name, const char *password, const char *code)
{
    Wangge__V1__LoginRequest req = WANGGE__V1__LOGIN_REQUEST__INIT;
    req.login = (char *)name;
    req.password = (char *)password;
    req.totp_code = (char *)code;
    l->_with_code = code[0] != 0;
    l->code_needed = l->must_change = false;
    begin(l, &methods_login, &req.base, on_login);
}

static void on_change(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct login *l = arg;
    if (msg) {
        take_session(l);
    } else {
        if (r->err.field[0]) /* the server's word about the field says more than the code's */
            password_words(reply_field(r, r->err.field), r->err.text, sizeof r->err.text);
        model_status_fail(&l->status, &r->err);
    }
    l->_changed(l->_arg);
}

void login_change(struct login *l, const char *old, const char *fresh)
{
    Wangge__V1__ChangePasswordRequest req = WANGGE__V1__CHANGE_PASSWORD_REQUEST__INIT;
    req.old_password = (char *)old;
    req.new_password = (char *)fresh;
    begin(l, &methods_change_password, &req.base, on_change);
}

void login_cancel(struct login *l)
{
    request_drop(&l->_call);
    model_status_init(&l->status);
    if (l->must_change) { /* this session may do nothing but change the password */
        l->must_change = false;
        explicit_bzero(&l->session, sizeof l->session);
        if (channel_set_token(l->_env->channel, NULL))
            return; /* forgetting a token cannot fail */
    }
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
