/* SPDX-License-Identifier: MIT */
#include "client/cli/cli.h"
#include "client/model/i18n.h"

int cmd_version(struct cli *c)
{
    if (c->json)
        out_text(c, "{\"version\":\"" WANGGE_VERSION "\",\"api\":\"wangge.v1\"}\n");
    else
        out_text(c, "wangge " WANGGE_VERSION " (wangge.v1)\n");
    return CLI_OK;
}
