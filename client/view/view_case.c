/* SPDX-License-Identifier: MIT */
/* A case (S3): what can be done with it, live: what others do appears while one looks. Its cells are in case_paint.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/view/case_view.h"
#include "client/view/reveal_arg.h"
#include "common/base/text.h"

#define ACT(name)   WANGGE__V1__ACTION__ACTION_##name
#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name

/* Values of the F4 menu beyond the actions. */
enum {
    MENU_COPY = 1000,
    MENU_LEAD,
    MENU_PEOPLE,
    MENU_DETAILS,
    MENU_EXPLAIN,
    MENU_FILES,
    MENU_MERGED = 1100,
    MENU_SIMILAR = 1200,
    MENU_LINKS_MAX = 5
};

static void on_detail(void *arg)
{
    struct case_view *v = arg;
    if (v->detail.status.why.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    app_changed(v->view.app);
}

static void on_assist(void *arg)
{
    app_changed(((struct case_view *)arg)->view.app);
}

static int case_open(struct view *view, const void *arg)
{
    struct case_view *v = (struct case_view *)view;
    const Wangge__V1__Case *c = arg;
    if (case_detail_init(&v->detail, &view->app->env, view->app->feed, on_detail, v) != 0)
        return ERR_NOMEM;
    if (assist_init(&v->assist, &view->app->env, on_assist, v) != 0) {
        case_detail_fini(&v->detail);
        return ERR_NOMEM;
    }
    if (c->case_id[0])
        case_detail_open(&v->detail, c->case_id, c);
    else
        case_detail_open_number(&v->detail, c->number);
    return 0;
}

/* What was shown whole is not shown any more. */
static void cover_people(struct case_view *v)
{
    model_free(v->whole);
    v->whole = NULL;
}

static void case_close(struct view *view)
{
    struct case_view *v = (struct case_view *)view;
    case_detail_fini(&v->detail);
    assist_fini(&v->assist);
    cover_people(v);
}

static void take_people(struct view *view, const Wangge__V1__RevealPeopleResponse *people)
{
    struct case_view *v = (struct case_view *)view;
    cover_people(v);
    v->whole = (Wangge__V1__RevealPeopleResponse *)model_copy(&people->base);
    v->pane = PANE_DETAILS;
    v->top = 0;
}

void actions_when_loaded(struct view *case_view, enum ui_action action)
{
    ((struct case_view *)case_view)->pending = action;
}

void actions_start_when_loaded(struct view *case_view, Wangge__V1__Action action)
{
    ((struct case_view *)case_view)->pending_action = action;
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
    return ++v->n_unsent < CASE_UNSENT_MAX;
}

static void start(struct case_view *v, enum ui_action key);
static void start_action(struct case_view *v, Wangge__V1__Action action, bool at_once);

/* One matter is often reported many times: before it is accepted those alike are shown. */
static void ask_similar(struct case_view *v)
{
    const Wangge__V1__Case *c = v->detail.c;
    if (!c || c->state != STATE(REPORTED) || strcmp(v->asked_similar, c->case_id) == 0 || !c->case_id[0])
        return;
    text_copy(v->asked_similar, sizeof v->asked_similar, c->case_id);
    assist_forget_similar(&v->assist);
    assist_similar(&v->assist, c->case_id);
}

static void case_recalc(struct view *view)
{
    struct case_view *v = (struct case_view *)view;
    v->n_unsent = 0;
    if (view->app->env.outbox && outbox_list(view->app->env.outbox, OUTBOX_ALL, take_unsent, v, NULL) != 0)
        v->n_unsent = 0;
    const struct case_detail *d = &v->detail;
    v->n_facts = d->c ? case_words_facts(d->c, WORDS_SCREEN, &view->app->directory, app_now(view->app), v->whole, v->facts) : 0;
    ask_similar(v);
    if (d->status.state != MODEL_READY || d->status.busy || !d->c)
        return;
    if (v->seen_version && d->c->version > v->seen_version && app_top(view->app) == view)
        app_toast(view->app, _("%s changed: version %d -> %d."), d->c->number, (int)v->seen_version, (int)d->c->version);
    v->seen_version = d->c->version;
    if (v->pending_action && app_top(view->app) == view) {
        Wangge__V1__Action action = v->pending_action;
        v->pending_action = ACT(UNSPECIFIED);
        if (action == ACT(NOTE) || case_detail_option(d, action))
            start_action(v, action, false);
        else
            app_toast(view->app, "%s", _("Not possible now. F4 shows what is."));
    }
    if (v->pending && app_top(view->app) == view) {
        enum ui_action key = v->pending;
        v->pending = UA_NONE;
        start(v, key);
    }
}

/* --- Doing things --- */

/* at_once: by its key; what it may have besides is asked for only from the menu. */
static void start_action(struct case_view *v, Wangge__V1__Action action, bool at_once)
{
    const Wangge__V1__ActionOption *o = case_detail_option(&v->detail, action);
    struct form_arg arg = {.c = v->detail.c, .action = action, .at_once = at_once};
    if (o)
        actions_take_option(&arg, o);
    app_push(v->view.app, &view_form, &arg);
}

static void copy_number(struct case_view *v)
{
    term_copy(v->view.app->term, v->detail.c->number);
    app_toast(v->view.app, _("Copied %s."), v->detail.c->number);
}

static void open_linked(struct case_view *v, const char *case_id, const char *number)
{
    Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
    c.case_id = (char *)case_id;
    c.number = (char *)number;
    app_push(v->view.app, &view_case, &c);
}

static void on_menu(struct view *view, int value)
{
    struct case_view *v = (struct case_view *)view;
    if (!v->detail.c)
        return;
    const Wangge__V1__Case *c = v->detail.c;
    const Wangge__V1__FindSimilarResponse *alike = v->assist.similar;
    if (value == MENU_COPY) {
        copy_number(v);
    } else if (value == MENU_LEAD) {
        open_linked(v, c->merged_into_case_id, "");
    } else if (value == MENU_PEOPLE) {
        struct reveal_arg arg = {.case_id = c->case_id, .number = c->number, .below = view, .take = take_people};
        app_push(view->app, &view_reveal, &arg);
    } else if (value == MENU_EXPLAIN) {
        app_push(view->app, &view_explain, c);
    } else if (value == MENU_FILES) {
        app_push(view->app, &view_files, c);
    } else if (value == MENU_DETAILS) {
        v->pane = v->pane == PANE_DETAILS ? PANE_OVERVIEW : PANE_DETAILS;
        v->top = 0;
    } else if (value >= MENU_SIMILAR) {
        size_t i = (size_t)(value - MENU_SIMILAR);
        if (alike && i < alike->n_cases && alike->cases[i]->case_)
            app_push(view->app, &view_case, alike->cases[i]->case_);
    } else if (value >= MENU_MERGED) {
        size_t i = (size_t)(value - MENU_MERGED);
        if (i < c->n_merged_cases)
            open_linked(v, c->merged_cases[i]->case_id, c->merged_cases[i]->number);
    } else {
        start_action(v, (Wangge__V1__Action)value, false);
    }
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
        bool more = o->n_required_fields + o->n_optional_fields > 0;
        if (o->to_state != c->state && o->to_state != 0)
            snprintf(text, sizeof text, "%s%s -> %s", name, more ? "..." : "",
                     labels_text(LABELS_STATE, (int)o->to_state, state));
        else
            snprintf(text, sizeof text, "%s%s", name, more ? "..." : "");
        menu_add(m, (int)o->action, text);
    }
    if (c->state != STATE(ARCHIVED))
        menu_add(m, (int)ACT(NOTE), labels_text(LABELS_ACTION, (int)ACT(NOTE), word));
    if (c->merged_into_case_id[0])
        menu_add(m, MENU_LEAD, _("Open the lead case"));
    for (size_t i = 0; i < c->n_merged_cases && i < MENU_LINKS_MAX; i++) {
        snprintf(text, sizeof text, _("Open merged %s"), c->merged_cases[i]->number);
        menu_add(m, MENU_MERGED + (int)i, text);
    }
    const Wangge__V1__FindSimilarResponse *alike = v->assist.similar;
    for (size_t i = 0; alike && i < alike->n_cases && i < MENU_LINKS_MAX; i++) {
        if (!alike->cases[i]->case_)
            continue;
        snprintf(text, sizeof text, _("Open alike %s"), alike->cases[i]->case_->number);
        menu_add(m, MENU_SIMILAR + (int)i, text);
    }
    if ((c->n_people && !v->whole) || (c->reporter_hidden && !v->whole))
        menu_add(m, MENU_PEOPLE, _("Show people whole (recorded)"));
    menu_add(m, MENU_DETAILS, v->pane == PANE_DETAILS ? _("Timeline") : _("All details"));
    menu_add(m, MENU_EXPLAIN, _("Why this due time"));
    if (c->attachment_count > 0)
        snprintf(text, sizeof text, _("Files (%d)"), c->attachment_count);
    else
        snprintf(text, sizeof text, "%s", _("Files"));
    menu_add(m, MENU_FILES, text);
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
        start_action(v, action, true);
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
        v->scroll = v->top = 0;
        v->seen_version = 0;
        cover_people(v);
        assist_forget_similar(&v->assist);
        case_detail_open(&v->detail, c->case_id, c);
        return;
    }
    app_toast(v->view.app, "%s", _("This case is not in the work list."));
}

/* Scrolls; Tab changes between the timeline and all details. */
static bool move(struct case_view *v, enum ui_action action)
{
    bool details = v->pane == PANE_DETAILS;
    switch ((int)action) {
    case UA_UP:
        v->scroll += !details;
        v->top -= details && v->top > 0;
        return true;
    case UA_DOWN:
        v->scroll -= !details && v->scroll > 0;
        v->top += details;
        return true;
    case UA_FIRST:
        v->scroll = v->timeline_lines;
        v->top = 0;
        return true;
    case UA_LAST:
        v->scroll = 0;
        v->top = v->detail_lines;
        return true;
    case UA_NEXT_PANE:
    case UA_PREV_PANE:
        v->pane = details ? PANE_OVERVIEW : PANE_DETAILS;
        v->top = 0;
        return true;
    default:
        return false;
    }
}

static enum view_result case_act(struct view *view, enum ui_action action)
{
    struct case_view *v = (struct case_view *)view;
    bool loaded = v->detail.c && v->detail.status.loaded_at != USEC_NONE;
    if (move(v, action))
        return VIEW_HANDLED;
    switch ((int)action) {
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
    case UA_EXPLAIN:
        if (v->detail.c && v->detail.c->case_id[0])
            app_push(view->app, &view_explain, v->detail.c);
        return VIEW_HANDLED;
    case UA_FILES:
        if (v->detail.c && v->detail.c->case_id[0])
            app_push(view->app, &view_files, v->detail.c);
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
            start_action(v, ACT(NOTE), true); /* a note needs no permission of the state: also offline */
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

static bool has_neighbour(const struct case_view *v, int by)
{
    const struct case_list *l = &v->view.app->work;
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->rows[i]->case_id, v->detail.case_id) == 0)
            return by < 0 ? i > 0 : i + 1 < l->n;
    }
    return false;
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
    case UA_NOTE:
        return v->detail.c && v->detail.c->state != STATE(ARCHIVED);
    case UA_NEXT_CASE:
    case UA_PREV_CASE:
        return has_neighbour(v, action == UA_NEXT_CASE ? 1 : -1);
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
