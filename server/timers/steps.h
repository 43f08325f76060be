/* SPDX-License-Identifier: MIT */
/*
 * The steps the server takes by itself when their time has come: resume of suspended cases, archive of closed ones, lapse of
 * helping organs. They pass the same gate and the same write path as everybody's. Owned by timers.c.
 *
 * A step is taken once however many workers try: its key is made from the case, the action and the version it was decided on,
 * and the write is guarded by that version. Which worker tries is the lease's matter (job.h). A case the gate refuses is noted
 * and left alone until it changes or an hour has passed, so it does not hold up the others.
 */
#ifndef WG_TIMERS_STEPS_H
#define WG_TIMERS_STEPS_H

#include "server/service/service.h"
#include "server/timers/job.h"

struct steps;

struct steps_stats {
    uint64_t done;
    uint64_t refused;
    uint64_t overtaken; /* somebody else was faster */
    usec_t lag_us;      /* of the last batch: how long ago its oldest was due; 0 when nothing is */
};

/* Which: ACT_RESUME, ACT_ARCHIVE or ACT_CO_LAPSE. revisited_s: how long a revisited case stays before it is archived. */
struct steps *steps_create(const struct job_env *env, struct service_ctx *ctx, enum action action, int64_t revisited_s,
                           struct err *e);
/* Accepts NULL. */
void steps_destroy(struct steps *s);
void steps_get_stats(const struct steps *s, struct steps_stats *ret);

/* The key of a step: the same for everybody who decides it on the same version of the case. */
struct uuid steps_request_id(const struct uuid *case_id, enum action action, int64_t version);

#endif
