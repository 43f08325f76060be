/* SPDX-License-Identifier: MIT */
#include "client/cli/report_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/instant.h"
#include "client/export/table.h"
#include "client/model/i18n.h"
#include "common/base/figure.h"

struct sheet {
    void (*put)(void *arg, const char *text);
    void *arg;
    int max_width;
};

static void say(const struct sheet *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(const struct sheet *s, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    s->put(s->arg, text);
    free(text);
}

bool report_text_adds_up(const Wangge__V1__Figure *f)
{
    const Wangge__V1__Counts *k = f->counts;
    if (f->denominator < 0 || f->numerator < 0)
        return false;
    if (!k)
        return true;
    return k->reported == k->valid + k->refused + k->voided + k->merged + k->undecided && k->closed <= k->valid &&
           k->self_closed <= k->closed && k->forced_closed <= k->closed;
}

static const char *metric_name(const Wangge__V1__Metric *m)
{
    if (!m)
        return "";
    return i18n_chinese() || !m->name_en[0] ? m->name : m->name_en;
}

static const char *definition_text(const Wangge__V1__Metric *m)
{
    return i18n_chinese() || !m->definition_en[0] ? m->definition : m->definition_en;
}

static const char *variant_name(const Wangge__V1__QueryMetricResponse *r)
{
    for (size_t i = 0; r->definition && i < r->definition->n_variants; i++) {
        const Wangge__V1__MetricVariant *v = r->definition->variants[i];
        if (strcmp(v->code, r->query->variant) == 0)
            return i18n_chinese() || !v->name_en[0] ? v->name : v->name_en;
    }
    return r->query->variant;
}

static char *fraction(const Wangge__V1__Figure *f, char out[2 * FIGURE_TEXT_MAX])
{
    char n[FIGURE_TEXT_MAX], d[FIGURE_TEXT_MAX];
    snprintf(out, 2 * FIGURE_TEXT_MAX, "%s/%s", figure_count(f->numerator, n), figure_count(f->denominator, d));
    return out;
}

/* 受理 18,400 (1.84万)  办结 14,904  办结率 81.00 % (14,904/18,400) */
static void say_total(const struct sheet *s, const Wangge__V1__QueryMetricResponse *r)
{
    char a[FIGURE_TEXT_MAX], b[FIGURE_TEXT_MAX], c[2 * FIGURE_TEXT_MAX];
    const Wangge__V1__Figure *f = r->total;
    if (f->counts) {
        say(s, "%s %s", C_("report", "Valid"), figure_count(f->counts->valid, a));
        if (f->counts->valid >= 10000 && i18n_chinese())
            say(s, " (%s)", figure_wan(f->counts->valid, b));
        say(s, "  %s %s  ", C_("report", "Closed"), figure_count(f->counts->closed, a));
    }
    say(s, "%s %s (%s)\n", metric_name(r->definition), figure_percent(f->numerator, f->denominator, a), fraction(f, c));
}

static void say_line(const struct sheet *s, const char *name, const char *text)
{
    enum { COLUMN = 12 };
    int pad = COLUMN - table_width(name);
    say(s, "%s%*s%s\n", name, pad > 1 ? pad : 1, "", text);
}

static void say_filters(const struct sheet *s, const Wangge__V1__MetricQuery *q)
{
    char text[512];
    size_t at = 0;
    const struct {
        const char *name, *value;
    } parts[] = {{_("region"), q->region_code}, {_("category"), q->category_prefix}, {_("organ"), q->organ_code}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %.64s", i ? "  " : "", parts[i].name,
                               parts[i].value[0] ? parts[i].value : _("all"));
    say_line(s, _("Filters"), text);
}

static void say_beside(const struct sheet *s, const Wangge__V1__Counts *k)
{
    char text[512];
    char n[7][FIGURE_TEXT_MAX], share[FIGURE_TEXT_MAX];
    snprintf(text, sizeof text, _("not accepted %s, voided %s, merged %s, undecided %s (of %s reported)"),
             figure_count(k->refused, n[0]), figure_count(k->voided, n[1]), figure_count(k->merged, n[2]),
             figure_count(k->undecided, n[3]), figure_count(k->reported, n[4]));
    say_line(s, _("Left out"), text);
    snprintf(text, sizeof text, _("self-settled %s (%s of closed), forced %s, reopened %s, suspended %s"),
             figure_count(k->self_closed, n[0]), figure_percent(k->self_closed, k->closed, share),
             figure_count(k->forced_closed, n[1]), figure_count(k->reopened, n[2]), figure_count(k->suspended, n[3]));
    say_line(s, _("Beside it"), text);
}

static void say_comparison(const struct sheet *s, const char *name, const Wangge__V1__Figure *now,
                           const Wangge__V1__Figure *then)
{
    char a[FIGURE_TEXT_MAX], b[2 * FIGURE_TEXT_MAX], points[FIGURE_TEXT_MAX], change[FIGURE_TEXT_MAX], text[512];
    if (!then)
        return;
    figure_points(now->numerator, now->denominator, then->numerator, then->denominator, points);
    if (now->counts && then->counts)
        figure_change(now->counts->valid, then->counts->valid, change);
    else
        snprintf(change, sizeof change, FIGURE_NONE);
    snprintf(text, sizeof text, _("%s (%s), %s points, valid %s; %s to %s"),
             figure_percent(then->numerator, then->denominator, a), fraction(then, b), points, change, then->from, then->to);
    say_line(s, name, text);
}

static void say_head(const struct sheet *s, const Wangge__V1__QueryMetricResponse *r)
{
    char text[512], when[INSTANT_TEXT_MAX];
    const Wangge__V1__MetricQuery *q = r->query;
    const Wangge__V1__Metric *m = r->definition;
    if (m) {
        const char *variant = r->query->variant[0] ? variant_name(r) : "";
        snprintf(text, sizeof text, "%s v%d %s%s%s", m->code, m->version, metric_name(m), variant[0] ? " / " : "", variant);
        say_line(s, _("Metric"), text);
        say_line(s, _("Definition"), definition_text(m));
    }
    snprintf(text, sizeof text, _("%s to %s, as of %s"), q->from, q->to, instant_format(instant_of(q->as_of), when));
    say_line(s, _("Window"), text);
    say_filters(s, q);
    if (r->total->counts)
        say_beside(s, r->total->counts);
    say_comparison(s, _("Year before"), r->total, r->year_earlier);
    say_comparison(s, _("Period before"), r->total, r->previous_period);
    snprintf(text, sizeof text, _("%s by %s"), instant_format(instant_of(r->pulled_at), when), r->pulled_by);
    say_line(s, _("Pulled"), text);
}

static void say_rows(const struct sheet *s, const Wangge__V1__QueryMetricResponse *r)
{
    char a[FIGURE_TEXT_MAX], b[2 * FIGURE_TEXT_MAX];
    struct table *t = table_create(9);
    if (!t || r->n_rows == 0) {
        table_destroy(t);
        return;
    }
    table_column(t, 0, _("Code"), false, false);
    table_column(t, 1, _("Name"), false, true);
    table_column(t, 2, C_("report", "Reported"), true, false);
    table_column(t, 3, C_("report", "Valid"), true, false);
    table_column(t, 4, C_("report", "Closed"), true, false);
    table_column(t, 5, metric_name(r->definition), true, false);
    table_column(t, 6, "n/d", true, false);
    table_column(t, 7, _("Self-settled"), true, false);
    table_column(t, 8, C_("report", "Suspended"), true, false);
    for (size_t i = 0; i < r->n_rows; i++) {
        const Wangge__V1__FigureRow *row = r->rows[i];
        const Wangge__V1__Figure *f = row->figure;
        static const Wangge__V1__Counts nothing = WANGGE__V1__COUNTS__INIT;
        const Wangge__V1__Counts *k = f && f->counts ? f->counts : &nothing;
        table_cell(t, row->key);
        table_cell(t, strcmp(row->name, row->key) == 0 ? "" : row->name); /* a month is its own name */
        table_cell(t, figure_count(k->reported, a));
        table_cell(t, figure_count(k->valid, a));
        table_cell(t, figure_count(k->closed, a));
        table_cell(t, f ? figure_percent(f->numerator, f->denominator, a) : FIGURE_NONE);
        table_cell(t, f ? fraction(f, b) : FIGURE_NONE);
        table_cell(t, figure_count(k->self_closed, a));
        table_cell(t, figure_count(k->suspended, a));
    }
    s->put(s->arg, "\n");
    table_write(t, s->max_width, s->put, s->arg);
    table_destroy(t);
}

void report_text_write(const Wangge__V1__QueryMetricResponse *r, int max_width, void (*put)(void *arg, const char *text),
                       void *arg)
{
    struct sheet s = {put, arg, max_width};
    say_total(&s, r);
    say_head(&s, r);
    say_rows(&s, r);
}
