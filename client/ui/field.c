/* SPDX-License-Identifier: MIT */
/* The text field; see field.h. */
#include "client/ui/field.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

int field_init(struct field *f, int max_chars)
{
    memset(f, 0, sizeof *f);
    f->max_chars = max_chars;
    f->_cap = 64;
    f->text = calloc(1, f->_cap);
    return f->text ? 0 : ERR_NOMEM;
}

void field_fini(struct field *f)
{
    if (f->text && f->secret)
        explicit_bzero(f->text, f->_cap);
    free(f->text);
    memset(f, 0, sizeof *f);
}

bool field_is_empty(const struct field *f)
{
    return f->len == 0;
}

static bool reserve(struct field *f, size_t need)
{
    if (need <= f->_cap)
        return true;
    size_t cap = f->_cap;
    while (cap < need)
        cap *= 2;
    char *grown = malloc(cap);
    if (!grown)
        return false;
    memcpy(grown, f->text, f->len + 1);
    if (f->secret)
        explicit_bzero(f->text, f->_cap);
    free(f->text);
    f->text = grown;
    f->_cap = cap;
    return true;
}

bool field_insert(struct field *f, const char *text, size_t len)
{
    int chars = (int)text_chars(f->text, f->len);
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = text_decode(text + i, len - i, &cp);
        const char *put = text + i;
        i += n ? n : 1;
        if (n == 0 || cp == '\r')
            continue;
        if (cp == '\t' || (cp == '\n' && !f->lines)) {
            put = " ";
            n = 1;
        } else if (cp != '\n' && width_cp(cp) < 0) {
            continue;
        }
        if (chars >= f->max_chars || !reserve(f, f->len + n + 1))
            return false;
        memmove(f->text + f->cursor + n, f->text + f->cursor, f->len - f->cursor + 1);
        memcpy(f->text + f->cursor, put, n);
        f->cursor += n;
        f->len += n;
        chars++;
    }
    return true;
}

void field_set(struct field *f, const char *text)
{
    f->len = f->cursor = 0;
    f->_scroll = 0;
    if (f->secret)
        explicit_bzero(f->text, f->_cap);
    f->text[0] = 0;
    field_insert(f, text, strlen(text));
}

static void erase(struct field *f, size_t from, size_t to)
{
    memmove(f->text + from, f->text + to, f->len - to + 1);
    if (f->secret)
        explicit_bzero(f->text + f->len - (to - from), to - from);
    f->len -= to - from;
    f->cursor = from;
}

static size_t next_glyph(const struct field *f, size_t at)
{
    if (at >= f->len)
        return at;
    if (f->text[at] == '\n')
        return at + 1;
    return at + width_next(f->text + at, f->len - at).len;
}

static size_t prev_glyph(const struct field *f, size_t at)
{
    if (at > 0 && f->text[at - 1] == '\n')
        return at - 1;
    return width_prev(f->text, at);
}

static size_t line_start(const struct field *f)
{
    size_t i = f->cursor;
    while (i > 0 && f->text[i - 1] != '\n')
        i--;
    return i;
}

static size_t line_end(const struct field *f)
{
    size_t i = f->cursor;
    while (i < f->len && f->text[i] != '\n')
        i++;
    return i;
}

/* Words are runs without blanks; in Chinese, which has none, a word is cut at a punctuation mark or the line's start. */
static size_t word_start(const struct field *f)
{
    size_t i = f->cursor;
    while (i > 0 && f->text[i - 1] == ' ')
        i--;
    bool ascii = i > 0 && (unsigned char)f->text[i - 1] < 0x80;
    while (i > 0 && f->text[i - 1] != ' ' && f->text[i - 1] != '\n') {
        if (((unsigned char)f->text[i - 1] < 0x80) != ascii)
            break;
        size_t p = prev_glyph(f, i);
        uint32_t cp = 0;
        text_decode(f->text + p, f->len - p, &cp);
        bool mark = (cp >= 0x3000 && cp <= 0x303f) || (cp >= 0xff00 && cp <= 0xff20);
        if (mark && i != f->cursor)
            break;
        i = p;
    }
    return i;
}

bool field_key(struct field *f, uint32_t key, bool *changed)
{
    size_t old_len = f->len;
    bool known = true;
    char utf8[4];
    switch (key) {
    case TK_LEFT:
        f->cursor = prev_glyph(f, f->cursor);
        break;
    case TK_RIGHT:
        f->cursor = next_glyph(f, f->cursor);
        break;
    case TK_HOME:
    case TK_CTRL('A'):
        f->cursor = line_start(f);
        break;
    case TK_END:
    case TK_CTRL('E'):
        f->cursor = line_end(f);
        break;
    case TK_BACKSPACE:
        erase(f, prev_glyph(f, f->cursor), f->cursor);
        break;
    case TK_DELETE:
        erase(f, f->cursor, next_glyph(f, f->cursor));
        break;
    case TK_CTRL('W'):
        erase(f, word_start(f), f->cursor);
        break;
    case TK_CTRL('U'):
        erase(f, line_start(f), f->cursor);
        break;
    case TK_CTRL('K'):
        erase(f, f->cursor, line_end(f));
        break;
    case TK_ENTER:
        known = f->lines;
        if (known)
            field_insert(f, "\n", 1);
        break;
    default:
        known = key >= 0x20 && key < TK_BASE && key != 0x7f;
        if (known)
            field_insert(f, utf8, text_encode(key, utf8));
        break;
    }
    if (changed)
        *changed = f->len != old_len;
    return known;
}

size_t field_wrap(const char *s, size_t len, int columns, size_t *next)
{
    const char *nl = memchr(s, '\n', len);
    size_t line = nl ? (size_t)(nl - s) : len;
    size_t fit = width_fit(s, line, columns);
    if (fit == line) {
        *next = nl ? line + 1 : line;
        return fit;
    }
    if (fit == 0) /* narrower than one glyph: go on all the same */
        fit = width_next(s, line).len;
    /* A Latin word is not torn apart if the line holds a blank in its second half. */
    size_t cut = fit;
    if ((unsigned char)s[fit] < 0x80 && (unsigned char)s[fit - 1] < 0x80 && s[fit] != ' ') {
        while (cut > fit / 2 && s[cut - 1] != ' ' && (unsigned char)s[cut - 1] < 0x80)
            cut--;
        if (cut <= fit / 2)
            cut = fit;
    }
    *next = cut;
    while (*next < line && s[*next] == ' ')
        (*next)++;
    return cut;
}

static void paint_secret(struct field *f, struct term *t, int row, int col, int columns, bool focused)
{
    int n = (int)text_chars(f->text, f->len), before = (int)text_chars(f->text, f->cursor);
    int first = before >= columns ? before - columns + 1 : 0;
    grid_fill(&t->grid, row, col, n - first < columns ? n - first : columns, 0, "*");
    if (focused) {
        t->cursor_row = row;
        t->cursor_col = col + before - first;
    }
}

static void paint_line(struct field *f, struct term *t, int row, int col, int columns, bool focused)
{
    int at = width_strn(f->text, f->cursor);
    if (at < f->_scroll)
        f->_scroll = at;
    if (at >= f->_scroll + columns)
        f->_scroll = at - columns + 1;
    size_t skip = width_fit(f->text, f->len, f->_scroll);
    int gone = width_strn(f->text, skip);
    while (skip < f->cursor && at - gone >= columns) { /* a wide glyph across the left edge */
        skip += width_next(f->text + skip, f->len - skip).len;
        gone = width_strn(f->text, skip);
    }
    grid_put(&t->grid, row, col, columns, 0, f->text + skip);
    if (focused) {
        t->cursor_row = row;
        t->cursor_col = col + at - gone;
    }
}

static void paint_lines(struct field *f, struct term *t, int row, int col, int rows, int columns, bool focused)
{
    int line = 0, cur_line = 0, cur_col = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t at = 0;
        line = 0;
        for (;;) {
            size_t next, n = field_wrap(f->text + at, f->len - at, columns, &next);
            bool last = at + next >= f->len;
            bool ends_line = next > n && f->text[at + next - 1] == '\n';
            if (f->cursor >= at && (f->cursor < at + next || (last && !ends_line))) {
                size_t in = f->cursor - at > n ? n : f->cursor - at;
                cur_line = line;
                cur_col = width_strn(f->text + at, in);
                if (cur_col >= columns) {
                    cur_line++;
                    cur_col = 0;
                }
            }
            if (pass == 1 && line >= f->_scroll && line < f->_scroll + rows)
                grid_putn(&t->grid, row + line - f->_scroll, col, columns, 0, f->text + at, n);
            line++;
            at += next;
            if (last && !ends_line)
                break;
        }
        if (cur_line < f->_scroll)
            f->_scroll = cur_line;
        if (cur_line >= f->_scroll + rows)
            f->_scroll = cur_line - rows + 1;
    }
    if (focused) {
        t->cursor_row = row + cur_line - f->_scroll;
        t->cursor_col = col + cur_col;
    }
}

void field_paint(struct field *f, struct term *t, int row, int col, int rows, int columns, bool focused)
{
    uint16_t edge = focused ? ATTR_BOLD : 0;
    for (int r = 0; r < rows; r++) {
        grid_put(&t->grid, row + r, col, 1, edge, "[");
        grid_fill(&t->grid, row + r, col + 1, columns - 2, 0, "_");
        grid_put(&t->grid, row + r, col + columns - 1, 1, edge, "]");
    }
    if (f->secret)
        paint_secret(f, t, row, col + 1, columns - 2, focused);
    else if (rows == 1 && !f->lines)
        paint_line(f, t, row, col + 1, columns - 2, focused);
    else
        paint_lines(f, t, row, col + 1, rows, columns - 2, focused);
}
