/* SPDX-License-Identifier: MIT */
/*
 * Why a deadline is what it is: the limit, where it comes from, and every interval that counts or does not, with its reason
 * and the running total up to the due time. What the server cannot explain is said in plain words.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/model/request.h"
#include "client/view/app.h"
#include "common/base/text.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/clock.pb-c.h"

#define CLOCK(name) WANGGE__V1__CLOCK_KIND__CLOCK_KIND_##name

enum { AMOUNT_MAX = 64, CLOCKS = 5 };

struct explain_view {
    struct view view;
    char case_id[37], number[40];
    Wangge__V1__ClockKind clock; /* UNSPECIFIED: the one the case shows */
    Wangge__V1__ExplainDeadlineResponse *data;
    struct model_status status;
    struct request *call;
    int top, rows; /* first interval shown; rows of the last paint */
};

/* What the person reads instead of a bare code. */
static void soften(struct err *e)
{
    if (e->code == ERR_UNIMPLEMENTED)
        err_set(e, ERR_UNIMPLEMENTED, "%s", _("This server cannot explain due times. The due time itself holds."));
    else if (e->code == ERR_NOT_FOUND)
        err_set(e, ERR_NOT_FOUND, "%s",
                _("This clock has not run for the case, or the case is not yours. F6 chooses another."));
}

static void on_answer(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct explain_view *v = arg;
    ProtobufCMessage *copy = msg ? model_copy(msg) : NULL;
    if (r->err.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    if (copy) {
        model_free(v->data);
        v->data = (Wangge__V1__ExplainDeadlineResponse *)copy;
        v->top = 0;
        model_status_done(&v->status, app_now(v->view.app));
    } else {
        if (r->err.code == 0)
            err_set(&r->err, ERR_NOMEM, "%s", _("Out of memory."));
        soften(&r->err);
        model_status_fail(&v->status, &r->err);
    }
    app_changed(v->view.app);
}

static void ask(struct explain_view *v)
{
    Wangge__V1__ExplainDeadlineRequest req = WANGGE__V1__EXPLAIN_DEADLINE_REQUEST__INIT;
    req.case_id = v->case_id;
    req.clock = v->clock;
    model_status_begin(&v->status);
    if (request_start(&v->view.app->env, &methods_explain_deadline, &req.base, on_answer, v, &v->call) != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        model_status_fail(&v->status, &e);
    }
}

static void choose(struct explain_view *v, Wangge__V1__ClockKind clock)
{
    v->clock = clock;
    model_free(v->data); /* another clock's intervals would mislead */
    v->data = NULL;
    model_status_init(&v->status);
    ask(v);
}

static int explain_open(struct view *view, const void *arg)
{
    struct explain_view *v = (struct explain_view *)view;
    const Wangge__V1__Case *c = arg;
    text_copy(v->case_id, sizeof v->case_id, c->case_id);
    text_copy(v->number, sizeof v->number, c->number);
    model_status_init(&v->status);
    ask(v);
    return 0;
}

static void explain_close(struct view *view)
{
    struct explain_view *v = (struct explain_view *)view;
    request_drop(&v->call);
    model_free(v->data);
}

/* "8 h 00 min", "5 workdays". */
static char *amount(Wangge__V1__TimeUnit unit, int64_t n, char out[AMOUNT_MAX])
{
    if (unit == WANGGE__V1__TIME_UNIT__TIME_UNIT_WORKDAY)
        snprintf(out, AMOUNT_MAX, _("%d workdays"), (int)n);
    else if (unit == WANGGE__V1__TIME_UNIT__TIME_UNIT_DAY)
        snprintf(out, AMOUNT_MAX, _("%d days"), (int)n);
    else
        snprintf(out, AMOUNT_MAX, _("%d h %02d min"), (int)(n / 3600), (int)(n / 60 % 60));
    return out;
}

static const char *unit_text(Wangge__V1__TimeUnit unit)
{
    switch ((int)unit) {
    case WANGGE__V1__TIME_UNIT__TIME_UNIT_WORKING:
        return _("of working time");
    case WANGGE__V1__TIME_UNIT__TIME_UNIT_URGENT:
        return _("of urgent hours, nights and holidays too");
    default:
        return "";
    }
}

static void paint_head(struct explain_view *v, struct term *t, int row)
{
    const Wangge__V1__ExplainDeadlineResponse *d = v->data;
    char limit[AMOUNT_MAX], used[AMOUNT_MAX], due[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX], text[400];
    usec_t at = model_time(d->due_at);
    int cols = t->grid.cols - 2, label = 10;
    snprintf(text, sizeof text, "%s %s  %s%s", amount(d->unit, d->limit, limit), unit_text(d->unit), _("used "),
             amount(d->unit, d->consumed, used));
    chrome_label(t, row, 1, label, C_("explain", "Limit"), cols, 0, text);
    snprintf(text, sizeof text, "%s%s%s", d->limit_source, d->calendar_name[0] ? _("; calendar ") : "", d->calendar_name);
    chrome_label(t, row + 1, 1, label, C_("explain", "From"), cols, 0, text);
    snprintf(text, sizeof text, "%s%s%s%s",
             at != USEC_NONE ? moment_short(at, app_now(v->view.app), due)
             : !d->running   ? _("none while it is paused")
                             : "--",
             d->light ? "  [" : "", d->light ? labels_text(LABELS_LIGHT, (int)d->light, word) : "", d->light ? "]" : "");
    chrome_label(t, row + 2, 1, label, _("Due"), cols,
                 d->light == WANGGE__V1__LIGHT__LIGHT_RED ? ATTR_BOLD | ATTR_RED : ATTR_BOLD, text);
    if (d->provisional)
        grid_put_cut(&t->grid, row + 3, 1, cols, ATTR_YELLOW,
                     _("Provisional: that year's holidays are not published; it may move."));
    else if (d->abridged)
        grid_put_cut(&t->grid, row + 3, 1, cols, ATTR_DIM, _("Too many intervals: equal days are put together."));
}

/* "holiday: National Day", "weekend (2 days)". The server's text may begin with its own word for the reason. */
static void reason(const Wangge__V1__ExplainedInterval *i, char *out, size_t size)
{
    char word[LABELS_WORD_MAX];
    const char *detail = strstr(i->text, ": ");
    size_t n;
    detail = detail ? detail + 2 : "";
    if (i->reason)
        snprintf(out, size, "%s%s%s", labels_text(LABELS_INTERVAL, (int)i->reason, word), detail[0] ? ": " : "", detail);
    else
        snprintf(out, size, "%s", _("put together"));
    n = strlen(out);
    if (i->days > 1)
        snprintf(out + n, size - n, _(" (%d days)"), (int)i->days);
    text_trim_partial(out);
}

static void paint_interval(struct explain_view *v, struct term *t, int row, const Wangge__V1__ExplainedInterval *i)
{
    char from[MOMENT_TEXT_MAX], to[MOMENT_TEXT_MAX], counted[AMOUNT_MAX], total[AMOUNT_MAX], why[300], span[160];
    usec_t now = app_now(v->view.app), a = model_time(i->from), b = model_time(i->to);
    bool counts = i->counted > 0;
    int cols = t->grid.cols, amounts = 12;
    bool same = a != USEC_NONE && b != USEC_NONE && clock_local_day(a, MOMENT_ZONE_S) == clock_local_day(b, MOMENT_ZONE_S);
    snprintf(span, sizeof span, "%s - %s", moment_short(a, now, from), same ? moment_clock(b, to) : moment_short(b, now, to));
    reason(i, why, sizeof why);
    uint16_t attr = counts ? 0 : ATTR_DIM;
    grid_put_cut(&t->grid, row, 1, 26, attr, span);
    grid_put_cut(&t->grid, row, 28, amounts, attr, counts ? amount(v->data->unit, i->counted, counted) : "-");
    grid_put_cut(&t->grid, row, 40, amounts, ATTR_BOLD, counts ? amount(v->data->unit, i->total, total) : "");
    grid_put_cut(&t->grid, row, 52, cols - 53, attr, why);
}

static void explain_paint(struct view *view, struct term *t, struct area a)
{
    struct explain_view *v = (struct explain_view *)view;
    char word[LABELS_WORD_MAX], status[400];
    int cols = t->grid.cols, row = a.row;
    Wangge__V1__ClockKind clock = v->data ? v->data->clock : v->clock;
    app_status_text(view->app, &v->status, status, sizeof status);
    grid_printf(&t->grid, row, 1, cols - 2, ATTR_BOLD, "< %s  %s%s%s", v->number, _("Why this due time"), clock ? ": " : "",
                clock ? labels_text(LABELS_CLOCK, (int)clock, word) : "");
    if (!v->data) {
        chrome_message(t, row + 1, a.rows - 1, status, v->status.busy ? NULL : _("Esc goes back; F5 tries again."));
        return;
    }
    paint_head(v, t, row + 1);
    if (status[0])
        grid_put_cut(&t->grid, row + 4, 1, cols - 2, ATTR_YELLOW, status);
    row += 5;
    chrome_rule(t, row++);
    grid_put_cut(&t->grid, row, 1, 26, ATTR_DIM, _("From - to"));
    grid_put_cut(&t->grid, row, 28, 12, ATTR_DIM, _("Counts"));
    grid_put_cut(&t->grid, row, 40, 12, ATTR_DIM, _("Sum"));
    grid_put_cut(&t->grid, row++, 52, cols - 53, ATTR_DIM, _("Reason"));
    int n = (int)v->data->n_intervals;
    v->rows = a.row + a.rows - row;
    if (v->top > n - v->rows)
        v->top = n > v->rows ? n - v->rows : 0;
    for (int i = 0; i < v->rows && v->top + i < n; i++)
        paint_interval(v, t, row + i, v->data->intervals[v->top + i]);
    if (n == 0)
        chrome_message(t, row, v->rows, _("No interval has run yet."), NULL);
    if (n > v->rows) {
        snprintf(status, sizeof status, "%d-%d/%d", v->top + 1, v->top + v->rows, n);
        int w = (int)strlen(status);
        grid_put(&t->grid, a.row, cols - w - 1, w, ATTR_DIM, status);
    }
    t->cursor_row = row;
    t->cursor_col = 0;
}

static void on_clock(struct view *view, int value)
{
    choose((struct explain_view *)view, (Wangge__V1__ClockKind)value);
}

static enum view_result explain_act(struct view *view, enum ui_action action)
{
    struct explain_view *v = (struct explain_view *)view;
    char word[LABELS_WORD_MAX];
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
        v->top = 0;
        return VIEW_HANDLED;
    case UA_LAST:
        v->top = v->data ? (int)v->data->n_intervals : 0;
        return VIEW_HANDLED;
    case UA_REFRESH:
        ask(v);
        return VIEW_HANDLED;
    case UA_QUICK:
    case UA_MENU: {
        struct menu *m = app_menu(view, _("Which clock"), on_clock);
        for (int i = 1; i <= CLOCKS; i++)
            menu_add(m, i, labels_text(LABELS_CLOCK, i, word));
        return VIEW_HANDLED;
    }
    default:
        return VIEW_IGNORED;
    }
}

static bool explain_busy(struct view *view)
{
    return ((struct explain_view *)view)->call != NULL;
}

const struct view_ops view_explain = {
    .name = "explain",
    .title = N_("Due time"),
    .context = CTX_EXPLAIN,
    .size = sizeof(struct explain_view),
    .open = explain_open,
    .paint = explain_paint,
    .act = explain_act,
    .busy = explain_busy,
    .close = explain_close,
};
