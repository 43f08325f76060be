/* SPDX-License-Identifier: MIT */
/*
 * The demo city's cases as messages: whole histories for ImportHistory, and fresh incidents for SubmitCase. Any item can be
 * made by itself and comes out the same each time, ids included, so sending it again is answered as a repetition and doubles
 * nothing. Used by wangge-demo, the tests and the benchmarks.
 */
#ifndef WG_DEMO_HISTORY_H
#define WG_DEMO_HISTORY_H

#include "wangge/v1/case.pb-c.h"

#include "client/demo/demo_plan.h"
#include "common/base/arena.h"
#include "common/base/uuid.h"

#define DEMO_SEED UINT64_C(230600)

struct demo_history;

/* Plans the years. The city is borrowed for the history's life. NULL with e filled on failure. */
struct demo_history *demo_history_create(const struct demo_city *c, uint64_t seed, const struct demo_year *years, int nyears,
                                         struct err *e);
/* Accepts NULL. */
void demo_history_destroy(struct demo_history *h);
size_t demo_history_len(const struct demo_history *h);
/* What item i (from 0) is to be. Borrowed. */
const struct demo_slot *demo_history_slot(const struct demo_history *h, size_t i);
/* Item i, sequence i + 1, in the arena; NULL if the arena is full. */
Wangge__V1__ImportHistoryRequest *demo_history_item(const struct demo_history *h, size_t i, struct arena *a);

/*
 * A series of fresh incidents for SubmitCase, all distinct. With grid_code set they are in that grid or below that region.
 * settled_permille of 1000 are settled on the spot.
 */
struct demo_submits {
    const struct demo_city *city;
    uint64_t seed;
    uint32_t settled_permille;
    const char *region_code; /* "" or a code: only grids below it */
    struct demo_mix *_mix;
    int _first_grid;
    int _ngrids;
};
int demo_submits_init(struct demo_submits *s, struct err *e) MUST_CHECK;
void demo_submits_fini(struct demo_submits *s);
/* Incident i, happened at `at`; NULL if the arena is full. Its ids carry the time `at` and depend on seed, i and at alone. */
Wangge__V1__SubmitCaseRequest *demo_submit_item(const struct demo_submits *s, uint64_t i, usec_t at, struct arena *a);

#endif
