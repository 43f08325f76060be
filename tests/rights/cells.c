/* SPDX-License-Identifier: MIT */
/*
 * What the gate says to every role, from every region, organ, person and source, about every action in every state. Prints the
 * names of the rules ("OK" first, "HIDDEN" last) on one line and then one byte a cell, the rule's position, in the order of the
 * loops below; matrix.py holds them against a model of its own. Each case and request is made so that nothing but rights stands
 * in the way. Three parts: the gate alone; what is answered to somebody who first has to see the case; and, one byte each, who
 * sees the case (bit 0) and who is sent its events (bit 1).
 */
#include <stdio.h>

#include "server/domain/policy.h"
#include "server/feed/feed_batch.h"
#include "domain_fixture.h"

enum { REPORTER = 1, HANDLER, CHECKER, ASKER, ENDORSER, STRANGER };
enum { SOURCE_1 = 7, SOURCE_2 = 8, HIDDEN = GUARD_COUNT };

static const int64_t regions[] = {GRID_1,
                                  INT64_C(230604001001000),
                                  INT64_C(230604001000000),
                                  INT64_C(230604000000000),
                                  INT64_C(230600000000000),
                                  INT64_C(230604002000000),
                                  INT64_C(230602000000000)};
static const int32_t organs[] = {ORGAN_URBAN, ORGAN_WATER, ORGAN_ELSEWHERE};
static const int persons[] = {STRANGER, REPORTER, HANDLER, CHECKER, ASKER};
static const int levels[] = {1, 3};
/* The actor's source and the case's: the same; another; the case is from people; the actor has none. Also for people, who have
 * none: should a row ever say otherwise, it must change nothing for them. */
static const int32_t sources[][2] = {{SOURCE_1, SOURCE_1}, {SOURCE_1, SOURCE_2}, {SOURCE_1, 0}, {0, SOURCE_1}};
enum {
    N_REGIONS = sizeof regions / sizeof *regions,
    N_ORGANS = sizeof organs / sizeof *organs,
    N_PERSONS = sizeof persons / sizeof *persons,
    N_LEVELS = sizeof levels / sizeof *levels,
    N_SOURCES = sizeof sources / sizeof *sources,
    N_ACTORS = (ROLE_COUNT - 1) * N_REGIONS * N_ORGANS * N_PERSONS,
};

static struct uuid person(int n)
{
    return (struct uuid){.bytes = {0xee, [15] = (uint8_t)n}};
}

static void ask(struct case_snap *c, enum approval_kind kind, bool endorsed, usec_t now)
{
    c->approval[kind] = (struct case_approval){
        .step = endorsed ? STEP_ENDORSED : STEP_ASKED,
        .asked_by = person(ASKER),
        .asked_role = ROLE_HANDLER,
        .endorsed_by = endorsed ? person(ENDORSER) : (struct uuid){{0}},
        .asked_at = now,
        .endorsed_at = endorsed ? now : USEC_NONE,
        .until = now + INT64_C(20) * 86400 * USEC_PER_SEC,
    };
}

static void make_case(struct fx *f, const struct case_snap *handled, enum case_state state, enum action action, int level)
{
    struct case_snap *c = &f->snap;
    usec_t now = f->env.now;
    *c = *handled;
    c->state = state;
    c->prev_state = STATE_HANDLING;
    c->level = level;
    c->organ_id = ORGAN_URBAN;
    c->n_co = 1;
    c->co[0] = (struct case_co_organ){.organ_id = ORGAN_WATER, .reply_by = now - 60 * USEC_PER_SEC};
    c->reporter = person(REPORTER);
    c->handler = c->feeder = person(HANDLER);
    c->checker = person(CHECKER);
    c->flags = CASE_COUNTED | CASE_CHECK_PASSED | CASE_LATE;
    c->closed_at = c->urged_at = c->last_event_at;
    enum approval_kind granted = approval_granted_by_action(action);
    if (granted != APPROVAL_NONE)
        ask(c, granted, approval_rule(granted)->endorser != ROLE_NONE, now);
    else if (action == ACT_ENDORSE)
        ask(c, state == STATE_CLOSED ? APPROVAL_APPEAL : APPROVAL_EXTEND, false, now);
    else if (action == ACT_DECLINE)
        ask(c, state == STATE_CLOSED ? APPROVAL_APPEAL : APPROVAL_VOID, false, now);
}

/* The i-th actor, the person varying fastest, then the organ, the region, the role. */
static struct actor actor_at(int i)
{
    struct actor who = {.name = "某人"};
    who.account = person(persons[i % N_PERSONS]);
    i /= N_PERSONS;
    who.organ_id = organs[i % N_ORGANS];
    i /= N_ORGANS;
    who.region = regions[i % N_REGIONS];
    i /= N_REGIONS;
    who.role = (enum role)(ROLE_GRID_WORKER + i);
    return who;
}

static bool sees(const struct actor *who, const struct case_snap *c)
{
    struct policy_view view;
    policy_view_of(who, &view);
    return policy_sees(&view, c);
}

static int decide(struct fx *f, const struct actor *who)
{
    struct case_snap after;
    struct gate_refusal why = {0};
    /* A lead assigns inside, a dispatcher to another; a third organ is called in. */
    if (f->act.action == ACT_TRANSFER)
        f->act.organ_id = who->role == ROLE_ORGAN_LEAD ? ORGAN_URBAN : ORGAN_WATER;
    if (f->act.action == ACT_WHISTLE)
        f->act.organ_id = ORGAN_CITY;
    int rc = gate_decide(&f->env, who, f->exists ? &f->snap : NULL, &f->act, &after, &why);
    return rc ? 1 + (int)why.guard : 0;
}

static void print_actor(struct fx *f, int i, bool served)
{
    struct actor who = actor_at(i);
    if (!served) {
        putchar(decide(f, &who));
        return;
    }
    for (int s = 0; s < N_SOURCES; s++) {
        who.source_id = sources[s][0];
        f->snap.source_id = sources[s][1];
        putchar(f->exists && !sees(&who, &f->snap) ? 1 + HIDDEN : decide(f, &who));
    }
}

static void print_decisions(struct fx *f, const struct case_snap *handled, bool served)
{
    for (enum action action = ACT_SUBMIT; action < ACT_COUNT; action++)
        for (enum case_state state = STATE_NONE; state < STATE_COUNT; state++)
            for (int l = 0; l < N_LEVELS; l++) {
                f->exists = state != STATE_NONE;
                make_case(f, handled, state, action, levels[l]);
                fx_prepare(f, action);
                f->act.n_evidence = 1;
                for (int i = 0; i < N_ACTORS; i++)
                    print_actor(f, i, served);
            }
}

/* An event's words are copied from the case's row: who sees the case is sent what happens to it. */
static void print_sight(const struct case_snap *handled)
{
    for (int i = 0; i < N_ACTORS; i++) {
        struct actor who = actor_at(i);
        for (int s = 0; s < N_SOURCES; s++) {
            struct case_snap c = *handled;
            struct feed_filter filter = {.span = region_span_all()};
            who.source_id = sources[s][0];
            c.source_id = sources[s][1];
            policy_view_of(&who, &filter.view);
            struct feed_event ev = {.grid = c.grid,
                                    .organ_id = c.organ_id,
                                    .reporter = c.reporter,
                                    .source_id = c.source_id,
                                    .n_co = c.n_co,
                                    .co_organ_ids = {c.co[0].organ_id}};
            putchar((sees(&who, &c) ? 1 : 0) | (feed_filter_passes(&filter, &ev) ? 2 : 0));
        }
    }
}

START_TEST(print_cells)
{
    struct fx f;
    fx_init(&f);
    fx_bring_to(&f, STATE_HANDLING);
    f.env.now += 60 * USEC_PER_SEC;
    const struct case_snap handled = f.snap;
    fputs("OK", stdout);
    for (enum guard g = GUARD_STATE; g < GUARD_COUNT; g++)
        printf(" %s", guard_name(g));
    puts(" HIDDEN");
    print_decisions(&f, &handled, false);
    print_decisions(&f, &handled, true);
    make_case(&f, &handled, STATE_HANDLING, ACT_NOTE, 1);
    print_sight(&f.snap);
    fx_fini(&f);
}
END_TEST

/* The fixture asserts as the tests of the domain do, so it runs as one of them. */
int main(void)
{
    Suite *suite = suite_create("cells");
    TCase *t = tcase_create("cells");
    tcase_add_test(t, print_cells);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_SILENT);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed || fflush(stdout) != 0;
}
