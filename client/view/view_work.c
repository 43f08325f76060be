/* SPDX-License-Identifier: MIT */
/*
 * My work (S2): what the caller can act on, soonest due first, live, with what waits in the outbox below it. The cursor
 * stays on its case whatever arrives.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/model/case_words.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/ui/field.h"
#include "client/ui/list.h"
#include "client/view/actions.h"
#include "client/view/app.h"
#include "common/base/text.h"
#include "common/pinyin/pinyin.h"

enum { NUMBER_MIN = 14, NUMBER_MAX = 24 };
enum { LOCAL_MAX = 200, SIDE_COLS = 110, PREVIEW_ROWS = 4 };

/* One line: a case of the server, or a submit that waits in the outbox. */
struct row {
    const Wangge__V1__Case *c; /* borrowed from the model; NULL: local */
    int local;                 /* index into locals */
};

struct local {
    char id[37];
    char number[24];
    char subject[200];
    enum outbox_state state;
};

/* Quick filters: what of the list is shown. */
enum quick {
    QUICK_ALL,
    QUICK_LATE,
    QUICK_SOON,
    QUICK_TODAY,
    QUICK_CARD,
    QUICK_WAITS,
    QUICK_MINE,
    QUICK_SUSPENDED,
    QUICK_URGENT,
    QUICKS
};

static const char *const quick_names[QUICKS] = {N_("all"),
                                                N_("late"),
                                                N_("late or due soon"),
                                                N_("due today"),
                                                N_("with a card"),
                                                N_("waiting for a decision"),
                                                N_("mine to decide"),
                                                N_("suspended"),
                                                N_("urgent or critical")};

enum { QUICK_REGION = 100, QUICK_HOME = 101 };

struct work_view {
    struct view view;
    enum quick quick;
    bool any_card; /* the column is there only if it says something */
    struct list list;
    struct row *rows;
    size_t n_rows, cap;
    struct local locals[LOCAL_MAX];
    int n_locals;
    struct field filter;
    bool filtering; /* the filter field has the focus */
};

static const char *row_id(void *arg, size_t i)
{
    struct work_view *v = arg;
    return v->rows[i].c ? v->rows[i].c->case_id : v->locals[v->rows[i].local].id;
}

static int work_open(struct view *view, const void *arg)
{
    struct work_view *v = (struct work_view *)view;
    list_init(&v->list, row_id, v);
    return field_init(&v->filter, 40);
}

static void work_close(struct view *view)
{
    struct work_view *v = (struct work_view *)view;
    list_fini(&v->list);
    field_fini(&v->filter);
    free(v->rows);
}

static bool matches(const char *text, const char *q)
{
    return strcasestr(text, q) || pinyin_match(text, q);
}

static bool case_matches(const Wangge__V1__Case *c, const char *q)
{
    char word[LABELS_WORD_MAX];
    if (!q[0])
        return true;
    return strstr(c->number, q) || matches(c->description, q) || matches(c->address, q) || matches(c->category_name, q) ||
           matches(c->grid_name, q) || matches(labels_text(LABELS_STATE, (int)c->state, word), q);
}

static bool is_quick(struct work_view *v, const Wangge__V1__Case *c, enum quick q)
{
    const struct app *app = v->view.app;
    usec_t now = app_now(app), due = model_time(c->due_at);
    Wangge__V1__Light light = case_words_light(c, now);
    switch (q) {
    case QUICK_LATE:
        return light == WANGGE__V1__LIGHT__LIGHT_RED;
    case QUICK_SOON:
        return light == WANGGE__V1__LIGHT__LIGHT_RED || light == WANGGE__V1__LIGHT__LIGHT_YELLOW;
    case QUICK_TODAY:
        return due != USEC_NONE && clock_local_day(due, MOMENT_ZONE_S) <= clock_local_day(now, MOMENT_ZONE_S);
    case QUICK_CARD:
        return c->card != WANGGE__V1__CARD__CARD_UNSPECIFIED;
    case QUICK_WAITS:
        return c->n_approvals > 0;
    case QUICK_MINE:
        return actions_decides(app, c);
    case QUICK_SUSPENDED:
        return c->state == WANGGE__V1__CASE_STATE__CASE_STATE_SUSPENDED;
    case QUICK_URGENT:
        return c->urgency > WANGGE__V1__URGENCY__URGENCY_NORMAL;
    case QUICK_ALL:
    case QUICKS:
        break;
    }
    return true;
}

static bool add_row(struct work_view *v, struct row r)
{
    if (v->n_rows == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 64;
        struct row *grown = realloc(v->rows, cap * sizeof *grown);
        if (!grown)
            return false;
        v->rows = grown;
        v->cap = cap;
    }
    v->rows[v->n_rows++] = r;
    return true;
}

static bool take_local(void *arg, const struct outbox_entry *e)
{
    struct work_view *v = arg;
    if (e->op != OUTBOX_SUBMIT || e->state == OUTBOX_DELIVERED)
        return true;
    struct local *l = &v->locals[v->n_locals];
    Wangge__V1__SubmitCaseRequest *req = wangge__v1__submit_case_request__unpack(NULL, e->request_len, e->request);
    text_copy(l->id, sizeof l->id, e->case_id);
    snprintf(l->number, sizeof l->number, _("local-%d"), (int)e->local_number);
    text_copy(l->subject, sizeof l->subject, req ? req->description : "");
    l->state = e->state;
    wangge__v1__submit_case_request__free_unpacked(req, NULL);
    return ++v->n_locals < LOCAL_MAX;
}

static void work_recalc(struct view *view)
{
    struct work_view *v = (struct work_view *)view;
    const struct case_list *m = &view->app->work;
    const char *q = v->filter.text;
    v->n_rows = 0;
    v->n_locals = 0;
    v->any_card = false;
    for (int pass = 0; pass < 2; pass++) { /* what waits for this person's decision comes first */
        for (size_t i = 0; i < m->n; i++) {
            const Wangge__V1__Case *c = m->rows[i];
            if (actions_decides(view->app, c) != (pass == 0) || !is_quick(v, c, v->quick) || !case_matches(c, q))
                continue;
            v->any_card |= c->card != WANGGE__V1__CARD__CARD_UNSPECIFIED;
            if (!add_row(v, (struct row){.c = c}))
                break;
        }
    }
    if (view->app->env.outbox && outbox_list(view->app->env.outbox, OUTBOX_ALL, take_local, v, NULL) != 0)
        v->n_locals = 0;
    for (int i = 0; i < v->n_locals; i++) {
        if (v->quick == QUICK_ALL && (!q[0] || matches(v->locals[i].subject, q)) && !add_row(v, (struct row){.local = i}))
            break;
    }
    list_refresh(&v->list, v->n_rows);
}

/* --- Painting --- */

struct columns {
    int number, category, subject, left, light, card, state, width;
};

static struct columns lay_out(int width, bool card)
{
    struct columns c = {
        .number = 16, .category = width < 100 ? 8 : 10, .left = 8, .light = 4, .card = card ? 2 : 0, .width = width};
    c.state = i18n_chinese() ? 8 : 12;
    c.subject = width - 3 - c.number - c.category - c.left - c.light - c.card - c.state - (card ? 6 : 5);
    return c;
}

/* Puts a cell and returns the column after it; a column of no width is not there. */
static int put_cell(struct term *t, int row, int x, int columns, uint16_t attr, const char *text)
{
    if (columns == 0)
        return x;
    grid_put_cut(&t->grid, row, x, columns, attr, text);
    return x + columns + 1;
}

static void paint_header(struct term *t, int row, const struct columns *c)
{
    int x = put_cell(t, row, 3, c->number, ATTR_DIM, _("Number"));
    x = put_cell(t, row, x, c->category, ATTR_DIM, _("Category"));
    x = put_cell(t, row, x, c->subject, ATTR_DIM, _("Matter"));
    x = put_cell(t, row, x, c->left, ATTR_DIM, _("Left"));
    x = put_cell(t, row, x, c->light, ATTR_DIM, C_("work column", "Lamp"));
    x = put_cell(t, row, x, c->card, ATTR_DIM, C_("work column", "Ca"));
    put_cell(t, row, x, c->state, ATTR_DIM, C_("column", "State"));
}

static const char *light_word(Wangge__V1__Light light)
{
    switch ((int)light) {
    case WANGGE__V1__LIGHT__LIGHT_RED:
        return C_("work column", "late");
    case WANGGE__V1__LIGHT__LIGHT_YELLOW:
        return C_("work column", "soon");
    case WANGGE__V1__LIGHT__LIGHT_GREEN:
        return C_("work column", "ok");
    default:
        return "--";
    }
}

static const char *card_word(Wangge__V1__Card card)
{
    switch ((int)card) {
    case WANGGE__V1__CARD__CARD_YELLOW:
        return C_("work column", "Y");
    case WANGGE__V1__CARD__CARD_RED:
        return C_("work column", "R");
    case WANGGE__V1__CARD__CARD_BLACK:
        return C_("work column", "B");
    default:
        return "";
    }
}

static uint16_t light_attr(Wangge__V1__Light light)
{
    return light == WANGGE__V1__LIGHT__LIGHT_RED      ? ATTR_BOLD | ATTR_RED
           : light == WANGGE__V1__LIGHT__LIGHT_YELLOW ? ATTR_YELLOW
                                                      : ATTR_DIM;
}

static void paint_row(struct work_view *v, struct term *t, int row, const struct columns *c, size_t i, usec_t now)
{
    const struct row *r = &v->rows[i];
    char when[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX], subject[512];
    bool here = i == v->list.selected;
    Wangge__V1__Light light = WANGGE__V1__LIGHT__LIGHT_UNSPECIFIED;
    const char *number, *category = "", *left = "--", *state, *mark = " ", *wait = " ", *card = "";
    if (r->c) {
        usec_t due = model_time(r->c->due_at);
        light = case_words_light(r->c, now);
        number = r->c->number;
        category = r->c->category_name;
        left = moment_left(due, now, when);
        state = labels_text(LABELS_STATE, (int)r->c->state, word);
        snprintf(subject, sizeof subject, "%s%s%s", r->c->address, r->c->address[0] ? " " : "", r->c->description);
        mark = light == WANGGE__V1__LIGHT__LIGHT_RED ? "!" : " ";
        wait = r->c->n_approvals ? "?" : " "; /* something waits for a decision */
        card = card_word(r->c->card);
    } else {
        const struct local *l = &v->locals[r->local];
        number = l->number;
        bool wrong = l->state == OUTBOX_REFUSED || l->state == OUTBOX_CONFLICT;
        state = wrong ? _("refused") : _("unsent");
        text_copy(subject, sizeof subject, l->subject);
        mark = "^";
    }
    if (list_is_marked(&v->list, i))
        mark = "*";
    for (char *p = subject; *p; p++) {
        if (*p == '\n')
            *p = ' ';
    }
    grid_put(&t->grid, row, 0, 1, 0, here ? ">" : " ");
    grid_put(&t->grid, row, 1, 1, light == WANGGE__V1__LIGHT__LIGHT_RED ? ATTR_BOLD | ATTR_RED : 0, mark);
    grid_put(&t->grid, row, 2, 1, ATTR_BOLD | ATTR_YELLOW, wait);
    int x = 3;
    grid_put_pad(&t->grid, row, x, c->number, here ? ATTR_REVERSE : 0, number);
    x = put_cell(t, row, x + c->number + 1, c->category, 0, category);
    x = put_cell(t, row, x, c->subject, 0, subject);
    x = put_cell(t, row, x, c->left, light == WANGGE__V1__LIGHT__LIGHT_RED ? ATTR_RED : 0, left);
    x = put_cell(t, row, x, c->light, light_attr(light), light_word(light));
    x = put_cell(t, row, x, c->card, ATTR_BOLD | ATTR_RED, card);
    put_cell(t, row, x, c->state, 0, state);
    if (here) {
        t->cursor_row = row;
        t->cursor_col = 0;
    }
}

static int paint_text(struct term *t, int row, int rows, int col, int width, uint16_t attr, const char *text)
{
    size_t len = strlen(text), at = 0;
    int used = 0;
    while (at < len && used < rows) {
        size_t next, n = field_wrap(text + at, len - at, width, &next);
        grid_putn(&t->grid, row + used++, col, width, attr, text + at, n);
        at += next;
    }
    return used;
}

/* What waits and what card it has, in words. */
static int paint_pressing(struct work_view *v, struct term *t, int row, int rows, int col, int width, const Wangge__V1__Case *c)
{
    struct case_fact facts[CASE_FACTS_MAX];
    if (c->n_approvals == 0 && !c->card && !c->card_reply_by)
        return row;
    size_t n = case_words_facts(c, WORDS_SCREEN, &v->view.app->directory, app_now(v->view.app), NULL, facts);
    for (size_t i = 0; i < n && rows > 0 && (facts[i].tone == FACT_WARN || facts[i].tone == FACT_BAD); i++) {
        char line[800];
        snprintf(line, sizeof line, "%s  %s", facts[i].label, facts[i].text);
        int used = paint_text(t, row, rows, col, width, facts[i].tone == FACT_BAD ? ATTR_RED : ATTR_YELLOW, line);
        row += used;
        rows -= used;
    }
    return row;
}

static void paint_preview(struct work_view *v, struct term *t, int row, int rows, int col, int width)
{
    if (v->list.selected >= v->n_rows)
        return;
    const struct row *r = &v->rows[v->list.selected];
    char word[LABELS_WORD_MAX], a[MOMENT_TEXT_MAX], left[MOMENT_TEXT_MAX];
    usec_t now = app_now(v->view.app);
    if (!r->c) {
        const struct local *l = &v->locals[r->local];
        grid_put_cut(&t->grid, row, col, width, ATTR_BOLD, l->number);
        paint_text(t, row + 1, rows - 1, col, width, 0, l->subject);
        return;
    }
    const Wangge__V1__Case *c = r->c;
    grid_printf(&t->grid, row, col, width, ATTR_BOLD, "%s  %s  %s", c->number, c->category_name, c->grid_name);
    int y = row + 1;
    char line[512];
    usec_t due = model_time(c->due_at);
    snprintf(line, sizeof line, "%s %s %s  %s", moment_short(model_time(c->reported_at), now, a),
             c->reporter ? c->reporter->name : "", labels_text(LABELS_CHANNEL, (int)c->channel, word),
             c->organ_name[0] ? "-> " : "");
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, "%s", c->organ_name);
    grid_put_cut(&t->grid, y++, col, width, 0, line);
    if (due != USEC_NONE && rows > PREVIEW_ROWS)
        grid_printf(&t->grid, y++, col, width, light_attr(case_words_light(c, now)), "%s %s  %s", _("Due"),
                    moment_day(due, now, a), moment_remaining(due, now, left));
    y = paint_pressing(v, t, y, rows > PREVIEW_ROWS ? 6 : 1, col, width, c);
    if (rows > PREVIEW_ROWS && c->address[0])
        grid_printf(&t->grid, y++, col, width, 0, "%s %s", _("Address"), c->address);
    paint_text(t, y, row + rows - y, col, width, 0, c->description);
}

static void paint_empty(struct work_view *v, struct term *t, int row, int rows)
{
    const struct app *app = v->view.app;
    char text[400];
    const struct model_status *s = &app->work.status;
    if (s->state == MODEL_LOADING)
        chrome_message(t, row, rows, _("Asking the server..."), _("Esc cancels; everything else works meanwhile."));
    else if (app->offline)
        chrome_message(t, row, rows, _("You work offline. What you log is sent after login."), _("F2 logs an incident."));
    else if (s->state == MODEL_FAILED) {
        app_status_text(app, s, text, sizeof text);
        chrome_message(t, row, rows, text, _("F5 tries again; F2 logs an incident all the same."));
    } else if (s->state == MODEL_IDLE)
        chrome_message(t, row, rows, _("Not asked yet."), _("F5 asks the server."));
    else if (v->filter.len || v->quick)
        chrome_message(t, row, rows, _("Nothing matches the filter."),
                       _("Esc shows everything again; Enter opens a whole case number."));
    else
        chrome_message(t, row, rows, _("Nothing to do right now."), _("F2 logs an incident."));
}

static void paint_filter(struct work_view *v, struct term *t, int row)
{
    const struct app *app = v->view.app;
    char status[400];
    int cols = t->grid.cols, x = 1;
    bool side = cols >= SIDE_COLS;
    if (v->filtering || v->filter.len) {
        x += grid_put_cut(&t->grid, row, x, 10, 0, _("Filter:")) + 1;
        field_paint(&v->filter, t, row, x, 1, 30, v->filtering);
        x += 32;
    } else {
        char view_text[160];
        bool mine = app->work.my_work;
        snprintf(view_text, sizeof view_text, _("View: %s, %s%s"), mine ? _("what I can act on") : _("all open of my region"),
                 _(quick_names[v->quick]), side ? _("   Order: decisions, then time left") : "");
        x += grid_put_cut(&t->grid, row, x, cols - 30, v->quick || !mine ? ATTR_BOLD : ATTR_DIM, view_text) + 2;
    }
    app_status_text(app, &app->work.status, status, sizeof status);
    if (!status[0]) {
        char marked[64] = "";
        if (v->list.n_marks)
            snprintf(marked, sizeof marked, _(", marked %zu"), v->list.n_marks);
        if (app->work.total > (int)app->work.n)
            snprintf(status, sizeof status, _("the first %zu of %d%s"), app->work.n, app->work.total, marked);
        else
            snprintf(status, sizeof status, _("%zu cases%s"), v->n_rows, marked);
    }
    int w = width_str(status);
    if (w > cols - x - 2)
        w = cols - x - 2;
    grid_put_cut(&t->grid, row, cols - w - 2, w, app->work.status.state == MODEL_READY ? 0 : ATTR_YELLOW, status);
}

static void work_paint(struct view *view, struct term *t, struct area a)
{
    struct work_view *v = (struct work_view *)view;
    int cols = t->grid.cols, row = a.row;
    bool side = cols >= SIDE_COLS;
    app_tabs(view->app, row++, &view_work);
    paint_filter(v, t, row++);
    chrome_rule(t, row++);
    int list_cols = side ? cols * 62 / 100 : cols;
    struct columns c = lay_out(list_cols, v->any_card);
    int rows = a.row + a.rows - row - 1;
    if (!side)
        rows -= PREVIEW_ROWS + 1;
    if (v->n_rows == 0) {
        paint_empty(v, t, row, rows);
        if (v->filtering)
            return;
        t->cursor_row = row;
        t->cursor_col = 0;
        return;
    }
    paint_header(t, row++, &c);
    int cursor_row = t->cursor_row, cursor_col = t->cursor_col;
    size_t top = list_window(&v->list, (size_t)rows);
    for (int i = 0; i < rows && top + (size_t)i < v->n_rows; i++)
        paint_row(v, t, row + i, &c, top + (size_t)i, app_now(view->app));
    if (v->filtering) { /* the insertion point is in the filter */
        t->cursor_row = cursor_row;
        t->cursor_col = cursor_col;
    }
    if (side) {
        for (int i = 0; i <= rows; i++)
            grid_put(&t->grid, row - 1 + i, list_cols, 1, 0, term_glyph(t, GLYPH_VLINE));
        paint_preview(v, t, row - 1, rows + 1, list_cols + 2, cols - list_cols - 3);
    } else {
        chrome_rule(t, row + rows);
        paint_preview(v, t, row + rows + 1, PREVIEW_ROWS, 1, cols - 2);
    }
}

/* --- Keys --- */

static const Wangge__V1__Case *selected_case(struct work_view *v)
{
    return v->list.selected < v->n_rows ? v->rows[v->list.selected].c : NULL;
}

/* Whether the filter holds a whole number that is in no line: a case elsewhere, a closed one perhaps. */
static bool names_other_case(const struct work_view *v)
{
    size_t len = v->filter.len;
    return v->n_rows == 0 && len >= NUMBER_MIN && len <= NUMBER_MAX && strspn(v->filter.text, "0123456789") == len;
}

static void open_number(struct work_view *v)
{
    Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
    c.number = v->filter.text;
    if (app_push(v->view.app, &view_case, &c))
        field_set(&v->filter, "");
}

static void open_selected(struct work_view *v)
{
    const Wangge__V1__Case *c = selected_case(v);
    if (c)
        app_push(v->view.app, &view_case, c);
    else if (v->n_rows)
        app_go(v->view.app, &view_outbox, NULL);
    else if (names_other_case(v))
        open_number(v);
}

/* One action on all marked cases, if they stand alike. */
static void act_on_marked(struct work_view *v, enum ui_action key)
{
    struct app *app = v->view.app;
    const Wangge__V1__Case *cases[ACTIONS_BULK_MAX];
    const Wangge__V1__ActionRule *rule = NULL, *other;
    Wangge__V1__Action action = WANGGE__V1__ACTION__ACTION_UNSPECIFIED;
    size_t n = 0;
    for (size_t i = 0; i < v->n_rows && n < ACTIONS_BULK_MAX; i++) {
        const Wangge__V1__Case *c = v->rows[i].c;
        if (!c || !list_is_marked(&v->list, i))
            continue;
        /* Those that stand otherwise are refused one by one, with the reason. */
        Wangge__V1__Action its = actions_by_rule(app, c, key, &other);
        if (action == WANGGE__V1__ACTION__ACTION_UNSPECIFIED && its != WANGGE__V1__ACTION__ACTION_UNSPECIFIED) {
            action = its;
            rule = other;
        }
        cases[n++] = c;
    }
    if (n == 0 || action == WANGGE__V1__ACTION__ACTION_UNSPECIFIED) {
        app_toast(app, "%s", _("Not possible for the marked cases in their state and your role."));
        return;
    }
    struct form_arg arg = {.c = cases[0], .action = action, .others = cases + 1, .n_others = n - 1};
    if (rule) {
        arg.required = rule->required_fields;
        arg.n_required = rule->n_required_fields;
        arg.optional = rule->optional_fields;
        arg.n_optional = rule->n_optional_fields;
    }
    app_push(app, &view_form, &arg);
}

void actions_unmark(struct app *app, const char *case_id)
{
    for (int i = 0; i < app->depth; i++) {
        if (app->stack[i]->ops != &view_work)
            continue;
        struct work_view *v = (struct work_view *)app->stack[i];
        if (case_id)
            list_unmark(&v->list, case_id);
        else
            list_act(&v->list, UA_MARK_CLEAR);
    }
}

static void open_marked_menu(struct work_view *v);

static void on_quick(struct view *view, int value)
{
    struct work_view *v = (struct work_view *)view;
    if (value < QUICKS) {
        v->quick = (enum quick)value;
        return;
    }
    view->app->work.my_work = value == QUICK_HOME;
    v->quick = QUICK_ALL;
    case_list_refresh(&view->app->work);
}

/* How many each view would show stands beside it. */
static void open_quick(struct work_view *v)
{
    const struct case_list *l = &v->view.app->work;
    char text[120];
    struct menu *m = app_menu(&v->view, _("Show only"), on_quick);
    for (int q = 0; q < QUICKS; q++) {
        size_t n = 0;
        for (size_t i = 0; i < l->n; i++)
            n += is_quick(v, l->rows[i], (enum quick)q);
        snprintf(text, sizeof text, "%s  %zu", _(quick_names[q]), n);
        menu_add(m, q, text);
    }
    menu_add(m, l->my_work ? QUICK_REGION : QUICK_HOME, l->my_work ? _("all open of my region") : _("what I can act on"));
    m->selected = (int)v->quick;
}

static enum view_result work_act(struct view *view, enum ui_action action)
{
    struct work_view *v = (struct work_view *)view;
    struct app *app = view->app;
    const Wangge__V1__Case *c = selected_case(v);
    if (list_act(&v->list, action))
        return VIEW_HANDLED;
    switch ((int)action) {
    case UA_OPEN:
        open_selected(v);
        return VIEW_HANDLED;
    case UA_QUICK:
        open_quick(v);
        return VIEW_HANDLED;
    case UA_FIND:
        v->filtering = true;
        return VIEW_HANDLED;
    case UA_BACK:
        if (app->work.status.busy)
            case_list_cancel(&app->work);
        else if (v->filter.len)
            field_set(&v->filter, "");
        else if (v->quick)
            v->quick = QUICK_ALL;
        else
            list_act(&v->list, UA_MARK_CLEAR);
        return VIEW_HANDLED;
    case UA_REFRESH:
        if (app->offline || !app->logged_in)
            app_need_login(app);
        else
            case_list_refresh(&app->work);
        return VIEW_HANDLED;
    case UA_COPY:
        if (c) {
            term_copy(app->term, c->number);
            app_toast(app, _("Copied %s."), c->number);
        }
        return VIEW_HANDLED;
    case UA_MENU:
    case UA_ACCEPT:
    case UA_DISPATCH:
    case UA_NOTE:
    case UA_FINISH:
    case UA_RETURN:
    case UA_URGE:
        if (v->list.n_marks > 0 && action == UA_MENU) {
            open_marked_menu(v);
        } else if (v->list.n_marks > 0) {
            act_on_marked(v, action);
        } else if (c) {
            /* What is allowed now comes with the case, not with the list: the case opens and does it there. */
            struct view *opened = app_push(app, &view_case, c);
            if (opened)
                actions_when_loaded(opened, action);
        }
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static void on_marked_menu(struct view *view, int value)
{
    act_on_marked((struct work_view *)view, (enum ui_action)value);
}

static void open_marked_menu(struct work_view *v)
{
    static const enum ui_action keys[] = {UA_ACCEPT, UA_DISPATCH, UA_NOTE, UA_FINISH, UA_RETURN, UA_URGE};
    char title[80];
    snprintf(title, sizeof title, _("With the %zu marked cases"), v->list.n_marks);
    struct menu *m = app_menu(&v->view, title, on_marked_menu);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        menu_add(m, (int)keys[i], _(ui_key_of(keys[i], CTX_WORK)->help));
}

static enum view_result work_key(struct view *view, const struct term_event *ev)
{
    struct work_view *v = (struct work_view *)view;
    if (!v->filtering)
        return VIEW_IGNORED;
    if (ev->kind == TERM_EV_PASTE) {
        field_insert(&v->filter, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    switch (ev->key) {
    case TK_ESC:
        field_set(&v->filter, "");
        v->filtering = false;
        return VIEW_HANDLED;
    case TK_ENTER:
        v->filtering = false;
        work_recalc(view); /* what was typed just before may not have been painted yet */
        if (names_other_case(v))
            open_number(v);
        return VIEW_HANDLED;
    case TK_UP:
    case TK_DOWN:
        list_act(&v->list, ev->key == TK_UP ? UA_UP : UA_DOWN);
        return VIEW_HANDLED;
    default:
        return field_key(&v->filter, ev->key, NULL) ? VIEW_HANDLED : VIEW_IGNORED;
    }
}

static bool work_typing(struct view *view)
{
    return ((struct work_view *)view)->filtering;
}

static bool work_allowed(struct view *view, enum ui_action action)
{
    struct work_view *v = (struct work_view *)view;
    const Wangge__V1__Case *c = selected_case(v);
    const Wangge__V1__ActionRule *rule;
    switch ((int)action) {
    case UA_ACCEPT:
    case UA_DISPATCH:
    case UA_FINISH:
    case UA_RETURN:
    case UA_URGE:
        /* A key that state and role rule out is not offered; without the rules, or for marked cases, the key itself answers. */
        return c && (!view->app->directory.rules || v->list.n_marks ||
                     actions_by_rule(view->app, c, action, &rule) != WANGGE__V1__ACTION__ACTION_UNSPECIFIED);
    case UA_MENU:
    case UA_NOTE:
    case UA_COPY:
        return c != NULL;
    case UA_OPEN:
        return v->n_rows > 0 || names_other_case(v);
    case UA_MARK:
        return v->n_rows > 0;
    default:
        return true;
    }
}

const struct view_ops view_work = {
    .name = "my-work",
    .title = N_("My work"),
    .context = CTX_WORK,
    .size = sizeof(struct work_view),
    .open = work_open,
    .recalc = work_recalc,
    .paint = work_paint,
    .act = work_act,
    .key = work_key,
    .typing = work_typing,
    .allowed = work_allowed,
    .close = work_close,
};
