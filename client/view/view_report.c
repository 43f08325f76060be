/* SPDX-License-Identifier: MIT */
/*
 * The report (S6): one metric over a period, in total and broken down, each row with n/d and a bar, with the definition,
 * the window and the as-of time beside it. Enter opens the cases behind a row.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/report.h"
#include "client/model/moment.h"
#include "client/ui/bars.h"
#include "client/ui/field.h"
#include "client/ui/list.h"
#include "client/view/app.h"
#include "client/view/figure_arg.h"
#include "client/view/reports_arg.h"
#include "common/base/figure.h"
#include "common/base/text.h"

enum { PROBE_MONTHS = 24, PROBE_MONTHS_MAX = 120 };
enum { YEARS = 6, NAME_COLS = 18, SIDE_COLS = 110, SIDE_WIDTH = 34 };

/* Values of the F4 menu. */
enum { SET_METRIC = 100, SET_BREAKDOWN = 200, SET_MONTH = 300, SET_YEAR = 400, SET_REGION = 500, SET_HOME = 501 };

static const char *const metrics[] = {"K01", "K03", "K04", "K16"};
static const char *const metric_names[] = {N_("completion rate"), N_("period completion rate"), N_("raw completion rate"),
                                           N_("share settled on the spot")};
static const char *const breakdown_names[] = {N_("by region"), N_("by category"), N_("by organ"), N_("by month")};

struct report_view {
    struct view view;
    struct report report;
    struct list list;    /* row 0 is the total */
    bool years;          /* the period is a year, else a month */
    int back;            /* periods before the present one */
    struct report probe; /* the months before, if the present one is empty at the opening */
    int probed;          /* months it has looked at; -1: the person chose the period */
};

static const char *row_id(void *arg, size_t i)
{
    const struct report_view *v = arg;
    return i == 0 || !v->report.data || i > v->report.data->n_rows ? "total" : v->report.data->rows[i - 1]->key;
}

static void on_report(void *arg)
{
    struct report_view *v = arg;
    if (v->report.status.why.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    app_changed(v->view.app);
}

static void set_period(struct report_view *v)
{
    struct report *r = &v->report;
    usec_t now = app_now(v->view.app);
    if (v->years) {
        struct civil c;
        clock_to_civil(now, MOMENT_ZONE_S, &c);
        clock_format_date(clock_days_from_civil(c.year - v->back, 1, 1), r->from);
        clock_format_date(clock_days_from_civil(c.year - v->back, 12, 31), r->to);
    } else {
        moment_month(now, -v->back, r->from, r->to);
    }
}

static void ask(struct report_view *v)
{
    set_period(v);
    report_refresh(&v->report);
}

/* A month with nothing in it is a poor beginning: goes to the last one that has data. Two questions at most. */
static void look_back(struct report_view *v)
{
    char unused[11];
    usec_t now = app_now(v->view.app);
    const struct report *asked = &v->report;
    if (v->probed < 0 || asked->status.state != MODEL_READY || asked->status.busy || !asked->data || !asked->data->total)
        return;
    const Wangge__V1__Figure *f = v->report.data->total;
    if (f->denominator > 0 || (f->counts && f->counts->reported > 0)) {
        v->probed = -1;
        return;
    }
    struct report *p = &v->probe;
    if (p->status.busy)
        return;
    for (size_t i = p->data && v->probed ? p->data->n_rows : 0; i > 0; i--) {
        const Wangge__V1__FigureRow *r = p->data->rows[i - 1];
        if (!r->figure || (r->figure->denominator == 0 && (!r->figure->counts || r->figure->counts->reported == 0)))
            continue;
        char date[11];
        int32_t day;
        struct civil then, today;
        snprintf(date, sizeof date, "%.7s-01", r->key);
        if (!clock_parse_date(date, &day))
            continue;
        clock_to_civil(day * INT64_C(86400) * USEC_PER_SEC, 0, &then);
        clock_to_civil(now, MOMENT_ZONE_S, &today);
        v->back = (today.year - then.year) * 12 + today.month - then.month;
        v->probed = -1;
        app_toast(v->view.app, "%s", _("Nothing is known of this month yet: this is the last one with data."));
        ask(v);
        return;
    }
    if (p->status.state == MODEL_FAILED || p->status.state == MODEL_STALE || v->probed >= PROBE_MONTHS_MAX) {
        v->probed = -1; /* then the empty month stands, and says what to do */
        return;
    }
    v->probed = v->probed == 0 ? PROBE_MONTHS : PROBE_MONTHS_MAX;
    moment_month(now, -v->probed + 1, p->from, unused);
    moment_month(now, 0, unused, p->to);
    report_refresh(p);
}

static int report_open(struct view *view, const void *arg)
{
    struct report_view *v = (struct report_view *)view;
    report_init(&v->report, &view->app->env, on_report, v);
    report_init(&v->probe, &view->app->env, on_report, v);
    v->probe.breakdown = WANGGE__V1__BREAKDOWN__BREAKDOWN_MONTH;
    v->probe.alone = true;
    list_init(&v->list, row_id, v);
    ask(v);
    return 0;
}

static void report_close(struct view *view)
{
    struct report_view *v = (struct report_view *)view;
    report_fini(&v->report);
    report_fini(&v->probe);
    list_fini(&v->list);
}

static void report_recalc(struct view *view)
{
    struct report_view *v = (struct report_view *)view;
    look_back(v);
    list_refresh(&v->list, v->report.data ? v->report.data->n_rows + 1 : 0);
}

/* --- Painting --- */

/* The dash of an undefined rate may be two columns wide where glyphs are not known to be narrow. */
static const char *rate_text(const struct term *t, int64_t n, int64_t d, char out[FIGURE_TEXT_MAX])
{
    return d > 0 || t->charset == TERM_CHARSET_UNICODE ? figure_percent(n, d, out) : "--";
}

static const char *points_text(const struct term *t, const Wangge__V1__Figure *now, const Wangge__V1__Figure *then,
                               char out[FIGURE_TEXT_MAX])
{
    if (t->charset != TERM_CHARSET_UNICODE && (now->denominator <= 0 || then->denominator <= 0))
        return "--";
    return figure_points(now->numerator, now->denominator, then->numerator, then->denominator, out);
}

static int paint_kpi(struct term *t, int row, int col, const char *label, const char *value)
{
    int x = col + grid_put_cut(&t->grid, row, col, 24, ATTR_DIM, label) + 1;
    x += grid_put_cut(&t->grid, row, x, 24, ATTR_BOLD, value);
    return x + 3;
}

static void paint_kpis(const Wangge__V1__QueryMetricResponse *d, struct term *t, int row)
{
    char n[FIGURE_TEXT_MAX];
    const Wangge__V1__Counts *k = d->total->counts;
    int x = 1;
    if (k) {
        x = paint_kpi(t, row, x, C_("figure", "Reported"), figure_count(k->reported, n));
        x = paint_kpi(t, row, x, _("Valid"), figure_count(k->valid, n));
        x = paint_kpi(t, row, x, _("Closed"), figure_count(k->closed, n));
    }
    const char *name = d->definition ? i18n_chinese() ? d->definition->name : d->definition->name_en : d->query->metric;
    paint_kpi(t, row++, x, name, rate_text(t, d->total->numerator, d->total->denominator, n));
    x = 1;
    if (d->year_earlier)
        x = paint_kpi(t, row, x, _("on last year"), points_text(t, d->total, d->year_earlier, n));
    if (d->previous_period)
        x = paint_kpi(t, row, x, _("on last period"), points_text(t, d->total, d->previous_period, n));
    if (d->year_earlier || d->previous_period)
        grid_put_cut(&t->grid, row, x - 2, 20, ATTR_DIM, _("points"));
    if (k && x < t->grid.cols - 30)
        paint_kpi(t, row, x + 8, _("settled on the spot"), rate_text(t, k->self_closed, k->closed, n));
}

static void paint_bar_row(struct report_view *v, struct term *t, int row, int width, size_t i)
{
    const Wangge__V1__QueryMetricResponse *d = v->report.data;
    const Wangge__V1__Figure *f = i == 0 ? d->total : d->rows[i - 1]->figure;
    const char *name = i == 0 ? _("Total") : d->rows[i - 1]->name[0] ? d->rows[i - 1]->name : d->rows[i - 1]->key;
    bool here = i == v->list.selected;
    char rate[FIGURE_TEXT_MAX], n[FIGURE_TEXT_MAX], den[FIGURE_TEXT_MAX], frac[2 * FIGURE_TEXT_MAX];
    grid_put(&t->grid, row, 0, 1, 0, here ? ">" : " ");
    grid_put_pad(&t->grid, row, 1, NAME_COLS, here ? ATTR_REVERSE : i == 0 ? ATTR_BOLD : 0, name);
    char shown[16];
    width_pad(shown, sizeof shown, rate_text(t, f->numerator, f->denominator, rate), -9);
    grid_put(&t->grid, row, NAME_COLS + 1, 9, i == 0 ? ATTR_BOLD : 0, shown);
    snprintf(frac, sizeof frac, "%s/%s", figure_count(f->numerator, n), figure_count(f->denominator, den));
    int frac_cols = 16, bar_col = NAME_COLS + 11, bar = width - bar_col - frac_cols - 1;
    bars_paint(t, row, bar_col, bar, f->numerator, f->denominator, -1, 0);
    char frac_shown[2 * FIGURE_TEXT_MAX];
    width_pad(frac_shown, sizeof frac_shown, frac, -frac_cols);
    grid_put(&t->grid, row, width - frac_cols, frac_cols, 0, frac_shown);
    if (here) {
        t->cursor_row = row;
        t->cursor_col = 0;
    }
}

static void paint_counts(const Wangge__V1__Counts *k, struct term *t, int row, int col, int width)
{
    const struct {
        const char *label;
        int64_t n;
    } lines[] = {
        {C_("figure", "Reported"), k ? k->reported : 0},
        {_("Valid"), k ? k->valid : 0},
        {_("Refused"), k ? k->refused : 0},
        {_("Voided"), k ? k->voided : 0},
        {_("Merged"), k ? k->merged : 0},
        {_("Undecided"), k ? k->undecided : 0},
        {_("Closed"), k ? k->closed : 0},
        {_("Settled on the spot"), k ? k->self_closed : 0},
        {_("Forced closed"), k ? k->forced_closed : 0},
        {C_("figure", "Suspended"), k ? k->suspended : 0},
        {_("Reopened"), k ? k->reopened : 0},
    };
    char n[FIGURE_TEXT_MAX], shown[FIGURE_TEXT_MAX];
    grid_put_cut(&t->grid, row++, col, width, ATTR_BOLD, _("The cohort by standing"));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        grid_put_cut(&t->grid, row, col, width - 10, 0, lines[i].label);
        width_pad(shown, sizeof shown, figure_count(lines[i].n, n), -10);
        grid_put(&t->grid, row++, col + width - 10, 10, 0, shown);
    }
}

/* What a figure is worth nothing without. */
static int paint_definition(const struct report_view *v, struct term *t, int row, int rows)
{
    const Wangge__V1__QueryMetricResponse *d = v->report.data;
    const Wangge__V1__Metric *m = d->definition;
    char text[1200], at[MOMENT_TEXT_MAX], as_of[MOMENT_TEXT_MAX];
    usec_t now = app_now(v->view.app);
    snprintf(text, sizeof text, _("%s v%d: %s   As of %s; pulled %s by %s."), m ? m->code : d->query->metric,
             m ? (int)m->version : 0, m ? i18n_chinese() ? m->definition : m->definition_en : "",
             moment_short(model_time(d->query->as_of), now, as_of), moment_short(model_time(d->pulled_at), now, at),
             d->pulled_by);
    size_t len = strlen(text), pos = 0;
    for (int i = 0; i < rows && pos < len; i++) {
        size_t next, n = field_wrap(text + pos, len - pos, t->grid.cols - 2, &next);
        grid_putn(&t->grid, row++, 1, t->grid.cols - 2, ATTR_DIM, text + pos, n);
        pos += next;
    }
    return row;
}

static int breakdown_index(const struct report_view *v)
{
    int b = (int)v->report.breakdown - (int)WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION;
    return b >= 0 && b < 4 ? b : 0;
}

static void report_paint(struct view *view, struct term *t, struct area a)
{
    struct report_view *v = (struct report_view *)view;
    const struct report *r = &v->report;
    int cols = t->grid.cols, row = a.row, end = a.row + a.rows;
    char status[400], where[160] = "";
    app_tabs(view->app, row++, &view_report);
    size_t metric = 0;
    while (metric < 3 && strcmp(metrics[metric], r->metric) != 0)
        metric++;
    const Wangge__V1__Region *region = directory_region(&view->app->directory, r->region_code);
    if (r->region_code[0])
        snprintf(where, sizeof where, "  %s", region ? region->name : r->region_code);
    int used = grid_printf(&t->grid, row, 1, cols - 2, ATTR_BOLD, "%s %s  %s .. %s  %s%s", r->metric, _(metric_names[metric]),
                           r->from, r->to, _(breakdown_names[breakdown_index(v)]), where);
    app_status_text(view->app, &r->status, status, sizeof status);
    if (used + 4 < cols)
        grid_put_cut(&t->grid, row, used + 4, cols - used - 5, ATTR_YELLOW, status);
    row++;
    chrome_rule(t, row++);
    const Wangge__V1__QueryMetricResponse *d = r->data;
    if (!d || !d->total) {
        chrome_message(t, row, end - row, view->app->logged_in ? status : _("Reports need the server. Log in first."),
                       _("F5 tries again; F4 changes the question."));
        return;
    }
    paint_kpis(d, t, row);
    row += 2;
    chrome_rule(t, row++);
    bool side = cols >= SIDE_COLS;
    int width = side ? cols - SIDE_WIDTH - 3 : cols - 1, rows = end - row - 4;
    size_t top = list_window(&v->list, (size_t)rows);
    for (int i = 0; i < rows && top + (size_t)i < v->list.n; i++)
        paint_bar_row(v, t, row + i, width, top + (size_t)i);
    if (d->n_rows == 0 && d->total->denominator == 0)
        grid_put_cut(&t->grid, row + 2, 3, width - 4, 0,
                     _("Nothing in this period. [ goes to the one before, F4 chooses a year."));
    if (side) {
        for (int i = 0; i < rows; i++)
            grid_put(&t->grid, row + i, width + 1, 1, 0, term_glyph(t, GLYPH_VLINE));
        const Wangge__V1__Figure *f =
            v->list.selected == 0 || v->list.selected > d->n_rows ? d->total : d->rows[v->list.selected - 1]->figure;
        paint_counts(f->counts, t, row, width + 3, SIDE_WIDTH - 2);
    }
    chrome_rule(t, end - 4);
    paint_definition(v, t, end - 3, 3);
}

/* --- Keys --- */

static void open_figure(struct report_view *v, Wangge__V1__FigurePart part)
{
    const Wangge__V1__QueryMetricResponse *d = v->report.data;
    if (!d || !d->total || v->list.selected > d->n_rows)
        return;
    bool total = v->list.selected == 0;
    const Wangge__V1__FigureRow *r = total ? NULL : d->rows[v->list.selected - 1];
    const Wangge__V1__Figure *f = total ? d->total : r->figure;
    struct figure_arg arg = {
        .query = d->query,
        .breakdown = total ? WANGGE__V1__BREAKDOWN__BREAKDOWN_NONE : v->report.breakdown,
        .key = total ? "" : r->key,
        .name = total ? _("Total") : r->name,
        .part = part,
        .expected = part == WANGGE__V1__FIGURE_PART__FIGURE_PART_NUMERATOR ? f->numerator : f->denominator,
    };
    app_push(v->view.app, &view_figure, &arg);
}

static void on_menu(struct view *view, int value)
{
    struct report_view *v = (struct report_view *)view;
    v->probed = -1;
    if (value >= SET_REGION) {
        bool region = v->report.breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION;
        const Wangge__V1__QueryMetricResponse *d = v->report.data;
        if (value == SET_HOME)
            v->report.region_code[0] = 0;
        else if (region && d && v->list.selected > 0 && v->list.selected <= d->n_rows)
            text_copy(v->report.region_code, sizeof v->report.region_code, d->rows[v->list.selected - 1]->key);
        list_select(&v->list, 0);
    } else if (value >= SET_YEAR) {
        v->years = true;
        v->back = value - SET_YEAR;
    } else if (value >= SET_MONTH) {
        v->years = false;
        v->back = value - SET_MONTH;
    } else if (value >= SET_BREAKDOWN) {
        v->report.breakdown = (Wangge__V1__Breakdown)(value - SET_BREAKDOWN + (int)WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION);
    } else {
        text_copy(v->report.metric, sizeof v->report.metric, metrics[value - SET_METRIC]);
    }
    ask(v);
}

static void open_menu(struct report_view *v)
{
    struct menu *m = app_menu(&v->view, _("Change the question"), on_menu);
    char text[120];
    struct civil c;
    clock_to_civil(app_now(v->view.app), MOMENT_ZONE_S, &c);
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "%s %s", metrics[i], _(metric_names[i]));
        menu_add(m, SET_METRIC + i, text);
    }
    for (int i = 0; i < 4; i++)
        menu_add(m, SET_BREAKDOWN + i, _(breakdown_names[i]));
    menu_add(m, SET_MONTH, _("this month"));
    for (int i = 0; i < YEARS; i++) {
        snprintf(text, sizeof text, _("the year %d"), c.year - i);
        menu_add(m, SET_YEAR + i, text);
    }
    if (v->report.breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION && v->list.selected > 0)
        menu_add(m, SET_REGION, _("only the region under the cursor"));
    if (v->report.region_code[0])
        menu_add(m, SET_HOME, _("back to my whole region"));
}

static enum view_result report_act(struct view *view, enum ui_action action)
{
    struct report_view *v = (struct report_view *)view;
    if (list_act(&v->list, action))
        return VIEW_HANDLED;
    int b = breakdown_index(v);
    switch ((int)action) {
    case UA_OPEN:
        open_figure(v, WANGGE__V1__FIGURE_PART__FIGURE_PART_NUMERATOR);
        return VIEW_HANDLED;
    case UA_DENOMINATOR:
        open_figure(v, WANGGE__V1__FIGURE_PART__FIGURE_PART_DENOMINATOR);
        return VIEW_HANDLED;
    case UA_PREV_PERIOD:
        v->probed = -1;
        v->back++;
        ask(v);
        return VIEW_HANDLED;
    case UA_NEXT_PERIOD:
        if (v->back > 0) {
            v->back--;
            ask(v);
        } else {
            app_toast(view->app, "%s", _("This is the present period."));
        }
        return VIEW_HANDLED;
    case UA_NEXT_PANE:
    case UA_PREV_PANE:
        v->report.breakdown =
            (Wangge__V1__Breakdown)((b + (action == UA_NEXT_PANE ? 1 : 3)) % 4 + (int)WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION);
        list_select(&v->list, 0);
        ask(v);
        return VIEW_HANDLED;
    case UA_REPORTS: {
        struct reports_arg arg = {v->report.from, v->report.to, v->report.region_code};
        app_push(view->app, &view_reports, &arg);
        return VIEW_HANDLED;
    }
    case UA_REFRESH:
        ask(v);
        return VIEW_HANDLED;
    case UA_MENU:
        open_menu(v);
        return VIEW_HANDLED;
    case UA_BACK:
        if (!v->report.status.busy)
            return VIEW_IGNORED;
        report_cancel(&v->report);
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool report_busy(struct view *view)
{
    return ((struct report_view *)view)->report.status.busy;
}

const struct view_ops view_report = {
    .name = "report",
    .title = N_("Report"),
    .context = CTX_REPORT,
    .size = sizeof(struct report_view),
    .open = report_open,
    .recalc = report_recalc,
    .paint = report_paint,
    .act = report_act,
    .busy = report_busy,
    .close = report_close,
};
