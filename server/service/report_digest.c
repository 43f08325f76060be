/* SPDX-License-Identifier: MIT */
#include <sodium.h>

#include "server/service/report_build.h"

struct report_digest {
    crypto_hash_sha256_state state;
};

struct report_digest *report_digest_create(struct arena *a)
{
    struct report_digest *d = arena_alloc(a, sizeof *d);
    if (d)
        crypto_hash_sha256_init(&d->state);
    return d;
}

int report_digest_add(struct report_digest *d, struct arena *a, const Wangge__V1__ReportPart *part)
{
    Wangge__V1__ReportPart plain = *part;
    Wangge__V1__ReportHead head;
    if (part->part_case == WANGGE__V1__REPORT_PART__PART_HEAD) {
        head = *part->head;
        head.pulled_at = NULL;
        head.pulled_by = (char *)"";
        plain.head = &head;
    }
    size_t n = wangge__v1__report_part__get_packed_size(&plain);
    uint8_t *bytes = arena_alloc(a, n + 4);
    if (!bytes)
        return ERR_NOMEM;
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(n >> (24 - 8 * i));
    wangge__v1__report_part__pack(&plain, bytes + 4);
    crypto_hash_sha256_update(&d->state, bytes, n + 4);
    return 0;
}

void report_digest_end(struct report_digest *d, char out[65])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&d->state, hash);
    (void)sodium_bin2hex(out, 65, hash, sizeof hash);
}
