/* SPDX-License-Identifier: MIT */
#include "server/domain/clock_runs.h"

static void clear(struct clock_runs *r)
{
    if (!r)
        return;
    r->n = 0;
    r->kind = CLOCK_NONE;
    r->started_at = USEC_NONE;
}

static void begin(struct clock_runs *r, size_t step, usec_t at, bool running)
{
    usec_t t = at / USEC_PER_SEC * USEC_PER_SEC;
    if (r->n > 0)
        r->spans[r->n - 1].to = t;
    else
        r->started_at = t;
    r->spans[r->n] = (struct explain_span){.from = t, .to = USEC_NONE, .running = running};
    r->steps[r->n++] = step;
}

/* From this step on the clock runs, or does not. Steps that change nothing make no span. */
static void turn(struct clock_runs *r, size_t step, usec_t at, bool running)
{
    if (r && (r->n > 0 ? r->spans[r->n - 1].running != running : running))
        begin(r, step, at, running);
}

static void start(struct clock_runs *r, enum clock_kind kind, size_t step, usec_t at)
{
    clear(r);
    if (!r)
        return;
    r->kind = kind;
    turn(r, step, at, true);
}

/* As the gate resumes: a clock that never started, or another stage's, starts. */
static void resume(struct clock_runs *r, enum clock_kind kind, size_t step, usec_t at)
{
    if (r && r->kind != kind) {
        start(r, kind, step, at);
        return;
    }
    /* The gate stops and goes on at once: what was late by then is due now. */
    if (r && r->n > 0 && r->spans[r->n - 1].running && r->spans[r->n - 1].from < at)
        begin(r, step, at, true);
    else
        turn(r, step, at, true);
}

/* What a step does to the clocks of the stages, as move_clocks of the gate. */
static void move_stages(const struct clock_step *s, size_t i, int32_t organ_before, struct clock_runs *stage,
                        struct clock_runs *handle)
{
    const struct state_rule *rule = state_table_find(s->action, s->from, s->result);
    enum clock_kind kind = (enum clock_kind)case_state_clock(s->to);
    bool moves = rule && rule->clocks != CLOCKS_KEEP && rule->clocks != CLOCKS_EXTEND;
    if (!moves)
        return;
    enum clock_effect effect = rule->clocks;
    if (effect == CLOCKS_HANDLE)
        effect = s->organ_id == organ_before ? CLOCKS_RESUME : CLOCKS_START;
    bool runs = kind != CLOCK_NONE && (effect == CLOCKS_START || effect == CLOCKS_RESUME);
    if (!runs || kind == CLOCK_HANDLE)
        turn(stage, i, s->at, false);
    if (!runs || kind != CLOCK_HANDLE)
        turn(handle, i, s->at, false);
    if (!runs)
        return;
    struct clock_runs *r = kind == CLOCK_HANDLE ? handle : stage;
    if (effect == CLOCKS_START)
        start(r, kind, i, s->at);
    else
        resume(r, kind, i, s->at);
}

void clock_runs_read(const struct clock_step *steps, size_t n, struct clock_runs *stage, struct clock_runs *handle,
                     struct clock_runs *overall)
{
    clear(stage);
    clear(handle);
    clear(overall);
    int32_t organ = 0;
    for (size_t i = 0; i < n; i++) {
        const struct clock_step *s = &steps[i];
        if (s->action == ACT_REOPEN)
            clear(handle);
        move_stages(s, i, organ, stage, handle);
        if (!case_state_runs_overall(s->to))
            turn(overall, i, s->at, false);
        else if (i == 0 || s->action == ACT_REOPEN)
            start(overall, CLOCK_OVERALL, i, s->at);
        else
            turn(overall, i, s->at, true);
        organ = s->organ_id;
    }
}

size_t clock_runs_running(const struct clock_runs *r, struct clock_run *out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->spans[i].running)
            out[n++] = (struct clock_run){.from = r->spans[i].from, .to = r->spans[i].to};
    return n;
}
