/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "wangge/v1/auth.pb-c.h"

static int read_login(struct cli *c, char *out, size_t size)
{
    const char *login = options_get(&c->opt, OPTION_USER, c->config.login);
    if (login[0]) {
        snprintf(out, size, "%s", login);
        return CLI_OK;
    }
    if (!c->may_ask) {
        out_error(c, "%s", _("Which account? Give --user."));
        return CLI_USAGE;
    }
    return ask_line(c, _("Account:"), out, size) && out[0] ? CLI_OK : CLI_CANCELLED;
}

static int read_password(struct cli *c, char *out, size_t size)
{
    if (options_has(&c->opt, OPTION_PASSWORD_STDIN))
        return ask_stdin_text(c, out, size);
    if (options_has(&c->opt, OPTION_NO_INPUT)) {
        out_error(c, "%s", _("Give the password with --password-stdin."));
        return CLI_USAGE;
    }
    if (ask_secret(c, _("Password:"), out, size))
        return out[0] ? CLI_OK : CLI_CANCELLED;
    if (c->interrupted)
        return CLI_INTERRUPTED;
    out_error(c, "%s", _("There is no terminal to ask for the password. Use --password-stdin."));
    return CLI_USAGE;
}

int cmd_login(struct cli *c)
{
    char login[260], password[1028];
    struct session fresh;
    struct err e;
    struct channel_result r = {0};
    int rc = read_login(c, login, sizeof login);
    if (rc == CLI_OK)
        rc = read_password(c, password, sizeof password);
    if (rc)
        return rc;
    c->has_session = false; /* an old token has no business in a login */
    Wangge__V1__LoginRequest req = WANGGE__V1__LOGIN_REQUEST__INIT;
    req.login = login;
    req.password = password;
    rc = cli_call(c, &methods_login, &req.base, &r);
    explicit_bzero(password, sizeof password);
    if (rc == CLI_OK) {
        const Wangge__V1__LoginResponse *resp = (const Wangge__V1__LoginResponse *)r.resp;
        if (session_from_login(resp, c->config.server, &fresh, &e) || session_save(&fresh, &e)) {
            rc = cli_error(c, &e);
        } else if (!c->json) {
            cli_account_print(c, resp->account);
            out_field(c, _("Server"), c->config.server);
        } else if (resp->account) {
            rc = out_json(c, &resp->account->base); /* never the token */
        }
        explicit_bzero(&fresh, sizeof fresh);
    }
    channel_result_fini(&r);
    return rc;
}
