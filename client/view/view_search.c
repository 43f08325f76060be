/* SPDX-License-Identifier: MIT */
/*
 * Searching the server for cases: words, numbers, pinyin initials; the answer follows the typing after a short pause, Enter
 * opens. The arrows move in the results while the line keeps the focus.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/request.h"
#include "client/ui/field.h"
#include "client/ui/list.h"
#include "client/view/app.h"
#include "common/base/text.h"
#include "wangge/v1/search.pb-c.h"

enum { PAUSE_MS = 300, TEXT_MIN = 2, TEXT_MAX = 100, PAGE = 100, AHEAD = 40, HITS_MAX = 5000 };

struct search_view {
    struct view view;
    struct field field;
    struct list list;
    struct event *pause;
    struct request *call;
    struct model_status status;
    Wangge__V1__SearchResponse *data;
    char *asked; /* what data answers, or what is being asked; owned */
    bool open_only;
    bool more; /* the call is for the next page */
};

static const Wangge__V1__Case *hit(const struct search_view *v, size_t i)
{
    return v->data && i < v->data->n_hits ? v->data->hits[i]->case_ : NULL;
}

static const char *row_id(void *arg, size_t i)
{
    const Wangge__V1__Case *c = hit(arg, i);
    return c ? c->case_id : "";
}

static void forget(struct search_view *v)
{
    request_drop(&v->call);
    model_free(v->data);
    v->data = NULL;
    free(v->asked);
    v->asked = NULL;
    model_status_init(&v->status);
}

/* Puts the hits of a page below the others; the page is used up. */
static bool append(Wangge__V1__SearchResponse *to, Wangge__V1__SearchResponse *page)
{
    Wangge__V1__SearchHit **grown = realloc(to->hits, (to->n_hits + page->n_hits + 1) * sizeof *grown);
    char *token = to->next_page_token;
    if (grown) {
        to->hits = grown;
        memcpy(grown + to->n_hits, page->hits, page->n_hits * sizeof *grown);
        to->n_hits += page->n_hits;
        page->n_hits = 0;
        to->next_page_token = page->next_page_token;
        page->next_page_token = token;
    }
    model_free(page);
    return grown != NULL;
}

static void on_answer(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct search_view *v = arg;
    ProtobufCMessage *copy = msg ? model_copy(msg) : NULL;
    if (r->err.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
        app_need_login(v->view.app);
    if (copy && v->more && v->data) {
        if (!append(v->data, (Wangge__V1__SearchResponse *)copy))
            copy = NULL;
        list_refresh(&v->list, v->data->n_hits);
    } else if (copy) {
        model_free(v->data);
        v->data = (Wangge__V1__SearchResponse *)copy;
        list_refresh(&v->list, v->data->n_hits);
        list_select(&v->list, 0);
    }
    if (copy) {
        model_status_done(&v->status, app_now(v->view.app));
    } else {
        if (r->err.code == 0)
            err_set(&r->err, ERR_NOMEM, "%s", _("Out of memory."));
        else if (r->err.code == ERR_UNIMPLEMENTED)
            err_set(&r->err, ERR_UNIMPLEMENTED, "%s", _("This server cannot search. F3 in My work finds in the work list."));
        model_status_fail(&v->status, &r->err);
    }
    app_changed(v->view.app);
}

static bool enough(const struct search_view *v)
{
    return text_chars(v->field.text, v->field.len) >= TEXT_MIN;
}

static void ask_page(struct search_view *v, const char *text, const char *token)
{
    Wangge__V1__SearchRequest req = WANGGE__V1__SEARCH_REQUEST__INIT;
    struct err e;
    req.text = (char *)text;
    req.open_only = v->open_only;
    req.page_size = PAGE;
    req.page_token = (char *)token;
    v->more = token[0] != 0;
    model_status_begin(&v->status);
    if (request_start(&v->view.app->env, &methods_search, &req.base, on_answer, v, &v->call) != 0) {
        err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        model_status_fail(&v->status, &e);
    }
    app_changed(v->view.app);
}

static bool has_more(const struct search_view *v)
{
    return v->data && v->data->next_page_token[0] && v->data->n_hits < HITS_MAX;
}

/* The next page, when the cursor comes near the end. */
static void ask_more(struct search_view *v)
{
    bool current = v->asked && strcmp(v->asked, v->field.text) == 0;
    if (has_more(v) && current && !v->call && v->status.state != MODEL_STALE && v->list.selected + AHEAD >= v->data->n_hits)
        ask_page(v, v->asked, v->data->next_page_token);
}

static void ask(struct search_view *v)
{
    event_del(v->pause);
    if (!enough(v)) {
        forget(v);
        return;
    }
    free(v->asked);
    v->asked = strdup(v->field.text);
    ask_page(v, v->field.text, "");
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
    ask(arg);
}

static int search_open(struct view *view, const void *arg)
{
    struct search_view *v = (struct search_view *)view;
    model_status_init(&v->status);
    list_init(&v->list, row_id, v);
    v->pause = evtimer_new(view->app->base, on_pause, v);
    if (!v->pause)
        return ERR_NOMEM;
    if (field_init(&v->field, TEXT_MAX) != 0) {
        event_free(v->pause);
        return ERR_NOMEM;
    }
    return 0;
}

static void search_close(struct view *view)
{
    struct search_view *v = (struct search_view *)view;
    forget(v);
    event_free(v->pause);
    field_fini(&v->field);
    list_fini(&v->list);
}

/* Where a hit was found, in the person's words. */
static const char *field_name(const char *name)
{
    static const struct {
        const char *name, *label;
    } names[] = {
        {"description", N_("Matter")}, {"address", N_("Address")},
        {"number", N_("Number")},      {"category", N_("Category")},
        {"person", N_("People")},      {"grid", N_("Grid")},
        {"organ", N_("Organ")},        {"reporter", NC_("person", "Reporter")},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, name) == 0)
            return strchr(names[i].label, '\004') ? i18n_context(names[i].label) : _(names[i].label);
    }
    return name;
}

static void paint_line(struct search_view *v, struct term *t, int row)
{
    char status[400];
    int cols = t->grid.cols;
    grid_put_cut(&t->grid, row, 1, 10, ATTR_BOLD, _("Search:"));
    field_paint(&v->field, t, row, 12, 1, cols - 14, true);
    app_status_text(v->view.app, &v->status, status, sizeof status);
    const char *open_only = v->open_only ? _("open only") : _("open and closed");
    if (!enough(v))
        grid_printf(&t->grid, row + 1, 1, cols - 2, ATTR_DIM,
                    _("Two characters or more: words apart by blanks, a number, pinyin initials (%s)"), open_only);
    else if (status[0])
        grid_put_cut(&t->grid, row + 1, 1, cols - 2, ATTR_YELLOW, status);
    else if (v->data)
        grid_printf(&t->grid, row + 1, 1, cols - 2, 0, _("%d found, %s%s"), (int)v->data->n_hits, open_only,
                    has_more(v)                   ? _("; more below")
                    : v->data->next_page_token[0] ? _("; there are more: type another word")
                                                  : "");
}

static void search_paint(struct view *view, struct term *t, struct area a)
{
    struct search_view *v = (struct search_view *)view;
    char word[LABELS_WORD_MAX], text[1200], where[200];
    int cols = t->grid.cols, row = a.row, state = i18n_chinese() ? 8 : 12, fields = i18n_chinese() ? 10 : 12;
    int subject = cols - 31 - state - fields - 3;
    paint_line(v, t, row);
    row += 2;
    chrome_rule(t, row++);
    grid_put_cut(&t->grid, row, 3, 16, ATTR_DIM, _("Number"));
    grid_put_cut(&t->grid, row, 20, 10, ATTR_DIM, _("Category"));
    grid_put_cut(&t->grid, row, 31, subject, ATTR_DIM, _("Matter"));
    grid_put_cut(&t->grid, row, 32 + subject, fields, ATTR_DIM, _("Found in"));
    grid_put_cut(&t->grid, row++, 33 + subject + fields, state, ATTR_DIM, C_("fact", "State"));
    int rows = a.row + a.rows - row - 1; /* the last line is the message's */
    size_t n = v->data ? v->data->n_hits : 0, top = list_window(&v->list, (size_t)rows);
    if (v->data && n == 0 && v->status.state == MODEL_READY)
        chrome_message(t, row, rows, _("Nothing was found."), v->open_only ? _("F6 also shows what is closed.") : NULL);
    for (int i = 0; i < rows && top + (size_t)i < n; i++) {
        const Wangge__V1__SearchHit *h = v->data->hits[top + (size_t)i];
        const Wangge__V1__Case *c = h->case_;
        bool here = top + (size_t)i == v->list.selected;
        if (!c)
            continue;
        snprintf(text, sizeof text, "%s%s%s", c->address, c->address[0] ? " " : "", c->description);
        text_trim_partial(text);
        where[0] = 0;
        for (size_t k = 0; k < h->n_fields; k++)
            snprintf(where + strlen(where), sizeof where - strlen(where), "%s%s", k ? "," : "", field_name(h->fields[k]));
        text_trim_partial(where);
        grid_put(&t->grid, row + i, 0, 1, 0, here ? ">" : " ");
        grid_put_pad(&t->grid, row + i, 3, 16, here ? ATTR_REVERSE : 0, c->number);
        grid_put_cut(&t->grid, row + i, 20, 10, 0, c->category_name);
        grid_put_cut(&t->grid, row + i, 31, subject, 0, text);
        grid_put_cut(&t->grid, row + i, 32 + subject, fields, ATTR_DIM, where);
        grid_put_cut(&t->grid, row + i, 33 + subject + fields, state, 0, labels_text(LABELS_STATE, (int)c->state, word));
    }
}

static enum view_result search_act(struct view *view, enum ui_action action)
{
    struct search_view *v = (struct search_view *)view;
    bool current = v->asked && strcmp(v->asked, v->field.text) == 0;
    const Wangge__V1__Case *c = hit(v, v->list.selected);
    switch ((int)action) {
    case UA_OPEN: /* never what the last words found */
        if (current && c && (!v->call || v->more))
            app_push(view->app, &view_case, c);
        else if (!current || !v->call)
            ask(v);
        return VIEW_HANDLED;
    case UA_REFRESH:
        ask(v);
        return VIEW_HANDLED;
    case UA_QUICK:
    case UA_MENU:
        v->open_only = !v->open_only;
        ask(v);
        return VIEW_HANDLED;
    default:
        if (!list_act(&v->list, action))
            return VIEW_IGNORED;
        ask_more(v);
        return VIEW_HANDLED;
    }
}

static enum view_result search_key(struct view *view, const struct term_event *ev)
{
    struct search_view *v = (struct search_view *)view;
    bool changed = false, known = true;
    if (ev->kind == TERM_EV_PASTE) {
        field_insert(&v->field, ev->text, ev->len);
        changed = true;
    } else if (ev->key == TK_UP || ev->key == TK_DOWN || ev->key == TK_ENTER || ev->key == TK_CTRL('F')) {
        return VIEW_IGNORED;
    } else {
        known = field_key(&v->field, ev->key, &changed);
    }
    if (changed)
        event_add(v->pause, &(struct timeval){.tv_usec = PAUSE_MS * 1000});
    return known ? VIEW_HANDLED : VIEW_IGNORED;
}

static bool search_typing(struct view *view)
{
    return true;
}

static bool search_allowed(struct view *view, enum ui_action action)
{
    return action != UA_MENU;
}

static bool search_busy(struct view *view)
{
    return ((struct search_view *)view)->call != NULL;
}

const struct view_ops view_search = {
    .name = "search",
    .title = N_("Search"),
    .context = CTX_SEARCH,
    .size = sizeof(struct search_view),
    .open = search_open,
    .paint = search_paint,
    .act = search_act,
    .key = search_key,
    .typing = search_typing,
    .allowed = search_allowed,
    .busy = search_busy,
    .close = search_close,
};
