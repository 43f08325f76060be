/* SPDX-License-Identifier: MIT */
/*
 * Reads comma-separated values (RFC 4180) from UTF-8 as they come: bytes in, rows out, positions kept. A broken row is handed
 * out with what is wrong and where, and reading goes on with the next line; nothing in the input is fatal.
 */
#ifndef WG_CLIENT_EXPORT_CSV_READER_H
#define WG_CLIENT_EXPORT_CSV_READER_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

enum {
    CSV_FIELDS_MAX = 64,
    CSV_FIELD_BYTES_MAX = 32 * 1024,
    CSV_ROW_BYTES_MAX = 128 * 1024,
};

enum csv_fault {
    CSV_FINE,
    CSV_QUOTE_INSIDE, /* a quote in the middle of a field that does not begin with one */
    CSV_AFTER_QUOTE,  /* text after the closing quote */
    CSV_NEVER_CLOSED, /* the file ends, or the row grows too long, inside quotes */
    CSV_NUL,          /* a NUL byte */
    CSV_NOT_UTF8,
    CSV_TOO_MANY_FIELDS,
    CSV_TOO_LONG, /* field or row */
};

struct csv_field {
    const char *text; /* terminated, unquoted */
    size_t len;
};

struct csv_row {
    int64_t line; /* of its first character, from 1 */
    int64_t row;  /* from 1, empty lines not counted */
    int n_fields; /* 0 if there is a fault */
    const struct csv_field *fields;
    enum csv_fault fault;
    int fault_column;   /* field number from 1 */
    int64_t fault_line; /* of the character at fault */
};

/* Gets a row, borrowed until it returns. Returning something else than 0 ends csv_reader_feed with that value. */
typedef int (*csv_row_fn)(void *arg, const struct csv_row *row);

struct csv_reader;

/* Owned by the caller; NULL without memory. */
struct csv_reader *csv_reader_create(csv_row_fn fn, void *arg);
/* Accepts NULL. */
void csv_reader_destroy(struct csv_reader *r);
/* Takes bytes, of any number. Returns 0, or what the callback returned. */
int csv_reader_feed(struct csv_reader *r, const char *data, size_t len) MUST_CHECK;
/* The input is over: hands out a last row without a line end. */
int csv_reader_end(struct csv_reader *r) MUST_CHECK;
/* What is wrong, in words, translated. Static. */
const char *csv_fault_text(enum csv_fault f);

#endif
