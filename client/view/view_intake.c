/* SPDX-License-Identifier: MIT */
/*
 * Quick intake (S4): category by pinyin initials, grid by default, address, description. The draft is saved on field exit
 * and every two seconds; the form closes only over something that is stored.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/assist.h"
#include "client/model/i18n.h"
#include "client/model/intake.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/model/rules.h"
#include "client/view/actions.h"
#include "client/view/form_evidence.h"
#include "client/view/person_arg.h"
#include "common/base/text.h"

enum { SAVE_S = 2 };
enum { SIDE_COLS = 118, FORM_SIDE_COLS = 82, FORM_COLS_MAX = 110 };
enum { ASK_KEEP = 1, ASK_DISCARD, ASK_SUBMIT, ASK_NEXT, ASK_REPEAT, ASK_PERSON, ASK_SIMILAR = 100, ASK_UNPERSON = 200 };

struct intake_view {
    struct view view;
    struct form form;
    struct intake intake;
    struct evidence evidence; /* files that go before the incident does */
    struct event *ev_save;
    unsigned generation; /* of the directory the items come from */
    struct picker_item *categories, *grids;
    bool and_new;
    bool unsaved;
    int last_focus;
    char message[300];
    struct assist assist; /* cases alike */
    struct intake_person people[INTAKE_PEOPLE_MAX];
    size_t n_people;
};

static void on_intake(void *arg)
{
    struct intake_view *v = arg;
    app_on_outbox(v->view.app);
}

static void on_assist(void *arg)
{
    app_changed(((struct intake_view *)arg)->view.app);
}

static struct intake_values values(struct intake_view *v)
{
    struct form *f = &v->form;
    struct form_item *urgency = form_find(f, "urgency");
    return (struct intake_values){
        .category_code = form_find(f, "category_code")->id,
        .grid_code = form_find(f, "grid_code")->id,
        .address = form_find(f, "address")->field.text,
        .description = form_find(f, "description")->field.text,
        .settle_text = form_find(f, "settle_text")->field.text,
        .urgency = urgency->choice >= 0 ? urgency->values[urgency->choice] : 0,
        .confidential = form_find(f, "confidential")->choice == 1,
        .attachment_ids = v->evidence.ids,
        .n_attachment_ids = v->evidence.state == EVIDENCE_DONE ? v->evidence.n : 0,
        .files = form_find(f, FORM_EVIDENCE)->field.text,
        .people = v->people,
        .n_people = v->n_people,
    };
}

static void save(struct intake_view *v)
{
    if (!v->unsaved)
        return;
    struct intake_values val = values(v);
    intake_save_draft(&v->intake, &val);
    v->unsaved = false;
    app_on_outbox(v->view.app);
}

static void on_save(evutil_socket_t fd, short what, void *arg)
{
    save(arg);
}

static void pick_category(struct intake_view *v, const char *code)
{
    const Wangge__V1__Category *c = directory_category(&v->view.app->directory, code);
    if (code[0])
        form_pick(form_find(&v->form, "category_code"), code,
                  c ? i18n_chinese() || !c->name_en[0] ? c->name : c->name_en : code);
}

/* Grids are numbered within their community, so the community is part of the name. */
static void pick_grid(struct intake_view *v, const char *code)
{
    const struct directory *d = &v->view.app->directory;
    const Wangge__V1__Region *r = directory_region(d, code), *community;
    char above[13], text[256], kept[FORM_ID_MAX];
    if (!code[0])
        return;
    text_copy(kept, sizeof kept, code);
    text_copy(above, sizeof above, code);
    community = directory_region(d, above);
    snprintf(text, sizeof text, "%s %s %s", kept, r ? r->name : "", community ? community->name : "");
    form_pick(form_find(&v->form, "grid_code"), kept, text);
}

/* The account's own grid, or the only one there is. */
static void default_grid(struct intake_view *v)
{
    struct app *app = v->view.app;
    struct form_item *it = form_find(&v->form, "grid_code");
    if (it->id[0])
        return;
    if (strlen(app->session.region_code) == 15)
        pick_grid(v, app->session.region_code);
    else if (it->picker.n_items == 1)
        pick_grid(v, it->picker.items[0].id);
}

static void take_directory(struct intake_view *v)
{
    const struct directory *d = &v->view.app->directory;
    size_t n;
    if (v->generation == d->generation && v->categories)
        return;
    v->generation = d->generation;
    struct picker_item *categories = actions_category_items(d, &n);
    if (categories) {
        picker_set_items(&form_find(&v->form, "category_code")->picker, categories, n);
        free(v->categories);
        v->categories = categories;
    }
    struct picker_item *grids = actions_grid_items(d, &n);
    if (grids) {
        picker_set_items(&form_find(&v->form, "grid_code")->picker, grids, n);
        free(v->grids);
        v->grids = grids;
    }
    char code[FORM_ID_MAX]; /* the names may be new */
    text_copy(code, sizeof code, form_find(&v->form, "category_code")->id);
    pick_category(v, code);
    text_copy(code, sizeof code, form_find(&v->form, "grid_code")->id);
    pick_grid(v, code);
    default_grid(v);
}

static void on_recovered(void *arg, const struct intake_values *val)
{
    struct intake_view *v = arg;
    struct form_item *urgency = form_find(&v->form, "urgency");
    pick_category(v, val->category_code);
    pick_grid(v, val->grid_code);
    field_set(&form_find(&v->form, "address")->field, val->address);
    field_set(&form_find(&v->form, "description")->field, val->description);
    field_set(&form_find(&v->form, "settle_text")->field, val->settle_text);
    field_set(&form_find(&v->form, FORM_EVIDENCE)->field, val->files);
    if (val->urgency > 0 && val->urgency <= urgency->n_choices)
        urgency->choice = val->urgency - 1;
    form_find(&v->form, "confidential")->choice = val->confidential ? 1 : 0;
    v->n_people = val->n_people;
    memcpy(v->people, val->people, val->n_people * sizeof *v->people);
}

static bool build(struct intake_view *v)
{
    struct form *f = &v->form;
    char word[LABELS_WORD_MAX];
    form_init(f);
    bool ok = form_add_pick(f, "category_code", _("Category"), true) && form_add_pick(f, "grid_code", _("Grid"), true) &&
              form_add_text(f, "address", _("Address"), false, INTAKE_ADDRESS_MAX, 1) &&
              form_add_text(f, "description", _("What"), true, INTAKE_DESCRIPTION_MAX, 4);
    struct form_item *urgency = ok ? form_add_choice(f, "urgency", _("Urgency"), false) : NULL;
    struct form_item *confidential = urgency ? form_add_choice(f, "confidential", _("Confidential"), false) : NULL;
    if (!confidential || !form_add_text(f, "settle_text", _("Settled by"), false, INTAKE_SETTLE_MAX, 2) ||
        !form_add_text(f, FORM_EVIDENCE, rules_field(FORM_EVIDENCE), false, EVIDENCE_PATHS_CHARS, 1))
        return false;
    text_copy(form_find(f, FORM_EVIDENCE)->note, sizeof f->items->note,
              _("Of settling: paths, ';' between; Tab completes; drop files here"));
    for (int i = 1; i <= 3; i++)
        form_choice(urgency, i, labels_text(LABELS_URGENCY, i, word));
    urgency->choice = 0;
    form_choice(confidential, 0, _("no"));
    form_choice(confidential, 1, _("yes, hide who reports"));
    confidential->choice = 0;
    return true;
}

static int intake_open(struct view *view, const void *arg)
{
    struct intake_view *v = (struct intake_view *)view;
    struct app *app = view->app;
    v->ev_save = event_new(app->base, -1, EV_PERSIST, on_save, v);
    if (!v->ev_save || !build(v) || assist_init(&v->assist, &app->env, on_assist, v) != 0 ||
        evidence_init(&v->evidence, &app->env, on_assist, v) != 0 || intake_init(&v->intake, &app->env, on_intake, v) != 0) {
        assist_fini(&v->assist);
        evidence_fini(&v->evidence);
        if (v->ev_save)
            event_free(v->ev_save);
        form_fini(&v->form);
        return ERR_NOMEM;
    }
    event_add(v->ev_save, &(struct timeval){.tv_sec = SAVE_S});
    v->generation = app->directory.generation + 1;
    take_directory(v);
    if (intake_recover(&v->intake, on_recovered, v))
        text_copy(v->message, sizeof v->message, _("Your draft is back. Ctrl-D throws it away."));
    return 0;
}

static void intake_close(struct view *view)
{
    struct intake_view *v = (struct intake_view *)view;
    save(v);
    event_free(v->ev_save);
    intake_fini(&v->intake);
    evidence_fini(&v->evidence);
    assist_fini(&v->assist);
    form_fini(&v->form);
    explicit_bzero(v->people, sizeof v->people);
    free(v->categories);
    free(v->grids);
}

static void clear_form(struct intake_view *v)
{
    struct form *f = &v->form;
    form_clear_errors(f);
    form_pick(form_find(f, "category_code"), "", "");
    field_set(&form_find(f, "address")->field, "");
    field_set(&form_find(f, "description")->field, "");
    field_set(&form_find(f, "settle_text")->field, "");
    field_set(&form_find(f, FORM_EVIDENCE)->field, "");
    evidence_cancel(&v->evidence);
    form_find(f, "urgency")->choice = 0;
    form_find(f, "confidential")->choice = 0;
    explicit_bzero(v->people, sizeof v->people);
    v->n_people = 0;
    assist_forget_similar(&v->assist);
    f->focus = 0;
    f->changed = v->unsaved = false;
    v->message[0] = 0;
    default_grid(v);
}

static void remember(struct intake_view *v)
{
    struct intake_values val = values(v);
    text_copy(v->view.app->last.category, sizeof v->view.app->last.category, val.category_code);
    text_copy(v->view.app->last.grid, sizeof v->view.app->last.grid, val.grid_code);
    text_copy(v->view.app->last.address, sizeof v->view.app->last.address, val.address);
}

static void finish(struct intake_view *v)
{
    remember(v);
    intake_next(&v->intake);
    clear_form(v);
    if (!v->and_new)
        v->view.done = true;
}

static void take_refusal(struct intake_view *v)
{
    const struct reply *r = &v->intake.deliver.reply;
    text_copy(v->message, sizeof v->message, r->err.text);
    for (size_t i = r->info.n_violations; i > 0; i--) /* the first one gets the focus */
        form_error(&v->form, r->info.violations[i - 1].field, r->info.violations[i - 1].text);
    deliver_reset(&v->intake.deliver);
    v->unsaved = true; /* the draft went with the refused entry */
    save(v);
}

/* The files go first. True: they are on their way, or could not go, and say so. */
static bool sends_files(struct intake_view *v)
{
    if (field_is_empty(&form_find(&v->form, FORM_EVIDENCE)->field))
        return false;
    if (field_is_empty(&form_find(&v->form, "settle_text")->field)) {
        form_error(&v->form, "settle_text",
                   _("Files are evidence of settling; others are added to the case once it is logged."));
        return true;
    }
    return form_evidence_send(&v->form, &v->evidence, v->view.app, intake_prepare(&v->intake));
}

static void submit(struct intake_view *v, bool and_new)
{
    struct err e;
    if (v->intake.deliver.state == DELIVER_WAITING || v->evidence.state == EVIDENCE_SENDING)
        return;
    form_clear_errors(&v->form);
    v->message[0] = 0;
    v->and_new = and_new;
    if (!form_check(&v->form) || sends_files(v))
        return;
    struct intake_values val = values(v);
    if (intake_submit(&v->intake, &val, &e) != 0 && !form_error(&v->form, e.field, e.text))
        text_copy(v->message, sizeof v->message, e.text);
    evidence_cancel(&v->evidence); /* sent once more, the field may name other files */
}

static void intake_recalc(struct view *view)
{
    struct intake_view *v = (struct intake_view *)view;
    struct app *app = view->app;
    take_directory(v);
    if (form_evidence_take(&v->form, &v->evidence, app, v->message, sizeof v->message))
        submit(v, v->and_new);
    switch (v->intake.deliver.state) {
    case DELIVER_DONE:
        if (field_is_empty(&form_find(&v->form, "settle_text")->field)) {
            app_set_undo(app, 0, intake_case_id(&v->intake), v->intake.deliver.number);
            app_toast(app, _("Logged as %s. Ctrl-Z recalls it."), v->intake.deliver.number);
        } else {
            app_toast(app, _("Logged and settled as %s."), v->intake.deliver.number);
        }
        finish(v);
        if (app->logged_in)
            case_list_refresh(&app->work);
        break;
    case DELIVER_QUEUED:
        app_set_undo(app, v->intake.deliver.seq, "", "");
        app_toast(app, _("Saved here as local-%d; it goes out by itself. Ctrl-Z takes it back."), (int)v->intake.deliver.local);
        finish(v);
        break;
    case DELIVER_REFUSED:
    case DELIVER_CONFLICT:
    case DELIVER_FAILED:
        take_refusal(v);
        break;
    case DELIVER_IDLE:
    case DELIVER_WAITING:
        break;
    }
}

/* --- Painting --- */

static void paint_notes(struct intake_view *v)
{
    struct intake_values val = values(v);
    const Wangge__V1__Category *c = directory_category(&v->view.app->directory, val.category_code);
    struct form_item *category = form_find(&v->form, "category_code"), *urgency = form_find(&v->form, "urgency");
    struct form_item *settle = form_find(&v->form, "settle_text");
    category->note[0] = 0;
    if (c) {
        char limit[64] = "";
        size_t at = urgency->choice > 0 ? (size_t)urgency->choice : 0;
        if (at < c->n_handle_limit_minutes && c->handle_limit_minutes[at] > 0)
            snprintf(limit, sizeof limit, _("limit %d working hours"), c->handle_limit_minutes[at] / 60);
        snprintf(category->note, sizeof category->note, "%s  %s", c->group_name, limit);
    } else if (!val.category_code[0]) {
        snprintf(category->note, sizeof category->note, "%s", _("pinyin initials, name or code"));
    }
    text_copy(settle->note, sizeof settle->note, "");
}

static void alike_text(const Wangge__V1__SimilarCase *s, char *dst, size_t size)
{
    char word[LABELS_WORD_MAX], near[40] = "";
    const Wangge__V1__Case *c = s->case_;
    if (s->distance_m >= 0)
        snprintf(near, sizeof near, _(" %.0f m"), s->distance_m);
    snprintf(dst, size, _("%s %s %s%s, %.0f h"), c->number, c->category_name, labels_text(LABELS_STATE, (int)c->state, word),
             near, s->hours);
    text_trim_partial(dst);
}

/* Cases alike: beside the form where there is room, else the most alike in one line. */
static void paint_alike(struct intake_view *v, struct term *t, int row, int end, bool side)
{
    const Wangge__V1__FindSimilarResponse *s = v->assist.similar;
    char text[400];
    if (!s || s->n_cases == 0 || !s->cases[0]->case_)
        return;
    if (!side) {
        alike_text(s->cases[0], text, sizeof text);
        grid_printf(&t->grid, end - 2, 1, t->grid.cols - 2, ATTR_YELLOW, _("! Alike: %s (F6 opens)"), text);
        return;
    }
    int col = FORM_SIDE_COLS + 2, width = t->grid.cols - col - 1;
    grid_put_cut(&t->grid, row++, col, width, ATTR_BOLD, _("Reported already? F6 opens"));
    for (size_t i = 0; i < s->n_cases && row + 3 < end; i++) {
        if (!s->cases[i]->case_)
            continue;
        alike_text(s->cases[i], text, sizeof text);
        size_t len = strlen(text), at = 0;
        for (int k = 0; k < 2 && at < len; k++) {
            size_t next, n = field_wrap(text + at, len - at, width, &next);
            grid_putn(&t->grid, row++, col, width, ATTR_YELLOW, text + at, n);
            at += next;
        }
        grid_put_cut(&t->grid, row++, col, width, ATTR_DIM, s->cases[i]->case_->description);
    }
}

static void people_text(const struct intake_view *v, char *dst, size_t size)
{
    char word[LABELS_WORD_MAX];
    size_t used = 0;
    dst[0] = 0;
    for (size_t i = 0; i < v->n_people && used < size; i++)
        used += (size_t)snprintf(dst + used, size - used, "%s%s %s", i ? C_("list", ", ") : "",
                                 labels_text(LABELS_PERSON, v->people[i].kind, word), v->people[i].name);
    text_trim_partial(dst);
}

static void intake_paint(struct view *view, struct term *t, struct area a)
{
    struct intake_view *v = (struct intake_view *)view;
    char line[200] = "", clock[MOMENT_TEXT_MAX];
    int cols = t->grid.cols, row = a.row, end = a.row + a.rows;
    app_tabs(view->app, row++, &view_intake);
    if (v->intake.save_error.code)
        text_copy(line, sizeof line, v->intake.save_error.text);
    else if (v->intake.draft_id)
        snprintf(line, sizeof line, _("Draft #%d saved %s"), (int)v->intake.draft_id, moment_clock(v->intake.saved_at, clock));
    grid_put_cut(&t->grid, row, 1, cols - 2, v->intake.save_error.code ? ATTR_RED : ATTR_DIM, line);
    row++;
    chrome_rule(t, row++);
    if (v->message[0]) {
        grid_put(&t->grid, row, 1, 2, ATTR_BOLD, "! ");
        grid_put_cut(&t->grid, row, 3, cols - 4, ATTR_BOLD, v->message);
    }
    row++;
    paint_notes(v);
    bool side = cols >= SIDE_COLS;
    int form_cols = side ? FORM_SIDE_COLS : cols > FORM_COLS_MAX ? FORM_COLS_MAX : cols;
    char people[300];
    people_text(v, people, sizeof people);
    grid_printf(&t->grid, end - 3, 1, form_cols - 2, v->n_people ? 0 : ATTR_DIM, "  %s%s%s", _("People"), C_("list", ": "),
                v->n_people ? people : _("none (F8 adds)"));
    form_paint(&v->form, t, row, end - row - 3, form_cols); /* after the line: its choices lie over it */
    paint_alike(v, t, row, end, side);
    if (v->evidence.state == EVIDENCE_SENDING) {
        form_evidence_paint(&v->evidence, t, end - 1);
    } else if (v->intake.deliver.state == DELIVER_WAITING) {
        grid_put_cut(&t->grid, end - 1, 1, cols - 2, ATTR_BOLD, _("Sending... Esc goes back; it is saved either way."));
    } else {
        int have = 0, need = 0;
        for (int i = 0; i < v->form.n; i++) {
            need += v->form.items[i].required;
            have += v->form.items[i].required && !form_item_is_empty(&v->form.items[i]);
        }
        bool online = channel_get_state(view->app->env.channel) == CHANNEL_READY && view->app->logged_in;
        grid_printf(&t->grid, end - 1, 1, cols - 2, ATTR_DIM, _("Required: %d of %d.  %s"), have, need,
                    online ? _("Goes out at once.") : _("No connection: it is saved here and goes out later."));
    }
}

/* --- Keys --- */

static void repeat_last(struct intake_view *v)
{
    if (!v->view.app->last.category[0]) {
        app_toast(v->view.app, "%s", _("Nothing was logged yet since the start."));
        return;
    }
    pick_category(v, v->view.app->last.category);
    pick_grid(v, v->view.app->last.grid);
    field_set(&form_find(&v->form, "address")->field, v->view.app->last.address);
    v->form.focus = 3;
    v->unsaved = true;
}

static void take_person(struct view *view, const struct intake_person *p)
{
    struct intake_view *v = (struct intake_view *)view;
    if (v->n_people < INTAKE_PEOPLE_MAX)
        v->people[v->n_people++] = *p;
    v->unsaved = true;
}

static void unperson(struct intake_view *v, size_t i)
{
    if (i >= v->n_people)
        return;
    memmove(&v->people[i], &v->people[i + 1], (v->n_people - i - 1) * sizeof *v->people);
    v->n_people--;
    v->unsaved = true;
}

static void open_person(struct intake_view *v)
{
    struct person_arg arg = {.below = &v->view, .take = take_person};
    app_push(v->view.app, &view_person, &arg);
}

static void on_menu(struct view *view, int value)
{
    struct intake_view *v = (struct intake_view *)view;
    const Wangge__V1__FindSimilarResponse *s = v->assist.similar;
    if (value == ASK_PERSON)
        open_person(v);
    else if (value >= ASK_UNPERSON)
        unperson(v, (size_t)(value - ASK_UNPERSON));
    else if (value >= ASK_SIMILAR) {
        size_t i = (size_t)(value - ASK_SIMILAR);
        if (s && i < s->n_cases && s->cases[i]->case_)
            app_push(view->app, &view_case, s->cases[i]->case_);
    } else if (value == ASK_DISCARD) {
        intake_discard(&v->intake);
        clear_form(v);
        app_toast(view->app, "%s", _("The draft is gone."));
        app_on_outbox(view->app);
    } else if (value == ASK_SUBMIT || value == ASK_NEXT) {
        submit(v, value == ASK_NEXT);
    } else if (value == ASK_REPEAT) {
        repeat_last(v);
    }
}

/* The people there are: another one, or one off. */
static void people_menu(struct intake_view *v)
{
    char text[200], word[LABELS_WORD_MAX];
    if (v->n_people == 0) {
        open_person(v);
        return;
    }
    struct menu *m = app_menu(&v->view, _("People"), on_menu);
    if (v->n_people < INTAKE_PEOPLE_MAX)
        menu_add(m, ASK_PERSON, _("Add another"));
    for (size_t i = 0; i < v->n_people; i++) {
        snprintf(text, sizeof text, _("Take off: %s %s"), labels_text(LABELS_PERSON, v->people[i].kind, word),
                 v->people[i].name);
        menu_add(m, ASK_UNPERSON + (int)i, text);
    }
}

static void similar_menu(struct intake_view *v)
{
    const Wangge__V1__FindSimilarResponse *s = v->assist.similar;
    char text[400];
    if (!s || s->n_cases == 0) {
        app_toast(v->view.app, "%s", _("Nothing alike is known."));
        return;
    }
    struct menu *m = app_menu(&v->view, _("Reported already? Open"), on_menu);
    for (size_t i = 0; i < s->n_cases; i++) {
        if (!s->cases[i]->case_)
            continue;
        alike_text(s->cases[i], text, sizeof text);
        menu_add(m, ASK_SIMILAR + (int)i, text);
    }
}

/* Asks for cases alike when what they are judged by has changed; the answer comes beside the typing. */
static void look_for_alike(struct intake_view *v)
{
    struct intake_values val = values(v);
    Wangge__V1__FindSimilarRequest req = WANGGE__V1__FIND_SIMILAR_REQUEST__INIT;
    if (!val.category_code[0]) {
        assist_forget_similar(&v->assist);
        return;
    }
    req.category_code = (char *)val.category_code;
    req.grid_code = (char *)val.grid_code;
    req.description = (char *)val.description;
    req.address = (char *)val.address;
    if (v->view.app->logged_in)
        assist_similar_soon(&v->assist, &req);
}

static bool intake_allowed(struct view *view, enum ui_action action)
{
    const struct intake_view *v = (const struct intake_view *)view;
    return action != UA_SIMILAR || (v->assist.similar && v->assist.similar->n_cases > 0);
}

static enum view_result intake_act(struct view *view, enum ui_action action)
{
    struct intake_view *v = (struct intake_view *)view;
    struct menu *m;
    switch ((int)action) {
    case UA_SUBMIT:
    case UA_SUBMIT_NEW:
        submit(v, action == UA_SUBMIT_NEW);
        return VIEW_HANDLED;
    case UA_BACK:
        return form_evidence_stop(&v->evidence, v->message, sizeof v->message) ? VIEW_HANDLED : VIEW_IGNORED;
    case UA_REPEAT:
        repeat_last(v);
        return VIEW_HANDLED;
    case UA_PEOPLE:
        people_menu(v);
        return VIEW_HANDLED;
    case UA_SIMILAR:
        similar_menu(v);
        return VIEW_HANDLED;
    case UA_DISCARD:
        m = app_menu(view, _("Throw the draft away?"), on_menu);
        menu_add(m, ASK_KEEP, _("No, keep it"));
        menu_add(m, ASK_DISCARD, _("Yes, throw it away"));
        return VIEW_HANDLED;
    case UA_MENU:
        m = app_menu(view, _("Log an incident"), on_menu);
        menu_add(m, ASK_SUBMIT, _("Submit"));
        menu_add(m, ASK_NEXT, _("Submit, next"));
        menu_add(m, ASK_REPEAT, _("Same as last"));
        menu_add(m, ASK_DISCARD, _("Discard"));
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static enum view_result intake_key(struct view *view, const struct term_event *ev)
{
    struct intake_view *v = (struct intake_view *)view;
    if (v->intake.deliver.state == DELIVER_WAITING || v->evidence.state == EVIDENCE_SENDING)
        return VIEW_IGNORED;
    enum view_result r = form_evidence_key(&v->form, ev);
    if (r == VIEW_IGNORED)
        r = form_key(&v->form, ev);
    if (v->form.changed) {
        const struct form_item *grid = form_find(&v->form, "grid_code");
        if (grid->picker.query.len == 0)
            pick_grid(v, grid->id);
        v->form.changed = false;
        v->unsaved = true;
        look_for_alike(v);
    }
    if (v->form.focus != v->last_focus) { /* field exit */
        v->last_focus = v->form.focus;
        save(v);
    }
    return r;
}

static bool intake_typing(struct view *view)
{
    return true;
}

const struct view_ops view_intake = {
    .name = "intake",
    .title = N_("Log an incident"),
    .context = CTX_INTAKE,
    .size = sizeof(struct intake_view),
    .open = intake_open,
    .recalc = intake_recalc,
    .paint = intake_paint,
    .act = intake_act,
    .key = intake_key,
    .typing = intake_typing,
    .allowed = intake_allowed,
    .close = intake_close,
};
