/* SPDX-License-Identifier: MIT */
/* account disable, enable, sessions, end-sessions: who may come in, and who is in. */
#include <string.h>

#include "client/cli/account.h"
#include "client/cli/instant.h"
#include "client/cli/listing.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"

static int set_disabled(struct cli *c, bool disabled)
{
    Wangge__V1__SetAccountDisabledRequest req = WANGGE__V1__SET_ACCOUNT_DISABLED_REQUEST__INIT;
    struct channel_result r;
    req.login = (char *)c->opt.args[0];
    req.disabled = disabled;
    req.reason = (char *)options_get(&c->opt, OPTION_REASON, "");
    int rc = cli_call(c, &methods_set_account_disabled, &req.base, &r);
    if (rc == CLI_OK && c->json) {
        rc = out_json(c, r.resp);
    } else if (rc == CLI_OK && disabled) {
        int n = ((const Wangge__V1__SetAccountDisabledResponse *)r.resp)->sessions_ended;
        out_note(c, ngettext("%s is closed; %d session was ended.", "%s is closed; %d sessions were ended.", (unsigned long)n),
                 req.login, n);
    } else if (rc == CLI_OK) {
        out_note(c, _("%s is open again."), req.login);
    }
    channel_result_fini(&r);
    return rc;
}

/* Why an account is closed or opened stands in the audit. */
static int need_reason(struct cli *c)
{
    if (options_get(&c->opt, OPTION_REASON, "")[0])
        return CLI_OK;
    out_error(c, _("--%s is missing."), options_option_name(OPTION_REASON));
    return CLI_USAGE;
}

int cmd_account_disable(struct cli *c)
{
    char question[256];
    int rc = need_reason(c);
    snprintf(question, sizeof question, _("Close the account %s and end its sessions?"), c->opt.args[0]);
    if (rc == CLI_OK)
        rc = ask_confirm(c, question);
    return rc == CLI_OK ? set_disabled(c, true) : rc;
}

int cmd_account_enable(struct cli *c)
{
    int rc = need_reason(c);
    return rc == CLI_OK ? set_disabled(c, false) : rc;
}

static const struct listing_column columns[] = {
    {N_("Session"), false, false}, {N_("Login"), false, false}, {N_("Opened"), false, false}, {N_("Last seen"), false, false},
    {N_("Ends"), false, false},    {N_("From"), false, true},   {"", false, false},
};

static bool put_row(struct table *t, const ProtobufCMessage *item)
{
    const Wangge__V1__Session *s = (const Wangge__V1__Session *)item;
    char opened[INSTANT_TEXT_MAX], seen[INSTANT_TEXT_MAX], ends[INSTANT_TEXT_MAX];
    return table_cell(t, s->session_id) && table_cell(t, s->login) &&
           table_cell(t, instant_format(instant_of(s->created_at), opened)) &&
           table_cell(t, instant_format(instant_of(s->last_seen_at), seen)) &&
           table_cell(t, instant_format(instant_of(s->expires_at), ends)) && table_cell(t, s->peer) &&
           table_cell(t, s->current ? _("this one") : "");
}

int cmd_account_sessions(struct cli *c)
{
    Wangge__V1__ListSessionsRequest req = WANGGE__V1__LIST_SESSIONS_REQUEST__INIT;
    const struct listing l = {
        .method = &methods_list_sessions,
        .request = &req.base,
        .columns = columns,
        .n_columns = sizeof columns / sizeof *columns,
        .row = put_row,
        .none = _("There are no open sessions."),
    };
    if (c->opt.n_args)
        req.login = (char *)c->opt.args[0];
    return listing_run(c, &l);
}

int cmd_account_end_sessions(struct cli *c)
{
    Wangge__V1__EndSessionsRequest req = WANGGE__V1__END_SESSIONS_REQUEST__INIT;
    struct channel_result r;
    char question[256];
    if (c->opt.n_args)
        req.login = (char *)c->opt.args[0];
    req.session_id = (char *)options_get(&c->opt, OPTION_SESSION, "");
    if (req.session_id[0])
        snprintf(question, sizeof question, "%s", _("End this session?"));
    else if (req.login[0])
        snprintf(question, sizeof question, _("End all sessions of %s?"), req.login);
    else
        snprintf(question, sizeof question, "%s", _("End all your other sessions?"));
    int rc = ask_confirm(c, question);
    if (rc)
        return rc;
    rc = cli_call(c, &methods_end_sessions, &req.base, &r);
    if (rc == CLI_OK && c->json) {
        rc = out_json(c, r.resp);
    } else if (rc == CLI_OK) {
        int n = ((const Wangge__V1__EndSessionsResponse *)r.resp)->ended;
        out_note(c, ngettext("%d session was ended.", "%d sessions were ended.", (unsigned long)n), n);
    }
    channel_result_fini(&r);
    return rc;
}
