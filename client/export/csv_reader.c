/* SPDX-License-Identifier: MIT */
#include "client/export/csv_reader.h"

#include <libintl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define _(s) gettext(s)

enum state {
    AT_FIELD,    /* nothing of the field seen */
    IN_PLAIN,    /* inside an unquoted field */
    IN_QUOTES,   /* inside a quoted field */
    AFTER_QUOTE, /* a quote was seen inside quotes: its end, or the first half of "" */
    SKIPPING,    /* the row has a fault: to the end of the line */
};

struct csv_reader {
    csv_row_fn fn;
    void *arg;
    enum state state;
    bool last_was_cr;
    int64_t line, rows;
    int64_t row_line, field_line;
    int n;                        /* complete fields */
    size_t start[CSV_FIELDS_MAX]; /* in text */
    size_t used;                  /* of text */
    size_t field_start;
    enum csv_fault fault;
    int fault_column;
    int64_t fault_line;
    char text[CSV_ROW_BYTES_MAX + CSV_FIELDS_MAX + 1]; /* fields, each with a NUL */
};

struct csv_reader *csv_reader_create(csv_row_fn fn, void *arg)
{
    struct csv_reader *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->fn = fn;
    r->arg = arg;
    r->line = r->row_line = r->field_line = 1;
    return r;
}

void csv_reader_destroy(struct csv_reader *r)
{
    free(r);
}

static void fail(struct csv_reader *r, enum csv_fault f, int64_t line)
{
    r->fault = f;
    r->fault_column = r->n + 1;
    r->fault_line = line;
    r->state = SKIPPING;
}

static void begin_row(struct csv_reader *r)
{
    r->state = AT_FIELD;
    r->n = 0;
    r->used = r->field_start = 0;
    r->fault = CSV_FINE;
    r->row_line = r->field_line = r->line;
}

static int end_row(struct csv_reader *r)
{
    struct csv_field fields[CSV_FIELDS_MAX];
    struct csv_row row = {
        .line = r->row_line,
        .row = ++r->rows,
        .fault = r->fault,
        .fault_column = r->fault_column,
        .fault_line = r->fault_line,
        .fields = fields,
    };
    if (r->fault == CSV_FINE) {
        row.n_fields = r->n;
        for (int i = 0; i < r->n; i++) {
            size_t end = i + 1 < r->n ? r->start[i + 1] : r->used;
            fields[i].text = r->text + r->start[i];
            fields[i].len = end - r->start[i] - 1;
        }
    }
    int rc = r->fn(r->arg, &row);
    begin_row(r);
    return rc;
}

static void end_field(struct csv_reader *r)
{
    if (r->state == SKIPPING)
        return;
    if (r->n == CSV_FIELDS_MAX) {
        fail(r, CSV_TOO_MANY_FIELDS, r->line);
        return;
    }
    if (!text_is_utf8(r->text + r->field_start, r->used - r->field_start)) {
        fail(r, CSV_NOT_UTF8, r->field_line);
        return;
    }
    r->start[r->n++] = r->field_start;
    r->text[r->used++] = '\0';
    r->field_start = r->used;
    r->state = AT_FIELD;
}

static void put(struct csv_reader *r, char ch)
{
    if (r->used - r->field_start >= CSV_FIELD_BYTES_MAX || r->used >= CSV_ROW_BYTES_MAX) {
        /* An unclosed quote swallows everything behind it until it meets this limit. */
        fail(r, r->state == IN_QUOTES ? CSV_NEVER_CLOSED : CSV_TOO_LONG, r->field_line);
        return;
    }
    r->text[r->used++] = ch;
}

/* A line end outside quotes. */
static int end_line(struct csv_reader *r)
{
    bool empty = r->state == AT_FIELD && r->n == 0;
    if (!empty)
        end_field(r);
    r->line++; /* the next row begins there */
    if (!empty)
        return end_row(r);
    begin_row(r);
    return 0;
}

static void take(struct csv_reader *r, char ch)
{
    if (ch == '\0') {
        fail(r, CSV_NUL, r->line);
        return;
    }
    switch (r->state) {
    case AT_FIELD:
        r->field_line = r->line;
        if (ch == '"') {
            r->state = IN_QUOTES;
        } else if (ch == ',') {
            end_field(r);
            /* AT_FIELD again, but no longer an empty line */
        } else {
            r->state = IN_PLAIN;
            put(r, ch);
        }
        break;
    case IN_PLAIN:
        if (ch == ',')
            end_field(r);
        else if (ch == '"')
            fail(r, CSV_QUOTE_INSIDE, r->line);
        else
            put(r, ch);
        break;
    case IN_QUOTES:
        if (ch == '"')
            r->state = AFTER_QUOTE;
        else
            put(r, ch);
        break;
    case AFTER_QUOTE:
        if (ch == '"') {
            r->state = IN_QUOTES;
            put(r, '"');
        } else if (ch == ',') {
            end_field(r);
        } else {
            fail(r, CSV_AFTER_QUOTE, r->line);
        }
        break;
    case SKIPPING:
        break;
    }
}

int csv_reader_feed(struct csv_reader *r, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char ch = data[i];
        bool lf_of_crlf = ch == '\n' && r->last_was_cr;
        r->last_was_cr = false;
        if (r->state == IN_QUOTES && (ch == '\n' || ch == '\r')) {
            /* a line end inside quotes belongs to the text; CR LF becomes LF */
            if (lf_of_crlf)
                continue;
            r->last_was_cr = ch == '\r';
            r->line++;
            put(r, '\n');
            continue;
        }
        if (ch == '\n' || ch == '\r') {
            r->last_was_cr = ch == '\r';
            if (lf_of_crlf)
                continue;
            int rc = end_line(r);
            if (rc)
                return rc;
            continue;
        }
        take(r, ch);
    }
    return 0;
}

int csv_reader_end(struct csv_reader *r)
{
    r->last_was_cr = false;
    if (r->state == IN_QUOTES)
        fail(r, CSV_NEVER_CLOSED, r->field_line);
    return end_line(r);
}

const char *csv_fault_text(enum csv_fault f)
{
    switch (f) {
    case CSV_FINE:
        return "";
    case CSV_QUOTE_INSIDE:
        return _("a quote in the middle of a field; put the whole field in quotes and double the quotes inside");
    case CSV_AFTER_QUOTE:
        return _("text after a closing quote");
    case CSV_NEVER_CLOSED:
        return _("a quote that is never closed");
    case CSV_NUL:
        return _("a NUL byte");
    case CSV_NOT_UTF8:
        return _("not UTF-8 text");
    case CSV_TOO_MANY_FIELDS:
        return _("too many columns");
    case CSV_TOO_LONG:
        return _("too long");
    }
    return "";
}
