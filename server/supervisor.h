/* SPDX-License-Identifier: MIT */
/*
 * The master of several workers: forks them, starts one that crashed again with a growing pause, passes SIGTERM and SIGHUP on,
 * supervises the private PostgreSQL. Called by `wangged serve` when workers > 1.
 */
#ifndef WG_SUPERVISOR_H
#define WG_SUPERVISOR_H

#include "server/app.h"

/* Runs until told to stop and all workers ended. options->worker and announce are set for each. Returns 0 or a negative error.
 * The embedded cluster keeps events on base: stop it before base goes. */
int supervisor_run(struct event_base *base, struct app_options *options, int n_workers, struct embedded *embedded);

/* Pure: how long to wait before a worker that lived so long is started again, given the wait before. */
int supervisor_next_wait_ms(int64_t lived_ms, int wait_ms);

#endif
