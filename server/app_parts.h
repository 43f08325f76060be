/* SPDX-License-Identifier: MIT */
/* What a worker consists of. Internal to app.c and app_metrics.c. */
#ifndef WG_APP_PARTS_H
#define WG_APP_PARTS_H

#include "server/app.h"
#include "server/feed/feed.h"
#include "server/metrics.h"
#include "server/service/service.h"

enum { APP_SIGNALS = 3, AUDIT_WAITS_MAX = 100 /* of 20 ms each */ };

struct roll;
struct timers;
struct search_roll;
struct net;

struct app {
    struct event_base *base;
    const struct app_options *options;
    struct server_config config; /* as the last reload left it */
    struct service_ctx ctx;
    struct rpc_method *methods;
    size_t n_methods;
    struct rpc_server *rpc;
    struct net *net;
    struct metrics *metrics;
    struct roll *roll;
    struct timers *timers;
    struct search_roll *search_roll;
    struct event *signals[APP_SIGNALS];
    struct event *drain_sweep;
    struct event *audit_wait;
    int audit_waits;
    bool serving;
    bool announced; /* the service manager knows that we are ready */
    bool draining;
};

/* The API's descriptors, built in. */
extern const unsigned char wangge_protoset[];
extern const size_t wangge_protoset_len;

#endif
