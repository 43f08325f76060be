/* SPDX-License-Identifier: MIT */
/*
 * Figures for operators: calls by method and status, how long they took, and gauges that are asked for when somebody looks.
 * Served as Prometheus text on a loopback port; the counting costs a look-up in a small table. Owned by app.
 */
#ifndef WG_METRICS_H
#define WG_METRICS_H

#include <stdint.h>
#include <event2/buffer.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "server/rpc/server.h"

struct metrics;

enum { METRICS_STATUS_COUNT = 17 /* gRPC's codes 0 to 16 */ };

/* methods: as in the rpc server's table, ending with a NULL path; borrowed. Owned by the caller. */
struct metrics *metrics_create(const struct rpc_method *methods, struct err *e);
/* Accepts NULL. */
void metrics_destroy(struct metrics *m);
void metrics_record(struct metrics *m, const struct rpc_record *r);

/* Appends one gauge or counter with its HELP and TYPE lines. For the writer given to metrics_serve. */
void metrics_write_value(struct evbuffer *out, const char *name, const char *type, const char *help, double value);
/* Appends the call figures. */
void metrics_write_calls(const struct metrics *m, struct evbuffer *out);
/* Serves /metrics; write appends everything else. ERR_IO: the address is taken. */
int metrics_serve(struct metrics *m, struct event_base *base, const char *host, uint16_t port,
                  void (*write)(void *arg, struct evbuffer *out), void *arg, uint16_t *ret_port, struct err *e) MUST_CHECK;
/* "OK", "INVALID_ARGUMENT"; "?" out of range. Static. */
const char *metrics_status_name(int status);

#endif
