/* SPDX-License-Identifier: MIT */
/*
 * The files a step is to carry as its evidence, on their way to the case one after the other before the step itself goes. Asked
 * again with the same files, what the server has already is not sent twice. Embedded.
 */
#ifndef WG_CLIENT_MODEL_EVIDENCE_H
#define WG_CLIENT_MODEL_EVIDENCE_H

#include "client/model/upload.h"

enum evidence_state {
    EVIDENCE_IDLE,
    EVIDENCE_SENDING,
    EVIDENCE_DONE,   /* ids are the step's */
    EVIDENCE_FAILED, /* why says it of the file at */
};

struct evidence {
    enum evidence_state state;
    struct upload up;
    size_t n, at; /* files, and which of them is on its way */
    char *ids[ATTACH_STEP_MAX];
    struct err why;
    /* private */
    char _ids[ATTACH_STEP_MAX][37];
    char *_paths; /* owned; n of them, each terminated */
    char _case_id[37];
    char _account[520];
};

enum { EVIDENCE_PATHS_CHARS = 4000 };

/* Where one path of several ends and the next begins. */
#define EVIDENCE_SEPARATORS "\n;"

/* The callback runs from the loop whenever something of it changes. ERR_NOMEM. */
int evidence_init(struct evidence *v, const struct model_env *env, model_changed_fn changed, void *arg) MUST_CHECK;
void evidence_fini(struct evidence *v);
/* paths as typed, apart by EVIDENCE_SEPARATORS; none: DONE at once. More than ATTACH_STEP_MAX: FAILED at once. */
void evidence_start(struct evidence *v, const char *paths, const char *case_id, const char *account);
/* Goes on when a file has ended: to be called after the callback, not in it. True if it is over now and was not before. */
bool evidence_step(struct evidence *v);
/* Back to IDLE; what the server has stays there. */
void evidence_cancel(struct evidence *v);
/* "Uploading 2 of 3: a.jpg  40%  …". */
void evidence_text(const struct evidence *v, char *out, size_t size);
/* Completes the path the text ends in (what stands behind the last separator). Returns how many names begin so. */
int evidence_complete(const char *text, char *out, size_t size);

#endif
