/* SPDX-License-Identifier: MIT */
/* Text in columns for a terminal: width by wcwidth, so Chinese lines up. */
#ifndef WG_CLIENT_EXPORT_TABLE_H
#define WG_CLIENT_EXPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct table;

enum { TABLE_COLUMNS_MAX = 24, TABLE_CELL_MAX = 8192 };

/* Columns a text takes; a character that cannot be shown counts as one. */
int table_width(const char *utf8);
/* Copies text so that it is safe on a terminal: control characters become blanks, or "\n" stays if keep_lines. */
void table_clean(const char *text, bool keep_lines, char *out, size_t size);

/* A table of n columns. Owned by the caller; NULL without memory. */
struct table *table_create(int n);
void table_destroy(struct table *t);
/* Names a column; right: numbers; shrink: this one gives way when the terminal is too narrow. */
void table_column(struct table *t, int column, const char *title, bool right, bool shrink);
/* Adds a cell to the present row, left to right; a full row begins the next. Returns false without memory. */
bool table_cell(struct table *t, const char *text);
/* Writes the table line by line. max_width 0: as wide as it is. */
void table_write(const struct table *t, int max_width, void (*put)(void *arg, const char *line), void *arg);

#endif
