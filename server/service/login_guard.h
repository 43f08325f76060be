/* SPDX-License-Identifier: MIT */
/*
 * Two things about logins that only this worker remembers. Whose turn it is: attempts on one login are made one after another,
 * so that many good ones at once do not use up the allowance of failures. And failures of logins that do not exist, so that
 * these lock like those that do and nobody can tell them apart. A fixed table indexed by a keyed hash: two names that meet in a
 * slot share it, which only makes one of them be forgotten. Pure but for the random key; one per worker, used by Login.
 */
#ifndef WG_SERVICE_LOGIN_GUARD_H
#define WG_SERVICE_LOGIN_GUARD_H

#include <stdbool.h>

#include "common/base/clock.h"
#include "common/base/err.h"

struct login_guard;

/* Owned by the caller; NULL without memory. */
struct login_guard *login_guard_create(void);
void login_guard_destroy(struct login_guard *g);
/*
 * Counts an attempt, as account_attempt.sql does for a known login. Returns true if it was allowed; else *ret_locked_until says
 * when the next one will be.
 */
bool login_guard_attempt(struct login_guard *g, const char *login, usec_t now, int failures_max, int lock_s,
                         usec_t *ret_locked_until);

/* It was a good one after all: forgets the failures. */
void login_guard_forget(struct login_guard *g, const char *login);

/* An attempt that waits for its turn. Embedded in the caller's struct; stays where it is from enter to leave. */
struct login_turn {
    const char *login;
    void (*begin)(struct login_turn *t); /* its turn: once, perhaps before login_guard_enter returns */
    struct login_turn *_next;
};
enum { LOGIN_TURNS_MAX = 256 /* attempts on one login that may wait */ };

/* ERR_EXHAUSTED: too many wait already; then begin is not called. */
int login_guard_enter(struct login_guard *g, struct login_turn *t, struct err *e) MUST_CHECK;
/* The attempt is over, well or not: begins the next one on the same login. */
void login_guard_leave(struct login_guard *g, struct login_turn *t);

#endif
