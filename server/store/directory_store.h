/* SPDX-License-Identifier: MIT */
/*
 * Keeps a worker's directory snapshot fresh: reads it when told and whenever another worker changed it (channel
 * directory_changed), and hands each new one over. Owned by app. Invariant: at most one load is under way; a change that comes
 * meanwhile starts one more.
 */
#ifndef WG_STORE_DIRECTORY_STORE_H
#define WG_STORE_DIRECTORY_STORE_H

#include <event2/event.h>

#include "common/base/err.h"
#include "server/db/db.h"
#include "server/domain/directory.h"

struct directory_store;

/* A new snapshot, borrowed: take a reference to keep it. Called only when its content differs from the one before. */
typedef void (*directory_new_fn)(void *arg, struct directory *dir);

/* Begins to listen. Owned by the caller; db outlives it. */
struct directory_store *directory_store_create(struct event_base *base, struct db *db, directory_new_fn fn, void *arg,
                                               struct err *e);
/* Accepts NULL. A load under way is let go: destroy it before db_destroy. */
void directory_store_destroy(struct directory_store *s);
/* Reads the directory now; tries again every second until it succeeds. */
void directory_store_reload(struct directory_store *s);
/* Calls fn once a load that began after this call has ended, well or not: what was committed before is then in the snapshot.
 * Never before this returns; also when the store is destroyed. ERR_NOMEM; then fn is not called. */
int directory_store_refresh(struct directory_store *s, void (*fn)(void *arg), void *arg, struct err *e) MUST_CHECK;

typedef void (*directory_import_fn)(void *arg, int32_t changed, const struct err *e);
/*
 * Adds or changes rows, all or nothing. json is an object with the arrays regions, categories, organs and days as
 * schema/functions/040_directory_import.sql reads them. ERR_PRECONDITION: it would change the past. Errors as db_execute; fn is
 * then not called.
 */
int directory_store_import(struct db *db, const char *json, const struct db_rider *rider, usec_t deadline,
                           directory_import_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
