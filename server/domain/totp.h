/* SPDX-License-Identifier: MIT */
/*
 * Time-based one-time passwords: RFC 6238 with SHA-1, steps of 30 seconds, 6 digits, as every authenticator app does. Pure.
 */
#ifndef WG_DOMAIN_TOTP_H
#define WG_DOMAIN_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOTP_SECRET_SIZE = 20, /* what RFC 4226 recommends */
    TOTP_SECRET_TEXT = 32, /* of it in base 32 */
    TOTP_STEP_S = 30,
    TOTP_DIGITS = 6,
    TOTP_SKEW_STEPS = 1, /* clocks may differ by so many */
};

/* RFC 4226: the code of a counter, as a number of at most digits decimals (6 to 8). */
uint32_t totp_hotp(const uint8_t *secret, size_t len, uint64_t counter, int digits);
/* The time step whose code this is, next to now and later than after; 0 if none: the code is wrong or was taken before. */
int64_t totp_match(const uint8_t secret[TOTP_SECRET_SIZE], const char *code, int64_t now_s, int64_t after);
/* RFC 4648 base 32 without padding. */
void totp_base32(const uint8_t secret[TOTP_SECRET_SIZE], char text[TOTP_SECRET_TEXT + 1]);
/* RFC 3174, and RFC 2104 over it. For one-time passwords only: nothing else may rest on SHA-1. */
void totp_hmac_sha1(const uint8_t *key, size_t key_len, const uint8_t *data, size_t len, uint8_t out[20]);

#endif
