/* SPDX-License-Identifier: MIT */
/*
 * The file of an import: looked over once for its hash, size and character set, then read again as UTF-8. UTF-8 with or
 * without a mark, or GB18030, told apart by themselves.
 */
#ifndef WG_CLIENT_CLI_IMPORT_SOURCE_H
#define WG_CLIENT_CLI_IMPORT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/export/csv_reader.h"
#include "common/base/err.h"

enum import_encoding { IMPORT_UTF8, IMPORT_GB18030 };

struct import_source {
    int _fd;
    int _skip; /* bytes of the mark at the beginning */
    enum import_encoding encoding;
    int64_t size;
    int64_t lines;
    char sha256[65];
};

/* Opens and looks over. ERR_INVALID: not a regular file, too large (1 GiB), or in no known character set. */
int import_source_open(struct import_source *s, const char *path, struct err *e) MUST_CHECK;
void import_source_close(struct import_source *s);
/* Feeds the whole file to the reader, csv_reader_end included; *ret_offset (may be NULL) is kept at the bytes read so far.
 * Returns 0, what the reader's callback returned, or ERR_IO with e filled. */
int import_source_read(struct import_source *s, struct csv_reader *r, int64_t *ret_offset, struct err *e) MUST_CHECK;

#endif
