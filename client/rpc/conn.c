/* SPDX-License-Identifier: MIT */
#include "client/rpc/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libintl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/dns.h>
#include <event2/util.h>
#include <openssl/err.h>

#include "common/base/buf.h"
#include "common/base/failpoint.h"
#include "common/base/text.h"

#define _(s) gettext(s)

enum {
    OUT_MAX = 256 * 1024,
    READ_CHUNK = 16 * 1024,
    READ_TURNS = 16, /* chunks taken in one turn of the loop, so a fast server does not starve the screen */
    ADDRESSES_MAX = 16,
    QUIET_S = 30, /* silence after which we ask whether the server lives */
    PONG_S = 10,
};

enum conn_state {
    CONN_RESOLVING, /* a lookup is out; bounded by the connect timer, as all until READY */
    CONN_TCP,       /* connect(2) is out on the current address */
    CONN_TLS,       /* handshake */
    CONN_SETTINGS,  /* our preface is out, waiting for the server's first frame */
    CONN_READY,     /* bounded by the keepalive timer */
    CONN_CLOSED,
};

struct address {
    struct sockaddr_storage addr;
    socklen_t len;
};

struct conn {
    struct event_base *base;
    const struct conn_target *target;
    struct tls_trust *trust;
    const struct conn_events *events;
    void *arg;
    enum conn_state state;
    struct evdns_base *dns;
    struct evdns_getaddrinfo_request *lookup;
    struct address addresses[ADDRESSES_MAX];
    int n_addresses;
    int next_address;
    struct err last; /* why the last address failed */
    int fd;
    SSL *ssl;
    struct event *ev_read, *ev_write, *ev_timer, *ev_next;
    struct grpc_client *grpc;
    struct buf out;
    bool read_wants_write; /* TLS: the read can go on once we can write */
    bool ping_out;
    bool heard; /* anything since the timer was set */
    bool leaving;
};

static void start_next_address(struct conn *c);

int conn_target_parse(const char *text, struct conn_target *ret, struct err *e)
{
    memset(ret, 0, sizeof *ret);
    if (!text_copy(ret->text, sizeof ret->text, text) || !*text)
        return err_field(e, ERR_INVALID, "server", _("The server's name is empty or too long."));
    if (strncmp(text, "unix:", 5) == 0) {
        struct sockaddr_un un;
        if (text[5] != '/' || strlen(text + 5) >= sizeof un.sun_path)
            return err_field(e, ERR_INVALID, "server", _("unix: needs an absolute path of at most %zu bytes."),
                             sizeof un.sun_path - 1);
        text_copy(ret->host, sizeof ret->host, text + 5);
        text_copy(ret->authority, sizeof ret->authority, "localhost");
        return 0;
    }
    const char *colon = strrchr(text, ':');
    int64_t port;
    if (!colon || colon == text || text_to_i64(colon + 1, 1, 65535, &port))
        return err_field(e, ERR_INVALID, "server", _("\"%s\" is not of the form host:port or unix:/path."), text);
    size_t len = (size_t)(colon - text);
    const char *host = text;
    if (host[0] == '[' && colon[-1] == ']') {
        host++;
        len -= 2;
    } else if (memchr(text, ':', len)) {
        return err_field(e, ERR_INVALID, "server", _("Write an IPv6 address in brackets: [::1]:443."));
    }
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)host[i] <= ' ' || strchr("/@?#\\[]", host[i]))
            return err_field(e, ERR_INVALID, "server", _("\"%s\" is not of the form host:port or unix:/path."), text);
    snprintf(ret->host, sizeof ret->host, "%.*s", (int)len, host);
    snprintf(ret->port, sizeof ret->port, "%d", (int)port);
    snprintf(ret->authority, sizeof ret->authority, "%s", text);
    return 0;
}

static void set_timer(struct conn *c, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    evtimer_add(c->ev_timer, &tv);
}

static void close_socket(struct conn *c)
{
    if (c->ev_read)
        event_free(c->ev_read);
    if (c->ev_write)
        event_free(c->ev_write);
    c->ev_read = NULL;
    c->ev_write = NULL;
    SSL_free(c->ssl);
    c->ssl = NULL;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

/* Ends the calls with UNAVAILABLE and closes. */
static void conn_fail(struct conn *c, const struct err *why)
{
    if (c->state == CONN_CLOSED)
        return;
    c->state = CONN_CLOSED;
    struct err copy = *why;
    evtimer_del(c->ev_timer);
    close_socket(c);
    grpc_client_close(c->grpc, GRPC_UNAVAILABLE, copy.text);
    c->events->on_closed(c->arg, c, &copy);
}

/* This address did not do; the next may. */
static void address_failed(struct conn *c)
{
    close_socket(c);
    start_next_address(c);
}

/* --- Bytes --- */

/* Writes what there is. Returns false if the connection broke (c->last says why). */
static bool flush_out(struct conn *c)
{
    for (;;) {
        if (buf_len(&c->out) == 0 && grpc_client_has_output(c->grpc) && grpc_client_pull(c->grpc, &c->out, &c->last))
            return false;
        size_t len = buf_len(&c->out);
        if (len == 0)
            return true;
        ssize_t n;
        if (c->ssl) {
            ERR_clear_error();
            n = SSL_write(c->ssl, buf_data(&c->out), (int)len);
            if (n <= 0) {
                int why = SSL_get_error(c->ssl, (int)n);
                if (why == SSL_ERROR_WANT_WRITE)
                    event_add(c->ev_write, NULL);
                if (why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ)
                    return true;
                err_set(&c->last, ERR_UNAVAILABLE, _("The connection to %s broke."), c->target->text);
                return false;
            }
        } else {
            n = send(c->fd, buf_data(&c->out), len, MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                event_add(c->ev_write, NULL);
                return true;
            }
            if (n < 0) {
                err_set(&c->last, ERR_UNAVAILABLE, _("The connection to %s broke (%s)."), c->target->text, strerror(errno));
                return false;
            }
        }
        buf_consume(&c->out, (size_t)n);
        FAILPOINT("channel.sent");
    }
}

/* Reads one chunk: > 0 bytes, 0 nothing now, -1 broken or closed (c->last says why). */
static ssize_t read_chunk(struct conn *c, uint8_t *chunk, size_t size)
{
    if (!c->ssl) {
        ssize_t n;
        do
            n = recv(c->fd, chunk, size, 0);
        while (n < 0 && errno == EINTR);
        if (n > 0)
            return n;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        if (n == 0)
            err_set(&c->last, ERR_UNAVAILABLE, _("%s closed the connection."), c->target->text);
        else
            err_set(&c->last, ERR_UNAVAILABLE, _("The connection to %s broke (%s)."), c->target->text, strerror(errno));
        return -1;
    }
    ERR_clear_error();
    int n = SSL_read(c->ssl, chunk, (int)size);
    if (n > 0)
        return n;
    switch (SSL_get_error(c->ssl, n)) {
    case SSL_ERROR_WANT_READ:
        return 0;
    case SSL_ERROR_WANT_WRITE:
        c->read_wants_write = true;
        event_add(c->ev_write, NULL);
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        err_set(&c->last, ERR_UNAVAILABLE, _("%s closed the connection."), c->target->text);
        return -1;
    default:
        /* TLS 1.3: a server that dislikes us says so only after our handshake is done. */
        if (c->state == CONN_SETTINGS)
            tls_explain(c->ssl, c->target->text, &c->last);
        else
            err_set(&c->last, ERR_UNAVAILABLE, _("The connection to %s broke."), c->target->text);
        ERR_clear_error();
        return -1;
    }
}

static bool fill_in(struct conn *c)
{
    uint8_t chunk[READ_CHUNK];
    for (int i = 0; i < READ_TURNS; i++) {
        ssize_t n = read_chunk(c, chunk, sizeof chunk);
        if (n == 0)
            return true;
        if (n < 0)
            return false;
        c->heard = true;
        if (grpc_client_recv(c->grpc, chunk, (size_t)n, &c->last)) {
            struct err why = c->last;
            if (!flush_out(c)) {
                /* the GOAWAY that explains ourselves could not leave; why it was to go is the news */
            }
            c->last = why;
            return false;
        }
    }
    /* What TLS has already taken off the socket wakes nobody: come back by ourselves. */
    event_active(c->ev_read, EV_READ, 0);
    return true;
}

static void exchange(struct conn *c)
{
    if (!fill_in(c) || !flush_out(c)) {
        struct err why = c->last;
        conn_fail(c, &why);
        return;
    }
    if (c->leaving && grpc_client_is_finished(c->grpc)) {
        struct err why;
        err_set(&why, ERR_UNAVAILABLE, _("%s is going away."), c->target->text);
        conn_fail(c, &why);
    }
}

/* --- Getting there --- */

static void start_session(struct conn *c)
{
    c->state = CONN_SETTINGS;
    event_add(c->ev_read, NULL);
    exchange(c);
}

static void go_on_with_tls(struct conn *c)
{
    ERR_clear_error();
    int n = SSL_do_handshake(c->ssl);
    if (n == 1) {
        const unsigned char *alpn = NULL;
        unsigned len = 0;
        SSL_get0_alpn_selected(c->ssl, &alpn, &len);
        if (len != 2 || memcmp(alpn, "h2", 2) != 0) {
            err_set(&c->last, ERR_UNAVAILABLE, _("%s speaks TLS but not HTTP/2. Is it a wangged?"), c->target->text);
            address_failed(c);
            return;
        }
        start_session(c);
        return;
    }
    switch (SSL_get_error(c->ssl, n)) {
    case SSL_ERROR_WANT_READ:
        event_add(c->ev_read, NULL);
        return;
    case SSL_ERROR_WANT_WRITE:
        event_add(c->ev_write, NULL);
        return;
    default:
        tls_explain(c->ssl, c->target->text, &c->last);
        address_failed(c);
    }
}

static void connected(struct conn *c)
{
    int yes = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* fails harmlessly on a Unix socket */
    if (!c->trust) {
        start_session(c);
        return;
    }
    c->state = CONN_TLS;
    if (tls_session_create(c->trust, c->fd, c->target->host, &c->ssl, &c->last)) {
        address_failed(c);
        return;
    }
    go_on_with_tls(c);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_TLS)
        go_on_with_tls(c);
    else if (c->state == CONN_SETTINGS || c->state == CONN_READY)
        exchange(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_TCP) {
        int errnum = 0;
        socklen_t len = sizeof errnum;
        if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) != 0)
            errnum = errno;
        if (errnum) {
            err_set(&c->last, ERR_UNAVAILABLE, _("Cannot reach %s (%s)."), c->target->text, strerror(errnum));
            address_failed(c);
            return;
        }
        connected(c);
    } else if (c->state == CONN_TLS) {
        go_on_with_tls(c);
    } else if (c->state == CONN_SETTINGS || c->state == CONN_READY) {
        if (c->read_wants_write) {
            c->read_wants_write = false;
            exchange(c);
        } else if (!flush_out(c)) {
            struct err why = c->last;
            conn_fail(c, &why);
        }
    }
}

/* Returns false if the address fails at once; c->last says why. */
static bool try_address(struct conn *c, const struct address *a)
{
    c->fd = socket(a->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int n = c->fd < 0 ? -1 : connect(c->fd, (const struct sockaddr *)(const void *)&a->addr, a->len);
    if (n != 0 && (c->fd < 0 || errno != EINPROGRESS)) {
        err_set(&c->last, ERR_UNAVAILABLE, _("Cannot reach %s (%s)."), c->target->text, strerror(errno));
        return false;
    }
    c->ev_read = event_new(c->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
    c->ev_write = event_new(c->base, c->fd, EV_WRITE, on_writable, c);
    if (!c->ev_read || !c->ev_write) {
        err_set(&c->last, ERR_NOMEM, _("Out of memory."));
        return false;
    }
    c->state = CONN_TCP;
    event_add(c->ev_write, NULL);
    return true;
}

static void start_next_address(struct conn *c)
{
    while (c->next_address < c->n_addresses) {
        if (try_address(c, &c->addresses[c->next_address++]))
            return;
        close_socket(c);
    }
    struct err why = c->last;
    conn_fail(c, &why);
}

/* Not from inside the resolver, nor from inside conn_create: in the next turn of the loop. */
static void on_next(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_RESOLVING)
        start_next_address(c);
}

static void take_addresses(struct conn *c, int result, const struct evutil_addrinfo *found)
{
    for (const struct evutil_addrinfo *a = found; a && c->n_addresses < ADDRESSES_MAX; a = a->ai_next) {
        if (a->ai_addrlen > sizeof c->addresses[0].addr)
            continue;
        memcpy(&c->addresses[c->n_addresses].addr, a->ai_addr, a->ai_addrlen);
        c->addresses[c->n_addresses++].len = (socklen_t)a->ai_addrlen;
    }
    if (c->n_addresses == 0)
        err_set(&c->last, ERR_UNAVAILABLE, _("No address is known for %s (%s)."), c->target->host, evutil_gai_strerror(result));
    event_active(c->ev_next, EV_TIMEOUT, 0);
}

static void on_resolved(int result, struct evutil_addrinfo *found, void *arg)
{
    struct conn *c = arg;
    if (result != EVUTIL_EAI_CANCEL) {
        c->lookup = NULL;
        take_addresses(c, result, found);
    }
    if (found)
        evutil_freeaddrinfo(found);
}

static int look_up_unix(struct conn *c)
{
    struct sockaddr_un *un = (struct sockaddr_un *)(void *)&c->addresses[0].addr;
    un->sun_family = AF_UNIX;
    text_copy(un->sun_path, sizeof un->sun_path, c->target->host);
    c->addresses[0].len = sizeof *un;
    c->n_addresses = 1;
    event_active(c->ev_next, EV_TIMEOUT, 0);
    return 0;
}

static int look_up(struct conn *c, struct err *e)
{
    struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct in6_addr any;
    if (!c->target->port[0])
        return look_up_unix(c);
    if (inet_pton(AF_INET, c->target->host, &any) == 1 || inet_pton(AF_INET6, c->target->host, &any) == 1) {
        struct evutil_addrinfo *found = NULL;
        hints.ai_flags = EVUTIL_AI_NUMERICHOST;
        int result = evutil_getaddrinfo(c->target->host, c->target->port, &hints, &found);
        take_addresses(c, result, found);
        if (found)
            evutil_freeaddrinfo(found);
        return 0;
    }
    c->dns = evdns_base_new(c->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (!c->dns)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    /* Without a usable file there is still /etc/hosts and the resolver of this machine. */
    (void)evdns_base_resolv_conf_parse(c->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    c->lookup = evdns_getaddrinfo(c->dns, c->target->host, c->target->port, &hints, on_resolved, c);
    return 0;
}

/* While connecting this bounds everything; afterwards silence is asked about, and anything heard counts as an answer. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    struct err why;
    if (c->state == CONN_CLOSED)
        return;
    if (c->state != CONN_READY) {
        err_set(&why, ERR_UNAVAILABLE, _("%s did not answer in time."), c->target->text);
        conn_fail(c, &why);
        return;
    }
    if (!c->heard && c->ping_out) {
        err_set(&why, ERR_UNAVAILABLE, _("%s does not answer any more."), c->target->text);
        conn_fail(c, &why);
        return;
    }
    c->ping_out = !c->heard && grpc_client_ping(c->grpc) == 0;
    c->heard = false;
    set_timer(c, (c->ping_out ? PONG_S : QUIET_S) * 1000);
    if (!flush_out(c)) {
        why = c->last;
        conn_fail(c, &why);
    }
}

/* --- What the gRPC session tells --- */

static void on_session_ready(void *arg)
{
    struct conn *c = arg;
    if (c->state != CONN_SETTINGS)
        return;
    c->state = CONN_READY;
    set_timer(c, QUIET_S * 1000);
    c->events->on_ready(c->arg, c);
}

static void on_session_goaway(void *arg, uint32_t error_code, const char *debug)
{
    struct conn *c = arg;
    if (c->leaving)
        return;
    c->leaving = true;
    c->events->on_leaving(c->arg, c);
}

static void on_session_output(void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_SETTINGS || c->state == CONN_READY)
        event_add(c->ev_write, NULL);
}

static const struct grpc_client_events session_events = {
    .on_ready = on_session_ready,
    .on_goaway = on_session_goaway,
    .on_output = on_session_output,
};

struct conn *conn_create(struct event_base *base, const struct conn_target *target, struct tls_trust *trust,
                         int connect_timeout_ms, const struct conn_events *events, void *arg, struct err *e)
{
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_NOMEM, _("Out of memory."));
        return NULL;
    }
    c->base = base;
    c->target = target;
    c->trust = trust;
    c->events = events;
    c->arg = arg;
    c->fd = -1;
    c->state = CONN_RESOLVING;
    buf_init(&c->out, OUT_MAX);
    c->ev_timer = evtimer_new(base, on_timer, c);
    c->ev_next = evtimer_new(base, on_next, c);
    c->grpc = grpc_client_create(&session_events, c, CONN_MESSAGE_MAX, e);
    if (!c->ev_timer || !c->ev_next || !c->grpc) {
        err_set(e, ERR_NOMEM, _("Out of memory."));
        conn_destroy(c);
        return NULL;
    }
    set_timer(c, connect_timeout_ms);
    if (look_up(c, e)) {
        conn_destroy(c);
        return NULL;
    }
    return c;
}

void conn_destroy(struct conn *c)
{
    if (!c)
        return;
    c->state = CONN_CLOSED;
    if (c->lookup)
        evdns_getaddrinfo_cancel(c->lookup);
    if (c->dns)
        evdns_base_free(c->dns, 0);
    close_socket(c);
    if (c->ev_timer)
        event_free(c->ev_timer);
    if (c->ev_next)
        event_free(c->ev_next);
    grpc_client_destroy(c->grpc);
    buf_fini(&c->out);
    free(c);
}

struct grpc_client *conn_client(struct conn *c)
{
    return c->grpc;
}

bool conn_usable(const struct conn *c)
{
    return c->state == CONN_READY && !c->leaving && grpc_client_is_usable(c->grpc);
}
