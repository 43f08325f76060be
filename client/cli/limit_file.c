/* SPDX-License-Identifier: MIT */
#include "client/cli/limit_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/instant.h"
#include "client/cli/sheet.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "common/base/text.h"

#define UNIT(name) WANGGE__V1__TIME_UNIT__TIME_UNIT_##name

enum { HOUR_S = 3600, MINUTE_S = 60, DAYS_MAX = 3660, DIGITS_MAX = 7, LIST_MAX = 256, PAST_S = 60 };

/* Amounts ------------------------------------------------------------------------------------------------------------ */

/* Reads "30um" and steps over it. */
static bool take_part(const char **s, Wangge__V1__TimeUnit *ret_unit, int64_t *ret)
{
    static const struct {
        const char *word;
        Wangge__V1__TimeUnit unit;
        int64_t times;
    } units[] = {
        {"uh", UNIT(URGENT), HOUR_S}, {"um", UNIT(URGENT), MINUTE_S}, {"wd", UNIT(WORKDAY), 1},
        {"h", UNIT(WORKING), HOUR_S}, {"m", UNIT(WORKING), MINUTE_S}, {"d", UNIT(DAY), 1},
    };
    char digits[DIGITS_MAX + 1];
    size_t n = strspn(*s, "0123456789");
    if (n == 0 || n > DIGITS_MAX)
        return false;
    memcpy(digits, *s, n);
    digits[n] = '\0';
    if (text_to_i64(digits, 0, INT32_MAX, ret))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = strlen(units[i].word);
        if (strncmp(*s + n, units[i].word, len) != 0)
            continue;
        *s += n + len;
        *ret_unit = units[i].unit;
        *ret *= units[i].times;
        return true;
    }
    return false;
}

bool limit_amount_parse(const char *text, Wangge__V1__TimeUnit *ret_unit, int64_t *ret_amount)
{
    Wangge__V1__TimeUnit unit;
    int64_t more = 0;
    if (!take_part(&text, ret_unit, ret_amount))
        return false;
    bool days = *ret_unit == UNIT(WORKDAY) || *ret_unit == UNIT(DAY);
    /* Minutes may follow hours. */
    if (*text && (days || *ret_amount % HOUR_S || !take_part(&text, &unit, &more) || unit != *ret_unit || more >= HOUR_S))
        return false;
    *ret_amount += more;
    return !*text && *ret_amount > 0 && *ret_amount <= (days ? DAYS_MAX : (int64_t)DAYS_MAX * 24 * HOUR_S);
}

char *limit_amount_format(Wangge__V1__TimeUnit unit, int64_t amount, char out[LIMIT_AMOUNT_MAX])
{
    long long hours = amount / HOUR_S, minutes = amount / MINUTE_S % 60, seconds = amount % 60;
    if (unit == UNIT(WORKDAY))
        snprintf(out, LIMIT_AMOUNT_MAX, ngettext("%lld working day", "%lld working days", (unsigned long)amount),
                 (long long)amount);
    else if (unit == UNIT(DAY))
        snprintf(out, LIMIT_AMOUNT_MAX, ngettext("%lld day", "%lld days", (unsigned long)amount), (long long)amount);
    else if (seconds)
        snprintf(out, LIMIT_AMOUNT_MAX, _("%lld h %02lld min %02lld s"), hours, minutes, seconds);
    else
        snprintf(out, LIMIT_AMOUNT_MAX, _("%lld h %02lld min"), hours, minutes);
    return out;
}

const char *limit_unit_text(Wangge__V1__TimeUnit unit)
{
    static const char *const texts[] = {NULL, NC_("unit", "working time"), NC_("unit", "urgent time"),
                                        NC_("unit", "working days"), NC_("unit", "days")};
    return (unsigned)unit < sizeof texts / sizeof *texts && texts[unit] ? i18n_context(texts[unit]) : "?";
}

/* Limits ------------------------------------------------------------------------------------------------------------- */

static int take_word(const char *field, enum labels_kind kind, const char *word, int *ret, struct err *e)
{
    char list[LIST_MAX];
    if (!word || !*word || labels_find(kind, word, ret))
        return 0;
    labels_list(kind, list, sizeof list);
    return err_set(e, ERR_INVALID, _("%s: \"%s\" is none of %s."), field, word, list);
}

static int take_amount(const char *text, Wangge__V1__Limit *ret, struct err *e)
{
    if (!text || !*text)
        return err_set(e, ERR_INVALID, _("%s is missing."), "amount");
    if (limit_amount_parse(text, &ret->unit, &ret->amount))
        return 0;
    if (strspn(text, "0") > 0 && strspn(text, "0123456789") == strspn(text, "0"))
        return err_set(e, ERR_INVALID, _("amount: a limit is more than zero. To have none, leave the rule out."));
    return err_set(e, ERR_INVALID,
                   _("amount: \"%s\" is none of 8h, 30m, 1h30m (working time), 4uh (urgent, runs through), 3wd (working days), "
                     "5d (days)."),
                   text);
}

static int take_from(struct arena *a, const char *text, usec_t now, Wangge__V1__Limit *ret, struct err *e)
{
    usec_t at;
    if (!text || !*text)
        return 0;
    if (instant_parse(text, now, &at, e))
        return e->code;
    if (at < now - PAST_S * USEC_PER_SEC)
        return err_set(e, ERR_INVALID, _("from: %s is past. A limit takes effect now or later."), text);
    ret->valid_from = arena_alloc(a, sizeof *ret->valid_from);
    if (!ret->valid_from)
        return err_set(e, ERR_NOMEM, "%s", _("Not enough memory."));
    instant_stamp(ret->valid_from, at);
    return 0;
}

int limit_of_words(struct arena *a, const struct limit_words *w, usec_t now, Wangge__V1__Limit *ret, struct err *e)
{
    int clock = 0, urgency = 0;
    wangge__v1__limit__init(ret);
    int rc = take_word("clock", LABELS_CLOCK, w->clock, &clock, e);
    if (!rc && clock == 0)
        rc = err_set(e, ERR_INVALID, _("%s is missing."), "clock");
    if (!rc)
        rc = take_word("urgency", LABELS_URGENCY, w->urgency, &urgency, e);
    if (!rc)
        rc = take_amount(w->amount, ret, e);
    if (!rc)
        rc = take_from(a, w->from, now, ret, e);
    if (!rc && w->region && *w->region && !text_is_digits(w->region, strlen(w->region)))
        rc = err_set(e, ERR_INVALID, _("region: \"%s\" is no code of digits."), w->region);
    ret->clock = (Wangge__V1__ClockKind)clock;
    ret->urgency = (Wangge__V1__Urgency)urgency;
    ret->category_prefix = (char *)(w->category ? w->category : "");
    ret->region_code = (char *)(w->region ? w->region : "");
    return rc;
}

enum { COL_CLOCK, COL_CATEGORY, COL_URGENCY, COL_REGION, COL_AMOUNT, COL_FROM, COLS };

struct limit_reading {
    struct limit_file *file;
    usec_t now;
};

/* The line goes before what is wrong in it. */
static int at_line(const struct sheet *s, int rc)
{
    if (rc != ERR_INVALID)
        return rc;
    struct err inner = *s->e;
    return err_set(s->e, ERR_INVALID, _("Line %lld: %s"), (long long)s->line, inner.text);
}

static int take_limit(struct sheet *s, void *arg)
{
    struct limit_reading *r = arg;
    struct limit_file *f = r->file;
    Wangge__V1__Limit *l = arena_alloc(s->arena, sizeof *l);
    char *v[COLS];
    for (int c = 0; c < COLS; c++)
        if (!(v[c] = sheet_value(s, c)))
            l = NULL;
    if (!l)
        return err_set(s->e, ERR_NOMEM, "%s", _("Not enough memory."));
    if (f->n == LIMIT_FILE_MAX)
        return err_set(s->e, ERR_INVALID, _("A file holds at most %d limits."), LIMIT_FILE_MAX);
    struct limit_words w = {v[COL_CLOCK], v[COL_CATEGORY], v[COL_URGENCY], v[COL_REGION], v[COL_AMOUNT], v[COL_FROM]};
    int rc = at_line(s, limit_of_words(s->arena, &w, r->now, l, s->e));
    f->line[f->n] = s->line;
    f->limits[f->n++] = l;
    return rc;
}

int limit_file_read(struct limit_file *f, const char *path, usec_t now, struct err *e)
{
    static const char *const names[COLS] = {"clock", "category", "urgency", "region", "amount", "from"};
    struct limit_reading r = {f, now};
    struct sheet s = {.names = names, .n_names = COLS, .on_row = take_limit, .arg = &r, .e = e};
    f->arena = NULL;
    f->n = 0;
    int rc = sheet_read(&s, path);
    f->arena = s.arena;
    return rc;
}

void limit_file_fini(struct limit_file *f)
{
    arena_destroy(f->arena);
    f->arena = NULL;
}

/* Borders ------------------------------------------------------------------------------------------------------------ */

enum { COL_GRID, COL_LATITUDE, COL_LONGITUDE, BORDER_COLS };

static bool take_degrees(const char *text, double max, double *ret)
{
    char *end;
    *ret = strtod(text, &end);
    return end != text && !*end && *ret >= -max && *ret <= max;
}

/* The border the row belongs to: the one before, or a new one. */
static int border_of(struct sheet *s, struct border_file *f, char *grid, Wangge__V1__BorderChange **ret)
{
    if (f->n > 0 && strcmp(f->borders[f->n - 1]->grid_code, grid) == 0) {
        *ret = f->borders[f->n - 1];
        return 0;
    }
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->borders[i]->grid_code, grid) == 0)
            return err_set(s->e, ERR_INVALID, _("The corners of grid %s do not stand together."), grid);
    if (f->n == BORDER_FILE_MAX)
        return err_set(s->e, ERR_INVALID, _("A file holds at most %d borders."), BORDER_FILE_MAX);
    Wangge__V1__BorderChange *b = arena_alloc(s->arena, sizeof *b);
    Wangge__V1__Point **points = arena_alloc(s->arena, BORDER_FILE_POINTS_MAX * sizeof(Wangge__V1__Point *));
    if (!b || !points)
        return err_set(s->e, ERR_NOMEM, "%s", _("Not enough memory."));
    wangge__v1__border_change__init(b);
    b->grid_code = grid;
    b->boundary = points;
    f->borders[f->n++] = *ret = b;
    return 0;
}

static int take_corner(struct sheet *s, void *arg)
{
    Wangge__V1__BorderChange *b;
    char *grid = sheet_value(s, COL_GRID), *lat = sheet_value(s, COL_LATITUDE), *lon = sheet_value(s, COL_LONGITUDE);
    Wangge__V1__Point *p = arena_alloc(s->arena, sizeof *p);
    if (!grid || !lat || !lon || !p)
        return err_set(s->e, ERR_NOMEM, "%s", _("Not enough memory."));
    wangge__v1__point__init(p);
    if (strlen(grid) != 15 || !text_is_digits(grid, 15))
        return sheet_bad(s, COL_GRID, grid);
    if (!take_degrees(lat, 90, &p->latitude))
        return sheet_bad(s, COL_LATITUDE, lat);
    if (!take_degrees(lon, 180, &p->longitude))
        return sheet_bad(s, COL_LONGITUDE, lon);
    int rc = at_line(s, border_of(s, arg, grid, &b));
    if (!rc && b->n_boundary == BORDER_FILE_POINTS_MAX)
        rc = at_line(s, err_set(s->e, ERR_INVALID, _("A border has at most %d corners."), BORDER_FILE_POINTS_MAX));
    if (!rc)
        b->boundary[b->n_boundary++] = p;
    return rc;
}

int border_file_read(struct border_file *f, const char *path, struct err *e)
{
    static const char *const names[BORDER_COLS] = {"grid", "latitude", "longitude"};
    struct sheet s = {.names = names, .n_names = BORDER_COLS, .on_row = take_corner, .arg = f, .e = e};
    *f = (struct border_file){0};
    int rc = sheet_read(&s, path);
    f->arena = s.arena;
    for (size_t i = 0; !rc && i < f->n; i++)
        if (f->borders[i]->n_boundary < 3)
            rc = err_set(e, ERR_INVALID, _("Grid %s has fewer than 3 corners."), f->borders[i]->grid_code);
    return rc;
}

void border_file_fini(struct border_file *f)
{
    arena_destroy(f->arena);
    f->arena = NULL;
}
