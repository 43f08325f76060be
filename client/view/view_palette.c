/* SPDX-License-Identifier: MIT */
/* The command palette: every action of the screen below, by typing any part of its name; the first match is chosen. */
#include <string.h>

#include "client/model/i18n.h"
#include "client/ui/picker.h"
#include "client/view/app.h"

enum { COMMANDS_MAX = 96 };

struct palette_view {
    struct view view;
    struct picker picker;
    struct picker_item items[COMMANDS_MAX];
    const struct ui_key *keys[COMMANDS_MAX];
    char names[COMMANDS_MAX][64];
};

static int palette_open(struct view *view, const void *arg)
{
    struct palette_view *v = (struct palette_view *)view;
    const struct view *below = arg;
    size_t n = 0;
    for (const struct ui_key *k = ui_keys(); k->action != UA_NONE && n < COMMANDS_MAX; k++) {
        bool moves = k->action == UA_UP || k->action == UA_DOWN || k->action == UA_PALETTE;
        if (!(k->contexts & below->ops->context) || moves)
            continue;
        if (below->ops->allowed && !below->ops->allowed((struct view *)below, k->action))
            continue;
        ui_key_names(k, v->names[n], sizeof v->names[n]);
        v->keys[n] = k;
        v->items[n] = (struct picker_item){.id = "", .text = _(k->label), .initials = v->names[n], .hint = _(k->help)};
        n++;
    }
    if (picker_init(&v->picker) != 0)
        return ERR_NOMEM;
    picker_set_items(&v->picker, v->items, n);
    return 0;
}

static void palette_close(struct view *view)
{
    picker_fini(&((struct palette_view *)view)->picker);
}

static void palette_paint(struct view *view, struct term *t, struct area a)
{
    struct palette_view *v = (struct palette_view *)view;
    int cols = t->grid.cols;
    grid_put_cut(&t->grid, a.row + 1, 2, 12, ATTR_BOLD, _("Command:"));
    field_paint(&v->picker.query, t, a.row + 1, 14, 1, 40, true);
    picker_paint(&v->picker, t, a.row + 3, 2, a.rows - 3, cols - 4);
}

/* Closes itself first: the command belongs to the screen below. */
static void run(struct palette_view *v)
{
    const struct picker_item *it = picker_choice(&v->picker);
    struct app *app = v->view.app;
    if (!it)
        return;
    enum ui_action action = v->keys[it - v->items]->action;
    app_act(app, UA_BACK);
    app_act(app, action);
}

static enum view_result palette_act(struct view *view, enum ui_action action)
{
    struct palette_view *v = (struct palette_view *)view;
    if (action == UA_OPEN) {
        run(v);
        return VIEW_HANDLED;
    }
    return VIEW_IGNORED;
}

static enum view_result palette_key(struct view *view, const struct term_event *ev)
{
    struct palette_view *v = (struct palette_view *)view;
    if (ev->kind == TERM_EV_PASTE) {
        picker_paste(&v->picker, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_ENTER)
        return VIEW_IGNORED; /* the action */
    switch (picker_key(&v->picker, ev->key)) {
    case PICKER_CHOSEN:
        run(v);
        return VIEW_HANDLED;
    case PICKER_HANDLED:
        return VIEW_HANDLED;
    case PICKER_IGNORED:
        break;
    }
    return VIEW_IGNORED;
}

static bool palette_typing(struct view *view)
{
    return true;
}

const struct view_ops view_palette = {
    .name = "palette",
    .title = N_("Commands"),
    .context = CTX_PALETTE,
    .size = sizeof(struct palette_view),
    .open = palette_open,
    .paint = palette_paint,
    .act = palette_act,
    .key = palette_key,
    .typing = palette_typing,
    .close = palette_close,
};
