/* SPDX-License-Identifier: MIT */
/*
 * Human case numbers (DOMAIN codes: county + day + running number). A worker takes blocks of running numbers from the database
 * and hands them out from memory; a block in hand when the worker ends leaves a gap, which the manual allows. Used by intake.
 */
#ifndef WG_STORE_NUMBER_STORE_H
#define WG_STORE_NUMBER_STORE_H

#include "server/db/db.h"

struct number_store;

/* Owned by the caller; db is borrowed for its life. NULL without memory. */
struct number_store *number_store_create(struct db *db);
/* Only after db was destroyed (its waiters were told). Accepts NULL. */
void number_store_destroy(struct number_store *s);

/* Takes a number at once. False if no block is in hand: then wait with number_store_take. ERR_* never; region and day are
 * valid. */
bool number_store_take_now(struct number_store *s, int64_t region, int32_t day, int64_t *ret);
/* number is 0 when e->code is set. */
typedef void (*number_fn)(void *arg, int64_t number, const struct err *e);
/* Takes a number once a block has come. Errors as db_write_submit; fn is then not called. */
int number_store_take(struct number_store *s, int64_t region, int32_t day, number_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
