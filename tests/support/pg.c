/* SPDX-License-Identifier: MIT */
#include "tests/support/pg.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/text.h"
#include "server/db/embedded.h"
#include "server/db/migrate.h"
#include "server/db/proc.h"

enum { CONNINFO_MAX = 512 };

static struct {
    pid_t owner;  /* the process that started it */
    pid_t keeper; /* which stops it */
    pid_t postmaster;
    int lifeline; /* the keeper waits for its end */
    char folder[64];
    char conninfo[CONNINFO_MAX];
    unsigned databases;
} pg = {.lifeline = -1};

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "test cluster: %s: %s\n", what, why);
    exit(99);
}

static const char fast_conf[] = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n";
static const char common_conf[] = "shared_buffers = 64MB\nmin_wal_size = 32MB\nmax_connections = 200\n";

/* Stops whatever servers tests left running in the folder. */
static void stop_servers(const char *top)
{
    char pattern[96];
    glob_t g = {0};
    (void)snprintf(pattern, sizeof pattern, "%s/*/data/postmaster.pid", top);
    (void)glob(pattern, 0, NULL, &g);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        char line[32] = "", cwd[PATH_MAX] = "", proc[64];
        FILE *f = fopen(g.gl_pathv[i], "re");
        long pid = f && fgets(line, sizeof line, f) ? strtol(line, NULL, 10) : 0;
        if (f)
            (void)fclose(f);
        (void)snprintf(proc, sizeof proc, "/proc/%ld/cwd", pid);
        /* Test fakes and stale files: only a process that works in the folder is one of ours. */
        if (pid <= 1 || readlink(proc, cwd, sizeof cwd - 1) <= 0 || strncmp(cwd, top, strlen(top)) != 0)
            continue;
        int pidfd = proc_pidfd((pid_t)pid);
        (void)kill((pid_t)pid, SIGCONT);
        (void)kill((pid_t)pid, SIGQUIT);
        if (pidfd < 0)
            continue;
        if (!proc_wait(pidfd, 20000))
            (void)kill((pid_t)pid, SIGKILL);
        (void)close(pidfd);
    }
    globfree(&g);
}

static int start_cluster(const char *top, enum test_pg_mode mode, int report)
{
    char conf[512], dir[64], conninfo[CONNINFO_MAX] = "";
    struct embedded *emb = NULL;
    struct err e = {0};
    (void)snprintf(conf, sizeof conf, "%s%s", common_conf, mode == TEST_PG_FAST ? fast_conf : "");
    (void)snprintf(dir, sizeof dir, "%s/c", top);
    const struct embedded_config cfg = {.dir = dir, .extra_conf = conf, .start_timeout_ms = 60000};
    int ret = mode == TEST_PG_NONE ? 0 : embedded_start(&cfg, &emb, &e);
    if (!ret && emb)
        ret = embedded_conninfo(emb, NULL, conninfo, sizeof conninfo);
    if (!ret && emb)
        ret = migrate_run(conninfo, NULL, &e);
    if (ret)
        (void)dprintf(report, "!%s %s\n", e.text, e.detail);
    else
        (void)dprintf(report, "%ld %s %s\n", emb ? (long)embedded_pid(emb) : 0L, top, conninfo);
    return ret; /* emb is let go with the process; stop_servers finds its server */
}

static void keeper_main(enum test_pg_mode mode, int report, int lifeline)
{
    char top[] = "/tmp/wangge-test-XXXXXX";
    char byte;
    struct proc_user self = {0};
    const char *const rm[] = {"/bin/rm", "-rf", "--", top, NULL};
    /* Neither a Ctrl-C nor a reader of the test's output shall depend on this process. */
    (void)setsid();
    for (int sig = 1; sig < NSIG; sig++)
        (void)signal(sig, sig == SIGCHLD ? SIG_DFL : SIG_IGN);
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; fd++)
        (void)dup2(null_fd, fd);
    if (!mkdtemp(top) || chmod(top, 0711) != 0) {
        (void)dprintf(report, "!%s: %s\n", top, strerror(errno));
        _exit(1);
    }
    int ret = start_cluster(top, mode, report);
    (void)close(report);
    while (!ret && (read(lifeline, &byte, 1) > 0 || errno == EINTR))
        ;
    stop_servers(top);
    if (proc_run(&self, rm, NULL, 0, 60000, NULL))
        ret = 1;
    _exit(ret ? 1 : 0);
}

static void stop(void)
{
    if (pg.owner != getpid())
        return; /* a case of Check, leaving */
    (void)close(pg.lifeline);
    while (waitpid(pg.keeper, NULL, 0) < 0 && errno == EINTR)
        ;
}

void test_pg_start(enum test_pg_mode mode)
{
    int report[2], life[2];
    char line[1024];
    if (pg.owner)
        return;
    if (pipe2(report, O_CLOEXEC) != 0 || pipe2(life, O_CLOEXEC) != 0)
        die("pipe", strerror(errno));
    pg.keeper = fork();
    if (pg.keeper < 0)
        die("fork", strerror(errno));
    if (pg.keeper == 0) {
        (void)close(report[0]);
        (void)close(life[1]);
        keeper_main(mode, report[1], life[0]);
    }
    (void)close(report[1]);
    (void)close(life[0]);
    pg.owner = getpid();
    pg.lifeline = life[1];
    (void)atexit(stop);
    FILE *f = fdopen(report[0], "r");
    if (!f || !fgets(line, sizeof line, f))
        die("start", "the helper process ended");
    (void)fclose(f);
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '!')
        die("start", line + 1);
    /* "PID FOLDER CONNINFO" */
    char *folder = NULL;
    pg.postmaster = (pid_t)strtol(line, &folder, 10);
    char *conninfo = strchr(++folder, ' ');
    *conninfo++ = '\0';
    (void)text_copy(pg.folder, sizeof pg.folder, folder);
    (void)text_copy(pg.conninfo, sizeof pg.conninfo, conninfo);
}

pid_t test_pg_postmaster(void)
{
    return pg.postmaster;
}

const char *test_pg_folder(void)
{
    test_pg_start(TEST_PG_NONE);
    return pg.folder;
}

PGconn *test_pg_connect(const char *conninfo)
{
    PGconn *c = PQconnectdb(conninfo);
    if (PQstatus(c) != CONNECTION_OK)
        die("connect", PQerrorMessage(c));
    return c;
}

void test_pg_exec(const char *conninfo, const char *sql)
{
    PGconn *c = test_pg_connect(conninfo);
    PGresult *res = PQexec(c, sql);
    if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
        die(sql, PQresultErrorMessage(res));
    PQclear(res);
    PQfinish(c);
}

int64_t test_pg_int(const char *conninfo, const char *sql)
{
    int64_t v = 0;
    PGconn *c = test_pg_connect(conninfo);
    PGresult *res = PQexec(c, sql);
    if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) < 1)
        die(sql, PQresultErrorMessage(res));
    const char *text = PQgetvalue(res, 0, 0);
    if (strcmp(text, "t") == 0)
        v = 1;
    else if (strcmp(text, "f") != 0 && text_to_i64(text, INT64_MIN, INT64_MAX, &v))
        die(sql, "not an integer");
    PQclear(res);
    PQfinish(c);
    return v;
}

bool test_pg_wait_for(const char *conninfo, const char *sql, int timeout_ms)
{
    struct timespec now, end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += timeout_ms / 1000;
    end.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    do {
        if (test_pg_int(conninfo, sql))
            return true;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
    return false;
}

static const char *create_database(const char *tail)
{
    static char conninfo[CONNINFO_MAX + 64];
    char sql[128], name[48];
    test_pg_start(TEST_PG_FAST);
    (void)snprintf(name, sizeof name, "t_%ld_%u", (long)getpid(), pg.databases++);
    (void)snprintf(sql, sizeof sql, "create database %s template %s", name, tail);
    (void)snprintf(conninfo, sizeof conninfo, "%s dbname=postgres", pg.conninfo);
    test_pg_exec(conninfo, sql);
    (void)snprintf(conninfo, sizeof conninfo, "%s dbname=%s", pg.conninfo, name);
    return conninfo;
}

const char *test_pg_conninfo(void)
{
    return create_database("wangge");
}

const char *test_pg_conninfo_empty(void)
{
    return create_database("template0");
}
