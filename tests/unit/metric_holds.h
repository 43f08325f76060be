/* SPDX-License-Identifier: MIT */
/* Whether the metrics' definitions hold of one case, wherever it stands. */
#ifndef WG_TESTS_METRIC_HOLDS_H
#define WG_TESTS_METRIC_HOLDS_H

#include "server/domain/metric.h"

/*
 * m: what its steps so far added up to. Of every metric over cases: the case is in each list once at most, the lists add up to
 * the sum, and whoever is in the numerator is in the denominator. NULL, or what does not hold (static; the metric is written to
 * the standard error).
 */
const char *metric_holds(const struct case_snap *c, const int64_t m[MEASURE_COUNT]);

#endif
