/* SPDX-License-Identifier: MIT */
/*
 * A private PostgreSQL cluster in a folder, made, started and supervised by us: no DBA, no network, never as root. Called by
 * the program's start and stop.
 *
 * The server survives us: if we are killed it goes on, and the next start adopts it. One process supervises a folder at a
 * time (a lock). Everybody who can reach the socket's folder (mode 0700: the database's account and root) is trusted.
 */
#ifndef WG_DB_EMBEDDED_H
#define WG_DB_EMBEDDED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <event2/event.h>

#include "common/base/err.h"

struct embedded;

/* The login role that the server serves as: owns nothing, may switch to DB_READ_ROLE and DB_WRITE_ROLE (server/db/db.h). */
#define EMBEDDED_SERVER_ROLE "wangge_server"

struct embedded_config {
    const char *dir;        /* made if missing, and the folders above it */
    const char *bindir;     /* of PostgreSQL's programs; NULL: look for them */
    const char *os_user;    /* as whom the server runs when we are root; NULL: "postgres" */
    const char *database;   /* made if missing; NULL: "wangge" */
    const char *extra_conf; /* lines appended to the settings; NULL: none */
    int start_timeout_ms;   /* for the server to answer (after a crash it first recovers); 0: 120 s */
};

/*
 * Starts the cluster, or adopts the one that is running; makes it first if there is none. Blocks until it answers. Owned by
 * the caller; *ret untouched on failure, and then nothing that this call started is left running.
 */
int embedded_start(const struct embedded_config *cfg, struct embedded **ret, struct err *e) MUST_CHECK;
/* Connection string for a role (NULL: the superuser "postgres", for migrations) in our database. ERR_INVALID if it does not
 * fit. */
int embedded_conninfo(const struct embedded *emb, const char *role, char *out, size_t out_size) MUST_CHECK;
/* The folder of the socket. Borrowed. */
const char *embedded_socket_dir(const struct embedded *emb);
/* True if the socket is not below the folder, because its path would be too long for one: worth telling the operator. */
bool embedded_socket_moved(const struct embedded *emb);
bool embedded_was_adopted(const struct embedded *emb);
/* Of the postmaster; changes when it was restarted, -1 between. */
pid_t embedded_pid(const struct embedded *emb);

enum embedded_event {
    EMBEDDED_DIED,      /* unexpectedly; a restart is coming */
    EMBEDDED_RESTARTED, /* started again; connections will find it when it has recovered */
    EMBEDDED_FAILED,    /* could not be started again; will be tried later */
};
/* From now on a server that dies is started again, with a growing pause. fn may be NULL; why is safe to log. */
int embedded_supervise(struct embedded *emb, struct event_base *base,
                       void (*fn)(void *arg, enum embedded_event what, const char *why), void *arg, struct err *e) MUST_CHECK;
/*
 * Stops the server (fast: open sessions are ended, nothing committed is lost), blocking up to timeout_ms (0: 30 s) before it
 * gets harder; frees. Accepts NULL.
 */
void embedded_stop(struct embedded *emb, int timeout_ms);
/* Frees without stopping: the server goes on and the next start adopts it. Accepts NULL. */
void embedded_release(struct embedded *emb);

#endif
