/* SPDX-License-Identifier: MIT */
/*
 * What the city consists of, in memory: regions, categories, organs, calendars, limits. Filled by the store, read by everybody,
 * replaced as a whole when the directory changes. Immutable once finished; counted references, within one process and one
 * thread. Invariant: arrays are sorted by code; every pointer it hands out lives as long as the reference does.
 */
#ifndef WG_DOMAIN_DIRECTORY_H
#define WG_DOMAIN_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "server/domain/calendar_set.h"
#include "server/domain/limit.h"
#include "server/domain/region.h"
#include "server/domain/types.h"

enum {
    DIRECTORY_MAX_REGIONS = 200000,
    DIRECTORY_MAX_CATEGORIES = 5000,
    DIRECTORY_MAX_ORGANS = 50000,
    DIRECTORY_MAX_DAYS = 50000,   /* of all calendars */
    DIRECTORY_MAX_BOUNDARY = 200, /* points of one border */
    DIRECTORY_MAX_ALIASES = 32,
    DIRECTORY_FULL_NAME_SIZE = 640,
    DIRECTORY_MAX_CANDIDATES = 8,
};
#define DIRECTORY_BORDER_M 20.0 /* within this distance of a border both sides are offered */

struct dir_point {
    double lat; /* degrees north, WGS 84 */
    double lon; /* degrees east */
};

struct dir_region {
    int64_t code;            /* padded */
    enum region_level level; /* set by the builder */
    const char *name;
    const char *initials;
    int32_t valid_from;               /* first day; DAY_NONE: always */
    int32_t valid_to;                 /* last day; DAY_NONE: still */
    const struct dir_point *boundary; /* not closed; NULL if none */
    int nboundary;
};

struct dir_category {
    int16_t id; /* the database's, >= 1 */
    char code[6];
    const char *name;
    const char *name_en;
    const char *top_name;
    const char *group_name;
    const char *initials;
    const char *const *aliases;
    int naliases;
    bool settle_allowed;
    bool counted;
    int32_t handle_limit_min[3]; /* by urgency NORMAL, URGENT, CRITICAL; 0: no limit */
    bool check_waived;
    bool active;
    bool evidence_settle;   /* settling needs an attachment */
    bool evidence_feedback; /* feeding back needs one */
};

struct dir_organ {
    int32_t id; /* the database's, >= 1 */
    const char *code;
    const char *name;
    enum organ_kind kind;
    int64_t region; /* padded */
    const char *initials;
    bool active;
};

/* As stored: the usual working day of the calendar's season applies where working and not custom. */
struct dir_calendar_day {
    int32_t day;
    bool working;
    const char *name;
    int64_t region; /* whose calendar; 0: the default one */
    bool custom;    /* working in the intervals of plan */
    struct calendar_day_plan plan;
};

struct directory;
struct directory_builder;

/* The builder copies everything it is given. */
struct directory_builder *directory_builder_create(void);
void directory_builder_destroy(struct directory_builder *b);
/* Each: ERR_INVALID (err names the field) for a bad row, ERR_EXHAUSTED at the maximum, ERR_NOMEM. NULL texts count as empty. */
int directory_add_region(struct directory_builder *b, const struct dir_region *r, struct err *e) MUST_CHECK;
int directory_add_category(struct directory_builder *b, const struct dir_category *c, struct err *e) MUST_CHECK;
int directory_add_organ(struct directory_builder *b, const struct dir_organ *o, struct err *e) MUST_CHECK;
/* A region with days and no calendar of its own gets one that states nothing but them. */
int directory_add_calendar_day(struct directory_builder *b, const struct dir_calendar_day *d, struct err *e) MUST_CHECK;
/* The week, seasons and zone of a region (0: everywhere). Its overrides are ignored: days come one by one as above. */
int directory_add_calendar(struct directory_builder *b, const struct calendar_source *c, struct err *e) MUST_CHECK;
int directory_add_limit(struct directory_builder *b, const struct limit_rule *r, struct err *e) MUST_CHECK;
/* Sorts, indexes, checks that codes and ids are unique. On success the builder's content moved into *ret (one reference, owned
 * by the caller); the builder must still be destroyed. revision is kept for directory_revision (an etag's seed). */
int directory_builder_finish(struct directory_builder *b, int64_t revision, struct directory **ret, struct err *e) MUST_CHECK;

/* Takes another reference; returns d. */
struct directory *directory_ref(struct directory *d);
/* Gives one back; the last frees. Accepts NULL. */
void directory_unref(struct directory *d);
int64_t directory_revision(const struct directory *d);

/* All rows, sorted by code (days by region and day). Borrowed. */
const struct dir_region *directory_regions(const struct directory *d, size_t *ret_n);
const struct dir_category *directory_categories(const struct directory *d, size_t *ret_n);
const struct dir_organ *directory_organs(const struct directory *d, size_t *ret_n);
const struct dir_calendar_day *directory_calendar_days(const struct directory *d, size_t *ret_n);
/* The regions of a subtree are one slice of the sorted array: its first row and length. */
const struct dir_region *directory_subtree(const struct directory *d, struct region_span span, size_t *ret_n);
/* The working calendar that applies everywhere, for what has no region. Borrowed, never NULL. */
const struct calendar *directory_calendar(const struct directory *d);
/* The working calendar of a region (usually a grid): its own, or that of the nearest region above. Borrowed, never NULL. */
const struct calendar *directory_calendar_for(const struct directory *d, int64_t region);
const struct calendar_set *directory_calendars(const struct directory *d);
/* What the calendars were built from, by region, with their days: the start of a dry run. Borrowed. */
const struct calendar_source *directory_calendar_sources(const struct directory *d, size_t *ret_n);
/* The rules of limits; never NULL. */
const struct limit_set *directory_limits(const struct directory *d);

/* Lookups; NULL if there is none. */
const struct dir_region *directory_region(const struct directory *d, int64_t code);
/* The region if it is valid on that day. */
const struct dir_region *directory_region_on(const struct directory *d, int64_t code, int32_t day);
bool dir_region_is_valid_on(const struct dir_region *r, int32_t day);
const struct dir_category *directory_category_by_code(const struct directory *d, const char *code);
const struct dir_category *directory_category_by_id(const struct directory *d, int16_t id);
const struct dir_organ *directory_organ_by_code(const struct directory *d, const char *code);
const struct dir_organ *directory_organ_by_id(const struct directory *d, int32_t id);
/* "庆新街道 / 庆新社区 / 第三网格": the names from township down to code (county and city by their own name). Missing ancestors
 * are left out. Returns the length; cut at a character boundary if it does not fit. */
size_t directory_full_name(const struct directory *d, int64_t code, char *out, size_t out_size);

/* True if the point lies inside a border that is not closed (even-odd rule). */
bool dir_border_holds(const struct dir_point *border, int n, struct dir_point p);

struct dir_candidate {
    const struct dir_region *grid;
    double distance_m; /* 0 inside, else to its border */
    bool inside;
};
/* Grids valid on day that hold the point or whose border is within 20 m of it; those that hold it first, then nearest first.
 * Returns how many (at most cap). A point more than 20 m inside a grid gives that grid alone. */
size_t directory_locate(const struct directory *d, struct dir_point p, int32_t day, struct dir_candidate *out, size_t cap);

#endif
