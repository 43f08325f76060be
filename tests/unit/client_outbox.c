/* SPDX-License-Identifier: MIT */
/* The outbox keeps what was saved: order, claims, crashes at every step, two processes, a full disk. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <sqlite3.h>

#include "client/outbox/outbox.h"
#include "common/base/uuid.h"

#define T0 INT64_C(1795400000000000)

static char dir[64];
static char path[96];
static struct clock_fake now;

static void setup(void)
{
    snprintf(dir, sizeof dir, "/tmp/wangge-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/outbox.db", dir);
    clock_fake_init(&now, T0);
}

static void teardown(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}

static struct outbox *open_as(const char *account, int64_t max_bytes)
{
    struct outbox_options opts = {.path = path, .clock = &now.clock, .account = account, .max_bytes = max_bytes};
    struct outbox *o = NULL;
    struct err e;
    int rc = outbox_open(&opts, &o, &e);
    ck_assert_msg(rc == 0, "%s (%s)", e.text, e.detail);
    return o;
}

static struct outbox *open_it(void)
{
    return open_as("wangli@a:1", 0);
}

/* Ids that a test can name: case n, operation n. */
static const char *id(char kind, int n, char out[37])
{
    snprintf(out, 37, "%c0000000-0000-7000-8000-%012d", kind, n);
    return out;
}

static int64_t submit(struct outbox *o, int op, int case_no, const char *text)
{
    char a[37], b[37];
    int64_t seq = 0;
    struct err e;
    Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    req.request_id = (char *)id('a', op, a);
    req.case_id = (char *)id('c', case_no, b);
    req.description = (char *)text;
    int rc = outbox_enqueue_submit(o, &req, NULL, &seq, NULL, &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    return seq;
}

static int64_t act(struct outbox *o, int op, int case_no, int64_t version)
{
    char a[37], b[37];
    int64_t seq = 0;
    struct err e;
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    req.request_id = (char *)id('a', op, a);
    req.case_id = (char *)id('c', case_no, b);
    req.expected_version = version;
    req.action = WANGGE__V1__ACTION__ACTION_SIGN;
    ck_assert_int_eq(outbox_enqueue_act(o, &req, NULL, &seq, &e), 0);
    return seq;
}

static int64_t note(struct outbox *o, int op, int case_no)
{
    char a[37], b[37];
    int64_t seq = 0;
    struct err e;
    Wangge__V1__AddNoteRequest req = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    req.request_id = (char *)id('a', op, a);
    req.case_id = (char *)id('c', case_no, b);
    req.text = (char *)"n";
    ck_assert_int_eq(outbox_enqueue_note(o, &req, NULL, &seq, &e), 0);
    return seq;
}

struct claimed {
    int n;
    int64_t seq[64];
    struct outbox_entry last;
    int64_t expected_version;
    int64_t happened_s;
};

static void on_claim(void *arg, const struct outbox_entry *en)
{
    struct claimed *c = arg;
    c->seq[c->n++] = en->seq;
    c->last = *en;
    if (en->op == OUTBOX_ACT) {
        Wangge__V1__ActRequest *r = wangge__v1__act_request__unpack(NULL, en->request_len, en->request);
        ck_assert_ptr_nonnull(r);
        c->expected_version = r->expected_version;
        wangge__v1__act_request__free_unpacked(r, NULL);
    } else if (en->op == OUTBOX_SUBMIT) {
        Wangge__V1__SubmitCaseRequest *r = wangge__v1__submit_case_request__unpack(NULL, en->request_len, en->request);
        ck_assert_ptr_nonnull(r);
        ck_assert_ptr_nonnull(r->happened_at);
        c->happened_s = r->happened_at->seconds;
        wangge__v1__submit_case_request__free_unpacked(r, NULL);
    }
}

static struct claimed claim(struct outbox *o, int max)
{
    struct claimed c = {0};
    struct err e;
    int rc = outbox_claim(o, max, on_claim, &c, &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    return c;
}

static void finish(struct outbox *o, int64_t seq, enum outbox_state state)
{
    struct outbox_outcome out = {.state = state,
                                 .case_number = state == OUTBOX_DELIVERED ? "2306042611230001" : NULL,
                                 .error_code = state == OUTBOX_DELIVERED ? 0 : 9,
                                 .error_text = "why"};
    struct err e;
    ck_assert_int_eq(outbox_finish(o, seq, &out, &e), 0);
}

static struct outbox_counts counts(struct outbox *o)
{
    struct outbox_counts c;
    struct err e;
    ck_assert_int_eq(outbox_counts(o, &c, &e), 0);
    return c;
}

static bool keep_draft(void *arg, const struct outbox_draft *d)
{
    struct outbox_draft *out = arg;
    static char body[64];
    *out = *d;
    snprintf(body, sizeof body, "%.*s", (int)d->body_len, (const char *)d->body);
    out->body = body;
    return false;
}

START_TEST(drafts_are_kept_and_replaced)
{
    struct outbox *o = open_it();
    struct err e;
    struct outbox_draft d = {0};
    int64_t one = 0, two = 0;
    ck_assert_int_eq(outbox_put_draft(o, &one, "case", "{\"a\":1}", 7, &e), 0);
    clock_fake_advance(&now, 5);
    ck_assert_int_eq(outbox_put_draft(o, &two, "case", "x", 1, &e), 0);
    ck_assert_int_ne(one, two);
    clock_fake_advance(&now, 5);
    ck_assert_int_eq(outbox_put_draft(o, &one, "case", "{\"a\":2}", 7, &e), 0);
    ck_assert_int_eq(counts(o).drafts, 2);
    outbox_close(o);
    o = open_it();
    ck_assert_int_eq(outbox_each_draft(o, keep_draft, &d, &e), 0);
    ck_assert_int_eq(d.id, one);
    ck_assert_str_eq(d.body, "{\"a\":2}");
    ck_assert_int_eq(d.updated_at, T0 + 10);
    char *big = calloc(1, OUTBOX_BODY_MAX + 1);
    ck_assert_int_eq(outbox_put_draft(o, &two, "case", big, OUTBOX_BODY_MAX + 1, &e), ERR_INVALID);
    free(big);
    ck_assert_int_eq(outbox_drop_draft(o, one, &e), 0);
    ck_assert_int_eq(counts(o).drafts, 1);
    /* Saving a case takes its draft away in the same step. */
    char a[37], b[37];
    int64_t seq, local;
    Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    req.request_id = (char *)id('a', 1, a);
    req.case_id = (char *)id('c', 1, b);
    struct outbox_enqueue how = {.draft_id = two};
    ck_assert_int_eq(outbox_enqueue_submit(o, &req, &how, &seq, &local, &e), 0);
    ck_assert_int_eq(local, 1);
    ck_assert_int_eq(counts(o).drafts, 0);
    ck_assert_int_eq(counts(o).unsent, 1);
    outbox_close(o);
}
END_TEST

START_TEST(the_file_is_private)
{
    struct stat st;
    umask(0);
    outbox_close(open_it());
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(one_at_a_time_per_case_and_all_cases_at_once)
{
    struct outbox *o = open_it();
    int64_t a1 = submit(o, 1, 1, "x"), a2 = act(o, 2, 1, 0), b1 = submit(o, 3, 2, "y"), a3 = note(o, 4, 1);
    struct claimed c = claim(o, 8);
    ck_assert_int_eq(c.n, 2);
    ck_assert_int_eq(c.seq[0], a1);
    ck_assert_int_eq(c.seq[1], b1);
    ck_assert_int_eq(c.happened_s, T0 / USEC_PER_SEC);
    ck_assert_int_eq(claim(o, 8).n, 0);
    finish(o, a1, OUTBOX_DELIVERED);
    c = claim(o, 8);
    ck_assert_int_eq(c.n, 1);
    ck_assert_int_eq(c.seq[0], a2);
    ck_assert_int_eq(c.expected_version, 1); /* the submit before it makes version 1 */
    finish(o, a2, OUTBOX_DELIVERED);
    ck_assert_int_eq(claim(o, 8).seq[0], a3);
    finish(o, a3, OUTBOX_DELIVERED);
    finish(o, b1, OUTBOX_DELIVERED);
    ck_assert_int_eq(counts(o).by_state[OUTBOX_DELIVERED], 4);
    ck_assert_int_eq(counts(o).unsent, 0);
    outbox_close(o);
}
END_TEST

START_TEST(versions_count_what_is_pending)
{
    struct outbox *o = open_it();
    note(o, 1, 1);
    act(o, 2, 1, 7);
    int64_t third = act(o, 3, 1, 7);
    for (int i = 0; i < 2; i++)
        finish(o, claim(o, 1).seq[0], OUTBOX_DELIVERED);
    struct claimed c = claim(o, 1);
    ck_assert_int_eq(c.seq[0], third);
    ck_assert_int_eq(c.expected_version, 9);
    ck_assert_int_eq(c.last.base_version, 9);
    outbox_close(o);
}
END_TEST

static const struct {
    enum outbox_state first;
    bool first_is_submit;
    int claimed; /* of the act and, behind it, the note */
} blocks[] = {
    {OUTBOX_REFUSED, true, 0},  /* without its case nothing can follow */
    {OUTBOX_REFUSED, false, 1}, /* the next action is stopped, the note goes */
    {OUTBOX_CONFLICT, false, 1},
    {OUTBOX_DELIVERED, false, 1}, /* the act goes, the note after it */
};

START_TEST(what_failed_stops_what_was_built_on_it)
{
    struct outbox *o = open_it();
    if (blocks[_i].first_is_submit)
        submit(o, 1, 1, "x");
    else
        act(o, 1, 1, 3);
    int64_t second = act(o, 2, 1, 3);
    int64_t third = note(o, 3, 1);
    finish(o, claim(o, 1).seq[0], blocks[_i].first);
    struct claimed c = claim(o, 8);
    if (blocks[_i].first == OUTBOX_REFUSED || blocks[_i].first == OUTBOX_CONFLICT) {
        /* the act is not claimed, so neither is the note behind it, until the act is dropped */
        ck_assert_int_eq(c.n, 0);
        struct err e;
        ck_assert_int_eq(outbox_drop(o, second, &e), 0);
        c = claim(o, 8);
        ck_assert_int_eq(c.n, blocks[_i].claimed);
        if (c.n)
            ck_assert_int_eq(c.seq[0], third);
    } else {
        ck_assert_int_eq(c.n, 1);
        ck_assert_int_eq(c.seq[0], second);
    }
    outbox_close(o);
}
END_TEST

START_TEST(the_same_key_is_stored_once)
{
    struct outbox *o = open_it();
    int64_t a = submit(o, 1, 1, "x");
    ck_assert_int_eq(submit(o, 1, 1, "x"), a);
    ck_assert_int_eq(counts(o).unsent, 1);
    struct err e;
    Wangge__V1__AddNoteRequest req = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    req.request_id = (char *)"no uuid";
    ck_assert_int_eq(outbox_enqueue_note(o, &req, NULL, NULL, &e), ERR_INVALID);
    outbox_close(o);
}
END_TEST

START_TEST(trying_again_waits_longer_and_longer)
{
    struct outbox *o = open_it();
    struct err e;
    usec_t due, last = 0;
    int64_t a = submit(o, 1, 1, "x");
    for (int tries = 1; tries <= 12; tries++) {
        struct claimed c = claim(o, 1);
        ck_assert_int_eq(c.n, 1);
        ck_assert_int_eq(c.last.tries, tries);
        finish(o, a, OUTBOX_QUEUED);
        ck_assert_int_eq(claim(o, 1).n, 0);
        ck_assert_int_eq(outbox_next_due(o, &due, &e), 0);
        usec_t wait = due - now.now_us;
        usec_t full = (tries < 9 ? INT64_C(1) << (tries - 1) : 300) * USEC_PER_SEC;
        ck_assert_int_ge(wait, full / 2);
        ck_assert_int_le(wait, full);
        last = due;
        clock_fake_advance(&now, due - now.now_us);
    }
    ck_assert_int_gt(last, T0);
    /* The server's own wish counts as a minimum. */
    ck_assert_int_eq(claim(o, 1).n, 1);
    struct outbox_outcome out = {.state = OUTBOX_QUEUED, .retry_after_ms = 3600 * 1000};
    ck_assert_int_eq(outbox_finish(o, a, &out, &e), 0);
    ck_assert_int_eq(outbox_next_due(o, &due, &e), 0);
    ck_assert_int_ge(due - now.now_us, 3600 * USEC_PER_SEC);
    /* The person's wish counts most. */
    int64_t n;
    ck_assert_int_eq(outbox_retry(o, a, &n, &e), 0);
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(claim(o, 1).n, 1);
    outbox_close(o);
}
END_TEST

START_TEST(a_held_entry_can_be_undone)
{
    struct outbox *o = open_it();
    struct err e;
    char a[37], b[37];
    int64_t seq;
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    req.request_id = (char *)id('a', 1, a);
    req.case_id = (char *)id('c', 1, b);
    struct outbox_enqueue hold = {.hold = 30 * USEC_PER_SEC};
    ck_assert_int_eq(outbox_enqueue_act(o, &req, &hold, &seq, &e), 0);
    ck_assert_int_eq(claim(o, 1).n, 0);
    ck_assert_int_eq(outbox_hurry(o, &e), 0);
    ck_assert_int_eq(claim(o, 1).n, 0);
    ck_assert_int_eq(outbox_drop(o, seq, &e), 0);
    ck_assert_int_eq(outbox_drop(o, seq, &e), ERR_NOT_FOUND);
    req.request_id = (char *)id('a', 2, a);
    ck_assert_int_eq(outbox_enqueue_act(o, &req, &hold, &seq, &e), 0);
    clock_fake_advance(&now, 30 * USEC_PER_SEC);
    ck_assert_int_eq(claim(o, 1).n, 1);
    ck_assert_int_eq(outbox_drop(o, seq, &e), ERR_PRECONDITION);
    outbox_close(o);
}
END_TEST

START_TEST(dropping_a_case_asks_for_its_followers_first)
{
    struct outbox *o = open_it();
    struct err e;
    int64_t a = submit(o, 1, 1, "x"), b = note(o, 2, 1);
    ck_assert_int_eq(outbox_drop(o, a, &e), ERR_PRECONDITION);
    ck_assert_int_eq(outbox_drop(o, b, &e), 0);
    ck_assert_int_eq(outbox_drop(o, a, &e), 0);
    ck_assert_int_eq(counts(o).unsent, 0);
    outbox_close(o);
}
END_TEST

START_TEST(another_persons_work_is_not_sent)
{
    struct outbox *o = open_it();
    submit(o, 1, 1, "x");
    outbox_close(o);
    o = open_as("zhao@a:1", 0);
    ck_assert_int_eq(claim(o, 8).n, 0);
    ck_assert_int_eq(counts(o).unsent, 0);
    ck_assert_int_eq(counts(o).others, 1);
    submit(o, 2, 2, "y");
    ck_assert_int_eq(claim(o, 8).n, 1);
    outbox_close(o);
}
END_TEST

/* Runs fn in a process that is killed at its end, as if by a power cut between two steps. */
static void in_killed_process(void (*fn)(void))
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        fn();
        raise(SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}

static void step_open(void)
{
    open_it();
}

static void step_enqueue(void)
{
    submit(open_it(), 1, 1, "x");
}

static void step_claim(void)
{
    struct outbox *o = open_it();
    submit(o, 1, 1, "x");
    ck_assert_int_eq(claim(o, 8).n, 1);
}

static void step_deliver(void)
{
    struct outbox *o = open_it();
    int64_t seq = submit(o, 1, 1, "x");
    ck_assert_int_eq(claim(o, 8).n, 1);
    finish(o, seq, OUTBOX_DELIVERED);
}

static void step_open_transaction(void)
{
    sqlite3 *db;
    submit(open_it(), 1, 1, "x");
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "begin immediate; delete from entry", NULL, NULL, NULL), SQLITE_OK);
}

static const struct {
    void (*step)(void);
    int queued, delivered;
} kills[] = {
    {step_open, 0, 0}, {step_enqueue, 1, 0}, {step_claim, 1, 0}, {step_deliver, 0, 1}, {step_open_transaction, 1, 0},
};

START_TEST(kill_between_any_two_steps_loses_nothing)
{
    in_killed_process(kills[_i].step);
    struct outbox *o = open_it();
    ck_assert_int_eq(counts(o).by_state[OUTBOX_QUEUED], kills[_i].queued);
    ck_assert_int_eq(counts(o).by_state[OUTBOX_SENDING], 0);
    ck_assert_int_eq(counts(o).by_state[OUTBOX_DELIVERED], kills[_i].delivered);
    ck_assert_int_eq(claim(o, 8).n, kills[_i].queued);
    outbox_close(o);
}
END_TEST

START_TEST(a_living_process_keeps_its_claims)
{
    struct outbox *mine = open_it();
    submit(mine, 1, 1, "x");
    ck_assert_int_eq(claim(mine, 8).n, 1);
    struct outbox *other = open_it(); /* recovers */
    ck_assert_int_eq(claim(other, 8).n, 0);
    struct err e;
    struct outbox_outcome out = {.state = OUTBOX_REFUSED, .error_text = "not mine"};
    ck_assert_int_eq(outbox_finish(other, 1, &out, &e), 0);
    ck_assert_int_eq(counts(other).by_state[OUTBOX_SENDING], 1); /* only the holder may fail it */
    outbox_close(mine);
    ck_assert_int_eq(claim(other, 8).n, 1); /* given back in order */
    /* A claim whose process cannot be seen ends by its lease. */
    clock_fake_advance(&now, 700 * USEC_PER_SEC);
    ck_assert_int_eq(outbox_recover(other, &e), 0);
    ck_assert_int_eq(counts(other).by_state[OUTBOX_QUEUED], 1);
    finish(other, 1, OUTBOX_DELIVERED); /* late, but the server has it */
    ck_assert_int_eq(counts(other).by_state[OUTBOX_DELIVERED], 1);
    outbox_close(other);
}
END_TEST

enum { RACERS = 4, OPERATIONS = 120 };

START_TEST(processes_share_the_work_without_doubling_it)
{
    struct outbox *o = open_it();
    for (int i = 0; i < OPERATIONS; i++)
        submit(o, i, i, "x");
    outbox_close(o);
    int result[2];
    ck_assert_int_eq(pipe(result), 0);
    pid_t racers[RACERS];
    for (int i = 0; i < RACERS; i++) {
        racers[i] = fork();
        if (racers[i] == 0) {
            struct outbox *mine = open_it();
            for (;;) {
                struct claimed c = claim(mine, 3);
                if (c.n == 0)
                    break;
                for (int k = 0; k < c.n; k++) {
                    if (write(result[1], &c.seq[k], sizeof c.seq[k]) != (ssize_t)sizeof c.seq[k])
                        _exit(1);
                    finish(mine, c.seq[k], OUTBOX_DELIVERED);
                }
                submit(mine, 1000 + (int)getpid(), 1000 + (int)getpid(), "also saved meanwhile");
            }
            outbox_close(mine);
            _exit(0);
        }
    }
    close(result[1]);
    int seen[OPERATIONS + RACERS + 1] = {0};
    int64_t seq;
    while (read(result[0], &seq, sizeof seq) == (ssize_t)sizeof seq) {
        ck_assert(seq >= 1 && seq <= OPERATIONS + RACERS);
        seen[seq]++;
    }
    for (int i = 0; i < RACERS; i++) {
        int status;
        ck_assert_int_eq(waitpid(racers[i], &status, 0), racers[i]);
        ck_assert_int_eq(status, 0);
    }
    o = open_it();
    int64_t delivered = counts(o).by_state[OUTBOX_DELIVERED];
    ck_assert_int_ge(delivered, OPERATIONS);
    ck_assert_int_eq(counts(o).unsent, 0);
    for (int i = 1; i <= delivered; i++)
        ck_assert_int_eq(seen[i], 1);
    outbox_close(o);
}
END_TEST

START_TEST(a_full_disk_is_told_and_loses_nothing)
{
    struct outbox *o = open_as("wangli@a:1", 80 * 1024);
    struct err e;
    char a[37], b[37];
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    int saved = 0;
    for (int rc = 0; rc == 0; saved += rc == 0) {
        Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
        req.request_id = (char *)id('a', saved, a);
        req.case_id = (char *)id('c', saved, b);
        req.description = text;
        rc = outbox_enqueue_submit(o, &req, NULL, NULL, NULL, &e);
        ck_assert_int_lt(saved, 100);
        if (rc)
            ck_assert_int_eq(rc, ERR_EXHAUSTED);
    }
    ck_assert_ptr_nonnull(strstr(e.text, "full"));
    ck_assert_int_gt(saved, 5);
    ck_assert_int_eq(counts(o).unsent, saved);
    outbox_close(o);
    o = open_as("wangli@a:1", 0);
    ck_assert_int_eq(counts(o).unsent, saved);
    submit(o, 500, 500, text);
    outbox_close(o);
}
END_TEST

static void execute(const char *sql)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

START_TEST(a_newer_or_broken_file_is_left_alone)
{
    struct outbox_options opts = {.path = path, .clock = &now.clock, .account = "a"};
    struct outbox *o;
    struct err e;
    outbox_close(open_it());
    execute("pragma user_version = 99");
    ck_assert_int_eq(outbox_open(&opts, &o, &e), ERR_PRECONDITION);
    FILE *f = fopen(path, "w");
    fputs("this is no database, but it is somebody's", f);
    fclose(f);
    ck_assert_int_eq(outbox_open(&opts, &o, &e), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "damaged"));
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 41);
    opts.path = "/nonexistent/outbox.db";
    ck_assert_int_eq(outbox_open(&opts, &o, &e), ERR_IO);
}
END_TEST

START_TEST(old_deliveries_are_forgotten_and_numbers_go_on)
{
    struct outbox *o = open_it();
    struct err e;
    finish(o, (submit(o, 1, 1, "x"), claim(o, 1).seq[0]), OUTBOX_DELIVERED);
    submit(o, 2, 2, "y");
    outbox_close(o);
    clock_fake_advance(&now, INT64_C(31) * 24 * 3600 * USEC_PER_SEC);
    o = open_it();
    ck_assert_int_eq(counts(o).by_state[OUTBOX_DELIVERED], 0);
    ck_assert_int_eq(counts(o).unsent, 1);
    ck_assert_int_eq(outbox_drop(o, 2, &e), 0);
    char a[37], b[37];
    int64_t local;
    Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    req.request_id = (char *)id('a', 3, a);
    req.case_id = (char *)id('c', 3, b);
    ck_assert_int_eq(outbox_enqueue_submit(o, &req, NULL, NULL, &local, &e), 0);
    ck_assert_int_eq(local, 3); /* 本机-1 and 本机-2 were somebody's already */
    outbox_close(o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("outbox");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, drafts_are_kept_and_replaced);
    tcase_add_test(t, the_file_is_private);
    tcase_add_test(t, one_at_a_time_per_case_and_all_cases_at_once);
    tcase_add_test(t, versions_count_what_is_pending);
    tcase_add_loop_test(t, what_failed_stops_what_was_built_on_it, 0, sizeof blocks / sizeof *blocks);
    tcase_add_test(t, the_same_key_is_stored_once);
    tcase_add_test(t, trying_again_waits_longer_and_longer);
    tcase_add_test(t, a_held_entry_can_be_undone);
    tcase_add_test(t, dropping_a_case_asks_for_its_followers_first);
    tcase_add_test(t, another_persons_work_is_not_sent);
    tcase_add_loop_test(t, kill_between_any_two_steps_loses_nothing, 0, sizeof kills / sizeof *kills);
    tcase_add_test(t, a_living_process_keeps_its_claims);
    tcase_add_test(t, processes_share_the_work_without_doubling_it);
    tcase_add_test(t, a_full_disk_is_told_and_loses_nothing);
    tcase_add_test(t, a_newer_or_broken_file_is_left_alone);
    tcase_add_test(t, old_deliveries_are_forgotten_and_numbers_go_on);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
