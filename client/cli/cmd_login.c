/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/h2/grpc.h"
#include "wangge/v1/account.pb-c.h"
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

/* Calls, and once more with a one-time code if the account has them. */
static int call_login(struct cli *c, Wangge__V1__LoginRequest *req, struct channel_result *r)
{
    char code[16] = "";
    int rc = cli_connect(c, false);
    if (rc)
        return rc;
    channel_call_wait(c->base, c->channel, &methods_login, &req->base, cli_timeout_ms(c), r);
    if (strcmp(r->status.reason, "TOTP_REQUIRED") == 0 && !options_has(&c->opt, OPTION_NO_INPUT) &&
        ask_secret(c, _("One-time code:"), code, sizeof code) && code[0]) {
        channel_result_fini(r);
        *r = (struct channel_result){0};
        req->totp_code = code;
        rc = cli_call(c, &methods_login, &req->base, r);
        explicit_bzero(code, sizeof code);
        return rc;
    }
    if (r->interrupted) {
        out_note(c, "%s", _("Interrupted."));
        return CLI_INTERRUPTED;
    }
    return r->status.code == GRPC_OK ? CLI_OK : cli_status(c, &r->status);
}

/* The password is a first one or too old: nothing goes on before it is changed. */
static int change_password(struct cli *c, const char *token, char *old)
{
    char fresh[1028] = "";
    Wangge__V1__ChangePasswordRequest req = WANGGE__V1__CHANGE_PASSWORD_REQUEST__INIT;
    struct channel_result r = {0};
    int rc = CLI_CANCELLED;
    out_note(c, "%s", _("Your password is a first one or too old: choose a new one."));
    if (options_has(&c->opt, OPTION_NO_INPUT) || !ask_secret(c, _("New password:"), fresh, sizeof fresh)) {
        out_error(c, "%s", _("The password was not changed; run wangge login on a terminal and choose a new one."));
    } else if ((rc = ask_again(c, fresh)) == CLI_OK && channel_set_token(c->channel, token)) {
        rc = CLI_FAILED;
    } else if (rc == CLI_OK) {
        req.old_password = old;
        req.new_password = fresh;
        rc = cli_call(c, &methods_change_password, &req.base, &r);
        channel_result_fini(&r);
    }
    explicit_bzero(fresh, sizeof fresh);
    return rc;
}

int cmd_login(struct cli *c)
{
    char login[260], password[1028];
    struct session fresh;
    struct err e;
    struct channel_result r = {0};
    int rc = read_login(c, login, sizeof login);
    if (rc == CLI_OK)
        rc = options_has(&c->opt, OPTION_PASSWORD_STDIN) ? ask_stdin_text(c, password, sizeof password)
                                                         : ask_password(c, _("Password:"), password, sizeof password);
    if (rc)
        return rc;
    c->has_session = false; /* an old token has no business in a login */
    Wangge__V1__LoginRequest req = WANGGE__V1__LOGIN_REQUEST__INIT;
    req.login = login;
    req.password = password;
    rc = call_login(c, &req, &r);
    if (rc == CLI_OK && ((const Wangge__V1__LoginResponse *)r.resp)->must_change_password)
        rc = change_password(c, ((const Wangge__V1__LoginResponse *)r.resp)->token, password);
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
