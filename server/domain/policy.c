/* SPDX-License-Identifier: MIT */
/* Rights by role, as one table, and which cases a role sees. */
#include "server/domain/policy.h"

#define R(x) ROLE_BIT(ROLE_##x)
#define ALL  (ROLE_BIT(ROLE_COUNT) - 1 - R(NONE))

/* Mediators and experts see the dispute record only, administrators no case: neither is among the readers. */
#define READERS                                                                                                                \
    (R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(HANDLER) | R(ORGAN_LEAD) | R(DUTY_CHIEF) |                \
     R(SUPERVISOR) | R(INTEGRATION))

static const uint32_t allowed[PERM_COUNT] = {
    [PERM_SESSION] = ALL,
    [PERM_DIRECTORY_READ] = ALL,
    [PERM_CASE_READ] = READERS,
    [PERM_CASE_SUBMIT] = R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(INTEGRATION),
    [PERM_CASE_ACT] = READERS,
    [PERM_CASE_NOTE] = READERS,
    [PERM_CASE_IMPORT] = R(INTEGRATION),
    [PERM_REPORT] = R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(ORGAN_LEAD) | R(DUTY_CHIEF) | R(SUPERVISOR),
    [PERM_DIRECTORY_ADMIN] = R(SYSTEM_ADMIN),
    [PERM_ACCOUNT_ADMIN] = R(SECURITY_ADMIN),
};

bool policy_may(enum role role, enum permission perm)
{
    if (role <= ROLE_NONE || role >= ROLE_COUNT || (unsigned)perm >= PERM_COUNT)
        return false;
    return (allowed[perm] & ROLE_BIT(role)) != 0;
}

bool policy_is_admin(enum role role)
{
    return role == ROLE_SYSTEM_ADMIN || role == ROLE_SECURITY_ADMIN || role == ROLE_AUDITOR;
}

bool policy_in_scope(const struct actor *who, int64_t code)
{
    return who->is_server || region_contains(who->region, code);
}

void policy_view_of(const struct actor *who, struct policy_view *ret)
{
    *ret = (struct policy_view){.span = region_span_of(who->region)};
    if (who->is_server) {
        ret->span = region_span_all();
        return;
    }
    if (!policy_may(who->role, PERM_CASE_READ)) {
        ret->nothing = true;
    } else if (who->role == ROLE_HANDLER || who->role == ROLE_ORGAN_LEAD) {
        ret->organ_id = who->organ_id;
        ret->nothing = who->organ_id == 0;
    } else if (who->role == ROLE_INTEGRATION) {
        ret->reporter = who->account;
        ret->nothing = uuid_is_nil(&who->account);
    }
}

bool policy_sees(const struct policy_view *v, const struct case_snap *c)
{
    if (v->nothing || !region_span_contains(v->span, c->grid))
        return false;
    if (v->organ_id && v->organ_id != c->organ_id && case_co_index(c, v->organ_id) < 0)
        return false;
    return uuid_is_nil(&v->reporter) || uuid_equal(&v->reporter, &c->reporter);
}
