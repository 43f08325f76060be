/* SPDX-License-Identifier: MIT */
/*
 * Dispatch rules from a CSV file. The first row names the columns, in any order:
 *   id,category,region,weekdays,hours,organ,co_organs,priority,note,removed
 * Only organ is needed (of a removed rule only id). No id: a new rule. weekdays: 1-5 or 6,7 (1 Monday). hours: 08:00-18:00.
 * co_organs: codes apart by blanks. removed: yes.
 */
#ifndef WG_CLIENT_CLI_RULES_FILE_H
#define WG_CLIENT_CLI_RULES_FILE_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "wangge/v1/search.pb-c.h"

enum { RULES_FILE_MAX = 500 };

struct rules_file {
    struct arena *arena; /* what the rules point into */
    Wangge__V1__DispatchRule *rules[RULES_FILE_MAX];
    size_t n;
};

/* ERR_IO, ERR_INVALID (what is wrong, and in which line). Undo with rules_file_fini whatever comes of it. */
int rules_file_read(struct rules_file *f, const char *path, struct err *e) MUST_CHECK;
void rules_file_fini(struct rules_file *f);

/* "1-5" to bits and back; hours likewise. False if it is none. */
bool rules_weekdays_parse(const char *text, int32_t *ret);
void rules_weekdays_format(int32_t days, char out[16]);
bool rules_hours_parse(const char *text, int32_t *ret_from, int32_t *ret_to);
void rules_hours_format(int32_t from, int32_t to, char out[16]);

#endif
