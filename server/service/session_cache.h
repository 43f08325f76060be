/* SPDX-License-Identifier: MIT */
/*
 * Who a token or a client certificate belongs to, remembered for a few seconds. Called by the authenticator before every call
 * and by Watch streams that must end with their session. Owned by app.
 *
 * A session, a service account's token and a certificate are the same here: a hash of 32 bytes and the account behind it. Only
 * a session becomes idle.
 *
 * Invariants: what ended is not honoured once its notification (channel session_gone) arrived, and never longer than
 * SESSION_CACHE_TTL_US; the token itself is not kept, only its BLAKE2b-256.
 */
#ifndef WG_SERVICE_SESSION_CACHE_H
#define WG_SERVICE_SESSION_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "server/db/db.h"
#include "server/service/service.h"

struct session_cache;

enum {
    SESSION_TOKEN_BYTES = 32,
    SESSION_TOKEN_TEXT = 43, /* base64url without padding */
    SESSION_HASH_SIZE = 32,
    SESSION_CACHE_MAX = 65536, /* sessions; the longest unused one makes room */
};
#define SESSION_CACHE_TTL_US   (5 * USEC_PER_SEC)
#define SESSION_TOUCH_EVERY_US (60 * USEC_PER_SEC)

/* Begins to listen. Owned by the caller; db and clock outlive it. */
struct session_cache *session_cache_create(struct event_base *base, struct db *db, const struct clock *clock, int idle_s,
                                           struct err *e);
/* Waiting lookups are answered with ERR_UNAVAILABLE. Accepts NULL. Principals that are still held live on. */
void session_cache_destroy(struct session_cache *c);
/* Takes over a changed limit. */
void session_cache_set_idle(struct session_cache *c, int idle_s);
int session_cache_count(const struct session_cache *c);

/* True if it has the form of our tokens. */
bool session_token_is_well_formed(const char *token);
/* Makes a token and its hash. */
void session_token_make(char token[SESSION_TOKEN_TEXT + 1], uint8_t hash[SESSION_HASH_SIZE]);
void session_token_hash(const char *token, uint8_t hash[SESSION_HASH_SIZE]);

/* Who it is, if that is known freshly enough; one reference, owned by the caller. NULL: ask session_cache_lookup. Counts as
 * use. */
struct principal *session_cache_find(struct session_cache *c, const char *token);
/* who is NULL when e->code is set (ERR_UNAUTHENTICATED, or why it could not be found out); else borrowed: take a reference. */
typedef void (*session_lookup_fn)(void *arg, struct principal *who, const struct err *e);
/* Asks the database. Errors as db_query, then fn is not called; else exactly once, not before this returns. */
int session_cache_lookup(struct session_cache *c, const char *token, session_lookup_fn fn, void *arg, struct err *e) MUST_CHECK;

/* The same two for a hash: of a token, or SHA-256 of a certificate's key. */
struct principal *session_cache_find_hash(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE]);
int session_cache_lookup_hash(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE], session_lookup_fn fn, void *arg,
                              struct err *e) MUST_CHECK;

/* The session ended: as if its notification had come. */
void session_cache_forget(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE]);

/* The account behind it changed: it is read again before it is believed, and its streams end. */
void session_cache_renew(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE]);

struct principal *principal_ref(struct principal *p);
/* Accepts NULL. */
void principal_unref(struct principal *p);
/* The hash of the session's token, for ending it. Borrowed. */
const uint8_t *principal_token_hash(const struct principal *p);

/* Asks to be told when the session ends: logged out, expired, idle for too long, account disabled. Embedded in the user's
 * struct; forget it before that goes. A stream alone does not keep a session from becoming idle. */
struct session_watch {
    struct session_watch *_next;
    struct session_watch **_pprev;          /* NULL: not registered */
    void (*ended)(struct session_watch *w); /* once; w is not registered any more */
};
void session_cache_watch(struct session_cache *c, const struct principal *p, struct session_watch *w);
/* Accepts one that is not registered. */
void session_cache_unwatch(struct session_watch *w);

/* Pure: whether a session holds at now; last_used is the later of what the database and this worker know. */
bool session_is_alive(usec_t now, usec_t expires_at, usec_t last_used, int idle_s);

#endif
