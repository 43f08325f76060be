/* SPDX-License-Identifier: MIT */
/*
 * Failures of logins that do not exist, so that these lock like those that do and nobody can tell them apart. A fixed table
 * indexed by a keyed hash: two names that meet in a slot share it, which only makes one of them be forgotten. Pure but for the
 * random key; one per worker, used by Login.
 */
#ifndef WG_SERVICE_LOGIN_GUARD_H
#define WG_SERVICE_LOGIN_GUARD_H

#include <stdbool.h>

#include "common/base/clock.h"

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

#endif
