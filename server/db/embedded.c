/* SPDX-License-Identifier: MIT */
#include "server/db/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <libpq-fe.h>

#include "common/base/text.h"
#include "server/db/cluster.h"
#include "server/db/db.h"

enum {
    START_TIMEOUT_MS = 120 * 1000,
    STOP_TIMEOUT_MS = 30 * 1000,
    QUIT_TIMEOUT_MS = 5 * 1000,
    PROBE_EVERY_MS = 25,
    RESTART_MIN_MS = 100,
    RESTART_MAX_MS = 5000,
    HEALTHY_AFTER_S = 10, /* a server that lived this long begins again at the short pause */
};

struct embedded {
    struct cluster cluster;
    char *database;
    pid_t pid; /* of the postmaster, -1: not running */
    int pidfd; /* of it */
    bool adopted;
    bool child; /* ours to wait for */
    /* Supervision */
    struct event_base *base;
    struct event *died;
    struct event *restart;
    int restart_ms;
    time_t started_at;
    void (*fn)(void *arg, enum embedded_event what, const char *why);
    void *arg;
};

static int64_t now_ms(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Appends keyword='value' with libpq's escapes; false if it does not fit. */
static bool append_option(char *out, size_t size, const char *keyword, const char *value)
{
    size_t len = strlen(out);
    int n = snprintf(out + len, size - len, "%s%s='", len ? " " : "", keyword);
    if (n < 0 || (size_t)n >= size - len)
        return false;
    len += (size_t)n;
    for (; *value; value++) {
        if (len + 4 > size)
            return false;
        if (*value == '\'' || *value == '\\')
            out[len++] = '\\';
        out[len++] = *value;
    }
    if (len + 2 > size)
        return false;
    out[len++] = '\'';
    out[len] = '\0';
    return true;
}

static int format_conninfo(const struct embedded *emb, const char *role, const char *database, char *out, size_t size)
{
    if (size == 0)
        return ERR_INVALID;
    out[0] = '\0';
    bool ok = append_option(out, size, "host", emb->cluster.run) && append_option(out, size, "port", "5432") &&
              append_option(out, size, "user", role ? role : "postgres") && append_option(out, size, "dbname", database);
    return ok ? 0 : ERR_INVALID;
}

int embedded_conninfo(const struct embedded *emb, const char *role, char *out, size_t out_size)
{
    return format_conninfo(emb, role, emb->database, out, out_size);
}

const char *embedded_socket_dir(const struct embedded *emb)
{
    return emb->cluster.run;
}

bool embedded_socket_moved(const struct embedded *emb)
{
    return emb->cluster.run_moved;
}

bool embedded_was_adopted(const struct embedded *emb)
{
    return emb->adopted;
}

pid_t embedded_pid(const struct embedded *emb)
{
    return emb->pid;
}

static bool is_running(const struct embedded *emb)
{
    return emb->pidfd >= 0 && !proc_wait(emb->pidfd, 0);
}

/* Reaps and forgets a postmaster that has ended. */
static void forget(struct embedded *emb)
{
    if (emb->pidfd >= 0)
        (void)close(emb->pidfd);
    if (emb->child && emb->pid > 0)
        (void)waitpid(emb->pid, NULL, WNOHANG);
    emb->pidfd = -1;
    emb->pid = -1;
    emb->child = false;
}

static int watch(struct embedded *emb, pid_t pid, bool child, struct err *e)
{
    int fd = proc_pidfd(pid);
    if (fd < 0)
        return err_errno(e, errno, "The database server's process cannot be watched.");
    emb->pid = pid;
    emb->pidfd = fd;
    emb->child = child;
    return 0;
}

static int open_start_log(const struct embedded *emb)
{
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/start.log", emb->cluster.log);
    return open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int spawn(struct embedded *emb, struct err *e)
{
    char program[PATH_MAX + 16];
    pid_t pid = -1;
    (void)snprintf(program, sizeof program, "%s/postgres", emb->cluster.bindir);
    const char *const argv[] = {program, "-D", emb->cluster.data, NULL};
    int log_fd = open_start_log(emb);
    int ret = proc_spawn(&emb->cluster.user, argv, log_fd, &pid, e);
    if (log_fd >= 0)
        (void)close(log_fd);
    if (ret)
        return ret;
    emb->started_at = time(NULL);
    ret = watch(emb, pid, /* child= */ true, e);
    if (ret) {
        (void)kill(pid, SIGINT);
        (void)waitpid(pid, NULL, 0);
    }
    return ret;
}

/* The last line of what the server wrote before it could log elsewhere. */
static void start_log_tail(const struct embedded *emb, char *out, size_t size)
{
    char path[PATH_MAX + 16], buf[2048];
    (void)snprintf(path, sizeof path, "%s/start.log", emb->cluster.log);
    out[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    off_t len = lseek(fd, 0, SEEK_END);
    off_t from = len > (off_t)sizeof buf - 1 ? len - ((off_t)sizeof buf - 1) : 0;
    ssize_t n = pread(fd, buf, sizeof buf - 1, from);
    (void)close(fd);
    if (n <= 0)
        return;
    buf[n] = '\0';
    /* The FATAL line says why; a HINT or DETAIL may follow it. */
    char *at = NULL;
    for (char *p = strstr(buf, "FATAL:"); p; p = strstr(p + 1, "FATAL:"))
        at = p;
    if (!at)
        at = buf;
    at[strcspn(at, "\n")] = '\0';
    (void)text_copy(out, size, at);
}

/*
 * The postmaster of a former run, if it is still there. Its lock file may be stale and its process id somebody else's by now:
 * only a process whose working directory is our cluster counts.
 */
static pid_t find_running(const struct embedded *emb)
{
    char path[PATH_MAX + 32], line[32], cwd[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/postmaster.pid", emb->cluster.data);
    FILE *f = fopen(path, "re");
    if (!f)
        return -1;
    long pid = fgets(line, sizeof line, f) ? strtol(line, NULL, 10) : -1;
    (void)fclose(f);
    if (pid <= 1)
        return -1;
    (void)snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
    ssize_t n = readlink(path, cwd, sizeof cwd - 1);
    if (n <= 0)
        return -1;
    cwd[n] = '\0';
    return strcmp(cwd, emb->cluster.data) == 0 ? (pid_t)pid : -1;
}

/* One attempt to connect; NULL if the server does not answer yet. Owned. */
static PGconn *probe(const struct embedded *emb, const char *database)
{
    char conninfo[PATH_MAX * 2];
    if (format_conninfo(emb, NULL, database, conninfo, sizeof conninfo - 32))
        return NULL;
    (void)append_option(conninfo, sizeof conninfo, "connect_timeout", "2");
    PGconn *pg = PQconnectdb(conninfo);
    if (PQstatus(pg) == CONNECTION_OK)
        return pg;
    PQfinish(pg);
    return NULL;
}

/* Waits until the server answers; false when it ended or end_ms passed. */
static bool wait_ready(const struct embedded *emb, int64_t end_ms, PGconn **ret)
{
    do {
        *ret = probe(emb, "postgres");
        if (*ret)
            return true;
    } while (now_ms() < end_ms && !proc_wait(emb->pidfd, PROBE_EVERY_MS));
    return false;
}

static int ensure_database(const struct embedded *emb, PGconn *pg, struct err *e)
{
    const char *values[] = {emb->database};
    char sql[160];
    int ret = 0;
    PGresult *res = PQexecParams(pg, "select 1 from pg_database where datname = $1", 1, NULL, values, NULL, NULL, 0);
    bool exists = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1;
    PQclear(res);
    if (exists)
        return 0;
    char *name = PQescapeIdentifier(pg, emb->database, strlen(emb->database));
    (void)snprintf(sql, sizeof sql, "create database %s", name ? name : "");
    PQfreemem(name);
    res = PQexec(pg, sql);
    if (PQresultStatus(res) != PGRES_COMMAND_OK) {
        ret = err_set(e, ERR_INTERNAL, "The database \"%.60s\" cannot be made.", emb->database);
        err_detail(e, "%s", PQresultErrorMessage(res));
    }
    PQclear(res);
    return ret;
}

/*
 * The account the server serves as: it may switch to the two group roles and nothing else. It inherits nothing, so a connection
 * that did not switch can do nothing. Made before the schema, which grants the group roles what they need.
 */
static int ensure_server_role(PGconn *pg, struct err *e)
{
    static const char sql[] = "do $$ begin"
                              " if not exists (select from pg_roles where rolname = '" DB_READ_ROLE
                              "') then create role " DB_READ_ROLE " nologin; end if;"
                              " if not exists (select from pg_roles where rolname = '" DB_WRITE_ROLE
                              "') then create role " DB_WRITE_ROLE " nologin; end if;"
                              " if not exists (select from pg_roles where rolname = '" EMBEDDED_SERVER_ROLE "') then"
                              "  create role " EMBEDDED_SERVER_ROLE " login noinherit; end if;"
                              " grant " DB_READ_ROLE ", " DB_WRITE_ROLE " to " EMBEDDED_SERVER_ROLE ";"
                              " end $$";
    int ret = 0;
    PGresult *res = PQexec(pg, sql);
    if (PQresultStatus(res) != PGRES_COMMAND_OK) {
        ret = err_set(e, ERR_INTERNAL, "The database's roles cannot be made.");
        err_detail(e, "%s", PQresultErrorMessage(res));
    }
    PQclear(res);
    return ret;
}

/* Signals, then harder. */
static void stop_process(struct embedded *emb, int timeout_ms)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGKILL};
    const int waits[] = {timeout_ms, QUIT_TIMEOUT_MS, QUIT_TIMEOUT_MS};
    for (size_t i = 0; i < 3 && emb->pid > 0; i++) {
        if (is_running(emb))
            (void)kill(emb->pid, signals[i]);
        if (proc_wait(emb->pidfd, waits[i]))
            forget(emb);
    }
}

static int start_server(struct embedded *emb, int64_t end_ms, PGconn **ret_pg, struct err *e)
{
    for (;;) {
        char why[192];
        int ret = spawn(emb, e);
        if (ret)
            return ret;
        if (wait_ready(emb, end_ms, ret_pg))
            return 0;
        start_log_tail(emb, why, sizeof why);
        if (is_running(emb)) {
            stop_process(emb, QUIT_TIMEOUT_MS);
            return err_set(e, ERR_DEADLINE, "The database in %.100s did not answer in time. See its log in %.100s.",
                           emb->cluster.dir, emb->cluster.log);
        }
        forget(emb);
        /* After a postmaster was killed its backends may need a moment to notice. */
        bool orphans = strstr(why, "shared memory") || strstr(why, "lock file");
        if (!orphans || now_ms() >= end_ms)
            return err_set(e, ERR_UNAVAILABLE, "The database in %.100s does not start: %.120s", emb->cluster.dir, why);
        const struct timespec pause = {.tv_nsec = 100 * 1000000L};
        (void)nanosleep(&pause, NULL);
    }
}

static int adopt_or_start(struct embedded *emb, int64_t end_ms, PGconn **ret_pg, struct err *e)
{
    pid_t running = find_running(emb);
    if (running > 0 && watch(emb, running, /* child= */ false, e) == 0) {
        emb->started_at = time(NULL);
        if (wait_ready(emb, end_ms, ret_pg)) {
            emb->adopted = true;
            (void)kill(emb->pid, SIGHUP); /* the settings were just written anew */
            return 0;
        }
        bool alive = is_running(emb);
        forget(emb);
        if (alive)
            return err_set(e, ERR_DEADLINE,
                           "A database server of a former run (process %ld) does not answer. Stop it, then try again.",
                           (long)running);
    }
    return start_server(emb, end_ms, ret_pg, e);
}

int embedded_start(const struct embedded_config *cfg, struct embedded **ret, struct err *e)
{
    int64_t end_ms = now_ms() + (cfg->start_timeout_ms > 0 ? cfg->start_timeout_ms : START_TIMEOUT_MS);
    PGconn *pg = NULL;
    struct embedded *emb = calloc(1, sizeof *emb);
    if (!emb)
        return err_set(e, ERR_NOMEM, "There is not enough memory to start the database.");
    emb->pid = -1;
    emb->pidfd = -1;
    emb->restart_ms = RESTART_MIN_MS;
    emb->cluster.lock_fd = -1;
    emb->database = strdup(cfg->database ? cfg->database : "wangge");
    int result = emb->database ? 0 : err_set(e, ERR_NOMEM, "There is not enough memory to start the database.");
    if (!result)
        result = cluster_open(&emb->cluster, cfg->dir, cfg->bindir, cfg->os_user, e);
    if (!result)
        result = cluster_init(&emb->cluster, e);
    if (!result)
        result = cluster_write_conf(&emb->cluster, cfg->extra_conf, e);
    if (!result)
        result = adopt_or_start(emb, end_ms, &pg, e);
    if (!result)
        result = ensure_database(emb, pg, e);
    if (!result)
        result = ensure_server_role(pg, e);
    PQfinish(pg);
    if (result) {
        if (emb->pid > 0 && !emb->adopted)
            stop_process(emb, STOP_TIMEOUT_MS);
        embedded_release(emb);
        return result;
    }
    *ret = emb;
    return 0;
}

static void tell(struct embedded *emb, enum embedded_event what, const char *why)
{
    if (emb->fn)
        emb->fn(emb->arg, what, why);
}

static void schedule_restart(struct embedded *emb)
{
    struct timeval tv = {.tv_sec = emb->restart_ms / 1000, .tv_usec = (suseconds_t)(emb->restart_ms % 1000 * 1000)};
    (void)evtimer_add(emb->restart, &tv);
    emb->restart_ms = emb->restart_ms * 2 > RESTART_MAX_MS ? RESTART_MAX_MS : emb->restart_ms * 2;
}

static void on_died(evutil_socket_t fd, short what, void *arg)
{
    struct embedded *emb = arg;
    char why[192];
    event_free(emb->died);
    emb->died = NULL;
    if (time(NULL) - emb->started_at >= HEALTHY_AFTER_S)
        emb->restart_ms = RESTART_MIN_MS;
    forget(emb);
    start_log_tail(emb, why, sizeof why);
    tell(emb, EMBEDDED_DIED, why);
    schedule_restart(emb);
}

static bool arm_died(struct embedded *emb)
{
    emb->died = event_new(emb->base, emb->pidfd, EV_READ, on_died, emb);
    return emb->died && event_add(emb->died, NULL) == 0;
}

static void on_restart(evutil_socket_t fd, short what, void *arg)
{
    struct embedded *emb = arg;
    struct err e;
    if (spawn(emb, &e)) {
        tell(emb, EMBEDDED_FAILED, e.text);
        schedule_restart(emb);
        return;
    }
    emb->adopted = false;
    tell(emb, EMBEDDED_RESTARTED, "");
    if (!arm_died(emb))
        tell(emb, EMBEDDED_FAILED, "its process cannot be watched");
}

int embedded_supervise(struct embedded *emb, struct event_base *base,
                       void (*fn)(void *arg, enum embedded_event what, const char *why), void *arg, struct err *e)
{
    emb->base = base;
    emb->fn = fn;
    emb->arg = arg;
    emb->restart = evtimer_new(base, on_restart, emb);
    if (!emb->restart || !arm_died(emb))
        return err_set(e, ERR_NOMEM, "There is not enough memory to watch the database.");
    return 0;
}

void embedded_stop(struct embedded *emb, int timeout_ms)
{
    if (!emb)
        return;
    stop_process(emb, timeout_ms > 0 ? timeout_ms : STOP_TIMEOUT_MS);
    embedded_release(emb);
}

void embedded_release(struct embedded *emb)
{
    if (!emb)
        return;
    if (emb->died)
        event_free(emb->died);
    if (emb->restart)
        event_free(emb->restart);
    if (emb->pidfd >= 0)
        (void)close(emb->pidfd);
    cluster_close(&emb->cluster);
    free(emb->database);
    free(emb);
}
