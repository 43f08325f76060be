/* SPDX-License-Identifier: MIT */
/*
 * All reports: the built-in and saved ones to choose from, and the one that was opened as text, the very text the command line
 * prints. A report whose end or digest is missing is not shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/export/report_writer.h"
#include "client/model/i18n.h"
#include "client/model/report_pull.h"
#include "client/model/request.h"
#include "client/rpc/methods.h"
#include "client/ui/list.h"
#include "client/view/app.h"
#include "client/view/reports_arg.h"
#include "common/base/text.h"

enum { LINES_MAX = 20000, LINE_BYTES = 1024, CODE_COLS = 14, NAME_COLS = 22 };

struct reports_view {
    struct view view;
    char from[11], to[11], region[16];
    Wangge__V1__ListReportsResponse *all;
    struct request *call;
    struct model_status status;
    struct list list;
    /* The report that is open; text is NULL until it is whole. */
    bool reading;
    char code[40];
    struct report_pull pull;
    struct report_writer *writer;
    FILE *out;
    char *text;
    size_t text_len;
    char **lines; /* into text */
    int n_lines;
    int top, left, rows;
    struct err failed;
};

static const char *row_id(void *arg, size_t i)
{
    const struct reports_view *v = arg;
    return v->all && i < v->all->n_reports ? v->all->reports[i]->code : "";
}

static void on_listed(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct reports_view *v = arg;
    ProtobufCMessage *copy = msg ? model_copy(msg) : NULL;
    if (r->err.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    if (copy) {
        model_free(v->all);
        v->all = (Wangge__V1__ListReportsResponse *)copy;
        model_status_done(&v->status, app_now(v->view.app));
    } else {
        if (r->err.code == 0)
            err_set(&r->err, ERR_NOMEM, "%s", _("Out of memory."));
        model_status_fail(&v->status, &r->err);
    }
    app_changed(v->view.app);
}

static void ask_list(struct reports_view *v)
{
    Wangge__V1__ListReportsRequest req = WANGGE__V1__LIST_REPORTS_REQUEST__INIT;
    model_status_begin(&v->status);
    if (request_start(&v->view.app->env, &methods_list_reports, &req.base, on_listed, v, &v->call) != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        model_status_fail(&v->status, &e);
    }
}

static void forget_text(struct reports_view *v)
{
    report_pull_cancel(&v->pull);
    report_writer_destroy(v->writer);
    v->writer = NULL;
    if (v->out)
        fclose(v->out);
    v->out = NULL;
    free(v->text);
    v->text = NULL;
    free(v->lines);
    v->lines = NULL;
    v->n_lines = 0;
    v->top = v->left = 0;
}

/* Takes the text apart into lines. */
static void split(struct reports_view *v)
{
    int n = 1;
    for (const char *p = v->text; p && *p; p++)
        n += *p == '\n';
    v->lines = calloc((size_t)(n < LINES_MAX ? n : LINES_MAX), sizeof *v->lines);
    char *at = v->text;
    while (v->lines && at && *at && v->n_lines < LINES_MAX) {
        char *end = strchr(at, '\n');
        v->lines[v->n_lines++] = at;
        if (end)
            *end = '\0';
        at = end ? end + 1 : NULL;
    }
}

static void on_part(void *arg, const Wangge__V1__ReportPart *part)
{
    struct reports_view *v = arg;
    struct err e;
    if (v->writer && !v->failed.code && report_writer_part(v->writer, part, &e))
        v->failed = e;
}

static void on_end(void *arg, const struct err *why)
{
    struct reports_view *v = arg;
    struct err e;
    if (!v->failed.code && why->code)
        v->failed = *why;
    if (v->writer && report_writer_finish(v->writer, &e) && !v->failed.code)
        v->failed = e;
    report_writer_destroy(v->writer);
    v->writer = NULL;
    if (v->out)
        fclose(v->out); /* makes the text whole */
    v->out = NULL;
    if (why->code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    if (!v->failed.code)
        split(v);
    app_changed(v->view.app);
}

static void read_report(struct reports_view *v)
{
    Wangge__V1__PullReportRequest req = WANGGE__V1__PULL_REPORT_REQUEST__INIT;
    Wangge__V1__ReportFilter filter = WANGGE__V1__REPORT_FILTER__INIT;
    struct report_writer_options o = {.format = WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_TEXT, .chinese = i18n_chinese()};
    forget_text(v);
    v->failed = (struct err){0};
    v->reading = true;
    v->out = open_memstream(&v->text, &v->text_len);
    o.out = v->out;
    v->writer = v->out ? report_writer_create(&o, &v->failed) : NULL;
    req.code = v->code;
    req.from = v->from;
    req.to = v->to;
    if (v->region[0]) {
        filter.region_code = v->region;
        req.filter = &filter;
    }
    if (!v->writer || report_pull_start(&v->pull, &v->view.app->env, &req, on_part, on_end, v))
        err_set(&v->failed, ERR_NOMEM, "%s", _("Out of memory."));
}

static int reports_open(struct view *view, const void *arg)
{
    struct reports_view *v = (struct reports_view *)view;
    const struct reports_arg *a = arg;
    text_copy(v->from, sizeof v->from, a->from);
    text_copy(v->to, sizeof v->to, a->to);
    text_copy(v->region, sizeof v->region, a->region_code);
    model_status_init(&v->status);
    list_init(&v->list, row_id, v);
    ask_list(v);
    return 0;
}

static void reports_close(struct view *view)
{
    struct reports_view *v = (struct reports_view *)view;
    request_drop(&v->call);
    forget_text(v);
    model_free(v->all);
    list_fini(&v->list);
}

static void reports_recalc(struct view *view)
{
    struct reports_view *v = (struct reports_view *)view;
    list_refresh(&v->list, v->all ? v->all->n_reports : 0);
}

static const char *say(const char *zh, const char *en)
{
    return i18n_chinese() || !en[0] ? zh : en;
}

static void paint_list(struct reports_view *v, struct term *t, struct area a)
{
    char status[400];
    int cols = t->grid.cols;
    app_status_text(v->view.app, &v->status, status, sizeof status);
    grid_printf(&t->grid, a.row, 1, cols - 2, ATTR_BOLD, "%s  %s .. %s  %s", _("Reports"), v->from, v->to, v->region);
    if (!v->all) {
        chrome_message(t, a.row + 1, a.rows - 1, status, v->status.busy ? NULL : _("Esc goes back; F5 tries again."));
        return;
    }
    int rows = a.rows - 1;
    size_t top = list_window(&v->list, (size_t)rows);
    for (int i = 0; i < rows && top + (size_t)i < v->list.n; i++) {
        const Wangge__V1__ReportDefinition *d = v->all->reports[top + (size_t)i];
        uint16_t attr = top + (size_t)i == v->list.selected ? ATTR_REVERSE : 0;
        int row = a.row + 1 + i;
        grid_put(&t->grid, row, 0, cols, attr, "");
        grid_put_cut(&t->grid, row, 1, CODE_COLS, attr, d->code);
        grid_put_cut(&t->grid, row, CODE_COLS + 2, NAME_COLS, attr, say(d->name, d->name_en));
        grid_put_cut(&t->grid, row, CODE_COLS + NAME_COLS + 3, cols - CODE_COLS - NAME_COLS - 4, attr,
                     d->based_on[0] ? d->saved_by : say(d->about, d->about_en));
        if (attr) {
            t->cursor_row = row;
            t->cursor_col = 0;
        }
    }
}

/* The part of a line from a column on, at a character boundary. */
static const char *from_column(const char *line, int columns)
{
    while (*line && columns > 0) {
        line++;
        while (((unsigned char)*line & 0xC0) == 0x80)
            line++;
        columns--;
    }
    return line;
}

static void paint_text(struct reports_view *v, struct term *t, struct area a)
{
    int cols = t->grid.cols;
    char place[64];
    grid_printf(&t->grid, a.row, 1, cols - 2, ATTR_BOLD, "< %s  %s .. %s  %s", v->code, v->from, v->to, v->region);
    if (v->failed.code) {
        chrome_message(t, a.row + 1, a.rows - 1, v->failed.text, _("Esc goes back; F5 tries again."));
        return;
    }
    if (!v->lines) {
        chrome_message(t, a.row + 1, a.rows - 1, _("Loading"), NULL);
        return;
    }
    v->rows = a.rows - 1;
    if (v->top > v->n_lines - v->rows)
        v->top = v->n_lines > v->rows ? v->n_lines - v->rows : 0;
    for (int i = 0; i < v->rows && v->top + i < v->n_lines; i++)
        grid_put_cut(&t->grid, a.row + 1 + i, 1, cols - 2, 0, from_column(v->lines[v->top + i], v->left));
    snprintf(place, sizeof place, "%d-%d/%d", v->top + 1, v->top + v->rows < v->n_lines ? v->top + v->rows : v->n_lines,
             v->n_lines);
    int w = (int)strlen(place);
    grid_put(&t->grid, a.row, cols - w - 1, w, ATTR_DIM, place);
    t->cursor_row = a.row + 1;
    t->cursor_col = 0;
}

static void reports_paint(struct view *view, struct term *t, struct area a)
{
    struct reports_view *v = (struct reports_view *)view;
    if (v->reading)
        paint_text(v, t, a);
    else
        paint_list(v, t, a);
}

static enum view_result text_act(struct reports_view *v, enum ui_action action)
{
    switch ((int)action) {
    case UA_UP:
        v->top -= v->top > 0;
        return VIEW_HANDLED;
    case UA_DOWN:
        v->top++;
        return VIEW_HANDLED;
    case UA_PAGE_UP:
        v->top = v->top > v->rows ? v->top - v->rows : 0;
        return VIEW_HANDLED;
    case UA_PAGE_DOWN:
        v->top += v->rows;
        return VIEW_HANDLED;
    case UA_FIRST:
        v->top = v->left = 0;
        return VIEW_HANDLED;
    case UA_LAST:
        v->top = v->n_lines;
        return VIEW_HANDLED;
    case UA_PREV_PERIOD: /* the arrow keys: wide tables are looked at sideways */
        v->left = v->left > 16 ? v->left - 16 : 0;
        return VIEW_HANDLED;
    case UA_NEXT_PERIOD:
        v->left += 16;
        return VIEW_HANDLED;
    case UA_REFRESH:
        read_report(v);
        return VIEW_HANDLED;
    case UA_BACK:
        forget_text(v);
        v->reading = false;
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static enum view_result reports_act(struct view *view, enum ui_action action)
{
    struct reports_view *v = (struct reports_view *)view;
    if (v->reading)
        return text_act(v, action);
    if (list_act(&v->list, action))
        return VIEW_HANDLED;
    switch ((int)action) {
    case UA_OPEN:
        if (v->all && v->list.selected < v->all->n_reports) {
            text_copy(v->code, sizeof v->code, v->all->reports[v->list.selected]->code);
            read_report(v);
        }
        return VIEW_HANDLED;
    case UA_REFRESH:
        ask_list(v);
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool reports_busy(struct view *view)
{
    struct reports_view *v = (struct reports_view *)view;
    return v->call != NULL || report_pull_busy(&v->pull);
}

const struct view_ops view_reports = {
    .name = "reports",
    .title = N_("Reports"),
    .context = CTX_REPORTS,
    .size = sizeof(struct reports_view),
    .open = reports_open,
    .recalc = reports_recalc,
    .paint = reports_paint,
    .act = reports_act,
    .busy = reports_busy,
    .close = reports_close,
};
