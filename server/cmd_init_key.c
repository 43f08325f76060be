/* SPDX-License-Identifier: MIT */
/* wangged init-key: makes the data key file; for installations whose PostgreSQL is not ours (ours gets its key by itself). */
#include <stdio.h>

#include "server/commands.h"
#include "server/data_key.h"
#include "server/options.h"
#include "server/secret/secret.h"

static const char usage[] =
    "usage: wangged init-key [--config FILE] [--embedded DIR] [--set data_key_file=PATH]\n"
    "Makes the key file that the configuration names: 32 random bytes, readable by you alone. One that is there stays.\n"
    "Copy it to a safe place that is not the database's backup: what is sealed with it cannot be read without it.\n";

int cmd_init_key(int argc, char **argv)
{
    static const struct option table[] = {OPTIONS_SHARED, {0}};
    char path[CONFIG_TEXT_SIZE + 16];
    struct options o;
    struct err e = {0};
    int r = options_read(argc, argv, table, usage, NULL, NULL, &o);

    if (r >= 0)
        return r;
    if (!data_key_path(&o.config, path)) {
        err_set(&e, ERR_INVALID, "Set data_key_file in the configuration, or --embedded DIR, to say where the key shall be.");
        return options_fail(&e);
    }
    if (secret_create_file(path, &e))
        return options_fail(&e);
    printf("Made %s. Keep a copy of it in a safe place.\n", path);
    return 0;
}
