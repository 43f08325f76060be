/* SPDX-License-Identifier: MIT */
/*
 * Brings a database to the schema this program was built with. Called before the event loop starts; blocks.
 *
 * Migrations are numbered and frozen: each is applied once, in order, in a transaction of its own, and its checksum is kept.
 * Repeatable scripts (functions, roles, grants) are applied again, all in one transaction, when any of them changed or a
 * migration was applied. Any number of processes may do this at once: an advisory lock lets one work and the others find
 * everything done.
 */
#ifndef WG_DB_MIGRATE_H
#define WG_DB_MIGRATE_H

#include "common/base/err.h"

struct migrate_script {
    const char *name; /* file name: "0001_directory.sql" */
    const char *text;
};

struct migrate_set {
    const struct migrate_script *migrations; /* NNNN_what.sql from 0001 without a gap */
    int nmigrations;
    const struct migrate_script *repeatable; /* in the order of application */
    int nrepeatable;
};

struct migrate_report {
    int version;  /* of the database now */
    int applied;  /* migrations */
    int repeated; /* repeatable scripts */
};

/* The scripts in schema/, built in. Static. */
const struct migrate_set *migrate_builtin(void);
/*
 * Brings the database to this program's version. ERR_PRECONDITION if it is newer than the program or if a migration's text
 * differs from the one applied; ERR_UNAVAILABLE if it cannot be reached; else what a script failed with (named in the text).
 * out may be NULL.
 */
int migrate_run(const char *conninfo, struct migrate_report *out, struct err *e) MUST_CHECK;
/* 0 if the database has exactly this program's schema; ERR_PRECONDITION, saying what to do, if not. Changes nothing. */
int migrate_check(const char *conninfo, struct err *e) MUST_CHECK;
/* The same with other scripts. */
int migrate_run_set(const char *conninfo, const struct migrate_set *set, struct migrate_report *out, struct err *e) MUST_CHECK;
int migrate_check_set(const char *conninfo, const struct migrate_set *set, struct err *e) MUST_CHECK;

#endif
