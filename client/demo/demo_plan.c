/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_plan.h"

#include <stdlib.h>
#include <string.h>

enum {
    STREAM_PLAN = 0x706c616e,
    STREAM_LEADS = 0x6c656164,
    MAX_YEAR_DAYS = 366,
    MAX_TRIES = 400, /* how often the time of a case is drawn until its life fits */
    LEAD_MARGIN_DAYS = 40,
};

const struct demo_year demo_years[DEMO_YEARS] = {
    {2020,
     {[FATE_SETTLED] = 11682,
      [FATE_CLOSED] = 1298,
      [FATE_LATE] = 2620,
      [FATE_OPEN] = 1300,
      [FATE_VOIDED] = 24,
      [FATE_MERGED] = 10,
      [FATE_REFUSED] = 38}},
    {2021,
     {[FATE_SETTLED] = 13414,
      [FATE_CLOSED] = 1490,
      [FATE_LATE] = 0,
      [FATE_OPEN] = 3496,
      [FATE_VOIDED] = 30,
      [FATE_MERGED] = 12,
      [FATE_REFUSED] = 0}},
};

/* Days of a year by season, weights added up. */
struct year_days {
    int32_t first; /* local day */
    int ndays;
    uint32_t sums[SEASON_COUNT][MAX_YEAR_DAYS];
};

/* Percent of the mean, January first. */
static const uint8_t month_weights[12] = {76, 62, 88, 100, 110, 112, 116, 112, 106, 100, 94, 84};
static const uint8_t season_weights[SEASON_COUNT][12] = {
    [SEASON_ALL] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100},
    [SEASON_SUMMER] = {35, 35, 60, 100, 130, 150, 160, 150, 120, 90, 55, 35},
    [SEASON_WINTER] = {180, 170, 130, 90, 50, 40, 40, 40, 50, 130, 170, 185},
    [SEASON_RAIN] = {30, 30, 60, 80, 110, 180, 220, 200, 120, 70, 50, 30},
    [SEASON_HARVEST] = {40, 45, 90, 190, 110, 70, 60, 70, 130, 210, 150, 40},
};
/* Thousandths by the hour, for people at work, for the public, and round the clock. */
static const uint8_t hours[3][24] = {
    {0, 0, 0, 0, 0, 1, 3, 9, 98, 142, 126, 78, 20, 24, 102, 128, 112, 74, 30, 22, 16, 9, 4, 2},
    {4, 2, 1, 1, 2, 6, 18, 44, 82, 92, 88, 70, 46, 48, 66, 70, 72, 70, 66, 58, 44, 28, 14, 8},
    {34, 30, 28, 26, 28, 30, 36, 42, 44, 44, 42, 42, 42, 42, 42, 44, 48, 52, 56, 58, 54, 48, 44, 38},
};

static void year_days_init(struct year_days *y, const struct demo_calendar *cal, int year)
{
    y->first = clock_days_from_civil(year, 1, 1);
    y->ndays = clock_days_from_civil(year + 1, 1, 1) - y->first;
    uint32_t sums[SEASON_COUNT] = {0};
    for (int i = 0; i < y->ndays; i++) {
        int yy;
        int month;
        int day;
        clock_civil_from_days(y->first + i, &yy, &month, &day);
        int weekday = (y->first + i + 3) % 7; /* 0 Monday */
        uint32_t weight = month_weights[month - 1];
        if (!demo_calendar_is_working(cal, y->first + i))
            weight = weight * (weekday == 5 ? 46 : weekday == 6 ? 38 : 30) / 100;
        else if (weekday == 0)
            weight = weight * 112 / 100;
        /* February 2020: everybody stayed at home and the workers had other things to do. */
        if (year == 2020 && month == 2)
            weight /= 2;
        for (int s = 0; s < SEASON_COUNT; s++) {
            sums[s] += weight * season_weights[s][month - 1];
            y->sums[s][i] = sums[s];
        }
    }
}

static usec_t draw_time(struct prng *p, const struct year_days *y, const struct demo_slot *slot)
{
    enum demo_season season = demo_categories[slot->category].season;
    size_t day = prng_pick(p, y->sums[season], (size_t)y->ndays);
    /* What is still open is mostly recent. */
    if (slot->fate == FATE_OPEN || slot->fate == FATE_LATE) {
        size_t other = prng_pick(p, y->sums[season], (size_t)y->ndays);
        if (other > day && prng_permille(p, 700))
            day = other;
    }
    int kind = slot->channel == WANGGE__V1__CHANNEL__CHANNEL_GRID    ? 0
               : slot->channel == WANGGE__V1__CHANNEL__CHANNEL_ALARM ? 2
                                                                     : 1;
    uint32_t sums[24];
    uint32_t sum = 0;
    for (int h = 0; h < 24; h++)
        sums[h] = sum += hours[kind][h];
    int64_t hour = (int64_t)prng_pick(p, sums, 24);
    return demo_midnight(y->first + (int32_t)day) + (hour * 3600 + prng_below(p, 3600)) * USEC_PER_SEC +
           prng_below(p, 1000) * INT64_C(1000);
}

/* Whether the slot's life agrees with its fate. */
static bool fits(const struct demo_walk *w, const struct demo_slot *slot, usec_t next_year_end)
{
    /* A minute of room, so that no reading of "by the end of the year" makes a difference. */
    usec_t end = slot->year_end - 60 * USEC_PER_SEC;
    if (slot->fate != FATE_LATE)
        return w->ended < end;
    for (int i = 0; i < w->nsteps; i++) {
        if (w->steps[i].action == WANGGE__V1__ACTION__ACTION_ACCEPT)
            return w->steps[i].arrived < end && w->ended > slot->year_end && w->ended < next_year_end - 60 * USEC_PER_SEC;
    }
    return false;
}

static int draw_slot(const struct demo_city *c, const struct demo_mix *mix, const struct year_days *days, uint64_t seed,
                     struct demo_slot *slot, struct err *e)
{
    struct prng p;
    struct demo_walk walk;
    prng_init(&p, seed ^ STREAM_PLAN, slot->id);
    demo_mix_draw(mix, &p, slot->fate == FATE_SETTLED, slot);
    usec_t next_year_end = slot->year_end + INT64_C(365) * 86400 * USEC_PER_SEC;
    for (int i = 0; i < MAX_TRIES; i++) {
        slot->reported = draw_time(&p, days, slot);
        demo_walk_make(&walk, c, seed, slot);
        if (fits(&walk, slot, next_year_end))
            return 0;
    }
    return err_set(e, ERR_INTERNAL, "Case %u of the demo history does not fit into its year.", slot->id);
}

static int by_time(const void *a, const void *b)
{
    const struct demo_slot *x = a;
    const struct demo_slot *y = b;
    if (x->reported != y->reported)
        return x->reported < y->reported ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static bool can_lead(const struct demo_slot *s)
{
    return s->fate == FATE_OPEN && s->reported < s->year_end - (usec_t)LEAD_MARGIN_DAYS * 86400 * USEC_PER_SEC;
}

/* Gives every merged slot (they follow the n others) an open case of its year that was reported shortly before. */
static int choose_leads(const struct demo_city *c, uint64_t seed, struct demo_slot *slots, size_t first, size_t n, int merged,
                        struct err *e)
{
    struct demo_walk walk;
    for (int k = 0; k < merged; k++) {
        struct demo_slot *slot = &slots[first + n + (size_t)k];
        struct prng p;
        prng_init(&p, seed ^ STREAM_LEADS, slot->id);
        bool found = false;
        for (int i = 0; i < MAX_TRIES && !found; i++) {
            size_t at = first + prng_below(&p, (uint32_t)n);
            const struct demo_slot *lead = &slots[at];
            bool taken = false;
            for (int j = 0; j < k; j++)
                taken |= slots[first + n + (size_t)j].lead == (int32_t)at;
            if (!can_lead(lead) || taken)
                continue;
            slot->grid = lead->grid;
            slot->category = lead->category;
            slot->channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE;
            slot->reported = lead->reported + (usec_t)prng_range(&p, 1800, 3 * 86400) * USEC_PER_SEC;
            slot->lead = (int32_t)at;
            demo_walk_make(&walk, c, seed, slot);
            found = fits(&walk, slot, slot->year_end);
        }
        if (!found)
            return err_set(e, ERR_INTERNAL, "No open case can lead case %u of the demo history.", slot->id);
    }
    return 0;
}

static int plan_year(struct demo_plan *plan, const struct demo_city *c, const struct demo_mix *mix, uint64_t seed,
                     const struct demo_year *year, struct err *e)
{
    struct year_days days;
    year_days_init(&days, &c->calendar, year->year);
    size_t first = plan->nslots;
    for (int fate = 0; fate < FATE_COUNT; fate++) {
        if (fate == FATE_MERGED)
            continue;
        for (int i = 0; i < year->fates[fate]; i++) {
            struct demo_slot *slot = &plan->slots[plan->nslots];
            *slot = (struct demo_slot){
                .id = (uint32_t)plan->nslots,
                .fate = (uint8_t)fate,
                .year_end = demo_midnight(days.first + days.ndays),
                .lead = -1,
            };
            int rc = draw_slot(c, mix, &days, seed, slot, e);
            if (rc < 0)
                return rc;
            plan->nslots++;
        }
    }
    size_t n = plan->nslots - first;
    if (n > 0)
        qsort(plan->slots + first, n, sizeof *plan->slots, by_time);
    for (int i = 0; i < year->fates[FATE_MERGED]; i++) {
        plan->slots[plan->nslots] = (struct demo_slot){
            .id = (uint32_t)plan->nslots,
            .fate = FATE_MERGED,
            .urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL,
            .year_end = demo_midnight(days.first + days.ndays),
            .lead = -1,
        };
        plan->nslots++;
    }
    return choose_leads(c, seed, plan->slots, first, n, year->fates[FATE_MERGED], e);
}

int demo_plan_init(struct demo_plan *plan, const struct demo_city *c, uint64_t seed, const struct demo_year *years, int nyears,
                   struct err *e)
{
    size_t total = 0;
    for (int i = 0; i < nyears; i++) {
        for (int fate = 0; fate < FATE_COUNT; fate++)
            total += (size_t)years[i].fates[fate];
    }
    struct demo_mix *mix = demo_mix_create(c);
    *plan = (struct demo_plan){.slots = calloc(total + 1, sizeof *plan->slots)};
    int rc = plan->slots && mix ? 0 : err_set(e, ERR_NOMEM, "Not enough memory for %zu demo cases.", total);
    for (int i = 0; i < nyears && rc == 0; i++)
        rc = plan_year(plan, c, mix, seed, &years[i], e);
    demo_mix_destroy(mix);
    if (rc < 0)
        demo_plan_fini(plan);
    return rc;
}

void demo_plan_fini(struct demo_plan *plan)
{
    free(plan->slots);
    *plan = (struct demo_plan){0};
}
