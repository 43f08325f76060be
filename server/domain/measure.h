/* SPDX-License-Identifier: MIT */
/*
 * What reports count. A stock measure is a property of the case as it stands, a flow measure one of the step; a report cell
 * holds stock(after) - stock(before) + flow. Called by the store with every event and by the recount. Pure.
 *
 * Invariants at every step of every case: REPORTED = VALID + REFUSED + VOIDED + MERGED + undecided (REPORTED and not one of
 * those); CLOSED = ON_TIME + LATE + NO_DEADLINE; every stock is 0 or 1; a case of an uncounted category gives zeros throughout.
 * A recalled case counts as REPORTED and VOIDED.
 */
#ifndef WG_DOMAIN_MEASURE_H
#define WG_DOMAIN_MEASURE_H

#include "server/domain/case_snap.h"

/* Numbers are stored in report cells. */
enum measure {
    MEASURE_REPORTED,    /* stock: exists */
    MEASURE_ACCEPTED,    /* flow: first acceptance or settlement */
    MEASURE_VALID,       /* stock: accepted or settled once, and not refused, voided or merged */
    MEASURE_CLOSED,      /* stock: CLOSED or ARCHIVED */
    MEASURE_SELF_CLOSED, /* stock: closed, and settled on the spot */
    MEASURE_CLOSINGS,    /* flow: every closing */
    MEASURE_REFUSED,     /* stock: NOT_ACCEPTED */
    MEASURE_VOIDED,      /* stock: VOIDED */
    MEASURE_MERGED,      /* stock: MERGED */
    MEASURE_SUSPENDED,   /* stock: SUSPENDED */
    MEASURE_FORCED,      /* stock: closed by force */
    MEASURE_REOPENED,    /* stock: valid, and reopened at least once */
    MEASURE_RETURNED,    /* flow: every return */
    MEASURE_DISPATCHED,  /* flow: every dispatch to an organ (transfers to another organ included) */
    MEASURE_REWORKED,    /* stock: valid, and reworked at least once */
    MEASURE_ON_TIME,     /* stock: closed, the feedback within the handling limit, or an appeal was granted */
    MEASURE_LATE,        /* stock: closed, the feedback beyond it */
    MEASURE_NO_DEADLINE, /* stock: closed without a handling limit */
    MEASURE_FED_BACK,    /* flow: every feedback */
    MEASURE_COUNT,
};

/* Stock measures of a case; NULL (no case yet) gives zeros. Flow measures are zero. */
void measure_stock(const struct case_snap *c, int8_t out[MEASURE_COUNT]);
/* Flow measures of a step; before is NULL at intake. Stock measures are zero. */
void measure_flow(enum action action, const struct case_snap *before, const struct case_snap *after, int8_t out[MEASURE_COUNT]);
/* stock(after) - stock(before) + flow, if the cell's keys (category, organ, grid) did not change. */
void measure_delta(enum action action, const struct case_snap *before, const struct case_snap *after,
                   int8_t out[MEASURE_COUNT]);
bool measure_is_flow(enum measure m);
/* "reported", "self_closed": column names. Static. */
const char *measure_name(enum measure m);

#endif
