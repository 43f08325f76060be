/* SPDX-License-Identifier: MIT */
/* The outbox against a server that loses answers, refuses, conflicts and goes away: everything arrives once and in order. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "client/outbox/outbox.h"
#include "client/outbox/outbox_pump.h"
#include "common/base/uuid.h"

static char dir[64];
static char where[96];
static char log_path[96];
static struct event_base *base;
static struct outbox *outbox;
static pid_t server;
static int server_in;

static void start_server(void)
{
    int in[2], out[2];
    char line[32];
    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    server = fork();
    if (server == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl("/usr/bin/python3", "python3", TEST_SERVER, "--unix", where + 5, "--log", log_path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    server_in = in[1];
    /* To the end of the line: a reader that leaves earlier would kill the server. */
    for (size_t len = 0; len == 0 || line[len - 1] != '\n'; len++)
        ck_assert(len < sizeof line && read(out[0], &line[len], 1) == 1);
    close(out[0]);
}

static void setup(void)
{
    struct err e;
    char path[96];
    snprintf(dir, sizeof dir, "/tmp/wangge-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(where, sizeof where, "unix:%s/s", dir);
    snprintf(log_path, sizeof log_path, "%s/log", dir);
    snprintf(path, sizeof path, "%s/outbox.db", dir);
    base = event_base_new();
    struct outbox_options opts = {.path = path, .account = "a"};
    ck_assert_int_eq(outbox_open(&opts, &outbox, &e), 0);
}

static void teardown(void)
{
    char command[96];
    outbox_close(outbox);
    event_base_free(base);
    if (server > 0) {
        close(server_in);
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}

static struct channel *make_channel(void)
{
    struct err e;
    struct channel_config cfg = {.target = where, .connect_timeout_ms = 5000};
    struct channel *ch = channel_create(base, &cfg, &e);
    ck_assert_ptr_nonnull(ch);
    return ch;
}

static void new_id(char out[37])
{
    struct uuid u = uuid_v7(clock_system()->now(clock_system()));
    uuid_format(&u, out);
}

static int64_t submit(const char *case_id, const char *text)
{
    char key[37];
    int64_t seq;
    struct err e;
    new_id(key);
    Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    req.request_id = key;
    req.case_id = (char *)case_id;
    req.description = (char *)text;
    ck_assert_int_eq(outbox_enqueue_submit(outbox, &req, NULL, &seq, NULL, &e), 0);
    return seq;
}

static void note(const char *case_id, const char *text)
{
    char key[37];
    struct err e;
    new_id(key);
    Wangge__V1__AddNoteRequest req = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    req.request_id = key;
    req.case_id = (char *)case_id;
    req.text = (char *)text;
    ck_assert_int_eq(outbox_enqueue_note(outbox, &req, NULL, NULL, &e), 0);
}

struct watching {
    int changes;
    int idles;
    int logins;
    bool hurry;
    bool to_retry;
    int state[64];
    char number[64][32];
};

static void on_change(void *arg, const struct outbox_entry *en, const struct status_info *st)
{
    struct watching *w = arg;
    w->changes++;
    w->state[en->seq] = en->state;
    snprintf(w->number[en->seq], sizeof w->number[0], "%s", en->case_number);
    if (en->state == OUTBOX_CONFLICT)
        ck_assert_str_eq(st->conflict->rule, "VERSION");
    if (en->state == OUTBOX_QUEUED)
        w->to_retry = true;
}

static void on_idle(void *arg)
{
    ((struct watching *)arg)->idles++;
}

static void on_login_needed(void *arg)
{
    ((struct watching *)arg)->logins++;
}

static const struct outbox_pump_events events = {
    .on_change = on_change, .on_idle = on_idle, .on_login_needed = on_login_needed};

/* Runs until nothing is left that could be sent; a person who waits presses "send now" meanwhile. */
static void run_until_sent(struct outbox_pump *pump, struct watching *w)
{
    struct outbox_counts c;
    struct err e;
    for (;;) {
        ck_assert_int_eq(outbox_counts(outbox, &c, &e), 0);
        if (c.unsent == 0)
            return;
        event_base_loop(base, EVLOOP_ONCE);
        if (w->to_retry) {
            w->to_retry = false;
            for (int64_t seq = 1; seq < 64; seq++)
                if (w->state[seq] == OUTBOX_QUEUED && w->changes && outbox_retry(outbox, seq, NULL, &e) == 0)
                    outbox_pump_kick(pump);
        }
    }
}

static void read_log(char *out, size_t size)
{
    FILE *f = fopen(log_path, "r");
    size_t n = f ? fread(out, 1, size - 1, f) : 0;
    out[n] = '\0';
    if (f)
        fclose(f);
}

static int occurrences(const char *text, const char *word)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, word)); p++)
        n++;
    return n;
}

START_TEST(everything_arrives_once)
{
    char c1[37], c2[37], c3[37], c4[37];
    char log[8192];
    struct watching w = {0};
    new_id(c1), new_id(c2), new_id(c3), new_id(c4);
    start_server();
    int64_t lost = submit(c1, "lose it");
    note(c1, "first-note");
    note(c1, "second-note");
    int64_t refused = submit(c2, "status 3");
    int64_t away = submit(c3, "away a");
    int64_t conflict = submit(c4, "status 10");
    struct channel *ch = make_channel();
    struct outbox_pump *pump = outbox_pump_create(outbox, base, ch, 20000, &events, &w);
    run_until_sent(pump, &w);
    ck_assert_int_eq(w.state[lost], OUTBOX_DELIVERED);
    ck_assert_uint_eq(strlen(w.number[lost]), 16);
    ck_assert_int_eq(w.state[refused], OUTBOX_REFUSED);
    ck_assert_int_eq(w.state[away], OUTBOX_DELIVERED);
    ck_assert_int_eq(w.state[conflict], OUTBOX_CONFLICT);
    read_log(log, sizeof log);
    ck_assert_int_eq(occurrences(log, "lose it"), 1);
    ck_assert_int_eq(occurrences(log, "away a"), 1);
    ck_assert_int_eq(occurrences(log, "-note"), 2);
    ck_assert(strstr(log, "lose it") < strstr(log, "first-note"));
    ck_assert(strstr(log, "first-note") < strstr(log, "second-note"));
    outbox_pump_destroy(pump);
    channel_destroy(ch);
}
END_TEST

START_TEST(an_absent_server_wears_nothing_out)
{
    char c1[37];
    struct watching w = {0};
    new_id(c1);
    int64_t seq = submit(c1, "ok");
    struct channel *ch = make_channel();
    struct outbox_pump *pump = outbox_pump_create(outbox, base, ch, 20000, &events, &w);
    while (w.idles == 0)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(w.state[seq], OUTBOX_QUEUED);
    ck_assert_int_eq(w.changes, 1);
    start_server();
    channel_connect(ch);
    run_until_sent(pump, &w);
    ck_assert_int_eq(w.state[seq], OUTBOX_DELIVERED);
    outbox_pump_destroy(pump);
    channel_destroy(ch);
}
END_TEST

START_TEST(an_ended_session_stops_until_the_next_login)
{
    char c1[37];
    struct watching w = {0};
    new_id(c1);
    start_server();
    int64_t seq = submit(c1, "status 16");
    struct channel *ch = make_channel();
    struct outbox_pump *pump = outbox_pump_create(outbox, base, ch, 20000, &events, &w);
    while (w.idles == 0)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(w.logins, 1);
    ck_assert_int_eq(w.state[seq], OUTBOX_QUEUED);
    int before = w.changes;
    outbox_pump_kick(pump);
    while (w.changes == before)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(w.logins, 2);
    outbox_pump_destroy(pump);
    channel_destroy(ch);
}
END_TEST

START_TEST(stopping_in_the_middle_gives_everything_back)
{
    char c1[37];
    struct err e;
    struct outbox_counts c;
    struct watching w = {0};
    new_id(c1);
    start_server();
    submit(c1, "hang on");
    struct channel *ch = make_channel();
    struct outbox_pump *pump = outbox_pump_create(outbox, base, ch, 20000, &events, &w);
    while (outbox_pump_in_flight(pump) == 0 || channel_get_state(ch) != CHANNEL_READY)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(outbox_counts(outbox, &c, &e), 0);
    ck_assert_int_eq(c.by_state[OUTBOX_SENDING], 1);
    outbox_pump_destroy(pump);
    ck_assert_int_eq(outbox_counts(outbox, &c, &e), 0);
    ck_assert_int_eq(c.by_state[OUTBOX_QUEUED], 1);
    event_base_loop(base, EVLOOP_NONBLOCK);
    channel_destroy(ch);
    ck_assert_int_eq(w.changes, 0);
}
END_TEST

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    Suite *s = suite_create("pump");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, everything_arrives_once);
    tcase_add_test(t, an_absent_server_wears_nothing_out);
    tcase_add_test(t, an_ended_session_stops_until_the_next_login);
    tcase_add_test(t, stopping_in_the_middle_gives_everything_back);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
