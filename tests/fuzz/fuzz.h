/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: taking an input apart, and saying that an invariant is broken. Each target defines
 * LLVMFuzzerTestOneInput; libFuzzer drives it in a build with -Dfuzz=enabled, replay.c over the corpus in every other build.
 */
#ifndef WG_TESTS_FUZZ_FUZZ_H
#define WG_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry point. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The part of an input that nobody took yet. */
struct fuzz_input {
    const uint8_t *data;
    size_t len;
};

/* The next byte; 0 at the end. */
uint8_t fuzz_byte(struct fuzz_input *in);
/* Up to n bytes, less at the end. */
struct fuzz_input fuzz_take(struct fuzz_input *in, size_t n);
/* All the rest as a terminated string of its own, to be freed; it ends at the first NUL. */
char *fuzz_text(struct fuzz_input *in);

/* Where a stream is cut into pieces: up to seven lengths used in turn. None: one piece. */
struct fuzz_splits {
    size_t n, at;
    uint8_t len[7];
};

/* The low three bits of count say how many lengths follow in the input. */
void fuzz_splits_init(struct fuzz_splits *s, uint8_t count, struct fuzz_input *in);
/* The length of the next piece of what is left, at least 1 unless nothing is left. */
size_t fuzz_splits_next(struct fuzz_splits *s, size_t left);

/* A running hash (FNV-1a), to compare what two ways of reading gave. Starts as FUZZ_HASH. */
#define FUZZ_HASH UINT64_C(14695981039346656037)
uint64_t fuzz_hash(uint64_t h, const void *data, size_t len);

/* Holds in every build, whatever NDEBUG says. */
#define FUZZ_CHECK(cond)                                                                                                       \
    do {                                                                                                                       \
        if (!(cond))                                                                                                           \
            fuzz_broken(__FILE__, __LINE__, #cond);                                                                            \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

#endif
