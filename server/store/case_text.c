/* SPDX-License-Identifier: MIT */
/*
 * A run is: what the index does not hold yet, by id; then chunks of candidates from the newest day on, each one statement that
 * checks them together with those ids that belong to its days, so that every case is looked at once and in order; in the end,
 * was the index emptied meanwhile? Earliest due first, all candidates go into one statement.
 */
#include "server/store/case_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/search_terms.h"
#include "server/store/search_walk.h"

enum {
    TEXT_BYTES = 50 * 4 + 1, /* the longest text */
    CATEGORIES_MAX = 64,     /* with more, categories are left to the check */
    TERMS_MAX = SEARCH_SCOPE_TERMS + CATEGORIES_MAX + SEARCH_WORD_CHARS_MAX + SEARCH_NUMBER_PARTS,
    SPARE = 14, /* candidates beyond those needed: a few are none */
    CHUNK_GROWTH = 4,
    CHUNK_MAX = 16384,
    /* After this many in vain, other filters than the text leave next to nothing, and reading all cases is no more work. */
    EXAMINED_MAX = 50000,
    FREQUENT = 6,       /* a text that every sixth case has is counted sooner by reading them one after the other */
    BY_DUE_MAX = 20000, /* candidates that are sorted by due time; more are so many that the order finds them soon */
    WORK_MAX = 16 << 20,
};

struct terms {
    int n;
    const int32_t *items;
};

struct run {
    struct db *db;
    struct db_scope scope;
    struct case_query query;
    int32_t up_to;
    struct arena *arena; /* of the call */
    struct arena *work;  /* parameters of one statement */
    struct search_walk *walk;
    usec_t deadline;
    case_rows_fn on_rows;
    case_count_fn on_count; /* NULL: a list */
    void *arg;
    int32_t all_terms[TERMS_MAX];
    int n_terms;
    /* All of scope; any of categories; and all of pairs, or all of number. */
    struct terms scope_terms, categories, pairs, number;
    struct case_candidates chunk; /* its ids: not in the index as they are now */
    bool is_last;
    int need, examined;
    int64_t generation;
    struct case_row *rows;
    int n_rows;
    int32_t total;
    struct search_place *by_due; /* all of them so far */
    int n_by_due;
};

/* Room for the pairs of a text's words: fewer than its characters. */
static int pairs_of(const char *text, int32_t out[SEARCH_WORD_CHARS_MAX])
{
    char folded[TEXT_BYTES], *save = NULL;
    int32_t word_pairs[SEARCH_WORD_CHARS_MAX];
    int n = 0;
    if (strlen(text) >= sizeof folded)
        return 0;
    (void)search_fold(text, folded);
    for (char *s = strtok_r(folded, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
        int more = search_terms_of_word(s, word_pairs);
        for (int i = 0; i < more && n < SEARCH_WORD_CHARS_MAX; i++)
            out[n++] = word_pairs[i];
    }
    return n;
}

bool case_text_is_indexed(const char *text)
{
    int32_t pairs[SEARCH_WORD_CHARS_MAX];
    return pairs_of(text, pairs) > 0;
}

static void destroy(struct run *r)
{
    search_walk_destroy(r->walk);
    r->walk = NULL;
    arena_destroy(r->work);
    r->work = NULL;
    free(r->by_due);
    r->by_due = NULL;
}

static void end(struct run *r, const struct err *e)
{
    destroy(r);
    if (r->on_count)
        r->on_count(r->arg, e->code ? 0 : r->total, e);
    else
        r->on_rows(r->arg, e->code ? NULL : r->rows, e->code ? 0 : r->n_rows, e);
}

static void end_nomem(struct run *r)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    end(r, &e);
}

/* What the index cannot answer. */
static void read_all(struct run *r)
{
    struct err e = {0};
    int rc;
    destroy(r);
    if (r->on_count)
        rc = case_read_count(r->db, &r->scope, &r->query, NULL, r->up_to, r->arena, r->arena, r->deadline, r->on_count, r->arg,
                             &e);
    else
        rc = case_read_list(r->db, &r->scope, &r->query, NULL, r->arena, r->arena, r->deadline, r->on_rows, r->arg, &e);
    if (rc)
        end(r, &e);
}

static void on_generation(void *arg, int64_t generation, const struct err *e)
{
    struct run *r = arg;
    if (!e->code && generation != r->generation)
        read_all(r);
    else
        end(r, e);
}

static void go_on(struct run *r);

/* Behind a chunk. */
static void on_checked(struct run *r)
{
    struct err e = {0};
    bool full = r->on_count ? r->total >= r->up_to : r->n_rows >= r->query.limit;
    if (full || r->is_last) {
        if (search_store_generation(r->db, r->arena, r->deadline, on_generation, r, &e))
            end(r, &e);
        return;
    }
    r->examined += r->chunk.n_places;
    r->need = r->need * CHUNK_GROWTH < CHUNK_MAX ? r->need * CHUNK_GROWTH : CHUNK_MAX;
    r->chunk.newest_day = r->chunk.oldest_day - 1;
    if (r->examined > EXAMINED_MAX)
        read_all(r);
    else
        go_on(r);
}

static void on_chunk_rows(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct run *r = arg;
    if (e->code) {
        end(r, e);
        return;
    }
    memcpy(r->rows + r->n_rows, rows, (size_t)n * sizeof *rows);
    r->n_rows += n;
    on_checked(r);
}

static void on_chunk_count(void *arg, int32_t total, const struct err *e)
{
    struct run *r = arg;
    r->total += total;
    if (e->code)
        end(r, e);
    else
        on_checked(r);
}

static void check(struct run *r)
{
    struct err e = {0};
    struct case_query q = r->query;
    int rc;
    arena_reset(r->work);
    q.limit -= r->n_rows;
    if (r->on_count)
        rc = case_read_count(r->db, &r->scope, &q, &r->chunk, r->up_to - r->total, r->work, r->arena, r->deadline,
                             on_chunk_count, r, &e);
    else
        rc = case_read_list(r->db, &r->scope, &q, &r->chunk, r->work, r->arena, r->deadline, on_chunk_rows, r, &e);
    if (rc)
        end(r, &e);
}

static void on_read(void *arg, const struct err *e)
{
    struct run *r = arg;
    if (e->code)
        end(r, e);
    else if (r->on_count && search_walk_share(r->walk) * FREQUENT > 1)
        read_all(r);
    else
        go_on(r);
}

static void read_more(struct run *r)
{
    struct err e = {0};
    if (search_walk_read(r->walk, on_read, r, &e))
        end(r, &e);
}

static void gather_by_due(struct run *r)
{
    const struct search_place *places;
    int n = search_walk_take(r->walk, BY_DUE_MAX + 1, &places);
    if (r->n_by_due + n > BY_DUE_MAX) {
        read_all(r);
        return;
    }
    if (n > 0) {
        struct search_place *grown = realloc(r->by_due, (size_t)(r->n_by_due + n) * sizeof *grown);
        if (!grown) {
            end_nomem(r);
            return;
        }
        memcpy(grown + r->n_by_due, places, (size_t)n * sizeof *grown);
        r->by_due = grown;
        r->n_by_due += n;
    }
    if (!search_walk_is_over(r->walk)) {
        read_more(r);
        return;
    }
    r->chunk.places = r->by_due;
    r->chunk.n_places = r->n_by_due;
    r->is_last = true;
    check(r);
}

static void go_on(struct run *r)
{
    if (r->query.by_due && !r->on_count) {
        gather_by_due(r);
        return;
    }
    r->chunk.n_places = search_walk_take(r->walk, r->need, &r->chunk.places);
    r->is_last = search_walk_is_over(r->walk);
    if (r->chunk.n_places == 0 && !r->is_last) {
        read_more(r);
        return;
    }
    r->chunk.oldest_day = r->is_last ? DAY_NONE : r->chunk.places[r->chunk.n_places - 1].day;
    if (r->chunk.n_places || r->chunk.n_ids)
        check(r);
    else
        on_checked(r);
}

static int match(void *arg, const struct search_hit_row *rows, int n, struct posting *ret, struct err *e)
{
    const struct run *r = arg;
    struct posting numbers, categories;
    posting_fill(ret, POSTING_SLOTS);
    if (search_hits_and(rows, n, r->pairs.items, r->pairs.n, ret))
        return search_broken(e);
    if (r->number.n) {
        posting_fill(&numbers, POSTING_SLOTS);
        if (search_hits_and(rows, n, r->number.items, r->number.n, &numbers))
            return search_broken(e);
        posting_or(ret, &numbers);
    }
    if (r->categories.n) {
        posting_clear(&categories);
        if (search_hits_or(rows, n, r->categories.items, r->categories.n, &categories))
            return search_broken(e);
        posting_and(ret, &categories);
    }
    return search_hits_and(rows, n, r->scope_terms.items, r->scope_terms.n, ret) ? search_broken(e) : 0;
}

static void on_behind(void *arg, const struct uuid *ids, int n, bool all, int64_t generation, const struct err *e)
{
    struct run *r = arg;
    if (e->code) {
        end(r, e);
        return;
    }
    if (!all) {
        read_all(r);
        return;
    }
    r->chunk.ids = ids;
    r->chunk.n_ids = n;
    r->generation = generation;
    const struct case_query *q = &r->query;
    struct search_walk_query w = {
        .terms = r->all_terms,
        .n_terms = r->n_terms,
        .all = r->on_count != NULL,
        .match = match,
        .match_arg = r,
        .newest_day = DAY_NONE,
        .oldest_day = DAY_NONE,
    };
    /* A day more on either side: the check has the exact times. */
    if (q->reported_from != USEC_NONE)
        w.oldest_day = clock_local_day(q->reported_from, CALENDAR_ZONE_CHINA_S) - 1;
    if (q->reported_to != USEC_NONE)
        w.newest_day = clock_local_day(q->reported_to, CALENDAR_ZONE_CHINA_S) + 1;
    if (q->has_after && !q->by_due && (w.newest_day == DAY_NONE || q->after_day < w.newest_day))
        w.newest_day = q->after_day;
    search_walk_begin(r->walk, &w);
    go_on(r);
}

static struct terms put_terms(struct run *r, const int32_t *items, int n)
{
    struct terms t = {.n = n, .items = r->all_terms + r->n_terms};
    memcpy(r->all_terms + r->n_terms, items, (size_t)n * sizeof *items);
    r->n_terms += n;
    return t;
}

static void plan(struct run *r)
{
    const struct case_query *q = &r->query;
    int32_t items[SEARCH_WORD_CHARS_MAX], categories[CATEGORIES_MAX];
    int32_t organ = q->organ_id ? q->organ_id : q->seen_by_organ;
    r->scope_terms =
        put_terms(r, items, search_terms_of_scope(q->span, organ, q->states && !(q->states & ~STATES_OPEN), items));
    for (int i = 0; i < q->n_categories && q->n_categories <= CATEGORIES_MAX; i++)
        categories[i] = search_term_category(q->category_ids[i]);
    r->categories = put_terms(r, categories, q->n_categories > 0 && q->n_categories <= CATEGORIES_MAX ? q->n_categories : 0);
    r->pairs = put_terms(r, items, pairs_of(q->text, items));
    r->number = put_terms(r, items, search_terms_of_number_part(q->text, items));
}

/* A run with everything it was asked copied into the arena. NULL without memory. */
static struct run *create(struct db *db, const struct db_scope *scope, const struct case_query *q, struct arena *a,
                          usec_t deadline, void *arg)
{
    struct run *r = arena_zalloc(a, sizeof *r);
    if (!r)
        return NULL;
    r->db = db;
    r->scope = *scope;
    r->query = *q;
    r->arena = a;
    r->deadline = deadline;
    r->arg = arg;
    r->chunk.newest_day = r->chunk.oldest_day = DAY_NONE;
    r->query.text = arena_strdup(a, q->text);
    if (q->n_categories > 0) {
        int16_t *ids = arena_alloc(a, (size_t)q->n_categories * sizeof *ids);
        if (!ids)
            return NULL;
        memcpy(ids, q->category_ids, (size_t)q->n_categories * sizeof *ids);
        r->query.category_ids = ids;
    }
    r->work = arena_create(WORK_MAX);
    r->walk = search_walk_create(db, deadline);
    if (!r->query.text || !r->work || !r->walk) {
        destroy(r);
        return NULL;
    }
    plan(r);
    return r;
}

static int start(struct run *r, struct err *e)
{
    int rc = search_store_behind(r->db, r->arena, r->deadline, on_behind, r, e);
    if (rc)
        destroy(r);
    return rc;
}

int case_text_list(struct db *db, const struct db_scope *scope, const struct case_query *q, struct arena *a, usec_t deadline,
                   case_rows_fn fn, void *arg, struct err *e)
{
    struct case_row *rows = arena_alloc(a, (size_t)(q->limit + 1) * sizeof *rows);
    struct run *r = rows ? create(db, scope, q, a, deadline, arg) : NULL;
    if (!r)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    r->rows = rows;
    r->on_rows = fn;
    r->need = q->limit + SPARE;
    return start(r, e);
}

int case_text_count(struct db *db, const struct db_scope *scope, const struct case_query *q, int32_t up_to, struct arena *a,
                    usec_t deadline, case_count_fn fn, void *arg, struct err *e)
{
    struct run *r = create(db, scope, q, a, deadline, arg);
    if (!r)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    r->on_count = fn;
    r->up_to = up_to;
    r->need = up_to + SPARE;
    return start(r, e);
}
