/* SPDX-License-Identifier: MIT */
/*
 * The life of one made-up case as a list of steps: who did what when. Pure: the same slot gives the same walk. Called by the
 * planner (does it end in time?) and by the history generator (which puts words to it). Invariants: times never fall, no step
 * happens before the one before it arrived, and handler, checker and closer are three people.
 */
#ifndef WG_DEMO_WALK_H
#define WG_DEMO_WALK_H

#include "wangge/v1/case.pb-c.h"

#include "client/demo/demo_city.h"
#include "client/demo/demo_text.h"

/* What becomes of a case by the end of the year it was reported in. */
enum demo_fate {
    FATE_SETTLED, /* on the spot, by the worker */
    FATE_CLOSED,  /* through acceptance, dispatch, handling and check */
    FATE_LATE,    /* open at the end of its year, closed in the next */
    FATE_OPEN,    /* accepted and open to this day */
    FATE_VOIDED,
    FATE_MERGED,
    FATE_REFUSED,
    FATE_COUNT,
};

/* A case to be made. Plain data. */
struct demo_slot {
    uint32_t id;      /* number of its own random stream; unique in a history */
    int32_t grid;     /* index into the city's grids */
    int16_t category; /* index into demo_categories */
    uint8_t fate;     /* enum demo_fate */
    uint8_t channel;  /* wangge.v1.Channel */
    uint8_t urgency;  /* wangge.v1.Urgency */
    usec_t reported;
    usec_t year_end; /* midnight after the last day of its year */
    int32_t lead;    /* MERGED: position of the lead case in the history; else -1 */
};

enum { DEMO_MAX_STEPS = 48, DEMO_RESULT_TEXT = -1, DEMO_NO_TEXT = -2 };

struct demo_step {
    Wangge__V1__Action action;
    Wangge__V1__Role role;
    uint32_t person; /* demo_text_name */
    int actor_organ; /* index into organs, -1: none */
    int organ;       /* DISPATCH: the lead organ; -1: none */
    int co_organ;    /* DISPATCH: one that helps; -1: none */
    Wangge__V1__CheckResult check;
    int remark;                        /* enum demo_remark, DEMO_RESULT_TEXT or DEMO_NO_TEXT */
    const char *reason;                /* static; "" if none */
    usec_t until;                      /* USEC_NONE: none */
    Wangge__V1__ApprovalKind approval; /* ENDORSE */
    usec_t happened;
    usec_t arrived;
};

struct demo_walk {
    uint32_t reporter;
    usec_t arrived; /* when the report was known */
    int nsteps;
    struct demo_step steps[DEMO_MAX_STEPS];
    usec_t ended; /* arrival of the last step */
};

void demo_walk_make(struct demo_walk *w, const struct demo_city *c, uint64_t seed, const struct demo_slot *slot);

/* People by what they do; numbers for demo_text_name, disjoint. */
uint32_t demo_person_worker(int grid);
uint32_t demo_person_clerk(int i);

#endif
