/* SPDX-License-Identifier: MIT */
/*
 * A throwaway PostgreSQL cluster for a test program. It lives in a folder of its own under the temporary folder, listens on a
 * Unix socket there, and goes when the test program goes, however that happens: a helper process waits for its end.
 *
 * Check runs each case in a child process, so main() calls test_pg_start() before srunner_run_all(); the cases then ask for
 * databases. Any failure of the scaffolding ends the program with a message.
 */
#ifndef WG_TESTS_SUPPORT_PG_H
#define WG_TESTS_SUPPORT_PG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <libpq-fe.h>

enum test_pg_mode {
    TEST_PG_FAST,    /* fsync off: where a crash of the machine is not what is tested */
    TEST_PG_DURABLE, /* as in production */
    TEST_PG_NONE,    /* no cluster, only test_pg_folder */
};

/* Starts the cluster and migrates a template. Once a program; later calls do nothing. */
void test_pg_start(enum test_pg_mode mode);
/* A fresh database with our schema; user is the superuser. Starts a fast cluster if there is none. Static until the next call.
 */
const char *test_pg_conninfo(void);
/* As test_pg_conninfo, with nothing in it. */
const char *test_pg_conninfo_empty(void);
pid_t test_pg_postmaster(void);
/* A folder others can traverse, for clusters that a test makes itself (FOLDER/NAME); they are stopped and removed in the end.
 */
const char *test_pg_folder(void);

/* A blocking connection; ends the program if it cannot be made. Owned: PQfinish. */
PGconn *test_pg_connect(const char *conninfo);
/* Runs SQL on its own connection; ends the program if it fails. */
void test_pg_exec(const char *conninfo, const char *sql);
/* The first column of the first row as an integer; ends the program if the statement fails or gives no row. */
int64_t test_pg_int(const char *conninfo, const char *sql);
/* Waits until the statement gives a non-zero integer; false after timeout_ms. */
bool test_pg_wait_for(const char *conninfo, const char *sql, int timeout_ms);

#endif
