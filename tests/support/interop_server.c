/* SPDX-License-Identifier: MIT */
/*
 * A server of grpc.testing.TestService on free loopback ports: interop_server [CERT KEY]
 * Prints "plain PORT" and, with a certificate, "tls PORT"; drains and ends at the end of its standard input or on SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <event2/event.h>

#include "common/base/log.h"
#include "server/net/net.h"
#include "tests/support/grpc_testing.h"

struct state {
    struct event_base *base;
    struct net *net;
};

static void on_drained(void *arg)
{
    struct state *st = arg;
    (void)event_base_loopbreak(st->base);
}

static void on_stdin(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct state *st = arg;
    char c[64];
    if (read(fd, c, sizeof c) <= 0)
        net_drain(st->net, on_drained, st);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct state *st = arg;
    net_drain(st->net, on_drained, st);
}

static int run(int argc, char **argv, struct state *st, struct rpc_server **ret_rpc, struct err *e)
{
    size_t n;
    uint16_t port;
    const struct rpc_method *methods = grpc_testing_methods(&n);
    const struct rpc_server_config rpc_cfg = {
        .clock = clock_system(),
        .methods = methods,
        .n_methods = n,
        .descriptor_set = grpc_testing_protoset,
        .descriptor_set_len = grpc_testing_protoset_len,
    };
    *ret_rpc = rpc_server_create(st->base, &rpc_cfg, e);
    if (!*ret_rpc)
        return e->code;
    rpc_health_set_all(*ret_rpc, true);
    const struct net_config net_cfg = {.rpc = *ret_rpc, .drain_timeout_ms = 2000};
    st->net = net_create(st->base, &net_cfg, e);
    if (!st->net)
        return e->code;
    int rc = net_listen_tcp(st->net, "127.0.0.1", 0, 0, &port, e);
    if (rc)
        return rc;
    printf("plain %u\n", port);
    if (argc == 3) {
        rc = net_set_tls(st->net, argv[1], argv[2], NULL, false, e);
        if (!rc)
            rc = net_listen_tcp(st->net, "127.0.0.1", 0, NET_TLS, &port, e);
        if (rc)
            return rc;
        printf("tls %u\n", port);
    }
    (void)fflush(stdout);
    return event_base_dispatch(st->base) < 0 ? ERR_IO : 0;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct state st = {.base = event_base_new()};
    struct rpc_server *rpc = NULL;
    (void)signal(SIGPIPE, SIG_IGN);
    struct event *in = event_new(st.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_stdin, &st);
    struct event *term = evsignal_new(st.base, SIGTERM, on_term, &st);
    (void)event_add(in, NULL);
    (void)event_add(term, NULL);
    int rc = run(argc, argv, &st, &rpc, &e);
    if (rc)
        (void)fprintf(stderr, "interop_server: %s (%s)\n", e.text, e.detail);
    net_destroy(st.net);
    rpc_server_destroy(rpc);
    event_free(in);
    event_free(term);
    event_base_free(st.base);
    return rc ? 1 : 0;
}
