/* SPDX-License-Identifier: MIT */
/*
 * A row of a table as an incident. Columns are found by their title, in English or Chinese. The ids of request and case are
 * drawn from the row's content (or its external_id), so the same row gives the same ids in every run, and an edited file
 * doubles nothing of what was imported before.
 */
#ifndef WG_CLIENT_CLI_IMPORT_ROW_H
#define WG_CLIENT_CLI_IMPORT_ROW_H

#include "client/export/csv_reader.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "wangge/v1/case.pb-c.h"

enum import_column {
    IMPORT_CATEGORY,
    IMPORT_GRID,
    IMPORT_DESCRIPTION,
    IMPORT_ADDRESS,
    IMPORT_LATITUDE,
    IMPORT_LONGITUDE,
    IMPORT_URGENCY,
    IMPORT_CHANNEL,
    IMPORT_HAPPENED_AT,
    IMPORT_SETTLE,
    IMPORT_EXTERNAL_ID,
    IMPORT_COLUMNS,
};

struct import_header {
    int n;                        /* columns of the file */
    int at[IMPORT_COLUMNS];       /* where a column stands, -1: it is not there */
    char *titles[CSV_FIELDS_MAX]; /* as written; owned */
};

/* Reads the first row. ERR_INVALID: an unknown or repeated title, or a required one is missing. */
int import_header_init(struct import_header *h, const struct csv_row *row, struct err *e) MUST_CHECK;
void import_header_fini(struct import_header *h);
/* Both titles of a column, and what goes into it (a msgid). Static. */
const char *import_column_names(enum import_column col);
const char *import_column_help(enum import_column col);
/* Which column of the file holds the error report's own columns (line, column, reason) and is left out of a new one. */
bool import_column_is_report(const char *title);

/* The rows seen so far, to tell two equal rows apart. Owned by the caller; NULL without memory. */
struct import_seen;
struct import_seen *import_seen_create(void);
void import_seen_destroy(struct import_seen *s);

/*
 * Makes a request of a row; everything lives in the arena. ERR_INVALID: e->field is the column's title, e->text the reason.
 * A row is counted in seen whether it is good or not, so that later equal rows keep their ids.
 */
int import_row_request(const struct import_header *h, const struct csv_row *row, struct import_seen *seen, usec_t now,
                       struct arena *arena, Wangge__V1__SubmitCaseRequest **ret, struct err *e) MUST_CHECK;

#endif
