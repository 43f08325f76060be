/* SPDX-License-Identifier: MIT */
/*
 * Region codes. A code of 4 (city), 6 (county), 9 (township), 12 (community) or 15 (grid) digits is kept as an integer padded
 * with zeros to 15 digits; its subtree is an interval of integers. Pure. Invariant: a padded code determines its level, because
 * no part below a code's level may be zero (GB/T 2260 and GB/T 10114 start every part at 1).
 */
#ifndef WG_DOMAIN_REGION_H
#define WG_DOMAIN_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "server/domain/types.h"

enum { REGION_TEXT_SIZE = 16 /* 15 digits and the end */ };

/* An interval of padded codes, both ends inside. {0, INT64_MAX} is everywhere; lo > hi is nowhere. */
struct region_span {
    int64_t lo;
    int64_t hi;
};

/* Parses a code of 4, 6, 9, 12 or 15 digits strictly. ERR_INVALID, with text, otherwise; *ret untouched. */
int region_parse(const char *s, int64_t *ret, struct err *e) MUST_CHECK;
/* Writes the code with as many digits as its level has; "" if it is not a code. */
void region_format(int64_t code, char out[REGION_TEXT_SIZE]);
/* Level of a padded code; LEVEL_NONE if it is not one. */
enum region_level region_level_of(int64_t code);
/* Digits of a level: 4, 6, 9, 12, 15; 0 for LEVEL_NONE. */
int region_digits(enum region_level level);
/* The subtree of a padded code; nowhere if it is not a code. */
struct region_span region_span_of(int64_t code);
struct region_span region_span_all(void);
bool region_span_contains(struct region_span span, int64_t code);
bool region_span_overlaps(struct region_span a, struct region_span b);
/* The ancestor of code at level (code itself at its own level); 0 if level is below the code's. */
int64_t region_parent(int64_t code, enum region_level level);
/* True if inner is outer or lies below it. */
bool region_contains(int64_t outer, int64_t inner);
/* Parses the beginning of a category ("", "E", "E01", "E0102") and says which codes have it, as a closed interval of 5-byte
 * texts. ERR_INVALID if it cannot begin a category. */
/* True of the categories of disputes: D01 and below. */
bool category_is_dispute(const char *code);
int category_prefix_range(const char *prefix, char lo[6], char hi[6], struct err *e) MUST_CHECK;
/* One upper-case letter and four digits. */
bool category_code_is_valid(const char *code);

#endif
