/* SPDX-License-Identifier: MIT */
#include "client/cli/rules_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/export/csv_reader.h"
#include "client/model/i18n.h"
#include "common/base/text.h"

enum column {
    COL_ID,
    COL_CATEGORY,
    COL_REGION,
    COL_WEEKDAYS,
    COL_HOURS,
    COL_ORGAN,
    COL_CO,
    COL_PRIORITY,
    COL_NOTE,
    COL_REMOVED,
    COLS
};
enum { MEMORY_MAX = 16 << 20, HELPERS_MAX = 16 };

static const char *const names[COLS] = {"id",    "category",  "region",   "weekdays", "hours",
                                        "organ", "co_organs", "priority", "note",     "removed"};

struct reading {
    struct rules_file *file;
    struct err *e;
    int column[COLS]; /* field of each, -1: not there */
};

bool rules_weekdays_parse(const char *s, int32_t *ret)
{
    int32_t days = 0;
    while (*s) {
        int from = *s >= '1' && *s <= '7' ? *s++ - '0' : 0, to = from;
        if (*s == '-') {
            s++;
            to = *s >= '1' && *s <= '7' ? *s++ - '0' : 0;
        }
        if (!from || to < from)
            return false;
        for (int d = from; d <= to; d++)
            days |= 1 << (d - 1);
        if (*s && *s++ != ',')
            return false;
        if (s[-1] == ',' && !*s)
            return false;
    }
    *ret = days;
    return true;
}

void rules_weekdays_format(int32_t days, char out[16])
{
    size_t n = 0;
    for (int d = 0; d < 7; d++) {
        int end = d;
        if (!(days >> d & 1))
            continue;
        while (end < 6 && days >> (end + 1) & 1)
            end++;
        n += (size_t)snprintf(out + n, 16 - n, end > d ? "%s%d-%d" : "%s%d", n ? "," : "", d + 1, end + 1);
        d = end;
    }
    out[n] = '\0';
}

static bool take_minute(const char **s, int32_t *ret)
{
    const char *p = *s;
    for (int i = 0; i < 5; i++) {
        if (i == 2 ? p[i] != ':' : p[i] < '0' || p[i] > '9')
            return false;
    }
    int hour = (p[0] - '0') * 10 + p[1] - '0', minute = (p[3] - '0') * 10 + p[4] - '0';
    *s += 5;
    *ret = hour * 60 + minute;
    return minute < 60 && *ret <= 1440;
}

bool rules_hours_parse(const char *s, int32_t *ret_from, int32_t *ret_to)
{
    *ret_from = *ret_to = 0;
    if (!*s)
        return true;
    return take_minute(&s, ret_from) && *s++ == '-' && take_minute(&s, ret_to) && !*s;
}

void rules_hours_format(int32_t from, int32_t to, char out[16])
{
    out[0] = '\0';
    if (to)
        snprintf(out, 16, "%02d:%02d-%02d:%02d", from / 60 % 100, from % 60, to / 60 % 100, to % 60);
}

static int take_titles(struct reading *r, const struct csv_row *row)
{
    for (int c = 0; c < COLS; c++)
        r->column[c] = -1;
    for (int i = 0; i < row->n_fields; i++) {
        int c = 0;
        while (c < COLS && strcmp(names[c], row->fields[i].text) != 0)
            c++;
        if (c == COLS)
            return err_set(r->e, ERR_INVALID,
                           _("There is no column \"%s\". The columns are id, category, region, weekdays, hours, "
                             "organ, co_organs, priority, note, removed."),
                           row->fields[i].text);
        r->column[c] = i;
    }
    return 0;
}

/* A copy in the arena; "" if the column is not there. */
static char *value(struct reading *r, const struct csv_row *row, enum column c)
{
    const char *text = r->column[c] >= 0 && r->column[c] < row->n_fields ? row->fields[r->column[c]].text : "";
    return arena_strdup(r->file->arena, text);
}

static int bad(struct reading *r, const struct csv_row *row, enum column c, const char *text)
{
    return err_set(r->e, ERR_INVALID, _("Line %lld: \"%s\" is no value for %s."), (long long)row->line, text, names[c]);
}

static int take_helpers(struct reading *r, Wangge__V1__DispatchRule *rule, char *text)
{
    char *save = NULL;
    rule->co_organ_codes = arena_alloc(r->file->arena, HELPERS_MAX * sizeof *rule->co_organ_codes);
    if (!rule->co_organ_codes)
        return ERR_NOMEM;
    for (char *s = strtok_r(text, " ,", &save); s && rule->n_co_organ_codes < HELPERS_MAX; s = strtok_r(NULL, " ,", &save))
        rule->co_organ_codes[rule->n_co_organ_codes++] = s;
    return 0;
}

static int take_rule(struct reading *r, const struct csv_row *row)
{
    struct arena *a = r->file->arena;
    Wangge__V1__DispatchRule *rule = arena_alloc(a, sizeof *rule);
    char *v[COLS];
    char *id = arena_alloc(a, 37);
    int64_t priority = 0;
    if (r->file->n == RULES_FILE_MAX)
        return err_set(r->e, ERR_INVALID, _("A file holds at most %d rules."), RULES_FILE_MAX);
    for (int c = 0; c < COLS; c++) {
        if (!(v[c] = value(r, row, (enum column)c)))
            rule = NULL;
    }
    if (!rule || !id)
        return err_set(r->e, ERR_NOMEM, "%s", _("Not enough memory."));
    wangge__v1__dispatch_rule__init(rule);
    if (v[COL_ID][0])
        (void)text_copy(id, 37, v[COL_ID]);
    else
        cli_new_id(id);
    rule->rule_id = id;
    rule->category_prefix = v[COL_CATEGORY];
    rule->region_code = v[COL_REGION];
    rule->organ_code = v[COL_ORGAN];
    rule->note = v[COL_NOTE];
    rule->removed = strcmp(v[COL_REMOVED], "yes") == 0;
    if (!rule->removed && v[COL_REMOVED][0] && strcmp(v[COL_REMOVED], "no") != 0)
        return bad(r, row, COL_REMOVED, v[COL_REMOVED]);
    if (!rules_weekdays_parse(v[COL_WEEKDAYS], &rule->weekdays))
        return bad(r, row, COL_WEEKDAYS, v[COL_WEEKDAYS]);
    if (!rules_hours_parse(v[COL_HOURS], &rule->from_minute, &rule->to_minute))
        return bad(r, row, COL_HOURS, v[COL_HOURS]);
    if (v[COL_PRIORITY][0] && text_to_i64(v[COL_PRIORITY], INT32_MIN, INT32_MAX, &priority))
        return bad(r, row, COL_PRIORITY, v[COL_PRIORITY]);
    rule->priority = (int32_t)priority;
    if (take_helpers(r, rule, v[COL_CO]))
        return err_set(r->e, ERR_NOMEM, "%s", _("Not enough memory."));
    r->file->rules[r->file->n++] = rule;
    return 0;
}

static int on_row(void *arg, const struct csv_row *row)
{
    struct reading *r = arg;
    if (row->fault)
        return err_set(r->e, ERR_INVALID, _("Line %lld: %s"), (long long)row->line, csv_fault_text(row->fault));
    return row->row == 1 ? take_titles(r, row) : take_rule(r, row);
}

int rules_file_read(struct rules_file *f, const char *path, struct err *e)
{
    char buf[8192];
    struct reading r = {.file = f, .e = e};
    struct csv_reader *csv = csv_reader_create(on_row, &r);
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int rc = 0;
    *f = (struct rules_file){.arena = arena_create(MEMORY_MAX)};
    if (!csv || !f->arena)
        rc = err_set(e, ERR_NOMEM, "%s", _("Not enough memory."));
    else if (!in)
        rc = err_errno(e, errno, _("%s cannot be read."), path);
    while (rc == 0) {
        size_t n = fread(buf, 1, sizeof buf, in);
        rc = n ? csv_reader_feed(csv, buf, n) : csv_reader_end(csv);
        if (n == 0)
            break;
    }
    if (rc == 0 && ferror(in))
        rc = err_errno(e, errno, _("%s cannot be read."), path);
    if (rc == 0 && f->n == 0)
        rc = err_set(e, ERR_INVALID, _("%s holds no rule."), path);
    if (in && in != stdin)
        (void)fclose(in);
    csv_reader_destroy(csv);
    return rc;
}

void rules_file_fini(struct rules_file *f)
{
    arena_destroy(f->arena);
    f->arena = NULL;
}
