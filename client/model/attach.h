/* SPDX-License-Identifier: MIT */
/*
 * What a file must be to be attached to a case, and how it is called: kinds by content, limits, names that are safe on a disk,
 * ids that come out the same again. Used by upload, download, the commands and the screens. Pure but for attach_folder.
 */
#ifndef WG_CLIENT_MODEL_ATTACH_H
#define WG_CLIENT_MODEL_ATTACH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

enum {
    ATTACH_SIZE_MAX = 8 * 1024 * 1024,
    ATTACH_NAME_CHARS = 120,                      /* as the server takes it */
    ATTACH_NAME_SIZE = ATTACH_NAME_CHARS * 4 + 1, /* of a name in UTF-8 */
    ATTACH_LOCAL_SIZE = 240,                      /* of a name on a disk, where 255 bytes is all: ".part" comes behind it */
    ATTACH_FIRST_BYTES = 16,                      /* enough to know a kind by */
    ATTACH_STEP_MAX = 16,                         /* files that can be the evidence of one step */
    ATTACH_HEX_SIZE = 65,
    ATTACH_TEXT_SIZE = 32,
    ATTACH_SHORT_SIZE = 124,
};

/* The media type by the first bytes; NULL if the server would not take it. Static. */
const char *attach_kind(const uint8_t *first, size_t len);
/* The media type a name claims by its ending; NULL if it claims none of ours. Static. */
const char *attach_kind_of_name(const char *name);
/* ERR_INVALID, with what is allowed, unless a file of these first bytes and this name may be sent. */
int attach_check(const char *name, const uint8_t *first, size_t len, struct err *e) MUST_CHECK;
/* ERR_INVALID unless the size is within the limit. */
int attach_check_size(const char *name, int64_t size, struct err *e) MUST_CHECK;
/* What a person calls a media type: "JPEG". The media type itself if it is none of ours. */
const char *attach_kind_text(const char *media_type);
/* "1.8 MB". Returns out. */
const char *attach_size_text(int64_t bytes, char out[ATTACH_TEXT_SIZE]);

/* "Uploading a.jpg  40%  1.2 MB / 3.0 MB", and, with tries > 0, that the connection was lost. */
void attach_progress(const char *what, const char *name, int64_t done, int64_t size, int tries, int tries_max, char *out,
                     size_t out_size);

/*
 * Writes the last part of a name or path as it may be used for a file anywhere: no slashes, no leading dots, no control
 * characters or signs that turn the writing direction, at most ATTACH_NAME_CHARS characters and size - 1 bytes, its ending
 * kept. Never empty.
 */
void attach_safe_name(const char *name, char *out, size_t size);
/* A path for a message: well-formed UTF-8 without control characters, of a long one the end. Returns out. */
const char *attach_short(const char *path, char out[ATTACH_SHORT_SIZE]);
/* The nth of several files of one name: "a.jpg" becomes "a-2.jpg". n from 2 on. */
void attach_other_name(const char *name, int n, char *out, size_t size);

/*
 * The attachment's id, a UUIDv7 that is the same for the same person, case, name and bytes, so that an upload that broke off
 * is found again by the next run. again: 0, or higher if the file is to be evidence of one more step of the same case.
 */
void attach_id(const char *account, const char *case_id, const char *name, const char *sha256, unsigned again, char out[37]);
/* Bytes as lower-case hex, terminated. */
void attach_hex(const unsigned char *bytes, size_t n, char *out);

/* The person's folder for downloads: $XDG_DOWNLOAD_DIR, what user-dirs.dirs says, ~/Downloads, ~, or ".". */
void attach_folder(char out[PATH_MAX]);

#endif
