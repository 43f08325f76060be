/* SPDX-License-Identifier: MIT */
/*
 * The demo city: Daqing with its nine counties, invented townships, communities and grids that tile the plane, the kinds of
 * incident and the organs. Made by a seeded generator, so it is the same everywhere; read by the history generator, the tests
 * and the benchmarks. Immutable once made. Invariant: every array is sorted by code and every child points to its parent.
 */
#ifndef WG_DEMO_CITY_H
#define WG_DEMO_CITY_H

#include <stddef.h>
#include <stdint.h>

#include "wangge/v1/directory.pb-c.h"

#include "client/demo/demo_categories.h"
#include "client/demo/demo_places.h"
#include "client/demo/demo_time.h"
#include "client/demo/prng.h"
#include "common/base/arena.h"
#include "common/base/err.h"

#define DEMO_CITY_CODE "2306"
#define DEMO_CITY_NAME "大庆市"

struct demo_town {
    char code[10];
    const char *name;
    int county; /* index into demo_counties */
    enum demo_town_kind kind;
    struct demo_box box;
};

struct demo_community {
    char code[13];
    char name[40];
    int town;
    bool village; /* 村委会, else 居委会 */
    struct demo_box box;
    int first_grid;
    int ngrids;
};

struct demo_grid {
    char code[16];
    char name[24];
    int community;
    struct demo_box box;
    uint32_t weight; /* share of the city's incidents */
};

struct demo_organ {
    char code[24];
    char name[64];
    enum demo_office office;
    int county; /* -1: of the city */
    char region_code[13];
    Wangge__V1__OrganKind kind;
};

struct demo_city {
    struct demo_town *towns;
    int ntowns;
    struct demo_community *communities;
    int ncommunities;
    struct demo_grid *grids;
    int ngrids;
    uint32_t *grid_sums; /* weights added up, for prng_pick */
    struct demo_organ *organs;
    int norgans;
    int office_organ[OFFICE_COUNT][DEMO_COUNTIES]; /* who handles it in a county: index into organs */
    struct demo_calendar calendar;
    struct arena *_arena;
};

/* Makes the city. Owned by the caller; NULL with e filled on failure. */
struct demo_city *demo_city_create(uint64_t seed, struct err *e);
/* Accepts NULL. */
void demo_city_destroy(struct demo_city *c);

/* County a grid lies in. */
int demo_city_county_of(const struct demo_city *c, int grid);
/* A point at least 2 % of the grid's width inside its border. */
void demo_city_point_in(const struct demo_city *c, int grid, struct prng *p, Wangge__V1__Point *ret);
/* Index of a grid by its code; -1 if there is none. */
int demo_city_find_grid(const struct demo_city *c, const char *code);

/*
 * The directory as calls of ImportDirectory, in the order they must be made. Call with part = 0, 1, …; NULL after the last
 * part (e->code 0) or on failure. Messages live in the arena and pack into less than 1 MiB.
 */
Wangge__V1__ImportDirectoryRequest *demo_city_part(const struct demo_city *c, int part, struct arena *a, struct err *e);

#endif
