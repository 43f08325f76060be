/* SPDX-License-Identifier: MIT */
/*
 * When a case's clocks ran, read back from its events: what explaining a deadline and dry runs of a change begin with. Pure.
 * Invariant: for a history the gate made, counting the spans again gives what the gate's clocks say (tested by random walks).
 */
#ifndef WG_DOMAIN_CLOCK_RUNS_H
#define WG_DOMAIN_CLOCK_RUNS_H

#include "server/domain/explain.h"
#include "server/domain/state_table.h"

/* An event, as far as clocks care. */
struct clock_step {
    enum action action;
    enum case_state from;
    enum case_state to;
    enum check_result result;
    usec_t at;        /* happened */
    int32_t organ_id; /* lead organ after it */
};

/* The spans of one clock since it last began, oldest first, touching; the last one is open (to USEC_NONE). */
struct clock_runs {
    enum clock_kind kind; /* of a stage clock: which one is there now */
    size_t n;
    struct explain_span *spans; /* the caller's, room for as many as there are steps */
    size_t *steps;              /* the caller's: index of the step each span began with */
    usec_t started_at;          /* USEC_NONE: it never ran */
};

/* Fills what the caller gave arrays for; a NULL argument is skipped. stage is the accept, dispatch or check clock. */
void clock_runs_read(const struct clock_step *steps, size_t n, struct clock_runs *stage, struct clock_runs *handle,
                     struct clock_runs *overall);
/* The running spans alone, for deadline_replay; out has room for r->n. Returns how many. */
size_t clock_runs_running(const struct clock_runs *r, struct clock_run *out);

#endif
