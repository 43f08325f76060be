/* SPDX-License-Identifier: MIT */
/*
 * Which cases a history holds: exact counts of every fate per year, spread over grids, kinds and hours as a city's are. Made
 * once; demo_history.c turns slots into messages. Invariant: slots are ordered as they must be imported, by year and time with
 * the merged ones after everything they could be merged into.
 */
#ifndef WG_DEMO_PLAN_H
#define WG_DEMO_PLAN_H

#include "client/demo/demo_walk.h"

/* How many cases of a year meet which fate. */
struct demo_year {
    int year;
    int fates[FATE_COUNT];
};

/* 2020: 16,900 valid, 12,980 of them closed at its end and 2,620 more in 2021. 2021: 18,400 valid, 14,904 closed. */
enum { DEMO_YEARS = 2 };
extern const struct demo_year demo_years[DEMO_YEARS];

struct demo_plan {
    struct demo_slot *slots;
    size_t nslots;
};

/* Draws the slots of the years in order. ERR_NOMEM, ERR_INTERNAL if a fate cannot be met. */
int demo_plan_init(struct demo_plan *plan, const struct demo_city *c, uint64_t seed, const struct demo_year *years, int nyears,
                   struct err *e) MUST_CHECK;
void demo_plan_fini(struct demo_plan *plan);

/* Draws what a case is about and where, of a kind a worker may settle or of any kind. Sets grid, category, channel, urgency. */
struct demo_mix;
struct demo_mix *demo_mix_create(const struct demo_city *c);
void demo_mix_destroy(struct demo_mix *m);
void demo_mix_draw(const struct demo_mix *m, struct prng *p, bool settled, struct demo_slot *slot);

#endif
