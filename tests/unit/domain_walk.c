/* SPDX-License-Identifier: MIT */
/*
 * A random walk of 100,000 requests through the gate, over a handful of cases at a time that can be merged into each other:
 * whatever is asked, by whomever, in whatever role, the invariants of a case hold after every step, and its history alone gives
 * the case. A control breaks snapshots on purpose and expects the invariants to notice.
 */
#include <stdio.h>
#include <string.h>

#include "domain_fixture.h"
#include "metric_holds.h"
#include "server/domain/clock_runs.h"

enum { STEPS = 100000, STEPS_PER_WORLD = 400, CASES = 4, MAX_EVENTS = STEPS_PER_WORLD };

/* What is stored of a step. */
struct event {
    enum action action;
    enum case_state from, to;
    enum check_result result;
    struct uuid actor;
    enum role role;
    usec_t at;
    int32_t organ_id;
    int level;
    enum approval_kind approval;
    enum card card;
    usec_t until;
    struct uuid target;
};

struct one {
    struct case_snap snap;
    bool exists;
    int64_t cells[MEASURE_COUNT];
    int n;
    struct event events[MAX_EVENTS];
};

struct walk {
    struct fx f;
    uint64_t seed;
    struct one cases[CASES];
    int at; /* the case of this step */
    struct state_triple triples[STATE_TABLE_MAX_TRIPLES];
    size_t ntriples;
    bool taken[STATE_TABLE_MAX_TRIPLES];
    int accepted, refused, refusals[GUARD_COUNT];
    int actions[ACT_COUNT];
    struct gate_reclock reclock;
};

static unsigned roll(struct walk *w, unsigned n)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w->seed >> 33) % n;
}

/* The invariants ------------------------------------------------------------------------------------------------------ */

static const char *broken_clock(const struct case_snap *c, const struct case_clock *k)
{
    HOLDS(k->consumed_s >= 0);
    HOLDS(k->limit_s >= 0);
    HOLDS((k->due_at != USEC_NONE) == (k->running_since != USEC_NONE && k->limit_s > 0));
    HOLDS(k->running_since == USEC_NONE || k->kind != CLOCK_NONE);
    HOLDS(k->running_since <= c->last_event_at);
    return NULL;
}

static bool same(const struct uuid *a, const struct uuid *b)
{
    return !uuid_is_nil(a) && uuid_equal(a, b);
}

static const char *broken_approvals(const struct case_snap *c)
{
    enum case_state live = case_live_state(c);
    HOLDS(c->approval[APPROVAL_NONE].step == STEP_NONE);
    HOLDS(!approval_is_pending(c, APPROVAL_EXTEND) || live == STATE_HANDLING);
    HOLDS(!approval_is_pending(c, APPROVAL_SUSPEND) || live == STATE_HANDLING);
    HOLDS(!approval_is_pending(c, APPROVAL_VOID) || (case_state_is_open(live) && c->state != STATE_VOIDED));
    HOLDS(!approval_is_pending(c, APPROVAL_APPEAL) || c->state == STATE_CLOSED);
    HOLDS(!approval_is_pending(c, APPROVAL_APPEAL) || (case_has(c, CASE_LATE) && c->appeal_count == 1));
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++) {
        const struct case_approval *a = &c->approval[k];
        if (a->step == STEP_NONE) {
            HOLDS(uuid_is_nil(&a->asked_by) && uuid_is_nil(&a->endorsed_by) && a->asked_at == USEC_NONE &&
                  a->until == USEC_NONE);
            continue;
        }
        HOLDS(!uuid_is_nil(&a->asked_by) && a->asked_at != USEC_NONE && a->asked_role != ROLE_NONE);
        HOLDS(!same(&a->asked_by, &a->endorsed_by));
        HOLDS(a->step == STEP_ENDORSED || uuid_is_nil(&a->endorsed_by));
        HOLDS((k == APPROVAL_EXTEND || k == APPROVAL_SUSPEND) == (a->until != USEC_NONE));
    }
    return NULL;
}

/* The first thing about a case that must not be; NULL if all is well. */
static const char *broken(const struct case_snap *c)
{
    bool stage = c->stage.running_since != USEC_NONE, handle = c->handle.running_since != USEC_NONE;
    const struct case_clock *clocks[] = {&c->stage, &c->handle, &c->overall};
    for (size_t i = 0; i < 3; i++) {
        const char *why = broken_clock(c, clocks[i]);
        if (why)
            return why;
    }
    HOLDS(c->version >= 1);
    HOLDS(c->state > STATE_NONE && c->state < STATE_COUNT);
    HOLDS(!(stage && handle));
    HOLDS((stage ? (int)c->stage.kind : handle ? (int)c->handle.kind : CLOCK_NONE) == case_state_clock(c->state));
    HOLDS((c->overall.running_since != USEC_NONE) == case_state_runs_overall(c->state));
    HOLDS(c->due_at == (stage ? c->stage.due_at : handle ? c->handle.due_at : USEC_NONE));
    HOLDS(c->original_due_at == USEC_NONE || c->extend_count > 0);
    HOLDS((c->prev_state != STATE_NONE) == (c->state == STATE_VOIDED || c->state == STATE_MERGED));
    HOLDS(!uuid_is_nil(&c->merged_into) == (c->state == STATE_MERGED));
    HOLDS(!uuid_equal(&c->merged_into, &c->id));
    bool closed = c->state == STATE_CLOSED || c->state == STATE_ARCHIVED;
    HOLDS((c->closed_at != USEC_NONE) == closed);
    HOLDS(!uuid_is_nil(&c->closer) == closed);
    HOLDS(!uuid_is_nil(&c->reporter));
    if (c->state == STATE_DISPATCHED || c->state == STATE_HANDLING || c->state == STATE_SUSPENDED || c->state == STATE_FEEDBACK)
        HOLDS(c->organ_id != 0);
    if (c->state == STATE_HANDLING || c->state == STATE_FEEDBACK || c->state == STATE_FIELD_CHECK)
        HOLDS(!uuid_is_nil(&c->handler));
    HOLDS((c->suspended_until != USEC_NONE) == (case_live_state(c) == STATE_SUSPENDED));

    /* Handler, checker and closer are three persons. */
    HOLDS(!same(&c->checker, &c->handler) && !same(&c->checker, &c->feeder));
    if (closed && !case_has(c, CASE_SELF_CLOSED))
        HOLDS(!same(&c->closer, &c->handler) && !same(&c->closer, &c->feeder) && !same(&c->closer, &c->checker));

    HOLDS(c->return_count <= 2);
    HOLDS(c->suspend_count <= 1);
    HOLDS(c->extend_count <= 2);
    HOLDS(c->appeal_count <= 1);
    HOLDS(c->round == c->reopen_count + 1);
    HOLDS(c->level >= 1 && c->level <= 4);
    HOLDS(!case_has(c, CASE_LATE_EXEMPT) || (case_has(c, CASE_LATE) && closed && c->appeal_count == 1));
    HOLDS(c->card >= CARD_NONE && c->card < CARD_COUNT);
    HOLDS(c->urged_at != USEC_NONE || c->reply_by == USEC_NONE);
    HOLDS(!closed || c->urged_at == USEC_NONE);
    HOLDS(c->n_co >= 0 && c->n_co <= CASE_MAX_CO_ORGANS);
    for (int i = 0; i < c->n_co; i++)
        HOLDS(c->co[i].organ_id != c->organ_id && case_co_index(c, c->co[i].organ_id) == i);
    return broken_approvals(c);
}

/* What one step may not do. */
static const char *broken_step(const struct walk *w, const struct case_snap *before, const struct case_snap *after,
                               const struct actor *who)
{
    const struct act *act = &w->f.act;
    const struct calendar *cal = directory_calendar(w->f.dir);
    enum action a = act->action;
    HOLDS(after->version == before->version + 1);
    HOLDS(after->grid == before->grid && after->reported_at == before->reported_at);
    HOLDS(uuid_equal(&after->id, &before->id) && uuid_equal(&after->reporter, &before->reporter));
    HOLDS(after->last_event_at >= before->last_event_at);
    HOLDS(!case_has(before, CASE_ACCEPTED_EVER) || case_has(after, CASE_ACCEPTED_EVER));
    HOLDS(before->state != STATE_ARCHIVED);
    HOLDS(a == ACT_NOTE || act->expected_version == before->version);
    HOLDS(after->level >= before->level);
    HOLDS(after->card >= before->card || a == ACT_REOPEN);
    HOLDS(a != ACT_CLOSE || case_has(before, CASE_CHECK_PASSED) || before->category_id == CAT_WAIVED ||
          before->category_id == CAT_RECORD);
    /* What a clock consumed is never taken back: only a new start begins at zero. */
    usec_t t = after->last_event_at;
    bool anew = a == ACT_REOPEN || (after->organ_id != before->organ_id);
    HOLDS(anew || deadline_consumed(&after->handle, cal, t) >= before->handle.consumed_s);
    HOLDS(a == ACT_REOPEN || deadline_consumed(&after->overall, cal, t) >= before->overall.consumed_s);
    HOLDS(a == ACT_REOPEN || after->overall.limit_s == before->overall.limit_s);
    HOLDS(a == ACT_EXTEND || anew || before->handle.kind == CLOCK_NONE || after->handle.limit_s == before->handle.limit_s);
    enum approval_kind k = approval_granted_by_action(a);
    if (a == ACT_ENDORSE)
        k = act->approval;
    if (k != APPROVAL_NONE) {
        HOLDS(approval_is_pending(before, k));
        HOLDS(!same(&before->approval[k].asked_by, &who->account));
        HOLDS(!same(&before->approval[k].endorsed_by, &who->account));
        HOLDS(a == ACT_ENDORSE || approval_awaits_grant(before, k));
    }
    return NULL;
}

static const char *broken_measures(const struct case_snap *c, const int64_t m[MEASURE_COUNT])
{
    int8_t stock[MEASURE_COUNT];
    measure_stock(c, stock);
    for (int i = 0; i < MEASURE_COUNT; i++) {
        HOLDS(stock[i] == 0 || stock[i] == 1);
        HOLDS(measure_is_flow((enum measure)i) ? m[i] >= 0 : m[i] == stock[i]);
        HOLDS(case_has(c, CASE_COUNTED) || stock[i] == 0);
    }
    if (!case_has(c, CASE_COUNTED))
        return NULL;
    int64_t undecided = !case_has(c, CASE_ACCEPTED_EVER) && (c->state == STATE_REPORTED || c->state == STATE_FACT_CHECK);
    HOLDS(m[MEASURE_REPORTED] == m[MEASURE_VALID] + m[MEASURE_REFUSED] + m[MEASURE_VOIDED] + m[MEASURE_MERGED] + undecided);
    HOLDS(m[MEASURE_CLOSED] == m[MEASURE_ON_TIME] + m[MEASURE_LATE] + m[MEASURE_NO_DEADLINE]);
    HOLDS(m[MEASURE_SELF_CLOSED] <= m[MEASURE_CLOSED]);
    HOLDS(m[MEASURE_CLOSED] <= m[MEASURE_VALID]);
    return metric_holds(c, m);
}

/* No chains and no circles: a lead is never merged itself. */
static const char *broken_links(const struct walk *w)
{
    for (int i = 0; i < CASES; i++)
        for (int k = 0; k < CASES; k++)
            if (w->cases[i].exists && w->cases[k].exists && same(&w->cases[i].snap.merged_into, &w->cases[k].snap.id))
                HOLDS(w->cases[k].snap.state != STATE_MERGED && i != k);
    return NULL;
}

/* The history ---------------------------------------------------------------------------------------------------------- */

static void retell_people(struct case_snap *c, const struct event *e)
{
    static const struct uuid nobody;
    bool over = e->action == ACT_ESCALATE || e->action == ACT_RETURN || e->action == ACT_DISPATCH ||
                e->action == ACT_TRANSFER || e->action == ACT_REOPEN;
    if (over)
        c->handler = c->feeder = nobody;
    if (over || e->action == ACT_REWORK)
        c->checker = nobody;
    if (e->action == ACT_SIGN)
        c->handler = e->actor;
    if (e->action == ACT_FEED_BACK)
        c->feeder = e->actor;
    if (e->action == ACT_ANSWER_FIELD_CHECK)
        c->checker = e->actor;
    if (e->action == ACT_FEED_BACK)
        c->feedback_at = e->at;
    else if (e->action == ACT_REWORK || e->action == ACT_REOPEN)
        c->feedback_at = USEC_NONE;
}

static void retell_requests(struct case_snap *c, const struct event *e)
{
    struct case_approval *a = &c->approval[e->approval];
    if (e->approval != APPROVAL_NONE && e->action == ACT_ENDORSE) {
        a->step = STEP_ENDORSED;
        a->endorsed_by = e->actor;
    } else if (e->approval != APPROVAL_NONE && (e->action == ACT_DECLINE || e->action == approval_rule(e->approval)->grant)) {
        approval_clear(a);
    } else if (e->approval != APPROVAL_NONE) {
        bool lead = e->role == ROLE_ORGAN_LEAD && (e->approval == APPROVAL_EXTEND || e->approval == APPROVAL_SUSPEND);
        approval_clear(a);
        a->step = lead ? STEP_ENDORSED : STEP_ASKED;
        a->asked_by = e->actor;
        a->asked_role = e->role;
        a->until = e->until;
    }
    enum case_state live = c->state == STATE_VOIDED || c->state == STATE_MERGED ? c->prev_state : c->state;
    if (live != STATE_HANDLING) {
        approval_clear(&c->approval[APPROVAL_EXTEND]);
        approval_clear(&c->approval[APPROVAL_SUSPEND]);
    }
    if (live > STATE_REFERRED || c->state == STATE_VOIDED)
        approval_clear(&c->approval[APPROVAL_VOID]);
    if (live != STATE_CLOSED)
        approval_clear(&c->approval[APPROVAL_APPEAL]);
}

/* What the stored events alone say about a case, told by other rules than the gate's: who, counters, dates, requests. */
static void retell(const struct event *events, int n, struct case_snap *c)
{
    case_snap_init(c);
    for (int i = 0; i < n; i++) {
        const struct event *e = &events[i];
        bool ends = e->to == STATE_CLOSED && e->from != STATE_CLOSED;
        if (e->to == STATE_VOIDED || e->to == STATE_MERGED)
            c->prev_state = e->from == e->to ? c->prev_state : e->from;
        else
            c->prev_state = STATE_NONE;
        c->state = e->to;
        c->version = i + 1;
        c->organ_id = e->organ_id;
        c->level = e->level;
        if (e->action != ACT_NOTE)
            c->last_event_at = e->at;
        c->return_count += e->action == ACT_RETURN;
        c->rework_count += e->action == ACT_REWORK;
        c->reopen_count += e->action == ACT_REOPEN;
        c->suspend_count += e->action == ACT_SUSPEND;
        c->extend_count += e->action == ACT_EXTEND;
        c->appeal_count = e->action == ACT_REOPEN ? 0 : c->appeal_count + (e->action == ACT_APPEAL);
        c->round = c->reopen_count + 1;
        retell_people(c, e);
        if (ends || e->action == ACT_REOPEN) {
            c->closed_at = ends ? e->at : USEC_NONE;
            c->closer = ends ? e->actor : (struct uuid){{0}};
        }
        if (e->action == ACT_MERGE || e->action == ACT_SPLIT)
            c->merged_into = e->action == ACT_MERGE ? e->target : (struct uuid){{0}};
        if (e->action == ACT_SUSPEND)
            c->suspended_until = e->until;
        else if (e->action == ACT_RESUME || ends)
            c->suspended_until = USEC_NONE;
        if (e->action == ACT_REOPEN)
            c->card = CARD_NONE;
        else if (e->card > c->card)
            c->card = e->card;
        if (e->action == ACT_URGE) {
            c->urged_at = c->urged_at == USEC_NONE ? e->at : c->urged_at;
            c->reply_by = e->until == USEC_NONE ? c->reply_by : e->until;
        } else if (e->action == ACT_URGE_REPLY || ends) {
            c->urged_at = c->reply_by = USEC_NONE;
        }
        retell_requests(c, e);
    }
}

static const char *broken_history(const struct one *o)
{
    const struct case_snap *c = &o->snap;
    struct case_snap t;
    retell(o->events, o->n, &t);
    HOLDS(o->events[0].from == STATE_NONE);
    for (int i = 1; i < o->n; i++)
        HOLDS(o->events[i].from == o->events[i - 1].to);
    HOLDS(t.version == c->version && t.state == c->state && t.prev_state == c->prev_state);
    HOLDS(t.organ_id == c->organ_id && t.level == c->level && t.round == c->round);
    HOLDS(t.return_count == c->return_count && t.rework_count == c->rework_count && t.reopen_count == c->reopen_count);
    HOLDS(t.suspend_count == c->suspend_count && t.extend_count == c->extend_count && t.appeal_count == c->appeal_count);
    HOLDS(uuid_equal(&t.handler, &c->handler) && uuid_equal(&t.feeder, &c->feeder) && uuid_equal(&t.checker, &c->checker));
    HOLDS(uuid_equal(&t.closer, &c->closer) && t.closed_at == c->closed_at && t.feedback_at == c->feedback_at);
    HOLDS(uuid_equal(&t.merged_into, &c->merged_into) && t.suspended_until == c->suspended_until);
    HOLDS(t.card == c->card && t.urged_at == c->urged_at && t.reply_by == c->reply_by);
    HOLDS(t.last_event_at == c->last_event_at);
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++) {
        const struct case_approval *a = &t.approval[k], *b = &c->approval[k];
        HOLDS(a->step == b->step && uuid_equal(&a->asked_by, &b->asked_by) && uuid_equal(&a->endorsed_by, &b->endorsed_by));
        HOLDS(a->until == b->until && a->asked_role == b->asked_role);
    }
    return NULL;
}

/* A history tells when its clocks ran. (Without the last step of a history the walk stops here at once.) */
static const char *broken_clock_runs(const struct fx *f, const struct one *o)
{
    static struct clock_step steps[MAX_EVENTS];
    for (int i = 0; i < o->n; i++) {
        const struct event *e = &o->events[i];
        steps[i] = (struct clock_step){e->action, e->from, e->to, e->result, e->at, e->organ_id};
    }
    return fx_broken_clock_runs(f, &o->snap, steps, (size_t)o->n);
}

/* The walk ------------------------------------------------------------------------------------------------------------- */

/* True if the walk has not taken this step yet. */
static bool is_new(const struct walk *w, const struct gate_option *o)
{
    for (size_t i = 0; i < w->ntriples; i++)
        if (w->triples[i].from == w->f.snap.state && w->triples[i].action == o->action && w->triples[i].to == o->to_state)
            return !w->taken[i];
    return false;
}

/* What leads off the way, or nowhere, is always at hand; the walk should get far before it takes that. */
static bool leads_off(enum action a)
{
    static const enum action off[] = {ACT_NOTE,        ACT_REQUEST_VOID, ACT_MERGE,  ACT_REFER,  ACT_ESCALATE,
                                      ACT_RECALL,      ACT_REFUSE,       ACT_URGE,   ACT_SETTLE, ACT_VOID,
                                      ACT_FORCE_CLOSE, ACT_WHISTLE,      ACT_ARCHIVE};
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        if (off[i] == a)
            return true;
    return false;
}

/* Mostly something that is allowed, else anything. */
static enum who choose_action(struct walk *w, enum action *ret)
{
    struct fx *f = &w->f;
    enum who who = (enum who)roll(w, WHO_COUNT);
    enum action a = (enum action)roll(w, ACT_COUNT + 1);
    struct gate_option o[ACT_COUNT];
    bool odd = !roll(w, 5);
    for (int i = 0; i < 40 && f->exists && !odd; i++) {
        enum who one = (enum who)roll(w, WHO_COUNT);
        size_t n = gate_allowed(&f->env, &f->who[one], &f->snap, o, ACT_COUNT);
        if (!n)
            continue;
        const struct gate_option *pick = &o[roll(w, (unsigned)n)];
        for (size_t k = 0; k < n; k++)
            if (is_new(w, &o[k]))
                pick = &o[k];
        if (pick->action == ACT_RECLOCK && roll(w, 50)) /* always possible: it would fill the walk */
            continue;
        who = one;
        a = pick->action;
        if (!leads_off(a) || is_new(w, pick) || !roll(w, 40))
            break;
    }
    /* Something the state and the role would allow, whatever the guards say. */
    size_t nrules;
    const struct state_rule *rules = state_table(&nrules);
    for (int i = 0; i < 200 && f->exists && odd && roll(w, 100); i++) {
        const struct state_rule *r = &rules[roll(w, (unsigned)nrules)];
        who = (enum who)roll(w, WHO_COUNT);
        a = r->action;
        if (!leads_off(a) && (r->from & STATE_BIT(f->snap.state)) && (r->roles & ROLE_BIT(f->who[who].role)))
            break;
    }
    if (!f->exists && roll(w, 4)) {
        static const enum who reporters[] = {WHO_WORKER, WHO_WORKER_2, WHO_COMMUNITY, WHO_ACCEPTOR_TOWN, WHO_INTEGRATION};
        who = reporters[roll(w, 5)];
        a = roll(w, 5) ? ACT_SUBMIT : ACT_SETTLE;
    }
    *ret = a;
    return who;
}

static void spoil(struct walk *w)
{
    struct fx *f = &w->f;
    switch (roll(w, 60)) {
    case 0:
        f->act.expected_version--;
        break;
    case 10:
        f->act.until = f->env.now - 1;
        break;
    case 1:
        f->act.text = NULL;
        break;
    case 2:
        f->act.reason_code = NULL;
        break;
    case 3:
        f->act.happened_at = f->env.now - (usec_t)roll(w, 60 * 86400) * USEC_PER_SEC;
        break;
    case 4:
        f->act.happened_at = f->env.now + (usec_t)roll(w, 600) * USEC_PER_SEC;
        break;
    case 5:
        f->lead.state = (enum case_state)roll(w, STATE_COUNT);
        break;
    case 6:
        f->act.target = NULL;
        break;
    case 7:
        f->act.check_result = (enum check_result)77;
        break;
    case 8:
        f->act.approval = (enum approval_kind)roll(w, APPROVAL_COUNT + 1);
        break;
    case 9:
        f->act.card = (enum card)roll(w, CARD_COUNT + 1);
        break;
    default:
        break;
    }
}

static enum who choose(struct walk *w)
{
    struct fx *f = &w->f;
    enum action a;
    enum who who = choose_action(w, &a);
    fx_prepare(f, a);
    f->act.check_result = roll(w, 3) ? CHECK_PASS : roll(w, 4) ? CHECK_FAIL : (enum check_result)roll(w, CHECK_COUNT);
    if (!roll(w, 3))
        f->act.organ_id = (int32_t)roll(w, 7);
    if (!f->exists) {
        f->act.case_id.bytes[15] = (uint8_t)(w->at + 1);
        f->act.category_id = (int16_t)roll(w, 7);
        f->act.urgency = (enum urgency)roll(w, URGENCY_COUNT);
        f->act.grid = roll(w, 9) ? GRID_1 : roll(w, 2) ? GRID_OLD : GRID_OTHER;
        f->act.confidential = !roll(w, 4);
    } else if (!roll(w, 4)) {
        f->act.category_id = (int16_t)roll(w, 7);
    }
    f->act.n_co = roll(w, 3) ? 0 : (int)roll(w, 3);
    for (int i = 0; i < f->act.n_co; i++)
        f->act.co_organ_ids[i] = i == 0 && roll(w, 3) ? ORGAN_WATER : (int32_t)roll(w, 7);
    /* Another case of the world to merge into, and whether anything was merged into this one. */
    const struct one *other = &w->cases[(w->at + 1 + (int)roll(w, CASES - 1)) % CASES];
    f->lead = other->snap;
    f->act.target = other->exists ? &f->lead : NULL;
    for (int i = 0; i < CASES; i++)
        f->act.has_merged |= w->cases[i].exists && f->exists && same(&w->cases[i].snap.merged_into, &f->snap.id);
    if (approval_granted_by_action(a) == APPROVAL_NONE || !roll(w, 4))
        f->act.until = f->env.now + (usec_t)roll(w, roll(w, 12) ? 40 * 86400 : 400 * 86400) * USEC_PER_SEC;
    if (!roll(w, 3))
        f->act.approval = (enum approval_kind)(1 + roll(w, APPROVAL_COUNT - 1));
    f->act.card = (enum card)roll(w, CARD_COUNT);
    f->act.level = roll(w, 3) ? 0 : (int)roll(w, 6);
    f->act.n_evidence = (int)roll(w, 2);
    if (a == ACT_RECLOCK && f->exists && roll(w, 9)) {
        w->reclock = (struct gate_reclock){f->snap.stage, f->snap.handle, f->snap.overall};
        f->act.reclock = &w->reclock;
    }
    spoil(w);
    return who;
}

/* Accounts change roles and people change organs: only then can one person stand on two sides of a case. */
static void change_roles(struct walk *w)
{
    struct fx *f = &w->f;
    static const enum who movers[] = {WHO_HANDLER, WHO_WORKER_2, WHO_ACCEPTOR, WHO_CHIEF, WHO_LEAD, WHO_DISPATCHER, WHO_WATER};
    struct actor *a = &f->who[movers[roll(w, 7)]], *b = &f->who[movers[roll(w, 7)]];
    struct uuid account = a->account;
    a->account = b->account;
    b->account = account;
    f->who[WHO_HANDLER].organ_id = roll(w, 3) ? ORGAN_URBAN : ORGAN_WATER;
    f->who[WHO_COMMUNITY].organ_id = roll(w, 2) ? ORGAN_URBAN : 0;
}

static void load(struct walk *w)
{
    const struct one *o = &w->cases[w->at];
    w->f.snap = o->snap;
    w->f.exists = o->exists;
    memcpy(w->f.cells, o->cells, sizeof(o->cells));
}

static void store(struct walk *w, enum who who, bool existed)
{
    struct one *o = &w->cases[w->at];
    const struct fx *f = &w->f;
    const struct case_snap *before = existed ? &o->snap : NULL;
    ck_assert_int_lt(o->n, MAX_EVENTS);
    o->events[o->n++] = (struct event){
        .action = f->act.action,
        .from = existed ? o->snap.state : STATE_NONE,
        .to = f->snap.state,
        .result = f->act.check_result,
        .actor = f->who[who].account,
        .role = f->who[who].role,
        .at = gate_happened_at(&f->act, &f->snap, f->env.now),
        .organ_id = f->snap.organ_id,
        .level = f->snap.level,
        .approval = gate_approval_of(&f->act),
        .card = f->act.action == ACT_URGE ? f->act.card : CARD_NONE,
        .until = gate_until_of(&f->act, before),
        .target = gate_target_of(&f->act, before),
    };
    o->snap = f->snap;
    o->exists = true;
    memcpy(o->cells, f->cells, sizeof(o->cells));
}

static void note_transition(struct walk *w, enum case_state from)
{
    bool found = false;
    for (size_t i = 0; i < w->ntriples; i++) {
        const struct state_triple *t = &w->triples[i];
        if (t->from == from && t->action == w->f.act.action && t->to == w->f.snap.state)
            found = w->taken[i] = true;
    }
    ck_assert_msg(found, "%s led from %s to %s", action_name(w->f.act.action), case_state_name(from),
                  case_state_name(w->f.snap.state));
}

static void must_hold(const struct walk *w, const char *why)
{
    ck_assert_msg(!why, "after %s of a case %s: %s", action_name(w->f.act.action), case_state_name(w->f.snap.state), why);
}

static void walk_step(struct walk *w)
{
    struct fx *f = &w->f;
    w->at = (int)roll(w, CASES);
    load(w);
    f->env.now += (usec_t)roll(w, roll(w, 20) ? 1200 : 6 * 86400) * USEC_PER_SEC;
    if (!roll(w, 6))
        change_roles(w);
    bool existed = f->exists;
    enum who who = choose(w);
    struct case_snap was = f->snap;
    if (fx_send(f, who)) {
        w->refused++;
        ck_assert_int_lt(f->why.guard, GUARD_COUNT);
        ck_assert_int_ne(f->why.code, ERR_INTERNAL);
        w->refusals[f->why.guard]++;
        ck_assert_mem_eq(&was, &f->snap, sizeof(was));
        return;
    }
    w->accepted++;
    w->actions[f->act.action]++;
    ck_assert(f->who[who].is_server || !policy_is_admin(f->who[who].role));
    note_transition(w, existed ? was.state : STATE_NONE);
    must_hold(w, existed ? broken_step(w, &was, &f->snap, &f->who[who]) : f->snap.version == 1 ? NULL : "version == 1");
    store(w, who, existed);
    must_hold(w, broken(&f->snap));
    must_hold(w, broken_measures(&f->snap, f->cells));
    must_hold(w, broken_links(w));
    must_hold(w, broken_history(&w->cases[w->at]));
    must_hold(w, broken_clock_runs(f, &w->cases[w->at]));
}

static void new_world(struct walk *w)
{
    memset(w->cases, 0, sizeof(w->cases));
    for (int i = 0; i < CASES; i++)
        case_snap_init(&w->cases[i].snap);
    fx_reset(&w->f, fx_friday(9, 0) + (usec_t)roll(w, 300 * 86400) * USEC_PER_SEC);
}

static void print_summary(const struct walk *w, size_t walked)
{
    printf("%d steps: %d taken, %d refused; %zu of %zu transitions walked\n", STEPS, w->accepted, w->refused, walked,
           w->ntriples);
    for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++)
        printf("  taken %-20s %d\n", action_name(a), w->actions[a]);
    for (enum guard g = 0; g < GUARD_COUNT; g++)
        printf("  refused by %-20s %d\n", guard_name(g), w->refusals[g]);
}

START_TEST(holds_the_invariants)
{
    struct walk *w = calloc(1, sizeof(*w));
    w->seed = 20210917;
    w->ntriples = state_table_triples(w->triples, STATE_TABLE_MAX_TRIPLES);
    fx_init(&w->f);
    for (int step = 0; step < STEPS; step++) {
        if (step % STEPS_PER_WORLD == 0)
            new_world(w);
        walk_step(w);
    }
    /* The walk went nearly everywhere: every action was taken and every state entered, nine in ten transitions, most guards. */
    uint32_t states = 0;
    size_t walked = 0, rules_seen = 0;
    for (size_t i = 0; i < w->ntriples; i++) {
        states |= w->taken[i] ? STATE_BIT(w->triples[i].to) : 0;
        walked += w->taken[i];
    }
    for (enum guard g = 0; g < GUARD_COUNT; g++)
        rules_seen += w->refusals[g] > 0;
    print_summary(w, walked);
    for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++)
        ck_assert_msg(w->actions[a] > 0, "never walked: %s", action_name(a));
    ck_assert_uint_eq(states, STATE_BIT(STATE_COUNT) - 1 - STATE_BIT(STATE_NONE));
    ck_assert_uint_gt(walked * 10, w->ntriples * 9);
    ck_assert_uint_gt(rules_seen * 10, (size_t)GUARD_COUNT * 8);
    ck_assert_int_gt(w->accepted, STEPS / 5);
    ck_assert_int_gt(w->refused, STEPS / 5);
    fx_fini(&w->f);
    free(w);
}
END_TEST

/* The control: what the invariants would say if the gate let something through. */
static void one_person(struct case_snap *c)
{
    c->checker = c->handler;
}
static void closer_handled(struct case_snap *c)
{
    c->closer = c->handler;
}
static void clock_in_the_end(struct case_snap *c)
{
    c->stage = (struct case_clock){.kind = CLOCK_CHECK, .running_since = c->last_event_at, .due_at = USEC_NONE};
}
static void two_clocks(struct case_snap *c)
{
    clock_in_the_end(c);
    c->stage.kind = CLOCK_HANDLE;
}
static void no_due(struct case_snap *c)
{
    c->handle.due_at = c->due_at = USEC_NONE;
}
static void stands_still(struct case_snap *c)
{
    c->overall.running_since = c->overall.due_at = USEC_NONE;
}
static void runs_on(struct case_snap *c)
{
    c->overall.running_since = c->last_event_at;
    c->overall.due_at = c->overall.limit_s ? c->last_event_at : USEC_NONE;
}
static void asks_in_the_end(struct case_snap *c)
{
    c->approval[APPROVAL_EXTEND] =
        (struct case_approval){.step = STEP_ASKED, .asked_by = c->handler, .asked_role = ROLE_HANDLER};
}
static void endorses_himself(struct case_snap *c)
{
    c->approval[APPROVAL_SUSPEND] = (struct case_approval){
        .step = STEP_ENDORSED, .asked_by = c->handler, .endorsed_by = c->handler, .asked_role = ROLE_HANDLER};
}
static void third_return(struct case_snap *c)
{
    c->return_count = 3;
}
static void third_extension(struct case_snap *c)
{
    c->extend_count = 3;
}
static void still_closed(struct case_snap *c)
{
    c->closed_at = c->last_event_at;
}
static void exempt_for_nothing(struct case_snap *c)
{
    c->flags |= CASE_LATE_EXEMPT;
}
static void into_itself(struct case_snap *c)
{
    c->merged_into = c->id;
}
static void lost_round(struct case_snap *c)
{
    c->round++;
}
static void nobody_handles(struct case_snap *c)
{
    c->handler = (struct uuid){{0}};
}
static void still_suspended(struct case_snap *c)
{
    c->suspended_until = c->last_event_at;
}

static const struct {
    const char *name;
    enum case_state state;
    void (*mutate)(struct case_snap *c);
} mutants[] = {
    {"the handler checked", STATE_HANDLING, one_person},
    {"the handler closed", STATE_CLOSED, closer_handled},
    {"a clock runs in an end", STATE_CLOSED, clock_in_the_end},
    {"two clocks run", STATE_HANDLING, two_clocks},
    {"a limit without a due time", STATE_HANDLING, no_due},
    {"the overall clock stands", STATE_FEEDBACK, stands_still},
    {"the overall clock runs on in suspension", STATE_SUSPENDED, runs_on},
    {"the overall clock runs on in an end", STATE_NOT_ACCEPTED, runs_on},
    {"an extension is asked for in an end", STATE_CLOSED, asks_in_the_end},
    {"the asker endorsed", STATE_HANDLING, endorses_himself},
    {"a third return", STATE_ACCEPTED, third_return},
    {"a third extension", STATE_HANDLING, third_extension},
    {"open with a closing", STATE_ACCEPTED, still_closed},
    {"exempt without an appeal", STATE_CLOSED, exempt_for_nothing},
    {"merged into itself", STATE_MERGED, into_itself},
    {"a round nobody opened", STATE_ACCEPTED, lost_round},
    {"handled by nobody", STATE_FEEDBACK, nobody_handles},
    {"suspended while handled", STATE_HANDLING, still_suspended},
};

START_TEST(notices_what_is_broken)
{
    struct fx f;
    fx_init(&f);
    fx_bring_to(&f, mutants[_i].state);
    ck_assert_msg(!broken(&f.snap), "%s: broken before", mutants[_i].name);
    mutants[_i].mutate(&f.snap);
    ck_assert_msg(broken(&f.snap), "%s: not noticed", mutants[_i].name);
    fx_fini(&f);
}
END_TEST

/* A history with an event missing, or one too many, does not give the case. */
START_TEST(notices_a_broken_history)
{
    struct walk *w = calloc(1, sizeof(*w));
    w->seed = 7;
    fx_init(&w->f);
    w->ntriples = state_table_triples(w->triples, STATE_TABLE_MAX_TRIPLES);
    new_world(w);
    while (w->cases[0].n < 6)
        walk_step(w);
    struct one *o = &w->cases[0];
    ck_assert(!broken_history(o));
    o->n--;
    ck_assert(broken_history(o));
    o->n++;
    struct event last = o->events[o->n - 1];
    o->events[o->n - 1].to = STATE_ARCHIVED;
    ck_assert(broken_history(o));
    o->events[o->n - 1] = last;
    o->events[o->n++] = last;
    ck_assert(broken_history(o));
    fx_fini(&w->f);
    free(w);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain walk");
    TCase *t = tcase_create("walk");
    tcase_set_timeout(t, 240);
    tcase_add_test(t, holds_the_invariants);
    tcase_add_loop_test(t, notices_what_is_broken, 0, (int)(sizeof(mutants) / sizeof(mutants[0])));
    tcase_add_test(t, notices_a_broken_history);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
