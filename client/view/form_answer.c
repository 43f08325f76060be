/* SPDX-License-Identifier: MIT */
/*
 * When an action did not happen: the rule in plain words with what is possible now, or, if somebody was first, what was
 * entered beside what happened since, and the choice to send it again, to keep it as a note, or to leave it. See form_view.h.
 */
#include <stdio.h>
#include <string.h>

#include "client/model/case_words.h"
#include "client/model/clash.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/model/rules.h"
#include "client/ui/field.h"
#include "client/view/form_view.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"

/* Values of the menu; actions are counted from MENU_ACTION on. */
enum { MENU_RESEND, MENU_NOTE, MENU_EDIT, MENU_LEAVE, MENU_ACTION = 100 };

void form_answer_take(struct form_view *v)
{
    const struct reply *r = &v->deliver.reply;
    const Wangge__V1__CaseConflict *k = r->info.conflict;
    const char *why = k ? rules_text(k->rule) : NULL;
    text_copy(v->message, sizeof v->message, why ? why : r->err.text);
    for (size_t i = 0; i < r->info.n_violations; i++) {
        form_fields_need(v, r->info.violations[i].field);
        form_error(&v->form, r->info.violations[i].field, r->info.violations[i].text);
    }
    v->confirmed = false;
    v->as_note = false;
    model_free(v->conflict);
    v->conflict = k ? (Wangge__V1__CaseConflict *)model_copy(&k->base) : NULL;
    if (!v->conflict || r->info.n_violations)
        return; /* to be mended in the fields */
    v->mode = r->info.code == GRPC_ABORTED ? FORM_STALE : FORM_REFUSED;
    form_answer_menu(v);
}

/* Another action instead, with what was written. */
static void start_instead(struct form_view *v, Wangge__V1__Action action)
{
    struct app *app = v->view.app;
    const Wangge__V1__ActionOption *o = clash_option(v->conflict, action);
    Wangge__V1__Case *c = (Wangge__V1__Case *)model_copy(&v->c->base);
    struct form_item *text = form_find(&v->form, "text");
    struct form_arg arg = {.c = c, .action = action};
    if (!c)
        return;
    c->version = v->conflict->version;
    c->state = v->conflict->state;
    if (o)
        actions_take_option(&arg, o);
    if (text && !field_is_empty(&text->field))
        arg.text = text->field.text;
    form_view_save(v);
    v->kept = true;
    if (app_push(app, &view_form, &arg))
        v->view.done = true;
    model_free(c);
    actions_case_changed(app);
}

static void on_answer(struct view *view, int value)
{
    struct form_view *v = (struct form_view *)view;
    struct app *app = view->app;
    if (!v->conflict)
        return;
    switch (value) {
    case MENU_RESEND:
        v->version = v->conflict->version;
        v->mode = FORM_EDIT;
        v->message[0] = 0;
        form_view_send(v);
        return;
    case MENU_NOTE:
        form_view_send_note(v);
        return;
    case MENU_EDIT:
        v->version = v->conflict->version; /* what happened since was shown */
        v->c->version = v->conflict->version;
        v->c->state = v->conflict->state;
        v->mode = FORM_EDIT;
        v->message[0] = 0;
        return;
    case MENU_LEAVE:
        form_view_save(v);
        if (v->draft_id)
            app_toast(app, "%s", _("Left as it is. What you entered is kept as a draft."));
        v->kept = true;
        view->done = true;
        actions_case_changed(app);
        return;
    default:
        start_instead(v, (Wangge__V1__Action)(value - MENU_ACTION));
        return;
    }
}

static bool has_words(struct form_view *v)
{
    struct form_item *text = form_find(&v->form, "text");
    return v->form.n > 0 || (text && !field_is_empty(&text->field));
}

void form_answer_menu(struct form_view *v)
{
    char word[LABELS_WORD_MAX], text[160];
    struct form_request r = {0};
    bool stale = v->mode == FORM_STALE;
    struct menu *m = app_menu(&v->view, stale ? _("Somebody was first. What now?") : _("Not done. What now?"), on_answer);
    bool sent = form_fields_request(v, &r);
    r.req.expected_version = v->version;
    if (stale && sent && clash_can_resend(v->conflict, &r.req))
        menu_add(m, MENU_RESEND, _("Send it again on top of that"));
    if (has_words(v) && v->action != ACT(NOTE))
        menu_add(m, MENU_NOTE, _("Keep it as a note only"));
    if (!v->instant && clash_allowed(v->conflict, v->action))
        menu_add(m, MENU_EDIT, _("Back to the fields"));
    for (size_t i = 0; !stale && i < v->conflict->n_allowed_actions; i++) {
        Wangge__V1__Action a = v->conflict->allowed_actions[i]->action;
        if (a == v->action || a == ACT(NOTE))
            continue;
        snprintf(text, sizeof text, _("Instead: %s"), labels_text(LABELS_ACTION, (int)a, word));
        menu_add(m, MENU_ACTION + (int)a, text);
    }
    menu_add(m, MENU_LEAVE, v->form.n ? _("Leave it; a draft is kept") : _("Leave it"));
    int rows = v->view.app->term ? v->view.app->term->grid.rows : APP_MIN_ROWS;
    int row = rows - 3 - (m->n + 2);
    m->row = row > 8 ? row : 8; /* above it stands what happened */
}

static int paint_wrapped(struct term *t, int row, int rows, int col, int width, uint16_t attr, const char *text)
{
    size_t len = strlen(text), at = 0;
    int used = 0;
    while (at < len && used < rows) {
        size_t next, n = field_wrap(text + at, len - at, width, &next);
        grid_putn(&t->grid, row + used++, col, width, attr, text + at, n);
        at += next;
    }
    return row + used;
}

static int paint_entered(struct form_view *v, struct term *t, int row, int rows, int col, int width)
{
    struct form_request r = {0};
    char words[2400];
    (void)form_fields_request(v, &r);
    r.req.target_case_id = (char *)"";
    clash_words(&r.req, &v->view.app->directory, words, sizeof words);
    grid_put_cut(&t->grid, row, col, width, ATTR_BOLD, _("What you entered"));
    return paint_wrapped(t, row + 1, rows - 1, col, width, 0, words);
}

static int paint_since(struct form_view *v, struct term *t, int row, int rows, int col, int width)
{
    const Wangge__V1__CaseConflict *k = v->conflict;
    char word[LABELS_WORD_MAX], when[MOMENT_TEXT_MAX], words[700], line[1000];
    struct form_request r = {0};
    int y = row, end = row + rows;
    (void)form_fields_request(v, &r);
    grid_printf(&t->grid, y++, col, width, ATTR_BOLD, _("What happened since version %d (now: %s, version %d)"),
                (int)v->version, labels_text(LABELS_STATE, (int)k->state, word), (int)k->version);
    for (size_t i = 0; i < k->n_events_since && y < end; i++) {
        const Wangge__V1__CaseEvent *e = k->events_since[i];
        bool meets = clash_meets(&r.req, e);
        case_words_event(e, &v->view.app->directory, app_now(v->view.app), words, sizeof words);
        snprintf(line, sizeof line, "%s %s %s  %s  %s", meets ? "!" : " ",
                 moment_short(model_time(e->happened_at), app_now(v->view.app), when),
                 labels_text(LABELS_ACTION, (int)e->action, word), case_words_actor(e), words);
        y = paint_wrapped(t, y, end - y < 2 ? end - y : 2, col, width, meets ? ATTR_YELLOW : 0, line);
    }
    return y;
}

static const char *why_not_again(struct form_view *v)
{
    struct form_request r = {0};
    if (!form_fields_request(v, &r))
        return "";
    r.req.expected_version = v->version;
    if (clash_can_resend(v->conflict, &r.req))
        return _("The two do not touch each other: it can go out on top.");
    if (!clash_allowed(v->conflict, v->action))
        return _("In the new state this is no longer possible.");
    return _("Both touch the same (!): look at it, change it if need be, and send it anew.");
}

void form_answer_paint(struct form_view *v, struct term *t, int row, int rows)
{
    char word[LABELS_WORD_MAX];
    int cols = t->grid.cols, y = row, menu = v->view.app->menu.open ? v->view.app->menu.row : 0;
    int end = menu > row ? menu : row + rows;
    if (!v->conflict)
        return;
    grid_put(&t->grid, y, 1, 2, ATTR_BOLD | ATTR_RED, "! ");
    y = paint_wrapped(t, y, 2, 3, cols - 4, ATTR_RED, v->message) + 1;
    if (v->mode == FORM_REFUSED) {
        grid_printf(&t->grid, y++, 1, cols - 2, ATTR_BOLD, _("Now: %s, version %d"),
                    labels_text(LABELS_STATE, (int)v->conflict->state, word), (int)v->conflict->version);
        paint_entered(v, t, y + 1, end - y - 1, 1, cols - 2);
        return;
    }
    grid_put_cut(&t->grid, y++, 1, cols - 2, 0, why_not_again(v));
    bool side = cols >= 110;
    int half = side ? cols / 2 - 2 : cols - 2;
    int below = paint_entered(v, t, y, side ? end - y : 4, 1, half);
    if (side)
        paint_since(v, t, y, end - y, cols / 2, half);
    else
        paint_since(v, t, below, end - below, 1, half);
}
