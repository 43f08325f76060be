/* SPDX-License-Identifier: MIT */
/*
 * A new password after a login with a first one or one that is too old. It lies on the login screen, whose model (the
 * argument) it uses; what is typed lives in its fields only and is wiped with them.
 */
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/login.h"
#include "client/ui/field.h"
#include "client/view/app.h"
#include "client/view/password_arg.h"
#include "common/base/text.h"

enum { FIELD_OLD, FIELD_NEW, FIELD_AGAIN, FIELDS };
enum { CHARS_MAX = 256, BOX_ROWS = 16, BOX_COLS = 64, LABEL_COLS = 14 };

struct password_view {
    struct view view;
    struct login *login;
    struct field fields[FIELDS];
    int focus;
    char errors[FIELDS][256];
    char message[256];
};

static int password_open(struct view *view, const void *arg)
{
    struct password_view *v = (struct password_view *)view;
    const struct password_arg *a = arg;
    v->login = a->login;
    for (int i = 0; i < FIELDS; i++) {
        if (field_init(&v->fields[i], CHARS_MAX) != 0) {
            while (i > 0)
                field_fini(&v->fields[--i]);
            return ERR_NOMEM;
        }
        v->fields[i].secret = true;
    }
    field_set(&v->fields[FIELD_OLD], a->old);
    v->focus = FIELD_NEW;
    return 0;
}

static void password_close(struct view *view)
{
    struct password_view *v = (struct password_view *)view;
    if (v->login->must_change)
        login_cancel(v->login);
    for (int i = 0; i < FIELDS; i++)
        field_fini(&v->fields[i]);
}

static void clear_errors(struct password_view *v)
{
    memset(v->errors, 0, sizeof v->errors);
    v->message[0] = 0;
}

static void set_error(struct password_view *v, int field, const char *text)
{
    text_copy(v->errors[field], sizeof v->errors[field], text);
    v->focus = field;
}

static void password_recalc(struct view *view)
{
    struct password_view *v = (struct password_view *)view;
    struct model_status *s = &v->login->status;
    if (!v->login->must_change) {
        view->done = true;
    } else if (s->state == MODEL_FAILED) {
        if (strcmp(s->why.field, "old_password") == 0)
            set_error(v, FIELD_OLD, s->why.text);
        else if (strcmp(s->why.field, "new_password") == 0)
            set_error(v, FIELD_NEW, s->why.text);
        else
            text_copy(v->message, sizeof v->message, s->why.text);
        model_status_init(s);
    }
}

static int paint_wrapped(struct term *t, int row, int col, int width, const char *text)
{
    size_t len = strlen(text), at = 0;
    int used = 0;
    while (at < len && used < 2) {
        size_t next, n = field_wrap(text + at, len - at, width, &next);
        grid_putn(&t->grid, row + used++, col, width, ATTR_RED, text + at, n);
        at += next;
    }
    return row + used;
}

static void password_paint(struct view *view, struct term *t, struct area a)
{
    struct password_view *v = (struct password_view *)view;
    const char *labels[FIELDS] = {_("Old password"), _("New password"), _("Again")};
    int row = a.row + (a.rows - BOX_ROWS) / 2, col = (t->grid.cols - BOX_COLS) / 2, x = col + 4, w = BOX_COLS - 8;
    chrome_box(t, row, col, BOX_ROWS, BOX_COLS, NULL);
    grid_printf(&t->grid, row + 1, x, w, ATTR_BOLD, "%s  %s", v->login->session.login, v->login->session.name);
    grid_put_cut(&t->grid, row + 2, x, w, 0, _("Your password is a first one or too old: choose a new one."));
    int y = row + 4;
    for (int i = 0; i < FIELDS; i++) {
        grid_put_cut(&t->grid, y, x, LABEL_COLS - 1, 0, labels[i]);
        field_paint(&v->fields[i], t, y++, x + LABEL_COLS, 1, 30, v->focus == i);
        if (v->errors[i][0]) {
            grid_put(&t->grid, y, x, 2, ATTR_BOLD | ATTR_RED, "! ");
            y = paint_wrapped(t, y, x + 2, w - 2, v->errors[i]);
        }
    }
    char buttons[160];
    snprintf(buttons, sizeof buttons, "< %s Enter >  < %s Esc >", _("Change"), _("Back"));
    grid_put_cut(&t->grid, row + BOX_ROWS - 5, x, w, 0, buttons);
    if (v->login->status.busy) {
        grid_put_cut(&t->grid, row + BOX_ROWS - 3, x, w, 0, _("Asking the server..."));
    } else if (v->message[0]) {
        grid_put(&t->grid, row + BOX_ROWS - 3, x, 2, ATTR_BOLD | ATTR_RED, "! ");
        paint_wrapped(t, row + BOX_ROWS - 3, x + 2, w - 2, v->message);
    }
}

static void submit(struct password_view *v)
{
    if (v->login->status.busy)
        return;
    clear_errors(v);
    if (field_is_empty(&v->fields[FIELD_OLD])) {
        set_error(v, FIELD_OLD, _("Type your password."));
    } else if (field_is_empty(&v->fields[FIELD_NEW])) {
        set_error(v, FIELD_NEW, _("Type a new password."));
    } else if (strcmp(v->fields[FIELD_NEW].text, v->fields[FIELD_AGAIN].text) != 0) {
        set_error(v, FIELD_AGAIN, _("The two passwords differ; nothing was changed."));
        field_set(&v->fields[FIELD_AGAIN], "");
    } else {
        login_change(v->login, v->fields[FIELD_OLD].text, v->fields[FIELD_NEW].text);
    }
}

static enum view_result password_act(struct view *view, enum ui_action action)
{
    struct password_view *v = (struct password_view *)view;
    switch ((int)action) {
    case UA_NEXT_PANE:
    case UA_PREV_PANE:
        v->focus = (v->focus + (action == UA_NEXT_PANE ? 1 : FIELDS - 1)) % FIELDS;
        return VIEW_HANDLED;
    case UA_OPEN:
        if (v->focus < FIELD_AGAIN && !field_is_empty(&v->fields[v->focus]) && field_is_empty(&v->fields[FIELD_AGAIN]))
            v->focus++;
        else
            submit(v);
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static enum view_result password_key(struct view *view, const struct term_event *ev)
{
    struct password_view *v = (struct password_view *)view;
    struct field *f = &v->fields[v->focus];
    if (v->login->status.busy)
        return VIEW_IGNORED; /* what is typed now would not be sent */
    if (ev->kind == TERM_EV_PASTE) {
        field_insert(f, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_UP || ev->key == TK_DOWN)
        return password_act(view, ev->key == TK_DOWN ? UA_NEXT_PANE : UA_PREV_PANE);
    return field_key(f, ev->key, NULL) ? VIEW_HANDLED : VIEW_IGNORED;
}

static bool password_typing(struct view *view)
{
    return true;
}

const struct view_ops view_password = {
    .name = "password",
    .title = N_("New password"),
    .context = CTX_PASSWORD,
    .size = sizeof(struct password_view),
    .open = password_open,
    .recalc = password_recalc,
    .paint = password_paint,
    .act = password_act,
    .key = password_key,
    .typing = password_typing,
    .close = password_close,
};
