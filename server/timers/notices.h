/* SPDX-License-Identifier: MIT */
/* Background work: turns the feed into notices (server/domain/notice.h says which), and deletes those that are too old. */
#ifndef WG_TIMERS_NOTICES_H
#define WG_TIMERS_NOTICES_H

#include "server/timers/job.h"

struct notices;

struct notices_stats {
    uint64_t events;  /* looked at by this worker */
    uint64_t notices; /* made by it */
    uint64_t purged;
};

struct notices *notices_create(const struct job_env *env, int keep_days, struct err *e);
/* Accepts NULL. */
void notices_destroy(struct notices *n);
/* Something happened: look soon. */
void notices_kick(struct notices *n);
void notices_get_stats(const struct notices *n, struct notices_stats *ret);

#endif
