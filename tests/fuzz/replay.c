/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over the files of its corpus, without a fuzzer: REPLAY FOLDER. The name is written before each run, so
 * that the last one of a run that ended early is the guilty one. The last line is "N passed, 0 failed".
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { INPUT_MAX = 2 * 1024 * 1024 };

static int is_input(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static size_t load(const char *folder, const char *name, uint8_t **ret)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    uint8_t *room = malloc(INPUT_MAX);
    if (!f || !room) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    size_t len = fread(room, 1, INPUT_MAX, f);
    fclose(f);
    /* Exactly as large as the input, so that a sanitizer sees a step beyond it. */
    *ret = realloc(room, len ? len : 1);
    return len;
}

int main(int argc, char **argv)
{
    struct dirent **names;
    int n = argc == 2 ? scandir(argv[1], &names, is_input, alphasort) : -1;
    if (n <= 0) {
        fprintf(stderr, "usage: %s FOLDER, which holds at least one input\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < n; i++) {
        uint8_t *data;
        fprintf(stderr, "%s\n", names[i]->d_name);
        size_t len = load(argv[1], names[i]->d_name, &data);
        (void)LLVMFuzzerTestOneInput(data, len);
        free(data);
        free(names[i]);
    }
    free(names);
    printf("%d passed, 0 failed\n", n);
    return EXIT_SUCCESS;
}
