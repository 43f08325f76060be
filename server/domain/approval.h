/* SPDX-License-Identifier: MIT */
/*
 * What one asks for and others decide: extension, suspension, voiding, appeal. Which actions belong to a kind, and who decides
 * at which step, as one table. Used by the gate and by whoever shows what is pending. Pure. Invariant: a pending request stands
 * only in a state in which it can still be decided (approval_keep_fitting is applied after every step).
 */
#ifndef WG_DOMAIN_APPROVAL_H
#define WG_DOMAIN_APPROVAL_H

#include "server/domain/case_snap.h"

struct approval_rule {
    enum action ask;
    enum action grant;
    enum role endorser; /* ROLE_NONE: decided in one step */
    enum role granter;
    bool by_organ; /* the endorser is of the lead organ; else of a centre */
};

/* The rule of a kind; NULL for APPROVAL_NONE and numbers outside. Static. */
const struct approval_rule *approval_rule(enum approval_kind k);
/* Which kind an action asks for or grants; APPROVAL_NONE of all others. */
enum approval_kind approval_asked_by_action(enum action a);
enum approval_kind approval_granted_by_action(enum action a);

void approval_clear(struct case_approval *a);
static inline bool approval_is_pending(const struct case_snap *c, enum approval_kind k)
{
    return c->approval[k].step != STEP_NONE;
}
/* True if only the granting is missing. */
bool approval_awaits_grant(const struct case_snap *c, enum approval_kind k);
/* Who decides next: the endorser's or the granter's role. ROLE_NONE if nothing is pending. */
enum role approval_decider(const struct case_snap *c, enum approval_kind k);
/* Drops what no longer fits: extension and suspension outside of handling, voiding of an ended case, an appeal against a
 * closing that is no more. A voided or merged case keeps what it will come back with. */
void approval_keep_fitting(struct case_snap *c);
/* Steps of all kinds as one number, three bits a kind from EXTEND on; 0: nothing is pending. Stored for lists. */
int approval_bits(const struct case_snap *c);

#endif
