/* SPDX-License-Identifier: MIT */
/*
 * The files of an embedded cluster: where PostgreSQL's programs are, what the folder looks like, how it is made. Called by
 * embedded.c. Invariant: DIR/data either does not exist or is complete; it is made beside and renamed.
 *
 *   DIR/data        the cluster            DIR/run   the socket (0700), unless the path is too long for one
 *   DIR/log         the server's log       DIR/lock  held by the process that supervises the cluster
 */
#ifndef WG_DB_CLUSTER_H
#define WG_DB_CLUSTER_H

#include <stdbool.h>
#include <limits.h>

#include "server/db/proc.h"

struct cluster {
    struct proc_user user;
    char dir[PATH_MAX]; /* absolute */
    char data[PATH_MAX];
    char log[PATH_MAX];
    char run[PATH_MAX];    /* of the socket */
    bool run_moved;        /* DIR was too long for a socket's name */
    char bindir[PATH_MAX]; /* of PostgreSQL's programs */
    int lock_fd;
};

/* Makes the folders, takes the lock, finds the programs. ERR_EXISTS if another process supervises this folder. */
int cluster_open(struct cluster *c, const char *dir, const char *bindir, const char *os_user, struct err *e) MUST_CHECK;
/* Lets go of the lock. */
void cluster_close(struct cluster *c);
/* Runs initdb if there is no cluster yet. */
int cluster_init(struct cluster *c, struct err *e) MUST_CHECK;
/* Writes the tuned settings; extra (may be NULL) is appended. */
int cluster_write_conf(const struct cluster *c, const char *extra, struct err *e) MUST_CHECK;
/* PostgreSQL's major version if dir holds its programs, else 0. */
int cluster_bin_version(const char *dir);

#endif
