/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"

static void put(void *arg, const char *text)
{
    out_text(arg, text);
}

int cmd_help(struct cli *c)
{
    char name[64] = "";
    for (int i = 0; i < c->opt.n_args && i < 3; i++) {
        size_t at = strlen(name);
        snprintf(name + at, sizeof name - at, "%s%s", i ? " " : "", c->opt.args[i]);
    }
    if (!name[0]) {
        options_help(COMMAND_NONE, put, c);
        return CLI_OK;
    }
    bool any = false;
    for (int k = 0; k < COMMANDS; k++) {
        const char *full = options_command_name(k);
        size_t n = strlen(name);
        /* "case" alone shows all that begin with it */
        if (strncmp(full, name, n) != 0 || (full[n] != '\0' && full[n] != ' '))
            continue;
        if (any)
            out_text(c, "\n");
        options_help(k, put, c);
        any = true;
    }
    if (any)
        return CLI_OK;
    out_error(c, _("There is no command \"%s\". Run: wangge help"), name);
    return CLI_USAGE;
}
