/* SPDX-License-Identifier: MIT */
/*
 * Keeps the search index up: folds the feed into it in the background. Every worker runs one; the database lets one win. Small
 * amounts wait: a search reads what is not folded directly, and a case alone would touch as many rows as a hundred together.
 * Owned by app.
 */
#ifndef WG_SEARCH_ROLL_H
#define WG_SEARCH_ROLL_H

#include <event2/event.h>

#include "common/base/err.h"
#include "server/db/db.h"

struct search_roll;

/* Owned by the caller; db outlives it. */
struct search_roll *search_roll_create(struct event_base *base, struct db *db, struct err *e);
/* Accepts NULL. */
void search_roll_destroy(struct search_roll *r);

#endif
