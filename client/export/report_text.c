/* SPDX-License-Identifier: MIT */
/* A report for the terminal: aligned tables, a block of rows at a time. */
#include <stdlib.h>
#include <string.h>

#include "client/export/report_impl.h"
#include "client/export/table.h"
#include "client/model/i18n.h"

enum { BLOCK_ROWS = 500 };

struct text {
    FILE *out;
    bool chinese;
    int width;
    struct table *table;
    char *titles[TABLE_COLUMNS_MAX]; /* the table borrows them */
    int rows;                        /* in the table */
    bool empty;                      /* a section began and has no row yet */
    bool failed;
    char note[REPORT_TEXT_MAX];
};

static void *create(const struct report_writer_options *o, FILE *out, struct err *e)
{
    struct text *t = calloc(1, sizeof *t);
    if (!t) {
        (void)err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return NULL;
    }
    t->out = out;
    t->chinese = o->chinese;
    t->width = o->width;
    return t;
}

static void put_line(void *arg, const char *line)
{
    struct text *t = arg;
    t->failed = t->failed || fputs(line, t->out) < 0;
}

static void forget_table(struct text *t)
{
    table_destroy(t->table);
    t->table = NULL;
    for (int i = 0; i < TABLE_COLUMNS_MAX; i++) {
        free(t->titles[i]);
        t->titles[i] = NULL;
    }
}

static int flush(struct text *t, struct err *e)
{
    if (t->table && t->rows > 0)
        table_write(t->table, t->width, put_line, t);
    forget_table(t);
    t->rows = 0;
    if (t->empty && !t->failed)
        put_line(t, t->chinese ? "（无）\n" : "(none)\n");
    t->empty = false;
    if (t->note[0] && !t->failed)
        put_line(t, t->note);
    t->note[0] = '\0';
    return t->failed ? err_set(e, ERR_IO, "%s", _("The report cannot be written.")) : 0;
}

static int head(void *self, const Wangge__V1__ReportHead *h, struct err *e)
{
    struct text *t = self;
    char scope[REPORT_TEXT_MAX], when[32], frozen[32];
    int rc = report_put(t->out, e, "%s  %s\n%s\n", h->code, report_say(t->chinese, h->title, h->title_en),
                        report_scope_print(h, t->chinese, scope));
    if (!rc)
        rc = report_put(t->out, e, _("pulled %s by %s\n"), report_time_print(h->pulled_at, when), h->pulled_by);
    if (!rc && *h->frozen_id)
        rc = report_put(t->out, e, _("frozen %s by %s\n"), report_time_print(h->frozen_at, frozen), h->frozen_by);
    return rc;
}

static bool is_rate(const Wangge__V1__ReportColumn *c)
{
    return c->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE;
}

static void title(const struct text *t, const Wangge__V1__ReportColumn *c, char out[REPORT_TEXT_MAX])
{
    const char *group = report_say(t->chinese, c->group, c->group_en);
    (void)snprintf(out, REPORT_TEXT_MAX, "%s%s%s", group, *group ? " " : "", report_say(t->chinese, c->title, c->title_en));
}

static int begin_table(struct text *t, const Wangge__V1__ReportSection *s, struct err *e)
{
    char text[REPORT_TEXT_MAX];
    int n = 1;
    for (size_t i = 0; i < s->n_columns; i++)
        n += 1 + is_rate(s->columns[i]);
    t->table = table_create(n < TABLE_COLUMNS_MAX ? n : TABLE_COLUMNS_MAX);
    if (!t->table)
        return err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
    table_column(t->table, 0, "", false, false);
    int at = 1;
    for (size_t i = 0; i < s->n_columns && at < TABLE_COLUMNS_MAX; i++) {
        bool left = s->columns[i]->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_TEXT;
        title(t, s->columns[i], text);
        t->titles[at] = strdup(text);
        table_column(t->table, at, t->titles[at] ? t->titles[at] : "", !left, left);
        at++;
        if (is_rate(s->columns[i]) && at < TABLE_COLUMNS_MAX)
            table_column(t->table, at++, "n/d", true, false);
    }
    return 0;
}

static int section(void *self, const Wangge__V1__ReportSection *s, struct err *e)
{
    struct text *t = self;
    int rc = flush(t, e);
    if (!rc)
        rc = report_put(t->out, e, "\n%s\n", report_say(t->chinese, s->title, s->title_en));
    t->empty = true;
    const char *note = report_say(t->chinese, s->note, s->note_en);
    if (*note)
        (void)snprintf(t->note, sizeof t->note, "%s\n", note);
    return rc;
}

/* More columns than a table has: one line a figure. */
static bool is_long(const Wangge__V1__ReportSection *s)
{
    int n = 1;
    for (size_t i = 0; i < s->n_columns; i++)
        n += 1 + is_rate(s->columns[i]);
    return n > TABLE_COLUMNS_MAX && s->kind != WANGGE__V1__SECTION_KIND__SECTION_KIND_HEAT;
}

static int long_row(struct text *t, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    char text[REPORT_TEXT_MAX], value[REPORT_TEXT_MAX], fraction[64];
    int rc = report_put(t->out, e, "%s %s\n", r->key, report_say(t->chinese, r->name, r->name_en));
    for (size_t i = 0; !rc && i < s->n_columns; i++) {
        title(t, s->columns[i], text);
        report_cell_fraction(r->cells[i], s->columns[i], fraction);
        int pad = 30 - table_width(text);
        rc = report_put(t->out, e, "  %s%*s %s%s%s%s\n", text, pad > 0 ? pad : 0, "",
                        report_cell_print(r->cells[i], s->columns[i], t->chinese, value), *fraction ? " (" : "", fraction,
                        *fraction ? ")" : "");
    }
    return rc;
}

static int row(void *self, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    struct text *t = self;
    char text[REPORT_TEXT_MAX], fraction[64];
    int rc = 0;
    t->empty = false;
    if (s->kind == WANGGE__V1__SECTION_KIND__SECTION_KIND_TEXT)
        return report_put(t->out, e, "%s\n", report_cell_print(r->cells[0], s->columns[0], t->chinese, text));
    if (is_long(s))
        return long_row(t, s, r, e);
    if (t->rows == BLOCK_ROWS)
        rc = flush(t, e);
    if (!rc && !t->table)
        rc = begin_table(t, s, e);
    if (rc)
        return rc;
    const char *name = report_say(t->chinese, r->name, r->name_en);
    bool fine = table_cell(t->table, *name ? name : r->key);
    int at = 1;
    for (size_t i = 0; fine && i < s->n_columns && at < TABLE_COLUMNS_MAX; i++, at++) {
        fine = table_cell(t->table, report_cell_print(r->cells[i], s->columns[i], t->chinese, text));
        if (fine && is_rate(s->columns[i]) && ++at < TABLE_COLUMNS_MAX)
            fine = table_cell(t->table, report_cell_fraction(r->cells[i], s->columns[i], fraction));
    }
    t->rows++;
    return fine ? 0 : err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
}

static int end(void *self, const Wangge__V1__ReportHead *h, const Wangge__V1__ReportEnd *end, struct err *e)
{
    struct text *t = self;
    int rc = flush(t, e);
    for (size_t i = 0; !rc && i < h->n_definitions; i++) {
        const Wangge__V1__Metric *m = h->definitions[i];
        rc = report_put(t->out, e, "%s%s v%d %s: %s\n", i ? "" : "\n", m->code, m->version,
                        report_say(t->chinese, m->name, m->name_en), report_say(t->chinese, m->definition, m->definition_en));
    }
    if (!rc && end)
        rc = report_put(t->out, e, _("\n%lld rows, digest %s\n"), (long long)end->rows, end->digest);
    else if (!rc)
        rc = report_put(t->out, e, "\n%s\n", _("INCOMPLETE: the report was cut off here; do not use it."));
    return rc;
}

static void destroy(void *self)
{
    struct text *t = self;
    forget_table(t);
    free(t);
}

const struct report_format report_format_text = {create, head, section, row, end, destroy};
