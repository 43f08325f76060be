/* SPDX-License-Identifier: MIT */
/* server/net on real sockets: where it listens, when it gives up on a peer, how it stops. */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/h2/grpc_client.h"
#include "grpc/testing/messages.pb-c.h"
#include "server/net/net.h"
#include "tests/support/grpc_testing.h"

static struct event_base *base;
static struct rpc_server *rpc;
static struct net *net;
static uint16_t port;
static struct rpc_call *held;
static int drained, cancels;
static char dir[] = "/tmp/wangge-listeners-XXXXXX";

static void on_hold(struct rpc_call *call, const ProtobufCMessage *req)
{
    (void)req;
    held = rpc_call_ref(call, "test");
}

static void on_cancel(struct rpc_call *call)
{
    (void)call;
    cancels++;
}

static void on_drained(void *arg)
{
    (void)arg;
    drained++;
}

static void setup(void)
{
    struct err e = {0};
    size_t n;
    struct rpc_method methods[16];
    const struct rpc_method *testing = grpc_testing_methods(&n);
    memcpy(methods, testing, n * sizeof *methods);
    methods[n++] = (struct rpc_method){.path = "/test.Probe/Hold",
                                       .kind = RPC_UNARY,
                                       .request = &grpc__testing__simple_request__descriptor,
                                       .response = &grpc__testing__simple_response__descriptor,
                                       .on_message = on_hold,
                                       .on_cancel = on_cancel};
    base = event_base_new();
    held = NULL;
    net = NULL;
    drained = cancels = 0;
    const struct rpc_server_config cfg = {.clock = clock_system(), .methods = methods, .n_methods = n};
    rpc = rpc_server_create(base, &cfg, &e);
    ck_assert_ptr_nonnull(rpc);
}

static void create(struct net_config cfg)
{
    struct err e = {0};
    cfg.rpc = rpc;
    net = net_create(base, &cfg, &e);
    ck_assert_ptr_nonnull(net);
}

static void serve(struct net_config cfg)
{
    struct err e = {0};
    create(cfg);
    ck_assert_int_eq(net_listen_tcp(net, "127.0.0.1", 0, 0, &port, &e), 0);
}

static void teardown(void)
{
    net_destroy(net);
    ck_assert_uint_eq(rpc_server_live_calls(rpc), 0);
    rpc_server_destroy(rpc);
    event_base_free(base);
}

/* One turn of the loop, at most 20 ms; the waits below end by the test's own timeout if nothing comes. */
static void turn(void)
{
    const struct timeval tv = {.tv_usec = 20000};
    (void)event_base_loopexit(base, &tv);
    (void)event_base_loop(base, EVLOOP_ONCE);
}

static int dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Reads until the server closes; returns the bytes. */
static size_t read_to_end(int fd, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (;;) {
        ssize_t k = recv(fd, out + n, cap - n, MSG_DONTWAIT);
        if (k == 0 || (k < 0 && errno == ECONNRESET))
            return n;
        if (k > 0)
            n += (size_t)k;
        else
            turn();
        ck_assert_uint_lt(n, cap);
    }
}

static bool has_goaway(const uint8_t *data, size_t len, uint32_t code)
{
    for (size_t at = 0; at + 9 <= len;) {
        size_t n = (size_t)data[at] << 16 | (size_t)data[at + 1] << 8 | data[at + 2];
        if (data[at + 3] == NGHTTP2_GOAWAY && data[at + 16] == code)
            return true;
        at += 9 + n;
    }
    return false;
}

static void say(int fd, const void *data, size_t len)
{
    ck_assert_int_eq(send(fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
}

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0"

static uint64_t refused(void)
{
    struct net_stats st;
    net_get_stats(net, &st);
    return st.refused;
}

START_TEST(cleartext_stays_at_home)
{
    struct err e = {0};
    create((struct net_config){0});
    ck_assert_int_eq(net_listen_tcp(net, "0.0.0.0", 0, 0, &port, &e), ERR_DENIED);
    ck_assert_int_eq(net_listen_tcp(net, "::", 0, 0, &port, &e), ERR_DENIED);
    ck_assert_int_eq(net_listen_tcp(net, "127.0.0.1", 0, NET_TLS, &port, &e), ERR_INVALID);
    ck_assert_int_eq(net_listen_tcp(net, "example.org", 0, 0, &port, &e), ERR_INVALID);
    ck_assert_int_eq(net_listen_tcp(net, "127.0.0.1", 0, 0, &port, &e), 0);
    uint16_t taken = port;
    ck_assert_int_eq(net_listen_tcp(net, "127.0.0.1", taken, 0, &port, &e), ERR_IO);
    ck_assert_int_eq(net_set_tls(net, "/nonexistent", "/nonexistent", NULL, false, &e), ERR_INVALID);
    net_destroy(net);
    create((struct net_config){.allow_cleartext = true});
    ck_assert_int_eq(net_listen_tcp(net, "0.0.0.0", 0, NET_REUSEPORT, &port, &e), 0);
    taken = port;
    ck_assert_int_eq(net_listen_tcp(net, "0.0.0.0", taken, NET_REUSEPORT, &port, &e), 0);
    ck_assert_uint_eq(port, taken);
}
END_TEST

START_TEST(unix_sockets)
{
    struct err e = {0};
    struct stat st;
    char path[80], tmp[sizeof dir];
    memcpy(tmp, dir, sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(tmp));
    (void)snprintf(path, sizeof path, "%s/socket", tmp);
    create((struct net_config){0});
    ck_assert_int_eq(net_listen_unix(net, path, 0660, &e), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0660);
    ck_assert_int_eq(net_listen_unix(net, path, 0660, &e), ERR_EXISTS);

    struct sockaddr_un to = {.sun_family = AF_UNIX};
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    uint8_t data[64];
    ssize_t n;
    while ((n = recv(fd, data, sizeof data, MSG_DONTWAIT)) < 0)
        turn();
    ck_assert_int_gt(n, 9);
    ck_assert_int_eq(data[3], NGHTTP2_SETTINGS);
    close(fd);
    net_destroy(net);
    ck_assert_int_ne(stat(path, &st), 0);

    /* What a killed server left behind is replaced; what is no socket is not. */
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
    close(fd);
    create((struct net_config){0});
    ck_assert_int_eq(net_listen_unix(net, path, 0660, &e), 0);
    net_destroy(net);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    (void)fclose(f);
    create((struct net_config){0});
    ck_assert_int_eq(net_listen_unix(net, path, 0660, &e), ERR_EXISTS);
    (void)unlink(path);
    (void)rmdir(tmp);
}
END_TEST

START_TEST(silent_peer)
{
    uint8_t data[200];
    serve((struct net_config){.handshake_timeout_ms = 30});
    int fd = dial();
    size_t n = read_to_end(fd, data, sizeof data);
    ck_assert(!has_goaway(data, n, NGHTTP2_NO_ERROR));
    ck_assert_uint_eq(refused(), 1);
    close(fd);
}
END_TEST

START_TEST(unfinished_headers)
{
    uint8_t data[400];
    serve((struct net_config){.header_timeout_ms = 30});
    int fd = dial();
    say(fd, PREFACE, sizeof PREFACE - 1);
    say(fd, "\0\0\1\1\0\0\0\0\1\x82", 10);
    size_t n = read_to_end(fd, data, sizeof data);
    ck_assert(has_goaway(data, n, NGHTTP2_ENHANCE_YOUR_CALM));
    ck_assert_uint_eq(refused(), 1);
    close(fd);
}
END_TEST

START_TEST(idle_peer)
{
    uint8_t data[400];
    serve((struct net_config){.idle_timeout_ms = 30});
    int fd = dial();
    say(fd, PREFACE, sizeof PREFACE - 1);
    size_t n = read_to_end(fd, data, sizeof data);
    ck_assert(has_goaway(data, n, NGHTTP2_NO_ERROR));
    ck_assert_uint_eq(refused(), 0);
    close(fd);
}
END_TEST

START_TEST(not_http2)
{
    uint8_t data[400];
    serve((struct net_config){0});
    int fd = dial();
    static const char http1[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    say(fd, http1, sizeof http1 - 1);
    (void)read_to_end(fd, data, sizeof data);
    ck_assert_uint_eq(refused(), 1);
    close(fd);
}
END_TEST

/* --- with a client ----------------------------------------------------------------------------------------------------- */

struct caller {
    struct grpc_client *client;
    struct grpc_stream *stream;
    int fd;
    int ends, status, goaways;
    bool lost; /* the server closed */
};

static void caller_on_goaway(void *arg, uint32_t code, const char *debug)
{
    (void)code;
    (void)debug;
    ((struct caller *)arg)->goaways++;
}

static void caller_on_message(void *arg, const uint8_t *msg, size_t len)
{
    (void)arg;
    (void)msg;
    (void)len;
}

static void caller_on_end(void *arg, const struct grpc_end *end)
{
    struct caller *c = arg;
    c->ends++;
    c->status = end->status;
    c->stream = NULL;
}

static void caller_push(struct caller *c)
{
    struct err e;
    struct buf out;
    buf_init(&out, 4 << 20);
    ck_assert_int_eq(grpc_client_pull(c->client, &out, &e), 0);
    if (buf_len(&out) > 0 && !c->lost)
        (void)send(c->fd, buf_data(&out), buf_len(&out), MSG_NOSIGNAL);
    buf_fini(&out);
}

/* Both sides move on once. */
static void caller_turn(struct caller *c)
{
    uint8_t data[16384];
    struct err e;
    caller_push(c);
    turn();
    ssize_t n = recv(c->fd, data, sizeof data, MSG_DONTWAIT);
    if (n > 0)
        ck_assert_int_eq(grpc_client_recv(c->client, data, (size_t)n, &e), 0);
    else if (n == 0 || errno != EAGAIN)
        c->lost = true;
}

static void caller_start(struct caller *c, const char *path, int32_t response_size)
{
    static const struct grpc_client_events conn_events = {.on_goaway = caller_on_goaway};
    static const struct grpc_stream_events events = {.on_message = caller_on_message, .on_end = caller_on_end};
    struct err e = {0};
    memset(c, 0, sizeof *c);
    c->fd = dial();
    c->client = grpc_client_create(&conn_events, c, 0, &e);
    const struct grpc_request req = {.path = path, .authority = "test", .scheme = "http", .timeout_us = USEC_NONE};
    ck_assert_int_eq(grpc_client_start(c->client, &req, &events, c, &c->stream, &e), 0);
    Grpc__Testing__SimpleRequest msg = GRPC__TESTING__SIMPLE_REQUEST__INIT;
    msg.response_size = response_size;
    uint8_t packed[32];
    bool room;
    ck_assert_int_eq(grpc_stream_send(c->stream, packed, grpc__testing__simple_request__pack(&msg, packed), &room), 0);
    grpc_stream_half_close(c->stream);
}

static void caller_end(struct caller *c)
{
    close(c->fd);
    grpc_client_destroy(c->client);
}

static void finish_held(void)
{
    Grpc__Testing__SimpleResponse resp = GRPC__TESTING__SIMPLE_RESPONSE__INIT;
    rpc_reply(held, &resp.base);
    rpc_call_unref(held, "test");
    held = NULL;
}

START_TEST(drain_waits_for_calls)
{
    struct caller c;
    serve((struct net_config){.drain_notice_ms = 20});
    caller_start(&c, "/test.Probe/Hold", 0);
    while (!held)
        caller_turn(&c);
    net_drain(net, on_drained, NULL);
    while (c.goaways < 2)
        caller_turn(&c);
    ck_assert_int_eq(drained, 0);
    /* Nobody gets in any more. */
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    close(fd);
    finish_held();
    while (!c.ends)
        caller_turn(&c);
    ck_assert_int_eq(c.status, GRPC_OK);
    while (!c.lost)
        caller_turn(&c);
    caller_end(&c);
    while (!drained)
        turn();
    ck_assert_int_eq(drained, 1);
}
END_TEST

START_TEST(drain_gives_up_in_time)
{
    struct caller c;
    serve((struct net_config){.drain_notice_ms = 10, .drain_timeout_ms = 60});
    caller_start(&c, "/test.Probe/Hold", 0);
    while (!held)
        caller_turn(&c);
    net_drain(net, on_drained, NULL);
    while (!drained)
        caller_turn(&c);
    ck_assert_int_eq(cancels, 1);
    rpc_call_unref(held, "test");
    caller_end(&c);
}
END_TEST

START_TEST(drain_of_nobody)
{
    serve((struct net_config){0});
    net_drain(net, on_drained, NULL);
    ck_assert_int_eq(drained, 0);
    while (!drained)
        turn();
}
END_TEST

START_TEST(answer_later_is_sent)
{
    struct caller c;
    serve((struct net_config){0});
    caller_start(&c, "/test.Probe/Hold", 0);
    while (!held)
        caller_turn(&c);
    finish_held();
    while (!c.ends)
        caller_turn(&c);
    ck_assert_int_eq(c.status, GRPC_OK);
    caller_end(&c);
}
END_TEST

/* A client that asks and does not read is let go, and its memory with it. */
START_TEST(peer_that_does_not_read)
{
    struct caller c;
    struct net_stats st;
    int small = 4096;
    serve((struct net_config){.write_timeout_ms = 50, .keepalive_ms = 20});
    caller_start(&c, "/grpc.testing.TestService/UnaryCall", 1000000);
    (void)setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 12; i++) {
        static const struct grpc_stream_events events = {.on_message = caller_on_message, .on_end = caller_on_end};
        const struct grpc_request req = {
            .path = "/grpc.testing.TestService/UnaryCall", .authority = "test", .scheme = "http", .timeout_us = USEC_NONE};
        struct grpc_stream *s;
        struct err e;
        bool room;
        ck_assert_int_eq(grpc_client_start(c.client, &req, &events, &c, &s, &e), 0);
        ck_assert_int_eq(grpc_stream_send(s, "\x10\xc0\x84\x3d", 4, &room), 0); /* response_size 1,000,000 */
        grpc_stream_half_close(s);
    }
    caller_push(&c);
    do {
        turn();
        net_get_stats(net, &st);
    } while (st.accepted == 0 || st.connections > 0);
    ck_assert_uint_eq(st.refused, 1);
    caller_end(&c);
}
END_TEST

/* A call that waits for long keeps its connection by PING; a peer that is gone is noticed. */
START_TEST(keepalive)
{
    struct caller c;
    serve((struct net_config){.write_timeout_ms = 60, .keepalive_ms = 10, .idle_timeout_ms = 10});
    caller_start(&c, "/test.Probe/Hold", 0);
    while (!held)
        caller_turn(&c);
    for (int i = 0; i < 20; i++)
        caller_turn(&c);
    ck_assert(!c.lost);
    while (cancels == 0)
        turn(); /* the client no longer answers */
    rpc_call_unref(held, "test");
    caller_end(&c);
}
END_TEST

START_TEST(out_of_descriptors)
{
    struct net_stats st;
    struct rlimit limit, low;
    int fds[16];
    serve((struct net_config){0});
    for (int i = 0; i < 16; i++)
        fds[i] = dial();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    low = limit;
    low.rlim_cur = (rlim_t)fds[15] + 5; /* room for four */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
    do {
        turn();
        net_get_stats(net, &st);
    } while (st.accept_pauses == 0);
    ck_assert_uint_lt(st.accepted, 16);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    do {
        turn();
        net_get_stats(net, &st);
    } while (st.accepted < 16);
    for (int i = 0; i < 16; i++)
        close(fds[i]);
}
END_TEST

START_TEST(full_house)
{
    struct net_stats st;
    int fds[6];
    serve((struct net_config){.max_connections = 4});
    for (int i = 0; i < 6; i++)
        fds[i] = dial();
    do {
        turn();
        net_get_stats(net, &st);
    } while (st.accepted < 4);
    for (int i = 0; i < 3; i++)
        turn();
    net_get_stats(net, &st);
    ck_assert_uint_eq(st.connections, 4);
    close(fds[0]);
    close(fds[1]);
    do {
        turn();
        net_get_stats(net, &st);
    } while (st.accepted < 6);
    for (int i = 2; i < 6; i++)
        close(fds[i]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("listeners");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, cleartext_stays_at_home);
    tcase_add_test(t, unix_sockets);
    tcase_add_test(t, silent_peer);
    tcase_add_test(t, unfinished_headers);
    tcase_add_test(t, idle_peer);
    tcase_add_test(t, not_http2);
    tcase_add_test(t, drain_waits_for_calls);
    tcase_add_test(t, drain_gives_up_in_time);
    tcase_add_test(t, drain_of_nobody);
    tcase_add_test(t, answer_later_is_sent);
    tcase_add_test(t, peer_that_does_not_read);
    tcase_add_test(t, keepalive);
    tcase_add_test(t, out_of_descriptors);
    tcase_add_test(t, full_house);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
