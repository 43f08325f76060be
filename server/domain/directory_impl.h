/* SPDX-License-Identifier: MIT */
/* The inside of a directory snapshot, shared by directory.c, directory_clock.c and directory_geo.c only. */
#ifndef WG_DOMAIN_DIRECTORY_IMPL_H
#define WG_DOMAIN_DIRECTORY_IMPL_H

#include "common/base/arena.h"
#include "server/domain/directory.h"

/* Which grids may hold a point: a raster over the bounding box of all borders. Cell i lists items[start[i] .. start[i + 1]). */
struct geo_index {
    double lat0, lon0;
    double cell_lat, cell_lon; /* degrees per cell */
    int rows, cols;
    uint32_t *start;
    uint32_t *items; /* indexes into regions */
};

/* Open addressing from an integer key to an index; slots is a power of two. */
struct int_map {
    uint32_t mask;
    int64_t *keys;
    uint32_t *values; /* index + 1; 0: free */
};

struct directory {
    int refs;
    int64_t revision;
    struct arena *arena;
    struct dir_region *regions;
    struct dir_category *categories;
    struct dir_organ *organs;
    struct dir_calendar_day *days;   /* by region and day */
    struct calendar_source *sources; /* by region, their days filled in when finished */
    struct limit_rule *rules;
    size_t nregions, ncategories, norgans, ndays, nsources, nrules;
    struct int_map region_map;
    struct int_map category_map;
    struct int_map organ_map;
    struct calendar_override *overrides; /* of all sources, as ordered in days */
    struct calendar_set *calendars;
    struct limit_set *limits;
    struct geo_index geo;
};

struct directory_builder {
    struct directory *dir;
    size_t cap_regions, cap_categories, cap_organs, cap_days, cap_sources, cap_rules;
};

/* Room for one more row of size bytes. ERR_EXHAUSTED at the maximum, ERR_NOMEM. */
int directory_grow(void **rows, size_t n, size_t *cap, size_t size, size_t max, struct err *e) MUST_CHECK;
/* Builds calendars and limits from sorted days, sources and rules. */
int directory_clock_build(struct directory *d, struct err *e) MUST_CHECK;
void directory_clock_fini(struct directory *d);

/* Builds the raster from d->regions. ERR_NOMEM. Memory from malloc; geo_index_fini frees. */
int geo_index_build(struct directory *d, struct err *e) MUST_CHECK;
void geo_index_fini(struct geo_index *g);

#endif
