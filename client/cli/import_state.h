/* SPDX-License-Identifier: MIT */
/* How far an import came: a small file beside the input, replaced in one step after every batch, gone when all is done. */
#ifndef WG_CLIENT_CLI_IMPORT_STATE_H
#define WG_CLIENT_CLI_IMPORT_STATE_H

#include <limits.h>
#include <stdint.h>

#include "common/base/err.h"

struct import_state {
    char path[PATH_MAX];
    char sha256[65];   /* of the input */
    char account[520]; /* whose import it is */
    int64_t rows;      /* settled, counted from the first after the titles */
    int64_t imported;
    int64_t repeated; /* were there already */
    int64_t failed;
    int64_t error_bytes; /* length of the error file at that moment */
};

/* Prepares the state of an input; takes up an earlier one if file and account are the same. ERR_IO. */
int import_state_load(struct import_state *s, const char *input, const char *sha256, const char *account,
                      struct err *e) MUST_CHECK;
int import_state_save(const struct import_state *s, struct err *e) MUST_CHECK;
void import_state_remove(const struct import_state *s);

#endif
