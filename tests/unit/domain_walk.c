/* SPDX-License-Identifier: MIT */
/* A random walk of 100,000 requests through the gate: whatever is asked, by whomever, the invariants of a case hold. */
#include <stdio.h>
#include <string.h>

#include "domain_fixture.h"

enum { STEPS = 100000, STEPS_PER_CASE = 60 };

struct walk {
    struct fx f;
    uint64_t seed;
    struct state_triple triples[STATE_TABLE_MAX_TRIPLES];
    size_t ntriples;
    bool taken[STATE_TABLE_MAX_TRIPLES];
    int accepted, refused;
    bool rule_seen[GUARD_COUNT];
};

static unsigned roll(struct walk *w, unsigned n)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w->seed >> 33) % n;
}

static void check_clock(const struct case_snap *c, const struct case_clock *k)
{
    ck_assert_int_ge(k->consumed_s, 0);
    if (k->running_since == USEC_NONE)
        ck_assert_int_eq(k->due_at, USEC_NONE);
    else
        ck_assert_int_eq(k->due_at != USEC_NONE, k->limit_s > 0);
    ck_assert_int_le(k->running_since, c->last_event_at);
}

static void check_case(struct walk *w)
{
    const struct case_snap *c = &w->f.snap;
    bool stage = c->stage.running_since != USEC_NONE, handle = c->handle.running_since != USEC_NONE;
    check_clock(c, &c->stage);
    check_clock(c, &c->handle);
    ck_assert(!(stage && handle));
    int running = stage ? (int)c->stage.kind : handle ? (int)c->handle.kind : CLOCK_NONE;
    ck_assert_msg(running == case_state_clock(c->state), "the clock %d runs in %s", running, case_state_name(c->state));
    ck_assert_int_eq(c->due_at, stage ? c->stage.due_at : handle ? c->handle.due_at : USEC_NONE);

    ck_assert(c->state > STATE_NONE && c->state < STATE_COUNT);
    ck_assert_int_eq(c->prev_state != STATE_NONE, c->state == STATE_VOIDED || c->state == STATE_MERGED);
    ck_assert_int_eq(!uuid_is_nil(&c->merged_into), c->state == STATE_MERGED);
    bool closed = c->state == STATE_CLOSED || c->state == STATE_ARCHIVED;
    ck_assert_int_eq(c->closed_at != USEC_NONE, closed);
    ck_assert_int_eq(!uuid_is_nil(&c->closer), closed);
    if (closed || c->state == STATE_NOT_ACCEPTED || c->state == STATE_VOIDED)
        ck_assert(uuid_is_nil(&c->void_requested_by));
    if (c->state == STATE_DISPATCHED || c->state == STATE_HANDLING || c->state == STATE_SUSPENDED || c->state == STATE_FEEDBACK)
        ck_assert_int_ne(c->organ_id, 0);
    if (c->state == STATE_HANDLING || c->state == STATE_FEEDBACK || c->state == STATE_FIELD_CHECK)
        ck_assert(!uuid_is_nil(&c->handler));

    /* Handler, checker and closer are three persons. */
    if (!uuid_is_nil(&c->checker))
        ck_assert(!uuid_equal(&c->checker, &c->handler) && !uuid_equal(&c->checker, &c->feeder));
    if (closed && !case_has(c, CASE_SELF_CLOSED))
        ck_assert(!uuid_equal(&c->closer, &c->handler) && !uuid_equal(&c->closer, &c->feeder) &&
                  !uuid_equal(&c->closer, &c->checker));
    if (c->state == STATE_CLOSED && !case_has(c, CASE_SELF_CLOSED | CASE_FORCED) && !uuid_is_nil(&c->feeder) &&
        c->feedback_at != USEC_NONE && w->f.act.action == ACT_CLOSE)
        ck_assert(case_has(c, CASE_CHECK_PASSED) || c->category_id == CAT_WAIVED || c->category_id == CAT_RECORD);

    ck_assert_int_le(c->return_count, 2);
    ck_assert_int_le(c->suspend_count, 1);
    ck_assert_int_eq(c->round, c->reopen_count + 1);
    ck_assert(c->level >= 1 && c->level <= 4);
    ck_assert(c->n_co >= 0 && c->n_co <= CASE_MAX_CO_ORGANS);
    for (int i = 0; i < c->n_co; i++)
        ck_assert_int_ne(c->co[i].organ_id, c->organ_id);
    ck_assert(!uuid_is_nil(&c->reporter));
}

static void check_measures(struct walk *w)
{
    const int64_t *m = w->f.cells;
    int8_t stock[MEASURE_COUNT];
    measure_stock(&w->f.snap, stock);
    for (int i = 0; i < MEASURE_COUNT; i++) {
        ck_assert(stock[i] == 0 || stock[i] == 1);
        if (!measure_is_flow((enum measure)i))
            ck_assert_msg(m[i] == stock[i], "%s: cells say %lld, the case %d", measure_name((enum measure)i), (long long)m[i],
                          stock[i]);
        else
            ck_assert_int_ge(m[i], 0);
        if (!case_has(&w->f.snap, CASE_COUNTED))
            ck_assert_int_eq(stock[i], 0);
    }
    if (!case_has(&w->f.snap, CASE_COUNTED))
        return;
    int64_t undecided =
        !case_has(&w->f.snap, CASE_ACCEPTED_EVER) && (w->f.snap.state == STATE_REPORTED || w->f.snap.state == STATE_FACT_CHECK);
    ck_assert_int_eq(m[MEASURE_REPORTED],
                     m[MEASURE_VALID] + m[MEASURE_REFUSED] + m[MEASURE_VOIDED] + m[MEASURE_MERGED] + undecided);
    ck_assert_int_eq(m[MEASURE_CLOSED], m[MEASURE_ON_TIME] + m[MEASURE_LATE] + m[MEASURE_NO_DEADLINE]);
    ck_assert_int_le(m[MEASURE_SELF_CLOSED], m[MEASURE_CLOSED]);
    ck_assert_int_le(m[MEASURE_CLOSED], m[MEASURE_VALID]);
    ck_assert_int_le(m[MEASURE_ACCEPTED], 1);
}

static void check_step(struct walk *w, bool existed, enum who who)
{
    const struct case_snap *before = &w->f.before, *after = &w->f.snap;
    ck_assert_int_eq(after->version, existed ? before->version + 1 : 1);
    enum case_state from = existed ? before->state : STATE_NONE;
    bool found = false;
    for (size_t i = 0; i < w->ntriples; i++) {
        const struct state_triple *t = &w->triples[i];
        if (t->from == from && t->action == w->f.act.action && t->to == after->state)
            found = w->taken[i] = true;
    }
    ck_assert_msg(found, "%s led from %s to %s", action_name(w->f.act.action), case_state_name(from),
                  case_state_name(after->state));
    ck_assert(w->f.who[who].is_server || !policy_is_admin(w->f.who[who].role));
    if (!existed)
        return;
    ck_assert_int_eq(after->grid, before->grid);
    ck_assert_int_eq(after->reported_at, before->reported_at);
    ck_assert_int_ge(after->last_event_at, before->last_event_at);
    ck_assert_int_eq(after->flags & CASE_ACCEPTED_EVER & before->flags, before->flags & CASE_ACCEPTED_EVER);
}

/* True if the walk has not taken this step yet. */
static bool is_new(const struct walk *w, const struct gate_option *o)
{
    for (size_t i = 0; i < w->ntriples; i++)
        if (w->triples[i].from == w->f.snap.state && w->triples[i].action == o->action && w->triples[i].to == o->to_state)
            return !w->taken[i];
    return false;
}

/* The straight way; what leads off it is always at hand, and the walk should get far before it takes that. */
static bool is_forward(enum action a)
{
    static const enum action way[] = {
        ACT_ANSWER_FACT_CHECK,  ACT_ACCEPT, ACT_DISPATCH, ACT_SIGN, ACT_RESUME, ACT_FEED_BACK, ACT_ORDER_FIELD_CHECK,
        ACT_ANSWER_FIELD_CHECK, ACT_CLOSE,  ACT_RESTORE,  ACT_SPLIT};
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
        if (way[i] == a)
            return true;
    return false;
}

/* Mostly something that is allowed, else anything. Sometimes one thing about it is wrong. */
static enum who choose(struct walk *w)
{
    struct fx *f = &w->f;
    enum who who = (enum who)roll(w, WHO_COUNT);
    enum action a = (enum action)roll(w, ACT_COUNT + 1);
    struct gate_option o[ACT_COUNT];
    bool odd = !roll(w, 8);
    for (int i = 0; i < 12 && f->exists && roll(w, 12); i++) {
        who = (enum who)roll(w, WHO_COUNT);
        size_t n = gate_allowed(&f->env, &f->who[who], &f->snap, o, ACT_COUNT);
        if (!n)
            continue;
        const struct gate_option *pick = &o[roll(w, (unsigned)n)];
        for (size_t k = 0; k < n; k++)
            if (is_new(w, &o[k]))
                pick = &o[k];
        a = pick->action;
        if (is_forward(a) || is_new(w, pick) || !roll(w, 8))
            break;
    }
    /* Something the state and the role would allow, whatever the guards say. */
    size_t nrules;
    const struct state_rule *rules = state_table(&nrules);
    for (int i = 0; i < 200 && f->exists && odd; i++) {
        const struct state_rule *r = &rules[roll(w, (unsigned)nrules)];
        who = (enum who)roll(w, WHO_COUNT);
        a = r->action;
        if ((r->from & STATE_BIT(f->snap.state)) && (r->roles & ROLE_BIT(f->who[who].role)))
            break;
    }
    if (!f->exists && roll(w, 4)) {
        static const enum who reporters[] = {WHO_WORKER, WHO_WORKER_2, WHO_COMMUNITY, WHO_ACCEPTOR_TOWN, WHO_INTEGRATION};
        who = reporters[roll(w, 5)];
        a = roll(w, 5) ? ACT_SUBMIT : ACT_SETTLE;
    }
    fx_prepare(f, a);
    f->act.check_result = (enum check_result)roll(w, CHECK_COUNT);
    if (!roll(w, 3))
        f->act.organ_id = (int32_t)roll(w, 7);
    if (!f->exists) {
        f->act.category_id = (int16_t)roll(w, 6);
        f->act.urgency = (enum urgency)roll(w, URGENCY_COUNT);
        f->act.grid = roll(w, 9) ? GRID_1 : roll(w, 2) ? GRID_OLD : GRID_OTHER;
    } else if (!roll(w, 4)) {
        f->act.category_id = (int16_t)roll(w, 6);
    }
    f->act.n_co = roll(w, 3) ? 0 : (int)roll(w, 3);
    for (int i = 0; i < f->act.n_co; i++)
        f->act.co_organ_ids[i] = i == 0 && roll(w, 3) ? ORGAN_WATER : (int32_t)roll(w, 7);
    f->act.has_merged = !roll(w, 10);
    f->act.until = f->env.now + (usec_t)roll(w, 40 * 86400) * USEC_PER_SEC;
    switch (roll(w, 24)) {
    case 0:
        f->act.expected_version--;
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
    default:
        break;
    }
    return who;
}

/* Now and then an account changes its role: only then could one person stand on two sides of a case. */
static void change_roles(struct walk *w)
{
    struct fx *f = &w->f;
    static const enum who movers[] = {WHO_HANDLER, WHO_WORKER_2, WHO_ACCEPTOR, WHO_CHIEF, WHO_LEAD, WHO_DISPATCHER};
    struct actor *a = &f->who[movers[roll(w, 6)]], *b = &f->who[movers[roll(w, 6)]];
    struct uuid account = a->account;
    a->account = b->account;
    b->account = account;
}

START_TEST(holds_the_invariants)
{
    struct walk *w = calloc(1, sizeof(*w));
    w->seed = 20210917;
    w->ntriples = state_table_triples(w->triples, STATE_TABLE_MAX_TRIPLES);
    fx_init(&w->f);
    for (int step = 0; step < STEPS; step++) {
        if (step % STEPS_PER_CASE == 0)
            fx_reset(&w->f, fx_friday(9, 0) + (usec_t)roll(w, 300 * 86400) * USEC_PER_SEC);
        w->f.env.now += (usec_t)roll(w, roll(w, 5) ? 7200 : 12 * 86400) * USEC_PER_SEC;
        if (!roll(w, 20))
            change_roles(w);
        bool existed = w->f.exists;
        enum who who = choose(w);
        struct case_snap was = w->f.snap;
        if (fx_send(&w->f, who)) {
            w->refused++;
            ck_assert_int_lt(w->f.why.guard, GUARD_COUNT);
            ck_assert_int_ne(w->f.why.code, ERR_INTERNAL);
            w->rule_seen[w->f.why.guard] = true;
            ck_assert_mem_eq(&was, &w->f.snap, sizeof(was));
            continue;
        }
        w->accepted++;
        check_step(w, existed, who);
        if (w->f.act.action != ACT_SUBMIT && w->f.act.action != ACT_SETTLE && w->f.act.action != ACT_NOTE)
            ck_assert_int_eq(w->f.act.expected_version, was.version);
        check_measures(w);
        check_case(w);
    }
    /* The walk went nearly everywhere: every action was taken and every state entered, nine in ten transitions, most guards.
     */
    uint64_t actions = 0;
    uint32_t states = 0;
    size_t walked = 0, rules_seen = 0;
    for (size_t i = 0; i < w->ntriples; i++) {
        actions |= w->taken[i] ? UINT64_C(1) << w->triples[i].action : 0;
        states |= w->taken[i] ? STATE_BIT(w->triples[i].to) : 0;
        walked += w->taken[i];
    }
    for (enum guard g = 0; g < GUARD_COUNT; g++)
        rules_seen += w->rule_seen[g];
    for (size_t i = 0; i < w->ntriples; i++)
        ck_assert_msg(actions & UINT64_C(1) << w->triples[i].action, "never walked: %s", action_name(w->triples[i].action));
    ck_assert_uint_eq(states, STATE_BIT(STATE_COUNT) - 1 - STATE_BIT(STATE_NONE));
    ck_assert_uint_gt(walked * 10, w->ntriples * 9);
    ck_assert_uint_gt(rules_seen * 10, (size_t)GUARD_COUNT * 7);
    ck_assert_int_gt(w->accepted, STEPS / 5);
    ck_assert_int_gt(w->refused, STEPS / 5);
    fx_fini(&w->f);
    free(w);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain walk");
    TCase *t = tcase_create("walk");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, holds_the_invariants);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
