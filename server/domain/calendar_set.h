/* SPDX-License-Identifier: MIT */
/*
 * The calendars of a city: one that applies everywhere, and one for each region that has its own. What a region does not state
 * it takes from the nearest region above that does: the week with its seasons as a whole, the zone, and each day its own list
 * does not name. Built by the directory and by dry runs of a change; immutable. Invariant: every region has exactly one
 * calendar, that of the most specific source whose subtree holds it.
 */
#ifndef WG_DOMAIN_CALENDAR_SET_H
#define WG_DOMAIN_CALENDAR_SET_H

#include "server/domain/calendar.h"

enum { CALENDAR_SET_MAX = 200, CALENDAR_ZONE_INHERIT = INT32_MIN };

/* What one region states. A zeroed source with .utc_offset_s = CALENDAR_ZONE_INHERIT states nothing. */
struct calendar_source {
    int64_t region;       /* padded code; 0: everywhere */
    const char *code;     /* borrowed while building; may be NULL */
    const char *name;     /* as code */
    int32_t utc_offset_s; /* CALENDAR_ZONE_INHERIT: that of the region above */
    bool own_week;        /* false: week, workday and seasons of the region above; they are then ignored here */
    struct calendar_day_plan week[7];
    struct calendar_day_plan workday;
    const struct calendar_season *seasons;
    size_t nseasons;
    bool own_days_only; /* true: no day of the regions above applies */
    const struct calendar_override *overrides;
    size_t noverrides;
};

struct calendar_set;

/* Sources in any order; without one for region 0 the default week without special days applies everywhere. A day of a region
 * that takes days from above is local: it does not publish its year. Errors as calendar_create, text and field name the
 * calendar ("calendars[2].seasons[0].week[1]"); ERR_INVALID too for a region twice or one that is not a code. */
int calendar_set_create(const struct calendar_source *sources, size_t n, struct calendar_set **ret, struct err *e) MUST_CHECK;
void calendar_set_destroy(struct calendar_set *s);
/* The calendar of a region; the default one for 0 or what is no code. Never NULL, borrowed. */
const struct calendar *calendar_set_for(const struct calendar_set *s, int64_t region);
/* The region whose source that is; 0: everywhere. */
int64_t calendar_set_region_of(const struct calendar_set *s, int64_t region);
/* Number of calendars, the default one included. */
size_t calendar_set_count(const struct calendar_set *s);

#endif
