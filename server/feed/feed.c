/* SPDX-License-Identifier: MIT */
/*
 * States of a watcher:
 *   NEW      its position is not known; the read of the head tells it.
 *   LIVE     given every batch of the common poll.
 *   HELD     cannot take more; waits for feed_watcher_resume. No read runs for it.
 *   QUEUED   wants to read a page of its own; waits for one of the FEED_MAX_CATCH_UPS places.
 *   READING  its page is under way.
 * The common poll runs on one timer; a read that failed is tried again by it.
 */
#include "server/feed/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "server/feed/feed_batch.h"
#include "sql.h"

enum { KICK_MS = 5, RETRY_MS = 500 };

enum watcher_state { WATCHER_NEW, WATCHER_LIVE, WATCHER_HELD, WATCHER_QUEUED, WATCHER_READING };

struct feed_watcher {
    struct feed *feed;
    struct feed_watcher *next, **pprev; /* in the list of its state */
    enum watcher_state state;
    struct feed_filter filter;
    struct feed_cursor cursor;
    bool has_cursor;
    bool started; /* ops.started was called */
    const struct feed_watcher_ops *ops;
    void *arg;
    struct page *page;  /* READING: the read under way */
    bool *destroyed_to; /* set when it is destroyed inside its callback */
};

/* A read for one watcher; outlives it. */
struct page {
    struct feed *feed;            /* NULL: the feed is gone */
    struct feed_watcher *watcher; /* NULL: the watcher is gone */
    struct feed_cursor live;      /* of the common poll when the read began */
    bool live_known;
    struct page *next, **pprev;
};

/* The read of the common poll; outlives the feed. */
struct poll {
    struct feed *feed;
    bool head;
};

struct feed {
    struct db *db;
    struct event *timer;
    struct event *resume; /* runs what must not happen inside a caller's call */
    int poll_ms;
    struct feed_watcher *lists[WATCHER_READING + 1];
    int n_watchers;
    int n_reading;
    struct feed_cursor live;
    bool live_known;
    struct poll *poll;
    bool kicked;
    struct page *pages;
    struct feed_watcher *iter; /* the next one of a walk through a list */
};

static void pump(struct feed *f);

/* --- lists --- */

static void list_remove(struct feed_watcher *w)
{
    if (w->feed->iter == w)
        w->feed->iter = w->next;
    *w->pprev = w->next;
    if (w->next)
        w->next->pprev = w->pprev;
    if (w->state == WATCHER_READING)
        w->feed->n_reading--;
}

static void list_add(struct feed_watcher *w, enum watcher_state state)
{
    struct feed_watcher **head = &w->feed->lists[state];

    /* Who waits for a place waits behind those who came before. */
    if (state == WATCHER_QUEUED)
        while (*head)
            head = &(*head)->next;
    w->state = state;
    w->next = *head;
    if (w->next)
        w->next->pprev = &w->next;
    w->pprev = head;
    *head = w;
    if (state == WATCHER_READING)
        w->feed->n_reading++;
}

static void set_state(struct feed_watcher *w, enum watcher_state state)
{
    list_remove(w);
    list_add(w, state);
}

static void arm(struct feed *f, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(f->timer, &tv);
}

static void soon(struct feed *f)
{
    event_active(f->resume, EV_TIMEOUT, 0);
}

/* --- giving events --- */

/* Gives it the events of the batch after its cursor. False if it was destroyed or holds. */
static bool give(struct feed_watcher *w, const struct feed_batch *b)
{
    bool destroyed = false, more = true;

    w->destroyed_to = &destroyed;
    for (int i = 0; i < b->n && more; i++) {
        const struct feed_event *ev = &b->events[i];
        if (feed_cursor_compare(ev->at, w->cursor) <= 0)
            continue;
        w->cursor = ev->at;
        if (feed_filter_passes(&w->filter, ev))
            more = w->ops->event(w->arg, ev);
        if (destroyed)
            return false;
    }
    w->destroyed_to = NULL;
    if (!more)
        set_state(w, WATCHER_HELD);
    return more;
}

/* False if it was destroyed meanwhile. */
static bool tell_started(struct feed_watcher *w)
{
    bool destroyed = false;

    if (w->started)
        return true;
    w->started = true;
    w->destroyed_to = &destroyed;
    w->ops->started(w->arg);
    if (destroyed)
        return false;
    w->destroyed_to = NULL;
    return true;
}

/* Calls fn for each watcher of a list as it is now; fn may move or destroy any of them. Does not nest. */
static void each(struct feed *f, enum watcher_state state, void (*fn)(struct feed_watcher *w, void *arg), void *arg)
{
    for (struct feed_watcher *w = f->lists[state]; w; w = f->iter) {
        f->iter = w->next;
        fn(w, arg);
    }
}

/* --- the common poll --- */

static void give_live(struct feed_watcher *w, void *arg)
{
    struct feed *f = w->feed;

    if (give(w, arg) && feed_cursor_compare(w->cursor, f->live) < 0)
        w->cursor = f->live;
}

static void start_new(struct feed_watcher *w, void *arg)
{
    struct feed *f = w->feed;

    if (!w->has_cursor) {
        w->cursor = f->live;
        w->has_cursor = true;
    }
    set_state(w, feed_cursor_compare(w->cursor, f->live) >= 0 ? WATCHER_LIVE : WATCHER_QUEUED);
    tell_started(w);
}

static void on_poll(void *arg, const PGresult *res, const struct err *e)
{
    struct poll *p = arg;
    struct feed *f = p->feed;
    bool head = p->head;
    struct feed_batch b = {0};
    struct err why = {0};
    int n = 0;

    free(p);
    if (!f)
        return;
    f->poll = NULL;
    if (!f->n_watchers) {
        f->live_known = false;
        return;
    }
    if (res && head && PQntuples(res) == 1) {
        const char *xid = db_get_text(res, 0, 0);
        f->live = (struct feed_cursor){.xid = xid ? strtoull(xid, NULL, 10) : 0, .seq = db_get_i64(res, 0, 1)};
        f->live_known = true;
    } else if (res && !head && feed_batch_read(res, &b, &why) == 0) {
        n = b.n;
        if (n) {
            f->live = b.events[n - 1].at;
            each(f, WATCHER_LIVE, give_live, &b);
        }
        feed_batch_fini(&b);
    } else {
        if (e->code != ERR_UNAVAILABLE)
            log_event(LOG_WARN, "feed.read_failed", LOG_S("text", res ? why.text : e->text), LOG_S("detail", e->detail),
                      LOG_END);
        arm(f, RETRY_MS);
        return;
    }
    pump(f);
    arm(f, n == FEED_PAGE || f->kicked ? KICK_MS : f->poll_ms);
    f->kicked = false;
}

static int query(struct feed *f, struct feed_cursor from, db_result_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    char xid[24];

    snprintf(xid, sizeof(xid), "%" PRIu64, from.xid);
    db_params_init(&p);
    db_param_text(&p, xid);
    db_param_i64(&p, from.seq);
    db_param_i64(&p, FEED_PAGE);
    /* One reader for all watchers: each watcher's filter confines what it is given. */
    return db_query(f->db, &db_scope_system, &sql_feed_poll, &p, USEC_NONE, fn, arg, e);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct feed *f = arg;
    struct db_params none;
    struct poll *p;
    struct err e = {0};
    int r;

    pump(f);
    if (f->poll || !f->n_watchers)
        return;
    p = malloc(sizeof(*p));
    if (!p) {
        arm(f, RETRY_MS);
        return;
    }
    *p = (struct poll){.feed = f, .head = !f->live_known};
    if (p->head) {
        db_params_init(&none);
        r = db_query(f->db, &db_scope_system, &sql_feed_head, &none, USEC_NONE, on_poll, p, &e);
    } else {
        r = query(f, f->live, on_poll, p, &e);
    }
    if (r) {
        free(p);
        arm(f, RETRY_MS);
        return;
    }
    f->poll = p;
}

/* --- pages of their own --- */

static void page_free(struct page *p)
{
    if (p->feed) {
        *p->pprev = p->next;
        if (p->next)
            p->next->pprev = p->pprev;
    }
    free(p);
}

static void on_page(void *arg, const PGresult *res, const struct err *e)
{
    struct page *p = arg;
    struct feed *f = p->feed;
    struct feed_watcher *w = p->watcher;
    struct feed_cursor live = p->live;
    bool live_known = p->live_known;
    struct feed_batch b;
    struct err why = {0};

    page_free(p);
    if (!f)
        return;
    if (!w) {
        soon(f);
        return;
    }
    w->page = NULL;
    if (!res || feed_batch_read(res, &b, &why)) {
        set_state(w, WATCHER_QUEUED);
        arm(f, RETRY_MS);
        return;
    }
    if (give(w, &b)) {
        /* A page that is not full ends at the horizon, which was above the common position when the read began. */
        if (b.n < FEED_PAGE && live_known && feed_cursor_compare(w->cursor, live) < 0)
            w->cursor = live;
        set_state(w, f->live_known && feed_cursor_compare(w->cursor, f->live) >= 0 ? WATCHER_LIVE : WATCHER_QUEUED);
    }
    feed_batch_fini(&b);
    soon(f);
}

/* Starts pages for those who wait, as far as there are places. */
static void pump(struct feed *f)
{
    if (f->live_known)
        each(f, WATCHER_NEW, start_new, NULL);
    while (f->lists[WATCHER_QUEUED] && f->n_reading < FEED_MAX_CATCH_UPS) {
        struct feed_watcher *w = f->lists[WATCHER_QUEUED];
        struct page *p;
        struct err e = {0};

        if (f->live_known && feed_cursor_compare(w->cursor, f->live) >= 0) {
            set_state(w, WATCHER_LIVE);
            continue;
        }
        p = malloc(sizeof(*p));
        if (!p)
            return;
        *p = (struct page){
            .feed = f, .watcher = w, .live = f->live, .live_known = f->live_known, .next = f->pages, .pprev = &f->pages};
        if (query(f, w->cursor, on_page, p, &e)) {
            free(p);
            return; /* the timer comes back */
        }
        if (p->next)
            p->next->pprev = &p->next;
        f->pages = p;
        w->page = p;
        set_state(w, WATCHER_READING);
    }
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
    pump(arg);
}

/* --- the outside --- */

struct feed *feed_create(struct event_base *base, struct db *db, int poll_ms, struct err *e)
{
    struct feed *f = calloc(1, sizeof(*f));

    if (f) {
        f->db = db;
        f->poll_ms = poll_ms;
        f->timer = evtimer_new(base, on_timer, f);
        f->resume = evtimer_new(base, on_resume, f);
    }
    if (!f || !f->timer || !f->resume) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        feed_destroy(f);
        return NULL;
    }
    return f;
}

void feed_destroy(struct feed *f)
{
    if (!f)
        return;
    if (f->poll)
        f->poll->feed = NULL;
    for (struct page *p = f->pages; p; p = p->next)
        p->feed = NULL;
    if (f->timer)
        event_free(f->timer);
    if (f->resume)
        event_free(f->resume);
    free(f);
}

void feed_kick(struct feed *f)
{
    if (!f || !f->n_watchers)
        return;
    if (f->poll)
        f->kicked = true;
    else
        arm(f, KICK_MS);
}

int feed_watchers(const struct feed *f)
{
    return f->n_watchers;
}

int feed_watchers_behind(const struct feed *f)
{
    int n = f->n_watchers;
    for (const struct feed_watcher *w = f->lists[WATCHER_LIVE]; w; w = w->next)
        n--;
    return n;
}

struct feed_watcher *feed_watch(struct feed *f, const struct feed_filter *filter, const struct feed_cursor *from,
                                const struct feed_watcher_ops *ops, void *arg)
{
    struct feed_watcher *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->feed = f;
    w->filter = *filter;
    w->ops = ops;
    w->arg = arg;
    if (from) {
        w->cursor = *from;
        w->has_cursor = true;
    }
    list_add(w, WATCHER_NEW);
    if (f->n_watchers++ == 0)
        arm(f, 0);
    else
        soon(f);
    return w;
}

void feed_unwatch(struct feed_watcher *w)
{
    if (!w)
        return;
    if (w->destroyed_to)
        *w->destroyed_to = true;
    if (w->page)
        w->page->watcher = NULL;
    list_remove(w);
    w->feed->n_watchers--;
    if (!w->feed->n_watchers) {
        evtimer_del(w->feed->timer);
        /* The next one begins at its own present, not at this one's. */
        if (!w->feed->poll)
            w->feed->live_known = false;
    }
    free(w);
}

void feed_watcher_resume(struct feed_watcher *w)
{
    if (w->state != WATCHER_HELD)
        return;
    set_state(w, WATCHER_QUEUED);
    soon(w->feed);
}

static void tell_closing(struct feed_watcher *w, void *arg)
{
    w->ops->closing(w->arg);
}

void feed_close_watchers(struct feed *f)
{
    for (int state = WATCHER_NEW; state <= WATCHER_READING; state++)
        each(f, (enum watcher_state)state, tell_closing, NULL);
}

bool feed_watcher_cursor(const struct feed_watcher *w, struct feed_cursor *ret)
{
    if (!w->has_cursor)
        return false;
    *ret = w->cursor;
    return true;
}
