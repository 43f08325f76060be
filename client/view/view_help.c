/* SPDX-License-Identifier: MIT */
/* Help: the keys of the screen below, found by typing a name or a key. Printed from the key table. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "client/model/i18n.h"
#include "client/ui/field.h"
#include "client/view/app.h"
#include "common/pinyin/pinyin.h"

enum { ROWS_MAX = 96 };

struct help_view {
    struct view view;
    const struct view_ops *about;
    struct field filter;
    const struct ui_key *rows[ROWS_MAX];
    int n, top, page;
};

static int help_open(struct view *view, const void *arg)
{
    struct help_view *v = (struct help_view *)view;
    v->about = ((const struct view *)arg)->ops;
    return field_init(&v->filter, 40);
}

static void help_close(struct view *view)
{
    field_fini(&((struct help_view *)view)->filter);
}

static void help_recalc(struct view *view)
{
    struct help_view *v = (struct help_view *)view;
    const char *q = v->filter.text;
    char keys[64];
    v->n = 0;
    for (const struct ui_key *k = ui_keys(); k->action != UA_NONE && v->n < ROWS_MAX; k++) {
        if (!(k->contexts & v->about->context))
            continue;
        ui_key_names(k, keys, sizeof keys);
        if (!q[0] || strcasestr(_(k->help), q) || strcasestr(_(k->label), q) || strcasestr(keys, q) ||
            pinyin_match(_(k->help), q))
            v->rows[v->n++] = k;
    }
}

static void help_paint(struct view *view, struct term *t, struct area a)
{
    struct help_view *v = (struct help_view *)view;
    char keys[64];
    int cols = t->grid.cols, row = a.row;
    grid_printf(&t->grid, row, 1, 40, ATTR_BOLD, _("Keys: %s"), _(v->about->title));
    grid_put_cut(&t->grid, row, 43, 8, 0, _("Find:"));
    field_paint(&v->filter, t, row, 51, 1, 26, true);
    row++;
    grid_put_cut(&t->grid, row++, 1, cols - 2, ATTR_DIM,
                 _("Letters work outside text fields, other keys always; Alt+digit is the F-key."));
    chrome_rule(t, row++);
    v->page = a.row + a.rows - row;
    if (v->top > v->n - v->page)
        v->top = v->n > v->page ? v->n - v->page : 0;
    for (int i = 0; i < v->page && v->top + i < v->n; i++) {
        const struct ui_key *k = v->rows[v->top + i];
        ui_key_names(k, keys, sizeof keys);
        grid_put_cut(&t->grid, row + i, 1, 18, ATTR_BOLD, keys[0] ? keys : _("(palette)"));
        grid_put_cut(&t->grid, row + i, 20, 20, 0, _(k->label));
        grid_put_cut(&t->grid, row + i, 41, cols - 42, 0, _(k->help));
    }
    if (v->n == 0)
        chrome_message(t, row, v->page, _("No key matches."), NULL);
}

static enum view_result help_act(struct view *view, enum ui_action action)
{
    struct help_view *v = (struct help_view *)view;
    switch ((int)action) {
    case UA_UP:
        v->top = v->top > 0 ? v->top - 1 : 0;
        return VIEW_HANDLED;
    case UA_DOWN:
        v->top++;
        return VIEW_HANDLED;
    case UA_PAGE_UP:
        v->top = v->top > v->page ? v->top - v->page : 0;
        return VIEW_HANDLED;
    case UA_PAGE_DOWN:
        v->top += v->page;
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static enum view_result help_key(struct view *view, const struct term_event *ev)
{
    struct help_view *v = (struct help_view *)view;
    if (ev->kind == TERM_EV_KEY && ev->key == TK_F(1))
        return VIEW_HANDLED | VIEW_CLOSE;
    if (ev->kind == TERM_EV_KEY && (ev->key == TK_UP || ev->key == TK_DOWN))
        return VIEW_IGNORED;
    if (ev->kind == TERM_EV_PASTE) {
        field_insert(&v->filter, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    return field_key(&v->filter, ev->key, NULL) ? VIEW_HANDLED : VIEW_IGNORED;
}

static bool help_typing(struct view *view)
{
    return true;
}

const struct view_ops view_help = {
    .name = "help",
    .title = N_("Help"),
    .context = CTX_HELP,
    .size = sizeof(struct help_view),
    .open = help_open,
    .recalc = help_recalc,
    .paint = help_paint,
    .act = help_act,
    .key = help_key,
    .typing = help_typing,
    .close = help_close,
};
