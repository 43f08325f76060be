/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets. When the process is out of descriptors accept() fails at once for ever, so all listeners are paused for
 * 100 ms instead of spinning; the same pause, without the timer, holds at max_connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "server/net/net_impl.h"

enum { ACCEPT_PAUSE_MS = 100, ACCEPTS_PER_TURN = 32, BACKLOG = 1024 };

union address {
    struct sockaddr sa;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
};

static void format_peer(const union address *a, char out[64])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (a->sa.sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &a->in4.sin_addr, host, sizeof host);
        (void)snprintf(out, 64, "%s:%u", host, ntohs(a->in4.sin_port));
    } else if (a->sa.sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof host);
        (void)snprintf(out, 64, "[%s]:%u", host, ntohs(a->in6.sin6_port));
    } else {
        (void)snprintf(out, 64, "unix");
    }
}

static bool is_loopback(const union address *a)
{
    if (a->sa.sa_family == AF_INET)
        return ntohl(a->in4.sin_addr.s_addr) >> 24 == 127;
    return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

void listen_pause(struct net *net)
{
    net->accept_paused = true;
    for (size_t i = 0; i < net->n_listeners; i++)
        (void)event_del(net->listeners[i].event);
}

void listen_resume(struct net *net)
{
    if (!net->accept_paused || net->draining || net->stats.connections >= net->cfg.max_connections)
        return;
    net->accept_paused = false;
    timerq_clear(net->timers, &net->accept_timer);
    for (size_t i = 0; i < net->n_listeners; i++)
        (void)event_add(net->listeners[i].event, NULL);
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct listener *l = arg;
    struct net *net = l->net;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        union address addr;
        socklen_t len = sizeof addr;
        if (net->stats.connections >= net->cfg.max_connections) {
            listen_pause(net);
            return;
        }
        int conn_fd = accept4(fd, &addr.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (conn_fd < 0) {
            int err = errno;
            if (err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM) {
                net->stats.accept_pauses++;
                log_event(LOG_WARN, "net.accept_paused", LOG_S("why", strerror(err)),
                          LOG_I("connections", net->stats.connections), LOG_END);
                usec_t at = net->clock->monotonic(net->clock) + (usec_t)ACCEPT_PAUSE_MS * 1000;
                if (timerq_set(net->timers, &net->accept_timer, at) == 0)
                    listen_pause(net);
            }
            return;
        }
        char peer[64];
        int one = 1;
        format_peer(&addr, peer);
        if (!l->is_unix)
            (void)setsockopt(conn_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        conn_accept(net, conn_fd, l, peer);
    }
}

/* Takes fd and path, also on error. */
static int add_listener(struct net *net, int fd, unsigned flags, bool is_unix, char *path, struct err *e)
{
    struct listener *l = &net->listeners[net->n_listeners];
    *l = (struct listener){.net = net, .fd = fd, .flags = flags, .is_unix = is_unix, .path = path};
    l->event = event_new(net->base, fd, EV_READ | EV_PERSIST, on_acceptable, l);
    if (!l->event || (!net->accept_paused && event_add(l->event, NULL))) {
        if (l->event)
            event_free(l->event);
        close(fd);
        free(path);
        return err_set(e, ERR_NOMEM, "There is not enough memory to listen.");
    }
    net->n_listeners++;
    return 0;
}

static int check_room(struct net *net, unsigned flags, struct err *e)
{
    if (net->n_listeners == NET_MAX_LISTENERS)
        return err_set(e, ERR_EXHAUSTED, "There are too many listening addresses.");
    if ((flags & NET_TLS) && !net->tls)
        return err_set(e, ERR_INVALID, "TLS needs a certificate and a key.");
    return 0;
}

static int check_cleartext(const struct net *net, const union address *addr, unsigned flags, struct err *e)
{
    if ((flags & NET_TLS) || net->cfg.allow_cleartext || is_loopback(addr))
        return 0;
    return err_set(e, ERR_DENIED,
                   "Without TLS only loopback addresses and Unix sockets are served; give a certificate, or "
                   "allow clear text in the configuration.");
}

static int parse_host(const char *host, uint16_t port, union address *ret, socklen_t *ret_len, struct err *e)
{
    memset(ret, 0, sizeof *ret);
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &ret->in4.sin_addr) == 1) {
        ret->in4.sin_family = AF_INET;
        ret->in4.sin_port = htons(port);
        *ret_len = sizeof ret->in4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &ret->in6.sin6_addr) == 1) {
        ret->in6.sin6_family = AF_INET6;
        ret->in6.sin6_port = htons(port);
        *ret_len = sizeof ret->in6;
        return 0;
    }
    return err_set(e, ERR_INVALID, "%s is not a numeric IPv4 or IPv6 address.", host);
}

int net_listen_tcp(struct net *net, const char *host, uint16_t port, unsigned flags, uint16_t *ret_port, struct err *e)
{
    union address addr;
    socklen_t len = 0;
    int one = 1;
    int rc = check_room(net, flags, e);
    if (!rc)
        rc = parse_host(host, port, &addr, &len, e);
    if (!rc)
        rc = check_cleartext(net, &addr, flags, e);
    if (rc)
        return rc;
    int fd = socket(addr.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(e, errno, "A socket could not be made.");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (addr.sa.sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (((flags & NET_REUSEPORT) && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one)) || bind(fd, &addr.sa, len) ||
        listen(fd, BACKLOG) || getsockname(fd, &addr.sa, &len)) {
        rc = err_errno(e, errno, "Cannot listen on %s port %u.", host, port);
        close(fd);
        return rc;
    }
    if (ret_port)
        *ret_port = ntohs(addr.sa.sa_family == AF_INET ? addr.in4.sin_port : addr.in6.sin6_port);
    return add_listener(net, fd, flags, false, NULL, e);
}

/* True if somebody accepts on the socket file. */
static bool is_live(const union address *addr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool live = connect(fd, &addr->sa, sizeof addr->un) == 0 || errno == EAGAIN;
    close(fd);
    return live;
}

int net_listen_unix(struct net *net, const char *path, unsigned mode, struct err *e)
{
    union address addr = {.un.sun_family = AF_UNIX};
    struct stat st;
    int rc = check_room(net, 0, e);
    if (rc)
        return rc;
    if (strlen(path) >= sizeof addr.un.sun_path)
        return err_set(e, ERR_INVALID, "The socket's path is longer than %zu bytes: %s", sizeof addr.un.sun_path - 1, path);
    memcpy(addr.un.sun_path, path, strlen(path) + 1);
    if (lstat(path, &st) == 0) {
        if (!S_ISSOCK(st.st_mode))
            return err_set(e, ERR_EXISTS, "%s exists and is not a socket.", path);
        if (is_live(&addr))
            return err_set(e, ERR_EXISTS, "Another server answers on %s.", path);
        (void)unlink(path);
    }
    char *copy = strdup(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (!copy || fd < 0 || bind(fd, &addr.sa, sizeof addr.un) || chmod(path, (mode_t)mode) || listen(fd, BACKLOG)) {
        rc = err_errno(e, errno, "Cannot listen on %s.", path);
        free(copy);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    return add_listener(net, fd, 0, true, copy, e);
}

int net_listen_fd(struct net *net, int fd, unsigned flags, struct err *e)
{
    union address addr;
    socklen_t len = sizeof addr;
    int rc = check_room(net, flags, e);
    if (!rc && getsockname(fd, &addr.sa, &len))
        rc = err_errno(e, errno, "The socket that was passed cannot be used.");
    bool is_unix = !rc && addr.sa.sa_family == AF_UNIX;
    if (!rc && !is_unix)
        rc = check_cleartext(net, &addr, flags, e);
    if (!rc && evutil_make_socket_nonblocking(fd))
        rc = err_errno(e, errno, "The socket that was passed cannot be used.");
    if (rc) {
        close(fd);
        return rc;
    }
    return add_listener(net, fd, flags, is_unix, NULL, e);
}

void listen_close_all(struct net *net)
{
    timerq_clear(net->timers, &net->accept_timer);
    for (size_t i = 0; i < net->n_listeners; i++) {
        struct listener *l = &net->listeners[i];
        event_free(l->event);
        close(l->fd);
        if (l->path)
            (void)unlink(l->path);
        free(l->path);
    }
    net->n_listeners = 0;
}
