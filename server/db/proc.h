/* SPDX-License-Identifier: MIT */
/*
 * Child processes of the embedded cluster: PostgreSQL's programs, never as root. Called by embedded.c and cluster.c, and by
 * tests. Invariant: the child gets a clean signal state, a minimal environment, no descriptors of ours, and a session of its
 * own, so that a Ctrl-C meant for us does not reach it.
 */
#ifndef WG_DB_PROC_H
#define WG_DB_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/base/err.h"

enum { PROC_GROUPS_MAX = 64 };

/* As whom children run. */
struct proc_user {
    int switch_user; /* 0: as ourselves */
    uid_t uid;
    gid_t gid;
    gid_t groups[PROC_GROUPS_MAX];
    int ngroups;
};

/* The named account when we are root, ourselves otherwise. Looked up here because a child must not allocate. */
int proc_user_init(struct proc_user *u, const char *name, struct err *e) MUST_CHECK;
/*
 * Starts argv[0] (a path) with standard output and error going to out_fd (borrowed; -1: nowhere). ERR_IO if it cannot be
 * executed.
 */
int proc_spawn(const struct proc_user *u, const char *const argv[], int out_fd, pid_t *ret_pid, struct err *e) MUST_CHECK;
/*
 * Runs a program to its end, blocking. out (may be NULL) receives the last out_size - 1 bytes of what it wrote, terminated.
 * Any exit status but 0 is ERR_INTERNAL; after timeout_ms it is killed: ERR_DEADLINE.
 */
int proc_run(const struct proc_user *u, const char *const argv[], char *out, size_t out_size, int timeout_ms,
             struct err *e) MUST_CHECK;
/* A descriptor that becomes readable when the process ends (it need not be our child), or -1 with errno. Owned. */
int proc_pidfd(pid_t pid);
/* Waits until the process behind a pidfd ends; false after timeout_ms. */
bool proc_wait(int pidfd, int timeout_ms);

#endif
