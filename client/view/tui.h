/* SPDX-License-Identifier: MIT */
/* The terminal client: the whole screen on a real terminal, or one screen as text. Called by client/cli. */
#ifndef WG_CLIENT_VIEW_TUI_H
#define WG_CLIENT_VIEW_TUI_H

#include <stdio.h>

#include "client/model/client_config.h"
#include "common/base/err.h"

struct tui_options {
    const struct client_config *config; /* server, TLS, language, colours, charset; borrowed */
    const char *token;                  /* of a session from elsewhere, or NULL: the stored session */
    const char *screen;                 /* "my-work" (NULL), "intake", "report", "outbox", or "case:NUMBER" */
};

/* Runs on the terminal of standard input and output until the person leaves. Returns 0, or an error that is filled in.
 * i18n_init has been called. */
int tui_main(const struct tui_options *opts, struct err *e) MUST_CHECK;

struct tui_render_options {
    int rows, cols;
    const char *keys; /* typed once the screen is there, or NULL */
    int wait_ms;      /* at most this long for the server; 0: 5 s */
};
/* Renders one screen without a terminal and prints it to out. */
int tui_render(const struct tui_options *opts, const struct tui_render_options *render, FILE *out, struct err *e) MUST_CHECK;
/* Parses "80x24"; false if it is not a size. */
bool tui_parse_size(const char *s, int *ret_cols, int *ret_rows);
/* True if name is a screen the options may name. */
bool tui_known_screen(const char *name);

#endif
