/* SPDX-License-Identifier: MIT */
/* Looks an idempotency key up: a refused request may be the repeat of one that went well. */
#ifndef WG_SERVICE_REQUEST_FIND_H
#define WG_SERVICE_REQUEST_FIND_H

#include "server/service/service.h"

struct request_found {
    struct uuid case_id;
    int64_t version; /* the one its event made */
    int64_t hash;
};
/* found is NULL if the key was never used or e->code is set; borrowed until the callback returns. */
typedef void (*request_find_fn)(void *arg, const struct request_found *found, const struct err *e);
/* Errors as db_query; fn is then not called. */
int request_find(struct db *db, struct arena *a, const struct uuid *request_id, usec_t deadline, request_find_fn fn, void *arg,
                 struct err *e) MUST_CHECK;

#endif
