/* SPDX-License-Identifier: MIT */
/*
 * One action on the marked cases: tried first, with what would be refused and why; run after a yes; a line for each case. What
 * was done loses its mark in the work list, what was refused keeps it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/bulk.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/ui/list.h"
#include "client/view/actions.h"
#include "client/view/app.h"
#include "client/view/bulk_arg.h"
#include "common/base/text.h"

enum { ASK_NO = 1, ASK_YES = 2, REASONS_MAX = 4, BAR_COLS = 30 };

struct bulk_view {
    struct view view;
    struct bulk bulk;
    Wangge__V1__Action action;
    struct list list;
    size_t *rows;    /* items: refused, done, without an answer */
    size_t unmarked; /* how many answers the marks have followed */
    bool asked, told;
};

static const char *row_id(void *arg, size_t i)
{
    const struct bulk_view *v = arg;
    return v->bulk.items[v->rows[i]].case_id;
}

static void on_changed(void *arg)
{
    struct bulk_view *v = arg;
    app_changed(v->view.app);
}

static int bulk_open(struct view *view, const void *arg)
{
    struct bulk_view *v = (struct bulk_view *)view;
    const struct bulk_arg *a = arg;
    v->action = a->act->action;
    v->rows = calloc(a->n, sizeof *v->rows);
    if (!v->rows || bulk_init(&v->bulk, &view->app->env, a->act, a->cases, a->n, on_changed, v) != 0) {
        free(v->rows);
        return ERR_NOMEM;
    }
    list_init(&v->list, row_id, v);
    bulk_start(&v->bulk, true);
    return 0;
}

static void bulk_close(struct view *view)
{
    struct bulk_view *v = (struct bulk_view *)view;
    bulk_fini(&v->bulk);
    list_fini(&v->list);
    free(v->rows);
}

static void on_asked(struct view *view, int value)
{
    struct bulk_view *v = (struct bulk_view *)view;
    if (value == ASK_YES)
        bulk_start(&v->bulk, false);
}

static void ask(struct bulk_view *v)
{
    char title[200], text[MENU_TEXT_MAX], word[LABELS_WORD_MAX];
    snprintf(title, sizeof title, _("%s: %zu would go through, %zu would be refused."),
             labels_text(LABELS_ACTION, (int)v->action, word), v->bulk.done, v->bulk.failed);
    struct menu *m = app_menu(&v->view, title, on_asked);
    menu_add(m, ASK_NO, _("No, go back"));
    snprintf(text, sizeof text, _("Yes, do the %zu"), v->bulk.done);
    if (v->bulk.done)
        menu_add(m, ASK_YES, text);
    m->row = v->view.app->term ? v->view.app->term->grid.rows - 8 : 0;
}

static void order(struct bulk_view *v)
{
    size_t n = 0;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < v->bulk.n; i++) {
            const struct bulk_item *it = &v->bulk.items[i];
            int of = !it->answered ? 2 : it->ok ? 1 : 0;
            if (of == pass)
                v->rows[n++] = i;
        }
    }
    list_refresh(&v->list, n);
}

static void bulk_recalc(struct view *view)
{
    struct bulk_view *v = (struct bulk_view *)view;
    struct bulk *b = &v->bulk;
    order(v);
    if (b->phase == BULK_ENDED && b->dry && !v->asked) {
        v->asked = true;
        ask(v);
    }
    if (b->dry || v->unmarked == b->done + b->failed)
        return;
    v->unmarked = b->done + b->failed;
    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i].ok)
            actions_unmark(view->app, b->items[i].case_id);
    }
    if (b->phase == BULK_ENDED && !v->told) {
        v->told = true;
        actions_case_changed(view->app);
    }
}

/* What was refused why, how often; the rest is in the lines. */
static int paint_reasons(const struct bulk_view *v, struct term *t, int row)
{
    const struct bulk *b = &v->bulk;
    int shown = 0;
    for (size_t i = 0; i < b->n && shown < REASONS_MAX; i++) {
        size_t same = 0;
        bool before = false;
        if (!b->items[i].answered || b->items[i].ok)
            continue;
        for (size_t k = 0; k < b->n && !before; k++) {
            if (b->items[k].answered && !b->items[k].ok && strcmp(b->items[k].why, b->items[i].why) == 0) {
                before = k < i;
                same++;
            }
        }
        if (before)
            continue;
        grid_printf(&t->grid, row++, 3, t->grid.cols - 4, ATTR_YELLOW, "%4zu  %s", same, b->items[i].why);
        shown++;
    }
    return row;
}

static void paint_state(const struct bulk_view *v, struct term *t, int row)
{
    const struct bulk *b = &v->bulk;
    size_t answered = b->done + b->failed, bar = b->n ? answered * BAR_COLS / b->n : 0;
    const char *text = b->phase == BULK_RUNNING ? (b->dry ? _("Trying...") : _("Running... Esc stops."))
                       : b->phase == BULK_ENDED ? (b->dry ? _("Tried; nothing was changed. F4 decides.") : _("Finished."))
                                                : NULL;
    grid_put(&t->grid, row, 1, 1, 0, "[");
    grid_fill(&t->grid, row, 2, (int)bar, 0, "#");
    grid_put(&t->grid, row, 2 + BAR_COLS, 1, 0, "]");
    grid_printf(&t->grid, row, 5 + BAR_COLS, t->grid.cols - 6 - BAR_COLS, 0,
                b->dry ? _("%zu of %zu: %zu would go through, %zu refused") : _("%zu of %zu: %zu done, %zu refused"), answered,
                b->n, b->done, b->failed);
    if (text)
        grid_put_cut(&t->grid, row + 1, 1, t->grid.cols - 2, 0, text);
    else
        grid_printf(&t->grid, row + 1, 1, t->grid.cols - 2, ATTR_YELLOW, _("%s F5 goes on where it stopped."), b->why.text);
}

static void bulk_paint(struct view *view, struct term *t, struct area a)
{
    struct bulk_view *v = (struct bulk_view *)view;
    const struct bulk *b = &v->bulk;
    char word[LABELS_WORD_MAX];
    int row = a.row, cols = t->grid.cols;
    grid_printf(&t->grid, row++, 1, cols - 2, ATTR_BOLD, _("%s: %zu marked cases"),
                labels_text(LABELS_ACTION, (int)v->action, word), b->n);
    paint_state(v, t, row);
    row = paint_reasons(v, t, row + 2);
    chrome_rule(t, row++);
    int rows = a.row + a.rows - row - 1;
    size_t top = list_window(&v->list, (size_t)rows);
    for (int i = 0; i < rows && top + (size_t)i < b->n; i++) {
        const struct bulk_item *it = &b->items[v->rows[top + (size_t)i]];
        bool here = top + (size_t)i == v->list.selected;
        const char *said = !it->answered ? _("not yet") : !it->ok ? it->why : b->dry ? _("would go through") : _("done");
        grid_put(&t->grid, row + i, 0, 1, 0, here ? ">" : " ");
        grid_put(&t->grid, row + i, 1, 1, ATTR_BOLD | ATTR_RED, it->answered && !it->ok ? "!" : " ");
        grid_put_pad(&t->grid, row + i, 3, 17, here ? ATTR_REVERSE : 0, it->number);
        grid_put_cut(&t->grid, row + i, 21, cols - 22, it->answered ? 0 : ATTR_DIM, said);
        if (here) {
            t->cursor_row = row + i;
            t->cursor_col = 0;
        }
    }
}

static void open_case(struct bulk_view *v)
{
    Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
    if (v->list.selected >= v->bulk.n)
        return;
    c.case_id = v->bulk.items[v->rows[v->list.selected]].case_id;
    c.number = v->bulk.items[v->rows[v->list.selected]].number;
    app_push(v->view.app, &view_case, &c);
}

static enum view_result bulk_act(struct view *view, enum ui_action action)
{
    struct bulk_view *v = (struct bulk_view *)view;
    if (list_act(&v->list, action))
        return VIEW_HANDLED;
    switch ((int)action) {
    case UA_OPEN:
        open_case(v);
        return VIEW_HANDLED;
    case UA_MENU:
        if (v->bulk.phase == BULK_ENDED && v->bulk.dry)
            ask(v);
        return VIEW_HANDLED;
    case UA_REFRESH:
        if (v->bulk.phase == BULK_BROKEN)
            bulk_resume(&v->bulk);
        return VIEW_HANDLED;
    case UA_BACK:
        if (v->bulk.phase != BULK_RUNNING || v->bulk.dry)
            return VIEW_IGNORED;
        bulk_stop(&v->bulk);
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool bulk_allowed(struct view *view, enum ui_action action)
{
    const struct bulk *b = &((struct bulk_view *)view)->bulk;
    if (action == UA_MENU)
        return b->phase == BULK_ENDED && b->dry;
    if (action == UA_REFRESH)
        return b->phase == BULK_BROKEN;
    return true;
}

static bool bulk_busy(struct view *view)
{
    return ((struct bulk_view *)view)->bulk.phase == BULK_RUNNING;
}

const struct view_ops view_bulk = {
    .name = "bulk",
    .title = N_("Many cases"),
    .context = CTX_BULK,
    .size = sizeof(struct bulk_view),
    .open = bulk_open,
    .recalc = bulk_recalc,
    .paint = bulk_paint,
    .act = bulk_act,
    .allowed = bulk_allowed,
    .busy = bulk_busy,
    .close = bulk_close,
};
