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

static bool may_sign(enum role role)
{
    return role == ROLE_HANDLER || role == ROLE_ORGAN_LEAD;
}

/* Signing: who was named, or the lead, who may have named the wrong one. */
static int check_signer(const struct gate_ctx *x)
{
    if (uuid_is_nil(&x->before->assignee) || uuid_equal(&x->before->assignee, &x->who->account) ||
        x->who->role == ROLE_ORGAN_LEAD)
        return 0;
    return precondition(x, GUARD_ASSIGNEE,
                        "It was assigned to a colleague; only that colleague or the unit's lead signs for it.");
}

static int check_assignee(const struct gate_ctx *x)
{
    if (x->rule->action == ACT_SIGN)
        return check_signer(x);
    const struct gate_person *p = x->act ? x->act->assignee : NULL;
    if (!p)
        return 0;
    if (x->who->role != ROLE_ORGAN_LEAD || x->act->organ_id != x->before->organ_id)
        return gate_refuse(x, ERR_DENIED, GUARD_ASSIGNEE, "assignee",
                           "Only the unit's lead names who signs, and only inside the unit.");
    if (p->disabled || !may_sign(p->role) || p->organ_id != x->act->organ_id)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_ASSIGNEE, "assignee",
                           "This is no account of the unit that may sign for a case; name a handler of yours.");
    return 0;
}

static int check_co_pending(const struct gate_ctx *x)
{
    for (int i = 0; i < x->before->n_co; i++) {
        const struct case_co_organ *co = &x->before->co[i];
        if (co->replied || co->lapsed || (co->reply_by != USEC_NONE && co->reply_by < x->at))
            continue;
        const struct dir_organ *o = directory_organ_by_id(x->env->dir, co->organ_id);
        return gate_refuse(x, ERR_PRECONDITION, GUARD_CO_PENDING, "", "%s has not replied yet and its time has not run out.",
                           o ? o->name : "A helping organ");
    }
    return 0;
}

usec_t gate_granted_until(const struct gate_ctx *x)
{
    return gate_until_of(x->act, x->before);
}

static int check_until(const struct gate_ctx *x)
{
    usec_t until = x->act ? gate_granted_until(x) : USEC_NONE;
    if (until == USEC_NONE)
        return 0;
    if (until <= x->at)
        return gate_refuse(x, ERR_INVALID, GUARD_UNTIL_RANGE, "until", "This time has passed already; give a later one.");
    if (x->kind == APPROVAL_EXTEND && x->before->handle.due_at != USEC_NONE && until <= x->before->handle.due_at)
        return gate_refuse(x, ERR_INVALID, GUARD_UNTIL_RANGE, "until",
                           "The case is due later than that already; give a later time.");
    if ((until - x->at) / USEC_PER_SEC > x->rules->max_suspend_s)
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

/* The same organ, of the roles that belong to one. */
static bool is_of_lead_organ(const struct gate_ctx *x)
{
    return x->who->organ_id && x->who->organ_id == x->before->organ_id;
}

static int check_approval_step(const struct gate_ctx *x)
{
    const struct approval_rule *r = approval_rule(x->kind);
    bool endorsing = x->rule->action == ACT_ENDORSE;
    if (r->endorser == ROLE_NONE && endorsing)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_APPROVAL_STEP, "approval",
                           "This is decided in one step; the role %s grants or declines it.", role_name(r->granter));
    if (endorsing == approval_awaits_grant(x->before, x->kind))
        return gate_refuse(x, ERR_PRECONDITION, GUARD_APPROVAL_STEP, "", "The role %s has to decide about this request first.",
                           role_name(approval_decider(x->before, x->kind)));
    return 0;
}

/* Declining is for whoever decides next, and withdrawing for whoever asked. */
static int check_approval_decider(const struct gate_ctx *x)
{
    const struct case_approval *a = &x->before->approval[x->kind];
    enum role decider = approval_decider(x->before, x->kind);
    if (is(x, &a->asked_by))
        return 0;
    if (x->who->role != decider)
        return gate_refuse(x, ERR_DENIED, GUARD_APPROVAL_DECIDER, "", "The role %s decides about this request now.",
                           role_name(decider));
    if (decider != ROLE_ORGAN_LEAD)
        return check_level(x);
    return is_of_lead_organ(x) ? 0
                               : gate_refuse(x, ERR_DENIED, GUARD_APPROVAL_DECIDER, "",
                                             "The lead of the organ that asked decides about this request.");
}

static int check_approval_by_asker(const struct gate_ctx *x)
{
    const struct case_approval *a = &x->before->approval[x->kind];
    if (is(x, &a->asked_by))
        return precondition(x, GUARD_APPROVAL_BY_ASKER, "You asked for this; somebody else has to decide.");
    if (is(x, &a->endorsed_by))
        return precondition(x, GUARD_APPROVAL_BY_ASKER, "You endorsed this; somebody else has to grant it.");
    return 0;
}

/* What others decide has to reach them in time: a time claimed for it does not count, unless a history is imported. */
static usec_t asked_at(const struct gate_ctx *x)
{
    return x->env->import || x->at > x->env->now ? x->at : x->env->now;
}

static int check_extend_late(const struct gate_ctx *x)
{
    if (x->before->handle.limit_s <= 0)
        return precondition(x, GUARD_EXTEND_LATE, "The case has no due time that could be extended.");
    if (deadline_is_late(&x->before->handle, x->cal, asked_at(x)))
        return precondition(x, GUARD_EXTEND_LATE, "The case is overdue already; an extension has to be asked for before that.");
    return 0;
}

static int check_appeal_time(const struct gate_ctx *x)
{
    usec_t closed = x->before->closed_at;
    if (closed != USEC_NONE && asked_at(x) <= calendar_add_workdays(x->cal, closed, x->rules->appeal_workdays))
        return 0;
    return gate_refuse(x, ERR_PRECONDITION, GUARD_APPEAL_LATE, "",
                       "An appeal has to be made within %d working days of the closing.", x->rules->appeal_workdays);
}

static int check_skip_level(const struct gate_ctx *x)
{
    int level = x->act ? x->act->level : 0, now = x->before->level;
    if (level == 0)
        return 0;
    if (level <= now || level > x->rules->top_level)
        return gate_refuse(x, ERR_INVALID, GUARD_SKIP_LEVEL, "level", "The case is at level %d; give a higher one, at most %d.",
                           now, x->rules->top_level);
    if (level == now + 1 || x->before->urgency == URGENCY_URGENT || x->before->urgency == URGENCY_CRITICAL)
        return 0;
    return gate_refuse(x, ERR_PRECONDITION, GUARD_SKIP_LEVEL, "level",
                       "Only an urgent or critical case may skip a level; escalate it to level %d.", now + 1);
}

static int check_co_lapse(const struct gate_ctx *x)
{
    usec_t first = case_co_lapse_at(x->before);
    return first != USEC_NONE && first < x->at ? 0 : precondition(x, GUARD_CO_LAPSE_EARLY, "No helping organ is overdue.");
}

static int check_card(const struct gate_ctx *x)
{
    const struct case_snap *c = x->before;
    if (!x->act || x->act->card == CARD_NONE || x->act->card >= c->card || c->urged_at == USEC_NONE)
        return 0;
    return gate_refuse(x, ERR_PRECONDITION, GUARD_CARD_LOWER, "card",
                       "The case has the card %s, which nobody answered yet; a lower one cannot follow.", card_name(c->card));
}

static int check_evidence(const struct gate_ctx *x)
{
    if (!x->act || x->env->import || x->act->n_evidence > 0 || !x->category)
        return 0;
    if (x->rule->action == ACT_SETTLE ? !x->category->evidence_settle : !x->category->evidence_feedback)
        return 0;
    return gate_refuse(x, ERR_PRECONDITION, GUARD_EVIDENCE, "attachment_ids",
                       "This category demands evidence: upload a file for the case and name it with this step.");
}

static int check_reopen(const struct gate_ctx *x)
{
    if (x->before->closed_at != USEC_NONE && (asked_at(x) - x->before->closed_at) / USEC_PER_SEC <= x->rules->reopen_s)
        return 0;
    return gate_refuse(x, ERR_PRECONDITION, GUARD_REOPEN_LIMIT, "",
                       "The case was closed more than %lld days ago and can no longer be reopened; report it anew.",
                       (long long)(x->rules->reopen_s / 86400));
}

static int check_archive(const struct gate_ctx *x)
{
    if (approval_is_pending(x->before, APPROVAL_APPEAL))
        return precondition(x, GUARD_ARCHIVE_EARLY, "An appeal is not decided yet.");
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
    case GUARD_ASSIGNEE:
        return check_assignee(x);
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
    case GUARD_EVIDENCE:
        return check_evidence(x);
    case GUARD_APPROVAL_PENDING:
        return approval_is_pending(c, x->kind)
                   ? precondition(x, guard, "This has been asked for already and is not decided yet.")
                   : 0;
    case GUARD_APPROVAL_NONE:
        return approval_is_pending(c, x->kind) ? 0 : precondition(x, guard, "Nobody has asked for this.");
    case GUARD_APPROVAL_STEP:
        return check_approval_step(x);
    case GUARD_APPROVAL_DECIDER:
        return check_approval_decider(x);
    case GUARD_APPROVAL_BY_ASKER:
        return check_approval_by_asker(x);
    case GUARD_EXTEND_LIMIT:
        if (c->extend_count < x->rules->max_extensions)
            return 0;
        return gate_refuse(x, ERR_PRECONDITION, guard, "",
                           "The case was extended %d times already; it cannot be extended again.", c->extend_count);
    case GUARD_EXTEND_LATE:
        return check_extend_late(x);
    case GUARD_SKIP_LEVEL:
        return check_skip_level(x);
    case GUARD_CO_LAPSE_EARLY:
        return check_co_lapse(x);
    case GUARD_CARD_LOWER:
        return check_card(x);
    case GUARD_NOT_URGED:
        return c->urged_at != USEC_NONE ? 0 : precondition(x, guard, "There is no urge that waits for an answer.");
    case GUARD_APPEAL_NOT_LATE:
        return case_has(c, CASE_LATE) ? 0
                                      : precondition(x, guard, "The case was not late; there is nothing to appeal against.");
    case GUARD_APPEAL_LIMIT:
        return c->appeal_count < x->rules->max_appeals ? 0 : precondition(x, guard, "An appeal was made before; it stands.");
    case GUARD_APPEAL_LATE:
        return check_appeal_time(x);
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
