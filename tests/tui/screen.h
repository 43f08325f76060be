/* SPDX-License-Identifier: MIT */
/* The whole client over a terminal in memory and the small city: keys in, screen out. */
#ifndef WG_TESTS_TUI_SCREEN_H
#define WG_TESTS_TUI_SCREEN_H

#include "city.h"
#include "client/view/app.h"
#include "common/base/clock.h"

struct screen {
    struct event_base *base;
    struct channel *channel;
    struct outbox *outbox;
    struct outbox_pump *pump;
    struct app *app;
    struct term *term;
    struct clock_fake clock;
    struct client_config config;
    struct city city;
    char dir[64];
};

struct screen_options {
    const char *lang; /* "en", "zh_CN" */
    int rows, cols;
    bool logged_in;
    bool no_outbox;
    bool unicode;
};

/* Aborts the test if it cannot be made. The channel is ready. */
void screen_open(struct screen *s, const struct screen_options *opts);
void screen_close(struct screen *s);
/* Runs the loop until nothing is left to do at once. */
void screen_settle(struct screen *s);
/* Types, then settles. */
void screen_type(struct screen *s, const char *keys);
/* Runs the loop until the screen holds text, or fails the test with what it holds instead. */
void screen_wait(struct screen *s, const char *text);
/* Runs the loop until the top view waits for nothing that the outbox carries. */
void screen_rest(struct screen *s);
bool screen_has(struct screen *s, const char *text);
/* Compares with tests/tui/screens/NAME.txt; with WANGGE_TUI_UPDATE set it writes the file instead. */
void screen_compare(struct screen *s, const char *name);

#endif
