/* SPDX-License-Identifier: MIT */
/* wangged check-config: says whether the server would start with a file, and prints a sample. */
#include <stdio.h>

#include "server/commands.h"
#include "server/options.h"

static const char usage[] = "usage: wangged check-config [--config FILE] [--sample]\n"
                            "Checks a configuration file; exit code 1 and the line if something is wrong.\n"
                            "--sample  print a file with every key, its default and what it is for\n";

enum { OPTION_SAMPLE = 1 };

static bool own(void *arg, int val, char *value)
{
    *(bool *)arg = true;
    return val == OPTION_SAMPLE;
}

int cmd_check_config(int argc, char **argv)
{
    static const struct option table[] = {OPTIONS_SHARED, {"sample", no_argument, NULL, OPTION_SAMPLE}, {0}};
    bool sample = false;
    struct options o;
    struct err e = {0};
    int r = options_read(argc, argv, table, usage, own, &sample, &o);

    if (r >= 0)
        return r;
    if (sample) {
        config_print_sample(stdout);
        return 0;
    }
    if (config_check(&o.config, &e))
        return options_fail(&e);
    printf("%s: all right\n", o.config_path ? o.config_path : "the defaults");
    return 0;
}
