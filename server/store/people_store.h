/* SPDX-License-Identifier: MIT */
/*
 * People of cases as they are kept: sealed, with blind hashes to find them by. This store never sees a name; the service seals
 * and opens (service/person_seal.h). Called by the people service, intake, import and search. Invariant: a case has people at
 * positions 0 to n - 1.
 */
#ifndef WG_STORE_PEOPLE_STORE_H
#define WG_STORE_PEOPLE_STORE_H

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "server/db/db.h"
#include "server/domain/person.h"
#include "server/domain/policy.h"

/* The sealed columns and the blind ones. */
enum person_part { PART_NAME, PART_PHONE, PART_ID, PART_ADDRESS, PART_COUNT };
enum { BLIND_COUNT = PART_ID + 1 };

struct person_sealed {
    const uint8_t *data; /* NULL: not known */
    size_t len;
};

struct person_row {
    int position;
    enum person_kind kind;
    bool hidden; /* who told of a confidential case */
    struct person_sealed part[PART_COUNT];
    bool has_blind[BLIND_COUNT]; /* of a row to be written */
    int64_t blind[BLIND_COUNT];
};

/* rows live in the arena; NULL and 0 if e->code is set. */
typedef void (*people_rows_fn)(void *arg, const struct person_row *rows, int n, const struct err *e);
int people_store_get(struct db *db, const struct db_scope *scope, const struct uuid *case_id, struct arena *a, usec_t deadline,
                     people_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Who did it, for the audit row. Texts are borrowed until the call returns. */
struct people_audit {
    usec_t now;
    struct uuid account;
    enum role role;
    const char *login, *name, *call, *text, *peer;
};

/* Replaces the people of a case; the audit row is written in the same transaction. */
struct people_set {
    struct uuid case_id;
    struct uuid request_id;
    int64_t request_hash;
    struct people_audit who;
    const struct person_row *rows;
    int n; /* at most PERSON_MAX */
};
/* e->code: 0 (done, or done before by the same request), ERR_EXISTS (the key has another body), ERR_PRECONDITION (no such open
 * case), or what the database said. */
typedef void (*people_set_fn)(void *arg, const struct err *e);
int people_store_set(struct db *db, const struct people_set *s, struct arena *a, usec_t deadline, people_set_fn fn, void *arg,
                     struct err *e) MUST_CHECK;

/* The row of a look at personal data: fn is called when it is durable, or with an error, and then nothing may be shown. */
typedef void (*people_reveal_fn)(void *arg, int64_t audit_id, const struct err *e);
int people_store_reveal(struct db *db, const struct uuid *case_id, const struct uuid *key, const struct people_audit *who,
                        struct arena *a, usec_t deadline, people_reveal_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Blind hashes to look for: any of a name's, a phone's, an ID number's. Made by person_blind_of. */
struct people_blind {
    bool has[BLIND_COUNT];
    int64_t hash[BLIND_COUNT];
};
typedef void (*people_find_fn)(void *arg, const struct uuid *case_ids, int n, const struct err *e);
/* Cases the view lets see, newest first, at most limit. account is the caller's. case_ids live in the arena. */
int people_store_find(struct db *db, const struct db_scope *scope, const struct people_blind *b, const struct policy_view *view,
                      const struct uuid *account, int limit, struct arena *a, usec_t deadline, people_find_fn fn, void *arg,
                      struct err *e) MUST_CHECK;

/* Arrays for a statement that writes people; in the order position, kind, hidden, four sealed parts, three blinds. */
enum { PEOPLE_ARRAYS = 10 };
void people_arrays_create(struct arena *a, int n, struct db_array *arrays[PEOPLE_ARRAYS]);
void people_arrays_add(struct db_array *const arrays[PEOPLE_ARRAYS], const struct person_row *row);

#endif
