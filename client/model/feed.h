/* SPDX-License-Identifier: MIT */
/*
 * The change feed: one Watch stream for the whole program, opened again after every loss where it left off, passed on to
 * the models that show cases.
 */
#ifndef WG_CLIENT_MODEL_FEED_H
#define WG_CLIENT_MODEL_FEED_H

#include "client/model/model.h"
#include "wangge/v1/watch.pb-c.h"

struct feed;

/* event is NULL after a gap that events may have been lost in: read again. Borrowed until the function returns. */
typedef void (*feed_event_fn)(void *arg, const Wangge__V1__CaseEvent *event);

/* A new notice of the person's inbox. Borrowed until the function returns. */
typedef void (*feed_notice_fn)(void *arg, const Wangge__V1__Notice *notice);

enum { FEED_LISTENERS_MAX = 16 };

/* Owned by the caller. NULL without memory. */
struct feed *feed_create(const struct model_env *env);
void feed_destroy(struct feed *f);
/* Opens the stream if it is not open; call after login and when the channel is back. */
void feed_start(struct feed *f);
/* Closes it, forgets the cursor (another account). */
void feed_stop(struct feed *f);
/* False if there are too many listeners. */
bool feed_listen(struct feed *f, feed_event_fn fn, void *arg);
void feed_unlisten(struct feed *f, feed_event_fn fn, void *arg);
/* Who is told of notices; one at a time, NULL for nobody. */
void feed_on_notice(struct feed *f, feed_notice_fn fn, void *arg);

#endif
