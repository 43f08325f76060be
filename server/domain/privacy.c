/* SPDX-License-Identifier: MIT */
#include "server/domain/privacy.h"

bool privacy_hides_reporter(const struct actor *who, bool confidential, const struct uuid *reporter)
{
    return confidential && !who->is_server && (uuid_is_nil(reporter) || !uuid_equal(reporter, &who->account));
}

bool privacy_shows_numbers(const struct actor *who, bool confidential)
{
    struct policy_view view;
    policy_view_of(who, &view);
    return view.numbers == NUMBERS_SHOWN || (view.numbers == NUMBERS_MASKED_IF_CONFIDENTIAL && !confidential);
}

static bool helps_only(const struct actor *who, const struct case_snap *c)
{
    return (who->role == ROLE_HANDLER || who->role == ROLE_ORGAN_LEAD) && who->organ_id != c->organ_id;
}

const char *privacy_reveal_rule(const struct actor *who, const struct case_snap *c)
{
    if (!policy_may(who->role, PERM_PEOPLE_REVEAL))
        return "ROLE";
    if (helps_only(who, c))
        return "ORGAN";
    return case_has(c, CASE_CONFIDENTIAL) && !policy_may_unveil(who->role) ? "CONFIDENTIAL" : NULL;
}

const char *privacy_set_rule(const struct actor *who, const struct case_snap *c)
{
    if (!policy_may(who->role, PERM_PEOPLE_SET))
        return "ROLE";
    if (helps_only(who, c))
        return "ORGAN";
    /* Who cannot see the whole list cannot replace it. */
    bool own = !uuid_is_nil(&c->reporter) && uuid_equal(&c->reporter, &who->account);
    return case_has(c, CASE_CONFIDENTIAL) && !own && !policy_may_unveil(who->role) ? "CONFIDENTIAL" : NULL;
}
