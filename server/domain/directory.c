/* SPDX-License-Identifier: MIT */
/* The directory snapshot: builder, sorting, look-ups. Texts and borders live in one arena, rows in arrays sorted by code. */
#include "server/domain/directory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/directory_impl.h"

enum { ARENA_LIMIT = 1 << 30 };

struct directory_builder *directory_builder_create(void)
{
    struct directory_builder *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->dir = calloc(1, sizeof(*b->dir));
    if (b->dir)
        b->dir->arena = arena_create(ARENA_LIMIT);
    if (!b->dir || !b->dir->arena) {
        directory_builder_destroy(b);
        return NULL;
    }
    b->dir->refs = 1;
    return b;
}

void directory_builder_destroy(struct directory_builder *b)
{
    if (!b)
        return;
    directory_unref(b->dir);
    free(b);
}

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "Out of memory building the directory.");
}

int directory_grow(void **rows, size_t n, size_t *cap, size_t size, size_t max, struct err *e)
{
    if (n >= max)
        return err_set(e, ERR_EXHAUSTED, "The directory holds at most %zu rows of this kind.", max);
    if (n < *cap)
        return 0;
    size_t bigger = *cap ? *cap * 2 : 64;
    void *p = realloc(*rows, bigger * size);
    if (!p)
        return out_of_memory(e);
    *rows = p;
    *cap = bigger;
    return 0;
}

/* A copy of s in the arena ("" for NULL); NULL without memory. */
static const char *keep(struct directory_builder *b, const char *s)
{
    return s && *s ? arena_strdup(b->dir->arena, s) : "";
}

static bool name_is_valid(const char *s)
{
    size_t len = s ? strlen(s) : 0;
    return len > 0 && text_is_utf8(s, len) && text_chars(s, len) <= 40;
}

int directory_add_region(struct directory_builder *b, const struct dir_region *r, struct err *e)
{
    struct directory *d = b->dir;
    enum region_level level = region_level_of(r->code);
    if (level == LEVEL_NONE)
        return err_field(e, ERR_INVALID, "code", "%lld is not a region code.", (long long)r->code);
    if (!name_is_valid(r->name))
        return err_field(e, ERR_INVALID, "name", "A region needs a name of 1 to 40 characters.");
    if (r->valid_from != DAY_NONE && r->valid_to != DAY_NONE && r->valid_to < r->valid_from)
        return err_field(e, ERR_INVALID, "valid_to", "The region's last day lies before its first.");
    if (r->nboundary != 0 && (r->nboundary < 3 || r->nboundary > DIRECTORY_MAX_BOUNDARY))
        return err_field(e, ERR_INVALID, "boundary", "A border has 3 to %d points.", DIRECTORY_MAX_BOUNDARY);
    for (int i = 0; i < r->nboundary; i++)
        if (!(fabs(r->boundary[i].lat) <= 90 && fabs(r->boundary[i].lon) <= 180))
            return err_field(e, ERR_INVALID, "boundary", "Point %d of the border is not on the earth.", i + 1);
    int rc = directory_grow((void **)&d->regions, d->nregions, &b->cap_regions, sizeof(*d->regions), DIRECTORY_MAX_REGIONS, e);
    if (rc)
        return rc;
    struct dir_region row = *r;
    row.level = level;
    row.name = keep(b, r->name);
    row.initials = keep(b, r->initials);
    row.boundary = NULL;
    if (r->nboundary) {
        size_t size = sizeof(struct dir_point) * (size_t)r->nboundary;
        struct dir_point *points = arena_alloc(d->arena, size);
        if (!points)
            return out_of_memory(e);
        memcpy(points, r->boundary, size);
        row.boundary = points;
    }
    if (!row.name || !row.initials)
        return out_of_memory(e);
    d->regions[d->nregions++] = row;
    return 0;
}

int directory_add_category(struct directory_builder *b, const struct dir_category *c, struct err *e)
{
    struct directory *d = b->dir;
    if (!category_code_is_valid(c->code))
        return err_field(e, ERR_INVALID, "code", "A category code is one letter and four digits.");
    if (c->id < 1)
        return err_field(e, ERR_INVALID, "id", "A category's id is positive.");
    if (!name_is_valid(c->name))
        return err_field(e, ERR_INVALID, "name", "A category needs a name of 1 to 40 characters.");
    if (c->naliases < 0 || c->naliases > DIRECTORY_MAX_ALIASES)
        return err_field(e, ERR_INVALID, "aliases", "A category has at most %d other words.", DIRECTORY_MAX_ALIASES);
    for (int i = 0; i < 3; i++)
        if (c->handle_limit_min[i] < 0 || c->handle_limit_min[i] > INT32_MAX / 60)
            return err_field(e, ERR_INVALID, "handle_limit_minutes", "A handling limit is 0 (none) or a number of minutes.");
    int rc = directory_grow((void **)&d->categories, d->ncategories, &b->cap_categories, sizeof(*d->categories),
                            DIRECTORY_MAX_CATEGORIES, e);
    if (rc)
        return rc;
    struct dir_category row = *c;
    row.name = keep(b, c->name);
    row.name_en = keep(b, c->name_en);
    row.top_name = keep(b, c->top_name);
    row.group_name = keep(b, c->group_name);
    row.initials = keep(b, c->initials);
    const char **aliases = arena_zalloc(d->arena, sizeof(*aliases) * ((size_t)c->naliases + 1));
    if (!row.name || !row.name_en || !row.top_name || !row.group_name || !row.initials || !aliases)
        return out_of_memory(e);
    for (int i = 0; i < c->naliases; i++) {
        aliases[i] = keep(b, c->aliases[i]);
        if (!aliases[i])
            return out_of_memory(e);
    }
    row.aliases = aliases;
    d->categories[d->ncategories++] = row;
    return 0;
}

static bool organ_code_is_valid(const char *s)
{
    size_t len = s ? strlen(s) : 0;
    return len >= 1 && len <= 32 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

int directory_add_organ(struct directory_builder *b, const struct dir_organ *o, struct err *e)
{
    struct directory *d = b->dir;
    if (!organ_code_is_valid(o->code))
        return err_field(e, ERR_INVALID, "code", "An organ code is 1 to 32 of A-Z, 0-9 and '-'.");
    if (o->id < 1)
        return err_field(e, ERR_INVALID, "id", "An organ's id is positive.");
    if (!name_is_valid(o->name))
        return err_field(e, ERR_INVALID, "name", "An organ needs a name of 1 to 40 characters.");
    if (o->kind <= ORGAN_NONE || o->kind >= ORGAN_KIND_COUNT)
        return err_field(e, ERR_INVALID, "kind", "An organ needs a kind.");
    if (region_level_of(o->region) == LEVEL_NONE)
        return err_field(e, ERR_INVALID, "region_code", "An organ needs a region.");
    int rc = directory_grow((void **)&d->organs, d->norgans, &b->cap_organs, sizeof(*d->organs), DIRECTORY_MAX_ORGANS, e);
    if (rc)
        return rc;
    struct dir_organ row = *o;
    row.code = keep(b, o->code);
    row.name = keep(b, o->name);
    row.initials = keep(b, o->initials);
    if (!row.code || !row.name || !row.initials)
        return out_of_memory(e);
    d->organs[d->norgans++] = row;
    return 0;
}

static int compare_regions(const void *a, const void *b)
{
    int64_t x = ((const struct dir_region *)a)->code, y = ((const struct dir_region *)b)->code;
    return (x > y) - (x < y);
}

static int compare_categories(const void *a, const void *b)
{
    return strcmp(((const struct dir_category *)a)->code, ((const struct dir_category *)b)->code);
}

static int compare_organs(const void *a, const void *b)
{
    return strcmp(((const struct dir_organ *)a)->code, ((const struct dir_organ *)b)->code);
}

static uint32_t map_slot(const struct int_map *m, int64_t key)
{
    uint64_t h = (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(h >> 32) & m->mask;
}

static int map_init(struct int_map *m, size_t n, struct err *e)
{
    uint32_t slots = 16;
    while (slots < n * 2)
        slots *= 2;
    m->mask = slots - 1;
    m->keys = calloc(slots, sizeof(*m->keys));
    m->values = calloc(slots, sizeof(*m->values));
    return m->keys && m->values ? 0 : out_of_memory(e);
}

static void map_fini(struct int_map *m)
{
    free(m->keys);
    free(m->values);
}

/* False if the key is there already. */
static bool map_put(struct int_map *m, int64_t key, size_t index)
{
    uint32_t i = map_slot(m, key);
    for (; m->values[i]; i = (i + 1) & m->mask)
        if (m->keys[i] == key)
            return false;
    m->keys[i] = key;
    m->values[i] = (uint32_t)index + 1;
    return true;
}

/* Index of the key, or -1. */
static int64_t map_get(const struct int_map *m, int64_t key)
{
    if (!m->values)
        return -1;
    for (uint32_t i = map_slot(m, key); m->values[i]; i = (i + 1) & m->mask)
        if (m->keys[i] == key)
            return (int64_t)m->values[i] - 1;
    return -1;
}

static int index_rows(struct directory *d, struct err *e)
{
    int rc = map_init(&d->region_map, d->nregions, e);
    if (!rc)
        rc = map_init(&d->category_map, d->ncategories, e);
    if (!rc)
        rc = map_init(&d->organ_map, d->norgans, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < d->nregions; i++)
        if (!map_put(&d->region_map, d->regions[i].code, i))
            return err_set(e, ERR_INVALID, "The region %lld is there twice.", (long long)d->regions[i].code);
    for (size_t i = 0; i < d->ncategories; i++) {
        if (i && compare_categories(&d->categories[i - 1], &d->categories[i]) == 0)
            return err_set(e, ERR_INVALID, "The category %s is there twice.", d->categories[i].code);
        if (!map_put(&d->category_map, d->categories[i].id, i))
            return err_set(e, ERR_INVALID, "Two categories have the id %d.", d->categories[i].id);
    }
    for (size_t i = 0; i < d->norgans; i++) {
        if (i && compare_organs(&d->organs[i - 1], &d->organs[i]) == 0)
            return err_set(e, ERR_INVALID, "The organ %s is there twice.", d->organs[i].code);
        if (!map_put(&d->organ_map, d->organs[i].id, i))
            return err_set(e, ERR_INVALID, "Two organs have the id %d.", d->organs[i].id);
    }
    return 0;
}

static void sort_rows(void *rows, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    if (n > 1)
        qsort(rows, n, size, compare);
}

int directory_builder_finish(struct directory_builder *b, int64_t revision, struct directory **ret, struct err *e)
{
    struct directory *d = b->dir;
    sort_rows(d->regions, d->nregions, sizeof(*d->regions), compare_regions);
    sort_rows(d->categories, d->ncategories, sizeof(*d->categories), compare_categories);
    sort_rows(d->organs, d->norgans, sizeof(*d->organs), compare_organs);
    int rc = index_rows(d, e);
    if (!rc)
        rc = directory_clock_build(d, e);
    if (!rc)
        rc = geo_index_build(d, e);
    if (rc)
        return rc;
    d->revision = revision;
    b->dir = NULL;
    *ret = d;
    return 0;
}

struct directory *directory_ref(struct directory *d)
{
    d->refs++;
    return d;
}

void directory_unref(struct directory *d)
{
    if (!d || --d->refs > 0)
        return;
    geo_index_fini(&d->geo);
    directory_clock_fini(d);
    map_fini(&d->region_map);
    map_fini(&d->category_map);
    map_fini(&d->organ_map);
    free(d->regions);
    free(d->categories);
    free(d->organs);
    arena_destroy(d->arena);
    free(d);
}

int64_t directory_revision(const struct directory *d)
{
    return d->revision;
}

const struct dir_region *directory_regions(const struct directory *d, size_t *ret_n)
{
    *ret_n = d->nregions;
    return d->regions;
}

const struct dir_category *directory_categories(const struct directory *d, size_t *ret_n)
{
    *ret_n = d->ncategories;
    return d->categories;
}

const struct dir_organ *directory_organs(const struct directory *d, size_t *ret_n)
{
    *ret_n = d->norgans;
    return d->organs;
}

/* Index of the first region with code >= limit. */
static size_t lower_bound(const struct directory *d, int64_t limit)
{
    size_t lo = 0, hi = d->nregions;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (d->regions[mid].code >= limit)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

const struct dir_region *directory_subtree(const struct directory *d, struct region_span span, size_t *ret_n)
{
    *ret_n = 0;
    if (span.lo > span.hi || !d->nregions)
        return NULL;
    size_t from = lower_bound(d, span.lo);
    size_t to = span.hi == INT64_MAX ? d->nregions : lower_bound(d, span.hi + 1);
    *ret_n = to - from;
    return to > from ? &d->regions[from] : NULL;
}

const struct dir_region *directory_region(const struct directory *d, int64_t code)
{
    int64_t i = map_get(&d->region_map, code);
    return i < 0 ? NULL : &d->regions[i];
}

bool dir_region_is_valid_on(const struct dir_region *r, int32_t day)
{
    return (r->valid_from == DAY_NONE || day >= r->valid_from) && (r->valid_to == DAY_NONE || day <= r->valid_to);
}

const struct dir_region *directory_region_on(const struct directory *d, int64_t code, int32_t day)
{
    const struct dir_region *r = directory_region(d, code);
    return r && dir_region_is_valid_on(r, day) ? r : NULL;
}

const struct dir_category *directory_category_by_code(const struct directory *d, const char *code)
{
    if (!category_code_is_valid(code) || !d->ncategories)
        return NULL;
    struct dir_category key;
    memcpy(key.code, code, sizeof(key.code));
    return bsearch(&key, d->categories, d->ncategories, sizeof(key), compare_categories);
}

const struct dir_category *directory_category_by_id(const struct directory *d, int16_t id)
{
    int64_t i = map_get(&d->category_map, id);
    return i < 0 ? NULL : &d->categories[i];
}

const struct dir_organ *directory_organ_by_code(const struct directory *d, const char *code)
{
    if (!code || !d->norgans)
        return NULL;
    struct dir_organ key = {.code = code};
    return bsearch(&key, d->organs, d->norgans, sizeof(key), compare_organs);
}

const struct dir_organ *directory_organ_by_id(const struct directory *d, int32_t id)
{
    int64_t i = map_get(&d->organ_map, id);
    return i < 0 ? NULL : &d->organs[i];
}

size_t directory_full_name(const struct directory *d, int64_t code, char *out, size_t out_size)
{
    char text[DIRECTORY_FULL_NAME_SIZE];
    size_t len = 0;
    text[0] = 0;
    enum region_level own = region_level_of(code);
    enum region_level from = own > LEVEL_TOWNSHIP ? LEVEL_TOWNSHIP : own;
    for (enum region_level l = from; l != LEVEL_NONE && l <= own; l++) {
        const struct dir_region *r = directory_region(d, region_parent(code, l));
        if (!r)
            continue;
        int n = snprintf(text + len, sizeof(text) - len, "%s%s", len ? " / " : "", r->name);
        if (n < 0 || (size_t)n >= sizeof(text) - len)
            break;
        len += (size_t)n;
    }
    if (out_size)
        text_copy(out, out_size, text);
    return out_size ? strlen(out) : 0;
}
