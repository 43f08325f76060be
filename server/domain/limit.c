/* SPDX-License-Identifier: MIT */
/* Rules are kept in slices by shape (how specific they are); a question looks into the slices that are not empty, most specific
 * first, with a binary search each. Cities use a handful of shapes. */
#include "server/domain/limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/region.h"

/* shape = ((category rank * LEVEL_COUNT) + region rank) * 2 + urgency rank, 0 the most specific. */
enum { CATEGORY_RANKS = 4, SHAPES = CATEGORY_RANKS * LEVEL_COUNT * 2 };

static const int category_lengths[CATEGORY_RANKS] = {5, 3, 1, 0};

struct slice {
    uint32_t from;
    uint32_t to;
};

struct limit_set {
    struct limit_rule *rules; /* sorted by compare */
    size_t n;
    struct slice slices[CLOCK_COUNT][SHAPES];
    uint64_t used[CLOCK_COUNT]; /* bit = shape */
};

static int category_rank(const char *category)
{
    int len = (int)strnlen(category, 6);
    for (int i = 0; i < CATEGORY_RANKS; i++)
        if (category_lengths[i] == len)
            return i;
    return -1;
}

static int shape_of(const struct limit_rule *r)
{
    int region_rank = LEVEL_GRID - (int)region_level_of(r->region); /* grid 0 … everywhere LEVEL_GRID */
    return (category_rank(r->category) * LEVEL_COUNT + region_rank) * 2 + (r->urgency == URGENCY_NONE);
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Where they apply: kind, shape, and what the shape is about. */
static int compare_place(const struct limit_rule *x, const struct limit_rule *y)
{
    int by = order((int)x->kind, (int)y->kind);
    if (!by)
        by = order(shape_of(x), shape_of(y));
    if (!by)
        by = memcmp(x->category, y->category, sizeof(x->category));
    if (!by)
        by = order(x->region, y->region);
    return by ? by : order((int)x->urgency, (int)y->urgency);
}

/* The latest first. */
static int compare(const void *a, const void *b)
{
    const struct limit_rule *x = a, *y = b;
    int by = compare_place(x, y);
    return by ? by : order(y->valid_from, x->valid_from);
}

int limit_rule_check(const struct limit_rule *r, struct err *e)
{
    char lo[6], hi[6];
    struct err inner;
    if (r->kind <= CLOCK_NONE || r->kind >= CLOCK_COUNT)
        return err_field(e, ERR_INVALID, "kind", "A limit is for one clock: accept, dispatch, handle, check or overall.");
    if (strnlen(r->category, sizeof(r->category)) == sizeof(r->category) ||
        category_prefix_range(r->category, lo, hi, &inner) || category_rank(r->category) < 0)
        return err_field(e, ERR_INVALID, "category",
                         "A limit's category is empty (all), one letter, a group or a whole code: E, E01, E0102.");
    if (r->urgency < URGENCY_NONE || r->urgency >= URGENCY_COUNT)
        return err_field(e, ERR_INVALID, "urgency", "A limit is for one urgency or for any.");
    if (r->region != 0 && region_level_of(r->region) == LEVEL_NONE)
        return err_field(e, ERR_INVALID, "region", "%lld is not a region code.", (long long)r->region);
    if (r->unit < UNIT_WORKING || r->unit >= UNIT_COUNT)
        return err_field(e, ERR_INVALID, "unit", "A limit counts working time, urgent time, working days or calendar days.");
    if (r->amount <= 0)
        return err_field(e, ERR_INVALID, "amount", "A limit is more than zero. To have none, leave the rule out.");
    bool days = time_unit_is_days(r->unit);
    if (r->amount > (days ? LIMIT_MAX_DAYS : LIMIT_MAX_S))
        return err_field(e, ERR_INVALID, "amount", "A limit is at most %d days.", LIMIT_MAX_DAYS);
    if (r->valid_to != USEC_NONE && r->valid_to <= r->valid_from)
        return err_field(e, ERR_INVALID, "valid_to", "The limit ends before it takes effect.");
    return 0;
}

static int check_all(const struct limit_set *s, const struct limit_rule *given, struct err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        struct err inner = {0};
        char field[sizeof(inner.field) + 32];
        int rc = limit_rule_check(&given[i], &inner);
        if (!rc)
            continue;
        (void)snprintf(field, sizeof(field), "limits[%zu].%s", i, inner.field);
        return err_field(e, rc, field, "%s", inner.text);
    }
    return 0;
}

static int index_rules(struct limit_set *s, struct err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct limit_rule *r = &s->rules[i];
        if (i && compare(r - 1, r) == 0)
            return err_field(e, ERR_INVALID, "limits",
                             "The limits %d and %d are for the same clock, category, region and urgency from the same instant.",
                             (int)r[-1].id, (int)r->id);
        int shape = shape_of(r);
        struct slice *slice = &s->slices[r->kind][shape];
        if (!(s->used[r->kind] >> shape & 1))
            slice->from = (uint32_t)i;
        slice->to = (uint32_t)i + 1;
        s->used[r->kind] |= UINT64_C(1) << shape;
    }
    return 0;
}

int limit_set_create(const struct limit_rule *rules, size_t n, struct limit_set **ret, struct err *e)
{
    if (n > LIMIT_MAX_RULES)
        return err_field(e, ERR_EXHAUSTED, "limits", "There can be at most %d limits.", LIMIT_MAX_RULES);
    int rc;
    struct limit_set *s = calloc(1, sizeof(*s));
    if (s)
        s->rules = calloc(n + 1, sizeof(*s->rules));
    if (!s || !s->rules) {
        rc = err_set(e, ERR_NOMEM, "Out of memory building the limits.");
        goto out;
    }
    s->n = n;
    rc = check_all(s, rules, e);
    if (rc)
        goto out;
    for (size_t i = 0; i < n; i++) {
        s->rules[i] = rules[i];
        /* Sorted and searched by all six bytes. */
        memset(s->rules[i].category, 0, sizeof(s->rules[i].category));
        memcpy(s->rules[i].category, rules[i].category, strlen(rules[i].category));
    }
    if (n > 1)
        qsort(s->rules, n, sizeof(*s->rules), compare);
    rc = index_rules(s, e);
out:
    if (rc) {
        limit_set_destroy(s);
        return rc;
    }
    *ret = s;
    return 0;
}

void limit_set_destroy(struct limit_set *s)
{
    if (!s)
        return;
    free(s->rules);
    free(s);
}

const struct limit_rule *limit_set_rules(const struct limit_set *s, size_t *ret_n)
{
    *ret_n = s->n;
    return s->rules;
}

static int compare_in_shape(const struct limit_rule *x, const struct limit_rule *key)
{
    int by = memcmp(x->category, key->category, sizeof(x->category));
    if (!by)
        by = order(x->region, key->region);
    return by ? by : order((int)x->urgency, (int)key->urgency);
}

static const struct limit_rule *find_in(const struct limit_set *s, struct slice slice, const struct limit_rule *key, usec_t at)
{
    uint32_t lo = slice.from, hi = slice.to;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (compare_in_shape(&s->rules[mid], key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < slice.to && compare_in_shape(&s->rules[lo], key) == 0; lo++) {
        const struct limit_rule *r = &s->rules[lo];
        if (at >= r->valid_from && (r->valid_to == USEC_NONE || at < r->valid_to))
            return r;
    }
    return NULL;
}

const struct limit_rule *limit_find(const struct limit_set *s, enum clock_kind kind, const char *category, enum urgency urgency,
                                    int64_t region, usec_t at)
{
    if (!s || kind <= CLOCK_NONE || kind >= CLOCK_COUNT)
        return NULL;
    enum region_level own = region_level_of(region);
    size_t length = strnlen(category, 5);
    for (uint64_t left = s->used[kind]; left; left &= left - 1) {
        int shape = __builtin_ctzll(left);
        int level = LEVEL_GRID - shape / 2 % LEVEL_COUNT, len = category_lengths[shape / 2 / LEVEL_COUNT];
        if (level > (int)own || (size_t)len > length)
            continue;
        struct limit_rule key = {
            .urgency = shape % 2 ? URGENCY_NONE : urgency,
            .region = level ? region_parent(region, (enum region_level)level) : 0,
        };
        memcpy(key.category, category, (size_t)len);
        const struct limit_rule *found = find_in(s, s->slices[kind][shape], &key, at);
        if (found)
            return found;
    }
    return NULL;
}

int32_t limit_rule_seconds(const struct limit_rule *r)
{
    return time_unit_is_days(r->unit) ? r->amount * DEADLINE_DAY_S : r->amount;
}
