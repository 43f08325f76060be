/* SPDX-License-Identifier: MIT */
/* The directory's calendars and limits: rows as they come from the store, built into a calendar_set and a limit_set. */
#include <stdlib.h>
#include <string.h>

#include "server/domain/directory_impl.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "Out of memory building the directory.");
}

static const char *keep(struct directory *d, const char *s)
{
    return s && *s ? arena_strdup(d->arena, s) : "";
}

static int check_region(int64_t region, struct err *e)
{
    if (region == 0 || region_level_of(region) != LEVEL_NONE)
        return 0;
    return err_field(e, ERR_INVALID, "region", "%lld is not a region code.", (long long)region);
}

int directory_add_calendar_day(struct directory_builder *b, const struct dir_calendar_day *c, struct err *e)
{
    struct directory *d = b->dir;
    int rc = check_region(c->region, e);
    if (!rc)
        rc = directory_grow((void **)&d->days, d->ndays, &b->cap_days, sizeof(*d->days), DIRECTORY_MAX_DAYS, e);
    if (rc)
        return rc;
    struct dir_calendar_day row = *c;
    row.name = keep(d, c->name);
    if (!row.name)
        return out_of_memory(e);
    d->days[d->ndays++] = row;
    return 0;
}

int directory_add_calendar(struct directory_builder *b, const struct calendar_source *c, struct err *e)
{
    struct directory *d = b->dir;
    int rc = check_region(c->region, e);
    if (!rc && c->nseasons > CALENDAR_MAX_SEASONS)
        rc = err_field(e, ERR_EXHAUSTED, "seasons", "A calendar holds at most %d seasons.", CALENDAR_MAX_SEASONS);
    if (!rc)
        rc = directory_grow((void **)&d->sources, d->nsources, &b->cap_sources, sizeof(*d->sources), CALENDAR_SET_MAX, e);
    if (rc)
        return rc;
    struct calendar_source row = *c;
    row.overrides = NULL;
    row.noverrides = 0;
    row.code = keep(d, c->code ? c->code : "");
    row.name = keep(d, c->name);
    struct calendar_season *seasons = arena_zalloc(d->arena, sizeof(*seasons) * (c->nseasons + 1));
    if (!row.code || !row.name || !seasons)
        return out_of_memory(e);
    for (size_t i = 0; i < c->nseasons; i++) {
        seasons[i] = c->seasons[i];
        seasons[i].name = keep(d, c->seasons[i].name);
        if (!seasons[i].name)
            return out_of_memory(e);
    }
    row.seasons = seasons;
    d->sources[d->nsources++] = row;
    return 0;
}

int directory_add_limit(struct directory_builder *b, const struct limit_rule *r, struct err *e)
{
    struct directory *d = b->dir;
    int rc = limit_rule_check(r, e);
    if (!rc)
        rc = directory_grow((void **)&d->rules, d->nrules, &b->cap_rules, sizeof(*d->rules), LIMIT_MAX_RULES, e);
    if (rc)
        return rc;
    d->rules[d->nrules++] = *r;
    return 0;
}

static int compare_days(const void *a, const void *b)
{
    const struct dir_calendar_day *x = a, *y = b;
    if (x->region != y->region)
        return x->region < y->region ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

static int compare_sources(const void *a, const void *b)
{
    int64_t x = ((const struct calendar_source *)a)->region, y = ((const struct calendar_source *)b)->region;
    return (x > y) - (x < y);
}

static bool has_source(const struct calendar_source *sources, size_t n, int64_t region)
{
    struct calendar_source key = {.region = region};
    return n && bsearch(&key, sources, n, sizeof(key), compare_sources);
}

/* Adds a source that states nothing for each region that has days only. Both lists are sorted. */
static int complete_sources(struct directory *d, struct err *e)
{
    size_t missing = 0, stated = d->nsources;
    for (size_t i = 0; i < d->ndays; i++)
        if ((i == 0 || d->days[i].region != d->days[i - 1].region) && !has_source(d->sources, stated, d->days[i].region))
            missing++;
    struct calendar_source *all = realloc(d->sources, (stated + missing + 1) * sizeof(*all));
    if (!all)
        return out_of_memory(e);
    d->sources = all;
    for (size_t i = 0; i < d->ndays; i++)
        if ((i == 0 || d->days[i].region != d->days[i - 1].region) && !has_source(all, stated, d->days[i].region))
            all[d->nsources++] =
                (struct calendar_source){.region = d->days[i].region, .name = "", .utc_offset_s = CALENDAR_ZONE_INHERIT};
    if (missing)
        qsort(all, d->nsources, sizeof(*all), compare_sources);
    return 0;
}

static void hand_out_days(struct directory *d)
{
    size_t day = 0;
    for (size_t i = 0; i < d->nsources; i++) {
        struct calendar_source *s = &d->sources[i];
        s->overrides = &d->overrides[day];
        s->noverrides = 0;
        for (; day < d->ndays && d->days[day].region == s->region; day++)
            s->noverrides++;
    }
}

int directory_clock_build(struct directory *d, struct err *e)
{
    if (d->ndays > 1)
        qsort(d->days, d->ndays, sizeof(*d->days), compare_days);
    if (d->nsources > 1)
        qsort(d->sources, d->nsources, sizeof(*d->sources), compare_sources);
    d->overrides = calloc(d->ndays + 1, sizeof(*d->overrides));
    if (!d->overrides)
        return out_of_memory(e);
    for (size_t i = 0; i < d->ndays; i++)
        d->overrides[i] = (struct calendar_override){.day = d->days[i].day,
                                                     .working = d->days[i].working,
                                                     .custom = d->days[i].custom,
                                                     .plan = d->days[i].plan,
                                                     .name = d->days[i].name};
    int rc = complete_sources(d, e);
    if (rc)
        return rc;
    hand_out_days(d);
    rc = calendar_set_create(d->sources, d->nsources, &d->calendars, e);
    return rc ? rc : limit_set_create(d->rules, d->nrules, &d->limits, e);
}

void directory_clock_fini(struct directory *d)
{
    calendar_set_destroy(d->calendars);
    limit_set_destroy(d->limits);
    free(d->overrides);
    free(d->sources);
    free(d->rules);
    free(d->days);
}

const struct dir_calendar_day *directory_calendar_days(const struct directory *d, size_t *ret_n)
{
    *ret_n = d->ndays;
    return d->days;
}

const struct calendar *directory_calendar(const struct directory *d)
{
    return calendar_set_for(d->calendars, 0);
}

const struct calendar *directory_calendar_for(const struct directory *d, int64_t region)
{
    return calendar_set_for(d->calendars, region);
}

const struct calendar_set *directory_calendars(const struct directory *d)
{
    return d->calendars;
}

const struct calendar_source *directory_calendar_sources(const struct directory *d, size_t *ret_n)
{
    *ret_n = d->nsources;
    return d->sources;
}

const struct limit_set *directory_limits(const struct directory *d)
{
    return d->limits;
}
