/* SPDX-License-Identifier: MIT */
/*
 * Why a clock stands where it does: its time cut into intervals that touch each other, each counted or not and with its reason.
 * Called by the explaining service with the runs and pauses it read from the case's events. Pure. Invariants: the rows cover
 * everything from the first span to the end without a gap; what they count adds up to what the clock has consumed, and up to
 * the due time to its limit.
 */
#ifndef WG_DOMAIN_EXPLAIN_H
#define WG_DOMAIN_EXPLAIN_H

#include "server/domain/deadline.h"

enum { EXPLAIN_MAX_ROWS = 400 };

/* Why an interval counts, or does not. */
enum explain_reason {
    EXPLAIN_WORKED = 1,    /* counts: inside the shifts of a working day; in units of days a working day begun */
    EXPLAIN_MAKE_UP = 2,   /* counts: the same on a make-up working day, named */
    EXPLAIN_URGENT = 3,    /* counts: urgent hours and calendar days run through */
    EXPLAIN_OFF_SHIFT = 4, /* before, between and after the shifts */
    EXPLAIN_WEEKEND = 5,   /* a day off by the weekly pattern */
    EXPLAIN_HOLIDAY = 6,   /* a day off by an override, named */
    EXPLAIN_PAUSED = 7,    /* the clock did not run; span says why */
    EXPLAIN_FIRST_DAY = 8, /* in units of days: the day it started or went on, which is not counted */
    EXPLAIN_ABRIDGED = 9,  /* several intervals put together because there were too many */
};

/* From one event to the next. */
struct explain_span {
    usec_t from;
    usec_t to;    /* the next span's from; of the last one USEC_NONE (still so) or when the clock was stopped for good */
    bool running; /* false: paused */
};

struct explain_input {
    const struct calendar *calendar;
    enum time_unit unit;
    int32_t limit_s;                  /* as in struct case_clock; 0: none */
    const struct explain_span *spans; /* oldest first, touching; those of no length are skipped */
    size_t nspans;
    usec_t now;
    usec_t granted_due_at; /* of a running clock that was extended to a time outside working time or within a day; 0: none */
};

struct explain_row {
    usec_t from;
    usec_t to;
    enum explain_reason reason;
    int32_t days;      /* 0: a part of a day; else that many whole local days of one kind */
    int64_t counted_s; /* what it adds to the clock, in the clock's seconds; 0 if it does not count */
    int64_t total_s;   /* the running total after it */
    int span;          /* index of the span it lies in */
    bool expected;     /* it lies after now */
    bool overdue;      /* it lies after the due time */
    const char *name;  /* of the holiday, make-up or part day; "" if none; borrowed from the calendar */
};

struct explain_result {
    size_t n;           /* rows written */
    int64_t consumed_s; /* until now */
    usec_t due_at;      /* when the limit is or was used up if it goes on running; USEC_NONE: paused before, or no limit */
    bool provisional;
    bool abridged; /* the last row stands for what did not fit */
};

/* Explains. Rows go to the due time, or to now where that is later or there is none. At most cap (>= 1) rows; whole days of one
 * kind and equal length that follow each other are one row. */
void explain_clock(const struct explain_input *in, struct explain_row *rows, size_t cap, struct explain_result *ret);

/* "WORKED", … Static. */
const char *explain_reason_name(enum explain_reason r);

#endif
