/* SPDX-License-Identifier: MIT */
#include "common/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096 - 64, ALIGN = 16 };

struct block {
    struct block *next;
    size_t size; /* of data */
    size_t used;
    _Alignas(ALIGN) unsigned char data[];
};

struct disposer {
    struct disposer *next;
    void (*fn)(void *arg);
    void *arg;
};

struct arena {
    struct block *head; /* the block being filled; the first block is the last of the list */
    struct disposer *disposers;
    size_t limit;
    size_t total; /* bytes handed out */
};

static struct block *block_create(size_t size)
{
    struct block *b = malloc(sizeof *b + size);
    if (b) {
        b->next = NULL;
        b->size = size;
        b->used = 0;
    }
    return b;
}

struct arena *arena_create(size_t limit)
{
    struct arena *a = malloc(sizeof *a);
    if (!a)
        return NULL;
    *a = (struct arena){.limit = limit, .head = block_create(FIRST_BLOCK)};
    if (!a->head) {
        free(a);
        return NULL;
    }
    return a;
}

static void dispose(struct arena *a)
{
    while (a->disposers) {
        struct disposer *d = a->disposers;
        a->disposers = d->next;
        d->fn(d->arg);
    }
}

void arena_reset(struct arena *a)
{
    dispose(a);
    while (a->head->next) {
        struct block *b = a->head;
        a->head = b->next;
        free(b);
    }
    a->head->used = 0;
    a->total = 0;
}

void arena_destroy(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a->head);
    free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > a->limit || a->limit - size < a->total)
        return NULL;
    size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (a->head->size - a->head->used < need) {
        size_t next = a->head->size < 65536 ? a->head->size * 2 : a->head->size;
        struct block *b = block_create(need > next ? need : next);
        if (!b)
            return NULL;
        b->next = a->head;
        a->head = b;
    }
    void *p = a->head->data + a->head->used;
    a->head->used += need;
    a->total += need;
    return p;
}

void *arena_zalloc(struct arena *a, size_t size)
{
    void *p = arena_alloc(a, size);
    if (p)
        memset(p, 0, size);
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *p = arena_alloc(a, len + 1);
    if (p) {
        memcpy(p, s, len);
        p[len] = '\0';
    }
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return NULL;
    char *p = arena_alloc(a, (size_t)n + 1);
    if (p) {
        va_start(ap, fmt);
        (void)vsnprintf(p, (size_t)n + 1, fmt, ap);
        va_end(ap);
    }
    return p;
}

int arena_on_dispose(struct arena *a, void (*fn)(void *arg), void *arg)
{
    struct disposer *d = arena_alloc(a, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    *d = (struct disposer){.next = a->disposers, .fn = fn, .arg = arg};
    a->disposers = d;
    return 0;
}

size_t arena_used(const struct arena *a)
{
    return a->total;
}
