/* SPDX-License-Identifier: MIT */
/*
 * Reads as the server's reading role under row security, and how many rows of case_file they took: PostgreSQL's own counters
 * within the transaction, never a time.
 */
#ifndef WG_TESTS_DB_READER_H
#define WG_TESTS_DB_READER_H

#include <stdint.h>
#include <libpq-fe.h>

#include "server/db/db.h"

/* Runs a statement; fails the case if it fails. */
void reader_run(PGconn *c, const char *sql);
/* The integer that a statement gives. */
int64_t reader_ask(PGconn *c, const char *sql);
/* A connection in a transaction of the reading role with this scope. Owned: PQfinish. */
PGconn *reader_begin(const char *conninfo, const struct db_scope *scope);
/* Rows of case_file that the statements of this transaction took, by an index or not. */
int64_t reader_rows(PGconn *c);

#endif
