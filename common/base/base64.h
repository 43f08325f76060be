/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648), standard alphabet. */
#ifndef WG_BASE_BASE64_H
#define WG_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

/* Room for n encoded bytes and the NUL. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* Writes the text of n bytes, NUL-terminated, into out (at least BASE64_SIZE(n)); returns its length. */
size_t base64_encode(const void *data, size_t n, bool padded, char *out);
/* Decodes len characters, padded or not, into out (at least len / 4 * 3 + 2 bytes). ERR_INVALID if it is not base64. */
int base64_decode(const char *s, size_t len, void *out, size_t *ret_len) MUST_CHECK;

#endif
