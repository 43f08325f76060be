/* SPDX-License-Identifier: MIT */
/* account list, show, new, update: who there is. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/account.h"
#include "client/cli/instant.h"
#include "client/cli/listing.h"
#include "client/cli/option_value.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "wangge/v1/directory.pb-c.h"

enum { TEXT_CHARS = 40, PLACE_SIZE = 256 };

static const struct listing_column columns[] = {
    {N_("Login"), false, false}, {N_("Name"), false, true},  {N_("Role"), false, true},     {N_("Region"), false, true},
    {N_("Organ"), false, true},  {N_("State"), false, true}, {N_("Sessions"), true, false}, {N_("Last login"), false, false},
};

static bool put_row(struct table *t, const ProtobufCMessage *item)
{
    const Wangge__V1__AccountDetail *d = (const Wangge__V1__AccountDetail *)item;
    static const Wangge__V1__Account nobody = WANGGE__V1__ACCOUNT__INIT;
    const Wangge__V1__Account *a = d->account ? d->account : &nobody;
    char role[LABELS_WORD_MAX], when[INSTANT_TEXT_MAX], state[PLACE_SIZE], region[PLACE_SIZE], organ[PLACE_SIZE], n[16];
    snprintf(n, sizeof n, "%d", d->sessions);
    return table_cell(t, a->login) && table_cell(t, a->name) && table_cell(t, labels_text(LABELS_ROLE, (int)a->role, role)) &&
           table_cell(t, account_place(a->region_name, a->region_code, region, sizeof region)) &&
           table_cell(t, account_place(a->organ_name, a->organ_code, organ, sizeof organ)) &&
           table_cell(t, account_state(d, state, sizeof state)) && table_cell(t, n) &&
           table_cell(t, instant_format(instant_of(d->last_login_at), when));
}

int cmd_account_list(struct cli *c)
{
    Wangge__V1__ListAccountsRequest req = WANGGE__V1__LIST_ACCOUNTS_REQUEST__INIT;
    const struct listing l = {
        .method = &methods_list_accounts,
        .request = &req.base,
        .page_size = &req.page_size,
        .page_token = &req.page_token,
        .columns = columns,
        .n_columns = sizeof columns / sizeof *columns,
        .row = put_row,
        .none = _("No account matches."),
    };
    int role = 0;
    int rc = option_word(c, OPTION_ROLE, LABELS_ROLE, &role);
    req.role = (Wangge__V1__Role)role;
    req.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    req.text = (char *)options_get(&c->opt, OPTION_FIND, "");
    return rc == CLI_OK ? listing_run(c, &l) : rc;
}

/* The account of exactly this login among a page. */
static const Wangge__V1__AccountDetail *find_login(const Wangge__V1__ListAccountsResponse *page, const char *login)
{
    for (size_t i = 0; i < page->n_accounts; i++)
        if (page->accounts[i]->account && strcmp(page->accounts[i]->account->login, login) == 0)
            return page->accounts[i];
    return NULL;
}

int cmd_account_show(struct cli *c)
{
    const char *login = c->opt.args[0];
    char text[TEXT_CHARS * 4 + 1] = "", token[1024] = "";
    bool found = false;
    int rc;
    /* The server finds a part of a login, of at most so many characters. */
    size_t used = 0, len = strlen(login);
    for (int chars = 0; chars < TEXT_CHARS && used < len; chars++) {
        uint32_t cp;
        used += text_decode(login + used, len - used, &cp);
    }
    snprintf(text, sizeof text, "%.*s", (int)used, login);
    do {
        struct channel_result r;
        Wangge__V1__ListAccountsRequest req = WANGGE__V1__LIST_ACCOUNTS_REQUEST__INIT;
        req.text = text;
        req.page_size = 500;
        req.page_token = token;
        rc = cli_call(c, &methods_list_accounts, &req.base, &r);
        if (rc == CLI_OK) {
            const Wangge__V1__ListAccountsResponse *page = (const Wangge__V1__ListAccountsResponse *)r.resp;
            const Wangge__V1__AccountDetail *d = find_login(page, login);
            found = d != NULL;
            if (found && c->json)
                rc = out_json(c, &d->base);
            else if (found)
                account_print(c, d);
            if (!text_copy(token, sizeof token, page->next_page_token))
                token[0] = '\0';
        }
        channel_result_fini(&r);
    } while (rc == CLI_OK && !found && token[0]);
    if (rc == CLI_OK && !found) {
        out_error(c, _("There is no account \"%s\". \"wangge account list\" shows those there are."), login);
        return CLI_NOT_FOUND;
    }
    return rc;
}

/* A service account speaks with tokens; its password is made up and known to nobody. */
static bool is_silent(const struct cli *c, int role)
{
    return role == WANGGE__V1__ROLE__ROLE_INTEGRATION && !options_has(&c->opt, OPTION_GENERATE) &&
           !options_has(&c->opt, OPTION_PASSWORD_STDIN);
}

static int check_new(struct cli *c, int *role)
{
    static const enum options_option needed[] = {OPTION_NAME, OPTION_ROLE};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!options_has(&c->opt, needed[i])) {
            out_error(c, _("--%s is missing."), options_option_name(needed[i]));
            return CLI_USAGE;
        }
    }
    return option_word(c, OPTION_ROLE, LABELS_ROLE, role);
}

static void tell_new(struct cli *c, bool silent)
{
    const char *login = c->opt.args[0];
    out_note(c, _("Account %s is made."), login);
    if (silent)
        out_note(c, _("Nobody knows its password. Give it a token: wangge account token new %s --label TEXT"), login);
}

int cmd_account_new(struct cli *c)
{
    Wangge__V1__CreateAccountRequest req = WANGGE__V1__CREATE_ACCOUNT_REQUEST__INIT;
    struct channel_result r = {0};
    char password[ACCOUNT_PASSWORD_SIZE] = "";
    int role = 0;
    int rc = check_new(c, &role);
    bool silent = is_silent(c, role), generated = options_has(&c->opt, OPTION_GENERATE);
    if (rc == CLI_OK && silent)
        account_password_make(ACCOUNT_LETTERS, password);
    else if (rc == CLI_OK)
        rc = account_password_take(c, password);
    if (rc == CLI_OK) {
        req.login = (char *)c->opt.args[0];
        req.name = (char *)options_get(&c->opt, OPTION_NAME, "");
        req.role = (Wangge__V1__Role)role;
        req.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
        req.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
        req.source_code = (char *)options_get(&c->opt, OPTION_SOURCE, "");
        req.person_code = (char *)options_get(&c->opt, OPTION_STAFF, "");
        req.keep_password = options_has(&c->opt, OPTION_KEEP_PASSWORD);
        req.password = password;
        rc = cli_call(c, &methods_create_account, &req.base, &r);
    }
    if (rc == CLI_OK) {
        tell_new(c, silent);
        if (generated)
            rc = account_password_put(c, req.login, password, req.keep_password);
        else if (c->json)
            rc = out_json(c, r.resp);
    } else {
        account_password_hint(c, &r);
    }
    channel_result_fini(&r);
    explicit_bzero(password, sizeof password);
    return rc;
}

int cmd_account_update(struct cli *c)
{
    static const enum options_option any_of[] = {OPTION_NAME,  OPTION_ROLE,   OPTION_REGION,
                                                 OPTION_ORGAN, OPTION_SOURCE, OPTION_STAFF};
    Wangge__V1__UpdateAccountRequest req = WANGGE__V1__UPDATE_ACCOUNT_REQUEST__INIT;
    struct channel_result r = {0};
    bool any = false;
    int role = 0;
    for (size_t i = 0; i < sizeof any_of / sizeof *any_of; i++)
        any |= options_has(&c->opt, any_of[i]);
    if (!any) {
        out_error(c, "%s", _("Say what to change: --name, --role, --region, --organ, --source, --staff."));
        return CLI_USAGE;
    }
    int rc = option_word(c, OPTION_ROLE, LABELS_ROLE, &role);
    if (rc)
        return rc;
    req.login = (char *)c->opt.args[0];
    req.name = (char *)options_get(&c->opt, OPTION_NAME, "");
    req.role = (Wangge__V1__Role)role;
    req.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    req.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    req.source_code = (char *)options_get(&c->opt, OPTION_SOURCE, "");
    req.person_code = (char *)options_get(&c->opt, OPTION_STAFF, "");
    rc = cli_call(c, &methods_update_account, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__AccountDetail *d = ((const Wangge__V1__UpdateAccountResponse *)r.resp)->account;
        if (d && c->json)
            rc = out_json(c, &d->base);
        else if (d)
            account_print(c, d);
    }
    channel_result_fini(&r);
    return rc;
}
