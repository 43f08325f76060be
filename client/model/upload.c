/* SPDX-License-Identifier: MIT */
/*
 * Uploads; see upload.h. Life: READING -> SENDING <-> WAITING -> DONE or FAILED. In each of the first three one timer runs: the
 * next piece of the file, the watch over a server that says nothing, the next try.
 */
#include "client/model/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"

enum {
    READ_BYTES = 256 * 1024,
    CHUNK_BYTES = 128 * 1024,       /* the server takes twice that; smaller ones lose less when a line breaks */
    WINDOW_BYTES = 4 * CHUNK_BYTES, /* sent and not yet durable */
    STALL_MS = 60 * 1000,
    RETRY_FIRST_MS = 500,
    RETRY_LAST_MS = 8000,
    AGAIN_MAX = 32,
};

static void arm(struct upload *u, int ms)
{
    event_add(u->_timer, &(struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000});
}

/* Everything that only a running upload needs. */
static void let_go(struct upload *u)
{
    event_del(u->_timer);
    channel_forget(u->_call);
    u->_call = NULL;
    if (u->_fd >= 0)
        close(u->_fd);
    u->_fd = -1;
    EVP_MD_CTX_free(u->_hash);
    u->_hash = NULL;
    free(u->_data);
    u->_data = NULL;
}

static void end(struct upload *u, enum upload_state state)
{
    let_go(u);
    u->state = state;
    u->_changed(u->_arg);
}

/* The trouble is on this side. */
static void fail(struct upload *u, const struct err *e)
{
    reply_fini(&u->reply);
    memset(&u->reply, 0, sizeof u->reply);
    u->reply.err = *e;
    end(u, UPLOAD_FAILED);
}

static void fail_nomem(struct upload *u)
{
    struct err e;
    err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
    fail(u, &e);
}

/* --- Sending --- */

static void send_chunks(struct upload *u)
{
    while (u->_call && u->_open && !u->_blocked && u->_sent < u->size && u->_sent - u->received < WINDOW_BYTES) {
        Wangge__V1__UploadRequest req = WANGGE__V1__UPLOAD_REQUEST__INIT;
        Wangge__V1__UploadChunk chunk = WANGGE__V1__UPLOAD_CHUNK__INIT;
        int64_t left = u->size - u->_sent;
        chunk.offset = u->_sent;
        chunk.data.data = u->_data + u->_sent;
        chunk.data.len = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        req.part_case = WANGGE__V1__UPLOAD_REQUEST__PART_CHUNK;
        req.chunk = &chunk;
        u->_sent += (int64_t)chunk.data.len;
        u->_blocked = !channel_send(u->_call, &req.base);
        if (u->_sent == u->size)
            channel_half_close(u->_call);
    }
}

static void on_writable(void *arg)
{
    struct upload *u = arg;
    u->_blocked = false;
    send_chunks(u);
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct upload *u = arg;
    const Wangge__V1__UploadResponse *r = (const Wangge__V1__UploadResponse *)msg;
    if (r->received < 0 || r->received > u->size)
        return; /* the end will say what is wrong */
    if (r->received > u->received)
        u->tries = 0;
    u->received = r->received;
    if (r->attachment) {
        model_free(u->attachment);
        u->attachment = (Wangge__V1__Attachment *)model_copy(&r->attachment->base);
    } else if (!u->_open) {
        u->_open = true;
        u->_sent = r->received;
        if (u->resumed < 0)
            u->resumed = r->received;
    }
    arm(u, STALL_MS);
    send_chunks(u);
    u->_changed(u->_arg);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *status);

static void open_stream(struct upload *u)
{
    Wangge__V1__UploadRequest req = WANGGE__V1__UPLOAD_REQUEST__INIT;
    Wangge__V1__UploadHeader header = WANGGE__V1__UPLOAD_HEADER__INIT;
    u->state = UPLOAD_SENDING;
    u->_open = u->_blocked = false;
    u->_sent = 0;
    channel_connect(u->_env->channel); /* now, not when its own pause is over */
    u->_call = channel_stream(u->_env->channel, &methods_upload, 0, on_message, on_end, on_writable, u);
    if (!u->_call) {
        fail_nomem(u);
        return;
    }
    header.attachment_id = u->attachment_id;
    header.case_id = u->case_id;
    header.name = u->name;
    header.size = u->size;
    header.sha256 = u->_sha256;
    req.part_case = WANGGE__V1__UPLOAD_REQUEST__PART_HEADER;
    req.header = &header;
    channel_send(u->_call, &req.base);
    arm(u, STALL_MS);
}

static void start_sending(struct upload *u)
{
    attach_id(u->_account, u->case_id, u->name, u->_sha256, u->_again, u->attachment_id);
    u->received = 0;
    u->resumed = -1;
    open_stream(u);
}

/* The line broke, or another stream of the same file (of a process that died a moment ago) is not over yet. */
static void try_again(struct upload *u)
{
    int shift = u->tries < 4 ? u->tries : 4, ms = RETRY_FIRST_MS << shift;
    if (++u->tries > UPLOAD_TRIES_MAX) {
        end(u, UPLOAD_FAILED);
        return;
    }
    u->state = UPLOAD_WAITING;
    arm(u, ms < RETRY_LAST_MS ? ms : RETRY_LAST_MS);
    u->_changed(u->_arg);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct upload *u = arg;
    u->_call = NULL;
    event_del(u->_timer);
    reply_fini(&u->reply);
    reply_init(&u->reply, status);
    if (status->code == GRPC_OK && u->attachment) {
        bool taken = u->_evidence && u->attachment->event_version > 0 && u->_again < AGAIN_MAX;
        if (!taken) {
            u->received = u->size;
            if (u->resumed < 0)
                u->resumed = u->size; /* it was there, whole */
            end(u, UPLOAD_DONE);
            return;
        }
        /* An earlier step has it: the same bytes once more, under another id. */
        model_free(u->attachment);
        u->attachment = NULL;
        u->_again++;
        start_sending(u);
    } else if (status->code == GRPC_OK || status_is_transient(status->code) || status->code == GRPC_ABORTED) {
        if (status->code == GRPC_OK)
            err_set(&u->reply.err, ERR_UNAVAILABLE, "%s", _("The server ended the upload before it was whole. Try again."));
        try_again(u);
    } else {
        end(u, UPLOAD_FAILED);
    }
}

/* --- Reading --- */

static bool open_file(struct upload *u, struct err *e)
{
    struct stat st;
    u->_fd = open(u->_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (u->_fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? (err_set(e, ERR_NOT_FOUND, _("There is no file %s."),
                              attach_short(u->_path, (char[ATTACH_SHORT_SIZE]){0})),
                      false)
                   : (err_errno(e, errno, _("Cannot read %s."), attach_short(u->_path, (char[ATTACH_SHORT_SIZE]){0})), false);
    if (fstat(u->_fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        err_set(e, ERR_INVALID, _("%s is no plain file."), attach_short(u->_path, (char[ATTACH_SHORT_SIZE]){0}));
        return false;
    }
    if (attach_check_size(u->name, st.st_size, e))
        return false;
    u->size = st.st_size;
    u->_data = malloc((size_t)u->size);
    u->_hash = EVP_MD_CTX_new();
    if (!u->_data || !u->_hash || EVP_DigestInit_ex(u->_hash, EVP_sha256(), NULL) != 1) {
        err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return false;
    }
    return true;
}

/* One piece a turn of the loop. False: e says why; true: there is more, or all was read. */
static bool read_piece(struct upload *u, struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    int64_t left = u->size - u->_read;
    ssize_t n = read(u->_fd, u->_data + u->_read, left < READ_BYTES ? (size_t)left : READ_BYTES);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n < 0) {
        err_errno(e, errno, _("Cannot read %s."), attach_short(u->_path, (char[ATTACH_SHORT_SIZE]){0}));
        return false;
    }
    if (n == 0) {
        err_set(e, ERR_IO, _("%s became shorter while it was read. Try again."),
                attach_short(u->_path, (char[ATTACH_SHORT_SIZE]){0}));
        return false;
    }
    bool first = u->_read == 0;
    u->_read += n;
    if (first && attach_check(u->name, u->_data, (size_t)n, e))
        return false;
    if (EVP_DigestUpdate(u->_hash, u->_data + u->_read - n, (size_t)n) != 1 ||
        (u->_read == u->size && EVP_DigestFinal_ex(u->_hash, digest, NULL) != 1)) {
        err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return false;
    }
    if (u->_read == u->size)
        attach_hex(digest, 32, u->_sha256);
    return true;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct upload *u = arg;
    struct err e;
    if (u->state == UPLOAD_WAITING) {
        open_stream(u);
        u->_changed(u->_arg);
    } else if (u->state == UPLOAD_SENDING) { /* the server has said nothing for too long */
        channel_forget(u->_call);
        u->_call = NULL;
        err_set(&u->reply.err, ERR_DEADLINE, "%s", status_hint(GRPC_DEADLINE_EXCEEDED));
        u->reply.info.code = GRPC_DEADLINE_EXCEEDED;
        try_again(u);
    } else if (u->state == UPLOAD_READING) {
        if ((u->_fd < 0 && !open_file(u, &e)) || !read_piece(u, &e))
            fail(u, &e);
        else if (u->_read < u->size)
            arm(u, 0);
        else
            start_sending(u);
    }
}

/* --- Life --- */

void upload_cancel(struct upload *u)
{
    let_go(u);
    reply_fini(&u->reply);
    memset(&u->reply, 0, sizeof u->reply);
    model_free(u->attachment);
    u->attachment = NULL;
    u->state = UPLOAD_IDLE;
    u->attachment_id[0] = u->_sha256[0] = '\0';
    u->size = u->received = u->resumed = u->_read = u->_sent = 0;
    u->tries = 0;
    u->_again = 0;
}

void upload_start(struct upload *u, const struct upload_file *f)
{
    upload_cancel(u);
    bool fits = text_copy(u->_path, sizeof u->_path, f->path);
    attach_safe_name(f->path, u->name, sizeof u->name);
    text_copy(u->case_id, sizeof u->case_id, f->case_id);
    text_copy(u->_account, sizeof u->_account, f->account);
    u->_evidence = f->evidence;
    u->state = UPLOAD_READING;
    if (!fits)
        u->_path[0] = '\0'; /* there is no such file */
    arm(u, 0);
}

bool upload_busy(const struct upload *u)
{
    return u->state == UPLOAD_READING || u->state == UPLOAD_SENDING || u->state == UPLOAD_WAITING;
}

int upload_init(struct upload *u, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(u, 0, sizeof *u);
    u->_env = env;
    u->_changed = changed;
    u->_arg = arg;
    u->_fd = -1;
    u->_timer = evtimer_new(env->base, on_timer, u);
    return u->_timer ? 0 : ERR_NOMEM;
}

void upload_fini(struct upload *u)
{
    if (u->_timer) {
        upload_cancel(u);
        event_free(u->_timer);
    }
    memset(u, 0, sizeof *u);
}
