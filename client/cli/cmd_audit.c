/* SPDX-License-Identifier: MIT */
/* audit: who saw personal data, who was refused, what administrators did. */
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/instant.h"
#include "client/cli/listing.h"
#include "client/cli/option_value.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "wangge/v1/audit.pb-c.h"

static const struct listing_column columns[] = {
    {N_("When"), false, false}, {N_("Kind"), false, false}, {N_("Who"), false, false}, {N_("Call"), false, false},
    {N_("About"), false, true}, {N_("Rule"), false, false}, {N_("Text"), false, true}, {N_("From"), false, true},
};

static bool put_row(struct table *t, const ProtobufCMessage *item)
{
    const Wangge__V1__AuditRow *row = (const Wangge__V1__AuditRow *)item;
    char when[INSTANT_TEXT_MAX], kind[LABELS_WORD_MAX], text[2048];
    table_clean(row->text, false, text, sizeof text);
    return table_cell(t, instant_format(instant_of(row->at), when)) &&
           table_cell(t, labels_text(LABELS_AUDIT, (int)row->kind, kind)) && table_cell(t, row->login) &&
           table_cell(t, row->call) && table_cell(t, row->object) && table_cell(t, row->rule) && table_cell(t, text) &&
           table_cell(t, row->peer);
}

int cmd_audit(struct cli *c)
{
    Wangge__V1__ListAuditRequest req = WANGGE__V1__LIST_AUDIT_REQUEST__INIT;
    Google__Protobuf__Timestamp from, to;
    const struct listing l = {
        .method = &methods_list_audit,
        .request = &req.base,
        .page_size = &req.page_size,
        .page_token = &req.page_token,
        .columns = columns,
        .n_columns = sizeof columns / sizeof *columns,
        .row = put_row,
        .none = _("Nothing was recorded."),
    };
    int kind = 0;
    int rc = option_word(c, OPTION_KIND, LABELS_AUDIT, &kind);
    if (rc == CLI_OK)
        rc = option_day(c, OPTION_FROM, 0, &from, &req.from);
    if (rc == CLI_OK)
        rc = option_day(c, OPTION_TO, 1, &to, &req.to);
    if (rc)
        return rc;
    req.kind = (Wangge__V1__AuditKind)kind;
    req.login = (char *)options_get(&c->opt, OPTION_ACCOUNT, "");
    req.object = (char *)options_get(&c->opt, OPTION_OBJECT, "");
    req.rule = (char *)options_get(&c->opt, OPTION_RULE, "");
    return listing_run(c, &l);
}
