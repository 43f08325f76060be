/* SPDX-License-Identifier: MIT */
/*
 * An action on a case: the fields it needs and may have, sent through the outbox. What is half filled in is kept as a draft.
 * A refusal stays here beside the field it is about, or says which rule it was (form_answer.c). An action that needs nothing
 * goes at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/act_draft.h"
#include "client/model/clash.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/view/bulk_arg.h"
#include "client/view/form_view.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum { BULK_ASKS = 5 /* more cases than this ask before */, NOTE_MAX = 2000, CASE_ID_LEN = 36 };

enum { ASK_SEND = 1, ASK_CANCEL = 2 };

static void on_delivered(void *arg)
{
    struct form_view *v = arg;
    app_on_outbox(v->view.app);
}

static void on_changed(void *arg)
{
    struct form_view *v = arg;
    app_changed(v->view.app);
}

static void try_send(struct form_view *v);

/* Which approvals may be decided: as the server says, else whatever was asked for. */
static void take_approvals(struct form_view *v, const struct form_arg *a)
{
    const size_t max = sizeof v->approvals / sizeof *v->approvals;
    bool decides = v->action == ACT(ENDORSE) || v->action == ACT(DECLINE);
    for (size_t i = 0; i < a->n_approvals && v->n_approvals < max; i++)
        v->approvals[v->n_approvals++] = a->approvals[i];
    for (size_t i = 0; decides && a->n_approvals == 0 && i < v->c->n_approvals && v->n_approvals < max; i++)
        v->approvals[v->n_approvals++] = v->c->approvals[i]->kind;
}

static void recover_draft(struct form_view *v)
{
    Wangge__V1__ActRequest *req = act_draft_find(&v->view.app->env, v->c->case_id, v->action, &v->draft_id);
    if (!req)
        return;
    form_fields_load(v, req);
    text_copy(v->message, sizeof v->message, _("Your draft is back."));
    model_free(req);
}

static int form_open(struct view *view, const void *arg)
{
    struct form_view *v = (struct form_view *)view;
    const struct form_arg *a = arg;
    v->c = (Wangge__V1__Case *)model_copy(&a->c->base);
    v->hints = calloc(FORM_HINTS_MAX, sizeof *v->hints);
    v->action = a->action;
    form_init(&v->form);
    if (!v->c || !v->hints || deliver_init(&v->deliver, &view->app->env, on_delivered, v) != 0 ||
        assist_init(&v->assist, &view->app->env, on_changed, v) != 0 ||
        evidence_init(&v->evidence, &view->app->env, on_changed, v) != 0 ||
        case_detail_init(&v->lookup, &view->app->env, NULL, on_changed, v) != 0) {
        deliver_fini(&v->deliver);
        assist_fini(&v->assist);
        evidence_fini(&v->evidence);
        model_free(v->c);
        free(v->hints);
        return ERR_NOMEM;
    }
    v->version = v->c->version;
    v->others = a->n_others ? calloc(a->n_others, sizeof *v->others) : NULL;
    for (size_t i = 0; v->others && i < a->n_others && i < ACTIONS_BULK_MAX; i++) {
        v->others[v->n_others] = (Wangge__V1__Case *)model_copy(&a->others[i]->base);
        v->n_others += v->others[v->n_others] != NULL;
    }
    take_approvals(v, a);
    char *text[1] = {(char *)"text"};
    v->instant = a->n_required == 0 && v->n_others == 0 && v->action != ACT(NOTE) && (a->at_once || a->n_optional == 0);
    if (v->instant) {
        try_send(v);
        return 0;
    }
    form_fields_add(v, a->required, a->n_required, a->optional, a->n_optional);
    if (v->action == ACT(NOTE) && !form_find(&v->form, "text"))
        form_fields_add(v, text, 1, NULL, 0);
    struct form_item *it = form_find(&v->form, "text");
    if (!it && (v->n_others || a->n_optional == 0)) {
        form_fields_add(v, NULL, 0, text, 1);
        it = form_find(&v->form, "text");
    }
    if (it && a->text)
        field_set(&it->field, a->text);
    if (v->n_others == 0)
        recover_draft(v);
    return 0;
}

void form_view_save(struct form_view *v)
{
    struct form_request r = {0};
    if (v->n_others || !v->form.changed)
        return;
    if (!form_fields_request(v, &r))
        form_clear_errors(&v->form); /* a date half typed: all else is kept */
    r.req.case_id = v->c->case_id;
    act_draft_put(&v->view.app->env, &v->draft_id, &r.req);
    v->form.changed = false;
    app_on_outbox(v->view.app);
}

static void form_close(struct view *view)
{
    struct form_view *v = (struct form_view *)view;
    if (!view->done)
        form_view_save(v);
    else if (v->draft_id && !v->kept) {
        act_draft_drop(&view->app->env, &v->draft_id);
        app_on_outbox(view->app);
    }
    form_fini(&v->form);
    deliver_fini(&v->deliver);
    assist_fini(&v->assist);
    evidence_fini(&v->evidence);
    case_detail_fini(&v->lookup);
    model_free(v->c);
    model_free(v->conflict);
    for (size_t i = 0; i < v->n_others; i++)
        model_free(v->others[i]);
    free(v->others);
    free(v->organs);
    free(v->co_organs);
    free(v->categories);
    free(v->cases);
    free(v->hints);
}

static void new_request_id(const struct form_view *v, char out[UUID_TEXT_LEN + 1])
{
    const struct clock *clock = v->view.app->env.clock;
    struct uuid u = uuid_v7(clock->now(clock));
    uuid_format(&u, out);
}

/* What waits in this case and may be decided by the action, when one request is made for many. */
static Wangge__V1__ApprovalKind approval_of(const Wangge__V1__Case *c, Wangge__V1__ApprovalKind chosen)
{
    return chosen || c->n_approvals == 0 ? chosen : c->approvals[0]->kind;
}

/* Stores one operation a case; they go out side by side, and each has its own answer. */
static void send_bulk(struct form_view *v)
{
    struct app *app = v->view.app;
    struct outbox_enqueue opts = {0};
    struct form_request r = {0};
    char request_id[UUID_TEXT_LEN + 1];
    size_t stored = 0;
    struct err e = {0};
    bool decides = v->action == ACT(ENDORSE) || v->action == ACT(DECLINE);
    int rc = app->env.outbox
                 ? 0
                 : err_set(&e, ERR_PRECONDITION, "%s", _("Nothing can be saved: the local store could not be opened."));
    if (!form_fields_request(v, &r))
        return;
    Wangge__V1__ApprovalKind chosen = r.req.approval;
    for (size_t i = 0; rc == 0 && i <= v->n_others; i++) {
        const Wangge__V1__Case *c = i == 0 ? v->c : v->others[i - 1];
        Wangge__V1__AddNoteRequest note = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
        new_request_id(v, request_id);
        r.req.request_id = note.request_id = request_id;
        r.req.case_id = note.case_id = c->case_id;
        r.req.expected_version = c->version;
        if (decides)
            r.req.approval = approval_of(c, chosen);
        note.text = r.req.text;
        if (v->action == ACT(NOTE))
            rc = outbox_enqueue_note(app->env.outbox, &note, &opts, NULL, &e);
        else
            rc = outbox_enqueue_act(app->env.outbox, &r.req, &opts, NULL, &e);
        stored += rc == 0;
    }
    if (app->env.kick_outbox)
        app->env.kick_outbox(app->env.kick_arg);
    app_on_outbox(app);
    if (rc != 0) {
        text_copy(v->message, sizeof v->message, e.text);
        return;
    }
    app_toast(app, _("%zu on their way; what is refused stays under Unsent."), stored);
    actions_unmark(app, NULL);
    v->view.done = true;
}

/* Tries it for all of them at the server, which answers for each; see view_bulk.c. */
static void run_bulk(struct form_view *v)
{
    struct form_request r = {0};
    const Wangge__V1__Case **cases;
    if (!form_fields_request(v, &r) || !(cases = calloc(v->n_others + 1, sizeof *cases)))
        return;
    cases[0] = v->c;
    for (size_t i = 0; i < v->n_others; i++)
        cases[i + 1] = v->others[i];
    if (v->action == ACT(ENDORSE) || v->action == ACT(DECLINE))
        r.req.approval = approval_of(v->c, r.req.approval);
    struct bulk_arg arg = {.act = &r.req, .cases = cases, .n = v->n_others + 1};
    if (app_push(v->view.app, &view_bulk, &arg))
        v->view.done = true;
    free(cases);
}

/* With a line the server runs it; without one, and of notes, each case waits in the outbox by itself. */
static bool runs_at_server(const struct form_view *v)
{
    const struct app *app = v->view.app;
    return v->n_others && v->action != ACT(NOTE) && app->logged_in && channel_get_state(app->env.channel) == CHANNEL_READY;
}

static void send_as_note(struct form_view *v, const char *text)
{
    Wangge__V1__AddNoteRequest note = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
    char request_id[UUID_TEXT_LEN + 1];
    new_request_id(v, request_id);
    note.request_id = request_id;
    note.case_id = v->c->case_id;
    note.text = (char *)text;
    deliver_note(&v->deliver, &note);
}

void form_view_send_note(struct form_view *v)
{
    struct form_request r = {0};
    char words[NOTE_MAX * 4 + 1];
    (void)form_fields_request(v, &r);
    clash_words(&r.req, &v->view.app->directory, words, sizeof words);
    size_t chars = 0, at = 0;
    while (words[at] && chars < NOTE_MAX) { /* the action's name may push a full text over the limit */
        uint32_t cp;
        size_t n = text_decode(words + at, strlen(words + at), &cp);
        at += n ? n : 1;
        chars++;
    }
    words[at] = 0;
    v->as_note = true;
    v->mode = FORM_EDIT;
    v->message[0] = 0;
    send_as_note(v, words);
}

void form_view_send(struct form_view *v)
{
    struct form_request r = {0};
    char request_id[UUID_TEXT_LEN + 1];
    v->message[0] = 0;
    v->mode = FORM_EDIT;
    if (v->n_others) {
        if (runs_at_server(v))
            run_bulk(v);
        else
            send_bulk(v);
        return;
    }
    if (!form_fields_request(v, &r) || form_evidence_send(&v->form, &v->evidence, v->view.app, v->c->case_id))
        return;
    r.req.n_attachment_ids = v->evidence.n;
    r.req.attachment_ids = v->evidence.ids;
    if (v->action == ACT(NOTE) && r.req.n_attachment_ids == 0) {
        send_as_note(v, r.req.text);
        return;
    }
    new_request_id(v, request_id);
    r.req.request_id = request_id;
    r.req.case_id = v->c->case_id;
    r.req.expected_version = v->action == ACT(NOTE) ? 0 : v->version; /* a note meets nothing */
    deliver_act(&v->deliver, &r.req);
    evidence_cancel(&v->evidence); /* sent once more, the fields may name other files */
}

static void on_asked(struct view *view, int value)
{
    struct form_view *v = (struct form_view *)view;
    if (value == ASK_SEND) {
        v->confirmed = true;
        form_view_send(v);
    } else if (v->instant) {
        view->done = true;
        app_changed(view->app);
    }
}

static void ask(struct form_view *v, const char *title)
{
    struct menu *m = app_menu(&v->view, title, on_asked);
    menu_add(m, ASK_CANCEL, _("No, go back"));
    menu_add(m, ASK_SEND, _("Yes, do it"));
}

/* A lead case given by its number is asked for first. True: it has to be waited for. */
static bool looks_up(struct form_view *v)
{
    struct form_item *it = form_find(&v->form, "target_case_id");
    if (!it || !it->id[0] || strlen(it->id) == CASE_ID_LEN)
        return false;
    case_detail_open_number(&v->lookup, it->id);
    v->looking = true;
    return true;
}

static void try_send(struct form_view *v)
{
    char word[LABELS_WORD_MAX], title[200];
    form_clear_errors(&v->form);
    form_commit(&v->form);
    if (!form_check(&v->form) || looks_up(v))
        return;
    const char *name = labels_text(LABELS_ACTION, (int)v->action, word);
    if (runs_at_server(v)) { /* it asks when it knows what would happen */
        form_view_send(v);
        return;
    }
    if (v->n_others + 1 > BULK_ASKS && !v->confirmed) {
        snprintf(title, sizeof title, _("%s: %zu cases? %s, %s, %s..."), name, v->n_others + 1, v->c->number,
                 v->others[0]->number, v->others[1]->number);
        ask(v, title);
        return;
    }
    if (actions_irreversible(v->action) && !v->confirmed) {
        snprintf(title, sizeof title, _("%s: %s? This cannot be undone."), name, v->c->number);
        ask(v, title);
        return;
    }
    form_view_send(v);
}

static void take_lookup(struct form_view *v)
{
    struct form_item *it = form_find(&v->form, "target_case_id");
    if (!v->looking || !it || v->lookup.status.busy)
        return;
    v->looking = false;
    if (v->lookup.c) {
        char id[FORM_ID_MAX], number[40];
        text_copy(id, sizeof id, v->lookup.c->case_id);
        text_copy(number, sizeof number, v->lookup.c->number);
        form_pick(it, id, number);
        try_send(v);
    } else {
        form_error(&v->form, "target_case_id",
                   v->lookup.status.why.code == ERR_NOT_FOUND ? _("There is no such case in your region.")
                                                              : v->lookup.status.why.text);
    }
}

static void form_recalc(struct view *view)
{
    struct form_view *v = (struct form_view *)view;
    struct app *app = view->app;
    char word[LABELS_WORD_MAX];
    const char *name = labels_text(LABELS_ACTION, (int)v->action, word);
    form_fields_refresh(v);
    take_lookup(v);
    if (form_evidence_take(&v->form, &v->evidence, app, v->message, sizeof v->message))
        form_view_send(v);
    switch (v->deliver.state) {
    case DELIVER_DONE:
        if (v->as_note)
            app_toast(app, _("%s: kept as a note."), v->c->number);
        else
            app_toast(app, _("%s: %s done."), v->c->number, name);
        actions_case_changed(app);
        view->done = true;
        break;
    case DELIVER_QUEUED:
        app_set_undo(app, v->deliver.seq, "", "");
        app_toast(app, _("%s: %s is saved here and goes out by itself. Ctrl-Z takes it back."), v->c->number, name);
        view->done = true;
        break;
    case DELIVER_REFUSED:
    case DELIVER_FAILED:
    case DELIVER_CONFLICT:
        v->form.changed = true; /* what was entered is nowhere else now */
        form_answer_take(v);
        deliver_reset(&v->deliver);
        break;
    case DELIVER_IDLE:
    case DELIVER_WAITING:
        break;
    }
}

static void form_view_paint(struct view *view, struct term *t, struct area a)
{
    struct form_view *v = (struct form_view *)view;
    char word[LABELS_WORD_MAX], state[LABELS_WORD_MAX];
    int cols = t->grid.cols;
    const char *name = labels_text(LABELS_ACTION, (int)v->action, word);
    if (v->n_others)
        grid_printf(&t->grid, a.row, 1, cols - 2, ATTR_BOLD, _("%s: %zu cases, %s and others"), name, v->n_others + 1,
                    v->c->number);
    else
        grid_printf(&t->grid, a.row, 1, cols - 2, ATTR_BOLD, "%s  %s  %s", name, v->c->number, v->c->category_name);
    grid_printf(&t->grid, a.row + 1, 1, cols - 2, 0, "%s  %s  %s", labels_text(LABELS_STATE, (int)v->c->state, state),
                v->c->address, v->c->description);
    chrome_rule(t, a.row + 2);
    int row = a.row + 3, end = a.row + a.rows;
    if (v->mode != FORM_EDIT) {
        form_answer_paint(v, t, row, end - row);
        return;
    }
    row = form_fields_paint_hints(v, t, row, cols);
    if (v->message[0]) {
        grid_put(&t->grid, row, 1, 2, ATTR_BOLD | ATTR_RED, "! ");
        grid_put_cut(&t->grid, row, 3, cols - 4, ATTR_RED, v->message);
    }
    row++;
    form_paint(&v->form, t, row, end - row - 1, cols - 1);
    if (v->deliver.state == DELIVER_WAITING)
        grid_put_cut(&t->grid, end - 1, 1, cols - 2, ATTR_BOLD, _("Sending... Esc goes back; it is saved either way."));
    else if (v->evidence.state == EVIDENCE_SENDING)
        form_evidence_paint(&v->evidence, t, end - 1);
    else if (v->looking)
        grid_put_cut(&t->grid, end - 1, 1, cols - 2, ATTR_BOLD, _("Asking the server..."));
}

static enum view_result form_act(struct view *view, enum ui_action action)
{
    struct form_view *v = (struct form_view *)view;
    bool answered = v->mode != FORM_EDIT;
    if (action == UA_MENU && answered) {
        form_answer_menu(v);
        return VIEW_HANDLED;
    }
    if (action == UA_MENU)
        return VIEW_HANDLED;
    if (action == UA_BACK)
        return form_evidence_stop(&v->evidence, v->message, sizeof v->message) ? VIEW_HANDLED : VIEW_IGNORED;
    if (action != UA_SUBMIT)
        return VIEW_IGNORED;
    if (answered)
        form_answer_menu(v);
    else if (v->deliver.state != DELIVER_WAITING && !v->looking && v->evidence.state != EVIDENCE_SENDING)
        try_send(v);
    return VIEW_HANDLED;
}

static enum view_result form_view_key(struct view *view, const struct term_event *ev)
{
    struct form_view *v = (struct form_view *)view;
    if (v->deliver.state == DELIVER_WAITING || v->evidence.state == EVIDENCE_SENDING)
        return VIEW_IGNORED; /* what is typed now would not be sent */
    if (v->mode != FORM_EDIT) {
        if (ev->kind != TERM_EV_KEY || ev->key != TK_ENTER)
            return VIEW_IGNORED;
        form_answer_menu(v);
        return VIEW_HANDLED;
    }
    enum view_result r = form_evidence_key(&v->form, ev);
    if (r == VIEW_IGNORED)
        r = form_key(&v->form, ev);
    if (v->form.focus != v->last_focus) { /* field exit */
        v->last_focus = v->form.focus;
        form_fields_follow(v);
        form_view_save(v);
    }
    return r;
}

static bool form_typing(struct view *view)
{
    return true;
}

static bool form_allowed(struct view *view, enum ui_action action)
{
    const struct form_view *v = (const struct form_view *)view;
    if (action == UA_MENU)
        return v->mode != FORM_EDIT;
    if (action == UA_SUBMIT || action == UA_NEXT_PANE)
        return v->mode == FORM_EDIT;
    return true;
}

const struct view_ops view_form = {
    .name = "action",
    .title = N_("Action"),
    .context = CTX_FORM,
    .size = sizeof(struct form_view),
    .open = form_open,
    .recalc = form_recalc,
    .paint = form_view_paint,
    .act = form_act,
    .key = form_view_key,
    .typing = form_typing,
    .allowed = form_allowed,
    .close = form_close,
};
