/* SPDX-License-Identifier: MIT */
/*
 * Lights: when a running clock of a case turns yellow or red, whoever has to move the case is told, once. No event: nothing
 * happened to the case but time. The instant of the next change stands in the case (next_light_at); moving it on and telling
 * are one statement. Owned by timers.c.
 */
#ifndef WG_TIMERS_LIGHTS_H
#define WG_TIMERS_LIGHTS_H

#include "server/service/service.h"
#include "server/timers/job.h"

struct lights;

struct lights_stats {
    uint64_t moved;   /* cases looked at */
    uint64_t notices; /* yellow and red */
    usec_t lag_us;
};

struct lights *lights_create(const struct job_env *env, struct service_ctx *ctx, struct err *e);
/* Accepts NULL. */
void lights_destroy(struct lights *l);
void lights_get_stats(const struct lights *l, struct lights_stats *ret);

#endif
