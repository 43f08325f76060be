/* SPDX-License-Identifier: MIT */
/* What can be done to a case, as the screens ask for it. For client/view only. */
#ifndef WG_CLIENT_VIEW_ACTIONS_H
#define WG_CLIENT_VIEW_ACTIONS_H

#include "client/view/app.h"
#include "wangge/v1/case.pb-c.h"

enum { ACTIONS_BULK_MAX = 500 };

/* The argument of view_form: an action on a case, or on several that stand alike. Borrowed while open runs; copied. */
struct form_arg {
    const Wangge__V1__Case *c;
    Wangge__V1__Action action; /* ACTION_NOTE: a note */
    char **required;           /* names of the fields it needs */
    size_t n_required;
    char **optional; /* and of those it may have */
    size_t n_optional;
    const Wangge__V1__ApprovalKind *approvals; /* that may be decided by it */
    size_t n_approvals;
    bool at_once;                          /* if it needs nothing it goes without asking for what it may have */
    const char *text;                      /* to begin with, or NULL */
    const Wangge__V1__Case *const *others; /* more cases, at most ACTIONS_BULK_MAX; NULL: just c */
    size_t n_others;
};

/* Fills in the fields of an option. */
void actions_take_option(struct form_arg *arg, const Wangge__V1__ActionOption *o);
/* Tells an opened case view what to do once it knows what is allowed. */
void actions_when_loaded(struct view *case_view, enum ui_action action);
/* As actions_when_loaded for an action of the API, in its form. */
void actions_start_when_loaded(struct view *case_view, Wangge__V1__Action action);
/* A case was changed from here: what shows it asks again. */
void actions_case_changed(struct app *app);
/* Takes the mark off a case in the work list; NULL: all marks. */
void actions_unmark(struct app *app, const char *case_id);
/* The first action the caller may take of those a key stands for; UNSPECIFIED if none. */
Wangge__V1__Action actions_of_key(const Wangge__V1__Case *c, enum ui_action key);
/* As actions_of_key where only the state table is known: by the case's state and the person's role. *ret_rule (may be NULL)
 * gets the rule; NULL for a note. */
Wangge__V1__Action actions_by_rule(const struct app *app, const Wangge__V1__Case *c, enum ui_action key,
                                   const Wangge__V1__ActionRule **ret_rule);
/* True if the person's role may decide something that waits in the case, by the state table. */
bool actions_decides(const struct app *app, const Wangge__V1__Case *c);
/* Whether an action cannot be taken back and asks before. */
bool actions_irreversible(Wangge__V1__Action a);
/* Picker items of the directory, allocated; the strings are the directory's. *n gets how many. The caller frees. */
struct picker_item *actions_organ_items(const struct directory *d, size_t *n);
struct picker_item *actions_category_items(const struct directory *d, size_t *n);
struct picker_item *actions_grid_items(const struct directory *d, size_t *n);

#endif
