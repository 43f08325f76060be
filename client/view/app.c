/* SPDX-License-Identifier: MIT */
/* The app's life: models, session, connection, time. Screens and keys are in app_screen.c. */
#include "client/view/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/paths.h"
#include "client/model/moment.h"
#include "client/view/actions.h"
#include "common/base/text.h"

enum { TICK_S = 5, TOAST_S = 8 };

usec_t app_now(const struct app *app)
{
    return app->env.clock->now(app->env.clock);
}

usec_t app_mono(const struct app *app)
{
    return app->env.clock->monotonic(app->env.clock);
}

void app_changed(void *arg)
{
    struct app *app = arg;
    app->dirty = true;
    event_active(app->ev_draw, EV_TIMEOUT, 0);
}

static void on_draw(evutil_socket_t fd, short what, void *arg)
{
    struct app *app = arg;
    if (app->dirty && app->term)
        app_draw(app);
}

/* The clock in the title, the remaining times and the toast go on without any key. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct app *app = arg;
    int minute = (int)(app_now(app) / USEC_PER_SEC / 60);
    bool toast_over = app->toast[0] && app_mono(app) > app->toast_until;
    if (toast_over)
        app->toast[0] = 0;
    if (minute != app->last_minute || toast_over || app_can_undo(app))
        app_changed(app);
    app->last_minute = minute;
}

void app_toast(struct app *app, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(app->toast, sizeof app->toast, fmt, ap);
    va_end(ap);
    text_trim_partial(app->toast);
    app->toast_until = app_mono(app) + TOAST_S * USEC_PER_SEC;
    app_changed(app);
}

void app_on_outbox(void *arg)
{
    struct app *app = arg;
    if (app->env.outbox && outbox_counts(app->env.outbox, &app->counts, NULL) != 0)
        app->counts = (struct outbox_counts){0};
    app_changed(app);
}

static void on_model(void *arg)
{
    struct app *app = arg;
    const struct model_status *all[] = {&app->work.status, &app->directory.status, &app->inbox.status};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bool failed = !all[i]->busy && (all[i]->state == MODEL_FAILED || all[i]->state == MODEL_STALE);
        if (failed && all[i]->why.code == ERR_UNAUTHENTICATED && app->logged_in)
            app_need_login(app);
    }
    app_changed(app);
}

/* What could not be asked while the connection was away is asked now. */
static void catch_up(struct app *app)
{
    feed_start(app->feed);
    if (app->directory.status.state == MODEL_STALE || app->directory.status.state == MODEL_FAILED)
        directory_refresh(&app->directory);
    actions_case_changed(app);
    inbox_refresh(&app->inbox);
    if (app->env.kick_outbox)
        app->env.kick_outbox(app->env.kick_arg);
}

void app_on_channel(void *arg, enum channel_state state, const struct err *why)
{
    struct app *app = arg;
    if (state == CHANNEL_READY && app->lost && app->logged_in)
        catch_up(app);
    if (state == CHANNEL_READY)
        app->lost = false;
    if (state == CHANNEL_BACKOFF)
        app->lost = true;
    app_changed(app);
}

bool app_is_busy(const struct app *app)
{
    struct view *v = app_top(app);
    enum channel_state st = channel_get_state(app->env.channel);
    return app->work.status.busy || app->directory.status.busy ||
           (app->logged_in && (st == CHANNEL_IDLE || st == CHANNEL_CONNECTING)) || (v && v->ops->busy && v->ops->busy(v));
}

/* A file name of its own for each account and server: the directory is confined to the caller's region. */
static char *cache_path(const struct session *s)
{
    char account[OUTBOX_ACCOUNT_MAX], name[OUTBOX_ACCOUNT_MAX + 16], path[PATH_MAX];
    session_account(s, account, sizeof account);
    for (char *c = account; *c; c++) {
        if (*c == '/' || *c == '.')
            *c = '_';
    }
    snprintf(name, sizeof name, "directory-%s", account);
    return paths_make(PATHS_CACHE, name, path, NULL) == 0 ? strdup(path) : NULL;
}

/* The screen that was asked for on the command line, once there is a session. */
static void open_start_screen(struct app *app)
{
    static const struct view_ops *const screens[] = {&view_intake, &view_report, &view_outbox,
                                                     &view_inbox,  &view_search, &view_login};
    const char *name = app->start_screen;
    if (strncmp(name, "case:", 5) == 0) {
        Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
        c.number = app->start_screen + 5;
        app_push(app, &view_case, &c);
    } else if (strcmp(name, "help") == 0) {
        app_push(app, &view_help, app_top(app));
    }
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        if (strcmp(screens[i]->name, name) == 0)
            app_push(app, screens[i], NULL);
    }
    app->start_screen[0] = 0;
}

void app_logged_in(struct app *app, const struct session *s)
{
    app->session = *s;
    app->logged_in = true;
    app->offline = false;
    if (channel_set_token(app->env.channel, s->token) != 0)
        app_toast(app, "%s", _("Out of memory."));
    if (app->env.outbox) {
        char account[OUTBOX_ACCOUNT_MAX];
        struct err e;
        session_account(s, account, sizeof account);
        if (outbox_set_account(app->env.outbox, account, &e) != 0)
            app_toast(app, "%s", e.text);
    }
    char *path = cache_path(s);
    directory_fini(&app->directory);
    if (directory_init(&app->directory, &app->env, path, on_model, app) == 0) {
        directory_load_cache(&app->directory);
        directory_refresh(&app->directory);
    }
    free(path);
    feed_start(app->feed);
    case_list_refresh(&app->work);
    inbox_forget(&app->inbox);
    inbox_refresh(&app->inbox);
    app_on_outbox(app);
    if (app->env.kick_outbox)
        app->env.kick_outbox(app->env.kick_arg);
    open_start_screen(app);
}

void app_go_offline(struct app *app)
{
    app->offline = true;
    char *path = app->session.login[0] ? cache_path(&app->session) : NULL;
    directory_fini(&app->directory);
    if (directory_init(&app->directory, &app->env, path, on_model, app) == 0)
        directory_load_cache(&app->directory);
    free(path);
    app_on_outbox(app);
}

void app_status_text(const struct app *app, const struct model_status *s, char *dst, size_t size)
{
    char at[MOMENT_TEXT_MAX];
    dst[0] = 0;
    if (s->state == MODEL_STALE)
        snprintf(dst, size, _("Data from %s. %s"), moment_clock(s->loaded_at, at), s->why.text);
    else if (s->state == MODEL_FAILED)
        snprintf(dst, size, "%s", s->why.text);
    else if (s->busy)
        snprintf(dst, size, "%s", _("Asking the server..."));
    text_trim_partial(dst);
}

struct app *app_create(const struct app_setup *setup, struct err *e)
{
    struct app *app = calloc(1, sizeof *app);
    if (!app)
        goto nomem;
    app->base = setup->base;
    app->config = setup->config;
    app->env = (struct model_env){
        .base = setup->base,
        .channel = setup->channel,
        .outbox = setup->outbox,
        .clock = setup->clock,
        .call_timeout_ms = setup->config->call_timeout_s * 1000,
        .kick_outbox = setup->kick_outbox,
        .kick_arg = setup->kick_arg,
    };
    text_copy(app->start_screen, sizeof app->start_screen, setup->screen ? setup->screen : "");
    app->ev_draw = evtimer_new(app->base, on_draw, app);
    app->ev_tick = event_new(app->base, -1, EV_PERSIST, on_tick, app);
    app->feed = feed_create(&app->env);
    if (!app->ev_draw || !app->ev_tick || !app->feed)
        goto nomem;
    if (directory_init(&app->directory, &app->env, NULL, on_model, app) != 0 ||
        case_list_init(&app->work, &app->env, app->feed, on_model, app) != 0 ||
        inbox_init(&app->inbox, &app->env, app->feed, on_model, app) != 0)
        goto nomem;
    app->work.my_work = true;
    if (setup->session)
        app->session = *setup->session;
    channel_on_state(setup->channel, app_on_channel, app);
    return app;
nomem:
    app_destroy(app);
    err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
    return NULL;
}

int app_start(struct app *app, struct term *term, struct err *e)
{
    app->term = term;
    event_add(app->ev_tick, &(struct timeval){.tv_sec = TICK_S});
    channel_connect(app->env.channel);
    app_on_outbox(app);
    if (!app_push(app, &view_work, NULL))
        return err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
    if (session_usable(&app->session, app->config->server, app_now(app)))
        app_logged_in(app, &app->session);
    else
        app_push(app, &view_login, NULL);
    app_changed(app);
    return 0;
}

void app_destroy(struct app *app)
{
    if (!app)
        return;
    while (app->depth > 0) {
        struct view *v = app->stack[--app->depth];
        v->ops->close(v);
        free(v);
    }
    if (app->env.channel)
        channel_on_state(app->env.channel, NULL, NULL);
    inbox_fini(&app->inbox);
    case_list_fini(&app->work);
    directory_fini(&app->directory);
    feed_destroy(app->feed);
    if (app->ev_draw)
        event_free(app->ev_draw);
    if (app->ev_tick)
        event_free(app->ev_tick);
    term_destroy(app->term);
    explicit_bzero(&app->session, sizeof app->session);
    free(app);
}
