/* SPDX-License-Identifier: MIT */
/* The gate: the order of the checks. What the guards ask is in gate_guard.c, what an action changes in gate_apply.c. */
#include "server/domain/gate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/gate_impl.h"

enum { MAX_TEXT_CHARS = 2000, MAX_REASON_CHARS = 32, MAX_OUTSIDE_CHARS = 64 };

void gate_rules_default(struct gate_rules *r)
{
    *r = (struct gate_rules){
        .accept_limit_s = 15 * 60,
        .dispatch_limit_s = 15 * 60,
        .check_limit_s = 30 * 60,
        .unit = {[URGENCY_CRITICAL] = UNIT_URGENT},
        .max_returns = 2,
        .max_suspensions = 1,
        .max_extensions = 2,
        .max_appeals = 1,
        .appeal_workdays = 5,
        .max_suspend_s = INT64_C(366) * 86400,
        .reopen_s = INT64_C(30) * 86400,
        .archive_s = INT64_C(30) * 86400,
        .future_s = 5 * 60,
        .max_age_s = INT64_C(30) * 86400,
        .whistle_reply_s = 8 * 3600,
        .top_level = 4,
    };
}

void act_init(struct act *a, enum action action)
{
    memset(a, 0, sizeof(*a));
    a->action = action;
    a->happened_at = a->until = USEC_NONE;
}

int gate_refuse(const struct gate_ctx *x, enum err_code code, enum guard guard, const char *field, const char *fmt, ...)
{
    if (!x->why)
        return code;
    *x->why = (struct gate_refusal){.code = code, .guard = guard, .rule = guard_name(guard), .field = field};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(x->why->text, sizeof(x->why->text), fmt, ap);
    va_end(ap);
    text_trim_partial(x->why->text);
    return code;
}

/* Roles that may take the action in some state. */
static uint32_t roles_of(enum action a)
{
    size_t n;
    const struct state_rule *rules = state_table(&n);
    uint32_t roles = 0;
    for (size_t i = 0; i < n; i++)
        if (rules[i].action == a)
            roles |= rules[i].roles;
    return roles;
}

static uint32_t role_bit(const struct actor *who)
{
    if (who->is_server)
        return ROLE_BIT(ROLE_NONE);
    return who->role > ROLE_NONE && who->role < ROLE_COUNT ? ROLE_BIT(who->role) : 0;
}

/* Roles that never touch a case are refused first, so that they learn nothing about it. */
static int check_role(const struct gate_ctx *x)
{
    if (!x->who->is_server && policy_is_admin(x->who->role))
        return gate_refuse(x, ERR_DENIED, GUARD_ROLE, "", "An administrator cannot move a case.");
    uint32_t roles = roles_of(x->act->action);
    if (!roles)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_STATE, "action", "This action is not possible.");
    if (!(roles & role_bit(x->who)))
        return gate_refuse(x, ERR_DENIED, GUARD_ROLE, "action", "The role %s may not do this.", role_name(x->who->role));
    return 0;
}

static int check_scope(const struct gate_ctx *x)
{
    if (!policy_in_scope(x->who, x->before ? x->before->grid : x->act->grid))
        return gate_refuse(x, ERR_DENIED, GUARD_REGION, x->before ? "" : "grid_code", "This grid lies outside your region.");
    return 0;
}

static int check_version(const struct gate_ctx *x)
{
    if (x->env->import || x->act->action == ACT_NOTE)
        return 0;
    if (x->act->expected_version <= 0)
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "expected_version", "The version of the case you saw is missing.");
    if (x->act->expected_version != x->before->version)
        return gate_refuse(x, ERR_CONFLICT, GUARD_VERSION, "expected_version",
                           "The case changed meanwhile (you saw version %lld, it is %lld now); look at it again.",
                           (long long)x->act->expected_version, (long long)x->before->version);
    return 0;
}

static int check_row(struct gate_ctx *x)
{
    enum case_state from = x->before ? x->before->state : STATE_NONE;
    x->rule = state_table_find(x->act->action, from, x->act->check_result);
    if (!x->rule && state_table_find(x->act->action, from, CHECK_NONE))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "check_result", "This answer is not possible here.");
    if (!x->rule)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_STATE, "action", "%s is not possible while the case is %s.",
                           action_name(x->act->action), case_state_name(from));
    if (!(x->rule->roles & role_bit(x->who)))
        return gate_refuse(x, ERR_DENIED, GUARD_ROLE, "action", "The role %s may not do this now.", role_name(x->who->role));
    return 0;
}

static int check_text(const struct gate_ctx *x, const char *s, size_t max, const char *field)
{
    size_t len = strlen(s);
    if (!text_is_utf8(s, len))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, field, "The text is not well-formed UTF-8.");
    if (text_chars(s, len) > max)
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, field, "The text has more than %zu characters.", max);
    return 0;
}

static bool has_field(const struct act *a, uint32_t field)
{
    switch (field) {
    case FIELD_TEXT:
        return a->text && text_visible_chars(a->text) > 0;
    case FIELD_REASON_CODE:
        return a->reason_code && text_visible_chars(a->reason_code) > 0;
    case FIELD_ORGAN_CODE:
        return a->organ_id != 0;
    case FIELD_CO_ORGAN_CODES:
        return a->n_co > 0;
    case FIELD_CHECK_RESULT:
        return a->check_result != CHECK_NONE;
    case FIELD_TARGET_CASE_ID:
        return a->target != NULL;
    case FIELD_UNTIL:
        return a->until != USEC_NONE;
    case FIELD_CATEGORY_CODE:
        return a->category_id != 0;
    case FIELD_GRID_CODE:
        return a->grid != 0;
    case FIELD_APPROVAL:
        return a->approval != APPROVAL_NONE;
    case FIELD_CARD:
        return a->card != CARD_NONE;
    case FIELD_LEVEL:
        return a->level != 0;
    case FIELD_OUTSIDE_NUMBER:
        return a->outside_number && *a->outside_number;
    case FIELD_ATTACHMENT_IDS:
        return a->n_evidence > 0;
    case FIELD_ASSIGNEE:
        return a->assignee != NULL;
    case FIELD_RESPONDED:
        return a->responded != YES_NO_NONE;
    case FIELD_SOLVED:
        return a->solved != YES_NO_NONE;
    default:
        return false;
    }
}

/* Answers of a revisit belong to one that reached somebody. */
static int check_answers(const struct gate_ctx *x)
{
    const struct act *a = x->act;
    bool reached = a->action == ACT_REVISIT && a->check_result != CHECK_UNABLE;
    if (a->responded < YES_NO_NONE || a->responded > YES_NO_NO || (a->responded && !reached))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "responded", "Only a revisit that reached somebody has this answer.");
    if (a->solved < YES_NO_NONE || a->solved > YES_NO_NO || (a->solved && !reached))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "solved", "Only a revisit that reached somebody has this answer.");
    return 0;
}

/* An outcome belongs to the closing of a dispute. */
static int check_outcome(const struct gate_ctx *x)
{
    static const char *const outcomes[] = {"SUCCESS", "FAILED", "TERMINATED"};
    const struct act *a = x->act;
    bool closes = a->action == ACT_CLOSE || a->action == ACT_SETTLE;
    if (!closes || !a->reason_code || !*a->reason_code || x->env->import)
        return 0;
    if (!category_is_dispute(x->category->code))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "reason_code", "Only the closing of a dispute has an outcome.");
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (strcmp(outcomes[i], a->reason_code) == 0)
            return 0;
    }
    return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "reason_code", "The outcome must be SUCCESS, FAILED or TERMINATED.");
}

static int check_fields(const struct gate_ctx *x)
{
    const struct act *a = x->act;
    for (int i = 0; i < ACT_FIELD_COUNT; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if ((x->rule->required & bit) && !has_field(a, bit))
            return gate_refuse(x, ERR_INVALID, GUARD_FIELD, act_field_name((enum act_field)bit), "%s is missing.",
                               act_field_name((enum act_field)bit));
    }
    if (a->check_result < CHECK_NONE || a->check_result >= CHECK_COUNT ||
        (a->check_result == CHECK_BASICALLY && a->action != ACT_REVISIT))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "check_result", "This answer is not possible here.");
    if (a->approval < APPROVAL_NONE || a->approval >= APPROVAL_COUNT)
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "approval", "There is no such kind of approval.");
    if (a->card < CARD_NONE || a->card >= CARD_COUNT)
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "card", "There is no such card.");
    if (!x->before && (a->urgency < URGENCY_NONE || a->urgency >= URGENCY_COUNT))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "urgency", "There is no such urgency.");
    if (!x->before && (a->channel < CHANNEL_NONE || a->channel >= CHANNEL_COUNT))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "channel", "There is no such channel.");
    if (!x->before && uuid_is_nil(&a->case_id))
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "case_id", "case_id is missing.");
    if (a->action == ACT_RECLOCK && !a->reclock)
        return gate_refuse(x, ERR_INVALID, GUARD_FIELD, "action", "The clocks as counted again are missing.");
    int rc = check_answers(x);
    if (!rc && a->text)
        rc = check_text(x, a->text, MAX_TEXT_CHARS, "text");
    if (!rc && a->reason_code)
        rc = check_text(x, a->reason_code, MAX_REASON_CHARS, "reason_code");
    if (!rc && a->outside_number)
        rc = check_text(x, a->outside_number, MAX_OUTSIDE_CHARS, "outside_number");
    return rc;
}

/*
 * Without a time of its own an act happens now, or together with a last event that a fast clock put into the near future. A
 * time little before the last event is the clock of a machine that is slow: whoever acts saw that event (the version says so),
 * so it happens together with it.
 */
static int check_time(struct gate_ctx *x)
{
    usec_t now = x->env->now, last = x->before ? x->before->last_event_at : USEC_NONE;
    bool note = x->act->action == ACT_NOTE;
    x->at = x->act->happened_at;
    if (x->at == USEC_NONE)
        x->at = last != USEC_NONE && last > now && !note ? last : now;
    if (x->at / USEC_PER_SEC > now / USEC_PER_SEC + x->rules->future_s)
        return gate_refuse(x, ERR_INVALID, GUARD_TIME_FUTURE, "happened_at",
                           "This time lies more than %lld minutes in the future; check the clock of your machine.",
                           (long long)(x->rules->future_s / 60));
    if (!x->env->import && (now - x->at) / USEC_PER_SEC > x->rules->max_age_s)
        return gate_refuse(x, ERR_INVALID, GUARD_TIME_OLD, "happened_at", "This happened more than %lld days ago.",
                           (long long)(x->rules->max_age_s / 86400));
    if (!note && !x->env->import && last != USEC_NONE && x->at < last && (last - x->at) / USEC_PER_SEC <= x->rules->future_s)
        x->at = last;
    if (!note && last != USEC_NONE && x->at < last)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_TIME_ORDER, "happened_at",
                           "This time lies before the case's last event; look at the case again.");
    return 0;
}

static int check_category(struct gate_ctx *x)
{
    int16_t id = x->act->category_id;
    if (!id || (x->before && !((x->rule->required | x->rule->optional) & FIELD_CATEGORY_CODE))) {
        x->category = directory_category_by_id(x->env->dir, x->before->category_id);
        return 0;
    }
    x->category = directory_category_by_id(x->env->dir, id);
    if (!x->category)
        return gate_refuse(x, ERR_NOT_FOUND, GUARD_CATEGORY, "category_code", "There is no such category.");
    if (!x->category->active && !x->env->import)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_CATEGORY, "category_code",
                           "The category %s is no longer in use; choose another.", x->category->code);
    /* Or cases would leave every rate without standing among those that were refused or voided. */
    if (x->before && case_has(x->before, CASE_COUNTED) && !x->category->counted && !x->env->import)
        return gate_refuse(x, ERR_PRECONDITION, GUARD_CATEGORY, "category_code",
                           "%s is a work record, which no figure counts; choose another category, or refuse the case.",
                           x->category->code);
    return 0;
}

/* A case belongs to the grid that was valid at its time. */
static int check_grid(const struct gate_ctx *x)
{
    const struct dir_region *r = directory_region(x->env->dir, x->act->grid);
    if (!r || r->level != LEVEL_GRID)
        return gate_refuse(x, ERR_NOT_FOUND, GUARD_GRID, "grid_code", "There is no such grid.");
    if (!dir_region_is_valid_on(r, calendar_day_of(x->cal, x->at)))
        return gate_refuse(x, ERR_PRECONDITION, GUARD_GRID, "grid_code",
                           "The grid %s was not valid on that day; choose another.", r->name);
    return 0;
}

static int check_guards(const struct gate_ctx *x)
{
    for (enum guard g = GUARD_ROW_FIRST; g < GUARD_COUNT; g++) {
        int rc = (x->rule->guards & GUARD_BIT(g)) ? gate_guard(x, g) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

int gate_decide(const struct gate_env *env, const struct actor *who, const struct case_snap *before, const struct act *act,
                struct case_snap *after, struct gate_refusal *why)
{
    struct gate_rules defaults;
    gate_rules_default(&defaults);
    struct gate_ctx x = {
        .env = env,
        .rules = env->rules ? env->rules : &defaults,
        .cal = directory_calendar_for(env->dir, before ? before->grid : act->grid),
        .who = who,
        .before = before,
        .act = act,
        .kind = gate_kind_of(act),
        .why = why,
    };
    int rc = check_role(&x);
    if (!rc)
        rc = check_scope(&x);
    if (!rc && before)
        rc = check_version(&x);
    if (!rc)
        rc = check_row(&x);
    if (!rc)
        rc = check_fields(&x);
    if (!rc)
        rc = check_time(&x);
    if (!rc)
        rc = check_category(&x);
    if (!rc)
        rc = check_outcome(&x);
    if (!rc && !before)
        rc = check_grid(&x);
    if (!rc)
        rc = check_guards(&x);
    if (rc)
        return rc;
    gate_apply(&x, after);
    return 0;
}

enum approval_kind gate_kind_of(const struct act *act)
{
    enum approval_kind k = approval_asked_by_action(act->action);
    if (k == APPROVAL_NONE)
        k = approval_granted_by_action(act->action);
    if (k == APPROVAL_NONE && (act->action == ACT_ENDORSE || act->action == ACT_DECLINE))
        k = act->approval;
    return k;
}

/* True if the row holds for the actor now, leaving what has not been entered aside. Sets which approvals it holds for. */
static bool is_possible(struct gate_ctx *x, uint32_t *ret_approvals)
{
    *ret_approvals = 0;
    if (!(x->rule->roles & role_bit(x->who)))
        return false;
    struct act probe = {.action = x->rule->action};
    x->kind = gate_kind_of(&probe);
    if (x->rule->action != ACT_ENDORSE && x->rule->action != ACT_DECLINE)
        return check_guards(x) == 0;
    for (x->kind = APPROVAL_EXTEND; x->kind < APPROVAL_COUNT; x->kind++)
        *ret_approvals |= check_guards(x) == 0 ? UINT32_C(1) << x->kind : 0;
    return *ret_approvals != 0;
}

/* Fields that the rule takes but this case does not: only a dispute is closed with an outcome. */
static uint32_t hidden_fields(const struct case_snap *c, const struct state_rule *rule)
{
    bool closes = rule->action == ACT_CLOSE || rule->action == ACT_SETTLE;
    return closes && !case_has(c, CASE_DISPUTE) ? FIELD_REASON_CODE : 0;
}

size_t gate_allowed(const struct gate_env *env, const struct actor *who, const struct case_snap *c, struct gate_option *out,
                    size_t cap)
{
    struct policy_view view;
    policy_view_of(who, &view);
    if (!policy_sees(&view, c))
        return 0;
    struct gate_rules defaults;
    gate_rules_default(&defaults);
    struct gate_ctx x = {
        .env = env,
        .rules = env->rules ? env->rules : &defaults,
        .cal = directory_calendar_for(env->dir, c->grid),
        .who = who,
        .before = c,
        .category = directory_category_by_id(env->dir, c->category_id),
        .at = c->last_event_at != USEC_NONE && c->last_event_at > env->now ? c->last_event_at : env->now,
    };
    size_t nrules, n = 0;
    const struct state_rule *rules = state_table(&nrules);
    for (size_t i = 0; i < nrules && n < cap; i++) {
        x.rule = &rules[i];
        uint32_t approvals;
        if (!(x.rule->from & STATE_BIT(c->state)) || (n && out[n - 1].action == x.rule->action) || !is_possible(&x, &approvals))
            continue;
        out[n++] = (struct gate_option){
            .action = x.rule->action,
            .required = x.rule->required,
            .optional = x.rule->optional & ~hidden_fields(c, x.rule),
            .approvals = approvals,
            .to_state = state_rule_target(x.rule, c->state, c->prev_state),
        };
    }
    return n;
}

const char *gate_reason_code(const struct act *act)
{
    if (act->action == ACT_RECALL)
        return GATE_REASON_RECALLED;
    return act->reason_code;
}

usec_t gate_happened_at(const struct act *act, const struct case_snap *after, usec_t now)
{
    if (act->action != ACT_NOTE)
        return after->last_event_at;
    return act->happened_at != USEC_NONE ? act->happened_at : now;
}

struct uuid gate_target_of(const struct act *act, const struct case_snap *before)
{
    if (act->action == ACT_MERGE && act->target)
        return act->target->id;
    return act->action == ACT_SPLIT && before ? before->merged_into : (struct uuid){{0}};
}

usec_t gate_until_of(const struct act *act, const struct case_snap *before)
{
    if (act->until != USEC_NONE && state_table_takes(act->action, FIELD_UNTIL))
        return act->until;
    enum approval_kind k = approval_granted_by_action(act->action);
    return before ? before->approval[k].until : USEC_NONE;
}

enum approval_kind gate_approval_of(const struct act *act)
{
    return gate_kind_of(act);
}

void gate_receiver_of(const struct act *act, const struct case_snap *before, const struct case_snap *after,
                      struct gate_receiver *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (act->action == ACT_TRANSFER && act->assignee)
        ret->account = act->assignee->account;
    else if (act->action == ACT_DISPATCH || act->action == ACT_TRANSFER || act->action == ACT_WHISTLE)
        ret->organ_id = act->organ_id;
    else if (act->action == ACT_REWORK)
        ret->organ_id = after->organ_id;
    else if (act->action == ACT_SIGN)
        ret->account = after->handler;
    else if (act->action == ACT_REFUSE && before)
        ret->account = before->reporter;
}
