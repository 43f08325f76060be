/* SPDX-License-Identifier: MIT */
#include "server/service/login_guard.h"

#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <uthash.h>

enum { GUARD_SLOTS = 4096 };

struct slot {
    uint64_t hash;
    int failures;
    usec_t locked_until; /* 0: never locked */
};

/* The attempts on one login: the first is under way, the others wait. */
struct line {
    struct login_turn *first, *last;
    int n;
    UT_hash_handle hh;
    char login[];
};

struct login_guard {
    struct line *lines;
    unsigned char key[crypto_shorthash_KEYBYTES];
    struct slot slots[GUARD_SLOTS];
};

struct login_guard *login_guard_create(void)
{
    struct login_guard *g = calloc(1, sizeof(*g));
    if (g)
        crypto_shorthash_keygen(g->key);
    return g;
}

void login_guard_destroy(struct login_guard *g)
{
    free(g);
}

static uint64_t hash_of(const struct login_guard *g, const char *login)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t hash;

    crypto_shorthash(out, (const unsigned char *)login, strlen(login), g->key);
    memcpy(&hash, out, sizeof(hash));
    return hash;
}

void login_guard_forget(struct login_guard *g, const char *login)
{
    uint64_t hash = hash_of(g, login);
    struct slot *s = &g->slots[hash % GUARD_SLOTS];

    if (s->hash == hash)
        *s = (struct slot){0};
}

bool login_guard_attempt(struct login_guard *g, const char *login, usec_t now, int failures_max, int lock_s,
                         usec_t *ret_locked_until)
{
    uint64_t hash = hash_of(g, login);
    struct slot *s = &g->slots[hash % GUARD_SLOTS];

    if (s->hash != hash)
        *s = (struct slot){.hash = hash};
    if (s->locked_until > now) {
        *ret_locked_until = s->locked_until;
        return false;
    }
    if (++s->failures >= failures_max) {
        s->failures = 0;
        s->locked_until = now + (usec_t)lock_s * USEC_PER_SEC;
    }
    return true;
}

int login_guard_enter(struct login_guard *g, struct login_turn *t, struct err *e)
{
    struct line *l;
    size_t len = strlen(t->login);

    t->_next = NULL;
    HASH_FIND(hh, g->lines, t->login, len, l);
    if (l && l->n >= LOGIN_TURNS_MAX)
        return err_set(e, ERR_EXHAUSTED, "Too many log in with this login at this moment; try again in a few seconds.");
    if (l) {
        l->last->_next = t;
        l->last = t;
        l->n++;
        return 0;
    }
    l = calloc(1, sizeof(*l) + len + 1);
    if (!l)
        return err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
    memcpy(l->login, t->login, len + 1);
    l->first = l->last = t;
    l->n = 1;
    HASH_ADD_KEYPTR(hh, g->lines, l->login, len, l);
    t->begin(t);
    return 0;
}

void login_guard_leave(struct login_guard *g, struct login_turn *t)
{
    struct line *l;

    HASH_FIND(hh, g->lines, t->login, strlen(t->login), l);
    if (!l || l->first != t)
        return;
    l->first = t->_next;
    l->n--;
    if (l->first) {
        l->first->begin(l->first);
        return;
    }
    HASH_DEL(g->lines, l);
    free(l);
}
