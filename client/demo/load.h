/* SPDX-License-Identifier: MIT */
/* `wangge-demo load`: directory, accounts and history, each by the account that may do it. */
#ifndef WG_DEMO_LOAD_H
#define WG_DEMO_LOAD_H

#include "client/model/client_config.h"
#include "common/base/err.h"

struct load_options {
    size_t from; /* first item of the history, counted from 1; 0: all */
    bool skip_directory;
    bool skip_accounts;
    bool skip_history;
};

/* Logins and passwords come from the environment. Prints a summary; returns the process's exit status. */
int load_run(const struct client_config *cfg, const struct load_options *opts);

#endif
