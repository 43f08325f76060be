/* SPDX-License-Identifier: MIT */
/*
 * Choosing one of many by typing: Chinese characters, code, pinyin initials or an alias; arrows and digits choose among
 * what is left. The items belong to the caller and must outlive the picker. Embedded.
 */
#ifndef WG_CLIENT_UI_PICKER_H
#define WG_CLIENT_UI_PICKER_H

#include "client/ui/field.h"

struct picker_item {
    const char *id;       /* the code */
    const char *text;     /* the name */
    const char *initials; /* pinyin initials, upper case; may be NULL */
    const char *aliases;  /* other words, separated by blanks; may be NULL */
    const char *hint;     /* shown behind, not searched; may be NULL */
};

enum { PICKER_HITS_MAX = 200, PICKER_QUERY_MAX = 40 };

struct picker {
    const struct picker_item *items;
    size_t n_items;
    struct field query;
    int hits[PICKER_HITS_MAX]; /* indices of items, best first */
    size_t n_hits;
    size_t n_found; /* hits, also beyond the maximum */
    size_t selected;
    size_t top;
    bool free; /* other words than the items' may be meant: digits are text */
};

enum picker_result { PICKER_IGNORED, PICKER_HANDLED, PICKER_CHOSEN };

int picker_init(struct picker *p) MUST_CHECK;
void picker_fini(struct picker *p);
/* Takes other items (borrowed; the old ones are still looked at) and filters again. What was typed for or moved to stays
 * selected, wherever it stands now. */
void picker_set_items(struct picker *p, const struct picker_item *items, size_t n);
/* Empties the query. */
void picker_reset(struct picker *p);
enum picker_result picker_key(struct picker *p, uint32_t key);
void picker_paste(struct picker *p, const char *text, size_t len);
/* The chosen item, or NULL if nothing matches. */
const struct picker_item *picker_choice(const struct picker *p);
/* Paints the hits as a box of rows lines (borders included) and columns; the query is painted by the caller. */
void picker_paint(struct picker *p, struct term *t, int row, int col, int rows, int columns);

#endif
