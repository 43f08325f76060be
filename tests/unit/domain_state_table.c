/* SPDX-License-Identifier: MIT */
/* The model check: what the state table promises, proven over all its rows and every path through them. */
#include <stdio.h>
#include <string.h>

#include "domain_fixture.h"

#define BIT STATE_BIT

START_TEST(has_at_most_one_row_for_a_question)
{
    size_t n;
    const struct state_rule *r = state_table(&n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(i == 0 || r[i - 1].action <= r[i].action, "row %zu is out of order", i);
        for (size_t k = 0; k < i; k++) {
            if (r[k].action != r[i].action || !(r[k].from & r[i].from))
                continue;
            ck_assert_msg(r[k].when_result && r[i].when_result && r[k].when_result != r[i].when_result, "%s twice",
                          action_name(r[i].action));
        }
    }
}
END_TEST

START_TEST(names_every_row)
{
    size_t n;
    const struct state_rule *r = state_table(&n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_ptr_nonnull(r[i].name_zh);
        ck_assert_ptr_nonnull(r[i].name_en);
        ck_assert_uint_ne(r[i].from, 0);
        ck_assert_msg(r[i].roles != 0, "%s: nobody may", action_name(r[i].action));
        ck_assert_uint_eq(r[i].roles & (ROLE_BIT(ROLE_SYSTEM_ADMIN) | ROLE_BIT(ROLE_SECURITY_ADMIN) | ROLE_BIT(ROLE_AUDITOR)),
                          0);
        ck_assert_uint_eq(r[i].required & r[i].optional, 0);
        for (enum guard g = 0; g < GUARD_COUNT; g++)
            if (r[i].guards & GUARD_BIT(g))
                ck_assert_msg(g >= GUARD_ROW_FIRST, "%s names the general guard %s", action_name(r[i].action), guard_name(g));
    }
    for (enum guard g = 0; g < GUARD_COUNT; g++)
        ck_assert_str_ne(guard_name(g), "?");
    for (int i = 0; i < ACT_FIELD_COUNT; i++)
        ck_assert_str_ne(act_field_name((enum act_field)(1 << i)), "?");
    for (enum action a = ACT_NONE; a < ACT_COUNT; a++)
        ck_assert_str_ne(action_name(a), "?");
    for (enum case_state s = STATE_NONE; s < STATE_COUNT; s++)
        ck_assert(strcmp(case_state_name(s), "?") != 0 && strcmp(case_state_name_zh(s), "?") != 0);
    for (int e = 0; e < CLOCK_EFFECT_COUNT; e++)
        ck_assert_str_ne(clock_effect_text((enum clock_effect)e), "?");
    for (int k = 0; k < COUNTER_COUNT; k++)
        ck_assert_str_ne(counter_name((enum counter)k), "?");
    for (int k = 0; k < APPROVAL_COUNT; k++)
        ck_assert_str_ne(approval_name((enum approval_kind)k), "?");
    for (int k = 0; k < CARD_COUNT; k++)
        ck_assert_str_ne(card_name((enum card)k), "?");
    for (enum role x = ROLE_NONE; x < ROLE_COUNT; x++)
        ck_assert(strcmp(role_name(x), "?") != 0 && strcmp(role_name_zh(x), "?") != 0);
}
END_TEST

/* Every action of the contract has a row. */
START_TEST(has_a_row_for_every_action)
{
    size_t n;
    const struct state_rule *r = state_table(&n);
    for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++) {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found |= r[i].action == a;
        ck_assert_msg(found, "%s", action_name(a));
    }
}
END_TEST

/* States reachable from some set, over all transitions. */
static uint32_t reachable(uint32_t from, const struct state_triple *t, size_t n)
{
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t i = 0; i < n; i++) {
            if ((from & BIT(t[i].from)) && !(from & BIT(t[i].to))) {
                from |= BIT(t[i].to);
                grew = true;
            }
        }
    }
    return from;
}

START_TEST(reaches_every_state_and_always_an_end)
{
    struct state_triple t[STATE_TABLE_MAX_TRIPLES];
    size_t n = state_table_triples(t, STATE_TABLE_MAX_TRIPLES);
    ck_assert_uint_lt(n, STATE_TABLE_MAX_TRIPLES);
    uint32_t all = reachable(BIT(STATE_NONE), t, n);
    ck_assert_uint_eq(all, BIT(STATE_COUNT) - 1);
    const uint32_t ended =
        BIT(STATE_CLOSED) | BIT(STATE_ARCHIVED) | BIT(STATE_NOT_ACCEPTED) | BIT(STATE_VOIDED) | BIT(STATE_MERGED);
    for (enum case_state s = STATE_REPORTED; s <= STATE_REFERRED; s++) {
        ck_assert(case_state_is_open(s));
        uint32_t from_here = reachable(BIT(s), t, n);
        ck_assert_msg(from_here & ended, "no end can be reached from %s", case_state_name(s));
        ck_assert_msg(from_here & BIT(STATE_CLOSED), "%s can never be closed", case_state_name(s));
    }
    /* Nothing leaves the archive, and nothing returns to before the beginning. */
    ck_assert_uint_eq(reachable(BIT(STATE_ARCHIVED), t, n), BIT(STATE_ARCHIVED));
    for (size_t i = 0; i < n; i++)
        ck_assert(t[i].to != STATE_NONE && (t[i].from == STATE_NONE || t[i].from != STATE_ARCHIVED));
}
END_TEST

/* A step into a state makes that state's clock run and no other; ended states have none. */
START_TEST(leaves_no_clock_running_in_an_end)
{
    size_t n;
    const struct state_rule *r = state_table(&n);
    for (enum case_state s = STATE_CLOSED; s < STATE_COUNT; s++)
        ck_assert(case_state_clock(s) == CLOCK_NONE && !case_state_runs_overall(s));
    for (size_t i = 0; i < n; i++) {
        if (r[i].to == TO_PREVIOUS) {
            ck_assert_int_eq(r[i].clocks, CLOCKS_RESUME);
            continue;
        }
        for (enum case_state from = STATE_NONE; from < STATE_COUNT; from++) {
            if (!(r[i].from & BIT(from)))
                continue;
            enum case_state to = state_rule_target(&r[i], from, STATE_NONE);
            int was = case_state_clock(from), is = case_state_clock(to);
            if (r[i].clocks == CLOCKS_KEEP)
                ck_assert_msg(was == is, "%s from %s keeps the wrong clock", action_name(r[i].action), case_state_name(from));
            else if (r[i].clocks == CLOCKS_STOP)
                ck_assert_msg(is == CLOCK_NONE, "%s leaves %s without its clock", action_name(r[i].action),
                              case_state_name(to));
            else if (r[i].clocks == CLOCKS_HANDLE)
                ck_assert_int_eq(is, CLOCK_HANDLE);
            else if (r[i].clocks == CLOCKS_EXTEND)
                ck_assert(was == CLOCK_HANDLE && is == CLOCK_HANDLE);
            else
                ck_assert_msg(is != CLOCK_NONE, "%s starts a clock in %s", action_name(r[i].action), case_state_name(to));
        }
    }
}
END_TEST

/* The 28 actions of the manual, by the actions that make them up. */
START_TEST(knows_the_whole_life)
{
    static const struct {
        const char *name;
        enum action parts[6]; /* ends with ACT_NONE */
    } life[28] = {
        {"submit", {ACT_SUBMIT}},
        {"settle", {ACT_SETTLE}},
        {"recall", {ACT_RECALL}},
        {"fact check", {ACT_ORDER_FACT_CHECK, ACT_ANSWER_FACT_CHECK}},
        {"accept", {ACT_ACCEPT}},
        {"refuse", {ACT_REFUSE}},
        {"escalate", {ACT_ESCALATE}},
        {"dispatch", {ACT_DISPATCH}},
        {"whistle", {ACT_WHISTLE, ACT_CO_LAPSE}},
        {"sign for", {ACT_SIGN}},
        {"return", {ACT_RETURN}},
        {"transfer", {ACT_TRANSFER}},
        {"extend", {ACT_REQUEST_EXTEND, ACT_ENDORSE, ACT_DECLINE, ACT_EXTEND}},
        {"suspend", {ACT_REQUEST_SUSPEND, ACT_ENDORSE, ACT_DECLINE, ACT_SUSPEND, ACT_RESUME}},
        {"co-reply", {ACT_CO_REPLY}},
        {"feed back", {ACT_FEED_BACK}},
        {"field check", {ACT_ORDER_FIELD_CHECK, ACT_ANSWER_FIELD_CHECK}},
        {"rework", {ACT_REWORK}},
        {"close", {ACT_CLOSE}},
        {"forced close", {ACT_FORCE_CLOSE}},
        {"revisit", {ACT_REVISIT}},
        {"reopen", {ACT_REOPEN}},
        {"archive", {ACT_ARCHIVE}},
        {"void", {ACT_REQUEST_VOID, ACT_VOID, ACT_RESTORE}},
        {"merge", {ACT_MERGE, ACT_SPLIT}},
        {"refer", {ACT_REFER, ACT_RECEIPT}},
        {"urge", {ACT_URGE, ACT_URGE_REPLY}},
        {"appeal", {ACT_APPEAL, ACT_GRANT_APPEAL}},
    };
    struct state_triple t[STATE_TABLE_MAX_TRIPLES];
    size_t n = state_table_triples(t, STATE_TABLE_MAX_TRIPLES);
    uint64_t named = UINT64_C(1) << ACT_NOTE | UINT64_C(1) << ACT_RECLOCK;
    for (size_t i = 0; i < 28; i++) {
        for (size_t k = 0; k < 6 && life[i].parts[k]; k++) {
            bool found = false;
            for (size_t j = 0; j < n; j++)
                found |= t[j].action == life[i].parts[k];
            ck_assert_msg(found, "%s: %s has no row", life[i].name, action_name(life[i].parts[k]));
            named |= UINT64_C(1) << life[i].parts[k];
        }
    }
    /* Nothing beside them but notes and clocks counted again. */
    for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++)
        ck_assert_msg(named & UINT64_C(1) << a, "%s belongs to no action of the manual", action_name(a));
}
END_TEST

/* Each kind of approval can be asked for, decided and declined, by different roles, in the states it stands in. */
START_TEST(decides_every_approval)
{
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++) {
        const struct approval_rule *r = approval_rule(k);
        ck_assert_int_eq(approval_asked_by_action(r->ask), k);
        ck_assert_int_eq(approval_granted_by_action(r->grant), k);
        ck_assert_int_ne(r->endorser, r->granter);
        for (enum case_state s = STATE_REPORTED; s < STATE_COUNT; s++) {
            const struct state_rule *ask = state_table_find(r->ask, s, CHECK_NONE);
            const struct state_rule *grant = state_table_find(r->grant, s, CHECK_NONE);
            const struct state_rule *endorse = state_table_find(ACT_ENDORSE, s, CHECK_NONE);
            const struct state_rule *decline = state_table_find(ACT_DECLINE, s, CHECK_NONE);
            ck_assert_int_eq(ask != NULL, grant != NULL);
            if (!ask)
                continue;
            ck_assert(ask->guards & GUARD_BIT(GUARD_APPROVAL_PENDING));
            ck_assert_uint_eq(grant->roles, ROLE_BIT(r->granter));
            ck_assert(grant->guards & GUARD_BIT(GUARD_APPROVAL_NONE) && grant->guards & GUARD_BIT(GUARD_APPROVAL_STEP) &&
                      grant->guards & GUARD_BIT(GUARD_APPROVAL_BY_ASKER));
            ck_assert(decline && (decline->roles & ROLE_BIT(r->granter)) && (decline->roles & ask->roles) == ask->roles);
            ck_assert(decline->required & FIELD_TEXT);
            if (r->endorser != ROLE_NONE)
                ck_assert(endorse && endorse->roles == ROLE_BIT(r->endorser) && (decline->roles & endorse->roles));
        }
    }
    ck_assert_ptr_null(approval_rule(APPROVAL_NONE));
    ck_assert_ptr_null(approval_rule(APPROVAL_COUNT));
}
END_TEST

START_TEST(finds_rows_by_answer)
{
    ck_assert_int_eq(state_table_find(ACT_RECEIPT, STATE_REFERRED, CHECK_PASS)->to, STATE_CLOSED);
    ck_assert_int_eq(state_table_find(ACT_RECEIPT, STATE_REFERRED, CHECK_FAIL)->to, STATE_ACCEPTED);
    ck_assert_ptr_null(state_table_find(ACT_RECEIPT, STATE_REFERRED, CHECK_UNABLE));
    ck_assert_ptr_nonnull(state_table_find(ACT_RECEIPT, STATE_REFERRED, CHECK_NONE));
    ck_assert_ptr_null(state_table_find(ACT_SIGN, STATE_CLOSED, CHECK_NONE));
    ck_assert_ptr_null(state_table_find(ACT_SIGN, (enum case_state)77, CHECK_NONE));
    ck_assert_ptr_null(state_table_find(ACT_RESTORE, STATE_HANDLING, CHECK_NONE));
}
END_TEST

/* The database checks every event by a list of transitions: it must be this table's. */
START_TEST(agrees_with_the_database)
{
    struct state_triple t[STATE_TABLE_MAX_TRIPLES];
    size_t n = state_table_triples(t, STATE_TABLE_MAX_TRIPLES), listed = 0;
    FILE *file = fopen(SCHEMA_SQL, "rb");
    ck_assert_ptr_nonnull(file);
    char *line = NULL, *list = NULL;
    size_t size = 0;
    while (!list && getline(&line, &size, file) > 0)
        if (strstr(line, "case_event_transition_check"))
            list = strstr(line, "ARRAY[");
    ck_assert_msg(list, "schema.sql has no list of transitions");
    for (char *p = list + strlen("ARRAY["); *p && *p != ']'; listed++) {
        char *end;
        long key = strtol(p, &end, 10);
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found |= t[i].from * 10000 + t[i].action * 100 + (int)t[i].to == key;
        ck_assert_msg(found && end > p, "the database also knows %ld", key);
        p = end + strspn(end, ", ");
    }
    ck_assert_uint_eq(listed, n);
    free(line);
    fclose(file);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain state table");
    TCase *t = tcase_create("model");
    tcase_add_test(t, has_at_most_one_row_for_a_question);
    tcase_add_test(t, names_every_row);
    tcase_add_test(t, has_a_row_for_every_action);
    tcase_add_test(t, reaches_every_state_and_always_an_end);
    tcase_add_test(t, leaves_no_clock_running_in_an_end);
    tcase_add_test(t, knows_the_whole_life);
    tcase_add_test(t, decides_every_approval);
    tcase_add_test(t, finds_rows_by_answer);
    tcase_add_test(t, agrees_with_the_database);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
