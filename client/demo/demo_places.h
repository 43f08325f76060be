/* SPDX-License-Identifier: MIT */
/* The counties of Daqing with their official codes, and the invented townships of the demo city. Data for demo_city.c. */
#ifndef WG_DEMO_PLACES_H
#define WG_DEMO_PLACES_H

#include <stddef.h>
#include <stdint.h>

/* An upright rectangle in millionths of a degree; integers, so that neighbours share their border exactly. */
struct demo_box {
    int32_t lat0;
    int32_t lat1;
    int32_t lon0;
    int32_t lon1;
};

/* What kind of place it is; decides the digits of its code (GB/T 10114). */
enum demo_town_kind {
    DEMO_STREET, /* 街道, 001-099 */
    DEMO_TOWN,   /* 镇, 100-199 */
    DEMO_RURAL,  /* 乡, 200-399 */
};

struct demo_town_seed {
    const char *name;
    enum demo_town_kind kind;
};

enum { DEMO_MAX_TOWN_SEEDS = 9, DEMO_COUNTIES = 9 };

struct demo_county_seed {
    const char *code; /* 6 digits, GB/T 2260 */
    const char *name;
    struct demo_box box; /* about where it lies; the boxes do not overlap */
    uint32_t weight;     /* share of the city's incidents */
    int ntowns;
    struct demo_town_seed towns[DEMO_MAX_TOWN_SEEDS];
};

extern const struct demo_county_seed demo_counties[DEMO_COUNTIES];

/* Names of communities are one of the first and one of the second, used once each in the city. */
enum { DEMO_NAME_FIRSTS = 28, DEMO_NAME_SECONDS = 24 };
extern const char *const demo_name_firsts[DEMO_NAME_FIRSTS];
extern const char *const demo_name_seconds[DEMO_NAME_SECONDS];

#endif
