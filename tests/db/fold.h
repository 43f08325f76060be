/* SPDX-License-Identifier: MIT */
/* Folding cases into the search index, for tests of what reads it. */
#ifndef WG_TESTS_DB_FOLD_H
#define WG_TESTS_DB_FOLD_H

#include "tests/db/harness.h"

/* One step; returns how many events it folded. */
int fold_once(struct harness *h, int min_cases);
/* Until nothing is left. */
void fold_all(struct harness *h);

#endif
