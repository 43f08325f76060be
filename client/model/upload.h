/* SPDX-License-Identifier: MIT */
/*
 * A file on its way to a case. It is read and hashed piece by piece from the loop, then sent in chunks; where the server has
 * some of it already, from an upload that broke off, it goes on there. A connection that breaks is taken up again a few times.
 * The bytes are held in memory from the reading on (at most ATTACH_SIZE_MAX), so that what was hashed is what is sent even if
 * somebody writes to the file meanwhile.
 */
#ifndef WG_CLIENT_MODEL_UPLOAD_H
#define WG_CLIENT_MODEL_UPLOAD_H

#include "client/model/attach.h"
#include "client/model/model.h"
#include "client/model/reply.h"
#include "wangge/v1/attachment.pb-c.h"

enum upload_state {
    UPLOAD_IDLE,
    UPLOAD_READING, /* from the disk */
    UPLOAD_SENDING,
    UPLOAD_WAITING, /* the connection broke: it goes on in a moment */
    UPLOAD_DONE,    /* attachment is what it became */
    UPLOAD_FAILED,  /* reply says why; its info.code is 0 if the trouble is on this side */
};

enum { UPLOAD_TRIES_MAX = 6 };

struct upload_file {
    const char *path;
    const char *case_id; /* it need not exist yet */
    const char *account; /* as session_account */
    bool evidence;       /* for a step about to be taken: must not be the evidence of an earlier one */
};

struct upload {
    enum upload_state state;
    char name[ATTACH_NAME_SIZE]; /* as the server gets it */
    char case_id[37];
    char attachment_id[37];             /* empty until it was read */
    int64_t size;                       /* 0 until it was opened */
    int64_t received;                   /* by the server, durably */
    int64_t resumed;                    /* of these were there before this run */
    int tries;                          /* in a row without progress */
    Wangge__V1__Attachment *attachment; /* owned; DONE */
    struct reply reply;                 /* FAILED */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    char _path[PATH_MAX];
    char _account[520];
    char _sha256[ATTACH_HEX_SIZE];
    bool _evidence;
    unsigned _again;
    struct event *_timer;
    int _fd;
    void *_hash;
    unsigned char *_data;
    int64_t _read, _sent;
    bool _open, _blocked; /* the server told where to begin; enough is queued */
    struct channel_call *_call;
};

/* The callback runs from the loop whenever something of it changes, and must not destroy it. ERR_NOMEM. */
int upload_init(struct upload *u, const struct model_env *env, model_changed_fn changed, void *arg) MUST_CHECK;
/* What the server has stays there. */
void upload_fini(struct upload *u);
/* Starts; every end, also one for a file that is not there, is told from the loop. One that is under way is dropped. */
void upload_start(struct upload *u, const struct upload_file *f);
/* Stops it and forgets the file; what the server has stays there. */
void upload_cancel(struct upload *u);
bool upload_busy(const struct upload *u);

#endif
