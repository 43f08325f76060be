/* SPDX-License-Identifier: MIT */
/* Whether the search index holds what it should; called by "wangged verify" within its transaction. Blocks. */
#ifndef WG_SEARCH_VERIFY_H
#define WG_SEARCH_VERIFY_H

#include <libpq-fe.h>

#include "common/base/err.h"

/*
 * Counts places against the cases folded, and looks every term of a sample of 200 cases up. Prints each finding, at most max;
 * returns how many there are, or a negative error.
 */
int search_verify(PGconn *pg, int max, struct err *e) MUST_CHECK;

#endif
