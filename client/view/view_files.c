/* SPDX-License-Identifier: MIT */
/*
 * The files of a case: what is there, one on its way from this machine, one on its way to it. What breaks off goes on where it
 * was when it is asked for again; nothing on the disk is overwritten: a name that is taken gets a number.
 */
#include <stdio.h>
#include <string.h>

#include "client/model/complete.h"
#include "client/model/download.h"
#include "client/model/files.h"
#include "client/model/i18n.h"
#include "client/model/moment.h"
#include "client/model/upload.h"
#include "client/ui/field.h"
#include "client/ui/list.h"
#include "client/view/actions.h"
#include "common/base/text.h"
#include "wangge/v1/case.pb-c.h"

enum { PATH_CHARS = 1000, NAMES_MAX = 99 /* "a-2.jpg" to "a-99.jpg" */, SAID_MAX = 600 };

/* Values of the menu. */
enum { MENU_GET = 1, MENU_SEND };

struct files_view {
    struct view view;
    struct list list;
    struct files files;
    struct upload up;
    struct download down;
    struct field path;
    bool asking; /* the path has the focus */
    int nth;     /* of the name a download tries */
    char case_id[37], number[40], getting[37];
    char said[SAID_MAX]; /* what came of the last thing */
    bool bad;
};

static void on_change(void *arg)
{
    app_changed(((struct files_view *)arg)->view.app);
}

static size_t rows_of(const struct files_view *v)
{
    return v->files.data ? v->files.data->n_attachments : 0;
}

static const Wangge__V1__Attachment *here(const struct files_view *v)
{
    return v->list.selected < rows_of(v) ? v->files.data->attachments[v->list.selected] : NULL;
}

static const char *row_id(void *arg, size_t i)
{
    return ((struct files_view *)arg)->files.data->attachments[i]->attachment_id;
}

static void say(struct files_view *v, bool bad, const char *text)
{
    text_copy(v->said, sizeof v->said, text);
    v->bad = bad;
}

static int files_open(struct view *view, const void *arg)
{
    struct files_view *v = (struct files_view *)view;
    const Wangge__V1__Case *c = arg;
    text_copy(v->case_id, sizeof v->case_id, c->case_id);
    text_copy(v->number, sizeof v->number, c->number);
    list_init(&v->list, row_id, v);
    files_init(&v->files, &view->app->env, on_change, v);
    if (upload_init(&v->up, &view->app->env, on_change, v) || download_init(&v->down, &view->app->env, on_change, v) ||
        field_init(&v->path, PATH_CHARS)) {
        upload_fini(&v->up);
        download_fini(&v->down);
        return ERR_NOMEM;
    }
    files_refresh(&v->files, v->case_id);
    return 0;
}

static void files_close(struct view *view)
{
    struct files_view *v = (struct files_view *)view;
    if (upload_busy(&v->up) || download_busy(&v->down))
        app_toast(view->app, "%s", _("Stopped. Asked for again, it goes on where it was."));
    upload_fini(&v->up);
    download_fini(&v->down);
    files_fini(&v->files);
    field_fini(&v->path);
    list_fini(&v->list);
}

/* --- From here to the case --- */

static void send_file(struct files_view *v)
{
    char path[PATH_MAX], account[OUTBOX_ACCOUNT_MAX];
    complete_clean(v->path.text, path);
    if (!path[0])
        return;
    session_account(&v->view.app->session, account, sizeof account);
    v->asking = false;
    say(v, false, "");
    upload_start(&v->up, &(struct upload_file){.path = path, .case_id = v->case_id, .account = account});
}

static void take_upload(struct files_view *v)
{
    char text[SAID_MAX], size[ATTACH_TEXT_SIZE];
    if (v->up.state == UPLOAD_DONE) {
        snprintf(text, sizeof text,
                 v->up.resumed >= v->up.size ? _("%s was there already.") : _("%s is with the case now (%s)."), v->up.name,
                 attach_size_text(v->up.size, size));
        text_mend(text);
        say(v, false, text);
        field_set(&v->path, "");
        files_refresh(&v->files, v->case_id);
        actions_case_changed(v->view.app);
    } else if (v->up.state == UPLOAD_FAILED) {
        if (v->up.reply.err.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
            app_need_login(v->view.app);
        say(v, true, v->up.reply.err.text);
        v->asking = true; /* the path stands there to be mended, or sent again */
    } else {
        return;
    }
    upload_cancel(&v->up);
}

/* --- From the case to here --- */

static void start_download(struct files_view *v)
{
    char folder[PATH_MAX], name[ATTACH_LOCAL_SIZE], other[ATTACH_LOCAL_SIZE];
    const Wangge__V1__Attachment *a = files_find(&v->files, v->getting);
    if (!a)
        return;
    attach_folder(folder);
    attach_safe_name(a->name, name, sizeof name);
    if (v->nth > 1)
        attach_other_name(name, v->nth, other, sizeof other);
    download_start(&v->down,
                   &(struct download_file){.attachment_id = v->getting, .to = folder, .name = v->nth > 1 ? other : name});
}

static void get_file(struct files_view *v)
{
    const Wangge__V1__Attachment *a = here(v);
    if (!a || download_busy(&v->down))
        return;
    text_copy(v->getting, sizeof v->getting, a->attachment_id);
    v->nth = 1;
    say(v, false, "");
    start_download(v);
}

static void take_download(struct files_view *v)
{
    char text[SAID_MAX], where[ATTACH_SHORT_SIZE];
    if (v->down.state == DOWNLOAD_DONE) {
        snprintf(text, sizeof text, v->down.already ? _("It was there already: %s") : _("Saved as %s"),
                 attach_short(v->down.path, where));
        text_mend(text);
        say(v, false, text);
    } else if (v->down.state == DOWNLOAD_FAILED && v->down.reply.err.code == ERR_EXISTS && v->nth < NAMES_MAX) {
        v->nth++;
        start_download(v);
        return;
    } else if (v->down.state == DOWNLOAD_FAILED) {
        if (v->down.reply.err.code == ERR_UNAUTHENTICATED && v->view.app->logged_in)
            app_need_login(v->view.app);
        say(v, true, v->down.reply.err.text);
    } else {
        return;
    }
    download_cancel(&v->down);
}

/* Ends are taken here and not in the callbacks, which must not begin another. */
static void files_recalc(struct view *view)
{
    struct files_view *v = (struct files_view *)view;
    if (v->files.status.why.code == ERR_UNAUTHENTICATED && view->app->logged_in)
        app_need_login(view->app);
    take_upload(v);
    take_download(v);
    list_refresh(&v->list, rows_of(v));
}

/* --- Cells --- */

static void paint_transfer(struct term *t, int row, const char *what, const char *name, int64_t done, int64_t size, int tries,
                           int tries_max)
{
    char line[ATTACH_NAME_SIZE + 200];
    attach_progress(what, name, done, size, tries, tries_max, line, sizeof line);
    grid_put_cut(&t->grid, row, 1, t->grid.cols - 2, tries > 0 ? ATTR_YELLOW : ATTR_BOLD, line);
}

/* The line below the list: what is on its way, else what came of the last thing, else the list's own trouble. */
static void paint_state(struct files_view *v, struct term *t, int row)
{
    char status[400];
    int cols = t->grid.cols - 2;
    if (upload_busy(&v->up))
        paint_transfer(t, row, _("Uploading"), v->up.name, v->up.received, v->up.size,
                       v->up.state == UPLOAD_WAITING ? v->up.tries : 0, UPLOAD_TRIES_MAX);
    else if (download_busy(&v->down))
        paint_transfer(t, row, _("Downloading"), v->down.attachment ? v->down.attachment->name : "", v->down.received,
                       v->down.attachment ? v->down.attachment->size : 0, v->down.state == DOWNLOAD_WAITING ? v->down.tries : 0,
                       DOWNLOAD_TRIES_MAX);
    else if (v->said[0])
        grid_put_cut(&t->grid, row, 1, cols, v->bad ? ATTR_RED : ATTR_BOLD, v->said);
    else {
        app_status_text(v->view.app, &v->files.status, status, sizeof status);
        grid_put_cut(&t->grid, row, 1, cols, ATTR_YELLOW, status);
    }
}

static void paint_path(struct files_view *v, struct term *t, int row)
{
    const char *label = _("File:");
    int col = width_str(label) + 2;
    grid_put(&t->grid, row, 1, col, ATTR_BOLD, label);
    field_paint(&v->path, t, row, col, 1, t->grid.cols - col - 1, true);
    grid_put_cut(&t->grid, row + 1, 1, t->grid.cols - 2, ATTR_DIM,
                 _("Enter sends, Tab completes, Esc leaves. Photo, PDF, MP4, MP3 of at most 8 MB."));
}

static void paint_row(struct files_view *v, struct term *t, int row, size_t i)
{
    const Wangge__V1__Attachment *a = v->files.data->attachments[i];
    char size[ATTACH_TEXT_SIZE], when[MOMENT_TEXT_MAX], remark[120];
    int cols = t->grid.cols, name = cols - 62;
    bool selected = i == v->list.selected;
    remark[0] = '\0';
    if (a->event_version > 0)
        snprintf(remark, sizeof remark, _("evidence of step %d"), (int)a->event_version);
    if (a->reused)
        snprintf(remark + strlen(remark), sizeof remark - strlen(remark), "%s%s", remark[0] ? C_("list", ", ") : "",
                 _("also in another case"));
    text_trim_partial(remark);
    grid_put(&t->grid, row, 0, 1, 0, selected ? ">" : " ");
    grid_put_pad(&t->grid, row, 2, name, selected ? ATTR_REVERSE : 0, a->name);
    grid_put_cut(&t->grid, row, name + 3, 5, 0, attach_kind_text(a->media_type));
    grid_put_cut(&t->grid, row, name + 9, 8, 0, attach_size_text(a->size, size));
    grid_put_cut(&t->grid, row, name + 18, 11, 0, moment_short(model_time(a->uploaded_at), app_now(v->view.app), when));
    grid_put_cut(&t->grid, row, name + 30, 9, 0, a->uploader ? a->uploader->name : "");
    grid_put_cut(&t->grid, row, name + 40, cols - name - 41, a->reused ? ATTR_YELLOW : 0, remark);
    if (selected && !v->asking) {
        t->cursor_row = row;
        t->cursor_col = 0;
    }
}

static void files_paint(struct view *view, struct term *t, struct area a)
{
    struct files_view *v = (struct files_view *)view;
    int cols = t->grid.cols, row = a.row, name = cols - 62;
    int below = v->asking ? 3 : 1;
    grid_printf(&t->grid, row++, 1, cols - 2, ATTR_BOLD, v->files.data ? _("Files of %s: %d") : _("Files of %s"), v->number,
                (int)rows_of(v));
    chrome_rule(t, row++);
    grid_put_cut(&t->grid, row, 2, name, ATTR_DIM, C_("column", "Name"));
    grid_put_cut(&t->grid, row, name + 3, 5, ATTR_DIM, C_("column", "Type"));
    grid_put_cut(&t->grid, row, name + 9, 8, ATTR_DIM, C_("column", "Size"));
    grid_put_cut(&t->grid, row, name + 18, 11, ATTR_DIM, C_("column", "Uploaded"));
    grid_put_cut(&t->grid, row, name + 30, 9, ATTR_DIM, C_("column", "By"));
    grid_put_cut(&t->grid, row++, name + 40, cols - name - 41, ATTR_DIM, C_("column", "Remark"));
    int rows = a.row + a.rows - row - below - 1; /* and the message's line */
    size_t n = rows_of(v), top = list_window(&v->list, (size_t)rows);
    if (v->files.data && n == 0)
        chrome_message(t, row, rows, _("The case has no files."), _("F7 adds one: a photo, a PDF, a recording."));
    for (int i = 0; i < rows && top + (size_t)i < n; i++)
        paint_row(v, t, row + i, top + (size_t)i);
    row += rows;
    if (v->asking) {
        paint_path(v, t, row);
        row += 2;
    }
    paint_state(v, t, row);
}

/* --- Keys --- */

static void on_menu(struct view *view, int value)
{
    struct files_view *v = (struct files_view *)view;
    if (value == MENU_GET)
        get_file(v);
    else
        v->asking = !upload_busy(&v->up);
}

static void open_menu(struct files_view *v)
{
    char text[ATTACH_NAME_SIZE + 40];
    struct menu *m = app_menu(&v->view, v->number, on_menu);
    if (here(v)) {
        snprintf(text, sizeof text, _("Download %s"), here(v)->name);
        text_mend(text);
        menu_add(m, MENU_GET, text);
    }
    menu_add(m, MENU_SEND, _("Add a file"));
}

/* Esc stops what is on its way, then leaves. */
static enum view_result stop(struct files_view *v)
{
    if (!upload_busy(&v->up) && !download_busy(&v->down))
        return VIEW_IGNORED;
    upload_cancel(&v->up);
    download_cancel(&v->down);
    say(v, false, _("Stopped. Asked for again, it goes on where it was."));
    return VIEW_HANDLED;
}

static enum view_result files_act(struct view *view, enum ui_action action)
{
    struct files_view *v = (struct files_view *)view;
    if (!v->asking && list_act(&v->list, action))
        return VIEW_HANDLED;
    switch ((int)action) {
    case UA_OPEN:
        if (v->asking)
            send_file(v);
        else
            get_file(v);
        return VIEW_HANDLED;
    case UA_ATTACH:
        v->asking = !upload_busy(&v->up);
        return VIEW_HANDLED;
    case UA_MENU:
        open_menu(v);
        return VIEW_HANDLED;
    case UA_REFRESH:
        files_refresh(&v->files, v->case_id);
        return VIEW_HANDLED;
    case UA_BACK:
        if (v->asking) {
            v->asking = false;
            return VIEW_HANDLED;
        }
        return stop(v);
    default:
        return VIEW_IGNORED;
    }
}

static void complete(struct files_view *v)
{
    char path[PATH_MAX], whole[PATH_MAX];
    complete_clean(v->path.text, path);
    int n = complete_path(path, whole);
    if (strcmp(whole, v->path.text) != 0)
        field_set(&v->path, whole);
    say(v, n == 0, n == 0 ? _("No file begins so.") : "");
    if (n > 1) {
        char text[SAID_MAX];
        snprintf(text, sizeof text, ngettext("%d file begins so.", "%d files begin so.", (unsigned long)n), n);
        say(v, false, text);
    }
}

static enum view_result files_key(struct view *view, const struct term_event *ev)
{
    struct files_view *v = (struct files_view *)view;
    if (ev->kind == TERM_EV_PASTE) { /* a file dropped onto the terminal comes as its path */
        v->asking = v->asking || !upload_busy(&v->up);
        if (v->asking)
            field_insert(&v->path, ev->text, ev->len);
        return VIEW_HANDLED;
    }
    if (!v->asking || ev->key == TK_ENTER)
        return VIEW_IGNORED;
    if (ev->key == TK_TAB) {
        complete(v);
        return VIEW_HANDLED;
    }
    return field_key(&v->path, ev->key, NULL) ? VIEW_HANDLED : VIEW_IGNORED;
}

static bool files_typing(struct view *view)
{
    return ((struct files_view *)view)->asking;
}

static bool files_allowed(struct view *view, enum ui_action action)
{
    struct files_view *v = (struct files_view *)view;
    if (action == UA_OPEN)
        return v->asking || (here(v) && !download_busy(&v->down));
    return action != UA_ATTACH || !upload_busy(&v->up);
}

static bool files_busy(struct view *view)
{
    struct files_view *v = (struct files_view *)view;
    return v->files.status.busy || upload_busy(&v->up) || download_busy(&v->down);
}

const struct view_ops view_files = {
    .name = "files",
    .title = N_("Files"),
    .context = CTX_FILES,
    .size = sizeof(struct files_view),
    .open = files_open,
    .recalc = files_recalc,
    .paint = files_paint,
    .act = files_act,
    .key = files_key,
    .typing = files_typing,
    .allowed = files_allowed,
    .busy = files_busy,
    .close = files_close,
};
