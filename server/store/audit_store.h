/* SPDX-License-Identifier: MIT */
/*
 * The rows of the audit in the database: added, listed, never changed. Called by the service's audit queue and by ListAudit.
 */
#ifndef WG_STORE_AUDIT_STORE_H
#define WG_STORE_AUDIT_STORE_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/uuid.h"
#include "server/db/db.h"
#include "server/domain/types.h"

/* As wangge.v1.AuditKind. */
enum audit_kind {
    AUDIT_REVEAL = 1,        /* personal data was shown */
    AUDIT_DENIAL = 2,        /* a call was refused for role, region or organ */
    AUDIT_ACCOUNT = 3,       /* accounts, rights, sessions, credentials */
    AUDIT_CONFIGURATION = 4, /* directory, calendars, limits, rules */
    AUDIT_LOGIN = 5,         /* a login that failed or locked the account */
    AUDIT_PEOPLE = 6,        /* personal data was entered or replaced */
    AUDIT_KIND_COUNT = 7,
};

/* Texts are borrowed and never NULL. */
struct audit_row {
    int64_t id; /* of the database; not sent */
    struct uuid key;
    usec_t at;
    enum audit_kind kind;
    struct uuid account; /* nil: not known */
    enum role role;
    const char *login, *name, *call, *object, *rule, *text, *peer;
};

enum { AUDIT_PUT_MAX = 64 };
typedef void (*audit_put_fn)(void *arg, const struct err *e);
/* Adds up to AUDIT_PUT_MAX rows, all or nothing; one whose key is there already is left. Errors as db_execute; fn is then not
 * called. */
int audit_store_put(struct db *db, const struct audit_row *const *rows, int n, usec_t deadline, audit_put_fn fn, void *arg,
                    struct err *e) MUST_CHECK;

/* Empty texts, kind 0 and USEC_NONE leave a part out. */
struct audit_query {
    usec_t from, to;
    int kind;
    const char *login, *object, *rule;
    usec_t after_at; /* the last row of the page before; USEC_NONE: the first page */
    int64_t after_id;
    int limit;
};
/* Newest first. rows live in the arena; NULL and 0 if e->code is set. */
typedef void (*audit_list_fn)(void *arg, const struct audit_row *rows, int n, const struct err *e);
/* Errors as db_query; fn is then not called. */
int audit_store_list(struct db *db, const struct audit_query *q, struct arena *a, usec_t deadline, audit_list_fn fn, void *arg,
                     struct err *e) MUST_CHECK;

#endif
