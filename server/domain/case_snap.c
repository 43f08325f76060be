/* SPDX-License-Identifier: MIT */
/* Helpers of the case snapshot. */
#include "server/domain/case_snap.h"

#include <string.h>

#include "server/domain/approval.h"

void case_snap_init(struct case_snap *c)
{
    memset(c, 0, sizeof(*c));
    c->reported_at = c->closed_at = c->feedback_at = c->suspended_until = c->last_event_at = c->due_at = USEC_NONE;
    c->urged_at = c->reply_by = c->original_due_at = c->feedback_due_at = c->next_light_at = USEC_NONE;
    for (int k = 0; k < APPROVAL_COUNT; k++)
        approval_clear(&c->approval[k]);
    for (int i = 0; i < CASE_MAX_CO_ORGANS; i++)
        c->co[i].reply_by = USEC_NONE;
    deadline_clear(&c->stage);
    deadline_clear(&c->handle);
    deadline_clear(&c->overall);
}

enum case_state case_live_state(const struct case_snap *c)
{
    return c->state == STATE_VOIDED || c->state == STATE_MERGED ? c->prev_state : c->state;
}

usec_t case_co_lapse_at(const struct case_snap *c)
{
    usec_t first = USEC_NONE;
    if (c->state != STATE_DISPATCHED && c->state != STATE_HANDLING)
        return USEC_NONE;
    for (int i = 0; i < c->n_co; i++) {
        const struct case_co_organ *co = &c->co[i];
        if (!co->replied && !co->lapsed && co->reply_by != USEC_NONE && (first == USEC_NONE || co->reply_by < first))
            first = co->reply_by;
    }
    return first;
}

int case_co_index(const struct case_snap *c, int32_t organ_id)
{
    for (int i = 0; i < c->n_co; i++)
        if (c->co[i].organ_id == organ_id)
            return i;
    return -1;
}
