/* SPDX-License-Identifier: MIT */
/*
 * Who is told of what: one table from events and lights to notices with their audiences. Called by the background work that
 * reads the feed and by the one that looks at clocks. Pure: the same event makes the same notices. Invariant: nobody is told of
 * his own act by a notice to his account, and an event that only takes a case in (SUBMIT, SETTLE) makes none.
 */
#ifndef WG_DOMAIN_NOTICE_H
#define WG_DOMAIN_NOTICE_H

#include "server/domain/case_snap.h"
#include "server/domain/types.h"

/* Numbers of wangge.v1.NoticeKind; stored. */
enum notice_kind {
    NOTICE_NONE = 0,
    NOTICE_ASSIGNED = 1,
    NOTICE_DUE_SOON = 2,
    NOTICE_OVERDUE = 3,
    NOTICE_APPROVAL = 4,
    NOTICE_ANSWERED = 5,
    NOTICE_URGED = 6,
    NOTICE_REPORTED = 7,
    NOTICE_KIND_COUNT = 8,
};

/* Exactly one of account, organ and level is set. */
struct audience {
    struct uuid account;     /* this account */
    int32_t organ_id;        /* the people of this organ */
    enum region_level level; /* the people of the lowest region at or above this level that holds the case's grid and has any */
    uint32_t roles;          /* ROLE_BITs; of an organ 0 means all */
};

struct notice {
    enum notice_kind kind;
    struct audience to;
    enum approval_kind approval; /* NONE: about none */
    bool of_merged;              /* instead of to: the reporters of the cases merged into this one */
};

/* An event with what its notices depend on. Zeroed: unknown or absent. */
struct notice_event {
    enum action action;
    enum case_state from_state;
    enum case_state to_state;
    int case_level;      /* 1 community to 4 city */
    int32_t organ_id;    /* lead organ after the event */
    int32_t receiver_id; /* WHISTLE: the organ that was called in */
    int n_co;
    int32_t co_organ_ids[CASE_MAX_CO_ORGANS];
    struct uuid assignee; /* TRANSFER: who is to sign for it; nil: anybody of the organ */
    struct uuid actor;
    enum role actor_role;
    struct uuid reporter;
    /* The earlier step this one answers or decides (a check that was ordered, an urge, a request). */
    struct uuid asker;
    enum role asker_role;
    enum action asked_by; /* its action */
};

/* A dispatch tells the lead organ and every co-organ. */
enum { NOTICE_MAX_PER_EVENT = CASE_MAX_CO_ORGANS + 3 };

/* Fills out and returns how many. */
int notice_of_event(const struct notice_event *ev, struct notice out[NOTICE_MAX_PER_EVENT]);

/* Who has to move a case now, so who is told that its time runs out: false if nobody is waited for. */
bool notice_holder(enum case_state state, int case_level, int32_t organ_id, struct audience *ret);

/* The region level at which the people of a case level (1 community to 4 city) belong. */
enum region_level notice_region_level(int case_level);

#endif
