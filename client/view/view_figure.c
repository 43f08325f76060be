/* SPDX-License-Identifier: MIT */
/* The cases behind a figure: as many as the figure says, or it says that they are not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/report.h"
#include "client/model/moment.h"
#include "client/ui/list.h"
#include "client/view/app.h"
#include "client/view/figure_arg.h"
#include "common/base/figure.h"
#include "common/base/text.h"

struct figure_view {
    struct view view;
    struct figure_list model;
    struct list list;
    char metric[16], from[11], to[11], name[120];
    usec_t as_of;
    bool numerator;
    int64_t expected;
};

static const char *row_id(void *arg, size_t i)
{
    return ((struct figure_view *)arg)->model.rows[i]->case_->case_id;
}

static void on_rows(void *arg)
{
    struct figure_view *v = arg;
    if (v->model.status.why.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    app_changed(v->view.app);
}

static int figure_open(struct view *view, const void *arg)
{
    struct figure_view *v = (struct figure_view *)view;
    const struct figure_arg *a = arg;
    list_init(&v->list, row_id, v);
    text_copy(v->metric, sizeof v->metric, a->query->metric);
    text_copy(v->from, sizeof v->from, a->query->from);
    text_copy(v->to, sizeof v->to, a->query->to);
    text_copy(v->name, sizeof v->name, a->name);
    v->as_of = model_time(a->query->as_of);
    v->numerator = a->part == WANGGE__V1__FIGURE_PART__FIGURE_PART_NUMERATOR;
    v->expected = a->expected;
    return figure_list_init(&v->model, &view->app->env, a->query, a->breakdown, a->key, a->part, on_rows, v);
}

static void figure_close(struct view *view)
{
    struct figure_view *v = (struct figure_view *)view;
    figure_list_fini(&v->model);
    list_fini(&v->list);
}

static void figure_recalc(struct view *view)
{
    struct figure_view *v = (struct figure_view *)view;
    list_refresh(&v->list, v->model.n);
}

static void figure_paint(struct view *view, struct term *t, struct area a)
{
    struct figure_view *v = (struct figure_view *)view;
    char n[FIGURE_TEXT_MAX], when[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX], status[400], line[400];
    int cols = t->grid.cols, row = a.row, rows = a.rows - 4;
    usec_t now = app_now(view->app);
    bool loaded = v->model.status.loaded_at != USEC_NONE;
    grid_printf(&t->grid, row++, 1, cols - 2, ATTR_BOLD, _("%s of %s, %s  %s .. %s  as of %s"),
                v->numerator ? _("Numerator") : _("Denominator"), v->metric, v->name, v->from, v->to,
                moment_short(v->as_of, now, when));
    app_status_text(view->app, &v->model.status, status, sizeof status);
    if (loaded && v->model.total != v->expected)
        snprintf(line, sizeof line, _("The list has %s cases and the figure says otherwise: do not use it. %s"),
                 figure_count(v->model.total, n), status);
    else if (loaded)
        snprintf(line, sizeof line, _("%s cases, exactly the figure. %s"), figure_count(v->model.total, n), status);
    else
        text_copy(line, sizeof line, status);
    grid_put_cut(&t->grid, row++, 1, cols - 2, loaded && v->model.total != v->expected ? ATTR_BOLD | ATTR_RED : 0, line);
    chrome_rule(t, row++);
    int state = i18n_chinese() ? 8 : 12, subject = cols - 3 - 17 - 11 - 12 - state - 1;
    grid_put_cut(&t->grid, row, 3, 16, ATTR_DIM, _("Number"));
    grid_put_cut(&t->grid, row, 20, 10, ATTR_DIM, _("Category"));
    grid_put_cut(&t->grid, row, 31, subject, ATTR_DIM, _("Matter"));
    grid_put_cut(&t->grid, row, 32 + subject, 11, ATTR_DIM, C_("figure", "Reported"));
    grid_put_cut(&t->grid, row++, 44 + subject, state, ATTR_DIM, _("Stood"));
    if (loaded && v->model.n == 0)
        chrome_message(t, row, rows, _("No case is behind this figure."), NULL);
    size_t top = list_window(&v->list, (size_t)rows);
    for (int i = 0; i < rows && top + (size_t)i < v->model.n; i++) {
        const Wangge__V1__FigureCase *f = v->model.rows[top + (size_t)i];
        const Wangge__V1__Case *c = f->case_;
        bool here = top + (size_t)i == v->list.selected;
        char text[400];
        snprintf(text, sizeof text, "%s%s%s", c->address, c->address[0] ? " " : "", c->description);
        text_trim_partial(text);
        char date[16];
        clock_format_date(clock_local_day(model_time(c->reported_at), MOMENT_ZONE_S), date);
        grid_put(&t->grid, row + i, 0, 1, 0, here ? ">" : " ");
        grid_put_pad(&t->grid, row + i, 3, 16, here ? ATTR_REVERSE : 0, c->number);
        grid_put_cut(&t->grid, row + i, 20, 10, 0, c->category_name);
        grid_put_cut(&t->grid, row + i, 31, subject, 0, text);
        grid_put_cut(&t->grid, row + i, 32 + subject, 11, 0, date);
        grid_put_cut(&t->grid, row + i, 44 + subject, state, 0, labels_text(LABELS_STATE, (int)f->state_as_of, word));
        if (here) {
            t->cursor_row = row + i;
            t->cursor_col = 0;
        }
    }
}

static enum view_result figure_act(struct view *view, enum ui_action action)
{
    struct figure_view *v = (struct figure_view *)view;
    if (list_act(&v->list, action)) {
        if (v->list.selected + v->list.page >= v->model.n && v->model.more)
            figure_list_more(&v->model);
        return VIEW_HANDLED;
    }
    bool any = v->list.selected < v->model.n;
    switch ((int)action) {
    case UA_OPEN:
        if (any)
            app_push(view->app, &view_case, v->model.rows[v->list.selected]->case_);
        return VIEW_HANDLED;
    case UA_COPY:
        if (any) {
            term_copy(view->app->term, v->model.rows[v->list.selected]->case_->number);
            app_toast(view->app, _("Copied %s."), v->model.rows[v->list.selected]->case_->number);
        }
        return VIEW_HANDLED;
    case UA_REFRESH:
        figure_list_more(&v->model);
        return VIEW_HANDLED;
    case UA_MENU:
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool figure_allowed(struct view *view, enum ui_action action)
{
    return action != UA_MENU;
}

const struct view_ops view_figure = {
    .name = "figure",
    .title = N_("Cases behind the figure"),
    .context = CTX_FIGURE,
    .size = sizeof(struct figure_view),
    .open = figure_open,
    .recalc = figure_recalc,
    .paint = figure_paint,
    .act = figure_act,
    .allowed = figure_allowed,
    .close = figure_close,
};
