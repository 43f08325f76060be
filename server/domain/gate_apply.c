/* SPDX-License-Identifier: MIT */
/* What an action changes: state, people, counters, clocks. Everything was checked before. */
#include <string.h>

#include "server/domain/gate_impl.h"

static const struct uuid nobody;

static void set_flag(struct case_snap *c, enum case_flag f, bool on)
{
    c->flags = on ? c->flags | (uint32_t)f : c->flags & ~(uint32_t)f;
}

static enum time_unit unit_of(const struct gate_ctx *x, const struct case_snap *c)
{
    return x->rules->unit[c->urgency];
}

static void start_clock(const struct gate_ctx *x, struct case_snap *c, struct case_clock *k, enum clock_kind kind)
{
    struct gate_limit_query q = {.kind = kind, .category = x->category, .urgency = c->urgency, .grid = c->grid, .at = x->at};
    struct limit limit = gate_limit(directory_limits(x->env->dir), x->rules, &q);
    deadline_start(k, x->cal, kind, limit.unit, limit.limit_s, x->at);
    k->rule_id = limit.rule_id;
}

static void start_stage(const struct gate_ctx *x, struct case_snap *c, enum clock_kind kind)
{
    start_clock(x, c, &c->stage, kind);
}

static void start_handle(const struct gate_ctx *x, struct case_snap *c)
{
    start_clock(x, c, &c->handle, CLOCK_HANDLE);
    c->original_due_at = USEC_NONE;
}

/* Exactly the granted time, even where no working time lies at it. */
static void extend_handle(const struct gate_ctx *x, struct case_snap *c)
{
    struct case_clock *k = &c->handle;
    usec_t until = gate_granted_until(x) / USEC_PER_SEC * USEC_PER_SEC;
    if (k->running_since == USEC_NONE || k->limit_s <= 0)
        return;
    if (c->original_due_at == USEC_NONE)
        c->original_due_at = k->due_at;
    int64_t limit = k->consumed_s + deadline_between(x->cal, k->unit, k->running_since, until);
    k->limit_s = limit > INT32_MAX ? INT32_MAX : limit > k->limit_s ? (int32_t)limit : k->limit_s;
    k->due_at = until;
}

/* From the report to the end, and anew with every round. A case stored before this clock was known has none until then. */
static void move_overall(const struct gate_ctx *x, struct case_snap *c)
{
    if (!case_state_runs_overall(c->state))
        deadline_pause(&c->overall, x->cal, x->at);
    else if (!x->before || x->act->action == ACT_REOPEN)
        start_clock(x, c, &c->overall, CLOCK_OVERALL);
    else
        deadline_resume(&c->overall, x->cal, x->at);
}

/* The next of the two changes of a running clock's light after t; USEC_NONE if there is none. */
static usec_t next_light(const struct case_clock *k, const struct calendar *cal, usec_t t)
{
    struct deadline_lights l;
    deadline_lights(k, cal, &l);
    if (l.yellow_at != USEC_NONE && l.yellow_at > t && l.yellow_at < l.red_at)
        return l.yellow_at;
    return l.red_at != USEC_NONE && l.red_at > t ? l.red_at : USEC_NONE;
}

static usec_t earlier(usec_t a, usec_t b)
{
    return a == USEC_NONE || (b != USEC_NONE && b < a) ? b : a;
}

/* The to-state's clock goes on; one that was never started (an imported oddity, a lifted limit) starts. */
static void resume(const struct gate_ctx *x, struct case_snap *c)
{
    enum clock_kind kind = (enum clock_kind)case_state_clock(c->state);
    if (kind == CLOCK_NONE)
        return;
    if (kind == CLOCK_HANDLE) {
        if (c->handle.kind == CLOCK_HANDLE)
            deadline_resume(&c->handle, x->cal, x->at);
        else
            start_handle(x, c);
    } else if (c->stage.kind == kind) {
        deadline_resume(&c->stage, x->cal, x->at);
    } else {
        start_stage(x, c, kind);
    }
}

static void move_clocks(const struct gate_ctx *x, struct case_snap *c)
{
    if (x->rule->clocks != CLOCKS_KEEP && x->rule->clocks != CLOCKS_EXTEND) {
        deadline_pause(&c->stage, x->cal, x->at);
        deadline_pause(&c->handle, x->cal, x->at);
    }
    switch (x->rule->clocks) {
    case CLOCKS_KEEP:
    case CLOCKS_STOP:
        break;
    case CLOCKS_START:
        start_stage(x, c, (enum clock_kind)case_state_clock(c->state));
        break;
    case CLOCKS_HANDLE:
        if (x->before->organ_id == c->organ_id)
            resume(x, c);
        else
            start_handle(x, c);
        break;
    case CLOCKS_RESUME:
        resume(x, c);
        break;
    case CLOCKS_EXTEND:
        extend_handle(x, c);
        break;
    }
    move_overall(x, c);
    c->due_at = c->handle.running_since != USEC_NONE ? c->handle.due_at : c->stage.due_at;
    /* A step that moves no clock leaves the instant alone: whoever acts on lights may have advanced it, or not yet seen it. */
    if (!x->before || c->due_at != x->before->due_at || c->overall.due_at != x->before->overall.due_at) {
        const struct case_clock *k = c->handle.running_since != USEC_NONE ? &c->handle : &c->stage;
        c->next_light_at = earlier(next_light(k, x->cal, x->at), next_light(&c->overall, x->cal, x->at));
    }
}

static void count(const struct gate_ctx *x, struct case_snap *c)
{
    switch (x->rule->counter) {
    case COUNT_NONE:
        break;
    case COUNT_RETURN:
        c->return_count++;
        break;
    case COUNT_REWORK:
        c->rework_count++;
        break;
    case COUNT_REOPEN:
        c->reopen_count++;
        break;
    case COUNT_SUSPEND:
        c->suspend_count++;
        break;
    case COUNT_EXTEND:
        c->extend_count++;
        break;
    case COUNT_APPEAL:
        c->appeal_count++;
        break;
    case COUNTER_COUNT:
        break;
    }
}

static void clear_people(struct case_snap *c)
{
    c->handler = c->feeder = c->checker = c->closer = c->assignee = nobody;
    set_flag(c, CASE_CHECK_PASSED, false);
}

/* Whatever was fed back no longer stands. */
static void clear_feedback(struct case_snap *c)
{
    c->feedback_at = c->feedback_due_at = USEC_NONE;
    set_flag(c, CASE_LATE, false);
    set_flag(c, CASE_BACKDATED, false);
}

static void set_category(const struct gate_ctx *x, struct case_snap *c)
{
    c->category_id = x->category->id;
    set_flag(c, CASE_COUNTED, x->category->counted);
    set_flag(c, CASE_DISPUTE, category_is_dispute(x->category->code));
}

static void take_in(const struct gate_ctx *x, struct case_snap *c)
{
    c->id = x->act->case_id;
    c->grid = x->act->grid;
    c->urgency = x->act->urgency == URGENCY_NONE ? URGENCY_NORMAL : x->act->urgency;
    c->channel = x->act->channel;
    if (c->channel == CHANNEL_NONE)
        c->channel = x->who->role == ROLE_INTEGRATION ? CHANNEL_API : CHANNEL_GRID;
    c->level = 1;
    c->round = 1;
    c->reporter = x->who->account;
    c->source_id = x->who->source_id;
    c->reported_at = x->at;
    set_category(x, c);
    set_flag(c, CASE_IMPORTED, x->env->import);
    set_flag(c, CASE_CONFIDENTIAL, x->act->confidential);
}

static void take_co_organs(const struct gate_ctx *x, struct case_snap *c)
{
    for (int i = 0; i < CASE_MAX_CO_ORGANS; i++)
        c->co[i] = (struct case_co_organ){.reply_by = USEC_NONE};
    c->n_co = x->act->n_co;
    for (int i = 0; i < c->n_co; i++)
        c->co[i].organ_id = x->act->co_organ_ids[i];
}

static void remove_co_organ(struct case_snap *c, int at)
{
    for (int i = at; i + 1 < c->n_co; i++)
        c->co[i] = c->co[i + 1];
    c->co[--c->n_co] = (struct case_co_organ){.reply_by = USEC_NONE};
}

static void whistle(const struct gate_ctx *x, struct case_snap *c)
{
    usec_t by = x->act->until;
    if (by == USEC_NONE)
        by = deadline_add(x->cal, unit_of(x, c), x->at, x->rules->whistle_reply_s);
    c->co[c->n_co++] = (struct case_co_organ){.organ_id = x->act->organ_id, .reply_by = by};
}

static void transfer(const struct gate_ctx *x, struct case_snap *c)
{
    c->organ_id = x->act->organ_id;
    int helped = case_co_index(c, c->organ_id);
    if (helped >= 0)
        remove_co_organ(c, helped);
    clear_people(c);
    if (x->act->assignee)
        c->assignee = x->act->assignee->account;
}

static void ask(const struct gate_ctx *x, struct case_snap *c)
{
    const struct approval_rule *r = approval_rule(x->kind);
    struct case_approval *a = &c->approval[x->kind];
    /* The organ's lead need not endorse what he asks for himself. */
    bool endorsed = r->by_organ && x->who->role == r->endorser;
    approval_clear(a);
    a->step = endorsed ? STEP_ENDORSED : STEP_ASKED;
    a->asked_by = x->who->account;
    a->asked_role = x->who->role;
    a->asked_at = x->at;
    a->until = gate_granted_until(x);
}

static void decide_request(const struct gate_ctx *x, struct case_snap *c)
{
    struct case_approval *a = &c->approval[x->kind];
    if (x->act->action == ACT_ENDORSE) {
        a->step = STEP_ENDORSED;
        a->endorsed_by = x->who->account;
        a->endorsed_at = x->at;
    } else {
        approval_clear(a);
    }
}

static void lapse(const struct gate_ctx *x, struct case_snap *c)
{
    for (int i = 0; i < c->n_co; i++)
        if (!c->co[i].replied && c->co[i].reply_by != USEC_NONE && c->co[i].reply_by < x->at)
            c->co[i].lapsed = true;
}

static void urge(const struct gate_ctx *x, struct case_snap *c)
{
    if (x->act->card > c->card)
        c->card = x->act->card;
    if (c->urged_at == USEC_NONE)
        c->urged_at = x->at;
    if (x->act->until != USEC_NONE)
        c->reply_by = x->act->until;
}

static void answer_urge(struct case_snap *c)
{
    c->urged_at = c->reply_by = USEC_NONE;
}

/* What the action means beyond the state table. */
static void change(const struct gate_ctx *x, struct case_snap *c)
{
    enum action a = x->act->action;
    if (approval_asked_by_action(a) != APPROVAL_NONE)
        ask(x, c);
    else if (x->kind != APPROVAL_NONE)
        decide_request(x, c);
    if (a == ACT_SUBMIT || (a == ACT_SETTLE && !x->before))
        take_in(x, c);
    if (a == ACT_SETTLE) {
        set_flag(c, CASE_SELF_CLOSED, true);
        set_flag(c, CASE_ACCEPTED_EVER, true);
    } else if (a == ACT_ACCEPT) {
        set_flag(c, CASE_ACCEPTED_EVER, true);
        if (x->act->category_id)
            set_category(x, c);
    } else if (a == ACT_RECALL) {
        set_flag(c, CASE_RECALLED, true);
    } else if (a == ACT_ESCALATE) {
        c->level = x->act->level ? x->act->level : c->level + 1;
        clear_people(c);
    } else if (a == ACT_RETURN) {
        clear_people(c);
    } else if (a == ACT_DISPATCH) {
        c->organ_id = x->act->organ_id;
        take_co_organs(x, c);
        clear_people(c);
    } else if (a == ACT_TRANSFER) {
        transfer(x, c);
    } else if (a == ACT_WHISTLE) {
        whistle(x, c);
    } else if (a == ACT_CO_REPLY) {
        c->co[case_co_index(c, x->who->organ_id)].replied = true;
    } else if (a == ACT_SIGN) {
        c->handler = x->who->account;
        c->assignee = nobody;
    } else if (a == ACT_FEED_BACK) {
        c->feeder = x->who->account;
        c->feedback_at = x->at;
        c->feedback_due_at = c->handle.due_at;
        set_flag(c, CASE_FED_BACK_EVER, true);
        set_flag(c, CASE_LATE, deadline_is_late(&c->handle, x->cal, x->at));
        /* Offline entries keep their time; that only the claimed one kept the limit stands beside the figures. */
        set_flag(c, CASE_BACKDATED,
                 !x->env->import && !case_has(c, CASE_LATE) && deadline_is_late(&c->handle, x->cal, x->env->now));
    } else if (a == ACT_ANSWER_FIELD_CHECK) {
        c->checker = x->who->account;
        set_flag(c, CASE_CHECK_PASSED, x->act->check_result == CHECK_PASS);
    } else if (a == ACT_REWORK) {
        c->checker = nobody;
        set_flag(c, CASE_CHECK_PASSED, false);
        clear_feedback(c);
    } else if (a == ACT_SUSPEND) {
        c->suspended_until = gate_granted_until(x);
    } else if (a == ACT_RESUME) {
        c->suspended_until = USEC_NONE;
    } else if (a == ACT_FORCE_CLOSE) {
        set_flag(c, CASE_FORCED, true);
    } else if (a == ACT_REVISIT) {
        set_flag(c, CASE_REVISITED, true);
    } else if (a == ACT_GRANT_APPEAL) {
        set_flag(c, CASE_LATE_EXEMPT, true);
    } else if (a == ACT_CO_LAPSE) {
        lapse(x, c);
    } else if (a == ACT_URGE) {
        urge(x, c);
    } else if (a == ACT_URGE_REPLY) {
        answer_urge(c);
    } else if (a == ACT_RECLOCK) {
        c->stage = x->act->reclock->stage;
        c->handle = x->act->reclock->handle;
        c->overall = x->act->reclock->overall;
    } else if (a == ACT_MERGE) {
        c->merged_into = x->act->target->id;
    } else if (a == ACT_SPLIT) {
        c->merged_into = nobody;
    }
}

/* A new round: the old closing stays in the events. */
static void start_round(struct case_snap *c)
{
    c->round++;
    c->closed_at = USEC_NONE;
    clear_people(c);
    clear_feedback(c);
    set_flag(c, CASE_SELF_CLOSED, false);
    set_flag(c, CASE_FORCED, false);
    set_flag(c, CASE_SUCCESS, false);
    set_flag(c, CASE_REVISITED, false);
    set_flag(c, CASE_LATE_EXEMPT, false);
    c->appeal_count = 0;
    c->card = CARD_NONE;
    c->original_due_at = USEC_NONE;
    deadline_clear(&c->handle);
}

static void finish_round(const struct gate_ctx *x, struct case_snap *c)
{
    c->closed_at = x->at;
    c->closer = x->who->account;
    set_flag(c, CASE_SUCCESS,
             case_has(c, CASE_DISPUTE) && (x->act->action == ACT_CLOSE || x->act->action == ACT_SETTLE) &&
                 x->act->reason_code && strcmp(x->act->reason_code, "SUCCESS") == 0);
    c->suspended_until = USEC_NONE;
    answer_urge(c);
    /* Closed without a feedback: the closing itself is measured. */
    if (c->feedback_at == USEC_NONE)
        set_flag(c, CASE_LATE, deadline_is_late(&c->handle, x->cal, x->at));
}

void gate_apply(const struct gate_ctx *x, struct case_snap *after)
{
    struct case_snap c;
    if (x->before)
        c = *x->before;
    else
        case_snap_init(&c);
    enum case_state from = c.state;
    c.state = state_rule_target(x->rule, from, c.prev_state);
    c.version++;
    change(x, &c);
    count(x, &c);
    if (c.state == STATE_VOIDED || c.state == STATE_MERGED)
        c.prev_state = x->rule->to == TO_KEEP ? c.prev_state : from;
    else
        c.prev_state = STATE_NONE;
    if (x->act->action == ACT_REOPEN)
        start_round(&c);
    if (c.state == STATE_CLOSED && from != STATE_CLOSED)
        finish_round(x, &c);
    approval_keep_fitting(&c);
    move_clocks(x, &c);
    /* Organs that were asked to help from the start have as long as the lead. */
    for (int i = 0; x->act->action == ACT_DISPATCH && i < c.n_co; i++)
        c.co[i].reply_by = c.handle.due_at;
    if (x->act->action != ACT_NOTE || c.last_event_at == USEC_NONE)
        c.last_event_at = x->at;
    *after = c;
}
