/* SPDX-License-Identifier: MIT */
/*
 * The running client between terminal and models: a stack of views, the frame around them, one menu or question over them,
 * and one drawing a loop turn. Events change models or views; both only mark the screen dirty. For client/view only.
 */
#ifndef WG_CLIENT_VIEW_APP_H
#define WG_CLIENT_VIEW_APP_H

#include "client/model/case_list.h"
#include "client/model/client_config.h"
#include "client/model/directory.h"
#include "client/model/feed.h"
#include "client/model/inbox.h"
#include "client/model/session.h"
#include "client/outbox/outbox.h"
#include "client/term/term.h"
#include "client/ui/chrome.h"
#include "client/ui/keys.h"
#include "client/ui/menu.h"

struct app;
struct view;

/* Rows of the screen a view paints into; its columns are the screen's. */
struct area {
    int row;
    int rows;
};

enum view_result {
    VIEW_IGNORED = 0,
    VIEW_HANDLED = 1,
    VIEW_CLOSE = 2, /* the view is done */
};

struct view_ops {
    const char *name;  /* for --render and the palette's history */
    const char *title; /* msgid */
    unsigned context;  /* its keys */
    size_t size;       /* of the view's own struct, which begins with a struct view */
    /* arg is the view's own business. Nonzero: it did not open and is freed without close. */
    int (*open)(struct view *v, const void *arg);
    /* Data or time changed: take over what will be painted. May be NULL. */
    void (*recalc)(struct view *v);
    void (*paint)(struct view *v, struct term *t, struct area a);
    enum view_result (*act)(struct view *v, enum ui_action action);
    /* A key that is no action here, or a paste. May be NULL. */
    enum view_result (*key)(struct view *v, const struct term_event *ev);
    /* A text field has the focus. NULL: never. */
    bool (*typing)(struct view *v);
    /* Whether an action makes sense now, for the footer and the palette. NULL: all do. */
    bool (*allowed)(struct view *v, enum ui_action action);
    /* It waits for the server. NULL: never. */
    bool (*busy)(struct view *v);
    void (*close)(struct view *v);
};

struct view {
    const struct view_ops *ops;
    struct app *app;
    bool done; /* set by recalc: the app closes the view before it paints */
};

enum { APP_VIEWS_MAX = 8, APP_TOAST_MAX = 256, APP_MIN_ROWS = 24, APP_MIN_COLS = 80, APP_UNDO_S = 30 };

typedef void (*app_menu_fn)(struct view *v, int value);

/* What the app is made of; borrowed but for the strings of config. */
struct app_setup {
    struct event_base *base;
    struct channel *channel;
    struct outbox *outbox; /* may be NULL */
    const struct clock *clock;
    const struct client_config *config;
    const struct session *session; /* NULL: log in first */
    const char *screen;            /* as tui_options */
    void (*kick_outbox)(void *arg);
    void *kick_arg;
};

struct app {
    struct event_base *base;
    struct term *term;
    struct model_env env;
    const struct client_config *config;
    struct feed *feed;
    struct directory directory;
    struct case_list work;
    struct inbox inbox;
    struct session session;
    bool logged_in;
    bool lost;             /* the last attempt to connect failed */
    bool offline;          /* the person chose to go on without a session */
    char start_screen[64]; /* emptied once it was opened */
    struct view *stack[APP_VIEWS_MAX];
    int depth;
    struct menu menu;
    app_menu_fn menu_fn;
    struct view *menu_view; /* the view that opened the menu */
    char toast[APP_TOAST_MAX];
    usec_t toast_until; /* monotonic */
    struct outbox_counts counts;
    int64_t undo_seq; /* the last thing queued, while it can be taken back */
    usec_t undo_until;
    char undo_case[37]; /* or the last incident that was taken, while it can be recalled */
    char undo_number[40];
    struct { /* of the last incident logged, for "same as last" */
        char category[16], grid[20], address[804];
    } last;
    bool dirty, quit;
    struct event *ev_draw, *ev_tick;
    int last_minute;
    bool last_too_small;
};

/* Builds the client over a terminal that is set with app_set_term. Owned. */
struct app *app_create(const struct app_setup *setup, struct err *e);
void app_destroy(struct app *app);
/* The terminal belongs to the app from now on. Opens the first screen. */
int app_start(struct app *app, struct term *term, struct err *e) MUST_CHECK;
/* The terminal's event handler; arg is the app. */
void app_on_term(void *arg, const struct term_event *ev);
/* The channel's state handler; arg is the app. */
void app_on_channel(void *arg, enum channel_state state, const struct err *why);
/* Something of the outbox changed. */
void app_on_outbox(void *arg);
/* Something changed: recalculate and draw at the end of this loop turn. */
void app_changed(void *arg);
/* Draws now. */
void app_draw(struct app *app);
/* True while the top view waits for the server. */
bool app_is_busy(const struct app *app);

/* For views. */
struct view *app_push(struct app *app, const struct view_ops *ops, const void *arg);
/* Goes to the view of a tab: back to it if it is open, else opens it. */
void app_go(struct app *app, const struct view_ops *ops, const void *arg);
struct view *app_top(const struct app *app);
void app_toast(struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Opens a menu (fill it with menu_add); fn gets the chosen value. */
struct menu *app_menu(struct view *v, const char *title, app_menu_fn fn);
usec_t app_now(const struct app *app);
usec_t app_mono(const struct app *app);
/* The session is gone: to the login screen. */
void app_need_login(struct app *app);
/* A login succeeded or a stored session is used. */
void app_logged_in(struct app *app, const struct session *s);
void app_go_offline(struct app *app);
/* The text of a model's trouble for the person: what happened, and how old the data is. Empty if all is well. */
void app_status_text(const struct app *app, const struct model_status *s, char *dst, size_t size);
/* Paints the tab line. */
void app_tabs(struct app *app, int row, const struct view_ops *current);
/* True while Ctrl-Z can take something back. */
bool app_can_undo(const struct app *app);
/* Says what Ctrl-Z takes back for the next APP_UNDO_S: an outbox entry (seq), or an incident the server has. */
void app_set_undo(struct app *app, int64_t seq, const char *case_id, const char *number);
/* Takes it back. */
void app_undo(struct app *app);
/* Runs an action as if its key were pressed in the top view. */
void app_act(struct app *app, enum ui_action action);

extern const struct view_ops view_login, view_work, view_case, view_intake, view_report, view_figure, view_outbox, view_help,
    view_palette, view_password, view_bulk, view_form, view_explain, view_inbox, view_search, view_files, view_reports;

#endif
