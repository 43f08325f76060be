/* SPDX-License-Identifier: MIT */
/* What the files that build reports share; for them alone. */
#ifndef WG_SERVICE_REPORT_IMPL_H
#define WG_SERVICE_REPORT_IMPL_H

#include "server/domain/report_def.h"
#include "server/service/report_build.h"
#include "server/service/report_request.h"

/* One line of a section, with the sums of every window its columns speak of. */
struct report_line {
    const char *key;
    const char *name;
    const char *name_en; /* NULL: as name */
    int64_t sort_key;
    const struct report_row *of[WINDOW_COUNT]; /* NULL: nothing was summed */
};

struct report_window_of {
    struct period window;
    usec_t as_of;
};

struct report_build {
    struct rpc_call *call; /* held */
    struct directory *dir;
    struct arena *arena;
    const Wangge__V1__PullReportRequest *req;
    struct report_build_sink sink;
    const struct report_def *def;
    struct report_request r;
    enum region_level row_level; /* of rows by region */
    struct report_window_of windows[WINDOW_COUNT];
    struct report_digest *digest;
    int target_bp;
    int64_t rows_sent;
    bool paused;
    bool waiting; /* for the database */
    bool over;
    bool pumping;
    enum report_by by; /* of the section, where it depends on the window; 0: as defined */
    int section;       /* the one being built; its head was sent if begun */
    /* Rows of the section that wait to be sent. */
    Wangge__V1__ReportRow **rows;
    size_t n_rows;
    size_t next_row;
    /* More rows of the section are to be had: asks for them, then calls report_rows or report_stop. NULL: no more. */
    void (*more)(struct report_build *b);
    void *section_state;
    struct arena *page; /* what the rows at hand live in, of sections that read page by page; NULL: the call's arena */
    struct err failed;
};

const struct report_section *report_section_of(const struct report_build *b);
/* Sends the section's head. columns: made by the source. Returns 0 or negative; then the report is stopped. */
int report_begin_section(struct report_build *b, Wangge__V1__ReportColumn **columns, size_t n);
/* Rows to be sent next, in order; they live until asked for more. */
void report_rows(struct report_build *b, Wangge__V1__ReportRow **rows, size_t n, void (*more)(struct report_build *b));
/* Ends the report with an error. */
void report_stop(struct report_build *b, const struct err *e);
void report_stop_nomem(struct report_build *b);

/* The sources; each ends in report_begin_section and report_rows, or report_stop, later or at once. */
void report_figures(struct report_build *b);
void report_sentences(struct report_build *b);
void report_heat(struct report_build *b);
void report_curve(struct report_build *b);
void report_stages(struct report_build *b);
void report_cases_section(struct report_build *b);

/* Cells and columns; NULL without memory. */
Wangge__V1__ReportCell *report_cell_none(struct arena *a);
Wangge__V1__ReportCell *report_cell_text(struct arena *a, const char *zh, const char *en);
Wangge__V1__ReportCell *report_cell_count(struct arena *a, int64_t n);
Wangge__V1__ReportCell *report_cell_ratio(struct arena *a, int64_t n, int64_t d);
Wangge__V1__ReportCell *report_cell_points(struct arena *a, int64_t bp);
Wangge__V1__ReportCell *report_cell_seconds(struct arena *a, int64_t s);
Wangge__V1__ReportCell *report_cell_time(struct arena *a, usec_t t);
Wangge__V1__ReportColumn *report_column(struct arena *a, const char *code, const char *zh, const char *en,
                                        enum report_value value);
Wangge__V1__ReportRow *report_row_make(struct arena *a, const char *key, const char *name, size_t max_cells);
/* Adds a cell; false if either is missing. */
bool report_row_add(Wangge__V1__ReportRow *row, Wangge__V1__ReportCell *cell);

/* The value of a column of figures in a line. total: the line a share is of. */
Wangge__V1__ReportCell *report_figure_cell(struct arena *a, const struct report_col *c, const struct report_line *line,
                                           const struct report_line *total);

#endif
