/* SPDX-License-Identifier: MIT */
/*
 * Load for CaseService.SubmitCase: intake_load PORT CALLERS CONNECTIONS SECONDS GRIDS CATEGORY [LIMIT] < TOKENS
 *
 * CALLERS callers on CONNECTIONS clear-text HTTP/2 connections to 127.0.0.1 each have one request outstanding, with UUIDv7 keys
 * and a grid drawn from the file GRIDS (one code a line). Standard input holds session tokens, one a line, given to the
 * connections in turn. UNAVAILABLE and RESOURCE_EXHAUSTED are tried again with the same key. After SECONDS (or LIMIT cases) no
 * more cases are begun; what is under way is awaited. Prints one JSON object; fails if a call ended in any other status.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "wangge/v1/case.pb-c.h"

enum {
    MAX_CALLERS = 1024,
    MAX_BODY = 1024,
    MAX_TOKENS = 1024,
    TOKEN_LEN = 128,
    GRID_LEN = 16,
    MAX_LATENCIES = 50 * 1000 * 1000,
    STATUS_OK = 0,
    STATUS_EXHAUSTED = 8,
    STATUS_UNAVAILABLE = 14,
    STATUS_MISSING = 100,
    /* The wait for the last answers once the time is over. */
    DRAIN_US = 30 * 1000 * 1000,
};

struct connection {
    int fd;
    nghttp2_session *session;
    struct load *load;
    char authorization[TOKEN_LEN];
};

struct caller {
    struct connection *connection;
    unsigned char body[MAX_BODY];
    size_t body_len, body_sent;
    unsigned char answer[MAX_BODY];
    size_t answer_len;
    int grpc_status;
    char message[200];
    usec_t begun_at; /* of the first try */
    bool busy;
};

struct load {
    const struct clock *clock;
    struct caller *callers;
    struct connection *connections;
    int caller_count, connection_count;
    char (*grids)[GRID_LEN];
    size_t grid_count;
    const char *category;
    usec_t end_at; /* no case is begun from then on */
    int64_t limit; /* cases to begin at most; 0: no limit */
    int64_t begun, done, replayed, retried, failed;
    int busy;
    uint32_t *latencies_us;
    size_t latency_count, latency_cap;
    uint64_t random;
};

static uint64_t next_random(struct load *l)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    return l->random;
}

static void die(const char *what)
{
    fprintf(stderr, "intake_load: %s\n", what);
    exit(1);
}

/* Writes a new case into the caller's buffer, with the five bytes gRPC puts before a message. */
static void make_case(struct load *l, struct caller *c)
{
    char request_id[UUID_TEXT_LEN + 1], case_id[UUID_TEXT_LEN + 1], text[200];
    usec_t now = l->clock->now(l->clock);
    struct uuid id = uuid_v7(now);
    uuid_format(&id, case_id);
    id = uuid_v7(now);
    uuid_format(&id, request_id);
    snprintf(text, sizeof text, "小区东门外堆放建筑垃圾约两车,影响通行 (%lld)", (long long)l->begun);
    Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    req.request_id = request_id;
    req.case_id = case_id;
    req.category_code = (char *)l->category;
    req.grid_code = l->grids[next_random(l) % l->grid_count];
    req.description = text;
    req.address = (char *)"解放路与西苑街口西北角";
    size_t len = wangge__v1__submit_case_request__get_packed_size(&req);
    if (len + 5 > sizeof c->body) {
        die("the request is too large");
    }
    memset(c->body, 0, 5);
    c->body[3] = (unsigned char)(len >> 8);
    c->body[4] = (unsigned char)len;
    wangge__v1__submit_case_request__pack(&req, c->body + 5);
    c->body_len = len + 5;
}

static ssize_t on_body(nghttp2_session *session, int32_t stream, uint8_t *buf, size_t len, uint32_t *flags,
                       nghttp2_data_source *source, void *arg)
{
    struct caller *c = source->ptr;
    size_t n = c->body_len - c->body_sent;
    if (n > len) {
        n = len;
    }
    memcpy(buf, c->body + c->body_sent, n);
    c->body_sent += n;
    if (c->body_sent == c->body_len) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return (ssize_t)n;
}

#define FIELD(n, v)                                                                                                            \
    {                                                                                                                          \
        .name = (uint8_t *)(n), .value = (uint8_t *)(v), .namelen = strlen(n), .valuelen = strlen(v)                           \
    }

static void send_case(struct caller *c)
{
    nghttp2_nv headers[] = {
        FIELD(":method", "POST"),
        FIELD(":scheme", "http"),
        FIELD(":path", "/wangge.v1.CaseService/SubmitCase"),
        FIELD(":authority", "localhost"),
        FIELD("content-type", "application/grpc"),
        FIELD("te", "trailers"),
        FIELD("authorization", c->connection->authorization),
    };
    nghttp2_data_provider body = {.source.ptr = c, .read_callback = on_body};
    c->body_sent = 0;
    c->answer_len = 0;
    c->grpc_status = STATUS_MISSING;
    c->message[0] = 0;
    if (nghttp2_submit_request(c->connection->session, NULL, headers, sizeof headers / sizeof *headers, &body, c) < 0) {
        die("a request could not be submitted");
    }
}

static void begin(struct load *l, struct caller *c)
{
    c->begun_at = l->clock->monotonic(l->clock);
    if (c->begun_at >= l->end_at || (l->limit > 0 && l->begun >= l->limit)) {
        return;
    }
    make_case(l, c);
    l->begun++;
    l->busy++;
    c->busy = true;
    send_case(c);
}

static void record(struct load *l, struct caller *c)
{
    if (l->latency_count == l->latency_cap) {
        l->latency_cap = l->latency_cap ? l->latency_cap * 2 : 1 << 16;
        if (l->latency_cap > MAX_LATENCIES) {
            die("too many calls");
        }
        l->latencies_us = realloc(l->latencies_us, l->latency_cap * sizeof *l->latencies_us);
        if (!l->latencies_us) {
            die("out of memory");
        }
    }
    l->latencies_us[l->latency_count++] = (uint32_t)(l->clock->monotonic(l->clock) - c->begun_at);
}

static void finish(struct load *l, struct caller *c)
{
    Wangge__V1__SubmitCaseResponse *resp = NULL;
    if (c->grpc_status == STATUS_OK && c->answer_len >= 5) {
        resp = wangge__v1__submit_case_response__unpack(NULL, c->answer_len - 5, c->answer + 5);
    }
    if (resp && resp->number[0]) {
        l->done++;
        l->replayed += resp->replayed;
        record(l, c);
    } else {
        l->failed++;
        if (l->failed <= 5) {
            fprintf(stderr, "intake_load: status %d: %s\n", c->grpc_status, c->message);
        }
    }
    if (resp) {
        wangge__v1__submit_case_response__free_unpacked(resp, NULL);
    }
    c->busy = false;
    l->busy--;
    begin(l, c);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
    struct caller *c = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (c && name_len == 11 && memcmp(name, "grpc-status", 11) == 0) {
        c->grpc_status = (int)strtol((const char *)value, NULL, 10);
    } else if (c && name_len == 12 && memcmp(name, "grpc-message", 12) == 0) {
        snprintf(c->message, sizeof c->message, "%.*s", (int)value_len, (const char *)value);
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data, size_t len, void *arg)
{
    struct caller *c = nghttp2_session_get_stream_user_data(session, stream);
    if (c && c->answer_len + len <= sizeof c->answer) {
        memcpy(c->answer + c->answer_len, data, len);
        c->answer_len += len;
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *arg)
{
    struct connection *conn = arg;
    struct caller *c = nghttp2_session_get_stream_user_data(session, stream);
    if (!c || !c->busy) {
        return 0;
    }
    if (c->grpc_status == STATUS_UNAVAILABLE || c->grpc_status == STATUS_EXHAUSTED) {
        conn->load->retried++;
        send_case(c); /* the same body, hence the same key */
    } else {
        finish(conn->load, c);
    }
    return 0;
}

static ssize_t on_send(nghttp2_session *session, const uint8_t *data, size_t len, int flags, void *arg)
{
    struct connection *conn = arg;
    ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL);
    if (n < 0) {
        return errno == EAGAIN ? NGHTTP2_ERR_WOULDBLOCK : NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    return n;
}

static void open_connection(struct load *l, struct connection *conn, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    conn->load = l;
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->fd < 0 || connect(conn->fd, (struct sockaddr *)&to, sizeof to) < 0) {
        die(strerror(errno));
    }
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(conn->fd, F_SETFL, O_NONBLOCK);
    nghttp2_session_callbacks *cb;
    nghttp2_session_callbacks_new(&cb);
    nghttp2_session_callbacks_set_send_callback(cb, on_send);
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
    if (nghttp2_session_client_new(&conn->session, cb, conn) < 0) {
        die("no HTTP/2 session");
    }
    nghttp2_session_callbacks_del(cb);
    nghttp2_submit_settings(conn->session, NGHTTP2_FLAG_NONE, NULL, 0);
}

static void run(struct load *l)
{
    struct pollfd *polls = calloc((size_t)l->connection_count, sizeof *polls);
    if (!polls) {
        die("out of memory");
    }
    for (int i = 0; i < l->caller_count; i++) {
        begin(l, &l->callers[i]);
    }
    unsigned char buf[16384];
    while (l->busy > 0) {
        for (int i = 0; i < l->connection_count; i++) {
            if (nghttp2_session_send(l->connections[i].session) < 0) {
                die("the server closed a connection");
            }
            polls[i].fd = l->connections[i].fd;
            polls[i].events = POLLIN;
            if (nghttp2_session_want_write(l->connections[i].session)) {
                polls[i].events |= POLLOUT;
            }
        }
        if (l->clock->monotonic(l->clock) > l->end_at + DRAIN_US) {
            die("calls were not answered within 30 s");
        }
        if (poll(polls, (nfds_t)l->connection_count, 1000) < 0) {
            die(strerror(errno));
        }
        for (int i = 0; i < l->connection_count; i++) {
            if (!(polls[i].revents & (POLLIN | POLLHUP | POLLERR))) {
                continue;
            }
            ssize_t n = recv(polls[i].fd, buf, sizeof buf, 0);
            if (n == 0 || (n < 0 && errno != EAGAIN)) {
                die("the server closed a connection");
            }
            if (n > 0 && nghttp2_session_mem_recv(l->connections[i].session, buf, (size_t)n) < 0) {
                die("the server broke the protocol");
            }
        }
    }
    free(polls);
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(const struct load *l, double p)
{
    return l->latency_count ? l->latencies_us[(size_t)(p * (double)(l->latency_count - 1))] / 1000.0 : 0;
}

static size_t read_lines(FILE *f, char *lines, size_t width, size_t max)
{
    size_t n = 0;
    while (n < max && fgets(lines + n * width, (int)width, f)) {
        lines[n * width + strcspn(lines + n * width, "\n")] = 0;
        n += lines[n * width] != 0;
    }
    return n;
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr, "usage: intake_load PORT CALLERS CONNECTIONS SECONDS GRIDS CATEGORY [LIMIT] < TOKENS\n");
        return 2;
    }
    static char tokens[MAX_TOKENS][TOKEN_LEN - 8];
    struct load l = {.clock = clock_system(), .category = argv[6], .random = 88172645463325252ULL};
    l.caller_count = (int)strtol(argv[2], NULL, 10);
    l.connection_count = (int)strtol(argv[3], NULL, 10);
    l.limit = argc > 7 ? strtoll(argv[7], NULL, 10) : 0;
    l.callers = calloc(MAX_CALLERS, sizeof *l.callers);
    l.connections = calloc(MAX_CALLERS, sizeof *l.connections);
    l.grids = calloc(100000, GRID_LEN);
    FILE *grids = fopen(argv[5], "r");
    if (l.caller_count < 1 || l.caller_count > MAX_CALLERS || l.connection_count < 1 || l.connection_count > l.caller_count ||
        !l.callers || !l.connections || !l.grids || !grids) {
        die("bad arguments");
    }
    l.grid_count = read_lines(grids, l.grids[0], GRID_LEN, 100000);
    fclose(grids);
    size_t token_count = read_lines(stdin, tokens[0], sizeof tokens[0], MAX_TOKENS);
    if (l.grid_count == 0 || token_count == 0) {
        die("no grids or no tokens");
    }
    for (int i = 0; i < l.connection_count; i++) {
        open_connection(&l, &l.connections[i], (int)strtol(argv[1], NULL, 10));
        snprintf(l.connections[i].authorization, TOKEN_LEN, "Bearer %s", tokens[(size_t)i % token_count]);
    }
    for (int i = 0; i < l.caller_count; i++) {
        l.callers[i].connection = &l.connections[i % l.connection_count];
    }
    usec_t start = l.clock->monotonic(l.clock);
    l.end_at = start + (usec_t)(strtod(argv[4], NULL) * USEC_PER_SEC);
    run(&l);
    double seconds = (double)(l.clock->monotonic(l.clock) - start) / USEC_PER_SEC;
    qsort(l.latencies_us, l.latency_count, sizeof *l.latencies_us, by_value);
    printf("{\"begun\": %lld, \"done\": %lld, \"failed\": %lld, \"replayed\": %lld, \"retried\": %lld, \"seconds\": %.3f, "
           "\"rate\": %.1f, \"p50_ms\": %.2f, \"p99_ms\": %.2f}\n",
           (long long)l.begun, (long long)l.done, (long long)l.failed, (long long)l.replayed, (long long)l.retried, seconds,
           (double)l.done / seconds, percentile_ms(&l, 0.50), percentile_ms(&l, 0.99));
    return l.failed ? 1 : 0;
}
