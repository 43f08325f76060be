/* SPDX-License-Identifier: MIT */
/*
 * Asks for the purpose before the people of a case are shown whole: the server records who looked, and why, before it answers.
 * What it answers lives in the case's screen until that is left.
 */
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/request.h"
#include "client/rpc/methods.h"
#include "client/view/form.h"
#include "client/view/reveal_arg.h"
#include "common/base/text.h"

enum { PURPOSE_MIN = 4, PURPOSE_MAX = 200 };

struct reveal_view {
    struct view view;
    struct form form;
    struct reveal_arg arg;
    char case_id[37], number[40];
    struct request *call;
    char message[300];
};

static int reveal_open(struct view *view, const void *arg)
{
    struct reveal_view *v = (struct reveal_view *)view;
    v->arg = *(const struct reveal_arg *)arg;
    text_copy(v->case_id, sizeof v->case_id, v->arg.case_id);
    text_copy(v->number, sizeof v->number, v->arg.number);
    form_init(&v->form);
    if (!form_add_text(&v->form, "purpose", _("Purpose"), true, PURPOSE_MAX, 2)) {
        form_fini(&v->form);
        return ERR_NOMEM;
    }
    return 0;
}

static void reveal_close(struct view *view)
{
    struct reveal_view *v = (struct reveal_view *)view;
    request_drop(&v->call);
    form_fini(&v->form);
}

static void on_people(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct reveal_view *v = arg;
    if (r->err.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    if (msg) {
        v->arg.take(v->arg.below, (const Wangge__V1__RevealPeopleResponse *)msg);
        v->view.done = true;
    } else if (r->info.n_violations == 0 || !form_error(&v->form, r->info.violations[0].field, r->info.violations[0].text)) {
        text_copy(v->message, sizeof v->message, r->err.text);
    }
    app_changed(v->view.app);
}

static void ask(struct reveal_view *v)
{
    Wangge__V1__RevealPeopleRequest req = WANGGE__V1__REVEAL_PEOPLE_REQUEST__INIT;
    const struct field *purpose = &form_find(&v->form, "purpose")->field;
    v->message[0] = 0;
    form_clear_errors(&v->form);
    if (text_chars(purpose->text, purpose->len) < PURPOSE_MIN) {
        form_error(&v->form, "purpose", _("Say in a few words what for (at least 4 characters)."));
        return;
    }
    req.case_id = v->case_id;
    req.purpose = purpose->text;
    if (request_start(&v->view.app->env, &methods_reveal_people, &req.base, on_people, v, &v->call) != 0)
        text_copy(v->message, sizeof v->message, _("Out of memory."));
}

static void reveal_paint(struct view *view, struct term *t, struct area a)
{
    struct reveal_view *v = (struct reveal_view *)view;
    int cols = t->grid.cols;
    grid_printf(&t->grid, a.row, 1, cols - 2, ATTR_BOLD, _("Show the people of %s whole"), v->number);
    grid_put_cut(&t->grid, a.row + 1, 1, cols - 2, 0,
                 _("Who looks, when and what for is recorded. They are covered again when you leave the case."));
    chrome_rule(t, a.row + 2);
    if (v->message[0]) {
        grid_put(&t->grid, a.row + 3, 1, 2, ATTR_BOLD | ATTR_RED, "! ");
        grid_put_cut(&t->grid, a.row + 3, 3, cols - 4, ATTR_RED, v->message);
    }
    form_paint(&v->form, t, a.row + 4, a.rows - 6, cols - 1);
    if (v->call)
        grid_put_cut(&t->grid, a.row + a.rows - 1, 1, cols - 2, ATTR_BOLD, _("Asking the server..."));
}

static enum view_result reveal_act(struct view *view, enum ui_action action)
{
    struct reveal_view *v = (struct reveal_view *)view;
    if (action == UA_MENU)
        return VIEW_HANDLED;
    if (action != UA_SUBMIT)
        return VIEW_IGNORED;
    if (!v->call)
        ask(v);
    return VIEW_HANDLED;
}

static enum view_result reveal_key(struct view *view, const struct term_event *ev)
{
    return form_key(&((struct reveal_view *)view)->form, ev);
}

static bool reveal_typing(struct view *view)
{
    return true;
}

static bool reveal_allowed(struct view *view, enum ui_action action)
{
    return action != UA_MENU;
}

static bool reveal_busy(struct view *view)
{
    return ((struct reveal_view *)view)->call != NULL;
}

const struct view_ops view_reveal = {
    .name = "reveal",
    .title = N_("People"),
    .context = CTX_FORM,
    .size = sizeof(struct reveal_view),
    .open = reveal_open,
    .paint = reveal_paint,
    .act = reveal_act,
    .key = reveal_key,
    .typing = reveal_typing,
    .allowed = reveal_allowed,
    .busy = reveal_busy,
    .close = reveal_close,
};
