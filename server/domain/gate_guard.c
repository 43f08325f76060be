/* SPDX-License-Identifier: MIT */
/* The guards a row of the state table can name. Each answers 0 or refuses with what happened, why, and what to do next. */
#include <stddef.h>

#include "server/domain/gate_impl.h"

static int precondition(const struct gate_ctx *x, enum guard g, const char *text)
{
    return gate_refuse(x, ERR_PRECONDITION, g, "", "%s", text);
}

/* Levels count from the community (1) up to the city (4); an account of a grid counts as its community's. */
static int level_of_actor(const struct actor *who)
{
    enum region_level l = region_level_of(who->region);
    if (l == LEVEL_NONE)
        return 0;
    return l >= LEVEL_COMMUNITY ? 1 : LEVEL_COMMUNITY - l + 1;
}

static int check_level(const struct gate_ctx *x)
{
    uint32_t centre =
        ROLE_BIT(ROLE_COMMUNITY) | ROLE_BIT(ROLE_ACCEPTOR) | ROLE_BIT(ROLE_DISPATCHER) | ROLE_BIT(ROLE_DUTY_CHIEF);
    if (x->who->is_server || !(centre & ROLE_BIT(x->who->role)) || level_of_actor(x->who) >= x->before->level)
        return 0;
    return gate_refuse(x, ERR_DENIED, GUARD_LEVEL, "", "The case was escalated to a higher level, which decides about it now.");
}

static int check_own_organ(const struct gate_ctx *x)
{
    uint32_t organ = ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_ORGAN_LEAD);
    /* A community acts as a centre where the row is bound to levels, and as an organ elsewhere. */
    if (!(x->rule->guards & GUARD_BIT(GUARD_LEVEL)))
        organ |= ROLE_BIT(ROLE_COMMUNITY);
    if (x->who->is_server || !(organ & ROLE_BIT(x->who->role)))
        return 0;
    if (x->who->organ_id && x->who->organ_id == x->before->organ_id)
        return 0;
    return gate_refuse(x, ERR_DENIED, GUARD_OWN_ORGAN, "", "Another organ leads this case; only its people may do this.");
}

static int check_co_organ(const struct gate_ctx *x)
{
    int i = x->who->organ_id ? case_co_index(x->before, x->who->organ_id) : -1;
    if (i < 0)
        return gate_refuse(x, ERR_DENIED, GUARD_CO_ORGAN, "", "Your organ was not asked to help with this case.");
    if (x->before->co[i].replied)
        return precondition(x, GUARD_CO_ORGAN, "Your organ has replied already; add a note instead.");
    return 0;
}

static int check_one_organ(const struct gate_ctx *x, int32_t id, const char *field)
{
    const struct dir_organ *o = directory_organ_by_id(x->env->dir, id);
    if (!o)
        return gate_refuse(x, ERR_NOT_FOUND, GUARD_ORGAN, field, "There is no such organ.");
    if (!o->active && !x->env->import)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_ORGAN, field, "%s is no longer in use; choose another organ.", o->name);
    if (!region_span_overlaps(region_span_of(o->region), region_span_of(x->before->grid)))
        return gate_refuse(x, ERR_PRECONDITION, GUARD_ORGAN, field,
                           "%s does not work in the case's region; choose another organ.", o->name);
    return 0;
}

static int check_organ(const struct gate_ctx *x)
{
    return x->act ? check_one_organ(x, x->act->organ_id, "organ_code") : 0;
}

static int check_co_organs(const struct gate_ctx *x)
{
    if (!x->act)
        return 0;
    const struct act *a = x->act;
    if (a->action == ACT_WHISTLE) {
        if (a->organ_id == x->before->organ_id || case_co_index(x->before, a->organ_id) >= 0)
            return gate_refuse(x, ERR_PRECONDITION, GUARD_CO_ORGANS, "organ_code", "This organ works on the case already.");
        if (x->before->n_co >= CASE_MAX_CO_ORGANS)
            return gate_refuse(x, ERR_PRECONDITION, GUARD_CO_ORGANS, "organ_code", "At most %d organs can help with a case.",
                               CASE_MAX_CO_ORGANS);
        return 0;
    }
    if (a->n_co < 0 || a->n_co > CASE_MAX_CO_ORGANS)
        return gate_refuse(x, ERR_INVALID, GUARD_CO_ORGANS, "co_organ_codes", "At most %d organs can help with a case.",
                           CASE_MAX_CO_ORGANS);
    for (int i = 0; i < a->n_co; i++) {
        int rc = check_one_organ(x, a->co_organ_ids[i], "co_organ_codes");
        if (rc)
            return rc;
        if (a->co_organ_ids[i] == a->organ_id)
            return gate_refuse(x, ERR_INVALID, GUARD_CO_ORGANS, "co_organ_codes",
                               "The lead organ cannot be among those that help.");
        for (int k = 0; k < i; k++)
            if (a->co_organ_ids[k] == a->co_organ_ids[i])
                return gate_refuse(x, ERR_INVALID, GUARD_CO_ORGANS, "co_organ_codes", "An organ is named twice.");
    }
    return 0;
}

static int check_transfer_target(const struct gate_ctx *x)
{
    if (!x->act)
        return 0;
    bool same = x->act->organ_id == x->before->organ_id;
    if (x->who->role == ROLE_ORGAN_LEAD && !same)
        return gate_refuse(x, ERR_DENIED, GUARD_TRANSFER_TARGET, "organ_code",
                           "A unit's lead assigns inside the unit only; return the case so that it is dispatched to another.");
    if (x->who->role == ROLE_DISPATCHER && same)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_TRANSFER_TARGET, "organ_code",
                           "The case is with this organ already; name another.");
    return 0;
}

static int check_co_pending(const struct gate_ctx *x)
{
    for (int i = 0; i < x->before->n_co; i++) {
        const struct case_co_organ *co = &x->before->co[i];
        if (co->replied || (co->reply_by != USEC_NONE && co->reply_by < x->at))
            continue;
        const struct dir_organ *o = directory_organ_by_id(x->env->dir, co->organ_id);
        return gate_refuse(x, ERR_PRECONDITION, GUARD_CO_PENDING, "", "%s has not replied yet and its time has not run out.",
                           o ? o->name : "A helping organ");
    }
    return 0;
}

static int check_until(const struct gate_ctx *x)
{
    if (!x->act || x->act->until == USEC_NONE)
        return 0;
    if (x->act->until <= x->at)
        return gate_refuse(x, ERR_INVALID, GUARD_UNTIL_RANGE, "until", "This time has passed already; give a later one.");
    if ((x->act->until - x->at) / USEC_PER_SEC > x->rules->max_suspend_s)
        return gate_refuse(x, ERR_INVALID, GUARD_UNTIL_RANGE, "until",
                           "This time is more than %lld days ahead; give an earlier one.",
                           (long long)(x->rules->max_suspend_s / 86400));
    return 0;
}

/* The same person; nobody is not a person. */
static bool is(const struct gate_ctx *x, const struct uuid *person)
{
    return !uuid_is_nil(person) && uuid_equal(person, &x->who->account);
}

static bool is_handler(const struct gate_ctx *x)
{
    return is(x, &x->before->handler) || is(x, &x->before->feeder);
}

static int check_reopen(const struct gate_ctx *x)
{
    if (x->before->closed_at != USEC_NONE && (x->at - x->before->closed_at) / USEC_PER_SEC <= x->rules->reopen_s)
        return 0;
    return gate_refuse(x, ERR_PRECONDITION, GUARD_REOPEN_LIMIT, "",
                       "The case was closed more than %lld days ago and can no longer be reopened; report it anew.",
                       (long long)(x->rules->reopen_s / 86400));
}

static int check_archive(const struct gate_ctx *x)
{
    if (case_has(x->before, CASE_REVISITED))
        return 0;
    if (x->before->closed_at != USEC_NONE && (x->at - x->before->closed_at) / USEC_PER_SEC >= x->rules->archive_s)
        return 0;
    return precondition(x, GUARD_ARCHIVE_EARLY, "The case was not revisited and closed too recently to be archived.");
}

static int check_merge_target(const struct gate_ctx *x)
{
    const struct case_snap *lead = x->act ? x->act->target : NULL;
    if (!lead)
        return 0;
    if (uuid_equal(&lead->id, &x->before->id))
        return gate_refuse(x, ERR_INVALID, GUARD_MERGE_TARGET, "target_case_id", "A case cannot be merged into itself.");
    if (!policy_in_scope(x->who, lead->grid))
        return gate_refuse(x, ERR_DENIED, GUARD_MERGE_TARGET, "target_case_id", "The lead case lies outside your region.");
    if (!case_state_is_open(lead->state))
        return gate_refuse(x, ERR_PRECONDITION, GUARD_MERGE_TARGET, "target_case_id",
                           "The lead case is not open; choose an open one.");
    return 0;
}

int gate_guard(const struct gate_ctx *x, enum guard guard)
{
    const struct case_snap *c = x->before;
    switch (guard) {
    case GUARD_LEVEL:
        return check_level(x);
    case GUARD_REPORTER_ONLY:
        return is(x, &c->reporter) ? 0 : gate_refuse(x, ERR_DENIED, guard, "", "Only whoever reported the case may do this.");
    case GUARD_NEVER_ACCEPTED:
        return case_has(c, CASE_ACCEPTED_EVER)
                   ? precondition(x, guard, "The case was accepted before; this is no longer possible.")
                   : 0;
    case GUARD_SETTLE_ALLOWED:
        if (x->category && x->category->settle_allowed)
            return 0;
        return gate_refuse(x, ERR_PRECONDITION, guard, "category_code",
                           "A case of this category cannot be settled on the spot; report it.");
    case GUARD_OWN_ORGAN:
        return check_own_organ(x);
    case GUARD_CO_ORGAN:
        return check_co_organ(x);
    case GUARD_ORGAN:
        return check_organ(x);
    case GUARD_CO_ORGANS:
        return check_co_organs(x);
    case GUARD_TRANSFER_TARGET:
        return check_transfer_target(x);
    case GUARD_CO_PENDING:
        return check_co_pending(x);
    case GUARD_RETURN_LIMIT:
        if (c->return_count < x->rules->max_returns)
            return 0;
        return gate_refuse(x, ERR_PRECONDITION, guard, "", "The case was returned %d times already; it has to be handled now.",
                           c->return_count);
    case GUARD_SUSPEND_LIMIT:
        if (c->suspend_count < x->rules->max_suspensions)
            return 0;
        return precondition(x, guard, "The case was suspended before; it cannot be suspended again.");
    case GUARD_UNTIL_RANGE:
        return check_until(x);
    case GUARD_RESUME_EARLY:
        if (!x->who->is_server || (c->suspended_until != USEC_NONE && x->at >= c->suspended_until))
            return 0;
        return precondition(x, guard, "The suspension has not ended yet.");
    case GUARD_TOP_LEVEL:
        return c->level < x->rules->top_level ? 0 : precondition(x, guard, "The case is at the highest level already.");
    case GUARD_HANDLER_IS_CHECKER:
        if (!is_handler(x))
            return 0;
        return precondition(x, guard, "You handled this case; somebody else has to check it.");
    case GUARD_HANDLER_IS_CLOSER:
        if (!is_handler(x))
            return 0;
        return precondition(x, guard, "You handled this case; somebody else has to close it.");
    case GUARD_CHECKER_IS_CLOSER:
        if (!is(x, &c->checker))
            return 0;
        return precondition(x, guard, "You checked this case; somebody else has to close it.");
    case GUARD_CHECK_NOT_PASSED:
        if (case_has(c, CASE_CHECK_PASSED) || (x->category && x->category->check_waived))
            return 0;
        return precondition(x, guard, "No field check has passed yet; order one, or send the case back for rework.");
    case GUARD_REOPEN_LIMIT:
        return check_reopen(x);
    case GUARD_ARCHIVE_EARLY:
        return check_archive(x);
    case GUARD_VOID_REQUESTED:
        return uuid_is_nil(&c->void_requested_by) ? 0 : precondition(x, guard, "Voiding has been asked for already.");
    case GUARD_VOID_NOT_REQUESTED:
        return uuid_is_nil(&c->void_requested_by) ? precondition(x, guard, "Nobody has asked for voiding this case.") : 0;
    case GUARD_VOID_BY_ASKER:
        return is(x, &c->void_requested_by) ? precondition(x, guard, "You asked for the voiding; somebody else has to decide.")
                                            : 0;
    case GUARD_RECALLED:
        return case_has(c, CASE_RECALLED)
                   ? precondition(x, guard, "Its reporter recalled the case; it can only be reported anew.")
                   : 0;
    case GUARD_MERGE_TARGET:
        return check_merge_target(x);
    case GUARD_MERGE_CHAIN:
        if (!x->act || !x->act->has_merged)
            return 0;
        return precondition(x, guard, "Other cases are merged into this one; split them off first.");
    case GUARD_STATE:
    case GUARD_VERSION:
    case GUARD_ROLE:
    case GUARD_REGION:
    case GUARD_FIELD:
    case GUARD_TIME_FUTURE:
    case GUARD_TIME_ORDER:
    case GUARD_TIME_OLD:
    case GUARD_GRID:
    case GUARD_CATEGORY:
    case GUARD_COUNT:
        break;
    }
    /* A guard without a check would let everything through. */
    return gate_refuse(x, ERR_INTERNAL, guard, "", "The guard %s has no check.", guard_name(guard));
}
