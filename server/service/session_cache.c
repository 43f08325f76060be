/* SPDX-License-Identifier: MIT */
/*
 * An entry is one session. Its row is read again when it is older than SESSION_CACHE_TTL_US; who asks meanwhile joins the read
 * under way. Streams hang on their entry as watches: a sweep every SWEEP_S seconds looks after those, because nobody asks for
 * them. Entries nobody needs leave by the LRU list.
 */
#include "server/service/session_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <uthash.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/store/account_store.h"

enum { SWEEP_S = 5, SWEEP_RELOADS = 500 /* reads one sweep may start */ };

struct session_principal {
    struct principal p; /* first: what the services see */
    int refs;
    uint8_t hash[SESSION_HASH_SIZE];
};

struct waiter {
    struct waiter *next;
    session_lookup_fn fn;
    void *arg;
};

struct entry {
    uint8_t hash[SESSION_HASH_SIZE];
    struct session_cache *cache;   /* NULL: the cache is gone, a read is still under way */
    struct session_principal *who; /* NULL until first read */
    usec_t read_at;                /* monotonic; USEC_NONE: must be read again */
    usec_t last_used;              /* wall; as this worker and the database know */
    usec_t last_touched;           /* wall; as the database knows */
    bool loading;
    bool gone;  /* ended while loading */
    bool stale; /* changed while loading: to be read once more */
    struct waiter *waiters;
    struct session_watch *watches;
    struct entry *newer, *older;
    UT_hash_handle hh;
};

struct session_cache {
    struct db *db;
    const struct clock *clock;
    int idle_s;
    struct entry *entries;
    struct entry *newest, *oldest;
    struct event *sweep;
};

/* Only sessions of people become idle. */
static bool is_alive(const struct session_cache *c, usec_t now, const struct principal *p, usec_t last_used)
{
    if (p->kind != CREDENTIAL_SESSION)
        return p->expires_at == USEC_NONE || now < p->expires_at;
    return session_is_alive(now, p->expires_at, last_used, c->idle_s);
}

bool session_is_alive(usec_t now, usec_t expires_at, usec_t last_used, int idle_s)
{
    return now < expires_at && now - last_used < (usec_t)idle_s * USEC_PER_SEC;
}

/* --- tokens --- */

bool session_token_is_well_formed(const char *token)
{
    if (strlen(token) != SESSION_TOKEN_TEXT)
        return false;
    for (const char *s = token; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '-' || *s == '_'))
            return false;
    return true;
}

void session_token_hash(const char *token, uint8_t hash[SESSION_HASH_SIZE])
{
    crypto_generichash(hash, SESSION_HASH_SIZE, (const unsigned char *)token, strlen(token), NULL, 0);
}

void session_token_make(char token[SESSION_TOKEN_TEXT + 1], uint8_t hash[SESSION_HASH_SIZE])
{
    unsigned char raw[SESSION_TOKEN_BYTES];

    randombytes_buf(raw, sizeof(raw));
    sodium_bin2base64(token, SESSION_TOKEN_TEXT + 1, raw, sizeof(raw), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(raw, sizeof(raw));
    session_token_hash(token, hash);
}

/* --- principals --- */

struct principal *principal_ref(struct principal *p)
{
    ((struct session_principal *)p)->refs++;
    return p;
}

void principal_unref(struct principal *p)
{
    struct session_principal *s = (struct session_principal *)p;
    if (s && --s->refs == 0)
        free(s);
}

const uint8_t *principal_token_hash(const struct principal *p)
{
    return ((const struct session_principal *)p)->hash;
}

static struct session_principal *principal_new(const uint8_t hash[SESSION_HASH_SIZE], const struct session_row *row)
{
    struct session_principal *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->refs = 1;
    memcpy(s->hash, hash, SESSION_HASH_SIZE);
    text_copy(s->p.login, sizeof(s->p.login), row->account.login);
    text_copy(s->p.name, sizeof(s->p.name), row->account.name);
    text_copy(s->p.source, sizeof(s->p.source), row->account.source);
    s->p.expires_at = row->expires_at;
    s->p.kind = row->kind;
    s->p.must_change = row->must_change;
    s->p.actor = (struct actor){
        .account = row->account.id,
        .role = row->account.role,
        .region = row->account.region,
        .organ_id = row->account.organ_id,
        .source_id = row->source_id,
        .name = s->p.name,
    };
    struct policy_view view;
    policy_view_of(&s->p.actor, &view);
    service_scope_of_view(&view, &s->p.scope);
    s->p.region_scope = (struct db_scope){.lo = s->p.scope.lo, .hi = s->p.scope.hi};
    return s;
}

/* --- entries --- */

static void lru_unlink(struct session_cache *c, struct entry *n)
{
    *(n->newer ? &n->newer->older : &c->newest) = n->older;
    *(n->older ? &n->older->newer : &c->oldest) = n->newer;
    n->newer = n->older = NULL;
}

static void lru_push(struct session_cache *c, struct entry *n)
{
    n->older = c->newest;
    n->newer = NULL;
    *(c->newest ? &c->newest->newer : &c->oldest) = n;
    c->newest = n;
}

static void entry_free(struct entry *n)
{
    if (n->who)
        principal_unref(&n->who->p);
    free(n);
}

/* Takes it out of the cache; a read under way frees it later. Its watches must be gone. */
static void entry_drop(struct session_cache *c, struct entry *n)
{
    HASH_DEL(c->entries, n);
    lru_unlink(c, n);
    n->cache = NULL;
    if (!n->loading)
        entry_free(n);
}

static struct entry *entry_find(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE])
{
    struct entry *n;
    HASH_FIND(hh, c->entries, hash, SESSION_HASH_SIZE, n);
    return n;
}

/* Makes room by dropping the longest unused entry without streams or a read under way. */
static void make_room(struct session_cache *c)
{
    if (HASH_COUNT(c->entries) < SESSION_CACHE_MAX)
        return;
    for (struct entry *n = c->oldest; n; n = n->newer) {
        if (!n->loading && !n->watches) {
            entry_drop(c, n);
            return;
        }
    }
}

static struct entry *entry_new(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE])
{
    struct entry *n;

    make_room(c);
    if (HASH_COUNT(c->entries) >= SESSION_CACHE_MAX)
        return NULL;
    n = calloc(1, sizeof(*n));
    if (!n)
        return NULL;
    memcpy(n->hash, hash, SESSION_HASH_SIZE);
    n->cache = c;
    n->read_at = USEC_NONE;
    n->last_used = n->last_touched = USEC_NONE;
    HASH_ADD(hh, c->entries, hash, SESSION_HASH_SIZE, n);
    lru_push(c, n);
    return n;
}

static void tell_watches(struct entry *n)
{
    while (n->watches) {
        struct session_watch *w = n->watches;
        session_cache_unwatch(w);
        w->ended(w);
    }
}

static void tell_waiters(struct entry *n, const struct err *e)
{
    struct waiter *w = n->waiters;

    n->waiters = NULL;
    while (w) {
        struct waiter *next = w->next;
        w->fn(w->arg, e->code ? NULL : &n->who->p, e);
        free(w);
        w = next;
    }
}

static void entry_end(struct session_cache *c, struct entry *n)
{
    tell_watches(n);
    entry_drop(c, n);
}

static bool entry_is_fresh(const struct session_cache *c, const struct entry *n)
{
    usec_t now = c->clock->now(c->clock);

    return n->who && n->read_at != USEC_NONE && c->clock->monotonic(c->clock) - n->read_at < SESSION_CACHE_TTL_US &&
           is_alive(c, now, &n->who->p, n->last_used);
}

static void on_touched(void *arg, const struct err *e)
{
    /* A missed touch costs nothing: the next use writes it again. */
}

/* Notes that the session was used, in the database at most once a minute. */
static void entry_use(struct session_cache *c, struct entry *n)
{
    usec_t now = c->clock->now(c->clock);

    n->last_used = now;
    lru_unlink(c, n);
    lru_push(c, n);
    if (now - n->last_touched >= SESSION_TOUCH_EVERY_US) {
        struct err e = {0};
        n->last_touched = now;
        if (session_store_touch(c->db, n->hash, now, USEC_NONE, on_touched, NULL, &e))
            log_event(LOG_DEBUG, "session.touch_missed", LOG_S("why", e.text), LOG_END);
    }
}

static int unauthenticated(struct err *e)
{
    return err_set(e, ERR_UNAUTHENTICATED, "The session has ended or never was; log in again.");
}

static bool row_is_alive(const struct session_cache *c, usec_t now, const struct session_row *row, usec_t last_used)
{
    const struct principal p = {.kind = row->kind, .expires_at = row->expires_at};
    return is_alive(c, now, &p, last_used);
}

/* Whether the principal we know says what the row says. */
static bool is_same(const struct principal *p, const struct session_row *row)
{
    return p->actor.role == row->account.role && p->actor.region == row->account.region &&
           p->actor.organ_id == row->account.organ_id && strcmp(p->name, row->account.name) == 0 &&
           p->must_change == row->must_change && p->expires_at == row->expires_at &&
           strcmp(p->source, row->account.source) == 0 && p->actor.source_id == row->source_id;
}

static void on_row(void *arg, const struct session_row *row, const struct err *e);

static int entry_load(struct session_cache *c, struct entry *n, struct err *e)
{
    int r = 0;

    if (!n->loading) {
        r = session_store_get(c->db, n->hash, c->clock->now(c->clock), USEC_NONE, on_row, n, e);
        n->loading = r == 0;
    }
    return r;
}

static void on_row(void *arg, const struct session_row *row, const struct err *e)
{
    struct entry *n = arg;
    struct session_cache *c = n->cache;
    struct err why = *e;
    usec_t now;

    n->loading = false;
    if (!c) {
        if (!why.code)
            err_set(&why, ERR_UNAVAILABLE, "The server is stopping; try again in a moment.");
        tell_waiters(n, &why);
        entry_free(n);
        return;
    }
    now = c->clock->now(c->clock);
    if (n->stale && !n->gone && !why.code) {
        n->stale = false;
        if (entry_load(c, n, &why) == 0)
            return;
    }
    if (why.code) {
        /* Not known: who asked is told so, streams go on until somebody knows. */
        tell_waiters(n, &why);
        if (!n->who && !n->watches)
            entry_drop(c, n);
        return;
    }
    if (row && row->last_seen_at != USEC_NONE && row->last_seen_at > n->last_used)
        n->last_used = row->last_seen_at;
    if (row)
        n->last_touched = row->last_seen_at == USEC_NONE ? 0 : row->last_seen_at;
    if (!row || n->gone || row->account.disabled || !row_is_alive(c, now, row, n->last_used)) {
        unauthenticated(&why);
        n->loading = true; /* keeps n while the callbacks run */
        tell_watches(n);
        while (n->waiters)
            tell_waiters(n, &why);
        n->loading = false;
        if (n->cache)
            entry_drop(c, n);
        else
            entry_free(n);
        return;
    }
    if (!n->who || !is_same(&n->who->p, row)) {
        struct session_principal *who = principal_new(n->hash, row);
        if (!who) {
            err_set(&why, ERR_NOMEM, "The server is out of memory; try again later.");
            tell_waiters(n, &why);
            return;
        }
        if (n->who)
            principal_unref(&n->who->p);
        n->who = who;
    }
    n->read_at = c->clock->monotonic(c->clock);
    if (n->waiters)
        entry_use(c, n);
    n->loading = true;
    while (n->waiters)
        tell_waiters(n, &why);
    n->loading = false;
    if (!n->cache)
        entry_free(n);
}

struct principal *session_cache_find_hash(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE])
{
    struct entry *n = entry_find(c, hash);

    if (!n || !entry_is_fresh(c, n))
        return NULL;
    entry_use(c, n);
    return principal_ref(&n->who->p);
}

struct principal *session_cache_find(struct session_cache *c, const char *token)
{
    uint8_t hash[SESSION_HASH_SIZE];

    session_token_hash(token, hash);
    return session_cache_find_hash(c, hash);
}

int session_cache_lookup_hash(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE], session_lookup_fn fn, void *arg,
                              struct err *e)
{
    struct waiter *w = malloc(sizeof(*w));
    struct entry *n = entry_find(c, hash);
    int r;

    if (w && !n)
        n = entry_new(c, hash);
    if (!w || !n) {
        free(w);
        return err_set(e, ERR_EXHAUSTED, "Too many sessions are open at once; try again later.");
    }
    /* A lookup that others may join must not fail with the deadline of the first. */
    r = entry_load(c, n, e);
    if (r) {
        free(w);
        if (!n->who && !n->watches)
            entry_drop(c, n);
        return r;
    }
    *w = (struct waiter){.next = n->waiters, .fn = fn, .arg = arg};
    n->waiters = w;
    return 0;
}

int session_cache_lookup(struct session_cache *c, const char *token, session_lookup_fn fn, void *arg, struct err *e)
{
    uint8_t hash[SESSION_HASH_SIZE];

    session_token_hash(token, hash);
    return session_cache_lookup_hash(c, hash, fn, arg, e);
}

void session_cache_watch(struct session_cache *c, const struct principal *p, struct session_watch *w)
{
    struct entry *n = entry_find(c, principal_token_hash(p));

    w->_pprev = NULL;
    if (!n) {
        /* Dropped since the call began: start anew, the next sweep reads it. */
        n = entry_new(c, principal_token_hash(p));
        if (!n)
            return;
        n->last_used = c->clock->now(c->clock);
    }
    w->_next = n->watches;
    if (w->_next)
        w->_next->_pprev = &w->_next;
    w->_pprev = &n->watches;
    n->watches = w;
}

void session_cache_unwatch(struct session_watch *w)
{
    if (!w->_pprev)
        return;
    *w->_pprev = w->_next;
    if (w->_next)
        w->_next->_pprev = w->_pprev;
    w->_pprev = NULL;
    w->_next = NULL;
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct session_cache *c = arg;
    usec_t now = c->clock->now(c->clock);
    int reloads = 0;
    struct entry *n, *next;

    HASH_ITER(hh, c->entries, n, next)
    {
        if (!n->watches) {
            /* Long expired: nobody will ask for it with success. */
            if (!n->loading && n->who && !is_alive(c, now, &n->who->p, n->last_used))
                entry_drop(c, n);
            continue;
        }
        if (n->who && n->who->p.expires_at != USEC_NONE && now >= n->who->p.expires_at) {
            entry_end(c, n);
            continue;
        }
        /* Idle here may be busy on another worker: only the database knows. */
        if ((n->read_at == USEC_NONE || now - n->last_used >= (usec_t)c->idle_s * USEC_PER_SEC) && reloads < SWEEP_RELOADS) {
            struct err e = {0};
            reloads++;
            if (entry_load(c, n, &e))
                break;
        }
    }
}

void session_cache_forget(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE])
{
    struct entry *n = entry_find(c, hash);

    if (!n)
        return;
    if (n->loading) {
        n->gone = true;
        n->read_at = USEC_NONE;
        tell_watches(n);
        return;
    }
    entry_end(c, n);
}

void session_cache_renew(struct session_cache *c, const uint8_t hash[SESSION_HASH_SIZE])
{
    struct entry *n = entry_find(c, hash);

    if (!n)
        return;
    if (n->loading) {
        n->stale = true;
        n->read_at = USEC_NONE;
        tell_watches(n);
        return;
    }
    entry_end(c, n);
}

static void on_session_changed(void *arg, const char *payload)
{
    uint8_t hash[SESSION_HASH_SIZE];
    size_t len = 0;

    /* What was missed, on_session_gone makes up for: the channels begin together. */
    if (payload && sodium_hex2bin(hash, sizeof(hash), payload, strlen(payload), NULL, &len, NULL) == 0 && len == sizeof(hash))
        session_cache_renew(arg, hash);
}

static void on_session_gone(void *arg, const char *payload)
{
    struct session_cache *c = arg;
    uint8_t hash[SESSION_HASH_SIZE];
    size_t len = 0;

    if (!payload) {
        /* Something may have been missed: everything is read again before it is believed. */
        for (struct entry *n = c->entries; n; n = n->hh.next)
            n->read_at = USEC_NONE;
        return;
    }
    if (sodium_hex2bin(hash, sizeof(hash), payload, strlen(payload), NULL, &len, NULL) == 0 && len == sizeof(hash))
        session_cache_forget(c, hash);
}

struct session_cache *session_cache_create(struct event_base *base, struct db *db, const struct clock *clock, int idle_s,
                                           struct err *e)
{
    static const struct timeval every = {.tv_sec = SWEEP_S};
    struct session_cache *c = calloc(1, sizeof(*c));

    if (!c || !(c->sweep = event_new(base, -1, EV_PERSIST, on_sweep, c)) || evtimer_add(c->sweep, &every)) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        session_cache_destroy(c);
        return NULL;
    }
    c->db = db;
    c->clock = clock;
    c->idle_s = idle_s;
    if (db_listen(db, "session_gone", on_session_gone, c, e) || db_listen(db, "session_changed", on_session_changed, c, e)) {
        session_cache_destroy(c);
        return NULL;
    }
    return c;
}

void session_cache_destroy(struct session_cache *c)
{
    struct entry *n, *next;

    if (!c)
        return;
    HASH_ITER(hh, c->entries, n, next)
    {
        while (n->watches)
            session_cache_unwatch(n->watches);
        entry_drop(c, n);
    }
    if (c->sweep)
        event_free(c->sweep);
    free(c);
}

void session_cache_set_idle(struct session_cache *c, int idle_s)
{
    c->idle_s = idle_s;
}

int session_cache_count(const struct session_cache *c)
{
    return (int)HASH_COUNT(c->entries);
}
