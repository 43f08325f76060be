/* SPDX-License-Identifier: MIT */
/*
 * A calendar from a text file, UTF-8, a thing a line, words apart by blanks or tabs, "#" begins a comment:
 *   calendar rhl 让胡路区              code and name
 *   region   230604                   where it holds; without: everywhere
 *   zone     +08:00
 *   week     1-5 08:00-12:00 14:00-18:00           working days (1 Monday) and shifts, for the rest of the year
 *   season   05-01 09-30 1-5 08:00-12:00 15:00-18:30
 *   2026-02-17 off  春节
 *   2026-02-14 work 春节                            a make-up day
 *   2026-02-16 work 08:00-12:00 除夕                a part day
 * So a year's published list (date, off or work, name, with tabs; a line of titles may come first) is such a file too.
 */
#ifndef WG_CLIENT_CLI_CALENDAR_FILE_H
#define WG_CLIENT_CLI_CALENDAR_FILE_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "wangge/v1/clock.pb-c.h"

enum {
    CALENDAR_FILE_BYTES_MAX = 512 * 1024,
    CALENDAR_FILE_DAYS_MAX = 4000,
    CALENDAR_FILE_SEASONS_MAX = 64,
    CALENDAR_FILE_SHIFTS_MAX = 4,
    CALENDAR_FILE_SHIFTS_TEXT = 16 * CALENDAR_FILE_SHIFTS_MAX,
    CALENDAR_FILE_UTC_OFFSET = 480, /* minutes, of a calendar that does not say */
};

struct calendar_file {
    struct arena *arena; /* what the calendar points into */
    Wangge__V1__Calendar calendar;
    bool has_calendar, has_region, has_zone, has_week; /* what it says */
};

/* Reads the file at path, "-" for standard input. ERR_IO, ERR_INVALID (what is wrong, and in which line). Undo with
 * calendar_file_fini whatever comes of it. */
int calendar_file_read(struct calendar_file *f, const char *path, struct err *e) MUST_CHECK;
/* The same from text. */
int calendar_file_parse(struct calendar_file *f, const char *text, size_t len, struct err *e) MUST_CHECK;
void calendar_file_fini(struct calendar_file *f);

/* "08:00-12:00 14:00-18:00". Returns out. */
char *calendar_shifts_format(Wangge__V1__Shift *const *shifts, size_t n, char out[CALENDAR_FILE_SHIFTS_TEXT]);
/* "+08:00". Returns out. */
char *calendar_zone_format(int32_t minutes, char out[8]);

#endif
