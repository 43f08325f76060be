/* SPDX-License-Identifier: MIT */
#include "server/service/clock_change.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "server/service/case_view.h"

enum { FIELD_SIZE = 96, MAX_LIMITS = 500, MAX_CALENDARS = 50, CODE_MAX = 32 };

bool clock_unit_of(Wangge__V1__TimeUnit u, enum time_unit *ret)
{
    if ((int)u < WANGGE__V1__TIME_UNIT__TIME_UNIT_WORKING || (int)u > WANGGE__V1__TIME_UNIT__TIME_UNIT_DAY)
        return false;
    *ret = (enum time_unit)((int)u - 1);
    return true;
}

Wangge__V1__TimeUnit clock_unit_view(enum time_unit u)
{
    return (Wangge__V1__TimeUnit)((int)u + 1);
}

/* A region by its code; "" is everywhere. */
static int take_region(const struct directory *dir, const char *code, const char *field, int64_t *ret, struct err *e)
{
    *ret = 0;
    if (!*code)
        return 0;
    if (region_parse(code, ret, NULL))
        return err_field(e, ERR_INVALID, field, "A region code has 4, 6, 9, 12 or 15 digits.");
    if (!directory_region(dir, *ret))
        return err_field(e, ERR_NOT_FOUND, field, "There is no region %s.", code);
    return 0;
}

/* Calendars ---------------------------------------------------------------------------------------------------------- */

static int take_shifts(Wangge__V1__Shift *const *shifts, size_t n, const char *field, struct calendar_day_plan *ret,
                       struct err *e)
{
    *ret = (struct calendar_day_plan){0};
    if (n > CALENDAR_MAX_SHIFTS)
        return err_field(e, ERR_INVALID, field, "A day has at most %d working intervals.", CALENDAR_MAX_SHIFTS);
    for (size_t i = 0; i < n; i++) {
        const Wangge__V1__Shift *s = shifts[i];
        if (s->from_minute < 0 || s->to_minute > 24 * 60 || s->from_minute >= s->to_minute)
            return err_field(e, ERR_INVALID, field, "Interval %zu ends before it starts or lies outside the day.", i + 1);
        if (i > 0 && s->from_minute <= shifts[i - 1]->to_minute)
            return err_field(e, ERR_INVALID, field, "Interval %zu overlaps the one before, or touches it; put them together.",
                             i + 1);
        ret->shifts[ret->n++] = (struct calendar_shift){s->from_minute * 60, s->to_minute * 60};
    }
    return 0;
}

/* "05-01" as 501; false if it is no day of any year. */
static bool take_month_day(const char *s, int16_t *ret)
{
    char date[16];
    int32_t day;
    int64_t month, of_month;
    if (strlen(s) != 5 || s[2] != '-')
        return false;
    (void)snprintf(date, sizeof date, "2000-%s", s);
    if (!clock_parse_date(date, &day))
        return false;
    date[7] = '\0';
    if (text_to_i64(date + 5, 1, 12, &month) || text_to_i64(s + 3, 1, 31, &of_month))
        return false;
    *ret = (int16_t)(month * 100 + of_month);
    return true;
}

static int take_seasons(struct arena *a, const Wangge__V1__Calendar *c, const char *prefix, struct calendar_source *ret,
                        struct err *e)
{
    char field[FIELD_SIZE];
    struct calendar_season *seasons = arena_zalloc(a, (c->n_seasons + 1) * sizeof *seasons);
    if (!seasons)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    ret->seasons = seasons;
    ret->nseasons = 0;
    ret->own_week = false;
    if (c->n_seasons > CALENDAR_MAX_SEASONS) {
        (void)snprintf(field, sizeof field, "%s.seasons", prefix);
        return err_field(e, ERR_INVALID, field, "A calendar has at most %d seasons.", CALENDAR_MAX_SEASONS);
    }
    for (size_t i = 0; i < c->n_seasons; i++) {
        const Wangge__V1__Season *s = c->seasons[i];
        struct calendar_day_plan plan, *week = ret->week, *workday = &ret->workday;
        (void)snprintf(field, sizeof field, "%s.seasons[%zu]", prefix, i);
        if (take_shifts(s->shifts, s->n_shifts, field, &plan, e))
            return e->code;
        if (s->weekdays <= 0 || s->weekdays > 127 || plan.n == 0)
            return err_field(e, ERR_INVALID, field, "A season needs at least one working day and one working interval.");
        if (*s->from || *s->to) {
            struct calendar_season *to = &seasons[ret->nseasons++];
            if (!take_month_day(s->from, &to->from_md) || !take_month_day(s->to, &to->to_md))
                return err_field(e, ERR_INVALID, field, "A season goes from MM-DD to MM-DD.");
            week = to->week;
            workday = &to->workday;
        } else if (ret->own_week) {
            return err_field(e, ERR_INVALID, field, "Two seasons stand for the rest of the year.");
        } else {
            ret->own_week = true;
        }
        *workday = plan;
        for (int d = 0; d < 7; d++)
            week[d] = s->weekdays & 1 << d ? plan : (struct calendar_day_plan){0};
    }
    if (c->n_seasons > 0 && !ret->own_week) {
        (void)snprintf(field, sizeof field, "%s.seasons", prefix);
        return err_field(e, ERR_INVALID, field, "One season without dates must stand for the rest of the year.");
    }
    return 0;
}

static int take_days(struct arena *a, const Wangge__V1__Calendar *c, const char *prefix, struct calendar_source *s,
                     struct err *e)
{
    char field[FIELD_SIZE];
    size_t n = 0;
    struct calendar_override *days = arena_zalloc(a, (c->n_days + s->noverrides + 1) * sizeof *days);
    if (!days)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (size_t i = 0; i < c->n_days; i++) {
        const Wangge__V1__CalendarDate *d = c->days[i];
        struct calendar_override *to = &days[n++];
        (void)snprintf(field, sizeof field, "%s.days[%zu]", prefix, i);
        if (!clock_parse_date(d->date, &to->day))
            return err_field(e, ERR_INVALID, field, "\"%.20s\" is not a date; write YYYY-MM-DD.", d->date);
        if (text_chars(d->name, strlen(d->name)) > CALENDAR_NAME_MAX)
            return err_field(e, ERR_INVALID, field, "A name has at most %d characters.", CALENDAR_NAME_MAX);
        if (take_shifts(d->shifts, d->n_shifts, field, &to->plan, e))
            return e->code;
        if (!d->working && d->n_shifts > 0)
            return err_field(e, ERR_INVALID, field, "A holiday has no working intervals.");
        to->working = d->working;
        to->custom = d->n_shifts > 0;
        to->name = d->name;
    }
    size_t given = n;
    for (size_t i = 0; i < s->noverrides; i++) {
        bool replaced = false;
        for (size_t k = 0; k < given && !replaced; k++)
            replaced = days[k].day == s->overrides[i].day;
        if (!replaced)
            days[n++] = s->overrides[i];
    }
    s->overrides = days;
    s->noverrides = n;
    return 0;
}

static bool code_ok(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n >= 1 && n <= CODE_MAX && s[n] == '\0';
}

static int take_calendar(struct arena *a, const struct directory *dir, const Wangge__V1__Calendar *c, size_t i,
                         struct calendar_source *sources, size_t *nsources, struct err *e)
{
    char prefix[32], field[FIELD_SIZE];
    int64_t region;
    (void)snprintf(prefix, sizeof prefix, "calendars[%zu]", i);
    (void)snprintf(field, sizeof field, "%s.region_code", prefix);
    if (take_region(dir, c->region_code, field, &region, e))
        return e->code;
    size_t chars = text_chars(c->name, strlen(c->name));
    if (!code_ok(c->code) || chars < 1 || chars > CALENDAR_NAME_MAX) {
        (void)snprintf(field, sizeof field, "%s.code", prefix);
        return err_field(e, ERR_INVALID, field,
                         "A calendar needs a code (1 to %d of a-z, 0-9, -) and a name (1 to %d characters).", CODE_MAX,
                         CALENDAR_NAME_MAX);
    }
    if (c->utc_offset_minutes < -14 * 60 || c->utc_offset_minutes > 14 * 60) {
        (void)snprintf(field, sizeof field, "%s.utc_offset_minutes", prefix);
        return err_field(e, ERR_INVALID, field, "The offset from UTC is at most 14 hours.");
    }
    struct calendar_source *s = NULL;
    (void)snprintf(field, sizeof field, "%s.code", prefix);
    for (size_t k = 0; k < *nsources; k++) {
        const char *code = sources[k].code ? sources[k].code : "";
        bool here = sources[k].region == region;
        if (here && *code && strcmp(code, c->code) != 0)
            return err_field(e, ERR_INVALID, field, "The calendar %s holds for this region already; change that one.", code);
        if (!here && strcmp(code, c->code) == 0)
            return err_field(e, ERR_INVALID, field, "The calendar %s holds for another region; give this one another code.",
                             code);
        if (here)
            s = &sources[k];
    }
    if (!s) {
        s = &sources[(*nsources)++];
        *s = (struct calendar_source){.region = region};
    }
    s->code = c->code;
    s->name = c->name;
    s->utc_offset_s = c->utc_offset_minutes * 60;
    int rc = c->n_seasons > 0 ? take_seasons(a, c, prefix, s, e) : 0;
    return rc ? rc : take_days(a, c, prefix, s, e);
}

/* Limits ------------------------------------------------------------------------------------------------------------- */

static int limit_from(const Wangge__V1__Limit *l, usec_t now, usec_t *ret)
{
    if (!view_parse_time(l->valid_from, ret))
        return ERR_INVALID;
    if (*ret == USEC_NONE)
        *ret = now;
    return 0;
}

static bool category_known(const struct directory *dir, const char *prefix)
{
    size_t n;
    const struct dir_category *rows = directory_categories(dir, &n);
    for (size_t i = 0; i < n; i++)
        if (strncmp(rows[i].code, prefix, strlen(prefix)) == 0)
            return true;
    return !*prefix;
}

static int take_limit(const struct directory *dir, const Wangge__V1__Limit *l, size_t i, usec_t now, struct limit_rule *ret,
                      struct err *e)
{
    char field[FIELD_SIZE];
    struct err inner = {0};
    *ret = (struct limit_rule){.kind = (enum clock_kind)l->clock, .urgency = (enum urgency)l->urgency, .valid_to = USEC_NONE};
    (void)snprintf(field, sizeof field, "limits[%zu].category_prefix", i);
    if (!text_copy(ret->category, sizeof ret->category, l->category_prefix) || !category_known(dir, l->category_prefix))
        return err_field(e, ERR_NOT_FOUND, field, "No category begins with \"%.20s\".", l->category_prefix);
    (void)snprintf(field, sizeof field, "limits[%zu].region_code", i);
    if (take_region(dir, l->region_code, field, &ret->region, e))
        return e->code;
    (void)snprintf(field, sizeof field, "limits[%zu].unit", i);
    if (!clock_unit_of(l->unit, &ret->unit))
        return err_field(e, ERR_INVALID, field, "There is no unit %d.", (int)l->unit);
    (void)snprintf(field, sizeof field, "limits[%zu].amount", i);
    if (l->amount <= 0 || l->amount > INT32_MAX)
        return err_field(e, ERR_INVALID, field, "A limit is more than zero.");
    ret->amount = (int32_t)l->amount;
    (void)snprintf(field, sizeof field, "limits[%zu].valid_from", i);
    if (limit_from(l, now, &ret->valid_from))
        return err_field(e, ERR_INVALID, field, "valid_from is not a valid time.");
    if (ret->valid_from / USEC_PER_SEC < now / USEC_PER_SEC - 60)
        return err_field(e, ERR_INVALID, field, "A limit takes effect now or later, never in the past.");
    ret->id = 1;
    if (limit_rule_check(ret, &inner)) {
        (void)snprintf(field, sizeof field, "limits[%zu].%.60s", i, inner.field);
        return err_field(e, inner.code, field, "%s", inner.text);
    }
    return 0;
}

static bool same_kind(const struct limit_rule *a, const struct limit_rule *b)
{
    return a->kind == b->kind && a->urgency == b->urgency && a->region == b->region && strcmp(a->category, b->category) == 0;
}

static int take_limits(struct arena *a, const struct directory *dir, Wangge__V1__Limit *const *limits, size_t n, usec_t now,
                       struct clock_change *ret, struct err *e)
{
    size_t old;
    const struct limit_rule *have = limit_set_rules(directory_limits(dir), &old);
    struct limit_rule *rules = arena_zalloc(a, (old + n + 1) * sizeof *rules);
    if (!rules)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    int last_id = 0;
    for (size_t i = 0; i < old; i++) {
        rules[i] = have[i];
        last_id = have[i].id > last_id ? have[i].id : last_id;
    }
    ret->first_new_rule = last_id + 1;
    ret->limits_from = now;
    for (size_t i = 0; i < n; i++) {
        struct limit_rule *r = &rules[old + i];
        if (take_limit(dir, limits[i], i, now, r, e))
            return e->code;
        r->id = ++last_id;
        ret->limits_from = r->valid_from > ret->limits_from ? r->valid_from : ret->limits_from;
        for (size_t k = 0; k < old + i; k++) {
            if (!same_kind(&rules[k], r))
                continue;
            if (rules[k].valid_from >= r->valid_from)
                return err_set(e, ERR_PRECONDITION,
                               "There is a limit of this kind from then or later already; limit %zu does not follow it.",
                               i + 1);
            if (rules[k].valid_to == USEC_NONE || rules[k].valid_to > r->valid_from)
                rules[k].valid_to = r->valid_from;
        }
    }
    return limit_set_create(rules, old + n, &ret->limits, e);
}

int clock_change_build(struct arena *a, const struct directory *dir, Wangge__V1__Calendar *const *calendars, size_t ncalendars,
                       Wangge__V1__Limit *const *limits, size_t nlimits, usec_t now, struct clock_change *ret, struct err *e)
{
    *ret = (struct clock_change){0};
    if (ncalendars > MAX_CALENDARS)
        return err_field(e, ERR_INVALID, "calendars", "At most %d calendars at once.", MAX_CALENDARS);
    if (nlimits > MAX_LIMITS)
        return err_field(e, ERR_INVALID, "limits", "At most %d limits at once.", MAX_LIMITS);
    size_t nsources;
    const struct calendar_source *have = directory_calendar_sources(dir, &nsources);
    struct calendar_source *sources = arena_zalloc(a, (nsources + ncalendars + 1) * sizeof *sources);
    if (!sources)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (nsources > 0)
        memcpy(sources, have, nsources * sizeof *sources);
    for (size_t i = 0; i < ncalendars; i++) {
        int rc = take_calendar(a, dir, calendars[i], i, sources, &nsources, e);
        if (rc)
            return rc;
    }
    int rc = calendar_set_create(sources, nsources, &ret->calendars, e);
    if (!rc)
        rc = take_limits(a, dir, limits, nlimits, now, ret, e);
    if (rc)
        clock_change_fini(ret);
    return rc;
}

void clock_change_fini(struct clock_change *c)
{
    calendar_set_destroy(c->calendars);
    limit_set_destroy(c->limits);
    *c = (struct clock_change){0};
}

int clock_change_limits_json(Wangge__V1__Limit *const *limits, size_t n, usec_t now, struct buf *out, struct err *e)
{
    int rc = buf_append_str(out, "[");
    for (size_t i = 0; !rc && i < n; i++) {
        const Wangge__V1__Limit *l = limits[i];
        char from[25];
        int64_t region = 0;
        enum time_unit unit = UNIT_WORKING;
        usec_t at = now;
        (void)limit_from(l, now, &at);
        clock_format_rfc3339(at, from);
        (void)clock_unit_of(l->unit, &unit);
        if (*l->region_code && region_parse(l->region_code, &region, e))
            return e->code;
        rc = buf_printf(
            out,
            "%s{\"clock\":%d,\"category\":\"%s\",\"urgency\":%d,\"region\":%lld,\"unit\":%d,\"amount\":%lld,\"from\":"
            "\"%s\"}",
            i ? "," : "", (int)l->clock, l->category_prefix, (int)l->urgency, (long long)region, (int)unit,
            (long long)l->amount, from);
    }
    if (!rc)
        rc = buf_append(out, "]", 2); /* with the NUL */
    return rc ? err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.") : 0;
}
