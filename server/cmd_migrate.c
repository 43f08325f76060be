/* SPDX-License-Identifier: MIT */
/* wangged migrate: the database to this program's schema. */
#include <stdio.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/database_up.h"
#include "server/options.h"

static const char usage[] = "usage: wangged migrate [--config FILE] [--embedded DIR | --database CONNINFO]\n"
                            "Brings the database to this program's schema. Running it again changes nothing.\n";

int cmd_migrate(int argc, char **argv)
{
    static const struct option table[] = {OPTIONS_SHARED, {0}};
    struct options o;
    struct database d;
    struct err e = {0};
    int r = options_read(argc, argv, table, usage, NULL, NULL, &o);

    if (r >= 0)
        return r;
    log_setup((enum log_level)o.config.log_level, (enum log_format)o.config.log_format, STDERR_FILENO);
    if (config_check(&o.config, &e) || database_open(&o.config, true, &d, &e))
        return options_fail(&e);
    r = database_prepare(&d, &e);
    database_close(&d);
    if (r)
        return options_fail(&e);
    puts("The database has this program's schema.");
    return 0;
}
