/* SPDX-License-Identifier: MIT */
/* What reports count. */
#include "server/domain/measure.h"

#include <stddef.h>
#include <string.h>

enum { UTC_OFFSET_S = 28800 }; /* the business zone */

static bool is_closed(const struct case_snap *c)
{
    return c->state == STATE_CLOSED || c->state == STATE_ARCHIVED;
}

static bool is_public(enum channel channel)
{
    return channel == CHANNEL_HOTLINE || channel == CHANNEL_PUBLIC;
}

static bool is_valid(const struct case_snap *c)
{
    return case_has(c, CASE_ACCEPTED_EVER) && c->state != STATE_NOT_ACCEPTED && c->state != STATE_VOIDED &&
           c->state != STATE_MERGED;
}

/* A limit holds for the round at hand, and whether it was kept. An appeal that was granted: late all the same, but not counted
 * as late. */
static bool is_limited(const struct case_snap *c)
{
    return c->handle.kind == CLOCK_HANDLE && c->handle.limit_s > 0;
}

static bool is_late(const struct case_snap *c)
{
    return case_has(c, CASE_LATE) && !case_has(c, CASE_LATE_EXEMPT);
}

/* Those that the greater part of cases never touches. */
static void stock_more(const struct case_snap *c, int8_t out[MEASURE_COUNT])
{
    bool valid = is_valid(c);
    bool closed = is_closed(c);
    bool open = valid && !closed;
    bool fed_back = valid && c->feedback_at != USEC_NONE;
    bool limited = is_limited(c);
    bool late = is_late(c);
    bool on_time = closed && limited && !late;
    bool self = case_has(c, CASE_SELF_CLOSED);
    bool overall = closed && !self && c->overall.kind == CLOCK_OVERALL && c->overall.limit_s > 0;
    bool dispute = valid && case_has(c, CASE_DISPUTE);
    usec_t due = c->feedback_due_at;
    out[MEASURE_FED_BACK_EVER] = valid && case_has(c, CASE_FED_BACK_EVER);
    out[MEASURE_ACCEPTED_VOIDED] = c->state == STATE_VOIDED && case_has(c, CASE_ACCEPTED_EVER);
    out[MEASURE_ACCEPTED_APART] =
        (c->state == STATE_MERGED || c->state == STATE_NOT_ACCEPTED) && case_has(c, CASE_ACCEPTED_EVER);
    out[MEASURE_HANDLED] = fed_back;
    out[MEASURE_HANDLED_ON_TIME] = fed_back && !(limited && late);
    out[MEASURE_UNHANDLED] = open && !fed_back && c->state != STATE_SUSPENDED;
    out[MEASURE_FED_BACK_IN_TIME] = open && fed_back && limited && !late;
    out[MEASURE_OPEN_LATE] = open && fed_back && limited && late;
    out[MEASURE_OVERALL_ON_TIME] = overall && !c->overall.was_late;
    out[MEASURE_OVERALL_LATE] = overall && c->overall.was_late;
    out[MEASURE_EXTENDED] = on_time && c->original_due_at != USEC_NONE;
    out[MEASURE_EXEMPT] = on_time && case_has(c, CASE_LATE);
    out[MEASURE_FAST] = closed && !self && c->closed_at - c->reported_at <= MEASURE_FAST_S * USEC_PER_SEC;
    out[MEASURE_LAST_DAY] = on_time && due != USEC_NONE && c->feedback_at != USEC_NONE && c->feedback_at <= due &&
                            clock_local_day(c->feedback_at, UTC_OFFSET_S) == clock_local_day(due, UTC_OFFSET_S);
    out[MEASURE_BACKDATED] = on_time && case_has(c, CASE_BACKDATED);
    out[MEASURE_PUBLIC] = valid && is_public(c->channel);
    out[MEASURE_DISPUTE] = dispute;
    out[MEASURE_DISPUTE_HANDLED] = dispute && (fed_back || closed);
    out[MEASURE_DISPUTE_CLOSED] = dispute && closed;
    out[MEASURE_DISPUTE_SUCCESS] = dispute && closed && case_has(c, CASE_SUCCESS);
    out[MEASURE_REOPENED_OPEN] = open && c->reopen_count > 0;
}

void measure_stock(const struct case_snap *c, int8_t out[MEASURE_COUNT])
{
    memset(out, 0, MEASURE_COUNT * sizeof(out[0]));
    if (!c || !case_has(c, CASE_COUNTED))
        return;
    bool valid = is_valid(c);
    bool closed = is_closed(c);
    bool limited = is_limited(c);
    bool late = is_late(c);
    out[MEASURE_REPORTED] = 1;
    out[MEASURE_VALID] = valid;
    out[MEASURE_CLOSED] = closed;
    out[MEASURE_SELF_CLOSED] = closed && case_has(c, CASE_SELF_CLOSED);
    out[MEASURE_REFUSED] = c->state == STATE_NOT_ACCEPTED;
    out[MEASURE_VOIDED] = c->state == STATE_VOIDED;
    out[MEASURE_MERGED] = c->state == STATE_MERGED;
    out[MEASURE_SUSPENDED] = c->state == STATE_SUSPENDED;
    out[MEASURE_FORCED] = closed && case_has(c, CASE_FORCED);
    out[MEASURE_REOPENED] = valid && c->reopen_count > 0;
    out[MEASURE_REWORKED] = valid && c->rework_count > 0;
    out[MEASURE_ON_TIME] = closed && limited && !late;
    out[MEASURE_LATE] = closed && limited && late;
    out[MEASURE_NO_DEADLINE] = closed && !limited;
    stock_more(c, out);
}

static void revisit(const struct measure_step *step, int8_t out[MEASURE_COUNT])
{
    out[MEASURE_REACHED] = step->check_result != CHECK_UNABLE;
    out[MEASURE_RESPONSE_ASKED] = step->responded != YES_NO_NONE;
    out[MEASURE_RESPONDED] = step->responded == YES_NO_YES;
    out[MEASURE_SOLUTION_ASKED] = step->solved != YES_NO_NONE;
    out[MEASURE_SOLVED] = step->solved == YES_NO_YES;
    out[MEASURE_SATISFIED] = step->check_result == CHECK_PASS;
    out[MEASURE_BASICALLY] = step->check_result == CHECK_BASICALLY;
    out[MEASURE_DISSATISFIED] = step->check_result == CHECK_FAIL;
}

void measure_flow(const struct measure_step *step, const struct case_snap *before, const struct case_snap *after,
                  int8_t out[MEASURE_COUNT])
{
    memset(out, 0, MEASURE_COUNT * sizeof(out[0]));
    if (!case_has(after, CASE_COUNTED))
        return;
    enum action a = step->action;
    bool was_accepted = before && case_has(before, CASE_ACCEPTED_EVER);
    bool was_closed = before && is_closed(before);
    int32_t organ_before = before ? before->organ_id : 0;
    out[MEASURE_ACCEPTED] = !was_accepted && case_has(after, CASE_ACCEPTED_EVER);
    out[MEASURE_CLOSINGS] = !was_closed && after->state == STATE_CLOSED;
    out[MEASURE_RETURNED] = a == ACT_RETURN;
    out[MEASURE_DISPATCHED] = a == ACT_DISPATCH || (a == ACT_TRANSFER && after->organ_id != organ_before);
    out[MEASURE_FED_BACK] = a == ACT_FEED_BACK;
    out[MEASURE_CHECKS] = a == ACT_ORDER_FIELD_CHECK;
    out[MEASURE_CHECKS_ON_TIME] =
        a == ACT_ANSWER_FIELD_CHECK && before && (before->due_at == USEC_NONE || after->last_event_at <= before->due_at);
    if (a == ACT_REVISIT)
        revisit(step, out);
    out[MEASURE_REOPENED_SOON] =
        a == ACT_REOPEN && before && after->last_event_at - before->closed_at <= MEASURE_SOON_S * USEC_PER_SEC;
}

void measure_delta(const struct measure_step *step, const struct case_snap *before, const struct case_snap *after,
                   int8_t out[MEASURE_COUNT])
{
    int8_t was[MEASURE_COUNT], is[MEASURE_COUNT];
    measure_stock(before, was);
    measure_stock(after, is);
    measure_flow(step, before, after, out);
    for (int m = 0; m < MEASURE_COUNT; m++)
        out[m] = (int8_t)(out[m] + is[m] - was[m]);
}

void measure_dues(const struct case_snap *c, usec_t out[DUE_COUNT])
{
    out[DUE_RUNNING] = out[DUE_FED_BACK] = out[DUE_OVERALL] = USEC_NONE;
    if (!c || !case_has(c, CASE_COUNTED) || !is_valid(c) || is_closed(c))
        return;
    if (c->handle.running_since != USEC_NONE)
        out[DUE_RUNNING] = c->handle.due_at;
    else if (c->feedback_at != USEC_NONE && is_limited(c) && !is_late(c))
        out[DUE_FED_BACK] = c->feedback_due_at;
    if (c->overall.running_since != USEC_NONE)
        out[DUE_OVERALL] = c->overall.due_at;
}

bool measure_is_flow(enum measure m)
{
    return m == MEASURE_ACCEPTED || m == MEASURE_CLOSINGS || m == MEASURE_RETURNED || m == MEASURE_DISPATCHED ||
           m == MEASURE_FED_BACK || m >= MEASURE_CHECKS;
}

const char *measure_name(enum measure m)
{
    static const char *const names[MEASURE_COUNT] = {
        [MEASURE_REPORTED] = "reported",
        [MEASURE_ACCEPTED] = "accepted",
        [MEASURE_VALID] = "valid",
        [MEASURE_CLOSED] = "closed",
        [MEASURE_SELF_CLOSED] = "self_closed",
        [MEASURE_CLOSINGS] = "closings",
        [MEASURE_REFUSED] = "refused",
        [MEASURE_VOIDED] = "voided",
        [MEASURE_MERGED] = "merged",
        [MEASURE_SUSPENDED] = "suspended",
        [MEASURE_FORCED] = "forced",
        [MEASURE_REOPENED] = "reopened",
        [MEASURE_RETURNED] = "returned",
        [MEASURE_DISPATCHED] = "dispatched",
        [MEASURE_REWORKED] = "reworked",
        [MEASURE_ON_TIME] = "on_time",
        [MEASURE_LATE] = "late",
        [MEASURE_NO_DEADLINE] = "no_deadline",
        [MEASURE_FED_BACK] = "fed_back",
        [MEASURE_FED_BACK_EVER] = "fed_back_ever",
        [MEASURE_ACCEPTED_VOIDED] = "accepted_voided",
        [MEASURE_HANDLED] = "handled",
        [MEASURE_HANDLED_ON_TIME] = "handled_on_time",
        [MEASURE_UNHANDLED] = "unhandled",
        [MEASURE_FED_BACK_IN_TIME] = "fed_back_in_time",
        [MEASURE_OPEN_LATE] = "open_late",
        [MEASURE_OVERALL_ON_TIME] = "overall_on_time",
        [MEASURE_OVERALL_LATE] = "overall_late",
        [MEASURE_EXTENDED] = "extended",
        [MEASURE_EXEMPT] = "exempt",
        [MEASURE_FAST] = "fast",
        [MEASURE_LAST_DAY] = "last_day",
        [MEASURE_BACKDATED] = "backdated",
        [MEASURE_PUBLIC] = "public",
        [MEASURE_DISPUTE] = "dispute",
        [MEASURE_DISPUTE_HANDLED] = "dispute_handled",
        [MEASURE_DISPUTE_CLOSED] = "dispute_closed",
        [MEASURE_DISPUTE_SUCCESS] = "dispute_success",
        [MEASURE_REOPENED_OPEN] = "reopened_open",
        [MEASURE_ACCEPTED_APART] = "accepted_apart",
        [MEASURE_CHECKS] = "checks",
        [MEASURE_CHECKS_ON_TIME] = "checks_on_time",
        [MEASURE_REACHED] = "reached",
        [MEASURE_RESPONSE_ASKED] = "response_asked",
        [MEASURE_RESPONDED] = "responded",
        [MEASURE_SOLUTION_ASKED] = "solution_asked",
        [MEASURE_SOLVED] = "solved",
        [MEASURE_SATISFIED] = "satisfied",
        [MEASURE_BASICALLY] = "basically",
        [MEASURE_DISSATISFIED] = "dissatisfied",
        [MEASURE_REOPENED_SOON] = "reopened_soon",
    };
    return (unsigned)m < MEASURE_COUNT ? names[m] : "?";
}
