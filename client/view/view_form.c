/* SPDX-License-Identifier: MIT */
/*
 * An action on a case: the fields it needs, sent through the outbox. A refusal stays here beside the field it is about; a
 * conflict shows what happened meanwhile and offers to try again on the new state. An action without fields goes at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/deliver.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/view/actions.h"
#include "client/view/form.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name

enum { TEXT_MAX = 2000, REASON_MAX = 32, BULK_ASKS = 5 /* more cases than this ask before */ };

enum { ASK_SEND = 1, ASK_CANCEL = 2, ASK_RETRY = 3 };

struct form_view {
    struct view view;
    struct form form;
    struct deliver deliver;
    Wangge__V1__Case *c; /* owned */
    Wangge__V1__Action action;
    int64_t version; /* the one the person saw */
    bool instant;    /* nothing to fill in: sent at once */
    bool confirmed;
    struct picker_item *organs, *categories, *cases;
    Wangge__V1__Case **others; /* owned; more cases the same is done to */
    size_t n_others;
    char message[300];
    Wangge__V1__CaseConflict *conflict; /* owned; shown below the form */
};

static void on_delivered(void *arg)
{
    struct form_view *v = arg;
    app_on_outbox(v->view.app);
}

static void add_cases(struct form_view *v, struct form_item *it)
{
    const struct case_list *l = &v->view.app->work;
    size_t n = 0;
    v->cases = calloc(l->n ? l->n : 1, sizeof *v->cases);
    for (size_t i = 0; v->cases && i < l->n; i++) {
        const Wangge__V1__Case *c = l->rows[i];
        if (strcmp(c->case_id, v->c->case_id) != 0)
            v->cases[n++] = (struct picker_item){
                .id = c->case_id, .text = c->number, .initials = "", .aliases = c->description, .hint = c->description};
    }
    picker_set_items(&it->picker, v->cases, n);
}

static void add_check(struct form_view *v, struct form_item *it)
{
    bool revisit = v->action == ACT(REVISIT);
    form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_PASS, revisit ? _("satisfied") : _("passed"));
    if (revisit)
        form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_BASICALLY, _("basically satisfied"));
    form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_FAIL, revisit ? _("dissatisfied") : _("not passed"));
    form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_UNABLE, revisit ? _("not reached") : _("could not check"));
}

static bool add_item(struct form_view *v, const char *name, bool required)
{
    const struct directory *d = &v->view.app->directory;
    struct form_item *it = NULL;
    size_t n;
    if (form_find(&v->form, name))
        return true;
    if (strcmp(name, "text") == 0) {
        it = form_add_text(&v->form, "text", C_("form", "Text"), required, TEXT_MAX, 4);
    } else if (strcmp(name, "reason_code") == 0) {
        it = form_add_text(&v->form, "reason_code", _("Reason code"), required, REASON_MAX, 1);
    } else if (strcmp(name, "organ_code") == 0) {
        it = form_add_pick(&v->form, "organ_code", _("Organ"), required);
        v->organs = actions_organ_items(d, &n);
        if (it && v->organs)
            picker_set_items(&it->picker, v->organs, n);
    } else if (strcmp(name, "category_code") == 0) {
        it = form_add_pick(&v->form, "category_code", _("Category"), required);
        v->categories = actions_category_items(d, &n);
        if (it && v->categories)
            picker_set_items(&it->picker, v->categories, n);
    } else if (strcmp(name, "target_case_id") == 0) {
        it = form_add_pick(&v->form, "target_case_id", _("Lead case"), required);
        if (it)
            add_cases(v, it);
    } else if (strcmp(name, "check_result") == 0) {
        it = form_add_choice(&v->form, "check_result", _("Result"), required);
        if (it)
            add_check(v, it);
    } else if (strcmp(name, "until") == 0) {
        it = form_add_text(&v->form, "until", _("Until (date)"), required, 10, 1);
        if (it)
            text_copy(it->note, sizeof it->note, "YYYY-MM-DD");
    } else {
        return true; /* a field this client does not know: the server's refusal will name it */
    }
    return it != NULL;
}

static void try_send(struct form_view *v);

static int form_open(struct view *view, const void *arg)
{
    struct form_view *v = (struct form_view *)view;
    const struct form_arg *a = arg;
    v->c = (Wangge__V1__Case *)model_copy(&a->c->base);
    v->action = a->action;
    form_init(&v->form);
    if (!v->c || deliver_init(&v->deliver, &view->app->env, on_delivered, v) != 0) {
        model_free(v->c);
        return ERR_NOMEM;
    }
    v->version = v->c->version;
    v->others = a->n_others ? calloc(a->n_others, sizeof *v->others) : NULL;
    for (size_t i = 0; v->others && i < a->n_others && i < ACTIONS_BULK_MAX; i++) {
        v->others[v->n_others] = (Wangge__V1__Case *)model_copy(&a->others[i]->base);
        v->n_others += v->others[v->n_others] != NULL;
    }
    for (size_t i = 0; i < a->n_required; i++)
        add_item(v, a->required[i], true);
    if (v->action == ACT(NOTE))
        add_item(v, "text", true);
    v->instant = v->form.n == 0 && v->n_others == 0;
    if (!v->instant)
        add_item(v, "text", false);
    else
        try_send(v);
    return 0;
}

static void form_close(struct view *view)
{
    struct form_view *v = (struct form_view *)view;
    form_fini(&v->form);
    deliver_fini(&v->deliver);
    model_free(v->c);
    model_free(v->conflict);
    for (size_t i = 0; i < v->n_others; i++)
        model_free(v->others[i]);
    free(v->others);
    free(v->organs);
    free(v->categories);
    free(v->cases);
}

static const char *text_of(struct form_view *v, const char *name)
{
    struct form_item *it = form_find(&v->form, name);
    if (!it)
        return "";
    return it->kind == FORM_PICK ? it->id : it->field.text;
}

/* Fills an action from the form. False: a field is wrong and says so. */
static bool fill_request(struct form_view *v, Wangge__V1__ActRequest *req, Google__Protobuf__Timestamp *until)
{
    int32_t days;
    wangge__v1__act_request__init(req);
    req->action = v->action;
    req->text = (char *)text_of(v, "text");
    req->reason_code = (char *)text_of(v, "reason_code");
    req->organ_code = (char *)text_of(v, "organ_code");
    req->category_code = (char *)text_of(v, "category_code");
    req->target_case_id = (char *)text_of(v, "target_case_id");
    struct form_item *check = form_find(&v->form, "check_result");
    if (check && check->choice >= 0)
        req->check_result = (Wangge__V1__CheckResult)check->values[check->choice];
    const char *date = text_of(v, "until");
    if (!date[0])
        return true;
    if (!clock_parse_date(date, &days)) {
        form_error(&v->form, "until", _("Write a date as YYYY-MM-DD."));
        return false;
    }
    /* The whole day counts: until its last second in the region. */
    model_set_time(until, ((int64_t)(days + 1) * 86400 - 1 - MOMENT_ZONE_S) * USEC_PER_SEC);
    req->until = until;
    return true;
}

static void new_request_id(const struct form_view *v, char out[UUID_TEXT_LEN + 1])
{
    const struct clock *clock = v->view.app->env.clock;
    struct uuid u = uuid_v7(clock->now(clock));
    uuid_format(&u, out);
}

/* Stores one operation a case; they go out side by side, and each has its own answer. */
static void send_bulk(struct form_view *v)
{
    struct app *app = v->view.app;
    struct outbox_enqueue opts = {0};
    Wangge__V1__ActRequest req;
    Google__Protobuf__Timestamp until;
    char request_id[UUID_TEXT_LEN + 1];
    size_t stored = 0;
    struct err e = {0};
    int rc = app->env.outbox
                 ? 0
                 : err_set(&e, ERR_PRECONDITION, "%s", _("Nothing can be saved: the local store could not be opened."));
    if (!fill_request(v, &req, &until))
        return;
    for (size_t i = 0; rc == 0 && i <= v->n_others; i++) {
        const Wangge__V1__Case *c = i == 0 ? v->c : v->others[i - 1];
        Wangge__V1__AddNoteRequest note = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
        new_request_id(v, request_id);
        req.request_id = note.request_id = request_id;
        req.case_id = note.case_id = c->case_id;
        req.expected_version = c->version;
        note.text = req.text;
        if (v->action == ACT(NOTE))
            rc = outbox_enqueue_note(app->env.outbox, &note, &opts, NULL, &e);
        else
            rc = outbox_enqueue_act(app->env.outbox, &req, &opts, NULL, &e);
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
    v->view.done = true;
}

static void send_now(struct form_view *v)
{
    v->message[0] = 0;
    model_free(v->conflict);
    v->conflict = NULL;
    if (v->n_others) {
        send_bulk(v);
        return;
    }
    char request_id[UUID_TEXT_LEN + 1];
    Google__Protobuf__Timestamp until;
    new_request_id(v, request_id);
    if (v->action == ACT(NOTE)) {
        Wangge__V1__AddNoteRequest note = WANGGE__V1__ADD_NOTE_REQUEST__INIT;
        note.request_id = request_id;
        note.case_id = v->c->case_id;
        note.text = (char *)text_of(v, "text");
        deliver_note(&v->deliver, &note);
        return;
    }
    Wangge__V1__ActRequest req;
    if (!fill_request(v, &req, &until))
        return;
    req.request_id = request_id;
    req.case_id = v->c->case_id;
    req.expected_version = v->version;
    deliver_act(&v->deliver, &req);
}

static void on_answer(struct view *view, int value)
{
    struct form_view *v = (struct form_view *)view;
    if (value == ASK_SEND) {
        v->confirmed = true;
        send_now(v);
    } else if (value == ASK_RETRY) {
        v->version = v->conflict ? v->conflict->version : v->version;
        send_now(v);
    } else {
        view->done = true;
        app_changed(view->app);
    }
}

static void ask(struct form_view *v, const char *title)
{
    struct menu *m = app_menu(&v->view, title, on_answer);
    menu_add(m, ASK_CANCEL, _("No, go back"));
    menu_add(m, ASK_SEND, _("Yes, do it"));
}

static void try_send(struct form_view *v)
{
    char word[LABELS_WORD_MAX], title[200];
    form_clear_errors(&v->form);
    if (!form_check(&v->form))
        return;
    const char *name = labels_text(LABELS_ACTION, (int)v->action, word);
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
    send_now(v);
}

static void take_refusal(struct form_view *v)
{
    const struct reply *r = &v->deliver.reply;
    text_copy(v->message, sizeof v->message, r->err.text);
    for (size_t i = 0; i < r->info.n_violations; i++) {
        add_item(v, r->info.violations[i].field, true);
        form_error(&v->form, r->info.violations[i].field, r->info.violations[i].text);
    }
    if (r->info.conflict) {
        model_free(v->conflict);
        v->conflict = (Wangge__V1__CaseConflict *)model_copy(&r->info.conflict->base);
    }
    v->confirmed = false;
}

static bool still_allowed(const struct form_view *v)
{
    for (size_t i = 0; v->conflict && i < v->conflict->n_allowed_actions; i++) {
        if (v->conflict->allowed_actions[i]->action == v->action)
            return true;
    }
    return false;
}

static void form_recalc(struct view *view)
{
    struct form_view *v = (struct form_view *)view;
    struct app *app = view->app;
    char word[LABELS_WORD_MAX];
    const char *name = labels_text(LABELS_ACTION, (int)v->action, word);
    switch (v->deliver.state) {
    case DELIVER_DONE:
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
        take_refusal(v);
        deliver_reset(&v->deliver);
        break;
    case DELIVER_CONFLICT:
        take_refusal(v);
        deliver_reset(&v->deliver);
        if (still_allowed(v)) {
            struct menu *m = app_menu(view, _("Somebody changed this case meanwhile (see below)"), on_answer);
            m->row = 5; /* what happened stands in the lower half */
            menu_add(m, ASK_RETRY, _("Do it all the same, on the new state"));
            menu_add(m, ASK_CANCEL, _("Leave it"));
        }
        break;
    case DELIVER_IDLE:
    case DELIVER_WAITING:
        break;
    }
}

static int paint_conflict(const struct form_view *v, struct term *t, int row, int rows)
{
    char word[LABELS_WORD_MAX], when[MOMENT_TEXT_MAX];
    int y = row, cols = t->grid.cols - 2;
    const Wangge__V1__CaseConflict *k = v->conflict;
    if (!k || rows < 2)
        return y;
    grid_printf(&t->grid, y++, 1, cols, ATTR_BOLD, _("Now: %s, version %d"), labels_text(LABELS_STATE, (int)k->state, word),
                (int)k->version);
    for (size_t i = 0; i < k->n_events_since && y < row + rows - 1; i++) {
        const Wangge__V1__CaseEvent *e = k->events_since[i];
        grid_printf(&t->grid, y++, 3, cols - 2, 0, "%s  %s  %s  %s",
                    moment_short(model_time(e->happened_at), app_now(v->view.app), when),
                    labels_text(LABELS_ACTION, (int)e->action, word), e->actor ? e->actor->name : "", e->text);
    }
    if (k->n_allowed_actions && y < row + rows) {
        char line[400];
        size_t used = (size_t)snprintf(line, sizeof line, "%s", _("Possible now:"));
        for (size_t i = 0; i < k->n_allowed_actions && used + LABELS_WORD_MAX < sizeof line; i++)
            used += (size_t)snprintf(line + used, sizeof line - used, "  %s",
                                     labels_text(LABELS_ACTION, (int)k->allowed_actions[i]->action, word));
        grid_put_cut(&t->grid, y++, 1, cols, 0, line);
    }
    return y;
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
    int row = a.row + 4, end = a.row + a.rows, y = row;
    if (v->deliver.state == DELIVER_WAITING)
        grid_put_cut(&t->grid, end - 1, 1, cols - 2, ATTR_BOLD, _("Sending... Esc goes back; it is saved either way."));
    if (v->message[0]) {
        grid_put(&t->grid, a.row + 3, 1, 2, ATTR_BOLD | ATTR_RED, "! ");
        grid_put_cut(&t->grid, a.row + 3, 3, cols - 4, ATTR_RED, v->message);
    }
    int below = v->conflict ? 7 : 1;
    y = form_paint(&v->form, t, row, end - row - below, cols - 1);
    if (v->conflict)
        paint_conflict(v, t, y + 1, end - y - 2);
}

static enum view_result form_act(struct view *view, enum ui_action action)
{
    struct form_view *v = (struct form_view *)view;
    if (action != UA_SUBMIT)
        return VIEW_IGNORED;
    if (v->deliver.state != DELIVER_WAITING)
        try_send(v);
    return VIEW_HANDLED;
}

static enum view_result form_view_key(struct view *view, const struct term_event *ev)
{
    struct form_view *v = (struct form_view *)view;
    if (v->deliver.state == DELIVER_WAITING)
        return VIEW_IGNORED; /* what is typed now would not be sent */
    return form_key(&v->form, ev);
}

static bool form_typing(struct view *view)
{
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
    .close = form_close,
};
