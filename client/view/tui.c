/* SPDX-License-Identifier: MIT */
/* Puts the client together: settings, session, store, connection, terminal, app; then runs the loop. See tui.h. */
#include "client/view/tui.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/paths.h"
#include "client/outbox/outbox_pump.h"
#include "client/view/app.h"
#include "common/base/text.h"

enum { RENDER_WAIT_MS = 5000 };

struct tui {
    struct event_base *base;
    struct channel *channel;
    struct outbox *outbox;
    struct outbox_pump *pump;
    struct app *app;
    struct err outbox_error; /* why there is no outbox */
};

static void on_entry(void *arg, const struct outbox_entry *entry, const struct status_info *status)
{
    app_on_outbox(((struct tui *)arg)->app);
}

static void on_login_needed(void *arg)
{
    struct tui *t = arg;
    if (t->app->logged_in)
        app_need_login(t->app);
}

static void on_outbox_error(void *arg, const struct err *why)
{
    app_toast(((struct tui *)arg)->app, "%s", why->text);
}

static void kick(void *arg)
{
    struct tui *t = arg;
    if (t->pump)
        outbox_pump_kick(t->pump);
}

static void close_all(struct tui *t)
{
    app_destroy(t->app);
    outbox_pump_destroy(t->pump);
    channel_destroy(t->channel);
    outbox_close(t->outbox);
    if (t->base)
        event_base_free(t->base);
}

/* Without a store one can still read; what cannot be saved says so when it is tried. */
static void open_outbox(struct tui *t, const struct client_config *cfg, const struct session *s)
{
    char path[PATH_MAX], account[OUTBOX_ACCOUNT_MAX];
    struct session nobody = {0};
    text_copy(nobody.server, sizeof nobody.server, cfg->server);
    text_copy(nobody.login, sizeof nobody.login, cfg->login);
    session_account(s->login[0] ? s : &nobody, account, sizeof account);
    struct outbox_options opts = {.path = path, .account = account, .max_bytes = (int64_t)cfg->outbox_max_mb << 20};
    if (paths_make(PATHS_DATA, "outbox.db", path, &t->outbox_error) == 0 &&
        outbox_open(&opts, &t->outbox, &t->outbox_error) == 0)
        t->outbox_error = (struct err){0};
    static const struct outbox_pump_events events = {
        .on_change = on_entry, .on_login_needed = on_login_needed, .on_error = on_outbox_error};
    if (t->outbox)
        t->pump = outbox_pump_create(t->outbox, t->base, t->channel, cfg->call_timeout_s * 1000, &events, t);
}

static int open_all(struct tui *t, const struct tui_options *opts, struct err *e)
{
    const struct client_config *cfg = opts->config;
    struct session session = {0};
    memset(t, 0, sizeof *t);
    t->base = event_base_new();
    if (!t->base)
        return err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
    struct channel_config ch = {
        .target = cfg->server,
        .tls = client_config_tls(cfg),
        .ca_file = cfg->ca_file[0] ? cfg->ca_file : NULL,
        .pinned_sha256 = cfg->pin[0] ? cfg->pin : NULL,
        .connect_timeout_ms = cfg->connect_timeout_ms,
        .language = i18n_language(),
    };
    t->channel = channel_create(t->base, &ch, e);
    if (!t->channel)
        return e->code;
    if (session_load(&session, NULL) != 0)
        session = (struct session){0};
    if (opts->token) {
        text_copy(session.token, sizeof session.token, opts->token);
        text_copy(session.server, sizeof session.server, cfg->server);
        if (!session.login[0])
            text_copy(session.login, sizeof session.login, cfg->login);
        session.expires_at = USEC_NONE;
    }
    open_outbox(t, cfg, &session);
    struct app_setup setup = {
        .base = t->base,
        .channel = t->channel,
        .outbox = t->outbox,
        .clock = clock_system(),
        .config = cfg,
        .session = session.token[0] ? &session : NULL,
        .screen = opts->screen,
        .kick_outbox = kick,
        .kick_arg = t,
    };
    t->app = app_create(&setup, e);
    explicit_bzero(&session, sizeof session);
    return t->app ? 0 : ERR_NOMEM;
}

static enum term_charset charset_of(const struct client_config *cfg)
{
    return cfg->charset == CONFIG_CHARSET_UNICODE ? TERM_CHARSET_UNICODE
           : cfg->charset == CONFIG_CHARSET_ASCII ? TERM_CHARSET_ASCII
                                                  : TERM_CHARSET_AUTO;
}

static bool no_colour(const struct client_config *cfg)
{
    const char *env = getenv("NO_COLOR");
    return cfg->color == CONFIG_COLOR_NEVER || (cfg->color == CONFIG_COLOR_AUTO && env && env[0]);
}

int tui_main(const struct tui_options *opts, struct err *e)
{
    struct tui t;
    struct err why = {0};
    int rc = open_all(&t, opts, &why);
    if (rc == 0) {
        struct term_options topts = {
            .charset = charset_of(opts->config), .no_colour = no_colour(opts->config), .on_event = app_on_term, .arg = t.app};
        struct term *term = term_open(t.base, &topts, &why);
        rc = term ? app_start(t.app, term, &why) : why.code;
    }
    if (rc == 0) {
        if (t.outbox_error.code)
            app_toast(t.app, "%s", t.outbox_error.text);
        else if (i18n_console_without_chinese())
            app_toast(t.app, "%s", _("This console has no Chinese glyphs: texts are in English."));
        while (!t.app->quit && event_base_loop(t.base, EVLOOP_ONCE) == 0)
            ;
    }
    close_all(&t);
    if (rc != 0 && e)
        *e = why;
    return rc;
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    *(bool *)arg = true;
}

/* Runs the loop until the screen waits for nothing, or for too long. */
static void wait_quiet(struct tui *t, int wait_ms)
{
    bool late = false;
    struct event *deadline = evtimer_new(t->base, on_deadline, &late);
    if (!deadline)
        return;
    event_add(deadline, &(struct timeval){.tv_sec = wait_ms / 1000, .tv_usec = (wait_ms % 1000) * 1000});
    do
        event_base_loop(t->base, EVLOOP_ONCE);
    while (!late && !t->app->quit && (t->app->dirty || app_is_busy(t->app)));
    event_free(deadline);
}

int tui_render(const struct tui_options *opts, const struct tui_render_options *render, FILE *out, struct err *e)
{
    struct tui t;
    struct err why = {0};
    struct term *term = NULL;
    int rc = open_all(&t, opts, &why);
    if (rc == 0) {
        struct term_options topts = {.charset = charset_of(opts->config), .on_event = app_on_term, .arg = t.app};
        term = term_fake_create(render->rows, render->cols, &topts, &why);
        rc = term ? app_start(t.app, term, &why) : why.code;
    }
    if (rc == 0) {
        int wait_ms = render->wait_ms > 0 ? render->wait_ms : RENDER_WAIT_MS;
        wait_quiet(&t, wait_ms);
        if (render->keys && render->keys[0]) {
            term_fake_type(term, render->keys);
            wait_quiet(&t, wait_ms);
        }
        app_draw(t.app);
        char *text = term_fake_dump(term);
        if (!text || fputs(text, out) == EOF)
            rc = err_set(&why, ERR_IO, "%s", _("The screen could not be written."));
        free(text);
    }
    close_all(&t);
    if (rc != 0 && e)
        *e = why;
    return rc;
}

bool tui_parse_size(const char *s, int *ret_cols, int *ret_rows)
{
    const char *x = strchr(s, 'x');
    char cols[8];
    int64_t c, r;
    if (!x || (size_t)(x - s) >= sizeof cols)
        return false;
    memcpy(cols, s, (size_t)(x - s));
    cols[x - s] = 0;
    if (text_to_i64(cols, 1, GRID_MAX_COLS, &c) != 0 || text_to_i64(x + 1, 1, GRID_MAX_ROWS, &r) != 0)
        return false;
    *ret_cols = (int)c;
    *ret_rows = (int)r;
    return true;
}

bool tui_known_screen(const char *name)
{
    static const char *const names[] = {"my-work", "intake", "report", "outbox", "login", "help"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return strncmp(name, "case:", 5) == 0 && name[5];
}
