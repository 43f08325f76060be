/* SPDX-License-Identifier: MIT */
/* Calendars by region: inheritance is resolved while building, so a look-up is a binary search per level. */
#include "server/domain/calendar_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/calendar_impl.h"
#include "server/domain/region.h"

struct entry {
    int64_t region;
    struct calendar *calendar;
};

struct calendar_set {
    struct entry *entries; /* by region; entry 0 is the default, region 0 */
    size_t n;
};

/* What a source amounts to with everything it takes from above. Lives while building. */
struct effective {
    const struct calendar_source *source; /* NULL: the default nobody stated */
    size_t row;                           /* the caller's index */
    struct calendar_spec spec;
    struct calendar_override *days; /* owned */
    size_t ndays;
};

static int compare(const void *a, const void *b)
{
    const struct effective *x = a, *y = b;
    int64_t p = x->source ? x->source->region : 0, q = y->source ? y->source->region : 0;
    return (p > q) - (p < q);
}

static int by_day(const void *a, const void *b)
{
    int32_t x = ((const struct calendar_override *)a)->day, y = ((const struct calendar_override *)b)->day;
    return (x > y) - (x < y);
}

/* Entries are sorted, so the nearest region above comes before, and the last one that contains is the nearest. */
static const struct effective *nearest_above(const struct effective *all, size_t i)
{
    for (size_t k = i; k-- > 1;)
        if (region_contains(all[k].source->region, all[i].source->region))
            return &all[k];
    return &all[0];
}

/* Own days over those from above; both sorted. A day named twice by the same source stays twice: calendar_create refuses. */
static int merge_days(struct effective *f, const struct effective *above, struct err *e)
{
    const struct calendar_source *s = f->source;
    size_t inherited = above && !s->own_days_only ? above->ndays : 0;
    f->days = calloc(s->noverrides + inherited + 1, sizeof(*f->days));
    struct calendar_override *own = calloc(s->noverrides + 1, sizeof(*own));
    if (!f->days || !own) {
        free(own);
        return err_set(e, ERR_NOMEM, "Out of memory building the calendars.");
    }
    for (size_t i = 0; i < s->noverrides; i++) {
        own[i] = s->overrides[i];
        own[i].local = s->region != 0 && !s->own_days_only;
    }
    if (s->noverrides > 1)
        qsort(own, s->noverrides, sizeof(*own), by_day);
    size_t a = 0, b = 0;
    while (a < s->noverrides || b < inherited) {
        bool take_own = b == inherited || (a < s->noverrides && own[a].day <= above->days[b].day);
        if (take_own && b < inherited && own[a].day == above->days[b].day)
            b++;
        f->days[f->ndays++] = take_own ? own[a++] : above->days[b++];
    }
    free(own);
    return 0;
}

static int resolve(struct effective *all, size_t i, struct err *e)
{
    struct effective *f = &all[i];
    const struct effective *above = i ? nearest_above(all, i) : NULL;
    if (above)
        f->spec = above->spec;
    else
        calendar_spec_default(&f->spec);
    if (!f->source)
        return 0;
    if (f->source->utc_offset_s != CALENDAR_ZONE_INHERIT)
        f->spec.utc_offset_s = f->source->utc_offset_s;
    if (f->source->own_week) {
        memcpy(f->spec.week, f->source->week, sizeof(f->spec.week));
        f->spec.workday = f->source->workday;
        f->spec.seasons = f->source->seasons;
        f->spec.nseasons = f->source->nseasons;
    }
    /* Before they are sorted, so that a refusal names the caller's row. */
    int rc = calendar_overrides_check(f->source->overrides, f->source->noverrides, e);
    return rc ? rc : merge_days(f, above, e);
}

/* Puts the calendar before what went wrong inside it. */
static int name_calendar(const struct effective *f, int rc, const struct err *inner, struct err *e)
{
    if (!f->source || f->source->region == 0)
        return err_field(e, rc, inner->field, "%s", inner->text);
    char code[REGION_TEXT_SIZE], field[sizeof(inner->field) + 32];
    region_format(f->source->region, code);
    (void)snprintf(field, sizeof(field), "calendars[%zu].%s", f->row, inner->field);
    return err_field(e, rc, field, "Calendar of %s: %s", code, inner->text);
}

static int fill(struct calendar_set *set, struct effective *all, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        char field[32], code[REGION_TEXT_SIZE];
        int64_t region = all[i].source ? all[i].source->region : 0;
        (void)snprintf(field, sizeof(field), "calendars[%zu].region", all[i].row);
        if (region_level_of(region) == LEVEL_NONE && region != 0)
            return err_field(e, ERR_INVALID, field, "%lld is not a region code.", (long long)region);
        region_format(region, code);
        if (i && (region == 0 || (all[i - 1].source && all[i - 1].source->region == region)))
            return err_field(e, ERR_INVALID, field, "%s%s has two calendars.", region ? "The region " : "The whole city", code);
    }
    for (size_t i = 0; i < n; i++) {
        struct err inner = {0};
        int rc = resolve(all, i, &inner);
        if (!rc)
            rc = calendar_create(&all[i].spec, all[i].days, all[i].ndays, &set->entries[i].calendar, &inner);
        if (rc)
            return name_calendar(&all[i], rc, &inner, e);
        set->entries[i].region = all[i].source ? all[i].source->region : 0;
        set->n = i + 1;
    }
    return 0;
}

int calendar_set_create(const struct calendar_source *sources, size_t n, struct calendar_set **ret, struct err *e)
{
    if (n > CALENDAR_SET_MAX)
        return err_field(e, ERR_EXHAUSTED, "calendars", "There can be at most %d calendars.", CALENDAR_SET_MAX);
    int rc = ERR_NOMEM;
    bool has_default = false;
    for (size_t i = 0; i < n; i++)
        has_default |= sources[i].region == 0;
    size_t count = n + !has_default;
    struct calendar_set *set = calloc(1, sizeof(*set));
    struct effective *all = calloc(count, sizeof(*all));
    if (set)
        set->entries = calloc(count, sizeof(*set->entries));
    if (!set || !all || !set->entries) {
        (void)err_set(e, ERR_NOMEM, "Out of memory building the calendars.");
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        all[i + !has_default] = (struct effective){.source = &sources[i], .row = i};
    qsort(all, count, sizeof(*all), compare);
    rc = fill(set, all, count, e);
out:
    for (size_t i = 0; all && i < count; i++)
        free(all[i].days);
    free(all);
    if (rc) {
        calendar_set_destroy(set);
        return rc;
    }
    *ret = set;
    return 0;
}

void calendar_set_destroy(struct calendar_set *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->entries && i < s->n; i++)
        calendar_destroy(s->entries[i].calendar);
    free(s->entries);
    free(s);
}

static const struct entry *find(const struct calendar_set *s, int64_t region)
{
    if (s->n > 1)
        for (int level = (int)region_level_of(region); level > LEVEL_NONE; level--) {
            int64_t code = region_parent(region, (enum region_level)level);
            size_t lo = 1, hi = s->n;
            while (lo < hi) {
                size_t mid = lo + (hi - lo) / 2;
                if (s->entries[mid].region < code)
                    lo = mid + 1;
                else
                    hi = mid;
            }
            if (lo < s->n && s->entries[lo].region == code)
                return &s->entries[lo];
        }
    return &s->entries[0];
}

const struct calendar *calendar_set_for(const struct calendar_set *s, int64_t region)
{
    return find(s, region)->calendar;
}

int64_t calendar_set_region_of(const struct calendar_set *s, int64_t region)
{
    return find(s, region)->region;
}

size_t calendar_set_count(const struct calendar_set *s)
{
    return s->n;
}
