/* SPDX-License-Identifier: MIT */
/*
 * A case as the gate sees it and the store keeps it: everything a decision needs and nothing else (texts and places stay in the
 * store). Plain data: copy freely, compare field by field. Invariant: written by the gate alone.
 */
#ifndef WG_DOMAIN_CASE_SNAP_H
#define WG_DOMAIN_CASE_SNAP_H

#include "common/base/uuid.h"
#include "server/domain/deadline.h"
#include "server/domain/types.h"

enum { CASE_MAX_CO_ORGANS = 16 };

/* Flags, stored as one integer. */
enum case_flag {
    CASE_COUNTED = 1 << 0,       /* its category counts; false for work records (Z) */
    CASE_ACCEPTED_EVER = 1 << 1, /* accepted or settled once */
    CASE_SELF_CLOSED = 1 << 2,   /* closed on the spot by its reporter */
    CASE_FORCED = 1 << 3,        /* closed by the duty chief without a passed check */
    CASE_CHECK_PASSED = 1 << 4,  /* the last field check of this round passed */
    CASE_LATE = 1 << 5,          /* the feedback (or the closing without one) exceeded the handling limit */
    CASE_RECALLED = 1 << 6,      /* voided by its reporter before acceptance */
    CASE_REVISITED = 1 << 7,     /* since the last closing */
    CASE_IMPORTED = 1 << 8,
    CASE_CONFIDENTIAL = 1 << 9,   /* who reported it is hidden from all but acceptors and supervisors */
    CASE_LATE_EXEMPT = 1 << 10,   /* late, but an appeal was granted; CASE_LATE stays */
    CASE_DISPUTE = 1 << 11,       /* its category is one of disputes */
    CASE_SUCCESS = 1 << 12,       /* a dispute that this round's closing says was resolved */
    CASE_FED_BACK_EVER = 1 << 13, /* in any round, reworked or not */
    CASE_BACKDATED = 1 << 14,     /* the feedback claims a time within the limit, but arrived beyond it */
};

/* An organ that helps. */
struct case_co_organ {
    int32_t organ_id;
    bool replied;
    bool lapsed;     /* the server found its time run out; it may still reply */
    usec_t reply_by; /* after this it no longer holds up the feedback; USEC_NONE: never lapses */
};

/* Where a request stands that others decide. Numbers are stored. */
enum approval_step { STEP_NONE = 0, STEP_ASKED = 1, STEP_ENDORSED = 2 };

/* What is asked for and not yet decided. The words (text, reason) are in the events. */
struct case_approval {
    enum approval_step step; /* STEP_NONE: nothing is pending and everything below is zero or USEC_NONE */
    struct uuid asked_by;
    enum role asked_role;
    struct uuid endorsed_by; /* nil: not endorsed, or it needed none because the organ's lead asked */
    usec_t asked_at;
    usec_t endorsed_at;
    usec_t until; /* the new due time or the resume date; USEC_NONE of the other kinds */
};

struct case_snap {
    struct uuid id;
    int64_t number;  /* number.h; 0 until the store gave one */
    int64_t version; /* equals the number of events */
    enum case_state state;
    enum case_state prev_state; /* where restore, split and resume go back to; STATE_NONE elsewhere */
    int64_t grid;               /* padded code; immutable */
    int16_t category_id;
    enum urgency urgency;
    enum channel channel;
    int level;        /* which level holds it: 1 community, 2 township, 3 county, 4 city */
    int32_t organ_id; /* lead organ; 0 before the first dispatch; stays after a return until the next dispatch */
    int n_co;
    struct case_co_organ co[CASE_MAX_CO_ORGANS];
    struct uuid reporter;    /* account ids, or ids made from a hash for imported names; nil: nobody yet */
    int32_t source_id;       /* the source it came from; 0: from people, or an account without a source. Immutable */
    struct uuid assignee;    /* who of the organ shall sign for it; nil: anybody of it. Only while DISPATCHED */
    struct uuid handler;     /* signed for it */
    struct uuid feeder;      /* fed back (usually the handler) */
    struct uuid checker;     /* answered the last field check of this round */
    struct uuid closer;      /* closed it; nil while open */
    struct uuid merged_into; /* nil unless MERGED */
    uint32_t flags;          /* enum case_flag */
    int round;               /* 1, 2, … */
    int return_count;
    int rework_count;
    int reopen_count;
    int suspend_count;
    int extend_count;
    int appeal_count;                              /* of this round */
    struct case_approval approval[APPROVAL_COUNT]; /* by kind; [APPROVAL_NONE] is never set */
    enum card card;                                /* the sternest of this round */
    usec_t urged_at;                               /* the first urge nobody answered yet; USEC_NONE */
    usec_t reply_by;                               /* when that answer is due; USEC_NONE: no limit was set */
    usec_t reported_at;
    usec_t closed_at;          /* USEC_NONE while open */
    usec_t feedback_at;        /* last feedback of this round; USEC_NONE */
    usec_t feedback_due_at;    /* when that was due; USEC_NONE without one or without a limit */
    usec_t suspended_until;    /* USEC_NONE unless SUSPENDED */
    usec_t last_event_at;      /* happened_at of the last event other than a note */
    struct case_clock stage;   /* accept, dispatch or check clock */
    struct case_clock handle;  /* handling clock; survives returns and escalations */
    struct case_clock overall; /* from report to end; waits while somebody outside is waited for */
    usec_t original_due_at;    /* of the handling clock before its first extension; USEC_NONE */
    usec_t due_at;             /* of the stage's clock that runs; USEC_NONE if none does */
    usec_t next_light_at;      /* when a light of this case changes next, as of the last step that moved a clock; USEC_NONE */
};

static inline bool case_has(const struct case_snap *c, enum case_flag f)
{
    return (c->flags & (uint32_t)f) != 0;
}

/* A case that does not exist yet: times USEC_NONE, everything else zero. */
void case_snap_init(struct case_snap *c);
/* The state a case is in or, voided or merged, would come back to. */
enum case_state case_live_state(const struct case_snap *c);
/* The earliest time at which a helping organ that owes an answer lapses; USEC_NONE if none can lapse now. */
usec_t case_co_lapse_at(const struct case_snap *c);
/* Position of an organ among the co-organs, or -1. */
int case_co_index(const struct case_snap *c, int32_t organ_id);

#endif
