/* SPDX-License-Identifier: MIT */
/*
 * One worker process: makes every part, connects them, serves until it is told to stop. Called by `wangged serve`, in the one
 * process there is or in each child of the supervisor.
 */
#ifndef WG_APP_H
#define WG_APP_H

#include <event2/event.h>

#include "server/address.h"
#include "server/config_table.h"
#include "server/db/embedded.h"

struct app_options {
    struct server_config config; /* checked */
    struct server_config file;   /* what the file alone said */
    const char *config_path;     /* for a reload; NULL: nothing to reload */
    const char *conninfo;
    struct embedded *embedded; /* supervised on this worker's loop; NULL: by somebody else */
    struct address_list listen;
    int unix_fds[ADDRESS_MAX]; /* listening sockets made before the fork; -1: make it here */
    int worker;                /* 0, 1, … */
    bool reuseport;            /* other workers share the TCP ports */
    bool announce;             /* log where it listens, tell the service manager */
};

/* Runs until SIGTERM or SIGINT and the drain after it. Returns 0, or a negative error after logging it. */
int app_run(struct event_base *base, const struct app_options *options);

#endif
