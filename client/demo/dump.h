/* SPDX-License-Identifier: MIT */
/* `wangge-demo dump` and `generate`: messages as JSON on standard output, one a line. */
#ifndef WG_DEMO_DUMP_H
#define WG_DEMO_DUMP_H

#include <stdint.h>

#include "common/base/clock.h"

/* What is printed. */
enum dump_kind {
    DUMP_DIRECTORY, /* ImportDirectoryRequest */
    DUMP_HISTORY,   /* ImportHistoryRequest */
    DUMP_SUBMITS,   /* SubmitCaseRequest */
};

struct dump_options {
    enum dump_kind kind;
    uint64_t seed;
    uint64_t from;  /* first item, counted from 1 */
    uint64_t count; /* 0: all there are; of DUMP_SUBMITS: needed */
    const char *region_code;
    uint32_t settled_permille;
    usec_t at; /* DUMP_SUBMITS: when they happened */
};

/* Returns the process's exit status. */
int dump_run(const struct dump_options *opts);

#endif
