/* SPDX-License-Identifier: MIT */
/* How far a long run is, on standard error: a bar that redraws itself on a terminal, else a line every five seconds. */
#ifndef WG_DEMO_PROGRESS_H
#define WG_DEMO_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/clock.h"

struct progress {
    const char *what; /* static */
    size_t total;
    size_t done_at_start;
    bool tty;
    usec_t started; /* monotonic */
    usec_t shown;
};

void progress_init(struct progress *p, const char *what, size_t total, size_t done);
/* Shows it if enough time has passed. */
void progress_update(struct progress *p, size_t done);
/* Clears or completes the bar. */
void progress_end(struct progress *p, size_t done);
/* Microseconds since progress_init. */
usec_t progress_elapsed(const struct progress *p);

#endif
