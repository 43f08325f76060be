/* SPDX-License-Identifier: MIT */
/*
 * A terminal as the screens see it: a grid to paint into, a flush, and events. Two kinds: a real one (terminfo, raw mode)
 * and one in memory for tests and for rendering without a terminal. Created and driven by client/view.
 */
#ifndef WG_CLIENT_TERM_TERM_H
#define WG_CLIENT_TERM_TERM_H

#include <event2/event.h>

#include "client/term/grid.h"
#include "client/term/input.h"
#include "common/base/err.h"

enum term_charset {
    TERM_CHARSET_ASCII,
    TERM_CHARSET_UNICODE, /* line and block glyphs are known to be one column wide */
    TERM_CHARSET_AUTO,    /* ask the terminal; ASCII until it answers */
};

struct term;

struct term_ops {
    void (*flush)(struct term *t);
    void (*redraw)(struct term *t);  /* nothing on the screen can be trusted: the next flush paints all */
    void (*suspend)(struct term *t); /* gives the terminal back to the shell, stops, and takes it again on SIGCONT */
    void (*copy)(struct term *t, const char *text);
    void (*destroy)(struct term *t);
};

struct term {
    const struct term_ops *ops;
    struct grid grid; /* paint here */
    int cursor_row;   /* -1: hidden */
    int cursor_col;
    enum term_charset charset; /* ASCII or UNICODE, may change before an event */
    bool can_chinese;          /* false on the Linux console, which has no such glyphs */
    term_event_fn on_event;
    void *arg;
};

struct term_options {
    enum term_charset charset;
    bool no_colour;
    term_event_fn on_event;
    void *arg;
};

/* Opens the terminal on standard input and output. Owned. Fails with a text that says what to do if it cannot move a cursor.
 * An unknown TERM is treated as an ANSI terminal. */
struct term *term_open(struct event_base *base, const struct term_options *opts, struct err *e);
/* A terminal in memory. Owned. */
struct term *term_fake_create(int rows, int cols, const struct term_options *opts, struct err *e);

/* Restores the terminal, frees. Accepts NULL. */
void term_destroy(struct term *t);
void term_flush(struct term *t);
void term_redraw(struct term *t);
void term_suspend(struct term *t);
/* Puts text on the clipboard by OSC 52, where the terminal can. */
void term_copy(struct term *t, const char *text);

/* For the kind in memory. Types keys as a person would: bytes of UTF-8 and escape sequences. A lone Esc is delivered. */
void term_fake_type(struct term *t, const char *bytes);
int term_fake_resize(struct term *t, int rows, int cols) MUST_CHECK;
/* The flushed screen as lines of UTF-8 without trailing blanks. The caller frees; NULL without memory. */
char *term_fake_dump(const struct term *t);
/* As it was last flushed; borrowed. */
const struct grid *term_fake_screen(const struct term *t);
/* Bytes an xterm would have got by the last flush. */
size_t term_fake_bytes(const struct term *t);
const char *term_fake_clipboard(const struct term *t);

/* Glyphs that are one column wide here. */
enum term_glyph { GLYPH_HLINE, GLYPH_VLINE, GLYPH_BAR, GLYPH_BAR_REST, GLYPH_CORNER, GLYPH_UP, GLYPH_DOWN, GLYPH_COUNT };
const char *term_glyph(const struct term *t, enum term_glyph g);

#endif
