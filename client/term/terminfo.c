/* SPDX-License-Identifier: MIT */
/* Reads terminfo; see terminfo.h. */
#include "client/term/terminfo.h"

#include <stdio.h>
#include <string.h>

#include <curses.h>
#include <term.h>

static const char *get(const char *name)
{
    const char *s = tigetstr(name);
    return s && s != (char *)-1 ? s : NULL;
}

/* Terminfo strings may hold delays like $<5>, which only tputs understands; nothing today needs them. */
static const char *keep(struct terminfo *ti, int slot, const char *s)
{
    if (!s)
        return NULL;
    char *d = ti->_text[slot];
    size_t n = 0;
    while (*s && n + 1 < TERMINFO_CAP_MAX) {
        const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
        if (end) {
            s = end + 1;
            continue;
        }
        d[n++] = *s++;
    }
    d[n] = 0;
    return n ? d : NULL;
}

static void add_keys(struct input *in)
{
    static const struct {
        const char *name;
        uint32_t key;
    } keys[] = {
        {"kf1", TK_F(1)},     {"kf2", TK_F(2)},   {"kf3", TK_F(3)},   {"kf4", TK_F(4)},     {"kf5", TK_F(5)},
        {"kf6", TK_F(6)},     {"kf7", TK_F(7)},   {"kf8", TK_F(8)},   {"kf9", TK_F(9)},     {"kf10", TK_F(10)},
        {"kcuu1", TK_UP},     {"kcud1", TK_DOWN}, {"kcub1", TK_LEFT}, {"kcuf1", TK_RIGHT},  {"khome", TK_HOME},
        {"kend", TK_END},     {"kpp", TK_PGUP},   {"knp", TK_PGDN},   {"kdch1", TK_DELETE}, {"kich1", TK_INSERT},
        {"kcbt", TK_BACKTAB},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *seq = get(keys[i].name);
        if (seq)
            input_add_key(in, seq, keys[i].key);
    }
}

void terminfo_load(struct terminfo *ti, const char *term_name, int fd, bool no_colour, struct input *in)
{
    static const struct {
        const char *name, *ansi;
    } wanted[TERMINFO_CAPS] = {
        {"cup", "\033[%i%p1%d;%p2%dH"},
        {"clear", "\033[H\033[2J"},
        {"el", "\033[K"},
        {"sgr0", "\033[m"},
        {"bold", "\033[1m"},
        {"rev", "\033[7m"},
        {"dim", NULL},
        {"smul", "\033[4m"},
        {"setaf", NULL},
        {"civis", NULL},
        {"cnorm", NULL},
        {"smkx", NULL},
    };
    int why = 0;
    bool known = term_name && setupterm(term_name, fd, &why) == OK;
    const char *got[TERMINFO_CAPS];
    memset(ti, 0, sizeof *ti);
    for (int i = 0; i < TERMINFO_CAPS; i++)
        got[i] = keep(ti, i, known ? get(wanted[i].name) : wanted[i].ansi);
    bool colour = known && !no_colour && tigetnum("colors") >= 8;
    ti->caps = (struct diff_caps){
        .cup = got[0],
        .clear = got[1],
        .el = got[2],
        .sgr0 = got[3],
        .bold = got[4],
        .reverse = got[5],
        .dim = got[6],
        .underline = got[7],
        .setaf = colour ? got[8] : NULL,
        .hide = got[9],
        .show = got[10],
    };
    const char *smcup = known ? get("smcup") : NULL, *rmcup = known ? get("rmcup") : NULL, *rmkx = known ? get("rmkx") : NULL;
    snprintf(ti->enter, sizeof ti->enter, "%s%s\033[?2004h", smcup ? smcup : "", got[11] ? got[11] : "");
    snprintf(ti->leave, sizeof ti->leave, "\033[?2004l%s%s%s%s", got[3] ? got[3] : "", got[10] ? got[10] : "", rmkx ? rmkx : "",
             rmcup    ? rmcup
             : got[1] ? got[1]
                      : "\r\n"); /* without a second screen, leave a clean one */
    if (known)
        add_keys(in);
}

void terminfo_fini(struct terminfo *ti)
{
    if (cur_term)
        del_curterm(cur_term);
}
