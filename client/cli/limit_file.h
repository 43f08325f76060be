/* SPDX-License-Identifier: MIT */
/*
 * Limits and grids' borders from CSV files (sheet.h), and amounts of time as people write them.
 *   clock,category,urgency,region,amount,from    clock and amount are needed; from: a time, without: at once
 *   grid,latitude,longitude                      the corners in their order, those of a grid one after the other
 */
#ifndef WG_CLIENT_CLI_LIMIT_FILE_H
#define WG_CLIENT_CLI_LIMIT_FILE_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "wangge/v1/clock.pb-c.h"

enum { LIMIT_FILE_MAX = 500, BORDER_FILE_MAX = 200, BORDER_FILE_POINTS_MAX = 200, LIMIT_AMOUNT_MAX = 80 };

struct limit_file {
    struct arena *arena; /* what the limits point into */
    Wangge__V1__Limit *limits[LIMIT_FILE_MAX];
    int64_t line[LIMIT_FILE_MAX];
    size_t n;
};

/* What a limit says, as text. NULL: not said. */
struct limit_words {
    const char *clock, *category, *urgency, *region, *amount, *from;
};

struct border_file {
    struct arena *arena;
    Wangge__V1__BorderChange *borders[BORDER_FILE_MAX];
    size_t n;
};

/* Reads the file at path, "-" for standard input. ERR_IO, ERR_INVALID (what is wrong, and in which line). Undo with the fini
 * whatever comes of it. */
int limit_file_read(struct limit_file *f, const char *path, usec_t now, struct err *e) MUST_CHECK;
void limit_file_fini(struct limit_file *f);
int border_file_read(struct border_file *f, const char *path, struct err *e) MUST_CHECK;
void border_file_fini(struct border_file *f);

/* Fills *ret, which points into the words from then on; its times come from the arena. ERR_INVALID names the field. */
int limit_of_words(struct arena *a, const struct limit_words *w, usec_t now, Wangge__V1__Limit *ret, struct err *e) MUST_CHECK;

/* "8h", "30m", "1h30m" (working time), "4uh", "30um" (urgent: runs through), "3wd" (working days), "5d" (days). False if it is
 * none, zero or more than ten years. */
bool limit_amount_parse(const char *text, Wangge__V1__TimeUnit *ret_unit, int64_t *ret_amount);
/* "8 h 30 min", "3 working days"; urgent hours look like working hours. Returns out. */
char *limit_amount_format(Wangge__V1__TimeUnit unit, int64_t amount, char out[LIMIT_AMOUNT_MAX]);
/* "working time", "days"... Static. */
const char *limit_unit_text(Wangge__V1__TimeUnit unit);

#endif
