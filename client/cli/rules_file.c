/* SPDX-License-Identifier: MIT */
#include "client/cli/rules_file.h"

#include <stdio.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/sheet.h"
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
enum { HELPERS_MAX = 16 };

static const char *const names[COLS] = {"id",    "category",  "region",   "weekdays", "hours",
                                        "organ", "co_organs", "priority", "note",     "removed"};

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

static int take_helpers(struct arena *a, Wangge__V1__DispatchRule *rule, char *text)
{
    char *save = NULL;
    rule->co_organ_codes = arena_alloc(a, HELPERS_MAX * sizeof *rule->co_organ_codes);
    if (!rule->co_organ_codes)
        return ERR_NOMEM;
    for (char *s = strtok_r(text, " ,", &save); s && rule->n_co_organ_codes < HELPERS_MAX; s = strtok_r(NULL, " ,", &save))
        rule->co_organ_codes[rule->n_co_organ_codes++] = s;
    return 0;
}

static int take_rule(struct sheet *s, void *arg)
{
    struct rules_file *f = arg;
    struct arena *a = s->arena;
    Wangge__V1__DispatchRule *rule = arena_alloc(a, sizeof *rule);
    char *v[COLS];
    char *id = arena_alloc(a, 37);
    int64_t priority = 0;
    if (f->n == RULES_FILE_MAX)
        return err_set(s->e, ERR_INVALID, _("A file holds at most %d rules."), RULES_FILE_MAX);
    for (int c = 0; c < COLS; c++) {
        if (!(v[c] = sheet_value(s, c)))
            rule = NULL;
    }
    if (!rule || !id)
        return err_set(s->e, ERR_NOMEM, "%s", _("Not enough memory."));
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
        return sheet_bad(s, COL_REMOVED, v[COL_REMOVED]);
    if (!rules_weekdays_parse(v[COL_WEEKDAYS], &rule->weekdays))
        return sheet_bad(s, COL_WEEKDAYS, v[COL_WEEKDAYS]);
    if (!rules_hours_parse(v[COL_HOURS], &rule->from_minute, &rule->to_minute))
        return sheet_bad(s, COL_HOURS, v[COL_HOURS]);
    if (v[COL_PRIORITY][0] && text_to_i64(v[COL_PRIORITY], INT32_MIN, INT32_MAX, &priority))
        return sheet_bad(s, COL_PRIORITY, v[COL_PRIORITY]);
    rule->priority = (int32_t)priority;
    if (take_helpers(a, rule, v[COL_CO]))
        return err_set(s->e, ERR_NOMEM, "%s", _("Not enough memory."));
    f->rules[f->n++] = rule;
    return 0;
}

int rules_file_read(struct rules_file *f, const char *path, struct err *e)
{
    struct sheet s = {.names = names, .n_names = COLS, .on_row = take_rule, .arg = f, .e = e};
    *f = (struct rules_file){0};
    int rc = sheet_read(&s, path);
    f->arena = s.arena;
    return rc;
}

void rules_file_fini(struct rules_file *f)
{
    arena_destroy(f->arena);
    f->arena = NULL;
}
