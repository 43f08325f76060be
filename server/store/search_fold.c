/* SPDX-License-Identifier: MIT */
/*
 * A step is four statements: the batch, the open segments of its months, the postings that its terms have already, the write.
 * Only the last one changes anything, and only if the position is still where the batch began.
 */
#include "server/store/search_fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/db/result.h"
#include "server/domain/posting.h"
#include "server/domain/search_terms.h"
#include "server/store/search_store.h"
#include "sql.h"

enum {
    MEMORY_MAX = 256 << 20, /* a whole batch of long texts that are new to the index, five times over */
    CO_ORGANS_MAX = 64,
};

/* A term that is to be, or no longer to be, at a place. */
struct change {
    int32_t term;
    int32_t segment;
    int16_t slot;
    bool gone;
};

struct segment {
    int32_t segment;
    int slots;
    bool changed;
    unsigned char days[POSTING_SLOTS];
};

struct item {
    struct uuid id;
    int32_t day;
    int32_t segment; /* of a new case: set once the segments are known */
    int16_t slot;
    bool is_new;
    bool open;
    struct search_terms *terms;
};

struct search_fold {
    struct db *db;
    struct arena *arena;
    search_fold_fn fn; /* NULL: forgotten */
    void *arg;
    int min_cases;
    int events;
    char was_xid[24], now_xid[24];
    int64_t was_seq, now_seq;
    struct item *items;
    int n_items;
    struct segment *segments; /* room for one a month and one more for each that fills up */
    int n_segments, max_segments;
    struct change *changes;
    size_t n_changes;
    int n_pairs; /* different (term, segment) among the changes */
};

static void finish(struct search_fold *f, int events, const struct err *e)
{
    if (f->fn)
        f->fn(f->arg, events, e);
    arena_destroy(f->arena);
    free(f);
}

static void fail(struct search_fold *f, int code)
{
    struct err e;
    (void)err_set(&e, code, "The search index could not be written.");
    finish(f, -1, &e);
}

/* The last statement. */
static void on_folded(void *arg, const PGresult *res, const struct err *e)
{
    struct search_fold *f = arg;
    bool done = !e->code && PQntuples(res) && db_get_bool(res, 0, 0);
    finish(f, done ? f->events : -1, e);
}

static void put_position(struct search_fold *f, struct db_params *p)
{
    db_param_text(p, f->was_xid);
    db_param_i64(p, f->was_seq);
    db_param_text(p, f->now_xid);
    db_param_i64(p, f->now_seq);
}

static int put_places(struct search_fold *f, struct db_params *p)
{
    int n = 0;
    for (int i = 0; i < f->n_items; i++)
        n += f->items[i].is_new;
    struct db_array *ids = db_array_create(f->arena, DB_OID_UUID, n);
    struct db_array *segments = db_array_create(f->arena, DB_OID_INT4, n);
    struct db_array *slots = db_array_create(f->arena, DB_OID_INT2, n);
    if (!ids || !segments || !slots)
        return ERR_NOMEM;
    for (int i = 0; i < f->n_items; i++) {
        const struct item *it = &f->items[i];
        if (!it->is_new)
            continue;
        db_array_bytes(ids, it->id.bytes, sizeof it->id.bytes);
        db_array_i32(segments, it->segment);
        db_array_i16(slots, it->slot);
    }
    return db_param_array(p, ids) || db_param_array(p, segments) || db_param_array(p, slots) ? ERR_NOMEM : 0;
}

static int put_segments(struct search_fold *f, struct db_params *p)
{
    int n = 0;
    for (int i = 0; i < f->n_segments; i++)
        n += f->segments[i].changed;
    struct db_array *ids = db_array_create(f->arena, DB_OID_INT4, n);
    struct db_array *slots = db_array_create(f->arena, DB_OID_INT2, n);
    struct db_array *days = db_array_create(f->arena, DB_OID_BYTEA, n);
    if (!ids || !slots || !days)
        return ERR_NOMEM;
    for (int i = 0; i < f->n_segments; i++) {
        const struct segment *s = &f->segments[i];
        if (!s->changed)
            continue;
        db_array_i32(ids, s->segment);
        db_array_i16(slots, (int16_t)s->slots);
        db_array_bytes(days, s->days, (size_t)s->slots);
    }
    return db_param_array(p, ids) || db_param_array(p, slots) || db_param_array(p, days) ? ERR_NOMEM : 0;
}

static int compare_pair(int32_t term_a, int32_t segment_a, int32_t term_b, int32_t segment_b)
{
    if (term_a != term_b)
        return term_a < term_b ? -1 : 1;
    return (segment_a > segment_b) - (segment_a < segment_b);
}

static int by_pair(const void *x, const void *y)
{
    const struct change *a = x, *b = y;
    int d = compare_pair(a->term, a->segment, b->term, b->segment);
    return d ? d : (a->slot > b->slot) - (a->slot < b->slot);
}

/* A posting as it is stored. */
struct stored {
    int32_t term;
    int32_t segment;
    const unsigned char *data;
    size_t len;
};

static int by_stored(const void *x, const void *y)
{
    const struct stored *a = x, *b = y;
    return compare_pair(a->term, a->segment, b->term, b->segment);
}

/* Merges the changes with what is stored; both are in the same order. */
static int put_postings(struct search_fold *f, struct db_params *p, const struct stored *old, int n_old)
{
    struct db_array *terms = NULL, *segments = NULL, *hits = NULL;
    int32_t *keys = arena_alloc(f->arena, ((size_t)f->n_pairs + 1) * 2 * sizeof *keys);
    const unsigned char **data = arena_alloc(f->arena, ((size_t)f->n_pairs + 1) * sizeof *data);
    size_t *lens = arena_alloc(f->arena, ((size_t)f->n_pairs + 1) * sizeof *lens);
    int n = 0, at = 0;
    if (!keys || !data || !lens)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->n_changes;) {
        const struct change *first = &f->changes[i];
        struct posting posting;
        bool changed = false;
        posting_clear(&posting);
        while (at < n_old && compare_pair(old[at].term, old[at].segment, first->term, first->segment) < 0)
            at++;
        if (at < n_old && compare_pair(old[at].term, old[at].segment, first->term, first->segment) == 0 &&
            posting_decode(&posting, old[at].data, old[at].len))
            return ERR_INTERNAL;
        for (; i < f->n_changes && compare_pair(f->changes[i].term, f->changes[i].segment, first->term, first->segment) == 0;
             i++)
            changed |=
                f->changes[i].gone ? posting_unset(&posting, f->changes[i].slot) : posting_set(&posting, f->changes[i].slot);
        unsigned char out[POSTING_BYTES_MAX];
        size_t len = posting_encode(&posting, out);
        if (!changed)
            continue;
        if (len == 0) {
            /* An empty row stays as a map of nothing: it will be filled again, or weighs nothing. */
            out[0] = 2;
            len = 1;
        }
        keys[2 * n] = first->term;
        keys[2 * n + 1] = first->segment;
        data[n] = (const unsigned char *)arena_strndup(f->arena, (const char *)out, len);
        lens[n] = len;
        if (!data[n++])
            return ERR_NOMEM;
    }
    terms = db_array_create(f->arena, DB_OID_INT4, n);
    segments = db_array_create(f->arena, DB_OID_INT4, n);
    hits = db_array_create(f->arena, DB_OID_BYTEA, n);
    if (!terms || !segments || !hits)
        return ERR_NOMEM;
    for (int i = 0; i < n; i++) {
        db_array_i32(terms, keys[2 * i]);
        db_array_i32(segments, keys[2 * i + 1]);
        db_array_bytes(hits, data[i], lens[i]);
    }
    return db_param_array(p, terms) || db_param_array(p, segments) || db_param_array(p, hits) ? ERR_NOMEM : 0;
}

static void write_batch(struct search_fold *f, const struct stored *old, int n_old)
{
    struct db_params p;
    struct err e = {0};
    int rc;
    db_params_init(&p);
    put_position(f, &p);
    rc = put_places(f, &p);
    if (!rc)
        rc = put_segments(f, &p);
    if (!rc)
        rc = put_postings(f, &p, old, n_old);
    if (rc)
        fail(f, rc);
    else if (db_execute(f->db, &sql_search_fold, &p, USEC_NONE, on_folded, f, &e))
        finish(f, -1, &e);
}

static void on_postings(void *arg, const PGresult *res, const struct err *e)
{
    struct search_fold *f = arg;
    if (e->code || !f->fn) {
        finish(f, -1, e);
        return;
    }
    int n = PQntuples(res);
    struct stored *old = arena_alloc(f->arena, ((size_t)n + 1) * sizeof *old);
    if (!old) {
        fail(f, ERR_NOMEM);
        return;
    }
    for (int i = 0; i < n; i++) {
        old[i] = (struct stored){.term = db_get_i32(res, i, 0), .segment = db_get_i32(res, i, 1)};
        old[i].data = db_get_bytes(res, i, 2, &old[i].len);
    }
    qsort(old, (size_t)n, sizeof *old, by_stored);
    write_batch(f, old, n);
}

static void ask_postings(struct search_fold *f)
{
    struct db_params p;
    struct err e = {0};
    f->n_pairs = 0;
    for (size_t i = 0; i < f->n_changes; i++)
        f->n_pairs += i == 0 || compare_pair(f->changes[i - 1].term, f->changes[i - 1].segment, f->changes[i].term,
                                             f->changes[i].segment) != 0;
    struct db_array *terms = db_array_create(f->arena, DB_OID_INT4, f->n_pairs);
    struct db_array *segments = db_array_create(f->arena, DB_OID_INT4, f->n_pairs);
    if (!terms || !segments) {
        fail(f, ERR_NOMEM);
        return;
    }
    for (size_t i = 0; i < f->n_changes; i++) {
        const struct change *c = &f->changes[i];
        if (i && compare_pair(c[-1].term, c[-1].segment, c->term, c->segment) == 0)
            continue;
        db_array_i32(terms, c->term);
        db_array_i32(segments, c->segment);
    }
    db_params_init(&p);
    if (db_param_array(&p, terms) || db_param_array(&p, segments))
        fail(f, ERR_NOMEM);
    else if (db_query(f->db, &db_scope_none, &sql_search_postings, &p, USEC_NONE, on_postings, f, &e))
        finish(f, -1, &e);
}

static int32_t month_of(int32_t day, int *ret_mday)
{
    int year, month;
    clock_civil_from_days(day, &year, &month, ret_mday);
    return year * 12 + month - 1;
}

/* The segment of a month that has room; a new one when the last is full. NULL: a month with four million cases. */
static struct segment *segment_for(struct search_fold *f, int32_t month)
{
    struct segment *found = NULL;
    for (int i = 0; i < f->n_segments; i++) {
        struct segment *s = &f->segments[i];
        if (s->segment / SEARCH_PARTS_A_MONTH == month && (!found || s->segment > found->segment))
            found = s;
    }
    if (found && found->slots < POSTING_SLOTS)
        return found;
    int32_t next = found ? found->segment + 1 : month * SEARCH_PARTS_A_MONTH;
    if (next / SEARCH_PARTS_A_MONTH != month || f->n_segments == f->max_segments)
        return NULL;
    found = &f->segments[f->n_segments++];
    found->segment = next;
    found->slots = 0;
    found->changed = false;
    return found;
}

static void put_change(struct search_fold *f, const struct item *it, int32_t term, bool gone)
{
    f->changes[f->n_changes++] = (struct change){.term = term, .segment = it->segment, .slot = it->slot, .gone = gone};
}

static int place(struct search_fold *f)
{
    size_t total = 0;
    for (int i = 0; i < f->n_items; i++) {
        struct item *it = &f->items[i];
        total += (size_t)it->terms->n + 1;
        if (!it->is_new)
            continue;
        int mday;
        struct segment *s = segment_for(f, month_of(it->day, &mday));
        if (!s)
            return ERR_EXHAUSTED;
        it->segment = s->segment;
        it->slot = (int16_t)s->slots;
        s->days[s->slots++] = (unsigned char)mday;
        s->changed = true;
    }
    f->changes = arena_alloc(f->arena, (total + 1) * sizeof *f->changes);
    if (!f->changes)
        return ERR_NOMEM;
    for (int i = 0; i < f->n_items; i++) {
        const struct item *it = &f->items[i];
        for (int t = 0; t < it->terms->n; t++)
            put_change(f, it, it->terms->items[t], false);
        if (!it->is_new && !it->open)
            put_change(f, it, search_term_open(), true);
    }
    qsort(f->changes, f->n_changes, sizeof *f->changes, by_pair);
    return 0;
}

static void on_segments(void *arg, const PGresult *res, const struct err *e)
{
    struct search_fold *f = arg;
    if (e->code || !f->fn) {
        finish(f, -1, e);
        return;
    }
    int n = PQntuples(res);
    f->max_segments = n + f->max_segments;
    f->segments = arena_alloc(f->arena, (size_t)f->max_segments * sizeof *f->segments);
    if (!f->segments) {
        fail(f, ERR_NOMEM);
        return;
    }
    for (int i = 0; i < n; i++) {
        struct segment *s = &f->segments[f->n_segments++];
        size_t len;
        const unsigned char *days = db_get_bytes(res, i, 2, &len);
        s->segment = db_get_i32(res, i, 0);
        s->slots = db_get_i32(res, i, 1);
        s->changed = false;
        if ((size_t)s->slots != len || len > sizeof s->days) {
            fail(f, ERR_INTERNAL);
            return;
        }
        memcpy(s->days, days, len);
    }
    int rc = place(f);
    if (rc)
        fail(f, rc);
    else
        ask_postings(f);
}

static void ask_segments(struct search_fold *f)
{
    struct db_params p;
    struct err e = {0};
    int months = 0;
    int32_t *list = arena_alloc(f->arena, ((size_t)f->n_items + 1) * sizeof *list);
    if (!list) {
        fail(f, ERR_NOMEM);
        return;
    }
    /* The batch is ordered by day. */
    for (int i = 0; i < f->n_items; i++) {
        int mday;
        int32_t month = month_of(f->items[i].day, &mday);
        if (f->items[i].is_new && (months == 0 || list[months - 1] != month))
            list[months++] = month;
    }
    /* A new segment a month, and one more for each that fills up. */
    f->max_segments = months + f->n_items / POSTING_SLOTS + 1;
    struct db_array *array = db_array_create(f->arena, DB_OID_INT4, months);
    for (int i = 0; array && i < months; i++)
        db_array_i32(array, list[i]);
    db_params_init(&p);
    if (!array || db_param_array(&p, array))
        fail(f, ERR_NOMEM);
    else if (db_query(f->db, &db_scope_none, &sql_search_segments_open, &p, USEC_NONE, on_segments, f, &e))
        finish(f, -1, &e);
}

static int read_item(struct search_fold *f, const PGresult *res, int row, struct search_terms *work)
{
    struct item *it = &f->items[f->n_items];
    int32_t helpers[CO_ORGANS_MAX];
    const char *description = db_get_text(res, row, 13), *address = db_get_text(res, row, 14);
    *it = (struct item){
        .id = db_get_uuid(res, row, 5),
        .day = db_get_date(res, row, 11),
        .is_new = db_get_is_null(res, row, 15),
        .open = db_get_bool(res, row, 12),
        .segment = db_get_i32(res, row, 15),
        .slot = (int16_t)db_get_i32(res, row, 16),
    };
    struct search_case c = {
        .number = db_get_i64(res, row, 6),
        .grid = db_get_i64(res, row, 7),
        .category_id = (int16_t)db_get_i32(res, row, 8),
        .organ_id = db_get_i32(res, row, 9),
        .co_organ_ids = helpers,
        .n_co = db_get_i32_list(res, row, 10, helpers, CO_ORGANS_MAX),
        .open = it->open,
        /* What was indexed at birth and cannot change is not computed again. */
        .description = it->is_new && description ? description : "",
        .address = it->is_new ? address : NULL,
    };
    size_t longest = strlen(c.description) + 1;
    if (c.address && strlen(c.address) >= longest)
        longest = strlen(c.address) + 1;
    char *buf = arena_alloc(f->arena, longest);
    if (!buf)
        return ERR_NOMEM;
    search_terms_of_case(work, &c, buf);
    size_t size = offsetof(struct search_terms, items) + (size_t)work->n * sizeof work->items[0];
    it->terms = arena_alloc(f->arena, size);
    if (!it->terms)
        return ERR_NOMEM;
    memcpy(it->terms, work, size);
    f->n_items++;
    return 0;
}

static void on_batch(void *arg, const PGresult *res, const struct err *e)
{
    struct search_fold *f = arg;
    int rows = e->code ? 0 : PQntuples(res), cases = 0, rc = 0;
    if (e->code || !f->fn || rows == 0) {
        finish(f, e->code ? -1 : 0, e);
        return;
    }
    for (int i = 0; i < rows; i++)
        cases += !db_get_is_null(res, i, 5);
    f->events = db_get_i32(res, 0, 4);
    if (cases < f->min_cases && f->events < SEARCH_FOLD_MANY) {
        finish(f, 0, e);
        return;
    }
    (void)text_copy(f->was_xid, sizeof f->was_xid, db_get_text(res, 0, 0));
    (void)text_copy(f->now_xid, sizeof f->now_xid, db_get_text(res, 0, 2));
    f->was_seq = db_get_i64(res, 0, 1);
    f->now_seq = db_get_i64(res, 0, 3);
    f->items = arena_alloc(f->arena, ((size_t)cases + 1) * sizeof *f->items);
    struct search_terms *work = arena_alloc(f->arena, sizeof *work);
    if (!f->items || !work)
        rc = ERR_NOMEM;
    for (int i = 0; i < rows && !rc; i++) {
        if (!db_get_is_null(res, i, 5))
            rc = read_item(f, res, i, work);
    }
    if (rc)
        fail(f, rc);
    else
        ask_segments(f);
}

int search_fold_step(struct db *db, int min_cases, search_fold_fn fn, void *arg, struct search_fold **ret, struct err *e)
{
    struct search_fold *f = calloc(1, sizeof *f);
    struct db_params p;
    if (!f || !(f->arena = arena_create(MEMORY_MAX))) {
        free(f);
        return err_set(e, ERR_NOMEM, "Out of memory.");
    }
    f->db = db;
    f->fn = fn;
    f->arg = arg;
    f->min_cases = min_cases;
    db_params_init(&p);
    db_param_i64(&p, SEARCH_FOLD_BATCH);
    /* The index is of all cases; a search confines what it finds. */
    int rc = db_query(db, &db_scope_system, &sql_search_batch, &p, USEC_NONE, on_batch, f, e);
    if (rc) {
        arena_destroy(f->arena);
        free(f);
        return rc;
    }
    *ret = f;
    return 0;
}

void search_fold_forget(struct search_fold *f)
{
    if (f)
        f->fn = NULL;
}
