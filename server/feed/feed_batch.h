/* SPDX-License-Identifier: MIT */
/* One page of the feed, decoded once for all who watch, and who may see what of it. Internal to this folder and its tests. */
#ifndef WG_FEED_FEED_BATCH_H
#define WG_FEED_FEED_BATCH_H

#include <libpq-fe.h>

#include "server/feed/feed.h"

struct feed_batch {
    struct arena *arena; /* holds everything */
    int n;
    struct feed_event *events;
};

/* Decodes the result of feed_poll. ERR_NOMEM. */
int feed_batch_read(const PGresult *res, struct feed_batch *ret, struct err *e) MUST_CHECK;
void feed_batch_fini(struct feed_batch *b);
/* Whether the filter lets the event through. */
bool feed_filter_passes(const struct feed_filter *f, const struct feed_event *ev);

#endif
