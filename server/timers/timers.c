/* SPDX-License-Identifier: MIT */
#include "server/timers/timers.h"

#include <stdlib.h>

#include "server/service/service.h"

struct timers {
    struct notices *notices;
};

struct timers *timers_create(const struct timers_config *cfg, struct service_ctx *ctx, struct err *e)
{
    struct timers *t = calloc(1, sizeof(*t));
    struct job_env env = {
        .base = ctx->base,
        .db = ctx->db,
        .clock = ctx->clock,
        .holder = uuid_v7(ctx->clock->now(ctx->clock)),
        .lease_ms = cfg->lease_ms,
        .idle_ms = cfg->notices_ms,
    };

    if (!t) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    t->notices = notices_create(&env, cfg->keep_notices_days, e);
    if (t->notices)
        return t;
    timers_destroy(t);
    return NULL;
}

void timers_destroy(struct timers *t)
{
    if (!t)
        return;
    notices_destroy(t->notices);
    free(t);
}

void timers_kick(struct timers *t)
{
    if (t)
        notices_kick(t->notices);
}

void timers_get_stats(const struct timers *t, struct timers_stats *ret)
{
    notices_get_stats(t->notices, &ret->notices);
}
