/* SPDX-License-Identifier: MIT */
/* The cells of a case: title with its light, facts, what waits and why, timeline, or every detail. See case_view.h. */
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/ui/field.h"
#include "client/view/case_view.h"
#include "common/base/text.h"

enum { WIDE_COLS = 110, FACT_COLS = 40, LABEL_COLS = 10, MORE_COLS = 13, TIMELINE_MIN = 7 };

static int paint_fact(struct term *t, int row, int col, int width, const char *label, uint16_t attr, const char *value)
{
    if (width_str(value) <= width - LABEL_COLS || width < 60) {
        chrome_label(t, row, col, LABEL_COLS, label, width, attr, value);
        return row + 1;
    }
    size_t len = strlen(value), at = 0;
    grid_put_cut(&t->grid, row, col, LABEL_COLS - 1, ATTR_DIM, label);
    for (int i = 0; i < 2 && at < len; i++) {
        size_t next, n = field_wrap(value + at, len - at, width - LABEL_COLS, &next);
        grid_putn(&t->grid, row++, col + LABEL_COLS, width - LABEL_COLS, attr, value + at, n);
        at += next;
    }
    return row;
}

static uint16_t light_attr(Wangge__V1__Light light)
{
    switch ((int)light) {
    case WANGGE__V1__LIGHT__LIGHT_RED:
        return ATTR_BOLD | ATTR_RED;
    case WANGGE__V1__LIGHT__LIGHT_YELLOW:
        return ATTR_BOLD | ATTR_YELLOW;
    default:
        return ATTR_GREEN;
    }
}

static uint16_t tone_attr(enum case_fact_tone tone)
{
    static const uint16_t attrs[] = {[FACT_PLAIN] = 0, [FACT_WARN] = ATTR_YELLOW, [FACT_BAD] = ATTR_RED, [FACT_DIM] = ATTR_DIM};
    return attrs[tone];
}

static void paint_title(struct case_view *v, struct term *t, int row)
{
    const Wangge__V1__Case *c = v->detail.c;
    char status[400], left[MOMENT_TEXT_MAX], version[48], light_text[160] = "", word[LABELS_WORD_MAX], card[60] = "";
    usec_t now = app_now(v->view.app);
    int cols = t->grid.cols;
    app_status_text(v->view.app, &v->detail.status, status, sizeof status);
    Wangge__V1__Light light = case_words_light(c, now);
    snprintf(version, sizeof version, _("version %d"), (int)c->version);
    if (light)
        snprintf(light_text, sizeof light_text, "[%s] %s", labels_text(LABELS_LIGHT, (int)light, word),
                 moment_remaining(model_time(c->due_at), now, left));
    if (c->card)
        snprintf(card, sizeof card, "[%s] ", labels_text(LABELS_CARD, (int)c->card, word));
    int version_cols = width_str(version), light_cols = width_str(light_text), card_cols = width_str(card);
    int x = cols - version_cols - 1;
    grid_put_cut(&t->grid, row, x, version_cols, 0, version);
    x -= light_cols + (light_cols ? 2 : 0);
    grid_put_cut(&t->grid, row, x, light_cols, light_attr(light), light_text);
    x -= card_cols;
    grid_put_cut(&t->grid, row, x, card_cols, ATTR_BOLD | ATTR_RED, card);
    grid_printf(&t->grid, row, 1, x - 2, ATTR_BOLD, "< %s  %s", c->number, c->category_name);
    if (status[0])
        grid_put_cut(&t->grid, row + 1, 1, cols - 2, ATTR_YELLOW, status);
    else if (v->assist.similar && v->assist.similar->n_cases)
        grid_printf(&t->grid, row + 1, 1, cols - 2, ATTR_YELLOW, _("%d alike, for example %s (F4 opens it)"),
                    (int)v->assist.similar->n_cases,
                    v->assist.similar->cases[0]->case_ ? v->assist.similar->cases[0]->case_->number : "");
}

static int paint_facts(struct case_view *v, struct term *t, int row, int col, int width)
{
    const Wangge__V1__Case *c = v->detail.c;
    char a[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX], word2[LABELS_WORD_MAX], text[600];
    usec_t now = app_now(v->view.app), due = model_time(c->due_at);
    bool two = width >= 70;
    int half = two ? width / 2 : width, y = row;
    paint_fact(t, y, col, half - 1, C_("fact", "State"), ATTR_BOLD, labels_text(LABELS_STATE, (int)c->state, word));
    if (due != USEC_NONE)
        moment_day(due, now, text); /* how long that is stands in the title */
    else if (c->closed_at)
        snprintf(text, sizeof text, _("closed %s"), moment_short(model_time(c->closed_at), now, a));
    else
        snprintf(text, sizeof text, "--");
    y = two ? y : y + 1;
    paint_fact(t, y++, col + (two ? half : 0), half - 1, _("Due"), due != USEC_NONE ? light_attr(case_words_light(c, now)) : 0,
               text);
    paint_fact(t, y, col, half - 1, _("Grid"), 0, c->grid_name);
    snprintf(text, sizeof text, "%s%s%s", c->organ_name[0] ? c->organ_name : "--", c->handler ? " / " : "",
             c->handler ? c->handler->name : "");
    y = two ? y : y + 1;
    paint_fact(t, y++, col + (two ? half : 0), half - 1, _("Organ"), 0, text);
    paint_fact(t, y, col, half - 1, _("Address"), 0, c->address[0] ? c->address : "--");
    snprintf(text, sizeof text, "%s %s",
             c->reporter_hidden ? _("(hidden)")
             : c->reporter      ? c->reporter->name
                                : "",
             moment_short(model_time(c->reported_at), now, a));
    y = two ? y : y + 1;
    paint_fact(t, y++, col + (two ? half : 0), half - 1, C_("person", "Reporter"), 0, text);
    snprintf(text, sizeof text, "%s  %s", labels_text(LABELS_URGENCY, (int)c->urgency, word),
             labels_text(LABELS_CHANNEL, (int)c->channel, word2));
    y = paint_fact(t, y, col, width, _("Kind"), 0, text);
    return two ? paint_fact(t, y, col, width, _("Matter"), 0, c->description) : y; /* narrow: in full below the facts */
}

/* The most pressing of what else is to be known, as far as there is room; says how much is left out. */
static int paint_more(struct case_view *v, struct term *t, int row, int rows, int col, int width)
{
    for (size_t i = 0; i < v->n_facts; i++) {
        if (rows == 1 && i + 1 < v->n_facts) {
            grid_printf(&t->grid, row, col, width, ATTR_DIM, _("%d more: Tab shows them"), (int)(v->n_facts - i));
            return row + 1;
        }
        if (rows-- <= 0)
            break;
        chrome_label(t, row++, col, MORE_COLS, v->facts[i].label, width, tone_attr(v->facts[i].tone), v->facts[i].text);
    }
    return row;
}

/* One line of the details, wrapped under its label. line counts from the top of all. */
static int detail_line(struct term *t, int line, int first, int row, int rows, const char *label, uint16_t attr,
                       const char *value)
{
    size_t len = strlen(value), at = 0;
    int width = t->grid.cols - MORE_COLS - 3;
    do {
        size_t next = 0, n = field_wrap(value + at, len - at, width, &next);
        if (line >= first && line < first + rows) {
            if (at == 0)
                grid_put_cut(&t->grid, row + line - first, 1, MORE_COLS - 1, ATTR_DIM, label);
            grid_putn(&t->grid, row + line - first, 1 + MORE_COLS, width, attr, value + at, n);
        }
        line++;
        at += next ? next : len;
    } while (at < len);
    return line;
}

static int walk_details(struct case_view *v, struct term *t, int first, int row, int rows)
{
    const Wangge__V1__Case *c = v->detail.c;
    char word[LABELS_WORD_MAX], text[300];
    int n = 0;
    for (size_t i = 0; i < v->n_facts; i++)
        n = detail_line(t, n, first, row, rows, v->facts[i].label, tone_attr(v->facts[i].tone), v->facts[i].text);
    n = detail_line(t, n, first, row, rows, _("Matter"), 0, c->description);
    n = detail_line(t, n, first, row, rows, _("Address"), 0, c->address[0] ? c->address : "--");
    snprintf(text, sizeof text, "%s  %s", c->grid_name, c->grid_code);
    n = detail_line(t, n, first, row, rows, _("Grid"), 0, text);
    snprintf(text, sizeof text, "%s  %s", c->category_name, c->category_code);
    n = detail_line(t, n, first, row, rows, _("Category"), 0, text);
    static const char *const levels[] = {"--", N_("community"), N_("township"), N_("county"), N_("city")};
    n = detail_line(t, n, first, row, rows, C_("fact", "Level"), 0, _(levels[c->level >= 1 && c->level <= 4 ? c->level : 0]));
    n = detail_line(t, n, first, row, rows, _("Urgency"), 0, labels_text(LABELS_URGENCY, (int)c->urgency, word));
    return detail_line(t, n, first, row, rows, _("Id"), ATTR_DIM, c->case_id);
}

static void paint_details(struct case_view *v, struct term *t, int row, int rows)
{
    grid_put_cut(&t->grid, row, 1, t->grid.cols - 2, ATTR_BOLD, _("All details (Tab: timeline)"));
    row++, rows--;
    v->detail_lines = walk_details(v, t, 0, row, 0);
    int most = v->detail_lines > rows ? v->detail_lines - rows : 0;
    if (v->top > most)
        v->top = most;
    walk_details(v, t, v->top, row, rows);
    if (most > 0)
        grid_printf(&t->grid, row - 1, t->grid.cols - 15, 13, ATTR_DIM, "%d-%d/%d", v->top + 1, v->top + rows, v->detail_lines);
}

/* One line of the timeline: what does not fit is on the lines below, under the text. */
static int timeline_line(struct term *t, int line, int first, int row, int rows, int col, int width, uint16_t attr,
                         const char *head, const char *text)
{
    int head_cols = width_str(head);
    size_t len = strlen(text), at = 0;
    do {
        size_t next = 0, n = field_wrap(text + at, len - at, width - head_cols, &next);
        if (line >= first && line < first + rows) {
            if (at == 0)
                grid_put_cut(&t->grid, row + line - first, col, width, attr, head);
            grid_putn(&t->grid, row + line - first, col + head_cols, width - head_cols, 0, text + at, n);
        }
        line++;
        at += next;
    } while (at < len);
    return line;
}

static int walk_timeline(struct case_view *v, struct term *t, int first, int row, int rows, int col, int width)
{
    char word[LABELS_WORD_MAX], when[MOMENT_TEXT_MAX], action[64], actor[64], head[256], text[2600];
    usec_t now = app_now(v->view.app);
    int line = 0;
    for (size_t i = 0; i < v->detail.n_events; i++) {
        const Wangge__V1__CaseEvent *e = v->detail.events[i];
        width_pad(action, sizeof action, labels_text(LABELS_ACTION, (int)e->action, word), i18n_chinese() ? 8 : 18);
        width_pad(actor, sizeof actor, case_words_actor(e), 9);
        snprintf(head, sizeof head, " %s %s %s ", moment_short(model_time(e->happened_at), now, when), action, actor);
        case_words_event(e, &v->view.app->directory, now, text, sizeof text);
        line = timeline_line(t, line, first, row, rows, col, width, 0, head, text);
    }
    for (int i = 0; i < v->n_unsent; i++) {
        bool wrong = v->unsent[i].state == OUTBOX_REFUSED || v->unsent[i].state == OUTBOX_CONFLICT;
        width_pad(action, sizeof action, labels_text(LABELS_ACTION, (int)v->unsent[i].action, word), i18n_chinese() ? 8 : 18);
        width_pad(actor, sizeof actor, _("(me)"), 9);
        snprintf(head, sizeof head, "^%s %s %s ", moment_short(v->unsent[i].at, now, when), action, actor);
        snprintf(text, sizeof text, "%s  (%s)", v->unsent[i].text, wrong ? _("refused") : _("unsent"));
        line = timeline_line(t, line, first, row, rows, col, width, ATTR_YELLOW, head, text);
    }
    return line;
}

static void paint_timeline(struct case_view *v, struct term *t, int row, int rows, int col, int width)
{
    grid_put_cut(&t->grid, row, col + 1, width - 2, ATTR_BOLD, _("Timeline"));
    row++, rows--;
    int lines = walk_timeline(v, t, 0, row, 0, col, width);
    v->timeline_lines = lines;
    v->timeline_rows = rows;
    int most = lines > rows ? lines - rows : 0;
    if (v->scroll > most)
        v->scroll = most;
    walk_timeline(v, t, most - v->scroll, row, rows, col, width);
    if (most > 0)
        grid_printf(&t->grid, row - 1, col + width - 14, 13, ATTR_DIM, "%d-%d/%d", most - v->scroll + 1,
                    most - v->scroll + rows, lines);
}

void case_paint(struct view *view, struct term *t, struct area a)
{
    struct case_view *v = (struct case_view *)view;
    int cols = t->grid.cols;
    if (!v->detail.c) {
        char text[400];
        app_status_text(view->app, &v->detail.status, text, sizeof text);
        chrome_message(t, a.row, a.rows, text, _("Esc goes back; F5 tries again."));
        return;
    }
    paint_title(v, t, a.row);
    chrome_rule(t, a.row + 2);
    int row = a.row + 3, end = a.row + a.rows;
    if (v->pane == PANE_DETAILS) {
        paint_details(v, t, row, end - row);
    } else if (cols >= WIDE_COLS) {
        int y = paint_facts(v, t, row, 1, FACT_COLS);
        const Wangge__V1__Case *c = v->detail.c;
        size_t len = strlen(c->description), at = 0; /* the facts' column is narrow: the text in full below them */
        for (y++; y < end && at < len; y++) {
            size_t next, n = field_wrap(c->description + at, len - at, FACT_COLS - 2, &next);
            grid_putn(&t->grid, y, 1, FACT_COLS - 2, 0, c->description + at, n);
            at += next;
        }
        for (y = row; y < end; y++)
            grid_put(&t->grid, y, FACT_COLS + 1, 1, 0, term_glyph(t, GLYPH_VLINE));
        int col = FACT_COLS + 2, width = cols - FACT_COLS - 3;
        y = paint_more(v, t, row, (end - row) / 2, col + 1, width - 1);
        paint_timeline(v, t, y + (y > row), end - y - (y > row), col, width);
    } else {
        row = paint_facts(v, t, row, 1, cols - 2);
        row = paint_more(v, t, row, end - row - TIMELINE_MIN - 1, 1, cols - 2);
        chrome_rule(t, row++);
        paint_timeline(v, t, row, end - row, 0, cols - 1);
    }
    t->cursor_row = a.row;
    t->cursor_col = 0;
}
