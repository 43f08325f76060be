/* SPDX-License-Identifier: MIT */
#include "client/cli/calendar_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/rules_file.h"
#include "client/model/i18n.h"
#include "common/base/clock.h"
#include "common/base/text.h"

enum { MEMORY_MAX = 8 << 20, CODE_MAX = 32, NAME_MAX_CHARS = 40, LEAP_DAYS = 366, ZONE_MIN = -12 * 60, ZONE_MAX = 14 * 60 };

static const char BLANKS[] = " \t";

struct reading {
    struct calendar_file *file;
    struct err *e;
    Wangge__V1__Season *of_day[LEAP_DAYS]; /* the season that has it */
};

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "%s", _("Not enough memory."));
}

/* Cuts the next word off; "" at the end of the line. */
static char *next_word(char **p)
{
    char *word = *p + strspn(*p, BLANKS);
    char *end = word + strcspn(word, BLANKS);
    *p = end + (*end != '\0');
    *end = '\0';
    return word;
}

static char *rest(char *p)
{
    return p + strspn(p, BLANKS);
}

static int check_name(struct reading *r, const char *name)
{
    if (strchr(name, '\t'))
        return err_set(r->e, ERR_INVALID, "%s", _("There is something after the name."));
    if (text_chars(name, strlen(name)) > NAME_MAX_CHARS)
        return err_set(r->e, ERR_INVALID, _("A name has at most %d characters."), NAME_MAX_CHARS);
    return 0;
}

/* Shifts; all words must be ones if the line holds nothing else, else it stops at the first that is none. */
static int take_shifts(struct reading *r, char **p, bool all, Wangge__V1__Shift ***ret, size_t *ret_n)
{
    struct arena *a = r->file->arena;
    Wangge__V1__Shift **list = arena_alloc(a, CALENDAR_FILE_SHIFTS_MAX * sizeof(Wangge__V1__Shift *));
    size_t n = 0;
    if (!list)
        return no_memory(r->e);
    while (*(*p = rest(*p))) {
        char word[24];
        int32_t from, to;
        size_t len = strcspn(*p, BLANKS);
        snprintf(word, sizeof word, "%.*s", (int)len, *p);
        bool looks = word[0] >= '0' && word[0] <= '9' && strchr(word, ':');
        if (!looks && !all)
            break;
        if (len >= sizeof word || !rules_hours_parse(word, &from, &to))
            return err_set(r->e, ERR_INVALID, _("\"%.*s\" is no working interval like 08:00-12:00."), (int)len, *p);
        if (from >= to)
            return err_set(r->e, ERR_INVALID, _("The working interval %s ends before it begins."), word);
        if (n > 0 && from <= list[n - 1]->to_minute)
            return err_set(r->e, ERR_INVALID, _("The working interval %s overlaps the one before, or touches it."), word);
        if (n == CALENDAR_FILE_SHIFTS_MAX)
            return err_set(r->e, ERR_INVALID, _("A day has at most %d working intervals."), CALENDAR_FILE_SHIFTS_MAX);
        if (!(list[n] = arena_alloc(a, sizeof **list)))
            return no_memory(r->e);
        wangge__v1__shift__init(list[n]);
        list[n]->from_minute = from;
        list[n++]->to_minute = to;
        *p += len;
    }
    *ret = list;
    *ret_n = n;
    return 0;
}

/* Lines -------------------------------------------------------------------------------------------------------------- */

static int twice(struct reading *r, bool *seen, const char *word)
{
    if (*seen)
        return err_set(r->e, ERR_INVALID, _("There is a line \"%s\" before."), word);
    *seen = true;
    return 0;
}

static int take_calendar(struct reading *r, char *p)
{
    Wangge__V1__Calendar *c = &r->file->calendar;
    if (twice(r, &r->file->has_calendar, "calendar"))
        return r->e->code;
    c->code = next_word(&p);
    c->name = rest(p);
    size_t n = strspn(c->code, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (n < 1 || n > CODE_MAX || c->code[n])
        return err_set(r->e, ERR_INVALID, _("\"%s\" is no code; it has 1 to %d of a-z, 0-9 and -."), c->code, CODE_MAX);
    if (!c->name[0])
        return err_set(r->e, ERR_INVALID, _("The name is missing after the code %s."), c->code);
    return check_name(r, c->name);
}

static int take_region(struct reading *r, char *p)
{
    const char *code = r->file->calendar.region_code = next_word(&p);
    size_t n = strlen(code);
    if (twice(r, &r->file->has_region, "region"))
        return r->e->code;
    if (!text_is_digits(code, n) || (n != 4 && n != 6 && n != 9 && n != 12 && n != 15) || *rest(p))
        return err_set(r->e, ERR_INVALID, _("\"%s\" is no region code; it has 4, 6, 9, 12 or 15 digits."), code);
    return 0;
}

static int take_zone(struct reading *r, char *p)
{
    const char *word = next_word(&p);
    char span[16];
    int32_t from = -1, minutes = 0;
    if (twice(r, &r->file->has_zone, "zone"))
        return r->e->code;
    snprintf(span, sizeof span, "00:00-%.8s", word[0] ? word + 1 : "");
    bool ok = (word[0] == '+' || word[0] == '-') && strlen(word) == 6 && rules_hours_parse(span, &from, &minutes);
    minutes = word[0] == '-' ? -minutes : minutes;
    if (!ok || *rest(p) || minutes < ZONE_MIN || minutes > ZONE_MAX)
        return err_set(r->e, ERR_INVALID, _("\"%s\" is no zone like +08:00."), word);
    r->file->calendar.utc_offset_minutes = minutes;
    return 0;
}

/* The working days and shifts behind the dates. */
static int take_season_week(struct reading *r, Wangge__V1__Season *s, char *p)
{
    const char *days = next_word(&p);
    if (!rules_weekdays_parse(days, &s->weekdays) || s->weekdays == 0)
        return err_set(r->e, ERR_INVALID, _("\"%s\" are no working days like 1-5 (1 is Monday)."), days);
    if (take_shifts(r, &p, true, &s->shifts, &s->n_shifts))
        return r->e->code;
    if (s->n_shifts == 0)
        return err_set(r->e, ERR_INVALID, "%s", _("There is no working interval; write for example 08:00-12:00 14:00-18:00."));
    Wangge__V1__Calendar *c = &r->file->calendar;
    if (c->n_seasons > CALENDAR_FILE_SEASONS_MAX)
        return err_set(r->e, ERR_INVALID, _("A calendar has at most %d seasons."), CALENDAR_FILE_SEASONS_MAX);
    c->seasons[c->n_seasons++] = s;
    return 0;
}

static int new_season(struct reading *r, Wangge__V1__Season **ret)
{
    *ret = arena_alloc(r->file->arena, sizeof **ret);
    if (!*ret)
        return no_memory(r->e);
    wangge__v1__season__init(*ret);
    return 0;
}

static int take_week(struct reading *r, char *p)
{
    Wangge__V1__Season *s;
    int rc = twice(r, &r->file->has_week, "week");
    if (!rc)
        rc = new_season(r, &s);
    return rc ? rc : take_season_week(r, s, p);
}

/* The place of "05-01" in a leap year, -1 if it is no day of any year. */
static int day_of_year(const char *s)
{
    char date[16];
    int32_t first, day;
    if (strlen(s) != 5)
        return -1;
    snprintf(date, sizeof date, "2000-%s", s);
    return clock_parse_date("2000-01-01", &first) && clock_parse_date(date, &day) ? day - first : -1;
}

static int take_season(struct reading *r, char *p)
{
    Wangge__V1__Season *s;
    if (new_season(r, &s))
        return r->e->code;
    s->from = next_word(&p);
    s->to = next_word(&p);
    int from = day_of_year(s->from), to = day_of_year(s->to);
    if (from < 0 || to < 0)
        return err_set(r->e, ERR_INVALID, _("\"%s\" is no day of a year like 05-01."), from < 0 ? s->from : s->to);
    for (int d = from;; d = (d + 1) % LEAP_DAYS) {
        if (r->of_day[d])
            return err_set(r->e, ERR_INVALID, _("The season overlaps the one from %s to %s."), r->of_day[d]->from,
                           r->of_day[d]->to);
        r->of_day[d] = s;
        if (d == to)
            break;
    }
    return take_season_week(r, s, p);
}

static bool is_any(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

static int check_date(struct reading *r, const char *date)
{
    const Wangge__V1__Calendar *c = &r->file->calendar;
    int32_t day, first, last;
    if (!clock_parse_date(date, &day))
        return err_set(r->e, ERR_INVALID, _("\"%.40s\" is not a date; write 2026-11-23."), date);
    if (clock_parse_date("1990-01-01", &first) && clock_parse_date("2079-12-31", &last) && (day < first || day > last))
        return err_set(r->e, ERR_INVALID, _("%s lies outside 1990 to 2079."), date);
    for (size_t i = 0; i < c->n_days; i++)
        if (strcmp(c->days[i]->date, date) == 0)
            return err_set(r->e, ERR_INVALID, _("%s is there twice."), date);
    if (c->n_days == CALENDAR_FILE_DAYS_MAX)
        return err_set(r->e, ERR_INVALID, _("A file holds at most %d days."), CALENDAR_FILE_DAYS_MAX);
    return 0;
}

static int take_day(struct reading *r, char *p)
{
    static const char *const work[] = {"work", "班", NULL}, *const off[] = {"off", "休", NULL};
    Wangge__V1__Calendar *c = &r->file->calendar;
    char *date = next_word(&p), *kind = next_word(&p);
    if (check_date(r, date))
        return r->e->code;
    Wangge__V1__CalendarDate *d = arena_alloc(r->file->arena, sizeof *d);
    if (!d)
        return no_memory(r->e);
    wangge__v1__calendar_date__init(d);
    d->date = date;
    d->working = is_any(kind, work);
    if (!d->working && !is_any(kind, off))
        return err_set(r->e, ERR_INVALID, _("\"%.40s\" is neither off nor work."), kind);
    if (take_shifts(r, &p, false, &d->shifts, &d->n_shifts))
        return r->e->code;
    if (!d->working && d->n_shifts > 0)
        return err_set(r->e, ERR_INVALID, "%s", _("A holiday has no working intervals."));
    d->name = rest(p);
    c->days[c->n_days++] = d;
    return check_name(r, d->name);
}

/* The titles of a list: its columns stand in this order. */
static int take_titles(struct reading *r, char *p)
{
    static const char *const columns[] = {"date", "kind", "name"};
    for (size_t i = 0; *(p = rest(p)); i++) {
        const char *word = next_word(&p);
        if (i >= sizeof columns / sizeof *columns || strcmp(word, columns[i]) != 0)
            return err_set(r->e, ERR_INVALID, _("There is no column \"%s\" here. The columns are date, kind, name."), word);
    }
    return 0;
}

static int take_line(struct reading *r, char *line)
{
    static const struct {
        const char *word;
        int (*take)(struct reading *r, char *p);
    } kinds[] = {{"calendar", take_calendar},
                 {"region", take_region},
                 {"zone", take_zone},
                 {"week", take_week},
                 {"season", take_season}};
    if (line[0] >= '0' && line[0] <= '9')
        return take_day(r, line);
    if (strncmp(line, "date", 4) == 0 && strchr(BLANKS, line[4]))
        return take_titles(r, line);
    char *p = line;
    const char *word = next_word(&p);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i].word) == 0)
            return kinds[i].take(r, p);
    return err_set(r->e, ERR_INVALID, _("\"%.40s\" is not a date, and none of calendar, region, zone, week, season."), word);
}

/* The file ------------------------------------------------------------------------------------------------------------ */

static int take_lines(struct reading *r, char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    char *line = strncmp(text, mark, 3) == 0 ? text + 3 : text;
    int rc = 0, number = 0;
    while (rc == 0 && line) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        size_t len = strlen(line);
        while (len > 0 && (line[len - 1] == '\r' || strchr(BLANKS, line[len - 1])))
            line[--len] = '\0';
        line += strspn(line, BLANKS);
        if (!text_is_utf8(line, strlen(line)))
            rc = err_set(r->e, ERR_INVALID, "%s", _("This is not UTF-8 text."));
        else if (line[0] && line[0] != '#')
            rc = take_line(r, line);
        line = next;
    }
    if (rc == ERR_INVALID) {
        struct err inner = *r->e;
        return err_set(r->e, ERR_INVALID, _("Line %lld: %s"), (long long)number, inner.text);
    }
    return rc;
}

int calendar_file_parse(struct calendar_file *f, const char *text, size_t len, struct err *e)
{
    struct reading r = {.file = f, .e = e};
    Wangge__V1__Calendar *c = &f->calendar;
    *f = (struct calendar_file){.arena = arena_create(MEMORY_MAX)};
    wangge__v1__calendar__init(c);
    c->utc_offset_minutes = CALENDAR_FILE_UTC_OFFSET;
    char *copy = f->arena ? arena_strndup(f->arena, text, len) : NULL;
    if (!copy)
        return no_memory(e);
    c->days = arena_alloc(f->arena, CALENDAR_FILE_DAYS_MAX * sizeof(Wangge__V1__CalendarDate *));
    c->seasons = arena_alloc(f->arena, (CALENDAR_FILE_SEASONS_MAX + 1) * sizeof(Wangge__V1__Season *));
    if (!c->days || !c->seasons)
        return no_memory(e);
    if (memchr(text, '\0', len))
        return err_set(e, ERR_INVALID, "%s", _("The file is no text."));
    int rc = take_lines(&r, copy);
    if (!rc && c->n_seasons > 0 && !f->has_week)
        rc = err_set(e, ERR_INVALID, "%s", _("There are seasons but no line \"week\", which stands for the rest of the year."));
    if (!rc && c->n_seasons == 0 && c->n_days == 0 && !f->has_calendar)
        rc = err_set(e, ERR_INVALID, "%s", _("The file holds no day, no week and no calendar's name."));
    return rc;
}

int calendar_file_read(struct calendar_file *f, const char *path, struct err *e)
{
    *f = (struct calendar_file){0};
    char *text = malloc(CALENDAR_FILE_BYTES_MAX + 1);
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int rc = 0;
    if (!text)
        rc = no_memory(e);
    else if (!in)
        rc = err_errno(e, errno, _("%s cannot be read."), path);
    if (!rc) {
        size_t n = fread(text, 1, CALENDAR_FILE_BYTES_MAX + 1, in);
        if (ferror(in))
            rc = err_errno(e, errno, _("%s cannot be read."), path);
        else if (n > CALENDAR_FILE_BYTES_MAX)
            rc = err_set(e, ERR_INVALID, _("%s has more than %d KiB."), path, CALENDAR_FILE_BYTES_MAX / 1024);
        else
            rc = calendar_file_parse(f, text, n, e);
    }
    if (in && in != stdin)
        (void)fclose(in);
    free(text);
    return rc;
}

void calendar_file_fini(struct calendar_file *f)
{
    arena_destroy(f->arena);
    f->arena = NULL;
}

char *calendar_shifts_format(Wangge__V1__Shift *const *shifts, size_t n, char out[CALENDAR_FILE_SHIFTS_TEXT])
{
    out[0] = '\0';
    for (size_t i = 0; i < n && i < CALENDAR_FILE_SHIFTS_MAX; i++) {
        char one[16];
        size_t at = strlen(out);
        rules_hours_format(shifts[i]->from_minute, shifts[i]->to_minute, one);
        snprintf(out + at, CALENDAR_FILE_SHIFTS_TEXT - at, "%s%s", i ? " " : "", one);
    }
    return out;
}

char *calendar_zone_format(int32_t minutes, char out[8])
{
    int n = minutes < 0 ? -minutes : minutes;
    snprintf(out, 8, "%c%02d:%02d", minutes < 0 ? '-' : '+', n / 60 % 100, n % 60);
    return out;
}
