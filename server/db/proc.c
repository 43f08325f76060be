/* SPDX-License-Identifier: MIT */
#include "server/db/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int proc_user_init(struct proc_user *u, const char *name, struct err *e)
{
    *u = (struct proc_user){.uid = geteuid(), .gid = getegid()};
    if (u->uid != 0)
        return 0;
    struct passwd *pw = getpwnam(name);
    if (!pw || pw->pw_uid == 0)
        return err_set(e, ERR_PRECONDITION,
                       "PostgreSQL must not run as root, and there is no account \"%s\" for it. Install PostgreSQL's server "
                       "package or create the account.",
                       name);
    u->switch_user = 1;
    u->uid = pw->pw_uid;
    u->gid = pw->pw_gid;
    u->ngroups = PROC_GROUPS_MAX;
    if (getgrouplist(name, pw->pw_gid, u->groups, &u->ngroups) < 0)
        u->ngroups = PROC_GROUPS_MAX;
    return 0;
}

/* In the child, between fork and exec: only async-signal-safe calls, other threads may have held any lock. */
static void child(const struct proc_user *u, const char *const argv[], int out_fd, int null_fd, int report_fd)
{
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LC_ALL=C", tz[] = "TZ=UTC";
    char *env[] = {path, lang, tz, NULL};
    sigset_t none;
    (void)setsid();
    for (int sig = 1; sig < NSIG; sig++)
        (void)signal(sig, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    bool ok = dup2(null_fd, 0) >= 0 && dup2(out_fd >= 0 ? out_fd : null_fd, 1) >= 0 && dup2(1, 2) >= 0;
    if (ok && u->switch_user)
        ok = setgroups((size_t)u->ngroups, u->groups) == 0 && setgid(u->gid) == 0 && setuid(u->uid) == 0;
    if (ok && report_fd != 3)
        ok = dup3(report_fd, 3, O_CLOEXEC) >= 0;
    if (ok) {
        (void)syscall(SYS_close_range, 4U, ~0U, 0U);
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        (void)umask(077);
        if (chdir("/") == 0)
            (void)execve(argv[0], (char *const *)argv, env);
        report_fd = 3;
    }
    int err = errno;
    ssize_t n = write(report_fd, &err, sizeof err);
    _exit(n == sizeof err ? 127 : 126);
}

int proc_spawn(const struct proc_user *u, const char *const argv[], int out_fd, pid_t *ret_pid, struct err *e)
{
    int ret = 0;
    int report[2] = {-1, -1};
    int child_errno = 0;
    pid_t pid = -1;
    /* Above 3, so that the child's dup2 calls cannot overwrite what they copy from. */
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high_null = null_fd >= 0 ? fcntl(null_fd, F_DUPFD_CLOEXEC, 10) : -1;
    int high_out = out_fd >= 0 ? fcntl(out_fd, F_DUPFD_CLOEXEC, 10) : -1;
    if (high_null < 0 || (out_fd >= 0 && high_out < 0) || pipe2(report, O_CLOEXEC) != 0) {
        ret = err_errno(e, errno, "A program of PostgreSQL cannot be started.");
        goto out;
    }
    pid = fork();
    if (pid < 0) {
        ret = err_errno(e, errno, "A program of PostgreSQL cannot be started.");
        goto out;
    }
    if (pid == 0)
        child(u, argv, high_out, high_null, report[1]);
    (void)close(report[1]);
    report[1] = -1;
    ssize_t n;
    do
        n = read(report[0], &child_errno, sizeof child_errno);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof child_errno) {
        ret = err_errno(e, child_errno, "%s cannot be started.", argv[0]);
        (void)waitpid(pid, NULL, 0);
        goto out;
    }
    *ret_pid = pid;
out:
    for (int i = 0; i < 2; i++)
        if (report[i] >= 0)
            (void)close(report[i]);
    if (null_fd >= 0)
        (void)close(null_fd);
    if (high_null >= 0)
        (void)close(high_null);
    if (high_out >= 0)
        (void)close(high_out);
    return ret;
}

int proc_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0U); /* close-on-exec by itself */
}

static int64_t now_ms(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool proc_wait(int pidfd, int timeout_ms)
{
    int64_t end = now_ms() + timeout_ms;
    for (;;) {
        int64_t left = end - now_ms();
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return true;
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
    }
}

/* Keeps the tail of what comes: programs say why they failed in their last lines. Ends at end of file or at the deadline. */
static bool read_tail(int fd, char *out, size_t out_size, int64_t end_ms)
{
    size_t len = 0;
    char chunk[1024];
    for (;;) {
        int64_t left = end_ms - now_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, left > 0 ? (int)left : 0);
        if (ready == 0)
            return false;
        ssize_t n = ready > 0 ? read(fd, chunk, sizeof chunk) : -1;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        for (ssize_t i = 0; i < n && out_size > 1; i++) {
            if (len == out_size - 1) {
                memmove(out, out + 1, len - 1);
                len--;
            }
            out[len++] = chunk[i];
            out[len] = '\0';
        }
    }
}

int proc_run(const struct proc_user *u, const char *const argv[], char *out, size_t out_size, int timeout_ms, struct err *e)
{
    int ret = 0;
    int fds[2] = {-1, -1};
    char scratch[2];
    pid_t pid = -1;
    int status = 0;
    if (!out) {
        out = scratch;
        out_size = sizeof scratch;
    }
    out[0] = '\0';
    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_errno(e, errno, "A program of PostgreSQL cannot be started.");
    int64_t end_ms = now_ms() + timeout_ms;
    ret = proc_spawn(u, argv, fds[1], &pid, e);
    (void)close(fds[1]);
    if (ret)
        goto out;
    bool ended = read_tail(fds[0], out, out_size, end_ms);
    if (!ended)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ended)
        ret = err_set(e, ERR_DEADLINE, "%s did not end within %d seconds.", argv[0], timeout_ms / 1000);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        ret = err_set(e, ERR_INTERNAL, "%s failed: %.160s", argv[0], out);
out:
    (void)close(fds[0]);
    return ret;
}
