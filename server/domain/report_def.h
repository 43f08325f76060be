/* SPDX-License-Identifier: MIT */
/*
 * The built-in reports as data: which sections, which rows, which metric in which column. Read by the service that builds them;
 * pure. Invariant: every column of figures names a published metric, so every cell of it can be opened.
 */
#ifndef WG_DOMAIN_REPORT_DEF_H
#define WG_DOMAIN_REPORT_DEF_H

#include "server/domain/metric.h"
#include "server/domain/period.h"

/* Numbers of enum report_by, report_kind and report_value are those of the API (Breakdown, SectionKind, ColumnKind). */
enum report_by { BY_NONE = 1, BY_REGION = 2, BY_CATEGORY = 3, BY_ORGAN = 4, BY_MONTH = 5, BY_DAY = 6, BY_CHANNEL = 7 };
enum report_kind {
    REPORT_TABLE = 1,
    REPORT_SUMMARY = 2,
    REPORT_RANKING = 3,
    REPORT_TREND = 4,
    REPORT_HEAT = 5,
    REPORT_CASES = 6,
    REPORT_CURVE = 7,
    REPORT_TEXT = 8,
};
enum report_value {
    VALUE_TEXT = 1,
    VALUE_COUNT = 2,
    VALUE_RATE = 3,
    VALUE_POINTS = 4,
    VALUE_CHANGE = 5,
    VALUE_DURATION = 6,
    VALUE_TIME = 7,
};

/* Which window a column speaks of. */
enum report_window {
    WINDOW_THIS,
    WINDOW_PREVIOUS,
    WINDOW_YEAR,  /* the same a year earlier */
    WINDOW_AGE_3, /* cases reported 0 to 3 days before the as-of's day, and so on */
    WINDOW_AGE_7,
    WINDOW_AGE_15,
    WINDOW_AGE_30,
    WINDOW_OLDER,
    WINDOW_COUNT,
};

/* Where a section's rows come from. */
enum report_source {
    SOURCE_FIGURES,   /* metrics by row and column */
    SOURCE_OVERDUE,   /* open cases beyond their limit, longest first */
    SOURCE_DUE_TODAY, /* open cases due before the day ends */
    SOURCE_URGED,     /* open cases that are urged or carry a card */
    SOURCE_APPROVALS, /* cases where somebody waits for a decision */
    SOURCE_HEAT,      /* cases by weekday and hour of the report */
    SOURCE_CURVE,     /* share closed by age */
    SOURCE_STAGES,    /* working time by stage */
    SOURCE_SENTENCES, /* the bulletin's words */
};

struct report_col {
    const char *code; /* unique in its section */
    const char *zh;
    const char *en;
    const char *group_zh; /* NULL: none */
    const char *group_en;
    enum report_value value;
    const char *metric; /* NULL of columns that are no figures */
    const char *variant;
    bool of_total;             /* RATE: n is the row's numerator, d that of the total: a share */
    enum report_window window; /* POINTS, CHANGE: what this window is compared with */
};
enum { REPORT_MAX_COLUMNS = 40, REPORT_MAX_SECTIONS = 10 };

struct report_section {
    const char *code;
    const char *zh;
    const char *en;
    enum report_kind kind;
    enum report_source source;
    enum report_by by;
    const struct report_col *columns; /* NULL of sources that make their own */
    int n_columns;
    int sort;       /* column by which rows are ranked, best first; -1: by key */
    int max_rows;   /* after sorting; 0: all */
    bool total;     /* a line of totals below */
    int bar_column; /* -1: none */
};

struct report_def {
    const char *code;
    const char *zh;
    const char *en;
    const char *about_zh;
    const char *about_en;
    int n_sections;
    struct report_section sections[REPORT_MAX_SECTIONS];
};

size_t report_def_count(void);
/* Static; NULL beyond the last. */
const struct report_def *report_def_at(size_t i);
/* By code; NULL if there is none. */
const struct report_def *report_def_find(const char *code);
/* The window of a column, given the report's and the as-of. */
struct period report_def_window(enum report_window w, struct period window, usec_t as_of, int32_t utc_offset_s);

#endif
