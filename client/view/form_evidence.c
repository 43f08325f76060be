/* SPDX-License-Identifier: MIT */
#include "client/view/form_evidence.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

enum view_result form_evidence_key(struct form *f, const struct term_event *ev)
{
    struct form_item *it = f->n ? &f->items[f->focus] : NULL;
    if (!it || strcmp(it->name, FORM_EVIDENCE) != 0 || ev->kind != TERM_EV_KEY || ev->key != TK_TAB ||
        field_is_empty(&it->field))
        return VIEW_IGNORED;
    size_t size = it->field.len + PATH_MAX + 1;
    char *whole = malloc(size);
    if (!whole)
        return VIEW_IGNORED;
    evidence_complete(it->field.text, whole, size);
    bool more = strcmp(whole, it->field.text) != 0;
    if (more) {
        field_set(&it->field, whole);
        it->error[0] = 0;
        f->changed = true;
    }
    free(whole);
    return more ? VIEW_HANDLED : VIEW_IGNORED; /* nothing to complete: on to the next field */
}

bool form_evidence_send(struct form *f, struct evidence *e, struct app *app, const char *case_id)
{
    struct form_item *it = form_find(f, FORM_EVIDENCE);
    char account[OUTBOX_ACCOUNT_MAX];
    if (!it || field_is_empty(&it->field) || e->state == EVIDENCE_DONE)
        return false;
    if (!app->logged_in || channel_get_state(app->env.channel) != CHANNEL_READY) {
        form_error(f, FORM_EVIDENCE,
                   _("Files need a connection, and there is none. What you entered is kept; try again later."));
        return true;
    }
    session_account(&app->session, account, sizeof account);
    evidence_start(e, it->field.text, case_id, account);
    if (e->state == EVIDENCE_FAILED)
        form_error(f, FORM_EVIDENCE, e->why.text);
    return e->state != EVIDENCE_DONE;
}

bool form_evidence_take(struct form *f, struct evidence *e, struct app *app, char *message, size_t size)
{
    if (!evidence_step(e))
        return false;
    if (e->state == EVIDENCE_DONE)
        return true;
    if (e->why.code == ERR_UNAUTHENTICATED && app->logged_in)
        app_need_login(app);
    form_error(f, FORM_EVIDENCE, e->why.text);
    text_copy(message, size, _("Nothing was sent: a file could not go first. What you entered stays here."));
    return false;
}

bool form_evidence_stop(struct evidence *e, char *message, size_t size)
{
    if (e->state != EVIDENCE_SENDING)
        return false;
    evidence_cancel(e);
    text_copy(message, size, _("Stopped. Nothing was sent."));
    return true;
}

void form_evidence_paint(const struct evidence *e, struct term *t, int row)
{
    char line[ATTACH_NAME_SIZE + 200];
    evidence_text(e, line, sizeof line);
    grid_put_cut(&t->grid, row, 1, t->grid.cols - 2, ATTR_BOLD, line);
}
