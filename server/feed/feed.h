/* SPDX-License-Identifier: MIT */
/*
 * The change feed of one worker: reads new events once, however many watch, and hands them to each watcher whose filter lets
 * them through. Called by the Watch service. Nothing is read while nobody watches.
 *
 * A watcher that cannot take more says so; it is then left behind and reads its own pages from its cursor when it resumes,
 * until it meets the others. Invariant: a watcher is given each event after its cursor at least once and in order.
 */
#ifndef WG_FEED_FEED_H
#define WG_FEED_FEED_H

#include <stdbool.h>
#include <event2/event.h>

#include "common/base/uuid.h"
#include "server/db/db.h"
#include "server/domain/policy.h"
#include "server/feed/cursor.h"
#include "server/store/case_row.h"

struct feed;
struct feed_watcher;

enum {
    FEED_PAGE = 200,        /* events read at once */
    FEED_MAX_CATCH_UPS = 4, /* watchers that read their own pages at the same time; more wait their turn */
};

struct feed_event {
    struct event_row row;
    struct feed_cursor at;
    int64_t number;
    int64_t grid;
    int32_t organ_id;      /* lead organ after the event; 0: none */
    int32_t prev_organ_id; /* before */
    struct uuid reporter;
    int32_t source_id; /* 0: none */
    bool confidential; /* the case hides who reported it */
    int n_co;
    int32_t co_organ_ids[CASE_MAX_CO_ORGANS]; /* as they are now */
};

/* What a watcher may and wants to see; all parts must hold. */
struct feed_filter {
    struct policy_view view;
    struct region_span span;
    struct uuid case_id; /* nil: any */
};

struct feed_watcher_ops {
    /* Takes one event, borrowed until it returns. False: no more for now; call feed_watcher_resume when there is room again.
     * The event counts as taken either way. May destroy the watcher, and then returns false. */
    bool (*event)(void *arg, const struct feed_event *ev);
    /* The watcher's position is known from now on; called once, before the first event. */
    void (*started)(void *arg);
    /* The worker is stopping. The watcher destroys itself. */
    void (*closing)(void *arg);
};

/* Owned by the caller. */
struct feed *feed_create(struct event_base *base, struct db *db, int poll_ms, struct err *e);
/* Watchers must be gone. A read under way is let go. Accepts NULL. */
void feed_destroy(struct feed *f);
/* Something was written here: look soon. */
void feed_kick(struct feed *f);
/* The worker is stopping: tells every watcher. */
void feed_close_watchers(struct feed *f);
int feed_watchers(const struct feed *f);
/* Watchers that are not up to date. */
int feed_watchers_behind(const struct feed *f);

/* from NULL: from now on. Never calls back before it returns. NULL without memory. */
struct feed_watcher *feed_watch(struct feed *f, const struct feed_filter *filter, const struct feed_cursor *from,
                                const struct feed_watcher_ops *ops, void *arg);
/* Accepts NULL. Also inside its own callbacks. */
void feed_unwatch(struct feed_watcher *w);
/* There is room again. */
void feed_watcher_resume(struct feed_watcher *w);
/* Everything it may see up to here was given to it. False while that is not known yet. */
bool feed_watcher_cursor(const struct feed_watcher *w, struct feed_cursor *ret);

#endif
