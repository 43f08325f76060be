/* SPDX-License-Identifier: MIT */
/*
 * The one table of keys: which key means which action in which context, with the words the footer, the help screen and the
 * manual show. Every action has a key that a Chinese input method lets through (an F-key, a control key, Enter, an arrow)
 * or stands in the F4 menu; letters are a convenience beside it and are never looked up while a text field has the focus.
 */
#ifndef WG_CLIENT_UI_KEYS_H
#define WG_CLIENT_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ui_action {
    UA_NONE,
    UA_HELP,
    UA_PALETTE,
    UA_QUIT,
    UA_BACK,
    UA_MENU,
    UA_REFRESH,
    UA_REDRAW,
    UA_NEW,
    UA_OUTBOX,
    UA_UNDO,
    UA_TAB_WORK,
    UA_TAB_NEW,
    UA_TAB_REPORT,
    UA_TAB_OUTBOX,
    UA_FIND,
    UA_QUICK,
    UA_UP,
    UA_DOWN,
    UA_PAGE_UP,
    UA_PAGE_DOWN,
    UA_FIRST,
    UA_LAST,
    UA_OPEN,
    UA_MARK,
    UA_MARK_ALL,
    UA_MARK_CLEAR,
    UA_COPY,
    UA_NEXT_PANE,
    UA_PREV_PANE,
    UA_ACCEPT,
    UA_DISPATCH,
    UA_NOTE,
    UA_FINISH,
    UA_RETURN,
    UA_URGE,
    UA_NEXT_CASE,
    UA_PREV_CASE,
    UA_SUBMIT,
    UA_SUBMIT_NEW,
    UA_REPEAT,
    UA_PEOPLE,
    UA_SIMILAR,
    UA_OFFLINE,
    UA_LANGUAGE,
    UA_PREV_PERIOD,
    UA_NEXT_PERIOD,
    UA_DENOMINATOR,
    UA_RETRY,
    UA_DISCARD,
    UA_SUSPEND,
    UA_INBOX,
    UA_SEARCH,
    UA_EXPLAIN,
    UA_READ,
    UA_READ_ALL,
    UA_FILES,
    UA_ATTACH,
    UA_REPORTS,
    UA_COUNT,
};

enum ui_context {
    CTX_LOGIN = 1 << 0,
    CTX_WORK = 1 << 1,
    CTX_CASE = 1 << 2,
    CTX_INTAKE = 1 << 3,
    CTX_REPORT = 1 << 4,
    CTX_FIGURE = 1 << 5, /* the list behind a figure */
    CTX_OUTBOX = 1 << 6,
    CTX_FORM = 1 << 7, /* the fields an action needs */
    CTX_HELP = 1 << 8,
    CTX_PALETTE = 1 << 9,
    CTX_EXPLAIN = 1 << 10, /* why a deadline is what it is */
    CTX_INBOX = 1 << 11,
    CTX_SEARCH = 1 << 12,
    CTX_PASSWORD = 1 << 13, /* a new password */
    CTX_BULK = 1 << 14,     /* one action on many cases */
    CTX_FILES = 1 << 15,    /* the files of a case */
    CTX_REPORTS = 1 << 16,  /* all reports, and one of them as text */
    CTX_COUNT = 17,
    CTX_LISTS = CTX_WORK | CTX_FIGURE | CTX_OUTBOX | CTX_INBOX | CTX_SEARCH | CTX_BULK,
    CTX_MAIN = CTX_LISTS | CTX_CASE | CTX_REPORT | CTX_EXPLAIN | CTX_FILES | CTX_REPORTS,
    CTX_ALL = (1 << CTX_COUNT) - 1,
};

struct ui_key {
    enum ui_action action;
    unsigned contexts;  /* enum ui_context bits */
    uint32_t safe[2];   /* keys that work with an input method on; 0 none */
    uint32_t letter[2]; /* printable keys, for command mode only; 0 none */
    const char *label;  /* msgid of the footer and the palette, short */
    const char *help;   /* msgid of the help screen */
    int footer;         /* place in the footer, lower first and dropped last; 0: not there */
};

/* The table. Static; UA_NONE ends it. */
const struct ui_key *ui_keys(void);
/* The row of an action in a context, or NULL. */
const struct ui_key *ui_key_of(enum ui_action action, unsigned context);
/* What a key does. typing: a text field has the focus, so printable keys are text. The key is folded by the caller. */
enum ui_action ui_keys_lookup(unsigned context, uint32_t key, bool typing);
/* Writes the keys of a row, "F2 Ctrl-N n". */
void ui_key_names(const struct ui_key *k, char *dst, size_t dst_size);
/* Writes the footer of a context that fits in columns. allowed (may be NULL) leaves out what makes no sense now. */
void ui_keys_footer(unsigned context, int columns, bool (*allowed)(void *arg, enum ui_action a), void *arg, char *dst,
                    size_t dst_size);

#endif
