/* SPDX-License-Identifier: MIT */
/* The fields of an action by their names in the API: what they choose from and the request they make. See form_view.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/case_words.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/model/reasons.h"
#include "client/model/rules.h"
#include "client/model/until.h"
#include "client/view/form_view.h"
#include "common/base/text.h"

enum { TEXT_MAX = 2000, REASON_MAX = 32, LOGIN_MAX = 64, OUTSIDE_MAX = 64, NUMBER_MIN = 8, CASE_ID_LEN = 36 };

/* --- What the fields choose from --- */

static void set_items(struct form_view *v, const char *name, struct picker_item **slot, struct picker_item *items, size_t n)
{
    struct form_item *it = form_find(&v->form, name);
    if (!it || !items) {
        free(items);
        return;
    }
    picker_set_items(&it->picker, items, n);
    free(*slot);
    *slot = items;
}

/* Those the rules suggest come first, with the reason. */
static struct picker_item *organ_items(struct form_view *v, size_t *n)
{
    const Wangge__V1__SuggestDispatchResponse *s = v->assist.suggestions;
    struct picker_item *items = actions_organ_items(&v->view.app->directory, n);
    size_t front = 0;
    for (size_t i = 0; items && s && i < s->n_suggestions && front < FORM_HINTS_MAX; i++) {
        for (size_t k = front; k < *n; k++) {
            if (strcmp(items[k].id, s->suggestions[i]->organ_code) != 0)
                continue;
            struct picker_item it = items[k];
            memmove(&items[front + 1], &items[front], (k - front) * sizeof *items);
            snprintf(v->hints[front], FORM_HINT_SIZE, _("suggested: %s"), s->suggestions[i]->reason);
            text_trim_partial(v->hints[front]);
            it.hint = v->hints[front];
            items[front++] = it;
            break;
        }
    }
    return items;
}

static struct picker_item case_item(const Wangge__V1__Case *c, const char *hint)
{
    return (struct picker_item){.id = c->case_id,
                                .text = c->number,
                                .initials = c->category_name,
                                .aliases = c->description,
                                .hint = hint ? hint : c->description};
}

/* Cases alike first, then those of the work list. */
static struct picker_item *case_items(struct form_view *v, size_t *n)
{
    const struct case_list *l = &v->view.app->work;
    const Wangge__V1__FindSimilarResponse *s = v->assist.similar;
    size_t similar = s ? s->n_cases : 0;
    struct picker_item *items = calloc(l->n + similar + 1, sizeof *items);
    *n = 0;
    for (size_t i = 0; items && i < similar && i < FORM_HINTS_MAX; i++) {
        const Wangge__V1__SimilarCase *m = s->cases[i];
        if (!m->case_ || strcmp(m->case_->case_id, v->c->case_id) == 0)
            continue;
        if (m->distance_m >= 0)
            snprintf(v->hints[i], FORM_HINT_SIZE, _("alike, %.0f m, %.0f h apart: %s"), m->distance_m, m->hours,
                     m->case_->description);
        else
            snprintf(v->hints[i], FORM_HINT_SIZE, _("alike, %.0f h apart: %s"), m->hours, m->case_->description);
        text_trim_partial(v->hints[i]);
        items[(*n)++] = case_item(m->case_, v->hints[i]);
    }
    size_t alike = *n;
    for (size_t i = 0; items && i < l->n; i++) {
        bool known = strcmp(l->rows[i]->case_id, v->c->case_id) == 0;
        for (size_t k = 0; k < alike && !known; k++)
            known = strcmp(items[k].id, l->rows[i]->case_id) == 0;
        if (!known)
            items[(*n)++] = case_item(l->rows[i], NULL);
    }
    return items;
}

/* Dates people mean most often; of an extension from the present due time on. */
static size_t make_untils(struct form_view *v)
{
    static const struct {
        const char *form;
        const char *text;
    } soon[FORM_UNTILS] = {{"+2h", N_("2 hours")},
                           {"+1d", N_("1 day")},
                           {"+3wd", N_("3 working days")},
                           {"+5wd", N_("5 working days")},
                           {"+10wd", N_("10 working days")}},
      far[FORM_UNTILS] = {{"+7d", N_("1 week")},
                          {"+30d", N_("30 days")},
                          {"+90d", N_("90 days")},
                          {"+180d", N_("180 days")},
                          {"+364d", N_("1 year")}};
    bool pause = v->action == ACT(SUSPEND) || v->action == ACT(REQUEST_SUSPEND);
    bool more = v->action == ACT(EXTEND) || v->action == ACT(REQUEST_EXTEND);
    usec_t now = app_now(v->view.app), due = model_time(v->c->due_at), at;
    usec_t base = more && due != USEC_NONE && due > now ? due : now;
    size_t n = 0;
    for (size_t i = more ? 1 : 0; i < FORM_UNTILS; i++) {
        const char *form = pause ? far[i].form : soon[i].form;
        if (!until_parse(form, base, v->assist.calendars, v->c->grid_code, &at))
            continue;
        until_format(at, v->until_texts[n]);
        v->untils[n] = (struct picker_item){.id = v->until_texts[n],
                                            .text = v->until_texts[n],
                                            .initials = form,
                                            .hint = _(pause ? far[i].text : soon[i].text)};
        n++;
    }
    return n;
}

void form_fields_refresh(struct form_view *v)
{
    const struct directory *d = &v->view.app->directory;
    struct form_item *it;
    size_t n;
    if (v->directory_generation == d->generation && v->assist_generation == v->assist.generation)
        return;
    v->directory_generation = d->generation;
    v->assist_generation = v->assist.generation;
    struct picker_item *items = organ_items(v, &n);
    set_items(v, "organ_code", &v->organs, items, n);
    items = actions_organ_items(d, &n);
    set_items(v, "co_organ_codes", &v->co_organs, items, n);
    items = actions_category_items(d, &n);
    set_items(v, "category_code", &v->categories, items, n);
    if (form_find(&v->form, "target_case_id")) {
        items = case_items(v, &n);
        set_items(v, "target_case_id", &v->cases, items, n);
    }
    if ((it = form_find(&v->form, "until")))
        picker_set_items(&it->picker, v->untils, make_untils(v));
}

/* --- What is typed where it is no item --- */

static bool accept_until(void *arg, const char *typed, char id[FORM_ID_MAX], char shown[FORM_SHOWN_MAX])
{
    struct form_view *v = arg;
    usec_t at;
    char text[UNTIL_TEXT_MAX];
    if (!until_parse(typed, app_now(v->view.app), v->assist.calendars, v->c->grid_code, &at))
        return false;
    until_format(at, text);
    text_copy(id, FORM_ID_MAX, text);
    text_copy(shown, FORM_SHOWN_MAX, text);
    return true;
}

static bool accept_reason(void *arg, const char *typed, char id[FORM_ID_MAX], char shown[FORM_SHOWN_MAX])
{
    size_t len = strlen(typed);
    if (len == 0 || text_chars(typed, len) > REASON_MAX)
        return false;
    text_copy(id, FORM_ID_MAX, typed);
    text_copy(shown, FORM_SHOWN_MAX, typed);
    return true;
}

/* A case's number; the case itself is asked for before the request goes out. */
static bool accept_number(void *arg, const char *typed, char id[FORM_ID_MAX], char shown[FORM_SHOWN_MAX])
{
    size_t len = strlen(typed);
    if (len < NUMBER_MIN || len >= 32 || strspn(typed, "0123456789") != len)
        return false;
    text_copy(id, FORM_ID_MAX, typed);
    text_copy(shown, FORM_SHOWN_MAX, typed);
    return true;
}

/* --- The fields --- */

/* Yes, no, or not asked: nothing chosen. */
static struct form_item *add_answer(struct form_view *v, const char *name, bool required)
{
    struct form_item *it = form_add_choice(&v->form, name, rules_field(name), required);
    if (!it)
        return NULL;
    form_choice(it, WANGGE__V1__YES_NO__YES_NO_YES, _("yes"));
    form_choice(it, WANGGE__V1__YES_NO__YES_NO_NO, _("no"));
    return it;
}

static struct form_item *add_check(struct form_view *v, bool required)
{
    struct form_item *it = form_add_choice(&v->form, "check_result", rules_field("check_result"), required);
    bool revisit = v->action == ACT(REVISIT), receipt = v->action == ACT(RECEIPT);
    if (!it)
        return NULL;
    form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_PASS,
                revisit   ? _("satisfied")
                : receipt ? _("settled there")
                          : _("passed"));
    if (revisit)
        form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_BASICALLY, _("basically satisfied"));
    form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_FAIL,
                revisit   ? _("dissatisfied")
                : receipt ? _("sent back")
                          : _("not passed"));
    if (!receipt)
        form_choice(it, WANGGE__V1__CHECK_RESULT__CHECK_RESULT_UNABLE, revisit ? _("not reached") : _("could not check"));
    return it;
}

static struct form_item *add_approval(struct form_view *v, bool required)
{
    char word[LABELS_WORD_MAX];
    struct form_item *it = form_add_choice(&v->form, "approval", rules_field("approval"), required);
    for (size_t i = 0; it && i < v->n_approvals; i++)
        form_choice(it, (int)v->approvals[i], labels_text(LABELS_APPROVAL, (int)v->approvals[i], word));
    if (it && it->n_choices == 1)
        it->choice = 0;
    return it;
}

static struct form_item *add_reason(struct form_view *v, bool required)
{
    const struct reason *r;
    size_t n = 0;
    struct form_item *it = form_add_pick(&v->form, "reason_code", rules_field("reason_code"), required);
    for (; it && n < FORM_REASONS_MAX && (r = reasons_of(v->action, n)); n++)
        v->reasons[n] = (struct picker_item){.id = r->code, .text = _(r->text), .initials = "", .hint = r->code};
    if (it) {
        for (size_t i = 0; i < n; i++)
            v->reasons[i].hint = NULL; /* the code itself stands there already */
        picker_set_items(&it->picker, v->reasons, n);
        form_accept(it, accept_reason, v, false);
    }
    return it;
}

static struct form_item *add_level(struct form_view *v, bool required)
{
    static const char *const levels[] = {"", "", N_("township"), N_("county"), N_("city")};
    struct form_item *it = form_add_choice(&v->form, "level", rules_field("level"), required);
    for (int i = v->c->level + 1; it && i <= 4; i++) {
        if (i >= 2)
            form_choice(it, i, _(levels[i]));
    }
    return it;
}

static struct form_item *add_card(struct form_view *v, bool required)
{
    char word[LABELS_WORD_MAX];
    struct form_item *it = form_add_choice(&v->form, "card", rules_field("card"), required);
    if (it && !required)
        form_choice(it, 0, _("none"));
    for (int i = 1; it && i <= 3; i++)
        form_choice(it, i, labels_text(LABELS_CARD, i, word));
    if (it && !required)
        it->choice = 0;
    return it;
}

static struct form_item *add_item(struct form_view *v, const char *name, bool required)
{
    struct form_item *it = NULL;
    struct form *f = &v->form;
    if (strcmp(name, "approval") == 0)
        return add_approval(v, required);
    if (strcmp(name, "organ_code") == 0)
        return form_add_pick(f, "organ_code", rules_field(name), required);
    if (strcmp(name, "co_organ_codes") == 0)
        return form_add_multi(f, "co_organ_codes", rules_field(name), required);
    if (strcmp(name, "target_case_id") == 0) {
        it = form_add_pick(f, "target_case_id", rules_field(name), required);
        if (it)
            form_accept(it, accept_number, v, false);
        return it;
    }
    if (strcmp(name, "category_code") == 0)
        return form_add_pick(f, "category_code", rules_field(name), required);
    if (strcmp(name, "card") == 0)
        return add_card(v, required);
    if (strcmp(name, "level") == 0)
        return add_level(v, required);
    if (strcmp(name, "check_result") == 0)
        return add_check(v, required);
    if (strcmp(name, "responded") == 0 || strcmp(name, "solved") == 0)
        return add_answer(v, name, required);
    if (strcmp(name, "until") == 0) {
        it = form_add_pick(f, "until", rules_field(name), required);
        if (it) {
            form_accept(it, accept_until, v, true);
            text_copy(it->note, sizeof it->note, _("a choice, +3d, +3wd, or date and time"));
        }
        return it;
    }
    if (strcmp(name, "reason_code") == 0)
        return add_reason(v, required);
    if (strcmp(name, "assignee") == 0) {
        it = form_add_text(f, "assignee", rules_field(name), required, LOGIN_MAX, 1);
        if (it)
            text_copy(it->note, sizeof it->note, _("login of a colleague of your unit; empty: anybody"));
        return it;
    }
    if (strcmp(name, "outside_number") == 0)
        return form_add_text(f, "outside_number", rules_field(name), required, OUTSIDE_MAX, 1);
    if (strcmp(name, "text") == 0)
        return form_add_text(f, "text", rules_field(name), required, TEXT_MAX, 4);
    if (strcmp(name, "attachment_ids") == 0 && v->n_others == 0) { /* a file is one case's */
        it = form_add_text(f, "attachment_ids", rules_field(name), required, EVIDENCE_PATHS_CHARS, 2);
        if (it)
            text_copy(it->note, sizeof it->note, _("Paths, one a line; Tab completes; drop files here"));
        return it;
    }
    return NULL; /* a field this client does not know: the server's refusal will name it */
}

bool form_fields_need(struct form_view *v, const char *name)
{
    struct form_item *it = form_find(&v->form, name);
    if (!it)
        it = add_item(v, name, true);
    if (it)
        it->required = true;
    v->directory_generation = v->view.app->directory.generation + 1; /* a new field has no items yet */
    form_fields_refresh(v);
    return it != NULL;
}

static bool holds(char **names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

void form_fields_add(struct form_view *v, char **required, size_t n_required, char **optional, size_t n_optional)
{
    static const char *const order[] = {"approval",       "organ_code",    "assignee",       "co_organ_codes",
                                        "target_case_id", "category_code", "card",           "level",
                                        "check_result",   "responded",     "solved",         "until",
                                        "reason_code",    "text",          "attachment_ids", "outside_number"};
    /* What is written leads where the reason is only the outcome of a dispute. */
    static const char *const closing[] = {"text", "reason_code", "attachment_ids"};
    bool closes = v->action == ACT(CLOSE) || v->action == ACT(SETTLE);
    const char *const *names = closes ? closing : order;
    size_t n = closes ? sizeof closing / sizeof *closing : sizeof order / sizeof *order;
    for (size_t i = 0; i < n; i++) {
        bool needed = holds(required, n_required, names[i]);
        if (needed || holds(optional, n_optional, names[i]))
            add_item(v, names[i], needed);
    }
    v->directory_generation = v->view.app->directory.generation + 1;
    form_fields_refresh(v);
    if (form_find(&v->form, "organ_code") && v->action == ACT(DISPATCH) && v->n_others == 0)
        assist_suggest(&v->assist, v->c->case_id);
    if (form_find(&v->form, "target_case_id"))
        assist_similar(&v->assist, v->c->case_id);
    if (form_find(&v->form, "until"))
        assist_calendars(&v->assist);
}

/* --- The request --- */

static char *text_of(struct form_view *v, const char *name)
{
    struct form_item *it = form_find(&v->form, name);
    if (!it)
        return (char *)"";
    return it->kind == FORM_PICK ? it->id : it->field.text;
}

static int choice_of(struct form_view *v, const char *name)
{
    struct form_item *it = form_find(&v->form, name);
    return it && it->choice >= 0 && it->n_choices > 0 ? it->values[it->choice] : 0;
}

bool form_fields_request(struct form_view *v, struct form_request *r)
{
    Wangge__V1__ActRequest *req = &r->req;
    usec_t at;
    wangge__v1__act_request__init(req);
    req->action = v->action;
    req->text = text_of(v, "text");
    req->reason_code = text_of(v, "reason_code");
    req->organ_code = text_of(v, "organ_code");
    req->category_code = text_of(v, "category_code");
    req->target_case_id = text_of(v, "target_case_id");
    req->outside_number = text_of(v, "outside_number");
    req->assignee = text_of(v, "assignee");
    req->check_result = (Wangge__V1__CheckResult)choice_of(v, "check_result");
    req->responded = (Wangge__V1__YesNo)choice_of(v, "responded");
    req->solved = (Wangge__V1__YesNo)choice_of(v, "solved");
    req->approval = (Wangge__V1__ApprovalKind)choice_of(v, "approval");
    req->card = (Wangge__V1__Card)choice_of(v, "card");
    req->level = choice_of(v, "level");
    struct form_item *co = form_find(&v->form, "co_organ_codes");
    for (int i = 0; co && i < co->n_ids && i < FORM_CO_MAX; i++)
        r->co_organs[req->n_co_organ_codes++] = co->ids[i];
    req->co_organ_codes = r->co_organs;
    r->files[0] = text_of(v, "attachment_ids");
    req->n_attachment_ids = r->files[0][0] != '\0';
    req->attachment_ids = r->files;
    const char *until = text_of(v, "until");
    if (!until[0])
        return true;
    if (!until_parse(until, app_now(v->view.app), v->assist.calendars, v->c->grid_code, &at)) {
        form_error(&v->form, "until", _("Write a date as YYYY-MM-DD HH:MM."));
        return false;
    }
    model_set_time(&r->until, at);
    req->until = &r->until;
    return true;
}

static void load_choice(struct form_view *v, const char *name, int value)
{
    struct form_item *it = form_find(&v->form, name);
    for (int i = 0; it && i < it->n_choices; i++) {
        if (it->values[i] == value)
            it->choice = i;
    }
}

static void load_text(struct form_view *v, const char *name, const char *text)
{
    struct form_item *it = form_find(&v->form, name);
    if (it && it->kind != FORM_PICK)
        field_set(&it->field, text);
}

/* Shown under the name it has among the items. */
static void load_pick(struct form_view *v, const char *name, const char *id)
{
    struct form_item *it = form_find(&v->form, name);
    if (!it || !id[0])
        return;
    const char *text = id;
    for (size_t i = 0; i < it->picker.n_items; i++) {
        if (strcmp(it->picker.items[i].id, id) == 0)
            text = it->picker.items[i].text;
    }
    form_pick(it, id, text);
}

void form_fields_load(struct form_view *v, const Wangge__V1__ActRequest *req)
{
    char until[UNTIL_TEXT_MAX];
    load_text(v, "text", req->text);
    load_text(v, "outside_number", req->outside_number);
    load_text(v, "assignee", req->assignee);
    if (req->n_attachment_ids)
        load_text(v, "attachment_ids", req->attachment_ids[0]);
    load_pick(v, "reason_code", req->reason_code);
    load_pick(v, "organ_code", req->organ_code);
    load_pick(v, "category_code", req->category_code);
    load_pick(v, "target_case_id", req->target_case_id);
    for (size_t i = 0; i < req->n_co_organ_codes; i++)
        load_pick(v, "co_organ_codes", req->co_organ_codes[i]);
    if (req->until)
        load_pick(v, "until", until_format(model_time(req->until), until));
    load_choice(v, "check_result", (int)req->check_result);
    load_choice(v, "responded", (int)req->responded);
    load_choice(v, "solved", (int)req->solved);
    load_choice(v, "approval", (int)req->approval);
    load_choice(v, "card", (int)req->card);
    load_choice(v, "level", req->level);
}

void form_fields_follow(struct form_view *v)
{
    const Wangge__V1__SuggestDispatchResponse *s = v->assist.suggestions;
    struct form_item *organ = form_find(&v->form, "organ_code"), *co = form_find(&v->form, "co_organ_codes");
    if (!s || !organ || !co || co->n_ids > 0 || !organ->id[0])
        return;
    for (size_t i = 0; i < s->n_suggestions; i++) {
        if (strcmp(s->suggestions[i]->organ_code, organ->id) != 0)
            continue;
        for (size_t k = 0; k < s->suggestions[i]->n_co_organ_codes; k++)
            load_pick(v, "co_organ_codes", s->suggestions[i]->co_organ_codes[k]);
        if (co->n_ids > 0)
            text_copy(co->note, sizeof co->note, _("as suggested; Backspace takes one off"));
        return;
    }
}

int form_fields_paint_hints(struct form_view *v, struct term *t, int row, int columns)
{
    struct case_fact facts[CASE_FACTS_MAX];
    const Wangge__V1__SuggestDispatchResponse *s = v->assist.suggestions;
    bool decides = form_find(&v->form, "approval") || v->n_approvals > 0;
    size_t n = decides ? case_words_facts(v->c, WORDS_SCREEN, &v->view.app->directory, app_now(v->view.app), NULL, facts) : 0;
    for (size_t i = 0; i < n && i < v->c->n_approvals; i++) /* they come first */
        grid_printf(&t->grid, row++, 1, columns - 2, ATTR_YELLOW, "%s  %s", facts[i].label, facts[i].text);
    if (s && s->n_suggestions && form_find(&v->form, "organ_code"))
        grid_printf(&t->grid, row++, 1, columns - 2, ATTR_DIM, _("The rules suggest: %s (%s)"),
                    s->suggestions[0]->organ_name[0] ? s->suggestions[0]->organ_name : s->suggestions[0]->organ_code,
                    s->suggestions[0]->reason);
    return row;
}
