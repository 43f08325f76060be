/* SPDX-License-Identifier: MIT */
/* One person of an incident being logged: kind, name, phone, number of the document, address. Ctrl-S gives it to the intake. */
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/view/form.h"
#include "client/view/person_arg.h"
#include "common/base/text.h"

struct person_view {
    struct view view;
    struct form form;
    struct person_arg arg;
};

static int person_open(struct view *view, const void *arg)
{
    struct person_view *v = (struct person_view *)view;
    char word[LABELS_WORD_MAX];
    v->arg = *(const struct person_arg *)arg;
    struct form *f = &v->form;
    form_init(f);
    struct form_item *kind = form_add_choice(f, "kind", C_("person", "Kind"), true);
    if (!kind || !form_add_text(f, "name", C_("person", "Name"), true, INTAKE_NAME_MAX, 1) ||
        !form_add_text(f, "phone", _("Phone"), false, INTAKE_PHONE_MAX, 1) ||
        !form_add_text(f, "id_number", _("ID number"), false, INTAKE_ID_NUMBER_MAX, 1) ||
        !form_add_text(f, "address", _("Lives at"), false, INTAKE_ADDRESS_MAX, 1)) {
        form_fini(f);
        return ERR_NOMEM;
    }
    for (int i = 1; i <= 3; i++)
        form_choice(kind, i, labels_text(LABELS_PERSON, i, word));
    kind->choice = 1;
    f->focus = 1;
    return 0;
}

static void person_close(struct view *view)
{
    form_fini(&((struct person_view *)view)->form);
}

static void take(char *dst, size_t size, struct form *f, const char *name)
{
    text_copy(dst, size, form_find(f, name)->field.text);
}

static enum view_result person_act(struct view *view, enum ui_action action)
{
    struct person_view *v = (struct person_view *)view;
    struct intake_person p = {0};
    if (action == UA_MENU)
        return VIEW_HANDLED;
    if (action != UA_SUBMIT)
        return VIEW_IGNORED;
    form_clear_errors(&v->form);
    if (!form_check(&v->form))
        return VIEW_HANDLED;
    struct form_item *kind = form_find(&v->form, "kind");
    p.kind = kind->values[kind->choice];
    take(p.name, sizeof p.name, &v->form, "name");
    take(p.phone, sizeof p.phone, &v->form, "phone");
    take(p.id_number, sizeof p.id_number, &v->form, "id_number");
    take(p.address, sizeof p.address, &v->form, "address");
    if (strspn(p.phone, "0123456789+- ") != strlen(p.phone)) {
        form_error(&v->form, "phone", _("A phone number has digits, +, - and blanks only."));
        return VIEW_HANDLED;
    }
    v->arg.take(v->arg.below, &p);
    explicit_bzero(&p, sizeof p);
    return VIEW_CLOSE;
}

static void person_paint(struct view *view, struct term *t, struct area a)
{
    struct person_view *v = (struct person_view *)view;
    int cols = t->grid.cols;
    grid_put_cut(&t->grid, a.row, 1, cols - 2, ATTR_BOLD, _("A person of this incident"));
    grid_put_cut(&t->grid, a.row + 1, 1, cols - 2, 0, _("Kept encrypted by the server; others see it masked."));
    chrome_rule(t, a.row + 2);
    form_paint(&v->form, t, a.row + 4, a.rows - 5, cols > 100 ? 100 : cols - 1);
}

static enum view_result person_key(struct view *view, const struct term_event *ev)
{
    return form_key(&((struct person_view *)view)->form, ev);
}

static bool person_typing(struct view *view)
{
    return true;
}

static bool person_allowed(struct view *view, enum ui_action action)
{
    return action != UA_MENU;
}

const struct view_ops view_person = {
    .name = "person",
    .title = N_("Person"),
    .context = CTX_FORM,
    .size = sizeof(struct person_view),
    .open = person_open,
    .paint = person_paint,
    .act = person_act,
    .key = person_key,
    .typing = person_typing,
    .allowed = person_allowed,
    .close = person_close,
};
