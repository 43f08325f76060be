/* SPDX-License-Identifier: MIT */
/* What one asks for and others decide, step by step; extensions, appeals, cards, lapses, levels, evidence, the overall clock.
 */
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

static const struct case_approval *pending(enum approval_kind k)
{
    return &f.snap.approval[k];
}

static bool by(const struct uuid *id, enum who who)
{
    return uuid_equal(id, &f.who[who].account);
}

/* Brings a case to a closing two working days late, by the handling organ's fault. */
static void close_late(void)
{
    fx_bring_to(&f, STATE_HANDLING);
    f.env.now = f.snap.due_at + INT64_C(2) * 86400 * USEC_PER_SEC;
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
    fx_must(&f, ACT_ORDER_FIELD_CHECK, WHO_ACCEPTOR);
    fx_must(&f, ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2);
    fx_must(&f, ACT_CLOSE, WHO_ACCEPTOR);
    ck_assert(case_has(&f.snap, CASE_LATE));
}

START_TEST(extends_in_three_steps)
{
    fx_bring_to(&f, STATE_HANDLING);
    usec_t due = f.snap.due_at;
    fx_prepare(&f, ACT_REQUEST_EXTEND);
    f.act.until = due;
    ck_refused(fx_send(&f, WHO_HANDLER), ERR_INVALID, "UNTIL_RANGE", "not later than it is due");
    f.act.until = fx_time(2021, 9, 24, 12, 0);
    ck_refused(fx_send(&f, WHO_WATER), ERR_DENIED, "OWN_ORGAN", "another organ");
    ck_assert_int_eq(fx_send(&f, WHO_HANDLER), 0);
    ck_assert_int_eq(pending(APPROVAL_EXTEND)->step, STEP_ASKED);
    ck_assert_int_eq(pending(APPROVAL_EXTEND)->asked_role, ROLE_HANDLER);
    ck_assert_int_eq(pending(APPROVAL_EXTEND)->asked_at, f.env.now);
    ck_assert(by(&pending(APPROVAL_EXTEND)->asked_by, WHO_HANDLER));
    ck_assert_int_eq(f.snap.due_at, due);
    ck_assert_int_eq(approval_decider(&f.snap, APPROVAL_EXTEND), ROLE_ORGAN_LEAD);
    ck_refused(fx_do(&f, ACT_REQUEST_EXTEND, WHO_LEAD), ERR_PRECONDITION, "APPROVAL_PENDING", "asked twice");
    ck_refused(fx_do(&f, ACT_EXTEND, WHO_DISPATCHER), ERR_PRECONDITION, "APPROVAL_STEP", "not endorsed");
    ck_refused(fx_do(&f, ACT_ENDORSE, WHO_WATER), ERR_DENIED, "OWN_ORGAN", "another organ's lead");
    ck_refused(fx_do(&f, ACT_ENDORSE, WHO_DISPATCHER), ERR_DENIED, "ROLE", "the dispatcher");
    fx_must(&f, ACT_ENDORSE, WHO_LEAD);
    ck_assert_int_eq(pending(APPROVAL_EXTEND)->step, STEP_ENDORSED);
    ck_assert(by(&pending(APPROVAL_EXTEND)->endorsed_by, WHO_LEAD));
    ck_refused(fx_do(&f, ACT_ENDORSE, WHO_LEAD), ERR_PRECONDITION, "APPROVAL_STEP", "endorsed twice");
    fx_must(&f, ACT_EXTEND, WHO_DISPATCHER);
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 24, 12, 0));
    ck_assert_int_eq(f.snap.handle.due_at, f.snap.due_at);
    ck_assert_int_eq(f.snap.original_due_at, due);
    ck_assert_int_eq(f.snap.extend_count, 1);
    ck_assert_int_eq(pending(APPROVAL_EXTEND)->step, STEP_NONE);
    ck_refused(fx_do(&f, ACT_EXTEND, WHO_DISPATCHER), ERR_PRECONDITION, "APPROVAL_NONE", "granted twice");
    /* The lead asks himself: one decision less. The original due stays the first. */
    fx_must(&f, ACT_REQUEST_EXTEND, WHO_LEAD);
    ck_assert(uuid_is_nil(&pending(APPROVAL_EXTEND)->endorsed_by));
    fx_must(&f, ACT_EXTEND, WHO_DISPATCHER);
    ck_assert_int_eq(f.snap.original_due_at, due);
    ck_refused(fx_do(&f, ACT_REQUEST_EXTEND, WHO_HANDLER), ERR_PRECONDITION, "EXTEND_LIMIT", "a third extension");
    /* On time against the new due. */
    f.env.now = f.snap.due_at;
    fx_prepare(&f, ACT_FEED_BACK);
    ck_assert_int_eq(fx_send(&f, WHO_HANDLER), 0);
    ck_assert(!case_has(&f.snap, CASE_LATE));
}
END_TEST

START_TEST(extends_only_what_is_not_yet_due)
{
    fx_bring_to(&f, STATE_HANDLING);
    f.env.now = f.snap.due_at + USEC_PER_SEC;
    fx_prepare(&f, ACT_REQUEST_EXTEND);
    ck_refused(fx_send(&f, WHO_HANDLER), ERR_PRECONDITION, "EXTEND_LATE", "overdue");
    fx_prepare(&f, ACT_REQUEST_EXTEND);
    f.act.happened_at = f.snap.due_at - USEC_PER_SEC;
    ck_refused(fx_send(&f, WHO_HANDLER), ERR_PRECONDITION, "EXTEND_LATE", "overdue, with an earlier time claimed");
    f.env.now = f.snap.due_at;
    fx_prepare(&f, ACT_REQUEST_EXTEND);
    ck_assert_int_eq(fx_send(&f, WHO_HANDLER), 0);
    /* Asked for in time, decided later. */
    f.env.now += INT64_C(86400) * USEC_PER_SEC;
    fx_must(&f, ACT_ENDORSE, WHO_LEAD);
    fx_prepare(&f, ACT_EXTEND);
    f.act.until = f.env.now - 1;
    ck_refused(fx_send(&f, WHO_DISPATCHER), ERR_INVALID, "UNTIL_RANGE", "into the past");
    fx_must(&f, ACT_EXTEND, WHO_DISPATCHER);
    f.env.now = f.snap.due_at - USEC_PER_SEC;
    fx_must(&f, ACT_NOTE, WHO_HANDLER);
    f.snap.handle.limit_s = 0;
    f.snap.handle.due_at = USEC_NONE;
    fx_prepare(&f, ACT_REQUEST_EXTEND);
    ck_refused(fx_send(&f, WHO_HANDLER), ERR_PRECONDITION, "EXTEND_LATE", "without a due time");
}
END_TEST

/* The clock goes on from the new limit over pauses; another organ starts afresh. */
START_TEST(keeps_the_extension_over_pauses)
{
    fx_bring_to(&f, STATE_HANDLING);
    fx_prepare(&f, ACT_REQUEST_EXTEND);
    f.act.until = fx_time(2021, 9, 22, 12, 0); /* the 20th and 21st are free, the 18th is worked: 8 + 4 hours more */
    ck_assert_int_eq(fx_send(&f, WHO_LEAD), 0);
    usec_t original = f.snap.due_at;
    fx_must(&f, ACT_EXTEND, WHO_DISPATCHER);
    f.env.now = fx_time(2021, 9, 22, 10, 0);
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
    f.env.now = fx_time(2021, 9, 23, 9, 59);
    fx_must(&f, ACT_REWORK, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 23, 11, 59));
    ck_assert_int_eq(f.snap.original_due_at, original);
    fx_prepare(&f, ACT_TRANSFER);
    f.act.organ_id = ORGAN_WATER;
    ck_assert_int_eq(fx_send(&f, WHO_DISPATCHER), 0);
    ck_assert_int_eq(f.snap.original_due_at, USEC_NONE);
    ck_assert_int_eq(f.snap.extend_count, 1);
}
END_TEST

START_TEST(suspends_in_three_steps)
{
    fx_bring_to(&f, STATE_HANDLING);
    fx_must(&f, ACT_REQUEST_SUSPEND, WHO_HANDLER);
    usec_t until = f.act.until;
    ck_assert_int_eq(pending(APPROVAL_SUSPEND)->until, until);
    fx_must(&f, ACT_ENDORSE, WHO_LEAD);
    fx_must(&f, ACT_SUSPEND, WHO_DISPATCHER);
    ck_assert_int_eq(f.snap.state, STATE_SUSPENDED);
    ck_assert_int_eq(f.snap.suspended_until, until);
    ck_assert_int_eq(f.snap.overall.due_at, USEC_NONE);
    ck_assert_int_eq(approval_bits(&f.snap), 0);
    f.env.now = until;
    fx_prepare(&f, ACT_RESUME);
    ck_assert_int_eq(fx_send(&f, WHO_SERVER), 0);
    ck_assert_int_ne(f.snap.overall.due_at, USEC_NONE);
    /* The dispatcher may set another date than was asked for. */
    fx_reset(&f, fx_friday(9, 0));
    fx_bring_to(&f, STATE_HANDLING);
    fx_must(&f, ACT_REQUEST_SUSPEND, WHO_LEAD);
    fx_prepare(&f, ACT_SUSPEND);
    f.act.until = f.env.now + INT64_C(3) * 86400 * USEC_PER_SEC;
    ck_assert_int_eq(fx_send(&f, WHO_DISPATCHER), 0);
    ck_assert_int_eq(f.snap.suspended_until, f.act.until);
}
END_TEST

/* Nobody decides about his own request, whatever roles he holds by then, and nobody decides twice. */
START_TEST(keeps_askers_from_deciding)
{
    struct uuid handler = f.who[WHO_HANDLER].account, lead = f.who[WHO_LEAD].account,
                dispatcher = f.who[WHO_DISPATCHER].account;
    fx_bring_to(&f, STATE_HANDLING);
    fx_must(&f, ACT_REQUEST_EXTEND, WHO_HANDLER);
    f.who[WHO_LEAD].account = handler;
    ck_refused(fx_do(&f, ACT_ENDORSE, WHO_LEAD), ERR_PRECONDITION, "APPROVAL_BY_ASKER", "the asker endorses");
    f.who[WHO_LEAD].account = lead;
    fx_must(&f, ACT_ENDORSE, WHO_LEAD);
    f.who[WHO_DISPATCHER].account = handler;
    ck_refused(fx_do(&f, ACT_EXTEND, WHO_DISPATCHER), ERR_PRECONDITION, "APPROVAL_BY_ASKER", "the asker grants");
    f.who[WHO_DISPATCHER].account = lead;
    ck_refused(fx_do(&f, ACT_EXTEND, WHO_DISPATCHER), ERR_PRECONDITION, "APPROVAL_BY_ASKER", "the endorser grants");
    f.who[WHO_DISPATCHER].account = dispatcher;
    fx_must(&f, ACT_EXTEND, WHO_DISPATCHER);
    close_late();
    fx_must(&f, ACT_APPEAL, WHO_LEAD);
    f.who[WHO_DISPATCHER].account = lead;
    ck_refused(fx_do(&f, ACT_ENDORSE, WHO_DISPATCHER), ERR_PRECONDITION, "APPROVAL_BY_ASKER", "the appellant endorses");
    f.who[WHO_DISPATCHER].account = dispatcher;
}
END_TEST

static const struct {
    const char *name;
    enum action ask;
    enum who asker;
    int endorsed; /* by the lead first */
    enum who who;
    int code; /* 0: may */
    const char *rule;
} refusers[] = {
    {"the lead declines an extension", ACT_REQUEST_EXTEND, WHO_HANDLER, 0, WHO_LEAD, 0, ""},
    {"the handler withdraws", ACT_REQUEST_EXTEND, WHO_HANDLER, 0, WHO_HANDLER, 0, ""},
    {"the handler withdraws late", ACT_REQUEST_EXTEND, WHO_HANDLER, 1, WHO_HANDLER, 0, ""},
    {"the dispatcher declines", ACT_REQUEST_EXTEND, WHO_HANDLER, 1, WHO_DISPATCHER, 0, ""},
    {"the dispatcher too early", ACT_REQUEST_EXTEND, WHO_HANDLER, 0, WHO_DISPATCHER, ERR_DENIED, "APPROVAL_DECIDER"},
    {"the lead too late", ACT_REQUEST_SUSPEND, WHO_HANDLER, 1, WHO_LEAD, ERR_DENIED, "APPROVAL_DECIDER"},
    {"another organ's lead", ACT_REQUEST_SUSPEND, WHO_HANDLER, 0, WHO_WATER, ERR_DENIED, "APPROVAL_DECIDER"},
    {"an acceptor", ACT_REQUEST_SUSPEND, WHO_HANDLER, 1, WHO_ACCEPTOR, ERR_DENIED, "APPROVAL_DECIDER"},
    {"a supervisor", ACT_REQUEST_SUSPEND, WHO_HANDLER, 1, WHO_SUPERVISOR, ERR_DENIED, "ROLE"},
    {"the chief declines a voiding", ACT_REQUEST_VOID, WHO_LEAD, 0, WHO_CHIEF, 0, ""},
    {"the acceptor withdraws a voiding", ACT_REQUEST_VOID, WHO_ACCEPTOR, 0, WHO_ACCEPTOR, 0, ""},
    {"the lead declines a voiding", ACT_REQUEST_VOID, WHO_ACCEPTOR, 0, WHO_LEAD, ERR_DENIED, "APPROVAL_DECIDER"},
};

START_TEST(declines)
{
    fx_bring_to(&f, STATE_HANDLING);
    fx_must(&f, refusers[_i].ask, refusers[_i].asker);
    if (refusers[_i].endorsed)
        fx_must(&f, ACT_ENDORSE, WHO_LEAD);
    f.env.now += 60 * USEC_PER_SEC;
    fx_prepare(&f, ACT_DECLINE);
    f.act.text = NULL;
    if (!refusers[_i].code)
        ck_refused(fx_send(&f, refusers[_i].who), ERR_INVALID, "FIELD", "without saying why");
    fx_prepare(&f, ACT_DECLINE);
    usec_t due = f.snap.due_at;
    if (refusers[_i].code) {
        ck_refused(fx_send(&f, refusers[_i].who), refusers[_i].code, refusers[_i].rule, refusers[_i].name);
        return;
    }
    ck_assert_msg(fx_send(&f, refusers[_i].who) == 0, "%s: %s", refusers[_i].name, f.why.text);
    ck_assert_int_eq(approval_bits(&f.snap), 0);
    ck_assert_int_eq(f.snap.due_at, due);
    ck_assert_int_eq(f.snap.extend_count + f.snap.suspend_count, 0);
    fx_must(&f, refusers[_i].ask, refusers[_i].asker);
}
END_TEST

START_TEST(names_the_kind_it_decides)
{
    fx_bring_to(&f, STATE_HANDLING);
    fx_must(&f, ACT_REQUEST_EXTEND, WHO_HANDLER);
    fx_must(&f, ACT_REQUEST_SUSPEND, WHO_HANDLER);
    fx_must(&f, ACT_REQUEST_VOID, WHO_HANDLER);
    static const struct {
        enum approval_kind kind;
        int code;
        const char *rule;
    } rows[] = {{APPROVAL_NONE, ERR_INVALID, "FIELD"},
                {(enum approval_kind)9, ERR_INVALID, "FIELD"},
                {(enum approval_kind) - 1, ERR_INVALID, "FIELD"},
                {APPROVAL_APPEAL, ERR_PRECONDITION, "APPROVAL_NONE"},
                {APPROVAL_VOID, ERR_PRECONDITION, "APPROVAL_STEP"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fx_prepare(&f, ACT_ENDORSE);
        f.act.approval = rows[i].kind;
        ck_refused(fx_send(&f, WHO_LEAD), rows[i].code, rows[i].rule, "a kind that cannot be endorsed");
    }
    struct gate_option o[ACT_COUNT];
    size_t n = gate_allowed(&f.env, &f.who[WHO_LEAD], &f.snap, o, ACT_COUNT);
    uint32_t endorse = 0, decline = 0;
    for (size_t i = 0; i < n; i++) {
        if (o[i].action == ACT_ENDORSE)
            endorse = o[i].approvals;
        else if (o[i].action == ACT_DECLINE)
            decline = o[i].approvals;
        else
            ck_assert_uint_eq(o[i].approvals, 0);
    }
    ck_assert_uint_eq(endorse, 1u << APPROVAL_EXTEND | 1u << APPROVAL_SUSPEND);
    ck_assert_uint_eq(decline, endorse);
    fx_prepare(&f, ACT_ENDORSE);
    f.act.approval = APPROVAL_SUSPEND;
    ck_assert_int_eq(fx_send(&f, WHO_LEAD), 0);
    ck_assert_int_eq(pending(APPROVAL_EXTEND)->step, STEP_ASKED);
    ck_assert_int_eq(gate_approval_of(&f.act), APPROVAL_SUSPEND);
}
END_TEST

/* Whatever leads out of handling drops what was asked for there; a voiding may still be decided. */
START_TEST(drops_requests_with_the_handling)
{
    static const struct {
        enum action action;
        enum who who;
        int keeps; /* a way back exactly: merged */
    } ways[] = {{ACT_RETURN, WHO_LEAD, 0},       {ACT_TRANSFER, WHO_LEAD, 0}, {ACT_FEED_BACK, WHO_HANDLER, 0},
                {ACT_FORCE_CLOSE, WHO_CHIEF, 0}, {ACT_ESCALATE, WHO_LEAD, 0}, {ACT_REFER, WHO_ACCEPTOR, 0},
                {ACT_MERGE, WHO_ACCEPTOR, 1},    {ACT_NOTE, WHO_HANDLER, 1}};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        fx_bring_to(&f, STATE_HANDLING);
        fx_must(&f, ACT_REQUEST_EXTEND, WHO_HANDLER);
        fx_must(&f, ACT_REQUEST_SUSPEND, WHO_HANDLER);
        fx_must(&f, ACT_REQUEST_VOID, WHO_LEAD);
        fx_must(&f, ways[i].action, ways[i].who);
        bool extend = approval_is_pending(&f.snap, APPROVAL_EXTEND), suspend = approval_is_pending(&f.snap, APPROVAL_SUSPEND);
        ck_assert_msg(extend == (ways[i].keeps != 0) && suspend == extend, "%s", action_name(ways[i].action));
        ck_assert_int_eq(approval_is_pending(&f.snap, APPROVAL_VOID), f.snap.state != STATE_CLOSED);
    }
}
END_TEST

START_TEST(appeals_against_lateness)
{
    close_late();
    ck_assert_int_eq(f.cells[MEASURE_LATE], 1);
    ck_refused(fx_do(&f, ACT_APPEAL, WHO_WATER), ERR_DENIED, "OWN_ORGAN", "another organ");
    ck_refused(fx_do(&f, ACT_APPEAL, WHO_HANDLER), ERR_DENIED, "ROLE", "the handler");
    struct case_snap closed = f.snap;
    f.env.now = calendar_add_workdays(directory_calendar(f.dir), f.snap.closed_at, 5) + 1;
    fx_prepare(&f, ACT_APPEAL);
    ck_refused(fx_send(&f, WHO_LEAD), ERR_PRECONDITION, "APPEAL_LATE", "on the sixth working day");
    fx_prepare(&f, ACT_APPEAL);
    f.act.happened_at = f.snap.closed_at + 1;
    ck_refused(fx_send(&f, WHO_LEAD), ERR_PRECONDITION, "APPEAL_LATE",
               "on the sixth working day, with an earlier time claimed");
    f.env.now -= 1;
    fx_prepare(&f, ACT_APPEAL);
    ck_assert_int_eq(fx_send(&f, WHO_LEAD), 0);
    ck_refused(fx_do(&f, ACT_GRANT_APPEAL, WHO_ACCEPTOR), ERR_PRECONDITION, "APPROVAL_STEP", "not endorsed");
    ck_refused(fx_do(&f, ACT_ENDORSE, WHO_LEAD), ERR_DENIED, "ROLE", "the lead");
    f.env.now += INT64_C(40) * 86400 * USEC_PER_SEC;
    ck_refused(fx_do(&f, ACT_ARCHIVE, WHO_SERVER), ERR_PRECONDITION, "ARCHIVE_EARLY", "undecided");
    fx_must(&f, ACT_ENDORSE, WHO_DISPATCHER);
    fx_must(&f, ACT_GRANT_APPEAL, WHO_ACCEPTOR);
    ck_assert(case_has(&f.snap, CASE_LATE) && case_has(&f.snap, CASE_LATE_EXEMPT));
    ck_assert_int_eq(f.snap.closed_at, closed.closed_at);
    ck_assert(uuid_equal(&f.snap.closer, &closed.closer));
    ck_assert_int_eq(f.cells[MEASURE_LATE], 0);
    ck_assert_int_eq(f.cells[MEASURE_ON_TIME], 1);
    ck_refused(fx_do(&f, ACT_APPEAL, WHO_LEAD), ERR_PRECONDITION, "APPEAL_LIMIT", "a second appeal");
    fx_must(&f, ACT_ARCHIVE, WHO_SERVER);

    /* Declined is declined; a new round is another matter. */
    close_late();
    fx_must(&f, ACT_APPEAL, WHO_LEAD);
    fx_must(&f, ACT_DECLINE, WHO_DISPATCHER);
    ck_refused(fx_do(&f, ACT_APPEAL, WHO_LEAD), ERR_PRECONDITION, "APPEAL_LIMIT", "after the decision");
    fx_must(&f, ACT_REOPEN, WHO_SUPERVISOR);
    ck_assert_int_eq(f.snap.appeal_count, 0);
    ck_assert(!case_has(&f.snap, CASE_LATE_EXEMPT));
}
END_TEST

START_TEST(drops_an_appeal_with_the_closing)
{
    close_late();
    fx_must(&f, ACT_APPEAL, WHO_LEAD);
    fx_must(&f, ACT_REOPEN, WHO_SUPERVISOR);
    ck_assert_int_eq(approval_bits(&f.snap), 0);
}
END_TEST

START_TEST(raises_cards)
{
    fx_bring_to(&f, STATE_HANDLING);
    ck_refused(fx_do(&f, ACT_URGE_REPLY, WHO_HANDLER), ERR_PRECONDITION, "NOT_URGED", "nothing to answer");
    fx_prepare(&f, ACT_URGE);
    f.act.card = (enum card)7;
    ck_refused(fx_send(&f, WHO_SUPERVISOR), ERR_INVALID, "FIELD", "an unknown card");
    f.act.card = CARD_RED;
    ck_assert_int_eq(fx_send(&f, WHO_SUPERVISOR), 0);
    ck_assert_int_eq(f.snap.card, CARD_RED);
    ck_assert_int_eq(f.snap.reply_by, f.act.until);
    usec_t first = f.env.now;
    f.env.now += 60 * USEC_PER_SEC;
    fx_prepare(&f, ACT_URGE);
    f.act.card = CARD_YELLOW;
    ck_refused(fx_send(&f, WHO_SUPERVISOR), ERR_PRECONDITION, "CARD_LOWER", "back to yellow");
    f.act.card = CARD_NONE;
    f.act.until = USEC_NONE;
    ck_assert_int_eq(fx_send(&f, WHO_SUPERVISOR), 0);
    ck_assert_int_eq(f.snap.card, CARD_RED);
    ck_assert_int_eq(f.snap.urged_at, first);
    ck_refused(fx_do(&f, ACT_URGE_REPLY, WHO_WATER), ERR_DENIED, "OWN_ORGAN", "another organ");
    fx_must(&f, ACT_URGE_REPLY, WHO_HANDLER);
    ck_assert_int_eq(f.snap.reply_by, USEC_NONE);
    ck_assert_int_eq(f.snap.card, CARD_RED);
    /* A card after the answer may be lower; the case keeps its sternest. */
    fx_prepare(&f, ACT_URGE);
    f.act.card = CARD_YELLOW;
    ck_assert_int_eq(fx_send(&f, WHO_SUPERVISOR), 0);
    ck_assert_int_eq(f.snap.card, CARD_RED);
    fx_must(&f, ACT_FORCE_CLOSE, WHO_CHIEF);
    ck_assert_int_eq(f.snap.reply_by, USEC_NONE);
    ck_assert_int_eq(f.snap.urged_at, USEC_NONE);
    fx_must(&f, ACT_REOPEN, WHO_SUPERVISOR);
    ck_assert_int_eq(f.snap.card, CARD_NONE);
}
END_TEST

/* A card may come before any organ has the case. */
START_TEST(answers_cards_at_the_centre)
{
    fx_bring_to(&f, STATE_REPORTED);
    fx_prepare(&f, ACT_URGE);
    f.act.card = CARD_YELLOW;
    ck_assert_int_eq(fx_send(&f, WHO_SUPERVISOR), 0);
    ck_refused(fx_do(&f, ACT_URGE_REPLY, WHO_HANDLER), ERR_DENIED, "OWN_ORGAN", "an organ that has nothing to do with it");
    fx_must(&f, ACT_URGE_REPLY, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.urged_at, USEC_NONE);
}
END_TEST

START_TEST(lapses_helping_organs)
{
    fx_bring_to(&f, STATE_HANDLING);
    ck_assert_int_eq(case_co_lapse_at(&f.snap), USEC_NONE);
    fx_prepare(&f, ACT_WHISTLE);
    f.act.until = f.env.now + 3600 * USEC_PER_SEC;
    ck_assert_int_eq(fx_send(&f, WHO_ACCEPTOR), 0);
    ck_assert_int_eq(case_co_lapse_at(&f.snap), f.act.until);
    ck_refused(fx_do(&f, ACT_CO_LAPSE, WHO_SERVER), ERR_PRECONDITION, "CO_LAPSE_EARLY", "there is time");
    f.env.now = f.snap.co[0].reply_by;
    ck_refused(fx_do(&f, ACT_CO_LAPSE, WHO_DISPATCHER), ERR_DENIED, "ROLE", "by hand");
    fx_must(&f, ACT_CO_LAPSE, WHO_SERVER);
    ck_assert(f.snap.co[0].lapsed && !f.snap.co[0].replied);
    ck_assert_int_eq(case_co_lapse_at(&f.snap), USEC_NONE);
    ck_refused(fx_do(&f, ACT_CO_LAPSE, WHO_SERVER), ERR_PRECONDITION, "CO_LAPSE_EARLY", "twice");
    fx_must(&f, ACT_CO_REPLY, WHO_WATER);
    ck_assert(f.snap.co[0].lapsed && f.snap.co[0].replied);
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
}
END_TEST

static const struct {
    const char *name;
    enum urgency urgency;
    int level;
    int code;
    const char *rule;
    int to;
} escalations[] = {
    {"the next", URGENCY_NORMAL, 0, 0, "", 2},
    {"the next by number", URGENCY_NORMAL, 2, 0, "", 2},
    {"skipping", URGENCY_NORMAL, 3, ERR_PRECONDITION, "SKIP_LEVEL", 0},
    {"skipping, urgent", URGENCY_URGENT, 3, 0, "", 3},
    {"straight to the city, critical", URGENCY_CRITICAL, 4, 0, "", 4},
    {"to where it is", URGENCY_CRITICAL, 1, ERR_INVALID, "SKIP_LEVEL", 0},
    {"beyond the city", URGENCY_CRITICAL, 5, ERR_INVALID, "SKIP_LEVEL", 0},
    {"below everything", URGENCY_CRITICAL, -1, ERR_INVALID, "SKIP_LEVEL", 0},
};

START_TEST(escalates)
{
    fx_prepare(&f, ACT_SUBMIT);
    f.act.urgency = escalations[_i].urgency;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    fx_must(&f, ACT_ACCEPT, WHO_COMMUNITY);
    usec_t due = f.snap.overall.due_at;
    ck_assert_int_ne(due, USEC_NONE);
    f.env.now += 60 * USEC_PER_SEC;
    fx_prepare(&f, ACT_ESCALATE);
    f.act.level = escalations[_i].level;
    if (escalations[_i].code) {
        ck_refused(fx_send(&f, WHO_COMMUNITY), escalations[_i].code, escalations[_i].rule, escalations[_i].name);
        return;
    }
    ck_assert_msg(fx_send(&f, WHO_COMMUNITY) == 0, "%s: %s", escalations[_i].name, f.why.text);
    ck_assert_int_eq(f.snap.level, escalations[_i].to);
    ck_assert_int_eq(f.snap.overall.due_at, due);
}
END_TEST

START_TEST(demands_evidence)
{
    fx_prepare(&f, ACT_SETTLE);
    f.act.category_id = CAT_EVIDENCE;
    ck_refused(fx_send(&f, WHO_WORKER), ERR_PRECONDITION, "EVIDENCE", "settled without a picture");
    f.act.n_evidence = 1;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    fx_bring_to(&f, STATE_HANDLING);
    f.snap.category_id = CAT_EVIDENCE;
    ck_refused(fx_do(&f, ACT_FEED_BACK, WHO_HANDLER), ERR_PRECONDITION, "EVIDENCE", "fed back without a picture");
    ck_assert_str_eq(f.why.field, "attachment_ids");
    f.env.import = true;
    fx_must(&f, ACT_FEED_BACK, WHO_HANDLER);
}
END_TEST

START_TEST(keeps_the_flags_of_the_intake)
{
    fx_prepare(&f, ACT_SUBMIT);
    f.act.confidential = true;
    ck_assert_int_eq(fx_send(&f, WHO_WORKER), 0);
    ck_assert(case_has(&f.snap, CASE_CONFIDENTIAL));
    fx_must(&f, ACT_ACCEPT, WHO_ACCEPTOR);
    ck_assert(case_has(&f.snap, CASE_CONFIDENTIAL));
}
END_TEST

/* From the report to the end; it waits for those outside, and nothing within moves it. */
START_TEST(runs_the_overall_clock)
{
    static const struct {
        enum case_state state;
        bool runs;
    } rows[] = {{STATE_REPORTED, true},  {STATE_FACT_CHECK, false},  {STATE_ACCEPTED, true}, {STATE_DISPATCHED, true},
                {STATE_HANDLING, true},  {STATE_SUSPENDED, false},   {STATE_FEEDBACK, true}, {STATE_FIELD_CHECK, true},
                {STATE_REFERRED, false}, {STATE_CLOSED, false},      {STATE_VOIDED, false},  {STATE_MERGED, false},
                {STATE_ARCHIVED, false}, {STATE_NOT_ACCEPTED, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fx_reset(&f, fx_friday(9, 0));
        fx_bring_to(&f, rows[i].state);
        ck_assert_int_eq(f.snap.overall.kind, CLOCK_OVERALL);
        ck_assert_msg((f.snap.overall.running_since != USEC_NONE) == rows[i].runs, "%s", case_state_name(rows[i].state));
    }
    /* A new round starts it anew; who settles on the spot needs none. */
    fx_reset(&f, fx_friday(9, 0));
    fx_bring_to(&f, STATE_CLOSED);
    ck_assert_int_eq(f.snap.overall.consumed_s, 7 * 60);
    fx_must(&f, ACT_REOPEN, WHO_SUPERVISOR);
    ck_assert_int_eq(f.snap.overall.consumed_s, 0);
    ck_assert_int_ne(f.snap.overall.due_at, USEC_NONE);
    fx_reset(&f, fx_friday(9, 0));
    fx_must(&f, ACT_SETTLE, WHO_WORKER);
    ck_assert_int_eq(f.snap.overall.kind, CLOCK_NONE);
}
END_TEST

START_TEST(knows_when_a_light_changes)
{
    fx_must(&f, ACT_SUBMIT, WHO_WORKER); /* 15 minutes from 09:01; yellow beyond 12 of them */
    const struct calendar *cal = directory_calendar(f.dir);
    usec_t yellow = f.snap.next_light_at;
    ck_assert(yellow >= fx_friday(9, 13) && yellow <= fx_friday(9, 13) + USEC_PER_SEC);
    ck_assert_int_eq(deadline_light(&f.snap.stage, cal, yellow), LIGHT_YELLOW);
    ck_assert_int_eq(deadline_light(&f.snap.stage, cal, yellow - 1), LIGHT_GREEN);
    /* A step that moves no clock leaves alone what whoever acts on lights has advanced. */
    f.snap.next_light_at = yellow + 1;
    fx_must(&f, ACT_NOTE, WHO_WORKER);
    ck_assert_int_eq(f.snap.next_light_at, yellow + 1);
    fx_must(&f, ACT_ORDER_FACT_CHECK, WHO_ACCEPTOR);
    ck_assert_int_eq(f.snap.next_light_at, USEC_NONE);
    /* The earlier of two clocks; one that is red already says nothing more. */
    f.env.now += 60 * USEC_PER_SEC;
    fx_must(&f, ACT_ANSWER_FACT_CHECK, WHO_WORKER);
    ck_assert_int_gt(f.snap.next_light_at, f.env.now);
    ck_assert_int_lt(f.snap.next_light_at, f.snap.due_at);
    f.env.now = f.snap.due_at + 60 * USEC_PER_SEC;
    fx_must(&f, ACT_ORDER_FACT_CHECK, WHO_ACCEPTOR);
    fx_must(&f, ACT_ANSWER_FACT_CHECK, WHO_WORKER);
    ck_assert_int_gt(f.snap.next_light_at, f.env.now);
    ck_assert_int_gt(f.snap.overall.due_at, f.snap.next_light_at);
}
END_TEST

#define LOOP(t, test, table) tcase_add_loop_test(t, test, 0, (int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *s = suite_create("domain approval");
    TCase *t = tcase_create("approval");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, extends_in_three_steps);
    tcase_add_test(t, extends_only_what_is_not_yet_due);
    tcase_add_test(t, keeps_the_extension_over_pauses);
    tcase_add_test(t, suspends_in_three_steps);
    tcase_add_test(t, keeps_askers_from_deciding);
    LOOP(t, declines, refusers);
    tcase_add_test(t, names_the_kind_it_decides);
    tcase_add_test(t, drops_requests_with_the_handling);
    tcase_add_test(t, appeals_against_lateness);
    tcase_add_test(t, drops_an_appeal_with_the_closing);
    tcase_add_test(t, raises_cards);
    tcase_add_test(t, answers_cards_at_the_centre);
    tcase_add_test(t, lapses_helping_organs);
    LOOP(t, escalates, escalations);
    tcase_add_test(t, demands_evidence);
    tcase_add_test(t, keeps_the_flags_of_the_intake);
    tcase_add_test(t, runs_the_overall_clock);
    tcase_add_test(t, knows_when_a_light_changes);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
