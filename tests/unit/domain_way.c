/* SPDX-License-Identifier: MIT */
/* The gate: the way of a case to its end, with the clocks and the people along it. */
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

START_TEST(carries_a_case_to_its_end)
{
    fx_must(&f, ACT_SUBMIT, WHO_WORKER);
    ck_assert_int_eq(f.snap.version, 1);
    ck_assert_int_eq(f.snap.grid, GRID_1);
    ck_assert_int_eq(f.snap.urgency, URGENCY_NORMAL);
    ck_assert_int_eq(f.snap.channel, CHANNEL_GRID);
    ck_assert_int_eq(f.snap.reported_at, fx_friday(9, 1));
    ck_assert_int_eq(f.snap.due_at, fx_friday(9, 16));
    fx_must(&f, ACT_ACCEPT, WHO_ACCEPTOR);
    ck_assert(case_has(&f.snap, CASE_ACCEPTED_EVER));
    ck_assert_int_eq(f.snap.due_at, fx_friday(9, 17));
    fx_must(&f, ACT_DISPATCH, WHO_DISPATCHER);
    ck_assert_int_eq(f.snap.organ_id, ORGAN_URBAN);
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 18, 9, 3));
    fx_must(&f, ACT_SIGN, WHO_HANDLER);
    ck_assert(uuid_equal(&f.snap.handler, &f.who[WHO_HANDLER].account));
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 18, 9, 3));
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
    ck_assert_int_eq(f.snap.feedback_at, fx_friday(9, 5));
    ck_assert_int_eq(f.snap.due_at, USEC_NONE);
    fx_must(&f, ACT_ORDER_FIELD_CHECK, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.due_at, fx_friday(9, 36));
    fx_must(&f, ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2);
    ck_assert(case_has(&f.snap, CASE_CHECK_PASSED));
    fx_must(&f, ACT_CLOSE, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.state, STATE_CLOSED);
    ck_assert_int_eq(f.snap.closed_at, fx_friday(9, 8));
    ck_assert_int_eq(f.cells[MEASURE_ON_TIME], 1);
    ck_assert_int_eq(f.cells[MEASURE_CLOSED], 1);
    ck_assert_int_eq(f.cells[MEASURE_CLOSINGS], 1);
    ck_assert_int_eq(f.cells[MEASURE_ACCEPTED], 1);
    fx_must(&f, ACT_REVISIT, WHO_SUPERVISOR);
    fx_must(&f, ACT_ARCHIVE, WHO_SERVER);
    ck_assert_int_eq(f.snap.state, STATE_ARCHIVED);
    ck_assert_int_eq(f.snap.version, 10);
    ck_assert_int_eq(f.cells[MEASURE_CLOSED], 1);
}
END_TEST

START_TEST(settles_on_the_spot)
{
    fx_must(&f, ACT_SETTLE, WHO_WORKER);
    ck_assert_int_eq(f.snap.state, STATE_CLOSED);
    ck_assert(case_has(&f.snap, CASE_SELF_CLOSED));
    ck_assert(uuid_equal(&f.snap.closer, &f.snap.reporter));
    ck_assert_int_eq(f.snap.due_at, USEC_NONE);
    ck_assert_int_eq(f.cells[MEASURE_SELF_CLOSED], 1);
    ck_assert_int_eq(f.cells[MEASURE_NO_DEADLINE], 1);
    fx_reset(&f, f.env.now);
    fx_must(&f, ACT_SUBMIT, WHO_WORKER);
    fx_must(&f, ACT_SETTLE, WHO_WORKER);
    ck_assert_int_eq(f.snap.version, 2);
    ck_assert_int_eq(f.cells[MEASURE_ACCEPTED], 1);
}
END_TEST

START_TEST(counts_no_work_records)
{
    fx_prepare(&f, ACT_SETTLE);
    f.act.category_id = CAT_RECORD;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    for (int m = 0; m < MEASURE_COUNT; m++)
        ck_assert_int_eq(f.cells[m], 0);
}
END_TEST

START_TEST(corrects_the_category_at_acceptance)
{
    fx_prepare(&f, ACT_SUBMIT);
    f.act.category_id = CAT_RECORD;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    ck_assert_int_eq(f.cells[MEASURE_REPORTED], 0);
    fx_prepare(&f, ACT_ACCEPT);
    f.act.category_id = CAT_PLAIN;
    ck_assert_int_eq(fx_send(&f, WHO_ACCEPTOR), 0);
    ck_assert_int_eq(f.snap.category_id, CAT_PLAIN);
    ck_assert_int_eq(f.cells[MEASURE_REPORTED], 1);
    ck_assert_int_eq(f.cells[MEASURE_VALID], 1);
}
END_TEST

START_TEST(recalls_into_the_void)
{
    fx_must(&f, ACT_SUBMIT, WHO_WORKER);
    fx_must(&f, ACT_RECALL, WHO_WORKER);
    ck_assert_str_eq(gate_reason_code(&f.act), "RECALLED");
    ck_assert_int_eq(f.snap.state, STATE_VOIDED);
    ck_assert_int_eq(f.cells[MEASURE_REPORTED], 1);
    ck_assert_int_eq(f.cells[MEASURE_VOIDED], 1);
    ck_refused(fx_do(&f, ACT_RESTORE, WHO_CHIEF), ERR_PRECONDITION, "RECALLED", "restore");
}
END_TEST

/* Clocks along returns, rework, suspension: only the time of whoever had to act counts. */
START_TEST(stops_clocks_while_somebody_else_is_waited_for)
{
    fx_bring_to(&f, STATE_REPORTED);
    f.env.now = f.snap.reported_at + 5 * 60 * USEC_PER_SEC;
    fx_prepare(&f, ACT_ORDER_FACT_CHECK);
    ck_assert_int_eq(fx_send(&f, WHO_ACCEPTOR), 0);
    ck_assert_int_eq(f.snap.due_at, USEC_NONE);
    ck_assert_int_eq(f.snap.stage.consumed_s, 300);
    f.env.now += 3600 * USEC_PER_SEC;
    fx_prepare(&f, ACT_ANSWER_FACT_CHECK);
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    ck_assert_int_eq(f.snap.due_at, f.env.now + 600 * USEC_PER_SEC);

    fx_reset(&f, fx_friday(13, 56));
    fx_bring_to(&f, STATE_HANDLING); /* dispatched at 13:59, the clock starts at 14:00 */
    f.env.now = fx_friday(15, 0);
    fx_prepare(&f, ACT_REQUEST_SUSPEND);
    ck_assert_int_eq(fx_send(&f, WHO_LEAD), 0);
    fx_prepare(&f, ACT_SUSPEND);
    ck_assert_int_eq(fx_send(&f, WHO_DISPATCHER), 0);
    ck_assert_int_eq(f.snap.handle.consumed_s, 3600);
    ck_assert_int_eq(f.snap.due_at, USEC_NONE);
    ck_assert_int_eq(f.cells[MEASURE_SUSPENDED], 1);
    ck_refused(fx_do(&f, ACT_RESUME, WHO_SERVER), ERR_PRECONDITION, "RESUME_EARLY", "the server, too early");
    f.env.now = f.snap.suspended_until; /* Monday 27th 15:00 */
    fx_prepare(&f, ACT_RESUME);
    ck_assert_int_eq(fx_send(&f, WHO_SERVER), 0);
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 28, 12, 0));
    ck_assert_int_eq(f.cells[MEASURE_SUSPENDED], 0);
    ck_refused(fx_do(&f, ACT_REQUEST_SUSPEND, WHO_HANDLER), ERR_PRECONDITION, "SUSPEND_LIMIT", "a second suspension");
}
END_TEST

START_TEST(resumes_the_handling_clock_for_the_same_organ_only)
{
    for (int other = 0; other < 2; other++) {
        fx_reset(&f, fx_friday(13, 57));
        fx_bring_to(&f, STATE_DISPATCHED); /* at 14:00 */
        f.env.now = fx_friday(16, 0);
        fx_prepare(&f, ACT_RETURN);
        ck_assert_int_eq(fx_send(&f, WHO_LEAD), 0);
        ck_assert_int_eq(f.snap.state, STATE_ACCEPTED);
        ck_assert_int_eq(f.snap.handle.consumed_s, 7200);
        ck_assert_int_eq(f.snap.due_at, fx_friday(16, 15));
        f.env.now = fx_friday(17, 0);
        fx_prepare(&f, ACT_DISPATCH);
        f.act.organ_id = other ? ORGAN_WATER : ORGAN_URBAN;
        ck_assert_int_eq(fx_send(&f, WHO_DISPATCHER), 0);
        ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 18, other ? 17 : 15, 0));
        ck_assert_int_eq(f.cells[MEASURE_DISPATCHED], 2);
        ck_assert_int_eq(f.cells[MEASURE_RETURNED], 1);
    }
}
END_TEST

START_TEST(measures_lateness_at_the_feedback)
{
    fx_bring_to(&f, STATE_HANDLING);
    usec_t due = f.snap.due_at;
    for (int late = 0; late < 2; late++) {
        f.env.now = due + late * USEC_PER_SEC;
        fx_prepare(&f, ACT_FEED_BACK);
        struct case_snap keep = f.snap;
        ck_assert_int_eq(fx_send(&f, WHO_HANDLER), 0);
        ck_assert_int_eq(case_has(&f.snap, CASE_LATE), late);
        f.snap = keep;
    }
    /* Rework makes the feedback not have been; the forced closing then is measured itself. */
    fx_bring_to(&f, STATE_FEEDBACK);
    fx_must(&f, ACT_REWORK, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.feedback_at, USEC_NONE);
    ck_assert_int_eq(f.snap.rework_count, 1);
    ck_assert_int_ne(f.snap.due_at, USEC_NONE);
    f.env.now = f.snap.due_at + 86400 * USEC_PER_SEC;
    fx_must(&f, ACT_FORCE_CLOSE, WHO_CHIEF);
    ck_assert_int_eq(f.cells[MEASURE_LATE], 1);
    ck_assert_int_eq(f.cells[MEASURE_FORCED], 1);
    ck_assert_int_eq(f.cells[MEASURE_REWORKED], 1);
}
END_TEST

START_TEST(runs_critical_cases_through_the_night)
{
    fx_reset(&f, fx_friday(20, 0));
    fx_prepare(&f, ACT_SUBMIT);
    f.act.urgency = URGENCY_CRITICAL;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    ck_assert_int_eq(f.snap.due_at, fx_friday(20, 15));
    fx_must(&f, ACT_ACCEPT, WHO_ACCEPTOR);
    fx_must(&f, ACT_DISPATCH, WHO_DISPATCHER);
    ck_assert_int_eq(f.snap.due_at, fx_friday(22, 2));
}
END_TEST

START_TEST(starts_a_new_round)
{
    fx_bring_to(&f, STATE_CLOSED);
    fx_must(&f, ACT_REOPEN, WHO_SUPERVISOR);
    ck_assert_int_eq(f.snap.state, STATE_ACCEPTED);
    ck_assert_int_eq(f.snap.round, 2);
    ck_assert_int_eq(f.snap.closed_at, USEC_NONE);
    ck_assert(uuid_is_nil(&f.snap.handler) && uuid_is_nil(&f.snap.checker) && uuid_is_nil(&f.snap.closer));
    ck_assert(!case_has(&f.snap, CASE_CHECK_PASSED));
    ck_assert_int_eq(f.cells[MEASURE_CLOSED], 0);
    ck_assert_int_eq(f.cells[MEASURE_CLOSINGS], 1);
    ck_assert_int_eq(f.cells[MEASURE_REOPENED], 1);
    fx_must(&f, ACT_DISPATCH, WHO_DISPATCHER);
    ck_assert_int_eq(f.snap.handle.consumed_s, 0);
    fx_must(&f, ACT_SIGN, WHO_HANDLER);
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
    ck_refused(fx_do(&f, ACT_CLOSE, WHO_ACCEPTOR), ERR_PRECONDITION, "CHECK_NOT_PASSED", "the check of the last round");
}
END_TEST

/* What a step out and back again may change: how often something happened, and clocks that waited meanwhile. */
static void forget_waiting(struct case_snap *c)
{
    c->version = 0;
    c->last_event_at = c->due_at = c->next_light_at = USEC_NONE;
    struct case_clock *const clocks[] = {&c->stage, &c->handle, &c->overall};
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        clocks[i]->running_since = clocks[i]->due_at = USEC_NONE;
        clocks[i]->consumed_s = 0;
    }
}

/* Merging and voiding are undone exactly: every field but the version and what clocks did while they waited. */
START_TEST(undoes_merging_and_voiding)
{
    static const enum case_state mergeable[] = {STATE_REPORTED, STATE_FACT_CHECK, STATE_ACCEPTED, STATE_DISPATCHED,
                                                STATE_HANDLING};
    static const enum case_state open[] = {STATE_REPORTED,   STATE_FACT_CHECK,  STATE_ACCEPTED,
                                           STATE_DISPATCHED, STATE_HANDLING,    STATE_SUSPENDED,
                                           STATE_FEEDBACK,   STATE_FIELD_CHECK, STATE_REFERRED};
    for (size_t i = 0; i < 14; i++) {
        bool merge = i >= 9;
        enum case_state s = merge ? mergeable[i - 9] : open[i];
        fx_bring_to(&f, s);
        fx_must(&f, ACT_URGE, WHO_SUPERVISOR);
        if (s == STATE_HANDLING) {
            fx_must(&f, ACT_WHISTLE, WHO_ACCEPTOR);
            fx_must(&f, ACT_REQUEST_EXTEND, WHO_HANDLER);
        }
        struct case_snap was = f.snap;
        const struct calendar *cal = directory_calendar(f.dir);
        /* The merge comes a minute from here: what clocks will have consumed by then. */
        usec_t then = f.env.now + (merge ? 60 : 120) * USEC_PER_SEC;
        int64_t consumed[] = {deadline_consumed(&was.stage, cal, then), deadline_consumed(&was.handle, cal, then),
                              deadline_consumed(&was.overall, cal, then)};
        if (!merge)
            fx_must(&f, ACT_REQUEST_VOID, WHO_ACCEPTOR);
        fx_must(&f, merge ? ACT_MERGE : ACT_VOID, merge ? WHO_ACCEPTOR : WHO_CHIEF);
        ck_assert_int_eq(f.snap.prev_state, s);
        ck_assert_int_eq(f.snap.due_at, USEC_NONE);
        ck_assert_int_eq(f.cells[merge ? MEASURE_MERGED : MEASURE_VOIDED], 1);
        ck_assert_int_eq(f.cells[MEASURE_VALID], 0);
        if (merge)
            ck_assert(uuid_equal(&f.snap.merged_into, &f.lead.id));
        f.env.now += INT64_C(3) * 86400 * USEC_PER_SEC;
        fx_must(&f, merge ? ACT_SPLIT : ACT_RESTORE, merge ? WHO_ACCEPTOR : WHO_CHIEF);
        ck_assert_int_eq(f.snap.stage.consumed_s, consumed[0]);
        ck_assert_int_eq(f.snap.handle.consumed_s, consumed[1]);
        ck_assert_int_eq(f.snap.overall.consumed_s, consumed[2]);
        ck_assert_int_eq(f.snap.due_at == USEC_NONE, was.due_at == USEC_NONE);
        forget_waiting(&was);
        forget_waiting(&f.snap);
        ck_assert_msg(memcmp(&was, &f.snap, sizeof(was)) == 0, "%s came back otherwise", case_state_name(s));
    }
}
END_TEST

START_TEST(asks_helping_organs)
{
    fx_bring_to(&f, STATE_ACCEPTED);
    fx_prepare(&f, ACT_DISPATCH);
    f.act.n_co = 1;
    f.act.co_organ_ids[0] = ORGAN_CITY;
    ck_assert_int_eq(fx_send(&f, WHO_DISPATCHER), 0);
    ck_assert_int_eq(f.snap.co[0].reply_by, f.snap.due_at);
    fx_must(&f, ACT_WHISTLE, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.n_co, 2);
    ck_refused(fx_do(&f, ACT_WHISTLE, WHO_ACCEPTOR), ERR_PRECONDITION, "CO_ORGANS", "the same organ again");
    fx_must(&f, ACT_SIGN, WHO_HANDLER);
    ck_refused(fx_do(&f, ACT_FEED_BACK, WHO_HANDLER), ERR_PRECONDITION, "CO_PENDING", "nobody replied");
    ck_refused(fx_do(&f, ACT_CO_REPLY, WHO_HANDLER), ERR_DENIED, "CO_ORGAN", "not a helper");
    fx_must(&f, ACT_CO_REPLY, WHO_WATER);
    ck_refused(fx_do(&f, ACT_CO_REPLY, WHO_WATER), ERR_PRECONDITION, "CO_ORGAN", "replied already");
    ck_refused(fx_do(&f, ACT_FEED_BACK, WHO_HANDLER), ERR_PRECONDITION, "CO_PENDING", "one is missing");
    f.env.now = f.snap.co[0].reply_by;
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
    ck_assert(case_has(&f.snap, CASE_LATE));
}
END_TEST

START_TEST(escalates_level_by_level)
{
    fx_bring_to(&f, STATE_HANDLING);
    int32_t before = (int32_t)deadline_consumed(&f.snap.handle, directory_calendar(f.dir), f.env.now + 60 * USEC_PER_SEC);
    fx_must(&f, ACT_ESCALATE, WHO_LEAD);
    ck_assert_int_eq(f.snap.state, STATE_REPORTED);
    ck_assert_int_eq(f.snap.level, 2);
    ck_assert_int_eq(f.snap.handle.consumed_s, before);
    ck_refused(fx_do(&f, ACT_ACCEPT, WHO_COMMUNITY), ERR_DENIED, "LEVEL", "the community");
    ck_refused(fx_do(&f, ACT_RECALL, WHO_WORKER), ERR_PRECONDITION, "NEVER_ACCEPTED", "recall after acceptance");
    ck_refused(fx_do(&f, ACT_SETTLE, WHO_WORKER), ERR_PRECONDITION, "NEVER_ACCEPTED", "settle after acceptance");
    fx_must(&f, ACT_ACCEPT, WHO_ACCEPTOR_TOWN);
    fx_must(&f, ACT_ESCALATE, WHO_ACCEPTOR_TOWN);
    ck_refused(fx_do(&f, ACT_ACCEPT, WHO_ACCEPTOR_TOWN), ERR_DENIED, "LEVEL", "the township");
    fx_must(&f, ACT_ACCEPT, WHO_ACCEPTOR);
    ck_assert_int_eq(f.cells[MEASURE_ACCEPTED], 1);
    ck_refused(fx_do(&f, ACT_ESCALATE, WHO_LEAD), ERR_DENIED, "ROLE", "the unit that led it before");
    f.snap.level = 4;
    f.snap.state = STATE_HANDLING;
    ck_refused(fx_do(&f, ACT_ESCALATE, WHO_LEAD), ERR_PRECONDITION, "TOP_LEVEL", "beyond the city");
}
END_TEST

START_TEST(takes_receipts)
{
    fx_bring_to(&f, STATE_REFERRED);
    fx_must(&f, ACT_RECEIPT, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.state, STATE_CLOSED);
    ck_assert_int_eq(f.cells[MEASURE_NO_DEADLINE], 1);
    fx_bring_to(&f, STATE_REFERRED);
    fx_prepare(&f, ACT_RECEIPT);
    f.act.check_result = CHECK_FAIL;
    ck_assert_int_eq(fx_send(&f, WHO_ACCEPTOR), 0);
    ck_assert_int_eq(f.snap.state, STATE_ACCEPTED);
    ck_assert_int_ne(f.snap.due_at, USEC_NONE);
}
END_TEST

START_TEST(declines_a_void)
{
    fx_bring_to(&f, STATE_HANDLING);
    ck_refused(fx_do(&f, ACT_VOID, WHO_CHIEF), ERR_PRECONDITION, "APPROVAL_NONE", "nobody asked");
    fx_must(&f, ACT_REQUEST_VOID, WHO_HANDLER);
    ck_refused(fx_do(&f, ACT_REQUEST_VOID, WHO_LEAD), ERR_PRECONDITION, "APPROVAL_PENDING", "asked twice");
    usec_t due = f.snap.due_at;
    fx_must(&f, ACT_DECLINE, WHO_CHIEF);
    ck_assert_int_eq(f.snap.state, STATE_HANDLING);
    ck_assert_int_eq(f.snap.due_at, due);
    ck_assert(!approval_is_pending(&f.snap, APPROVAL_VOID));
}
END_TEST

START_TEST(takes_notes_without_moving_anything)
{
    fx_bring_to(&f, STATE_CLOSED);
    struct case_snap was = f.snap;
    fx_prepare(&f, ACT_NOTE);
    f.act.expected_version = 1;
    f.act.happened_at = f.env.now - 3600 * USEC_PER_SEC;
    ck_assert_int_eq(fx_send(&f, WHO_HANDLER), 0);
    was.version++;
    ck_assert_mem_eq(&was, &f.snap, sizeof(was));
    ck_refused(fx_do(&f, ACT_NOTE, WHO_AUDITOR), ERR_DENIED, "ROLE", "an auditor");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain way");
    TCase *t = tcase_create("way");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, carries_a_case_to_its_end);
    tcase_add_test(t, settles_on_the_spot);
    tcase_add_test(t, counts_no_work_records);
    tcase_add_test(t, corrects_the_category_at_acceptance);
    tcase_add_test(t, recalls_into_the_void);
    tcase_add_test(t, stops_clocks_while_somebody_else_is_waited_for);
    tcase_add_test(t, resumes_the_handling_clock_for_the_same_organ_only);
    tcase_add_test(t, measures_lateness_at_the_feedback);
    tcase_add_test(t, runs_critical_cases_through_the_night);
    tcase_add_test(t, starts_a_new_round);
    tcase_add_test(t, undoes_merging_and_voiding);
    tcase_add_test(t, asks_helping_organs);
    tcase_add_test(t, escalates_level_by_level);
    tcase_add_test(t, takes_receipts);
    tcase_add_test(t, declines_a_void);
    tcase_add_test(t, takes_notes_without_moving_anything);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
