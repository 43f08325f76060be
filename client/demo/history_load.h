/* SPDX-License-Identifier: MIT */
/*
 * Sends the demo history through ImportHistory: a window of items in flight, a result for each, taken up again after the last
 * answer when the connection breaks. Called by load.c with a link whose session is the integration account's.
 */
#ifndef WG_DEMO_HISTORY_LOAD_H
#define WG_DEMO_HISTORY_LOAD_H

#include "client/demo/demo_history.h"
#include "client/demo/link.h"

enum { HISTORY_LOAD_ERRORS = 10 };

struct history_load_result {
    size_t imported;
    size_t replayed;
    size_t failed;
    size_t events; /* of the answered items, the reports included */
    usec_t elapsed_us;
    int nerrors;
    char errors[HISTORY_LOAD_ERRORS][320]; /* the first ones: "item 12 (case …): …" */
};

/* Sends items first (from 0) to the end. 0 if every item was answered, even if some failed; else the failure. */
int history_load(struct link *l, const struct demo_history *h, size_t first, struct history_load_result *ret,
                 struct err *e) MUST_CHECK;

#endif
