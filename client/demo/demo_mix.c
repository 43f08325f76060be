/* SPDX-License-Identifier: MIT */
/* What happens where, by which channel and how urgent: demo_mix_* of demo_plan.h. */
#include "client/demo/demo_plan.h"

#include <stdlib.h>

struct demo_mix {
    const struct demo_city *city;
    uint32_t *settled_sums; /* weights of the kinds added up */
    uint32_t *carried_sums;
};

struct demo_mix *demo_mix_create(const struct demo_city *c)
{
    struct demo_mix *m = calloc(1, sizeof *m);
    uint32_t *sums = calloc(2 * demo_categories_len, sizeof *sums);
    if (!m || !sums) {
        free(m);
        free(sums);
        return NULL;
    }
    *m = (struct demo_mix){.city = c, .settled_sums = sums, .carried_sums = sums + demo_categories_len};
    uint32_t settled = 0;
    uint32_t carried = 0;
    for (size_t i = 0; i < demo_categories_len; i++) {
        const struct demo_category *cat = &demo_categories[i];
        settled += cat->settle_allowed ? cat->weight : 0;
        /* What a worker may settle himself seldom goes on to an office. */
        carried += cat->settle_allowed ? cat->weight : 6 * cat->weight;
        m->settled_sums[i] = settled;
        m->carried_sums[i] = carried;
    }
    return m;
}

void demo_mix_destroy(struct demo_mix *m)
{
    if (m)
        free(m->settled_sums);
    free(m);
}

static Wangge__V1__Channel draw_channel(struct prng *p)
{
    uint32_t v = prng_below(p, 100);
    if (v < 62)
        return WANGGE__V1__CHANNEL__CHANNEL_GRID;
    if (v < 82)
        return WANGGE__V1__CHANNEL__CHANNEL_HOTLINE;
    if (v < 93)
        return WANGGE__V1__CHANNEL__CHANNEL_PUBLIC;
    return v < 98 ? WANGGE__V1__CHANNEL__CHANNEL_SUPERIOR : WANGGE__V1__CHANNEL__CHANNEL_API;
}

void demo_mix_draw(const struct demo_mix *m, struct prng *p, bool settled, struct demo_slot *slot)
{
    slot->grid = (int32_t)prng_pick(p, m->city->grid_sums, (size_t)m->city->ngrids);
    slot->category = (int16_t)prng_pick(p, settled ? m->settled_sums : m->carried_sums, demo_categories_len);
    if (settled)
        slot->channel = WANGGE__V1__CHANNEL__CHANNEL_GRID;
    else if (demo_categories[slot->category].code[0] == 'A')
        slot->channel = WANGGE__V1__CHANNEL__CHANNEL_ALARM;
    else
        slot->channel = (uint8_t)draw_channel(p);
    uint32_t v = prng_below(p, 100);
    slot->urgency = v < 88   ? WANGGE__V1__URGENCY__URGENCY_NORMAL
                    : v < 98 ? WANGGE__V1__URGENCY__URGENCY_URGENT
                             : WANGGE__V1__URGENCY__URGENCY_CRITICAL;
}
