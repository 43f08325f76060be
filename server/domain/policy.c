/* SPDX-License-Identifier: MIT */
/* Rights by role, as one table, and which cases a role sees. */
#include "server/domain/policy.h"

#define R(x) ROLE_BIT(ROLE_##x)
#define ALL  (ROLE_BIT(ROLE_COUNT) - 1 - R(NONE))

/* Mediators and experts see the dispute record only, administrators no case: neither is among the readers. */
#define READERS                                                                                                                \
    (R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(HANDLER) | R(ORGAN_LEAD) | R(DUTY_CHIEF) |                \
     R(SUPERVISOR) | R(INTEGRATION))

/* Who may report cases. */
#define SUBMITTERS (R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(INTEGRATION))

static const struct {
    const char *name, *what;
    uint32_t roles;
} table[PERM_COUNT] = {
    [PERM_SESSION] = {"SESSION", "log out, see who one is", ALL},
    [PERM_DIRECTORY_READ] = {"DIRECTORY_READ", "read regions, categories, organs, calendars, limits", ALL},
    [PERM_CASE_READ] = {"CASE_READ", "read cases, their events and deadlines, watch them", READERS},
    [PERM_CASE_SUBMIT] = {"CASE_SUBMIT", "report a case", SUBMITTERS},
    [PERM_CASE_ACT] = {"CASE_ACT", "act on a case, as the state table allows", READERS},
    [PERM_CASE_NOTE] = {"CASE_NOTE", "add a note", READERS},
    [PERM_CASE_IMPORT] = {"CASE_IMPORT", "import histories", R(INTEGRATION)},
    [PERM_REPORT] = {"REPORT", "pull figures and the lists behind them",
                     R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(ORGAN_LEAD) | R(DUTY_CHIEF) |
                         R(SUPERVISOR)},
    [PERM_REPORT_FREEZE] = {"REPORT_FREEZE", "freeze reports, save definitions, take their scheduled runs", R(SUPERVISOR)},
    [PERM_DIRECTORY_ADMIN] = {"DIRECTORY_ADMIN", "change regions, categories and organs", R(SYSTEM_ADMIN)},
    [PERM_ACCOUNT_ADMIN] = {"ACCOUNT_ADMIN", "make, change and disable accounts", R(SECURITY_ADMIN)},
    [PERM_OWN_ACCOUNT] = {"OWN_ACCOUNT", "change one's own password, end one's own sessions", ALL},
    [PERM_CLOCK_ADMIN] = {"CLOCK_ADMIN", "change calendars and limits", R(SYSTEM_ADMIN)},
    [PERM_WHAT_IF] = {"WHAT_IF", "try a changed calendar, limit or border", R(SYSTEM_ADMIN) | R(SUPERVISOR)},
    [PERM_PEOPLE_SET] = {"PEOPLE_SET", "enter the people of a case", SUBMITTERS | R(HANDLER) | R(ORGAN_LEAD)},
    [PERM_PEOPLE_REVEAL] = {"PEOPLE_REVEAL", "see the people of a case whole, recorded",
                            R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(HANDLER) | R(ORGAN_LEAD) | R(DUTY_CHIEF) |
                                R(SUPERVISOR)},
    [PERM_AUDIT_READ] = {"AUDIT_READ", "read the audit rows", R(AUDITOR)},
    [PERM_SEARCH] = {"SEARCH", "search cases, find similar ones, ask for a suggestion", READERS},
    [PERM_RULES_READ] = {"RULES_READ", "read the dispatch rules", ALL & ~(R(MEDIATOR) | R(EXPERT))},
    [PERM_RULES_ADMIN] = {"RULES_ADMIN", "change the dispatch rules", R(SYSTEM_ADMIN)},
    [PERM_RULES_TRY] = {"RULES_TRY", "try dispatch rules on past cases", R(SYSTEM_ADMIN) | R(SUPERVISOR)},
    [PERM_INBOX] = {"INBOX", "read one's notices", READERS},
    [PERM_ATTACHMENT_READ] = {"ATTACHMENT_READ", "see the files of a case", READERS},
    [PERM_ATTACHMENT_WRITE] = {"ATTACHMENT_WRITE", "add files to a case", READERS},
    [PERM_BULK] = {"BULK", "act on many cases", READERS & ~R(INTEGRATION)},
};

bool policy_may(enum role role, enum permission perm)
{
    if (role <= ROLE_NONE || role >= ROLE_COUNT)
        return false;
    return (policy_roles(perm) & ROLE_BIT(role)) != 0;
}

uint32_t policy_roles(enum permission perm)
{
    return (unsigned)perm < PERM_COUNT ? table[perm].roles : 0;
}

const char *policy_perm_name(enum permission perm)
{
    return (unsigned)perm < PERM_COUNT ? table[perm].name : "?";
}

const char *policy_perm_what(enum permission perm)
{
    return (unsigned)perm < PERM_COUNT ? table[perm].what : "?";
}

bool policy_may_unveil(enum role role)
{
    return role == ROLE_ACCEPTOR || role == ROLE_SUPERVISOR;
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
        ret->numbers = NUMBERS_SHOWN;
        return;
    }
    if (policy_may(who->role, PERM_PEOPLE_REVEAL))
        ret->numbers = policy_may_unveil(who->role) ? NUMBERS_SHOWN : NUMBERS_MASKED_IF_CONFIDENTIAL;
    if (!policy_may(who->role, PERM_CASE_READ)) {
        ret->nothing = true;
    } else if (who->role == ROLE_HANDLER || who->role == ROLE_ORGAN_LEAD) {
        ret->organ_id = who->organ_id;
        ret->nothing = who->organ_id == 0;
    } else if (who->role == ROLE_INTEGRATION) {
        /* All accounts of a source are one to the cases it reported; one without a source has only itself. */
        ret->source_id = who->source_id;
        if (!who->source_id)
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
    if (v->source_id && v->source_id != c->source_id)
        return false;
    return uuid_is_nil(&v->reporter) || uuid_equal(&v->reporter, &c->reporter);
}
