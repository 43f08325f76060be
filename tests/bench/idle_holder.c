/* SPDX-License-Identifier: MIT */
/*
 * Holds idle gRPC clients: idle_holder PORT COUNT opens COUNT TLS connections to 127.0.0.1, makes one UnaryCall of
 * grpc.testing.TestService on each, prints "held COUNT", and then only answers PING and SETTINGS until its standard input
 * ends. Run by bench_idle.py; says "lost N" at the end if the server closed any. One thread; handshakes are made one by one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum {
    FRAME_DATA = 0,
    FRAME_HEADERS = 1,
    FRAME_RST_STREAM = 3,
    FRAME_SETTINGS = 4,
    FRAME_PING = 6,
    FRAME_GOAWAY = 7,
    FLAG_ACK = 1,
    FLAG_END_STREAM = 1,
    FLAG_END_HEADERS = 4,
    HEAD_LEN = 9,
    /* One source address has 28,000 ports; a few of them leave room for connections still in TIME_WAIT. */
    SOURCES = 8,
};

struct client {
    int fd;
    SSL *ssl;
    unsigned char head[HEAD_LEN + 8]; /* frame header, and of a PING its payload */
    size_t have;                      /* bytes of head */
    size_t skip;                      /* payload bytes still to be thrown away */
    bool answered;                    /* the call's last frame has come */
    bool lost;
};

static void put_frame_head(unsigned char *p, size_t len, int type, int flags, uint32_t stream)
{
    p[0] = (unsigned char)(len >> 16);
    p[1] = (unsigned char)(len >> 8);
    p[2] = (unsigned char)len;
    p[3] = (unsigned char)type;
    p[4] = (unsigned char)flags;
    p[5] = (unsigned char)(stream >> 24);
    p[6] = (unsigned char)(stream >> 16);
    p[7] = (unsigned char)(stream >> 8);
    p[8] = (unsigned char)stream;
}

/* A header field as HPACK literal without indexing; name_index of the static table, or 0 with a name. */
static size_t put_field(unsigned char *p, unsigned name_index, const char *name, const char *value)
{
    size_t n = 0;
    if (name_index >= 15) {
        p[n++] = 15;
        p[n++] = (unsigned char)(name_index - 15);
    } else {
        p[n++] = (unsigned char)name_index;
    }
    if (name_index == 0) {
        p[n++] = (unsigned char)strlen(name);
        memcpy(p + n, name, strlen(name));
        n += strlen(name);
    }
    p[n++] = (unsigned char)strlen(value);
    memcpy(p + n, value, strlen(value));
    return n + strlen(value);
}

/* Preface, SETTINGS and one whole call, as a client would send them in its first flight. */
static size_t put_first_flight(unsigned char *p)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    size_t n = sizeof preface - 1;
    memcpy(p, preface, n);
    put_frame_head(p + n, 0, FRAME_SETTINGS, 0, 0);
    n += HEAD_LEN;

    unsigned char *head = p + n;
    n += HEAD_LEN;
    size_t start = n;
    p[n++] = 0x83; /* :method POST */
    p[n++] = 0x87; /* :scheme https */
    n += put_field(p + n, 4, NULL, "/grpc.testing.TestService/UnaryCall");
    n += put_field(p + n, 1, NULL, "localhost");
    n += put_field(p + n, 31, NULL, "application/grpc");
    n += put_field(p + n, 0, "te", "trailers");
    put_frame_head(head, n - start, FRAME_HEADERS, FLAG_END_HEADERS, 1);

    static const unsigned char body[] = {0, 0, 0, 0, 2, 0x10, 64}; /* SimpleRequest { response_size: 64 } */
    put_frame_head(p + n, sizeof body, FRAME_DATA, FLAG_END_STREAM, 1);
    memcpy(p + n + HEAD_LEN, body, sizeof body);
    return n + HEAD_LEN + sizeof body;
}

static void send_all(struct client *c, const unsigned char *p, size_t len)
{
    if (SSL_write(c->ssl, p, (int)len) != (int)len) {
        c->lost = true;
    }
}

static void on_frame(struct client *c)
{
    int type = c->head[3], flags = c->head[4];
    uint32_t stream = (uint32_t)c->head[5] << 24 | (uint32_t)c->head[6] << 16 | (uint32_t)c->head[7] << 8 | c->head[8];
    if (type == FRAME_SETTINGS && !(flags & FLAG_ACK)) {
        unsigned char ack[HEAD_LEN];
        put_frame_head(ack, 0, FRAME_SETTINGS, FLAG_ACK, 0);
        send_all(c, ack, sizeof ack);
    } else if (type == FRAME_PING && !(flags & FLAG_ACK)) {
        unsigned char ack[HEAD_LEN + 8];
        put_frame_head(ack, 8, FRAME_PING, FLAG_ACK, 0);
        memcpy(ack + HEAD_LEN, c->head + HEAD_LEN, 8);
        send_all(c, ack, sizeof ack);
    } else if (type == FRAME_HEADERS && stream == 1 && (flags & FLAG_END_STREAM)) {
        c->answered = true;
    } else if (type == FRAME_GOAWAY || type == FRAME_RST_STREAM) {
        c->lost = true;
    }
}

/* Feeds received bytes to the frame reader, which remembers nothing of a payload but a PING's. */
static void take(struct client *c, const unsigned char *p, size_t len)
{
    while (len > 0) {
        if (c->skip > 0) {
            size_t n = len < c->skip ? len : c->skip;
            c->skip -= n;
            p += n;
            len -= n;
            continue;
        }
        c->head[c->have++] = *p++;
        len--;
        if (c->have < HEAD_LEN) {
            continue;
        }
        size_t payload = (size_t)c->head[0] << 16 | (size_t)c->head[1] << 8 | c->head[2];
        bool ping = c->head[3] == FRAME_PING && payload == 8;
        if (ping && c->have < sizeof c->head) {
            continue;
        }
        on_frame(c);
        c->have = 0;
        c->skip = ping ? 0 : payload;
    }
}

/* Reads what there is; returns false once the connection is of no more use. */
static bool receive(struct client *c)
{
    unsigned char buf[4096];
    int n = SSL_read(c->ssl, buf, sizeof buf);
    if (n > 0) {
        take(c, buf, (size_t)n);
    } else if (SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ) {
        c->lost = true;
    }
    return !c->lost;
}

static bool open_client(struct client *c, SSL_CTX *ctx, int port, unsigned number, const unsigned char *flight,
                        size_t flight_len)
{
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number % SOURCES);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || setsockopt(c->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) < 0 ||
        bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0) {
        fprintf(stderr, "client %u: %s\n", number, strerror(errno));
        return false;
    }
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_tlsext_host_name(c->ssl, "localhost");
    if (SSL_connect(c->ssl) != 1) {
        ERR_print_errors_fp(stderr);
        return false;
    }
    send_all(c, flight, flight_len);
    while (!c->answered) {
        if (!receive(c)) {
            fprintf(stderr, "client %u: the server ended the connection before it answered\n", number);
            return false;
        }
    }
    return true;
}

/* Answers the servers' questions until standard input ends; returns how many connections were lost. */
static int hold(struct client *clients, int count)
{
    int ep = epoll_create1(EPOLL_CLOEXEC), lost = 0;
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(ep, EPOLL_CTL_ADD, STDIN_FILENO, &ev);
    for (int i = 0; i < count; i++) {
        ev.data.ptr = &clients[i];
        epoll_ctl(ep, EPOLL_CTL_ADD, clients[i].fd, &ev);
    }
    for (;;) {
        struct epoll_event got[64];
        int n = epoll_wait(ep, got, 64, -1);
        for (int i = 0; i < n; i++) {
            struct client *c = got[i].data.ptr;
            if (!c) {
                close(ep);
                return lost;
            }
            bool alive;
            do {
                alive = receive(c);
            } while (alive && SSL_pending(c->ssl) > 0); /* what the library has already read wakes no poll */
            if (!alive) {
                lost++;
                epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
            }
        }
    }
}

int main(int argc, char **argv)
{
    int port = argc == 3 ? (int)strtol(argv[1], NULL, 10) : 0, count = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (port <= 0 || count <= 0) {
        fprintf(stderr, "usage: idle_holder PORT COUNT\n");
        return 2;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    struct client *clients = calloc((size_t)count, sizeof *clients);
    if (!ctx || !clients) {
        return 1;
    }
    /* Any certificate will do, and the library's buffers of idle connections are given back: this side is not measured. */
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)"\x02h2", 3);

    unsigned char flight[512];
    size_t flight_len = put_first_flight(flight);
    for (int i = 0; i < count; i++) {
        if (!open_client(&clients[i], ctx, port, (unsigned)i, flight, flight_len)) {
            return 1;
        }
    }
    printf("held %d\n", count);
    fflush(stdout);
    printf("lost %d\n", hold(clients, count));
    return 0;
}
