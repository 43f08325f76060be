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

/*
 * Numbers are bits of stored events. The first MEASURE_CORE are those of the completion rate; every case changes them. The
 * others change only with cases that go through a unit (one in ten of a real city), so they have columns and cells of their
 * own, which the rest never touches: bit m - MEASURE_CORE there.
 */
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
    MEASURE_CORE,

    MEASURE_FED_BACK_EVER = MEASURE_CORE, /* stock: valid, and fed back at least once */
    MEASURE_ACCEPTED_VOIDED,              /* stock: VOIDED after it was accepted */
    MEASURE_HANDLED,                      /* stock: valid, and the feedback of this round stands */
    MEASURE_HANDLED_ON_TIME,              /* stock: handled, and not beyond the limit, or an appeal was granted */
    MEASURE_UNHANDLED,                    /* stock: valid and open, no feedback stands, not suspended */
    MEASURE_FED_BACK_IN_TIME,             /* stock: open, the feedback that stands was within the limit */
    MEASURE_OPEN_LATE,                    /* stock: open, the feedback that stands was beyond it */
    MEASURE_OVERALL_ON_TIME,              /* stock: closed (not on the spot) within the overall limit */
    MEASURE_OVERALL_LATE,                 /* stock: closed (not on the spot) beyond it */
    MEASURE_EXTENDED,                     /* stock: ON_TIME, and the limit had been extended */
    MEASURE_EXEMPT,                       /* stock: ON_TIME only because an appeal was granted */
    MEASURE_FAST,                         /* stock: closed within MEASURE_FAST_S of the report, not on the spot */
    MEASURE_LAST_DAY,                     /* stock: ON_TIME, fed back on the very day it was due */
    MEASURE_BACKDATED,                    /* stock: ON_TIME by the time the feedback claims, but it arrived beyond the limit */
    MEASURE_PUBLIC,                       /* stock: valid, and told by the public (hotline or public report) */
    MEASURE_DISPUTE,                      /* stock: a valid dispute */
    MEASURE_DISPUTE_HANDLED,              /* stock: a valid dispute, handled or closed */
    MEASURE_DISPUTE_CLOSED,               /* stock: a closed dispute */
    MEASURE_DISPUTE_SUCCESS,              /* stock: a dispute closed with success */
    MEASURE_REOPENED_OPEN,                /* stock: valid, reopened and not closed again */
    MEASURE_ACCEPTED_APART,               /* stock: MERGED or NOT_ACCEPTED after it was accepted */
    MEASURE_CHECKS,                       /* flow: every field check that was ordered */
    MEASURE_CHECKS_ON_TIME,               /* flow: every one that was answered within its limit */
    MEASURE_REACHED,                      /* flow: every revisit that reached somebody */
    MEASURE_RESPONSE_ASKED,               /* flow: ... who was asked whether somebody came */
    MEASURE_RESPONDED,                    /* flow: ... and said so */
    MEASURE_SOLUTION_ASKED,               /* flow: ... who was asked whether it is solved */
    MEASURE_SOLVED,                       /* flow: ... and said so */
    MEASURE_SATISFIED,                    /* flow: ... who was satisfied */
    MEASURE_BASICALLY,                    /* flow: ... basically satisfied */
    MEASURE_DISSATISFIED,                 /* flow: ... dissatisfied */
    MEASURE_REOPENED_SOON,                /* flow: every reopening within MEASURE_SOON_S of the closing */
    MEASURE_COUNT,
};
enum { MEASURE_MORE = MEASURE_COUNT - MEASURE_CORE, MEASURE_FAST_S = 600, MEASURE_SOON_S = 7 * 86400 };

/*
 * What time alone will change: a due time that is still ahead, or passed without a step. A case has at most one of the first
 * two.
 */
enum due_kind {
    DUE_RUNNING,  /* the handling clock runs */
    DUE_FED_BACK, /* open, fed back within the limit: it was due then all the same */
    DUE_OVERALL,  /* the overall clock runs */
    DUE_COUNT,
};

/* What of a step its flow measures depend on; the rest is in the cases. */
struct measure_step {
    enum action action;
    enum check_result check_result;
    enum yes_no responded; /* of a revisit */
    enum yes_no solved;
};

/* Stock measures of a case; NULL (no case yet) gives zeros. Flow measures are zero. */
void measure_stock(const struct case_snap *c, int8_t out[MEASURE_COUNT]);
/* Flow measures of a step; before is NULL at intake. Stock measures are zero. */
void measure_flow(const struct measure_step *step, const struct case_snap *before, const struct case_snap *after,
                  int8_t out[MEASURE_COUNT]);
/* stock(after) - stock(before) + flow, if the cell's keys (category, organ, grid) did not change. */
void measure_delta(const struct measure_step *step, const struct case_snap *before, const struct case_snap *after,
                   int8_t out[MEASURE_COUNT]);
/* Pending due times of a case, USEC_NONE where there is none; NULL (no case yet) gives none. */
void measure_dues(const struct case_snap *c, usec_t out[DUE_COUNT]);
bool measure_is_flow(enum measure m);
/* "reported", "self_closed": names of columns and messages. Static. */
const char *measure_name(enum measure m);

#endif
