/* SPDX-License-Identifier: MIT */
/*
 * Accounts and sessions in the database. Called by the session cache, by the authentication and account services and by
 * `wangged user add`. Passwords and tokens never come here: only hashes do.
 */
#ifndef WG_STORE_ACCOUNT_STORE_H
#define WG_STORE_ACCOUNT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/uuid.h"
#include "server/db/db.h"
#include "server/domain/types.h"

enum {
    ACCOUNT_TOKEN_HASH_SIZE = 32,
    ACCOUNT_LOGIN_MAX = 64,                           /* characters */
    ACCOUNT_NAME_MAX = 40,                            /* characters */
    ACCOUNT_LOGIN_SIZE = (ACCOUNT_LOGIN_MAX + 1) * 4, /* bytes, end included */
    ACCOUNT_NAME_SIZE = (ACCOUNT_NAME_MAX + 1) * 4,
    ACCOUNT_HASH_SIZE = 128, /* argon2id in the PHC string format, end included */
    ACCOUNT_SOURCE_MAX = 32, /* characters, ASCII */
    ACCOUNT_PERSON_MAX = 64, /* characters */
    ACCOUNT_TOTP_SIZE = 80,  /* a sealed secret of one-time passwords, at most */
};

/* Plain data: copy freely. */
struct account_row {
    struct uuid id;
    char login[ACCOUNT_LOGIN_SIZE];
    char name[ACCOUNT_NAME_SIZE];
    enum role role;
    int64_t region; /* padded code; 0 with level 0: everything */
    enum region_level region_level;
    int32_t organ_id; /* 0: none */
    bool disabled;
    char source[ACCOUNT_SOURCE_MAX + 1]; /* of a service account; not filled by account_store_attempt */
};

struct account_attempt {
    struct account_row account;
    char password_hash[ACCOUNT_HASH_SIZE];
    bool allowed;        /* the attempt was counted; false: locked or disabled */
    usec_t locked_until; /* as it was before the attempt; USEC_NONE: not locked */
    bool must_change;    /* its password is a first one, or too old */
    uint8_t totp_sealed[ACCOUNT_TOTP_SIZE];
    size_t totp_len;   /* 0: no one-time passwords */
    int64_t totp_step; /* last one taken */
};
/* found is NULL when there is no such login or e->code is set; borrowed until the callback returns. */
typedef void (*account_attempt_fn)(void *arg, const struct account_attempt *found, const struct err *e);
/*
 * Begins a login: counts it as a failure, which session_store_put forgets. The failures_max-th locks the account until
 * lock_until. Errors as db_execute; fn is then not called.
 */
int account_store_attempt(struct db *db, const char *login, int failures_max, usec_t now, usec_t lock_until, usec_t deadline,
                          account_attempt_fn fn, void *arg, struct err *e) MUST_CHECK;

/* added: it is new. same: an account with this login was there and differs in nothing but the password. */
typedef void (*account_add_fn)(void *arg, const struct uuid *id, bool added, bool same, const struct err *e);
/* person: staff number or "". Errors as db_execute; fn is then not called. */
int account_store_add(struct db *db, const struct account_row *account, const char *person, const char *password_hash,
                      bool must_change, usec_t now, const struct db_rider *rider, usec_t deadline, account_add_fn fn, void *arg,
                      struct err *e) MUST_CHECK;

/* By what a caller is known. */
enum credential_kind { CREDENTIAL_SESSION, CREDENTIAL_TOKEN, CREDENTIAL_CERTIFICATE };

struct session_row {
    struct account_row account;
    usec_t created_at;
    usec_t expires_at;   /* of a credential: USEC_NONE if never */
    usec_t last_seen_at; /* of a credential: USEC_NONE if never */
    enum credential_kind kind;
    bool must_change;
    int32_t source_id; /* number of account.source; 0: none */
};
typedef void (*session_get_fn)(void *arg, const struct session_row *found, const struct err *e);
typedef void (*session_done_fn)(void *arg, const struct err *e);

/* hash: of a session's token, a service account's token, or of a certificate's key. */
int session_store_get(struct db *db, const uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE], usec_t now, usec_t deadline,
                      session_get_fn fn, void *arg, struct err *e) MUST_CHECK;
struct session_open {
    uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE];
    struct uuid account;
    usec_t now, expires_at;
    int idle_s;
    int64_t totp_step; /* of the one-time code that was shown; 0: none */
    const char *peer;  /* borrowed until session_store_put returns */
};
/* Opens a session, forgets the account's failed logins, drops its sessions that ended. ERR_UNAUTHENTICATED: the one-time code
 * was taken before, or the account was disabled meanwhile. */
int session_store_put(struct db *db, const struct session_open *s, usec_t deadline, session_done_fn fn, void *arg,
                      struct err *e) MUST_CHECK;
int session_store_touch(struct db *db, const uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE], usec_t now, usec_t deadline,
                        session_done_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Ends it and tells every worker on the channel session_gone, whose payload is the hash in hexadecimal. */
int session_store_end(struct db *db, const uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE], usec_t deadline, session_done_fn fn,
                      void *arg, struct err *e) MUST_CHECK;

#endif
