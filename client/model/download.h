/* SPDX-License-Identifier: MIT */
/*
 * A file of a case on its way to this disk: into FILE.part, checked against its hash, made durable, then given its name. A part
 * of an earlier run is taken up where it ends; a connection that breaks is taken up again a few times. What exists is not
 * overwritten unless forced.
 */
#ifndef WG_CLIENT_MODEL_DOWNLOAD_H
#define WG_CLIENT_MODEL_DOWNLOAD_H

#include "client/model/attach.h"
#include "client/model/model.h"
#include "client/model/reply.h"
#include "wangge/v1/attachment.pb-c.h"

enum download_state {
    DOWNLOAD_IDLE,
    DOWNLOAD_RECEIVING,
    DOWNLOAD_HASHING, /* what is on the disk already */
    DOWNLOAD_WAITING, /* the connection broke: it goes on in a moment */
    DOWNLOAD_DONE,
    DOWNLOAD_FAILED, /* reply says why; its info.code is 0 if the trouble is on this side */
};

enum { DOWNLOAD_TRIES_MAX = 6, DOWNLOAD_PATH_SIZE = PATH_MAX };

struct download_file {
    const char *attachment_id;
    const char *to;   /* a file, or a folder where it gets its own name; NULL or empty: the current folder */
    const char *name; /* in a folder this instead of its own name; NULL: its own */
    bool force;       /* overwrite */
};

struct download {
    enum download_state state;
    Wangge__V1__Attachment *attachment; /* owned; NULL until the server told */
    char path[DOWNLOAD_PATH_SIZE];      /* where it goes; empty until that is known */
    int64_t received;                   /* bytes of it that are on the disk */
    int64_t resumed;                    /* of these were there before this run */
    bool already;                       /* DONE: the very same file was there */
    int tries;                          /* in a row without progress */
    struct reply reply;                 /* FAILED */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    char _id[37];
    char _to[PATH_MAX];
    char _name[ATTACH_NAME_SIZE];
    bool _force, _looking; /* the bytes hashed are those of a file that has the name already */
    char _part[DOWNLOAD_PATH_SIZE + 8];
    struct event *_timer;
    int _fd;
    void *_hash;
    int64_t _hashed, _there;
    struct channel_call *_call;
};

/* The callback runs from the loop whenever something of it changes, and must not destroy it. ERR_NOMEM. */
int download_init(struct download *d, const struct model_env *env, model_changed_fn changed, void *arg) MUST_CHECK;
/* A part stays for the next run. */
void download_fini(struct download *d);
/* Starts; every end is told from the loop. One that is under way is dropped. */
void download_start(struct download *d, const struct download_file *f);
/* Stops it; a part stays for the next run. */
void download_cancel(struct download *d);
bool download_busy(const struct download *d);

#endif
