/* SPDX-License-Identifier: MIT */
/* The client's channel against a server that behaves, refuses, leaves, hangs, lies, and stays away. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "client/rpc/channel.h"
#include "client/rpc/methods.h"
#include "client/rpc/status.h"
#include "common/base/clock.h"
#include "common/h2/grpc.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/watch.pb-c.h"

static char dir[64];
static struct event_base *base;
static pid_t server;
static int server_in = -1;
static char target[128];

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

static void start_server(const char *a, const char *b, const char *c, const char *d, const char *e)
{
    int in[2], out[2];
    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl("/usr/bin/python3", "python3", TEST_SERVER, a, b, c, d, e, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    server_in = in[1];
    char line[64] = "";
    size_t len = 0;
    while (len + 1 < sizeof line && !strchr(line, '\n')) {
        ssize_t n = read(out[0], line + len, sizeof line - 1 - len);
        ck_assert_msg(n > 0, "the test server did not start");
        len += (size_t)n;
        line[len] = '\0';
    }
    close(out[0]);
    int port = 0;
    ck_assert_int_eq(sscanf(line, "ready %d", &port), 1);
    if (port)
        snprintf(target, sizeof target, "127.0.0.1:%d", port);
}

static void stop_server(void)
{
    if (server <= 0)
        return;
    close(server_in);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    server = 0;
}

static void setup(void)
{
    snprintf(dir, sizeof dir, "/tmp/wangge-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    base = event_base_new();
}

static void teardown(void)
{
    char command[128];
    stop_server();
    event_base_free(base);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    run(command);
}

static struct channel *connect_to(const char *where)
{
    struct err e;
    struct channel_config cfg = {.target = where, .connect_timeout_ms = 5000};
    struct channel *ch = channel_create(base, &cfg, &e);
    ck_assert_msg(ch != NULL, "%s", e.text);
    return ch;
}

static void get(struct channel *ch, const char *word, int timeout_ms, struct channel_result *r)
{
    Wangge__V1__GetCaseRequest req = WANGGE__V1__GET_CASE_REQUEST__INIT;
    req.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER;
    req.number = (char *)word;
    channel_call_wait(base, ch, &methods_get_case, &req.base, timeout_ms, r);
}

static const Wangge__V1__Case *case_of(const struct channel_result *r)
{
    ck_assert_msg(r->status.code == 0, "%d %s", r->status.code, r->status.message);
    ck_assert_ptr_nonnull(r->resp);
    return ((const Wangge__V1__GetCaseResponse *)r->resp)->case_;
}

START_TEST(an_answer_comes_with_token_and_timeout)
{
    struct channel_result r;
    start_server(NULL, NULL, NULL, NULL, NULL);
    struct channel *ch = connect_to(target);
    ck_assert_int_eq(channel_get_state(ch), CHANNEL_IDLE);
    get(ch, "ok", 20000, &r);
    ck_assert_str_eq(case_of(&r)->number, "ok");
    ck_assert_str_eq(case_of(&r)->description, "none");
    ck_assert_msg(strncmp(case_of(&r)->address, target, strlen(target)) == 0, "%s", case_of(&r)->address);
    ck_assert(strlen(case_of(&r)->address) > strlen(target) + 2); /* a grpc-timeout went along */
    channel_result_fini(&r);
    ck_assert_int_eq(channel_get_state(ch), CHANNEL_READY);
    ck_assert_int_eq(channel_set_token(ch, "evil\r\nx: y"), ERR_INVALID);
    ck_assert_int_eq(channel_set_token(ch, "tok"), 0);
    get(ch, "ok", 0, &r);
    ck_assert_str_eq(case_of(&r)->description, "Bearer tok");
    channel_result_fini(&r);
    ck_assert_int_eq(channel_set_token(ch, NULL), 0);
    get(ch, "big", 20000, &r);
    ck_assert_uint_eq(strlen(case_of(&r)->description), 2000000);
    channel_result_fini(&r);
    channel_destroy(ch);
    struct err e;
    struct channel_config cfg = {.target = target, .connect_timeout_ms = 5000, .language = "zh_CN"};
    ck_assert_ptr_nonnull(ch = channel_create(base, &cfg, &e));
    get(ch, "ok", 20000, &r);
    ck_assert_str_eq(case_of(&r)->description, "none zh-CN");
    channel_result_fini(&r);
    channel_destroy(ch);
}
END_TEST

START_TEST(a_refusal_is_taken_apart)
{
    struct channel_result r;
    start_server(NULL, NULL, NULL, NULL, NULL);
    struct channel *ch = connect_to(target);
    get(ch, "status 10", 20000, &r);
    ck_assert_ptr_null(r.resp);
    ck_assert_int_eq(r.status.code, GRPC_ABORTED);
    ck_assert_str_eq(r.status.message, "版本 old");
    ck_assert(!r.status.never_sent);
    ck_assert_ptr_nonnull(r.status.conflict);
    ck_assert_str_eq(r.status.conflict->rule, "VERSION");
    ck_assert_int_eq(r.status.conflict->version, 8);
    ck_assert_int_eq(r.status.conflict->state, 10);
    ck_assert_uint_eq(r.status.n_violations, 1);
    ck_assert_str_eq(r.status.violations[0].field, "case.grid_code");
    ck_assert_str_eq(r.status.violations[0].text, "网格不存在");
    ck_assert_int_eq(r.status.retry_after_ms, 7500);
    ck_assert_str_eq(r.status.reason, "STALE");
    channel_result_fini(&r);
    channel_destroy(ch);
}
END_TEST

static const struct {
    const char *word;
    int code;
    bool never_sent;
} endings[] = {
    {"refuse a", 0, false},                    /* sent again without a word */
    {"refuse-always", GRPC_UNAVAILABLE, true}, /* but once only */
    {"goaway a", 0, false},                    /* on another connection */
    {"leave a", 0, false},                     /* answered, then GOAWAY */
    {"close a", GRPC_UNAVAILABLE, false},      /* outcome unknown: for the caller to decide */
    {"twice", GRPC_INTERNAL, false},
    {"none", GRPC_INTERNAL, false},
    {"garbage", GRPC_INTERNAL, false},
    {"status 16", GRPC_UNAUTHENTICATED, false},
    {"hang", GRPC_DEADLINE_EXCEEDED, false},
};

START_TEST(every_ending_has_its_status)
{
    struct channel_result r;
    start_server(NULL, NULL, NULL, NULL, NULL);
    struct channel *ch = connect_to(target);
    get(ch, endings[_i].word, endings[_i].code == GRPC_DEADLINE_EXCEEDED ? 150 : 20000, &r);
    ck_assert_msg(r.status.code == endings[_i].code, "%s: %d %s", endings[_i].word, r.status.code, r.status.message);
    ck_assert_msg(r.status.never_sent == endings[_i].never_sent, "%s", endings[_i].word);
    if (r.status.code)
        ck_assert(r.status.message[0]);
    channel_result_fini(&r);
    /* Whatever happened, the channel comes back by itself. */
    for (int tries = 0;; tries++) {
        get(ch, "ok", 20000, &r);
        int code = r.status.code;
        channel_result_fini(&r);
        if (code == 0)
            break;
        ck_assert_int_eq(code, GRPC_UNAVAILABLE);
        ck_assert_int_lt(tries, 1000);
        channel_connect(ch);
    }
    channel_destroy(ch);
}
END_TEST

START_TEST(an_absent_server_is_told_at_once_and_found_when_it_comes)
{
    struct channel_result r;
    char path[96], where[112];
    snprintf(path, sizeof path, "%s/s", dir);
    snprintf(where, sizeof where, "unix:%s", path);
    struct channel *ch = connect_to(where);
    get(ch, "ok", 20000, &r);
    ck_assert_int_eq(r.status.code, GRPC_UNAVAILABLE);
    ck_assert(r.status.never_sent);
    ck_assert_ptr_nonnull(strstr(r.status.message, where));
    channel_result_fini(&r);
    ck_assert_int_eq(channel_get_state(ch), CHANNEL_BACKOFF);
    get(ch, "ok", 20000, &r);
    ck_assert_int_eq(r.status.code, GRPC_UNAVAILABLE);
    channel_result_fini(&r);
    start_server("--unix", path, NULL, NULL, NULL);
    channel_connect(ch);
    get(ch, "ok", 20000, &r);
    ck_assert_str_eq(case_of(&r)->number, "ok");
    ck_assert_ptr_nonnull(strstr(case_of(&r)->address, "localhost"));
    channel_result_fini(&r);
    channel_destroy(ch);
}
END_TEST

static void mark_state(void *arg, enum channel_state state, const struct err *why)
{
    if (state == CHANNEL_READY)
        event_base_loopbreak(base);
    *(int *)arg = state;
}

START_TEST(it_reconnects_without_being_asked)
{
    struct channel_result r;
    char path[96], where[112];
    int state = -1;
    snprintf(path, sizeof path, "%s/s", dir);
    snprintf(where, sizeof where, "unix:%s", path);
    start_server("--unix", path, NULL, NULL, NULL);
    struct channel *ch = connect_to(where);
    channel_on_state(ch, mark_state, &state);
    get(ch, "ok", 20000, &r);
    channel_result_fini(&r);
    ck_assert_int_eq(state, CHANNEL_READY);
    stop_server();
    unlink(path);
    while (state != CHANNEL_BACKOFF)
        event_base_loop(base, EVLOOP_ONCE);
    start_server("--unix", path, NULL, NULL, NULL);
    while (state != CHANNEL_READY)
        event_base_loop(base, EVLOOP_ONCE);
    get(ch, "ok", 20000, &r);
    ck_assert_int_eq(r.status.code, 0);
    channel_result_fini(&r);
    channel_destroy(ch);
}
END_TEST

static const struct {
    const char *mode;
    const char *text;
} bad_servers[] = {{"silent", "in time"}, {"http1", ""}};

START_TEST(a_stranger_on_the_port_is_recognised)
{
    struct channel_result r;
    struct err e;
    start_server("--mode", bad_servers[_i].mode, NULL, NULL, NULL);
    struct channel_config cfg = {.target = target, .connect_timeout_ms = 200};
    struct channel *ch = channel_create(base, &cfg, &e);
    get(ch, "ok", 20000, &r);
    ck_assert_int_eq(r.status.code, GRPC_UNAVAILABLE);
    ck_assert(r.status.never_sent);
    ck_assert_ptr_nonnull(strstr(r.status.message, bad_servers[_i].text));
    channel_result_fini(&r);
    channel_destroy(ch);
}
END_TEST

struct streaming {
    int messages;
    int ends;
    int code;
    char last[32];
    struct channel *destroy;
    struct channel_call *cancel;
};

static void on_stream_message(void *arg, const ProtobufCMessage *msg)
{
    struct streaming *s = arg;
    s->messages++;
    if (msg->descriptor == &wangge__v1__watch_response__descriptor)
        snprintf(s->last, sizeof s->last, "%s", ((const Wangge__V1__WatchResponse *)msg)->cursor);
    if (s->cancel)
        channel_cancel(s->cancel);
    if (s->destroy && s->messages == 2) {
        channel_destroy(s->destroy);
        ck_assert_int_eq(s->ends, 1);
    }
}

static void on_stream_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct streaming *s = arg;
    s->ends++;
    s->code = st->code;
}

static struct channel_call *watch(struct channel *ch, struct streaming *s, const char *cursor)
{
    Wangge__V1__WatchRequest req = WANGGE__V1__WATCH_REQUEST__INIT;
    req.cursor = (char *)cursor;
    struct channel_call *call = channel_stream(ch, &methods_watch, 0, on_stream_message, on_stream_end, NULL, s);
    ck_assert_ptr_nonnull(call);
    channel_send(call, &req.base);
    channel_half_close(call);
    ck_assert_int_eq(s->ends, 0);
    return call;
}

START_TEST(streams_run_and_are_cancelled)
{
    start_server(NULL, NULL, NULL, NULL, NULL);
    struct channel *ch = connect_to(target);
    struct streaming s = {0};
    watch(ch, &s, "a");
    while (!s.ends)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(s.messages, 3);
    ck_assert_str_eq(s.last, "cursor2");
    ck_assert_int_eq(s.code, 0);
    struct streaming t = {0};
    t.cancel = watch(ch, &t, "hang");
    while (!t.ends)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(t.messages, 1);
    ck_assert_int_eq(t.code, GRPC_CANCELLED);
    /* The channel destroyed from inside a callback, with another call open. */
    struct streaming u = {.destroy = ch}, v = {0};
    watch(ch, &v, "hang");
    watch(ch, &u, "hang");
    while (!u.ends)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(u.code, GRPC_CANCELLED);
    ck_assert_int_eq(v.ends, 1);
    event_base_loop(base, EVLOOP_NONBLOCK); /* lets it go */
}
END_TEST

static void on_writable(void *arg)
{
    *(bool *)arg = true;
}

struct uploading {
    struct streaming s; /* first: the callbacks take it */
    bool writable;
};

static void on_upload_writable(void *arg)
{
    on_writable(&((struct uploading *)arg)->writable);
}

START_TEST(uploads_are_held_back_and_answered)
{
    enum { N = 400 };
    start_server(NULL, NULL, NULL, NULL, NULL);
    struct channel *ch = connect_to(target);
    struct uploading up = {.writable = true};
    struct channel_call *call =
        channel_stream(ch, &methods_import_history, 60000, on_stream_message, on_stream_end, on_upload_writable, &up);
    Wangge__V1__SubmitCaseRequest item = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    Wangge__V1__ImportHistoryRequest req = WANGGE__V1__IMPORT_HISTORY_REQUEST__INIT;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    item.description = text;
    req.case_ = &item;
    int held = 0;
    for (int i = 1; i <= N; i++) {
        req.sequence = i;
        if (!channel_send(call, &req.base)) {
            held++;
            up.writable = false;
            while (!up.writable)
                ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
        }
    }
    ck_assert_int_gt(held, 0);
    channel_half_close(call);
    while (!up.s.ends)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(up.s.code, 0);
    ck_assert_int_eq(up.s.messages, N);
    channel_destroy(ch);
}
END_TEST

START_TEST(destroying_ends_what_is_open)
{
    struct streaming s = {0};
    struct channel *ch = connect_to("127.0.0.1:9");
    watch(ch, &s, "a");
    ck_assert_int_eq(s.ends, 0);
    channel_destroy(ch);
    ck_assert_int_eq(s.ends, 1);
    ck_assert_int_eq(s.code, GRPC_CANCELLED);
}
END_TEST

static void make_certificate(void)
{
    char command[1024];
    snprintf(
        command, sizeof command,
        "cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 30 "
        "-subj /CN=wangged-test -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null && "
        "openssl x509 -in c.pem -outform DER | sha256sum | cut -c1-64 | tr -d '\\n' > pin && "
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k2.pem -out c2.pem -days 30 "
        "-subj /CN=other -addext subjectAltName=DNS:other.example 2>/dev/null",
        dir);
    run(command);
}

static const struct {
    const char *name;
    const char *cert; /* the server's */
    bool ca, pin, no_alpn;
    int code;
    const char *text;
} tls_cases[] = {
    {"trusted by its file", "c", true, false, false, 0, ""},
    {"pinned", "c", false, true, false, 0, ""},
    {"unknown", "c", false, false, false, GRPC_UNAVAILABLE, "SHA-256"},
    {"another name", "c2", false, true, false, GRPC_UNAVAILABLE, "not trusted"},
    {"no HTTP/2", "c", true, false, true, GRPC_UNAVAILABLE, "HTTP/2"},
};

START_TEST(tls_trusts_the_right_server_only)
{
    struct channel_result r;
    struct err e;
    char cert[96], key[96], ca[96], pin[72] = "";
    make_certificate();
    snprintf(cert, sizeof cert, "%s/%s.pem", dir, tls_cases[_i].cert);
    snprintf(key, sizeof key, "%s/k%s.pem", dir, tls_cases[_i].cert + 1);
    snprintf(ca, sizeof ca, "%s/pin", dir);
    FILE *f = fopen(ca, "r");
    ck_assert(f && fgets(pin, sizeof pin, f));
    fclose(f);
    snprintf(ca, sizeof ca, "%s/c.pem", dir);
    start_server("--tls", cert, key, tls_cases[_i].no_alpn ? "--no-alpn" : NULL, NULL);
    struct channel_config cfg = {
        .target = target,
        .tls = true,
        .ca_file = tls_cases[_i].ca ? ca : NULL,
        .pinned_sha256 = tls_cases[_i].pin ? pin : NULL,
        .connect_timeout_ms = 5000,
    };
    struct channel *ch = channel_create(base, &cfg, &e);
    ck_assert_ptr_nonnull(ch);
    get(ch, "ok", 20000, &r);
    ck_assert_msg(r.status.code == tls_cases[_i].code, "%s: %s", tls_cases[_i].name, r.status.message);
    ck_assert_msg(strstr(r.status.message, tls_cases[_i].text) != NULL, "%s: %s", tls_cases[_i].name, r.status.message);
    channel_result_fini(&r);
    if (tls_cases[_i].code == 0) {
        get(ch, "big", 20000, &r);
        ck_assert_int_eq(r.status.code, 0);
        channel_result_fini(&r);
    }
    channel_destroy(ch);
}
END_TEST

static const struct {
    const char *target;
    bool fine;
} targets[] = {
    {"a:1", true},       {"[::1]:443", true}, {"unix:/x", true},     {"", false},      {"host", false},
    {"host:", false},    {"host:0", false},   {"host:65536", false}, {":1", false},    {"::1:443", false},
    {"unix:rel", false}, {"a b:1", false},    {"http://a:1", false}, {"a@b:1", false},
};

START_TEST(targets_are_checked)
{
    struct err e;
    struct channel_config cfg = {.target = targets[_i].target};
    struct channel *ch = channel_create(base, &cfg, &e);
    ck_assert_msg((ch != NULL) == targets[_i].fine, "%s", targets[_i].target);
    channel_destroy(ch);
}
END_TEST

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    Suite *s = suite_create("channel");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_answer_comes_with_token_and_timeout);
    tcase_add_test(t, a_refusal_is_taken_apart);
    tcase_add_loop_test(t, every_ending_has_its_status, 0, sizeof endings / sizeof *endings);
    tcase_add_test(t, an_absent_server_is_told_at_once_and_found_when_it_comes);
    tcase_add_test(t, it_reconnects_without_being_asked);
    tcase_add_loop_test(t, a_stranger_on_the_port_is_recognised, 0, sizeof bad_servers / sizeof *bad_servers);
    tcase_add_test(t, streams_run_and_are_cancelled);
    tcase_add_test(t, uploads_are_held_back_and_answered);
    tcase_add_test(t, destroying_ends_what_is_open);
    tcase_add_loop_test(t, tls_trusts_the_right_server_only, 0, sizeof tls_cases / sizeof *tls_cases);
    tcase_add_loop_test(t, targets_are_checked, 0, sizeof targets / sizeof *targets);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
