/* SPDX-License-Identifier: MIT */
#include "server/service/login_guard.h"

#include <stdlib.h>
#include <string.h>
#include <sodium.h>

enum { GUARD_SLOTS = 4096 };

struct slot {
    uint64_t hash;
    int failures;
    usec_t locked_until; /* 0: never locked */
};

struct login_guard {
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

bool login_guard_attempt(struct login_guard *g, const char *login, usec_t now, int failures_max, int lock_s,
                         usec_t *ret_locked_until)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t hash;
    struct slot *s;

    crypto_shorthash(out, (const unsigned char *)login, strlen(login), g->key);
    memcpy(&hash, out, sizeof(hash));
    s = &g->slots[hash % GUARD_SLOTS];
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
