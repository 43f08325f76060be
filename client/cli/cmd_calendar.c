/* SPDX-License-Identifier: MIT */
/* Calendars: listed, shown with what they take from above, changed by a year's list of days or by a whole file. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/calendar_file.h"
#include "client/cli/cli.h"
#include "client/cli/cli_calendar.h"
#include "client/cli/rules_file.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"

enum { LIST_COLUMNS = 7, CHAIN_MAX = 8, DAY_COLUMNS = 5 };

static int list_all(struct cli *c, struct channel_result *r, const Wangge__V1__ListCalendarsResponse **ret)
{
    Wangge__V1__ListCalendarsRequest req = WANGGE__V1__LIST_CALENDARS_REQUEST__INIT;
    int rc = cli_call(c, &methods_list_calendars, &req.base, r);
    *ret = (const Wangge__V1__ListCalendarsResponse *)r->resp;
    return rc;
}

static const char *region_text(const char *code)
{
    return code[0] ? code : _("everywhere");
}

/* "1-5 08:00-12:00 14:00-18:00" */
static const char *week_text(const Wangge__V1__Season *s, char *out, size_t size)
{
    char days[16], shifts[CALENDAR_FILE_SHIFTS_TEXT];
    rules_weekdays_format(s->weekdays, days);
    snprintf(out, size, "%s %s", days, calendar_shifts_format(s->shifts, s->n_shifts, shifts));
    return out;
}

static bool put_row(struct table *t, const Wangge__V1__Calendar *k)
{
    char zone[8], seasons[16], days[16], week[96] = "-";
    size_t dated = 0;
    for (size_t i = 0; i < k->n_seasons; i++) {
        if (k->seasons[i]->from[0])
            dated++;
        else
            week_text(k->seasons[i], week, sizeof week);
    }
    snprintf(seasons, sizeof seasons, "%zu", dated);
    snprintf(days, sizeof days, "%zu", k->n_days);
    return table_cell(t, k->code) && table_cell(t, k->name) && table_cell(t, region_text(k->region_code)) &&
           table_cell(t, calendar_zone_format(k->utc_offset_minutes, zone)) && table_cell(t, week) && table_cell(t, seasons) &&
           table_cell(t, days);
}

static void tell_published(struct cli *c, const char *to)
{
    if (to[0])
        out_note(c, _("The lists of holidays are known up to %s; due times beyond it are provisional."), to);
    else
        out_note(c, "%s", _("No year's list of holidays is known; all due times are provisional."));
}

int cmd_calendar_list(struct cli *c)
{
    const char *titles[LIST_COLUMNS] = {C_("calendar", "Code"), _("Name"), _("Region"), _("Zone"), _("Week"),
                                        _("Seasons"),           _("Days")};
    const Wangge__V1__ListCalendarsResponse *all;
    struct channel_result r;
    struct table *t = NULL;
    int rc = list_all(c, &r, &all);
    if (rc == CLI_OK && !c->json && !(t = table_create(LIST_COLUMNS)))
        rc = CLI_FAILED;
    for (int i = 0; t && i < LIST_COLUMNS; i++)
        table_column(t, i, titles[i], i > 4, i == 1);
    for (size_t i = 0; rc == CLI_OK && i < all->n_calendars; i++) {
        if (c->json)
            rc = out_json(c, &all->calendars[i]->base);
        else if (!put_row(t, all->calendars[i]))
            rc = CLI_FAILED;
    }
    if (rc == CLI_OK && t && all->n_calendars)
        out_table(c, t);
    if (rc == CLI_OK)
        tell_published(c, all->published_to);
    table_destroy(t);
    channel_result_fini(&r);
    return rc;
}

/* Showing ------------------------------------------------------------------------------------------------------------ */

struct shown {
    Wangge__V1__Calendar whole;                   /* what holds, put together */
    const Wangge__V1__Calendar *chain[CHAIN_MAX]; /* the deepest first */
    size_t n_chain;
    const Wangge__V1__Calendar *week; /* whose week it is */
    Wangge__V1__CalendarDate **days;
};

static int find_chain(struct cli *c, const Wangge__V1__ListCalendarsResponse *all, const char *word, struct shown *s)
{
    const char *region = word;
    const Wangge__V1__Calendar *named = NULL;
    for (size_t i = 0; i < all->n_calendars; i++)
        if (strcmp(all->calendars[i]->code, word) == 0)
            named = all->calendars[i];
    if (named)
        region = named->region_code;
    else if (!text_is_digits(word, strlen(word))) {
        out_error(c, _("There is no calendar %s. Run: wangge calendar list"), word);
        return CLI_NOT_FOUND;
    }
    /* The deepest has the longest code; the one for everywhere has none. */
    for (size_t len = strlen(region) + 1; len-- > 0;) {
        for (size_t i = 0; i < all->n_calendars && s->n_chain < CHAIN_MAX; i++) {
            const Wangge__V1__Calendar *k = all->calendars[i];
            if (strlen(k->region_code) == len && strncmp(k->region_code, region, len) == 0)
                s->chain[s->n_chain++] = k;
        }
    }
    if (s->n_chain > 0)
        return CLI_OK;
    out_error(c, _("No calendar holds for %s."), word);
    return CLI_NOT_FOUND;
}

static int by_date(const void *a, const void *b)
{
    return strcmp((*(Wangge__V1__CalendarDate *const *)a)->date, (*(Wangge__V1__CalendarDate *const *)b)->date);
}

/* Takes the days of a calendar that none below it names. */
static void take_days(struct shown *s, const Wangge__V1__Calendar *k, const char *year)
{
    size_t below = s->whole.n_days;
    for (size_t i = 0; i < k->n_days; i++) {
        bool known = year && strncmp(k->days[i]->date, year, strlen(year)) != 0;
        for (size_t d = 0; d < below && !known; d++)
            known = strcmp(s->days[d]->date, k->days[i]->date) == 0;
        if (!known)
            s->days[s->whole.n_days++] = k->days[i];
    }
}

static bool put_together(struct shown *s, const char *year)
{
    size_t n = 1;
    for (size_t i = 0; i < s->n_chain; i++)
        n += s->chain[i]->n_days;
    s->whole = *s->chain[0];
    s->whole.n_days = 0;
    s->whole.days = s->days = calloc(n, sizeof *s->days);
    for (size_t i = 0; s->days && i < s->n_chain; i++) {
        take_days(s, s->chain[i], year);
        if (!s->week && s->chain[i]->n_seasons > 0)
            s->week = s->chain[i];
    }
    if (s->week) {
        s->whole.seasons = s->week->seasons;
        s->whole.n_seasons = s->week->n_seasons;
    }
    if (s->days)
        qsort(s->days, s->whole.n_days, sizeof(Wangge__V1__CalendarDate *), by_date);
    return s->days != NULL;
}

static const Wangge__V1__Calendar *owner_of(const struct shown *s, const Wangge__V1__CalendarDate *d)
{
    for (size_t i = 0; i < s->n_chain; i++)
        for (size_t k = 0; k < s->chain[i]->n_days; k++)
            if (s->chain[i]->days[k] == d)
                return s->chain[i];
    return s->chain[0];
}

static int put_days(struct cli *c, const struct shown *s)
{
    static const char *const weekdays[] = {NC_("weekday", "Mon"), NC_("weekday", "Tue"), NC_("weekday", "Wed"),
                                           NC_("weekday", "Thu"), NC_("weekday", "Fri"), NC_("weekday", "Sat"),
                                           NC_("weekday", "Sun")};
    struct table *t = table_create(DAY_COLUMNS);
    bool ok = t != NULL;
    const char *titles[DAY_COLUMNS] = {_("Date"), _("Weekday"), C_("calendar", "Kind"), _("Name"), _("Calendar")};
    for (int i = 0; ok && i < DAY_COLUMNS; i++)
        table_column(t, i, titles[i], false, i == 3);
    for (size_t i = 0; ok && i < s->whole.n_days; i++) {
        const Wangge__V1__CalendarDate *d = s->days[i];
        char shifts[CALENDAR_FILE_SHIFTS_TEXT], kind[CALENDAR_FILE_SHIFTS_TEXT + 32];
        int32_t day = 0;
        (void)clock_parse_date(d->date, &day);
        if (d->n_shifts > 0)
            snprintf(kind, sizeof kind, _("works %s"), calendar_shifts_format(d->shifts, d->n_shifts, shifts));
        else
            snprintf(kind, sizeof kind, "%s", d->working ? _("works") : C_("calendar", "off"));
        int weekday = (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
        ok = table_cell(t, d->date) && table_cell(t, i18n_context(weekdays[weekday])) && table_cell(t, kind) &&
             table_cell(t, d->name) && table_cell(t, owner_of(s, d)->name);
    }
    if (ok && s->whole.n_days > 0)
        out_table(c, t);
    table_destroy(t);
    return ok ? CLI_OK : CLI_FAILED;
}

static int put(struct cli *c, const struct shown *s)
{
    char text[256], zone[8];
    const Wangge__V1__Calendar *own = s->chain[0];
    snprintf(text, sizeof text, "%s  %s", own->code, own->name);
    out_field(c, _("Calendar"), text);
    out_field(c, _("Region"), region_text(own->region_code));
    out_field(c, _("Zone"), calendar_zone_format(own->utc_offset_minutes, zone));
    for (size_t i = 0; i < s->whole.n_seasons; i++) {
        const Wangge__V1__Season *w = s->whole.seasons[i];
        char week[96];
        week_text(w, week, sizeof week);
        if (w->from[0])
            snprintf(text, sizeof text, _("%s to %s: %s"), w->from, w->to, week);
        else if (s->week != own)
            snprintf(text, sizeof text, _("%s (as in %s)"), week, s->week->name);
        else
            snprintf(text, sizeof text, "%s", week);
        out_field(c, w->from[0] ? _("Season") : _("Week"), text);
    }
    for (size_t i = 1; i < s->n_chain; i++)
        out_field(c, C_("calendar", "Takes from"), s->chain[i]->name);
    return put_days(c, s);
}

int cmd_calendar_show(struct cli *c)
{
    const Wangge__V1__ListCalendarsResponse *all;
    struct channel_result r;
    struct shown s = {0};
    long year;
    struct err e;
    if (options_number(&c->opt, OPTION_YEAR, 1990, 2079, 0, &year, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    int rc = list_all(c, &r, &all);
    if (rc == CLI_OK)
        rc = find_chain(c, all, c->opt.n_args ? c->opt.args[0] : "", &s);
    if (rc == CLI_OK && !put_together(&s, options_get(&c->opt, OPTION_YEAR, NULL)))
        rc = CLI_FAILED;
    if (rc == CLI_OK)
        rc = c->json ? out_json(c, &s.whole.base) : put(c, &s);
    free(s.days);
    channel_result_fini(&r);
    return rc;
}

/* Changing ----------------------------------------------------------------------------------------------------------- */

static bool same_day(const Wangge__V1__CalendarDate *a, const Wangge__V1__CalendarDate *b)
{
    char x[CALENDAR_FILE_SHIFTS_TEXT], y[CALENDAR_FILE_SHIFTS_TEXT];
    return a->working == b->working && strcmp(a->name, b->name) == 0 &&
           strcmp(calendar_shifts_format(a->shifts, a->n_shifts, x), calendar_shifts_format(b->shifts, b->n_shifts, y)) == 0;
}

/* How many days of the file the calendar does not have yet, or has otherwise. */
static void count_days(const Wangge__V1__Calendar *given, const Wangge__V1__Calendar *now, size_t *ret_new, size_t *ret_changed)
{
    *ret_new = *ret_changed = 0;
    for (size_t i = 0; i < given->n_days; i++) {
        const Wangge__V1__CalendarDate *was = NULL;
        for (size_t k = 0; now && !was && k < now->n_days; k++)
            if (strcmp(now->days[k]->date, given->days[i]->date) == 0)
                was = now->days[k];
        *ret_new += !was;
        *ret_changed += was && !same_day(was, given->days[i]);
    }
}

int cli_calendar_name(struct cli *c, struct calendar_file *f, const char *region, const Wangge__V1__ListCalendarsResponse *all,
                      const Wangge__V1__Calendar **ret_now)
{
    Wangge__V1__Calendar *k = &f->calendar;
    *ret_now = NULL;
    if (region)
        k->region_code = (char *)region;
    for (size_t i = 0; i < all->n_calendars; i++) {
        const Wangge__V1__Calendar *one = all->calendars[i];
        bool by_code = f->has_calendar && !f->has_region && !region;
        if (strcmp(by_code ? one->code : one->region_code, by_code ? k->code : k->region_code) == 0)
            *ret_now = one;
    }
    const Wangge__V1__Calendar *now = *ret_now;
    if (!now && !f->has_calendar) {
        out_error(
            c, _("No calendar holds for %s alone. Name the new one in a file: calendar CODE NAME. Then: wangge calendar set"),
            region_text(k->region_code));
        return CLI_NOT_FOUND;
    }
    if (now && !f->has_calendar) {
        k->code = now->code;
        k->name = now->name;
    }
    if (now) {
        k->region_code = now->region_code;
        k->utc_offset_minutes = f->has_zone ? k->utc_offset_minutes : now->utc_offset_minutes;
    }
    return CLI_OK;
}

static int tell(struct cli *c, const Wangge__V1__Calendar *given, const Wangge__V1__Calendar *now,
                const Wangge__V1__SetCalendarResponse *done)
{
    size_t fresh, changed;
    if (c->json)
        return out_json(c, &done->base);
    count_days(given, now, &fresh, &changed);
    out_printf(c, _("Calendar %s %s (%s): %zu days new, %zu changed, %zu as before.\n"), given->code, given->name,
               region_text(given->region_code), fresh, changed, given->n_days - fresh - changed);
    if (given->n_seasons > 0)
        out_printf(c, _("Its week and seasons are those of the file.\n"));
    if (options_has(&c->opt, OPTION_DRY_RUN))
        out_note(c, "%s", _("Only checked; nothing was changed."));
    else
        out_printf(c, _("%d rows changed; %d due times were provisional and have been counted anew.\n"), done->changed,
                   done->recomputed);
    return CLI_OK;
}

static int change(struct cli *c, bool days_only)
{
    const Wangge__V1__ListCalendarsResponse *all;
    const Wangge__V1__Calendar *now;
    struct channel_result r = {0}, done = {0};
    struct calendar_file f;
    struct err e;
    Wangge__V1__SetCalendarRequest req = WANGGE__V1__SET_CALENDAR_REQUEST__INIT;
    int rc = calendar_file_read(&f, c->opt.args[0], &e) ? cli_error(c, &e) : CLI_OK;
    if (rc == CLI_OK && days_only && (f.has_calendar || f.has_region || f.has_zone || f.calendar.n_seasons > 0)) {
        out_error(c, _("%s says more than days. Use: wangge calendar set"), c->opt.args[0]);
        rc = CLI_INVALID;
    }
    if (rc == CLI_OK)
        rc = list_all(c, &r, &all);
    if (rc == CLI_OK)
        rc = cli_calendar_name(c, &f, options_get(&c->opt, OPTION_REGION, NULL), all, &now);
    if (rc == CLI_OK) {
        req.calendar = &f.calendar;
        req.dry_run = options_has(&c->opt, OPTION_DRY_RUN);
        rc = cli_call_long(c, &methods_set_calendar, &req.base, &done);
    }
    if (rc == CLI_OK)
        rc = tell(c, &f.calendar, now, (const Wangge__V1__SetCalendarResponse *)done.resp);
    channel_result_fini(&done);
    channel_result_fini(&r);
    calendar_file_fini(&f);
    return rc;
}

int cmd_calendar_import(struct cli *c)
{
    return change(c, true);
}

int cmd_calendar_set(struct cli *c)
{
    return change(c, false);
}
