/* SPDX-License-Identifier: MIT */
/* Inside of the outbox: the handle, transactions, statements. For client/outbox only. */
#ifndef WG_CLIENT_OUTBOX_STORE_H
#define WG_CLIENT_OUTBOX_STORE_H

#include <libintl.h>
#include <sqlite3.h>

#include "client/outbox/outbox.h"

#define _(s) gettext(s)

struct outbox {
    sqlite3 *_db;
    const struct clock *_clock;
    char _account[OUTBOX_ACCOUNT_MAX];
    char _owner[80]; /* "pid:start:random", in claims */
};

/* Turns the connection's last failure into an error that says what to do. */
int outbox_store_error(struct outbox *o, struct err *e);
int outbox_store_exec(struct outbox *o, const char *sql, struct err *e) MUST_CHECK;
int outbox_store_prepare(struct outbox *o, const char *sql, sqlite3_stmt **ret, struct err *e) MUST_CHECK;
/* Steps a statement that returns no row and finalizes it. */
int outbox_store_run(struct outbox *o, sqlite3_stmt *st, struct err *e) MUST_CHECK;
int outbox_store_begin(struct outbox *o, struct err *e) MUST_CHECK;
/* Commits if rc is 0, else rolls back; returns rc, or why the commit failed. */
int outbox_store_end(struct outbox *o, int rc, struct err *e) MUST_CHECK;
usec_t outbox_store_now(const struct outbox *o);

#endif
