/* SPDX-License-Identifier: MIT */
/*
 * What a terminal says and what is said to it. Input: a byte of flags and the split lengths, then bytes. They are decoded as
 * keys, whole and in pieces, with the same events; and as text they are measured, cut, padded and painted without ever
 * taking another number of columns than said.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "client/term/diff.h"
#include "client/term/grid.h"
#include "client/term/input.h"
#include "client/term/width.h"
#include "common/base/text.h"
#include "fuzz.h"

enum { FLAG_REPORTS = 8, FLAG_TIMEOUTS = 16, COLUMNS_MAX = 40, ROOM = 2048 };

struct events {
    uint64_t hash;
    size_t n;
};

static void on_event(void *arg, const struct term_event *ev)
{
    struct events *seen = arg;
    seen->n++;
    seen->hash = fuzz_hash(seen->hash, &ev->kind, sizeof ev->kind);
    if (ev->kind == TERM_EV_PASTE) {
        FUZZ_CHECK(text_is_utf8(ev->text, ev->len) && ev->text[ev->len] == '\0' && ev->len < INPUT_PASTE_MAX);
        FUZZ_CHECK(!memchr(ev->text, '\033', ev->len) && !memchr(ev->text, '\r', ev->len));
        seen->hash = fuzz_hash(seen->hash, ev->text, ev->len);
    } else if (ev->kind == TERM_EV_REPORT) {
        seen->hash = fuzz_hash(seen->hash, &ev->col, sizeof ev->col);
    } else {
        char name[32];
        FUZZ_CHECK(ev->kind == TERM_EV_KEY && ev->key <= TK_F12);
        seen->hash = fuzz_hash(seen->hash, &ev->key, sizeof ev->key);
        input_key_name(ev->key, name, sizeof name);
        FUZZ_CHECK((name[0] || ev->key == 0) && text_is_utf8(name, strlen(name)));
        FUZZ_CHECK(input_fold(input_fold(ev->key)) == input_fold(ev->key));
    }
}

static struct events decode(struct fuzz_input in, uint8_t flags, struct fuzz_splits splits, bool timeouts)
{
    struct events seen = {.hash = FUZZ_HASH};
    struct input *decoder = malloc(sizeof *decoder); /* so that a step out of it is seen */
    FUZZ_CHECK(decoder != NULL);
    input_init(decoder);
    input_expect_report(decoder, flags & FLAG_REPORTS);
    input_add_key(decoder, "\033[25~", TK_F(1));
    while (in.len > 0) {
        struct fuzz_input piece = fuzz_take(&in, fuzz_splits_next(&splits, in.len));
        input_feed(decoder, (const char *)piece.data, piece.len, on_event, &seen);
        if (timeouts)
            input_timeout(decoder, on_event, &seen);
    }
    input_timeout(decoder, on_event, &seen);
    input_fini(decoder);
    free(decoder);
    return seen;
}

/* Each glyph of s, and the way back. */
static void walk(const char *s, size_t len)
{
    int columns = 0;
    for (size_t at = 0; at < len;) {
        struct width_cluster c = width_next(s + at, len - at);
        FUZZ_CHECK(c.len >= 1 && c.len <= len - at && (c.columns == 1 || c.columns == 2));
        FUZZ_CHECK(c.text_len >= 1 && c.text_len <= WIDTH_CLUSTER_MAX && text_is_utf8(c.text, c.text_len));
        FUZZ_CHECK(width_strn(c.text, c.text_len) == c.columns);
        columns += c.columns;
        at += c.len;
    }
    FUZZ_CHECK(width_strn(s, len) == columns);
    for (size_t at = len; at > 0;) {
        size_t before = width_prev(s, at);
        FUZZ_CHECK(before < at);
        at = before;
    }
}

static void cut(const char *s, size_t len, int columns, size_t room)
{
    char *dst = malloc(room);
    FUZZ_CHECK(dst != NULL);
    size_t fit = width_fit(s, len, columns);
    FUZZ_CHECK(fit <= len && width_strn(s, fit) <= columns);
    int used = width_cut(dst, room, s, columns);
    FUZZ_CHECK(used <= columns && strlen(dst) < room && text_is_utf8(dst, strlen(dst)) && width_str(dst) == used);
    for (int sign = -1; sign <= 1; sign += 2) {
        width_pad(dst, room, s, sign * columns);
        FUZZ_CHECK(strlen(dst) < room && text_is_utf8(dst, strlen(dst)));
        FUZZ_CHECK(room == ROOM ? width_str(dst) == columns : width_str(dst) <= columns);
    }
    free(dst);
}

static void check_grid(struct grid *g)
{
    for (int row = 0; row < g->rows; row++)
        for (int col = 0; col < g->cols; col++) {
            const struct cell *c = grid_at(g, row, col);
            if (c->width == 2)
                FUZZ_CHECK(col + 1 < g->cols && grid_at(g, row, col + 1)->width == 0);
            if (c->width == 0)
                FUZZ_CHECK(col > 0 && grid_at(g, row, col - 1)->width == 2 && !c->text[0]);
            else
                FUZZ_CHECK(text_is_utf8(c->text, strlen(c->text)) && width_str(c->text) == c->width);
        }
}

static void paint(const char *s, size_t len, uint8_t where)
{
    static const struct diff_caps caps = {.cup = "\033[%i%p1%d;%p2%dH", .clear = "\033[H\033[2J", .sgr0 = "\033[m"};
    struct grid want = {0}, shown = {0};
    struct buf out;
    char row[ROOM];
    FUZZ_CHECK(grid_resize(&want, 3, COLUMNS_MAX) == 0 && grid_resize(&shown, 3, COLUMNS_MAX) == 0);
    buf_init(&out, 64 * 1024);
    int col = where % COLUMNS_MAX;
    FUZZ_CHECK(grid_putn(&want, 0, col, COLUMNS_MAX, ATTR_BOLD, s, len) <= COLUMNS_MAX - col);
    (void)grid_put_cut(&want, 0, where / 8, where % 8, ATTR_RED, s);
    check_grid(&want);
    grid_put_pad(&want, 1, 0, COLUMNS_MAX, ATTR_REVERSE, s);
    grid_fill(&want, 1, where % 7, where % 11, 0, "=");
    grid_attr(&want, 2, 0, COLUMNS_MAX, ATTR_DIM);
    check_grid(&want);
    FUZZ_CHECK(grid_row_text(&want, 0, row, sizeof row) < sizeof row && text_is_utf8(row, strlen(row)));
    FUZZ_CHECK(diff_emit(&caps, &shown, &want, where & 1, 1, 1, &out) == 0);
    FUZZ_CHECK(memcmp(shown.cells, want.cells, sizeof *want.cells * 3 * COLUMNS_MAX) == 0);
    buf_fini(&out);
    grid_fini(&want);
    grid_fini(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct fuzz_splits whole = {0};
    struct fuzz_input in = {data, size};
    struct fuzz_splits splits;
    uint8_t flags = fuzz_byte(&in);
    FUZZ_CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
    fuzz_splits_init(&splits, flags, &in);
    struct events a = decode(in, flags, whole, false);
    struct events b = decode(in, flags, splits, flags & FLAG_TIMEOUTS);
    FUZZ_CHECK((flags & FLAG_TIMEOUTS) || (a.n == b.n && a.hash == b.hash));
    char *text = fuzz_text(&in);
    size_t len = strlen(text);
    walk(text, len);
    cut(text, len, flags >> 3, ROOM);
    cut(text, len, flags >> 3, 1 + (flags >> 4));
    paint(text, len, flags);
    free(text);
    return 0;
}
