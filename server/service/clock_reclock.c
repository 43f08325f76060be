/* SPDX-License-Identifier: MIT */
#include "server/service/clock_reclock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/case_view.h"
#include "server/store/clock_store.h"

enum { PAGE_ROWS = 200, PAGE_MEMORY = 8 * 1024 * 1024, STEPS_MAX = 4096 };

/* A case to be written; lives in the page's arena. */
struct job {
    struct reclock *r;
    struct case_row after;
    struct event_write event;
    struct case_write write;
};

struct reclock {
    struct reclock_config cfg;
    struct arena *page;
    const struct case_row *rows;
    int n_rows;
    int64_t after_grid;
    struct uuid after_id;
    int writing;
    int32_t written;
    struct err failed;
    bool cancelled;
    bool busy; /* a question is under way */
};

static void read_page(struct reclock *r);

static void end(struct reclock *r)
{
    if (!r->cancelled)
        r->cfg.ops->done(r->cfg.arg, r->written, &r->failed);
    arena_destroy(r->page);
    free(r);
}

static void page_done(struct reclock *r)
{
    if (r->writing > 0)
        return;
    r->busy = false;
    bool last = r->n_rows < PAGE_ROWS;
    if (r->cancelled || r->failed.code)
        end(r);
    else if (last)
        end(r);
    else if (!r->cfg.ops->page || r->cfg.ops->page(r->cfg.arg))
        read_page(r);
}

void reclock_continue(struct reclock *r)
{
    if (!r->busy)
        read_page(r);
}

void reclock_cancel(struct reclock *r)
{
    if (!r)
        return;
    r->cancelled = true;
    if (!r->busy)
        end(r);
}

/* Writing ------------------------------------------------------------------------------------------------------------ */

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct job *j = arg;
    struct reclock *r = j->r;
    /* Changed meanwhile: whoever did it counted by what holds now. */
    if (e->code && e->code != ERR_CONFLICT && e->code != ERR_EXISTS && !r->failed.code)
        r->failed = *e;
    else if (!e->code && !replayed)
        r->written++;
    r->writing--;
    page_done(r);
}

static struct uuid key_of(const struct reclock *r, const struct case_row *row)
{
    uint8_t in[16 + 16 + 8], hash[16];
    memcpy(in, r->cfg.request_id.bytes, 16);
    memcpy(in + 16, row->snap.id.bytes, 16);
    for (int i = 0; i < 8; i++)
        in[32 + i] = (uint8_t)((uint64_t)row->snap.version >> (8 * i));
    (void)crypto_generichash(hash, sizeof hash, in, sizeof in, NULL, 0);
    return uuid_from_hash(hash);
}

static int write_case(struct reclock *r, const struct case_row *row, const struct clock_moved *moved, size_t n, struct err *e)
{
    static const struct actor server = {.is_server = true, .name = ""};
    struct gate_reclock clocks = {row->snap.stage, row->snap.handle, row->snap.overall};
    for (size_t i = 0; i < n; i++) {
        const struct case_clock *k = &moved[i].after;
        *(k->kind == CLOCK_HANDLE ? &clocks.handle : k->kind == CLOCK_OVERALL ? &clocks.overall : &clocks.stage) = *k;
    }
    struct job *j = arena_zalloc(r->page, sizeof *j);
    if (!j)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    struct act act;
    act_init(&act, ACT_RECLOCK);
    act.expected_version = row->snap.version;
    act.reclock = &clocks;
    struct gate_env env = view_gate_env(r->cfg.ctx, r->cfg.dir, false);
    struct gate_refusal why;
    j->r = r;
    j->after = *row;
    if (gate_decide(&env, &server, &row->snap, &act, &j->after.snap, &why))
        return 0; /* not in this state any more */
    j->event.request_id = key_of(r, row);
    j->event.happened_at = gate_happened_at(&act, &j->after.snap, env.now);
    j->event.arrived_at = USEC_NONE;
    j->event.until = j->after.snap.due_at;
    j->event.actor_name = "";
    struct measure_step step = {.action = ACT_RECLOCK};
    event_write_measures(&j->event, &step, &row->snap, &j->after.snap);
    j->write = (struct case_write){
        .db = r->cfg.ctx->db,
        .clock = r->cfg.ctx->clock,
        .expected = row->snap.version,
        .after = &j->after,
        .n_events = 1,
        .events = &j->event,
        .fn = on_written,
        .arg = j,
    };
    j->write.write.deadline = USEC_NONE;
    int rc = case_store_write(&j->write, e);
    if (!rc)
        r->writing++;
    return rc;
}

/* Counting ----------------------------------------------------------------------------------------------------------- */

struct case_runs {
    struct clock_runs stage, handle, overall;
};

static bool runs_init(struct arena *a, struct clock_runs *r, size_t n)
{
    r->spans = arena_alloc(a, (n + 1) * sizeof *r->spans);
    r->steps = arena_alloc(a, (n + 1) * sizeof *r->steps);
    return r->spans && r->steps;
}

/* True if the clock moves; fills *ret. */
static bool count_again(const struct reclock *r, const struct case_row *row, const struct case_clock *k,
                        const struct clock_runs *runs, struct clock_run *list, struct clock_moved *ret)
{
    const struct case_snap *s = &row->snap;
    if (k->kind == CLOCK_NONE || k->running_since == USEC_NONE || k->limit_s <= 0 || runs->kind != k->kind)
        return false;
    if (k->kind == CLOCK_HANDLE && s->original_due_at != USEC_NONE)
        return false;
    if (r->cfg.only && !deadline_is_provisional(k, calendar_set_for(r->cfg.only, s->grid)))
        return false;
    struct gate_limit_query q = {
        .kind = k->kind,
        .category = directory_category_by_id(r->cfg.dir, s->category_id),
        .urgency = s->urgency,
        .grid = s->grid,
        .at = r->cfg.limits_from,
    };
    struct limit limit = gate_limit(r->cfg.limits, &r->cfg.ctx->rules, &q);
    if (limit.rule_id < r->cfg.first_new_rule)
        limit = (struct limit){.unit = k->unit, .limit_s = k->limit_s, .rule_id = k->rule_id};
    size_t n = clock_runs_running(runs, list);
    struct deadline_replay replay;
    deadline_replay(calendar_set_for(r->cfg.calendars, s->grid), k->kind, limit.unit, limit.limit_s, list, n, &replay);
    if (replay.clock.due_at / USEC_PER_SEC == k->due_at / USEC_PER_SEC)
        return false;
    ret->before = *k;
    ret->after = replay.clock;
    ret->after.rule_id = limit.rule_id;
    return true;
}

static int examine(struct reclock *r, const struct case_row *row, const struct clock_event *events, int n, struct err *e)
{
    struct clock_step steps[STEPS_MAX];
    struct case_runs runs;
    struct clock_moved moved[CLOCK_MOVED_MAX];
    size_t n_moved = 0, count = n < STEPS_MAX ? (size_t)n : STEPS_MAX;
    struct clock_run *list = arena_alloc(r->page, (count + 1) * sizeof *list);
    if (!list || !runs_init(r->page, &runs.stage, count) || !runs_init(r->page, &runs.handle, count) ||
        !runs_init(r->page, &runs.overall, count))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (size_t i = 0; i < count; i++)
        steps[i] = events[i].step;
    clock_runs_read(steps, count, &runs.stage, &runs.handle, &runs.overall);
    if (count == (size_t)n) {
        n_moved += count_again(r, row, &row->snap.stage, &runs.stage, list, &moved[n_moved]);
        n_moved += count_again(r, row, &row->snap.handle, &runs.handle, list, &moved[n_moved]);
        n_moved += count_again(r, row, &row->snap.overall, &runs.overall, list, &moved[n_moved]);
    }
    bool wanted = !r->cfg.ops->item || r->cfg.ops->item(r->cfg.arg, row, moved, n_moved);
    if (!wanted || n_moved == 0 || uuid_is_nil(&r->cfg.request_id))
        return 0;
    return write_case(r, row, moved, n_moved, e);
}

/* The first event that belongs to the case or one after it; events are sorted by case. */
static int first_of(const struct clock_event *events, int n, const struct uuid *case_id)
{
    int lo = 0, hi = n;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (uuid_compare(&events[mid].case_id, case_id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void on_events(void *arg, const struct clock_event *events, int n, const struct err *e)
{
    struct reclock *r = arg;
    if (e->code)
        r->failed = *e;
    r->writing++; /* so that a write that ends at once does not end the page */
    for (int i = 0; !r->failed.code && !r->cancelled && i < r->n_rows; i++) {
        /* Events come by case; the rows do not, so each looks its own up. */
        int from = first_of(events, n, &r->rows[i].snap.id), to = from;
        while (to < n && uuid_equal(&events[to].case_id, &r->rows[i].snap.id))
            to++;
        (void)examine(r, &r->rows[i], events + from, to - from, &r->failed);
    }
    r->writing--;
    page_done(r);
}

static void on_rows(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct reclock *r = arg;
    struct uuid ids[PAGE_ROWS];
    r->rows = rows;
    r->n_rows = n;
    if (e->code)
        r->failed = *e;
    for (int i = 0; i < n; i++)
        ids[i] = rows[i].snap.id;
    if (n > 0) {
        r->after_grid = rows[n - 1].snap.grid;
        r->after_id = rows[n - 1].snap.id;
        if (!r->cancelled &&
            clock_store_events(r->cfg.ctx->db, &db_scope_system, ids, n, r->page, USEC_NONE, on_events, r, &r->failed) == 0)
            return;
    }
    page_done(r);
}

/* The server's own scope: counting again is its work, whoever asked; answers hold numbers and due times of the asked region. */
static void read_page(struct reclock *r)
{
    arena_reset(r->page);
    r->busy = true;
    r->n_rows = 0;
    if (clock_store_open_page(r->cfg.ctx->db, &db_scope_system, r->cfg.span, r->after_grid, &r->after_id, PAGE_ROWS, r->page,
                              USEC_NONE, on_rows, r, &r->failed))
        page_done(r);
}

int reclock_start(const struct reclock_config *cfg, struct reclock **ret, struct err *e)
{
    struct reclock *r = calloc(1, sizeof *r);
    if (!r || !(r->page = arena_create(PAGE_MEMORY))) {
        free(r);
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    r->cfg = *cfg;
    r->after_grid = -1;
    *ret = r;
    read_page(r);
    return 0;
}
