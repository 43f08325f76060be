/* SPDX-License-Identifier: MIT */
/* Dates and times as people write and read them. The city keeps Beijing time, wherever the terminal stands. */
#ifndef WG_CLIENT_CLI_INSTANT_H
#define WG_CLIENT_CLI_INSTANT_H

#include <stddef.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "google/protobuf/timestamp.pb-c.h"

enum { INSTANT_UTC_OFFSET_S = 8 * 3600, INSTANT_TEXT_MAX = 40 };

/*
 * Reads RFC 3339, "2026-11-23 09:40[:05]", "2026-11-23", "2026/11/23 9:40", "09:40" and "今天 09:40" (today), "昨天 09:40", or
 * "-2h", "-30m", "-1d" (before now). ERR_INVALID says which forms there are.
 */
int instant_parse(const char *text, usec_t now, usec_t *ret, struct err *e) MUST_CHECK;
/* Writes "2026-11-23 09:40:05", without the seconds if they are 0. Returns out. */
char *instant_format(usec_t t, char out[INSTANT_TEXT_MAX]);
/* Writes the time left until due: "3h20m", "1d02h", "-2h10m"; "--" for USEC_NONE. Returns out. */
char *instant_left(usec_t due, usec_t now, char out[INSTANT_TEXT_MAX]);

/* A timestamp's instant; USEC_NONE for NULL. */
usec_t instant_of(const Google__Protobuf__Timestamp *ts);
/* Fills a timestamp. Returns ts. */
Google__Protobuf__Timestamp *instant_stamp(Google__Protobuf__Timestamp *ts, usec_t t);

#endif
