/* SPDX-License-Identifier: MIT */
/* wangged: finds the subcommand. Without one it serves. */
#include <stdio.h>
#include <string.h>

#include "server/commands.h"

static const char usage[] =
    "usage: wangged [serve] [--config FILE] [--embedded DIR | --database CONNINFO] [--listen ADDRESS]... [--workers N]\n"
    "       wangged migrate [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "       wangged check-config [--config FILE] [--sample]\n"
    "       wangged init-key [--config FILE] [--embedded DIR]\n"
    "       wangged user add --login LOGIN --name NAME --role ROLE [--region CODE] [--organ CODE] [--password-stdin]\n"
    "       wangged verify [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "       wangged reindex [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "       wangged rekey --to FILE [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "       wangged version | help\n"
    "\n"
    "serve         run the server; with --embedded it makes and supervises a private PostgreSQL in DIR\n"
    "migrate       bring the database to this program's schema and end\n"
    "check-config  check a configuration file; --sample prints one with every key\n"
    "init-key      make the file of the key that personal data is sealed with\n"
    "user add      add an account, for example the first administrators\n"
    "rekey         seal everything with another data key\n"
    "reindex       build the search index anew\n"
    "verify        recount everything figures rest on, and say whether it agrees\n"
    "\n"
    "wangged COMMAND --help says more.\n";

static int cmd_version(int argc, char **argv)
{
    puts("wangged " WANGGE_VERSION);
    return 0;
}

static int cmd_help(int argc, char **argv)
{
    fputs(usage, stdout);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"serve", cmd_serve},       {"migrate", cmd_migrate}, {"check-config", cmd_check_config},
    {"init-key", cmd_init_key}, {"user", cmd_user},       {"reindex", cmd_reindex},
    {"rekey", cmd_rekey},       {"verify", cmd_verify},   {"version", cmd_version},
    {"--version", cmd_version}, {"help", cmd_help},       {"--help", cmd_help},
    {"-h", cmd_help},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc > 1 && argv[1][0] != '-') {
        fprintf(stderr, "wangged: there is no command \"%s\".\n%s", argv[1], usage);
        return 2;
    }
    return cmd_serve(argc, argv);
}
