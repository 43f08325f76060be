/* SPDX-License-Identifier: MIT */
/* The whole: creation, the end of a loop turn, drain, destruction. */
#include "server/net/net.h"

#include <stdlib.h>
#include <string.h>

#include "server/net/net_impl.h"
#include "server/rpc/transport.h"

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    conn_run_turn(arg);
}

void net_schedule_turn(struct net *net)
{
    event_active(net->turn_event, EV_TIMEOUT, 0);
}

static struct net *net_of(struct timerq_node *node, size_t offset)
{
    return (struct net *)(void *)((char *)node - offset);
}

static void on_accept_timer(struct timerq_node *node)
{
    listen_resume(net_of(node, offsetof(struct net, accept_timer)));
}

static void finish_drain(struct net *net)
{
    net->drained = true;
    timerq_clear(net->timers, &net->drain_timer);
    net->drain_done(net->drain_arg);
}

static void on_drain_timer(struct timerq_node *node)
{
    struct net *net = net_of(node, offsetof(struct net, drain_timer));
    struct conn *next;
    if (net->drain_step == DRAIN_NOTICE) {
        net->drain_step = DRAIN_GOAWAY;
        for (struct conn *c = net->conns; c; c = next) {
            next = c->next;
            conn_goaway(c);
        }
        /* Streams without an end would hold the drain up to its limit. */
        rpc_server_end_watches(net->cfg.rpc);
        if (!net->conns && !net->dirty)
            finish_drain(net);
        else if (timerq_set(net->timers, &net->drain_timer, net->drain_until) == 0)
            return;
    }
    for (struct conn *c = net->conns; c; c = next) {
        next = c->next;
        conn_close(c);
    }
}

void net_on_conn_closed(struct net *net)
{
    if (!net->draining) {
        listen_resume(net);
        return;
    }
    /* The dirty list may hold connections that are closed but not yet freed: their handlers have not heard of it. */
    if (!net->conns && !net->dirty && !net->drained)
        finish_drain(net);
}

void net_drain(struct net *net, void (*done)(void *arg), void *arg)
{
    struct conn *next;
    if (net->draining)
        return;
    usec_t now = net->clock->monotonic(net->clock);
    net->draining = true;
    net->drain_done = done;
    net->drain_arg = arg;
    net->drain_until = now + (usec_t)net->cfg.drain_timeout_ms * 1000;
    listen_close_all(net);
    for (struct conn *c = net->conns; c; c = next) {
        next = c->next;
        conn_shutdown_notice(c);
    }
    /* Without connections the timer ends the drain, so that done is never called from here. */
    usec_t at = net->conns ? now + (usec_t)net->cfg.drain_notice_ms * 1000 : now;
    if (timerq_set(net->timers, &net->drain_timer, at)) {
        for (struct conn *c = net->conns; c; c = next) {
            next = c->next;
            conn_close(c);
        }
    }
}

static void or_default(int *v, int fallback)
{
    if (*v <= 0)
        *v = fallback;
}

struct net *net_create(struct event_base *base, const struct net_config *cfg, struct err *e)
{
    struct net *net = calloc(1, sizeof *net);
    if (!net) {
        (void)err_set(e, ERR_NOMEM, "There is not enough memory for the listeners.");
        return NULL;
    }
    net->base = base;
    net->cfg = *cfg;
    if (net->cfg.max_connections == 0)
        net->cfg.max_connections = 20000;
    if (net->cfg.max_streams == 0)
        net->cfg.max_streams = 256;
    or_default(&net->cfg.handshake_timeout_ms, 10000);
    or_default(&net->cfg.header_timeout_ms, 10000);
    or_default(&net->cfg.idle_timeout_ms, 900000);
    or_default(&net->cfg.keepalive_ms, 60000);
    or_default(&net->cfg.write_timeout_ms, 20000);
    or_default(&net->cfg.drain_notice_ms, 200);
    or_default(&net->cfg.drain_timeout_ms, 30000);
    net->clock = rpc_server_clock(cfg->rpc);
    net->timers = rpc_server_timers(cfg->rpc);
    net->accept_timer.fn = on_accept_timer;
    net->drain_timer.fn = on_drain_timer;
    buf_init(&net->tx, NET_TX_MAX);
    buf_init(&net->clear, NET_TX_MAX / 2);
    net->env = net_session_env_create(cfg->rpc, net->cfg.max_streams);
    net->bio = tls_bio_method();
    net->turn_event = event_new(base, -1, 0, on_turn, net);
    if (!net->env || !net->bio || !net->turn_event) {
        (void)err_set(e, ERR_NOMEM, "There is not enough memory for the listeners.");
        net_destroy(net);
        return NULL;
    }
    return net;
}

void net_destroy(struct net *net)
{
    if (!net)
        return;
    struct conn *next;
    /* From here on nothing is told to drain's owner, and no listener comes back. */
    net->draining = net->drained = true;
    listen_close_all(net);
    timerq_clear(net->timers, &net->drain_timer);
    for (struct conn *c = net->conns; c; c = next) {
        next = c->next;
        conn_close(c);
    }
    while (net->dirty)
        conn_run_turn(net);
    if (net->turn_event)
        event_free(net->turn_event);
    net_session_env_destroy(net->env);
    BIO_meth_free(net->bio);
    SSL_CTX_free(net->tls);
    buf_fini(&net->tx);
    buf_fini(&net->clear);
    free(net);
}

void net_get_stats(const struct net *net, struct net_stats *ret)
{
    *ret = net->stats;
}
