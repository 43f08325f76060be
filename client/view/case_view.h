/* SPDX-License-Identifier: MIT */
/* The screen of a case, in two files: view_case.c (its life, what can be done), case_paint.c (cells). For those two only. */
#ifndef WG_CLIENT_VIEW_CASE_VIEW_H
#define WG_CLIENT_VIEW_CASE_VIEW_H

#include "client/model/assist.h"
#include "client/model/case_detail.h"
#include "client/model/case_words.h"
#include "client/view/actions.h"
#include "client/view/app.h"

enum { CASE_UNSENT_MAX = 8 };

enum case_pane {
    PANE_OVERVIEW, /* facts and timeline */
    PANE_DETAILS,  /* every fact, whole */
    PANES,
};

struct case_view {
    struct view view;
    struct case_detail detail;
    struct assist assist;
    char asked_similar[37]; /* the case that was asked about */
    enum case_pane pane;
    int scroll;                        /* lines of the timeline scrolled up from its end */
    int timeline_lines, timeline_rows; /* of the last paint */
    int top, detail_lines;             /* of the details: first line shown, how many there are */
    struct case_fact facts[CASE_FACTS_MAX];
    size_t n_facts;
    Wangge__V1__RevealPeopleResponse *whole; /* owned; people shown whole, until the screen is left */
    enum ui_action pending;                  /* to be done once allowed_actions are known */
    Wangge__V1__Action pending_action;       /* the same, by the API's name */
    struct {
        Wangge__V1__Action action;
        char text[160];
        usec_t at;
        enum outbox_state state;
    } unsent[CASE_UNSENT_MAX];
    int n_unsent;
    int64_t seen_version; /* to say that it changed */
};

void case_paint(struct view *view, struct term *t, struct area a);

#endif
