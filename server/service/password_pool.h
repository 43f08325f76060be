/* SPDX-License-Identifier: MIT */
/*
 * argon2id off the event loop: one worker thread, a bounded queue, answers back on the loop through an eventfd. Used by Login
 * and CreateAccount. The thread touches nothing but its jobs; passwords are wiped as soon as they are used.
 */
#ifndef WG_SERVICE_PASSWORD_POOL_H
#define WG_SERVICE_PASSWORD_POOL_H

#include <stdbool.h>
#include <event2/event.h>

#include "common/base/err.h"

struct password_pool;

enum {
    PASSWORD_MIN = 12,  /* characters of a new one */
    PASSWORD_MAX = 256, /* characters */
    PASSWORD_SIZE = PASSWORD_MAX * 4 + 1,
    PASSWORD_HASH_SIZE = 128,
};

/* queue_limit: jobs waiting or running. Starts the thread. Owned by the caller. */
struct password_pool *password_pool_create(struct event_base *base, int queue_limit, struct err *e);
/* Waits for the job that runs, answers all others with ERR_UNAVAILABLE. Accepts NULL. */
void password_pool_destroy(struct password_pool *p);
/* Jobs waiting or running. */
int password_pool_busy(const struct password_pool *p);

/* Exactly once, on the loop, never before the starting function returned. verified: the password fits the hash. hash: the new
 * hash, NULL on failure or after a verification; borrowed until the callback returns. */
typedef void (*password_fn)(void *arg, bool verified, const char *hash, const struct err *e);
/* Checks a password; hash NULL (unknown login) costs the same and answers false. ERR_EXHAUSTED: the queue is full. */
int password_pool_verify(struct password_pool *p, const char *hash, const char *password, password_fn fn, void *arg,
                         struct err *e) MUST_CHECK;
/* Makes the hash of a new password. */
int password_pool_hash(struct password_pool *p, const char *password, password_fn fn, void *arg, struct err *e) MUST_CHECK;

/* The same without a thread, for programs that have no loop. ERR_NOMEM. */
int password_hash_now(const char *password, char out[PASSWORD_HASH_SIZE], struct err *e) MUST_CHECK;

#endif
