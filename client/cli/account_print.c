/* SPDX-License-Identifier: MIT */
/* An account in words. */
#include <string.h>

#include "client/cli/account.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"

static void add(char *out, size_t size, const char *words)
{
    size_t at = strlen(out);
    snprintf(out + at, size - at, "%s%s", at ? ", " : "", words);
}

char *account_state(const Wangge__V1__AccountDetail *d, char *out, size_t size)
{
    char when[INSTANT_TEXT_MAX], locked[128];
    usec_t until = instant_of(d->locked_until);
    out[0] = '\0';
    if (d->disabled)
        add(out, size, _("disabled"));
    if (until != USEC_NONE && until > cli_now()) {
        snprintf(locked, sizeof locked, _("locked until %s"), instant_format(until, when));
        add(out, size, locked);
    }
    if (d->must_change_password)
        add(out, size, _("must change the password"));
    if (d->totp)
        add(out, size, _("one-time passwords"));
    return out;
}

char *account_place(const char *name, const char *code, char *out, size_t size)
{
    if (name[0] && code[0])
        snprintf(out, size, "%s (%s)", name, code);
    else
        snprintf(out, size, "%s", name[0] ? name : code);
    return out;
}

static void put_time(struct cli *c, const char *name, const Google__Protobuf__Timestamp *ts)
{
    char when[INSTANT_TEXT_MAX];
    if (ts)
        out_field(c, name, instant_format(instant_of(ts), when));
}

void account_print(struct cli *c, const Wangge__V1__AccountDetail *d)
{
    char text[512];
    cli_account_print(c, d->account);
    if (d->source_code[0])
        out_field(c, _("Source"), d->source_code);
    if (d->person_code[0])
        out_field(c, _("Staff number"), d->person_code);
    if (account_state(d, text, sizeof text)[0])
        out_field(c, _("State"), text);
    put_time(c, _("Made"), d->created_at);
    put_time(c, _("Password set"), d->password_changed_at);
    put_time(c, _("Last login"), d->last_login_at);
    snprintf(text, sizeof text, "%d", d->sessions);
    out_field(c, _("Sessions"), text);
}
