/* SPDX-License-Identifier: MIT */
/*
 * A report as one HTML file that needs nothing else: styles and bars inside, no script, printable on A4. Whatever a report
 * holds is text here, never markup.
 */
#include <stdlib.h>
#include <string.h>

#include "client/export/report_impl.h"
#include "client/model/i18n.h"
#include "common/base/figure.h"

enum { MAX_POINTS = 400, CHART_W = 720, CHART_H = 160, BP = 10000 };

struct html {
    FILE *out;
    bool chinese;
    bool in_table;
    bool empty; /* the table has no row yet */
    /* Of a trend or curve, until the section ends: the values of its bar column. */
    int64_t values[MAX_POINTS];
    int n_values;
    bool rates;
    bool drawn;
};

static void *create(const struct report_writer_options *o, FILE *out, struct err *e)
{
    struct html *h = calloc(1, sizeof *h);
    if (!h) {
        (void)err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return NULL;
    }
    h->out = out;
    h->chinese = o->chinese;
    return h;
}

static int put_escaped(struct html *h, const char *text, struct err *e)
{
    for (; *text; text++) {
        unsigned char ch = (unsigned char)*text;
        const char *as = ch == '<'    ? "&lt;"
                         : ch == '>'  ? "&gt;"
                         : ch == '&'  ? "&amp;"
                         : ch == '"'  ? "&quot;"
                         : ch == '\'' ? "&#39;"
                                      : NULL;
        int rc = as ? report_put(h->out, e, "%s", as) : ch < ' ' ? report_put(h->out, e, " ") : report_put(h->out, e, "%c", ch);
        if (rc)
            return rc;
    }
    return 0;
}

static int put_element(struct html *h, const char *open, const char *text, const char *close, struct err *e)
{
    int rc = report_put(h->out, e, "%s", open);
    if (!rc)
        rc = put_escaped(h, text, e);
    return rc ? rc : report_put(h->out, e, "%s", close);
}

static const char style[] =
    "@page{size:A4;margin:14mm}*{box-sizing:border-box}"
    "body{font:13px/1.5 \"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",sans-serif;color:#1a1a1a;margin:24px "
    "auto;max-width:1100px;padding:0 16px}"
    "h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:26px 0 8px;border-bottom:2px solid #20508f;padding-bottom:3px}"
    ".scope{color:#444}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    "th,td{border:1px solid #c8cdd4;padding:3px 7px;text-align:right;vertical-align:top}th{background:#eef2f7;font-weight:600}"
    "td.t,th.t{text-align:left}tr.total td{font-weight:700;background:#f6f6f0}td small{color:#666;white-space:nowrap}"
    ".kpi{display:flex;flex-wrap:wrap;gap:10px}.kpi div{border:1px solid #c8cdd4;border-radius:6px;padding:6px "
    "14px;min-width:120px}"
    ".kpi b{display:block;font-size:20px}.kpi span{color:#555}svg{display:block;margin:6px 0}"
    ".foot{margin-top:28px;color:#444;font-size:12px}.sign{display:flex;gap:80px;margin:26px 0 8px}"
    ".bad{border:3px solid #b00020;color:#b00020;padding:8px;font-weight:700}"
    "@media print{body{margin:0;max-width:none;padding:0}}";

static int head(void *self, const Wangge__V1__ReportHead *r, struct err *e)
{
    struct html *h = self;
    char scope[REPORT_TEXT_MAX], when[32];
    int rc =
        report_put(h->out, e,
                   "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                   "<title>",
                   h->chinese ? "zh-CN" : "en");
    if (!rc)
        rc = put_escaped(h, report_say(h->chinese, r->title, r->title_en), e);
    if (!rc)
        rc = report_put(h->out, e, "</title><style>%s</style></head><body>\n", style);
    if (!rc)
        rc = put_element(h, "<h1>", report_say(h->chinese, r->title, r->title_en), "</h1>\n", e);
    if (!rc)
        rc = put_element(h, "<div class=\"scope\">", report_scope_print(r, h->chinese, scope), "<br>", e);
    (void)snprintf(scope, sizeof scope, _("pulled %s by %s"), report_time_print(r->pulled_at, when), r->pulled_by);
    if (!rc)
        rc = put_escaped(h, scope, e);
    return rc ? rc : report_put(h->out, e, "</div>\n");
}

/* The line of a trend or curve, drawn when all its values are there. */
static int draw_line(struct html *h, struct err *e)
{
    int64_t most = h->rates ? BP : 1;
    if (h->n_values < 2)
        return 0;
    for (int i = 0; i < h->n_values; i++)
        most = h->values[i] > most ? h->values[i] : most;
    int rc =
        report_put(h->out, e,
                   "<svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\"><rect width=\"%d\" height=\"%d\" fill=\"#fafbfd\" "
                   "stroke=\"#c8cdd4\"/><polyline fill=\"none\" stroke=\"#20508f\" stroke-width=\"2\" points=\"",
                   CHART_W, CHART_H, CHART_W, CHART_H);
    for (int i = 0; !rc && i < h->n_values; i++)
        rc = report_put(h->out, e, "%d,%lld ", 10 + i * (CHART_W - 20) / (h->n_values - 1),
                        (long long)(CHART_H - 10 - h->values[i] * (CHART_H - 20) / most));
    return rc ? rc : report_put(h->out, e, "\"/></svg>\n");
}

static int end_section(struct html *h, struct err *e)
{
    int rc = 0;
    if (h->in_table && h->empty)
        rc = report_put(h->out, e, "<tr><td class=\"t\">%s</td></tr>", h->chinese ? "（无）" : "(none)");
    if (!rc && h->in_table)
        rc = report_put(h->out, e, "</tbody></table>\n");
    h->in_table = false;
    if (!rc && h->drawn)
        rc = draw_line(h, e);
    h->drawn = false;
    h->n_values = 0;
    return rc;
}

static bool is_text(const Wangge__V1__ReportColumn *c)
{
    return c->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_TEXT || c->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_TIME;
}

static bool has_bars(const Wangge__V1__ReportSection *s)
{
    return s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_RANKING && s->bar_column >= 0 &&
           (size_t)s->bar_column < s->n_columns;
}

/* Columns of one group under one heading. */
static int put_groups(struct html *h, const Wangge__V1__ReportSection *s, struct err *e)
{
    bool any = false;
    for (size_t i = 0; i < s->n_columns; i++)
        any = any || *s->columns[i]->group;
    int rc = any ? report_put(h->out, e, "<tr><th class=\"t\"></th>") : 0;
    for (size_t i = 0; !rc && any && i < s->n_columns;) {
        size_t n = 1;
        while (i + n < s->n_columns && strcmp(s->columns[i + n]->group, s->columns[i]->group) == 0)
            n++;
        rc = report_put(h->out, e, "<th colspan=\"%zu\" style=\"text-align:center\">", n);
        if (!rc)
            rc = put_element(h, "", report_say(h->chinese, s->columns[i]->group, s->columns[i]->group_en), "</th>", e);
        i += n;
    }
    return !rc && any ? report_put(h->out, e, "</tr>") : rc;
}

static int section(void *self, const Wangge__V1__ReportSection *s, struct err *e)
{
    struct html *h = self;
    int rc = end_section(h, e);
    if (!rc)
        rc = put_element(h, "<h2>", report_say(h->chinese, s->title, s->title_en), "</h2>\n", e);
    const char *note = report_say(h->chinese, s->note, s->note_en);
    if (!rc && *note)
        rc = put_element(h, "<p>", note, "</p>\n", e);
    h->drawn =
        s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TREND || s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_CURVE;
    h->rates = s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_CURVE;
    if (rc || s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TEXT ||
        s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_SUMMARY)
        return rc;
    rc = report_put(h->out, e, "<table><thead>");
    if (!rc)
        rc = put_groups(h, s, e);
    if (!rc)
        rc = report_put(h->out, e, "<tr><th class=\"t\"></th>");
    for (size_t i = 0; !rc && i < s->n_columns; i++)
        rc = put_element(h, is_text(s->columns[i]) ? "<th class=\"t\">" : "<th>",
                         report_say(h->chinese, s->columns[i]->title, s->columns[i]->title_en), "</th>", e);
    if (!rc && has_bars(s))
        rc = report_put(h->out, e, "<th class=\"t\" style=\"min-width:180px\"></th>");
    h->in_table = h->empty = true;
    return rc ? rc : report_put(h->out, e, "</tr></thead><tbody>\n");
}

static int put_bar(struct html *h, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportCell *c, struct err *e)
{
    int64_t bp = 0;
    if (!report_cell_bp(c, &bp))
        return report_put(h->out, e, "<td></td>");
    bool below = s->target_bp > 0 && bp < s->target_bp;
    int rc =
        report_put(h->out, e,
                   "<td class=\"t\"><svg viewBox=\"0 0 200 14\" width=\"200\" height=\"14\"><rect width=\"%lld\" height=\"14\" "
                   "fill=\"%s\"/>",
                   (long long)(bp > BP ? 200 : bp * 200 / BP), below ? "#c77700" : "#20508f");
    if (!rc && s->target_bp > 0)
        rc = report_put(h->out, e, "<line x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"14\" stroke=\"#b00020\" stroke-width=\"2\"/>",
                        s->target_bp * 200 / BP, s->target_bp * 200 / BP);
    return rc ? rc : report_put(h->out, e, "</svg></td>");
}

static int put_cell(struct html *h, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportColumn *col,
                    const Wangge__V1__ReportCell *c, struct err *e)
{
    char text[REPORT_TEXT_MAX], fraction[64];
    int rc;
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_HEAT && c->value_case == WANGGE__V1__REPORT_CELL__VALUE_COUNT) {
        /* A shade for every doubling: rows come one by one, and none may look darker than another with more. */
        int shade = 0;
        while (shade < 12 && c->count >> shade)
            shade++;
        rc = report_put(h->out, e, "<td style=\"background:rgba(32,80,143,0.%02d)\">", 6 * shade);
    } else {
        rc = report_put(h->out, e, is_text(col) ? "<td class=\"t\">" : "<td>");
    }
    if (!rc)
        rc = put_escaped(h, report_cell_print(c, col, h->chinese, text), e);
    if (!rc && *report_cell_fraction(c, col, fraction))
        rc = report_put(h->out, e, " <small>%s</small>", fraction);
    return rc ? rc : report_put(h->out, e, "</td>");
}

static int summary(struct html *h, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    char text[REPORT_TEXT_MAX], fraction[64];
    int rc = report_put(h->out, e, "<div class=\"kpi\">");
    for (size_t i = 0; !rc && i < s->n_columns; i++) {
        rc = put_element(h, "<div><span>", report_say(h->chinese, s->columns[i]->title, s->columns[i]->title_en), "</span><b>",
                         e);
        if (!rc)
            rc = put_escaped(h, report_cell_print(r->cells[i], s->columns[i], h->chinese, text), e);
        if (!rc)
            rc = report_put(h->out, e, "</b><small>%s</small></div>",
                            report_cell_fraction(r->cells[i], s->columns[i], fraction));
    }
    return rc ? rc : report_put(h->out, e, "</div>\n");
}

static void keep_value(struct html *h, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r)
{
    int64_t v = 0;
    size_t column = h->rates ? s->n_columns - 1 : s->bar_column >= 0 ? (size_t)s->bar_column : 0;
    if (!h->drawn || r->total || h->n_values == MAX_POINTS || column >= s->n_columns)
        return;
    if (h->rates)
        (void)report_cell_bp(r->cells[column], &v);
    else if (r->cells[column]->value_case == WANGGE__V1__REPORT_CELL__VALUE_COUNT)
        v = r->cells[column]->count;
    h->values[h->n_values++] = v;
}

static int row(void *self, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    struct html *h = self;
    char text[REPORT_TEXT_MAX];
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_SUMMARY)
        return summary(h, s, r, e);
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TEXT)
        return put_element(h, "<p>", report_cell_print(r->cells[0], s->columns[0], h->chinese, text), "</p>\n", e);
    h->empty = false;
    keep_value(h, s, r);
    const char *name = report_say(h->chinese, r->name, r->name_en);
    int rc = put_element(h, r->total ? "<tr class=\"total\"><td class=\"t\">" : "<tr><td class=\"t\">", *name ? name : r->key,
                         "</td>", e);
    for (size_t i = 0; !rc && i < s->n_columns; i++)
        rc = put_cell(h, s, s->columns[i], r->cells[i], e);
    if (!rc && has_bars(s))
        rc = put_bar(h, s, r->cells[s->bar_column], e);
    return rc ? rc : report_put(h->out, e, "</tr>\n");
}

static int end(void *self, const Wangge__V1__ReportHead *r, const Wangge__V1__ReportEnd *end, struct err *e)
{
    struct html *h = self;
    int rc = end_section(h, e);
    if (!rc && !end)
        return put_element(h, "<p class=\"bad\">", _("INCOMPLETE: the report was cut off here; do not use it."),
                           "</p></body></html>\n", e);
    if (!rc)
        rc = report_put(
            h->out, e, "<div class=\"sign\"><span>%s</span><span>%s</span><span>%s</span></div>\n<div class=\"foot\">",
            h->chinese ? "制表：" : "Made by:", h->chinese ? "审核：" : "Checked by:", h->chinese ? "签发：" : "Issued by:");
    if (!rc)
        rc = put_element(h, "<h2>", h->chinese ? "口径" : "Definitions", "</h2>", e);
    for (size_t i = 0; !rc && i < r->n_definitions; i++) {
        const Wangge__V1__Metric *m = r->definitions[i];
        rc = report_put(h->out, e, "<p><b>%s v%d ", m->code, m->version);
        if (!rc)
            rc = put_element(h, "", report_say(h->chinese, m->name, m->name_en), "</b> ", e);
        if (!rc)
            rc = put_element(h, "", report_say(h->chinese, m->definition, m->definition_en), "</p>\n", e);
    }
    if (!rc)
        rc = report_put(h->out, e, "<p>%s %lld · SHA-256 %s</p></div></body></html>\n", h->chinese ? "行数" : "rows",
                        (long long)end->rows, end->digest);
    return rc;
}

static void destroy(void *self)
{
    free(self);
}

const struct report_format report_format_html = {create, head, section, row, end, destroy};
