/* SPDX-License-Identifier: MIT */
/* A clock explained: its runs are walked day by day beside the clock itself, whose sums the rows must meet. */
#include "server/domain/explain.h"

#include <string.h>

/* One explanation in progress. */
struct walk {
    const struct explain_input *in;
    struct explain_row *rows;
    size_t cap;
    struct explain_result *ret;
    struct case_clock k;
    usec_t now; /* in whole seconds */
    usec_t end; /* where the rows end if the last span is open */
    int64_t total;
    int span;
};

const char *explain_reason_name(enum explain_reason r)
{
    static const char *const names[] = {"?",       "WORKED",  "MAKE_UP", "URGENT",    "OFF_SHIFT",
                                        "WEEKEND", "HOLIDAY", "PAUSED",  "FIRST_DAY", "ABRIDGED"};
    return (unsigned)r < sizeof(names) / sizeof(names[0]) ? names[r] : "?";
}

static usec_t cut(usec_t t)
{
    usec_t part = t % USEC_PER_SEC;
    return t - part - (part < 0 ? USEC_PER_SEC : 0);
}

/* Parts of days that touch are one (a night over midnight); whole days are one with their like. */
static bool merge(struct explain_row *last, const struct explain_row *row)
{
    if (last->reason != row->reason || last->span != row->span || last->expected != row->expected ||
        last->overdue != row->overdue || strcmp(last->name, row->name) != 0 || (last->days == 0) != (row->days == 0))
        return false;
    if (row->days == 0 && (row->counted_s || last->counted_s))
        return false;
    if (row->days && last->counted_s / last->days != row->counted_s / row->days)
        return false;
    last->to = row->to;
    last->days += row->days;
    last->counted_s += row->counted_s;
    last->total_s = row->total_s;
    return true;
}

static void add(struct walk *w, usec_t from, usec_t to, enum explain_reason reason, int32_t days, int64_t counted,
                const char *name)
{
    w->total += counted;
    struct explain_row row = {
        .from = from,
        .to = to,
        .reason = reason,
        .days = days,
        .counted_s = counted,
        .total_s = w->total,
        .span = w->span,
        /* A day is charged at its beginning, so one that begins now is not only expected. */
        .expected = from > w->now || (from == w->now && !(counted && time_unit_is_days(w->in->unit))),
        .overdue = w->ret->due_at != USEC_NONE && from >= w->ret->due_at && reason != EXPLAIN_PAUSED,
        .name = name,
    };
    struct explain_row *last = w->ret->n ? &w->rows[w->ret->n - 1] : NULL;
    if (last && merge(last, &row))
        return;
    if (w->ret->n < w->cap) {
        w->rows[w->ret->n++] = row;
        return;
    }
    last->reason = EXPLAIN_ABRIDGED;
    last->name = "";
    last->to = to;
    last->days = 0;
    last->counted_s += counted;
    last->total_s = w->total;
    w->ret->abridged = true;
}

static enum explain_reason reason_of(const struct calendar_day *day)
{
    switch (day->kind) {
    case CALENDAR_DAY_HOLIDAY:
        return EXPLAIN_HOLIDAY;
    case CALENDAR_DAY_MAKEUP:
        return EXPLAIN_MAKE_UP;
    case CALENDAR_DAY_WORK:
    case CALENDAR_DAY_PART:
        return EXPLAIN_WORKED;
    case CALENDAR_DAY_WEEKEND:
        break;
    }
    return EXPLAIN_WEEKEND;
}

/* A piece of a working day, shift by shift. */
static void add_shifts(struct walk *w, usec_t from, usec_t to, usec_t midnight, const struct calendar_day *day)
{
    usec_t at = from;
    for (int i = 0; i < day->plan->n && at < to; i++) {
        usec_t begin = midnight + day->plan->shifts[i].from_s * USEC_PER_SEC;
        usec_t end = midnight + day->plan->shifts[i].to_s * USEC_PER_SEC;
        if (end <= at)
            continue;
        usec_t gap = begin < to ? begin : to;
        if (gap > at)
            add(w, at, gap, EXPLAIN_OFF_SHIFT, 0, 0, "");
        at = gap > at ? gap : at;
        end = end < to ? end : to;
        if (end > at)
            add(w, at, end, reason_of(day), 0, (end - at) / USEC_PER_SEC, day->name);
        at = end > at ? end : at;
    }
    if (at < to)
        add(w, at, to, EXPLAIN_OFF_SHIFT, 0, 0, "");
}

/* A piece [from, to) of one local day in which neither now nor the due time lies inside. */
static void add_piece(struct walk *w, usec_t from, usec_t to, int32_t day_no, int32_t first_day)
{
    const struct calendar *c = w->in->calendar;
    usec_t midnight = calendar_day_begin(c, day_no);
    bool whole = from == midnight && to == calendar_day_begin(c, day_no + 1);
    struct calendar_day day;
    calendar_day_at(c, day_no, &day);
    if (!time_unit_is_days(w->in->unit)) {
        if (day.plan->n && !whole)
            add_shifts(w, from, to, midnight, &day);
        else
            add(w, from, to, reason_of(&day), whole, whole ? calendar_plan_length(day.plan) : 0, day.name);
        return;
    }
    /* Days are charged at their beginning, but for that of the start. */
    bool free = w->in->unit == UNIT_WORKDAY && day.plan->n == 0;
    int64_t charge = day_no > first_day && from == midnight && !free ? DEADLINE_DAY_S : 0;
    if (day_no == first_day)
        add(w, from, to, EXPLAIN_FIRST_DAY, 0, 0, "");
    else if (w->in->unit == UNIT_DAY)
        add(w, from, to, EXPLAIN_URGENT, whole, charge, "");
    else
        add(w, from, to, reason_of(&day), whole, charge, day.name);
}

/* The next place at which rows are cut: now and the due time. */
static usec_t next_cut(const struct walk *w, usec_t from, usec_t to)
{
    if (w->now > from && w->now < to)
        to = w->now;
    if (w->ret->due_at != USEC_NONE && w->ret->due_at > from && w->ret->due_at < to)
        to = w->ret->due_at;
    return to;
}

/* run_start: when the clock was started or went on, at or before from. */
static void add_running(struct walk *w, usec_t from, usec_t to, usec_t run_start)
{
    const struct calendar *c = w->in->calendar;
    int32_t first_day = calendar_day_of(c, run_start);
    while (from < to) {
        int32_t day = calendar_day_of(c, from);
        usec_t midnight = calendar_day_begin(c, day + 1);
        usec_t end = next_cut(w, from, w->in->unit == UNIT_URGENT || midnight > to ? to : midnight);
        if (w->in->unit == UNIT_URGENT)
            add(w, from, end, EXPLAIN_URGENT, 0, (end - from) / USEC_PER_SEC, "");
        else
            add_piece(w, from, end, day, first_day);
        from = end;
    }
}

/* What the clock says it consumed and the rows did not count yet: a day charged at the very instant at which they end. */
static void settle(struct walk *w, usec_t at)
{
    int64_t more = deadline_consumed(&w->k, w->in->calendar, at) - w->total;
    if (more > 0)
        add(w, at, at, w->in->unit == UNIT_DAY ? EXPLAIN_URGENT : EXPLAIN_WORKED, 0, more, "");
}

/* A clock that goes on may have got a day back: the unfinished last one, if today offers no rest of a day. */
static void give_back(struct walk *w)
{
    int64_t less = w->total - w->k.consumed_s;
    if (less <= 0 || w->ret->n == 0)
        return;
    w->total -= less;
    w->rows[w->ret->n - 1].counted_s -= less;
    w->rows[w->ret->n - 1].total_s -= less;
}

static bool is_empty(const struct explain_span *s)
{
    return s->to != USEC_NONE && cut(s->to) <= cut(s->from);
}

/* Starts a clock that never ran, else lets it go on; does nothing to one that runs. */
static void go_on(struct case_clock *k, const struct explain_input *in, usec_t t)
{
    if (k->kind == CLOCK_NONE)
        deadline_start(k, in->calendar, CLOCK_HANDLE, in->unit, in->limit_s, t);
    else
        deadline_resume(k, in->calendar, t);
}

/* Pauses; if that was too late, *missed becomes the due time it missed first. */
static void stop(struct case_clock *k, const struct explain_input *in, usec_t t, usec_t *missed)
{
    bool was_late = k->was_late;
    usec_t due = k->due_at;
    deadline_pause(k, in->calendar, t);
    if (k->was_late && !was_late)
        *missed = due;
}

/* The due time, by the clock alone; the rows are cut at it. Leaves the clock as it stands after the last span. */
static usec_t find_due(const struct explain_input *in, struct case_clock *k)
{
    usec_t missed = USEC_NONE, stopped = USEC_NONE;
    deadline_clear(k);
    for (size_t i = 0; i < in->nspans; i++) {
        const struct explain_span *s = &in->spans[i];
        if (is_empty(s))
            continue;
        if (s->running)
            go_on(k, in, s->from);
        else
            stop(k, in, s->from, &missed);
        stopped = s->running ? s->to : USEC_NONE;
    }
    if (stopped != USEC_NONE)
        stop(k, in, stopped, &missed);
    if (missed != USEC_NONE)
        return missed;
    /* What was granted stands, though the limit is used up with the last shift before it, or with the day it lies in. */
    return in->granted_due_at > 0 && k->due_at != USEC_NONE ? cut(in->granted_due_at) : k->due_at;
}

static void walk_spans(struct walk *w)
{
    const struct explain_input *in = w->in;
    usec_t last = USEC_NONE;
    for (size_t i = 0; i < in->nspans; i++) {
        const struct explain_span *s = &in->spans[i];
        usec_t from = cut(s->from), to = s->to == USEC_NONE ? w->end : cut(s->to);
        if (is_empty(s) || (!s->running && to <= from))
            continue;
        w->span = (int)i;
        if (s->running) {
            bool resumes = w->k.running_since == USEC_NONE;
            go_on(&w->k, in, from);
            if (resumes)
                give_back(w);
            add_running(w, from, to, w->k.running_since);
        } else {
            if (w->k.running_since != USEC_NONE)
                settle(w, from);
            deadline_pause(&w->k, in->calendar, from);
            add(w, from, to, EXPLAIN_PAUSED, 0, 0, "");
        }
        last = s->running ? to : USEC_NONE;
    }
    if (last != USEC_NONE)
        settle(w, last);
}

void explain_clock(const struct explain_input *in, struct explain_row *rows, size_t cap, struct explain_result *ret)
{
    struct walk w = {.in = in, .rows = rows, .cap = cap, .ret = ret, .now = cut(in->now)};
    *ret = (struct explain_result){.due_at = find_due(in, &w.k)};
    ret->provisional = deadline_is_beyond_lists(in->calendar, in->unit, ret->due_at);
    ret->consumed_s = deadline_consumed(&w.k, in->calendar, w.now);
    w.end = ret->due_at != USEC_NONE && ret->due_at > w.now ? ret->due_at : w.now;
    deadline_clear(&w.k);
    walk_spans(&w);
}
