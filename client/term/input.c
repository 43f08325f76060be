/* SPDX-License-Identifier: MIT */
/* The input decoder; see input.h. */
#include "client/term/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

static const struct {
    const char *seq;
    uint32_t key;
} known_keys[] = {
    {"\033[A", TK_UP},
    {"\033[B", TK_DOWN},
    {"\033[C", TK_RIGHT},
    {"\033[D", TK_LEFT},
    {"\033OA", TK_UP},
    {"\033OB", TK_DOWN},
    {"\033OC", TK_RIGHT},
    {"\033OD", TK_LEFT},
    {"\033[H", TK_HOME},
    {"\033[F", TK_END},
    {"\033OH", TK_HOME},
    {"\033OF", TK_END},
    {"\033[1~", TK_HOME},
    {"\033[4~", TK_END},
    {"\033[7~", TK_HOME},
    {"\033[8~", TK_END},
    {"\033[5~", TK_PGUP},
    {"\033[6~", TK_PGDN},
    {"\033[2~", TK_INSERT},
    {"\033[3~", TK_DELETE},
    {"\033[Z", TK_BACKTAB},
    {"\033OM", TK_ENTER},
    /* function keys: VT100 style, VT220 style, Linux console */
    {"\033OP", TK_F(1)},
    {"\033OQ", TK_F(2)},
    {"\033OR", TK_F(3)},
    {"\033OS", TK_F(4)},
    {"\033[P", TK_F(1)},
    {"\033[Q", TK_F(2)},
    {"\033[S", TK_F(4)},
    {"\033[11~", TK_F(1)},
    {"\033[12~", TK_F(2)},
    {"\033[13~", TK_F(3)},
    {"\033[14~", TK_F(4)},
    {"\033[15~", TK_F(5)},
    {"\033[17~", TK_F(6)},
    {"\033[18~", TK_F(7)},
    {"\033[19~", TK_F(8)},
    {"\033[20~", TK_F(9)},
    {"\033[21~", TK_F(10)},
    {"\033[23~", TK_F(11)},
    {"\033[24~", TK_F(12)},
    {"\033[[A", TK_F(1)},
    {"\033[[B", TK_F(2)},
    {"\033[[C", TK_F(3)},
    {"\033[[D", TK_F(4)},
    {"\033[[E", TK_F(5)},
};

void input_init(struct input *in)
{
    memset(in, 0, sizeof *in);
    buf_init(&in->_paste, INPUT_PASTE_MAX);
}

void input_fini(struct input *in)
{
    buf_fini(&in->_paste);
}

void input_add_key(struct input *in, const char *seq, uint32_t key)
{
    size_t len = strlen(seq);
    if (len < 2 || len >= sizeof in->_extra[0].seq || in->_n_extra == INPUT_KEYS_MAX)
        return;
    memcpy(in->_extra[in->_n_extra].seq, seq, len + 1);
    in->_extra[in->_n_extra++].key = key;
}

void input_expect_report(struct input *in, bool yes)
{
    in->_reports = yes;
}

bool input_is_pending(const struct input *in)
{
    return in->_len > 0;
}

static void send_key(uint32_t key, term_event_fn fn, void *arg)
{
    if (key == '\n')
        key = TK_ENTER;
    if (key == 0x7f || key == 0x08)
        key = TK_BACKSPACE;
    struct term_event ev = {.kind = TERM_EV_KEY, .key = key};
    fn(arg, &ev);
}

static void send_paste(struct input *in, term_event_fn fn, void *arg)
{
    if (buf_append(&in->_paste, "", 1) == 0) {
        struct term_event ev = {
            .kind = TERM_EV_PASTE, .text = (const char *)buf_data(&in->_paste), .len = buf_len(&in->_paste) - 1};
        if (text_is_utf8(ev.text, ev.len))
            fn(arg, &ev);
    }
    buf_clear(&in->_paste);
}

static uint32_t lookup(const struct input *in, const char *seq)
{
    for (int i = 0; i < in->_n_extra; i++) {
        if (strcmp(in->_extra[i].seq, seq) == 0)
            return in->_extra[i].key;
    }
    for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys; i++) {
        if (strcmp(known_keys[i].seq, seq) == 0)
            return known_keys[i].key;
    }
    return 0;
}

/* Shift, Alt and Ctrl add ";M" before the final byte: the key is what it is without them. */
static uint32_t lookup_modified(const struct input *in, const char *seq, size_t len)
{
    const char *semi = memchr(seq, ';', len);
    if (!semi)
        return 0;
    char plain[INPUT_SEQ_MAX];
    size_t head = (size_t)(semi - seq);
    if (head + 2 > sizeof plain)
        return 0;
    memcpy(plain, seq, head);
    char final = seq[len - 1];
    if (final != '~' && head == 3 && seq[2] == '1') /* CSI 1 ; M A */
        head = 2;
    plain[head] = final;
    plain[head + 1] = 0;
    return lookup(in, plain);
}

/* Length of the sequence that starts at the held Esc, 0 if more bytes are needed. */
static size_t seq_len(const char *s, size_t len)
{
    if (len < 2)
        return 0;
    if (s[1] == '[') {
        if (len >= 3 && s[2] == '[') /* Linux console function keys */
            return len >= 4 ? 4 : 0;
        for (size_t i = 2; i < len; i++) {
            if ((unsigned char)s[i] >= 0x40 && (unsigned char)s[i] <= 0x7e)
                return i + 1;
            if ((unsigned char)s[i] < 0x20)
                return i; /* cut off in the middle: give up on it */
        }
        return 0;
    }
    if (s[1] == 'O')
        return len >= 3 ? 3 : 0;
    return (unsigned char)s[1] >= 0x80 ? 1 : 2; /* Esc, then a character of several bytes */
}

static void handle_seq(struct input *in, const char *s, size_t len, term_event_fn fn, void *arg)
{
    char seq[INPUT_SEQ_MAX + 1];
    memcpy(seq, s, len);
    seq[len] = 0;
    if (strcmp(seq, "\033[200~") == 0) {
        in->_pasting = true;
        in->_after_cr = false;
        return;
    }
    int row, col;
    char end;
    if (in->_reports && sscanf(seq, "\033[%d;%d%c", &row, &col, &end) == 3 && end == 'R') {
        struct term_event ev = {.kind = TERM_EV_REPORT, .col = col};
        fn(arg, &ev);
        return;
    }
    uint32_t key = lookup(in, seq);
    if (!key)
        key = lookup_modified(in, seq, len);
    if (!key && len == 2 && seq[1] >= '0' && seq[1] <= '9')
        key = TK_F(seq[1] == '0' ? 10 : seq[1] - '0');
    if (key) {
        send_key(key, fn, arg);
        return;
    }
    if (len <= 2 && seq[1] != '[' && seq[1] != 'O') { /* Alt+letter is Esc, then the letter */
        send_key(TK_ESC, fn, arg);
        if (len == 2 && seq[1] != '\033')
            send_key((unsigned char)seq[1], fn, arg);
    }
}

/* True if the bytes may yet become a character. */
static bool is_cut_off(const char *s, size_t len)
{
    unsigned char c = (unsigned char)s[0];
    size_t want = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xc2 && c < 0xe0 ? 2 : 1;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return false;
    }
    return len < want;
}

/* Takes one unit off the held bytes; false if more are needed. */
static bool step(struct input *in, term_event_fn fn, void *arg)
{
    char *s = in->_seq;
    size_t used;
    if ((unsigned char)s[0] == 0x1b) {
        used = seq_len(s, in->_len);
        if (used == 0 && in->_len < INPUT_SEQ_MAX)
            return false;
        if (used == 0)
            used = in->_len;
        handle_seq(in, s, used, fn, arg);
    } else {
        uint32_t cp;
        used = text_decode(s, in->_len, &cp);
        if (used == 0) {
            if (is_cut_off(s, in->_len))
                return false;
            used = 1; /* malformed: drop a byte */
        } else {
            send_key(cp, fn, arg);
        }
    }
    memmove(s, s + used, in->_len - used);
    in->_len -= used;
    return true;
}

/* Inside a paste only the closing mark counts. */
static void paste_byte(struct input *in, char c, term_event_fn fn, void *arg)
{
    static const char mark[] = "\033[201~";
    const size_t mark_len = sizeof mark - 1;
    in->_seq[in->_len++] = c;
    if (memcmp(in->_seq, mark, in->_len) == 0) {
        if (in->_len < mark_len)
            return;
        in->_len = 0;
        in->_pasting = false;
        send_paste(in, fn, arg);
        return;
    }
    char held[INPUT_SEQ_MAX];
    size_t n = in->_len;
    memcpy(held, in->_seq, n);
    in->_len = 0;
    size_t emit = n;
    if (n > 1 && held[n - 1] == '\033') {
        emit = n - 1;
        in->_seq[in->_len++] = '\033';
    }
    for (size_t i = 0; i < emit; i++) {
        char out = held[i] == '\r' ? '\n' : held[i];
        bool skip = held[i] == '\033' || (held[i] == '\n' && in->_after_cr);
        in->_after_cr = held[i] == '\r';
        if (skip)
            continue;
        if (buf_append(&in->_paste, &out, 1) != 0)
            return; /* full: the rest of the paste is dropped */
    }
}

void input_feed(struct input *in, const char *bytes, size_t len, term_event_fn fn, void *arg)
{
    for (size_t i = 0; i < len; i++) {
        if (in->_pasting) {
            paste_byte(in, bytes[i], fn, arg);
            continue;
        }
        in->_seq[in->_len++] = bytes[i];
        while (in->_len > 0 && !in->_pasting && step(in, fn, arg))
            ;
    }
}

void input_timeout(struct input *in, term_event_fn fn, void *arg)
{
    if (in->_pasting || in->_len == 0)
        return;
    if (in->_seq[0] == '\033') {
        bool lone = in->_len == 1;
        in->_len = 0;
        if (lone)
            send_key(TK_ESC, fn, arg);
    } else {
        in->_len = 0;
    }
}

uint32_t input_fold(uint32_t key)
{
    static const struct {
        uint32_t from, to;
    } punct[] = {
        {0x3001, '/'}, /* 、 */ {0x3002, '.'}, /* 。 */ {0x3010, '['}, /* 【 */ {0x3011, ']'}, /* 】 */
        {0x300c, '['}, /* 「 */ {0x300d, ']'}, /* 」 */ {0x300a, '<'}, /* 《 */ {0x300b, '>'}, /* 》 */
        {0x2014, '-'}, /* — */ {0x2026, '^'},  /* … */ {0x00b7, '`'},  /* · */ {0xffe5, '$'},  /* ￥ */
        {0x201c, '"'}, /* “ */ {0x201d, '"'},  /* ” */ {0x2018, '\''}, /* ‘ */ {0x2019, '\''}, /* ’ */
        {0x00d7, '*'},                                                                         /* × */
    };
    if (key >= 0xff01 && key <= 0xff5e)
        return key - 0xff01 + '!';
    if (key == 0x3000)
        return ' ';
    for (size_t i = 0; i < sizeof punct / sizeof *punct; i++) {
        if (punct[i].from == key)
            return punct[i].to;
    }
    return key;
}

void input_key_name(uint32_t key, char *dst, size_t dst_size)
{
    static const struct {
        uint32_t key;
        const char *name;
    } names[] = {
        {TK_ESC, "Esc"},       {TK_UP, "Up"},       {TK_DOWN, "Down"},  {TK_LEFT, "Left"},
        {TK_RIGHT, "Right"},   {TK_HOME, "Home"},   {TK_END, "End"},    {TK_PGUP, "PgUp"},
        {TK_PGDN, "PgDn"},     {TK_INSERT, "Ins"},  {TK_DELETE, "Del"}, {TK_BACKSPACE, "BS"},
        {TK_BACKTAB, "S-Tab"}, {TK_ENTER, "Enter"}, {TK_TAB, "Tab"},    {' ', "Space"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].key == key) {
            snprintf(dst, dst_size, "%s", names[i].name);
            return;
        }
    }
    if (key > TK_F0 && key <= TK_F12) {
        snprintf(dst, dst_size, "F%d", (int)(key - TK_F0));
    } else if (key < 0x20) {
        snprintf(dst, dst_size, "Ctrl-%c", (char)(key + '@'));
    } else {
        char utf8[4];
        size_t n = text_encode(key, utf8);
        snprintf(dst, dst_size, "%.*s", (int)n, utf8);
    }
}
