/* SPDX-License-Identifier: MIT */
/* account totp: one-time passwords for oneself (RFC 6238). */
#include <string.h>

#include "client/cli/account.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"

enum { CODE_SIZE = 32 };

static int take_code(struct cli *c, char code[CODE_SIZE])
{
    const char *given = options_get(&c->opt, OPTION_CODE, NULL);
    if (given && strcmp(given, "-") == 0)
        return ask_stdin_text(c, code, CODE_SIZE);
    if (given) {
        snprintf(code, CODE_SIZE, "%s", given);
        return CLI_OK;
    }
    if (!c->may_ask) {
        out_error(c, "%s", _("Nobody can be asked here: give the code with --code."));
        return CLI_USAGE;
    }
    if (ask_line(c, _("One-time code:"), code, CODE_SIZE) && code[0])
        return CLI_OK;
    return c->interrupted ? CLI_INTERRUPTED : CLI_CANCELLED;
}

static int begin(struct cli *c)
{
    Wangge__V1__BeginTotpRequest req = WANGGE__V1__BEGIN_TOTP_REQUEST__INIT;
    struct channel_result r;
    int rc = cli_call(c, &methods_begin_totp, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__BeginTotpResponse *made = (const Wangge__V1__BeginTotpResponse *)r.resp;
        if (c->json) {
            rc = out_json(c, r.resp);
        } else {
            out_printf(c, "%s\n%s\n", made->secret, made->uri);
            out_note(c, "%s", _("Put the secret or the address into an authenticator; both are shown this once."));
        }
    }
    channel_result_fini(&r);
    return rc;
}

static int confirm(struct cli *c, bool remove)
{
    Wangge__V1__ConfirmTotpRequest req = WANGGE__V1__CONFIRM_TOTP_REQUEST__INIT;
    struct channel_result r = {0};
    char code[CODE_SIZE] = "";
    int rc = take_code(c, code);
    if (rc == CLI_OK) {
        req.code = code;
        req.remove = remove;
        rc = cli_call(c, &methods_confirm_totp, &req.base, &r);
        channel_result_fini(&r);
    }
    if (rc == CLI_OK)
        out_note(c, "%s",
                 remove ? _("Logins need no one-time code any more.") : _("From now on a login needs a one-time code."));
    explicit_bzero(code, sizeof code);
    return rc;
}

int cmd_account_totp(struct cli *c)
{
    const char *step = c->opt.n_args ? c->opt.args[0] : "";
    if (strcmp(step, "begin") == 0)
        return begin(c);
    if (strcmp(step, "confirm") == 0 || strcmp(step, "remove") == 0)
        return confirm(c, step[0] == 'r');
    if (step[0]) {
        out_error(c, _("\"%s\" is none of begin, confirm, remove."), step);
        return CLI_USAGE;
    }
    if (!c->may_ask) {
        out_error(c, "%s", _("Nobody can be asked here: use totp begin, then totp confirm --code CODE."));
        return CLI_USAGE;
    }
    int rc = begin(c);
    return rc == CLI_OK ? confirm(c, false) : rc;
}
