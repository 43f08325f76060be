/* SPDX-License-Identifier: MIT */
/* Where the client keeps its files, after the XDG base directory specification. */
#ifndef WG_CLIENT_MODEL_PATHS_H
#define WG_CLIENT_MODEL_PATHS_H

#include <limits.h>

#include "common/base/err.h"

enum paths_kind {
    PATHS_CONFIG, /* $XDG_CONFIG_HOME, ~/.config */
    PATHS_DATA,   /* $XDG_DATA_HOME, ~/.local/share */
    PATHS_STATE,  /* $XDG_STATE_HOME, ~/.local/state */
    PATHS_CACHE,  /* $XDG_CACHE_HOME, ~/.cache */
};

/* Writes the path of wangge/name under the folder of that kind; makes nothing. ERR_NOT_FOUND without a home, ERR_INVALID if too
 * long. */
int paths_of(enum paths_kind kind, const char *name, char out[PATH_MAX], struct err *e) MUST_CHECK;
/* As paths_of, and makes the folders above the file, 0700. */
int paths_make(enum paths_kind kind, const char *name, char out[PATH_MAX], struct err *e) MUST_CHECK;

#endif
