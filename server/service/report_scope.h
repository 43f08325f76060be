/* SPDX-License-Identifier: MIT */
/* The parts of a filter that lists and reports share: a region inside the caller's, categories by the beginning of their code.
 */
#ifndef WG_SERVICE_REPORT_SCOPE_H
#define WG_SERVICE_REPORT_SCOPE_H

#include "common/base/arena.h"
#include "server/domain/directory.h"
#include "server/domain/policy.h"

/*
 * The region asked for, or the caller's own if code is empty; *ret_region is 0 for an account that sees everything.
 * ERR_INVALID: no code. ERR_DENIED: outside the caller's region – refused, never empty.
 */
int scope_region(const struct actor *who, const char *code, const char *field, int64_t *ret_region,
                 struct region_span *ret_span, struct err *e) MUST_CHECK;
/* Ids of the categories whose code begins with prefix, in the arena; *ret_n is -1 for an empty prefix (all). */
int scope_categories(struct arena *a, const struct directory *dir, const char *prefix, const char *field, const int16_t **ret,
                     int *ret_n, struct err *e) MUST_CHECK;

#endif
