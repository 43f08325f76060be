/* SPDX-License-Identifier: MIT */
/*
 * Memory with the lifetime of one call: everything allocated from an arena goes when the arena goes. Disposers run at that
 * moment, last registered first, so a timer or a database request tied to the call is let go with it.
 */
#ifndef WG_BASE_ARENA_H
#define WG_BASE_ARENA_H

#include <stddef.h>

#include "common/base/err.h"

struct arena;

/* Creates an arena that refuses to grow beyond limit bytes. Owned by the caller; NULL without memory. */
struct arena *arena_create(size_t limit);
/* Runs the disposers, frees everything. Accepts NULL. */
void arena_destroy(struct arena *a);
/* Runs the disposers and empties the arena for reuse, keeping its first block. */
void arena_reset(struct arena *a);
/* size bytes, 16-aligned, uninitialised, borrowed until the arena goes. NULL when the limit is reached. */
void *arena_alloc(struct arena *a, size_t size);
/* As arena_alloc, zeroed. */
void *arena_zalloc(struct arena *a, size_t size);
/* A terminated copy of len bytes. NULL when the limit is reached. */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Calls fn(arg) when the arena is reset or destroyed. ERR_NOMEM when the limit is reached. */
int arena_on_dispose(struct arena *a, void (*fn)(void *arg), void *arg) MUST_CHECK;
/* Bytes handed out so far. */
size_t arena_used(const struct arena *a);

#endif
