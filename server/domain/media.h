/* SPDX-License-Identifier: MIT */
/*
 * What a file is, by its content, and a photo without what nobody asked for. Called by the attachment service on whole files of
 * at most MEDIA_MAX bytes from untrusted senders. Pure. Invariant: what media_strip gives back is of the same kind and holds no
 * metadata but orientation, time and place, and nothing behind the picture's end.
 */
#ifndef WG_DOMAIN_MEDIA_H
#define WG_DOMAIN_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/err.h"

enum { MEDIA_MAX = 8 * 1024 * 1024, MEDIA_TYPE_SIZE = 32 };

/* Numbers are stored. */
enum media_kind { MEDIA_NONE, MEDIA_JPEG, MEDIA_PNG, MEDIA_WEBP, MEDIA_PDF, MEDIA_MP4, MEDIA_MP3, MEDIA_COUNT };

/* What a photo says of itself. */
struct media_facts {
    usec_t taken_at; /* USEC_NONE: not told. Without an offset it is taken as local time of utc_offset_s. */
    bool has_place;
    double latitude; /* WGS 84 */
    double longitude;
    int orientation; /* 1 to 8, EXIF's; 0: not told */
};

/* By its first bytes; MEDIA_NONE if it is nothing we take. */
enum media_kind media_detect(const uint8_t *data, size_t len);
/* "image/jpeg". "" for MEDIA_NONE. Static. */
const char *media_type(enum media_kind k);
/* The kind a file's name claims by its ending, whatever the case; MEDIA_NONE if it claims none of ours. */
enum media_kind media_kind_of_name(const char *name);

/*
 * Copies a file to out without its metadata and fills facts (CIPA DC-008 EXIF of JPEG, PNG and WebP; of the other kinds nothing
 * is stripped or told). Orientation, time and place are written back as a small EXIF block of our own. utc_offset_s is for a
 * time without an offset. ERR_INVALID if the structure is broken or cut off; ERR_NOMEM, ERR_EXHAUSTED from out.
 */
int media_strip(enum media_kind k, const uint8_t *data, size_t len, int32_t utc_offset_s, struct buf *out,
                struct media_facts *facts, struct err *e) MUST_CHECK;

#endif
