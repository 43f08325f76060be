/* SPDX-License-Identifier: MIT */
/* A case (S3): facts, timeline, and what can be done now. Live: what others do appears while one looks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/case_detail.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/ui/field.h"
#include "client/view/actions.h"
#include "client/view/app.h"
#include "common/base/text.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name

enum { WIDE_COLS = 110, FACT_COLS = 36, LABEL_COLS = 9, MENU_COPY = 1000, PENDING_MAX = 8 };

struct case_view {
    struct view view;
    struct case_detail detail;
    int scroll;                        /* lines of the timeline scrolled up from its end */
    int timeline_lines, timeline_rows; /* of the last paint */
    enum ui_action pending;            /* to be done once allowed_actions are known */
    struct {
        Wangge__V1__Action action;
        char text[160];
        usec_t at;
        enum outbox_state state;
    } unsent[PENDING_MAX];
    int n_unsent;
    int64_t seen_version; /* to say that it changed */
};

static void on_detail(void *arg)
{
    struct case_view *v = arg;
    if (v->detail.status.why.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    app_changed(v->view.app);
}

static int case_open(struct view *view, const void *arg)
{
    struct case_view *v = (struct case_view *)view;
    const Wangge__V1__Case *c = arg;
    if (case_detail_init(&v->detail, &view->app->env, view->app->feed, on_detail, v) != 0)
        return ERR_NOMEM;
    if (c->case_id[0])
        case_detail_open(&v->detail, c->case_id, c);
    else
        case_detail_open_number(&v->detail, c->number);
    return 0;
}

static void case_close(struct view *view)
{
    case_detail_fini(&((struct case_view *)view)->detail);
}

void actions_when_loaded(struct view *case_view, enum ui_action action)
{
    ((struct case_view *)case_view)->pending = action;
}

void actions_case_changed(struct app *app)
{
    for (int i = 0; i < app->depth; i++) {
        if (app->stack[i]->ops == &view_case) {
            struct case_view *v = (struct case_view *)app->stack[i];
            v->seen_version = 0; /* the change is the person's own: no news */
            case_detail_refresh(&v->detail);
        }
    }
    if (app->logged_in)
        case_list_refresh(&app->work);
}

static bool take_unsent(void *arg, const struct outbox_entry *e)
{
    struct case_view *v = arg;
    if (strcmp(e->case_id, v->detail.case_id) != 0 || e->state == OUTBOX_DELIVERED || e->op == OUTBOX_SUBMIT)
        return true;
    v->unsent[v->n_unsent].action = ACT(NOTE);
    v->unsent[v->n_unsent].text[0] = 0;
    v->unsent[v->n_unsent].at = e->created_at;
    v->unsent[v->n_unsent].state = e->state;
    if (e->op == OUTBOX_ACT) {
        Wangge__V1__ActRequest *req = wangge__v1__act_request__unpack(NULL, e->request_len, e->request);
        if (req) {
            v->unsent[v->n_unsent].action = req->action;
            text_copy(v->unsent[v->n_unsent].text, sizeof v->unsent[0].text, req->text);
        }
        wangge__v1__act_request__free_unpacked(req, NULL);
    } else {
        Wangge__V1__AddNoteRequest *req = wangge__v1__add_note_request__unpack(NULL, e->request_len, e->request);
        if (req)
            text_copy(v->unsent[v->n_unsent].text, sizeof v->unsent[0].text, req->text);
        wangge__v1__add_note_request__free_unpacked(req, NULL);
    }
    return ++v->n_unsent < PENDING_MAX;
}

static void start(struct case_view *v, enum ui_action key);

static void case_recalc(struct view *view)
{
    struct case_view *v = (struct case_view *)view;
    v->n_unsent = 0;
    if (view->app->env.outbox && outbox_list(view->app->env.outbox, OUTBOX_ALL, take_unsent, v, NULL) != 0)
        v->n_unsent = 0;
    const struct case_detail *d = &v->detail;
    if (d->status.state != MODEL_READY || d->status.busy || !d->c)
        return;
    if (v->seen_version && d->c->version > v->seen_version && app_top(view->app) == view)
        app_toast(view->app, _("%s changed: version %d -> %d."), d->c->number, (int)v->seen_version, (int)d->c->version);
    v->seen_version = d->c->version;
    if (v->pending && app_top(view->app) == view) {
        enum ui_action key = v->pending;
        v->pending = UA_NONE;
        start(v, key);
    }
}

/* --- Painting --- */

static int paint_fact(struct term *t, int row, int col, int width, const char *label, uint16_t attr, const char *value)
{
    if (width_str(value) <= width - LABEL_COLS || width < 60) {
        chrome_label(t, row, col, LABEL_COLS, label, width, attr, value);
        return row + 1;
    }
    size_t len = strlen(value), at = 0;
    grid_put_cut(&t->grid, row, col, LABEL_COLS - 1, ATTR_DIM, label);
    for (int i = 0; i < 2 && at < len; i++) {
        size_t next, n = field_wrap(value + at, len - at, width - LABEL_COLS, &next);
        grid_putn(&t->grid, row++, col + LABEL_COLS, width - LABEL_COLS, attr, value + at, n);
        at += next;
    }
    return row;
}

static void paint_title(struct case_view *v, struct term *t, int row)
{
    const Wangge__V1__Case *c = v->detail.c;
    char status[400], right[420];
    usec_t due = model_time(c->due_at), now = app_now(v->view.app);
    char left[MOMENT_TEXT_MAX];
    int cols = t->grid.cols;
    app_status_text(v->view.app, &v->detail.status, status, sizeof status);
    bool late = due != USEC_NONE && due < now;
    char version[48], overdue[80] = "";
    snprintf(version, sizeof version, _("version %d"), (int)c->version);
    if (late)
        snprintf(overdue, sizeof overdue, _("[overdue %s]"), moment_left(now + (now - due), now, left));
    snprintf(right, sizeof right, "%s  %s", overdue, version);
    int w = width_str(right);
    grid_printf(&t->grid, row, 1, cols - w - 4, ATTR_BOLD, "< %s  %s", c->number, c->category_name);
    grid_put_cut(&t->grid, row, cols - w - 1, w, late ? ATTR_BOLD | ATTR_RED : 0, right);
    if (status[0])
        grid_put_cut(&t->grid, row + 1, 1, cols - 2, ATTR_YELLOW, status);
}

static int paint_facts(struct case_view *v, struct term *t, int row, int col, int width)
{
    const Wangge__V1__Case *c = v->detail.c;
    char a[MOMENT_TEXT_MAX], b[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX], word2[LABELS_WORD_MAX], text[600];
    usec_t now = app_now(v->view.app), due = model_time(c->due_at);
    bool two = width >= 70;
    int half = two ? width / 2 : width, y = row;
    snprintf(text, sizeof text, "%s%s", labels_text(LABELS_STATE, (int)c->state, word),
             c->void_requested ? _(" (void asked for)") : "");
    paint_fact(t, y, col, half - 1, C_("fact", "State"), ATTR_BOLD, text);
    if (due != USEC_NONE)
        snprintf(text, sizeof text, "%s (%s)", moment_day(due, now, a), moment_left(due, now, b));
    else if (c->closed_at)
        snprintf(text, sizeof text, _("closed %s"), moment_short(model_time(c->closed_at), now, a));
    else
        snprintf(text, sizeof text, "--");
    y = two ? y : y + 1;
    paint_fact(t, y++, col + (two ? half : 0), half - 1, _("Due"), due != USEC_NONE && due < now ? ATTR_RED : 0, text);
    paint_fact(t, y, col, half - 1, _("Grid"), 0, c->grid_name);
    snprintf(text, sizeof text, "%s%s%s", c->organ_name[0] ? c->organ_name : "--", c->handler ? " / " : "",
             c->handler ? c->handler->name : "");
    y = two ? y : y + 1;
    paint_fact(t, y++, col + (two ? half : 0), half - 1, _("Organ"), 0, text);
    paint_fact(t, y, col, half - 1, _("Address"), 0, c->address[0] ? c->address : "--");
    snprintf(text, sizeof text, "%s %s", c->reporter ? c->reporter->name : "",
             moment_short(model_time(c->reported_at), now, a));
    y = two ? y : y + 1;
    paint_fact(t, y++, col + (two ? half : 0), half - 1, _("Reporter"), 0, text);
    int used = snprintf(text, sizeof text, "%s  %s", labels_text(LABELS_URGENCY, (int)c->urgency, word),
                        labels_text(LABELS_CHANNEL, (int)c->channel, word2));
    if (c->return_count || c->rework_count) {
        char turns[80];
        snprintf(turns, sizeof turns, _("returned %d, reworked %d"), (int)c->return_count, (int)c->rework_count);
        snprintf(text + used, sizeof text - (size_t)used, "  %s", turns);
    }
    y = paint_fact(t, y, col, width, _("Kind"), 0, text);
    return two ? paint_fact(t, y, col, width, _("Matter"), 0, c->description) : y; /* narrow: in full below the facts */
}

/* One line of the timeline: what does not fit is on the lines below, under the text. */
static int timeline_line(struct term *t, int line, int first, int row, int rows, int col, int width, uint16_t attr,
                         const char *head, const char *text)
{
    int head_cols = width_str(head);
    size_t len = strlen(text), at = 0;
    do {
        size_t next = 0, n = field_wrap(text + at, len - at, width - head_cols, &next);
        if (line >= first && line < first + rows) {
            if (at == 0)
                grid_put_cut(&t->grid, row + line - first, col, width, attr, head);
            grid_putn(&t->grid, row + line - first, col + head_cols, width - head_cols, 0, text + at, n);
        }
        line++;
        at += next;
    } while (at < len);
    return line;
}

static int walk_timeline(struct case_view *v, struct term *t, int first, int row, int rows, int col, int width)
{
    char word[LABELS_WORD_MAX], when[MOMENT_TEXT_MAX], action[64], actor[64], head[256], text[2600];
    usec_t now = app_now(v->view.app);
    int line = 0;
    for (size_t i = 0; i < v->detail.n_events; i++) {
        const Wangge__V1__CaseEvent *e = v->detail.events[i];
        width_pad(action, sizeof action, labels_text(LABELS_ACTION, (int)e->action, word), i18n_chinese() ? 8 : 14);
        width_pad(actor, sizeof actor, e->actor ? e->actor->name : "", 9);
        snprintf(head, sizeof head, " %s %s %s ", moment_short(model_time(e->happened_at), now, when), action, actor);
        snprintf(text, sizeof text, "%s%s%s%s%s%s", e->receiver[0] ? "-> " : "", e->receiver,
                 e->receiver[0] && e->text[0] ? "  " : "", e->text, e->check_result ? "  " : "",
                 e->check_result ? labels_text(LABELS_CHECK_RESULT, (int)e->check_result, word) : "");
        line = timeline_line(t, line, first, row, rows, col, width, 0, head, text);
    }
    for (int i = 0; i < v->n_unsent; i++) {
        bool wrong = v->unsent[i].state == OUTBOX_REFUSED || v->unsent[i].state == OUTBOX_CONFLICT;
        width_pad(action, sizeof action, labels_text(LABELS_ACTION, (int)v->unsent[i].action, word), i18n_chinese() ? 8 : 14);
        width_pad(actor, sizeof actor, _("(me)"), 9);
        snprintf(head, sizeof head, "^%s %s %s ", moment_short(v->unsent[i].at, now, when), action, actor);
        snprintf(text, sizeof text, "%s  (%s)", v->unsent[i].text, wrong ? _("refused") : _("unsent"));
        line = timeline_line(t, line, first, row, rows, col, width, ATTR_YELLOW, head, text);
    }
    return line;
}

static void paint_timeline(struct case_view *v, struct term *t, int row, int rows, int col, int width)
{
    grid_put_cut(&t->grid, row, col + 1, width - 2, ATTR_BOLD, _("Timeline"));
    row++, rows--;
    int lines = walk_timeline(v, t, 0, row, 0, col, width);
    v->timeline_lines = lines;
    v->timeline_rows = rows;
    int most = lines > rows ? lines - rows : 0;
    if (v->scroll > most)
        v->scroll = most;
    walk_timeline(v, t, most - v->scroll, row, rows, col, width);
    if (most > 0)
        grid_printf(&t->grid, row - 1, col + width - 14, 13, ATTR_DIM, "%d-%d/%d", most - v->scroll + 1,
                    most - v->scroll + rows, lines);
}

static void case_paint(struct view *view, struct term *t, struct area a)
{
    struct case_view *v = (struct case_view *)view;
    int cols = t->grid.cols;
    if (!v->detail.c) {
        char text[400];
        app_status_text(view->app, &v->detail.status, text, sizeof text);
        chrome_message(t, a.row, a.rows, text, _("Esc goes back; F5 tries again."));
        return;
    }
    paint_title(v, t, a.row);
    chrome_rule(t, a.row + 2);
    int row = a.row + 3, end = a.row + a.rows;
    if (cols >= WIDE_COLS) {
        paint_facts(v, t, row, 1, FACT_COLS);
        const Wangge__V1__Case *c = v->detail.c;
        size_t len = strlen(c->description), at = 0; /* the facts' column is narrow: the text in full below them */
        for (int y = row + 9; y < end && at < len; y++) {
            size_t next, n = field_wrap(c->description + at, len - at, FACT_COLS - 2, &next);
            grid_putn(&t->grid, y, 1, FACT_COLS - 2, 0, c->description + at, n);
            at += next;
        }
        for (int y = row; y < end; y++)
            grid_put(&t->grid, y, FACT_COLS + 1, 1, 0, term_glyph(t, GLYPH_VLINE));
        paint_timeline(v, t, row, end - row, FACT_COLS + 2, cols - FACT_COLS - 3);
    } else {
        row = paint_facts(v, t, row, 1, cols - 2);
        chrome_rule(t, row++);
        paint_timeline(v, t, row, end - row, 0, cols - 1);
    }
    t->cursor_row = a.row;
    t->cursor_col = 0;
}

/* --- Doing things --- */

static void start_action(struct case_view *v, Wangge__V1__Action action)
{
    const Wangge__V1__ActionOption *o = case_detail_option(&v->detail, action);
    struct form_arg arg = {.c = v->detail.c, .action = action};
    if (o) {
        arg.required = o->required_fields;
        arg.n_required = o->n_required_fields;
    }
    app_push(v->view.app, &view_form, &arg);
}

static void copy_number(struct case_view *v)
{
    term_copy(v->view.app->term, v->detail.c->number);
    app_toast(v->view.app, _("Copied %s."), v->detail.c->number);
}

static void on_menu(struct view *view, int value)
{
    struct case_view *v = (struct case_view *)view;
    if (!v->detail.c)
        return;
    if (value == MENU_COPY)
        copy_number(v);
    else
        start_action(v, (Wangge__V1__Action)value);
}

static void open_menu(struct case_view *v)
{
    const Wangge__V1__Case *c = v->detail.c;
    char word[LABELS_WORD_MAX], text[160], state[LABELS_WORD_MAX];
    struct menu *m = app_menu(&v->view, c->number, on_menu);
    for (size_t i = 0; i < c->n_allowed_actions; i++) {
        const Wangge__V1__ActionOption *o = c->allowed_actions[i];
        if (o->action == ACT(NOTE))
            continue;
        const char *name = labels_text(LABELS_ACTION, (int)o->action, word);
        if (o->to_state != c->state && o->to_state != 0)
            snprintf(text, sizeof text, "%s -> %s", name, labels_text(LABELS_STATE, (int)o->to_state, state));
        else
            text_copy(text, sizeof text, name);
        menu_add(m, (int)o->action, text);
    }
    menu_add(m, (int)ACT(NOTE), labels_text(LABELS_ACTION, (int)ACT(NOTE), word));
    menu_add(m, MENU_COPY, _("Copy number"));
}

static void start(struct case_view *v, enum ui_action key)
{
    if (key == UA_MENU) {
        open_menu(v);
        return;
    }
    Wangge__V1__Action action = actions_of_key(v->detail.c, key);
    if (action != ACT(UNSPECIFIED))
        start_action(v, action);
    else
        app_toast(v->view.app, "%s", _("Not possible now. F4 shows what is."));
}

/* The neighbour in the work list, from where the case was most likely opened. */
static void go_neighbour(struct case_view *v, int by)
{
    const struct case_list *l = &v->view.app->work;
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->rows[i]->case_id, v->detail.case_id) != 0)
            continue;
        if ((by < 0 && i == 0) || (by > 0 && i + 1 == l->n)) {
            app_toast(v->view.app, "%s", by < 0 ? _("This is the first case.") : _("This is the last case."));
            return;
        }
        const Wangge__V1__Case *c = l->rows[by < 0 ? i - 1 : i + 1];
        v->scroll = 0;
        v->seen_version = 0;
        case_detail_open(&v->detail, c->case_id, c);
        return;
    }
    app_toast(v->view.app, "%s", _("This case is not in the work list."));
}

static enum view_result case_act(struct view *view, enum ui_action action)
{
    struct case_view *v = (struct case_view *)view;
    bool loaded = v->detail.c && v->detail.status.loaded_at != USEC_NONE;
    int page = v->timeline_rows > 2 ? v->timeline_rows - 1 : 1;
    switch ((int)action) {
    case UA_UP:
        v->scroll++;
        return VIEW_HANDLED;
    case UA_DOWN:
        v->scroll = v->scroll > 0 ? v->scroll - 1 : 0;
        return VIEW_HANDLED;
    case UA_FIRST:
        v->scroll = v->timeline_lines;
        return VIEW_HANDLED;
    case UA_LAST:
        v->scroll = 0;
        return VIEW_HANDLED;
    case UA_NEXT_PANE: /* a page at a time, around and around */
        v->scroll = v->scroll + page >= v->timeline_lines - v->timeline_rows + page ? 0 : v->scroll + page;
        return VIEW_HANDLED;
    case UA_NEXT_CASE:
    case UA_PREV_CASE:
        go_neighbour(v, action == UA_NEXT_CASE ? 1 : -1);
        return VIEW_HANDLED;
    case UA_REFRESH:
        case_detail_refresh(&v->detail);
        return VIEW_HANDLED;
    case UA_COPY:
        if (v->detail.c)
            copy_number(v);
        return VIEW_HANDLED;
    case UA_MENU:
    case UA_ACCEPT:
    case UA_DISPATCH:
    case UA_NOTE:
    case UA_FINISH:
    case UA_RETURN:
    case UA_URGE:
        if (loaded)
            start(v, action);
        else if (v->detail.c && action == UA_NOTE)
            start_action(v, ACT(NOTE)); /* a note needs no permission of the state: also offline */
        else
            v->pending = action;
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool case_busy(struct view *view)
{
    return ((struct case_view *)view)->detail.status.busy;
}

static bool case_allowed(struct view *view, enum ui_action action)
{
    const struct case_view *v = (const struct case_view *)view;
    switch ((int)action) {
    case UA_ACCEPT:
    case UA_DISPATCH:
    case UA_FINISH:
    case UA_RETURN:
    case UA_URGE:
        return v->detail.c && actions_of_key(v->detail.c, action) != ACT(UNSPECIFIED);
    default:
        return true;
    }
}

const struct view_ops view_case = {
    .name = "case",
    .title = N_("Case"),
    .context = CTX_CASE,
    .size = sizeof(struct case_view),
    .open = case_open,
    .recalc = case_recalc,
    .paint = case_paint,
    .act = case_act,
    .allowed = case_allowed,
    .busy = case_busy,
    .close = case_close,
};
