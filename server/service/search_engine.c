/* SPDX-License-Identifier: MIT */
#include "server/service/search_engine.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAIL_MAX = 2000,     /* cases not folded yet that a search looks at */
    EXAMINED_MAX = 5000, /* candidates checked for one page; then it is given as it is */
    FETCH_SPARE = 14,    /* candidates beyond those needed: a few are none */
    WINDOW_MONTHS_MAX = 64,
    SCRATCH_MAX = 64 << 20,
};

struct run {
    struct db *db;
    struct search_plan *plan;
    struct arena *arena;
    struct arena *scratch; /* rows as they are read; what is found is copied out */
    usec_t deadline;
    search_done_fn fn;
    void *arg;
    struct search_scope scope; /* its keyset moves on */
    struct search_scope first; /* as the part began */
    enum search_part part;
    int limit; /* of the page */
    int examined;
    struct search_hit *hits; /* of the parts that are done; room for limit + 1 */
    int n_hits;
    struct search_hit *tail, *found; /* of this part, in order */
    int n_tail, n_found;
    int32_t lo, hi; /* months the index has */
    bool has_span;
    int32_t to;                  /* months from here on are done */
    int width;                   /* months in the next window */
    struct search_place *places; /* of the window, newest day first */
    int n_places, max_places, at, chunk;
    int fetch_limit;
    struct search_result result;
};

static void end(struct run *r, const struct err *e)
{
    struct search_result *res = &r->result;
    if (!e->code) {
        res->hits = r->hits;
        res->n = r->n_hits;
        if (r->n_hits > r->limit) {
            const struct search_hit *last = &r->hits[r->limit - 1];
            res->n = r->limit;
            res->more = true;
            res->part = last->part;
            res->day = last->row->cohort_day;
            res->id = last->row->snap.id;
        }
    }
    arena_destroy(r->scratch);
    r->scratch = NULL;
    free(r->places);
    r->places = NULL;
    r->fn(r->arg, e->code ? NULL : res, e);
}

static void end_nomem(struct run *r)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The search is too wide for the server's memory. Add a word or a smaller region.");
    end(r, &e);
}

static int compare_key(int32_t day_a, const struct uuid *a, int32_t day_b, const struct uuid *b)
{
    if (day_a != day_b)
        return day_a > day_b ? -1 : 1;
    return -uuid_compare(a, b);
}

static const char *keep_text(struct arena *a, const char *s, bool *failed)
{
    char *copy = s ? arena_strdup(a, s) : NULL;
    if (s && !copy)
        *failed = true;
    return copy;
}

static int keep(struct run *r, const struct case_row *row, unsigned fields, struct search_hit *to)
{
    bool failed = false;
    struct case_row *copy = arena_alloc(r->arena, sizeof *copy);
    if (!copy)
        return ERR_NOMEM;
    *copy = *row;
    copy->reporter_name = keep_text(r->arena, row->reporter_name, &failed);
    copy->handler_name = keep_text(r->arena, row->handler_name, &failed);
    copy->address = keep_text(r->arena, row->address, &failed);
    copy->description = keep_text(r->arena, row->description, &failed);
    *to = (struct search_hit){.row = copy, .fields = fields, .part = r->part};
    return failed ? ERR_NOMEM : 0;
}

static int begin_part(struct run *r, struct err *e);

/* What this part still needs: one more than the page tells whether there is a next one. */
static int wanted(const struct run *r)
{
    return r->limit + 1 - r->n_hits;
}

/* Both lists are in order; a case may be in both. capped: found reaches down to the keyset only, so what lies behind it waits.
 */
static void finish_part(struct run *r, bool capped)
{
    int t = 0, f = 0;
    struct err e = {0};
    while (r->n_hits <= r->limit && (t < r->n_tail || f < r->n_found)) {
        int d = t == r->n_tail    ? 1
                : f == r->n_found ? -1
                                  : compare_key(r->tail[t].row->cohort_day, &r->tail[t].row->snap.id,
                                                r->found[f].row->cohort_day, &r->found[f].row->snap.id);
        const struct search_hit *next = d <= 0 ? &r->tail[t] : &r->found[f];
        if (d <= 0)
            t++;
        if (d >= 0)
            f++;
        if (capped && compare_key(next->row->cohort_day, &next->row->snap.id, r->scope.after_day, &r->scope.after_id) > 0)
            break;
        r->hits[r->n_hits++] = *next;
    }
    if (capped && r->n_hits <= r->limit) {
        r->result.more = true;
        r->result.part = r->part;
        r->result.day = r->scope.after_day;
        r->result.id = r->scope.after_id;
        end(r, &e);
        return;
    }
    if (r->n_hits > r->limit || r->part == SEARCH_NAMES || !search_plan_has_names(r->plan)) {
        end(r, &e);
        return;
    }
    r->part = SEARCH_NAMES;
    r->first.has_after = false;
    if (begin_part(r, &e))
        end(r, &e);
}

static void next_window(struct run *r);
static void next_fetch(struct run *r);

static void on_fetched(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct run *r = arg;
    if (e->code) {
        end(r, e);
        return;
    }
    for (int i = 0; i < n && r->n_found < wanted(r); i++) {
        unsigned fields;
        if (search_plan_check(r->plan, &rows[i], &fields) == (int)r->part &&
            keep(r, &rows[i], fields, &r->found[r->n_found++])) {
            end_nomem(r);
            return;
        }
    }
    r->examined += n;
    if (n > 0) {
        r->scope.has_after = true;
        r->scope.after_day = rows[n - 1].cohort_day;
        r->scope.after_id = rows[n - 1].snap.id;
    }
    if (r->n_found >= wanted(r))
        finish_part(r, false);
    else if (n > 0 && r->examined >= EXAMINED_MAX)
        finish_part(r, true);
    else {
        if (n < r->fetch_limit)
            r->at += r->chunk; /* these days are done */
        next_fetch(r);
    }
}

static void next_fetch(struct run *r)
{
    struct err e = {0};
    int need = wanted(r) - r->n_found + FETCH_SPARE, n = 0;
    while (r->at < r->n_places && r->scope.has_after && r->places[r->at].day > r->scope.after_day)
        r->at++;
    /* Whole days: within one the places are in no order. */
    while (r->at + n < r->n_places && (n < need || r->places[r->at + n].day == r->places[r->at + n - 1].day))
        n++;
    if (n == 0) {
        next_window(r);
        return;
    }
    r->chunk = n;
    r->fetch_limit = need;
    arena_reset(r->scratch);
    if (search_store_fetch(r->db, r->places + r->at, n, &r->scope, need, r->scratch, r->deadline, on_fetched, r, &e))
        end(r, &e);
}

static int by_day(const void *x, const void *y)
{
    const struct search_place *a = x, *b = y;
    return (a->day < b->day) - (a->day > b->day);
}

static int by_segment(const void *x, const void *y)
{
    const struct search_days_row *a = x, *b = y;
    return (a->segment > b->segment) - (a->segment < b->segment);
}

static void on_days(void *arg, const struct search_days_row *rows, int n, const struct err *e)
{
    struct run *r = arg;
    struct err broken;
    if (e->code) {
        end(r, e);
        return;
    }
    struct search_days_row *sorted = arena_alloc(r->scratch, ((size_t)n + 1) * sizeof *sorted);
    if (!sorted) {
        end_nomem(r);
        return;
    }
    memcpy(sorted, rows, (size_t)n * sizeof *rows);
    qsort(sorted, (size_t)n, sizeof *sorted, by_segment);
    for (int i = 0; i < r->n_places; i++) {
        struct search_place *p = &r->places[i];
        struct search_days_row key = {.segment = p->segment};
        const struct search_days_row *s = bsearch(&key, sorted, (size_t)n, sizeof *sorted, by_segment);
        int32_t month = p->segment / SEARCH_PARTS_A_MONTH;
        if (!s || (size_t)p->slot >= s->n) {
            (void)err_set(&broken, ERR_INTERNAL, "The search index cannot be read. Have it rebuilt with: wangged reindex.");
            end(r, &broken);
            return;
        }
        p->day = clock_days_from_civil(month / 12, month % 12 + 1, s->days[p->slot]);
    }
    qsort(r->places, (size_t)r->n_places, sizeof *r->places, by_day);
    r->at = 0;
    next_fetch(r);
}

static int add_places(struct run *r, int32_t segment, const struct posting *p)
{
    int more = posting_count(p);
    if (r->n_places + more > r->max_places) {
        int max = (r->n_places + more) * 2;
        struct search_place *grown = realloc(r->places, (size_t)max * sizeof *grown);
        if (!grown)
            return ERR_NOMEM;
        r->places = grown;
        r->max_places = max;
    }
    for (int w = 0; w < POSTING_WORDS; w++) {
        for (uint64_t left = p->bits[w]; left; left &= left - 1)
            r->places[r->n_places++] =
                (struct search_place){.segment = segment, .slot = (int16_t)(w * 64 + __builtin_ctzll(left))};
    }
    return 0;
}

static void on_window(void *arg, const struct search_hit_row *rows, int n, const struct err *e)
{
    struct run *r = arg;
    struct err failed = {0};
    int n_segments = 0;
    if (e->code) {
        end(r, e);
        return;
    }
    r->n_places = 0;
    int32_t *segments = arena_alloc(r->scratch, ((size_t)n + 1) * sizeof *segments);
    if (!segments) {
        end_nomem(r);
        return;
    }
    for (int i = 0, first = 0; i < n; first = i) {
        struct posting p;
        posting_clear(&p);
        while (i < n && rows[i].segment == rows[first].segment)
            i++;
        if (search_plan_match(r->plan, r->part, rows + first, i - first, &p, &failed)) {
            end(r, &failed);
            return;
        }
        if (posting_is_empty(&p))
            continue;
        segments[n_segments++] = rows[first].segment;
        if (add_places(r, rows[first].segment, &p)) {
            end_nomem(r);
            return;
        }
    }
    if (n_segments == 0)
        next_window(r);
    else if (search_store_days(r->db, segments, n_segments, r->scratch, r->deadline, on_days, r, &failed))
        end(r, &failed);
}

static void next_window(struct run *r)
{
    struct err e = {0};
    int n;
    bool all;
    if (r->to <= r->lo) {
        finish_part(r, false);
        return;
    }
    const int32_t *terms = search_plan_terms(r->plan, r->part, &n, &all);
    int32_t to = r->to, from = to - r->width > r->lo ? to - r->width : r->lo;
    r->to = from;
    r->width = r->width < WINDOW_MONTHS_MAX ? r->width * 4 : WINDOW_MONTHS_MAX;
    arena_reset(r->scratch);
    if (search_store_window(r->db, terms, n, from * SEARCH_PARTS_A_MONTH, to * SEARCH_PARTS_A_MONTH, all, r->scratch,
                            r->deadline, on_window, r, &e))
        end(r, &e);
}

static void begin_windows(struct run *r)
{
    r->to = r->hi + 1;
    r->width = 1;
    if (r->first.has_after) {
        int year, month, mday;
        clock_civil_from_days(r->first.after_day, &year, &month, &mday);
        int32_t after = year * 12 + month; /* behind the month of the key */
        if (after < r->to)
            r->to = after;
    }
    next_window(r);
}

static void on_span(void *arg, int32_t lo, int32_t hi, const struct err *e)
{
    struct run *r = arg;
    if (e->code) {
        end(r, e);
        return;
    }
    r->has_span = true;
    r->lo = lo / SEARCH_PARTS_A_MONTH;
    r->hi = lo > hi ? r->lo - 1 : hi / SEARCH_PARTS_A_MONTH;
    begin_windows(r);
}

static void on_tail(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct run *r = arg;
    struct err failed = {0};
    if (e->code) {
        end(r, e);
        return;
    }
    for (int i = 0; i < n && r->n_tail < wanted(r); i++) {
        unsigned fields;
        if (search_plan_check(r->plan, &rows[i], &fields) == (int)r->part && keep(r, &rows[i], fields, &r->tail[r->n_tail++])) {
            end_nomem(r);
            return;
        }
    }
    if (r->has_span)
        begin_windows(r);
    else if (search_store_span(r->db, r->scratch, r->deadline, on_span, r, &failed))
        end(r, &failed);
}

static int begin_part(struct run *r, struct err *e)
{
    r->scope = r->first;
    r->n_tail = 0;
    r->n_found = 0;
    arena_reset(r->scratch);
    return search_store_tail(r->db, &r->first, TAIL_MAX, r->scratch, r->deadline, on_tail, r, e);
}

int search_engine_run(struct db *db, struct search_plan *plan, const struct search_scope *scope, enum search_part part,
                      int limit, struct arena *a, usec_t deadline, search_done_fn fn, void *arg, struct err *e)
{
    struct run *r = arena_zalloc(a, sizeof *r);
    size_t room = ((size_t)limit + 1) * sizeof *r->hits;
    if (!r || !(r->hits = arena_alloc(a, room)) || !(r->tail = arena_alloc(a, room)) || !(r->found = arena_alloc(a, room)) ||
        !(r->scratch = arena_create(SCRATCH_MAX)))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    r->db = db;
    r->plan = plan;
    r->arena = a;
    r->deadline = deadline;
    r->fn = fn;
    r->arg = arg;
    r->first = *scope;
    r->part = part;
    r->limit = limit;
    int rc = begin_part(r, e);
    if (rc)
        arena_destroy(r->scratch);
    return rc;
}
