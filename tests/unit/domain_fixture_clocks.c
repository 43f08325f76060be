/* SPDX-License-Identifier: MIT */
/* What the events say of a case's clocks, counted again beside the clocks themselves. */
#include "domain_fixture.h"
#include "server/domain/clock_runs.h"

enum { MAX_STEPS = 1000 };

static const char *broken_runs(const struct calendar *cal, const struct case_clock *k, const struct clock_runs *r)
{
    static struct clock_run list[MAX_STEPS + 1];
    struct deadline_replay replay;
    if (k->kind == CLOCK_NONE)
        return NULL;
    HOLDS(r->kind == k->kind);
    deadline_replay(cal, k->kind, k->unit, k->limit_s, list, clock_runs_running(r, list), &replay);
    HOLDS(replay.clock.consumed_s == k->consumed_s);
    HOLDS(replay.clock.running_since == k->running_since);
    return NULL;
}

const char *fx_broken_clock_runs(const struct fx *f, const struct case_snap *c, const struct clock_step *steps, size_t n)
{
    static struct explain_span spans[3][MAX_STEPS + 1];
    static size_t at[3][MAX_STEPS + 1];
    struct clock_runs runs[3];
    ck_assert_uint_le(n, MAX_STEPS);
    for (int i = 0; i < 3; i++)
        runs[i] = (struct clock_runs){.spans = spans[i], .steps = at[i]};
    clock_runs_read(steps, n, &runs[0], &runs[1], &runs[2]);
    const struct case_clock *clocks[] = {&c->stage, &c->handle, &c->overall};
    const struct calendar *cal = directory_calendar_for(f->env.dir, c->grid);
    for (int i = 0; i < 3; i++) {
        const char *why = broken_runs(cal, clocks[i], &runs[i]);
        if (why)
            return why;
    }
    return NULL;
}
