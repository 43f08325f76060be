/* SPDX-License-Identifier: MIT */
/* A terminal in memory, of any size, for tests and for rendering a screen as text. */
#include <stdlib.h>
#include <string.h>

#include "client/term/diff.h"
#include "client/term/term.h"

struct fake {
    struct term term; /* first: a struct term is a struct fake */
    struct grid shown;
    struct input input;
    bool whole;
    size_t bytes;
    char *clipboard;
};

/* What an xterm would get, so that the cost of a repaint can be counted. */
static const struct diff_caps xterm_caps = {
    .cup = "\033[%i%p1%d;%p2%dH",
    .clear = "\033[H\033[2J",
    .el = "\033[K",
    .sgr0 = "\033(B\033[m",
    .bold = "\033[1m",
    .reverse = "\033[7m",
    .dim = "\033[2m",
    .underline = "\033[4m",
    .setaf = "\033[3%p1%dm",
    .hide = "\033[?25l",
    .show = "\033[?25h",
};

static void fake_flush(struct term *t)
{
    struct fake *f = (struct fake *)t;
    struct buf out;
    buf_init(&out, 4 << 20);
    int rc = diff_emit(&xterm_caps, &f->shown, &t->grid, f->whole, t->cursor_row, t->cursor_col, &out);
    f->whole = rc != 0;
    f->bytes = buf_len(&out);
    buf_fini(&out);
}

static void fake_redraw(struct term *t)
{
    ((struct fake *)t)->whole = true;
}

static void fake_suspend(struct term *t)
{
    fake_redraw(t);
}

static void fake_copy(struct term *t, const char *text)
{
    struct fake *f = (struct fake *)t;
    free(f->clipboard);
    f->clipboard = strdup(text);
}

static void fake_destroy(struct term *t)
{
    struct fake *f = (struct fake *)t;
    grid_fini(&t->grid);
    grid_fini(&f->shown);
    input_fini(&f->input);
    free(f->clipboard);
    free(f);
}

static const struct term_ops fake_ops = {
    .flush = fake_flush,
    .redraw = fake_redraw,
    .suspend = fake_suspend,
    .copy = fake_copy,
    .destroy = fake_destroy,
};

struct term *term_fake_create(int rows, int cols, const struct term_options *opts, struct err *e)
{
    struct fake *f = calloc(1, sizeof *f);
    if (!f) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    f->term = (struct term){
        .ops = &fake_ops,
        .cursor_row = -1,
        .charset = opts->charset == TERM_CHARSET_UNICODE ? TERM_CHARSET_UNICODE : TERM_CHARSET_ASCII,
        .can_chinese = true,
        .on_event = opts->on_event,
        .arg = opts->arg,
    };
    f->whole = true;
    input_init(&f->input);
    if (grid_resize(&f->term.grid, rows, cols) != 0 || grid_resize(&f->shown, rows, cols) != 0) {
        err_set(e, ERR_INVALID, "a screen of %d rows and %d columns cannot be made", rows, cols);
        fake_destroy(&f->term);
        return NULL;
    }
    return &f->term;
}

void term_fake_type(struct term *t, const char *bytes)
{
    struct fake *f = (struct fake *)t;
    input_feed(&f->input, bytes, strlen(bytes), t->on_event, t->arg);
    input_timeout(&f->input, t->on_event, t->arg);
}

int term_fake_resize(struct term *t, int rows, int cols)
{
    struct fake *f = (struct fake *)t;
    int rc = grid_resize(&t->grid, rows, cols);
    if (rc == 0)
        rc = grid_resize(&f->shown, rows, cols);
    f->whole = true;
    if (rc == 0)
        t->on_event(t->arg, &(struct term_event){.kind = TERM_EV_RESIZE});
    return rc;
}

char *term_fake_dump(const struct term *t)
{
    const struct fake *f = (const struct fake *)t;
    size_t room = (size_t)f->shown.rows * ((size_t)f->shown.cols * sizeof f->shown.cells->text + 1) + 1;
    char *text = malloc(room);
    if (!text)
        return NULL;
    size_t n = 0;
    for (int r = 0; r < f->shown.rows; r++) {
        n += grid_row_text(&f->shown, r, text + n, room - n);
        text[n++] = '\n';
    }
    text[n] = 0;
    return text;
}

const struct grid *term_fake_screen(const struct term *t)
{
    return &((const struct fake *)t)->shown;
}

size_t term_fake_bytes(const struct term *t)
{
    return ((const struct fake *)t)->bytes;
}

const char *term_fake_clipboard(const struct term *t)
{
    return ((const struct fake *)t)->clipboard;
}
