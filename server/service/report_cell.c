/* SPDX-License-Identifier: MIT */
/* Cells, columns and rows of reports as messages. */
#include <string.h>

#include "common/base/figure.h"
#include "server/service/case_view.h"
#include "server/service/report_impl.h"

static Wangge__V1__ReportCell *cell(struct arena *a, Wangge__V1__ReportCell__ValueCase value)
{
    Wangge__V1__ReportCell *c = arena_alloc(a, sizeof *c);
    if (!c)
        return NULL;
    wangge__v1__report_cell__init(c);
    c->value_case = value;
    return c;
}

Wangge__V1__ReportCell *report_cell_none(struct arena *a)
{
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_NONE);
    if (c)
        c->none = true;
    return c;
}

Wangge__V1__ReportCell *report_cell_text(struct arena *a, const char *zh, const char *en)
{
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_TEXT);
    if (!c)
        return NULL;
    c->text = arena_strdup(a, zh);
    c->text_en = en && strcmp(en, zh) != 0 ? arena_strdup(a, en) : (char *)"";
    return c->text && c->text_en ? c : NULL;
}

Wangge__V1__ReportCell *report_cell_count(struct arena *a, int64_t n)
{
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_COUNT);
    if (c)
        c->count = n;
    return c;
}

Wangge__V1__ReportCell *report_cell_ratio(struct arena *a, int64_t n, int64_t d)
{
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_RATIO);
    Wangge__V1__Ratio *ratio = arena_alloc(a, sizeof *ratio);
    if (!c || !ratio)
        return NULL;
    wangge__v1__ratio__init(ratio);
    ratio->n = n;
    ratio->d = d;
    c->ratio = ratio;
    return c;
}

Wangge__V1__ReportCell *report_cell_points(struct arena *a, int64_t bp)
{
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_POINTS);
    if (c)
        c->points = bp;
    return c;
}

Wangge__V1__ReportCell *report_cell_seconds(struct arena *a, int64_t s)
{
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_SECONDS);
    if (c)
        c->seconds = s;
    return c;
}

Wangge__V1__ReportCell *report_cell_time(struct arena *a, usec_t t)
{
    if (t == USEC_NONE)
        return report_cell_none(a);
    Wangge__V1__ReportCell *c = cell(a, WANGGE__V1__REPORT_CELL__VALUE_TIME);
    if (c)
        c->time = view_time(a, t);
    return c && c->time ? c : NULL;
}

Wangge__V1__ReportColumn *report_column(struct arena *a, const char *code, const char *zh, const char *en,
                                        enum report_value value)
{
    Wangge__V1__ReportColumn *c = arena_alloc(a, sizeof *c);
    if (!c)
        return NULL;
    wangge__v1__report_column__init(c);
    c->code = (char *)code;
    c->title = (char *)zh;
    c->title_en = (char *)en;
    c->kind = (Wangge__V1__ColumnKind)value;
    return c;
}

Wangge__V1__ReportRow *report_row_make(struct arena *a, const char *key, const char *name, size_t max_cells)
{
    Wangge__V1__ReportRow *r = arena_alloc(a, sizeof *r);
    if (!r)
        return NULL;
    wangge__v1__report_row__init(r);
    r->key = (char *)key;
    r->name = (char *)name;
    r->cells = arena_alloc(a, (max_cells + 1) * sizeof(Wangge__V1__ReportCell *));
    return r->cells ? r : NULL;
}

bool report_row_add(Wangge__V1__ReportRow *row, Wangge__V1__ReportCell *c)
{
    if (!row || !c)
        return false;
    row->cells[row->n_cells++] = c;
    return true;
}

static Wangge__V1__ReportCell *points_cell(struct arena *a, const struct metric_variant *v, const struct report_row *now,
                                           const struct report_row *then)
{
    int64_t n1 = report_row_value(now, &v->num);
    int64_t d1 = report_row_value(now, &v->den);
    int64_t n0 = report_row_value(then, &v->num);
    int64_t d0 = report_row_value(then, &v->den);
    int64_t bp;
    int64_t n;
    int64_t m;
    int64_t d;
    /* One rounding, of the exact difference. */
    if (d1 == 0 || d0 == 0 || __builtin_mul_overflow(n1, d0, &n) || __builtin_mul_overflow(n0, d1, &m) ||
        __builtin_mul_overflow(d1, d0, &d) || !figure_ratio(n - m, d, 10000, &bp))
        return report_cell_none(a);
    return report_cell_points(a, bp);
}

Wangge__V1__ReportCell *report_figure_cell(struct arena *a, const struct report_col *c, const struct report_line *line,
                                           const struct report_line *total)
{
    const struct metric_variant *v = metric_variant_find(metric_find(c->metric), c->variant);
    const struct report_row *now = line->of[WINDOW_THIS];
    const struct report_row *row = line->of[c->window];
    int64_t then;
    switch (c->value) {
    case VALUE_COUNT:
        return report_cell_count(a, report_row_value(row, &v->num));
    case VALUE_RATE:
        return report_cell_ratio(a, report_row_value(row, &v->num),
                                 c->of_total ? report_row_value(total->of[c->window], &v->num)
                                             : report_row_value(row, &v->den));
    case VALUE_POINTS:
        return points_cell(a, v, now, row);
    case VALUE_CHANGE:
        then = report_row_value(row, &v->num);
        return report_cell_ratio(a, report_row_value(now, &v->num) - then, then);
    case VALUE_TEXT:
    case VALUE_DURATION:
    case VALUE_TIME:
        break;
    }
    return report_cell_none(a);
}
