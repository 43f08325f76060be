/* SPDX-License-Identifier: MIT */
/* Forms; see form.h. */
#include "client/view/form.h"

#include <stdio.h>
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

void form_pick(struct form_item *it, const char *id, const char *text)
{
    text_copy(it->id, sizeof it->id, id);
    text_copy(it->shown, sizeof it->shown, text);
    picker_reset(&it->picker);
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
    bool asking = it->picker.query.len > 0;
    if (!asking && it->id[0] && (ev->key == TK_UP || ev->key == TK_DOWN))
        return VIEW_IGNORED;                           /* no choices are shown: these move between the fields */
    if (ev->key == TK_ENTER && !asking && it->id[0]) { /* it is chosen already */
        form_move(f, 1);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_ESC && asking) {
        picker_reset(&it->picker);
        return VIEW_HANDLED;
    }
    if (ev->key == TK_BACKSPACE && !asking && it->id[0]) {
        it->id[0] = it->shown[0] = 0;
        f->changed = true;
        return VIEW_HANDLED;
    }
    if (ev->key == TK_TAB && asking && it->picker.n_hits == 1) {
        const struct picker_item *only = picker_choice(&it->picker);
        form_pick(it, only->id, only->text);
        f->changed = true;
        return VIEW_IGNORED; /* and on to the next field */
    }
    switch (picker_key(&it->picker, ev->key)) {
    case PICKER_CHOSEN: {
        const struct picker_item *c = picker_choice(&it->picker);
        char id[FORM_ID_MAX], text[256];
        text_copy(id, sizeof id, c->id);
        text_copy(text, sizeof text, c->text);
        form_pick(it, id, text);
        it->error[0] = 0;
        f->changed = true;
        form_move(f, 1);
        return VIEW_HANDLED;
    }
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
        return !it->id[0];
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

static void paint_pick(struct form_item *it, struct term *t, int row, int col, int width, bool focused)
{
    int cols = width < PICK_COLS ? width : PICK_COLS;
    if (focused && (it->picker.query.len || !it->id[0])) {
        field_paint(&it->picker.query, t, row, col, 1, cols, true);
        return;
    }
    grid_put(&t->grid, row, col, 1, focused ? ATTR_BOLD : 0, "[");
    int used = grid_put_cut(&t->grid, row, col + 1, width - 2, 0, it->shown);
    if (!it->id[0])
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
            if (focused && (it->picker.query.len || !it->id[0]))
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
