/* SPDX-License-Identifier: MIT */
/* Passwords for others: made up here, or typed by somebody. None of them ever stands on a command line. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "client/cli/account.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"

enum { LENGTH_MAX = 128 };

static const char letters[] = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/* Each letter as likely as every other. */
static char pick(void)
{
    enum { N = sizeof letters - 1, FAIR = 256 / N * N };
    unsigned char byte;
    do {
        if (getrandom(&byte, 1, 0) != 1)
            abort(); /* cannot happen for one byte once the pool is up (getrandom(2)) */
    } while (byte >= FAIR);
    return letters[byte % N];
}

static bool has_of(const char *password, char from, char to)
{
    for (const char *p = password; *p; p++)
        if (*p >= from && *p <= to)
            return true;
    return false;
}

void account_password_make(int min_length, char out[ACCOUNT_PASSWORD_SIZE])
{
    int groups = ACCOUNT_LETTERS / ACCOUNT_GROUP;
    while (groups * (ACCOUNT_GROUP + 1) - 1 < min_length && groups * (ACCOUNT_GROUP + 1) < LENGTH_MAX)
        groups++;
    do {
        int n = 0;
        for (int g = 0; g < groups; g++) {
            if (g)
                out[n++] = '-';
            for (int i = 0; i < ACCOUNT_GROUP && n < LENGTH_MAX; i++)
                out[n++] = pick();
        }
        out[n] = '\0';
    } while (!has_of(out, 'a', 'z') || !has_of(out, 'A', 'Z') || !has_of(out, '0', '9'));
}

static int make_by_policy(struct cli *c, char out[ACCOUNT_PASSWORD_SIZE])
{
    Wangge__V1__GetPasswordPolicyRequest req = WANGGE__V1__GET_PASSWORD_POLICY_REQUEST__INIT;
    struct channel_result r;
    int rc = cli_call(c, &methods_get_password_policy, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__PasswordPolicy *p = ((const Wangge__V1__GetPasswordPolicyResponse *)r.resp)->policy;
        account_password_make(p ? p->min_length : 0, out);
    }
    channel_result_fini(&r);
    return rc;
}

int account_password_take(struct cli *c, char out[ACCOUNT_PASSWORD_SIZE])
{
    bool from_stdin = options_has(&c->opt, OPTION_PASSWORD_STDIN), generate = options_has(&c->opt, OPTION_GENERATE);
    if (from_stdin && generate) {
        out_error(c, "%s", _("Give either --generate or --password-stdin."));
        return CLI_USAGE;
    }
    if (generate)
        return make_by_policy(c, out);
    if (from_stdin)
        return ask_stdin_text(c, out, ACCOUNT_PASSWORD_SIZE);
    int rc = ask_password(c, _("New password:"), out, ACCOUNT_PASSWORD_SIZE);
    return rc == CLI_OK ? ask_again(c, out) : rc;
}

int account_password_put(struct cli *c, const char *login, const char *password, bool keep)
{
    Wangge__V1__LoginRequest who = WANGGE__V1__LOGIN_REQUEST__INIT;
    int rc = CLI_OK;
    who.login = (char *)login;
    who.password = (char *)password;
    if (c->json)
        rc = out_json(c, &who.base);
    else
        out_printf(c, "%s\n", password);
    out_note(c, "%s",
             keep ? _("The password is shown this once.")
                  : _("The password is shown this once; it must be changed at the next login."));
    return rc;
}

void account_password_hint(struct cli *c, const struct channel_result *r)
{
    for (size_t i = 0; i < r->status.n_violations; i++) {
        if (strcmp(r->status.violations[i].field, "password") == 0 ||
            strcmp(r->status.violations[i].field, "new_password") == 0) {
            out_note(c, "  %s", _("The rules for passwords: wangge account policy"));
            return;
        }
    }
}
