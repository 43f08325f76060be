/* SPDX-License-Identifier: MIT */
/* SHA-1 is written out here because libsodium has none and the layer has no other library; the RFCs' vectors test it. */
#include "server/domain/totp.h"

#include <string.h>

enum { BLOCK = 64, DIGEST = 20 };

struct sha1 {
    uint32_t h[5];
    uint64_t len;
    uint8_t block[BLOCK];
};

static uint32_t rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void sha1_block(struct sha1 *s)
{
    uint32_t w[80], a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];

    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)s->block[4 * t] << 24 | (uint32_t)s->block[4 * t + 1] << 16 | (uint32_t)s->block[4 * t + 2] << 8 |
               s->block[4 * t + 3];
    for (int t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (int t = 0; t < 80; t++) {
        uint32_t f, k, next;
        if (t < 20)
            f = (b & c) | (~b & d), k = 0x5A827999;
        else if (t < 40)
            f = b ^ c ^ d, k = 0x6ED9EBA1;
        else if (t < 60)
            f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
        else
            f = b ^ c ^ d, k = 0xCA62C1D6;
        next = rotate(a, 5) + f + e + w[t] + k;
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
}

static void sha1_init(struct sha1 *s)
{
    *s = (struct sha1){.h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}};
}

static void sha1_add(struct sha1 *s, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        s->block[s->len++ % BLOCK] = data[i];
        if (s->len % BLOCK == 0)
            sha1_block(s);
    }
}

static void sha1_end(struct sha1 *s, uint8_t out[DIGEST])
{
    static const uint8_t one = 0x80, zero = 0;
    uint64_t bits = s->len * 8;
    uint8_t tail[8];

    sha1_add(s, &one, 1);
    while (s->len % BLOCK != BLOCK - 8)
        sha1_add(s, &zero, 1);
    for (int i = 0; i < 8; i++)
        tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha1_add(s, tail, sizeof(tail));
    for (int i = 0; i < DIGEST; i++)
        out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void totp_hmac_sha1(const uint8_t *key, size_t key_len, const uint8_t *data, size_t len, uint8_t out[20])
{
    uint8_t pad[BLOCK] = {0}, inner[DIGEST];
    struct sha1 s;

    if (key_len > BLOCK) {
        sha1_init(&s);
        sha1_add(&s, key, key_len);
        sha1_end(&s, pad);
    } else {
        memcpy(pad, key, key_len);
    }
    for (int i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    sha1_init(&s);
    sha1_add(&s, pad, BLOCK);
    sha1_add(&s, data, len);
    sha1_end(&s, inner);
    for (int i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    sha1_init(&s);
    sha1_add(&s, pad, BLOCK);
    sha1_add(&s, inner, DIGEST);
    sha1_end(&s, out);
    explicit_bzero(pad, sizeof(pad));
    explicit_bzero(&s, sizeof(s));
}

uint32_t totp_hotp(const uint8_t *secret, size_t len, uint64_t counter, int digits)
{
    uint8_t data[8], mac[DIGEST];
    uint32_t v, modulus = 1;
    int at;

    for (int i = 0; i < 8; i++)
        data[i] = (uint8_t)(counter >> (56 - 8 * i));
    totp_hmac_sha1(secret, len, data, sizeof(data), mac);
    at = mac[DIGEST - 1] & 15;
    v = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    for (int i = 0; i < digits; i++)
        modulus *= 10;
    return v % modulus;
}

int64_t totp_match(const uint8_t secret[TOTP_SECRET_SIZE], const char *code, int64_t now_s, int64_t after)
{
    int64_t now = now_s / TOTP_STEP_S, found = 0;
    uint32_t v = 0;

    if (strlen(code) != TOTP_DIGITS)
        return 0;
    for (const char *s = code; *s; s++) {
        if (*s < '0' || *s > '9')
            return 0;
        v = v * 10 + (uint32_t)(*s - '0');
    }
    /* All steps are computed whichever fits, so that the time taken says nothing. */
    for (int64_t step = now - TOTP_SKEW_STEPS; step <= now + TOTP_SKEW_STEPS; step++) {
        bool fits = totp_hotp(secret, TOTP_SECRET_SIZE, (uint64_t)step, TOTP_DIGITS) == v && step > after;
        found = fits && !found ? step : found;
    }
    return found;
}

void totp_base32(const uint8_t secret[TOTP_SECRET_SIZE], char text[TOTP_SECRET_TEXT + 1])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    for (int i = 0; i < TOTP_SECRET_TEXT; i++) {
        int bit = i * 5;
        unsigned two = (unsigned)secret[bit / 8] << 8 | (bit / 8 + 1 < TOTP_SECRET_SIZE ? secret[bit / 8 + 1] : 0u);
        text[i] = letters[two >> (11 - bit % 8) & 31];
    }
    text[TOTP_SECRET_TEXT] = '\0';
}
