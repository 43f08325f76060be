/* SPDX-License-Identifier: MIT */
/*
 * People of a case from a file: a JSON array of flat objects,
 *   [{"kind": "reporter", "name": "…", "phone": "…", "id_number": "…", "address": "…"}]
 * Never from the command line, which every process on the machine can read. Wiped when done.
 */
#ifndef WG_CLIENT_CLI_PEOPLE_FILE_H
#define WG_CLIENT_CLI_PEOPLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "wangge/v1/types.pb-c.h"

enum { PEOPLE_FILE_MAX = 8, PEOPLE_FILE_BYTES = 32768 };

struct people_file {
    Wangge__V1__Person person[PEOPLE_FILE_MAX];
    Wangge__V1__Person *list[PEOPLE_FILE_MAX];
    size_t n;
    char text[PEOPLE_FILE_BYTES]; /* what the persons point into */
};

/* Reads the file ("-": standard input). ERR_IO, ERR_INVALID (what is wrong, and in which line). Wipe it whatever comes of it.
 */
int people_file_read(struct people_file *f, const char *path, struct err *e) MUST_CHECK;
/* The same from text in f->text, which is changed in place. */
int people_file_parse(struct people_file *f, struct err *e) MUST_CHECK;
void people_file_wipe(struct people_file *f);
/* "reporter", "party" or "contact"; false if it is none. */
bool people_file_kind(const char *word, Wangge__V1__PersonKind *ret);

#endif
