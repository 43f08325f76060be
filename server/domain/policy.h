/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: role x kind of call, region interval, and which cases a role sees at all. Called by the services before
 * anything else and by the gate. Pure. Invariant: what is not listed is refused; no administrator reads or moves a case.
 */
#ifndef WG_DOMAIN_POLICY_H
#define WG_DOMAIN_POLICY_H

#include "common/base/uuid.h"
#include "server/domain/case_snap.h"
#include "server/domain/region.h"
#include "server/domain/types.h"

/* Who acts. Plain data, name borrowed. */
struct actor {
    struct uuid account; /* of an imported name without account: an id made from a hash of source and name */
    enum role role;
    bool is_server;    /* a timer of the server; role is ROLE_NONE */
    int64_t region;    /* padded code of the subtree */
    int32_t organ_id;  /* 0: none */
    int32_t source_id; /* of a service account: the source it speaks for; 0: none */
    const char *name;
};

/* Kinds of calls. A method asks for exactly one of them (service_require); who holds it is one row of the table in policy.c. */
enum permission {
    PERM_SESSION,          /* Auth: log out, who am I; every account */
    PERM_DIRECTORY_READ,   /* Directory: lists and locate; calendars and limits; every account */
    PERM_CASE_READ,        /* Case: get, list, events; Watch; ExplainDeadline */
    PERM_CASE_SUBMIT,      /* SubmitCase, SubmitCases */
    PERM_CASE_ACT,         /* Act; which action is the state table's matter */
    PERM_CASE_NOTE,        /* AddNote */
    PERM_CASE_IMPORT,      /* ImportHistory */
    PERM_REPORT,           /* Report */
    PERM_REPORT_FREEZE,    /* FreezeReport, SaveReport, DeleteReport, scheduled runs */
    PERM_DIRECTORY_ADMIN,  /* ImportDirectory */
    PERM_ACCOUNT_ADMIN,    /* CreateAccount, AccountService for others' accounts */
    PERM_OWN_ACCOUNT,      /* AccountService for oneself: password, sessions, one-time passwords; every account */
    PERM_CLOCK_ADMIN,      /* SetCalendar, AddLimits, ApplyWhatIf */
    PERM_WHAT_IF,          /* WhatIf */
    PERM_PEOPLE_SET,       /* SetPeople */
    PERM_PEOPLE_REVEAL,    /* RevealPeople; of a confidential case policy_may_unveil too */
    PERM_AUDIT_READ,       /* ListAudit */
    PERM_SEARCH,           /* Search, FindSimilar, SuggestDispatch */
    PERM_RULES_READ,       /* ListDispatchRules */
    PERM_RULES_ADMIN,      /* SetDispatchRules */
    PERM_RULES_TRY,        /* TryDispatchRules */
    PERM_INBOX,            /* InboxService */
    PERM_ATTACHMENT_READ,  /* Download, ListAttachments, GetUpload */
    PERM_ATTACHMENT_WRITE, /* Upload */
    PERM_BULK,             /* RunBulk, ListBulks; the action passes the gate as everywhere */
    PERM_COUNT,
};

bool policy_may(enum role role, enum permission perm);
/* Roles that hold it, as ROLE_BITs. */
uint32_t policy_roles(enum permission perm);
/* "CASE_READ", and what it lets do, for the documentation. Static; "?" out of range. */
const char *policy_perm_name(enum permission perm);
const char *policy_perm_what(enum permission perm);
/* A confidential case hides its reporter from everybody but these (and each look is recorded). */
bool policy_may_unveil(enum role role);
/* SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR. */
bool policy_is_admin(enum role role);
/* True if code lies in the actor's subtree. */
bool policy_in_scope(const struct actor *who, int64_t code);

/* Which cases an account sees; all parts must hold. The store turns it into a predicate, policy_sees answers for one case. */
/* How numbers of people (telephones, identity cards) in free texts are shown. Numbers go to the database. */
enum policy_numbers {
    NUMBERS_MASKED = 0,
    NUMBERS_MASKED_IF_CONFIDENTIAL = 1,
    NUMBERS_SHOWN = 2,
};

struct policy_view {
    bool nothing;            /* sees no case at all */
    struct region_span span; /* grid in this interval */
    int32_t organ_id;        /* 0: any; else lead or co-organ */
    struct uuid reporter;    /* nil: any; else reported by this account */
    int32_t source_id;       /* 0: any; else from this source */
    enum policy_numbers numbers;
};
void policy_view_of(const struct actor *who, struct policy_view *ret);
bool policy_sees(const struct policy_view *v, const struct case_snap *c);

#endif
