/* SPDX-License-Identifier: MIT */
/* The table of notices: which event tells whom, and whom not. */
#include <check.h>
#include <string.h>

#include "server/domain/notice.h"
#include "server/domain/state_table.h"

enum { LEAD_ORGAN = 7, CO_1 = 8, CO_2 = 9, CALLED_IN = 10 };

static struct uuid person(uint8_t n)
{
    struct uuid u = {.bytes = {[0] = 1, [15] = n}};
    return u;
}
#define ACTOR    person(1)
#define REPORTER person(2)
#define ASKER    person(3)

static struct notice_event event(enum action a)
{
    return (struct notice_event){
        .action = a,
        .from_state = STATE_HANDLING,
        .to_state = STATE_HANDLING,
        .case_level = 3,
        .organ_id = LEAD_ORGAN,
        .receiver_id = CALLED_IN,
        .n_co = 2,
        .co_organ_ids = {CO_1, CO_2},
        .actor = ACTOR,
        .actor_role = ROLE_HANDLER,
        .reporter = REPORTER,
        .asker = ASKER,
        .asker_role = ROLE_HANDLER,
    };
}

enum { NOBODY, ORGAN, ALL_ORGANS, CALLED, ASKED, LEVEL, GRID, TOLD_REPORTERS };

static const struct {
    enum action action;
    enum notice_kind kind;
    int to;
    uint32_t roles;
    enum action asked_by;
    enum approval_kind approval;
} table[] = {
    {ACT_SUBMIT, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_SETTLE, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_RECALL, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_ACCEPT, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_SIGN, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_REVISIT, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_ARCHIVE, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_SPLIT, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_REFER, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_NOTE, NOTICE_NONE, NOBODY, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_ORDER_FACT_CHECK, NOTICE_ASSIGNED, GRID, ROLE_BIT(ROLE_GRID_WORKER), ACT_NONE, APPROVAL_NONE},
    {ACT_ORDER_FIELD_CHECK, NOTICE_ASSIGNED, GRID, ROLE_BIT(ROLE_GRID_WORKER), ACT_NONE, APPROVAL_NONE},
    {ACT_ANSWER_FACT_CHECK, NOTICE_ANSWERED, ASKED, 0, ACT_ORDER_FACT_CHECK, APPROVAL_NONE},
    {ACT_ANSWER_FIELD_CHECK, NOTICE_ANSWERED, ASKED, 0, ACT_ORDER_FIELD_CHECK, APPROVAL_NONE},
    {ACT_ESCALATE, NOTICE_ASSIGNED, LEVEL, ROLE_BIT(ROLE_ACCEPTOR), ACT_NONE, APPROVAL_NONE},
    {ACT_DISPATCH, NOTICE_ASSIGNED, ALL_ORGANS, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_WHISTLE, NOTICE_ASSIGNED, CALLED, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_RETURN, NOTICE_ASSIGNED, LEVEL, ROLE_BIT(ROLE_DISPATCHER), ACT_NONE, APPROVAL_NONE},
    {ACT_TRANSFER, NOTICE_ASSIGNED, ORGAN, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_REWORK, NOTICE_ASSIGNED, ORGAN, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_RESUME, NOTICE_ASSIGNED, ORGAN, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_CO_REPLY, NOTICE_ANSWERED, ORGAN, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_CO_LAPSE, NOTICE_ANSWERED, ORGAN, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_FEED_BACK, NOTICE_ANSWERED, LEVEL, ROLE_BIT(ROLE_ACCEPTOR) | ROLE_BIT(ROLE_DISPATCHER), ACT_NONE, APPROVAL_NONE},
    {ACT_URGE, NOTICE_URGED, ORGAN, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_URGE_REPLY, NOTICE_ANSWERED, ASKED, 0, ACT_URGE, APPROVAL_NONE},
    {ACT_REQUEST_EXTEND, NOTICE_APPROVAL, ORGAN, ROLE_BIT(ROLE_ORGAN_LEAD), ACT_NONE, APPROVAL_EXTEND},
    {ACT_REQUEST_SUSPEND, NOTICE_APPROVAL, ORGAN, ROLE_BIT(ROLE_ORGAN_LEAD), ACT_NONE, APPROVAL_SUSPEND},
    {ACT_REQUEST_VOID, NOTICE_APPROVAL, LEVEL, ROLE_BIT(ROLE_DUTY_CHIEF), ACT_NONE, APPROVAL_VOID},
    {ACT_APPEAL, NOTICE_APPROVAL, LEVEL, ROLE_BIT(ROLE_DISPATCHER), ACT_NONE, APPROVAL_APPEAL},
    {ACT_ENDORSE, NOTICE_APPROVAL, LEVEL, ROLE_BIT(ROLE_DISPATCHER), ACT_REQUEST_EXTEND, APPROVAL_EXTEND},
    {ACT_ENDORSE, NOTICE_APPROVAL, LEVEL, ROLE_BIT(ROLE_DISPATCHER), ACT_REQUEST_SUSPEND, APPROVAL_SUSPEND},
    {ACT_ENDORSE, NOTICE_APPROVAL, LEVEL, ROLE_BIT(ROLE_ACCEPTOR), ACT_APPEAL, APPROVAL_APPEAL},
    {ACT_EXTEND, NOTICE_ANSWERED, ASKED, 0, ACT_REQUEST_EXTEND, APPROVAL_EXTEND},
    {ACT_SUSPEND, NOTICE_ANSWERED, ASKED, 0, ACT_REQUEST_SUSPEND, APPROVAL_SUSPEND},
    {ACT_GRANT_APPEAL, NOTICE_ANSWERED, ASKED, 0, ACT_APPEAL, APPROVAL_APPEAL},
    {ACT_DECLINE, NOTICE_ANSWERED, ASKED, 0, ACT_REQUEST_VOID, APPROVAL_VOID},
    {ACT_RESTORE, NOTICE_ANSWERED, ASKED, 0, ACT_REQUEST_VOID, APPROVAL_VOID},
    {ACT_REFUSE, NOTICE_REPORTED, TOLD_REPORTERS, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_CLOSE, NOTICE_REPORTED, TOLD_REPORTERS, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_FORCE_CLOSE, NOTICE_REPORTED, TOLD_REPORTERS, 0, ACT_NONE, APPROVAL_NONE},
    {ACT_MERGE, NOTICE_REPORTED, TOLD_REPORTERS, 0, ACT_NONE, APPROVAL_NONE},
};

static void is_organ(const struct notice *n, int32_t organ, uint32_t roles)
{
    ck_assert_int_eq(n->to.organ_id, organ);
    ck_assert_uint_eq(n->to.roles, roles);
    ck_assert(uuid_is_nil(&n->to.account));
    ck_assert_int_eq(n->to.level, LEVEL_NONE);
    ck_assert(!n->of_merged);
}

static void is_account(const struct notice *n, struct uuid who)
{
    ck_assert(uuid_equal(&n->to.account, &who));
    ck_assert_int_eq(n->to.organ_id, 0);
    ck_assert_int_eq(n->to.level, LEVEL_NONE);
}

START_TEST(each_event_tells_whom_it_concerns)
{
    struct notice_event ev = event(table[_i].action);
    struct notice out[NOTICE_MAX_PER_EVENT];
    ev.asked_by = table[_i].asked_by;
    int n = notice_of_event(&ev, out);

    for (int i = 0; i < n; i++) {
        ck_assert_int_eq(out[i].kind, table[_i].kind);
        ck_assert_int_eq(out[i].approval, table[_i].approval);
    }
    switch (table[_i].to) {
    case NOBODY:
        ck_assert_int_eq(n, 0);
        return;
    case ORGAN:
        is_organ(&out[0], LEAD_ORGAN, table[_i].roles);
        break;
    case ALL_ORGANS:
        ck_assert_int_eq(n, 3);
        is_organ(&out[0], LEAD_ORGAN, 0);
        is_organ(&out[1], CO_1, 0);
        is_organ(&out[2], CO_2, 0);
        return;
    case CALLED:
        is_organ(&out[0], CALLED_IN, 0);
        break;
    case ASKED:
        is_account(&out[0], ASKER);
        break;
    case LEVEL:
        ck_assert_int_eq(out[0].to.level, LEVEL_COUNTY);
        ck_assert_uint_eq(out[0].to.roles, table[_i].roles);
        break;
    case GRID:
        ck_assert_int_eq(out[0].to.level, LEVEL_GRID);
        ck_assert_uint_eq(out[0].to.roles, table[_i].roles);
        break;
    case TOLD_REPORTERS:
        ck_assert_int_eq(n, 2);
        is_account(&out[0], REPORTER);
        ck_assert(out[1].of_merged);
        return;
    }
    ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(voiding_tells_the_asker_and_the_reporters)
{
    struct notice_event ev = event(ACT_VOID);
    struct notice out[NOTICE_MAX_PER_EVENT];
    ev.asked_by = ACT_REQUEST_VOID;
    ck_assert_int_eq(notice_of_event(&ev, out), 3);
    is_account(&out[0], REPORTER);
    ck_assert(out[1].of_merged);
    is_account(&out[2], ASKER);
    ck_assert_int_eq(out[2].kind, NOTICE_ANSWERED);
    ck_assert_int_eq(out[2].approval, APPROVAL_VOID);
}
END_TEST

START_TEST(reopening_tells_the_reporters_and_who_dispatches)
{
    struct notice_event ev = event(ACT_REOPEN);
    struct notice out[NOTICE_MAX_PER_EVENT];
    ck_assert_int_eq(notice_of_event(&ev, out), 3);
    ck_assert_int_eq(out[2].kind, NOTICE_ASSIGNED);
    ck_assert_uint_eq(out[2].to.roles, ROLE_BIT(ROLE_DISPATCHER));
}
END_TEST

START_TEST(a_lead_who_asks_needs_no_endorsement)
{
    struct notice_event ev = event(ACT_REQUEST_EXTEND);
    struct notice out[NOTICE_MAX_PER_EVENT];
    ev.actor_role = ROLE_ORGAN_LEAD;
    ck_assert_int_eq(notice_of_event(&ev, out), 1);
    ck_assert_int_eq(out[0].to.level, LEVEL_COUNTY);
    ck_assert_uint_eq(out[0].to.roles, ROLE_BIT(ROLE_DISPATCHER));
}
END_TEST

START_TEST(a_receipt_ends_a_case_or_brings_it_back)
{
    struct notice_event ev = event(ACT_RECEIPT);
    struct notice out[NOTICE_MAX_PER_EVENT];
    ev.to_state = STATE_ACCEPTED;
    ck_assert_int_eq(notice_of_event(&ev, out), 0);
    ev.to_state = STATE_CLOSED;
    ck_assert_int_eq(notice_of_event(&ev, out), 2);
}
END_TEST

START_TEST(nobody_is_told_of_his_own_act)
{
    struct notice out[NOTICE_MAX_PER_EVENT];
    for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++) {
        struct notice_event ev = event(a);
        ev.asker = ev.reporter = ev.actor;
        for (int i = notice_of_event(&ev, out) - 1; i >= 0; i--)
            ck_assert_msg(uuid_is_nil(&out[i].to.account), "action %d", a);
    }
}
END_TEST

/* Every notice has exactly one audience, whatever is unknown of the event. */
START_TEST(an_audience_is_one_of_three)
{
    struct notice out[NOTICE_MAX_PER_EVENT];
    for (enum action a = ACT_NONE; a <= ACT_COUNT; a++) {
        for (int bare = 0; bare < 2; bare++) {
            struct notice_event ev = bare ? (struct notice_event){.action = a} : event(a);
            int n = notice_of_event(&ev, out);
            ck_assert_int_le(n, NOTICE_MAX_PER_EVENT);
            for (int i = 0; i < n; i++) {
                int audiences = !uuid_is_nil(&out[i].to.account) + (out[i].to.organ_id != 0) + (out[i].to.level != LEVEL_NONE);
                ck_assert_int_eq(audiences + out[i].of_merged, 1);
                ck_assert(out[i].to.level == LEVEL_NONE || out[i].to.roles != 0);
            }
        }
    }
}
END_TEST

START_TEST(who_holds_a_case_is_told_of_its_lights)
{
    static const struct {
        enum case_state state;
        int32_t organ;
        uint32_t roles;
        enum region_level level;
    } rows[] = {
        {STATE_REPORTED, 0, ROLE_BIT(ROLE_ACCEPTOR) | ROLE_BIT(ROLE_COMMUNITY), LEVEL_TOWNSHIP},
        {STATE_ACCEPTED, 0, ROLE_BIT(ROLE_DISPATCHER), LEVEL_TOWNSHIP},
        {STATE_DISPATCHED, LEAD_ORGAN, 0, LEVEL_NONE},
        {STATE_HANDLING, LEAD_ORGAN, 0, LEVEL_NONE},
        {STATE_FEEDBACK, 0, ROLE_BIT(ROLE_ACCEPTOR), LEVEL_TOWNSHIP},
        {STATE_FIELD_CHECK, 0, ROLE_BIT(ROLE_GRID_WORKER), LEVEL_GRID},
    };
    struct audience to;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert(notice_holder(rows[i].state, 2, LEAD_ORGAN, &to));
        ck_assert_int_eq(to.organ_id, rows[i].organ);
        ck_assert_uint_eq(to.roles, rows[i].roles);
        ck_assert_int_eq(to.level, rows[i].level);
    }
    ck_assert(!notice_holder(STATE_CLOSED, 2, LEAD_ORGAN, &to));
    ck_assert(!notice_holder(STATE_HANDLING, 2, 0, &to));
    ck_assert_int_eq(notice_region_level(1), LEVEL_COMMUNITY);
    ck_assert_int_eq(notice_region_level(4), LEVEL_CITY);
    ck_assert_int_eq(notice_region_level(0), LEVEL_COMMUNITY);
    ck_assert_int_eq(notice_region_level(9), LEVEL_CITY);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("notice");
    TCase *t = tcase_create("table");
    tcase_add_loop_test(t, each_event_tells_whom_it_concerns, 0, (int)(sizeof(table) / sizeof(table[0])));
    tcase_add_test(t, voiding_tells_the_asker_and_the_reporters);
    tcase_add_test(t, reopening_tells_the_reporters_and_who_dispatches);
    tcase_add_test(t, a_lead_who_asks_needs_no_endorsement);
    tcase_add_test(t, a_receipt_ends_a_case_or_brings_it_back);
    tcase_add_test(t, nobody_is_told_of_his_own_act);
    tcase_add_test(t, an_audience_is_one_of_three);
    tcase_add_test(t, who_holds_a_case_is_told_of_its_lights);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
