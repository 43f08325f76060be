/* SPDX-License-Identifier: MIT */
/* Asking the person at the terminal, who may also not be there. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"
#include "common/base/text.h"

/* Reads bytes of one line from fd; false at end of input, or at the byte stop (0: none). */
static bool read_line(int fd, char stop, char *out, size_t size)
{
    size_t n = 0;
    for (;;) {
        char ch;
        ssize_t got = read(fd, &ch, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            out[n] = '\0';
            return n > 0;
        }
        if (ch == '\n')
            break;
        if (stop && ch == stop) {
            explicit_bzero(out, size);
            return false;
        }
        if (n + 1 < size)
            out[n++] = ch;
    }
    if (n > 0 && out[n - 1] == '\r')
        n--;
    out[n] = '\0';
    return true;
}

/* The terminal speaks the session's character set; inside all is UTF-8. */
static bool to_utf8(struct cli *c, char *text, size_t size)
{
    if (c->converter == (iconv_t)-1)
        return text_is_utf8(text, strlen(text));
    const char *codeset = nl_langinfo(CODESET);
    iconv_t cd = iconv_open("UTF-8", codeset);
    if (cd == (iconv_t)-1)
        return false;
    char *copy = strdup(text);
    char *in = copy, *out = text;
    size_t left = copy ? strlen(copy) : 0, room = size - 1;
    bool fine = copy && iconv(cd, &in, &left, &out, &room) != (size_t)-1;
    *out = '\0';
    free(copy);
    iconv_close(cd);
    return fine;
}

bool ask_line(struct cli *c, const char *prompt, char *out, size_t size)
{
    fflush(stdout);
    char with_blank[256];
    snprintf(with_blank, sizeof with_blank, "%s ", prompt);
    fputs(with_blank, stderr);
    fflush(stderr);
    return read_line(STDIN_FILENO, 0, out, size) && to_utf8(c, out, size);
}

bool ask_secret(struct cli *c, const char *prompt, char *out, size_t size)
{
    enum { CTRL_C = 3 };
    struct termios before, silent;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    bool fine = tcgetattr(fd, &before) == 0;
    if (fine) {
        silent = before;
        /* Ctrl-C ends the line instead of the program, which would leave the terminal without echo. */
        silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ISIG);
        silent.c_lflag |= ICANON | ECHONL;
        silent.c_cc[VEOL] = CTRL_C;
        fine = tcsetattr(fd, TCSAFLUSH, &silent) == 0;
    }
    if (fine) {
        dprintf(fd, "%s ", prompt);
        fine = read_line(fd, CTRL_C, out, size);
        tcsetattr(fd, TCSAFLUSH, &before);
        if (!fine)
            dprintf(fd, "\n");
        c->interrupted = !fine;
    }
    close(fd);
    return fine && to_utf8(c, out, size);
}

int ask_password(struct cli *c, const char *prompt, char *out, size_t size)
{
    if (options_has(&c->opt, OPTION_NO_INPUT)) {
        out_error(c, "%s", _("Give the password with --password-stdin."));
        return CLI_USAGE;
    }
    if (ask_secret(c, prompt, out, size))
        return out[0] ? CLI_OK : CLI_CANCELLED;
    if (c->interrupted)
        return CLI_INTERRUPTED;
    out_error(c, "%s", _("There is no terminal to ask for the password. Use --password-stdin."));
    return CLI_USAGE;
}

int ask_again(struct cli *c, const char *first)
{
    char again[1028] = "";
    int rc = CLI_OK;
    if (!ask_secret(c, _("Again:"), again, sizeof again))
        rc = c->interrupted ? CLI_INTERRUPTED : CLI_CANCELLED;
    else if (strcmp(first, again) != 0) {
        out_error(c, "%s", _("The two passwords differ; nothing was changed."));
        rc = CLI_INVALID;
    }
    explicit_bzero(again, sizeof again);
    return rc;
}

int ask_confirm(struct cli *c, const char *question)
{
    char answer[16];
    char prompt[256];
    if (options_has(&c->opt, OPTION_YES))
        return CLI_OK;
    if (!c->may_ask) {
        out_error(c, _("%s Nobody can be asked here: give --yes."), question);
        return CLI_USAGE;
    }
    snprintf(prompt, sizeof prompt, _("%s [y/N]"), question);
    if (!ask_line(c, prompt, answer, sizeof answer))
        return CLI_CANCELLED;
    /* Full-width letters come from Chinese input methods. */
    static const char *const yes[] = {"y", "Y", "yes", "ｙ", "Ｙ", "是", "好"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcmp(answer, yes[i]) == 0)
            return CLI_OK;
    out_note(c, "%s", _("Nothing was changed."));
    return CLI_CANCELLED;
}

int ask_stdin_text(struct cli *c, char *out, size_t size)
{
    size_t n = fread(out, 1, size, stdin);
    if (ferror(stdin)) {
        out_error(c, _("Standard input cannot be read (%s)."), strerror(errno));
        return CLI_FAILED;
    }
    if (n >= size || memchr(out, '\0', n)) {
        out_error(c, "%s", _("The text on standard input is too long, or no text."));
        return CLI_INVALID;
    }
    while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == '\r'))
        n--;
    out[n] = '\0';
    if (!text_is_utf8(out, n)) {
        out_error(c, "%s", _("The text on standard input is not UTF-8."));
        return CLI_INVALID;
    }
    return CLI_OK;
}
