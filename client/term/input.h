/* SPDX-License-Identifier: MIT */
/*
 * Bytes from a terminal to key and paste events. Knows both encodings of the function keys, Alt+digit as function key,
 * bracketed paste and cursor reports; what it does not know it swallows whole. Also the folding that lets commands be typed
 * while a Chinese input method is on. No I/O.
 */
#ifndef WG_CLIENT_TERM_INPUT_H
#define WG_CLIENT_TERM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/* Keys: a Unicode character, a control character (TK_CTRL), or one of these. */
enum {
    TK_BASE = 0x110000,
    TK_ESC = TK_BASE,
    TK_UP,
    TK_DOWN,
    TK_LEFT,
    TK_RIGHT,
    TK_HOME,
    TK_END,
    TK_PGUP,
    TK_PGDN,
    TK_INSERT,
    TK_DELETE,
    TK_BACKSPACE,
    TK_BACKTAB,
    TK_F0, /* F-key n is TK_F0 + n */
    TK_F12 = TK_F0 + 12,
};
#define TK_CTRL(letter) ((uint32_t)((letter)&0x1f))
#define TK_F(n)         ((uint32_t)(TK_F0 + (n)))
#define TK_ENTER        ((uint32_t)'\r')
#define TK_TAB          ((uint32_t)'\t')

enum term_event_kind {
    TERM_EV_KEY,
    TERM_EV_PASTE,  /* text, len: what was pasted, newlines as \n */
    TERM_EV_RESIZE, /* the screen has another size now */
    TERM_EV_REPORT, /* a cursor position report: col */
    TERM_EV_CLOSED, /* the terminal went away, or a signal asks to end */
};

struct term_event {
    enum term_event_kind kind;
    uint32_t key;
    const char *text; /* borrowed until the handler returns */
    size_t len;
    int col;
};

typedef void (*term_event_fn)(void *arg, const struct term_event *ev);

enum { INPUT_PASTE_MAX = 64 * 1024, INPUT_SEQ_MAX = 64, INPUT_KEYS_MAX = 40 };

struct input {
    char _seq[INPUT_SEQ_MAX]; /* the start of a sequence or character */
    size_t _len;
    bool _pasting;
    bool _after_cr; /* of a paste: a line feed now is the second half of CR LF */
    bool _reports;  /* a probe is out: CSI r;c R is its answer, not a function key */
    struct buf _paste;
    struct {
        char seq[12];
        uint32_t key;
    } _extra[INPUT_KEYS_MAX];
    int _n_extra;
};

void input_init(struct input *in);
void input_fini(struct input *in);
/* Adds a sequence of the terminal's own description. */
void input_add_key(struct input *in, const char *seq, uint32_t key);
void input_expect_report(struct input *in, bool yes);
/* Decodes UTF-8 bytes; calls fn for each event. */
void input_feed(struct input *in, const char *bytes, size_t len, term_event_fn fn, void *arg);
/* True while the start of a sequence is held: after 50 ms without more, call input_timeout. */
bool input_is_pending(const struct input *in);
/* Takes what is held for what it is: a lone Esc. */
void input_timeout(struct input *in, term_event_fn fn, void *arg);

/* For commands: full-width ASCII and Chinese punctuation to the ASCII key of the same place. Other keys unchanged. */
uint32_t input_fold(uint32_t key);
/* Writes a key's name as people know it ("F1", "Ctrl-K", "Enter", "a"). */
void input_key_name(uint32_t key, char *dst, size_t dst_size);

#endif
