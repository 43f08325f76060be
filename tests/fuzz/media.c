/* SPDX-License-Identifier: MIT */
/*
 * Files from strangers: what is stripped is of the same kind, and stripping it again changes nothing more and tells the same
 * facts. Input: the file.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "server/domain/media.h"

enum { OUT_MAX = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once, twice;
    struct media_facts facts, again;
    struct err e = {0};
    buf_init(&once, OUT_MAX);
    buf_init(&twice, OUT_MAX);
    /* A copy as large as the file: nobody must look further. */
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    enum media_kind kind = media_detect(copy, size);
    FUZZ_CHECK((unsigned)kind < MEDIA_COUNT);
    int rc = media_strip(kind, copy, size, 28800, &once, &facts, &e);
    if (rc == 0) {
        FUZZ_CHECK(kind != MEDIA_NONE);
        FUZZ_CHECK(buf_len(&once) <= size + 512);
        FUZZ_CHECK(media_detect(buf_data(&once), buf_len(&once)) == kind);
        FUZZ_CHECK(facts.orientation >= 0 && facts.orientation <= 8);
        FUZZ_CHECK(!facts.has_place || (fabs(facts.latitude) <= 90 && fabs(facts.longitude) <= 180));
        FUZZ_CHECK(media_strip(kind, buf_data(&once), buf_len(&once), 28800, &twice, &again, &e) == 0);
        FUZZ_CHECK(buf_len(&twice) == buf_len(&once));
        FUZZ_CHECK(memcmp(buf_data(&twice), buf_data(&once), buf_len(&once)) == 0);
        FUZZ_CHECK(again.orientation == facts.orientation || buf_len(&once) == size || kind == MEDIA_WEBP);
    } else {
        FUZZ_CHECK(rc == ERR_INVALID && e.code == rc && e.text[0]);
    }
    free(copy);
    buf_fini(&once);
    buf_fini(&twice);
    return 0;
}
