/* SPDX-License-Identifier: MIT */
/* The inbox: what concerns the person, newest first, unread in bold with a mark; opening a notice opens its case and reads it.
 */
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/ui/list.h"
#include "client/view/app.h"
#include "common/base/text.h"
#include "wangge/v1/case.pb-c.h"

/* Values of the menu of kinds beyond the kinds. */
enum { AHEAD = 40 /* lines from the end at which the next page is read */ };
enum { SHOW_ALL = 100, SHOW_UNREAD };

struct inbox_view {
    struct view view;
    struct list list;
};

static struct inbox *box(const struct inbox_view *v)
{
    return &v->view.app->inbox;
}

static size_t rows_of(const struct inbox_view *v)
{
    return box(v)->list ? box(v)->list->n_notices : 0;
}

static const Wangge__V1__Notice *here(const struct inbox_view *v)
{
    return v->list.selected < rows_of(v) ? box(v)->list->notices[v->list.selected] : NULL;
}

static const char *row_id(void *arg, size_t i)
{
    return box(arg)->list->notices[i]->notice_id;
}

static int inbox_open(struct view *view, const void *arg)
{
    struct inbox_view *v = (struct inbox_view *)view;
    list_init(&v->list, row_id, v);
    inbox_watch(box(v), true);
    return 0;
}

static void inbox_close(struct view *view)
{
    struct inbox_view *v = (struct inbox_view *)view;
    inbox_watch(box(v), false);
    list_fini(&v->list);
}

static void inbox_recalc(struct view *view)
{
    struct inbox_view *v = (struct inbox_view *)view;
    list_refresh(&v->list, rows_of(v));
}

/* "Dispatch, 孙主任: 约两车建筑垃圾"; of a light the due time stands for the action. */
static void about(const struct inbox_view *v, const Wangge__V1__Notice *n, char *out, size_t size)
{
    char action[LABELS_WORD_MAX], approval[LABELS_WORD_MAX], due[MOMENT_TEXT_MAX], what[200], through[80] = "";
    if (n->action)
        snprintf(what, sizeof what, "%s", labels_text(LABELS_ACTION, (int)n->action, action));
    else
        snprintf(what, sizeof what, _("due %s"), moment_short(model_time(n->due_at), app_now(v->view.app), due));
    size_t len = strlen(what);
    if (n->approval)
        snprintf(what + len, sizeof what - len, " (%s)", labels_text(LABELS_APPROVAL, (int)n->approval, approval));
    if (n->through_number[0])
        snprintf(through, sizeof through, _(", through the lead case %s"), n->through_number);
    snprintf(out, size, "%s%s%s%s: %s", what, n->actor && n->actor->name[0] ? ", " : "", n->actor ? n->actor->name : "",
             through, n->summary);
    text_trim_partial(out);
}

static void paint_counts(const struct inbox_view *v, struct term *t, int row)
{
    const struct inbox *b = box(v);
    char text[400] = "", word[LABELS_WORD_MAX], status[400];
    for (int k = 1; k < INBOX_KINDS; k++) {
        size_t n = strlen(text);
        if (b->unread_of[k])
            snprintf(text + n, sizeof text - n, "%s%s %d", n ? ", " : "", labels_text(LABELS_NOTICE, k, word), b->unread_of[k]);
    }
    int cols = t->grid.cols - 2;
    if (!b->counted)
        text[0] = 0;
    else if (b->unread)
        grid_printf(&t->grid, row, 1, cols, ATTR_BOLD, _("Unread: %d (%s)"), b->unread, text);
    else
        grid_put_cut(&t->grid, row, 1, cols, 0, _("Nothing is unread."));
    app_status_text(v->view.app, &b->status, status, sizeof status);
    if (status[0])
        grid_put_cut(&t->grid, row + 1, 1, cols, ATTR_YELLOW, status);
    else
        grid_printf(&t->grid, row + 1, 1, cols, 0,
                    inbox_has_more(b) ? _("Shown: %s, the newest %d; older ones below") : _("Shown: %s, %d"),
                    b->kind          ? labels_text(LABELS_NOTICE, (int)b->kind, word)
                    : b->unread_only ? _("unread")
                                     : C_("notices", "all"),
                    (int)rows_of(v));
}

static void inbox_paint(struct view *view, struct term *t, struct area a)
{
    struct inbox_view *v = (struct inbox_view *)view;
    char when[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX], text[600];
    int cols = t->grid.cols, row = a.row, kind = i18n_chinese() ? 9 : 10;
    int number = 3 + 12 + kind, subject = number + 18;
    app_tabs(view->app, row++, &view_inbox);
    paint_counts(v, t, row);
    row += 2;
    chrome_rule(t, row++);
    grid_put_cut(&t->grid, row, 3, 11, ATTR_DIM, _("When"));
    grid_put_cut(&t->grid, row, 15, kind - 1, ATTR_DIM, C_("notices", "Kind"));
    grid_put_cut(&t->grid, row, number, 17, ATTR_DIM, C_("notices", "Case"));
    grid_put_cut(&t->grid, row++, subject, cols - subject - 1, ATTR_DIM, _("About"));
    int rows = a.row + a.rows - row;
    size_t n = rows_of(v);
    if (n == 0 && box(v)->status.state == MODEL_READY)
        chrome_message(t, row, rows, _("No notice."), box(v)->kind || box(v)->unread_only ? _("F6 shows other kinds.") : NULL);
    size_t top = list_window(&v->list, (size_t)(rows > 1 ? rows - 1 : rows)); /* the last line is the message's */
    for (int i = 0; i < rows - 1 && top + (size_t)i < n; i++) {
        const Wangge__V1__Notice *x = box(v)->list->notices[top + (size_t)i];
        bool selected = top + (size_t)i == v->list.selected;
        uint16_t attr = x->read ? 0 : ATTR_BOLD;
        uint16_t tone = x->kind == WANGGE__V1__NOTICE_KIND__NOTICE_KIND_OVERDUE    ? ATTR_RED
                        : x->kind == WANGGE__V1__NOTICE_KIND__NOTICE_KIND_DUE_SOON ? ATTR_YELLOW
                                                                                   : 0;
        about(v, x, text, sizeof text);
        grid_put(&t->grid, row + i, 0, 1, 0, selected ? ">" : " ");
        grid_put(&t->grid, row + i, 1, 1, ATTR_BOLD, x->read ? " " : "*");
        grid_put_pad(&t->grid, row + i, 3, 11, attr | (selected ? ATTR_REVERSE : 0),
                     moment_short(model_time(x->at), app_now(view->app), when));
        grid_put_cut(&t->grid, row + i, 15, kind - 1, attr | tone, labels_text(LABELS_NOTICE, (int)x->kind, word));
        grid_put_cut(&t->grid, row + i, number, 17, attr, x->case_number);
        grid_put_cut(&t->grid, row + i, subject, cols - subject - 1, attr, text);
        if (selected) {
            t->cursor_row = row + i;
            t->cursor_col = 0;
        }
    }
}

static void open_case(struct inbox_view *v)
{
    const Wangge__V1__Notice *n = here(v);
    if (!n)
        return;
    Wangge__V1__Case c = WANGGE__V1__CASE__INIT;
    c.case_id = n->case_id;
    c.number = n->case_number;
    if (app_push(v->view.app, &view_case, &c) && !n->read)
        (void)inbox_mark(box(v), n->notice_id, false); /* if it cannot be told, it stays unread */
}

static void on_kind(struct view *view, int value)
{
    struct inbox_view *v = (struct inbox_view *)view;
    inbox_filter(box(v), value < SHOW_ALL ? (Wangge__V1__NoticeKind)value : WANGGE__V1__NOTICE_KIND__NOTICE_KIND_UNSPECIFIED,
                 value == SHOW_UNREAD);
}

static void open_kinds(struct inbox_view *v)
{
    char word[LABELS_WORD_MAX], text[80];
    struct menu *m = app_menu(&v->view, _("Show"), on_kind);
    menu_add(m, SHOW_ALL, C_("notices", "all"));
    snprintf(text, sizeof text, "%s  %d", _("unread"), box(v)->unread);
    menu_add(m, SHOW_UNREAD, text);
    for (int k = 1; k < INBOX_KINDS; k++) {
        snprintf(text, sizeof text, "%s  %d", labels_text(LABELS_NOTICE, k, word), box(v)->unread_of[k]);
        menu_add(m, k, text);
    }
}

static enum view_result inbox_act(struct view *view, enum ui_action action)
{
    struct inbox_view *v = (struct inbox_view *)view;
    const Wangge__V1__Notice *n = here(v);
    if (list_act(&v->list, action)) {
        if (v->list.selected + AHEAD >= rows_of(v))
            inbox_more(box(v));
        return VIEW_HANDLED;
    }
    switch ((int)action) {
    case UA_OPEN:
        open_case(v);
        return VIEW_HANDLED;
    case UA_READ:
        if (n && !inbox_mark(box(v), n->notice_id, n->read))
            app_toast(view->app, "%s", _("Too many notices are being marked. Try again in a moment."));
        return VIEW_HANDLED;
    case UA_READ_ALL:
        if (n && !inbox_mark_all(box(v)))
            app_toast(view->app, "%s", _("Too many notices are being marked. Try again in a moment."));
        return VIEW_HANDLED;
    case UA_COPY:
        if (n) {
            term_copy(view->app->term, n->case_number);
            app_toast(view->app, _("Copied %s."), n->case_number);
        }
        return VIEW_HANDLED;
    case UA_QUICK:
    case UA_MENU:
        open_kinds(v);
        return VIEW_HANDLED;
    case UA_REFRESH:
        inbox_refresh(box(v));
        return VIEW_HANDLED;
    default:
        return VIEW_IGNORED;
    }
}

static bool inbox_busy(struct view *view)
{
    return box((struct inbox_view *)view)->status.busy;
}

const struct view_ops view_inbox = {
    .name = "inbox",
    .title = N_("Inbox"),
    .context = CTX_INBOX,
    .size = sizeof(struct inbox_view),
    .open = inbox_open,
    .recalc = inbox_recalc,
    .paint = inbox_paint,
    .act = inbox_act,
    .busy = inbox_busy,
    .close = inbox_close,
};
