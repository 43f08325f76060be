/* SPDX-License-Identifier: MIT */
/* Helpers of the case snapshot. */
#include "server/domain/case_snap.h"

#include <string.h>

void case_snap_init(struct case_snap *c)
{
    memset(c, 0, sizeof(*c));
    c->reported_at = c->closed_at = c->feedback_at = c->suspended_until = c->last_event_at = c->due_at = USEC_NONE;
    for (int i = 0; i < CASE_MAX_CO_ORGANS; i++)
        c->co[i].reply_by = USEC_NONE;
    deadline_clear(&c->stage);
    deadline_clear(&c->handle);
}

int case_co_index(const struct case_snap *c, int32_t organ_id)
{
    for (int i = 0; i < c->n_co; i++)
        if (c->co[i].organ_id == organ_id)
            return i;
    return -1;
}
