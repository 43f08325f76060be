/* SPDX-License-Identifier: MIT */
/*
 * One connection on the event loop: recv into a shared buffer, TLS, the session, send from a shared buffer. What the socket
 * does not take is kept in conn->out, and nothing more is made until that has left.
 *
 * Nothing is freed inside a callback: a closed connection is DEAD until the end of the loop turn.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>

#include "common/base/log.h"
#include "server/net/net_impl.h"

static usec_t now_of(const struct net *net)
{
    return net->clock->monotonic(net->clock);
}

static usec_t ms(int n)
{
    return (usec_t)n * 1000;
}

static void make_dirty(struct conn *c)
{
    if (c->dirty)
        return;
    c->dirty = true;
    c->next_dirty = c->net->dirty;
    c->net->dirty = c;
    net_schedule_turn(c->net);
}

/* An answer was made outside of this connection's own events: sent with all others of this loop turn. */
static void on_output(void *arg)
{
    struct conn *c = arg;
    if (!c->busy && c->state != CONN_DEAD)
        make_dirty(c);
}

static void count_bad(struct conn *c)
{
    if (!c->counted_bad) {
        c->counted_bad = true;
        c->net->stats.refused++;
    }
}

/* --- timers ------------------------------------------------------------------------------------------------------------ */

static usec_t earlier(usec_t a, usec_t b)
{
    return a < b ? a : b;
}

/* When somebody has to look at this connection next, if nothing happens before. */
static usec_t next_look(const struct conn *c)
{
    const struct net_config *cfg = &c->net->cfg;
    usec_t at;
    if (c->state == CONN_HANDSHAKE)
        return c->created_at + ms(cfg->handshake_timeout_ms);
    if (c->state == CONN_LINGER)
        return c->last_active_at + ms(NET_LINGER_MS);
    if (net_session_open_streams(c->session) > 0)
        at = c->last_recv_at + ms(cfg->keepalive_ms);
    else
        at = c->last_active_at + ms(cfg->idle_timeout_ms);
    if (c->ping_at != USEC_NONE)
        at = c->ping_at + ms(cfg->write_timeout_ms);
    if (c->headers_since != USEC_NONE)
        at = earlier(at, c->headers_since + ms(cfg->header_timeout_ms));
    if (c->blocked)
        at = earlier(at, c->blocked_since + ms(cfg->write_timeout_ms));
    return at;
}

static void look_at(struct conn *c, usec_t at)
{
    if (timerq_set(c->net->timers, &c->timer, at))
        conn_close(c);
}

/* For what began just now and ends sooner than the timer that is set. Activity alone never touches the timer. */
static void look_sooner(struct conn *c)
{
    usec_t at = next_look(c);
    if (!timerq_is_set(&c->timer) || at < c->timer._at)
        look_at(c, at);
}

static void flush(struct conn *c);

/* Something took too long: ends the connection, with a word if the peer might read it. */
static void on_timer(struct timerq_node *node)
{
    struct conn *c = (struct conn *)(void *)((char *)node - offsetof(struct conn, timer));
    const struct net_config *cfg = &c->net->cfg;
    usec_t now = now_of(c->net);
    if (now < next_look(c)) {
        look_at(c, next_look(c));
        return;
    }
    if (c->state != CONN_OPEN || c->blocked || c->ping_at != USEC_NONE) {
        if (c->state != CONN_LINGER)
            count_bad(c);
        conn_close(c);
        return;
    }
    if (c->headers_since != USEC_NONE && now - c->headers_since >= ms(cfg->header_timeout_ms)) {
        count_bad(c);
        net_session_terminate(c->session, NGHTTP2_ENHANCE_YOUR_CALM);
    } else if (net_session_open_streams(c->session) > 0) {
        c->ping_at = now;
        net_session_ping(c->session);
    } else {
        net_session_terminate(c->session, NGHTTP2_NO_ERROR);
    }
    flush(c);
    if (c->state != CONN_DEAD && !timerq_is_set(&c->timer))
        look_at(c, next_look(c));
}

/* --- the end ----------------------------------------------------------------------------------------------------------- */

void conn_close(struct conn *c)
{
    if (c->state == CONN_DEAD)
        return;
    struct net *net = c->net;
    c->state = CONN_DEAD;
    timerq_clear(net->timers, &c->timer);
    (void)event_del(&c->read_event);
    (void)event_del(&c->write_event);
    close(c->fd);
    c->fd = -1;
    if (c->prev)
        c->prev->next = c->next;
    else
        net->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    net->stats.connections--;
    if (c->ssl)
        net->stats.tls_connections--;
    make_dirty(c);
}

static void conn_free(struct conn *c)
{
    /* Handlers hear of the loss here, outside of every callback. */
    net_session_destroy(c->session);
    SSL_free(c->ssl);
    buf_fini(&c->out);
    free(c);
}

/* Everything was said: lets the peer read it before the socket goes, because closing with unread input resets. */
static void linger(struct conn *c)
{
    if (net_session_was_bad(c->session))
        count_bad(c);
    if (c->ssl) {
        ERR_clear_error();
        (void)SSL_shutdown(c->ssl);
        ssize_t n = buf_len(&c->net->tx) ? send(c->fd, buf_data(&c->net->tx), buf_len(&c->net->tx), MSG_NOSIGNAL) : 0;
        (void)n; /* a close_notify that does not fit is not worth waiting for */
        buf_clear(&c->net->tx);
    }
    c->state = CONN_LINGER;
    c->last_active_at = now_of(c->net);
    if (shutdown(c->fd, SHUT_WR))
        conn_close(c);
    else
        look_at(c, next_look(c));
}

/* --- sending ----------------------------------------------------------------------------------------------------------- */

/* Sends net->tx; keeps the rest in conn->out. False if the connection is dead. */
static bool send_tx(struct conn *c)
{
    struct net *net = c->net;
    size_t len = buf_len(&net->tx), sent = 0;
    if (len == 0)
        return true;
    if (!c->blocked) {
        ssize_t n;
        do
            n = send(c->fd, buf_data(&net->tx), len, MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            buf_clear(&net->tx);
            conn_close(c);
            return false;
        }
        sent = n > 0 ? (size_t)n : 0;
        net->stats.bytes_out += sent;
    }
    int rc = sent < len ? buf_append(&c->out, buf_data(&net->tx) + sent, len - sent) : 0;
    buf_clear(&net->tx);
    if (rc) {
        count_bad(c);
        conn_close(c);
        return false;
    }
    if (sent < len && !c->blocked) {
        c->blocked = true;
        c->blocked_since = now_of(net);
        if (event_add(&c->write_event, NULL)) {
            conn_close(c);
            return false;
        }
        look_sooner(c);
    }
    return c->state != CONN_DEAD;
}

/* Encrypts net->clear into net->tx. */
static int encrypt(struct conn *c)
{
    struct net *net = c->net;
    while (buf_len(&net->clear) > 0) {
        size_t n = 0;
        ERR_clear_error();
        if (SSL_write_ex(c->ssl, buf_data(&net->clear), buf_len(&net->clear), &n) != 1)
            return ERR_IO;
        buf_consume(&net->clear, n);
    }
    return 0;
}

/* Sends what the session has, until it has no more or the socket is full. May close the connection. */
static void flush(struct conn *c)
{
    struct net *net = c->net;
    if (c->busy || c->state == CONN_DEAD || c->state == CONN_LINGER || !send_tx(c) || !c->session)
        return;
    c->busy = true;
    while (!c->blocked && net_session_wants_output(c->session)) {
        struct buf *to = c->ssl ? &net->clear : &net->tx;
        int rc = net_session_send(c->session, to, NET_TX_SIZE);
        if (rc == 0 && c->ssl)
            rc = encrypt(c);
        if (rc) {
            buf_clear(&net->clear);
            buf_clear(&net->tx);
            conn_close(c);
            break;
        }
        if (buf_len(&net->tx) == 0)
            break; /* all that is left waits for window */
        if (!send_tx(c))
            break;
    }
    c->busy = false;
    if (c->state != CONN_DEAD && !c->blocked && net_session_is_over(c->session))
        linger(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *c = arg;
    ssize_t n = send(fd, buf_data(&c->out), buf_len(&c->out), MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            conn_close(c);
        return;
    }
    c->net->stats.bytes_out += (size_t)n;
    c->blocked_since = c->last_active_at = now_of(c->net);
    buf_consume(&c->out, (size_t)n);
    if (buf_len(&c->out) > 0)
        return;
    buf_fini(&c->out);
    c->blocked = false;
    (void)event_del(&c->write_event);
    flush(c);
}

/* --- receiving --------------------------------------------------------------------------------------------------------- */

static int session_begin(struct conn *c)
{
    c->session = net_session_create(c->net->env, c->peer, on_output, c);
    return c->session ? 0 : ERR_NOMEM;
}

/* Feeds one recv through TLS. */
static int receive_tls(struct conn *c)
{
    struct net *net = c->net;
    ERR_clear_error();
    if (!SSL_is_init_finished(c->ssl)) {
        int rc = SSL_do_handshake(c->ssl);
        if (rc != 1)
            return SSL_get_error(c->ssl, rc) == SSL_ERROR_WANT_READ ? 0 : ERR_PROTOCOL;
        const unsigned char *alpn;
        unsigned alpn_len;
        SSL_get0_alpn_selected(c->ssl, &alpn, &alpn_len);
        if (alpn_len != 2 || session_begin(c))
            return ERR_PROTOCOL;
        uint8_t key[32];
        if (tls_peer_key(c->ssl, key))
            net_session_set_peer_key(c->session, key);
    }
    for (;;) {
        size_t n = 0;
        ERR_clear_error();
        if (SSL_read_ex(c->ssl, net->plain, sizeof net->plain, &n) != 1)
            break;
        int rc = net_session_recv(c->session, net->plain, n);
        if (rc)
            return rc;
    }
    switch (SSL_get_error(c->ssl, 0)) {
    case SSL_ERROR_WANT_READ:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        return ERR_CANCELLED; /* the peer said goodbye */
    default:
        return ERR_PROTOCOL;
    }
}

static int receive(struct conn *c, size_t n)
{
    if (!c->ssl)
        return net_session_recv(c->session, c->net->rx, n);
    c->rx = c->net->rx;
    c->rx_len = n;
    int rc = receive_tls(c);
    c->rx = NULL;
    c->rx_len = 0;
    return rc;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *c = arg;
    struct net *net = c->net;
    ssize_t n = recv(fd, net->rx, sizeof net->rx, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n <= 0) {
        conn_close(c);
        return;
    }
    net->stats.bytes_in += (size_t)n;
    if (c->state == CONN_LINGER)
        return;
    c->last_recv_at = c->last_active_at = now_of(net);
    c->ping_at = USEC_NONE;
    c->busy = true;
    int rc = receive(c, (size_t)n);
    c->busy = false;
    if (rc) {
        if (rc != ERR_CANCELLED)
            count_bad(c);
        /* A TLS alert may wait to be sent. */
        if (send_tx(c))
            conn_close(c);
        return;
    }
    flush(c);
    if (c->state == CONN_DEAD || c->state == CONN_LINGER || !c->session)
        return;
    if (c->state == CONN_HANDSHAKE && net_session_is_open(c->session)) {
        c->state = CONN_OPEN;
        look_at(c, next_look(c));
        if (net->draining)
            net_session_shutdown_notice(c->session);
    }
    if (c->state != CONN_OPEN)
        return;
    bool in_headers = net_session_is_in_headers(c->session);
    if (in_headers && c->headers_since == USEC_NONE) {
        c->headers_since = c->last_recv_at;
        look_sooner(c);
    } else if (!in_headers) {
        c->headers_since = USEC_NONE;
    }
    /* A connection that was idle had a long timer; one with calls is looked at sooner. */
    if (net_session_open_streams(c->session) > 0 && c->timer._at - c->last_recv_at > ms(net->cfg.keepalive_ms))
        look_sooner(c);
}

/* --- beginning --------------------------------------------------------------------------------------------------------- */

void conn_accept(struct net *net, int fd, const struct listener *l, const char *peer)
{
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->net = net;
    c->fd = fd;
    c->timer.fn = on_timer;
    c->headers_since = c->ping_at = USEC_NONE;
    c->created_at = c->last_recv_at = c->last_active_at = now_of(net);
    buf_init(&c->out, NET_OUT_MAX);
    memcpy(c->peer, peer, strnlen(peer, sizeof c->peer - 1));
    bool ok = event_assign(&c->read_event, net->base, fd, EV_READ | EV_PERSIST, on_readable, c) == 0 &&
              event_assign(&c->write_event, net->base, fd, EV_WRITE | EV_PERSIST, on_writable, c) == 0;
    if (ok && (l->flags & NET_TLS)) {
        c->ssl = tls_create(net, c);
        ok = c->ssl != NULL;
    } else if (ok) {
        ok = session_begin(c) == 0;
    }
    if (!ok || timerq_set(net->timers, &c->timer, next_look(c)) || event_add(&c->read_event, NULL)) {
        timerq_clear(net->timers, &c->timer);
        close(fd);
        conn_free(c);
        return;
    }
    c->next = net->conns;
    if (c->next)
        c->next->prev = c;
    net->conns = c;
    net->stats.accepted++;
    net->stats.connections++;
    if (c->ssl)
        net->stats.tls_connections++;
    /* The server's SETTINGS go at once: a client may wait for them. */
    if (c->session)
        flush(c);
}

void conn_shutdown_notice(struct conn *c)
{
    if (c->state == CONN_OPEN) {
        net_session_shutdown_notice(c->session);
        flush(c);
    }
}

void conn_goaway(struct conn *c)
{
    if (c->state == CONN_HANDSHAKE) {
        conn_close(c);
    } else if (c->state == CONN_OPEN) {
        net_session_goaway(c->session);
        flush(c);
    }
}

void conn_run_turn(struct net *net)
{
    struct conn *list = net->dirty;
    bool closed = false;
    net->dirty = NULL;
    while (list) {
        struct conn *c = list;
        list = c->next_dirty;
        c->dirty = false;
        if (c->state == CONN_DEAD) {
            conn_free(c);
            closed = true;
        } else {
            flush(c);
        }
    }
    if (closed)
        net_on_conn_closed(net);
}
