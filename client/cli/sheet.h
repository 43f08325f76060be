/* SPDX-License-Identifier: MIT */
/*
 * A table from a CSV file whose first row names its columns, in any order: what the readers of rules, limits and borders share.
 * A column that is not known, a broken row and a file without rows are errors that name the line.
 */
#ifndef WG_CLIENT_CLI_SHEET_H
#define WG_CLIENT_CLI_SHEET_H

#include "client/export/csv_reader.h"
#include "common/base/arena.h"
#include "common/base/err.h"

enum { SHEET_COLUMNS_MAX = 16 };

struct sheet {
    const char *const *names; /* of the columns there may be; borrowed */
    int n_names;
    struct arena *arena; /* what values are copied to; NULL: made by sheet_read and the caller's from then on */
    int (*on_row)(struct sheet *s, void *arg);
    void *arg;
    struct err *e;
    int64_t line; /* of the row at hand */
    int64_t rows; /* so far, without the titles */
    /* sheet.c's own */
    const struct csv_row *_row;
    int _column[SHEET_COLUMNS_MAX];
};

/* Reads the file at path ("-": standard input) and calls on_row for every row after the titles. ERR_IO, ERR_INVALID, or what
 * on_row returned. */
int sheet_read(struct sheet *s, const char *path) MUST_CHECK;
/* Of the row at hand a column's text, "" if the column is not there. A copy in the arena; NULL without memory. */
char *sheet_value(struct sheet *s, int column);
/* Sets and returns the error that the value is none of its column. */
int sheet_bad(struct sheet *s, int column, const char *value);

#endif
