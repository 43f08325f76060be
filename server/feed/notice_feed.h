/* SPDX-License-Identifier: MIT */
/*
 * New notices for those who watch, of one worker: one poll reads the audiences of what is new, however many watch; only a
 * watcher who is told something then reads his own, as far as he may see it now. Called by the Watch service. Nothing is read
 * while nobody watches. Invariant: a watcher is given each of his notices after his position at least once and in the order of
 * their ids.
 */
#ifndef WG_FEED_NOTICE_FEED_H
#define WG_FEED_NOTICE_FEED_H

#include <event2/event.h>

#include "server/store/notice_store.h"

struct notice_feed;
struct notice_watcher;

enum {
    NOTICE_FEED_PAGE = 100,  /* notices a watcher reads at once */
    NOTICE_FEED_POLL = 2000, /* audiences read at once */
    NOTICE_FEED_READERS = 4, /* watchers that read at the same time; more wait their turn */
};

struct notice_watcher_ops {
    /* His position is known from now on; called once. He is held until notice_watcher_resume. May destroy the watcher. */
    void (*started)(void *arg);
    /* Takes one notice, borrowed until it returns. False: no more for now; call notice_watcher_resume when there is room again.
     * The notice counts as taken either way. May destroy the watcher, and then returns false. */
    bool (*notice)(void *arg, const struct notice_row *row);
    /* The worker is stopping. The watcher destroys itself. */
    void (*closing)(void *arg);
};

/* Owned by the caller. */
struct notice_feed *notice_feed_create(struct event_base *base, struct db *db, int poll_ms, struct err *e);
/* Watchers must be gone. Reads under way are let go. Accepts NULL. */
void notice_feed_destroy(struct notice_feed *f);
/* The worker is stopping: tells every watcher. */
void notice_feed_close_watchers(struct notice_feed *f);

/* from: the last id he was given; NULL: from now on. Never calls back before it returns. NULL without memory. */
struct notice_watcher *notice_feed_watch(struct notice_feed *f, const struct notice_reader *reader, const int64_t *from,
                                         const struct notice_watcher_ops *ops, void *arg);
/* Accepts NULL. Also inside its own callback. */
void notice_feed_unwatch(struct notice_watcher *w);
void notice_watcher_resume(struct notice_watcher *w);
/* Everything up to this id was given. False while that is not known yet. Accepts NULL. */
bool notice_watcher_at(const struct notice_watcher *w, int64_t *ret);

#endif
