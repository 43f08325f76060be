/* SPDX-License-Identifier: MIT */
/*
 * A report as a workbook: a sheet a section with merged group headers, frozen panes, filter, number formats, a chart where the
 * section draws, A4 print set-up, the sign-off line; and a sheet of definitions. Rows go to disk as they come (constant
 * memory), so cells are written in order. A section with more rows than a sheet holds goes on in another.
 */
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "client/export/report_impl.h"
#include "client/model/i18n.h"

enum { ROWS_MAX = 1048576, FOOT_ROWS = 3, PAPER_A4 = 9, WIDE = 9, NAME_MAX_CHARS = 28, MAX_SHEETS = 200 };

struct xlsx {
    lxw_workbook *book;
    bool chinese;
    char *path;
    const Wangge__V1__ReportHead *head;
    lxw_worksheet *sheet;
    const Wangge__V1__ReportSection *section;
    int sheets;
    int parts; /* of the section */
    lxw_row_t row;
    lxw_row_t first; /* of the data */
    lxw_col_t columns;
    char name[64];
    lxw_format *title;
    lxw_format *scope;
    lxw_format *header;
    lxw_format *text;
    lxw_format *count;
    lxw_format *percent;
    lxw_format *points;
    lxw_format *plain;
    lxw_format *bold;
};

static lxw_format *format(struct xlsx *x, const char *number, bool border, bool right)
{
    lxw_format *f = workbook_add_format(x->book);
    if (number)
        format_set_num_format(f, number);
    if (border)
        format_set_border(f, LXW_BORDER_THIN);
    format_set_align(f, right ? LXW_ALIGN_RIGHT : LXW_ALIGN_LEFT);
    return f;
}

static void *create(const struct report_writer_options *o, FILE *out, struct err *e)
{
    struct xlsx *x = calloc(1, sizeof *x);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    (void)out;
    if (x && o->path) {
        x->path = strdup(o->path);
        x->book = workbook_new_opt(o->path, &options);
    }
    if (!x || !x->book || !x->path) {
        if (x)
            free(x->path);
        free(x);
        (void)err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return NULL;
    }
    x->chinese = o->chinese;
    x->title = format(x, NULL, false, false);
    format_set_bold(x->title);
    format_set_font_size(x->title, 14);
    x->scope = format(x, NULL, false, false);
    format_set_font_color(x->scope, 0x555555);
    x->header = format(x, NULL, true, false);
    format_set_bold(x->header);
    format_set_bg_color(x->header, 0xE8EEF6);
    format_set_text_wrap(x->header);
    format_set_align(x->header, LXW_ALIGN_CENTER);
    x->text = format(x, NULL, true, false);
    x->count = format(x, "#,##0", true, true);
    x->percent = format(x, "0.00%", true, true);
    x->points = format(x, "+0.00;-0.00;0.00", true, true);
    x->plain = format(x, NULL, false, false);
    format_set_text_wrap(x->plain);
    x->bold = format(x, NULL, false, false);
    format_set_bold(x->bold);
    return x;
}

static int head(void *self, const Wangge__V1__ReportHead *h, struct err *e)
{
    struct xlsx *x = self;
    (void)e;
    x->head = h;
    lxw_doc_properties properties = {.title = (char *)report_say(x->chinese, h->title, h->title_en), .author = h->pulled_by};
    workbook_set_properties(x->book, &properties);
    return 0;
}

/* Sheet names take no more than 31 characters, none of []:*?/\, and must differ. */
static void name_sheet(struct xlsx *x)
{
    const char *from = report_say(x->chinese, x->section->title, x->section->title_en);
    char base[40];
    size_t n = 0;
    int chars = 0;
    for (; *from && n + 4 < sizeof base && chars < NAME_MAX_CHARS - 4; from++) {
        if (((unsigned char)*from & 0xC0) != 0x80)
            chars++;
        base[n++] = strchr("[]:*?/\\", *from) ? '-' : *from;
    }
    while (n > 0 && ((unsigned char)*from & 0xC0) == 0x80 && ((unsigned char)base[n - 1] & 0xC0) == 0x80)
        n--; /* not half a character */
    base[n] = '\0';
    if (x->parts > 1)
        (void)snprintf(x->name, sizeof x->name, "%.30s (%d)", base, x->parts);
    else if (workbook_get_worksheet_by_name(x->book, base))
        (void)snprintf(x->name, sizeof x->name, "%.30s %d", base, x->sheets);
    else
        (void)snprintf(x->name, sizeof x->name, "%s", base);
}

static bool is_ratio(const Wangge__V1__ReportColumn *c)
{
    return c->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE;
}

/* A rate takes two columns: percent and n/d. */
static lxw_col_t column_of(const Wangge__V1__ReportSection *s, size_t i)
{
    lxw_col_t at = 1;
    for (size_t k = 0; k < i; k++)
        at = (lxw_col_t)(at + 1 + is_ratio(s->columns[k]));
    return at;
}

/* Constant memory: the row of groups is written before the row of names. */
static void put_groups(struct xlsx *x, const Wangge__V1__ReportSection *s)
{
    bool any = false;
    for (size_t i = 0; i < s->n_columns; i++)
        any = any || *s->columns[i]->group;
    if (!any)
        return;
    for (size_t i = 0; i < s->n_columns;) {
        size_t n = 1;
        while (i + n < s->n_columns && strcmp(s->columns[i + n]->group, s->columns[i]->group) == 0)
            n++;
        lxw_col_t first = column_of(s, i);
        lxw_col_t last = (lxw_col_t)(column_of(s, i + n) - 1);
        const char *text = report_say(x->chinese, s->columns[i]->group, s->columns[i]->group_en);
        if (last > first)
            worksheet_merge_range(x->sheet, x->row, first, x->row, last, text, x->header);
        else
            worksheet_write_string(x->sheet, x->row, first, text, x->header);
        i += n;
    }
    x->row++;
}

static void put_header(struct xlsx *x, const Wangge__V1__ReportSection *s)
{
    worksheet_write_string(x->sheet, x->row, 0, x->chinese ? "名称" : "Name", x->header);
    for (size_t i = 0; i < s->n_columns; i++) {
        lxw_col_t at = column_of(s, i);
        worksheet_write_string(x->sheet, x->row, at, report_say(x->chinese, s->columns[i]->title, s->columns[i]->title_en),
                               x->header);
        if (is_ratio(s->columns[i]))
            worksheet_write_string(x->sheet, x->row, (lxw_col_t)(at + 1), "n/d", x->header);
    }
    x->row++;
}

static void set_up(struct xlsx *x)
{
    worksheet_set_paper(x->sheet, PAPER_A4);
    if (x->columns > WIDE)
        worksheet_set_landscape(x->sheet);
    worksheet_fit_to_pages(x->sheet, 1, 0);
    worksheet_set_footer(x->sheet, "&L&A&R&P / &N");
    worksheet_set_column(x->sheet, 0, 0, 24, NULL);
    worksheet_set_column(x->sheet, 1, x->columns > 1 ? (lxw_col_t)(x->columns - 1) : 1, 14, NULL);
}

static int begin_sheet(struct xlsx *x, struct err *e)
{
    const Wangge__V1__ReportSection *s = x->section;
    char scope[REPORT_TEXT_MAX];
    if (++x->sheets > MAX_SHEETS)
        return err_set(e, ERR_EXHAUSTED, _("More than %d sheets. Take CSV instead."), MAX_SHEETS);
    x->parts++;
    name_sheet(x);
    x->sheet = workbook_add_worksheet(x->book, x->name);
    if (!x->sheet)
        return err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
    x->columns = column_of(s, s->n_columns);
    set_up(x);
    x->row = 0;
    worksheet_write_string(x->sheet, x->row++, 0, report_say(x->chinese, x->head->title, x->head->title_en), x->title);
    worksheet_write_string(x->sheet, x->row++, 0, report_scope_print(x->head, x->chinese, scope), x->scope);
    (void)snprintf(scope, sizeof scope, x->parts > 1 ? _("%s, sheet %d: the sheets before hold the first rows") : "%s",
                   report_say(x->chinese, s->title, s->title_en), x->parts);
    worksheet_write_string(x->sheet, x->row++, 0, scope, x->bold);
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TEXT) {
        x->first = x->row;
        return 0;
    }
    lxw_row_t top = x->row;
    put_groups(x, s);
    put_header(x, s);
    worksheet_repeat_rows(x->sheet, top, (lxw_row_t)(x->row - 1));
    worksheet_freeze_panes(x->sheet, x->row, 1);
    x->first = x->row;
    return 0;
}

/* Drawn where the section draws, from the rows that were written. */
static void put_chart(struct xlsx *x)
{
    const Wangge__V1__ReportSection *s = x->section;
    bool bars = s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_RANKING;
    bool line =
        s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TREND || s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_CURVE;
    size_t drawn = s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_CURVE ? s->n_columns - 1
                   : s->bar_column >= 0                                    ? (size_t)s->bar_column
                                                                           : 0;
    if ((!bars && !line) || x->row <= x->first || drawn >= s->n_columns)
        return;
    lxw_row_t last = (lxw_row_t)(x->row - 1);
    lxw_chart *chart = workbook_add_chart(x->book, bars ? LXW_CHART_BAR : LXW_CHART_LINE);
    lxw_chart_series *series = chart ? chart_add_series(chart, NULL, NULL) : NULL;
    if (!series)
        return;
    lxw_col_t at = column_of(s, drawn);
    chart_series_set_categories(series, x->name, x->first, 0, last, 0);
    chart_series_set_values(series, x->name, x->first, at, last, at);
    chart_series_set_name(series, report_say(x->chinese, s->columns[drawn]->title, s->columns[drawn]->title_en));
    chart_title_set_name(chart, report_say(x->chinese, s->title, s->title_en));
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    if (bars)
        chart_axis_set_reverse(chart->y_axis);
    lxw_chart_options options = {.x_scale = 1.4, .y_scale = 1.4};
    worksheet_insert_chart_opt(x->sheet, x->row + FOOT_ROWS, 0, chart, &options);
}

static void end_sheet(struct xlsx *x)
{
    const Wangge__V1__ReportSection *s = x->section;
    if (!x->sheet)
        return;
    bool table = s->kind != WANGGE__V1__SECTION_KIND__SECTION_KIND_TEXT;
    if (table && x->row > x->first)
        worksheet_autofilter(x->sheet, (lxw_row_t)(x->first - 1), 0, (lxw_row_t)(x->row - 1), (lxw_col_t)(x->columns - 1));
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_HEAT && x->row > x->first) {
        lxw_conditional_format shades = {.type = LXW_CONDITIONAL_2_COLOR_SCALE, .min_color = 0xFFFFFF, .max_color = 0x3B6FB6};
        worksheet_conditional_format_range(x->sheet, x->first, 1, (lxw_row_t)(x->row - 1), (lxw_col_t)(x->columns - 1),
                                           &shades);
    }
    put_chart(x);
    if (x->row + FOOT_ROWS < ROWS_MAX)
        worksheet_write_string(x->sheet, x->row + 1, 0,
                               x->chinese ? "制表：            审核：            签发："
                                          : "Made by:            Checked by:            Issued by:",
                               x->plain);
    x->sheet = NULL;
}

static int section(void *self, const Wangge__V1__ReportSection *s, struct err *e)
{
    struct xlsx *x = self;
    end_sheet(x);
    x->section = s;
    x->parts = 0;
    return begin_sheet(x, e);
}

static void put_cell(struct xlsx *x, lxw_col_t at, const Wangge__V1__ReportColumn *col, const Wangge__V1__ReportCell *c)
{
    char text[REPORT_TEXT_MAX], fraction[64];
    int64_t bp;
    if (c->value_case == WANGGE__V1__REPORT_CELL__VALUE_COUNT) {
        worksheet_write_number(x->sheet, x->row, at, (double)c->count, x->count);
    } else if (c->value_case == WANGGE__V1__REPORT_CELL__VALUE_POINTS) {
        worksheet_write_number(x->sheet, x->row, at, (double)c->points / 100, x->points);
    } else if (report_cell_bp(c, &bp)) {
        /* Rounded here as everywhere, so that the workbook shows no other figure. */
        worksheet_write_number(x->sheet, x->row, at, (double)bp / 10000, x->percent);
    } else {
        worksheet_write_string(x->sheet, x->row, at, report_cell_print(c, col, x->chinese, text), x->text);
    }
    if (is_ratio(col))
        worksheet_write_string(x->sheet, x->row, (lxw_col_t)(at + 1), report_cell_fraction(c, col, fraction), x->text);
}

static int row(void *self, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    struct xlsx *x = self;
    char text[REPORT_TEXT_MAX];
    if (x->row + FOOT_ROWS >= ROWS_MAX) {
        end_sheet(x);
        int rc = begin_sheet(x, e);
        if (rc)
            return rc;
    }
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TEXT) {
        worksheet_write_string(x->sheet, x->row++, 0, report_cell_print(r->cells[0], s->columns[0], x->chinese, text), NULL);
        return 0;
    }
    const char *name = report_say(x->chinese, r->name, r->name_en);
    worksheet_write_string(x->sheet, x->row, 0, *name ? name : r->key, x->text);
    for (size_t i = 0; i < s->n_columns; i++)
        put_cell(x, column_of(s, i), s->columns[i], r->cells[i]);
    x->row++;
    return 0;
}

static void put_definition(lxw_worksheet *w, struct xlsx *x, lxw_row_t row, const Wangge__V1__Metric *m)
{
    char version[48];
    (void)snprintf(version, sizeof version, "%.16s v%d", m->code, m->version);
    worksheet_write_string(w, row, 0, version, x->text);
    worksheet_write_string(w, row, 1, report_say(x->chinese, m->name, m->name_en), x->text);
    worksheet_write_string(w, row, 2, report_say(x->chinese, m->definition, m->definition_en), x->text);
    const Wangge__V1__MetricVariant *v = m->n_variants ? m->variants[0] : NULL;
    worksheet_write_string(w, row, 3, v ? report_say(x->chinese, v->numerator, v->numerator_en) : "", x->text);
    worksheet_write_string(w, row, 4, v ? report_say(x->chinese, v->denominator, v->denominator_en) : "", x->text);
}

static void put_definitions(struct xlsx *x, const Wangge__V1__ReportHead *h, const Wangge__V1__ReportEnd *end)
{
    static const char *const zh[] = {"代码", "名称", "口径", "分子", "分母"};
    static const char *const en[] = {"code", "name", "definition", "numerator", "denominator"};
    char text[REPORT_TEXT_MAX], when[32];
    lxw_worksheet *w = workbook_add_worksheet(x->book, x->chinese ? "口径" : "Definitions");
    lxw_row_t row = 0;
    if (!w)
        return;
    worksheet_set_paper(w, PAPER_A4);
    worksheet_set_landscape(w);
    worksheet_fit_to_pages(w, 1, 0);
    worksheet_set_column(w, 0, 1, 14, NULL);
    worksheet_set_column(w, 2, 4, 44, NULL);
    worksheet_write_string(w, row++, 0, report_say(x->chinese, h->title, h->title_en), x->title);
    worksheet_write_string(w, row++, 0, report_scope_print(h, x->chinese, text), x->scope);
    (void)snprintf(text, sizeof text, _("pulled %s by %s"), report_time_print(h->pulled_at, when), h->pulled_by);
    worksheet_write_string(w, row++, 0, text, x->scope);
    if (end)
        (void)snprintf(text, sizeof text, "%s %lld, SHA-256 %s", x->chinese ? "行数" : "rows", (long long)end->rows,
                       end->digest);
    else
        (void)snprintf(text, sizeof text, "%s", _("INCOMPLETE: the report was cut off here; do not use it."));
    worksheet_write_string(w, row++, 0, text, x->scope);
    for (lxw_col_t c = 0; c < 5; c++)
        worksheet_write_string(w, row, c, x->chinese ? zh[c] : en[c], x->header);
    row++;
    for (size_t i = 0; i < h->n_definitions; i++)
        put_definition(w, x, row++, h->definitions[i]);
}

static int end(void *self, const Wangge__V1__ReportHead *h, const Wangge__V1__ReportEnd *end, struct err *e)
{
    struct xlsx *x = self;
    end_sheet(x);
    put_definitions(x, h, end);
    lxw_error failed = workbook_close(x->book);
    x->book = NULL;
    if (failed)
        return err_set(e, ERR_IO, _("%s cannot be written: %s"), x->path, lxw_strerror(failed));
    return 0;
}

static void destroy(void *self)
{
    struct xlsx *x = self;
    if (x->book)
        lxw_workbook_free(x->book); /* what was begun is not written */
    free(x->path);
    free(x);
}

const struct report_format report_format_xlsx = {create, head, section, row, end, destroy};
