/* SPDX-License-Identifier: MIT */
/* The demo city as messages of ImportDirectory: demo_city_part of demo_city.h. */
#include "client/demo/demo_city.h"

#include <string.h>

#include "common/base/text.h"

enum { GRIDS_PER_PART = 400 };

/* Before the first incident of the demo. */
static char valid_from[] = "2015-01-01";

static Wangge__V1__Region *region(struct arena *a, const char *code, const char *name, Wangge__V1__RegionLevel level)
{
    Wangge__V1__Region *r = arena_alloc(a, sizeof *r);
    if (!r)
        return NULL;
    wangge__v1__region__init(r);
    r->code = arena_strdup(a, code);
    r->name = arena_strdup(a, name);
    r->level = level;
    r->valid_from = valid_from;
    return r->code && r->name ? r : NULL;
}

static bool set_boundary(struct arena *a, Wangge__V1__Region *r, const struct demo_box *b)
{
    const int32_t corners[4][2] = {{b->lat0, b->lon0}, {b->lat0, b->lon1}, {b->lat1, b->lon1}, {b->lat1, b->lon0}};
    r->boundary = arena_alloc(a, 4 * sizeof *r->boundary);
    Wangge__V1__Point *points = arena_alloc(a, 4 * sizeof *points);
    if (!r->boundary || !points)
        return false;
    for (int i = 0; i < 4; i++) {
        wangge__v1__point__init(&points[i]);
        points[i].latitude = corners[i][0] / 1e6;
        points[i].longitude = corners[i][1] / 1e6;
        r->boundary[i] = &points[i];
    }
    r->n_boundary = 4;
    return true;
}

/* City, counties, townships and communities. */
static bool fill_upper(const struct demo_city *c, Wangge__V1__ImportDirectoryRequest *req, struct arena *a)
{
    size_t n = (size_t)(1 + DEMO_COUNTIES + c->ntowns + c->ncommunities);
    Wangge__V1__Region **rows = arena_alloc(a, n * sizeof(void *));
    if (!rows)
        return false;
    size_t i = 0;
    rows[i++] = region(a, DEMO_CITY_CODE, DEMO_CITY_NAME, WANGGE__V1__REGION_LEVEL__REGION_LEVEL_CITY);
    for (int k = 0; k < DEMO_COUNTIES; k++)
        rows[i++] = region(a, demo_counties[k].code, demo_counties[k].name, WANGGE__V1__REGION_LEVEL__REGION_LEVEL_COUNTY);
    for (int k = 0; k < c->ntowns; k++)
        rows[i++] = region(a, c->towns[k].code, c->towns[k].name, WANGGE__V1__REGION_LEVEL__REGION_LEVEL_TOWNSHIP);
    for (int k = 0; k < c->ncommunities; k++)
        rows[i++] = region(a, c->communities[k].code, c->communities[k].name, WANGGE__V1__REGION_LEVEL__REGION_LEVEL_COMMUNITY);
    req->n_regions = n;
    req->regions = rows;
    for (i = 0; i < n; i++) {
        if (!rows[i])
            return false;
    }
    return true;
}

static bool fill_grids(const struct demo_city *c, Wangge__V1__ImportDirectoryRequest *req, struct arena *a, int first)
{
    int n = c->ngrids - first < GRIDS_PER_PART ? c->ngrids - first : GRIDS_PER_PART;
    req->regions = arena_alloc(a, (size_t)n * sizeof(void *));
    if (!req->regions)
        return false;
    for (int i = 0; i < n; i++) {
        const struct demo_grid *g = &c->grids[first + i];
        Wangge__V1__Region *r = region(a, g->code, g->name, WANGGE__V1__REGION_LEVEL__REGION_LEVEL_GRID);
        if (!r || !set_boundary(a, r, &g->box))
            return false;
        req->regions[i] = r;
    }
    req->n_regions = (size_t)n;
    return true;
}

/* Splits "a b c" into words. */
static bool set_aliases(struct arena *a, Wangge__V1__Category *row, const char *words)
{
    size_t n = 0;
    for (const char *s = words; *s; s++)
        n += s == words || s[-1] == ' ';
    row->aliases = arena_alloc(a, (n + 1) * sizeof *row->aliases);
    if (!row->aliases)
        return false;
    while (row->n_aliases < n) {
        size_t len = strcspn(words, " ");
        row->aliases[row->n_aliases] = arena_strndup(a, words, len);
        if (!row->aliases[row->n_aliases++])
            return false;
        words += len + (words[len] == ' ');
    }
    return true;
}

static bool fill_categories(Wangge__V1__ImportDirectoryRequest *req, struct arena *a)
{
    req->categories = arena_alloc(a, demo_categories_len * sizeof(void *));
    Wangge__V1__Category *rows = arena_alloc(a, demo_categories_len * sizeof *rows);
    if (!req->categories || !rows)
        return false;
    for (size_t i = 0; i < demo_categories_len; i++) {
        const struct demo_category *c = &demo_categories[i];
        const struct demo_group *group = demo_group_of(c->code);
        Wangge__V1__Category *row = &rows[i];
        wangge__v1__category__init(row);
        row->code = arena_strdup(a, c->code);
        row->name = arena_strdup(a, c->name);
        row->name_en = arena_strdup(a, c->name_en);
        row->top_name = arena_strdup(a, group->top_name);
        row->group_name = arena_strdup(a, group->name);
        row->handle_limit_minutes = arena_alloc(a, sizeof c->limits_min);
        if (!row->code || !row->name || !row->name_en || !row->top_name || !row->group_name || !row->handle_limit_minutes ||
            !set_aliases(a, row, c->aliases))
            return false;
        memcpy(row->handle_limit_minutes, c->limits_min, sizeof c->limits_min);
        row->n_handle_limit_minutes = 3;
        row->settle_allowed = c->settle_allowed;
        row->check_waived = c->check_waived;
        row->counted = demo_category_counted(c);
        row->active = true;
        req->categories[i] = row;
    }
    req->n_categories = demo_categories_len;
    return true;
}

static bool fill_organs(const struct demo_city *c, Wangge__V1__ImportDirectoryRequest *req, struct arena *a)
{
    req->organs = arena_alloc(a, (size_t)c->norgans * sizeof(void *));
    Wangge__V1__Organ *rows = arena_alloc(a, (size_t)c->norgans * sizeof *rows);
    if (!req->organs || !rows)
        return false;
    for (int i = 0; i < c->norgans; i++) {
        wangge__v1__organ__init(&rows[i]);
        rows[i].code = arena_strdup(a, c->organs[i].code);
        rows[i].name = arena_strdup(a, c->organs[i].name);
        rows[i].region_code = arena_strdup(a, c->organs[i].region_code);
        rows[i].kind = c->organs[i].kind;
        rows[i].active = true;
        if (!rows[i].code || !rows[i].name || !rows[i].region_code)
            return false;
        req->organs[i] = &rows[i];
    }
    req->n_organs = (size_t)c->norgans;
    return true;
}

static bool fill_calendar(const struct demo_calendar *c, Wangge__V1__ImportDirectoryRequest *req, struct arena *a)
{
    req->calendar_days = arena_alloc(a, (c->ndays + 1) * sizeof(void *));
    Wangge__V1__CalendarDay *rows = arena_alloc(a, (c->ndays + 1) * sizeof *rows);
    if (!req->calendar_days || !rows)
        return false;
    for (size_t i = 0; i < c->ndays; i++) {
        char date[11];
        clock_format_date(c->days[i].day, date);
        wangge__v1__calendar_day__init(&rows[i]);
        rows[i].date = arena_strdup(a, date);
        rows[i].name = arena_strdup(a, c->days[i].name);
        rows[i].working = c->days[i].working;
        if (!rows[i].date || !rows[i].name)
            return false;
        req->calendar_days[i] = &rows[i];
    }
    req->n_calendar_days = c->ndays;
    return true;
}

Wangge__V1__ImportDirectoryRequest *demo_city_part(const struct demo_city *c, int part, struct arena *a, struct err *e)
{
    *e = (struct err){0};
    int first_grid = (part - 1) * GRIDS_PER_PART;
    if (part < 0 || (part > 0 && first_grid >= c->ngrids))
        return NULL;
    Wangge__V1__ImportDirectoryRequest *req = arena_alloc(a, sizeof *req);
    bool ok = req != NULL;
    if (ok) {
        wangge__v1__import_directory_request__init(req);
        ok = part > 0 ? fill_grids(c, req, a, first_grid)
                      : fill_upper(c, req, a) && fill_categories(req, a) && fill_organs(c, req, a) &&
                            fill_calendar(&c->calendar, req, a);
    }
    if (!ok) {
        (void)err_set(e, ERR_NOMEM, "Not enough memory for part %d of the demo city's directory.", part);
        return NULL;
    }
    return req;
}
