/* SPDX-License-Identifier: MIT */
/*
 * The screen of an action, in three files: view_form.c (its life, sending), form_fields.c (fields by name, what they choose
 * from, the request they make), form_answer.c (a refusal, or somebody was first). For those three only.
 */
#ifndef WG_CLIENT_VIEW_FORM_VIEW_H
#define WG_CLIENT_VIEW_FORM_VIEW_H

#include "client/model/assist.h"
#include "client/model/case_detail.h"
#include "client/model/deliver.h"
#include "client/view/actions.h"
#include "client/view/form.h"
#include "client/view/form_evidence.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name

enum { FORM_CO_MAX = 16, FORM_UNTILS = 5, FORM_REASONS_MAX = 12, FORM_HINTS_MAX = 24, FORM_HINT_SIZE = 160 };

/* What the screen shows below its head. */
enum form_mode {
    FORM_EDIT,
    FORM_STALE,   /* somebody was first: both are shown */
    FORM_REFUSED, /* a rule says no: why, and what is possible now */
};

struct form_view {
    struct view view;
    struct form form;
    struct deliver deliver;
    struct assist assist;
    struct evidence evidence;  /* files that go before the action does */
    struct case_detail lookup; /* the lead case by its number */
    bool looking;
    Wangge__V1__Case *c; /* owned */
    Wangge__V1__Action action;
    Wangge__V1__ApprovalKind approvals[8]; /* that may be decided */
    size_t n_approvals;
    int64_t version; /* the one the person saw */
    bool instant;    /* nothing to fill in: sent at once */
    bool confirmed;
    bool as_note; /* on its way as a note only */
    bool kept;    /* the draft is not to be dropped */
    enum form_mode mode;
    int64_t draft_id;
    int last_focus;
    unsigned directory_generation, assist_generation; /* the items come from these */
    struct picker_item *organs, *co_organs, *categories, *cases, reasons[FORM_REASONS_MAX], untils[FORM_UNTILS];
    char until_texts[FORM_UNTILS][24];
    char (*hints)[FORM_HINT_SIZE]; /* FORM_HINTS_MAX of room */
    Wangge__V1__Case **others;     /* owned; more cases the same is done to */
    size_t n_others;
    char message[300];
    Wangge__V1__CaseConflict *conflict; /* owned */
};

/* A request as the form's fields say it; the strings are the form's. */
struct form_request {
    Wangge__V1__ActRequest req;
    Google__Protobuf__Timestamp until;
    char *co_organs[FORM_CO_MAX];
    char *files[1]; /* paths as typed: of a draft only, the server gets ids */
};

/* Adds the fields an action needs and may have, in the order people fill them in. */
void form_fields_add(struct form_view *v, char **required, size_t n_required, char **optional, size_t n_optional);
/* Adds one field by its name in the API if it is not there; false if this client does not know it. */
bool form_fields_need(struct form_view *v, const char *name);
/* Takes new data for what the fields choose from. */
void form_fields_refresh(struct form_view *v);
/* Fills a request; the caller adds ids and version. False: a field is wrong and says so. */
bool form_fields_request(struct form_view *v, struct form_request *r);
/* Puts a request's values into the fields. */
void form_fields_load(struct form_view *v, const Wangge__V1__ActRequest *req);
/* A suggestion that was chosen brings its helping organs with it. */
void form_fields_follow(struct form_view *v);
/* Paints what the rules suggest and what was asked for; returns the first row after it. */
int form_fields_paint_hints(struct form_view *v, struct term *t, int row, int columns);

/* The server said no, or somebody was first: takes the answer over and opens the menu of what can be done. */
void form_answer_take(struct form_view *v);
/* Paints FORM_STALE and FORM_REFUSED. */
void form_answer_paint(struct form_view *v, struct term *t, int row, int rows);
/* Leaves the answer for the fields, or, if the state is another, stays with what is possible. */
void form_answer_menu(struct form_view *v);

/* For form_answer.c: sends what the form holds; the note that keeps what was entered. */
void form_view_send(struct form_view *v);
void form_view_send_note(struct form_view *v);
/* Writes the draft now. */
void form_view_save(struct form_view *v);

#endif
