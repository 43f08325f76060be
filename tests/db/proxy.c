/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "common/base/text.h"
#include "tests/db/harness.h"

enum { LINKS_MAX = 64 };

struct link {
    struct proxy *proxy;
    struct bufferevent *client, *server;
};

struct proxy {
    struct event_base *base;
    struct evconnlistener *listener;
    struct sockaddr_un upstream;
    char dir[32], path[64], conninfo[256];
    bool frozen;
    struct link links[LINKS_MAX];
};

static void link_close(struct link *l)
{
    if (l->client)
        bufferevent_free(l->client);
    if (l->server)
        bufferevent_free(l->server);
    l->client = l->server = NULL;
}

static void on_client_data(struct bufferevent *b, void *arg)
{
    struct link *l = arg;
    (void)bufferevent_write_buffer(l->server, bufferevent_get_input(b));
}

static void on_server_data(struct bufferevent *b, void *arg)
{
    struct link *l = arg;
    if (!l->proxy->frozen)
        (void)bufferevent_write_buffer(l->client, bufferevent_get_input(b));
}

static void on_end(struct bufferevent *b, short what, void *arg)
{
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        link_close(arg);
}

static void on_accept(struct evconnlistener *lev, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    struct proxy *p = arg;
    struct link *l = NULL;
    for (int i = 0; i < LINKS_MAX && !l; i++)
        if (!p->links[i].client && !p->links[i].server)
            l = &p->links[i];
    ck_assert_ptr_nonnull(l);
    l->proxy = p;
    l->client = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
    l->server = bufferevent_socket_new(p->base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(l->client, on_client_data, NULL, on_end, l);
    bufferevent_setcb(l->server, on_server_data, NULL, on_end, l);
    ck_assert_int_eq(bufferevent_enable(l->client, EV_READ | EV_WRITE), 0);
    if (bufferevent_socket_connect(l->server, (struct sockaddr *)&p->upstream, sizeof p->upstream) != 0) {
        link_close(l);
        return;
    }
    (void)bufferevent_enable(l->server, EV_READ | EV_WRITE);
}

static void option(PQconninfoOption *options, const char *keyword, char *out, size_t size)
{
    for (PQconninfoOption *o = options; o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0 && o->val)
            (void)text_copy(out, size, o->val);
}

struct proxy *proxy_create(struct event_base *base, const char *conninfo)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a bufferevent writes with write(2) */
    struct proxy *p = calloc(1, sizeof *p);
    char host[80] = "", dbname[64] = "", user[64] = "";
    ck_assert_ptr_nonnull(p);
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    ck_assert_ptr_nonnull(options);
    option(options, "host", host, sizeof host);
    option(options, "dbname", dbname, sizeof dbname);
    option(options, "user", user, sizeof user);
    PQconninfoFree(options);
    p->base = base;
    p->upstream.sun_family = AF_UNIX;
    (void)snprintf(p->upstream.sun_path, sizeof p->upstream.sun_path, "%s/.s.PGSQL.5432", host);
    (void)text_copy(p->dir, sizeof p->dir, "/tmp/wangge-proxy-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(p->dir));
    (void)snprintf(p->path, sizeof p->path, "%s/.s.PGSQL.5432", p->dir);
    (void)snprintf(p->conninfo, sizeof p->conninfo, "host=%s port=5432 user=%s dbname=%s", p->dir, user, dbname);
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    (void)text_copy(sun.sun_path, sizeof sun.sun_path, p->path);
    p->listener = evconnlistener_new_bind(base, on_accept, p, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
                                          (struct sockaddr *)&sun, sizeof sun);
    ck_assert_ptr_nonnull(p->listener);
    return p;
}

const char *proxy_conninfo(const struct proxy *p)
{
    return p->conninfo;
}

void proxy_freeze(struct proxy *p, bool frozen)
{
    p->frozen = frozen;
    for (int i = 0; i < LINKS_MAX && !frozen; i++)
        if (p->links[i].server && p->links[i].client)
            (void)bufferevent_write_buffer(p->links[i].client, bufferevent_get_input(p->links[i].server));
}

void proxy_cut(struct proxy *p)
{
    for (int i = 0; i < LINKS_MAX; i++)
        link_close(&p->links[i]);
}

void proxy_destroy(struct proxy *p)
{
    proxy_cut(p);
    evconnlistener_free(p->listener);
    (void)unlink(p->path);
    (void)rmdir(p->dir);
    free(p);
}
