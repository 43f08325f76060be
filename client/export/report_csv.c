/* SPDX-License-Identifier: MIT */
/*
 * A report as CSV (RFC 4180): each section a title row, a row of column names and its rows; rates as a number of percent with
 * numerator and denominator beside. What a spreadsheet would take for a formula gets an apostrophe before it. The last row
 * tells rows and digest; a file without it was cut.
 */
#include <iconv.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/export/report_impl.h"
#include "client/model/i18n.h"
#include "common/base/figure.h"

struct csv {
    FILE *out;
    bool chinese;
    bool bom;
    iconv_t to; /* (iconv_t)-1: UTF-8 as it is */
};

static void *create(const struct report_writer_options *o, FILE *out, struct err *e)
{
    struct csv *c = calloc(1, sizeof *c);
    if (!c) {
        (void)err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return NULL;
    }
    c->out = out;
    c->chinese = o->chinese;
    c->bom = o->bom && !o->gb18030;
    c->to = o->gb18030 ? iconv_open("GB18030//TRANSLIT", "UTF-8") : (iconv_t)-1;
    return c;
}

static int put_bytes(struct csv *c, const char *text, size_t n, struct err *e)
{
    char buf[4 * REPORT_TEXT_MAX];
    if (c->to == (iconv_t)-1)
        return fwrite(text, 1, n, c->out) == n ? 0 : err_errno(e, errno, "%s", _("The report cannot be written."));
    char *in = (char *)text;
    while (n > 0) {
        char *to = buf;
        size_t room = sizeof buf;
        (void)iconv(c->to, &in, &n, &to, &room);
        if (fwrite(buf, 1, (size_t)(to - buf), c->out) != (size_t)(to - buf))
            return err_errno(e, errno, "%s", _("The report cannot be written."));
        if (to == buf)
            break; /* nothing of the rest can be written in this character set */
    }
    return 0;
}

static int put_text(struct csv *c, const char *text, struct err *e)
{
    return put_bytes(c, text, strlen(text), e);
}

/* A field of text: quoted where it must be, never a formula. */
static int put_field(struct csv *c, const char *text, struct err *e)
{
    bool formula = *text && strchr("=+-@\t\r", *text) != NULL;
    bool quote = formula || strpbrk(text, ",\"\r\n") != NULL;
    int rc = quote ? put_text(c, "\"", e) : 0;
    if (!rc && formula)
        rc = put_text(c, "'", e);
    while (!rc && *text) {
        size_t n = strcspn(text, "\"");
        rc = put_bytes(c, text, n, e);
        text += n;
        if (!rc && *text == '"') {
            rc = put_text(c, "\"\"", e);
            text++;
        }
    }
    return !rc && quote ? put_text(c, "\"", e) : rc;
}

static int put_sep(struct csv *c, bool first, struct err *e)
{
    return first ? 0 : put_text(c, ",", e);
}

static int put_number(struct csv *c, int64_t n, struct err *e)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%lld", (long long)n);
    return put_text(c, text, e);
}

static int put_hundredths(struct csv *c, int64_t n, struct err *e)
{
    char text[32];
    int64_t a = n < 0 ? -n : n;
    (void)snprintf(text, sizeof text, "%s%lld.%02lld", n < 0 ? "-" : "", (long long)(a / 100), (long long)(a % 100));
    return put_text(c, text, e);
}

static int head(void *self, const Wangge__V1__ReportHead *h, struct err *e)
{
    struct csv *c = self;
    char text[REPORT_TEXT_MAX], when[32];
    int rc = c->bom ? put_text(c, "\xEF\xBB\xBF", e) : 0;
    if (!rc)
        rc = put_field(c, report_say(c->chinese, h->title, h->title_en), e);
    if (!rc)
        rc = put_text(c, ",", e);
    if (!rc)
        rc = put_field(c, report_scope_print(h, c->chinese, text), e);
    (void)snprintf(text, sizeof text, _("pulled %s by %s"), report_time_print(h->pulled_at, when), h->pulled_by);
    if (!rc)
        rc = put_text(c, ",", e);
    if (!rc)
        rc = put_field(c, text, e);
    return rc ? rc : put_text(c, "\r\n", e);
}

static bool is_ratio(const Wangge__V1__ReportColumn *col)
{
    return col->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE || col->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_CHANGE;
}

static int put_title(struct csv *c, const Wangge__V1__ReportColumn *col, const char *suffix, struct err *e)
{
    char text[REPORT_TEXT_MAX];
    const char *group = report_say(c->chinese, col->group, col->group_en);
    (void)snprintf(text, sizeof text, "%s%s%s%s", group, *group ? " " : "", report_say(c->chinese, col->title, col->title_en),
                   suffix);
    int rc = put_text(c, ",", e);
    return rc ? rc : put_field(c, text, e);
}

static int section(void *self, const Wangge__V1__ReportSection *s, struct err *e)
{
    struct csv *c = self;
    int rc = put_text(c, "\r\n", e);
    if (!rc)
        rc = put_field(c, report_say(c->chinese, s->title, s->title_en), e);
    if (!rc)
        rc = put_text(c, c->chinese ? "\r\n代码,名称" : "\r\ncode,name", e);
    for (size_t i = 0; !rc && i < s->n_columns; i++) {
        const Wangge__V1__ReportColumn *col = s->columns[i];
        bool percent = is_ratio(col) || col->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_POINTS;
        rc = put_title(c, col, percent ? " %" : "", e);
        if (!rc && is_ratio(col))
            rc = put_title(c, col, c->chinese ? " 分子" : " n", e);
        if (!rc && is_ratio(col))
            rc = put_title(c, col, c->chinese ? " 分母" : " d", e);
    }
    return rc ? rc : put_text(c, "\r\n", e);
}

static int put_cell(struct csv *c, const Wangge__V1__ReportColumn *col, const Wangge__V1__ReportCell *cell, struct err *e)
{
    char text[REPORT_TEXT_MAX];
    int64_t bp;
    int rc = put_text(c, ",", e);
    if (rc)
        return rc;
    switch (cell->value_case) {
    case WANGGE__V1__REPORT_CELL__VALUE_COUNT:
        return put_number(c, cell->count, e);
    case WANGGE__V1__REPORT_CELL__VALUE_SECONDS:
        return put_number(c, cell->seconds, e);
    case WANGGE__V1__REPORT_CELL__VALUE_POINTS:
        return put_hundredths(c, cell->points, e);
    case WANGGE__V1__REPORT_CELL__VALUE_RATIO:
        rc = report_cell_bp(cell, &bp) ? put_hundredths(c, bp, e) : put_text(c, FIGURE_NONE, e);
        if (!rc)
            rc = put_text(c, ",", e);
        if (!rc)
            rc = put_number(c, cell->ratio->n, e);
        if (!rc)
            rc = put_text(c, ",", e);
        return rc ? rc : put_number(c, cell->ratio->d, e);
    case WANGGE__V1__REPORT_CELL__VALUE_TEXT:
    case WANGGE__V1__REPORT_CELL__VALUE_TIME:
    case WANGGE__V1__REPORT_CELL__VALUE_NONE:
    case WANGGE__V1__REPORT_CELL__VALUE__NOT_SET:
    case _WANGGE__V1__REPORT_CELL__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    rc = put_field(c, report_cell_print(cell, col, c->chinese, text), e);
    if (!rc && is_ratio(col))
        rc = put_text(c, ",,", e);
    return rc;
}

static int row(void *self, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    struct csv *c = self;
    int rc = put_sep(c, true, e);
    if (!rc)
        rc = put_field(c, r->key, e);
    if (!rc)
        rc = put_text(c, ",", e);
    if (!rc)
        rc = put_field(c, report_say(c->chinese, r->name, r->name_en), e);
    for (size_t i = 0; !rc && i < s->n_columns; i++)
        rc = put_cell(c, s->columns[i], r->cells[i], e);
    return rc ? rc : put_text(c, "\r\n", e);
}

static int end(void *self, const Wangge__V1__ReportHead *h, const Wangge__V1__ReportEnd *end, struct err *e)
{
    struct csv *c = self;
    char text[REPORT_TEXT_MAX];
    int rc = put_text(c, "\r\n", e);
    for (size_t i = 0; !rc && i < h->n_definitions; i++) {
        const Wangge__V1__Metric *m = h->definitions[i];
        (void)snprintf(text, sizeof text, "%s v%d", m->code, m->version);
        rc = put_field(c, text, e);
        if (!rc)
            rc = put_text(c, ",", e);
        if (!rc)
            rc = put_field(c, report_say(c->chinese, m->name, m->name_en), e);
        if (!rc)
            rc = put_text(c, ",", e);
        if (!rc)
            rc = put_field(c, report_say(c->chinese, m->definition, m->definition_en), e);
        if (!rc)
            rc = put_text(c, "\r\n", e);
    }
    if (rc)
        return rc;
    if (!end)
        return put_text(c, "INCOMPLETE\r\n", e);
    (void)snprintf(text, sizeof text, "END,%lld,%s\r\n", (long long)end->rows, end->digest);
    return put_text(c, text, e);
}

static void destroy(void *self)
{
    struct csv *c = self;
    if (c->to != (iconv_t)-1)
        (void)iconv_close(c->to);
    free(c);
}

const struct report_format report_format_csv = {create, head, section, row, end, destroy};
