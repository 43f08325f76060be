/* SPDX-License-Identifier: MIT */
/* The command line that all subcommands share: where the configuration is, and what overrides it. */
#ifndef WG_OPTIONS_H
#define WG_OPTIONS_H

#include <stdbool.h>
#include <getopt.h>

#include "server/config_table.h"

struct options {
    const char *config_path; /* NULL: none */
    struct server_config config;
    struct server_config file; /* before the command line changed it */
};

/* The shared ones, for a subcommand's own table; their val is OPTION_SHARED and above. */
#define OPTIONS_SHARED                                                                                                         \
    {"config", required_argument, NULL, OPTION_CONFIG}, {"embedded", required_argument, NULL, OPTION_EMBEDDED},                \
        {"database", required_argument, NULL, OPTION_DATABASE}, {"listen", required_argument, NULL, OPTION_LISTEN},            \
        {"workers", required_argument, NULL, OPTION_WORKERS}, {"set", required_argument, NULL, OPTION_SET},                    \
    {                                                                                                                          \
        "help", no_argument, NULL, OPTION_HELP                                                                                 \
    }
enum {
    OPTION_CONFIG = 1000,
    OPTION_EMBEDDED,
    OPTION_DATABASE,
    OPTION_LISTEN,
    OPTION_WORKERS,
    OPTION_SET,
    OPTION_HELP,
};

/*
 * Reads argv[1..] with getopt_long. own is called for options that are not shared; it returns false to refuse. May be NULL.
 * Fills *ret: defaults, the file, then the command line. Returns -1 to go on, else the exit code (the text is printed).
 */
int options_read(int argc, char **argv, const struct option *table, const char *usage,
                 bool (*own)(void *arg, int val, char *value), void *arg, struct options *ret);
/* Prints "wangged: TEXT (DETAIL)" and returns 1. */
int options_fail(const struct err *e);

#endif
