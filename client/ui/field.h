/* SPDX-License-Identifier: MIT */
/*
 * A text field: UTF-8, edited with the keys people know (arrows, Home/End, Ctrl-A/E/W/U/K), one line or several. Embedded.
 * Invariant: text is well-formed UTF-8 without controls but, in a field of several lines, newlines; the cursor stands
 * between glyphs.
 */
#ifndef WG_CLIENT_UI_FIELD_H
#define WG_CLIENT_UI_FIELD_H

#include <stdbool.h>

#include "client/term/term.h"

struct field {
    char *text; /* NUL-terminated */
    size_t len;
    size_t cursor; /* byte offset */
    int max_chars;
    bool secret; /* shows stars */
    bool lines;  /* Enter makes a new line */
    size_t _cap;
    int _scroll; /* columns of a single line, or lines, scrolled out */
};

/* ERR_NOMEM. max_chars counts code points. */
int field_init(struct field *f, int max_chars) MUST_CHECK;
void field_fini(struct field *f);
/* Replaces the text (cut to the limit, cleaned) and puts the cursor at its end. */
void field_set(struct field *f, const char *text);
bool field_is_empty(const struct field *f);
/* Takes a key. True if it was one the field knows; *changed (may be NULL) says whether the text changed. */
bool field_key(struct field *f, uint32_t key, bool *changed);
/* Inserts text at the cursor; newlines become blanks in a field of one line. Returns false if not all fitted. */
bool field_insert(struct field *f, const char *text, size_t len);
/* Paints [text___] into rows of columns; sets the terminal's cursor if focused. */
void field_paint(struct field *f, struct term *t, int row, int col, int rows, int columns, bool focused);

/* Bytes of the first screen line of s[0..len) in columns, without the newline; *next gets where the following starts. */
size_t field_wrap(const char *s, size_t len, int columns, size_t *next);

#endif
