/* SPDX-License-Identifier: MIT */
/*
 * What terminfo says about a terminal, as plain strings. Apart from the rest because ncurses' headers claim common names
 * ("struct term", "columns", "lines").
 */
#ifndef WG_CLIENT_TERM_TERMINFO_H
#define WG_CLIENT_TERM_TERMINFO_H

#include "client/term/diff.h"
#include "client/term/input.h"

enum { TERMINFO_CAP_MAX = 64, TERMINFO_CAPS = 12 };

struct terminfo {
    struct diff_caps caps; /* points into _text; encode is left to the caller */
    char enter[2 * TERMINFO_CAP_MAX + 16];
    char leave[4 * TERMINFO_CAP_MAX + 16];
    char _text[TERMINFO_CAPS][TERMINFO_CAP_MAX];
};

/* Loads TERM's description, or plain ANSI if it is unknown; adds its keys to in. caps.cup is NULL if it moves no cursor. */
void terminfo_load(struct terminfo *ti, const char *term_name, int fd, bool no_colour, struct input *in);
/* Frees what the load keeps. */
void terminfo_fini(struct terminfo *ti);

#endif
