/* SPDX-License-Identifier: MIT */
/* grpc.health.v1: the state of every service, asked once or watched. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"

#include "server/rpc/call_impl.h"

enum { MAX_SERVICES = 64, CHECK_DEADLINE_MS = 5000 };

typedef Grpc__Health__V1__HealthCheckResponse__ServingStatus serving_status;
#define UNKNOWN_SERVICE GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN
#define SERVING         GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
#define NOT_SERVING     GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING

struct service {
    char *name;
    bool serving;
};

/* One Watch under way; in its call's arena. */
struct watcher {
    struct watcher *prev, *next;
    struct rpc_health *health;
    struct rpc_call *call;
    const char *service;
    serving_status last;
};

struct rpc_health {
    struct service services[MAX_SERVICES];
    size_t n;
    struct watcher *watchers;
};

static struct service *find(struct rpc_health *h, const char *name, size_t len)
{
    for (size_t i = 0; i < h->n; i++) {
        if (strlen(h->services[i].name) == len && memcmp(h->services[i].name, name, len) == 0)
            return &h->services[i];
    }
    return NULL;
}

static serving_status status_of(struct rpc_health *h, const char *name)
{
    const struct service *s = find(h, name, strlen(name));
    return !s ? UNKNOWN_SERVICE : s->serving ? SERVING : NOT_SERVING;
}

static int set(struct rpc_health *h, const char *name, size_t len, bool serving)
{
    struct service *s = find(h, name, len);
    if (!s) {
        if (h->n == MAX_SERVICES)
            return ERR_EXHAUSTED;
        char *copy = strndup(name, len);
        if (!copy)
            return ERR_NOMEM;
        s = &h->services[h->n++];
        s->name = copy;
    }
    s->serving = serving;
    return 0;
}

struct rpc_health *rpc_health_create(const struct rpc_method *methods, size_t n, struct err *e)
{
    struct rpc_health *h = calloc(1, sizeof *h);
    int rc = h ? set(h, "", 0, false) : ERR_NOMEM;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const char *name = methods[i].path + 1, *slash = strchr(name, '/');
        assert(methods[i].path[0] == '/' && slash);
        rc = set(h, name, (size_t)(slash - name), false);
    }
    if (rc) {
        (void)err_set(e, rc, "The health service cannot hold all services.");
        rpc_health_destroy(h);
        return NULL;
    }
    return h;
}

void rpc_health_destroy(struct rpc_health *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->n; i++)
        free(h->services[i].name);
    free(h);
}

static void send_status(struct watcher *w, serving_status status)
{
    Grpc__Health__V1__HealthCheckResponse resp = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    resp.status = w->last = status;
    (void)rpc_send(w->call, &resp.base);
}

static void tell_watchers(struct rpc_health *h)
{
    for (struct watcher *w = h->watchers, *next; w; w = next) {
        next = w->next;
        serving_status status = status_of(h, w->service);
        if (status != w->last)
            send_status(w, status);
    }
}

int rpc_health_set(struct rpc_server *srv, const char *service, bool serving)
{
    int rc = set(srv->health, service, strlen(service), serving);
    if (rc == 0)
        tell_watchers(srv->health);
    return rc;
}

void rpc_health_set_all(struct rpc_server *srv, bool serving)
{
    for (size_t i = 0; i < srv->health->n; i++)
        srv->health->services[i].serving = serving;
    tell_watchers(srv->health);
}

void rpc_health_end_watches(struct rpc_server *srv)
{
    struct err e;
    err_set(&e, ERR_UNAVAILABLE, "The server is stopping.");
    for (struct watcher *w = srv->health->watchers, *next; w; w = next) {
        next = w->next;
        rpc_fail(w->call, &e);
    }
}

static void on_check(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct rpc_health *h = rpc_call_method(call)->ctx;
    const Grpc__Health__V1__HealthCheckRequest *req = (const void *)msg;
    Grpc__Health__V1__HealthCheckResponse resp = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    resp.status = status_of(h, req->service);
    if (resp.status == UNKNOWN_SERVICE) {
        struct err e;
        err_field(&e, ERR_NOT_FOUND, "service", "The server has no such service.");
        rpc_fail(call, &e);
        return;
    }
    rpc_reply(call, &resp.base);
}

static void unlink_watcher(void *arg)
{
    struct watcher *w = arg;
    if (w->prev)
        w->prev->next = w->next;
    else
        w->health->watchers = w->next;
    if (w->next)
        w->next->prev = w->prev;
}

static void on_watch(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct rpc_health *h = rpc_call_method(call)->ctx;
    const Grpc__Health__V1__HealthCheckRequest *req = (const void *)msg;
    struct watcher *w = arena_zalloc(rpc_arena(call), sizeof *w);
    if (!w || arena_on_dispose(rpc_arena(call), unlink_watcher, w)) {
        struct err e;
        err_set(&e, ERR_NOMEM, "There is not enough memory to watch.");
        rpc_fail(call, &e);
        return;
    }
    w->health = h;
    w->call = call;
    w->service = req->service;
    w->next = h->watchers;
    if (w->next)
        w->next->prev = w;
    h->watchers = w;
    send_status(w, status_of(h, w->service));
}

void rpc_health_methods(struct rpc_health *h, struct rpc_method out[RPC_HEALTH_METHODS])
{
    out[0] = (struct rpc_method){
        .path = "/grpc.health.v1.Health/Check",
        .kind = RPC_UNARY,
        .flags = RPC_PUBLIC,
        .request = &grpc__health__v1__health_check_request__descriptor,
        .response = &grpc__health__v1__health_check_response__descriptor,
        .default_deadline_ms = CHECK_DEADLINE_MS,
        .on_message = on_check,
        .ctx = h,
    };
    out[1] = (struct rpc_method){
        .path = "/grpc.health.v1.Health/Watch",
        .kind = RPC_SERVER_STREAM,
        .flags = RPC_PUBLIC,
        .request = &grpc__health__v1__health_check_request__descriptor,
        .response = &grpc__health__v1__health_check_response__descriptor,
        .on_message = on_watch,
        .ctx = h,
    };
}
