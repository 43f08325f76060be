/* SPDX-License-Identifier: MIT */
/*
 * What the gate says to every role, from every region, organ and person, about every action in every state. Prints the names of
 * the rules ("OK" first) on one line and then one byte a cell, the rule's position, in the order of the loops below; matrix.py
 * holds them against a model of its own. Each case and request is made so that nothing but rights stands in the way.
 */
#include <stdio.h>

#include "server/domain/policy.h"
#include "domain_fixture.h"

enum { REPORTER = 1, HANDLER, CHECKER, ASKER, ENDORSER, STRANGER };

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

START_TEST(print_cells)
{
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
    struct fx f;
    fx_init(&f);
    fx_bring_to(&f, STATE_HANDLING);
    f.env.now += 60 * USEC_PER_SEC;
    const struct case_snap handled = f.snap;
    fputs("OK", stdout);
    for (enum guard g = GUARD_STATE; g < GUARD_COUNT; g++)
        printf(" %s", guard_name(g));
    putchar('\n');
    for (enum action action = ACT_SUBMIT; action < ACT_COUNT; action++)
        for (enum case_state state = STATE_NONE; state < STATE_COUNT; state++)
            for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
                f.exists = state != STATE_NONE;
                make_case(&f, &handled, state, action, levels[l]);
                fx_prepare(&f, action);
                f.act.n_evidence = 1;
                for (enum role role = ROLE_GRID_WORKER; role < ROLE_COUNT; role++)
                    for (size_t r = 0; r < sizeof regions / sizeof *regions; r++)
                        for (size_t o = 0; o < sizeof organs / sizeof *organs; o++)
                            for (size_t p = 0; p < sizeof persons / sizeof *persons; p++) {
                                const struct actor who = {.account = person(persons[p]),
                                                          .role = role,
                                                          .region = regions[r],
                                                          .organ_id = organs[o],
                                                          .name = "某人"};
                                struct case_snap after;
                                struct gate_refusal why = {0};
                                /* A lead assigns inside, a dispatcher to another; a third organ is called in. */
                                if (action == ACT_TRANSFER)
                                    f.act.organ_id = role == ROLE_ORGAN_LEAD ? ORGAN_URBAN : ORGAN_WATER;
                                if (action == ACT_WHISTLE)
                                    f.act.organ_id = ORGAN_CITY;
                                int rc = gate_decide(&f.env, &who, f.exists ? &f.snap : NULL, &f.act, &after, &why);
                                putchar(rc ? 1 + (int)why.guard : 0);
                            }
            }
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
