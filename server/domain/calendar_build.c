/* SPDX-License-Identifier: MIT */
/* Building a working calendar: every row is checked and a refusal names it, then each day of the range gets its plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/calendar.h"
#include "server/domain/calendar_impl.h"

enum { FIELD_SIZE = 64, WHERE_SIZE = 160, ZONE_MIN_S = -12 * 3600, ZONE_MAX_S = 14 * 3600, LEAP_YEAR = 2024 };

static const char *const weekdays[7] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

void calendar_spec_default(struct calendar_spec *spec)
{
    memset(spec, 0, sizeof(*spec));
    spec->utc_offset_s = CALENDAR_ZONE_CHINA_S;
    spec->workday = (struct calendar_day_plan){.n = 2, .shifts = {{8 * 3600, 12 * 3600}, {14 * 3600, 18 * 3600}}};
    for (int d = 0; d < 5; d++)
        spec->week[d] = spec->workday;
}

/* 0 is Monday. 1970-01-01 was a Thursday. */
static int weekday(int32_t day)
{
    return (int)(((int64_t)day + 3) % 7 + 7) % 7;
}

enum { SHIFT_TEXT_SIZE = 12 };

/* "08:00-12:00"; the shift lies inside its day. */
static void shift_text(const struct calendar_shift *s, char out[SHIFT_TEXT_SIZE])
{
    struct calendar_day_plan one = {.n = 1, .shifts = {*s}};
    char text[CALENDAR_PLAN_TEXT_SIZE];
    calendar_plan_format(&one, text);
    (void)text_copy(out, SHIFT_TEXT_SIZE, text);
}

/* Checks one day's plan. where is for people ("The season 夏令, Monday"), field for programs. */
static int check_plan(const struct calendar_day_plan *p, const char *field, const char *where, struct err *e)
{
    if (p->n < 0 || p->n > CALENDAR_MAX_SHIFTS)
        return err_field(e, ERR_INVALID, field, "%s has %d working intervals; at most %d are possible.", where, p->n,
                         CALENDAR_MAX_SHIFTS);
    for (int i = 0; i < p->n; i++) {
        const struct calendar_shift *s = &p->shifts[i];
        char at[FIELD_SIZE + 16], text[SHIFT_TEXT_SIZE], before[SHIFT_TEXT_SIZE];
        (void)snprintf(at, sizeof(at), "%s.shifts[%d]", field, i);
        if (s->from_s < 0 || s->to_s < 0 || s->from_s > CALENDAR_DAY_S || s->to_s > CALENDAR_DAY_S)
            return err_field(e, ERR_INVALID, at, "%s: working interval %d leaves its day (00:00 to 24:00).", where, i + 1);
        shift_text(s, text);
        if (s->to_s <= s->from_s)
            return err_field(e, ERR_INVALID, at, "%s: working interval %d (%s) does not end after it begins.", where, i + 1,
                             text);
        if (i == 0 || s->from_s > s[-1].to_s)
            continue;
        shift_text(&s[-1], before);
        const char *how = s->to_s <= s[-1].from_s ? "is earlier than" : s->from_s == s[-1].to_s ? "touches" : "overlaps";
        return err_field(e, ERR_INVALID, at, "%s: working interval %d (%s) %s the one before it (%s).", where, i + 1, text, how,
                         before);
    }
    return 0;
}

static int check_name(const char *name, const char *field, const char *where, struct err *e)
{
    size_t len = name ? strlen(name) : 0;
    if (text_is_utf8(name ? name : "", len) && text_chars(name ? name : "", len) <= CALENDAR_NAME_MAX)
        return 0;
    return err_field(e, ERR_INVALID, field, "%s has a name that is not text of at most %d characters.", where,
                     CALENDAR_NAME_MAX);
}

/* A week and its usual working day; writes the group's plans. */
static int take_week(struct calendar *c, size_t group, const struct calendar_day_plan week[7],
                     const struct calendar_day_plan *workday, const char *field, const char *where, struct err *e)
{
    struct calendar_day_plan *plans = &c->plans[1 + group * PLAN_GROUP];
    char at[FIELD_SIZE], who[WHERE_SIZE + 32];
    const struct calendar_day_plan *works = NULL;
    int rc = 0;
    for (int d = 0; d < 7 && !rc; d++) {
        (void)snprintf(at, sizeof(at), "%sweek[%d]", field, d);
        (void)snprintf(who, sizeof(who), "%s, %s", where, weekdays[d]);
        rc = check_plan(&week[d], at, who, e);
        plans[d] = week[d];
        if (week[d].n && !works)
            works = &week[d];
    }
    if (rc)
        return rc;
    (void)snprintf(at, sizeof(at), "%sweek", field);
    if (!works)
        return err_field(e, ERR_INVALID, at, "%s has no working interval on any day: no deadline could ever end.", where);
    (void)snprintf(at, sizeof(at), "%sworkday", field);
    (void)snprintf(who, sizeof(who), "%s, the usual working day", where);
    plans[PLAN_WORKDAY] = workday->n ? *workday : *works;
    return check_plan(workday, at, who, e);
}

/* Index 0..365 of a month-day in a leap year, or -1. */
static int leap_index(int md)
{
    int month = md / 100, day = md % 100, y, m, d;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return -1;
    int32_t days = clock_days_from_civil(LEAP_YEAR, month, day);
    clock_civil_from_days(days, &y, &m, &d);
    return m == month && d == day ? days - clock_days_from_civil(LEAP_YEAR, 1, 1) : -1;
}

static bool recurring_holds(const struct calendar_season *s, int md)
{
    return s->from_md <= s->to_md ? md >= s->from_md && md <= s->to_md : md >= s->from_md || md <= s->to_md;
}

static bool dated_holds(const struct calendar_season *s, int32_t day)
{
    return (s->from_day == DAY_NONE || day >= s->from_day) && (s->to_day == DAY_NONE || day <= s->to_day);
}

static bool seasons_overlap(const struct calendar_season *a, const struct calendar_season *b)
{
    if (a->dated != b->dated)
        return false;
    /* Two intervals meet exactly if one holds the other's beginning. */
    if (a->dated)
        return a->from_day == DAY_NONE
                   ? b->from_day == DAY_NONE || dated_holds(a, b->from_day)
                   : dated_holds(b, a->from_day) || (b->from_day != DAY_NONE && dated_holds(a, b->from_day));
    return recurring_holds(a, b->from_md) || recurring_holds(b, a->from_md);
}

static void season_title(const struct calendar_season *s, size_t i, char out[WHERE_SIZE])
{
    if (s->name && *s->name && strlen(s->name) < WHERE_SIZE - 16)
        (void)snprintf(out, WHERE_SIZE, "The season %s", s->name);
    else
        (void)snprintf(out, WHERE_SIZE, "Season %zu", i + 1);
}

static int take_seasons(struct calendar *c, const struct calendar_spec *spec, struct err *e)
{
    for (size_t i = 0; i < spec->nseasons; i++) {
        const struct calendar_season *s = &spec->seasons[i];
        char field[FIELD_SIZE], at[FIELD_SIZE + 16], where[WHERE_SIZE], other[WHERE_SIZE];
        (void)snprintf(field, sizeof(field), "seasons[%zu].", i);
        season_title(s, i, where);
        (void)snprintf(at, sizeof(at), "%sname", field);
        int rc = check_name(s->name, at, where, e);
        if (rc)
            return rc;
        (void)snprintf(at, sizeof(at), "%sfrom", field);
        if (!s->dated && (leap_index(s->from_md) < 0 || leap_index(s->to_md) < 0))
            return err_field(e, ERR_INVALID, at, "%s goes from %02d-%02d to %02d-%02d; one of them is no day of the year.",
                             where, s->from_md / 100, s->from_md % 100, s->to_md / 100, s->to_md % 100);
        if (s->dated && s->from_day != DAY_NONE && s->to_day != DAY_NONE && s->to_day < s->from_day)
            return err_field(e, ERR_INVALID, at, "%s ends before it begins.", where);
        for (size_t k = 0; k < i; k++) {
            season_title(&spec->seasons[k], k, other);
            if (seasons_overlap(s, &spec->seasons[k]))
                return err_field(e, ERR_INVALID, at, "%s overlaps %c%s. A day can have only one pattern.", where,
                                 other[0] == 'T' ? 't' : 's', other + 1);
        }
        rc = take_week(c, i + 1, s->week, &s->workday, field, where, e);
        if (rc)
            return rc;
        c->seasons[i] = strdup(s->name ? s->name : "");
        c->nseasons = i + 1;
        if (!c->seasons[i])
            return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
    }
    return 0;
}

static int by_day(const void *a, const void *b)
{
    int32_t x = ((const struct calendar_note *)a)->day, y = ((const struct calendar_note *)b)->day;
    return (x > y) - (x < y);
}

static int take_notes(struct calendar *c, const struct calendar_override *overrides, size_t n, struct err *e)
{
    c->notes = calloc(n ? n : 1, sizeof(*c->notes));
    if (!c->notes)
        return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
    for (size_t i = 0; i < n; i++) {
        c->notes[i] = (struct calendar_note){.day = overrides[i].day, .working = overrides[i].working};
        c->nnotes++;
        c->notes[i].name = strdup(overrides[i].name ? overrides[i].name : "");
        if (!c->notes[i].name)
            return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
        int year, month, day;
        clock_civil_from_days(overrides[i].day, &year, &month, &day);
        int32_t year_end = clock_days_from_civil(year, 12, 31);
        if (!overrides[i].local && month != 12 && (c->published_to == DAY_NONE || year_end > c->published_to))
            c->published_to = year_end;
    }
    qsort(c->notes, c->nnotes, sizeof(*c->notes), by_day);
    for (size_t i = 1; i < c->nnotes; i++) {
        if (c->notes[i].day != c->notes[i - 1].day)
            continue;
        char text[11];
        clock_format_date(c->notes[i].day, text);
        return err_field(e, ERR_INVALID, "overrides", "The calendar has the day %s twice.", text);
    }
    return 0;
}

/* The group of plans of each day: 0, or 1 + the season's index. Dated seasons are laid over recurring ones. */
static void lay_out_seasons(struct calendar *c, const struct calendar_spec *spec)
{
    for (int dated = 0; dated < 2; dated++)
        for (size_t s = 0; s < spec->nseasons; s++)
            for (int32_t i = 0; spec->seasons[s].dated == (dated == 1) && i < c->ndays; i++) {
                int year, month, day;
                clock_civil_from_days(c->first_day + i, &year, &month, &day);
                if (dated ? dated_holds(&spec->seasons[s], c->first_day + i)
                          : recurring_holds(&spec->seasons[s], month * 100 + day))
                    c->season_of[i] = (uint8_t)(s + 1);
            }
}

int calendar_overrides_check(const struct calendar_override *overrides, size_t n, struct err *e)
{
    int32_t first = clock_days_from_civil(CALENDAR_FIRST_YEAR, 1, 1), last = clock_days_from_civil(CALENDAR_LAST_YEAR, 12, 31);
    for (size_t i = 0; i < n; i++) {
        const struct calendar_override *o = &overrides[i];
        char field[FIELD_SIZE], at[FIELD_SIZE + 16], where[WHERE_SIZE], date[11];
        (void)snprintf(field, sizeof(field), "overrides[%zu]", i);
        if (o->day < first || o->day > last)
            return err_field(e, ERR_INVALID, field, "Calendar day %zu lies outside %d to %d.", i + 1, CALENDAR_FIRST_YEAR,
                             CALENDAR_LAST_YEAR);
        clock_format_date(o->day, date);
        (void)snprintf(where, sizeof(where), "The calendar day %s", date);
        (void)snprintf(at, sizeof(at), "%s.name", field);
        int rc = check_name(o->name, at, where, e);
        if (!rc && o->custom)
            rc = check_plan(&o->plan, field, where, e);
        if (rc)
            return rc;
        if (o->custom && o->working != (o->plan.n > 0))
            return err_field(e, ERR_INVALID, field,
                             o->working ? "%s is a working day without a working interval; make it a holiday."
                                        : "%s is a holiday with working intervals; make it a working day.",
                             where);
    }
    return 0;
}

static void lay_out_overrides(struct calendar *c, size_t first_plan, const struct calendar_override *overrides, size_t n)
{
    size_t nplans = first_plan;
    for (size_t i = 0; i < n; i++) {
        const struct calendar_override *o = &overrides[i];
        int32_t at = o->day - c->first_day;
        if (o->custom && o->working) {
            c->plans[nplans] = o->plan;
            c->plan_of[at] = (uint16_t)nplans++;
        } else {
            c->plan_of[at] = (uint16_t)(o->working ? 1 + c->season_of[at] * PLAN_GROUP + PLAN_WORKDAY : 0);
        }
    }
}

static int sum_up(struct calendar *c, struct err *e)
{
    for (int32_t i = 0; i < c->ndays; i++) {
        int32_t len = calendar_plan_length(&c->plans[c->plan_of[i]]);
        c->prefix[i + 1] = c->prefix[i] + (uint32_t)len;
        c->workdays[i + 1] = (uint16_t)(c->workdays[i] + (len > 0));
    }
    c->nhints = (c->prefix[c->ndays] >> CALENDAR_HINT_SHIFT) + 1;
    c->hints = calloc(c->nhints, sizeof(*c->hints));
    if (!c->hints)
        return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
    int32_t day = 0;
    for (size_t b = 0; b < c->nhints; b++) {
        while (day < c->ndays && c->prefix[day + 1] < (uint64_t)b << CALENDAR_HINT_SHIFT)
            day++;
        c->hints[b] = (uint16_t)day;
    }
    return 0;
}

static int build(struct calendar *c, const struct calendar_spec *spec, const struct calendar_override *overrides, size_t n,
                 struct err *e)
{
    int rc = take_week(c, 0, spec->week, &spec->workday, "", "The weekly pattern", e);
    if (!rc)
        rc = take_seasons(c, spec, e);
    if (!rc)
        rc = calendar_overrides_check(overrides, n, e);
    if (!rc)
        rc = take_notes(c, overrides, n, e);
    if (rc)
        return rc;
    lay_out_seasons(c, spec);
    for (int32_t i = 0; i < c->ndays; i++)
        c->plan_of[i] = (uint16_t)(1 + c->season_of[i] * PLAN_GROUP + weekday(c->first_day + i));
    lay_out_overrides(c, 1 + (1 + spec->nseasons) * PLAN_GROUP, overrides, n);
    return sum_up(c, e);
}

int calendar_create(const struct calendar_spec *spec, const struct calendar_override *overrides, size_t n,
                    struct calendar **ret, struct err *e)
{
    if (n > CALENDAR_MAX_OVERRIDES)
        return err_field(e, ERR_EXHAUSTED, "overrides", "A calendar holds at most %d special days.", CALENDAR_MAX_OVERRIDES);
    if (spec->nseasons > CALENDAR_MAX_SEASONS)
        return err_field(e, ERR_EXHAUSTED, "seasons", "A calendar holds at most %d seasons.", CALENDAR_MAX_SEASONS);
    if (spec->utc_offset_s < ZONE_MIN_S || spec->utc_offset_s > ZONE_MAX_S || spec->utc_offset_s % 60)
        return err_field(e, ERR_INVALID, "utc_offset", "A zone lies between UTC-12:00 and UTC+14:00, in whole minutes.");
    int rc;
    struct calendar *c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
    c->offset_s = spec->utc_offset_s;
    c->first_day = clock_days_from_civil(CALENDAR_FIRST_YEAR, 1, 1);
    c->ndays = clock_days_from_civil(CALENDAR_LAST_YEAR + 1, 1, 1) - c->first_day;
    c->published_to = DAY_NONE;
    c->prefix = calloc((size_t)c->ndays + 1, sizeof(*c->prefix));
    c->workdays = calloc((size_t)c->ndays + 1, sizeof(*c->workdays));
    c->plan_of = calloc((size_t)c->ndays, sizeof(*c->plan_of));
    c->season_of = calloc((size_t)c->ndays, sizeof(*c->season_of));
    c->plans = calloc(1 + (1 + spec->nseasons) * PLAN_GROUP + n, sizeof(*c->plans));
    c->seasons = calloc(spec->nseasons + 1, sizeof(*c->seasons));
    if (!c->prefix || !c->workdays || !c->plan_of || !c->season_of || !c->plans || !c->seasons) {
        rc = err_set(e, ERR_NOMEM, "Out of memory building a calendar.");
        goto out;
    }
    rc = build(c, spec, overrides, n, e);
out:
    if (rc) {
        calendar_destroy(c);
        return rc;
    }
    *ret = c;
    return 0;
}

void calendar_destroy(struct calendar *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->nnotes; i++)
        free(c->notes[i].name);
    for (size_t i = 0; i < c->nseasons; i++)
        free(c->seasons[i]);
    free(c->seasons);
    free(c->notes);
    free(c->plans);
    free(c->hints);
    free(c->season_of);
    free(c->plan_of);
    free(c->workdays);
    free(c->prefix);
    free(c);
}
