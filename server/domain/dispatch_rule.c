/* SPDX-License-Identifier: MIT */
#include "server/domain/dispatch_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/region.h"

void dispatch_case_at(struct dispatch_case *c, const char *category_code, int64_t grid, usec_t at, int32_t utc_offset_s)
{
    int32_t day = clock_local_day(at, utc_offset_s);
    usec_t midnight = ((usec_t)day * 86400 - utc_offset_s) * USEC_PER_SEC;
    *c = (struct dispatch_case){
        .category_code = category_code,
        .grid = grid,
        .local_day = day,
        .local_minute = (int32_t)((at - midnight) / (60 * USEC_PER_SEC)),
    };
}

/* 0 Monday to 6 Sunday; 1970-01-01 was a Thursday. */
static int weekday_of(int32_t day)
{
    int w = (day + 3) % 7;
    return w < 0 ? w + 7 : w;
}

bool dispatch_rule_matches(const struct dispatch_rule *r, const struct dispatch_case *c)
{
    if (strncmp(c->category_code, r->category_prefix, strlen(r->category_prefix)) != 0)
        return false;
    if (r->region && !region_contains(r->region, c->grid))
        return false;
    if (r->weekdays && !(r->weekdays >> weekday_of(c->local_day) & 1))
        return false;
    return r->to_minute == 0 || (c->local_minute >= r->from_minute && c->local_minute < r->to_minute);
}

static int time_rank(const struct dispatch_rule *r)
{
    return r->to_minute ? 2 : r->weekdays ? 1 : 0;
}

int dispatch_rule_compare(const struct dispatch_rule *a, const struct dispatch_rule *b)
{
    size_t la = strlen(a->category_prefix), lb = strlen(b->category_prefix);
    int ra = a->region ? (int)region_level_of(a->region) : 0, rb = b->region ? (int)region_level_of(b->region) : 0;
    if (la != lb)
        return la > lb ? -1 : 1;
    if (ra != rb)
        return ra > rb ? -1 : 1;
    if (time_rank(a) != time_rank(b))
        return time_rank(a) > time_rank(b) ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    return uuid_compare(&a->id, &b->id);
}

static int by_rank(const void *a, const void *b)
{
    return dispatch_rule_compare(a, b);
}

void dispatch_rules_sort(struct dispatch_rule *rules, int n)
{
    qsort(rules, (size_t)n, sizeof *rules, by_rank);
}

const struct dispatch_rule *dispatch_rules_next(const struct dispatch_rule *sorted, int n, const struct directory *dir,
                                                const struct dispatch_case *c, int *at)
{
    while (*at < n) {
        const struct dispatch_rule *r = &sorted[(*at)++];
        const struct dir_organ *o = directory_organ_by_id(dir, r->organ_id);
        if (o && o->active && dispatch_rule_matches(r, c))
            return r;
    }
    return NULL;
}

static int check_organ(int32_t id, int64_t region, const struct directory *dir, const char *field, struct err *e)
{
    const struct dir_organ *o = directory_organ_by_id(dir, id);
    if (!o)
        return err_field(e, ERR_NOT_FOUND, field, "There is no such organ.");
    if (!o->active)
        return err_field(e, ERR_PRECONDITION, field, "Organ %.32s is void and receives no cases.", o->code);
    /* A rule for everywhere needs an organ for everywhere, that is of the city. */
    if (region ? !region_contains(o->region, region) : region_level_of(o->region) != LEVEL_CITY)
        return err_field(e, ERR_PRECONDITION, field, "Organ %.32s does not serve the whole of the rule's region.", o->code);
    return 0;
}

static bool category_exists(const struct directory *dir, const char *prefix)
{
    size_t n, len = strlen(prefix);
    const struct dir_category *all = directory_categories(dir, &n);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(all[i].code, prefix, len) == 0)
            return true;
    }
    return len == 0;
}

int dispatch_rule_check(const struct dispatch_rule *r, const struct directory *dir, const char *prefix, struct err *e)
{
    char field[96];
    char lo[6], hi[6];
    struct err why;
    snprintf(field, sizeof field, "%s.category_prefix", prefix);
    if (category_prefix_range(r->category_prefix, lo, hi, &why) || !category_exists(dir, r->category_prefix))
        return err_field(e, ERR_INVALID, field, "No category begins with %.5s.", r->category_prefix);
    snprintf(field, sizeof field, "%s.region_code", prefix);
    if (r->region && !directory_region(dir, r->region))
        return err_field(e, ERR_INVALID, field, "There is no such region.");
    snprintf(field, sizeof field, "%s.weekdays", prefix);
    if (r->weekdays > 127)
        return err_field(e, ERR_INVALID, field, "weekdays has seven bits, Monday to Sunday.");
    snprintf(field, sizeof field, "%s.to_minute", prefix);
    if ((r->from_minute || r->to_minute) && (r->from_minute < 0 || r->to_minute > 1440 || r->from_minute >= r->to_minute))
        return err_field(e, ERR_INVALID, field,
                         "The hours end before they begin. Give minutes after midnight, from before to, or two rules.");
    snprintf(field, sizeof field, "%s.organ_code", prefix);
    int rc = check_organ(r->organ_id, r->region, dir, field, e);
    for (int i = 0; i < r->n_co && !rc; i++) {
        snprintf(field, sizeof field, "%s.co_organ_codes[%d]", prefix, i);
        rc = check_organ(r->co_organ_ids[i], r->region, dir, field, e);
        if (!rc && r->co_organ_ids[i] == r->organ_id)
            rc = err_field(e, ERR_INVALID, field, "The lead organ cannot help itself.");
    }
    return rc;
}

void dispatch_rule_reason(const struct dispatch_rule *r, char out[DISPATCH_REASON_SIZE])
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    char region[REGION_TEXT_SIZE];
    int n = *r->category_prefix ? snprintf(out, DISPATCH_REASON_SIZE, "category %s", r->category_prefix)
                                : snprintf(out, DISPATCH_REASON_SIZE, "every category");
    region_format(r->region, region);
    n += r->region ? snprintf(out + n, DISPATCH_REASON_SIZE - (size_t)n, ", region %s", region)
                   : snprintf(out + n, DISPATCH_REASON_SIZE - (size_t)n, ", everywhere");
    const char *sep = ", ";
    if (r->weekdays == 31 || r->weekdays == 96) {
        n += snprintf(out + n, DISPATCH_REASON_SIZE - (size_t)n, ", %s", r->weekdays == 31 ? "Mon-Fri" : "Sat-Sun");
        sep = " ";
    } else if (r->weekdays) {
        for (int i = 0; i < 7; i++) {
            if (r->weekdays >> i & 1) {
                n += snprintf(out + n, DISPATCH_REASON_SIZE - (size_t)n, "%s%s", sep, names[i]);
                sep = " ";
            }
        }
    }
    if (r->to_minute)
        snprintf(out + n, DISPATCH_REASON_SIZE - (size_t)n, "%s%02d:%02d-%02d:%02d", sep, r->from_minute / 60,
                 r->from_minute % 60, r->to_minute / 60, r->to_minute % 60);
}
