/* SPDX-License-Identifier: MIT */
/*
 * The state table: which action leads from where to where, who may take it, what it needs, which guards stand before it, what
 * it does to the clocks. One constant array, read by the gate, the directory service, the database's transition list and the
 * manual. Invariant: for one action and one state at most one row applies (rows of one action that share a state differ in
 * when_result).
 */
#ifndef WG_DOMAIN_STATE_TABLE_H
#define WG_DOMAIN_STATE_TABLE_H

#include <stddef.h>

#include "server/domain/types.h"

/* Fields of a request, by the names of ActRequest and SubmitCaseRequest. Bits. */
enum act_field {
    FIELD_TEXT = 1 << 0,
    FIELD_REASON_CODE = 1 << 1,
    FIELD_ORGAN_CODE = 1 << 2,
    FIELD_CO_ORGAN_CODES = 1 << 3,
    FIELD_CHECK_RESULT = 1 << 4,
    FIELD_TARGET_CASE_ID = 1 << 5,
    FIELD_UNTIL = 1 << 6,
    FIELD_CATEGORY_CODE = 1 << 7,
    FIELD_GRID_CODE = 1 << 8, /* submit and settle at intake only */
    FIELD_APPROVAL = 1 << 9,
    FIELD_CARD = 1 << 10,
    FIELD_LEVEL = 1 << 11,
    FIELD_OUTSIDE_NUMBER = 1 << 12,
    FIELD_ATTACHMENT_IDS = 1 << 13,
    FIELD_ASSIGNEE = 1 << 14,
    FIELD_RESPONDED = 1 << 15,
    FIELD_SOLVED = 1 << 16,
};
enum { ACT_FIELD_COUNT = 17 };

/* Guards, by bit number. rule names come from guard_name. The first group is checked for every action and is in no row. */
enum guard {
    GUARD_STATE,       /* STATE: the action is not possible in this state */
    GUARD_VERSION,     /* VERSION: the case changed since the caller saw it */
    GUARD_ROLE,        /* ROLE: the role may not do it */
    GUARD_REGION,      /* REGION: the case lies outside the actor's region */
    GUARD_FIELD,       /* FIELD: a field is missing or wrong */
    GUARD_TIME_FUTURE, /* TIME_FUTURE: it would happen in the future */
    GUARD_TIME_ORDER,  /* TIME_ORDER: it would happen before the case's last event */
    GUARD_TIME_OLD,    /* TIME_OLD: it happened too long ago */
    GUARD_GRID,        /* GRID: no such grid on that day, or void */
    GUARD_CATEGORY,    /* CATEGORY: no such category, or not in use */
    GUARD_ROW_FIRST,
    GUARD_LEVEL = GUARD_ROW_FIRST, /* no higher level holds the case; of the roles of a centre and of a community */
    GUARD_REPORTER_ONLY,           /* only who reported it */
    GUARD_NEVER_ACCEPTED,          /* only before the first acceptance */
    GUARD_SETTLE_ALLOWED,          /* the category may be settled on the spot */
    GUARD_EVIDENCE,                /* the category demands an attachment for this step */
    GUARD_OWN_ORGAN,               /* the actor belongs to the lead organ; not of the roles of a centre */
    GUARD_CO_ORGAN,                /* the actor belongs to a co-organ that has not replied */
    GUARD_ORGAN,                   /* the organ is in use and its region holds the case */
    GUARD_CO_ORGANS,               /* co-organs are in use, distinct, not the lead, at most 16 */
    GUARD_TRANSFER_TARGET,         /* a lead assigns inside his organ, a dispatcher to another */
    GUARD_ASSIGNEE,                /* whom the lead named signs, or the lead; named are colleagues of the organ */
    GUARD_CO_PENDING,              /* every co-organ replied or its time lapsed */
    GUARD_RETURN_LIMIT,
    GUARD_APPROVAL_PENDING,  /* it is asked for already */
    GUARD_APPROVAL_NONE,     /* nobody asked for it */
    GUARD_APPROVAL_STEP,     /* another decision comes first */
    GUARD_APPROVAL_DECIDER,  /* only who decides next, or the asker, may decline it */
    GUARD_APPROVAL_BY_ASKER, /* whoever asked does not decide, and nobody decides twice */
    GUARD_SUSPEND_LIMIT,
    GUARD_EXTEND_LIMIT,
    GUARD_EXTEND_LATE,    /* only before the due time */
    GUARD_UNTIL_RANGE,    /* after now and at most a year ahead; of an extension also after the due time */
    GUARD_RESUME_EARLY,   /* the server resumes only when the time has come */
    GUARD_TOP_LEVEL,      /* there is no level above */
    GUARD_SKIP_LEVEL,     /* a level is skipped only if the case is pressing */
    GUARD_CO_LAPSE_EARLY, /* no helping organ let its time pass */
    GUARD_CARD_LOWER,     /* while an urge waits for its answer the card only rises */
    GUARD_NOT_URGED,      /* there is no urge to answer */
    GUARD_HANDLER_IS_CHECKER,
    GUARD_HANDLER_IS_CLOSER,
    GUARD_CHECKER_IS_CLOSER,
    GUARD_CHECK_NOT_PASSED,
    GUARD_REOPEN_LIMIT, /* within 30 days of the closing */
    GUARD_ARCHIVE_EARLY,
    GUARD_APPEAL_NOT_LATE, /* only what was late */
    GUARD_APPEAL_LIMIT,    /* once a closing */
    GUARD_APPEAL_LATE,     /* within five working days of the closing */
    GUARD_RECALLED,        /* what was recalled does not come back */
    GUARD_MERGE_TARGET,    /* the lead case is another, open, in the actor's region */
    GUARD_MERGE_CHAIN,     /* the case is a lead of others itself */
    GUARD_COUNT,
};
#define GUARD_BIT(g) (UINT64_C(1) << (g))

/* Where a row leads beside a fixed state. */
enum { TO_KEEP = -1, TO_PREVIOUS = -2 };

/* What happens to the clocks. */
enum clock_effect {
    CLOCKS_KEEP,   /* nothing */
    CLOCKS_START,  /* all pause, the to-state's clock starts from zero */
    CLOCKS_HANDLE, /* all pause, the handling clock resumes if the organ is the one before, else starts from zero */
    CLOCKS_RESUME, /* all pause, the to-state's clock goes on with what it has consumed */
    CLOCKS_STOP,   /* all pause */
    CLOCKS_EXTEND, /* the handling clock's limit moves to the granted due time */
};
enum { CLOCK_EFFECT_COUNT = CLOCKS_EXTEND + 1 };

/* Which counter an action raises. Limits are configuration: gate.h. */
enum counter {
    COUNT_NONE,
    COUNT_RETURN,
    COUNT_REWORK,
    COUNT_REOPEN,
    COUNT_SUSPEND,
    COUNT_EXTEND,
    COUNT_APPEAL, /* starts anew with every round */
    COUNTER_COUNT
};

struct state_rule {
    enum action action;
    const char *name_zh;
    const char *name_en;
    uint32_t from;                 /* STATE_BIT; bit of STATE_NONE: no case yet */
    int to;                        /* enum case_state, TO_KEEP or TO_PREVIOUS */
    enum check_result when_result; /* the row holds for this answer only; CHECK_NONE: any */
    uint32_t roles;                /* ROLE_BIT; bit of ROLE_NONE: the server's timers */
    uint32_t required;             /* enum act_field */
    uint32_t optional;
    uint64_t guards; /* GUARD_BIT of the row's own guards */
    enum clock_effect clocks;
    enum counter counter;
};

/* All rows, ordered by action. Static. */
const struct state_rule *state_table(size_t *ret_n);
/* The row of an action in a state (STATE_NONE: no case yet) for an answer (CHECK_NONE: the first that fits). NULL if there is
 * none. */
const struct state_rule *state_table_find(enum action a, enum case_state from, enum check_result result);
/* True if some row of the action takes the field. */
bool state_table_takes(enum action a, enum act_field field);
/* State after a row, given the present state and the one it would go back to. */
enum case_state state_rule_target(const struct state_rule *r, enum case_state from, enum case_state prev);
/* The clock that runs in a state; CLOCK_NONE (0, enum clock_kind) in those that wait for somebody else or are ended. */
int case_state_clock(enum case_state s);
/* True if the overall clock runs: the case is open and nobody outside (fact check, suspension, referral) is waited for. */
bool case_state_runs_overall(enum case_state s);

/* Every (from, action, to) that can happen, for the database's own check. At most STATE_TABLE_MAX_TRIPLES; returns how many. */
struct state_triple {
    enum case_state from;
    enum action action;
    enum case_state to;
};
enum { STATE_TABLE_MAX_TRIPLES = 256 };
size_t state_table_triples(struct state_triple *out, size_t cap);

/* "HANDLER_IS_CHECKER": the rule of CaseConflict and the guard of ActionRule. Static. */
const char *guard_name(enum guard g);
/* What happens to the clocks, in words; the counter, "rework" ("" for COUNT_NONE). Static. */
const char *clock_effect_text(enum clock_effect e);
const char *counter_name(enum counter c);
/* "text", "organ_code": the field's name in the API. Static. */
const char *act_field_name(enum act_field f);

#endif
