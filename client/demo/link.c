/* SPDX-License-Identifier: MIT */
#include "client/demo/link.h"

#include <string.h>

#include "wangge/v1/auth.pb-c.h"

#include "client/rpc/methods.h"

enum { GRPC_UNAVAILABLE = 14, GRPC_CODES = 17, TRIES = 20, RETRY_MS = 500 };

int link_open(struct link *l, const struct client_config *cfg, struct err *e)
{
    struct channel_config channel = {
        .target = cfg->server,
        .tls = client_config_tls(cfg),
        .ca_file = cfg->ca_file[0] ? cfg->ca_file : NULL,
        .pinned_sha256 = cfg->pin[0] ? cfg->pin : NULL,
        .connect_timeout_ms = cfg->connect_timeout_ms,
    };
    *l = (struct link){.base = event_base_new(), .call_timeout_ms = cfg->call_timeout_s * 1000};
    if (!l->base)
        return err_set(e, ERR_NOMEM, "Not enough memory for an event loop.");
    l->channel = channel_create(l->base, &channel, e);
    return l->channel ? 0 : e->code;
}

void link_close(struct link *l)
{
    channel_destroy(l->channel);
    if (l->base)
        event_base_free(l->base);
    *l = (struct link){0};
}

int link_failure(struct err *e, const char *what, const struct channel_status *status)
{
    static const enum err_code codes[GRPC_CODES] = {
        [1] = ERR_CANCELLED,    [2] = ERR_INTERNAL,     [3] = ERR_INVALID,   [4] = ERR_DEADLINE,
        [5] = ERR_NOT_FOUND,    [6] = ERR_EXISTS,       [7] = ERR_DENIED,    [8] = ERR_EXHAUSTED,
        [9] = ERR_PRECONDITION, [10] = ERR_CONFLICT,    [11] = ERR_INVALID,  [12] = ERR_UNIMPLEMENTED,
        [13] = ERR_INTERNAL,    [14] = ERR_UNAVAILABLE, [15] = ERR_INTERNAL, [16] = ERR_UNAUTHENTICATED,
    };
    int code = status->code > 0 && status->code < GRPC_CODES ? (int)codes[status->code] : ERR_INTERNAL;
    return err_set(e, code, "%s failed: %s", what, status->message && status->message[0] ? status->message : err_name(code));
}

struct waiting {
    const char *path;
    void (*use)(void *arg, const ProtobufCMessage *resp);
    void *arg;
    bool done;
    int status;
    int rc;
    struct err *e;
};

static void on_reply(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct waiting *w = arg;
    w->done = true;
    w->status = status->code;
    if (status->code != 0)
        w->rc = link_failure(w->e, w->path, status);
    else if (w->use)
        w->use(w->arg, resp);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    *(bool *)arg = true;
}

void link_pause(struct link *l, int ms)
{
    bool over = false;
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (event_base_once(l->base, -1, EV_TIMEOUT, on_timer, &over, &tv) != 0)
        return;
    while (!over && event_base_loop(l->base, EVLOOP_ONCE) == 0)
        ;
}

int link_call(struct link *l, const struct channel_method *m, const ProtobufCMessage *req,
              void (*use)(void *arg, const ProtobufCMessage *resp), void *arg, struct err *e)
{
    struct waiting w = {.path = m->path + 1, .use = use, .arg = arg, .e = e};
    for (int i = 0; i < TRIES; i++) {
        w.done = false;
        w.rc = 0;
        if (!channel_unary(l->channel, m, req, l->call_timeout_ms, on_reply, &w))
            return err_set(e, ERR_NOMEM, "Not enough memory for a call.");
        while (!w.done && event_base_loop(l->base, EVLOOP_ONCE) == 0)
            ;
        /* Every call made here may be repeated: the same account, directory or login twice changes nothing. */
        if (w.status != GRPC_UNAVAILABLE)
            break;
        link_pause(l, RETRY_MS);
        channel_connect(l->channel);
    }
    return w.rc;
}

struct login {
    struct link *link;
    int rc;
};

static void use_login(void *arg, const ProtobufCMessage *resp)
{
    struct login *login = arg;
    login->rc = channel_set_token(login->link->channel, ((const Wangge__V1__LoginResponse *)resp)->token);
}

int link_login(struct link *l, const char *login, const char *password, struct err *e)
{
    Wangge__V1__LoginRequest req = WANGGE__V1__LOGIN_REQUEST__INIT;
    struct login state = {.link = l};
    req.login = (char *)login;
    req.password = (char *)password;
    int rc = channel_set_token(l->channel, NULL);
    if (rc == 0)
        rc = link_call(l, &methods_login, &req.base, use_login, &state, e);
    else
        (void)err_set(e, rc, "Not enough memory for a session.");
    if (rc == 0 && state.rc < 0)
        rc = err_set(e, state.rc, "The server's session token cannot be used.");
    if (rc < 0) {
        char text[sizeof e->text];
        memcpy(text, e->text, sizeof text);
        (void)err_set(e, rc, "Logging in as %.64s: %.160s", login, text);
    }
    return rc;
}

void link_logout(struct link *l)
{
    Wangge__V1__LogoutRequest req = WANGGE__V1__LOGOUT_REQUEST__INIT;
    struct err e;
    int rc = link_call(l, &methods_logout, &req.base, NULL, NULL, &e);
    /* A session that could not be ended ends by itself; what matters is that its token is not used again. */
    if (channel_set_token(l->channel, NULL) < 0 || rc < 0)
        return;
}
