/* SPDX-License-Identifier: MIT */
/* The field "attachment_ids" of a form: paths, completed by Tab, sent before what the form says is. For forms only. */
#ifndef WG_CLIENT_VIEW_FORM_EVIDENCE_H
#define WG_CLIENT_VIEW_FORM_EVIDENCE_H

#include "client/model/evidence.h"
#include "client/view/form.h"

#define FORM_EVIDENCE "attachment_ids"

/* While the field has the focus Tab completes the path, as long as there is something to complete. */
enum view_result form_evidence_key(struct form *f, const struct term_event *ev);
/* Sends what the field names. True: the form has to wait for form_evidence_take, or the field says why it cannot go. */
bool form_evidence_send(struct form *f, struct evidence *e, struct app *app, const char *case_id);
/* To be called by recalc. True once: all of it is there, and the form may go with e->ids. Trouble is said at the field and in
 * message. */
bool form_evidence_take(struct form *f, struct evidence *e, struct app *app, char *message, size_t size);
/* Esc while files are on their way. True: it was that. */
bool form_evidence_stop(struct evidence *e, char *message, size_t size);
/* The line that says how far it is. */
void form_evidence_paint(const struct evidence *e, struct term *t, int row);

#endif
