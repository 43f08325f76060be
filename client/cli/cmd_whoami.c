/* SPDX-License-Identifier: MIT */
#include "client/cli/cli.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "wangge/v1/auth.pb-c.h"

void cli_account_print(struct cli *c, const Wangge__V1__Account *a)
{
    char text[512], buf[LABELS_WORD_MAX];
    if (!a)
        return;
    snprintf(text, sizeof text, "%s (%s)", a->name, a->login);
    out_field(c, _("Account"), text);
    out_field(c, _("Role"), labels_text(LABELS_ROLE, (int)a->role, buf));
    snprintf(text, sizeof text, "%s %s", a->region_name, a->region_code);
    out_field(c, _("Region"), text);
    if (a->organ_code[0]) {
        snprintf(text, sizeof text, "%s %s", a->organ_name, a->organ_code);
        out_field(c, _("Organ"), text);
    }
}

int cmd_whoami(struct cli *c)
{
    char text[INSTANT_TEXT_MAX];
    Wangge__V1__WhoAmIRequest req = WANGGE__V1__WHO_AM_IREQUEST__INIT;
    struct channel_result r;
    int rc = cli_call(c, &methods_who_am_i, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__WhoAmIResponse *resp = (const Wangge__V1__WhoAmIResponse *)r.resp;
        if (c->json) {
            rc = out_json(c, r.resp);
        } else {
            cli_account_print(c, resp->account);
            out_field(c, _("Server"), c->config.server);
            out_field(c, _("Session until"), instant_format(instant_of(resp->expires_at), text));
        }
    }
    channel_result_fini(&r);
    return rc;
}
