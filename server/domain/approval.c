/* SPDX-License-Identifier: MIT */
/* The kinds of approvals and their steps. */
#include "server/domain/approval.h"

#include <stddef.h>
#include <string.h>

static const struct approval_rule rules[APPROVAL_COUNT] = {
    [APPROVAL_EXTEND] = {.ask = ACT_REQUEST_EXTEND,
                         .grant = ACT_EXTEND,
                         .endorser = ROLE_ORGAN_LEAD,
                         .granter = ROLE_DISPATCHER,
                         .by_organ = true},
    [APPROVAL_SUSPEND] = {.ask = ACT_REQUEST_SUSPEND,
                          .grant = ACT_SUSPEND,
                          .endorser = ROLE_ORGAN_LEAD,
                          .granter = ROLE_DISPATCHER,
                          .by_organ = true},
    [APPROVAL_VOID] = {.ask = ACT_REQUEST_VOID, .grant = ACT_VOID, .endorser = ROLE_NONE, .granter = ROLE_DUTY_CHIEF},
    [APPROVAL_APPEAL] = {.ask = ACT_APPEAL, .grant = ACT_GRANT_APPEAL, .endorser = ROLE_DISPATCHER, .granter = ROLE_ACCEPTOR},
};

const struct approval_rule *approval_rule(enum approval_kind k)
{
    return k > APPROVAL_NONE && k < APPROVAL_COUNT ? &rules[k] : NULL;
}

enum approval_kind approval_asked_by_action(enum action a)
{
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++)
        if (rules[k].ask == a)
            return k;
    return APPROVAL_NONE;
}

enum approval_kind approval_granted_by_action(enum action a)
{
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++)
        if (rules[k].grant == a)
            return k;
    return APPROVAL_NONE;
}

void approval_clear(struct case_approval *a)
{
    memset(a, 0, sizeof(*a)); /* padding included: snapshots are compared as bytes */
    a->asked_at = a->endorsed_at = a->until = USEC_NONE;
}

bool approval_awaits_grant(const struct case_snap *c, enum approval_kind k)
{
    return approval_is_pending(c, k) && (rules[k].endorser == ROLE_NONE || c->approval[k].step == STEP_ENDORSED);
}

enum role approval_decider(const struct case_snap *c, enum approval_kind k)
{
    if (!approval_is_pending(c, k))
        return ROLE_NONE;
    return approval_awaits_grant(c, k) ? rules[k].granter : rules[k].endorser;
}

void approval_keep_fitting(struct case_snap *c)
{
    if (!approval_bits(c))
        return;
    enum case_state live = case_live_state(c);
    if (live != STATE_HANDLING) {
        approval_clear(&c->approval[APPROVAL_EXTEND]);
        approval_clear(&c->approval[APPROVAL_SUSPEND]);
    }
    if (!case_state_is_open(live) || c->state == STATE_VOIDED)
        approval_clear(&c->approval[APPROVAL_VOID]);
    if (live != STATE_CLOSED)
        approval_clear(&c->approval[APPROVAL_APPEAL]);
}

int approval_bits(const struct case_snap *c)
{
    int bits = 0;
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++)
        bits |= (int)c->approval[k].step << (3 * (k - 1));
    return bits;
}
