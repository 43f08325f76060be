/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/service/directory_import.h"

enum { NAME_MAX_CHARS = 40, WORD_MAX_CHARS = 80, ORGAN_CODE_MAX = 32, LIMIT_MAX_MINUTES = 5270400 /* ten years */ };
static const int32_t DAY_FIRST = 7305; /* 1990-01-01 */
static const int32_t DAY_LAST = 40176; /* 2079-12-31 */

PRINTF_LIKE(5, 6)
static void fault(struct import_faults *f, const char *list, size_t row, const char *field, const char *fmt, ...)
{
    char text[256];
    Google__Rpc__BadRequest__FieldViolation *v;
    va_list ap;

    if (f->n >= IMPORT_MAX_VIOLATIONS) {
        f->n++;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    text_trim_partial(text);
    v = &f->violations[f->n];
    google__rpc__bad_request__field_violation__init(v);
    f->list[f->n++] = v;
    v->field = arena_printf(f->arena, "%s[%zu].%s", list, row, field);
    v->description = arena_strdup(f->arena, text);
    if (!v->field || !v->description)
        google__rpc__bad_request__field_violation__init(v);
}

static void check_text(struct import_faults *f, const char *list, size_t row, const char *field, const char *s, size_t min,
                       size_t max)
{
    size_t n = text_chars(s, strlen(s));
    if (n < min || n > max)
        fault(f, list, row, field, "%zu to %zu characters are needed, this has %zu.", min, max, n);
}

static void check_initials(struct import_faults *f, const char *list, size_t row, const char *s)
{
    size_t n = strlen(s);
    if (n > WORD_MAX_CHARS || strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != n)
        fault(f, list, row, "initials", "Initials are at most %d upper-case letters and digits.", (int)WORD_MAX_CHARS);
}

/* Empty passes. */
static void check_date(struct import_faults *f, const char *list, size_t row, const char *field, const char *s)
{
    int32_t day;
    if (*s && !clock_parse_date(s, &day))
        fault(f, list, row, field, "A date is written YYYY-MM-DD and exists in the calendar.");
}

/* --- rows that occur twice --- */

struct key {
    const char *s;
    size_t row;
};

static int by_text(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int r = strcmp(x->s, y->s);
    return r ? r : (x->row > y->row) - (x->row < y->row);
}

static void check_unique(struct import_faults *f, const char *list, const char *field, struct key *keys, size_t n)
{
    qsort(keys, n, sizeof(*keys), by_text);
    for (size_t i = 1; i < n; i++)
        if (strcmp(keys[i].s, keys[i - 1].s) == 0)
            fault(f, list, keys[i].row, field, "%.32s stands in row %zu already.", keys[i].s, keys[i - 1].row);
}

/* --- the four lists --- */

static void check_boundary(struct import_faults *f, size_t row, const Wangge__V1__Region *r, enum region_level level)
{
    if (!r->n_boundary)
        return;
    if (level != LEVEL_GRID)
        fault(f, "regions", row, "boundary", "Only a grid has a border.");
    if (r->n_boundary < 3 || r->n_boundary > DIRECTORY_MAX_BOUNDARY)
        fault(f, "regions", row, "boundary", "A border has 3 to %d points, this has %zu.", (int)DIRECTORY_MAX_BOUNDARY,
              r->n_boundary);
    for (size_t i = 0; i < r->n_boundary; i++) {
        double lat = r->boundary[i]->latitude, lon = r->boundary[i]->longitude;
        if (!isfinite(lat) || fabs(lat) > 90 || !isfinite(lon) || fabs(lon) > 180) {
            fault(f, "regions", row, "boundary", "Point %zu is no place on Earth.", i);
            return;
        }
    }
}

static void check_region(struct import_faults *f, size_t row, const Wangge__V1__Region *r)
{
    int64_t code;
    enum region_level level;
    struct err e;

    if (region_parse(r->code, &code, &e)) {
        fault(f, "regions", row, "code", "%s", e.text);
        return;
    }
    level = region_level_of(code);
    if (r->level && (int)r->level != (int)level)
        fault(f, "regions", row, "level", "A code of %d digits is of level %d.", region_digits(level), (int)level);
    check_text(f, "regions", row, "name", r->name, 1, NAME_MAX_CHARS);
    check_initials(f, "regions", row, r->initials);
    check_date(f, "regions", row, "valid_from", r->valid_from);
    check_date(f, "regions", row, "valid_to", r->valid_to);
    /* ISO dates sort as text. */
    if (*r->valid_from && *r->valid_to && strcmp(r->valid_to, r->valid_from) < 0)
        fault(f, "regions", row, "valid_to", "It ends before it begins.");
    check_boundary(f, row, r, level);
}

static void check_category(struct import_faults *f, size_t row, const Wangge__V1__Category *c)
{
    if (!category_code_is_valid(c->code))
        fault(f, "categories", row, "code", "A category code is a letter and four digits.");
    check_text(f, "categories", row, "name", c->name, 1, NAME_MAX_CHARS);
    check_text(f, "categories", row, "name_en", c->name_en, 0, WORD_MAX_CHARS);
    check_text(f, "categories", row, "top_name", c->top_name, 0, NAME_MAX_CHARS);
    check_text(f, "categories", row, "group_name", c->group_name, 0, NAME_MAX_CHARS);
    check_initials(f, "categories", row, c->initials);
    if (c->n_aliases > DIRECTORY_MAX_ALIASES)
        fault(f, "categories", row, "aliases", "At most %d aliases.", (int)DIRECTORY_MAX_ALIASES);
    for (size_t i = 0; i < c->n_aliases && i < DIRECTORY_MAX_ALIASES; i++)
        check_text(f, "categories", row, "aliases", c->aliases[i], 1, NAME_MAX_CHARS);
    if (c->n_handle_limit_minutes != 0 && c->n_handle_limit_minutes != 3)
        fault(f, "categories", row, "handle_limit_minutes", "Three limits (normal, urgent, critical) or none.");
    for (size_t i = 0; i < c->n_handle_limit_minutes; i++)
        if (c->handle_limit_minutes[i] < 1 || c->handle_limit_minutes[i] > LIMIT_MAX_MINUTES)
            fault(f, "categories", row, "handle_limit_minutes", "A limit is 1 to %d minutes.", (int)LIMIT_MAX_MINUTES);
}

static bool region_is_known(const Wangge__V1__ImportDirectoryRequest *req, const struct directory *dir, int64_t code)
{
    int64_t other;

    if (directory_region(dir, code))
        return true;
    for (size_t i = 0; i < req->n_regions; i++)
        if (region_parse(req->regions[i]->code, &other, NULL) == 0 && other == code)
            return true;
    return false;
}

static void check_organ(struct import_faults *f, const Wangge__V1__ImportDirectoryRequest *req, const struct directory *dir,
                        size_t row, const Wangge__V1__Organ *o)
{
    size_t n = strlen(o->code);
    int64_t region;

    if (n < 1 || n > ORGAN_CODE_MAX || strspn(o->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != n)
        fault(f, "organs", row, "code", "An organ code is 1 to %d of A-Z, 0-9 and '-'.", (int)ORGAN_CODE_MAX);
    check_text(f, "organs", row, "name", o->name, 1, NAME_MAX_CHARS);
    check_initials(f, "organs", row, o->initials);
    if ((int)o->kind <= ORGAN_NONE || (int)o->kind >= ORGAN_KIND_COUNT)
        fault(f, "organs", row, "kind", "There is no kind of organ %d.", (int)o->kind);
    if (region_parse(o->region_code, &region, NULL))
        fault(f, "organs", row, "region_code", "A region code has 4, 6, 9, 12 or 15 digits.");
    else if (!region_is_known(req, dir, region))
        fault(f, "organs", row, "region_code", "There is no region %s, nor does this request add it.", o->region_code);
}

static void check_day(struct import_faults *f, size_t row, const Wangge__V1__CalendarDay *d)
{
    int32_t day;

    if (!clock_parse_date(d->date, &day) || day < DAY_FIRST || day > DAY_LAST)
        fault(f, "calendar_days", row, "date", "A date is written YYYY-MM-DD and lies between 1990-01-01 and 2079-12-31.");
    check_text(f, "calendar_days", row, "name", d->name, 0, NAME_MAX_CHARS);
}

#define CHECK_UNIQUE(f, list, field, rows, n, member)                                                                          \
    do {                                                                                                                       \
        for (size_t i_ = 0; i_ < (n); i_++)                                                                                    \
            keys[i_] = (struct key){(rows)[i_]->member, i_};                                                                   \
        check_unique((f), (list), (field), keys, (n));                                                                         \
    } while (0)

void import_check(const Wangge__V1__ImportDirectoryRequest *req, const struct directory *dir, struct arena *a,
                  struct import_faults *ret)
{
    size_t most = req->n_regions;
    struct key *keys;

    *ret = (struct import_faults){.arena = a};
    for (size_t i = 0; i < req->n_regions; i++)
        check_region(ret, i, req->regions[i]);
    for (size_t i = 0; i < req->n_categories; i++)
        check_category(ret, i, req->categories[i]);
    for (size_t i = 0; i < req->n_organs; i++)
        check_organ(ret, req, dir, i, req->organs[i]);
    for (size_t i = 0; i < req->n_calendar_days; i++)
        check_day(ret, i, req->calendar_days[i]);
    most = req->n_categories > most ? req->n_categories : most;
    most = req->n_organs > most ? req->n_organs : most;
    most = req->n_calendar_days > most ? req->n_calendar_days : most;
    keys = arena_alloc(a, (most + 1) * sizeof(*keys));
    if (!keys) {
        fault(ret, "regions", 0, "code", "The request is too large; send it in parts.");
        return;
    }
    CHECK_UNIQUE(ret, "regions", "code", req->regions, req->n_regions, code);
    CHECK_UNIQUE(ret, "categories", "code", req->categories, req->n_categories, code);
    CHECK_UNIQUE(ret, "organs", "code", req->organs, req->n_organs, code);
    CHECK_UNIQUE(ret, "calendar_days", "date", req->calendar_days, req->n_calendar_days, date);
}
