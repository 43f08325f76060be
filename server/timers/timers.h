/* SPDX-License-Identifier: MIT */
/*
 * The background work of a worker, gathered: notices from the feed, and what the server does by itself when its time has come.
 * Nothing is kept in memory: what is due stands in the database, so a restart or another worker goes on where one stopped.
 * Owned by app.
 */
#ifndef WG_TIMERS_TIMERS_H
#define WG_TIMERS_TIMERS_H

#include "server/timers/lights.h"
#include "server/timers/notices.h"
#include "server/timers/steps.h"

struct service_ctx;
struct timers;

struct timers_config {
    bool steps;     /* take the server's own steps, light lights; false: leave that to other servers */
    int poll_ms;    /* how often to look for what is due */
    int notices_ms; /* how often to look for events nobody was told of */
    int lease_ms;
    int keep_notices_days;
    int archive_revisited_days; /* how long a revisited case stays open to appeals */
};

struct timers *timers_create(const struct timers_config *cfg, struct service_ctx *ctx, struct err *e);
/* Before the database. Accepts NULL. */
void timers_destroy(struct timers *t);
/* Something was written here. */
void timers_kick(struct timers *t);

struct timers_stats {
    struct notices_stats notices;
    struct steps_stats resume, archive, lapse;
    struct lights_stats lights;
};
void timers_get_stats(const struct timers *t, struct timers_stats *ret);

#endif
