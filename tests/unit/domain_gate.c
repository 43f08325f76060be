/* SPDX-License-Identifier: MIT */
/* The gate: every guard by name, what it offers, imports and clocks that run fast. */
#include <string.h>

#include "domain_fixture.h"

static struct fx f;

static void set_up(void)
{
    fx_init(&f);
}

static void tear_down(void)
{
    fx_fini(&f);
}

/* The guards one by one: a case in a state, an actor, an action, and what is wrong about it. */
static void tweak_none(void)
{
}
static void stale(void)
{
    f.act.expected_version += 5;
}
static void no_version(void)
{
    f.act.expected_version = 0;
}
static void no_text(void)
{
    f.act.text = "";
}
static void blank_text(void)
{
    f.act.text = " \t\n\u3000\u200b\u202e";
}
static void blank_reason(void)
{
    f.act.reason_code = "  ";
}
static void bad_text(void)
{
    f.act.text = "\xff";
}
static void no_reason(void)
{
    f.act.reason_code = NULL;
}
static void long_reason(void)
{
    f.act.reason_code = "123456789012345678901234567890123";
}
static void no_organ(void)
{
    f.act.organ_id = 0;
}
static void unknown_organ(void)
{
    f.act.organ_id = 77;
}
static void retired_organ(void)
{
    f.act.organ_id = ORGAN_RETIRED;
}
static void foreign_organ(void)
{
    f.act.organ_id = ORGAN_ELSEWHERE;
}
static void other_organ(void)
{
    f.act.organ_id = ORGAN_WATER;
}
static void lead_helps(void)
{
    f.act.n_co = 1;
    f.act.co_organ_ids[0] = f.act.organ_id;
}
static void helps_twice(void)
{
    f.act.n_co = 2;
    f.act.co_organ_ids[0] = f.act.co_organ_ids[1] = ORGAN_WATER;
}
static void no_answer(void)
{
    f.act.check_result = CHECK_NONE;
}
static void basically(void)
{
    f.act.check_result = CHECK_BASICALLY;
}
static void future(void)
{
    f.act.happened_at = f.env.now + 301 * USEC_PER_SEC;
}
static void old(void)
{
    f.act.happened_at = f.env.now - INT64_C(31) * 86400 * USEC_PER_SEC;
}
static void before_last(void)
{
    f.act.happened_at = f.snap.last_event_at - (f.env.rules ? f.env.rules->future_s + 1 : 301) * USEC_PER_SEC;
}
static void past_until(void)
{
    f.act.until = f.env.now;
}
static void far_until(void)
{
    f.act.until = f.env.now + INT64_C(367) * 86400 * USEC_PER_SEC;
}
static void no_grid(void)
{
    f.act.grid = INT64_C(230604001001009);
}
static void community_as_grid(void)
{
    f.act.grid = INT64_C(230604001001000);
}
static void other_county(void)
{
    f.act.grid = GRID_OTHER;
}
static void void_grid(void)
{
    f.act.grid = GRID_OLD;
}
static void unknown_category(void)
{
    f.act.category_id = 99;
}
static void retired_category(void)
{
    f.act.category_id = CAT_RETIRED;
}
static void record_category(void)
{
    f.act.category_id = CAT_RECORD;
}
static void plain_category(void)
{
    f.act.category_id = CAT_PLAIN;
}
static void no_case_id(void)
{
    f.act.case_id = (struct uuid){{0}};
}
static void bad_urgency(void)
{
    f.act.urgency = (enum urgency)9;
}
static void into_itself(void)
{
    f.lead.id = f.snap.id;
}
static void into_closed(void)
{
    f.lead.state = STATE_CLOSED;
}
static void into_merged(void)
{
    f.lead.state = STATE_MERGED;
}
static void into_foreign(void)
{
    f.lead.grid = GRID_OTHER;
}
static void no_target(void)
{
    f.act.target = NULL;
}
static void is_lead(void)
{
    f.act.has_merged = true;
}
static void two_returns(void)
{
    f.snap.return_count = 2;
}
static struct gate_person colleague;
static void name_colleague(int32_t organ_id, bool disabled, enum role role)
{
    colleague = (struct gate_person){
        .account = f.who[WHO_WORKER_2].account, .role = role, .organ_id = organ_id, .disabled = disabled, .name = "x"};
    f.act.assignee = &colleague;
}
static void assigned_to_another(void)
{
    f.snap.assignee = f.who[WHO_WORKER_2].account;
}
static void names_a_stranger(void)
{
    name_colleague(f.snap.organ_id + 1, false, ROLE_HANDLER);
}
static void names_a_closed_account(void)
{
    name_colleague(f.snap.organ_id, true, ROLE_HANDLER);
}
static void names_a_worker(void)
{
    name_colleague(f.snap.organ_id, false, ROLE_GRID_WORKER);
}
static void names_from_outside(void)
{
    other_organ();
    name_colleague(f.act.organ_id, false, ROLE_HANDLER);
}
static void unchecked(void)
{
    f.snap.flags &= ~(uint32_t)CASE_CHECK_PASSED;
}
static void handled_by_checker(void)
{
    f.snap.handler = f.who[WHO_WORKER_2].account;
}
static void fed_back_by_checker(void)
{
    f.snap.feeder = f.who[WHO_WORKER_2].account;
}
static void handled_by_closer(void)
{
    f.snap.handler = f.who[WHO_ACCEPTOR].account;
    f.snap.flags |= CASE_CHECK_PASSED;
}
static void checked_by_closer(void)
{
    f.snap.checker = f.who[WHO_ACCEPTOR].account;
    f.snap.flags |= CASE_CHECK_PASSED;
}
static void checked_by_chief(void)
{
    f.snap.checker = f.who[WHO_CHIEF].account;
}
static void asked_by_chief(void)
{
    f.snap.approval[APPROVAL_VOID].step = STEP_ASKED;
    f.snap.approval[APPROVAL_VOID].asked_by = f.who[WHO_CHIEF].account;
}
static void closed_long_ago(void)
{
    f.snap.closed_at = f.env.now - (INT64_C(30) * 86400 + 1) * USEC_PER_SEC;
}
static void closed_long_ago_and_claimed(void)
{
    closed_long_ago();
    f.snap.last_event_at = f.snap.closed_at;
    f.act.happened_at = f.env.now - USEC_PER_SEC * 86400;
}
static void reported_by_another(void)
{
    f.snap.reporter = f.who[WHO_WORKER_2].account;
}

static const struct {
    const char *name;
    enum case_state state; /* STATE_NONE: at intake */
    enum action action;
    enum who who;
    void (*tweak)(void);
    int code;
    const char *rule;
    const char *field;
} refusals[] = {
    {"a supervisor submits", STATE_NONE, ACT_SUBMIT, WHO_SUPERVISOR, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"a community settles", STATE_NONE, ACT_SETTLE, WHO_COMMUNITY, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"no grid", STATE_NONE, ACT_SUBMIT, WHO_WORKER, no_grid, ERR_NOT_FOUND, "GRID", "grid_code"},
    {"a community is no grid", STATE_NONE, ACT_SUBMIT, WHO_WORKER, community_as_grid, ERR_NOT_FOUND, "GRID", "grid_code"},
    {"a grid elsewhere", STATE_NONE, ACT_SUBMIT, WHO_WORKER, other_county, ERR_DENIED, "REGION", "grid_code"},
    {"a grid that is void", STATE_NONE, ACT_SUBMIT, WHO_WORKER, void_grid, ERR_PRECONDITION, "GRID", "grid_code"},
    {"no such category", STATE_NONE, ACT_SUBMIT, WHO_WORKER, unknown_category, ERR_NOT_FOUND, "CATEGORY", "category_code"},
    {"a retired category", STATE_NONE, ACT_SUBMIT, WHO_WORKER, retired_category, ERR_PRECONDITION, "CATEGORY", "category_code"},
    {"settling a dispute", STATE_NONE, ACT_SETTLE, WHO_WORKER, plain_category, ERR_PRECONDITION, "SETTLE_ALLOWED",
     "category_code"},
    {"no text", STATE_NONE, ACT_SUBMIT, WHO_WORKER, no_text, ERR_INVALID, "FIELD", "text"},
    {"a text of blanks", STATE_NONE, ACT_SUBMIT, WHO_WORKER, blank_text, ERR_INVALID, "FIELD", "text"},
    {"no UTF-8", STATE_NONE, ACT_SUBMIT, WHO_WORKER, bad_text, ERR_INVALID, "FIELD", "text"},
    {"no id", STATE_NONE, ACT_SUBMIT, WHO_WORKER, no_case_id, ERR_INVALID, "FIELD", "case_id"},
    {"no such urgency", STATE_NONE, ACT_SUBMIT, WHO_WORKER, bad_urgency, ERR_INVALID, "FIELD", "urgency"},
    {"in the future", STATE_NONE, ACT_SUBMIT, WHO_WORKER, future, ERR_INVALID, "TIME_FUTURE", "happened_at"},
    {"31 days ago", STATE_NONE, ACT_SUBMIT, WHO_WORKER, old, ERR_INVALID, "TIME_OLD", "happened_at"},
    {"acting on nothing", STATE_NONE, ACT_ACCEPT, WHO_ACCEPTOR, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"submitting twice", STATE_REPORTED, ACT_SUBMIT, WHO_WORKER, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"a stale version", STATE_REPORTED, ACT_ACCEPT, WHO_ACCEPTOR, stale, ERR_CONFLICT, "VERSION", "expected_version"},
    {"no version", STATE_REPORTED, ACT_ACCEPT, WHO_ACCEPTOR, no_version, ERR_INVALID, "FIELD", "expected_version"},
    {"from elsewhere", STATE_REPORTED, ACT_ACCEPT, WHO_STRANGER, tweak_none, ERR_DENIED, "REGION", ""},
    {"before the last event", STATE_REPORTED, ACT_ACCEPT, WHO_ACCEPTOR, before_last, ERR_PRECONDITION, "TIME_ORDER",
     "happened_at"},
    {"accepting as a work record", STATE_REPORTED, ACT_ACCEPT, WHO_ACCEPTOR, record_category, ERR_PRECONDITION, "CATEGORY",
     "category_code"},
    {"accepting into a retired category", STATE_REPORTED, ACT_ACCEPT, WHO_ACCEPTOR, retired_category, ERR_PRECONDITION,
     "CATEGORY", "category_code"},
    {"recalling another's case", STATE_REPORTED, ACT_RECALL, WHO_WORKER, reported_by_another, ERR_DENIED, "REPORTER_ONLY", ""},
    {"settling another's case", STATE_REPORTED, ACT_SETTLE, WHO_WORKER, reported_by_another, ERR_DENIED, "REPORTER_ONLY", ""},
    {"refusing without a reason", STATE_REPORTED, ACT_REFUSE, WHO_ACCEPTOR, no_reason, ERR_INVALID, "FIELD", "reason_code"},
    {"refusing with a blank reason", STATE_REPORTED, ACT_REFUSE, WHO_ACCEPTOR, blank_reason, ERR_INVALID, "FIELD",
     "reason_code"},
    {"a reason too long", STATE_REPORTED, ACT_REFUSE, WHO_ACCEPTOR, long_reason, ERR_INVALID, "FIELD", "reason_code"},
    {"a check without an answer", STATE_FACT_CHECK, ACT_ANSWER_FACT_CHECK, WHO_WORKER, no_answer, ERR_INVALID, "FIELD",
     "check_result"},
    {"basically true", STATE_FACT_CHECK, ACT_ANSWER_FACT_CHECK, WHO_WORKER, basically, ERR_INVALID, "FIELD", "check_result"},
    {"dispatching to nobody", STATE_ACCEPTED, ACT_DISPATCH, WHO_DISPATCHER, no_organ, ERR_INVALID, "FIELD", "organ_code"},
    {"dispatching to an unknown organ", STATE_ACCEPTED, ACT_DISPATCH, WHO_DISPATCHER, unknown_organ, ERR_NOT_FOUND, "ORGAN",
     "organ_code"},
    {"dispatching to a retired organ", STATE_ACCEPTED, ACT_DISPATCH, WHO_DISPATCHER, retired_organ, ERR_PRECONDITION, "ORGAN",
     "organ_code"},
    {"dispatching elsewhere", STATE_ACCEPTED, ACT_DISPATCH, WHO_DISPATCHER, foreign_organ, ERR_PRECONDITION, "ORGAN",
     "organ_code"},
    {"the lead helps itself", STATE_ACCEPTED, ACT_DISPATCH, WHO_DISPATCHER, lead_helps, ERR_INVALID, "CO_ORGANS",
     "co_organ_codes"},
    {"an organ helps twice", STATE_ACCEPTED, ACT_DISPATCH, WHO_DISPATCHER, helps_twice, ERR_INVALID, "CO_ORGANS",
     "co_organ_codes"},
    {"an acceptor dispatches", STATE_ACCEPTED, ACT_DISPATCH, WHO_ACCEPTOR, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"another organ signs", STATE_DISPATCHED, ACT_SIGN, WHO_WATER, tweak_none, ERR_DENIED, "OWN_ORGAN", ""},
    {"a handler returns", STATE_DISPATCHED, ACT_RETURN, WHO_HANDLER, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"a third return", STATE_DISPATCHED, ACT_RETURN, WHO_LEAD, two_returns, ERR_PRECONDITION, "RETURN_LIMIT", ""},
    {"a lead gives it to another organ", STATE_HANDLING, ACT_TRANSFER, WHO_LEAD, other_organ, ERR_DENIED, "TRANSFER_TARGET",
     "organ_code"},
    {"signing what a colleague is to sign for", STATE_DISPATCHED, ACT_SIGN, WHO_HANDLER, assigned_to_another, ERR_PRECONDITION,
     "ASSIGNEE", ""},
    {"naming somebody of another organ", STATE_HANDLING, ACT_TRANSFER, WHO_LEAD, names_a_stranger, ERR_PRECONDITION, "ASSIGNEE",
     "assignee"},
    {"naming a closed account", STATE_HANDLING, ACT_TRANSFER, WHO_LEAD, names_a_closed_account, ERR_PRECONDITION, "ASSIGNEE",
     "assignee"},
    {"naming who cannot sign", STATE_HANDLING, ACT_TRANSFER, WHO_LEAD, names_a_worker, ERR_PRECONDITION, "ASSIGNEE",
     "assignee"},
    {"a dispatcher names a handler", STATE_HANDLING, ACT_TRANSFER, WHO_DISPATCHER, names_from_outside, ERR_DENIED, "ASSIGNEE",
     "assignee"},
    {"a dispatcher transfers nowhere", STATE_HANDLING, ACT_TRANSFER, WHO_DISPATCHER, tweak_none, ERR_PRECONDITION,
     "TRANSFER_TARGET", "organ_code"},
    {"suspended until yesterday", STATE_HANDLING, ACT_REQUEST_SUSPEND, WHO_HANDLER, past_until, ERR_INVALID, "UNTIL_RANGE",
     "until"},
    {"suspended for ever", STATE_HANDLING, ACT_REQUEST_SUSPEND, WHO_HANDLER, far_until, ERR_INVALID, "UNTIL_RANGE", "until"},
    {"feeding back for another organ", STATE_HANDLING, ACT_FEED_BACK, WHO_WATER, tweak_none, ERR_DENIED, "OWN_ORGAN", ""},
    {"an extension nobody asked for", STATE_HANDLING, ACT_EXTEND, WHO_DISPATCHER, tweak_none, ERR_PRECONDITION, "APPROVAL_NONE",
     ""},
    {"checking one's own work", STATE_FIELD_CHECK, ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2, handled_by_checker, ERR_PRECONDITION,
     "HANDLER_IS_CHECKER", ""},
    {"checking one's own answer", STATE_FIELD_CHECK, ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2, fed_back_by_checker,
     ERR_PRECONDITION, "HANDLER_IS_CHECKER", ""},
    {"closing unchecked", STATE_FEEDBACK, ACT_CLOSE, WHO_ACCEPTOR, unchecked, ERR_PRECONDITION, "CHECK_NOT_PASSED", ""},
    {"closing one's own work", STATE_FEEDBACK, ACT_CLOSE, WHO_ACCEPTOR, handled_by_closer, ERR_PRECONDITION,
     "HANDLER_IS_CLOSER", ""},
    {"closing what one checked", STATE_FEEDBACK, ACT_CLOSE, WHO_ACCEPTOR, checked_by_closer, ERR_PRECONDITION,
     "CHECKER_IS_CLOSER", ""},
    {"forcing what one checked", STATE_FEEDBACK, ACT_FORCE_CLOSE, WHO_CHIEF, checked_by_chief, ERR_PRECONDITION,
     "CHECKER_IS_CLOSER", ""},
    {"an acceptor reopens", STATE_CLOSED, ACT_REOPEN, WHO_ACCEPTOR, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"reopening after 30 days with an earlier time", STATE_CLOSED, ACT_REOPEN, WHO_SUPERVISOR, closed_long_ago_and_claimed,
     ERR_PRECONDITION, "REOPEN_LIMIT", ""},
    {"reopening after 30 days", STATE_CLOSED, ACT_REOPEN, WHO_SUPERVISOR, closed_long_ago, ERR_PRECONDITION, "REOPEN_LIMIT",
     ""},
    {"archiving at once", STATE_CLOSED, ACT_ARCHIVE, WHO_SERVER, tweak_none, ERR_PRECONDITION, "ARCHIVE_EARLY", ""},
    {"archiving by hand", STATE_CLOSED, ACT_ARCHIVE, WHO_SUPERVISOR, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"claiming a closed case", STATE_CLOSED, ACT_SIGN, WHO_HANDLER, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"an appeal against nothing", STATE_CLOSED, ACT_APPEAL, WHO_LEAD, tweak_none, ERR_PRECONDITION, "APPEAL_NOT_LATE", ""},
    {"a note in the archive", STATE_ARCHIVED, ACT_NOTE, WHO_ACCEPTOR, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"voiding what one asked for", STATE_HANDLING, ACT_VOID, WHO_CHIEF, asked_by_chief, ERR_PRECONDITION, "APPROVAL_BY_ASKER",
     ""},
    {"the asker decides", STATE_HANDLING, ACT_VOID, WHO_LEAD, tweak_none, ERR_DENIED, "ROLE", "action"},
    {"merging into itself", STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR, into_itself, ERR_INVALID, "MERGE_TARGET",
     "target_case_id"},
    {"merging into a closed case", STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR, into_closed, ERR_PRECONDITION, "MERGE_TARGET",
     "target_case_id"},
    {"merging into a merged case", STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR, into_merged, ERR_PRECONDITION, "MERGE_TARGET",
     "target_case_id"},
    {"merging into a case elsewhere", STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR, into_foreign, ERR_DENIED, "MERGE_TARGET",
     "target_case_id"},
    {"merging into nothing", STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR, no_target, ERR_INVALID, "FIELD", "target_case_id"},
    {"merging a lead", STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR, is_lead, ERR_PRECONDITION, "MERGE_CHAIN", ""},
    {"merging what is fed back", STATE_FEEDBACK, ACT_MERGE, WHO_ACCEPTOR, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"a receipt that cannot say", STATE_REFERRED, ACT_RECEIPT, WHO_ACCEPTOR, basically, ERR_INVALID, "FIELD", "check_result"},
    {"urging a closed case", STATE_CLOSED, ACT_URGE, WHO_SUPERVISOR, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"no action", STATE_REPORTED, ACT_NONE, WHO_ACCEPTOR, tweak_none, ERR_PRECONDITION, "STATE", "action"},
    {"an unknown action", STATE_REPORTED, (enum action)99, WHO_ACCEPTOR, tweak_none, ERR_PRECONDITION, "STATE", "action"},
};

START_TEST(refuses)
{
    if (refusals[_i].state != STATE_NONE)
        fx_bring_to(&f, refusals[_i].state);
    f.env.now += 60 * USEC_PER_SEC;
    fx_prepare(&f, refusals[_i].action);
    refusals[_i].tweak();
    ck_refused(fx_send(&f, refusals[_i].who), refusals[_i].code, refusals[_i].rule, refusals[_i].name);
    ck_assert_msg(strcmp(f.why.field, refusals[_i].field) == 0, "%s: field %s", refusals[_i].name, f.why.field);
}
END_TEST

/* Whatever the state, no administrator, mediator or expert moves a case; neither does somebody without a role. */
START_TEST(keeps_administrators_out)
{
    static const enum who outsiders[] = {WHO_SYSTEM_ADMIN, WHO_SECURITY_ADMIN, WHO_AUDITOR,
                                         WHO_MEDIATOR,     WHO_EXPERT,         WHO_SERVER};
    f.who[WHO_SERVER].is_server = false;
    for (size_t i = 0; i < sizeof(outsiders) / sizeof(outsiders[0]); i++) {
        for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++) {
            fx_reset(&f, f.env.now);
            if (a != ACT_SUBMIT && a != ACT_SETTLE)
                fx_bring_to(&f, STATE_HANDLING);
            fx_prepare(&f, a);
            ck_refused(fx_send(&f, outsiders[i]), ERR_DENIED, "ROLE", action_name(a));
        }
        struct gate_option o[ACT_COUNT];
        ck_assert_uint_eq(gate_allowed(&f.env, &f.who[outsiders[i]], &f.snap, o, ACT_COUNT), 0);
    }
}
END_TEST

START_TEST(imports_whole_histories)
{
    f.env.import = true;
    f.env.now = fx_time(2026, 11, 23, 9, 0);
    fx_prepare(&f, ACT_SUBMIT);
    f.act.happened_at = fx_time(2020, 6, 1, 9, 0);
    f.act.grid = GRID_OLD;
    f.act.category_id = CAT_RETIRED;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    ck_assert(case_has(&f.snap, CASE_IMPORTED));
    ck_assert_int_eq(f.snap.reported_at, fx_time(2020, 6, 1, 9, 0));
    static const struct {
        enum action action;
        enum who who;
    } steps[] = {{ACT_ACCEPT, WHO_ACCEPTOR},   {ACT_DISPATCH, WHO_DISPATCHER},        {ACT_SIGN, WHO_HANDLER},
                 {ACT_FEED_BACK, WHO_HANDLER}, {ACT_ORDER_FIELD_CHECK, WHO_ACCEPTOR}, {ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2},
                 {ACT_CLOSE, WHO_ACCEPTOR}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        fx_prepare(&f, steps[i].action);
        f.act.expected_version = 0;
        f.act.happened_at = fx_time(2020, 6, 1, 10, (int)i);
        if (steps[i].action == ACT_DISPATCH)
            f.act.organ_id = ORGAN_URBAN;
        ck_assert_msg(fx_send(&f, steps[i].who) == 0, "%s: %s", action_name(steps[i].action), f.why.text);
    }
    ck_assert_int_eq(f.snap.closed_at, fx_time(2020, 6, 1, 10, 6));
    ck_assert_int_eq(f.cells[MEASURE_ON_TIME], 1);
    /* The guards stand as they stood then. */
    fx_prepare(&f, ACT_REOPEN);
    f.act.happened_at = fx_time(2020, 7, 2, 10, 0);
    ck_refused(fx_send(&f, WHO_SUPERVISOR), ERR_PRECONDITION, "REOPEN_LIMIT", "a month later");
    fx_prepare(&f, ACT_REVISIT);
    f.act.happened_at = fx_time(2020, 6, 1, 10, 5);
    ck_refused(fx_send(&f, WHO_SUPERVISOR), ERR_PRECONDITION, "TIME_ORDER", "out of order");
    fx_prepare(&f, ACT_REVISIT);
    f.act.happened_at = fx_time(2027, 6, 1, 10, 5);
    ck_refused(fx_send(&f, WHO_SUPERVISOR), ERR_INVALID, "TIME_FUTURE", "in the future");
}
END_TEST

START_TEST(waits_for_a_fast_clock)
{
    fx_prepare(&f, ACT_SUBMIT);
    f.act.happened_at = f.env.now + 200 * USEC_PER_SEC;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    fx_must(&f, ACT_ACCEPT, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.last_event_at, f.before.last_event_at);
    ck_assert_int_eq(gate_happened_at(&f.act, &f.snap, f.env.now), f.before.last_event_at);
}
END_TEST

/* The version says that the last event was seen: what a slow machine's clock puts before it happened together with it. */
START_TEST(forgives_a_slow_clock)
{
    fx_bring_to(&f, STATE_REPORTED);
    usec_t last = f.snap.last_event_at;
    fx_prepare(&f, ACT_ACCEPT);
    f.act.happened_at = last - 300 * USEC_PER_SEC;
    ck_assert_int_eq(fx_send(&f, WHO_ACCEPTOR), 0);
    ck_assert_int_eq(f.snap.last_event_at, last);
    ck_assert_int_eq(gate_happened_at(&f.act, &f.snap, f.env.now), last);
    /* A note keeps its time. */
    fx_prepare(&f, ACT_NOTE);
    f.act.happened_at = last - 300 * USEC_PER_SEC;
    ck_assert_int_eq(fx_send(&f, WHO_ACCEPTOR), 0);
    ck_assert_int_eq(gate_happened_at(&f.act, &f.snap, f.env.now), last - 300 * USEC_PER_SEC);
}
END_TEST

static const struct {
    enum case_state state;
    enum who who;
    enum action allowed[10]; /* ends with ACT_NONE */
} options[] = {
    {STATE_REPORTED, WHO_WORKER, {ACT_SETTLE, ACT_RECALL, ACT_NOTE}},
    {STATE_REPORTED, WHO_WORKER_2, {ACT_NOTE}},
    {STATE_REPORTED, WHO_ACCEPTOR, {ACT_ORDER_FACT_CHECK, ACT_ACCEPT, ACT_REFUSE, ACT_REQUEST_VOID, ACT_MERGE, ACT_NOTE}},
    {STATE_REPORTED, WHO_STRANGER, {ACT_NONE}},
    {STATE_REPORTED, WHO_HANDLER, {ACT_NONE}},
    {STATE_ACCEPTED, WHO_DISPATCHER, {ACT_ESCALATE, ACT_DISPATCH, ACT_REQUEST_VOID, ACT_NOTE}},
    {STATE_DISPATCHED, WHO_HANDLER, {ACT_SIGN, ACT_REQUEST_VOID, ACT_NOTE}},
    {STATE_DISPATCHED, WHO_LEAD, {ACT_SIGN, ACT_RETURN, ACT_REQUEST_VOID, ACT_NOTE}},
    {STATE_HANDLING,
     WHO_HANDLER,
     {ACT_ESCALATE, ACT_FEED_BACK, ACT_REQUEST_VOID, ACT_NOTE, ACT_REQUEST_EXTEND, ACT_REQUEST_SUSPEND}},
    {STATE_HANDLING, WHO_WATER, {ACT_NONE}},
    {STATE_HANDLING, WHO_CHIEF, {ACT_WHISTLE, ACT_FORCE_CLOSE, ACT_NOTE}},
    {STATE_FIELD_CHECK, WHO_WORKER_2, {ACT_ANSWER_FIELD_CHECK, ACT_NOTE}},
    {STATE_FEEDBACK, WHO_ACCEPTOR, {ACT_ORDER_FIELD_CHECK, ACT_REWORK, ACT_REQUEST_VOID, ACT_NOTE}},
    {STATE_CLOSED, WHO_SUPERVISOR, {ACT_REVISIT, ACT_REOPEN, ACT_NOTE}},
    {STATE_ARCHIVED, WHO_SUPERVISOR, {ACT_NONE}},
    {STATE_VOIDED, WHO_CHIEF, {ACT_RESTORE, ACT_NOTE}},
    {STATE_MERGED, WHO_ACCEPTOR, {ACT_SPLIT, ACT_NOTE}},
    {STATE_REFERRED, WHO_ACCEPTOR, {ACT_REQUEST_VOID, ACT_RECEIPT, ACT_NOTE}},
};

START_TEST(lists_what_is_allowed)
{
    fx_bring_to(&f, options[_i].state);
    struct gate_option o[ACT_COUNT];
    size_t n = gate_allowed(&f.env, &f.who[options[_i].who], &f.snap, o, ACT_COUNT), want = 0;
    while (options[_i].allowed[want] != ACT_NONE)
        want++;
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(i < want && o[i].action == options[_i].allowed[i], "row %d: %s at %zu", _i, action_name(o[i].action), i);
    ck_assert_msg(n == want, "row %d: %zu of %zu", _i, n, want);
}
END_TEST

START_TEST(says_who_received_the_case)
{
    struct gate_receiver r;
    fx_bring_to(&f, STATE_DISPATCHED);
    gate_receiver_of(&f.act, &f.before, &f.snap, &r);
    ck_assert_int_eq(r.organ_id, ORGAN_URBAN);
    fx_must(&f, ACT_SIGN, WHO_HANDLER);
    gate_receiver_of(&f.act, &f.before, &f.snap, &r);
    ck_assert(r.organ_id == 0 && uuid_equal(&r.account, &f.who[WHO_HANDLER].account));
    fx_must(&f, ACT_NOTE, WHO_HANDLER);
    gate_receiver_of(&f.act, &f.before, &f.snap, &r);
    ck_assert(r.organ_id == 0 && uuid_is_nil(&r.account));
}
END_TEST

#define LOOP(t, test, table) tcase_add_loop_test(t, test, 0, (int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *s = suite_create("domain gate");
    TCase *t = tcase_create("gate");
    tcase_add_checked_fixture(t, set_up, tear_down);
    LOOP(t, refuses, refusals);
    tcase_add_test(t, keeps_administrators_out);
    tcase_add_test(t, imports_whole_histories);
    tcase_add_test(t, waits_for_a_fast_clock);
    tcase_add_test(t, forgives_a_slow_clock);
    LOOP(t, lists_what_is_allowed, options);
    tcase_add_test(t, says_who_received_the_case);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
