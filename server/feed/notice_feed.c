/* SPDX-License-Identifier: MIT */
#include "server/feed/notice_feed.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "sql.h"

enum { RETRY_MS = 500, PAGE_MEMORY = 4 * 1024 * 1024 };

struct notice_watcher {
    struct notice_feed *feed;
    struct notice_watcher *next, **pprev;
    struct notice_reader reader;
    const struct notice_watcher_ops *ops;
    void *arg;
    int64_t at;
    bool at_known;
    bool pending; /* there may be something for him after at */
    bool held;    /* no room, or not started */
    bool started; /* ops.started was called */
    struct own_page *page;
    bool *destroyed_to;
};

/* A watcher's read; outlives him and the feed. */
struct own_page {
    struct notice_feed *feed;       /* NULL: gone */
    struct notice_watcher *watcher; /* NULL: gone */
    struct own_page *next, **pprev;
    struct arena *arena;
    int64_t live; /* known when the read began: he has everything up to here if the page is not full */
};

struct feed_poll {
    struct notice_feed *feed; /* NULL: gone */
    bool head;
};

struct notice_feed {
    struct db *db;
    struct event *timer;
    struct event *soon;
    int poll_ms;
    struct notice_watcher *watchers;
    struct own_page *pages;
    struct feed_poll *poll;
    int n_reading;
    int64_t live; /* every notice up to here was looked at */
    bool live_known;
};

static void arm(struct notice_feed *f, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(f->timer, &tv);
}

static void pump_soon(struct notice_feed *f)
{
    event_active(f->soon, EV_TIMEOUT, 0);
}

/* --- a watcher's own page --- */

/* False if he was destroyed. */
static bool give(struct notice_watcher *w, const struct notice_row *rows, int n)
{
    bool destroyed = false;

    w->destroyed_to = &destroyed;
    for (int i = 0; i < n && !w->held; i++) {
        w->at = rows[i].id;
        w->held = !w->ops->notice(w->arg, &rows[i]);
        if (destroyed)
            return false;
    }
    w->destroyed_to = NULL;
    return true;
}

static void on_own_page(void *arg, const struct notice_row *rows, int n, const struct err *e)
{
    struct own_page *p = arg;
    struct notice_feed *f = p->feed;
    struct notice_watcher *w = p->watcher;

    if (f) {
        *p->pprev = p->next;
        if (p->next)
            p->next->pprev = p->pprev;
        f->n_reading--;
    }
    if (w) {
        w->page = NULL;
        if (e->code) {
            log_event(LOG_DEBUG, "notices.read_failed", LOG_S("text", e->text), LOG_END);
        } else if (give(w, rows, n) && !w->held && n < NOTICE_FEED_PAGE) {
            w->at = w->at < p->live ? p->live : w->at;
            w->pending = f->live > w->at && w->pending;
        }
    }
    /* After a failure the timer comes back to those who are pending. */
    if (f && !e->code)
        pump_soon(f);
    arena_destroy(p->arena);
    free(p);
}

/* False if the read could not start. */
static bool read_own(struct notice_watcher *w)
{
    struct notice_feed *f = w->feed;
    struct notice_query q = {.after_id = w->at, .limit = NOTICE_FEED_PAGE};
    struct own_page *p = malloc(sizeof(*p));
    struct err e = {0};

    if (!p)
        return false;
    *p = (struct own_page){.feed = f, .watcher = w, .next = f->pages, .pprev = &f->pages, .live = f->live};
    p->arena = arena_create(PAGE_MEMORY);
    if (!p->arena || notice_store_since(f->db, &w->reader, &q, p->arena, USEC_NONE, on_own_page, p, &e)) {
        arena_destroy(p->arena);
        free(p);
        return false;
    }
    if (p->next)
        p->next->pprev = &p->next;
    f->pages = p;
    f->n_reading++;
    w->page = p;
    return true;
}

static void pump(struct notice_feed *f)
{
    if (!f->live_known)
        return;
    for (struct notice_watcher *w = f->watchers, *next; w && f->n_reading < NOTICE_FEED_READERS; w = next) {
        next = w->next;
        if (!w->at_known) {
            w->at = f->live;
            w->at_known = true;
        }
        if (!w->started) {
            w->started = true;
            w->ops->started(w->arg); /* may end him, and nobody else */
            continue;
        }
        if (w->pending && !w->held && !w->page && !read_own(w))
            return; /* the timer comes back */
    }
}

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
    pump(arg);
}

/* --- the common poll --- */

static void look(struct notice_feed *f, const PGresult *res)
{
    for (int i = 0; i < PQntuples(res); i++) {
        struct uuid account = db_get_uuid(res, i, 1);
        int32_t organ_id = db_get_i32(res, i, 2);
        int64_t region = db_get_i64(res, i, 3);
        uint32_t roles = (uint32_t)db_get_i32(res, i, 4);
        f->live = db_get_i64(res, i, 0);
        for (struct notice_watcher *w = f->watchers; w; w = w->next)
            if (!w->pending && w->at < f->live && notice_reader_is_told(&w->reader, &account, organ_id, region, roles))
                w->pending = true;
    }
}

static void on_poll(void *arg, const PGresult *res, const struct err *e)
{
    struct feed_poll *p = arg;
    struct notice_feed *f = p->feed;
    bool head = p->head;
    int wait = RETRY_MS;

    free(p);
    if (!f)
        return;
    f->poll = NULL;
    if (!f->watchers)
        return;
    if (res && head) {
        f->live = db_get_i64(res, 0, 0);
        f->live_known = true;
        wait = f->poll_ms;
    } else if (res) {
        look(f, res);
        wait = PQntuples(res) == NOTICE_FEED_POLL ? 0 : f->poll_ms;
    } else if (e->code != ERR_UNAVAILABLE) {
        log_event(LOG_WARN, "notices.poll_failed", LOG_S("text", e->text), LOG_S("detail", e->detail), LOG_END);
    }
    pump(f);
    arm(f, wait);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct notice_feed *f = arg;
    struct db_params params;
    struct err e = {0};
    int rc;

    pump(f);
    if (f->poll || !f->watchers)
        return;
    struct feed_poll *p = malloc(sizeof(*p));
    if (!p) {
        arm(f, RETRY_MS);
        return;
    }
    *p = (struct feed_poll){.feed = f, .head = !f->live_known};
    db_params_init(&params);
    if (p->head) {
        rc = db_query(f->db, &db_scope_system, &sql_notice_head, &params, USEC_NONE, on_poll, p, &e);
    } else {
        db_param_i64(&params, f->live);
        db_param_i64(&params, NOTICE_FEED_POLL);
        /* One reader for all who watch: each gets its own by notice_store_since. */
        rc = db_query(f->db, &db_scope_system, &sql_notice_poll, &params, USEC_NONE, on_poll, p, &e);
    }
    if (rc) {
        free(p);
        arm(f, RETRY_MS);
        return;
    }
    f->poll = p;
}

/* --- the outside --- */

struct notice_feed *notice_feed_create(struct event_base *base, struct db *db, int poll_ms, struct err *e)
{
    struct notice_feed *f = calloc(1, sizeof(*f));

    if (f) {
        f->db = db;
        f->poll_ms = poll_ms;
        f->timer = evtimer_new(base, on_timer, f);
        f->soon = evtimer_new(base, on_soon, f);
    }
    if (!f || !f->timer || !f->soon) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        notice_feed_destroy(f);
        return NULL;
    }
    return f;
}

void notice_feed_destroy(struct notice_feed *f)
{
    if (!f)
        return;
    if (f->poll)
        f->poll->feed = NULL;
    for (struct own_page *p = f->pages; p; p = p->next)
        p->feed = NULL;
    if (f->timer)
        event_free(f->timer);
    if (f->soon)
        event_free(f->soon);
    free(f);
}

struct notice_watcher *notice_feed_watch(struct notice_feed *f, const struct notice_reader *reader, const int64_t *from,
                                         const struct notice_watcher_ops *ops, void *arg)
{
    struct notice_watcher *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    *w = (struct notice_watcher){
        .feed = f, .reader = *reader, .ops = ops, .arg = arg, .next = f->watchers, .pprev = &f->watchers};
    if (from) {
        w->at = *from;
        w->at_known = w->pending = true;
    } else if (f->live_known) {
        w->at = f->live;
        w->at_known = true;
    }
    w->held = true;
    if (w->next)
        w->next->pprev = &w->next;
    f->watchers = w;
    if (!w->next && !f->poll)
        arm(f, 0);
    else
        pump_soon(f);
    return w;
}

void notice_feed_unwatch(struct notice_watcher *w)
{
    if (!w)
        return;
    if (w->destroyed_to)
        *w->destroyed_to = true;
    if (w->page)
        w->page->watcher = NULL;
    *w->pprev = w->next;
    if (w->next)
        w->next->pprev = w->pprev;
    /* The next one begins at its own present, not at this one's. */
    if (!w->feed->watchers) {
        evtimer_del(w->feed->timer);
        w->feed->live_known = false;
    }
    free(w);
}

void notice_feed_close_watchers(struct notice_feed *f)
{
    for (struct notice_watcher *w = f->watchers, *next; w; w = next) {
        next = w->next;
        w->ops->closing(w->arg);
    }
}

void notice_watcher_resume(struct notice_watcher *w)
{
    if (!w || !w->held)
        return;
    w->held = false;
    pump_soon(w->feed);
}

bool notice_watcher_at(const struct notice_watcher *w, int64_t *ret)
{
    if (!w || !w->at_known)
        return false;
    *ret = w->at;
    return true;
}
