/* SPDX-License-Identifier: MIT */
#include "server/rpc/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/rpc/call_impl.h"

enum { DEFAULT_CALL_MEMORY = 16 * 1024 * 1024, DEFAULT_MAX_DEADLINE_MS = 5 * 60 * 1000 };

/* FNV-1a. The keys are ours, not the caller's, so nobody can make them collide. */
static uint32_t hash_of(const char *s, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h;
}

const struct rpc_method *rpc_server_find(const struct rpc_server *srv, const char *path, size_t len)
{
    uint32_t h = hash_of(path, len);
    for (size_t i = h;; i++) {
        const struct rpc_method_slot *s = &srv->slots[i & (srv->n_slots - 1)];
        if (!s->method)
            return NULL;
        if (s->hash == h && strlen(s->method->path) == len && memcmp(s->method->path, path, len) == 0)
            return s->method;
    }
}

static int build_table(struct rpc_server *srv, struct err *e)
{
    srv->n_slots = 16;
    while (srv->n_slots < srv->n_methods * 2)
        srv->n_slots *= 2;
    srv->slots = calloc(srv->n_slots, sizeof *srv->slots);
    if (!srv->slots)
        return err_set(e, ERR_NOMEM, "There is not enough memory for the method table.");
    for (size_t i = 0; i < srv->n_methods; i++) {
        const char *path = srv->methods[i].path;
        uint32_t h = hash_of(path, strlen(path));
        if (rpc_server_find(srv, path, strlen(path)))
            return err_set(e, ERR_INVALID, "The method %s is in the table twice.", path);
        size_t k = h;
        while (srv->slots[k & (srv->n_slots - 1)].method)
            k++;
        srv->slots[k & (srv->n_slots - 1)] = (struct rpc_method_slot){.method = &srv->methods[i], .hash = h};
    }
    return 0;
}

static int gather_methods(struct rpc_server *srv, const struct rpc_server_config *cfg, struct err *e)
{
    size_t n = cfg->n_methods;
    srv->methods = calloc(n + RPC_HEALTH_METHODS + RPC_REFLECTION_METHODS, sizeof *srv->methods);
    if (!srv->methods)
        return err_set(e, ERR_NOMEM, "There is not enough memory for the method table.");
    if (n)
        memcpy(srv->methods, cfg->methods, n * sizeof *srv->methods);
    srv->health = rpc_health_create(srv->methods, n, e);
    if (!srv->health)
        return ERR_NOMEM;
    rpc_health_methods(srv->health, srv->methods + n);
    n += RPC_HEALTH_METHODS;
    if (cfg->descriptor_set) {
        /* The table is passed with room for reflection's own methods, so that reflection lists itself too. */
        size_t with_reflection = n + RPC_REFLECTION_METHODS;
        rpc_reflection_methods(NULL, srv->methods + n);
        srv->reflection = rpc_reflection_create(cfg->descriptor_set, cfg->descriptor_set_len, srv->methods, with_reflection, e);
        if (!srv->reflection)
            return ERR_INVALID;
        rpc_reflection_methods(srv->reflection, srv->methods + n);
        n = with_reflection;
    }
    srv->n_methods = n;
    return build_table(srv, e);
}

struct rpc_server *rpc_server_create(struct event_base *base, const struct rpc_server_config *cfg, struct err *e)
{
    struct rpc_server *srv = calloc(1, sizeof *srv);
    if (!srv) {
        (void)err_set(e, ERR_NOMEM, "There is not enough memory for the server.");
        return NULL;
    }
    srv->cfg = *cfg;
    if (!srv->cfg.max_message)
        srv->cfg.max_message = GRPC_MAX_MESSAGE;
    if (!srv->cfg.max_call_memory)
        srv->cfg.max_call_memory = DEFAULT_CALL_MEMORY;
    if (!srv->cfg.max_deadline_ms)
        srv->cfg.max_deadline_ms = DEFAULT_MAX_DEADLINE_MS;
    srv->limits = pb_limits_default;
    srv->limits.max_size = srv->cfg.max_message;
    srv->timers = timerq_create(base, cfg->clock);
    if (!srv->timers) {
        (void)err_set(e, ERR_NOMEM, "There is not enough memory for the server.");
        rpc_server_destroy(srv);
        return NULL;
    }
    if (gather_methods(srv, cfg, e)) {
        rpc_server_destroy(srv);
        return NULL;
    }
    return srv;
}

void rpc_server_destroy(struct rpc_server *srv)
{
    if (!srv)
        return;
    assert(srv->live_calls == 0);
    rpc_health_destroy(srv->health);
    rpc_reflection_destroy(srv->reflection);
    timerq_destroy(srv->timers);
    while (srv->n_pool > 0)
        arena_destroy(srv->pool[--srv->n_pool]);
    free(srv->slots);
    free(srv->methods);
    free(srv);
}

unsigned rpc_server_live_calls(const struct rpc_server *srv)
{
    return srv->live_calls;
}

struct timerq *rpc_server_timers(struct rpc_server *srv)
{
    return srv->timers;
}

const struct clock *rpc_server_clock(const struct rpc_server *srv)
{
    return srv->cfg.clock;
}

struct arena *rpc_server_take_arena(struct rpc_server *srv)
{
    return srv->n_pool > 0 ? srv->pool[--srv->n_pool] : arena_create(srv->cfg.max_call_memory);
}

void rpc_server_give_arena(struct rpc_server *srv, struct arena *arena)
{
    if (!arena)
        return;
    if (srv->n_pool == RPC_ARENA_POOL) {
        arena_destroy(arena);
        return;
    }
    arena_reset(arena);
    srv->pool[srv->n_pool++] = arena;
}
