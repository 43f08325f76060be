/* SPDX-License-Identifier: MIT */
#include "server/timers/timers.h"

#include <stdlib.h>

#include "server/service/service.h"

struct timers {
    struct notices *notices;
    struct steps *resume, *archive, *lapse; /* NULL: left to other servers */
    struct lights *lights;
};

static int create_steps(struct timers *t, const struct timers_config *cfg, const struct job_env *env, struct service_ctx *ctx,
                        struct err *e)
{
    t->resume = steps_create(env, ctx, ACT_RESUME, 0, e);
    t->archive = t->resume ? steps_create(env, ctx, ACT_ARCHIVE, (int64_t)cfg->archive_revisited_days * 86400, e) : NULL;
    t->lapse = t->archive ? steps_create(env, ctx, ACT_CO_LAPSE, 0, e) : NULL;
    t->lights = t->lapse ? lights_create(env, ctx, e) : NULL;
    return t->lights ? 0 : e->code;
}

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
    env.idle_ms = cfg->poll_ms;
    if (t->notices && (!cfg->steps || create_steps(t, cfg, &env, ctx, e) == 0))
        return t;
    timers_destroy(t);
    return NULL;
}

void timers_destroy(struct timers *t)
{
    if (!t)
        return;
    lights_destroy(t->lights);
    steps_destroy(t->lapse);
    steps_destroy(t->archive);
    steps_destroy(t->resume);
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
    *ret = (struct timers_stats){0};
    notices_get_stats(t->notices, &ret->notices);
    if (!t->lights)
        return;
    steps_get_stats(t->resume, &ret->resume);
    steps_get_stats(t->archive, &ret->archive);
    steps_get_stats(t->lapse, &ret->lapse);
    lights_get_stats(t->lights, &ret->lights);
}
