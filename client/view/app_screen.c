/* SPDX-License-Identifier: MIT */
/* The app's face: the stack of views, what a key does, what is painted. See app.h. */
#include "client/view/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/moment.h"
#include "common/base/text.h"

struct view *app_top(const struct app *app)
{
    return app->depth > 0 ? app->stack[app->depth - 1] : NULL;
}

struct view *app_push(struct app *app, const struct view_ops *ops, const void *arg)
{
    if (app->depth == APP_VIEWS_MAX) {
        app_toast(app, "%s", _("Too many screens are open. Go back with Esc first."));
        return NULL;
    }
    struct view *v = calloc(1, ops->size);
    if (!v)
        return NULL;
    v->ops = ops;
    v->app = app;
    app->menu.open = false;
    app->stack[app->depth++] = v;
    if (ops->open && ops->open(v, arg) != 0) {
        app->depth--;
        free(v);
        return NULL;
    }
    app_changed(app);
    return v;
}

static void remove_view(struct app *app, int at)
{
    struct view *v = app->stack[at];
    if (app->menu_view == v)
        app->menu.open = false;
    app->depth--;
    memmove(&app->stack[at], &app->stack[at + 1], (size_t)(app->depth - at) * sizeof *app->stack);
    v->ops->close(v);
    free(v);
    app_changed(app);
}

static void pop(struct app *app)
{
    remove_view(app, app->depth - 1);
}

void app_go(struct app *app, const struct view_ops *ops, const void *arg)
{
    for (int i = 0; i < app->depth; i++) {
        if (app->stack[i]->ops == ops) {
            while (app->depth > i + 1)
                pop(app);
            return;
        }
    }
    while (app->depth > 1)
        pop(app);
    app_push(app, ops, arg);
}

void app_need_login(struct app *app)
{
    app->logged_in = false;
    feed_stop(app->feed);
    if (app_top(app)->ops != &view_login)
        app_push(app, &view_login, _("The session has ended. Log in again; nothing is lost."));
}

struct menu *app_menu(struct view *v, const char *title, app_menu_fn fn)
{
    struct app *app = v->app;
    menu_open(&app->menu, title);
    app->menu_fn = fn;
    app->menu_view = v;
    app_changed(app);
    return &app->menu;
}

static bool is_open(const struct app *app, const struct view_ops *ops)
{
    for (int i = 0; i < app->depth; i++) {
        if (app->stack[i]->ops == ops)
            return true;
    }
    return false;
}

/* What every screen does alike. */
static bool act_global(struct app *app, enum ui_action a)
{
    struct view *top = app_top(app);
    switch ((int)a) {
    case UA_QUIT:
        app->quit = true;
        event_base_loopbreak(app->base);
        return true;
    case UA_REDRAW:
        term_redraw(app->term);
        return true;
    case UA_SUSPEND:
        term_suspend(app->term);
        return true;
    case UA_HELP:
        app_push(app, &view_help, top);
        return true;
    case UA_PALETTE:
        app_push(app, &view_palette, top);
        return true;
    case UA_BACK:
        if (app->depth > 1)
            pop(app);
        return true;
    case UA_TAB_WORK:
        app_go(app, &view_work, NULL);
        return true;
    case UA_TAB_NEW:
        app_go(app, &view_intake, NULL);
        return true;
    case UA_NEW: /* on top, so that Esc comes back here */
        if (is_open(app, &view_intake))
            app_go(app, &view_intake, NULL);
        else
            app_push(app, &view_intake, NULL);
        return true;
    case UA_TAB_REPORT:
        app_go(app, &view_report, NULL);
        return true;
    case UA_TAB_OUTBOX:
    case UA_OUTBOX:
        app_go(app, &view_outbox, NULL);
        return true;
    case UA_INBOX: /* on top, so that Esc comes back here */
    case UA_SEARCH: {
        const struct view_ops *ops = a == UA_INBOX ? &view_inbox : &view_search;
        if (is_open(app, ops))
            app_go(app, ops, NULL);
        else
            app_push(app, ops, NULL);
        return true;
    }
    case UA_UNDO:
        app_undo(app);
        return true;
    default:
        return false;
    }
}

void app_act(struct app *app, enum ui_action a)
{
    struct view *v = app_top(app);
    enum view_result r = v->ops->act ? v->ops->act(v, a) : VIEW_IGNORED;
    if (r & VIEW_CLOSE)
        pop(app);
    else if (r == VIEW_IGNORED)
        act_global(app, a);
    app_changed(app);
}

static void menu_event(struct app *app, uint32_t key)
{
    int value = menu_key(&app->menu, key);
    if (value >= 0 && app->menu_view == app_top(app))
        app->menu_fn(app->menu_view, value);
}

void app_on_term(void *arg, const struct term_event *ev)
{
    struct app *app = arg;
    struct view *v = app_top(app);
    app_changed(app);
    if (ev->kind == TERM_EV_CLOSED) {
        app->quit = true;
        event_base_loopbreak(app->base);
        return;
    }
    if (!v || (ev->kind != TERM_EV_KEY && ev->kind != TERM_EV_PASTE))
        return;
    if (app->last_too_small && !(ev->kind == TERM_EV_KEY && ev->key == TK_CTRL('Q')))
        return; /* nobody sees what it would do */
    if (ev->kind == TERM_EV_KEY && ev->key == TK_CTRL('C')) {
        app_toast(app, "%s", _("Ctrl-Q leaves the program, Esc goes back."));
        return;
    }
    if (app->menu.open) {
        if (ev->kind == TERM_EV_KEY)
            menu_event(app, ev->key);
        return;
    }
    bool typing = v->ops->typing && v->ops->typing(v);
    if (ev->kind == TERM_EV_KEY) {
        uint32_t key = typing ? ev->key : input_fold(ev->key);
        /* A field's own editing keys come before actions of the same key. */
        enum view_result r = typing && v->ops->key ? v->ops->key(v, ev) : VIEW_IGNORED;
        if (r & VIEW_CLOSE) {
            pop(app);
            return;
        }
        if (r != VIEW_IGNORED)
            return;
        enum ui_action a = ui_keys_lookup(v->ops->context, key, typing);
        if (a != UA_NONE) {
            app_act(app, a);
            return;
        }
    }
    if (v->ops->key && (!typing || ev->kind == TERM_EV_PASTE) && (v->ops->key(v, ev) & VIEW_CLOSE))
        pop(app);
}

static bool allowed_now(void *arg, enum ui_action a)
{
    const struct app *app = arg;
    struct view *v = app_top(app);
    if (a == UA_UNDO)
        return app_can_undo(app);
    if (a == UA_BACK && app->depth <= 1)
        return false;
    return !v->ops->allowed || v->ops->allowed(v, a);
}

static const char *online_text(const struct app *app, bool *trouble)
{
    *trouble = true;
    if (app->offline)
        return _("offline");
    switch (channel_get_state(app->env.channel)) {
    case CHANNEL_READY:
        *trouble = false;
        return _("online");
    case CHANNEL_BACKOFF:
        return _("offline");
    case CHANNEL_IDLE:
    case CHANNEL_CONNECTING:
        break;
    }
    return app->lost ? _("offline") : _("connecting"); /* it tries again and again: no flicker */
}

static void paint_frame(struct app *app, const struct view *v)
{
    struct term *t = app->term;
    char clock[MOMENT_TEXT_MAX], who[300] = "", line[1024];
    bool trouble;
    if (app->session.login[0] && (app->logged_in || app->offline)) {
        const Wangge__V1__Region *r = directory_region(&app->directory, app->session.region_code);
        snprintf(who, sizeof who, "%s@%s", app->session.name[0] ? app->session.name : app->session.login,
                 r ? r->name : app->session.region_code);
    }
    struct chrome_status s = {
        .title = _(v->ops->title),
        .who = who[0] ? who : NULL,
        .online = online_text(app, &trouble),
        .unread = app->logged_in ? app->inbox.unread : 0,
        .unsent = (int)(app->counts.unsent + app->counts.attention),
        .time = moment_clock(app_now(app), clock),
    };
    s.trouble = trouble;
    chrome_title(t, &s);
    int last = t->grid.rows - 1;
    if (app->toast[0])
        grid_put_cut(&t->grid, last - 2, 1, t->grid.cols - 2, ATTR_BOLD, app->toast);
    chrome_rule(t, last - 1);
    ui_keys_footer(v->ops->context, t->grid.cols - 2, allowed_now, app, line, sizeof line);
    grid_put_cut(&t->grid, last, 1, t->grid.cols - 2, 0, line);
}

void app_draw(struct app *app)
{
    struct term *t = app->term;
    struct view *v = app_top(app);
    app->dirty = false;
    if (!v)
        return;
    for (int i = 0; i < app->depth; i++) {
        if (app->stack[i]->ops->recalc)
            app->stack[i]->ops->recalc(app->stack[i]);
    }
    for (int i = app->depth - 1; i > 0; i--) { /* the lowest is never done */
        if (app->stack[i]->done)
            remove_view(app, i);
    }
    v = app_top(app);
    grid_clear(&t->grid);
    t->cursor_row = -1;
    app->last_too_small = t->grid.rows < APP_MIN_ROWS || t->grid.cols < APP_MIN_COLS;
    if (app->last_too_small) {
        chrome_too_small(t, APP_MIN_ROWS, APP_MIN_COLS);
    } else {
        v->ops->paint(v, t, (struct area){.row = 1, .rows = t->grid.rows - 4});
        paint_frame(app, v);
        if (app->menu.open)
            menu_paint(&app->menu, t);
    }
    term_flush(t);
}

void app_tabs(struct app *app, int row, const struct view_ops *current)
{
    static const struct {
        const struct view_ops *ops;
        const char *label;
    } tabs[] = {
        {&view_work, N_("My work")},  {&view_intake, N_("Log")},  {&view_report, N_("Report")},
        {&view_outbox, N_("Unsent")}, {&view_inbox, N_("Inbox")},
    };
    struct grid *g = &app->term->grid;
    int col = 1;
    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++) {
        char text[64], count[16] = "";
        if (tabs[i].ops == &view_work && app->work.status.loaded_at != USEC_NONE)
            snprintf(count, sizeof count, " %d", app->work.total);
        if (tabs[i].ops == &view_outbox)
            snprintf(count, sizeof count, " %d", (int)(app->counts.unsent + app->counts.attention));
        if (tabs[i].ops == &view_inbox && app->inbox.counted)
            snprintf(count, sizeof count, " %d", app->inbox.unread);
        bool here = tabs[i].ops == current;
        snprintf(text, sizeof text, here ? "[%zu %s%s]" : " %zu %s%s ", i + 1, _(tabs[i].label), count);
        col += grid_put_cut(g, row, col, g->cols - col, here ? ATTR_BOLD : 0, text) + 1;
    }
}
