/* SPDX-License-Identifier: MIT */
/* The subcommands of wangged, one file each. Each takes its own argv (argv[0] is its name) and returns the exit code. */
#ifndef WG_COMMANDS_H
#define WG_COMMANDS_H

int cmd_rekey(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_check_config(int argc, char **argv);
int cmd_init_key(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_reindex(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
