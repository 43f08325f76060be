/* SPDX-License-Identifier: MIT */
/* What reports count. */
#include "server/domain/measure.h"

#include <stddef.h>
#include <string.h>

void measure_stock(const struct case_snap *c, int8_t out[MEASURE_COUNT])
{
    memset(out, 0, MEASURE_COUNT * sizeof(out[0]));
    if (!c || !case_has(c, CASE_COUNTED))
        return;
    bool refused = c->state == STATE_NOT_ACCEPTED, voided = c->state == STATE_VOIDED, merged = c->state == STATE_MERGED;
    bool valid = case_has(c, CASE_ACCEPTED_EVER) && !refused && !voided && !merged;
    bool closed = c->state == STATE_CLOSED || c->state == STATE_ARCHIVED;
    bool limited = c->handle.kind == CLOCK_HANDLE && c->handle.limit_s > 0;
    /* An appeal that was granted: late all the same, but not counted as late. */
    bool late = case_has(c, CASE_LATE) && !case_has(c, CASE_LATE_EXEMPT);
    out[MEASURE_REPORTED] = 1;
    out[MEASURE_VALID] = valid;
    out[MEASURE_CLOSED] = closed;
    out[MEASURE_SELF_CLOSED] = closed && case_has(c, CASE_SELF_CLOSED);
    out[MEASURE_REFUSED] = refused;
    out[MEASURE_VOIDED] = voided;
    out[MEASURE_MERGED] = merged;
    out[MEASURE_SUSPENDED] = c->state == STATE_SUSPENDED;
    out[MEASURE_FORCED] = closed && case_has(c, CASE_FORCED);
    out[MEASURE_REOPENED] = valid && c->reopen_count > 0;
    out[MEASURE_REWORKED] = valid && c->rework_count > 0;
    out[MEASURE_ON_TIME] = closed && limited && !late;
    out[MEASURE_LATE] = closed && limited && late;
    out[MEASURE_NO_DEADLINE] = closed && !limited;
}

void measure_flow(enum action action, const struct case_snap *before, const struct case_snap *after, int8_t out[MEASURE_COUNT])
{
    memset(out, 0, MEASURE_COUNT * sizeof(out[0]));
    if (!case_has(after, CASE_COUNTED))
        return;
    bool was_accepted = before && case_has(before, CASE_ACCEPTED_EVER);
    bool was_closed = before && (before->state == STATE_CLOSED || before->state == STATE_ARCHIVED);
    int32_t organ_before = before ? before->organ_id : 0;
    out[MEASURE_ACCEPTED] = !was_accepted && case_has(after, CASE_ACCEPTED_EVER);
    out[MEASURE_CLOSINGS] = !was_closed && after->state == STATE_CLOSED;
    out[MEASURE_RETURNED] = action == ACT_RETURN;
    out[MEASURE_DISPATCHED] = action == ACT_DISPATCH || (action == ACT_TRANSFER && after->organ_id != organ_before);
    out[MEASURE_FED_BACK] = action == ACT_FEED_BACK;
}

void measure_delta(enum action action, const struct case_snap *before, const struct case_snap *after, int8_t out[MEASURE_COUNT])
{
    int8_t was[MEASURE_COUNT], is[MEASURE_COUNT];
    measure_stock(before, was);
    measure_stock(after, is);
    measure_flow(action, before, after, out);
    for (int m = 0; m < MEASURE_COUNT; m++)
        out[m] = (int8_t)(out[m] + is[m] - was[m]);
}

bool measure_is_flow(enum measure m)
{
    return m == MEASURE_ACCEPTED || m == MEASURE_CLOSINGS || m == MEASURE_RETURNED || m == MEASURE_DISPATCHED ||
           m == MEASURE_FED_BACK;
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
    };
    return (unsigned)m < MEASURE_COUNT ? names[m] : "?";
}
