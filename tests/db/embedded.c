/* SPDX-License-Identifier: MIT */
/* The embedded cluster: made, stopped, adopted, supervised, and refused when something is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/db/cluster.h"
#include "server/db/embedded.h"
#include "tests/db/harness.h"
#include "tests/support/pg.h"

static char dir[128];
static char conninfo[512];
static struct embedded_config cfg;
static int nth;

static void setup(void)
{
    (void)snprintf(dir, sizeof dir, "%s/%ld-%d", test_pg_folder(), (long)getpid(), nth++);
    cfg = (struct embedded_config){
        .dir = dir,
        .extra_conf = "fsync = off\nshared_buffers = 32MB\nmax_connections = 20\n",
        .start_timeout_ms = 60000,
    };
}

static struct embedded *start(void)
{
    struct embedded *emb = NULL;
    struct err e = {0};
    int ret = embedded_start(&cfg, &emb, &e);
    ck_assert_msg(ret == 0, "%s: %s %s", err_name(ret), e.text, e.detail);
    ck_assert_int_eq(embedded_conninfo(emb, NULL, conninfo, sizeof conninfo), 0);
    return emb;
}

static int start_fails(struct err *e)
{
    struct embedded *emb = NULL;
    int ret = embedded_start(&cfg, &emb, e);
    ck_assert_ptr_null(emb);
    ck_assert_int_lt(ret, 0);
    return ret;
}

static bool is_alive(pid_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM;
}

START_TEST(made_stopped_and_started_again)
{
    struct stat st;
    char path[256];
    struct embedded *emb = start();
    pid_t pid = embedded_pid(emb);
    ck_assert(!embedded_was_adopted(emb));
    ck_assert(!embedded_socket_moved(emb));
    test_pg_exec(conninfo, "create table kept (id int); insert into kept values (1)");
    ck_assert_int_eq(test_pg_int(conninfo, "select current_database() = 'wangge' and current_setting('listen_addresses') = ''"
                                           " and current_setting('data_checksums') = 'on'"
                                           " and current_setting('server_encoding') = 'UTF8'"
                                           " and current_setting('lc_collate') = 'C'"
                                           " and current_setting('wal_compression') <> 'off'"
                                           " and current_setting('random_page_cost') = '1.1'"),
                     1);
    ck_assert_int_eq(stat(embedded_socket_dir(emb), &st), 0);
    ck_assert_uint_eq(st.st_mode & 077, 0);
    (void)snprintf(path, sizeof path, "/proc/%ld", (long)pid);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_ne(st.st_uid, 0);
    embedded_stop(emb, 0);
    ck_assert(!is_alive(pid));
    emb = start();
    ck_assert(!embedded_was_adopted(emb));
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from kept"), 1);
    /* Stopped fast and in order: nothing to recover. */
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from pg_ls_logdir() where name like 'postgresql-%'"), 1);
    embedded_stop(emb, 0);
}
END_TEST

START_TEST(goes_on_when_we_are_killed_and_is_adopted)
{
    int fds[2];
    pid_t postmaster = 0;
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct embedded *emb = NULL;
        struct err e;
        if (embedded_start(&cfg, &emb, &e))
            _exit(1);
        postmaster = embedded_pid(emb);
        if (write(fds[1], &postmaster, sizeof postmaster) == (ssize_t)sizeof postmaster)
            (void)kill(getpid(), SIGKILL);
        _exit(1);
    }
    ck_assert_int_eq(read(fds[0], &postmaster, sizeof postmaster), sizeof postmaster);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert(is_alive(postmaster));
    struct embedded *emb = start();
    ck_assert(embedded_was_adopted(emb));
    ck_assert_int_eq(embedded_pid(emb), postmaster);
    ck_assert_int_eq(test_pg_int(conninfo, "select 1"), 1);
    int pidfd = proc_pidfd(postmaster);
    embedded_stop(emb, 0);
    ck_assert(proc_wait(pidfd, 0));
    (void)close(pidfd);
}
END_TEST

struct seen {
    int died, restarted, failed;
};

static void on_event(void *arg, enum embedded_event what, const char *why)
{
    struct seen *s = arg;
    s->died += what == EMBEDDED_DIED;
    s->restarted += what == EMBEDDED_RESTARTED;
    s->failed += what == EMBEDDED_FAILED;
}

static bool answers(void *arg)
{
    PGconn *c = PQconnectdb(conninfo);
    bool ok = PQstatus(c) == CONNECTION_OK;
    PQfinish(c);
    return ok;
}

START_TEST(killed_server_is_started_again)
{
    struct harness h;
    struct seen seen = {0};
    struct err e = {0};
    struct embedded *emb = start();
    h_init(&h, conninfo, NULL);
    ck_assert_int_eq(embedded_supervise(emb, h.base, on_event, &seen, &e), 0);
    test_pg_exec(conninfo, "create table kept (id int); insert into kept values (1); checkpoint");
    for (int round = 1; round <= 2; round++) {
        pid_t before = embedded_pid(emb);
        ck_assert_int_eq(kill(before, SIGKILL), 0);
        h_until_count(&h, &seen.died, round);
        h_until_count(&h, &seen.restarted, round);
        h_until(&h, answers, NULL, "an answer after the restart");
        ck_assert_int_ne(embedded_pid(emb), before);
        ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from kept"), 1);
    }
    ck_assert_int_eq(seen.failed, 0);
    embedded_stop(emb, 0);
    h_close(&h);
}
END_TEST

/* The whole chain: a pool on an embedded cluster that is killed and comes back. */
START_TEST(pool_comes_back_with_the_server)
{
    static const struct db_stmt *const stmts[] = {&put_stmt, NULL};
    struct harness h;
    struct put p;
    struct err e = {0};
    struct embedded *emb = start();
    test_pg_exec(conninfo, put_schema);
    test_pg_exec(conninfo, "checkpoint");
    h_init(&h, conninfo, stmts);
    ck_assert_int_eq(embedded_supervise(emb, h.base, NULL, NULL, &e), 0);
    h_open(&h);
    h_wait_ready(&h, true);
    ck_assert_int_eq(kill(embedded_pid(emb), SIGQUIT), 0); /* "immediate": every session is cut */
    h_wait_down(&h);
    put_init(&p, 1, "x", NULL);
    ck_assert_int_eq(db_write_submit(h.db, &put_ops, &p.w, &e), ERR_UNAVAILABLE);
    h_wait_ready(&h, true);
    put_submit(&h, &put_ops, &p);
    h_until_count(&h, &p.a.calls, 1);
    ck_assert_int_eq(p.a.code, 0);
    h_close(&h);
    embedded_stop(emb, 0);
}
END_TEST

START_TEST(one_supervisor_at_a_time)
{
    struct err e = {0};
    struct embedded *emb = start();
    ck_assert_int_eq(start_fails(&e), ERR_EXISTS);
    ck_assert_int_eq(test_pg_int(conninfo, "select 1"), 1);
    embedded_stop(emb, 0);
}
END_TEST

static void write_text(const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    (void)fputs(text, f);
    (void)fclose(f);
}

START_TEST(stale_pid_file_does_not_matter)
{
    char text[160];
    struct embedded *emb = start();
    embedded_stop(emb, 0);
    /* A living process that is not ours: number 1, as after a restart of the machine. */
    (void)snprintf(text, sizeof text, "1\n%s/data\n", dir);
    write_text("data/postmaster.pid", text);
    ck_assert_int_eq(chmod(dir, 0755), 0);
    emb = start();
    ck_assert(!embedded_was_adopted(emb));
    embedded_stop(emb, 0);
}
END_TEST

START_TEST(interrupted_making_is_begun_again)
{
    char path[256];
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    (void)snprintf(path, sizeof path, "%s/data.new", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    write_text("data.new/PG_VERSION", "15\n");
    struct embedded *emb = start();
    ck_assert_int_eq(access(path, F_OK), -1);
    embedded_stop(emb, 0);
}
END_TEST

START_TEST(foreign_folder_is_left_alone)
{
    char path[256];
    struct err e = {0};
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    (void)snprintf(path, sizeof path, "%s/data", dir);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    write_text("data/letter.txt", "dear diary\n");
    ck_assert_int_eq(start_fails(&e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "no PostgreSQL cluster"));
    (void)snprintf(path, sizeof path, "%s/data/letter.txt", dir);
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(cluster_of_a_version_without_programs_is_refused)
{
    char path[256];
    struct err e = {0};
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    (void)snprintf(path, sizeof path, "%s/data", dir);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    write_text("data/PG_VERSION", "12\n");
    ck_assert_int_eq(start_fails(&e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "PostgreSQL 12"));
}
END_TEST

START_TEST(missing_programs_are_named)
{
    struct err e = {0};
    cfg.bindir = "/nonexistent";
    ck_assert_int_eq(start_fails(&e), ERR_PRECONDITION);
    ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent"));
}
END_TEST

START_TEST(wrong_setting_is_reported)
{
    struct err e = {0};
    struct embedded *emb = start();
    embedded_stop(emb, 0);
    write_text("data/wangge.local.conf", "shared_buffers = lots\n");
    char path[256];
    (void)snprintf(path, sizeof path, "%s/data/wangge.local.conf", dir);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(start_fails(&e), ERR_UNAVAILABLE);
    ck_assert_msg(strstr(e.text, "FATAL") != NULL, "%s", e.text);
}
END_TEST

START_TEST(long_path_gets_its_socket_elsewhere)
{
    char longdir[256];
    struct stat st;
    (void)snprintf(longdir, sizeof longdir, "%s-%.*s", dir, 90,
                   "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
    cfg.dir = longdir;
    struct embedded *emb = start();
    ck_assert(embedded_socket_moved(emb));
    ck_assert_int_eq(test_pg_int(conninfo, "select 1"), 1);
    ck_assert_int_eq(lstat(embedded_socket_dir(emb), &st), 0);
    ck_assert(S_ISDIR(st.st_mode));
    ck_assert_uint_eq(st.st_mode & 077, 0);
    char socket_dir[128];
    (void)snprintf(socket_dir, sizeof socket_dir, "%s", embedded_socket_dir(emb));
    embedded_stop(emb, 0);
    /* Somebody else's folder in that place is not used. */
    struct err e = {0};
    ck_assert_int_eq(chmod(socket_dir, 0777), 0);
    ck_assert_int_eq(start_fails(&e), ERR_DENIED);
    ck_assert_int_eq(rmdir(socket_dir), 0);
}
END_TEST

START_TEST(odd_names_and_missing_parents_are_fine)
{
    static const char *const names[] = {"it's a \\ place/db", "one, two/db"};
    char odd[256];
    (void)snprintf(odd, sizeof odd, "%s-%s", dir, names[_i]);
    cfg.dir = odd;
    struct embedded *emb = start();
    ck_assert_int_eq(embedded_socket_moved(emb), strchr(odd, ',') != NULL);
    ck_assert_int_eq(test_pg_int(conninfo, "select 1"), 1);
    char socket_dir[256];
    (void)snprintf(socket_dir, sizeof socket_dir, "%s", embedded_socket_dir(emb));
    bool moved = embedded_socket_moved(emb);
    embedded_stop(emb, 0);
    if (moved)
        ck_assert_int_eq(rmdir(socket_dir), 0);
}
END_TEST

START_TEST(folder_out_of_reach_is_explained)
{
    char inner[256];
    struct err e = {0};
    if (geteuid() != 0)
        return;                            /* only root starts it for another account */
    ck_assert_int_eq(mkdir(dir, 0700), 0); /* root's own */
    (void)snprintf(inner, sizeof inner, "%s/c", dir);
    cfg.dir = inner;
    ck_assert_int_eq(start_fails(&e), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "cannot get to"));
}
END_TEST

START_TEST(programs_fail_and_time_out_visibly)
{
    struct proc_user self = {0};
    char out[8];
    struct err e = {0};
    const char *const missing[] = {"/nonexistent/program", NULL};
    const char *const fails[] = {"/bin/sh", "-c", "echo 0123456789; exit 3", NULL};
    const char *const hangs[] = {"/usr/bin/tail", "-f", "/dev/null", NULL};
    ck_assert_int_eq(proc_run(&self, missing, NULL, 0, 5000, &e), ERR_IO);
    ck_assert_int_eq(proc_run(&self, fails, out, sizeof out, 5000, &e), ERR_INTERNAL);
    ck_assert_str_eq(out, "456789\n"); /* the end of it */
    ck_assert_int_eq(proc_run(&self, hangs, NULL, 0, 50, &e), ERR_DEADLINE);
}
END_TEST

int main(void)
{
    (void)test_pg_folder();
    Suite *s = suite_create("embedded");
    TCase *t = tcase_create("embedded");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, made_stopped_and_started_again);
    tcase_add_test(t, goes_on_when_we_are_killed_and_is_adopted);
    tcase_add_test(t, killed_server_is_started_again);
    tcase_add_test(t, pool_comes_back_with_the_server);
    tcase_add_test(t, one_supervisor_at_a_time);
    tcase_add_test(t, stale_pid_file_does_not_matter);
    tcase_add_test(t, interrupted_making_is_begun_again);
    tcase_add_test(t, foreign_folder_is_left_alone);
    tcase_add_test(t, cluster_of_a_version_without_programs_is_refused);
    tcase_add_test(t, missing_programs_are_named);
    tcase_add_test(t, wrong_setting_is_reported);
    tcase_add_test(t, long_path_gets_its_socket_elsewhere);
    tcase_add_loop_test(t, odd_names_and_missing_parents_are_fine, 0, 2);
    tcase_add_test(t, folder_out_of_reach_is_explained);
    tcase_add_test(t, programs_fail_and_time_out_visibly);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
