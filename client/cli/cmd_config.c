/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"

int cmd_config(struct cli *c)
{
    static const char *const origins[] = {
        [CONFIG_DEFAULT] = N_("default"), [CONFIG_SYSTEM] = "/etc/wangge/client.conf",
        [CONFIG_USER] = N_("your file"),  [CONFIG_ENVIRONMENT] = N_("environment"),
        [CONFIG_FLAG] = N_("flag"),
    };
    struct table *t = table_create(4);
    if (!t)
        return CLI_FAILED;
    table_column(t, 0, _("Setting"), false, false);
    table_column(t, 1, _("Value"), false, false);
    table_column(t, 2, _("From"), false, false);
    table_column(t, 3, _("Meaning"), false, true);
    for (int k = 0; k < CONFIG_KEYS; k++) {
        char value[CONFIG_TEXT_MAX];
        const struct client_config_row *row = client_config_row(k);
        client_config_get(&c->config, k, value, sizeof value);
        table_cell(t, row->name);
        table_cell(t, value);
        table_cell(t, _(origins[client_config_origin(&c->config, k)]));
        table_cell(t, _(row->help));
    }
    out_table(c, t);
    table_destroy(t);
    return CLI_OK;
}
