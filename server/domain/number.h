/* SPDX-License-Identifier: MIT */
/*
 * The human number of a case: county 6 + yyMMdd + running number of at least 4 digits, kept as one integer
 * (county * 10^6 + yyMMdd) * 10^6 + running. Pure. Invariant: format and parse are inverse.
 */
#ifndef WG_DOMAIN_NUMBER_H
#define WG_DOMAIN_NUMBER_H

#include <stdint.h>

#include "common/base/err.h"

enum { NUMBER_TEXT_SIZE = 19 /* 6 + 6 + up to 6 digits and the end */, NUMBER_MAX_RUNNING = 999999 };

/* From the grid's (or any region's) padded code, the local day and the running number 1..999999. ERR_INVALID if a part is out
 * of range. */
int number_make(int64_t region, int32_t day, int64_t running, int64_t *ret, struct err *e) MUST_CHECK;
/* The part before the running number, the key a counter runs by: county * 10^6 + yyMMdd. 0 if a part is out of range. */
int64_t number_series(int64_t region, int32_t day);
/* "2306042109170001"; "" if it is not a number. */
void number_format(int64_t number, char out[NUMBER_TEXT_SIZE]);
/* Strict: 16 to 18 digits, real county and date shape, no superfluous zeros before a running number above 9999. */
int number_parse(const char *s, int64_t *ret, struct err *e) MUST_CHECK;

#endif
