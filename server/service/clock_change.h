/* SPDX-License-Identifier: MIT */
/*
 * A change of calendars and limits as asked for: checked, and built into what the clocks would count by. Used by SetCalendar,
 * AddLimits and the dry runs. Owned by the caller.
 */
#ifndef WG_SERVICE_CLOCK_CHANGE_H
#define WG_SERVICE_CLOCK_CHANGE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "server/domain/directory.h"
#include "wangge/v1/clock.pb-c.h"

struct clock_change {
    struct calendar_set *calendars; /* with the change */
    struct limit_set *limits;       /* with the change */
    int first_new_rule;             /* ids of the added rules begin here */
    usec_t limits_from;             /* the latest instant from which an added rule holds; now if none is added */
};

/*
 * Builds what would hold. ERR_INVALID names the field ("calendars[0].seasons[1].shifts"), ERR_NOT_FOUND a region or category
 * that does not exist. Rows of the request are borrowed while building only.
 */
int clock_change_build(struct arena *a, const struct directory *dir, Wangge__V1__Calendar *const *calendars, size_t ncalendars,
                       Wangge__V1__Limit *const *limits, size_t nlimits, usec_t now, struct clock_change *ret,
                       struct err *e) MUST_CHECK;
void clock_change_fini(struct clock_change *c);

/* The limits as schema/functions/120_clock_config.sql takes them. */
int clock_change_limits_json(Wangge__V1__Limit *const *limits, size_t n, usec_t now, struct buf *out, struct err *e) MUST_CHECK;

/* TIME_UNIT_WORKING is UNIT_WORKING and so on; false if it is none. And back. */
bool clock_unit_of(Wangge__V1__TimeUnit u, enum time_unit *ret);
Wangge__V1__TimeUnit clock_unit_view(enum time_unit u);

#endif
