/* SPDX-License-Identifier: MIT */
/* The login screen (S1). It is there before the connection is; what is typed is kept whatever the connection does. */
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/login.h"
#include "client/ui/field.h"
#include "client/view/app.h"
#include "client/view/password_arg.h"
#include "common/base/text.h"

enum { FIELD_LOGIN, FIELD_PASSWORD, FIELD_CODE, FIELDS };
enum { CODE_MAX = 6 };

struct login_view {
    struct view view;
    struct login login;
    struct field fields[FIELDS];
    int focus;
    bool code; /* the account has one-time codes: the field is there */
    char message[256];
};

static void on_login_changed(void *arg)
{
    struct login_view *v = arg;
    struct app *app = v->view.app;
    if (v->login.status.state == MODEL_FAILED && !v->login.must_change) {
        text_copy(v->message, sizeof v->message, v->login.status.why.text);
        field_set(&v->fields[FIELD_CODE], "");
        if (v->login.code_needed) {
            v->code = true;
            v->focus = FIELD_CODE;
        }
    }
    app_changed(app);
}

static int login_open(struct view *view, const void *arg)
{
    struct login_view *v = (struct login_view *)view;
    struct app *app = view->app;
    if (field_init(&v->fields[FIELD_LOGIN], 64) != 0 || field_init(&v->fields[FIELD_PASSWORD], 256) != 0 ||
        field_init(&v->fields[FIELD_CODE], CODE_MAX) != 0) {
        field_fini(&v->fields[FIELD_LOGIN]);
        field_fini(&v->fields[FIELD_PASSWORD]);
        return ERR_NOMEM;
    }
    v->fields[FIELD_PASSWORD].secret = v->fields[FIELD_CODE].secret = true;
    const char *login = app->session.login[0] ? app->session.login : app->config->login;
    field_set(&v->fields[FIELD_LOGIN], login);
    v->focus = login[0] ? FIELD_PASSWORD : FIELD_LOGIN;
    if (arg)
        text_copy(v->message, sizeof v->message, arg);
    login_init(&v->login, &app->env, app->config->server, on_login_changed, v);
    return 0;
}

static void login_close(struct view *view)
{
    struct login_view *v = (struct login_view *)view;
    login_fini(&v->login);
    for (int i = 0; i < FIELDS; i++)
        field_fini(&v->fields[i]);
}

static void paint_row(struct login_view *v, struct term *t, int row, int col, int field, const char *label)
{
    grid_put_cut(&t->grid, row, col, 9, 0, label);
    field_paint(&v->fields[field], t, row, col + 10, 1, 30, v->focus == field);
}

static void paint_local(struct login_view *v, struct term *t, int row)
{
    const struct outbox_counts *c = &v->view.app->counts;
    char line[160];
    if (c->drafts + c->unsent + c->attention == 0)
        return;
    snprintf(line, sizeof line, _("%d drafts and %d unsent entries are kept on this machine; they go out after login."),
             (int)c->drafts, (int)(c->unsent + c->attention));
    grid_put_cut(&t->grid, row, (t->grid.cols - width_str(line)) / 2, t->grid.cols, 0, line);
}

static void login_paint(struct view *view, struct term *t, struct area a)
{
    struct login_view *v = (struct login_view *)view;
    const struct client_config *cfg = view->app->config;
    enum { BOX_ROWS = 12, BOX_COLS = 60 };
    int row = a.row + (a.rows - BOX_ROWS) / 2 - 1, col = (t->grid.cols - BOX_COLS) / 2;
    chrome_box(t, row, col, BOX_ROWS, BOX_COLS, NULL);
    int x = col + 4, w = BOX_COLS - 8;
    grid_put_cut(&t->grid, row + 1, x, w, ATTR_BOLD, _("Wangge - grid governance case tracker"));
    grid_put_cut(&t->grid, row + 3, x, 9, 0, _("Server"));
    grid_printf(&t->grid, row + 3, x + 10, w - 10, 0, "%s  %s", cfg->server,
                client_config_tls(cfg) ? _("[encrypted]") : _("[local, not encrypted]"));
    paint_row(v, t, row + 4, x, FIELD_LOGIN, _("Account"));
    paint_row(v, t, row + 5, x, FIELD_PASSWORD, _("Password"));
    if (v->code)
        paint_row(v, t, row + 6, x, FIELD_CODE, C_("login", "Code"));
    char buttons[160];
    snprintf(buttons, sizeof buttons, "< %s Enter >  < %s F3 >  < %s F4 >", _("Log in"), _("Offline"), _("Language"));
    grid_put_cut(&t->grid, row + (v->code ? 8 : 7), x, w, 0, buttons);
    if (v->login.status.busy) {
        grid_put_cut(&t->grid, row + 9, x, w, 0, _("Logging in... Esc cancels."));
    } else if (v->message[0]) {
        size_t next, n = field_wrap(v->message, strlen(v->message), w - 2, &next);
        grid_put(&t->grid, row + 9, x, 2, ATTR_BOLD | ATTR_RED, "! ");
        grid_putn(&t->grid, row + 9, x + 2, w - 2, 0, v->message, n);
        grid_put_cut(&t->grid, row + 10, x + 2, w - 2, 0, v->message + next);
    }
    paint_local(v, t, row + BOX_ROWS + 1);
}

static void submit(struct login_view *v)
{
    if (field_is_empty(&v->fields[FIELD_LOGIN])) {
        v->focus = FIELD_LOGIN;
        text_copy(v->message, sizeof v->message, _("Type your account name."));
    } else if (field_is_empty(&v->fields[FIELD_PASSWORD])) {
        v->focus = FIELD_PASSWORD;
        text_copy(v->message, sizeof v->message, _("Type your password."));
    } else if (v->code && field_is_empty(&v->fields[FIELD_CODE])) {
        v->focus = FIELD_CODE;
        text_copy(v->message, sizeof v->message, _("Type the one-time code, six digits."));
    } else if (!v->login.status.busy) {
        v->message[0] = 0;
        login_start(&v->login, v->fields[FIELD_LOGIN].text, v->fields[FIELD_PASSWORD].text,
                    v->code ? v->fields[FIELD_CODE].text : "");
    }
}

static void move(struct login_view *v, int by)
{
    int n = v->code ? FIELDS : FIELD_CODE;
    v->focus = (v->focus + by + n) % n;
}

static enum view_result login_act(struct view *view, enum ui_action action)
{
    struct login_view *v = (struct login_view *)view;
    switch ((int)action) {
    case UA_NEXT_PANE:
    case UA_PREV_PANE:
        move(v, action == UA_NEXT_PANE ? 1 : -1);
        return VIEW_HANDLED;
    case UA_OPEN:
        if (v->focus == FIELD_LOGIN && field_is_empty(&v->fields[FIELD_PASSWORD]) && !field_is_empty(&v->fields[FIELD_LOGIN]))
            v->focus = FIELD_PASSWORD;
        else
            submit(v);
        return VIEW_HANDLED;
    case UA_OFFLINE:
        login_cancel(&v->login);
        app_go_offline(view->app);
        return VIEW_HANDLED | VIEW_CLOSE;
    case UA_LANGUAGE:
        i18n_init(i18n_chinese() ? "en" : "zh_CN");
        term_redraw(view->app->term);
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static enum view_result login_key(struct view *view, const struct term_event *ev)
{
    struct login_view *v = (struct login_view *)view;
    struct field *f = &v->fields[v->focus];
    if (ev->kind == TERM_EV_PASTE) {
        field_insert(f, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_UP || ev->key == TK_DOWN) {
        move(v, ev->key == TK_DOWN ? 1 : -1);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_ESC && v->login.status.busy) {
        login_cancel(&v->login);
        return VIEW_HANDLED;
    }
    bool changed = false, known = field_key(f, ev->key, &changed);
    if (changed && v->focus == FIELD_LOGIN) /* another account: whether it has codes is not known */
        v->code = false;
    return known ? VIEW_HANDLED : VIEW_IGNORED;
}

static void login_recalc(struct view *view)
{
    struct login_view *v = (struct login_view *)view;
    if (v->login.must_change && app_top(view->app) == view) {
        struct password_arg arg = {.login = &v->login, .old = v->fields[FIELD_PASSWORD].text};
        if (!app_push(view->app, &view_password, &arg))
            login_cancel(&v->login);
        field_set(&v->fields[FIELD_PASSWORD], "");
        field_set(&v->fields[FIELD_CODE], "");
        v->code = false;
        v->focus = FIELD_PASSWORD;
    }
    if (v->login.status.state != MODEL_READY)
        return;
    v->login.status.state = MODEL_IDLE;
    view->done = true;
    field_set(&v->fields[FIELD_PASSWORD], "");
    struct session s = v->login.session;
    struct app *app = view->app;
    if (v->login.save_error.code != 0)
        app_toast(app, "%s", v->login.save_error.text);
    app_logged_in(app, &s);
    explicit_bzero(&s, sizeof s);
}

static bool login_typing(struct view *view)
{
    return true;
}

const struct view_ops view_login = {
    .name = "login",
    .title = N_("Log in"),
    .context = CTX_LOGIN,
    .size = sizeof(struct login_view),
    .open = login_open,
    .recalc = login_recalc,
    .paint = login_paint,
    .act = login_act,
    .key = login_key,
    .typing = login_typing,
    .close = login_close,
};
