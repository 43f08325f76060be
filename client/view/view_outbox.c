/* SPDX-License-Identifier: MIT */
/* The outbox: what is saved here and not yet at the server, why, and what can be done about it. Drafts stand below. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/model/act_draft.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/ui/field.h"
#include "client/ui/list.h"
#include "client/view/actions.h"
#include "client/view/app.h"
#include "common/base/text.h"

enum { ENTRIES_MAX = 500, DETAIL_ROWS = 4 };
enum { ASK_KEEP = 1, ASK_DROP = 2 };

struct entry {
    char id[24];      /* the seq as text, or "d" and a draft's id */
    int64_t seq;      /* 0: a draft */
    char case_id[37]; /* of an action: the case it is about */
    Wangge__V1__Action action;
    enum outbox_state state;
    usec_t at;
    int tries;
    char what[48];
    char number[40];
    char subject[300];
    char error[OUTBOX_ERROR_MAX];
};

struct outbox_view {
    struct view view;
    struct list list;
    struct entry entries[ENTRIES_MAX];
    size_t n;
    struct err error;
};

static const char *entry_id(void *arg, size_t i)
{
    return ((struct outbox_view *)arg)->entries[i].id;
}

static int outbox_view_open(struct view *view, const void *arg)
{
    struct outbox_view *v = (struct outbox_view *)view;
    list_init(&v->list, entry_id, v);
    return 0;
}

static void outbox_view_close(struct view *view)
{
    list_fini(&((struct outbox_view *)view)->list);
}

static void describe(struct entry *e, const struct outbox_entry *o)
{
    char word[LABELS_WORD_MAX];
    int action = WANGGE__V1__ACTION__ACTION_NOTE;
    if (o->op == OUTBOX_SUBMIT) {
        Wangge__V1__SubmitCaseRequest *r = wangge__v1__submit_case_request__unpack(NULL, o->request_len, o->request);
        action = r && r->settle_text[0] ? WANGGE__V1__ACTION__ACTION_SETTLE : WANGGE__V1__ACTION__ACTION_SUBMIT;
        snprintf(e->number, sizeof e->number, _("local-%d"), (int)o->local_number);
        if (r)
            snprintf(e->subject, sizeof e->subject, "%s%s%s", r->address, r->address[0] ? " " : "", r->description);
        wangge__v1__submit_case_request__free_unpacked(r, NULL);
    } else if (o->op == OUTBOX_ACT) {
        Wangge__V1__ActRequest *r = wangge__v1__act_request__unpack(NULL, o->request_len, o->request);
        if (r) {
            action = (int)r->action;
            text_copy(e->subject, sizeof e->subject, r->text);
            text_copy(e->case_id, sizeof e->case_id, r->case_id);
        }
        wangge__v1__act_request__free_unpacked(r, NULL);
    } else {
        Wangge__V1__AddNoteRequest *r = wangge__v1__add_note_request__unpack(NULL, o->request_len, o->request);
        if (r) {
            text_copy(e->subject, sizeof e->subject, r->text);
            text_copy(e->case_id, sizeof e->case_id, r->case_id);
        }
        wangge__v1__add_note_request__free_unpacked(r, NULL);
    }
    text_trim_partial(e->subject);
    e->action = (Wangge__V1__Action)action;
    text_copy(e->what, sizeof e->what, labels_text(LABELS_ACTION, action, word));
}

static bool take_entry(void *arg, const struct outbox_entry *o)
{
    struct outbox_view *v = arg;
    if (o->state == OUTBOX_DELIVERED)
        return true;
    struct entry *e = &v->entries[v->n];
    memset(e, 0, sizeof *e);
    snprintf(e->id, sizeof e->id, "%" PRId64, o->seq);
    e->seq = o->seq;
    e->state = o->state;
    e->at = o->created_at;
    e->tries = o->tries;
    text_copy(e->number, sizeof e->number, o->case_number ? o->case_number : "");
    text_copy(e->error, sizeof e->error, o->error_text ? o->error_text : "");
    describe(e, o);
    return ++v->n < ENTRIES_MAX;
}

/* The number of a case that is in the work list; else nothing is known of it here. */
static const char *number_of(const struct app *app, const char *case_id)
{
    for (size_t i = 0; i < app->work.n; i++) {
        if (strcmp(app->work.rows[i]->case_id, case_id) == 0)
            return app->work.rows[i]->number;
    }
    return "";
}

static void describe_action_draft(struct outbox_view *v, struct entry *e, const struct outbox_draft *d)
{
    char word[LABELS_WORD_MAX];
    Wangge__V1__ActRequest *r = wangge__v1__act_request__unpack(NULL, d->body_len, d->body);
    if (!r)
        return;
    e->action = r->action;
    text_copy(e->what, sizeof e->what, labels_text(LABELS_ACTION, (int)r->action, word));
    text_copy(e->case_id, sizeof e->case_id, r->case_id);
    text_copy(e->number, sizeof e->number, number_of(v->view.app, r->case_id));
    text_copy(e->subject, sizeof e->subject, r->text);
    wangge__v1__act_request__free_unpacked(r, NULL);
}

static bool take_draft(void *arg, const struct outbox_draft *d)
{
    struct outbox_view *v = arg;
    struct entry *e = &v->entries[v->n];
    Wangge__V1__SubmitCaseRequest *r =
        strcmp(d->kind, "case") == 0 ? wangge__v1__submit_case_request__unpack(NULL, d->body_len, d->body) : NULL;
    memset(e, 0, sizeof *e);
    snprintf(e->id, sizeof e->id, "d%" PRId64, d->id);
    e->at = d->updated_at;
    text_copy(e->what, sizeof e->what, _("Draft"));
    if (r)
        snprintf(e->subject, sizeof e->subject, "%s%s%s", r->address, r->address[0] ? " " : "", r->description);
    if (strcmp(d->kind, ACT_DRAFT_KIND) == 0)
        describe_action_draft(v, e, d);
    text_trim_partial(e->subject);
    wangge__v1__submit_case_request__free_unpacked(r, NULL);
    return ++v->n < ENTRIES_MAX;
}

static void outbox_recalc(struct view *view)
{
    struct outbox_view *v = (struct outbox_view *)view;
    struct outbox *o = view->app->env.outbox;
    v->n = 0;
    v->error = (struct err){0};
    if (!o)
        err_set(&v->error, ERR_PRECONDITION, "%s",
                _("Nothing can be saved: the local store could not be opened. See \"wangge doctor\"."));
    else if (outbox_list(o, OUTBOX_ALL, take_entry, v, &v->error) == 0 && v->n < ENTRIES_MAX &&
             outbox_each_draft(o, take_draft, v, &v->error) != 0)
        v->n = 0;
    list_refresh(&v->list, v->n);
}

static const char *state_text(const struct entry *e)
{
    if (e->seq == 0)
        return _("draft");
    switch (e->state) {
    case OUTBOX_QUEUED:
        return _("unsent");
    case OUTBOX_SENDING:
        return _("sending");
    case OUTBOX_REFUSED:
        return _("refused");
    case OUTBOX_CONFLICT:
        return _("conflict");
    case OUTBOX_DELIVERED:
    case OUTBOX_STATES:
        break;
    }
    return "";
}

static void outbox_paint(struct view *view, struct term *t, struct area a)
{
    struct outbox_view *v = (struct outbox_view *)view;
    char when[MOMENT_TEXT_MAX], line[300];
    int cols = t->grid.cols, row = a.row;
    app_tabs(view->app, row++, &view_outbox);
    const struct outbox_counts *c = &view->app->counts;
    snprintf(line, sizeof line, _("%d unsent, %d refused or in conflict, %d drafts. They go out by themselves."),
             (int)c->unsent, (int)c->attention, (int)c->drafts);
    grid_put_cut(&t->grid, row++, 1, cols - 2, 0, line);
    chrome_rule(t, row++);
    int rows = a.row + a.rows - row - DETAIL_ROWS - 1;
    if (v->n == 0) {
        chrome_message(t, row, rows, v->error.code ? v->error.text : _("Everything has been sent."), NULL);
        return;
    }
    size_t top = list_window(&v->list, (size_t)rows);
    for (int i = 0; i < rows && top + (size_t)i < v->n; i++) {
        const struct entry *e = &v->entries[top + (size_t)i];
        bool here = top + (size_t)i == v->list.selected;
        bool wrong = e->seq && (e->state == OUTBOX_REFUSED || e->state == OUTBOX_CONFLICT);
        int y = row + i;
        grid_put(&t->grid, y, 0, 1, 0, here ? ">" : " ");
        grid_put(&t->grid, y, 1, 1, wrong ? ATTR_BOLD | ATTR_RED : 0, wrong ? "!" : e->seq ? "^" : " ");
        grid_put_pad(&t->grid, y, 3, 11, here ? ATTR_REVERSE : 0, moment_short(e->at, app_now(view->app), when));
        grid_put_cut(&t->grid, y, 15, 9, wrong ? ATTR_RED : 0, state_text(e));
        grid_put_cut(&t->grid, y, 25, 16, 0, e->what);
        grid_put_cut(&t->grid, y, 42, 16, 0, e->number);
        grid_put_cut(&t->grid, y, 59, cols - 60, 0, e->subject);
        if (here) {
            t->cursor_row = y;
            t->cursor_col = 0;
        }
    }
    row += rows;
    chrome_rule(t, row++);
    const struct entry *e = &v->entries[v->list.selected];
    grid_printf(&t->grid, row, 1, cols - 2, ATTR_BOLD, "%s  %s  %s", e->what, e->number, state_text(e));
    if (e->error[0])
        grid_printf(&t->grid, row + 1, 1, cols - 2, ATTR_RED, _("! %s (tried %d times)"), e->error, e->tries);
    size_t len = strlen(e->subject), at = 0;
    for (int i = 2; i < DETAIL_ROWS && at < len; i++) {
        size_t next, n = field_wrap(e->subject + at, len - at, cols - 2, &next);
        grid_putn(&t->grid, row + i, 1, cols - 2, 0, e->subject + at, n);
        at += next;
    }
}

static void drop(struct outbox_view *v)
{
    const struct entry *e = &v->entries[v->list.selected];
    struct outbox *o = v->view.app->env.outbox;
    struct err err;
    int64_t draft;
    int rc = e->seq                                              ? outbox_drop(o, e->seq, &err)
             : text_to_i64(e->id + 1, 1, INT64_MAX, &draft) == 0 ? outbox_drop_draft(o, draft, &err)
                                                                 : ERR_NOT_FOUND;
    if (rc == 0)
        app_toast(v->view.app, "%s", _("Discarded."));
    else
        app_toast(v->view.app, "%s", rc == ERR_NOT_FOUND ? _("Too late: it was sent already.") : err.text);
    app_on_outbox(v->view.app);
}

static void on_answer(struct view *view, int value)
{
    struct outbox_view *v = (struct outbox_view *)view;
    if (value == ASK_DROP && v->list.selected < v->n)
        drop(v);
}

struct revive {
    const struct model_env *env;
    int64_t draft_id;
};

static void on_revive(void *arg, const struct outbox_entry *o)
{
    struct revive *r = arg;
    Wangge__V1__ActRequest *req = wangge__v1__act_request__unpack(NULL, o->request_len, o->request);
    if (req)
        act_draft_put(r->env, &r->draft_id, req);
    wangge__v1__act_request__free_unpacked(req, NULL);
}

/* What was refused, or came second, becomes a draft again: its form shows it on what the case is now. */
static bool revive(struct outbox_view *v, const struct entry *e)
{
    struct outbox *o = v->view.app->env.outbox;
    struct revive r = {.env = &v->view.app->env};
    struct err err;
    bool wrong = e->state == OUTBOX_REFUSED || e->state == OUTBOX_CONFLICT;
    if (!wrong || e->action == WANGGE__V1__ACTION__ACTION_NOTE || outbox_get(o, e->seq, on_revive, &r, &err) != 0 ||
        r.draft_id == 0)
        return false;
    if (outbox_drop(o, e->seq, &err) != 0)
        app_toast(v->view.app, "%s", err.text);
    app_on_outbox(v->view.app);
    return true;
}

/* Opens what an action is about, and the form of what is still to be done. */
static void open_case(struct outbox_view *v, const struct entry *e)
{
    Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
    char case_id[sizeof e->case_id], number[sizeof e->number];
    Wangge__V1__Action action = e->action;
    text_copy(case_id, sizeof case_id, e->case_id);
    text_copy(number, sizeof number, e->number);
    c.case_id = case_id;
    c.number = number;
    bool fill = e->seq == 0 || revive(v, e);
    struct view *opened = app_push(v->view.app, &view_case, &c);
    if (opened && fill)
        actions_start_when_loaded(opened, action);
}

static enum view_result outbox_act(struct view *view, enum ui_action action)
{
    struct outbox_view *v = (struct outbox_view *)view;
    struct app *app = view->app;
    struct err e;
    if (list_act(&v->list, action))
        return VIEW_HANDLED;
    bool any = v->list.selected < v->n;
    const struct entry *here = any ? &v->entries[v->list.selected] : NULL;
    switch ((int)action) {
    case UA_OPEN:
        if (here && here->case_id[0])
            open_case(v, here);
        else if (here && here->seq == 0)
            app_go(app, &view_intake, NULL);
        return VIEW_HANDLED;
    case UA_REFRESH:
    case UA_RETRY:
        if (!app->env.outbox)
            return VIEW_HANDLED;
        if (outbox_retry(app->env.outbox, action == UA_RETRY && here ? here->seq : 0, NULL, &e) != 0)
            app_toast(app, "%s", e.text);
        else
            app_toast(app, "%s", _("Sending..."));
        channel_connect(app->env.channel);
        if (app->env.kick_outbox)
            app->env.kick_outbox(app->env.kick_arg);
        app_on_outbox(app);
        return VIEW_HANDLED;
    case UA_DISCARD:
        if (here) {
            struct menu *m = app_menu(view, _("Throw this entry away? It is nowhere else."), on_answer);
            menu_add(m, ASK_KEEP, _("No, keep it"));
            menu_add(m, ASK_DROP, _("Yes, throw it away"));
        }
        return VIEW_HANDLED;
    case UA_MENU:
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool outbox_allowed(struct view *view, enum ui_action action)
{
    const struct outbox_view *v = (const struct outbox_view *)view;
    bool any = v->list.selected < v->n;
    if (action == UA_MENU)
        return false;
    if (action == UA_OPEN)
        return any && (v->entries[v->list.selected].seq == 0 || v->entries[v->list.selected].case_id[0]);
    if (action == UA_RETRY || action == UA_DISCARD)
        return any;
    return true;
}

const struct view_ops view_outbox = {
    .name = "outbox",
    .title = N_("Unsent"),
    .context = CTX_OUTBOX,
    .size = sizeof(struct outbox_view),
    .open = outbox_view_open,
    .recalc = outbox_recalc,
    .paint = outbox_paint,
    .act = outbox_act,
    .allowed = outbox_allowed,
    .close = outbox_view_close,
};
