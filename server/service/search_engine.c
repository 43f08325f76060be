/* SPDX-License-Identifier: MIT */
#include "server/service/search_engine.h"

#include "server/store/search_walk.h"

enum {
    TAIL_MAX = 2000,     /* cases not folded yet that a search looks at */
    EXAMINED_MAX = 5000, /* candidates checked for one page; then it is given as it is */
    FETCH_SPARE = 14,    /* candidates beyond those needed: a few are none */
    SCRATCH_MAX = 64 << 20,
};

struct run {
    struct db *db;
    struct search_plan *plan;
    struct arena *arena;
    struct arena *scratch; /* rows as they are read; what is found is copied out */
    struct search_walk *walk;
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
    struct search_hit *tail[SEARCH_PARTS]; /* in order; of a part that has not begun: read with the one before */
    int n_tail[SEARCH_PARTS];
    bool has_tail[SEARCH_PARTS];
    struct search_hit *found; /* of this part, in order */
    int n_found;
    const struct search_place *chunk; /* whole days, being fetched */
    int n_chunk, fetch_limit;
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
    search_walk_destroy(r->walk);
    r->walk = NULL;
    arena_destroy(r->scratch);
    r->scratch = NULL;
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

static int keep(struct run *r, const struct case_row *row, unsigned fields, enum search_part part, struct search_hit *to)
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
    *to = (struct search_hit){.row = copy, .fields = fields, .part = part};
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
    const struct search_hit *tail = r->tail[r->part];
    int t = 0, f = 0, n_tail = r->n_tail[r->part];
    struct err e = {0};
    while (r->n_hits <= r->limit && (t < n_tail || f < r->n_found)) {
        int d = t == n_tail       ? 1
                : f == r->n_found ? -1
                                  : compare_key(tail[t].row->cohort_day, &tail[t].row->snap.id, r->found[f].row->cohort_day,
                                                &r->found[f].row->snap.id);
        const struct search_hit *next = d <= 0 ? &tail[t] : &r->found[f];
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

static void go_on(struct run *r);

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
            keep(r, &rows[i], fields, r->part, &r->found[r->n_found++])) {
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
            r->n_chunk = 0; /* these days are done */
        go_on(r);
    }
}

static void on_read(void *arg, const struct err *e)
{
    struct run *r = arg;
    if (e->code)
        end(r, e);
    else
        go_on(r);
}

/* Fetches what the page still needs of the candidates at hand, or reads more of them. */
static void go_on(struct run *r)
{
    struct err e = {0};
    int need = wanted(r) - r->n_found + FETCH_SPARE;
    for (; r->n_chunk > 0 && r->scope.has_after && r->chunk->day > r->scope.after_day; r->n_chunk--)
        r->chunk++;
    if (r->n_chunk == 0)
        r->n_chunk = search_walk_take(r->walk, need, &r->chunk);
    if (r->n_chunk > 0) {
        r->fetch_limit = need;
        arena_reset(r->scratch);
        if (search_store_fetch(r->db, r->chunk, r->n_chunk, &r->scope, need, r->scratch, r->deadline, on_fetched, r, &e))
            end(r, &e);
    } else if (search_walk_is_over(r->walk)) {
        finish_part(r, false);
    } else if (search_walk_read(r->walk, on_read, r, &e)) {
        end(r, &e);
    }
}

static int match(void *arg, const struct search_hit_row *rows, int n, struct posting *ret, struct err *e)
{
    const struct run *r = arg;
    return search_plan_match(r->plan, r->part, rows, n, ret, e);
}

static void begin_walk(struct run *r)
{
    struct search_walk_query q = {
        .match = match,
        .match_arg = r,
        .newest_day = r->first.has_after ? r->first.after_day : DAY_NONE,
        .oldest_day = DAY_NONE,
    };
    q.terms = search_plan_terms(r->plan, r->part, &q.n_terms, &q.all);
    search_walk_begin(r->walk, &q);
    go_on(r);
}

/* What is not behind a key holds for the next part as well, which asks for nothing again. */
static void on_tail(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct run *r = arg;
    bool for_next = r->part == SEARCH_OWN_TEXT && !r->first.has_after;
    if (e->code) {
        end(r, e);
        return;
    }
    for (int i = 0; i < n; i++) {
        unsigned fields;
        int part = search_plan_check(r->plan, &rows[i], &fields);
        if ((part == (int)r->part || (for_next && part == SEARCH_NAMES)) && r->n_tail[part] <= r->limit &&
            keep(r, &rows[i], fields, (enum search_part)part, &r->tail[part][r->n_tail[part]++])) {
            end_nomem(r);
            return;
        }
    }
    r->has_tail[SEARCH_NAMES] = for_next;
    begin_walk(r);
}

static int begin_part(struct run *r, struct err *e)
{
    r->scope = r->first;
    r->n_found = r->n_chunk = 0;
    arena_reset(r->scratch);
    if (r->has_tail[r->part]) {
        begin_walk(r);
        return 0;
    }
    return search_store_tail(r->db, &r->first, TAIL_MAX, r->scratch, r->deadline, on_tail, r, e);
}

int search_engine_run(struct db *db, struct search_plan *plan, const struct search_scope *scope, enum search_part part,
                      int limit, struct arena *a, usec_t deadline, search_done_fn fn, void *arg, struct err *e)
{
    struct run *r = arena_zalloc(a, sizeof *r);
    size_t room = ((size_t)limit + 1) * sizeof *r->hits;
    if (!r || !(r->hits = arena_alloc(a, room)) || !(r->found = arena_alloc(a, room)) ||
        !(r->tail[SEARCH_OWN_TEXT] = arena_alloc(a, room)) || !(r->tail[SEARCH_NAMES] = arena_alloc(a, room)))
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    r->scratch = arena_create(SCRATCH_MAX);
    r->walk = search_walk_create(db, deadline);
    r->db = db;
    r->plan = plan;
    r->arena = a;
    r->deadline = deadline;
    r->fn = fn;
    r->arg = arg;
    r->first = *scope;
    r->part = part;
    r->limit = limit;
    int rc = r->scratch && r->walk ? begin_part(r, e)
                                   : err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (rc) {
        search_walk_destroy(r->walk);
        arena_destroy(r->scratch);
    }
    return rc;
}
