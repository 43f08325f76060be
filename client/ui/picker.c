/* SPDX-License-Identifier: MIT */
/* The picker; see picker.h. */
#include "client/ui/picker.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/ui/chrome.h"
#include "client/ui/msg.h"
#include "common/base/text.h"
#include "common/pinyin/pinyin.h"

int picker_init(struct picker *p)
{
    memset(p, 0, sizeof *p);
    return field_init(&p->query, PICKER_QUERY_MAX);
}

void picker_fini(struct picker *p)
{
    field_fini(&p->query);
}

/* How well an item matches, best first; -1 not at all. */
static int rank(const struct picker_item *it, const char *q, size_t len)
{
    if (len == 0)
        return 0;
    if (strncasecmp(it->id, q, len) == 0)
        return 0;
    if (it->initials && strncasecmp(it->initials, q, len) == 0)
        return strlen(it->initials) == len ? 0 : 1;
    if (strncmp(it->text, q, len) == 0)
        return 1;
    if (strcasestr(it->text, q))
        return 2;
    if (it->aliases && strcasestr(it->aliases, q))
        return 3;
    if (it->initials && strcasestr(it->initials, q))
        return 4;
    if (pinyin_match(it->text, q))
        return 4;
    if (it->aliases && pinyin_match(it->aliases, q))
        return 5;
    if (strcasestr(it->id, q))
        return 6;
    return -1;
}

static size_t query_len(const struct picker *p)
{
    size_t len = p->query.len;
    while (len > 0 && p->query.text[len - 1] == ' ')
        len--;
    return len;
}

enum { RANKS = 7, PICKER_ID_MAX = 128 };

static void filter(struct picker *p)
{
    char q[PICKER_QUERY_MAX * 4 + 1];
    size_t len = query_len(p);
    memcpy(q, p->query.text, len);
    q[len] = 0;
    p->n_hits = p->n_found = p->selected = p->top = 0;
    signed char *ranks = malloc(p->n_items ? p->n_items : 1);
    if (!ranks)
        return;
    for (size_t i = 0; i < p->n_items; i++) {
        ranks[i] = (signed char)rank(&p->items[i], q, len);
        p->n_found += ranks[i] >= 0;
    }
    for (int want = 0; want < RANKS; want++) {
        for (size_t i = 0; i < p->n_items && p->n_hits < PICKER_HITS_MAX; i++) {
            if (ranks[i] == want)
                p->hits[p->n_hits++] = (int)i;
        }
    }
    free(ranks);
}

void picker_set_items(struct picker *p, const struct picker_item *items, size_t n)
{
    const struct picker_item *chosen = picker_choice(p);
    bool touched = p->selected > 0 || p->query.len > 0;
    char id[PICKER_ID_MAX] = "";
    if (chosen && touched)
        (void)text_copy(id, sizeof id, chosen->id); /* the old items are still there */
    p->items = items;
    p->n_items = n;
    filter(p);
    /* An answer that comes between looking and Enter must not put another item under the finger. */
    for (size_t i = 0; id[0] && i < p->n_hits; i++) {
        if (strcmp(items[p->hits[i]].id, id) == 0)
            p->selected = i;
    }
}

void picker_reset(struct picker *p)
{
    field_set(&p->query, "");
    filter(p);
}

const struct picker_item *picker_choice(const struct picker *p)
{
    return p->selected < p->n_hits ? &p->items[p->hits[p->selected]] : NULL;
}

/* A digit chooses after a blank, or when typed on it would match nothing. */
static bool digit_chooses(const struct picker *p, char digit)
{
    size_t len = p->query.len;
    if (len == 0 || p->free)
        return false;
    if (p->query.text[len - 1] == ' ')
        return true;
    char q[PICKER_QUERY_MAX * 4 + 2];
    memcpy(q, p->query.text, len);
    q[len] = digit;
    q[len + 1] = 0;
    for (size_t i = 0; i < p->n_items; i++) {
        if (rank(&p->items[i], q, len + 1) >= 0)
            return false;
    }
    return true;
}

enum picker_result picker_key(struct picker *p, uint32_t key)
{
    if (key == TK_UP) {
        p->selected = p->selected > 0 ? p->selected - 1 : 0;
        return PICKER_HANDLED;
    }
    if (key == TK_DOWN) {
        if (p->selected + 1 < p->n_hits)
            p->selected++;
        return PICKER_HANDLED;
    }
    if (key == TK_ENTER)
        return p->n_hits ? PICKER_CHOSEN : PICKER_HANDLED;
    uint32_t folded = input_fold(key);
    if (folded >= '1' && folded <= '9' && p->top + (folded - '1') < p->n_hits && digit_chooses(p, (char)folded)) {
        p->selected = p->top + (folded - '1');
        return PICKER_CHOSEN;
    }
    bool changed;
    if (!field_key(&p->query, folded < 0x80 ? folded : key, &changed))
        return PICKER_IGNORED;
    if (changed)
        filter(p);
    return PICKER_HANDLED;
}

void picker_paste(struct picker *p, const char *text, size_t len)
{
    field_insert(&p->query, text, len);
    filter(p);
}

void picker_paint(struct picker *p, struct term *t, int row, int col, int rows, int columns)
{
    chrome_box(t, row, col, rows, columns, NULL);
    int shown = rows - 2, inner = columns - 2;
    if (p->selected < p->top)
        p->top = p->selected;
    if (p->selected >= p->top + (size_t)shown)
        p->top = p->selected - (size_t)shown + 1;
    if (p->n_hits == 0)
        grid_put_cut(&t->grid, row + 1, col + 2, inner - 1, ATTR_DIM, p->n_items ? _("Nothing matches") : _("No data yet"));
    int text_cols = 12; /* the names' column is as wide as the widest name shown, within reason */
    for (int i = 0; i < shown && p->top + (size_t)i < p->n_hits; i++) {
        int w = width_str(p->items[p->hits[p->top + (size_t)i]].text);
        if (w > text_cols)
            text_cols = w;
    }
    if (text_cols > inner - 16)
        text_cols = inner > 20 ? inner - 16 : inner - 4;
    for (int i = 0; i < shown && p->top + (size_t)i < p->n_hits; i++) {
        size_t hit = p->top + (size_t)i;
        const struct picker_item *it = &p->items[p->hits[hit]];
        uint16_t attr = hit == p->selected ? ATTR_REVERSE : 0;
        int r = row + 1 + i, c = col + 1;
        grid_fill(&t->grid, r, c, inner, attr, " ");
        grid_put(&t->grid, r, c, 1, attr, hit == p->selected ? ">" : " ");
        if (i < 9)
            grid_printf(&t->grid, r, c + 1, 1, attr, "%d", i + 1);
        grid_put_cut(&t->grid, r, c + 3, text_cols, attr, it->text);
        int at = 4 + text_cols;
        at += grid_put_cut(&t->grid, r, c + at, inner - at, attr, it->initials && it->initials[0] ? it->initials : it->id) + 1;
        if (it->hint && at < inner)
            grid_put_cut(&t->grid, r, c + at, inner - at, attr, it->hint);
    }
    if (p->n_found > p->top + (size_t)shown)
        grid_printf(&t->grid, row + rows - 1, col + columns - 12, 11, 0, " +%zu ", p->n_found - p->top - (size_t)shown);
}
