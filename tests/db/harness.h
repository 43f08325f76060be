/* SPDX-License-Identifier: MIT */
/* What the tests of server/db share: a loop with a deadline, a pool on it, captured answers, a proxy that cuts and freezes. */
#ifndef WG_TESTS_DB_HARNESS_H
#define WG_TESTS_DB_HARNESS_H

#include <check.h>
#include <event2/event.h>

#include "server/db/db.h"

enum { WAIT_MS = 50000 }; /* how long any condition may take; a bound for hanging, not an expectation */

struct harness {
    struct event_base *base;
    struct event *tick;
    struct db *db;
    struct db_config cfg;
    int ups, downs; /* changes of readiness */
};

/* Small lanes, short timeouts; change h->cfg, then h_open. */
void h_init(struct harness *h, const char *conninfo, const struct db_stmt *const *stmts);
/* Creates the pool. */
void h_open(struct harness *h);
/* Ready: every lane. Not ready: as db_is_ready; lanes of the other kind may still be up. */
void h_wait_ready(struct harness *h, bool ready);
/* Until no lane is up. */
void h_wait_down(struct harness *h);
void h_close(struct harness *h);
/* Runs the loop until cond holds; fails the case after WAIT_MS. */
void h_until(struct harness *h, bool (*cond)(void *arg), void *arg, const char *what);
/* Runs the loop until *n >= want. */
void h_until_count(struct harness *h, const int *n, int want);
struct db_stats h_stats(const struct harness *h);

/* A captured answer of a statement. */
struct answer {
    int calls;
    int code;
    char value[128]; /* first column of the first row */
    char detail[256];
    int *total; /* counted too, may be NULL */
};
void on_answer(void *arg, const PGresult *res, const struct err *e);

/* A write into the table of test_write_schema. */
struct put {
    struct db_write w;
    int64_t id;
    const char *value;
    struct answer a;
};
extern const struct db_unit_ops put_ops, put_distinct_ops;
extern const struct db_stmt put_stmt;
/*
 * Table item(id, value, nth). The statement behind put_ops traps errors member by member. Values with a meaning: boom (fails
 * inside the trap), deadlock-once (the member's own 40P01, the first time), poison (fails the whole unit, each time),
 * flaky (fails the whole unit with 40001, the first time), warn (raises a warning), block (waits for advisory lock 42).
 */
extern const char put_schema[];
void put_init(struct put *p, int64_t id, const char *value, int *total);
/* Submits and expects it to be taken. */
void put_submit(struct harness *h, const struct db_unit_ops *ops, struct put *p);

/* Forwards a Unix socket to the server's; made for one pool. */
struct proxy;
struct proxy *proxy_create(struct event_base *base, const char *conninfo);
/* The connection string to use instead. Borrowed. */
const char *proxy_conninfo(const struct proxy *p);
/* While set, what the server says is kept back. */
void proxy_freeze(struct proxy *p, bool frozen);
/* Closes every connection towards the client, as a broken network does. */
void proxy_cut(struct proxy *p);
void proxy_destroy(struct proxy *p);

#endif
