/* SPDX-License-Identifier: MIT */
/* Forms; see form.h. */
#include "client/view/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

enum { LABEL_COL = 1, FIELD_COL = 14, PICK_COLS = 34, POPUP_ROWS = 9 };

void form_init(struct form *f)
{
    memset(f, 0, sizeof *f);
}

void form_fini(struct form *f)
{
    for (int i = 0; i < f->n; i++) {
        field_fini(&f->items[i].field);
        picker_fini(&f->items[i].picker);
        free(f->items[i].ids);
    }
    memset(f, 0, sizeof *f);
}

static struct form_item *add(struct form *f, const char *name, const char *label, enum form_kind kind, bool required)
{
    if (f->n == FORM_ITEMS_MAX)
        return NULL;
    struct form_item *it = &f->items[f->n];
    memset(it, 0, sizeof *it);
    it->name = name;
    it->label = label;
    it->kind = kind;
    it->required = required;
    it->rows = 1;
    return it;
}

struct form_item *form_add_text(struct form *f, const char *name, const char *label, bool required, int max_chars, int rows)
{
    struct form_item *it = add(f, name, label, rows > 1 ? FORM_LINES : FORM_TEXT, required);
    if (!it || field_init(&it->field, max_chars) != 0)
        return NULL;
    it->rows = rows;
    it->field.lines = rows > 1;
    f->n++;
    return it;
}

struct form_item *form_add_pick(struct form *f, const char *name, const char *label, bool required)
{
    struct form_item *it = add(f, name, label, FORM_PICK, required);
    if (!it || picker_init(&it->picker) != 0)
        return NULL;
    f->n++;
    return it;
}

struct form_item *form_add_multi(struct form *f, const char *name, const char *label, bool required)
{
    struct form_item *it = form_add_pick(f, name, label, required);
    if (it)
        it->ids = calloc(FORM_MULTI_MAX, sizeof *it->ids);
    return it && it->ids ? it : NULL;
}

void form_accept(struct form_item *it, form_accept_fn fn, void *arg, bool typed_first)
{
    it->accept = fn;
    it->accept_arg = arg;
    it->typed_first = typed_first;
    it->picker.free = true;
}

struct form_item *form_add_choice(struct form *f, const char *name, const char *label, bool required)
{
    struct form_item *it = add(f, name, label, FORM_CHOICE, required);
    if (it) {
        it->choice = -1;
        f->n++;
    }
    return it;
}

void form_choice(struct form_item *it, int value, const char *text)
{
    if (it->n_choices == FORM_CHOICES_MAX)
        return;
    it->values[it->n_choices] = value;
    it->choices[it->n_choices++] = text;
}

static void pick_another(struct form_item *it, const char *id, const char *text)
{
    for (int i = 0; i < it->n_ids; i++) {
        if (strcmp(it->ids[i], id) == 0)
            return;
    }
    if (it->n_ids == FORM_MULTI_MAX || !id[0])
        return;
    text_copy(it->ids[it->n_ids++], FORM_ID_MAX, id);
    size_t used = strlen(it->shown);
    snprintf(it->shown + used, sizeof it->shown - used, "%s%s", used ? C_("list", ", ") : "", text);
    text_trim_partial(it->shown);
}

void form_pick(struct form_item *it, const char *id, const char *text)
{
    if (it->ids) {
        pick_another(it, id, text);
    } else {
        text_copy(it->id, sizeof it->id, id);
        text_copy(it->shown, sizeof it->shown, text);
    }
    picker_reset(&it->picker);
}

/* Takes the last one off again; its text begins after the last separator. */
static void unpick(struct form_item *it)
{
    if (!it->ids || it->n_ids <= 1) {
        it->n_ids = 0;
        it->id[0] = it->shown[0] = 0;
        return;
    }
    it->n_ids--;
    const char *comma = C_("list", ", ");
    char *last = NULL;
    for (char *p = it->shown; (p = strstr(p, comma)); p++)
        last = p;
    if (last)
        *last = 0;
}

static bool has_pick(const struct form_item *it)
{
    return it->ids ? it->n_ids > 0 : it->id[0] != 0;
}

static bool take_typed(struct form *f, struct form_item *it)
{
    char id[FORM_ID_MAX] = "", shown[FORM_SHOWN_MAX] = "", typed[PICKER_QUERY_MAX * 4 + 1];
    text_copy(typed, sizeof typed, it->picker.query.text);
    if (!it->accept || !it->accept(it->accept_arg, typed, id, shown))
        return false;
    form_pick(it, id, shown);
    it->error[0] = 0;
    f->changed = true;
    return true;
}

static bool take_item(struct form *f, struct form_item *it)
{
    const struct picker_item *c = picker_choice(&it->picker);
    char id[FORM_ID_MAX], text[FORM_SHOWN_MAX];
    if (!c)
        return false;
    text_copy(id, sizeof id, c->id);
    text_copy(text, sizeof text, c->text);
    form_pick(it, id, text);
    it->error[0] = 0;
    f->changed = true;
    return true;
}

/* What Enter means in a picker that something was typed into. */
static bool take_either(struct form *f, struct form_item *it)
{
    bool moved = it->picker.selected > 0;
    if (it->typed_first && !moved && it->picker.query.len && take_typed(f, it))
        return true;
    return take_item(f, it) || take_typed(f, it);
}

bool form_commit(struct form *f)
{
    if (f->n == 0)
        return true;
    struct form_item *it = &f->items[f->focus];
    if (it->kind != FORM_PICK || it->picker.query.len == 0)
        return true;
    if (it->accept)
        return take_either(f, it);
    return it->picker.n_hits == 1 && take_item(f, it);
}

struct form_item *form_find(struct form *f, const char *name)
{
    for (int i = 0; i < f->n; i++) {
        if (strcmp(f->items[i].name, name) == 0)
            return &f->items[i];
    }
    return NULL;
}

void form_move(struct form *f, int by)
{
    if (f->n)
        f->focus = (f->focus + by + f->n) % f->n;
}

static enum view_result key_pick(struct form *f, struct form_item *it, const struct term_event *ev)
{
    if (ev->kind == TERM_EV_PASTE) {
        picker_paste(&it->picker, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    bool asking = it->picker.query.len > 0, picked = has_pick(it);
    if (!asking && picked && (ev->key == TK_UP || ev->key == TK_DOWN))
        return VIEW_IGNORED; /* no choices are shown: these move between the fields */
    bool nothing_meant = picked || (!it->required && it->picker.selected == 0);
    if (ev->key == TK_ENTER && !asking && nothing_meant) { /* it is chosen already, or need not be */
        form_move(f, 1);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_ESC && asking) {
        picker_reset(&it->picker);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_BACKSPACE && !asking && picked) {
        unpick(it);
        f->changed = true;
        return VIEW_HANDLED;
    }
    if (ev->key == TK_TAB && asking) {
        form_commit(f);
        return VIEW_IGNORED; /* and on to the next field */
    }
    if (ev->key == TK_ENTER && it->accept) {
        if (take_either(f, it) && !it->ids)
            form_move(f, 1);
        return VIEW_HANDLED;
    }
    switch (picker_key(&it->picker, ev->key)) {
    case PICKER_CHOSEN:
        if (take_item(f, it) && !it->ids)
            form_move(f, 1);
        return VIEW_HANDLED;
    case PICKER_HANDLED:
        return VIEW_HANDLED;
    case PICKER_IGNORED:
        break;
    }
    return VIEW_IGNORED;
}

static enum view_result key_choice(struct form *f, struct form_item *it, uint32_t key)
{
    key = input_fold(key);
    int was = it->choice;
    if (key == TK_LEFT)
        it->choice = it->choice > 0 ? it->choice - 1 : 0;
    else if (key == TK_RIGHT || key == ' ')
        it->choice = it->choice + 1 < it->n_choices ? it->choice + 1 : key == ' ' ? 0 : it->n_choices - 1;
    else if (key >= '1' && key < (uint32_t)('1' + it->n_choices))
        it->choice = (int)(key - '1');
    else
        return VIEW_IGNORED;
    it->error[0] = 0;
    f->changed = f->changed || was != it->choice;
    return VIEW_HANDLED;
}

enum view_result form_key(struct form *f, const struct term_event *ev)
{
    if (f->n == 0)
        return VIEW_IGNORED;
    struct form_item *it = &f->items[f->focus];
    enum view_result r = VIEW_IGNORED;
    bool edited = false;
    switch (it->kind) {
    case FORM_PICK:
        r = key_pick(f, it, ev);
        break;
    case FORM_CHOICE:
        r = ev->kind == TERM_EV_KEY ? key_choice(f, it, ev->key) : VIEW_HANDLED;
        break;
    case FORM_TEXT:
    case FORM_LINES:
        if (ev->kind == TERM_EV_PASTE) {
            field_insert(&it->field, ev->text, ev->len);
            edited = true;
            r = VIEW_HANDLED;
        } else if (field_key(&it->field, ev->key, &edited)) {
            r = VIEW_HANDLED;
        }
        if (edited) {
            it->error[0] = 0;
            f->changed = true;
        }
        break;
    }
    if (r != VIEW_IGNORED || ev->kind != TERM_EV_KEY)
        return r;
    switch (ev->key) {
    case TK_TAB:
    case TK_DOWN:
    case TK_ENTER:
        form_move(f, 1);
        return VIEW_HANDLED;
    case TK_BACKTAB:
    case TK_UP:
        form_move(f, -1);
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

bool form_error(struct form *f, const char *name, const char *text)
{
    struct form_item *it = form_find(f, name);
    if (!it)
        return false;
    text_copy(it->error, sizeof it->error, text);
    f->focus = (int)(it - f->items);
    return true;
}

void form_clear_errors(struct form *f)
{
    for (int i = 0; i < f->n; i++)
        f->items[i].error[0] = 0;
}

bool form_item_is_empty(const struct form_item *it)
{
    switch (it->kind) {
    case FORM_PICK:
        return !has_pick(it);
    case FORM_CHOICE:
        return it->choice < 0;
    case FORM_TEXT:
    case FORM_LINES:
        break;
    }
    return field_is_empty(&it->field);
}

bool form_check(struct form *f)
{
    for (int i = 0; i < f->n; i++) {
        struct form_item *it = &f->items[i];
        if (it->required && form_item_is_empty(it)) {
            form_error(f, it->name, it->kind == FORM_PICK || it->kind == FORM_CHOICE ? _("Choose one.") : _("This is needed."));
            return false;
        }
    }
    return true;
}

static void paint_choice(const struct form_item *it, struct term *t, int row, int col, int width, bool focused)
{
    int x = col;
    for (int i = 0; i < it->n_choices; i++) {
        uint16_t attr = i == it->choice ? ATTR_BOLD | (focused ? ATTR_REVERSE : 0) : 0;
        char text[96];
        snprintf(text, sizeof text, i == it->choice ? "(%d*) %s" : " %d   %s", i + 1, it->choices[i]);
        if (focused && (i == it->choice || (it->choice < 0 && i == 0))) {
            t->cursor_row = row;
            t->cursor_col = x;
        }
        x += grid_put_cut(&t->grid, row, x, width - (x - col), attr, text) + 2;
    }
}

/* Its choices are shown: one of several asks for more until it is left. */
static bool asks(const struct form_item *it)
{
    return it->picker.query.len || !has_pick(it);
}

static void paint_pick(struct form_item *it, struct term *t, int row, int col, int width, bool focused)
{
    int cols = width < PICK_COLS ? width : PICK_COLS;
    if (focused && asks(it)) {
        field_paint(&it->picker.query, t, row, col, 1, cols, true);
        if (it->ids)
            grid_put_cut(&t->grid, row, col + cols + 1, width - cols - 1, ATTR_BOLD, it->shown);
        return;
    }
    grid_put(&t->grid, row, col, 1, focused ? ATTR_BOLD : 0, "[");
    int used = grid_put_cut(&t->grid, row, col + 1, width - 2, 0, it->shown);
    if (!has_pick(it))
        used += cols - 2, grid_fill(&t->grid, row, col + 1, cols - 2, 0, "_");
    grid_put(&t->grid, row, col + 1 + used, 1, focused ? ATTR_BOLD : 0, "]");
    if (focused) {
        t->cursor_row = row;
        t->cursor_col = col + 1 + used;
    }
}

static int item_rows(const struct form_item *it, bool roomy)
{
    return it->kind == FORM_LINES && !roomy && it->rows > 2 ? 2 : it->rows;
}

int form_paint(struct form *f, struct term *t, int row, int rows, int columns)
{
    int want = 0, y = row, popup_row = -1;
    for (int i = 0; i < f->n; i++)
        want += f->items[i].rows;
    bool roomy = want + f->n <= rows;
    for (int i = 0; i < f->n && y < row + rows; i++) {
        struct form_item *it = &f->items[i];
        bool focused = i == f->focus;
        int h = item_rows(it, roomy), width = columns - FIELD_COL - 1;
        grid_put(&t->grid, y, LABEL_COL, 1, ATTR_BOLD, it->required ? "*" : " ");
        grid_put_cut(&t->grid, y, LABEL_COL + 2, FIELD_COL - LABEL_COL - 3, focused ? ATTR_BOLD : 0, it->label);
        int note_col = FIELD_COL + PICK_COLS + 1;
        switch (it->kind) {
        case FORM_PICK:
            paint_pick(it, t, y, FIELD_COL, width, focused);
            if (focused && asks(it))
                popup_row = y + 1;
            else
                note_col = FIELD_COL + width_str(it->shown) + 3;
            break;
        case FORM_CHOICE:
            paint_choice(it, t, y, FIELD_COL, width, focused);
            note_col = columns;
            break;
        case FORM_TEXT:
        case FORM_LINES:
            field_paint(&it->field, t, y, FIELD_COL, h, width, focused);
            if (it->note[0] && focused && field_is_empty(&it->field))
                grid_put_cut(&t->grid, y, FIELD_COL + 3, width - 5, ATTR_DIM, it->note);
            note_col = columns;
            break;
        }
        if (it->note[0] && note_col < columns)
            grid_put_cut(&t->grid, y, note_col, columns - note_col, ATTR_DIM, it->note);
        y += h;
        if (it->error[0] && y < row + rows) {
            grid_put(&t->grid, y, FIELD_COL, 2, ATTR_BOLD | ATTR_RED, "! ");
            grid_put_cut(&t->grid, y++, FIELD_COL + 2, width - 2, ATTR_RED, it->error);
        }
        if (focused && popup_row >= 0)
            popup_row = y; /* below the error */
        if (roomy)
            y++;
    }
    if (popup_row >= 0) { /* last: it lies over the fields below */
        int h = row + rows - popup_row < POPUP_ROWS ? row + rows - popup_row : POPUP_ROWS;
        if (h >= 3)
            picker_paint(&f->items[f->focus].picker, t, popup_row, FIELD_COL, h, columns - FIELD_COL - 1);
    }
    return y;
}
