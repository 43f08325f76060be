/* SPDX-License-Identifier: MIT */
/* A worker's gauges as Prometheus text, gathered when somebody asks. */
#ifndef WG_APP_METRICS_H
#define WG_APP_METRICS_H

#include <event2/buffer.h>

/* arg: the struct app. */
void app_metrics_write(void *arg, struct evbuffer *out);

#endif
