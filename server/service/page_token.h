/* SPDX-License-Identifier: MIT */
/* Page tokens: the keyset of the last row, bound to the filters it belongs to. Opaque to clients. */
#ifndef WG_SERVICE_PAGE_TOKEN_H
#define WG_SERVICE_PAGE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/uuid.h"

struct page_token {
    int64_t filter; /* hash of what the list was asked with */
    int64_t a;      /* day, or arrival in microseconds */
    int64_t b;      /* due time, or version */
    struct uuid id;
    int64_t seen; /* rows given so far */
    int64_t part; /* which of several lists one after the other */
};

/* In the arena; NULL without memory. */
char *page_token_write(struct arena *a, const struct page_token *t);
/* False unless s is a token of ours for this filter. */
bool page_token_read(const char *s, int64_t filter, struct page_token *ret);

#endif
