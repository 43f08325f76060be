/* SPDX-License-Identifier: MIT */
#include "client/cli/cli_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cli/cli_case.h"
#include "client/model/i18n.h"
#include "common/base/text.h"

struct transfer {
    struct cli *c;
    struct model_env env;
    struct upload up;
    struct download down;
    bool over, interrupted;
};

static void show(struct transfer *t, const char *name, int64_t done, int64_t size, int tries, int tries_max)
{
    char clean[ATTACH_NAME_SIZE], line[ATTACH_NAME_SIZE + 200];
    table_clean(name, false, clean, sizeof clean);
    attach_progress("", clean, done, size, tries, tries_max, line, sizeof line);
    out_progress(t->c, line);
}

static void on_upload(void *arg)
{
    struct transfer *t = arg;
    t->over = !upload_busy(&t->up);
    if (!t->over && t->up.size > 0)
        show(t, t->up.name, t->up.received, t->up.size, t->up.state == UPLOAD_WAITING ? t->up.tries : 0, UPLOAD_TRIES_MAX);
}

static void on_download(void *arg)
{
    struct transfer *t = arg;
    const struct download *d = &t->down;
    t->over = !download_busy(d);
    if (!t->over && d->attachment)
        show(t, d->attachment->name, d->received, d->attachment->size, d->state == DOWNLOAD_WAITING ? d->tries : 0,
             DOWNLOAD_TRIES_MAX);
}

static void on_interrupt(evutil_socket_t sig, short what, void *arg)
{
    ((struct transfer *)arg)->interrupted = true;
}

static int begin(struct transfer *t, struct cli *c)
{
    *t = (struct transfer){.c = c};
    int rc = cli_connect(c, true);
    t->env = (struct model_env){
        .base = c->base, .channel = c->channel, .clock = clock_system(), .call_timeout_ms = cli_timeout_ms(c)};
    return rc;
}

static void wait_for_end(struct transfer *t)
{
    struct event *sigint = evsignal_new(t->c->base, SIGINT, on_interrupt, t);
    if (sigint)
        evsignal_add(sigint, NULL);
    while (!t->over && !t->interrupted && event_base_loop(t->c->base, EVLOOP_ONCE) == 0) {
        /* until it ended */
    }
    if (sigint)
        event_free(sigint);
    out_progress(t->c, NULL);
}

static int tell_end(struct transfer *t, const struct reply *r, int64_t done, int64_t size)
{
    char a[ATTACH_TEXT_SIZE], b[ATTACH_TEXT_SIZE];
    int rc = CLI_INTERRUPTED;
    if (t->interrupted)
        out_note(t->c, "%s", _("Interrupted."));
    else
        rc = r->info.code ? cli_status(t->c, &r->info) : cli_error(t->c, &r->err);
    if (size > 0 && done > 0 && done < size && (t->interrupted || r->silent))
        out_note(t->c, _("  %s of %s are through; the same command goes on there."), attach_size_text(done, a),
                 attach_size_text(size, b));
    return rc;
}

int cli_upload(struct cli *c, const char *case_id, const char *path, bool evidence, Wangge__V1__Attachment **ret)
{
    struct transfer t;
    char account[OUTBOX_ACCOUNT_MAX], a[ATTACH_TEXT_SIZE];
    int rc = begin(&t, c);
    *ret = NULL;
    if (rc)
        return rc;
    session_account(&c->session, account, sizeof account);
    if (upload_init(&t.up, &t.env, on_upload, &t)) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    upload_start(&t.up, &(struct upload_file){.path = path, .case_id = case_id, .account = account, .evidence = evidence});
    wait_for_end(&t);
    if (t.up.state == UPLOAD_DONE) {
        *ret = (Wangge__V1__Attachment *)model_copy(&t.up.attachment->base);
        if (t.up.resumed >= t.up.size)
            out_note(c, _("%s was there already."), t.up.name);
        else if (t.up.resumed > 0)
            out_note(c, _("%s: went on at %s."), t.up.name, attach_size_text(t.up.resumed, a));
        rc = *ret ? CLI_OK : CLI_FAILED;
    } else {
        rc = tell_end(&t, &t.up.reply, t.up.received, t.up.size);
    }
    upload_fini(&t.up);
    return rc;
}

int cli_download(struct cli *c, const struct download_file *f, char path[DOWNLOAD_PATH_SIZE], bool *ret_already)
{
    struct transfer t;
    char a[ATTACH_TEXT_SIZE];
    int rc = begin(&t, c);
    if (rc)
        return rc;
    if (download_init(&t.down, &t.env, on_download, &t)) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    download_start(&t.down, f);
    wait_for_end(&t);
    const struct download *d = &t.down;
    if (d->state == DOWNLOAD_DONE) {
        text_copy(path, DOWNLOAD_PATH_SIZE, d->path);
        *ret_already = d->already;
        if (!d->already && d->resumed > 0)
            out_note(c, _("%s: went on at %s."), d->path, attach_size_text(d->resumed, a));
        rc = CLI_OK;
    } else {
        rc = tell_end(&t, &d->reply, d->received, d->attachment ? d->attachment->size : 0);
        if (rc == CLI_CONFLICT && d->reply.err.code == ERR_EXISTS)
            out_note(c, "  %s", _("To overwrite it: --force. To write another file: --to."));
    }
    download_fini(&t.down);
    return rc;
}

bool cli_files_hopeless(int code)
{
    return code == CLI_AUTH || code == CLI_UNREACHABLE || code == CLI_INTERRUPTED;
}

/* --- --attach --- */

static bool next_id(const char **p, char out[40])
{
    size_t n = strcspn(*p, ",");
    if (n != 36)
        return false;
    snprintf(out, 40, "%.36s", *p);
    *p += n + ((*p)[n] == ',');
    return cli_case_is_id(out);
}

/* All of it is ids. */
static bool is_ids(const char *value)
{
    char id[40];
    const char *p = value;
    while (*p)
        if (!next_id(&p, id))
            return false;
    return p > value;
}

static int too_many(struct cli *c)
{
    out_error(c, _("At most %d files can be the evidence of one step."), ATTACH_STEP_MAX);
    return CLI_INVALID;
}

/* A file that cannot go is told before anything was sent. */
static int check_file(struct cli *c, const char *path)
{
    struct stat st;
    struct err e = {0};
    uint8_t first[ATTACH_FIRST_BYTES];
    char name[ATTACH_NAME_SIZE];
    attach_safe_name(path, name, sizeof name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = 0;
    if (fd < 0)
        rc = errno == ENOENT || errno == ENOTDIR
                 ? err_set(&e, ERR_NOT_FOUND, _("There is no file %s."), attach_short(path, (char[ATTACH_SHORT_SIZE]){0}))
                 : err_errno(&e, errno, _("Cannot read %s."), attach_short(path, (char[ATTACH_SHORT_SIZE]){0}));
    else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = err_set(&e, ERR_INVALID, _("%s is no plain file."), attach_short(path, (char[ATTACH_SHORT_SIZE]){0}));
    else
        rc = attach_check_size(name, st.st_size, &e);
    if (!rc) {
        ssize_t n = pread(fd, first, sizeof first, 0);
        rc = attach_check(name, first, n > 0 ? (size_t)n : 0, &e);
    }
    if (fd >= 0)
        close(fd);
    return rc ? cli_error(c, &e) : CLI_OK;
}

int cli_attach_check(struct cli *c)
{
    int rc = CLI_OK;
    for (int i = 0; i < c->opt.n_attach && rc == CLI_OK; i++)
        if (!is_ids(c->opt.attach[i]))
            rc = check_file(c, c->opt.attach[i]);
    return rc;
}

int cli_attach(struct cli *c, const char *case_id, char (*room)[40], char **list, size_t *ret_n)
{
    *ret_n = 0;
    for (int i = 0; i < c->opt.n_attach; i++) {
        const char *p = c->opt.attach[i];
        if (is_ids(p)) {
            for (; *p; list[*ret_n] = room[*ret_n], ++*ret_n)
                if (*ret_n == ATTACH_STEP_MAX || !next_id(&p, room[*ret_n]))
                    return too_many(c);
            continue;
        }
        if (*ret_n == ATTACH_STEP_MAX)
            return too_many(c);
        Wangge__V1__Attachment *a = NULL;
        int rc = cli_upload(c, case_id, p, true, &a);
        if (rc) {
            out_note(c, "%s", _("The evidence is not there yet, so nothing else was sent."));
            return rc;
        }
        list[*ret_n] = room[*ret_n];
        text_copy(room[(*ret_n)++], sizeof *room, a->attachment_id);
        model_free(a);
    }
    return CLI_OK;
}
