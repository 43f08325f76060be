/* SPDX-License-Identifier: MIT */
/*
 * Downloads; see download.h. The server says first what the file is. Only then it is known where it goes and whether a part of
 * it is there: if so the call is dropped, the part is hashed piece by piece from the loop, and a second call asks for the rest.
 */
#include "client/model/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"

enum { HASH_BYTES = 256 * 1024, STALL_MS = 60 * 1000, RETRY_FIRST_MS = 500, RETRY_LAST_MS = 8000 };

static void arm(struct download *d, int ms)
{
    event_add(d->_timer, &(struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000});
}

static void drop_call(struct download *d)
{
    channel_forget(d->_call);
    d->_call = NULL;
}

static void close_file(struct download *d)
{
    if (d->_fd >= 0)
        close(d->_fd);
    d->_fd = -1;
}

static void end(struct download *d, enum download_state state)
{
    event_del(d->_timer);
    drop_call(d);
    close_file(d);
    EVP_MD_CTX_free(d->_hash);
    d->_hash = NULL;
    d->state = state;
    d->_changed(d->_arg);
}

static void fail(struct download *d, const struct err *e)
{
    reply_fini(&d->reply);
    memset(&d->reply, 0, sizeof d->reply);
    d->reply.err = *e;
    end(d, DOWNLOAD_FAILED);
}

static int start_hash(struct download *d, struct err *e)
{
    d->_hashed = 0;
    if (!d->_hash)
        d->_hash = EVP_MD_CTX_new();
    return d->_hash && EVP_DigestInit_ex(d->_hash, EVP_sha256(), NULL) == 1 ? 0
                                                                            : err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
}

static bool hash_is_right(struct download *d)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[ATTACH_HEX_SIZE];
    if (EVP_DigestFinal_ex(d->_hash, digest, NULL) != 1)
        return false;
    attach_hex(digest, 32, hex);
    return strcmp(hex, d->attachment->sha256) == 0;
}

/* --- Where it goes --- */

static int choose_path(struct download *d, struct err *e)
{
    struct stat st;
    char name[ATTACH_LOCAL_SIZE];
    const char *to = d->_to[0] ? d->_to : ".";
    size_t len = strlen(to);
    bool folder = to[len - 1] == '/' || (stat(to, &st) == 0 && S_ISDIR(st.st_mode));
    int n;
    attach_safe_name(d->_name[0] ? d->_name : d->attachment->name, name, sizeof name);
    if (!folder)
        n = snprintf(d->path, sizeof d->path, "%s", to);
    else if (strcmp(to, ".") == 0)
        n = snprintf(d->path, sizeof d->path, "%s", name);
    else
        n = snprintf(d->path, sizeof d->path, "%s%s%s", to, to[len - 1] == '/' ? "" : "/", name);
    if (n < 0 || (size_t)n >= sizeof d->path)
        return err_set(e, ERR_INVALID, _("The path of %s is too long."), attach_short(name, (char[ATTACH_SHORT_SIZE]){0}));
    snprintf(d->_part, sizeof d->_part, "%s.part", d->path);
    return 0;
}

static int exists(const struct download *d, struct err *e)
{
    return err_set(e, ERR_EXISTS, _("%s exists already and is another file; it was not overwritten."),
                   attach_short(d->path, (char[ATTACH_SHORT_SIZE]){0}));
}

/* Opens the part and finds how much of it may be good. Two programs that write to one part would spoil it. */
static int open_part(struct download *d, struct err *e)
{
    struct stat st;
    d->_fd = open(d->_part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (d->_fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? err_set(e, ERR_NOT_FOUND, _("There is no folder for %s."),
                             attach_short(d->path, (char[ATTACH_SHORT_SIZE]){0}))
                   : err_errno(e, errno, _("Cannot write %s."), attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
    if (flock(d->_fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(e, ERR_CONFLICT, _("Another download writes %s just now."),
                       attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
    if (fstat(d->_fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(e, ERR_INVALID, _("%s is no plain file."), attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
    d->_there = st.st_size <= d->attachment->size ? st.st_size : 0;
    if (ftruncate(d->_fd, d->_there) != 0)
        return err_errno(e, errno, _("Cannot write %s."), attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
    return start_hash(d, e);
}

/* Begins with the bytes of fd that are there already. */
static void hash_what_is_there(struct download *d)
{
    drop_call(d);
    d->state = DOWNLOAD_HASHING;
    arm(d, 0);
}

/* Goes on with the part: at its end, if it has one. False: it failed. */
static void take_part(struct download *d)
{
    struct err e;
    if (open_part(d, &e))
        fail(d, &e);
    else if (d->_there > 0)
        hash_what_is_there(d);
}

static void take_attachment(struct download *d, const Wangge__V1__Attachment *a)
{
    struct err e;
    struct stat st;
    if (d->attachment) {
        if (strcmp(d->attachment->sha256, a->sha256) == 0)
            return;
        err_set(&e, ERR_PROTOCOL, "%s", _("The file became another one meanwhile. Try again."));
        fail(d, &e);
        return;
    }
    d->attachment = (Wangge__V1__Attachment *)model_copy(&a->base);
    if (!d->attachment || choose_path(d, &e)) {
        if (!d->attachment)
            err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        fail(d, &e);
        return;
    }
    if (d->_force || lstat(d->path, &st) != 0) {
        take_part(d);
        return;
    }
    /* The very same file may be there from an earlier run: then there is nothing to do. */
    d->_fd = S_ISREG(st.st_mode) && st.st_size == a->size ? open(d->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (d->_fd < 0 || start_hash(d, &e)) {
        (void)exists(d, &e);
        fail(d, &e);
        return;
    }
    d->_looking = true;
    d->_there = st.st_size;
    hash_what_is_there(d);
}

/* --- The end --- */

static int name_it(struct download *d, struct err *e)
{
    if (fsync(d->_fd) != 0)
        return err_errno(e, errno, _("Cannot write %s."), attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
    int rc = d->_force ? rename(d->_part, d->path) : renameat2(AT_FDCWD, d->_part, AT_FDCWD, d->path, RENAME_NOREPLACE);
    if (rc != 0 && !d->_force && (errno == EINVAL || errno == ENOSYS)) /* a file system that cannot promise it */
        rc = access(d->path, F_OK) == 0 ? (errno = EEXIST, -1) : rename(d->_part, d->path);
    if (rc != 0)
        return errno == EEXIST
                   ? exists(d, e)
                   : err_errno(e, errno, _("Cannot write %s."), attach_short(d->path, (char[ATTACH_SHORT_SIZE]){0}));
    /* The name is to last, too. */
    char folder[DOWNLOAD_PATH_SIZE];
    text_copy(folder, sizeof folder, d->path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* not every file system has it; the bytes themselves are safe */
        close(fd);
    }
    return 0;
}

static void ask(struct download *d);

/* Everything is there. A part that was of another file, or spoilt, is begun anew once. */
static void finish(struct download *d)
{
    struct err e;
    if (hash_is_right(d)) {
        if (name_it(d, &e))
            fail(d, &e);
        else
            end(d, DOWNLOAD_DONE);
        return;
    }
    bool anew = d->resumed > 0;
    d->received = d->resumed = 0;
    if (ftruncate(d->_fd, 0) != 0 || lseek(d->_fd, 0, SEEK_SET) != 0) {
        err_errno(&e, errno, _("Cannot write %s."), attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
        fail(d, &e);
    } else if (!anew) {
        (void)unlink(d->_part);
        err_set(&e, ERR_PROTOCOL, _("The bytes of %s do not have the hash the server told; nothing was kept. Try again."),
                attach_short(d->path, (char[ATTACH_SHORT_SIZE]){0}));
        fail(d, &e);
    } else if (start_hash(d, &e)) {
        fail(d, &e);
    } else {
        ask(d);
    }
}

/* --- Receiving --- */

static int write_chunk(struct download *d, const Wangge__V1__UploadChunk *c, struct err *e)
{
    if (c->offset != d->received || (int64_t)c->data.len > d->attachment->size - d->received)
        return err_set(e, ERR_PROTOCOL, "%s", _("The server sent a piece that does not belong there. Try again."));
    for (size_t done = 0; done < c->data.len;) {
        ssize_t n = pwrite(d->_fd, c->data.data + done, c->data.len - done, d->received + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_errno(e, n < 0 ? errno : EIO, _("Cannot write %s."),
                             attach_short(d->_part, (char[ATTACH_SHORT_SIZE]){0}));
        done += (size_t)n;
    }
    if (EVP_DigestUpdate(d->_hash, c->data.data, c->data.len) != 1)
        return err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
    d->received += (int64_t)c->data.len;
    d->tries = 0;
    return 0;
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct download *d = arg;
    const Wangge__V1__DownloadResponse *r = (const Wangge__V1__DownloadResponse *)msg;
    struct err e;
    arm(d, STALL_MS);
    if (r->part_case == WANGGE__V1__DOWNLOAD_RESPONSE__PART_ATTACHMENT)
        take_attachment(d, r->attachment);
    else if (r->part_case == WANGGE__V1__DOWNLOAD_RESPONSE__PART_CHUNK && d->_fd >= 0 && write_chunk(d, r->chunk, &e))
        fail(d, &e);
    if (d->state == DOWNLOAD_RECEIVING)
        d->_changed(d->_arg);
}

static void try_again(struct download *d)
{
    int shift = d->tries < 4 ? d->tries : 4, ms = RETRY_FIRST_MS << shift;
    if (++d->tries > DOWNLOAD_TRIES_MAX) {
        end(d, DOWNLOAD_FAILED);
        return;
    }
    d->state = DOWNLOAD_WAITING;
    arm(d, ms < RETRY_LAST_MS ? ms : RETRY_LAST_MS);
    d->_changed(d->_arg);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct download *d = arg;
    d->_call = NULL;
    event_del(d->_timer);
    reply_fini(&d->reply);
    reply_init(&d->reply, status);
    if (status->code == GRPC_OK && d->attachment && d->received == d->attachment->size) {
        finish(d);
    } else if (status->code == GRPC_OK || status_is_transient(status->code)) {
        if (status->code == GRPC_OK)
            err_set(&d->reply.err, ERR_UNAVAILABLE, "%s", _("The server ended the download before it was whole. Try again."));
        try_again(d);
    } else {
        end(d, DOWNLOAD_FAILED);
    }
}

static void ask(struct download *d)
{
    Wangge__V1__DownloadRequest req = WANGGE__V1__DOWNLOAD_REQUEST__INIT;
    struct err e;
    d->state = DOWNLOAD_RECEIVING;
    req.attachment_id = d->_id;
    req.offset = d->received;
    channel_connect(d->_env->channel); /* now, not when its own pause is over */
    d->_call = channel_stream(d->_env->channel, &methods_download, 0, on_message, on_end, NULL, d);
    if (!d->_call) {
        err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        fail(d, &e);
        return;
    }
    channel_send(d->_call, &req.base);
    channel_half_close(d->_call);
    arm(d, STALL_MS);
    d->_changed(d->_arg);
}

/* One piece a turn of the loop. */
static void hash_piece(struct download *d)
{
    unsigned char bytes[HASH_BYTES];
    struct err e;
    ssize_t n = pread(d->_fd, bytes, sizeof bytes, d->_hashed);
    if (n < 0 && errno != EINTR) {
        err_errno(&e, errno, _("Cannot read %s."),
                  attach_short(d->_looking ? d->path : d->_part, (char[ATTACH_SHORT_SIZE]){0}));
        fail(d, &e);
        return;
    }
    if (n > 0 && EVP_DigestUpdate(d->_hash, bytes, (size_t)n) == 1)
        d->_hashed += n;
    if (n != 0 && d->_hashed < d->_there) {
        arm(d, 0);
    } else if (!d->_looking) {
        d->received = d->resumed = d->_hashed;
        ask(d);
    } else if (hash_is_right(d)) {
        d->received = d->resumed = d->attachment->size;
        d->already = true;
        end(d, DOWNLOAD_DONE);
    } else {
        (void)exists(d, &e);
        fail(d, &e);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct download *d = arg;
    if (d->state == DOWNLOAD_WAITING) {
        ask(d);
    } else if (d->state == DOWNLOAD_HASHING) {
        hash_piece(d);
    } else if (d->state == DOWNLOAD_RECEIVING) { /* the server has said nothing for too long */
        drop_call(d);
        err_set(&d->reply.err, ERR_DEADLINE, "%s", status_hint(GRPC_DEADLINE_EXCEEDED));
        d->reply.info.code = GRPC_DEADLINE_EXCEEDED;
        try_again(d);
    }
}

/* --- Life --- */

void download_cancel(struct download *d)
{
    event_del(d->_timer);
    drop_call(d);
    close_file(d);
    EVP_MD_CTX_free(d->_hash);
    d->_hash = NULL;
    reply_fini(&d->reply);
    memset(&d->reply, 0, sizeof d->reply);
    model_free(d->attachment);
    d->attachment = NULL;
    d->state = DOWNLOAD_IDLE;
    d->path[0] = d->_part[0] = '\0';
    d->received = d->resumed = d->_hashed = d->_there = 0;
    d->already = d->_looking = false;
    d->tries = 0;
}

void download_start(struct download *d, const struct download_file *f)
{
    struct err e;
    download_cancel(d);
    text_copy(d->_id, sizeof d->_id, f->attachment_id);
    text_copy(d->_name, sizeof d->_name, f->name ? f->name : "");
    d->_force = f->force;
    d->state = DOWNLOAD_WAITING;
    if (text_copy(d->_to, sizeof d->_to, f->to ? f->to : "")) {
        arm(d, 0);
        return;
    }
    err_set(&e, ERR_INVALID, _("The path of %s is too long."), attach_short(f->to, (char[ATTACH_SHORT_SIZE]){0}));
    fail(d, &e);
}

bool download_busy(const struct download *d)
{
    return d->state == DOWNLOAD_RECEIVING || d->state == DOWNLOAD_HASHING || d->state == DOWNLOAD_WAITING;
}

int download_init(struct download *d, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(d, 0, sizeof *d);
    d->_env = env;
    d->_changed = changed;
    d->_arg = arg;
    d->_fd = -1;
    d->_timer = evtimer_new(env->base, on_timer, d);
    return d->_timer ? 0 : ERR_NOMEM;
}

void download_fini(struct download *d)
{
    if (d->_timer) {
        download_cancel(d);
        event_free(d->_timer);
    }
    memset(d, 0, sizeof *d);
}
