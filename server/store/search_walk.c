/* SPDX-License-Identifier: MIT */
#include "server/store/search_walk.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* The newest month fills a page of a frequent word; a rare one should not cost many round trips. */
    WINDOW_GROWTH = 8,
    WINDOW_MONTHS_MAX = 64,
    SCRATCH_MAX = 64 << 20,
};

struct search_walk {
    struct db *db;
    usec_t deadline;
    struct arena *scratch; /* rows of the window as they are read */
    struct search_walk_query q;
    bool has_span;
    int32_t lo, hi;              /* months the index has */
    int32_t from;                /* the oldest month wanted */
    int32_t to;                  /* months from here on are done */
    int width;                   /* months in the next window */
    struct search_place *places; /* of the window, newest day first */
    int n_places, max_places, at;
    int64_t n_found, n_cases; /* candidates, and all cases, of the windows read so far */
    search_walk_fn fn;        /* of the read under way */
    void *arg;
};

int search_broken(struct err *e)
{
    return err_set(e, ERR_INTERNAL, "The search index cannot be read. Have it rebuilt with: wangged reindex.");
}

/* Adds the places of a term; nothing if the segment does not have it. */
static int add_hits(const struct search_hit_row *rows, int n, int32_t term, struct posting *io)
{
    for (int i = 0; i < n; i++) {
        if (!rows[i].is_segment && rows[i].term == term)
            return posting_decode(io, rows[i].data, rows[i].len);
    }
    return 0;
}

int search_hits_and(const struct search_hit_row *rows, int n, const int32_t *terms, int n_terms, struct posting *io)
{
    struct posting one;
    for (int t = 0; t < n_terms && !posting_is_empty(io); t++) {
        posting_clear(&one);
        if (add_hits(rows, n, terms[t], &one))
            return ERR_INVALID;
        posting_and(io, &one);
    }
    return 0;
}

int search_hits_or(const struct search_hit_row *rows, int n, const int32_t *terms, int n_terms, struct posting *io)
{
    for (int t = 0; t < n_terms; t++) {
        if (add_hits(rows, n, terms[t], io))
            return ERR_INVALID;
    }
    return 0;
}

struct search_walk *search_walk_create(struct db *db, usec_t deadline)
{
    struct search_walk *w = calloc(1, sizeof *w);
    if (w && !(w->scratch = arena_create(SCRATCH_MAX))) {
        free(w);
        return NULL;
    }
    if (w) {
        w->db = db;
        w->deadline = deadline;
    }
    return w;
}

void search_walk_destroy(struct search_walk *w)
{
    if (!w)
        return;
    arena_destroy(w->scratch);
    free(w->places);
    free(w);
}

static int32_t month_of(int32_t day)
{
    int year, month, mday;
    clock_civil_from_days(day, &year, &month, &mday);
    return year * 12 + month - 1;
}

/* Once the span is known. */
static void set_window(struct search_walk *w)
{
    w->from = w->lo;
    w->to = w->hi + 1;
    if (w->q.newest_day != DAY_NONE && month_of(w->q.newest_day) < w->hi)
        w->to = month_of(w->q.newest_day) + 1;
    if (w->q.oldest_day != DAY_NONE && month_of(w->q.oldest_day) > w->lo)
        w->from = month_of(w->q.oldest_day);
}

void search_walk_begin(struct search_walk *w, const struct search_walk_query *q)
{
    w->q = *q;
    w->n_places = w->at = 0;
    w->n_found = w->n_cases = 0;
    w->width = 1;
    if (w->has_span)
        set_window(w);
}

int search_walk_take(struct search_walk *w, int need, const struct search_place **ret)
{
    int n = 0, left = w->n_places - w->at;
    const struct search_place *p = w->places + w->at;
    while (n < left && (n < need || p[n].day == p[n - 1].day))
        n++;
    w->at += n;
    *ret = p;
    return n;
}

double search_walk_share(const struct search_walk *w)
{
    return w->n_cases ? (double)w->n_found / (double)w->n_cases : 0;
}

bool search_walk_is_over(const struct search_walk *w)
{
    return w->at == w->n_places && w->has_span && w->to <= w->from;
}

static void end_nomem(struct search_walk *w)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The search is too wide for the server's memory. Add a word or a smaller region.");
    w->fn(w->arg, &e);
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

static void next_window(struct search_walk *w);

/* Only the first and the last month can have days that are not wanted. */
static void cut(struct search_walk *w)
{
    int n = 0;
    for (int i = 0; i < w->n_places; i++) {
        const struct search_place *p = &w->places[i];
        if ((w->q.newest_day == DAY_NONE || p->day <= w->q.newest_day) &&
            (w->q.oldest_day == DAY_NONE || p->day >= w->q.oldest_day))
            w->places[n++] = *p;
    }
    w->n_places = n;
}

static void on_days(void *arg, const struct search_days_row *rows, int n, const struct err *e)
{
    struct search_walk *w = arg;
    struct err broken;
    if (e->code) {
        w->fn(w->arg, e);
        return;
    }
    struct search_days_row *sorted = arena_alloc(w->scratch, ((size_t)n + 1) * sizeof *sorted);
    if (!sorted) {
        end_nomem(w);
        return;
    }
    memcpy(sorted, rows, (size_t)n * sizeof *rows);
    qsort(sorted, (size_t)n, sizeof *sorted, by_segment);
    for (int i = 0; i < w->n_places; i++) {
        struct search_place *p = &w->places[i];
        struct search_days_row key = {.segment = p->segment};
        const struct search_days_row *s = bsearch(&key, sorted, (size_t)n, sizeof *sorted, by_segment);
        int32_t month = p->segment / SEARCH_PARTS_A_MONTH;
        if (!s || (size_t)p->slot >= s->n) {
            (void)search_broken(&broken);
            w->fn(w->arg, &broken);
            return;
        }
        p->day = clock_days_from_civil(month / 12, month % 12 + 1, s->days[p->slot]);
    }
    cut(w);
    qsort(w->places, (size_t)w->n_places, sizeof *w->places, by_day);
    w->at = 0;
    if (w->n_places)
        w->fn(w->arg, e);
    else
        next_window(w);
}

static int add_places(struct search_walk *w, int32_t segment, const struct posting *p)
{
    int more = posting_count(p);
    if (w->n_places + more > w->max_places) {
        int max = (w->n_places + more) * 2;
        struct search_place *grown = realloc(w->places, (size_t)max * sizeof *grown);
        if (!grown)
            return ERR_NOMEM;
        w->places = grown;
        w->max_places = max;
    }
    for (int i = 0; i < POSTING_WORDS; i++) {
        for (uint64_t left = p->bits[i]; left; left &= left - 1)
            w->places[w->n_places++] =
                (struct search_place){.segment = segment, .slot = (int16_t)(i * 64 + __builtin_ctzll(left))};
    }
    return 0;
}

static void on_window(void *arg, const struct search_hit_row *rows, int n, const struct err *e)
{
    struct search_walk *w = arg;
    struct err failed = {0};
    int n_segments = 0;
    if (e->code) {
        w->fn(w->arg, e);
        return;
    }
    int32_t *segments = arena_alloc(w->scratch, ((size_t)n + 1) * sizeof *segments);
    if (!segments) {
        end_nomem(w);
        return;
    }
    for (int i = 0, first = 0; i < n; first = i) {
        struct posting p;
        posting_clear(&p);
        for (; i < n && rows[i].segment == rows[first].segment; i++)
            w->n_cases += rows[i].slots;
        if (w->q.match(w->q.match_arg, rows + first, i - first, &p, &failed)) {
            w->fn(w->arg, &failed);
            return;
        }
        if (posting_is_empty(&p))
            continue;
        segments[n_segments++] = rows[first].segment;
        if (add_places(w, rows[first].segment, &p)) {
            end_nomem(w);
            return;
        }
    }
    w->n_found += w->n_places;
    if (n_segments == 0)
        next_window(w);
    else if (search_store_days(w->db, segments, n_segments, w->scratch, w->deadline, on_days, w, &failed))
        w->fn(w->arg, &failed);
}

static int read_window(struct search_walk *w, struct err *e)
{
    int32_t to = w->to, from = to - w->width > w->from ? to - w->width : w->from;
    w->to = from;
    w->width = w->width < WINDOW_MONTHS_MAX ? w->width * WINDOW_GROWTH : WINDOW_MONTHS_MAX;
    w->n_places = w->at = 0;
    arena_reset(w->scratch);
    return search_store_window(w->db, w->q.terms, w->q.n_terms, from * SEARCH_PARTS_A_MONTH, to * SEARCH_PARTS_A_MONTH,
                               w->q.all, w->scratch, w->deadline, on_window, w, e);
}

/* Inside a callback. */
static void next_window(struct search_walk *w)
{
    struct err e = {0};
    w->n_places = w->at = 0;
    if (w->to <= w->from || read_window(w, &e))
        w->fn(w->arg, &e);
}

static void on_span(void *arg, int32_t lo, int32_t hi, const struct err *e)
{
    struct search_walk *w = arg;
    if (e->code) {
        w->fn(w->arg, e);
        return;
    }
    w->has_span = true;
    w->lo = lo / SEARCH_PARTS_A_MONTH;
    w->hi = lo > hi ? w->lo - 1 : hi / SEARCH_PARTS_A_MONTH;
    set_window(w);
    next_window(w);
}

int search_walk_read(struct search_walk *w, search_walk_fn fn, void *arg, struct err *e)
{
    w->fn = fn;
    w->arg = arg;
    if (w->has_span)
        return read_window(w, e);
    arena_reset(w->scratch);
    return search_store_span(w->db, w->scratch, w->deadline, on_span, w, e);
}
