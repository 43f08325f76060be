/* SPDX-License-Identifier: MIT */
/*
 * The real terminal: ncurses' terminfo for what it understands, our own grid and difference for what it shows, our own
 * decoder for what it sends. The window layer of ncurses is not used: its half-overwritten wide glyphs shift rows and
 * initscr ends the process on an unknown TERM. Whatever ends the program, the terminal is put back first.
 */
#include "client/term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "client/term/diff.h"
#include "client/term/terminfo.h"
#include "common/base/text.h"

enum { OUT_MAX = 8 << 20, ESC_WAIT_MS = 50, PROBE_WAIT_MS = 150 };

/* The probe: if these four take four columns, line, block and arrow glyphs are narrow here. */
static const char probe_text[] = "\r\xe2\x94\x80\xe2\x97\x8f\xe2\x96\xb2\xe2\x96\x88";
enum { PROBE_COLUMNS = 4 };

struct real {
    struct term term; /* first */
    struct event_base *base;
    struct event *ev_in, *ev_out, *ev_esc, *ev_probe;
    struct event *ev_winch, *ev_cont, *ev_hup, *ev_term;
    struct termios cooked;
    int in_fd, out_fd;
    bool raw;
    bool whole;
    bool probing;
    bool to_locale; /* the terminal's coding is not UTF-8 */
    mbstate_t half; /* of a character of that coding that came in two reads */
    struct grid shown;
    struct input input;
    struct buf out;
    struct terminfo ti;
};

/* The one global of the client: a crash handler has no argument. Written before the handlers are installed. */
static struct {
    volatile sig_atomic_t armed;
    int fd;
    struct termios cooked;
    char restore[512];
    size_t restore_len;
} crash;

static void on_crash(int sig)
{
    if (crash.armed) {
        crash.armed = 0;
        ssize_t n = write(crash.fd, crash.restore, crash.restore_len);
        (void)n;
        tcsetattr(crash.fd, TCSANOW, &crash.cooked);
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

static const int crash_signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT};

static void catch_crashes(bool yes)
{
    struct sigaction sa = {.sa_handler = yes ? on_crash : SIG_DFL};
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof crash_signals / sizeof *crash_signals; i++)
        sigaction(crash_signals[i], &sa, NULL);
}

static size_t encode_locale(const char *utf8, char *dst, size_t dst_size)
{
    mbstate_t st = {0};
    size_t n = 0, len = strlen(utf8);
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t used = text_decode(utf8 + i, len - i, &cp);
        char mb[MB_LEN_MAX];
        size_t k = used ? wcrtomb(mb, (wchar_t)cp, &st) : (size_t)-1;
        if (k == (size_t)-1 || n + k > dst_size)
            return 0;
        memcpy(dst + n, mb, k);
        n += k;
        i += used;
    }
    return n;
}

static void write_out(struct real *r)
{
    while (buf_len(&r->out) > 0) {
        ssize_t n = write(r->out_fd, buf_data(&r->out), buf_len(&r->out));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (errno == EAGAIN)
                event_add(r->ev_out, NULL); /* a slow line: go on when it has room */
            else
                buf_clear(&r->out);
            return;
        }
        buf_consume(&r->out, (size_t)n);
    }
}

static void queue(struct real *r, const char *s)
{
    if (buf_append_str(&r->out, s) != 0)
        r->whole = true;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    write_out(arg);
}

static void real_flush(struct term *t)
{
    struct real *r = (struct real *)t;
    if (!r->raw)
        return;
    if (diff_emit(&r->ti.caps, &r->shown, &t->grid, r->whole, t->cursor_row, t->cursor_col, &r->out) != 0) {
        buf_clear(&r->out);
        r->whole = true;
        return;
    }
    r->whole = false;
    write_out(r);
}

static void real_redraw(struct term *t)
{
    ((struct real *)t)->whole = true;
}

static void real_copy(struct term *t, const char *text)
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct real *r = (struct real *)t;
    char coded[1024];
    size_t len = strlen(text), n = 0;
    for (size_t i = 0; i < len && n + 5 < sizeof coded; i += 3) {
        unsigned v = (unsigned char)text[i] << 16;
        v |= i + 1 < len ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
        v |= i + 2 < len ? (unsigned char)text[i + 2] : 0;
        coded[n++] = abc[v >> 18];
        coded[n++] = abc[v >> 12 & 63];
        coded[n++] = i + 1 < len ? abc[v >> 6 & 63] : '=';
        coded[n++] = i + 2 < len ? abc[v & 63] : '=';
    }
    coded[n] = 0;
    queue(r, "\033]52;c;");
    queue(r, coded);
    queue(r, "\a");
    write_out(r);
}

static int set_raw(struct real *r, bool yes)
{
    if (r->raw == yes)
        return 0;
    if (yes) {
        struct termios t = r->cooked;
        cfmakeraw(&t);
        t.c_cc[VMIN] = 1;
        t.c_cc[VTIME] = 0;
        if (tcsetattr(r->in_fd, TCSANOW, &t) != 0)
            return ERR_IO;
        queue(r, r->ti.enter);
        write_out(r);
        r->whole = true;
        crash.armed = 1;
    } else {
        crash.armed = 0;
        buf_clear(&r->out);
        queue(r, r->ti.leave);
        /* The last bytes must arrive whatever the line: the screen would stay in the wrong mode. */
        int flags = fcntl(r->out_fd, F_GETFL);
        fcntl(r->out_fd, F_SETFL, flags & ~O_NONBLOCK);
        write_out(r);
        fcntl(r->out_fd, F_SETFL, flags);
        tcsetattr(r->in_fd, TCSADRAIN, &r->cooked);
    }
    r->raw = yes;
    return 0;
}

static void read_size(struct real *r)
{
    struct winsize ws;
    if (ioctl(r->out_fd, TIOCGWINSZ, &ws) != 0 || ws.ws_row == 0 || ws.ws_col == 0)
        ws = (struct winsize){.ws_row = 24, .ws_col = 80};
    int rows = ws.ws_row > GRID_MAX_ROWS ? GRID_MAX_ROWS : ws.ws_row;
    int cols = ws.ws_col > GRID_MAX_COLS ? GRID_MAX_COLS : ws.ws_col;
    if (rows == r->term.grid.rows && cols == r->term.grid.cols)
        return;
    if (grid_resize(&r->term.grid, rows, cols) != 0 || grid_resize(&r->shown, rows, cols) != 0)
        return;
    r->whole = true;
}

static void deliver(void *arg, const struct term_event *ev)
{
    struct real *r = arg;
    if (ev->kind == TERM_EV_REPORT) {
        if (!r->probing)
            return;
        r->probing = false;
        input_expect_report(&r->input, false);
        event_del(r->ev_probe);
        if (ev->col != PROBE_COLUMNS + 1)
            return;
        r->term.charset = TERM_CHARSET_UNICODE;
        r->term.on_event(r->term.arg, &(struct term_event){.kind = TERM_EV_RESIZE});
        return;
    }
    r->term.on_event(r->term.arg, ev);
}

static void on_probe_over(evutil_socket_t fd, short what, void *arg)
{
    struct real *r = arg;
    r->probing = false; /* the answer, should it still come, is swallowed */
}

static void on_escape_over(evutil_socket_t fd, short what, void *arg)
{
    struct real *r = arg;
    input_timeout(&r->input, deliver, r);
}

/* Turns the terminal's coding into UTF-8; what is cut off at the end of a read waits in half. */
static void feed_locale(struct real *r, const char *bytes, size_t len)
{
    static const char bad[] = "?";
    for (size_t i = 0; i < len;) {
        wchar_t wc;
        size_t n = mbrtowc(&wc, bytes + i, len - i, &r->half);
        char utf8[4];
        if (n == (size_t)-2)
            return;
        if (n == (size_t)-1) {
            input_feed(&r->input, bad, 1, deliver, r);
            r->half = (mbstate_t){0};
            i++;
            continue;
        }
        input_feed(&r->input, utf8, text_encode((uint32_t)wc, utf8), deliver, r);
        i += n ? n : 1;
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct real *r = arg;
    char bytes[4096];
    ssize_t n = read(r->in_fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        event_del(r->ev_in);
        r->term.on_event(r->term.arg, &(struct term_event){.kind = TERM_EV_CLOSED});
        return;
    }
    event_del(r->ev_esc);
    if (r->to_locale)
        feed_locale(r, bytes, (size_t)n);
    else
        input_feed(&r->input, bytes, (size_t)n, deliver, r);
    if (input_is_pending(&r->input))
        event_add(r->ev_esc, &(struct timeval){.tv_usec = ESC_WAIT_MS * 1000});
}

static void on_winch(evutil_socket_t sig, short what, void *arg)
{
    struct real *r = arg;
    read_size(r);
    r->term.on_event(r->term.arg, &(struct term_event){.kind = TERM_EV_RESIZE});
}

static void on_cont(evutil_socket_t sig, short what, void *arg)
{
    struct real *r = arg;
    r->raw = false;
    if (set_raw(r, true) == 0)
        on_winch(SIGWINCH, EV_SIGNAL, arg);
}

static void on_end_signal(evutil_socket_t sig, short what, void *arg)
{
    struct real *r = arg;
    r->term.on_event(r->term.arg, &(struct term_event){.kind = TERM_EV_CLOSED});
}

static void real_suspend(struct term *t)
{
    struct real *r = (struct real *)t;
    set_raw(r, false);
    raise(SIGTSTP); /* goes on in on_cont */
}

static void free_event(struct event **ev)
{
    if (*ev)
        event_free(*ev);
    *ev = NULL;
}

static void real_destroy(struct term *t)
{
    struct real *r = (struct real *)t;
    set_raw(r, false);
    catch_crashes(false);
    struct event **all[] = {&r->ev_in,    &r->ev_out,  &r->ev_esc, &r->ev_probe,
                            &r->ev_winch, &r->ev_cont, &r->ev_hup, &r->ev_term};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free_event(all[i]);
    grid_fini(&t->grid);
    grid_fini(&r->shown);
    input_fini(&r->input);
    buf_fini(&r->out);
    terminfo_fini(&r->ti);
    if (r->out_fd > STDERR_FILENO)
        close(r->out_fd);
    free(r);
}

static const struct term_ops real_ops = {
    .flush = real_flush,
    .redraw = real_redraw,
    .suspend = real_suspend,
    .copy = real_copy,
    .destroy = real_destroy,
};

static int arm_events(struct real *r)
{
    struct event_base *b = r->base;
    r->ev_in = event_new(b, r->in_fd, EV_READ | EV_PERSIST, on_readable, r);
    r->ev_out = event_new(b, r->out_fd, EV_WRITE, on_writable, r);
    r->ev_esc = evtimer_new(b, on_escape_over, r);
    r->ev_probe = evtimer_new(b, on_probe_over, r);
    r->ev_winch = evsignal_new(b, SIGWINCH, on_winch, r);
    r->ev_cont = evsignal_new(b, SIGCONT, on_cont, r);
    r->ev_hup = evsignal_new(b, SIGHUP, on_end_signal, r);
    r->ev_term = evsignal_new(b, SIGTERM, on_end_signal, r);
    struct event *now[] = {r->ev_in, r->ev_winch, r->ev_cont, r->ev_hup, r->ev_term};
    for (size_t i = 0; i < sizeof now / sizeof *now; i++) {
        if (!now[i] || event_add(now[i], NULL) != 0)
            return ERR_NOMEM;
    }
    return r->ev_out && r->ev_esc && r->ev_probe ? 0 : ERR_NOMEM;
}

static void arm_crash(struct real *r)
{
    crash.fd = r->out_fd;
    crash.cooked = r->cooked;
    crash.restore_len = (size_t)snprintf(crash.restore, sizeof crash.restore, "%s\r\n", r->ti.leave);
    if (crash.restore_len >= sizeof crash.restore)
        crash.restore_len = sizeof crash.restore - 1;
    catch_crashes(true);
}

struct term *term_open(struct event_base *base, const struct term_options *opts, struct err *e)
{
    const char *name = getenv("TERM");
    struct real *r = calloc(1, sizeof *r);
    if (!r) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    r->base = base;
    r->in_fd = STDIN_FILENO;
    /* Opened again, so that not blocking is ours alone and not the shell's afterwards. */
    const char *tty = ttyname(STDOUT_FILENO);
    r->out_fd = tty ? open(tty, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    if (r->out_fd < 0)
        r->out_fd = STDOUT_FILENO;
    buf_init(&r->out, OUT_MAX);
    input_init(&r->input);
    r->to_locale = strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && MB_CUR_MAX > 1;
    r->term = (struct term){.ops = &real_ops, .cursor_row = -1, .on_event = opts->on_event, .arg = opts->arg};
    r->term.can_chinese = !name || strcmp(name, "linux") != 0;
    r->term.charset = opts->charset == TERM_CHARSET_UNICODE ? TERM_CHARSET_UNICODE : TERM_CHARSET_ASCII;
    if (!isatty(r->in_fd) || !isatty(STDOUT_FILENO) || tcgetattr(r->in_fd, &r->cooked) != 0) {
        err_set(e, ERR_PRECONDITION, "not a terminal: use a command such as \"wangge case list\" instead");
        goto fail;
    }
    terminfo_load(&r->ti, name, r->out_fd, opts->no_colour, &r->input);
    r->ti.caps.encode = r->to_locale ? encode_locale : NULL;
    if (!r->ti.caps.cup || !r->ti.caps.clear) {
        err_set(e, ERR_PRECONDITION,
                "terminal type \"%s\" cannot move the cursor: set TERM, or use a command such as \"wangge case list\"",
                name ? name : "");
        goto fail;
    }
    read_size(r);
    if (!r->term.grid.cells || arm_events(r) != 0) {
        err_set(e, ERR_NOMEM, "out of memory");
        goto fail;
    }
    arm_crash(r);
    if (set_raw(r, true) != 0) {
        err_errno(e, errno, "the terminal cannot be switched to raw mode");
        goto fail;
    }
    if (opts->charset == TERM_CHARSET_AUTO && !r->to_locale && MB_CUR_MAX > 1) {
        r->probing = true;
        input_expect_report(&r->input, true);
        queue(r, probe_text);
        queue(r, "\033[6n\r");
        event_add(r->ev_probe, &(struct timeval){.tv_usec = PROBE_WAIT_MS * 1000});
        write_out(r);
    }
    return &r->term;
fail:
    real_destroy(&r->term);
    return NULL;
}
