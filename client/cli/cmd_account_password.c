/* SPDX-License-Identifier: MIT */
/* account reset-password, passwd, policy: passwords and their rules. */
#include <string.h>

#include "client/cli/account.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"

int cmd_account_reset(struct cli *c)
{
    Wangge__V1__ResetPasswordRequest req = WANGGE__V1__RESET_PASSWORD_REQUEST__INIT;
    struct channel_result r = {0};
    char password[ACCOUNT_PASSWORD_SIZE] = "", question[256];
    snprintf(question, sizeof question, _("Set a first password for %s and end its sessions?"), c->opt.args[0]);
    int rc = ask_confirm(c, question);
    if (rc == CLI_OK)
        rc = account_password_take(c, password);
    if (rc == CLI_OK) {
        req.login = (char *)c->opt.args[0];
        req.password = password;
        req.remove_totp = options_has(&c->opt, OPTION_REMOVE_TOTP);
        rc = cli_call(c, &methods_reset_password, &req.base, &r);
        if (rc != CLI_OK)
            account_password_hint(c, &r);
    }
    if (rc == CLI_OK) {
        int n = ((const Wangge__V1__ResetPasswordResponse *)r.resp)->sessions_ended;
        out_note(c,
                 ngettext("%s has a first password now; %d session was ended.",
                          "%s has a first password now; %d sessions were ended.", (unsigned long)n),
                 req.login, n);
        if (options_has(&c->opt, OPTION_GENERATE))
            rc = account_password_put(c, req.login, password, false);
        else if (c->json)
            rc = out_json(c, r.resp);
    }
    channel_result_fini(&r);
    explicit_bzero(password, sizeof password);
    return rc;
}

/* The old one and the new one, each on a line of its own. */
static int read_both(struct cli *c, char *old, char *fresh)
{
    char both[2 * ACCOUNT_PASSWORD_SIZE] = "";
    int rc = ask_stdin_text(c, both, sizeof both);
    char *cut = strchr(both, '\n');
    if (rc == CLI_OK && (!cut || cut - both >= ACCOUNT_PASSWORD_SIZE - 1 || strlen(cut + 1) >= ACCOUNT_PASSWORD_SIZE)) {
        out_error(c, "%s", _("Standard input must hold the old password on its first line and the new one on its second."));
        rc = CLI_USAGE;
    }
    if (rc == CLI_OK) {
        *cut = '\0';
        if (cut > both && cut[-1] == '\r')
            cut[-1] = '\0';
        memcpy(old, both, strlen(both) + 1); /* both fit: see above */
        memcpy(fresh, cut + 1, strlen(cut + 1) + 1);
    }
    explicit_bzero(both, sizeof both);
    return rc;
}

int cmd_account_passwd(struct cli *c)
{
    Wangge__V1__ChangePasswordRequest req = WANGGE__V1__CHANGE_PASSWORD_REQUEST__INIT;
    struct channel_result r = {0};
    char old[ACCOUNT_PASSWORD_SIZE] = "", fresh[ACCOUNT_PASSWORD_SIZE] = "";
    int rc;
    if (options_has(&c->opt, OPTION_PASSWORD_STDIN)) {
        rc = read_both(c, old, fresh);
    } else {
        rc = ask_password(c, _("Old password:"), old, sizeof old);
        if (rc == CLI_OK)
            rc = ask_password(c, _("New password:"), fresh, sizeof fresh);
        if (rc == CLI_OK)
            rc = ask_again(c, fresh);
    }
    if (rc == CLI_OK) {
        req.old_password = old;
        req.new_password = fresh;
        rc = cli_call(c, &methods_change_password, &req.base, &r);
        if (rc == CLI_OK)
            out_note(c, "%s", _("The password is changed; your other sessions were ended."));
        else
            account_password_hint(c, &r);
    }
    channel_result_fini(&r);
    explicit_bzero(old, sizeof old);
    explicit_bzero(fresh, sizeof fresh);
    return rc;
}

static void put_number(struct cli *c, const char *name, int value)
{
    char text[16];
    snprintf(text, sizeof text, "%d", value);
    out_field(c, name, text);
}

static int put_policy(struct cli *c, const Wangge__V1__PasswordPolicy *p)
{
    if (!p)
        return CLI_FAILED;
    if (c->json)
        return out_json(c, &p->base);
    put_number(c, _("Least length"), p->min_length);
    put_number(c, _("Kinds of characters"), p->min_classes);
    out_field(c, _("Common passwords"), p->refuse_common ? _("refused") : _("allowed"));
    if (p->max_age_days)
        put_number(c, _("Days until changed"), p->max_age_days);
    else
        out_field(c, _("Days until changed"), _("never"));
    put_number(c, _("Earlier ones refused"), p->history);
    return CLI_OK;
}

int cmd_account_policy(struct cli *c)
{
    Wangge__V1__GetPasswordPolicyRequest req = WANGGE__V1__GET_PASSWORD_POLICY_REQUEST__INIT;
    struct channel_result r;
    if (c->opt.n_args && strcmp(c->opt.args[0], "show") != 0) {
        out_error(c, _("\"%s\" is neither show nor set."), c->opt.args[0]);
        return CLI_USAGE;
    }
    int rc = cli_call(c, &methods_get_password_policy, &req.base, &r);
    if (rc == CLI_OK)
        rc = put_policy(c, ((const Wangge__V1__GetPasswordPolicyResponse *)r.resp)->policy);
    channel_result_fini(&r);
    return rc;
}

static int take_number(struct cli *c, enum options_option opt, long min, long max, int32_t *ret)
{
    struct err e;
    long n;
    if (options_number(&c->opt, opt, min, max, *ret, &n, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    *ret = (int32_t)n;
    return CLI_OK;
}

/* Puts what was given over what is in force. */
static int change_policy(struct cli *c, Wangge__V1__PasswordPolicy *p)
{
    const char *common = options_get(&c->opt, OPTION_COMMON, NULL);
    int rc = take_number(c, OPTION_MIN_LENGTH, 8, 128, &p->min_length);
    if (rc == CLI_OK)
        rc = take_number(c, OPTION_MIN_CLASSES, 1, 4, &p->min_classes);
    if (rc == CLI_OK)
        rc = take_number(c, OPTION_MAX_AGE, 0, INT32_MAX, &p->max_age_days);
    if (rc == CLI_OK)
        rc = take_number(c, OPTION_HISTORY, 0, 24, &p->history);
    if (rc == CLI_OK && common && strcmp(common, "refuse") != 0 && strcmp(common, "allow") != 0) {
        out_error(c, _("--%s: \"%s\" is none of %s."), options_option_name(OPTION_COMMON), common, "refuse, allow");
        rc = CLI_USAGE;
    }
    if (common)
        p->refuse_common = strcmp(common, "refuse") == 0;
    return rc;
}

int cmd_account_policy_set(struct cli *c)
{
    static const enum options_option any_of[] = {OPTION_MIN_LENGTH, OPTION_MIN_CLASSES, OPTION_COMMON, OPTION_MAX_AGE,
                                                 OPTION_HISTORY};
    Wangge__V1__GetPasswordPolicyRequest get = WANGGE__V1__GET_PASSWORD_POLICY_REQUEST__INIT;
    Wangge__V1__SetPasswordPolicyRequest set = WANGGE__V1__SET_PASSWORD_POLICY_REQUEST__INIT;
    Wangge__V1__PasswordPolicy policy = WANGGE__V1__PASSWORD_POLICY__INIT;
    struct channel_result r;
    bool any = false;
    for (size_t i = 0; i < sizeof any_of / sizeof *any_of; i++)
        any |= options_has(&c->opt, any_of[i]);
    if (!any) {
        out_error(c, "%s", _("Say what to change: --min-length, --min-classes, --common, --max-age, --history."));
        return CLI_USAGE;
    }
    int rc = cli_call(c, &methods_get_password_policy, &get.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__PasswordPolicy *now = ((const Wangge__V1__GetPasswordPolicyResponse *)r.resp)->policy;
        if (now)
            policy = *now; /* numbers and flags only: nothing of it is the answer's */
        policy.base.unknown_fields = NULL;
        policy.base.n_unknown_fields = 0;
        rc = change_policy(c, &policy);
    }
    channel_result_fini(&r);
    if (rc)
        return rc;
    set.policy = &policy;
    rc = cli_call(c, &methods_set_password_policy, &set.base, &r);
    channel_result_fini(&r);
    return rc == CLI_OK ? put_policy(c, &policy) : rc;
}
