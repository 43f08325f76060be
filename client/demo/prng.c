/* SPDX-License-Identifier: MIT */
#include "client/demo/prng.h"

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

void prng_init(struct prng *p, uint64_t seed, uint64_t item)
{
    /* Hash in turn, so that neither neighbours nor (a, b) and (b, a) share a state. */
    uint64_t x = splitmix(&seed) ^ item;
    x = splitmix(&x);
    for (int i = 0; i < 4; i++)
        p->s[i] = splitmix(&x);
}

uint64_t prng_next(struct prng *p)
{
    uint64_t result = rotl(p->s[1] * 5, 7) * 9;
    uint64_t t = p->s[1] << 17;
    p->s[2] ^= p->s[0];
    p->s[3] ^= p->s[1];
    p->s[1] ^= p->s[2];
    p->s[0] ^= p->s[3];
    p->s[2] ^= t;
    p->s[3] = rotl(p->s[3], 45);
    return result;
}

uint32_t prng_below(struct prng *p, uint32_t n)
{
    /* Multiply-and-shift; the bias of n / 2^32 is far below what made-up data shows. */
    return (uint32_t)((prng_next(p) >> 32) * n >> 32);
}

int32_t prng_range(struct prng *p, int32_t lo, int32_t hi)
{
    return lo + (int32_t)prng_below(p, (uint32_t)(hi - lo) + 1);
}

bool prng_permille(struct prng *p, uint32_t n)
{
    return prng_below(p, 1000) < n;
}

int32_t prng_skewed(struct prng *p, int32_t lo, int32_t hi, int skew)
{
    int32_t least = prng_range(p, lo, hi);
    for (int i = 0; i < skew; i++) {
        int32_t v = prng_range(p, lo, hi);
        if (v < least)
            least = v;
    }
    return least;
}

size_t prng_pick(struct prng *p, const uint32_t *sums, size_t n)
{
    uint32_t v = prng_below(p, sums[n - 1]);
    size_t lo = 0;
    size_t hi = n - 1;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (sums[mid] > v)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}
