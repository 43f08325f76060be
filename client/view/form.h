/* SPDX-License-Identifier: MIT */
/*
 * Fields under each other: text, several lines, one of many by typing, one of a few by digit. Keeps the focus, paints, and
 * shows an error beside its field. Used by the intake form and by the forms of actions. Embedded.
 */
#ifndef WG_CLIENT_VIEW_FORM_H
#define WG_CLIENT_VIEW_FORM_H

#include "client/ui/field.h"
#include "client/ui/picker.h"
#include "client/view/app.h"

enum form_kind { FORM_TEXT, FORM_LINES, FORM_PICK, FORM_CHOICE };

enum { FORM_ITEMS_MAX = 24, FORM_CHOICES_MAX = 5, FORM_ID_MAX = 64, FORM_SHOWN_MAX = 256, FORM_MULTI_MAX = 16 };

/* What a FORM_PICK makes of something typed that is none of its items: true if it is good; fills id and shown. */
typedef bool (*form_accept_fn)(void *arg, const char *typed, char id[FORM_ID_MAX], char shown[FORM_SHOWN_MAX]);

struct form_item {
    const char *name;  /* the field's name in the API, by which errors find it; static */
    const char *label; /* translated; borrowed for the form's life */
    enum form_kind kind;
    bool required;
    int rows;                   /* lines of a FORM_LINES */
    struct field field;         /* FORM_TEXT, FORM_LINES */
    struct picker picker;       /* FORM_PICK */
    char id[FORM_ID_MAX];       /* FORM_PICK: what was picked; empty: nothing */
    char shown[FORM_SHOWN_MAX]; /* its text; of several: their texts */
    char (*ids)[FORM_ID_MAX];   /* FORM_PICK of several: FORM_MULTI_MAX of room; NULL: just one */
    int n_ids;
    form_accept_fn accept; /* FORM_PICK: takes what is typed; NULL: items only */
    void *accept_arg;
    bool typed_first;                      /* what is typed counts before an item that looks like it */
    const char *choices[FORM_CHOICES_MAX]; /* FORM_CHOICE: texts, translated */
    int values[FORM_CHOICES_MAX];
    int n_choices, choice; /* choice -1: none */
    char note[96];         /* shown behind the field */
    char error[200];
};

struct form {
    struct form_item items[FORM_ITEMS_MAX];
    int n;
    int focus;
    bool changed; /* since somebody cleared it */
};

void form_init(struct form *f);
void form_fini(struct form *f);
/* Each adds an item; NULL when full or without memory. */
struct form_item *form_add_text(struct form *f, const char *name, const char *label, bool required, int max_chars, int rows);
/* items are borrowed; set again with picker_set_items when they change. */
struct form_item *form_add_pick(struct form *f, const char *name, const char *label, bool required);
/* As form_add_pick for up to FORM_MULTI_MAX of the items. */
struct form_item *form_add_multi(struct form *f, const char *name, const char *label, bool required);
/* Lets a FORM_PICK take what is typed, too. */
void form_accept(struct form_item *it, form_accept_fn fn, void *arg, bool typed_first);
/* Takes what is typed in the focused FORM_PICK as if it had been picked. False if it is nothing that could be. */
bool form_commit(struct form *f);
struct form_item *form_add_choice(struct form *f, const char *name, const char *label, bool required);
void form_choice(struct form_item *it, int value, const char *text);
/* Sets what is picked, without asking; of several: adds it. */
void form_pick(struct form_item *it, const char *id, const char *text);
struct form_item *form_find(struct form *f, const char *name);
/* Takes a key; Tab and arrows between fields included. */
enum view_result form_key(struct form *f, const struct term_event *ev);
void form_move(struct form *f, int by);
/* Writes an error beside a field and moves there. False if there is no such field. */
bool form_error(struct form *f, const char *name, const char *text);
void form_clear_errors(struct form *f);
/* The first required field that is empty gets an error and the focus; false if there is one. */
bool form_check(struct form *f);
bool form_item_is_empty(const struct form_item *it);
/* Paints from row on, at most rows; returns the first row after it. */
int form_paint(struct form *f, struct term *t, int row, int rows, int columns);

#endif
