/* SPDX-License-Identifier: MIT */
/*
 * The one gate: every change of a case, from a terminal, the API, an import, a bulk call or a timer, is decided here on a
 * snapshot. Called by the services and timers; the store writes the outcome guarded by the version. Pure: same input, same
 * answer. Invariant: after gate_decide returned 0, *after differs from *before by exactly one event (version + 1).
 */
#ifndef WG_DOMAIN_GATE_H
#define WG_DOMAIN_GATE_H

#include "server/domain/case_snap.h"
#include "server/domain/directory.h"
#include "server/domain/policy.h"
#include "server/domain/state_table.h"

/* Limits that are configuration. Zeroes are not defaults: start from gate_rules_default. */
struct gate_rules {
    int32_t accept_limit_s;
    int32_t dispatch_limit_s;
    int32_t check_limit_s;
    enum time_unit unit[URGENCY_COUNT]; /* how clocks count, by urgency */
    int max_returns;
    int max_suspensions;
    int max_extensions;      /* granted ones of one case */
    int max_appeals;         /* of one closing */
    int appeal_workdays;     /* how many working days after the closing's day an appeal may be made */
    int64_t max_suspend_s;   /* how far ahead a suspension, an extension or a reply limit may lie */
    int64_t reopen_s;        /* how long after the closing it may be reopened */
    int64_t archive_s;       /* how long after the closing an unrevisited case is archived */
    int64_t future_s;        /* how far ahead a device's clock may be */
    int64_t max_age_s;       /* how long ago an offline entry may have happened */
    int32_t whistle_reply_s; /* working seconds a called-in organ has if no time is given */
    int top_level;           /* highest level a case can be escalated to */
};
/* 15, 15 and 30 working minutes; critical cases count urgent hours; 2 returns; 1
 * suspension of at most 366 days; 2 extensions; 1 appeal within 5 working days; reopening within 30 days; archiving after 30
 * days or a revisit; 5 minutes ahead, 30 days back; 8 working hours; level 4. */
void gate_rules_default(struct gate_rules *r);

/* What a limit depends on. */
struct gate_limit_query {
    enum clock_kind kind;
    const struct dir_category *category; /* NULL: gone from the directory; only rules for all categories match */
    enum urgency urgency;
    int64_t grid;
    usec_t at; /* when the clock starts */
};
/* The most specific rule (limit.h); without one rules (NULL: the defaults), the category's handling limit, and for the overall
 * clock twice what the handling clock has. Dry runs pass another set of limits. */
struct limit gate_limit(const struct limit_set *limits, const struct gate_rules *rules, const struct gate_limit_query *q);

struct gate_env {
    const struct directory *dir;
    const struct gate_rules *rules; /* NULL: the defaults */
    usec_t now;
    bool import; /* whole histories: any age, any version, categories and organs no longer in use */
};

/* The clocks of a case, counted again by another calendar or limit. */
struct gate_reclock {
    struct case_clock stage;
    struct case_clock handle;
    struct case_clock overall;
};

/* An account that an action names. */
struct gate_person {
    struct uuid account;
    enum role role;
    int32_t organ_id; /* 0: none */
    bool disabled;
    const char *name;
};

/* What is asked for. Zeroed fields are absent; texts are borrowed. Codes were looked up by the caller (NOT_FOUND is his). */
struct act {
    enum action action;
    int64_t expected_version; /* 0: not given; needed but for NOTE, submit and import */
    usec_t happened_at;       /* USEC_NONE: now */
    const char *text;         /* NULL: absent */
    const char *reason_code;  /* NULL: absent */
    int32_t organ_id;
    int n_co;
    int32_t co_organ_ids[CASE_MAX_CO_ORGANS];
    enum check_result check_result;
    const struct case_snap *target;     /* MERGE: the lead case as read by the caller */
    bool has_merged;                    /* MERGE: another case is merged into this one */
    usec_t until;                       /* USEC_NONE: absent */
    enum approval_kind approval;        /* ENDORSE, DECLINE */
    enum card card;                     /* URGE */
    int level;                          /* ESCALATE; 0: the next */
    const char *outside_number;         /* REFER; NULL: absent */
    const struct gate_person *assignee; /* TRANSFER; NULL: absent; borrowed */
    enum yes_no responded;              /* REVISIT: whether somebody came, as the person who was reached says */
    enum yes_no solved;                 /* REVISIT: whether the matter is solved */
    int n_evidence;                     /* complete attachments of this case that are named as evidence of this step */
    int16_t category_id;                /* submit; ACCEPT: a correction; 0: absent */
    /* submit and settle at intake */
    struct uuid case_id;
    int64_t grid;
    enum urgency urgency;               /* NONE: normal */
    enum channel channel;               /* NONE: API for integrating systems, else GRID */
    bool confidential;                  /* who reported it is to be hidden */
    const struct gate_reclock *reclock; /* RECLOCK: the clocks as counted again; borrowed */
};
/* Everything absent. */
void act_init(struct act *a, enum action action);

struct gate_refusal {
    enum err_code
        code; /* INVALID: a field; DENIED: role, region or organ; PRECONDITION: state or guard; CONFLICT: version; NOT_FOUND */
    enum guard guard;
    const char *rule;  /* guard_name; static */
    const char *field; /* API name of the field at fault, "" if none; static */
    char text[256];    /* what happened, why, what to do; English */
};

/* Decides. before is NULL for SUBMIT and for SETTLE at intake. Returns 0 and fills *after, or the refusal's code and fills
 * *why; *after is then untouched. before and after may not be the same. Administrators are refused before anything about the
 * case is looked at. */
int gate_decide(const struct gate_env *env, const struct actor *who, const struct case_snap *before, const struct act *act,
                struct case_snap *after, struct gate_refusal *why) MUST_CHECK;

/* An action that is possible now. */
struct gate_option {
    enum action action;
    uint32_t required;        /* enum act_field */
    uint32_t optional;        /* enum act_field */
    uint32_t approvals;       /* bit k: enum approval_kind k can be endorsed or declined */
    enum case_state to_state; /* where it leads; for an answer-dependent row that of the first row */
};
/* What who may do with the case now, given the fields; in order of action. Guards on what has not been entered yet are left to
 * gate_decide. Returns how many (at most cap; ACT_COUNT suffices). */
size_t gate_allowed(const struct gate_env *env, const struct actor *who, const struct case_snap *c, struct gate_option *out,
                    size_t cap);

/* The reason the event carries: as given, or GATE_REASON_RECALLED for a recall. NULL if none. Borrowed from act. */
#define GATE_REASON_RECALLED "RECALLED"
const char *gate_reason_code(const struct act *act);

/* When the event happened, as the gate decided: the given time, else now, but never before the event it follows (a note
 * excepted). */
usec_t gate_happened_at(const struct act *act, const struct case_snap *after, usec_t now);

/* The other case a step is about, for the event: the lead case of MERGE and SPLIT. nil of all others. */
struct uuid gate_target_of(const struct act *act, const struct case_snap *before);
/* The time a step set, for the event: as given, or as asked for earlier and granted now. USEC_NONE: none. */
usec_t gate_until_of(const struct act *act, const struct case_snap *before);
/* What kind of request a step is about, for the event. */
enum approval_kind gate_approval_of(const struct act *act);

/* Who received the case by this step, for the event: an organ's id, or 0 and a person (nil if nobody did). */
struct gate_receiver {
    int32_t organ_id;
    struct uuid account;
};
void gate_receiver_of(const struct act *act, const struct case_snap *before, const struct case_snap *after,
                      struct gate_receiver *ret);

#endif
