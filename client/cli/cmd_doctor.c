/* SPDX-License-Identifier: MIT */
/* Checks what usually goes wrong, one line each: what was looked at, what was found, what to do about it. */
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/cli.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/paths.h"
#include "client/rpc/methods.h"
#include "common/h2/grpc.h"

#define SKEW_LIMIT (5 * 60 * USEC_PER_SEC)

struct findings {
    struct cli *c;
    bool bad;
    int code; /* the exit code that fits best */
};

static void found(struct findings *f, bool fine, const char *what, const char *fmt, ...) PRINTF_LIKE(4, 5);

static void found(struct findings *f, bool fine, const char *what, const char *fmt, ...)
{
    enum { COLUMN = 12 };
    char text[1024], clean[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    table_clean(text, false, clean, sizeof clean);
    int pad = COLUMN - table_width(what);
    out_printf(f->c, "[%s] %s%*s %s\n", fine ? "ok" : "!!", what, pad > 0 ? pad : 0, "", clean);
    if (!fine)
        f->bad = true;
}

static void check_locale(struct findings *f)
{
    const char *now = setlocale(LC_CTYPE, NULL);
    found(f, true, _("Locale"),
          i18n_locale_replaced() ? _("%s (%s) stands in for one that does not work here; language %s") : "%s (%s), %s", now,
          nl_langinfo(CODESET), i18n_language());
    const char *term = getenv("TERM");
    if (!isatty(STDOUT_FILENO))
        found(f, true, _("Terminal"), "%s", _("standard output is not one"));
    else if (!term || !*term || strcmp(term, "dumb") == 0)
        found(f, false, _("Terminal"), "%s",
              _("TERM is not set; the terminal interface needs it, for example TERM=xterm-256color"));
    else if (i18n_console_without_chinese())
        found(f, true, _("Terminal"),
              _("%s has no Chinese characters, so texts are in English; use a graphical terminal or fbterm"), term);
    else
        found(f, true, _("Terminal"), _("%s, %d columns"), term, f->c->width);
}

static void check_config(struct findings *f)
{
    char path[PATH_MAX], value[CONFIG_TEXT_MAX];
    struct err e;
    if (paths_of(PATHS_CONFIG, "config", path, &e))
        found(f, false, _("Settings"), "%s", e.text);
    else
        found(f, true, _("Settings"), "%s%s", path, access(path, R_OK) == 0 ? "" : _(" (none, defaults hold)"));
    client_config_get(&f->c->config, CONFIG_SERVER, value, sizeof value);
    found(f, true, _("Target"), "%s, %s", value,
          client_config_tls(&f->c->config) ? "TLS" : _("clear text (on this machine, or because you said so)"));
}

static void check_skew(struct findings *f, const Wangge__V1__WhoAmIResponse *r, usec_t sent, usec_t got)
{
    usec_t server = instant_of(r->server_time);
    if (server == USEC_NONE)
        return;
    usec_t skew = (sent + got) / 2 - server;
    usec_t size = skew < 0 ? -skew : skew;
    if (size < USEC_PER_SEC / 20)
        skew = 0; /* below what is printed, and less than the answer took */
    if (size < SKEW_LIMIT)
        found(f, true, _("Clock"), _("%+.1f s against the server"), (double)skew / (double)USEC_PER_SEC);
    else
        found(f, false, _("Clock"), _("%+.0f s against the server; times you enter may be refused. Set this machine's clock."),
              (double)skew / (double)USEC_PER_SEC);
}

static void check_server(struct findings *f)
{
    struct cli *c = f->c;
    char when[INSTANT_TEXT_MAX];
    struct channel_result r = {0};
    Wangge__V1__WhoAmIRequest req = WANGGE__V1__WHO_AM_IREQUEST__INIT;
    f->code = cli_connect(c, false);
    if (f->code) {
        f->bad = true;
        return;
    }
    usec_t sent = cli_now();
    channel_call_wait(c->base, c->channel, &methods_who_am_i, &req.base, cli_timeout_ms(c), &r);
    usec_t got = cli_now();
    switch (r.status.code) {
    case GRPC_OK: {
        const Wangge__V1__WhoAmIResponse *me = (const Wangge__V1__WhoAmIResponse *)r.resp;
        found(f, true, _("Server"), _("wangged %s, answered in %lld ms"), me->server_version, (long long)((got - sent) / 1000));
        check_skew(f, me, sent, got);
        found(f, true, _("Session"), _("%s, until %s"), me->account ? me->account->login : "?",
              instant_format(instant_of(me->expires_at), when));
        break;
    }
    case GRPC_UNAUTHENTICATED:
        found(f, true, _("Server"), _("answered in %lld ms"), (long long)((got - sent) / 1000));
        found(f, false, _("Session"), "%s", c->has_session ? _("has ended. Run: wangge login") : _("none. Run: wangge login"));
        f->code = CLI_AUTH;
        break;
    default:
        found(f, false, _("Server"), "%s", r.status.message[0] ? r.status.message : status_hint(r.status.code));
        f->code = r.interrupted ? CLI_INTERRUPTED : cli_exit_of(r.status.code);
    }
    channel_result_fini(&r);
}

static void check_outbox(struct findings *f)
{
    struct outbox_counts n;
    struct err e;
    if (!f->c->session.login[0])
        return;
    if (cli_open_outbox(f->c) || outbox_counts(f->c->outbox, &n, &e)) {
        found(f, false, C_("doctor", "Outbox"), "%s", _("cannot be used, see above"));
        return;
    }
    found(f, n.attention == 0, C_("doctor", "Outbox"),
          _("%lld to send, %lld for you to look at, %lld drafts, %lld of other accounts"), (long long)n.unsent,
          (long long)n.attention, (long long)n.drafts, (long long)n.others);
}

int cmd_doctor(struct cli *c)
{
    struct findings f = {.c = c};
    check_locale(&f);
    check_config(&f);
    check_server(&f);
    check_outbox(&f);
    if (!f.bad)
        return CLI_OK;
    return f.code ? f.code : CLI_FAILED;
}
