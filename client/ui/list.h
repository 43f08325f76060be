/* SPDX-License-Identifier: MIT */
/*
 * Selection and scrolling over rows that live elsewhere. What is selected and what is marked is remembered by id, never by
 * row, so both survive a refresh that moves, adds or removes rows. Embedded.
 */
#ifndef WG_CLIENT_UI_LIST_H
#define WG_CLIENT_UI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "client/ui/keys.h"

enum { LIST_ID_MAX = 64, LIST_MARKS_MAX = 500 };

struct list {
    size_t n;
    size_t selected; /* < n, or 0 */
    size_t top;      /* first row shown */
    size_t page;     /* rows shown at the last paint */
    char selected_id[LIST_ID_MAX];
    char (*marks)[LIST_ID_MAX];
    size_t n_marks;
    /* The id of a row; borrowed until the rows change. */
    const char *(*id_of)(void *arg, size_t row);
    void *arg;
};

void list_init(struct list *l, const char *(*id_of)(void *arg, size_t row), void *arg);
void list_fini(struct list *l);
/* Says that the rows changed: finds the selected id again, or stays near where it was. Marks of rows that went are dropped. */
void list_refresh(struct list *l, size_t n);
/* Selects a row. */
void list_select(struct list *l, size_t row);
/* Selects by id; false if no row has it. */
bool list_select_id(struct list *l, const char *id);
/* Takes the moving and marking actions. True if it was one. */
bool list_act(struct list *l, enum ui_action a);
/* Takes the mark off a row that has it. */
void list_unmark(struct list *l, const char *id);
bool list_is_marked(const struct list *l, size_t row);
/* Makes rows rows visible around the selection; returns the first to show. */
size_t list_window(struct list *l, size_t rows);

#endif
