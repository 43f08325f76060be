/* SPDX-License-Identifier: MIT */
/* The harness of the screen tests; see screen.h. */
#include "screen.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/model/i18n.h"
#include "client/outbox/outbox_pump.h"
#include "common/base/text.h"

enum { WAIT_S = 60 };

static void on_entry(void *arg, const struct outbox_entry *entry, const struct status_info *status)
{
    app_on_outbox(((struct screen *)arg)->app);
}

static void kick(void *arg)
{
    outbox_pump_kick(((struct screen *)arg)->pump);
}

static void open_outbox(struct screen *s)
{
    char path[128];
    struct err e;
    snprintf(path, sizeof path, "%s/outbox.db", s->dir);
    struct outbox_options opts = {.path = path, .clock = &s->clock.clock, .account = "wangli@test"};
    ck_assert_msg(outbox_open(&opts, &s->outbox, &e) == 0, "%s", e.text);
    static const struct outbox_pump_events events = {.on_change = on_entry};
    s->pump = outbox_pump_create(s->outbox, s->base, s->channel, 1000, &events, s);
    ck_assert_ptr_nonnull(s->pump);
}

void screen_open(struct screen *s, const struct screen_options *opts)
{
    struct err e = {0};
    struct session session;
    memset(s, 0, sizeof *s);
    text_copy(s->dir, sizeof s->dir, "/tmp/wangge-tui-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(s->dir));
    setenv("XDG_STATE_HOME", s->dir, 1);
    setenv("XDG_CACHE_HOME", s->dir, 1);
    setenv("XDG_CONFIG_HOME", s->dir, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    i18n_init(opts->lang);
    clock_fake_init(&s->clock, CITY_NOW);
    client_config_init(&s->config);
    text_copy(s->config.server, sizeof s->config.server, "wg.example:443");
    s->base = event_base_new();
    s->channel = fake_channel_create(s->base, city_serve, &s->city);
    fake_channel_set_state(s->channel, CHANNEL_READY);
    if (!opts->no_outbox)
        open_outbox(s);
    if (opts->logged_in)
        city_session(&session, s->config.server);
    struct app_setup setup = {
        .base = s->base,
        .channel = s->channel,
        .outbox = s->outbox,
        .clock = &s->clock.clock,
        .config = &s->config,
        .session = opts->logged_in ? &session : NULL,
        .kick_outbox = s->outbox ? kick : NULL,
        .kick_arg = s,
    };
    s->app = app_create(&setup, &e);
    ck_assert_msg(s->app != NULL, "%s", e.text);
    struct term_options topts = {
        .charset = opts->unicode ? TERM_CHARSET_UNICODE : TERM_CHARSET_ASCII, .on_event = app_on_term, .arg = s->app};
    s->term = term_fake_create(opts->rows, opts->cols, &topts, &e);
    ck_assert_msg(s->term != NULL, "%s", e.text);
    ck_assert_msg(app_start(s->app, s->term, &e) == 0, "%s", e.text);
    screen_settle(s);
}

void screen_close(struct screen *s)
{
    char command[128];
    app_destroy(s->app);
    outbox_pump_destroy(s->pump);
    outbox_close(s->outbox);
    channel_destroy(s->channel);
    event_base_free(s->base);
    if (s->city.last_act)
        protobuf_c_message_free_unpacked(s->city.last_act, NULL);
    snprintf(command, sizeof command, "rm -rf '%s'", s->dir);
    ck_assert_int_eq(system(command), 0);
}

void screen_settle(struct screen *s)
{
    /* Each turn may start what the next one answers; a chain longer than this has no end. */
    for (int i = 0; i < 64; i++)
        event_base_loop(s->base, EVLOOP_NONBLOCK);
}

void screen_type(struct screen *s, const char *keys)
{
    term_fake_type(s->term, keys);
    screen_settle(s);
}

bool screen_has(struct screen *s, const char *text)
{
    char *dump = term_fake_dump(s->term);
    bool found = strstr(dump, text) != NULL;
    free(dump);
    return found;
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    *(bool *)arg = true;
}

void screen_wait(struct screen *s, const char *text)
{
    bool late = false;
    struct event *deadline = evtimer_new(s->base, on_deadline, &late);
    event_add(deadline, &(struct timeval){.tv_sec = WAIT_S});
    while (!late && !screen_has(s, text))
        event_base_loop(s->base, EVLOOP_ONCE);
    event_free(deadline);
    char *dump = term_fake_dump(s->term);
    ck_assert_msg(!late, "the screen never showed \"%s\":\n%s", text, dump);
    free(dump);
}

void screen_rest(struct screen *s)
{
    bool late = false;
    struct event *deadline = evtimer_new(s->base, on_deadline, &late);
    event_add(deadline, &(struct timeval){.tv_sec = WAIT_S});
    while (!late && (screen_has(s, "Sending...") || screen_has(s, "正在发送")))
        event_base_loop(s->base, EVLOOP_ONCE);
    event_free(deadline);
    ck_assert(!late);
}

void screen_compare(struct screen *s, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.txt", WANGGE_SCREENS, name);
    char *dump = term_fake_dump(s->term);
    if (getenv("WANGGE_TUI_UPDATE")) {
        FILE *f = fopen(path, "w");
        ck_assert_ptr_nonnull(f);
        fputs(dump, f);
        fclose(f);
    } else {
        static char want[1 << 16];
        FILE *f = fopen(path, "r");
        ck_assert_msg(f != NULL, "no %s: set WANGGE_TUI_UPDATE to write it", path);
        want[fread(want, 1, sizeof want - 1, f)] = 0;
        fclose(f);
        ck_assert_msg(strcmp(want, dump) == 0, "%s differs; it is now\n%.3500s", name, dump);
    }
    free(dump);
}
