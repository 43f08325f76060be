/* SPDX-License-Identifier: MIT */
/* Selection by id; see list.h. */
#include "client/ui/list.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

void list_init(struct list *l, const char *(*id_of)(void *arg, size_t row), void *arg)
{
    memset(l, 0, sizeof *l);
    l->id_of = id_of;
    l->arg = arg;
    l->page = 10;
}

void list_fini(struct list *l)
{
    free(l->marks);
    l->marks = NULL;
    l->n_marks = 0;
}

void list_select(struct list *l, size_t row)
{
    if (l->n == 0) {
        l->selected = 0;
        l->selected_id[0] = 0;
        return;
    }
    l->selected = row < l->n ? row : l->n - 1;
    text_copy(l->selected_id, sizeof l->selected_id, l->id_of(l->arg, l->selected));
}

bool list_select_id(struct list *l, const char *id)
{
    /* Most refreshes leave the row where it was. */
    if (l->selected < l->n && strcmp(l->id_of(l->arg, l->selected), id) == 0) {
        list_select(l, l->selected);
        return true;
    }
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->id_of(l->arg, i), id) == 0) {
            list_select(l, i);
            return true;
        }
    }
    return false;
}

static size_t find_mark(const struct list *l, const char *id)
{
    size_t i = 0;
    while (i < l->n_marks && strcmp(l->marks[i], id) != 0)
        i++;
    return i;
}

static void drop_lost_marks(struct list *l)
{
    for (size_t m = 0; m < l->n_marks;) {
        bool found = false;
        for (size_t i = 0; i < l->n && !found; i++)
            found = strcmp(l->id_of(l->arg, i), l->marks[m]) == 0;
        if (found) {
            m++;
        } else {
            l->n_marks--;
            memmove(l->marks[m], l->marks[l->n_marks], LIST_ID_MAX);
        }
    }
}

void list_refresh(struct list *l, size_t n)
{
    size_t offset = l->selected - l->top;
    l->n = n;
    drop_lost_marks(l);
    if (!l->selected_id[0] || !list_select_id(l, l->selected_id))
        list_select(l, l->selected);
    /* The selected row stays on the same screen line, so that nothing jumps under the eye. */
    l->top = l->selected > offset ? l->selected - offset : 0;
}

static void toggle_mark(struct list *l, size_t row)
{
    if (row >= l->n)
        return;
    const char *id = l->id_of(l->arg, row);
    size_t at = find_mark(l, id);
    if (at < l->n_marks) {
        list_unmark(l, id);
        return;
    }
    if (!l->marks)
        l->marks = calloc(LIST_MARKS_MAX, sizeof *l->marks);
    if (l->marks && l->n_marks < LIST_MARKS_MAX)
        text_copy(l->marks[l->n_marks++], LIST_ID_MAX, id);
}

void list_unmark(struct list *l, const char *id)
{
    size_t at = find_mark(l, id);
    if (at < l->n_marks) {
        l->n_marks--;
        memmove(l->marks[at], l->marks[l->n_marks], LIST_ID_MAX);
    }
}

bool list_is_marked(const struct list *l, size_t row)
{
    return row < l->n && l->n_marks > 0 && find_mark(l, l->id_of(l->arg, row)) < l->n_marks;
}

bool list_act(struct list *l, enum ui_action a)
{
    size_t page = l->page > 1 ? l->page - 1 : 1;
    switch ((int)a) {
    case UA_UP:
        list_select(l, l->selected > 0 ? l->selected - 1 : 0);
        return true;
    case UA_DOWN:
        list_select(l, l->selected + 1);
        return true;
    case UA_PAGE_UP:
        list_select(l, l->selected > page ? l->selected - page : 0);
        return true;
    case UA_PAGE_DOWN:
        list_select(l, l->selected + page);
        return true;
    case UA_FIRST:
        list_select(l, 0);
        return true;
    case UA_LAST:
        list_select(l, l->n ? l->n - 1 : 0);
        return true;
    case UA_MARK:
        toggle_mark(l, l->selected);
        list_select(l, l->selected + 1);
        return true;
    case UA_MARK_ALL:
        for (size_t i = 0; i < l->n; i++) {
            if (!list_is_marked(l, i))
                toggle_mark(l, i);
        }
        return true;
    case UA_MARK_CLEAR:
        l->n_marks = 0;
        return true;
    default:
        return false;
    }
}

size_t list_window(struct list *l, size_t rows)
{
    l->page = rows ? rows : 1;
    if (l->top + rows > l->n)
        l->top = l->n > rows ? l->n - rows : 0;
    if (l->selected < l->top)
        l->top = l->selected;
    if (l->selected >= l->top + l->page)
        l->top = l->selected - l->page + 1;
    return l->top;
}
