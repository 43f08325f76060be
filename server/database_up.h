/* SPDX-License-Identifier: MIT */
/*
 * What must be so before a worker can start: the private cluster runs, the schema is this program's, the database knows the
 * state table. Blocks; called by the subcommands before any event loop.
 */
#ifndef WG_DATABASE_UP_H
#define WG_DATABASE_UP_H

#include <stdbool.h>

#include "common/base/err.h"
#include "server/config_table.h"
#include "server/db/embedded.h"

enum { CONNINFO_SIZE = 8192 };

struct database {
    struct embedded *embedded;    /* NULL: the database is somebody else's, or another process supervises it */
    char conninfo[CONNINFO_SIZE]; /* of the owner of the tables: migrations, verify, user add */
    char serving[CONNINFO_SIZE];  /* of the role that serves requests */
    bool owner_known;             /* conninfo is the owner's: the schema may be brought up to date with it */
    bool trial;                   /* the role that serves may be the owner */
};

/*
 * Fills *ret. With a private cluster: starts it, or uses the one that another wangged runs (may_share; the server itself must
 * own it). Nothing is left running on failure.
 */
int database_open(const struct server_config *cfg, bool may_share, struct database *ret, struct err *e) MUST_CHECK;
/* Stops a cluster that database_open started. */
void database_close(struct database *d);
/* Migrates, writes the state table, lets the serving role switch to the group roles. */
int database_prepare(const struct database *d, struct err *e) MUST_CHECK;
/*
 * For serve: prepares if the owner is known, else only checks the schema; then makes sure that the serving role is what it
 * should be. ERR_PRECONDITION, saying what to do: it is a superuser, owns tables, may not switch to the group roles, …
 */
int database_prepare_to_serve(const struct database *d, struct err *e) MUST_CHECK;

#endif
