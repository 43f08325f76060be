/* SPDX-License-Identifier: MIT */
/* The parts of the table of metrics, each ordered by code. For metric.c alone. */
#ifndef WG_DOMAIN_METRIC_TABLE_H
#define WG_DOMAIN_METRIC_TABLE_H

#include "server/domain/metric.h"

extern const struct metric metric_integrity[];
extern const size_t metric_integrity_n;
extern const struct metric metric_rates[];
extern const size_t metric_rates_n;
extern const struct metric metric_rates_more[];
extern const size_t metric_rates_more_n;
extern const struct metric metric_counts[];
extern const size_t metric_counts_n;

#endif
