/* SPDX-License-Identifier: MIT */
/*
 * The one table from PostgreSQL's SQLSTATE to our error codes, with what the person is told and how the lanes react.
 * Everything that reads a result's error goes through here.
 */
#ifndef WG_DB_SQLSTATE_H
#define WG_DB_SQLSTATE_H

#include <stdbool.h>
#include <libpq-fe.h>

#include "common/base/err.h"

struct sqlstate_info {
    const char *state; /* five characters, or a class: two */
    int code;          /* enum err_code */
    bool rerun;        /* a unit that failed with it is worth running again, member by member */
    bool recycle;      /* the connection is no longer good for what it is used for */
    const char *text;  /* safe to show */
};

/* The entry for a state: an exact match, else its class, else "our bug". state may be NULL. Never NULL; static. */
const struct sqlstate_info *sqlstate_lookup(const char *state);
/* True if running the same thing again may simply work: 40001 and 40P01. */
bool sqlstate_is_serialization(const char *state);
/* Fills e from a state: code and text from the table, the state and note (may be NULL) as detail. Returns the code. */
int sqlstate_err(struct err *e, const char *state, const char *note);
/*
 * Fills e from a failed result. The detail keeps SQLSTATE, primary message and constraint, but never the server's DETAIL line
 * nor a data exception's message: they quote values. Returns the code; 0 with e cleared if the result did not fail.
 */
int sqlstate_from_result(struct err *e, const PGresult *res);
/* The table itself, for tests and for documentation; ends with state NULL. */
const struct sqlstate_info *sqlstate_table(void);

#endif
