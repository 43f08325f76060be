/* SPDX-License-Identifier: MIT */
/* EXIF (CIPA DC-008, a TIFF structure): reads orientation, time and place, writes a block with those alone. Called by media. */
#ifndef WG_DOMAIN_EXIF_H
#define WG_DOMAIN_EXIF_H

#include "server/domain/media.h"

/* No facts. */
void exif_clear(struct media_facts *f);
/* Reads what it can of a TIFF block; what is broken is left out. Never reads beyond len. */
void exif_read(const uint8_t *tiff, size_t len, int32_t utc_offset_s, struct media_facts *f);
/* Longest block exif_write makes. */
enum { EXIF_WRITE_MAX = 320 };
/* Writes a TIFF block; returns its length, 0 if there is nothing to tell. Times are written in UTC with their offset. */
size_t exif_write(const struct media_facts *f, uint8_t out[EXIF_WRITE_MAX]);

#endif
