/* SPDX-License-Identifier: MIT */
/*
 * A worker gets its own event base: libevent's is not shared over a fork, because both sides would change one epoll set. The
 * child therefore re-makes the master's base, takes its events off and frees it before it begins.
 */
#include "server/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/notify.h"

enum { MAX_WORKERS = 64, WAIT_FIRST_MS = 200, WAIT_MAX_MS = 10000, STEADY_MS = 60000, KILL_AFTER_S = 10, N_SIGNALS = 4 };

struct supervisor;

struct child {
    struct supervisor *s;
    int index;
    pid_t pid; /* 0: not running */
    usec_t since;
    int wait_ms;
    struct event *restart;
};

struct supervisor {
    struct event_base *base;
    struct app_options *options;
    struct embedded *embedded;
    struct event *signals[N_SIGNALS];
    struct event *kill;
    int n;
    bool stopping;
    struct child children[MAX_WORKERS];
};

int supervisor_next_wait_ms(int64_t lived_ms, int wait_ms)
{
    if (lived_ms >= STEADY_MS || wait_ms == 0)
        return WAIT_FIRST_MS;
    return wait_ms * 2 < WAIT_MAX_MS ? wait_ms * 2 : WAIT_MAX_MS;
}

static usec_t monotonic(void)
{
    return clock_system()->monotonic(clock_system());
}

static void free_events(struct supervisor *s)
{
    for (int i = 0; i < N_SIGNALS; i++)
        if (s->signals[i])
            event_free(s->signals[i]);
    for (int i = 0; i < s->n; i++)
        if (s->children[i].restart)
            event_free(s->children[i].restart);
    if (s->kill)
        event_free(s->kill);
}

/* In the child; does not return. */
static void run_worker(struct supervisor *s, int index, pid_t master)
{
    struct app_options options = *s->options;
    struct event_base *base;
    int r;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != master)
        _exit(1);
    event_reinit(s->base);
    free_events(s);
    embedded_release(s->embedded);
    event_base_free(s->base);
    base = event_base_new();
    options.worker = index;
    options.announce = index == 0;
    options.embedded = NULL;
    r = base ? app_run(base, &options) : ERR_NOMEM;
    if (base)
        event_base_free(base);
    free(s);
    exit(r ? 1 : 0);
}

static void start(struct child *c)
{
    static const struct timeval later = {.tv_sec = 1};
    pid_t master = getpid();
    pid_t pid = fork();

    if (pid == 0)
        run_worker(c->s, c->index, master);
    if (pid < 0) {
        log_event(LOG_ERROR, "worker.fork_failed", LOG_S("why", strerror(errno)), LOG_END);
        evtimer_add(c->restart, &later);
        return;
    }
    c->pid = pid;
    c->since = monotonic();
    log_event(LOG_INFO, "worker.started", LOG_I("worker", c->index), LOG_I("pid", pid), LOG_END);
}

static void on_restart(evutil_socket_t fd, short what, void *arg)
{
    struct child *c = arg;
    if (!c->s->stopping && !c->pid)
        start(c);
}

static void on_ended(struct child *c, int status)
{
    struct supervisor *s = c->s;
    struct timeval tv;
    int64_t lived_ms = (monotonic() - c->since) / 1000;

    c->pid = 0;
    if (s->stopping) {
        for (int i = 0; i < s->n; i++)
            if (s->children[i].pid)
                return;
        event_base_loopbreak(s->base);
        return;
    }
    c->wait_ms = supervisor_next_wait_ms(lived_ms, c->wait_ms);
    log_event(LOG_ERROR, "worker.ended", LOG_I("worker", c->index), LOG_I("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
              LOG_I("code", WIFEXITED(status) ? WEXITSTATUS(status) : 0), LOG_I("restart_ms", c->wait_ms), LOG_END);
    tv = (struct timeval){.tv_sec = c->wait_ms / 1000, .tv_usec = c->wait_ms % 1000 * 1000};
    evtimer_add(c->restart, &tv);
}

/* Only our own: the cluster's processes are waited for by their supervisor. */
static void on_child(evutil_socket_t sig, short what, void *arg)
{
    struct supervisor *s = arg;
    int status;

    for (int i = 0; i < s->n; i++)
        if (s->children[i].pid && waitpid(s->children[i].pid, &status, WNOHANG) == s->children[i].pid)
            on_ended(&s->children[i], status);
}

static void signal_all(struct supervisor *s, int sig)
{
    for (int i = 0; i < s->n; i++)
        if (s->children[i].pid)
            kill(s->children[i].pid, sig);
}

static void on_stop(evutil_socket_t sig, short what, void *arg)
{
    struct supervisor *s = arg;
    struct timeval tv = {.tv_sec = s->options->config.drain_s + KILL_AFTER_S};
    bool any = false;

    if (!s->stopping)
        notify_manager("STOPPING=1");
    s->stopping = true;
    signal_all(s, SIGTERM);
    evtimer_add(s->kill, &tv);
    for (int i = 0; i < s->n; i++)
        any |= s->children[i].pid != 0;
    if (!any)
        event_base_loopbreak(s->base);
}

static void on_reload(evutil_socket_t sig, short what, void *arg)
{
    signal_all(arg, SIGHUP);
}

static void on_kill(evutil_socket_t fd, short what, void *arg)
{
    log_event(LOG_ERROR, "worker.killed", LOG_S("why", "it did not end in time"), LOG_END);
    signal_all(arg, SIGKILL);
}

static void on_cluster(void *arg, enum embedded_event what, const char *why)
{
    log_event(what == EMBEDDED_RESTARTED ? LOG_WARN : LOG_ERROR,
              what == EMBEDDED_DIED        ? "database.died"
              : what == EMBEDDED_RESTARTED ? "database.restarted"
                                           : "database.restart_failed",
              LOG_S("why", why), LOG_END);
}

static int prepare(struct supervisor *s, struct err *e)
{
    s->signals[0] = evsignal_new(s->base, SIGCHLD, on_child, s);
    s->signals[1] = evsignal_new(s->base, SIGTERM, on_stop, s);
    s->signals[2] = evsignal_new(s->base, SIGINT, on_stop, s);
    s->signals[3] = evsignal_new(s->base, SIGHUP, on_reload, s);
    s->kill = evtimer_new(s->base, on_kill, s);
    for (int i = 0; i < N_SIGNALS; i++)
        if (!s->signals[i] || evsignal_add(s->signals[i], NULL))
            return err_set(e, ERR_NOMEM, "Out of memory.");
    for (int i = 0; i < s->n; i++) {
        s->children[i] = (struct child){.s = s, .index = i};
        s->children[i].restart = evtimer_new(s->base, on_restart, &s->children[i]);
        if (!s->children[i].restart)
            return err_set(e, ERR_NOMEM, "Out of memory.");
    }
    if (!s->kill)
        return err_set(e, ERR_NOMEM, "Out of memory.");
    return s->embedded ? embedded_supervise(s->embedded, s->base, on_cluster, s, e) : 0;
}

int supervisor_run(struct event_base *base, struct app_options *options, int n_workers, struct embedded *embedded)
{
    struct supervisor *s = calloc(1, sizeof(*s));
    struct err e = {0};
    int r = ERR_NOMEM;

    if (!s)
        return r;
    s->options = options;
    s->embedded = embedded;
    s->n = n_workers < MAX_WORKERS ? n_workers : MAX_WORKERS;
    s->base = base;
    r = prepare(s, &e);
    if (r == 0) {
        for (int i = 0; i < s->n; i++)
            start(&s->children[i]);
        event_base_dispatch(s->base);
    } else {
        log_event(LOG_ERROR, "start.failed", LOG_S("text", e.text), LOG_S("detail", e.detail), LOG_END);
    }
    free_events(s);
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    free(s);
    return r;
}
